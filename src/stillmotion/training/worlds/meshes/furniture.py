"""Furniture of rooms and streets, at its usual size in metres.

    rng ─▶ boards, legs, cushions ─▶ Parts (slots wood, cloth, metal, shade, ...)

Seats and sofas look along +z, shelves and cabinets too.
"""

from __future__ import annotations

import itertools

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import TURN, box, cylinder, lathe, moved, placed, transformed, tube
from stillmotion.training.worlds.meshes.things import rounded_box


def table(rng: np.random.Generator, width: float = 1.4, depth: float = 0.8, height: float = 0.74) -> Parts:
    """A table with four legs or one foot; slots wood, leg."""
    thick = rng.uniform(0.02, 0.05)
    top = moved(rounded_box(width, thick, depth, 0.008), y=-height + thick)
    pieces = [("wood", top)]
    if rng.random() < 0.2:
        pieces += [
            ("leg", moved(cylinder(0.05, height - thick, 16))),
            ("leg", cylinder(min(width, depth) * 0.32, 0.03, 28)),
        ]
        return gather(pieces)
    leg = rng.uniform(0.04, 0.08)
    for x in (-1, 1):
        pieces.extend(
            ("leg", moved(box(leg, height - thick, leg), x * (width / 2 - leg), 0.0, z * (depth / 2 - leg)))
            for z in (-1, 1)
        )
    apron = rng.uniform(0.06, 0.1)
    pieces.extend(
        ("leg", moved(box(width - 2 * leg, apron, 0.02), 0.0, -height + thick + apron, z * (depth / 2 - leg)))
        for z in (-1, 1)
    )
    return gather(pieces)


def chair(rng: np.random.Generator, seat: float = 0.45) -> Parts:
    """A chair; slots wood, cloth (its cushion)."""
    width, back = rng.uniform(0.4, 0.48), rng.uniform(0.38, 0.55)
    thin = rng.uniform(0.025, 0.04)
    half = width / 2 - thin / 2
    pieces = [("wood", moved(rounded_box(width, 0.03, width, 0.01), y=-seat + 0.03))]
    pieces.append(("cloth", moved(rounded_box(width * 0.92, 0.035, width * 0.92, 0.017), y=-seat)))
    for x in (-half, half):
        pieces.append(("wood", moved(box(thin, seat - 0.03, thin), x, 0.0, half)))
        pieces.append(("wood", moved(box(thin, seat + back, thin), x, 0.0, -half)))
    if rng.random() < 0.5:
        pieces.append(("wood", moved(rounded_box(width, back * 0.5, 0.02, 0.008), 0.0, -seat - back * 0.48, -half)))
    else:
        bars = np.linspace(-half, half, int(rng.integers(4, 8)))[1:-1]
        pieces.extend(("wood", moved(box(0.018, back - 0.04, 0.018), float(x), -seat, -half)) for x in bars)
        pieces.append(("wood", moved(box(width, 0.06, thin), 0.0, -seat - back + 0.06, -half)))
    return gather(pieces)


def sofa(rng: np.random.Generator, seats: int = 2) -> Parts:
    """A sofa or armchair; slots cloth, cushion, leg."""
    each, arm, depth = rng.uniform(0.6, 0.75), rng.uniform(0.12, 0.22), rng.uniform(0.8, 0.95)
    width = seats * each + 2 * arm
    high = rng.uniform(0.75, 0.9)
    low = 0.1
    pieces = [
        ("cloth", moved(rounded_box(width, 0.22, depth, 0.03), y=-low)),
        ("cloth", moved(rounded_box(width, high - low, 0.2, 0.06), 0.0, -low, -depth / 2 + 0.1)),
    ]
    for side in (-1, 1):
        pieces.append(
            (
                "cloth",
                moved(rounded_box(arm, rng.uniform(0.5, 0.56) - low, depth, 0.05), side * (width - arm) / 2, -low),
            )
        )
        pieces.extend(
            ("leg", moved(cylinder(0.025, low, 10), side * (width / 2 - 0.08), 0.0, z * (depth / 2 - 0.08)))
            for z in (-1, 1)
        )
    for seat in range(seats):
        x = -width / 2 + arm + each * (seat + 0.5)
        pieces.append(("cushion", moved(rounded_box(each * 0.98, 0.14, depth - 0.22, 0.045), x, -low - 0.21, 0.1)))
        lean = placed((x, -low - 0.33, -depth / 2 + 0.27), (0.22, 0, 0))
        pieces.append(("cushion", transformed(rounded_box(each * 0.94, 0.38, 0.14, 0.06), lean)))
    return gather(pieces)


def bed(rng: np.random.Generator, width: float = 1.4) -> Parts:
    """A bed, its head at -z; slots wood, cloth (the blanket), sheet, cushion."""
    length, high = 2.05, rng.uniform(0.25, 0.38)
    pieces = [
        ("wood", moved(box(width, high * 0.55, length), y=-0.06)),
        ("sheet", moved(rounded_box(width * 0.98, 0.2, length * 0.98, 0.06), y=-high * 0.75)),
        ("cloth", moved(rounded_box(width * 1.02, 0.2, length * 0.66, 0.07), 0.0, -high * 0.75 - 0.03, length * 0.17)),
        ("wood", moved(rounded_box(width * 1.03, high + rng.uniform(0.45, 0.7), 0.05, 0.02), z=-length / 2)),
    ]
    count = 2 if width > 1.2 else 1
    for number in range(count):
        x = (number - (count - 1) / 2) * width * 0.46
        pieces.append(
            (
                "cushion",
                transformed(
                    rounded_box(0.58, 0.14, 0.38, 0.07),
                    placed((x, -high * 0.75 - 0.19, -length / 2 + 0.3), (0.2, 0, 0)),
                ),
            )
        )
    pieces += [
        ("wood", moved(box(0.06, 0.07, 0.06), x * (width / 2 - 0.08), 0.0, z * 0.95)) for x in (-1, 1) for z in (-1, 1)
    ]
    return gather(pieces)


def shelf(rng: np.random.Generator, width: float = 0.9, height: float = 1.9, filled: bool = True) -> Parts:
    """Shelves with books; slots wood, book0 to book4."""
    depth, thick = rng.uniform(0.24, 0.34), 0.022
    levels = int(rng.integers(3, 7))
    rows = np.linspace(0.06, height, levels + 1)
    pieces = [("wood", moved(box(width, thick, depth), y=-float(level) + thick)) for level in rows]
    pieces += [("wood", moved(box(thick, height, depth), x * (width - thick) / 2)) for x in (-1, 1)]
    pieces.append(("wood", moved(box(width, height, 0.008), z=-depth / 2)))
    if filled:
        for low, high in itertools.pairwise(rows):
            room, x, end = float(high - low) - thick, -width / 2 + 0.03, width / 2 * rng.uniform(0.2, 1.0) - 0.05
            while x < end:
                thin, tall = rng.uniform(0.015, 0.05), min(rng.uniform(0.16, 0.3), room * 0.93)
                deep = min(tall * 0.75, depth - 0.03)
                spot = (x + thin / 2, -float(low), depth / 2 - deep / 2 - rng.uniform(0.01, 0.03))
                pieces.append((f"book{rng.integers(5)}", moved(box(thin * 0.96, tall, deep), *spot)))
                x += thin + (0.08 if rng.random() < 0.05 else 0.0)
    return gather(pieces)


def cabinet(rng: np.random.Generator, width: float = 1.1, height: float = 0.8, depth: float = 0.42) -> Parts:
    """A sideboard with doors or drawers and knobs; slots wood, front, metal."""
    foot = rng.uniform(0.05, 0.15)
    pieces = [("wood", moved(rounded_box(width, height - foot, depth, 0.006), y=-foot))]
    across, down = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    cell, tall = width / across, (height - foot) / down
    for column in range(across):
        x = -width / 2 + cell * (column + 0.5)
        for row in range(down):
            y = -foot - tall * row
            pieces.append(
                ("front", moved(rounded_box(cell - 0.02, tall - 0.02, 0.018, 0.004), x, y - 0.01, depth / 2 + 0.004))
            )
            pieces.append(
                (
                    "metal",
                    transformed(
                        cylinder(0.012, 0.025, 12), placed((x, y - tall / 2, depth / 2 + 0.01), (-np.pi / 2, 0, 0))
                    ),
                )
            )
    pieces += [
        ("wood", moved(box(0.04, foot, 0.04), x * (width / 2 - 0.04), 0.0, z * (depth / 2 - 0.04)))
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return gather(pieces)


def floor_lamp(rng: np.random.Generator, height: float = 1.6) -> Parts:
    """A standing lamp; slots metal, shade, bulb (it lights)."""
    wide, tall = height * rng.uniform(0.1, 0.16), height * rng.uniform(0.14, 0.22)
    pieces = [("metal", cylinder(height * 0.09, 0.02, 28)), ("metal", cylinder(0.012, height - tall * 0.6, 10))]
    outline = [(wide, height - tall), (wide * rng.uniform(0.5, 0.95), height)]
    pieces += [
        ("shade", lathe(outline, 28)),
        ("bulb", moved(lathe([(0, 0), (0.03, 0.02), (0.035, 0.06), (0, 0.1)], 12), y=-height + 0.7 * tall)),
    ]
    return gather(pieces)


def street_lamp(rng: np.random.Generator, height: float = 6.5) -> Parts:
    """A street lamp whose arm reaches along +x; slots metal, bulb (it lights)."""
    if rng.random() < 0.35:  # an old one with a lantern on top
        high = height * 0.6
        pole = lathe([(0.16, 0), (0.16, 0.3), (0.07, 0.5), (0.05, high), (0.14, high + 0.05)], 12)
        lantern = lathe([(0.12, high + 0.06), (0.22, high + 0.5)], 6)
        return gather(
            [("metal", pole), ("bulb", lantern), ("metal", lathe([(0.26, high + 0.5), (0.0, high + 0.75)], 6))]
        )
    reach = rng.uniform(0.8, 2.0)
    path = np.array(
        [
            [0, 0, 0],
            [0, -height * 0.85, 0],
            [0.1 * reach, -height * 0.96, 0],
            [0.4 * reach, -height, 0],
            [reach, -height * 1.01, 0],
        ]
    )
    pieces = [("metal", tube(path, np.array([0.09, 0.06, 0.055, 0.05, 0.045]), 8)), ("metal", cylinder(0.14, 0.4, 10))]
    pieces.append(("metal", moved(rounded_box(0.7, 0.12, 0.26, 0.05), reach, -height * 1.01 + 0.03)))
    pieces.append(("bulb", moved(box(0.5, 0.03, 0.2), reach, -height * 1.01 + 0.055)))
    return gather(pieces)


def bench(width: float = 1.6) -> Parts:
    """A park bench; slots wood, metal."""
    pieces = [("wood", moved(box(width, 0.03, 0.09), 0.0, -0.43, z)) for z in (-0.18, -0.06, 0.06, 0.18)]
    pieces += [("wood", moved(box(width, 0.1, 0.03), 0.0, -y, -0.25)) for y in (0.6, 0.75)]
    for x in (-0.4 * width, 0.4 * width):
        pieces += [
            ("metal", moved(box(0.05, 0.43, 0.05), x, 0.0, 0.15)),
            ("metal", moved(box(0.05, 0.86, 0.05), x, 0.0, -0.28)),
        ]
        pieces.append(("metal", moved(box(0.05, 0.05, 0.45), x, -0.39, -0.05)))
    return gather(pieces)


def litter_bin(rng: np.random.Generator) -> Parts:
    """A street bin; slots metal, dark."""
    high, radius = rng.uniform(0.8, 1.0), rng.uniform(0.2, 0.28)
    return gather(
        [
            ("metal", lathe([(radius * 0.85, 0), (radius, high)], 18)),
            ("dark", moved(lathe([(radius, 0), (0, -0.1)], 18), y=-high + 0.02)),
        ]
    )


def traffic_light(height: float = 3.2) -> Parts:
    """A traffic light that looks along +z; slots metal, dark, red, amber, green (one of them lights)."""
    pieces = [("metal", cylinder(0.06, height, 10)), ("dark", moved(box(0.3, 0.9, 0.22), y=-height + 0.2))]
    for number, slot in enumerate(("green", "amber", "red")):
        lens = transformed(
            cylinder(0.1, 0.02, 16), placed((0, -height + 0.05 - 0.28 * number, 0.1), (-np.pi / 2, 0, 0))
        )
        pieces.append((slot, lens))
    return gather(pieces)


def fence(rng: np.random.Generator, length: float = 10.0, height: float = 1.0) -> Parts:
    """A fence of posts and rails or pickets along x; slots wood."""
    gap = rng.uniform(1.4, 2.2)
    posts = np.arange(-length / 2, length / 2 + 0.01, gap)
    pieces = [("wood", moved(box(0.09, height, 0.09), float(x))) for x in posts]
    rails = (0.35, 0.85) if rng.random() < 0.5 else (0.3, 0.6, 0.9)
    pieces += [("wood", moved(box(length, 0.09, 0.03), 0.0, -height * rail, 0.05)) for rail in rails]
    if rng.random() < 0.4:
        pickets = np.arange(-length / 2, length / 2, 0.16)
        pieces += [("wood", moved(box(0.09, height * 0.97, 0.02), float(x), -0.06, 0.075)) for x in pickets]
    return gather(pieces)


def parasol(rng: np.random.Generator, height: float = 2.3) -> Parts:
    """A sunshade on its pole; slots metal, cloth."""
    wide, deep = rng.uniform(1.1, 1.6), rng.uniform(0.3, 0.55)
    roof = lathe(
        [(wide, height - deep - 0.12), (wide, height - deep), (wide * 0.5, height - 0.4 * deep), (0, height)], 8
    )
    return gather([("metal", cylinder(0.025, height, 8)), ("metal", cylinder(0.3, 0.08, 16)), ("cloth", roof)])


def spin(rng: np.random.Generator) -> float:
    """A random turn about the upright axis, radians."""
    return float(rng.uniform(0, TURN))
