"""Fires and their smoke on a stage: camp fires with people about them, chimneys that smoke.

stage, rng, spot ─▶ stones, logs, sitting people, a flickering lamp on the stage, and the Puffs to give to the world
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.families.crowd import add_person
from stillmotion.training.worlds.looks import look, looks
from stillmotion.training.worlds.meshes.nature import rock
from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import TURN, cylinder, placed
from stillmotion.training.worlds.puffs import fire, smoke
from stillmotion.training.worlds.records import Puffs, Sky
from stillmotion.training.worlds.stage import Stage


def wind_of(sky: Sky, speed: float) -> tuple[float, float]:
    """The wind (x, z) m/s near the ground, from where the clouds come."""
    return speed * float(np.cos(sky.wind)), speed * float(np.sin(sky.wind))


def camp_fire(
    stage: Stage, rng: np.random.Generator, spot: tuple[float, float, float], sky: Sky, people: int
) -> tuple[Puffs, ...]:
    """A fire at a spot (x, y, z of the ground) with people on stumps about it."""
    x, y, z = spot
    size = float(rng.uniform(0.5, 1.0))
    angles = TURN * (np.arange(9) + rng.uniform(-0.2, 0.2, 9)) / 9
    ring = [
        placed(
            (x + 0.6 * size * np.cos(a), y, z + 0.6 * size * np.sin(a)), (0, 9 * a, 0), float(rng.uniform(0.18, 0.3))
        )
        for a in angles
    ]
    stage.put_many({"rock": rock(rng, 1.0, 2, 0.3)}, looks(rng, rock="rock"), "rock", ring)
    log = cylinder(0.05, 0.75 * size, 8)
    leaning = [
        _towards((x + 0.3 * size * np.cos(a), y, z + 0.3 * size * np.sin(a)), (x, y - 0.5 * size, z))
        for a in angles[::2]
    ]
    stage.put_many({"log": log}, looks(rng, log="bark"), "other", leaning)
    first = float(rng.uniform(0, TURN))
    for number in range(people):
        a = first + TURN * (number + rng.uniform(-0.15, 0.15)) / max(people, 3)
        at = (x + 1.5 * np.cos(a), y, z + 1.5 * np.sin(a))
        stage.put(cylinder(0.2, 0.42, 12), look(rng, "bark"), "other", placed(at))
        add_person(stage, rng, "sit", (float(at[0]), y, float(at[2])), float(np.arctan2(x - at[0], z - at[2])))
    stage.shine((x, y - 0.7 * size, z), (0.1 * size, 0.045 * size, 0.014 * size), flicker=0.9)
    source = stage.seen((x, y - 0.12 * size, z))
    above = stage.seen((x, y - 1.1 * size, z))
    haze = smoke(rng, above, size=0.3 * size, rise=1.1, wind=wind_of(sky, 0.5), albedo=0.4, thick=0.16, count=26)
    return (haze, *fire(rng, source, size=size, light=24.0 if sky.kind == "day" else 0.25))


def chimney_smoke(
    stage: Stage, rng: np.random.Generator, parts: Parts, where: np.ndarray, sky: Sky
) -> tuple[Puffs, ...]:
    """Smoke from a house's chimney, where it has one; `where` is the house's matrix."""
    if "chimney" not in parts:
        return ()
    points = parts["chimney"].vertices
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    top = where @ [middle[0], points[:, 1].min() - 0.1, middle[2], 1.0]
    wind = wind_of(sky, float(rng.uniform(0.3, 2.5)))
    return (
        smoke(
            rng, stage.seen(top[:3]), size=0.35, rise=float(rng.uniform(0.7, 1.6)), wind=wind,
            albedo=float(rng.uniform(0.45, 0.8)), thick=float(rng.uniform(0.25, 0.5)),
        ),
    )  # fmt: skip


def _towards(foot: tuple[float, float, float], tip: tuple[float, float, float]) -> np.ndarray:
    """The place of something that stands on `foot`, leaning so that it points to `tip`."""
    down = np.asarray(foot) - np.asarray(tip)
    down = down / np.linalg.norm(down)
    side = np.cross(down, [0.3, 0.1, 1.0])
    side /= np.linalg.norm(side)
    found = np.eye(4)
    found[:3, :3] = np.stack([side, down, np.cross(side, down)], axis=1)
    found[:3, 3] = foot
    return found
