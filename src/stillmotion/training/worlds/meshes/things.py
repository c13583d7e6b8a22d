"""What stands on a table: crockery, bottles, fruit, bread, books, candles, toys.

rng, size in metres ─▶ profile turned or outline extruded ─▶ Parts (slots named by what they are made of)
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    TURN,
    box,
    capsule,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    lattice,
    make_mesh,
    moved,
    placed,
    sphere,
    transformed,
    tube,
    turned,
)
from stillmotion.training.worlds.records import Mesh


def rounded_box(width: float, height: float, depth: float, edge: float, steps: int = 2) -> Mesh:
    """A box on y = 0 with its edges rounded by `edge` metres in `steps` bends; uv in metres along each side."""
    bends = np.linspace(0.8, 1, steps)
    ticks = np.concatenate([-bends[::-1], bends])
    first, second = np.meshgrid(ticks, ticks)
    pieces = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            cube = np.stack(
                [np.roll([side * np.ones_like(first), first, second], axis, axis=0)[i] for i in range(3)], -1
            )
            pieces.append((cube, side))
    half = np.array([width, height, depth]) / 2
    edge = min(edge, float(half.min()))
    points, faces = [], []
    for number, (cube, side) in enumerate(pieces):
        inner = np.clip(cube / 0.8, -1, 1) * (half - edge)
        out = np.where(np.abs(cube) >= 0.8, (np.abs(cube) - 0.8) / 0.2, 0.0) * np.sign(cube)
        out = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-9)
        points.append((inner, out))
        sheet = lattice(cube, np.zeros((2 * steps, 2 * steps, 2)), flip=side < 0)
        faces.append(sheet.faces + 4 * steps**2 * number)
    inner = np.concatenate([i.reshape(-1, 3) for i, _ in points])
    out = np.concatenate([o.reshape(-1, 3) for _, o in points])
    place = inner + edge * out - [0, half[1], 0]
    biggest = np.abs(out).argmax(1)
    uv = np.where(
        biggest[:, None] == 0, place[:, [2, 1]], np.where(biggest[:, None] == 1, place[:, [0, 2]], place[:, :2])
    )
    return make_mesh(place, out, uv, np.concatenate(faces))


def vessel(outline: np.ndarray, thick: float, segments: int = 28) -> Mesh:
    """An open vessel: the outer profile (radius, height) from below to above, and the same inside, `thick` within."""
    inside = outline[::-1] - np.array([thick, 0.0])
    inside[:, 0] = np.maximum(inside[:, 0], 0.0)
    inside[:, 1] = np.maximum(inside[:, 1], thick)
    bottom = np.array([[0.0, 0.0]])
    whole = np.concatenate([bottom, outline, inside, [[0.0, thick]]])
    return lathe(_creased(whole), segments)


def _creased(profile: np.ndarray) -> np.ndarray:
    """The profile with points doubled close to every corner, so that smooth normals bend only there."""
    result = [profile[0]]
    for before, corner, after in zip(profile[:-2], profile[1:-1], profile[2:], strict=True):
        back, on = before - corner, after - corner
        long_back, long_on = np.linalg.norm(back), np.linalg.norm(on)
        if min(long_back, long_on) < 1e-6:
            result.append(corner)
            continue
        sharp = np.dot(back, on) / (long_back * long_on) > -0.86
        if sharp:
            reach = min(0.002, 0.2 * long_back, 0.2 * long_on)
            result += [corner + back / long_back * reach, corner + on / long_on * reach]
        else:
            result.append(corner)
    return np.array([*result, profile[-1]])


def curve(points: list[tuple[float, float]], count: int = 14) -> np.ndarray:
    """A smooth profile (count, 2) through a few points: Catmull-Rom."""
    p = np.array([points[0], *points, points[-1]], float)
    share = np.linspace(0, len(points) - 1 - 1e-6, count)
    at, t = share.astype(int), (share % 1.0)[:, None]
    a, b, c, d = p[at], p[at + 1], p[at + 2], p[at + 3]
    smooth = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    smooth[:, 0] = np.maximum(smooth[:, 0], 0.0)
    return smooth


def cup(rng: np.random.Generator, height: float = 0.09, handle: bool = True) -> Parts:
    """A cup or mug with something to drink in it; slots ceramic, drink."""
    foot, belly, rim = (
        height * rng.uniform(0.28, 0.45),
        height * rng.uniform(0.4, 0.58),
        height * rng.uniform(0.42, 0.6),
    )
    outline = curve([(foot, 0.0), (belly, height * 0.4), (rim, height)])
    thick = 0.05 * height
    pieces = [("ceramic", vessel(outline, thick))]
    level = height * rng.uniform(0.7, 0.9)
    radius = float(np.interp(level, outline[:, 1], outline[:, 0])) - 0.9 * thick
    pieces.append(("drink", moved(lathe([(radius, 0), (0, 0)], 24), y=-level)))
    if handle:
        angle = np.linspace(-0.52 * np.pi, 0.52 * np.pi, 12)
        near = float(np.interp(height * 0.5, outline[:, 1], outline[:, 0])) + 0.01 * height
        reach = height * rng.uniform(0.25, 0.38)
        path = np.stack([near + reach * np.cos(angle), -height * (0.52 + 0.3 * np.sin(angle)), 0 * angle], -1)
        pieces.append(("ceramic", turned(tube(path, 0.055 * height, 8), y=rng.uniform(0, TURN))))
    return gather(pieces)


def plate(rng: np.random.Generator, width: float = 0.24) -> Parts:
    """A plate, flat or deep; slot ceramic."""
    radius, deep = width / 2, width * rng.uniform(0.06, 0.16)
    flat = rng.uniform(0.5, 0.75)
    outline = curve(
        [(radius * flat * 0.9, 0.0), (radius * flat, 0.12 * deep), (radius * 0.85, 0.7 * deep), (radius, deep)], 12
    )
    return gather([("ceramic", vessel(outline, 0.016 * width, 36))])


def bowl(rng: np.random.Generator, width: float = 0.2) -> Parts:
    """A bowl; slot ceramic."""
    height = width * rng.uniform(0.3, 0.5)
    bulge = rng.uniform(0.35, 0.48)
    outline = curve([(width * 0.2, 0.0), (width * bulge, height * 0.45), (width / 2, height)])
    return gather([("ceramic", vessel(outline, 0.02 * width, 36))])


def bottle(rng: np.random.Generator, height: float = 0.28) -> Parts:
    """A bottle with its label and cap; slots glass, label, cap."""
    body, neck = height * rng.uniform(0.11, 0.17), height * rng.uniform(0.04, 0.055)
    shoulder = height * rng.uniform(0.5, 0.68)
    throat = shoulder + (height - shoulder) * rng.uniform(0.4, 0.7)
    points = [(0, 0), (body * 0.94, 0), (body, 0.015 * height), (body, shoulder)]
    points += [
        tuple(p) for p in curve([(body, shoulder), ((body + neck) * 0.53, (shoulder + throat) / 2), (neck, throat)], 8)
    ]
    profile = np.array([*points, (neck, height * 0.97), (0, height * 0.97)])
    low, high = shoulder * rng.uniform(0.15, 0.3), shoulder * rng.uniform(0.7, 0.92)
    label = moved(lathe([(body * 1.012, 0), (body * 1.012, high - low)], 28), y=-low)
    cap = moved(cylinder(neck * 1.15, 0.07 * height, 16), y=-0.94 * height)
    return gather([("glass", lathe(_creased(profile), 28)), ("label", label), ("cap", cap)])


def jar(rng: np.random.Generator, height: float = 0.13) -> Parts:
    """A jar with a lid; slots glass, cap."""
    body = height * rng.uniform(0.33, 0.5)
    profile = np.array(
        [
            (0, 0),
            (body * 0.95, 0),
            (body, 0.06 * height),
            (body, 0.8 * height),
            (body * 0.8, 0.88 * height),
            (0, 0.88 * height),
        ]
    )
    cap = moved(cylinder(body * 0.86, 0.12 * height, 24), y=-0.86 * height)
    return gather([("glass", lathe(_creased(profile), 28)), ("cap", cap)])


def vase(rng: np.random.Generator, height: float = 0.25) -> Parts:
    """A vase, open above; slot ceramic."""
    a, b, c, d = height * rng.uniform([0.14, 0.2, 0.09, 0.1], [0.24, 0.38, 0.2, 0.26])
    outline = curve([(a, 0.0), (b, height * rng.uniform(0.25, 0.55)), (c, height * 0.82), (d, height)], 18)
    return gather([("ceramic", vessel(outline, 0.025 * height, 32))])


def candle(rng: np.random.Generator, height: float = 0.12) -> Parts:
    """A burning candle; slots wax, wick, flame (it lights)."""
    radius = height * rng.uniform(0.12, 0.35)
    flame = lathe(curve([(0.0005, 0), (0.006, 0.008), (0.0035, 0.02), (0.0, 0.032)], 10), 12)
    wax = lathe(
        _creased(np.array([(0, 0), (radius, 0), (radius, height), (radius * 0.7, height * 0.985), (0, height * 0.96)])),
        24,
    )
    wick = moved(cylinder(0.0009, 0.012, 6), y=-0.96 * height)
    return gather([("wax", wax), ("wick", wick), ("flame", moved(flame, y=-0.96 * height - 0.008))])


def book(rng: np.random.Generator, height: float = 0.22) -> Parts:
    """A book that lies flat, its back to -x; slots cover, paper."""
    width, thick = height * rng.uniform(0.65, 0.8), height * rng.uniform(0.06, 0.22)
    board = 0.012 * height
    paper = moved(box(width * 0.97, thick - 2 * board, height * 0.96), x=-0.005 * height, y=-board)
    back = moved(box(board, thick, height), x=-width / 2)
    return gather(
        [
            ("cover", box(width, board, height)),
            ("cover", moved(box(width, board, height), y=-thick + board)),
            ("cover", back),
            ("paper", paper),
        ]
    )


def cutlery(rng: np.random.Generator, kind: str, length: float = 0.19) -> Parts:
    """A knife, fork or spoon that lies along z; slot metal."""
    thick = 0.012 * length
    handle = [(-0.035, 0.0), (0.035, 0.0), (0.05, 0.1), (0.022, 0.5), (0.022, 0.62)]
    ends = {
        "knife": [(0.05, 0.66), (0.055, 0.85), (0.01, 1.0), (-0.022, 0.62)],
        "spoon": [
            (0.06, 0.7),
            (0.085, 0.82),
            (0.06, 0.95),
            (0.0, 1.0),
            (-0.06, 0.95),
            (-0.085, 0.82),
            (-0.06, 0.7),
            (-0.022, 0.62),
        ],
        "fork": [
            (0.07, 0.7),
            (0.075, 1.0),
            (0.045, 1.0),
            (0.04, 0.78),
            (0.018, 0.78),
            (0.015, 1.0),
            (-0.015, 1.0),
            (-0.018, 0.78),
            (-0.04, 0.78),
            (-0.045, 1.0),
            (-0.075, 1.0),
            (-0.07, 0.7),
            (-0.022, 0.62),
        ],
    }
    outline = np.array([*handle, *ends[kind], (-0.022, 0.5), (-0.05, 0.1)]) * length
    outline[:, 1] -= length / 2
    return gather(
        [("metal", moved(turned(extrude(outline, thick), x=-np.pi / 2, y=rng.normal() * 0.05), y=-thick / 2))]
    )


def toy_blocks(rng: np.random.Generator, size: float = 0.04, count: int = 5) -> Parts:
    """A tower of wooden blocks; slots block0 to block3."""
    pieces, level = [], 0.0
    for number in range(count):
        width, height = size * rng.uniform(0.8, 1.25), size * rng.uniform(0.6, 1.2)
        block = rounded_box(width, height, width, 0.06 * size, 4)
        pieces.append((f"block{number % 4}", transformed(block, placed((0, -level, 0), (0, rng.uniform(0, TURN), 0)))))
        level += height
    return gather(pieces)


def gem_ball(size: float = 0.06) -> Mesh:
    """A ball that rests on y = 0, with uv once around (for stripes)."""
    return sphere(size / 2, 24)


def toy_duck(size: float = 0.09) -> Parts:
    """A bath duck; slots body, beak, eye."""
    s = size
    pieces = [
        ("body", moved(ellipsoid(0.3 * s, 0.27 * s, 0.42 * s), y=-0.27 * s)),
        ("body", moved(ellipsoid(0.23 * s, 0.22 * s, 0.23 * s), y=-0.66 * s, z=0.2 * s)),
        ("body", capsule((0, -0.4 * s, -0.35 * s), (0, -0.52 * s, -0.5 * s), 0.1 * s, 0.03 * s)),
        ("beak", moved(ellipsoid(0.1 * s, 0.04 * s, 0.13 * s), y=-0.62 * s, z=0.42 * s)),
    ]
    for side in (-1, 1):
        pieces.append(("eye", moved(sphere(0.03 * s, 10), side * 0.12 * s, -0.7 * s, 0.38 * s)))
        pieces.append(("body", moved(ellipsoid(0.07 * s, 0.15 * s, 0.26 * s), side * 0.28 * s, -0.32 * s, -0.05 * s)))
    return gather(pieces)
