"""Animals: four-legged ones of many builds, standing, walking, trotting or grazing, birds, butterflies, fish.

kind ─▶ Build (a row of proportions) ─rng varies it─▶ trunk lofted along the spine, neck, head, tail, legs ─▶ Body
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
    placed,
    scaled,
    transformed,
    tube,
)
from stillmotion.training.worlds.records import Mesh

TURN = 2.0 * math.pi


@dataclass(frozen=True, slots=True)
class Build:
    """Proportions of a four-legged animal in shares of its height at the shoulder, unless said otherwise."""

    shoulder: float  # metres
    length: float  # shoulder to hip
    chest: float  # half height of the trunk at the shoulder
    waist: float  # and before the hip
    plump: float  # width against height of the trunk
    neck: float  # its length
    neck_up: float  # radians above the level
    neck_thick: float
    head: float  # its length
    muzzle: float  # share of the head
    ears: float
    tail: float
    tail_thick: float
    tail_down: float  # radians below the level, behind
    leg_thick: float
    extras: tuple[str, ...]  # horns, antlers, mane, trunk, spots


KINDS = {
    "dog": Build(0.55, 0.95, 0.24, 0.17, 0.8, 0.32, 0.85, 0.13, 0.42, 0.5, 0.16, 0.5, 0.035, -0.5, 0.06, ()),
    "cat": Build(0.26, 1.15, 0.22, 0.2, 0.8, 0.2, 0.7, 0.14, 0.38, 0.25, 0.16, 1.0, 0.05, 0.2, 0.07, ()),
    "horse": Build(1.5, 0.95, 0.21, 0.19, 0.82, 0.55, 0.85, 0.14, 0.4, 0.62, 0.11, 0.55, 0.06, 1.2, 0.055, ("mane",)),
    "cow": Build(1.35, 1.05, 0.27, 0.27, 0.85, 0.35, 0.25, 0.15,
        0.4, 0.55, 0.12, 0.6, 0.025, 1.4, 0.06, ("horns", "udder")),
    "sheep": Build(0.75, 0.95, 0.34, 0.34, 0.95, 0.25, 0.7, 0.16, 0.36, 0.5, 0.13, 0.15, 0.05, 1.2, 0.05, ("wool",)),
    "deer": Build(1.05, 0.95, 0.2, 0.17, 0.75, 0.5, 0.95, 0.1, 0.32, 0.6, 0.15, 0.12, 0.04, 0.8, 0.042, ("antlers",)),
    "elephant": Build(2.9, 0.8, 0.3, 0.3, 0.85, 0.12, 0.2, 0.22, 0.38, 0.3, 0.3, 0.4, 0.02, 1.4, 0.12, ("trunk",)),
    "pig": Build(0.7, 1.15, 0.33, 0.32, 0.9, 0.15, 0.05, 0.26, 0.45, 0.5, 0.14, 0.2, 0.025, 0.3, 0.075, ()),
    "fox": Build(0.38, 1.15, 0.2, 0.16, 0.8, 0.28, 0.65, 0.13, 0.42, 0.5, 0.2, 0.95, 0.11, 0.5, 0.06, ()),
    "bear": Build(1.0, 1.05, 0.34, 0.33, 0.85, 0.25, 0.3, 0.24, 0.42, 0.42, 0.12, 0.1, 0.06, 0.9, 0.12, ()),
    "giraffe": Build(2.8, 0.6, 0.18, 0.15, 0.8, 0.85, 1.1, 0.08,
        0.24, 0.6, 0.08, 0.35, 0.02, 1.4, 0.045, ("spots", "horns")),
}  # fmt: skip


def quadruped(rng: np.random.Generator, kind: str, activity: str = "walk") -> Body:
    """An animal of this kind (see KINDS) at walk, trot, stand or graze; slots coat, mark, eye, nose, hoof, horn."""
    base = KINDS[kind]

    def vary(value: float, by: float = 0.1) -> float:
        return value * float(rng.uniform(1 - by, 1 + by))

    build = replace(
        base,
        shoulder=vary(base.shoulder, 0.15),
        length=vary(base.length),
        chest=vary(base.chest),
        waist=vary(base.waist),
        plump=vary(base.plump),
        neck=vary(base.neck),
        head=vary(base.head, 0.06),
        ears=vary(base.ears, 0.25),
        tail=vary(base.tail, 0.2),
    )
    s = build.shoulder
    swing, duty, period = {"walk": (0.34, 0.64, 1.15), "trot": (0.42, 0.52, 0.66)}.get(activity, (0.0, 0.64, 3.0))
    period *= math.sqrt(s) * rng.uniform(0.92, 1.08)
    start = rng.uniform(0, TURN)
    limbs = [Limb(_trunk(build), -1, (0.0, -s * (1 - build.chest * 0.4), 0.0), _sway(period, start, activity), None)]
    _add_neck(limbs, rng, build, activity, start)
    _add_tail(limbs, build, start)
    half = build.length * s / 2
    beats = {"trot": (0.0, 0.5, 0.5, 0.0)}.get(activity, (0.0, 0.5, 0.75, 0.25))
    for number, (side, z) in enumerate(((-1, half), (1, half), (-1, -half), (1, -half))):
        _add_leg(limbs, build, (side, z), _Step(swing, duty, period, start + TURN * beats[number]))
    legs = s * (1 - build.chest * 0.4)
    return Body(tuple(limbs), pace(legs, swing, duty, period), s * 1.6, half + s * 0.9)


@dataclass(frozen=True, slots=True)
class _Step:
    """How one leg goes."""

    swing: float  # radians to either side
    duty: float  # share of the time that its foot stands
    period: float  # seconds
    phase: float  # radians of the period

    def at(self, t: float) -> tuple[float, float]:
        """Before or behind its joint, and lifted: see `stride`."""
        if self.swing <= 0:
            return 0.0, 0.0
        return stride(TURN * t / self.period + self.phase, self.duty)


def _sway(period: float, start: float, activity: str) -> Swing:
    amount = {"walk": 0.018, "trot": 0.03}.get(activity, 0.004)
    return lambda t: (
        amount * math.sin(2 * TURN * t / period + start),
        0.0,
        amount * math.sin(TURN * t / period + start),
    )


def _trunk(build: Build) -> Parts:
    """The body from rump to breast about the middle of the back's line, lofted with oval sections."""
    s = build.shoulder
    half = build.length * s / 2
    chest, waist = build.chest * s, build.waist * s
    along = np.array([-1.32, -1.28, -1.15, -0.9, -0.45, 0.1, 0.6, 1.0, 1.22, 1.34, 1.38]) * half
    tall = np.array([0.05, 0.4, 0.78, 1.02, 1.0, 1.0, 1.0, 0.98, 0.72, 0.38, 0.05])
    tall = tall * np.interp(along, [-half, -0.3 * half, half], [waist * 1.06, waist, chest])
    back = np.array([0.35, 0.18, 0.06, 0.0, 0.03, 0.05, 0.02, 0.0, 0.12, 0.3, 0.42]) * chest
    middle = back + tall - 0.62 * chest
    angle = np.linspace(0, TURN, 19)
    x = np.cos(angle) * tall[:, None] * build.plump
    y = middle[:, None] + np.sin(angle) * tall[:, None]
    points = np.stack([x, y, np.broadcast_to(along[:, None], x.shape)], -1)
    uv = np.stack(np.broadcast_arrays(angle * chest, along[:, None]), -1)
    pieces = [("coat", lattice(points, uv))]
    if "wool" in build.extras:
        pieces = [("wool", scaled(pieces[0][1], 1.08, 1.04, 1.03))]
    if "udder" in build.extras:
        pieces.append(
            ("nose", moved(ellipsoid(0.09 * s, 0.08 * s, 0.1 * s, 10), 0.0, middle[2] + tall[2], -0.6 * half))
        )
    return gather(pieces)


def _add_neck(limbs: list[Limb], rng: np.random.Generator, build: Build, activity: str, start: float) -> None:
    s = build.shoulder
    long, thick = build.neck * s, build.neck_thick * s
    up = build.neck_up if activity != "graze" else -0.75 if build.neck > 0.3 else -0.5
    base = (0.0, -0.25 * build.chest * s, build.length * s / 2 + 0.12 * s)
    straight = capsule((0, 0.1 * thick, -0.8 * thick), (0, 0, long), thick * 1.35, thick * 0.82, 12)
    pieces = [("wool" if "wool" in build.extras else "coat", straight)]
    if "mane" in build.extras:
        mane = np.array(
            [[0, -thick * 1.35, -0.3 * thick], [0, -thick * 1.2, long * 0.5], [0, -thick * 1.0, long * 1.05]]
        )
        pieces.append(("mark", scaled(tube(mane, 0.28 * thick, 6), 0.45, 1, 1)))
    nod = {"walk": 0.05, "trot": 0.03, "graze": 0.08}.get(activity, 0.025)
    look = rng.normal() * 0.3 if activity in ("stand", "sit") else rng.normal() * 0.08
    rate = rng.uniform(1.5, 3.0)
    limbs.append(
        Limb(
            gather(pieces),
            0,
            base,
            lambda t: (up + nod * math.sin(rate * t + start), look * 0.5 + 0.05 * math.sin(0.7 * t + start), 0.0),
            None,
        )
    )
    face = -up - 0.3 if activity != "graze" else -0.45
    head = Limb(
        _head(build),
        1,
        (0.0, -0.02 * s, long),
        lambda t: (face, look + 0.06 * math.sin(0.9 * t + start), 0.0),
        None,
    )
    limbs.append(head)


def _head(build: Build) -> Parts:
    """Skull, muzzle, ears, eyes, and whatever this kind bears, its joint at the back of the skull, face to +z."""
    s = build.shoulder
    long = build.head * s
    skull = long * (1 - build.muzzle) * 0.78 + 0.12 * long
    high, wide = min(skull, build.neck_thick * s * 1.25), min(skull, build.neck_thick * s * 1.25) * 0.85
    pieces = [("coat", moved(ellipsoid(wide, high, skull, 14), z=0.35 * skull))]
    tip = (0.0, 0.28 * high, long * 0.92)
    pieces.append(("coat", capsule((0, 0.1 * high, 0.45 * skull), tip, wide * 0.78, wide * 0.5, 12)))
    pieces.append(
        (
            "nose",
            moved(ellipsoid(wide * 0.34, wide * 0.26, wide * 0.22, 10), 0.0, tip[1] - 0.2 * wide, tip[2] + wide * 0.38),
        )
    )
    for side in (-1, 1):
        pieces.append(
            (
                "eye",
                moved(
                    ellipsoid(wide * 0.14, wide * 0.16, wide * 0.16, 10), side * wide * 0.72, -0.32 * high, 0.85 * skull
                ),
            )
        )
        ear = build.ears * s
        pieces.append(
            (
                "coat",
                transformed(
                    _ear(ear, "trunk" in build.extras),
                    placed((side * wide * 0.62, -0.72 * high, 0.0), (-0.25, side * 0.3, side * 0.45)),
                ),
            )
        )
        if "horns" in build.extras:
            path = np.array([[0.45, -0.8, 0.2], [0.95, -1.15, 0.25], [1.15, -1.7, 0.35]]) * [side * wide, high, skull]
            pieces.append(("horn", tube(path, np.array([0.16, 0.11, 0.04]) * wide, 8)))
        if "antlers" in build.extras:
            beam = (
                np.array([[0.4, -0.8, 0], [1.1, -2.0, -0.5], [2.0, -3.2, -0.6], [2.0, -4.4, 0.2]]) * wide * [side, 1, 1]
            )
            pieces.append(("horn", tube(beam, np.array([0.16, 0.12, 0.09, 0.04]) * wide, 6)))
            pieces += [
                (
                    "horn",
                    capsule(
                        beam[i], beam[i] + [side * 0.2 * wide, -0.6 * wide, 1.0 * wide], 0.1 * wide, 0.03 * wide, 6
                    ),
                )
                for i in (1, 2)
            ]
    if "trunk" in build.extras:
        share = np.linspace(0, 1, 9)
        path = np.stack([0 * share, 0.3 * high + share * 0.75 * s, long * 0.85 + 0.14 * s * np.sin(2.2 * share)], -1)
        pieces.append(("coat", tube(path, np.linspace(0.5, 0.2, 9) * wide, 10)))
        pieces += [
            (
                "horn",
                capsule(
                    (x * 0.5 * wide, 0.45 * high, long * 0.8),
                    (x * 0.6 * wide, 1.1 * high, long * 1.5),
                    0.11 * wide,
                    0.03 * wide,
                ),
            )
            for x in (-1, 1)
        ]
    return gather(pieces)


def _ear(size: float, flap: bool) -> Mesh:
    """An upright ear, or the hanging flap of an elephant."""
    if flap:
        return moved(ellipsoid(0.75 * size, 0.95 * size, 0.06 * size, 14), 0.0, 0.75 * size, -0.1 * size)
    return scaled(
        lathe([(0.22 * size, -0.15 * size), (0.3 * size, 0.25 * size), (0.2 * size, 0.7 * size), (0.0, size)], 10),
        1,
        1,
        0.5,
    )


def _add_tail(limbs: list[Limb], build: Build, start: float) -> None:
    s = build.shoulder
    long, thick = build.tail * s, build.tail_thick * s
    share = np.linspace(0, 1, 6)
    bushy = build.tail_thick > 0.08
    radii = thick * (np.sin(np.pi * np.clip(0.15 + 0.8 * share, 0, 1)) if bushy else np.linspace(1, 0.5, 6))
    path = np.stack([0 * share, 0.12 * long * np.sin(np.pi * share), -long * share], -1)
    slot = "mark" if "mane" in build.extras else "wool" if "wool" in build.extras else "coat"
    at = (0.0, -0.42 * build.chest * s, -build.length * s / 2 * 1.26)
    down = build.tail_down
    wag = 0.25 if build.tail > 0.3 else 0.1
    limbs.append(
        Limb({slot: tube(path, radii, 8)}, 0, at, lambda t: (down, wag * math.sin(2.3 * t + start), 0.0), None)
    )


def _add_leg(limbs: list[Limb], build: Build, place: tuple[int, float], step: _Step) -> None:
    """Upper leg, lower leg and foot below a shoulder or a hip."""
    side, z = place
    s = build.shoulder
    length = s * (1 - build.chest * 0.4)
    fore = z > 0
    thick = build.leg_thick * s
    upper, lower = length * 0.5, length * 0.5
    x = side * min(build.chest, build.waist) * build.plump * s * 0.62

    def hip(t: float) -> Angles:
        return ((0.0 if fore else 0.16) + math.asin(math.sin(step.swing) * step.at(t)[0]), 0.0, 0.0)

    def knee(t: float) -> Angles:
        bent = (2.3 if fore else 1.9) * step.swing * step.at(t)[1]
        return (-bent if fore else -0.16 - bent, 0.0, 0.0)

    wide = min(build.chest * s * 0.45, thick * 2.6)
    limbs.append(Limb({"coat": capsule((0, 0, 0), (0, upper, 0), wide, thick * 1.02, 10)}, 0, (x, 0.0, z), hip, None))
    pieces = [("coat", capsule((0, 0, 0), (0, lower - 1.3 * thick, 0), thick, thick * 0.72, 10))]
    foot = moved(cylinder(thick, 1.4 * thick, 10, top=thick * 0.72), y=lower)
    pieces.append(("hoof", foot))
    limbs.append(Limb(gather(pieces), len(limbs) - 1, (0, upper, 0), knee, (0.0, lower, 0.0)))
