"""Articulated bodies: people and four-legged animals and birds as limbs on joints that swing with time.

    Limb(parts, parent, joint, swing(t)) ─limb_matrices(body, t)─▶ a 4x4 of each limb below the root of the body

The root is where the body stands: y = 0 is the ground, +z is where it goes. At every instant the body is lowered or
lifted until its lowest foot touches the ground, so nobody floats or sinks. Proportions of people after Drillis and
Contini (1966), swing angles of a walk in the style of Winter's gait tables, rounded to first harmonics.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import placed

Angles = tuple[float, float, float]
Swing = Callable[[float], Angles]


@dataclass(frozen=True, slots=True)
class Limb:
    """One stiff part of a body."""

    parts: Parts  # in the axes of its joint
    parent: int  # the limb it hangs on, an earlier one; -1: the root
    joint: tuple[float, float, float]  # in its parent's axes, metres
    swing: Swing  # seconds -> radians about x, y, z at its joint
    sole: tuple[float, float, float] | None  # where it may touch the ground, in its own axes; None: it does not


@dataclass(frozen=True, slots=True)
class Body:
    """A figure whose limbs are listed parents first."""

    limbs: tuple[Limb, ...]
    speed: float  # metres a second at which its feet do not slide, along +z
    height: float  # metres
    reach: float  # how far it extends from its root along the ground, metres


def stride(beat: float, duty: float) -> tuple[float, float]:
    """Where a foot is in its step, at an angle `beat` of the period of which it stands a share `duty`.

    Returns how far it is before (1) or behind (-1) its hip, and how much it is lifted, 0 to 1. While it stands it goes
    back at an even pace, as the ground does below a walker; then it is lifted and brought forward.
    """
    share = (beat / (2 * math.pi)) % 1.0
    if share < duty:
        return 1.0 - 2.0 * share / duty, 0.0
    swing = (share - duty) / (1.0 - duty)
    return -math.cos(math.pi * swing), math.sin(math.pi * swing)


def pace(reach: float, swing: float, duty: float, period: float) -> float:
    """Metres a second of a walker whose legs of `reach` metres swing by `swing` radians to either side."""
    return 2.0 * reach * math.sin(swing) / (duty * period)


def still(_: float) -> Angles:
    """A joint that does not move."""
    return (0.0, 0.0, 0.0)


def held(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Swing:
    """A joint bent once and for all."""
    return lambda _: (x, y, z)


def limb_matrices(body: Body, t: float) -> list[np.ndarray]:
    """Where each limb is at time t: 4x4 matrices from its own axes to the root's."""
    found: list[np.ndarray] = []
    for limb in body.limbs:
        local = placed(limb.joint, limb.swing(t))
        found.append(local if limb.parent < 0 else found[limb.parent] @ local)
    soles = [
        matrix @ [*limb.sole, 1.0] for matrix, limb in zip(found, body.limbs, strict=True) if limb.sole is not None
    ]
    lowest = max(float(sole[1]) for sole in soles) if soles else 0.0
    lift = np.eye(4)
    lift[1, 3] = -lowest
    return [lift @ matrix for matrix in found]
