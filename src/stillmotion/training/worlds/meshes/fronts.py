"""Fronts of buildings: walls of window cells, the panes set back, with frames and sills.

Front (the architect's taste) ─front─▶ one wall, looking along +z ─around─▶ the four walls of a block
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stillmotion.training.worlds.meshes.solids import box, make_mesh, placed, transformed
from stillmotion.training.worlds.records import Mesh

Pieces = list[tuple[str, Mesh]]


@dataclass(frozen=True, slots=True)
class Front:
    """How the windows of one storey after the other are cut into a wall, metres."""

    cell: float  # width of wall for each window
    storey: float
    wide: float
    tall: float
    sill: float  # above the floor
    deep: float  # how far the pane is set back; 0: a flat front for far buildings, without frames and sills
    bars: int  # upright bars of a frame
    lit: float  # share of panes that are lit


def style(rng: np.random.Generator) -> Front:
    """One architect's taste."""
    storey = rng.uniform(2.9, 3.7)
    cell = rng.uniform(2.0, 3.6)
    tall = storey * rng.uniform(0.42, 0.62)
    wide = min(cell * rng.uniform(0.35, 0.72), tall * 1.9)
    sill = (storey - tall) * rng.uniform(0.45, 0.65)
    return Front(cell, storey, wide, tall, sill, rng.uniform(0.1, 0.3), int(rng.integers(0, 3)), rng.uniform(0.05, 0.6))


def sheets(corners: np.ndarray, scale: float = 1.0) -> Mesh:
    """Quads (n, 4, 3), each counter-clockwise from outside; uv are metres along the wall and upwards, times `scale`."""
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    faces = (4 * np.arange(len(corners))[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    points = corners.reshape(-1, 3)
    flat = np.where(
        np.repeat(np.abs(across[:, 1]), 4)[:, None] > 0.9,
        points[:, [0, 2]],
        np.stack([points[:, 0] + points[:, 2], points[:, 1]], -1),
    )
    return make_mesh(points, np.repeat(across, 4, axis=0), flat * scale, faces)


def _rectangle(x0: np.ndarray, x1: np.ndarray, low: np.ndarray, high: np.ndarray, z: float | np.ndarray) -> np.ndarray:
    """Upright quads (n, 4, 3) that look along +z, between x0 and x1 and between heights low and high."""
    x0, x1, low, high, z = np.broadcast_arrays(x0, x1, low, high, z)
    return np.stack([np.stack([x, -h, z], -1) for x, h in ((x0, low), (x0, high), (x1, high), (x1, low))], 1)


def front(rng: np.random.Generator, width: float, rows: int, look: Front, base: float = 0.0) -> Pieces:
    """A wall `width` wide at z = 0 with `rows` storeys of windows from height `base` up."""
    columns = max(int(width / look.cell), 1)
    cell = width / columns
    column, row = (grid.reshape(-1) for grid in np.meshgrid(np.arange(columns), np.arange(rows)))
    left, low = -width / 2 + cell * column, base + look.storey * row
    right, high = left + cell, low + look.storey
    wide = min(look.wide, cell * 0.85)
    a, b = (left + right - wide) / 2, (left + right + wide) / 2
    c, d = low + look.sill, low + look.sill + look.tall
    z = -look.deep
    lit = rng.random(len(a)) < look.lit
    if look.deep <= 0:  # seen from far: panes upon a plain wall
        x0, x1, foot, head = (np.array([v]) for v in (-width / 2, width / 2, base, base + look.storey * rows))
        flat: Pieces = [("wall", sheets(_rectangle(x0, x1, foot, head, 0.0)))]
        return flat + _panes(_rectangle(a, b, c, d, 0.03), lit)
    wall = [
        _rectangle(left, a, low, high, 0.0),
        _rectangle(b, right, low, high, 0.0),
        _rectangle(a, b, low, c, 0.0),
        _rectangle(a, b, d, high, 0.0),
    ]
    reveal = [
        _side(a, c, d, 0.0, z, 1),
        _side(b, c, d, 0.0, z, -1),
        _level(a, b, c, 0.0, z, 1),
        _level(a, b, d, 0.0, z, -1),
    ]
    pieces: Pieces = [("wall", sheets(np.concatenate([*wall, *reveal])))]
    pieces += _panes(_rectangle(a, b, c, d, z), lit)
    bar = 0.05
    strips = [
        _rectangle(a, b, c, c + bar, z + 0.03),
        _rectangle(a, b, d - bar, d, z + 0.03),
        _rectangle(a, a + bar, c, d, z + 0.03),
        _rectangle(b - bar, b, c, d, z + 0.03),
    ]
    strips += [
        _rectangle(a + wide * k / (look.bars + 1) - bar / 2, a + wide * k / (look.bars + 1) + bar / 2, c, d, z + 0.03)
        for k in range(1, look.bars + 1)
    ]
    pieces.append(("frame", sheets(np.concatenate(strips))))
    if rng.random() < 0.75:
        sill = box(wide + 0.16, 0.07, 0.14)
        pieces.append(("trim", copies(sill, np.stack([(a + b) / 2, -c + 0.01, np.full(len(a), 0.06)], -1))))
    return pieces


def _panes(quads: np.ndarray, lit: np.ndarray) -> Pieces:
    """Panes, dark and lit ones in slots of their own."""
    return [(slot, sheets(quads[which])) for slot, which in (("glass", ~lit), ("lit", lit)) if which.any()]


def _side(x: np.ndarray, low: np.ndarray, high: np.ndarray, z0: float, z1: float, towards: int) -> np.ndarray:
    """Upright quads across x between depths z0 (front) and z1, that look to +x or -x."""
    quad = np.stack(
        [np.stack([x, -h, np.full_like(x, z)], -1) for h, z in ((low, z0), (high, z0), (high, z1), (low, z1))], 1
    )
    return quad if towards > 0 else quad[:, ::-1]


def _level(x0: np.ndarray, x1: np.ndarray, height: np.ndarray, z0: float, z1: float, up: int) -> np.ndarray:
    """Level quads at a height, that look up or down."""
    quad = np.stack(
        [np.stack([x, -height, np.full_like(x, z)], -1) for x, z in ((x0, z0), (x0, z1), (x1, z1), (x1, z0))], 1
    )
    return quad if up > 0 else quad[:, ::-1]


def copies(mesh: Mesh, places: np.ndarray) -> Mesh:
    """The mesh once at each of the places (n, 3)."""
    count, size = len(places), len(mesh.vertices)
    vertices = (places[:, None] + mesh.vertices).reshape(-1, 3)
    faces = (size * np.arange(count)[:, None, None] + mesh.faces).reshape(-1, 3)
    return make_mesh(vertices, np.tile(mesh.normals, (count, 1)), np.tile(mesh.uv, (count, 1)), faces)


def around(
    rng: np.random.Generator, width: float, depth: float, rows: int, look: Front, base: float, fine: int = 4
) -> Pieces:  # fmt: skip
    """The four fronts of a block about its middle; the first `fine` of front, sides, back have set-back windows."""
    pieces: Pieces = []
    for number, (wide, away) in enumerate(((width, depth), (depth, width), (width, depth), (depth, width))):
        matrix = placed((0, 0, 0), (0, number * np.pi / 2, 0)) @ placed((0, 0, away / 2))
        rank = (0, 1, 3, 2)[number]
        mine = look if rank < fine else replace(look, deep=0.0)
        pieces += [(slot, transformed(mesh, matrix)) for slot, mesh in front(rng, wide, rows, mine, base)]
    return pieces
