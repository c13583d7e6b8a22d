"""Trees of a few triangles, for woods seen from afar.

rng ─▶ firs as two cones, broad crowns as bumpy balls: twenty to ninety triangles each
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import TURN, make_mesh, merged, moved, smooth_normals, sphere
from stillmotion.training.worlds.records import Mesh


def far_fir(rng: np.random.Generator, height: float = 14.0, tiers: int = 3, sides: int = 6) -> Parts:
    """A fir of `tiers` ragged cones; slot leaves."""
    cones = []
    for tier in range(tiers):
        share = tier / tiers
        foot = height * (0.08 + 0.8 * share)
        tip = min(foot + height * (0.62 - 0.16 * share), height)
        cones.append(_cone(rng, foot, tip, height * (0.19 * (1 - share) + 0.035), sides))
    return {"leaves": merged(cones)}


def _cone(rng: np.random.Generator, foot: float, tip: float, radius: float, sides: int) -> Mesh:
    angle = TURN * (np.arange(sides) + rng.uniform(-0.2, 0.2, sides)) / sides
    reach = radius * rng.uniform(0.75, 1.2, sides)
    ring = np.stack([reach * np.cos(angle), -foot + 0.25 * radius * rng.normal(size=sides), reach * np.sin(angle)], -1)
    points = np.concatenate([ring, [[0.0, -tip, 0.0]]])
    out = np.stack([np.cos(angle), np.full(sides, -0.45), np.sin(angle)], -1)
    normals = np.concatenate([out / np.linalg.norm(out, axis=1, keepdims=True), [[0.0, -1.0, 0.0]]])
    at = np.arange(sides)
    faces = np.stack([at, np.full(sides, sides), (at + 1) % sides], -1)
    return make_mesh(points, normals, np.stack([np.append(angle, 0.0) * radius, points[:, 1]], -1), faces)


def far_crown(rng: np.random.Generator, height: float = 10.0) -> Parts:
    """A broad crown that nearly touches the ground, as the rim of a wood does; slot leaves."""
    lumps = []
    for _ in range(4):
        ball = sphere(1.0, 7)
        out = ball.vertices * (1 + 0.09 * rng.normal(size=(len(ball.vertices), 1)))
        shape = out * np.array([0.22, 0.25, 0.22]) * height * rng.uniform(0.75, 1.1)
        lump = make_mesh(shape, smooth_normals(shape, ball.faces), ball.uv * height * 0.2, ball.faces)
        x, z = rng.normal(size=2) * 0.13 * height
        lumps.append(moved(lump, float(x), -height * float(rng.uniform(0.38, 0.66)), float(z)))
    return {"leaves": merged(lumps)}
