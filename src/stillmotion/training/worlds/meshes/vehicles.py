"""Cars, vans, buses, bicycles and boats that look along +z, wheels apart so that they can turn.

rng ─▶ side outline (hood, roof, boot) lofted over the width ─▶ Vehicle(body parts, wheel parts, wheel centres)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    box,
    cylinder,
    faceted,
    lathe,
    lattice,
    make_mesh,
    moved,
    placed,
    smooth_normals,
    transformed,
    tube,
    turned,
)
from stillmotion.training.worlds.meshes.things import rounded_box
from stillmotion.training.worlds.records import Mesh


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A thing on wheels in its own axes; a wheel of these parts turns about x at each of the centres."""

    body: Parts
    wheel: Parts  # about its own middle
    centres: (
        np.ndarray
    )  # (k, 3) metres, those on the left side (x < 0) are the same wheel turned by half a turn about y
    radius: float  # of the wheel, metres
    length: float  # along z, metres
    width: float  # along x, metres


def _wheel(radius: float, width: float) -> Parts:
    """A tyre with its rim, its axle along x; slots tyre, rim, hub. It looks to +x."""
    half = width / 2
    tyre = [
        (radius * 0.62, -half),
        (radius * 0.93, -half),
        (radius, -0.7 * half),
        (radius, 0.7 * half),
        (radius * 0.93, half),
        (radius * 0.62, half),
    ]
    on_side = placed(turn=(0, 0, np.pi / 2))  # up (-y) becomes +x
    pieces = [
        ("tyre", transformed(lathe(tyre, 20, sharp=True), on_side)),
        ("rim", transformed(lathe([(radius * 0.63, half * 0.8), (0, half * 0.75)], 20), on_side)),
    ]
    for spoke in range(5):
        arm = moved(box(0.09 * radius, 0.56 * radius, 0.16 * radius), x=half * 0.8, y=-0.06 * radius)
        pieces.append(("hub", turned(arm, x=spoke * 2 * np.pi / 5)))
    pieces.append(("hub", transformed(cylinder(0.15 * radius, half * 0.85, 12), on_side)))
    return gather(pieces)


def _shell(stations: np.ndarray, width: float, round_off: float) -> Mesh:
    """A closed hull from (z, sill height, belt height, half-width share) rows, nose last: rounded across."""
    share = np.array([-1.0, -1.0, -0.97, -0.84, 0.0, 0.84, 0.97, 1.0, 1.0])
    lift = np.array([0.0, 0.55, 0.86, 1.0, 1.0 + round_off, 1.0, 0.86, 0.55, 0.0])
    z, low, high, wide = (column[:, None] for column in stations.T)
    x = share * wide * width / 2
    y = -(low + (high - low) * lift)
    points = np.stack([x, y, np.broadcast_to(z, x.shape)], -1)
    uv = np.stack(np.broadcast_arrays(z, np.arange(9) * 0.3), -1)
    sheet = lattice(points, uv)
    ends = []
    for row, flip in ((0, True), (-1, False)):
        middle = points[row].mean(0)
        fan = np.concatenate([[middle], points[row]])
        faces = np.array([[0, i, i % 9 + 1] for i in range(1, 10)])
        ends.append((fan, faces[:, ::-1] if flip else faces))
    pieces = [make_mesh(sheet.vertices, smooth_normals(sheet.vertices, sheet.faces), sheet.uv, sheet.faces)]
    for fan, faces in ends:
        pieces.append(faceted(make_mesh(fan, np.zeros_like(fan), fan[:, :2], faces)))
    return _merge_outward(pieces)


def _merge_outward(pieces: list[Mesh]) -> Mesh:
    """One mesh of convex-ish pieces, each triangle looking away from the common middle."""
    middle = np.concatenate([piece.vertices for piece in pieces]).mean(0)
    result = []
    for piece in pieces:
        corners = piece.vertices[piece.faces]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        wrong = ((corners.mean(1) - middle) * across).sum(1).sum() < 0
        faces = piece.faces[:, ::-1] if wrong else piece.faces
        result.append(make_mesh(piece.vertices, -piece.normals if wrong else piece.normals, piece.uv, faces))
    return gather([("all", piece) for piece in result])["all"]


def car(rng: np.random.Generator, kind: str = "saloon") -> Vehicle:
    """A car: saloon, estate, hatch, suv or van; slots paint, glass, trim, light, rear (red lamps), plate."""
    length, height, width, hood, boot = {
        "saloon": (4.6, 1.43, 1.82, 0.27, 0.2),
        "estate": (4.7, 1.48, 1.83, 0.26, 0.02),
        "hatch": (3.9, 1.5, 1.74, 0.2, 0.03),
        "suv": (4.6, 1.72, 1.9, 0.25, 0.03),
        "van": (5.1, 2.05, 1.95, 0.12, 0.01),
    }[kind]
    length, height = length * rng.uniform(0.95, 1.05), height * rng.uniform(0.97, 1.03)
    belt = height * rng.uniform(0.6, 0.66) if kind != "van" else height * 0.55
    radius = rng.uniform(0.3, 0.34) + (0.05 if kind == "suv" else 0.0)
    sill, tail, nose = 0.6 * radius, -length / 2, length / 2
    bonnet = nose - hood * length
    trunk = tail + boot * length
    lower = np.array(
        [
            [tail, sill + 0.06, belt * 0.86, 0.92],
            [tail + 0.08, sill, belt * 0.95, 0.97],
            [tail + 0.3, sill, belt, 1.0],
            [max(trunk, tail + 0.4), sill, belt, 1.0],
            [bonnet, sill, belt, 1.0],
            [bonnet + 0.5 * hood * length, sill, belt * 0.93, 0.99],
            [nose - 0.25, sill, belt * 0.85, 0.95],
            [nose - 0.06, sill, belt * 0.74, 0.88],
            [nose, sill + 0.1, belt * 0.62, 0.8],
        ]
    )
    rake = 0.32 * (height - belt) / 0.5
    cabin = np.array([trunk + 0.02, trunk + (0.18 if boot < 0.1 else 0.55), bonnet - rake * 1.7, bonnet + 0.05])
    if kind == "van":
        cabin[2] = bonnet - 0.3
    glass_low, roof = belt - 0.03, height
    upper = np.array(
        [
            [cabin[0], glass_low, glass_low + 0.02, 0.9],
            [cabin[1], glass_low, roof - 0.03, 0.8],
            [cabin[1] + 0.3, glass_low, roof, 0.79],
            [cabin[2], glass_low, roof - 0.02, 0.79],
            [cabin[3], glass_low, glass_low + 0.02, 0.9],
        ]
    )
    pieces = [("paint", _shell(lower, width, 0.03)), ("glass", _shell(upper, width, 0.02))]
    top = np.array(
        [
            [cabin[1] - 0.05, roof - 0.09, roof - 0.02, 0.74],
            [cabin[1] + 0.3, roof - 0.07, roof + 0.012, 0.78],
            [cabin[2] - 0.1, roof - 0.07, roof + 0.012, 0.78],
            [cabin[2] + 0.1, roof - 0.12, roof - 0.04, 0.75],
        ]
    )
    pieces.append(("paint", _shell(top, width, 0.05)))
    pieces += _pillars(cabin, belt, roof, width, kind)
    pieces += _lamps(nose, tail, belt, sill, width)
    axle = length * rng.uniform(0.29, 0.32)
    centres = np.array([[side * (width / 2 - 0.06), -radius, z * axle] for z in (-1, 1) for side in (-1, 1)])
    pieces.extend(
        (
            "trim",
            transformed(
                cylinder(radius * 1.12, width * 1.004, 20),
                placed((-width * 0.502, -1.12 * radius, z * axle), (0, 0, np.pi / 2)),
            ),
        )
        for z in (-1, 1)
    )
    return Vehicle(gather(pieces), _wheel(radius, 0.2), centres, radius, length, width)


def _pillars(cabin: np.ndarray, belt: float, roof: float, width: float, kind: str) -> list[tuple[str, Mesh]]:
    """The painted posts between the windows of a cabin whose outline is given along z."""
    posts = []
    middle = (cabin[1] + cabin[2]) / 2
    spots = [(cabin[0] + 0.06, cabin[1] + 0.03), (middle, middle), (cabin[3] - 0.02, cabin[2] + 0.02)]
    if kind == "van":
        spots[1:1] = [(z, z) for z in np.linspace(cabin[1], middle, 4)[1:]]
    for low, high in spots:
        for side in (-1, 1):
            path = np.array(
                [
                    [side * width * 0.45, -belt + 0.03, low],
                    [side * width * 0.425, -(belt + roof) / 2, (low + high) / 2],
                    [side * width * 0.39, -roof + 0.08, high],
                ]
            )
            posts.append(("paint", tube(path, 0.045 if kind != "van" else 0.1, 6)))
    return posts


def _lamps(nose: float, tail: float, belt: float, sill: float, width: float) -> list[tuple[str, Mesh]]:
    """Head and tail lamps, bumpers, plates, mirrors."""
    pieces = []
    for side in (-1, 1):
        pieces.append(
            (
                "light",
                transformed(
                    rounded_box(0.36, 0.14, 0.2, 0.05),
                    placed((side * width * 0.32, -belt * 0.6, nose - 0.1), (0.25, 0, 0)),
                ),
            )
        )
        pieces.append(
            ("rear", moved(rounded_box(0.3, 0.18, 0.16, 0.04), side * width * 0.35, -belt * 0.64, tail + 0.06))
        )
        pieces.append(
            ("trim", moved(rounded_box(0.18, 0.12, 0.1, 0.04), side * width * 0.54, -belt - 0.02, nose * 0.32))
        )
    for z, slot in ((nose - 0.02, "plate"), (tail + 0.0, "plate")):
        pieces.append((slot, moved(box(0.5, 0.11, 0.04), 0.0, -sill - 0.16, z)))
    pieces.append(("trim", moved(rounded_box(width * 0.6, 0.16, 0.08, 0.03), 0.0, -belt * 0.42, nose - 0.03)))
    pieces.extend(
        ("trim", moved(rounded_box(width * 0.86, 0.12, 0.12, 0.04), 0.0, -sill - 0.0, z))
        for z in (nose - 0.1, tail + 0.1)
    )
    return pieces


def bus(rng: np.random.Generator) -> Vehicle:
    """A city bus; the slots of a car."""
    length, width, height, radius = rng.uniform(9, 12), 2.5, rng.uniform(2.9, 3.1), 0.48
    pieces = [("paint", moved(rounded_box(width, height - 0.35, length, 0.18), y=-0.35))]
    low, tall = 1.25, height * 0.36
    pieces.append(("glass", moved(rounded_box(width + 0.02, tall, length * 0.93, 0.05), y=-low)))
    pieces.append(
        ("glass", moved(rounded_box(width * 0.88, tall * 1.25, 0.1, 0.05), 0.0, -low + 0.1, length / 2 - 0.02))
    )
    posts = np.linspace(-length * 0.44, length * 0.44, int(length / 1.6))
    pieces.extend(("paint", moved(box(width + 0.04, tall, 0.1), 0.0, -low, float(z))) for z in posts)
    for side in (-1, 1):
        pieces.append(("light", moved(rounded_box(0.35, 0.16, 0.1, 0.04), side * width * 0.36, -0.62, length / 2)))
        pieces.append(("rear", moved(rounded_box(0.2, 0.35, 0.1, 0.04), side * width * 0.42, -0.8, -length / 2)))
    axle = length * 0.32
    pieces.extend(
        (
            "trim",
            transformed(
                cylinder(radius * 1.12, width + 0.01, 20),
                placed((-width / 2 - 0.005, -1.12 * radius, z * axle), (0, 0, np.pi / 2)),
            ),
        )
        for z in (-1, 1)
    )
    pieces.append(("trim", moved(box(width * 0.96, 0.2, length * 0.98), y=-0.28)))
    centres = np.array([[side * (width / 2 - 0.09), -radius, z * axle] for z in (-1, 1) for side in (-1, 1)])
    return Vehicle(gather(pieces), _wheel(radius, 0.28), centres, radius, length, width)


def bicycle() -> Parts:
    """A parked bicycle that looks along +z; slots metal (frame), tyre, dark (saddle, grips)."""
    radius, base = 0.34, 1.02
    pieces = []
    angle = np.linspace(0, 2 * np.pi, 25)
    for z in (-base / 2, base / 2):
        ring = np.stack([0 * angle, -radius + radius * 0.94 * np.sin(angle), z + radius * 0.94 * np.cos(angle)], -1)
        pieces.append(("tyre", tube(ring, 0.022, 6, round_ends=False)))
        for turn in angle[:-1:3]:
            end = [0, -radius + 0.9 * radius * np.sin(turn), z + 0.9 * radius * np.cos(turn)]
            pieces.append(("metal", tube(np.array([[0, -radius, z], end]), 0.0025, 3, round_ends=False)))
    pedal, seat, head = [0, -0.28, -0.08], [0, -0.82, -0.24], [0, -0.84, 0.36]
    rear, front = [0, -radius, -base / 2], [0, -radius, base / 2]
    for start, end in (
        (pedal, seat),
        (pedal, head),
        ([0, -0.76, -0.22], [0, -0.78, 0.37]),
        (rear, [0, -0.74, -0.21]),
        (rear, pedal),
        (head, front),
        (head, [0, -1.0, 0.32]),
    ):
        pieces.append(("metal", tube(np.array([start, end]), 0.016, 6)))
    pieces.append(
        (
            "dark",
            tube(np.array([[-0.3, -1.02, 0.2], [-0.2, -1.02, 0.3], [0.2, -1.02, 0.3], [0.3, -1.02, 0.2]]), 0.014, 6),
        )
    )
    pieces.append(("dark", moved(rounded_box(0.15, 0.06, 0.27, 0.03), 0.0, -0.85, -0.26)))
    pieces.append(("metal", tube(np.array([[0.14, -0.28, -0.08], [-0.14, -0.28, -0.08]]), 0.02, 6)))
    return gather(pieces)
