"""Land and water seen from where a camera stands: nets of triangles, fine near by and coarse far off.

height(x, z) ─▶ net on rings of growing radius, within the angle that is seen ─▶ Mesh
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from stillmotion.training.worlds.meshes.solids import lattice
from stillmotion.training.worlds.records import Mesh

Height = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Metres above the water or the plain, of points x, z (metres, the camera at the origin)."""


class Waves(Protocol):
    """A landscape that leaves out what is too fine for how far `away` (metres) it is, where that is given."""

    def __call__(self, x: np.ndarray, z: np.ndarray, away: np.ndarray | None = None) -> np.ndarray: ...


def waves(rng: np.random.Generator, *, longest: float, octaves: int, gain: float = 0.5, ridged: bool = False) -> Waves:
    """A landscape of sums of sines in random directions (about -1 to 1); ridged ones have crests, as mountains do.

    Sums of sines rather than noise on a lattice: smooth, endless, and cheap at any point (spectral synthesis; Musgrave,
    Kolb, Mace, SIGGRAPH 1989, for ridges).
    """
    parts = []
    for k in range(octaves):
        for _ in range(5):
            angle, wave = rng.uniform(0, 2 * np.pi), longest / 2.07**k * np.exp(rng.normal(0, 0.25))
            turn = 2 * np.pi / wave * np.array([np.cos(angle), np.sin(angle)])
            phase = np.float32(rng.uniform(0, 2 * np.pi))
            parts.append((k, np.float32(turn[0]), np.float32(turn[1]), phase))
    scale = sum(gain**k for k in range(octaves))

    def height(x: np.ndarray, z: np.ndarray, away: np.ndarray | None = None) -> np.ndarray:
        x, z = (np.asarray(each, np.float32) for each in (x, z))  # numpy's sine is four times faster so
        levels: list[np.ndarray] = [np.zeros(np.broadcast(x, z).shape, np.float32) for _ in range(octaves)]
        for k, a, b, phase in parts:
            levels[k] += np.sin(a * x + b * z + phase)
        total = np.zeros_like(levels[0])
        weight = np.ones_like(total)
        for k, level in enumerate(levels):
            level /= np.float32(5**0.5)
            if away is not None and k > 0:
                level *= np.clip(1.6 - 0.1 * away * 2.07**k / longest, 0, 1)
            if ridged:
                crest = 1 - 1.6 * np.sqrt(level * level + np.float32(0.004))  # no edge sharper than rock has
                total += gain**k * weight * crest
                weight = np.clip(crest, 0.1, 1)
            else:
                total += gain**k * level
        return np.asarray(total / scale, np.float64)

    return height


def land(
    height: Height,
    *,
    eye: float,
    near: float,
    far: float,
    half_angle: float = 0.75,
    rings: int = 100,
    spokes: int = 120,
) -> Mesh:
    """The net of a landscape from `near` to `far` metres ahead, `half_angle` radians to either side.

    Ground level (height 0) lies at y = eye.
    """
    radii = near * (far / near) ** np.linspace(0, 1, rings)
    return net(height, radii, half_angle * np.linspace(-1, 1, spokes), eye=eye)


def net(height: Height, radii: np.ndarray, angles: np.ndarray, *, eye: float) -> Mesh:
    """The net of a landscape on rings (k,) and spokes (n,) about the camera; uv are metres along x and z."""
    radius, angle = radii[:, None], angles[None]
    x, z = radius * np.sin(angle), radius * np.cos(angle)
    points = np.stack([x, eye - height(x, z), z], axis=-1)
    return lattice(points, np.stack([x, z], axis=-1), flip=_looks_down(points))


def _looks_down(points: np.ndarray) -> bool:
    a, b, c = points[0, 0], points[0, 1], points[1, 0]
    return bool(np.cross(b - a, c - a)[1] > 0)


def scattered(
    rng: np.random.Generator, height: Height, count: int, *, near: float, far: float, half_angle: float,
    allowed: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:  # fmt: skip
    """(k, 3) places x, height, z where `allowed(x, z, height)`, evenly over the area that is seen."""
    radius = (
        np.sqrt(rng.uniform(near**2, far**2, 6 * count))
        if far < 20 * near
        else near * (far / near) ** rng.random(6 * count)
    )
    angle = rng.uniform(-half_angle, half_angle, 6 * count)
    x, z = radius * np.sin(angle), radius * np.cos(angle)
    high = height(x, z)
    keep = np.flatnonzero(allowed(x, z, high))[:count]
    return np.stack([x[keep], high[keep], z[keep]], axis=1)


def slope(height: Height, x: np.ndarray, z: np.ndarray, step: float = 0.5) -> np.ndarray:
    """Rise per metre."""
    across = (height(x + step, z) - height(x - step, z)) / (2 * step)
    along = (height(x, z + step) - height(x, z - step)) / (2 * step)
    return np.asarray(np.hypot(across, along))
