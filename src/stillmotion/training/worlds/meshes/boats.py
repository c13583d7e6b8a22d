"""Boats with oars, cabins or sails.

rng, length in metres ─▶ hull lofted from stern to bow, deck, rails, rig ─▶ Parts
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import cylinder, faceted, lattice, make_mesh, moved, tube
from stillmotion.training.worlds.meshes.things import rounded_box
from stillmotion.training.worlds.records import Mesh


def boat(rng: np.random.Generator, length: float = 6.0, sail: bool = False) -> Parts:
    """A boat whose water line is y = 0; slots hull, deck, rail, cabin, glass, sail, mast."""
    share = np.linspace(0, 1, 12)
    half = (
        length
        * rng.uniform(0.14, 0.19)
        * np.sqrt(np.maximum(1 - share**2.6, 0))
        * (0.78 + 0.22 * np.minimum(share * 4, 1))
    )
    side = length * rng.uniform(0.1, 0.14) * (1 + 0.5 * share**2)
    keel = -0.05 * length * (1 - share**3)
    z = (share - 0.45) * length
    across = np.array([-1.0, -0.93, -0.6, 0.0, 0.6, 0.93, 1.0])
    rise = np.array([1.0, 0.45, 0.08, 0.0, 0.08, 0.45, 1.0])
    x = across * half[:, None]
    y = -(keel[:, None] + (side - keel)[:, None] * rise)
    points = np.stack([x, y, np.broadcast_to(z[:, None], x.shape)], -1)
    hull = lattice(points, np.stack(np.broadcast_arrays(z[:, None], rise * length * 0.15), -1))
    if (
        hull.normals[np.abs(hull.vertices[:, 0]).argmax(), 0] * hull.vertices[np.abs(hull.vertices[:, 0]).argmax(), 0]
        < 0
    ):
        hull = make_mesh(hull.vertices, -hull.normals, hull.uv, hull.faces[:, ::-1])
    stern = points[0]
    fan = np.concatenate([stern, [[0, -side[0], z[0]]]])
    transom = faceted(make_mesh(fan, np.zeros_like(fan), fan[:, :2], np.array([[i, i + 1, 7] for i in range(6)])))
    if transom.normals[:, 2].mean() > 0:
        transom = make_mesh(transom.vertices, -transom.normals, transom.uv, transom.faces[:, ::-1])
    pieces = [("hull", hull), ("hull", transom)]
    floor_y = -(keel + (side - keel) * 0.55)
    deck = np.stack(
        [across[[1, 3, 5]] * half[:, None] * 0.97, np.repeat(floor_y[:, None], 3, 1), np.repeat(z[:, None], 3, 1)], -1
    )
    pieces.append(("deck", lattice(deck, deck[..., [0, 2]])))
    pieces += [("rail", tube(points[:, end], 0.012 * length, 6)) for end in (0, 6)]
    if sail:
        pieces += _rig(rng, length, side.max())
    elif rng.random() < 0.7:
        pieces.append(
            (
                "cabin",
                moved(
                    rounded_box(half.max() * 1.1, 0.16 * length, 0.3 * length, 0.03),
                    0.0,
                    -side.max() * 0.4,
                    -0.02 * length,
                ),
            )
        )
        pieces.append(
            (
                "glass",
                moved(
                    rounded_box(half.max() * 1.13, 0.06 * length, 0.27 * length, 0.02),
                    0.0,
                    -side.max() * 0.4 - 0.075 * length,
                    -0.02 * length,
                ),
            )
        )
    return gather(pieces)


def _rig(rng: np.random.Generator, length: float, deck: float) -> list[tuple[str, Mesh]]:
    """Mast, boom and two bellied sails."""
    tall = length * rng.uniform(1.15, 1.5)
    mast = 0.08 * length
    pieces = [("mast", moved(cylinder(0.012 * length, tall, 8, top=0.006 * length), z=mast, y=-0.2 * deck))]
    boom = np.array([[0, -deck - 0.1 * length, mast], [0.06 * length, -deck - 0.1 * length, mast - 0.48 * length]])
    pieces.append(("mast", tube(boom, 0.008 * length, 6)))
    for foot, tack, top in ((-0.46, 0.0, 0.95), (0.4, 0.04, 0.75)):
        s, t = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 11))
        reach = foot * length * (1 - t) * s
        belly = 0.09 * length * np.sin(np.pi * s) * (1 - t) ** 0.6 * (1 if foot < 0 else 0.7)
        y = -deck - 0.11 * length - t * tall * top * 0.9
        start = mast + tack * length * np.sign(foot) if foot > 0 else mast - 0.01 * length
        points = np.stack([belly + 0.06 * length * s * (1 - t), np.broadcast_to(y, s.shape), start + reach], -1)
        pieces.append(("sail", lattice(points, np.stack([s * length * 0.45, t * tall], -1))))
    return pieces
