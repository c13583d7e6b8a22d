"""What grows and lies where on a landscape: its colours as one picture over the net that `terrain.land` makes.

net of heights ─slope, height above the plain, noise─▶ meadow, wood, scree, rock, snow ─▶ picture, uv in [0, 1] over it

The net is finer near the camera in the same measure as the picture is, so one picture is sharp from the feet to the
peaks. Fine detail is left to the pattern that the shader draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from stillmotion.training.worlds.records import Mesh
from stillmotion.training.worlds.terrain import Height, waves

_SIZE = (576, 768)  # rows outwards, columns across


@dataclass(frozen=True, slots=True)
class Biome:
    """Linear colours (3,) and where they begin."""

    meadow: np.ndarray
    dry: np.ndarray  # the other colour of meadows
    wood: np.ndarray
    rock: np.ndarray
    scree: np.ndarray
    woods: float  # 0 to 1: share of gentle land that is wooded
    tree_line: float  # metres
    snow_line: float  # metres
    steep: float  # rise per metre from which bare rock shows
    field: float  # metres of a field; 0: no fields


def painted(
    mesh: Mesh, shape: tuple[int, int], biome: Biome, clumps: Height, rng: np.random.Generator
) -> tuple[Mesh, np.ndarray]:
    """The net of (rings, spokes) vertices with uv in [0, 1], and its picture (576, 768, 3) uint8, root of linear."""
    rings, spokes = shape
    points = mesh.vertices.reshape(rings, spokes, 3).astype(np.float32)
    normals = mesh.normals.reshape(rings, spokes, 3)
    v, u = np.meshgrid((np.arange(rings) + 0.5) / rings, (np.arange(spokes) + 0.5) / spokes, indexing="ij")
    uv = np.stack([u, v], axis=-1).reshape(-1, 2).astype(np.float32)
    x, y, z = np.moveaxis(points, -1, 0)
    patches = waves(rng, longest=500.0, octaves=5, gain=0.7)
    lumps = 0.5 * patches(x + 0.8 * y, z + 0.6 * y, np.hypot(x, z))
    broad = np.stack([lumps, 0.5 * clumps(x, z)], axis=-1).astype(np.float32)
    found = (np.ascontiguousarray(each) for each in (points, normals, broad))
    grid = [cv2.resize(each, _SIZE[::-1], interpolation=cv2.INTER_LINEAR) for each in found]
    high, up = -grid[0][..., 1], np.clip(-grid[1][..., 1], 0.02, 1)
    slope = np.sqrt(np.maximum(1 / up**2 - 1, 0))
    lie = _Grid(
        grid[0], (high - high[0].mean()).astype(np.float32), slope.astype(np.float32), *np.moveaxis(grid[2], -1, 0)
    )
    return replace(mesh, uv=uv), _coded(_colours(lie, biome, rng))


@dataclass(frozen=True, slots=True)
class _Grid:
    """The land at every pixel of its picture."""

    points: np.ndarray  # (h, w, 3)
    high: np.ndarray  # (h, w) metres
    slope: np.ndarray  # rise per metre
    coarse: np.ndarray  # about -0.5 to 0.5: broad patches
    trees: np.ndarray  # the same: where woods are, below


def _colours(lie: _Grid, biome: Biome, rng: np.random.Generator) -> np.ndarray:
    points, high, slope, coarse = lie.points, lie.high, lie.slope, lie.coarse
    biome = replace(
        biome, **{name: getattr(biome, name).astype(np.float32) for name in ("meadow", "dry", "wood", "rock", "scree")}
    )
    fine, spots = (speckle(rng, _SIZE, first) for first in (30, 150))
    colour = _mix(biome.meadow, biome.dry, _step(-0.25, 1.0, coarse + 0.3 * fine + 0.25 * spots))
    if biome.field > 0:
        colour = _fields(colour, points, slope, biome, rng)
    tall = max(biome.tree_line, 1.0) * (1 + 0.35 * coarse + 0.1 * fine)
    wooded = _step(-0.12, 0.12, 1.2 * biome.woods - 0.5 - lie.trees + 0.35 * fine + 0.25 * spots) * _step(
        tall, 0.8 * tall, high
    )
    wooded = wooded * _step(1.3, 0.9, slope) * _step(25.0, 70.0, np.hypot(points[..., 0], points[..., 2]))
    colour = _mix(colour, biome.wood * (0.75 + 0.6 * (0.5 + spots[..., None])), 0.92 * wooded)
    broken = slope * (1 + 0.5 * coarse + 0.2 * spots) + 0.25 * _step(0.8, 1.5, high / max(biome.tree_line, 1.0))
    colour = _mix(
        colour, biome.scree * (0.8 + 0.5 * (0.5 + coarse[..., None])), _step(0.75, 0.95, broken / biome.steep)
    )
    colour = _mix(
        colour,
        biome.rock * (0.7 + 0.6 * (0.5 + 0.5 * coarse + 0.5 * spots)[..., None]),
        _step(0.95, 1.15, broken / biome.steep),
    )
    lies = _step(0.95, 1.15, high / (max(biome.snow_line, 1.0) * (1 + 0.25 * coarse + 0.05 * fine)))
    lies = lies * _step(1.7, 1.1, slope * (1 + 0.3 * spots + 0.5 * coarse))
    return _mix(colour, np.array([0.84, 0.87, 0.92], np.float32), lies)


def _fields(
    colour: np.ndarray, points: np.ndarray, slope: np.ndarray, biome: Biome, rng: np.random.Generator
) -> np.ndarray:
    """Strips of land of one colour each, turned as the lie of the land was parcelled."""
    turn = rng.uniform(0, np.pi)
    x = points[..., 0] * np.cos(turn) + points[..., 2] * np.sin(turn)
    z = points[..., 2] * np.cos(turn) - points[..., 0] * np.sin(turn)
    column = np.floor(x / biome.field).astype(np.int64)
    row = np.floor((z + 37.0 * np.sin(column * 2.4)) / (2.3 * biome.field)).astype(np.int64)
    kinds = np.stack([biome.meadow * f for f in (0.8, 1.0, 1.25)] + [biome.dry, biome.dry * 1.3, biome.scree * 0.8])
    chosen = kinds[(column * 7919 + row * 104729) % 911 % len(kinds)]
    return _mix(colour, chosen, 0.8 * _step(0.5, 0.3, slope))


def speckle(rng: np.random.Generator, shape: tuple[int, int], first: int) -> np.ndarray:
    """Noise (rows, columns), about within +-0.5, its largest spots a `first`-th of the width."""
    total = np.zeros(shape, np.float32)
    for octave in range(4):
        columns = first * 2**octave
        small = rng.random((max(columns * shape[0] // shape[1], 2), columns)).astype(np.float32) - 0.5
        total += cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR) * np.float32(0.55**octave)
    return total


def _mix(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.asarray(one + (other - one) * share[..., None], np.float32)


def _step(low: float | np.ndarray, high: float | np.ndarray, value: np.ndarray) -> np.ndarray:
    """0 at `low`, 1 at `high`, smooth between; `low` may be the larger."""
    t = np.clip((value - low) / (np.asarray(high, np.float32) - low), 0, 1).astype(np.float32)
    return np.asarray(t * t * (3 - 2 * t))


def _coded(linear: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.clip(linear, 0, 1)) * 255 + 0.5, np.uint8)
