"""Smoke, fire, embers and mist as soft balls whose way is known for every instant.

source, wind ─▶ at(t): each ball is born, rises, drifts, grows and fades, over and over ─▶ Puffs

A ball is born and dies with an opacity of nought, so that nothing jumps when its life begins anew. Points are those of
the world (y down), as `Stage.seen` gives them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillmotion.training.worlds.records import Colour, Puffs

_TURN = 2 * np.pi


def smoke(
    rng: np.random.Generator, source: Sequence[float] | np.ndarray, *, size: float, rise: float, wind: Sequence[float],
    albedo: float = 0.7, thick: float = 0.5, count: int = 40,
) -> Puffs:  # fmt: skip
    """Smoke from a point: balls of `size` metres at the source, `rise` m/s upwards, `wind` (x, z) m/s later on.

    `albedo` is 0.05 for soot, 0.9 for steam; `thick` the opacity of a ball at its best.
    """
    life = float(rng.uniform(5, 9)) * (size / 0.4) ** 0.5
    born, turn = np.arange(count) / count, rng.uniform(0, _TURN, (3, count))
    grey = albedo * rng.uniform(0.85, 1.1, count)
    x0, y0, z0 = (float(value) for value in source)

    def at(t: float) -> np.ndarray:
        age = (born + t / life) % 1.0
        carried = life * age * age * (1.3 - 0.3 * age)
        curl = 1.6 * size * age**0.8 * np.sin(turn + 5.0 * age)
        x, z = x0 + wind[0] * carried + curl[0], z0 + wind[1] * carried + curl[1]
        y = y0 - rise * life * (age - 0.3 * age * age) + 0.4 * curl[2]
        opacity = thick * np.clip(age / 0.06, 0, 1) * (1 - age) ** 1.5
        return np.stack([x, y, z, size * (0.5 + 5.0 * age), *([grey] * 3), opacity], axis=-1)

    return Puffs(at=at)


def fire(
    rng: np.random.Generator, source: Sequence[float] | np.ndarray, *, size: float, count: int = 28, light: float = 7.0
) -> tuple[Puffs, Puffs]:
    """Flames `size` metres tall on a point, and the embers above them; `light`: radiance, kilolux a steradian."""
    life = 0.55 * size**0.5 + 0.15
    born, angle = np.arange(count) / count, rng.uniform(0, _TURN, count)
    out, speed = 0.28 * size * np.sqrt(rng.random(count)), rng.uniform(0.75, 1.25, count)
    x0, y0, z0 = (float(value) for value in source)

    def flames(t: float) -> np.ndarray:
        age = (born + speed * t / life) % 1.0
        lean = 0.1 * size * np.sin(3.1 * t + 4.0 * age + angle)
        x = x0 + out * (1 - 0.8 * age) * np.cos(angle) + lean * age
        z = z0 + out * (1 - 0.8 * age) * np.sin(angle) + 0.6 * lean * age
        hot = light * (1 - 0.6 * age)
        opacity = 0.5 * np.clip(age / 0.12, 0, 1) * (1 - age)
        colours = np.stack([hot, hot * (0.42 - 0.2 * age), hot * (0.12 - 0.09 * age)])
        return np.stack([x, y0 - size * age, z, size * (0.26 - 0.17 * age), *colours, opacity], axis=-1)

    return Puffs(at=flames, glows=True), _embers(rng, (x0, y0, z0), size, light)


def _embers(rng: np.random.Generator, source: Sequence[float], size: float, light: float, count: int = 24) -> Puffs:
    born, angle, far = rng.random(count), rng.uniform(0, _TURN, count), rng.uniform(0.1, 0.8, count) * size
    life, speed = 1.6 + size, rng.uniform(0.7, 1.4, count)

    def at(t: float) -> np.ndarray:
        age = (born + speed * t / life) % 1.0
        x = source[0] + far * age * np.cos(angle + 3 * age) + 0.1 * size * np.sin(9 * age + angle)
        z = source[2] + far * age * np.sin(angle + 3 * age)
        shine = np.broadcast_to(np.array([[1.0], [0.35], [0.08]]) * light, (3, count))
        opacity = np.clip(age / 0.1, 0, 1) * (1 - age)
        return np.stack([x, source[1] - 2.6 * size * age, z, np.full(count, 0.014 * size + 0.004), *shine, opacity], -1)

    return Puffs(at=at, glows=True)


def mist(
    rng: np.random.Generator, places: np.ndarray, *, size: float, wind: Sequence[float], thick: float = 0.22,
    albedo: Colour = (0.8, 0.82, 0.85),
) -> Puffs:  # fmt: skip
    """Banks of mist at places (k, 3), balls of about `size` metres that drift with the wind (x, z) m/s."""
    count = len(places)
    born, life = rng.random(count), float(rng.uniform(25, 50))
    radius = size * rng.uniform(0.6, 1.3, count)

    def at(t: float) -> np.ndarray:
        age = (born + t / life) % 1.0
        way = life * (age - 0.5)
        x, z = places[:, 0] + wind[0] * way, places[:, 2] + wind[1] * way
        colours = np.broadcast_to(np.array(albedo)[:, None], (3, count))
        return np.stack([x, places[:, 1], z, radius, *colours, thick * np.sin(np.pi * age) ** 2], axis=-1)

    return Puffs(at=at)
