"""People: standing, walking, running or sitting, in many sizes and clothes.

rng, activity ─▶ trunk, head with hair, arms, legs on joints ─▶ Body (slots skin, hair, top, bottom, shoe, hat, bag)
"""

from __future__ import annotations

import math

import numpy as np

from stillmotion.training.worlds.meshes.figures import Angles, Body, Limb, Swing, held
from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    capsule,
    cylinder,
    ellipsoid,
    lathe,
    lattice,
    moved,
    scaled,
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


def _head(rng: np.random.Generator, h: float) -> Parts:
    """A head on its neck; the joint is at the neck's foot."""
    size = 0.066 * h
    centre = -0.125 * h
    pieces = [("skin", capsule((0, 0.01 * h, 0), (0, -0.06 * h, 0.005 * h), 0.031 * h, 0.029 * h))]
    pieces.append(("skin", moved(ellipsoid(size * 0.78, size, size * 0.92, 16), y=centre)))
    pieces.append(
        ("skin", moved(ellipsoid(size * 0.5, size * 0.45, size * 0.5, 12), 0.0, centre + 0.6 * size, 0.32 * size))
    )
    pieces.append(
        ("skin", moved(ellipsoid(size * 0.13, size * 0.22, size * 0.2, 8), 0.0, centre + 0.1 * size, 0.93 * size))
    )
    for side in (-1, 1):
        pieces.append(
            (
                "eye",
                moved(
                    ellipsoid(size * 0.12, size * 0.09, size * 0.06, 8),
                    side * 0.32 * size,
                    centre - 0.12 * size,
                    0.82 * size,
                ),
            )
        )
        pieces.append(
            (
                "skin",
                moved(ellipsoid(size * 0.09, size * 0.25, size * 0.16, 8), side * 0.78 * size, centre, -0.02 * size),
            )
        )
    style = rng.random()
    if style < 0.9:
        pieces.append(
            (
                "hair",
                moved(ellipsoid(size * 0.84, size * 0.86, size * 0.96, 16), 0.0, centre - 0.22 * size, -0.13 * size),
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


def _limb(slot: str, end_slot: str, long: float, thick: float, thin: float, cover: float) -> list[tuple[str, Mesh]]:
    """A limb straight down from its joint, covered by clothes over a share of it."""
    pieces = []
    if cover > 0:
        middle = thick + (thin - thick) * cover
        pieces.append((slot, capsule((0, 0, 0), (0, long * cover, 0), thick * 1.08, middle * 1.1, 10)))
    if cover < 1:
        pieces.append((end_slot, capsule((0, 0, 0), (0, long, 0), thick * 0.98, thin, 10)))
    return pieces


def _foot(h: float) -> Mesh:
    """A shoe below its ankle, toes to +z."""
    return moved(scaled(rounded_box(0.055 * h, 0.042 * h, 0.15 * h, 0.02 * h), 1, 1, 1), 0.0, 0.039 * h, 0.032 * h)


def _cycle(swing: float, mean: float, period: float, phase: float) -> Swing:
    """A joint that swings about x."""
    return lambda t: (mean + swing * math.sin(TURN * t / period + phase), 0.0, 0.0)


def _knee(bend: float, least: float, period: float, phase: float) -> Swing:
    """A knee: straight while the leg carries, bent while it swings forward."""

    def angles(t: float) -> Angles:
        forward = max(0.0, math.cos(TURN * t / period + phase))
        return (-least - bend * forward**1.5, 0.0, 0.0)

    return angles


def person(rng: np.random.Generator, activity: str = "walk", height: float | None = None) -> Body:
    """Somebody who walks, runs, stands, sits or waves."""
    h = height or float(rng.choice([rng.uniform(1.5, 1.92), rng.uniform(1.0, 1.45)], p=[0.85, 0.15]))
    wide, deep = rng.uniform(0.88, 1.2), rng.uniform(0.9, 1.35)
    period = {"run": rng.uniform(0.62, 0.75), "walk": rng.uniform(0.98, 1.2)}.get(
        activity, rng.uniform(2.5, 5.0)
    ) * math.sqrt(h / 1.75)
    start = rng.uniform(0, TURN)
    hip_swing, knee_bend, arm_swing, elbow = {
        "walk": (rng.uniform(0.36, 0.44), 0.95, rng.uniform(0.3, 0.5), 0.25),
        "run": (rng.uniform(0.65, 0.8), 1.6, rng.uniform(0.6, 0.9), 1.5),
    }.get(activity, (0.0, 0.0, 0.03, 0.15))
    dress = rng.random() < 0.22 and activity in ("walk", "stand", "wave")
    skirt = h * rng.uniform(0.1, 0.26) if dress else 0.0
    sleeve, trouser = float(rng.choice([0.45, 1.0], p=[0.35, 0.65])), float(rng.choice([0.0, 1.0], p=[0.2, 0.8]))
    seated = activity == "sit"
    lean = {"run": 0.16, "walk": 0.03}.get(activity, 0.0)
    stretch = 0.24 if dress else 0.0

    def trunk_swing(t):
        return (
            -lean,
            0.06 * (hip_swing > 0) * math.sin(TURN * t / period + start),
            0.015 * math.sin(TURN * t / period + start),
        )

    trunk = {("top" if not dress else "dress"): _trunk(h, wide, deep, skirt)}
    if not dress:
        trunk = gather(
            [("bottom", moved(ellipsoid(0.1 * wide * h, 0.055 * h, 0.074 * deep * h), y=0.012 * h)), *trunk.items()]
        )
    if rng.random() < 0.2:
        trunk = gather(
            [
                *trunk.items(),
                ("bag", moved(rounded_box(0.16 * h, 0.22 * h, 0.09 * h, 0.03 * h), 0.0, -0.08 * h, -0.115 * deep * h)),
            ]
        )
    limbs = [Limb(trunk, -1, (0, -0.5 * h, 0), trunk_swing, None)]
    look = rng.normal() * 0.25
    limbs.append(
        Limb(
            _head(rng, h),
            0,
            (0, -0.315 * h, 0),
            lambda t: (0.02 + lean * 0.8, look + 0.1 * math.sin(0.9 * t + start), 0.0),
            None,
        )
    )
    for side in (-1, 1):
        phase = start + (math.pi if side > 0 else 0.0)
        waves = activity == "wave" and side > 0
        _add_arm(
            limbs,
            h,
            wide,
            side,
            sleeve,
            _arm_swing(arm_swing, period, phase, seated, waves, start),
            elbow,
            waves,
            start,
            seated,
        )
        _add_leg(
            limbs,
            h,
            wide,
            side,
            0.0 if dress else trouser,
            (hip_swing * (1 - stretch), knee_bend, period, phase + math.pi),
            activity,
        )
    leg = 0.49 * h
    speed = {"run": 1.5, "walk": 1.0}.get(activity, 0.0) * 4 * leg * math.sin(hip_swing * (1 - stretch)) / period
    return Body(tuple(limbs), speed, h, 0.45 * h)


def _arm_swing(swing: float, period: float, phase: float, seated: bool, waves: bool, start: float) -> Swing:
    if seated:
        return held(0.5, 0.0, 0.0)
    if waves:
        return lambda t: (0.1, 0.0, 2.5 + 0.12 * math.sin(5.0 * t + start))
    return lambda t: (swing * math.sin(TURN * t / period + phase), 0.0, 0.0)


def _add_arm(
    limbs: list[Limb],
    h: float,
    wide: float,
    side: int,
    sleeve: float,
    swing: Swing,
    elbow: float,
    waves: bool,
    start: float,
    seated: bool,
) -> None:
    """Upper arm, forearm with hand on the trunk (limb 0)."""
    upper = _limb("top", "skin", 0.165 * h, 0.028 * h, 0.023 * h, 1.0 if sleeve >= 1 else sleeve * 1.3)
    out = -0.1 * side

    def shoulder(t: float) -> Angles:
        x, y, z = swing(t)
        return (x, y, -z if waves else out + z)

    limbs.append(Limb(gather(upper), 0, (side * 0.112 * wide * h, -0.278 * h, 0), shoulder, None))
    fore = _limb("top", "skin", 0.145 * h, 0.023 * h, 0.017 * h, 0.95 if sleeve >= 1 else 0.0)
    fore.append(("skin", moved(ellipsoid(0.013 * h, 0.042 * h, 0.024 * h, 10), y=0.185 * h)))
    bend = 1.0 if seated else elbow
    wave = (lambda t: (0.15, 0.0, -0.3 + 0.45 * math.sin(5.0 * t + start + 0.8))) if waves else held(bend, 0.0, 0.0)
    limbs.append(Limb(gather(fore), len(limbs) - 1, (0, 0.165 * h, 0), wave, None))


def _add_leg(
    limbs: list[Limb],
    h: float,
    wide: float,
    side: int,
    trouser: float,
    gait: tuple[float, float, float, float],
    activity: str,
) -> None:
    """Thigh, shank and shoe on the trunk."""
    swing, bend, period, phase = gait
    seated = activity == "sit"
    hip: Swing = held(math.pi / 2 - 0.05) if seated else _cycle(swing, 0.06, period, phase)
    knee: Swing = held(-math.pi / 2) if seated else _knee(bend, 0.06, period, phase)
    if swing == 0.0 and not seated:
        hip, knee = held(0.0), held(0.0)
    thigh = _limb("bottom", "skin", 0.23 * h, 0.05 * h * wide**0.5, 0.034 * h, 1.0 if trouser > 0 else 0.45)
    limbs.append(Limb(gather(thigh), 0, (side * 0.052 * wide * h, 0.0, 0.0), hip, None))
    shank = _limb("bottom", "skin", 0.23 * h, 0.034 * h, 0.022 * h, 0.96 * trouser)
    limbs.append(Limb(gather(shank), len(limbs) - 1, (0, 0.23 * h, 0), knee, None))

    def ankle(t: float) -> Angles:
        return (-0.75 * (hip(t)[0] + knee(t)[0]) if not seated else 0.0, 0.0, 0.0)

    limbs.append(Limb({"shoe": _foot(h)}, len(limbs) - 1, (0, 0.23 * h, 0), ankle, (0.0, 0.039 * h, 0.03 * h)))


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
