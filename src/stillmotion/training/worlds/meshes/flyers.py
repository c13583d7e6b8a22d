"""Birds, butterflies and fish: bodies whose wings or tails beat.

rng, length in metres ─▶ body tube, wings of two sheets each, tail fan ─▶ Body
"""

from __future__ import annotations

import math

import numpy as np

from stillmotion.training.worlds.meshes.figures import Angles, Body, Limb, Swing, held
from stillmotion.training.worlds.meshes.parts import gather
from stillmotion.training.worlds.meshes.solids import (
    capsule,
    ellipsoid,
    lattice,
    moved,
    placed,
    scaled,
    transformed,
    tube,
)
from stillmotion.training.worlds.records import Mesh

TURN = 2.0 * math.pi


def _feather_sheet(long: float, wide: float, bend: float, side: int) -> Mesh:
    """One segment of a wing along x (to `side`), its front edge at +z, slightly domed."""
    s, t = np.meshgrid(np.linspace(0, 1, 7), np.linspace(0, 1, 5))
    x = side * long * s
    chord = wide * (1 - bend * s**1.6)
    z = wide * 0.32 * (1 - 0.35 * bend * s) - chord * t
    y = -0.12 * wide * np.sin(np.pi * (0.15 + 0.7 * t)) * (1 - 0.5 * s)
    sheet = lattice(np.stack([x, y, z], -1), np.stack([s * long, t * wide], -1), flip=side > 0)
    if sheet.normals[:, 1].mean() > 0:
        sheet = lattice(np.stack([x, y, z], -1), np.stack([s * long, t * wide], -1), flip=side < 0)
    return sheet


def bird(rng: np.random.Generator, length: float = 0.4, flying: bool = True) -> Body:
    """A bird that flies with beating wings, about its own middle, or stands; slots coat, wing, mark, beak, eye, leg."""
    s = length
    share = np.linspace(0, 1, 12)
    radii = s * np.interp(
        share, [0, 0.1, 0.35, 0.6, 0.78, 0.86, 0.96, 1], [0.02, 0.05, 0.15, 0.16, 0.1, 0.095, 0.07, 0.02]
    )
    rise = s * np.interp(share, [0, 0.6, 0.85, 1], [0.0, 0.0, 0.06, 0.08])
    body = tube(np.stack([0 * share, -rise, s * (share - 0.55)], -1), radii, 12)
    pieces = [
        ("coat", body),
        ("beak", capsule((0, -0.08 * s, 0.43 * s), (0, -0.06 * s, 0.55 * s), 0.03 * s, 0.006 * s)),
    ]
    pieces += [
        ("eye", moved(ellipsoid(0.012 * s, 0.014 * s, 0.014 * s, 8), x * 0.062 * s, -0.11 * s, 0.37 * s))
        for x in (-1, 1)
    ]
    fan = _feather_sheet(0.3 * s, 0.22 * s, 0.2, 1)
    pieces.append(("mark", transformed(fan, placed((0.035 * s, -0.01 * s, -0.42 * s), (0, np.pi / 2, 0)))))
    beat = rng.uniform(2.2, 5.5) * (0.4 / s) ** 0.5
    start = rng.uniform(0, TURN)
    glide = rng.random() < 0.25
    amount = 0.08 if glide else rng.uniform(0.5, 0.85)
    up = 0.0 if flying else 0.55
    span = rng.uniform(0.55, 0.75)
    limbs = [Limb(gather(pieces), -1, (0, 0, 0), held(0.0 if flying else up), None)]
    if flying:
        for side in (-1, 1):
            _add_wing(limbs, s, side, span, amount, beat, start)
    else:
        for side in (-1, 1):
            folded = scaled(ellipsoid(0.035 * s, 0.1 * s, 0.3 * s, 14), 1, 1, 1)
            limbs.append(
                Limb({"wing": folded}, 0, (side * 0.145 * s, -0.03 * s, -0.12 * s), held(-0.05, side * 0.12, 0), None)
            )
            leg = gather(
                [
                    ("leg", capsule((0, 0, 0), (0, 0.26 * s, 0), 0.014 * s, 0.01 * s, 6)),
                    ("leg", capsule((0, 0.26 * s, -0.02 * s), (0, 0.26 * s, 0.09 * s), 0.01 * s, 0.006 * s, 6)),
                ]
            )
            limbs.append(Limb(leg, 0, (side * 0.06 * s, 0.09 * s, 0.02 * s), held(-up), (0.0, 0.268 * s, 0.0)))
    return Body(tuple(limbs), 9.0 if flying else 0.0, 0.5 * s, 1.3 * s if flying else 0.6 * s)


def _add_wing(limbs: list[Limb], s: float, side: int, span: float, amount: float, beat: float, start: float) -> None:
    """Inner and outer wing; +z turns take +x down, so both sides beat together with opposite signs."""

    def inner(t: float) -> Angles:
        return (0.0, 0.0, -side * (0.12 + amount * math.sin(TURN * beat * t + start)))

    def outer(t: float) -> Angles:
        return (0.0, side * 0.15, side * (0.12 - 0.7 * amount * math.cos(TURN * beat * t + start)))

    limbs.append(
        Limb(
            {"wing": _feather_sheet(span * s * 0.75, 0.36 * s, 0.15, side)},
            0,
            (side * 0.1 * s, -0.08 * s, 0.06 * s),
            inner,
            None,
        )
    )
    limbs.append(
        Limb(
            {"wing": _feather_sheet(span * s, 0.31 * s, 0.75, side)},
            len(limbs) - 1,
            (side * span * s * 0.75, 0.0, 0.0),
            outer,
            None,
        )
    )


def butterfly(rng: np.random.Generator, size: float = 0.05) -> Body:
    """A butterfly about its own middle; slots dark, wing, mark."""
    beat, start, amount = rng.uniform(3, 8), rng.uniform(0, TURN), rng.uniform(0.5, 0.8)
    body = {
        "dark": tube(
            np.array([[0, 0, -0.35], [0, 0, 0.0], [0, 0, 0.3]]) * size, np.array([0.025, 0.05, 0.045]) * size, 8
        )
    }
    limbs = [Limb(body, -1, (0, 0, 0), held(), None)]
    for side in (-1, 1):
        angle = np.linspace(0, TURN, 22)
        upper = np.stack([0.42 + 0.42 * np.cos(angle), 0.28 + 0.34 * np.sin(angle) + 0.2 * np.cos(angle)], -1)
        lower = np.stack([0.33 + 0.33 * np.cos(angle), -0.25 + 0.27 * np.sin(angle)], -1)
        pieces = [("wing", _leaf(upper * size, side)), ("mark", _leaf(lower * size, side))]
        pieces.append(("dark", moved(_leaf((upper * 0.25 + [0.45, 0.32]) * size, side), y=-0.004 * size)))
        limbs.append(Limb(gather(pieces), 0, (side * 0.03 * size, 0, 0), _flutter(side, amount, beat, start), None))
    return Body(tuple(limbs), 1.2, size, size)


def _flutter(side: int, amount: float, beat: float, start: float) -> Swing:
    return lambda t: (0.0, 0.0, -side * (0.45 + amount * math.sin(TURN * beat * t + start)))


def _leaf(outline: np.ndarray, side: int) -> Mesh:
    """A flat sheet within an outline (k, 2) of x (to `side`) and z, facing up."""
    middle = outline.mean(0)
    rings = np.stack([middle + (outline - middle) * share for share in (0.02, 0.5, 1.0)])
    points = np.stack([side * rings[..., 0], 0 * rings[..., 0], rings[..., 1]], -1)
    return lattice(points, rings, flip=side < 0)


def fish(rng: np.random.Generator, length: float = 0.2) -> Body:
    """A fish about its own middle whose tail beats; slots coat, mark (fins), eye."""
    s = length
    share = np.linspace(0, 1, 12)
    tall = s * rng.uniform(0.13, 0.24)
    radii = np.interp(share, [0, 0.2, 0.55, 0.8, 0.95, 1], [0.16, 0.5, 1.0, 0.85, 0.4, 0.1])
    front = scaled(tube(np.stack([0 * share, 0 * share, s * (share * 0.7 - 0.2)], -1), radii * tall, 14), 0.45, 1, 1)
    pieces = [("coat", front)]
    pieces += [
        ("eye", moved(ellipsoid(0.01 * s, 0.022 * s, 0.022 * s, 10), x * 0.3 * tall, -0.2 * tall, 0.36 * s))
        for x in (-1, 1)
    ]
    fin = _leaf(np.array([[-0.03, 0.18], [0.09, 0.0], [0.1, -0.12], [-0.02, -0.12], [-0.03, 0.18]])[::-1] * s, 1)
    pieces.append(("mark", transformed(fin, placed((0, -0.8 * tall, 0), (0, 0, -np.pi / 2)))))
    rate, start = rng.uniform(1.2, 3.0), rng.uniform(0, TURN)
    limbs = [Limb(gather(pieces), -1, (0, 0, 0), lambda t: (0.0, 0.12 * math.sin(TURN * rate * t + start), 0.0), None)]
    stem = scaled(capsule((0, 0, 0), (0, 0, -0.17 * s), 0.2 * tall, 0.14 * tall), 0.6, 1, 1)
    tail = _leaf(
        np.array([[0.0, 0.08], [0.55 * tall / s, -0.18], [0.0, -0.1], [-0.55 * tall / s, -0.18], [0.0, 0.08]])[::-1]
        * s,
        1,
    )
    back = gather([("coat", stem), ("mark", transformed(tail, placed((0, 0, -0.16 * s), (0, 0, np.pi / 2))))])
    limbs.append(
        Limb(back, 0, (0, 0, -0.19 * s), lambda t: (0.0, 0.45 * math.sin(TURN * rate * t + start - 1.0), 0.0), None)
    )
    return Body(tuple(limbs), 0.3, 2 * tall, s)
