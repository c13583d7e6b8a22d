"""A steady path close to a shaky one: pieces that stand, glide or accelerate evenly. Knows numbers over time, no frames.

    min  10 |D p| + |D² p| + 100 |D³ p|   (L1)     so that  |p - shaky| <= room     and  p = settled  at the beginning

Source: Grundmann, Kwatra, Essa 2011 (weights as there); solved by the alternating direction method of multipliers
(Boyd et al. 2011), one number of the path at a time.
"""

from __future__ import annotations

import numpy as np

from stillmotion.types import Float64

WEIGHTS = (10.0, 1.0, 100.0)
_ROUNDS = 400
_PULL = 5e-3  # towards the shaky path: of all steady paths the nearest


def steady(shaky: Float64, room: float, *, settled: Float64) -> Float64:
    """The steadiest path (N,) that stays within `room` of the shaky one (N,) and goes on from the settled part (M,)."""
    count, before = len(shaky), len(settled)
    if room <= 0 or count < 4:
        return shaky.copy()
    unit = room  # the problem is solved in units of the room
    aim = shaky / unit
    differences = [np.diff(np.eye(count), n=order, axis=0) * weight for order, weight in enumerate(WEIGHTS, 1)]
    smooth = np.concatenate(differences)
    rho = 0.3
    fixed = np.zeros(count)
    fixed[:before] = 1e4
    held = np.concatenate([settled / unit, np.zeros(count - before)])
    inverse = np.linalg.inv(rho * (smooth.T @ smooth + np.eye(count)) + np.diag(fixed) + _PULL * np.eye(count))
    path = aim.copy()
    path[:before] = held[:before]
    z, box = smooth @ path, path.copy()
    u, w = np.zeros_like(z), np.zeros(count)
    for _ in range(_ROUNDS):
        path = inverse @ (rho * (smooth.T @ (z - u) + box - w) + fixed * held + _PULL * aim)
        bent = smooth @ path
        z = bent + u
        z = np.sign(z) * np.maximum(np.abs(z) - 1 / rho, 0)
        box = np.clip(path + w, aim - 1, aim + 1)
        u += bent - z
        w += path - box
    result = np.clip(path, aim - 1, aim + 1) * unit
    result[:before] = settled
    return np.asarray(result)
