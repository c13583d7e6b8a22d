"""The buildings on both sides of a street, and what closes it far away.

kind of street, half width, weather ─▶ a few designs of buildings, set side by side ─▶ things on a stage
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stillmotion.training.worlds.families.greenery import hedge, plant_bushes, plant_trees, tree_looks
from stillmotion.training.worlds.families.weather import Weather
from stillmotion.training.worlds.looks import Looks, look, looks
from stillmotion.training.worlds.meshes.buildings import block, church, house, tower
from stillmotion.training.worlds.meshes.furniture import fence
from stillmotion.training.worlds.meshes.parts import Parts, bounds
from stillmotion.training.worlds.meshes.solids import placed
from stillmotion.training.worlds.records import Material
from stillmotion.training.worlds.stage import Stage

PANES = {"glass": "window", "lit": "window", "": "building"}


def building_looks(rng: np.random.Generator, weather: Weather) -> Looks:
    """What one building is made of; its lit panes light at dusk and by night only."""
    walls = ["plaster", "brick wall", "concrete", "stone wall", "planks"]
    wall = look(rng, str(rng.choice(walls, p=[0.42, 0.28, 0.14, 0.1, 0.06])))
    glow = {"night": 0.022, "dusk": 0.05}.get(weather.hour, 0.0)
    warm = (1.0, rng.uniform(0.62, 0.85), rng.uniform(0.3, 0.6))
    curtain = (
        Material(colour=warm, emission=glow * rng.uniform(0.5, 1.5), roughness=0.3)
        if glow
        else look(rng, "wall paint", roughness=0.12)
    )
    more = {f"sign{number}": "sign" for number in range(4)} | {
        f"awning{number}": look(rng, "awning", scale=float(rng.uniform(0.2, 0.5)), second=(0.68, 0.66, 0.6))
        if rng.random() < 0.5
        else "awning"
        for number in range(3)
    }
    roof = look(rng, "roof", snow=weather.snow)
    return looks(
        rng,
        wall=wall,
        trim="trim",
        frame="frame",
        glass="pane",
        lit=curtain,
        roof=roof,
        door="door",
        rail="dark metal",
        base=wall if rng.random() < 0.5 else "concrete",
        chimney="brick wall",
        **more,
    )


def build_frontage(
    stage: Stage, rng: np.random.Generator, kind: str, edge: float, length: float, weather: Weather
) -> None:
    """Both sides of a street whose buildings begin `edge` metres from its middle, and its end."""
    near, far = _designs(rng, kind, 4, far=False), _designs(rng, kind, 3, far=True)
    border = hedge(rng, 9.0, float(rng.uniform(0.8, 1.5)))
    garden = {"suburb": rng.uniform(4, 9), "village": rng.uniform(0, 2.5)}.get(kind, 0.0)
    gap = {"suburb": (3.0, 10.0), "village": (0.5, 7.0), "downtown": (0.1, 5.0)}.get(kind, (0.05, 0.1))
    for side in (-1, 1):
        z = float(rng.uniform(-22, -14))
        while z < length:
            designs = near if z < 38 else far
            parts, wide, deep = designs[int(rng.integers(len(designs)))]
            z += wide / 2
            x = side * (edge + garden * rng.uniform(0.9, 1.15) + deep / 2 + 0.01)
            if rng.random() < 0.94:
                matrix = placed((x, 0.0, z), (0, -side * np.pi / 2, 0))
                stage.put(parts, building_looks(rng, weather), PANES, matrix)
            if kind == "suburb":
                _garden(stage, rng, weather, side * edge, side * (edge + garden), z, wide, border)
            z += wide / 2 + float(rng.uniform(*gap))
    _far_end(stage, rng, kind, edge, length, weather)


def _designs(rng: np.random.Generator, kind: str, count: int, *, far: bool) -> list[tuple[Parts, float, float]]:
    """A few buildings of a kind of street, each with its width along the street and its depth."""
    makers: dict[str, Callable[[float, float], Parts]] = {
        "city": lambda wide, deep: block(rng, wide, deep, int(rng.integers(2, 7)), far=far),
        "downtown": lambda wide, deep: (
            tower(rng, wide, deep, int(rng.integers(6, 16)), far=far)
            if rng.random() < 0.5
            else block(rng, wide, deep, int(rng.integers(4, 9)), far=far)
        ),
        "suburb": lambda wide, deep: house(rng, wide, deep, int(rng.integers(1, 3)), far=far),
        "village": lambda wide, deep: house(rng, wide, deep, int(rng.integers(1, 4)), far=far),
    }
    widths = {"city": (9, 22), "downtown": (14, 28), "suburb": (8, 13), "village": (6, 11)}[kind]
    found = []
    for _ in range(count):
        wide, deep = float(rng.uniform(*widths)), float(rng.uniform(8, 13))
        found.append((makers[kind](wide, deep), wide, deep))
    return found


def _garden(
    stage: Stage,
    rng: np.random.Generator,
    weather: Weather,
    near: float,
    far: float,
    z: float,
    wide: float,
    border: Parts,
) -> None:
    """A fence or hedge along the pavement, a tree, some bushes."""
    side = np.sign(near)
    turn = placed((near + side * 0.3, 0.0, z), (0, np.pi / 2, 0))
    choice = rng.random()
    if z > 60 or choice < 0.3:
        pass
    elif choice < 0.65:
        stage.put(
            fence(rng, wide * 0.95, float(rng.uniform(0.8, 1.3))),
            looks(rng, wood="trim" if rng.random() < 0.5 else "wood"),
            "other",
            turn,
        )
    else:
        stage.put(border, tree_looks(rng, weather), "plant", turn)
    if abs(far - near) > 3 and z < 70:
        if rng.random() < 0.5:
            plant_trees(
                stage, rng, weather, [((near + far) / 2, 0.0, z + wide * rng.uniform(-0.4, 0.4))], (4, 7), 1, 0.25, 1300
            )
        spots = [
            (
                float(rng.uniform(min(near, far) + 0.8, max(near, far) - 0.8)),
                0.0,
                float(z + wide * rng.uniform(-0.5, 0.5)),
            )
            for _ in range(2)
        ]
        plant_bushes(stage, rng, weather, spots, 0.9)


def _far_end(stage: Stage, rng: np.random.Generator, kind: str, edge: float, length: float, weather: Weather) -> None:
    """What one sees at the end of the street: a front across it, a church, towers, or trees."""
    z = length + 14.0
    if kind == "downtown" or (kind == "city" and rng.random() < 0.4):
        designs = [
            tower(rng, float(rng.uniform(18, 30)), float(rng.uniform(18, 30)), int(rng.integers(10, 26)), far=True)
            for _ in range(2)
        ]
        for x in np.arange(-110, 111, 38.0):
            parts = designs[int(rng.integers(2))]
            matrix = placed((x + rng.uniform(-8, 8), 0.0, z + rng.uniform(10, 120)), (0, rng.uniform(-0.3, 0.3), 0))
            stage.put(parts, building_looks(rng, weather), PANES, matrix)
        return
    if kind == "village" and rng.random() < 0.6:
        steeple = church(rng, float(rng.uniform(0.9, 1.5)))
        stage.put(
            steeple,
            building_looks(rng, weather),
            PANES,
            placed((rng.uniform(-6, 6), 0.0, z + 10), (0, rng.uniform(-1.2, 1.2), 0)),
        )
    elif kind == "city":
        parts = block(rng, 2 * edge + 24, 12.0, int(rng.integers(3, 7)), far=True)
        stage.put(
            parts,
            building_looks(rng, weather),
            PANES,
            placed((0.0, 0.0, z - float(bounds(parts)[1, 2]) + 10), (0, np.pi, 0)),
        )
    spots = [(float(rng.uniform(-90, 90)), 0.0, float(z + rng.uniform(8, 60))) for _ in range(26)]
    plant_trees(stage, rng, weather, spots, (8, 15), 2, 0.3, 380)
