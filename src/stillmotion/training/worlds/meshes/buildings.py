"""Houses, blocks, towers, shops, churches and walls, with windows set back into their walls.

    rng, width, depth, storeys ─▶ four fronts of window cells + roof ─▶ Parts (slots wall, trim, frame, glass, lit, ...)

A front looks along +z. Panes come in two slots, "glass" and "lit", so that a family lights windows at night.
"""

from __future__ import annotations

import itertools

import numpy as np

from stillmotion.training.worlds.meshes.fronts import Front, Pieces, around, copies, sheets, style
from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    box,
    cylinder,
    extrude,
    lathe,
    merged,
    moved,
    placed,
    transformed,
    turned,
)
from stillmotion.training.worlds.records import Mesh


def block(rng: np.random.Generator, width: float, depth: float, storeys: int, *, far: bool = False) -> Parts:
    """A block of flats or offices with shops or a door below; its front at z = depth / 2. `far`: a plainer one."""
    look = style(rng)
    ground = rng.uniform(3.4, 4.4)
    high = ground + storeys * look.storey
    pieces = around(rng, width, depth, storeys, look, ground, 0 if far else 1)
    pieces += _ground_floor(rng, width, depth, ground)
    parapet = rng.uniform(0.3, 1.1)
    pieces.append(("roof", moved(box(width, 0.1, depth), y=-high + 0.05)))
    rim = 0.22 if rng.random() < 0.5 else 0.05
    for wide, x, z in ((width + 2 * rim, 0, depth / 2), (width + 2 * rim, 0, -depth / 2)):
        pieces.append(("trim", moved(box(wide, parapet, 0.3 + rim), x, -high, z + (rim / 2 - 0.1) * np.sign(z))))
    pieces += [("trim", moved(box(0.3, parapet, depth), x * (width / 2 - 0.1), -high)) for x in (-1, 1)]
    if rng.random() < 0.6:
        pieces += [("trim", moved(box(width + 0.25, 0.25, depth + 0.25), y=-ground + 0.1))]
    if rng.random() < 0.5 and not far:
        pieces += _balconies(rng, width, depth, storeys, look, ground)
    for _ in range(int(rng.integers(0, 4))):
        spot = (rng.uniform(-0.35, 0.35) * width, -high, rng.uniform(-0.35, 0.35) * depth)
        pieces.append(("trim", moved(box(rng.uniform(0.8, 2.5), rng.uniform(0.6, 2.2), rng.uniform(0.8, 2.5)), *spot)))
    return gather(pieces)


def _ground_floor(rng: np.random.Generator, width: float, depth: float, high: float) -> Pieces:
    """Shops with awnings, or a plain base with a door."""
    pieces: Pieces = [("base", box(width, high, depth))]
    if rng.random() < 0.65:
        count = max(int(width / rng.uniform(4.0, 6.5)), 1)
        shop = width / count
        for number in range(count):
            x = -width / 2 + shop * (number + 0.5)
            tall = high * rng.uniform(0.62, 0.72)
            glass = box(shop * 0.62, tall - 0.5, 0.1)
            slot = "lit" if rng.random() < 0.6 else "glass"
            pieces.append((slot, moved(glass, x - shop * 0.1, -0.5, depth / 2)))
            pieces.append(("frame", moved(box(shop * 0.9, 0.5, 0.13), x, 0.0, depth / 2)))
            pieces += [
                ("frame", moved(box(0.09, tall, 0.16), x + shop * share, 0.0, depth / 2))
                for share in (-0.41, -0.1, 0.21, 0.41)
            ]
            pieces.append(("door", moved(box(shop * 0.19, tall - 0.12, 0.12), x + shop * 0.31, -0.1, depth / 2)))
            sign = f"sign{rng.integers(4)}"
            pieces.append((sign, moved(box(shop * 0.88, high * 0.17, 0.16), x, -tall - 0.1, depth / 2 + 0.05)))
            if rng.random() < 0.45:
                pieces.append(
                    (f"awning{rng.integers(3)}", _awning(x, shop * 0.86, tall, depth / 2, rng.uniform(0.8, 1.5)))
                )
        return pieces
    pieces.append(("door", moved(box(1.3, 2.4, 0.12), rng.uniform(-0.3, 0.3) * width, 0.0, depth / 2)))
    spots = np.arange(-width / 2 + 1.5, width / 2 - 1.4, 2.9)
    pieces += [("glass", moved(box(1.2, 1.5, 0.06), float(x), -1.3, depth / 2)) for x in spots]
    return pieces


def _awning(x: float, width: float, high: float, z: float, reach: float) -> Mesh:
    """A sloping sheet of cloth with a hanging edge above a shop window."""
    a, b = x - width / 2, x + width / 2
    low = high - 0.45
    slope = np.array([[a, -low, z + reach], [a, -high, z + 0.05], [b, -high, z + 0.05], [b, -low, z + reach]])
    hang = np.array(
        [[a, -low + 0.2, z + reach], [a, -low, z + reach], [b, -low, z + reach], [b, -low + 0.2, z + reach]]
    )
    return sheets(np.stack([slope, hang]))


def _balconies(
    rng: np.random.Generator, width: float, depth: float, storeys: int, look: Front, ground: float
) -> Pieces:
    columns = max(int(width / look.cell), 1)
    cell = width / columns
    chosen = [c for c in range(columns) if rng.random() < 0.5] or [0]
    reach = rng.uniform(0.9, 1.5)
    wide = min(cell * 0.95, look.wide + 0.9)
    places = np.array(
        [
            [-width / 2 + cell * (c + 0.5), -ground - look.storey * s - 0.05, depth / 2 + reach / 2]
            for c in chosen
            for s in range(storeys)
        ]
    )
    floor = box(wide, 0.14, reach)
    bars = [
        moved(box(0.025, 0.95, 0.025), float(x), -0.1, reach / 2 - 0.05)
        for x in np.linspace(-wide / 2 + 0.03, wide / 2 - 0.03, 12)
    ]
    bars += [
        moved(box(0.025, 0.95, 0.025), x * (wide / 2 - 0.03), -0.1, float(z))
        for x in (-1, 1)
        for z in np.linspace(-reach / 2, reach / 2 - 0.1, 5)
    ]
    bars.append(moved(box(wide, 0.05, 0.06), 0.0, -1.02, reach / 2 - 0.05))
    rail = merged(bars) if rng.random() < 0.6 else moved(box(wide, 1.0, 0.06), 0.0, -0.1, reach / 2 - 0.05)
    return [("trim", copies(floor, places)), ("rail", copies(rail, places))]


def tower(rng: np.random.Generator, width: float, depth: float, storeys: int, *, far: bool = False) -> Parts:
    """A high building of glass, bands of concrete or both. `far`: a plainer one."""
    storey = rng.uniform(3.3, 4.0)
    high = storeys * storey
    if rng.random() < 0.5:
        look = Front(
            rng.uniform(1.4, 2.4),
            storey,
            5.0,
            storey * rng.uniform(0.55, 0.86),
            0.2,
            rng.uniform(0.05, 0.25),
            0,
            rng.uniform(0.02, 0.4),
        )
    else:
        look = Front(
            rng.uniform(2.4, 4.0),
            storey,
            9.0,
            storey * 0.5,
            storey * 0.3,
            0.3,
            int(rng.integers(1, 4)),
            rng.uniform(0.02, 0.5),
        )
    pieces = around(rng, width, depth, storeys, look, 0.0, 0 if far else 2)
    pieces.append(("roof", moved(box(width, 0.2, depth), y=-high + 0.1)))
    pieces.append(("trim", moved(box(width * rng.uniform(0.3, 0.6), rng.uniform(2, 5), depth * 0.5), y=-high)))
    if rng.random() < 0.4:
        pieces.append(("trim", moved(cylinder(0.2, rng.uniform(5, 14), 8, top=0.05), y=-high - 2)))
    return gather(pieces)


def house(
    rng: np.random.Generator, width: float = 9.0, depth: float = 8.0, storeys: int = 2, *, far: bool = False
) -> Parts:  # fmt: skip
    """A house with a pitched roof; its front at z = depth / 2. `far`: a plainer one."""
    look = style(rng)
    look = Front(look.cell, min(look.storey, 2.9), min(look.wide, 1.5), 1.35, 0.85, 0.12, look.bars, look.lit)
    eaves = storeys * look.storey
    pieces = around(rng, width, depth, storeys, look, 0.0, 0 if far else 3)
    rise = depth * rng.uniform(0.3, 0.62)
    over = rng.uniform(0.25, 0.6)
    slope = rise / (depth / 2)
    gable = np.array([(-depth / 2, eaves), (depth / 2, eaves), (0.0, eaves + rise)])
    pieces += [("wall", moved(turned(extrude(gable, 0.1), y=np.pi / 2), x=x * (width / 2 - 0.05))) for x in (-1, 1)]
    outline = np.array(
        [
            (depth / 2 + over, eaves - over * slope),
            (depth / 2 + over, eaves - over * slope + 0.18),
            (0.0, eaves + rise + 0.2),
            (-depth / 2 - over, eaves - over * slope + 0.18),
            (-depth / 2 - over, eaves - over * slope),
            (0.0, eaves + rise),
        ]
    )
    pieces.append(("roof", turned(extrude(outline, width + 2 * over), y=np.pi / 2)))
    x = rng.uniform(-0.3, 0.3) * width
    pieces.append(("door", moved(box(1.05, 2.1, 0.1), x, 0.0, depth / 2 + 0.02)))
    pieces.append(("trim", moved(box(1.5, 0.18, 1.0), x, 0.0, depth / 2 + 0.4)))
    if rng.random() < 0.5:
        pieces.append(("roof", transformed(box(1.9, 0.1, 1.1), placed((x, -2.35, depth / 2 + 0.5), (-0.2, 0, 0)))))
    if rng.random() < 0.75:
        pieces.append(
            (
                "chimney",
                moved(
                    box(0.6, rise + 1.0, 0.6),
                    rng.uniform(-0.35, 0.35) * width,
                    -eaves,
                    rng.uniform(-0.15, 0.15) * depth,
                ),
            )
        )
    return gather(pieces)


def church(rng: np.random.Generator, size: float = 1.0) -> Parts:
    """A village church with its steeple at -x; slots wall, roof, glass, door, trim."""
    long, wide, eaves = 16 * size, 8 * size, rng.uniform(6, 8) * size
    rise = wide * rng.uniform(0.5, 0.8)
    outline = np.array([(-wide / 2, 0.0), (wide / 2, 0.0), (wide / 2, eaves), (0.0, eaves + rise), (-wide / 2, eaves)])
    pieces: Pieces = [("wall", turned(extrude(outline, long), y=np.pi / 2))]
    top = np.array(
        [
            (wide / 2 + 0.4, eaves - 0.4),
            (wide / 2 + 0.4, eaves - 0.1),
            (0.0, eaves + rise + 0.35),
            (-wide / 2 - 0.4, eaves - 0.1),
            (-wide / 2 - 0.4, eaves - 0.4),
            (0.0, eaves + rise),
        ]
    )
    pieces.append(("roof", turned(extrude(top, long + 0.5), y=np.pi / 2)))
    for x in np.linspace(-long * 0.3, long * 0.4, 5):
        pieces += [
            ("glass", moved(box(1.0 * size, 3.2 * size, 0.1), float(x), -1.8 * size, z * (wide / 2 + 0.01)))
            for z in (-1, 1)
        ]
    base, tall = 4.2 * size, rng.uniform(14, 19) * size
    x = -long / 2 - base * 0.3
    pieces.append(("wall", moved(box(base, tall, base), x)))
    spire = lathe(
        [(base * 0.78, tall - 0.3), (base * 0.6, tall + 1.0), (0.0, tall + rng.uniform(6, 13) * size)],
        4 if rng.random() < 0.6 else 8,
    )
    pieces.append(("roof", moved(turned(spire, y=np.pi / 4), x)))
    pieces += [
        ("glass", moved(box(0.9 * size, 1.8 * size, base + 0.06), x, -tall * 0.82)),
        ("glass", moved(box(base + 0.06, 1.8 * size, 0.9 * size), x, -tall * 0.82)),
    ]
    pieces.append(("door", moved(box(base + 0.1, 2.8 * size, 1.6 * size), x)))
    return gather(pieces)


def lighthouse(height: float = 18.0) -> Parts:
    """A lighthouse in bands; slots wall, band, glass, roof, rail, bulb (it lights)."""
    low, high = height * 0.13, height * 0.075
    rings = np.linspace(0, 0.82, 6)
    pieces: Pieces = []
    for number, (a, b) in enumerate(itertools.pairwise(rings)):
        radii = [low + (high - low) * share / 0.82 for share in (a, b)]
        pieces.append(("band" if number % 2 else "wall", lathe([(radii[0], a * height), (radii[1], b * height)], 24)))
    deck = 0.82 * height
    pieces += [
        ("rail", moved(cylinder(high * 1.35, 0.02 * height, 24), y=-deck)),
        ("bulb", moved(cylinder(high * 0.35, 0.06 * height, 12), y=-deck - 0.03 * height)),
    ]
    pieces += [
        ("rail", moved(box(0.06, 0.1 * height, 0.06), high * 0.8 * np.cos(t), -deck, high * 0.8 * np.sin(t)))
        for t in np.arange(8) * np.pi / 4
    ]
    pieces.append(("roof", moved(cylinder(high * 1.0, 0.07 * height, 24, top=0.02), y=-deck - 0.1 * height)))
    pieces.append(("door", moved(box(1.0, 2.1, 0.3), z=low - 0.05)))
    return gather(pieces)
