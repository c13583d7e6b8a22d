"""People: standing, walking, running or sitting, in many sizes and clothes.

rng, activity ─▶ trunk, head with hair, arms, legs on joints ─▶ Body (slots skin, hair, top, bottom, shoe, hat, bag)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.meshes.figures import Angles, Body, Limb, Swing, pace, stride
from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    capsule,
    cylinder,
    ellipsoid,
    lathe,
    lattice,
    moved,
    sphere,
)
from stillmotion.training.worlds.meshes.things import rounded_box
from stillmotion.training.worlds.records import Mesh

TURN = 2.0 * math.pi


def _trunk(h: float, wide: float, deep: float, skirt: float) -> Mesh:
    """From the crotch to the neck, oval across, about the hips' middle; `skirt` hangs below by that many metres."""
    levels = np.array([-0.02 - skirt / h, -0.02, 0.03, 0.09, 0.15, 0.22, 0.27, 0.295, 0.31, 0.33])
    halves = np.array([0.1 + 0.35 * skirt / h, 0.095, 0.1, 0.086, 0.096, 0.115, 0.112, 0.075, 0.035, 0.03]) * wide
    depths = np.array([0.07 + 0.3 * skirt / h, 0.066, 0.072, 0.06, 0.066, 0.07, 0.062, 0.048, 0.034, 0.03]) * deep
    angle = np.linspace(0, TURN, 19)
    round_x, round_z = (np.sign(f) * np.abs(f) ** 0.8 for f in (np.cos(angle), np.sin(angle)))
    x, z = halves[:, None] * round_x * h, depths[:, None] * round_z * h
    points = np.stack([x, np.broadcast_to(-levels[:, None] * h, x.shape), z], -1)
    return lattice(points, np.stack(np.broadcast_arrays(angle * 0.1 * h, levels[:, None] * h), -1))


def _head(rng: np.random.Generator, h: float, segments: int) -> Parts:
    """A head on its neck; the joint is at the neck's foot."""
    few = segments // 2
    size = 0.066 * h
    centre = -0.125 * h
    pieces = [("skin", capsule((0, 0.01 * h, 0), (0, -0.06 * h, 0.005 * h), 0.031 * h, 0.029 * h))]
    pieces.append(("skin", moved(ellipsoid(size * 0.78, size, size * 0.92, segments), y=centre)))
    pieces.append(
        (
            "skin",
            moved(
                ellipsoid(size * 0.5, size * 0.45, size * 0.5, 3 * segments // 4), 0.0, centre + 0.6 * size, 0.32 * size
            ),
        )
    )
    pieces.append(
        ("skin", moved(ellipsoid(size * 0.13, size * 0.22, size * 0.2, few), 0.0, centre + 0.1 * size, 0.93 * size))
    )
    for side in (-1, 1):
        pieces.append(
            (
                "eye",
                moved(
                    ellipsoid(size * 0.12, size * 0.09, size * 0.06, few),
                    side * 0.32 * size,
                    centre - 0.12 * size,
                    0.82 * size,
                ),
            )
        )
        pieces.append(
            (
                "skin",
                moved(ellipsoid(size * 0.09, size * 0.25, size * 0.16, few), side * 0.78 * size, centre, -0.02 * size),
            )
        )
    style = rng.random()
    if style < 0.9:
        pieces.append(
            (
                "hair",
                moved(
                    ellipsoid(size * 0.84, size * 0.86, size * 0.96, segments), 0.0, centre - 0.22 * size, -0.13 * size
                ),
            )
        )
        if style < 0.4:  # long hair
            long = rng.uniform(0.8, 2.2) * size
            pieces.append(
                ("hair", capsule((0, centre, -0.35 * size), (0, centre + long, -0.45 * size), 0.75 * size, 0.5 * size))
            )
    if rng.random() < 0.18:
        brim = lathe([(size * 1.5, 0), (size * 0.9, 0.1 * size), (size * 0.85, 0.75 * size), (0, 0.85 * size)], 18)
        pieces.append(("hat", moved(brim, y=centre - 0.42 * size)))
    return gather(pieces)


@dataclass(frozen=True, slots=True)
class _Frame:
    """How somebody is built and dressed."""

    h: float  # metres
    wide: float  # factors of the usual width and depth
    deep: float
    sleeve: float  # share of the arm and of the leg that is covered
    trouser: float
    skirt: float  # metres, 0: trousers
    segments: int  # around a limb


@dataclass(frozen=True, slots=True)
class _Gait:
    """How somebody moves; angles in radians."""

    activity: str
    hip: float
    knee: float
    arm: float
    elbow: float
    lean: float
    duty: float  # share of the time that a foot stands
    period: float  # seconds of two steps
    start: float  # where in the period it begins

    def beat(self, t: float, phase: float = 0.0) -> float:
        """The angle in the period at time t."""
        return TURN * t / self.period + self.start + phase


def person(rng: np.random.Generator, activity: str = "walk", height: float | None = None, *, far: bool = False) -> Body:
    """Somebody who walks, runs, stands, sits or waves; `far` has a third of the triangles."""
    h = height or float(rng.choice([rng.uniform(1.5, 1.92), rng.uniform(1.0, 1.45)], p=[0.85, 0.15]))
    dress = bool(rng.random() < 0.22) and activity in ("walk", "stand", "wave")
    frame = _Frame(
        h,
        float(rng.uniform(0.88, 1.2)),
        float(rng.uniform(0.9, 1.35)),
        float(rng.choice([0.45, 1.0], p=[0.35, 0.65])),
        0.0 if dress else float(rng.choice([0.0, 1.0], p=[0.2, 0.8])),
        float(h * rng.uniform(0.1, 0.26)) if dress else 0.0,
        5 if far else 8,
    )
    gait = _gait(rng, activity, math.sqrt(h / 1.75), 0.76 if dress else 1.0)
    limbs = [Limb(_dressed_trunk(rng, frame), -1, (0, -0.5 * h, 0), _trunk_swing(gait), None)]
    limbs.append(
        Limb(_head(rng, h, 8 if far else 16), 0, (0, -0.315 * h, 0), _looking(gait, rng.normal() * 0.25), None)
    )
    for side in (-1, 1):
        phase = math.pi if side > 0 else 0.0
        _add_arm(limbs, frame, side, gait, phase)
        _add_leg(limbs, frame, side, gait, phase + math.pi)
    return Body(tuple(limbs), pace(0.46 * h, gait.hip, gait.duty, gait.period), h, 0.45 * h)


def _gait(rng: np.random.Generator, activity: str, slow: float, stride: float) -> _Gait:
    start = float(rng.uniform(0, TURN))
    if activity == "walk":
        hip, arm = float(rng.uniform(0.36, 0.44)) * stride, float(rng.uniform(0.3, 0.5))
        return _Gait(activity, hip, 0.95, arm, 0.25, 0.03, 0.6, float(rng.uniform(0.98, 1.2)) * slow, start)
    if activity == "run":
        hip, arm = float(rng.uniform(0.65, 0.8)) * stride, float(rng.uniform(0.6, 0.9))
        return _Gait(activity, hip, 1.6, arm, 1.5, 0.16, 0.51, float(rng.uniform(0.62, 0.75)) * slow, start)
    return _Gait(
        activity, 0.0, 0.0, 0.03, 1.0 if activity == "sit" else 0.15, 0.0, 0.6, float(rng.uniform(2.5, 5.0)), start
    )


def _dressed_trunk(rng: np.random.Generator, frame: _Frame) -> Parts:
    """The trunk with trousers' top or a dress, and sometimes a bag on the back."""
    h = frame.h
    pieces = [("dress" if frame.skirt else "top", _trunk(h, frame.wide, frame.deep, frame.skirt))]
    if not frame.skirt:
        pieces.insert(
            0, ("bottom", moved(ellipsoid(0.1 * frame.wide * h, 0.055 * h, 0.074 * frame.deep * h, 12), y=0.012 * h))
        )
    if rng.random() < 0.2:
        bag = rounded_box(0.16 * h, 0.22 * h, 0.09 * h, 0.03 * h)
        pieces.append(("bag", moved(bag, 0.0, -0.08 * h, -0.115 * frame.deep * h)))
    return gather(pieces)


def _trunk_swing(gait: _Gait) -> Swing:
    twist = 0.06 if gait.hip > 0 else 0.0
    return lambda t: (-gait.lean, twist * math.sin(gait.beat(t)), 0.015 * math.sin(gait.beat(t)))


def _looking(gait: _Gait, aside: float) -> Swing:
    return lambda t: (0.02 + gait.lean * 0.8, aside + 0.1 * math.sin(0.9 * t + gait.start), 0.0)


def _limb(
    slots: tuple[str, str], long: float, thick: float, thin: float, cover: float, segments: int
) -> list[tuple[str, Mesh]]:
    """A limb straight down from its joint: clothes (first slot) over a share of it, skin (second slot) for the rest."""
    pieces = []
    if cover > 0:
        middle = thick + (thin - thick) * cover
        pieces.append((slots[0], capsule((0, 0, 0), (0, long * cover, 0), thick * 1.08, middle * 1.1, segments)))
    if cover < 1:
        pieces.append((slots[1], capsule((0, 0, 0), (0, long, 0), thick * 0.98, thin, segments)))
    return pieces


def _add_arm(limbs: list[Limb], frame: _Frame, side: int, gait: _Gait, phase: float) -> None:
    """Upper arm, forearm with hand on the trunk (limb 0)."""
    h, waves = frame.h, gait.activity == "wave" and side > 0

    def shoulder(t: float) -> Angles:
        if waves:
            return (0.1, 0.0, -2.5 - 0.12 * math.sin(5.0 * t + gait.start))
        return (0.5 if gait.activity == "sit" else gait.arm * math.cos(gait.beat(t, phase)), 0.0, -0.1 * side)

    def elbow(t: float) -> Angles:
        return (0.15, 0.0, -0.3 + 0.45 * math.sin(5.0 * t + gait.start + 0.8)) if waves else (gait.elbow, 0.0, 0.0)

    cloth = ("dress" if frame.skirt else "top", "skin")
    long_sleeve = frame.sleeve >= 1
    upper = _limb(cloth, 0.165 * h, 0.028 * h, 0.023 * h, 1.0 if long_sleeve else 0.6, frame.segments)
    limbs.append(Limb(gather(upper), 0, (side * 0.112 * frame.wide * h, -0.278 * h, 0), shoulder, None))
    fore = _limb(cloth, 0.145 * h, 0.023 * h, 0.017 * h, 0.95 if long_sleeve else 0.0, frame.segments)
    fore.append(("skin", moved(ellipsoid(0.013 * h, 0.042 * h, 0.024 * h, frame.segments), y=0.185 * h)))
    limbs.append(Limb(gather(fore), len(limbs) - 1, (0, 0.165 * h, 0), elbow, None))


def _add_leg(limbs: list[Limb], frame: _Frame, side: int, gait: _Gait, phase: float) -> None:
    """Thigh, shank and shoe on the trunk; a knee is straight while its leg carries and bent while it swings forward."""
    h, seated = frame.h, gait.activity == "sit"

    def hip(t: float) -> Angles:
        if seated:
            return (math.pi / 2 - 0.05, 0.0, 0.0)
        return (gait.lean + math.asin(math.sin(gait.hip) * stride(gait.beat(t, phase), gait.duty)[0]), 0.0, 0.0)

    def knee(t: float) -> Angles:
        if seated:
            return (-math.pi / 2, 0.0, 0.0)
        return (-gait.knee * stride(gait.beat(t, phase), gait.duty)[1], 0.0, 0.0)

    def ankle(t: float) -> Angles:
        return (0.0 if seated else -hip(t)[0] - 0.75 * knee(t)[0] + gait.lean, 0.0, 0.0)

    cloth = ("skin" if frame.skirt else "bottom", "skin")
    thigh = _limb(
        cloth, 0.23 * h, 0.05 * h * frame.wide**0.5, 0.034 * h, 0.45 if frame.trouser <= 0 else 1.0, frame.segments
    )
    limbs.append(Limb(gather(thigh), 0, (side * 0.052 * frame.wide * h, 0.0, 0.0), hip, None))
    shank = _limb(cloth, 0.23 * h, 0.034 * h, 0.022 * h, 0.96 * frame.trouser, frame.segments)
    limbs.append(Limb(gather(shank), len(limbs) - 1, (0, 0.23 * h, 0), knee, None))
    limbs.append(Limb({"shoe": _foot(h)}, len(limbs) - 1, (0, 0.23 * h, 0), ankle, (0.0, 0.039 * h, 0.03 * h)))


def _foot(h: float) -> Mesh:
    """A shoe below its ankle, toes to +z."""
    return moved(rounded_box(0.055 * h, 0.042 * h, 0.15 * h, 0.02 * h), 0.0, 0.039 * h, 0.032 * h)


def snowman(rng: np.random.Generator, height: float = 1.5) -> Parts:
    """Three balls of snow with a hat, a nose and buttons; slots snow, nose, coal, hat."""
    pieces, level = [], 0.0
    for share in (0.42, 0.32, 0.24):
        size = height * share * rng.uniform(0.95, 1.05)
        pieces.append(("snow", moved(sphere(size / 2, 18), y=-level + 0.04 * height)))
        level += size * 0.86
    top = -level + 0.1 * height
    pieces.append(
        (
            "nose",
            capsule(
                (0, top + 0.02 * height, 0.1 * height), (0, top + 0.02 * height, 0.24 * height), 0.018 * height, 0.004
            ),
        )
    )
    pieces += [
        ("coal", moved(sphere(0.014 * height, 8), x * 0.045 * height, top - 0.02 * height, 0.1 * height))
        for x in (-1, 1)
    ]
    pieces.append(("hat", moved(cylinder(0.1 * height, 0.16 * height, 16), y=top - 0.06 * height)))
    return gather(pieces)
