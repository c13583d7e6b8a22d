"""Trees, bushes, grass and flowers put into outdoor scenes in the dress of their season.

rng, weather, spots ─▶ a few kinds of tree, each copied with its own turn, size and tint ─▶ things on a stage
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillmotion.training.worlds.families.weather import Weather
from stillmotion.training.worlds.looks import Looks, looks
from stillmotion.training.worlds.meshes.nature import broadleaf, bush, conifer, flower, grass
from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import TURN, merged, placed, transformed
from stillmotion.training.worlds.records import Deform
from stillmotion.training.worlds.stage import Stage


def tree_looks(rng: np.random.Generator, weather: Weather, needles: bool = False) -> Looks:
    """Bark and leaves; the core of a crown is its leaves in the dark."""
    name = "needles" if needles else "autumn leaves" if weather.season == "autumn" else "leaves"
    leaves = looks(rng, leaves=name)["leaves"]
    shade = type(leaves)(
        colour=(leaves.colour[0] * 0.5, leaves.colour[1] * 0.55, leaves.colour[2] * 0.5),
        pattern="leaf",
        scale=0.25,
        bump=0.9,
        roughness=0.95,
    )
    return looks(rng, bark="bark", leaves=leaves, core=shade)


def sway(rng: np.random.Generator, height: float, strength: float) -> Deform:
    """The wind in something `height` metres tall; `strength` 0 to 1."""
    return Deform(
        kind="sway",
        amount=float(height * rng.uniform(0.004, 0.02) * strength),
        length=height,
        hz=float(rng.uniform(0.2, 0.5) + 0.6 / height),
        direction=float(rng.uniform(-np.pi, np.pi)),
        seed=int(rng.integers(1 << 20)),
    )


def plant_trees(
    stage: Stage,
    rng: np.random.Generator,
    weather: Weather,
    spots: Sequence[Sequence[float]],
    height: tuple[float, float] = (5, 11),
    kinds: int = 2,
    pointed: float = 0.2,
    leaves: int = 2200,
) -> None:
    """Trees at spots (x, y, z), of a few kinds; `pointed` is the chance that a kind is a conifer."""
    if not len(spots):
        return
    which = rng.integers(kinds, size=len(spots))
    wind = float(rng.uniform(0.2, 1.0))
    for kind in range(kinds):
        needles = rng.random() < pointed
        tall = float(rng.uniform(*height))
        tree: Parts = conifer(rng, tall * 1.15) if needles else broadleaf(rng, tall, leaves)
        chosen = [spot for spot, k in zip(spots, which, strict=True) if k == kind]
        matrices = [placed(spot, (0, rng.uniform(0, TURN), 0), rng.uniform(0.75, 1.2)) for spot in chosen]
        tints = np.exp(rng.normal(0, 0.1, (len(chosen), 1)) + rng.normal(0, 0.04, (len(chosen), 3)))
        stage.put_many(tree, tree_looks(rng, weather, needles), "tree", matrices, tints, sway(rng, tall, wind))


def plant_bushes(
    stage: Stage, rng: np.random.Generator, weather: Weather, spots: Sequence[Sequence[float]], size: float = 1.3
) -> None:
    """Bushes at spots (x, y, z)."""
    if not len(spots):
        return
    shrub = bush(rng, size, 700)
    matrices = [placed(spot, (0, rng.uniform(0, TURN), 0), rng.uniform(0.6, 1.3)) for spot in spots]
    tints = np.exp(rng.normal(0, 0.12, (len(spots), 1)) + rng.normal(0, 0.05, (len(spots), 3)))
    stage.put_many(shrub, tree_looks(rng, weather), "plant", matrices, tints, sway(rng, size, 0.6))


def strew_grass(
    stage: Stage,
    rng: np.random.Generator,
    spots: Sequence[Sequence[float]],
    height: float = 0.25,
    dry: bool = False,
    width: float = 1.0,
    blades: int = 130,
) -> None:
    """Tufts of grass at spots (x, y, z)."""
    if not len(spots):
        return
    tuft = grass(rng, width, height, blades)
    matrices = [placed(spot, (0, rng.uniform(0, TURN), 0), rng.uniform(0.7, 1.3)) for spot in spots]
    tints = np.exp(rng.normal(0, 0.12, (len(spots), 1)) + rng.normal(0, 0.05, (len(spots), 3)))
    stage.put_many(
        {"blades": tuft},
        looks(rng, blades="dry blades" if dry else "grass blades"),
        "grass",
        matrices,
        tints,
        sway(rng, height, 4.0),
        casts=False,
    )


def strew_flowers(
    stage: Stage,
    rng: np.random.Generator,
    spots: Sequence[Sequence[float]],
    height: float = 0.35,
    kinds: int = 3,
    head: float = 0.22,
) -> None:
    """Flowers at spots (x, y, z), a few kinds in small groups."""
    if not len(spots):
        return
    which = rng.integers(kinds, size=len(spots))
    for kind in range(kinds):
        one = flower(rng, height * rng.uniform(0.7, 1.2), height * head * rng.uniform(0.75, 1.3))
        chosen = [
            placed(spot, (0, rng.uniform(0, TURN), 0), rng.uniform(0.75, 1.2))
            for spot, k in zip(spots, which, strict=True)
            if k == kind
        ]
        stage.put_many(
            one, looks(rng, stem="leaves", leaf="leaves", petal="petal", heart="heart"), "flower", chosen,
            np.exp(rng.normal(0, 0.07, (len(chosen), 3))), sway(rng, height, 3.0),
        )  # fmt: skip


def hedge(rng: np.random.Generator, length: float, height: float = 1.2) -> Parts:
    """A clipped hedge along x of overlapping bushes."""
    count = max(int(length / (height * 0.8)), 2)
    shrub = bush(rng, height * 1.35, 220)
    return {
        slot: merged(
            [
                transformed(mesh, placed((x, 0, 0), (0, rng.uniform(0, TURN), 0)))
                for x in np.linspace(-length / 2, length / 2, count)
            ]
        )
        for slot, mesh in shrub.items()
    }
