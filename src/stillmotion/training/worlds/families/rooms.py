"""Rooms: walls, windows with daylight, furniture along the walls, lamps, pictures, sometimes somebody at home.

    rng ─▶ Room (measures, kind) ─▶ shell with windows, furniture that keeps its distance, light ─▶ World

The room's floor is at y = 0, its middle at the origin; the camera stands at the near wall (-z) and looks to the far.
By day the sun may come in by the windows; else light is soft, or by lamps in the evening.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stillmotion.training.worlds.families.crowd import add_animal, add_person
from stillmotion.training.worlds.families.furnishing import KINDS, Floor, Wall, furnish
from stillmotion.training.worlds.looks import look, rgb
from stillmotion.training.worlds.meshes.solids import box, cylinder, grid, lathe, lattice, merged, moved, placed
from stillmotion.training.worlds.meshes.solids import wall as sheet
from stillmotion.training.worlds.records import Material, Mesh, Sky, World
from stillmotion.training.worlds.stage import Stage

_THICK = 0.22  # metres of a wall


@dataclass(frozen=True, slots=True)
class Room:
    """The measures of one room, metres."""

    wide: float
    deep: float
    high: float
    kind: str
    light: str  # sun, soft, evening


@dataclass(slots=True)
class Side:
    """One wall, before it is built: from its left to its right end as seen from inside."""

    wall: Wall
    openings: list[tuple[float, float, float, float]] = field(default_factory=list)  # x from, to; height from, to


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One room."""
    room = _draw(rng)
    camera = (float(rng.uniform(-0.3, 0.3)) * room.wide, -room.deep / 2 + float(rng.uniform(0.25, 0.5)))
    heading = math.atan2(-camera[0], room.deep * 0.75) + float(rng.normal() * 0.22)
    eye = float(rng.uniform(1.05, 1.7))
    stage = Stage((camera[0], -eye, camera[1]), heading)
    sides = _sides(rng, room)
    evening = room.light == "evening"
    _shell(stage, rng, room, sides, evening)
    floor = Floor([side.wall for side in sides], camera, (0.0, float(rng.uniform(0.0, 0.2)) * room.deep))
    lit = float(rng.uniform(0.25, 0.6)) if evening else 0.0
    furnish(stage, rng, floor, room.kind, lit)
    _ceiling_lamp(stage, rng, room, lit)
    _life(stage, rng, floor, room)
    return World(
        family="rooms",
        seed=int(rng.integers(1 << 31)),
        things=tuple(stage.things),
        sky=_sky(rng, room, sides, heading),
        pivot=float(room.deep * rng.uniform(0.45, 0.7)),
        eye=eye,
        fov_deg=float(rng.uniform(55, 82)),
        tilt_deg=float(rng.uniform(-2, 14)),
        lamps=stage.nearest_lamps(),
        told={"kind": room.kind, "light": room.light},
    )


def _draw(rng: np.random.Generator) -> Room:
    return Room(
        float(rng.uniform(2.8, 5.6)),
        float(rng.uniform(3.4, 6.4)),
        float(rng.uniform(2.35, 3.2)),
        str(rng.choice(list(KINDS), p=[0.32, 0.24, 0.2, 0.16, 0.08])),
        str(rng.choice(["sun", "soft", "evening"], p=[0.35, 0.4, 0.25])),
    )


def _sides(rng: np.random.Generator, room: Room) -> list[Side]:
    """Far, left and right wall with their windows and a door."""
    sides = [
        Side(Wall((0.0, room.deep / 2), np.pi, room.wide)),
        Side(Wall((-room.wide / 2, 0.0), np.pi / 2, room.deep)),
        Side(Wall((room.wide / 2, 0.0), -np.pi / 2, room.deep)),
    ]
    for number in rng.permutation(3)[: int(rng.integers(1, 3))]:
        side = sides[int(number)]
        low, high = float(rng.choice([0.0, 0.85, 0.95])) + 0.04, room.high - float(rng.uniform(0.25, 0.5))
        count = int(rng.integers(1, 3 if side.wall.length < 4.5 else 4))
        each = side.wall.length / count
        for k in range(count):
            middle, half = (k + 0.5) * each - side.wall.length / 2, float(rng.uniform(0.45, min(0.85, each / 2 - 0.25)))
            side.openings.append((middle - half, middle + half, low, high))
            side.wall.taken.append((middle - half - 0.1, middle + half + 0.1, -low))
    return sides


def _shell(stage: Stage, rng: np.random.Generator, room: Room, sides: list[Side], evening: bool) -> None:
    sunny = room.light == "sun"
    kind = str(rng.choice(["wall paint", "plaster", "brick wall", "planks"], p=[0.68, 0.2, 0.07, 0.05]))
    even = kind in ("wall paint", "plaster")
    paint = _calm(rng, look(rng, kind, bump=0.05 if even else 0.3), 0.93 if even else 0.7)
    ground = str(rng.choice(["planks", "tiles", "wood", "carpet"], p=[0.5, 0.25, 0.1, 0.15]))
    laid: dict[str, tuple[str, str, float, float]] = {  # palette, pattern, scale, roughness
        "planks": ("wood", "planks", float(rng.uniform(0.35, 0.7)), float(rng.uniform(0.25, 0.6))),
        "tiles": ("paving", "tiles", float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.15, 0.6))),
        "wood": ("wood", "wood", 0.5, 0.5),
        "carpet": ("cloth", "noise", float(rng.uniform(0.02, 0.4)), 0.95),
    }
    palette, pattern, scale, rough = laid[ground]
    under = look(rng, palette, pattern=pattern, scale=scale, bump=0.1, roughness=rough)
    stage.put(grid(room.wide + 0.4, room.deep + 0.4, 6, 6), under, "floor", np.eye(4), casts=False)
    stage.put(
        _lid(room), _calm(rng, look(rng, "trim", colour=(0.8, 0.8, 0.78)), 0.96), "ceiling", np.eye(4), casts=sunny
    )
    skirting = look(rng, "trim", pattern="plain")
    for number, side in enumerate(sides):
        own = _calm(rng, look(rng, "wall paint"), 0.93) if number == 0 and rng.random() < 0.2 else paint
        where = placed((side.wall.middle[0], 0.0, side.wall.middle[1]), (0, side.wall.facing + np.pi, 0))
        stage.put(_pierced(side.wall.length + 2 * _THICK, room.high, side.openings), own, "wall", where, casts=sunny)
        low = [(a, b, 0.0, 0.1) for a, b, c, _ in side.openings if c < 0.1]
        stage.put(
            moved(_pierced(side.wall.length, 0.09, low, thick=0.02), z=-0.02), skirting, "wall", where, casts=False
        )
        for opening in side.openings:
            _window(stage, rng, opening, where)
        if side.openings:
            _outside(stage, rng, side.openings, where, evening)
    if sunny:
        back = placed((0.0, 0.0, -room.deep / 2), (0, np.pi, 0))
        stage.put(_pierced(room.wide + 2 * _THICK, room.high, []), paint, "wall", back)


def _calm(rng: np.random.Generator, material: Material, share: float) -> Material:
    """The material with its second colour close to the first: paint is even, mostly wholly so (and draws faster)."""
    if share > 0.9 and rng.random() < 0.7:
        return replace(material, pattern="plain", bump=0.0)
    return replace(material, second=rgb(np.asarray(material.colour) * share))


def _lid(room: Room) -> Mesh:
    return moved(grid(room.wide + 0.4, room.deep + 0.4), y=-room.high)


def _pierced(
    length: float, high: float, openings: list[tuple[float, float, float, float]], thick: float = _THICK
) -> Mesh:
    """A wall about x = 0 on y = 0 whose face is z = 0 and looks to -z, with rectangular holes; uv are x and y."""
    pieces, x = [], -length / 2

    def block(start: float, end: float, low: float, top: float) -> None:
        if end - start > 1e-4 and top - low > 1e-4:
            pieces.append(moved(box(end - start, top - low, thick), (start + end) / 2, -low, thick / 2))

    for start, end, low, top in sorted(openings):
        block(x, start, 0.0, high)
        block(start, end, 0.0, low)
        block(start, end, top, high)
        x = end
    block(x, length / 2, 0.0, high)
    mesh = merged(pieces)
    along = np.where(np.abs(mesh.normals[:, :1]) > 0.5, mesh.vertices[:, 2:3], mesh.vertices[:, :1])
    return Mesh(
        mesh.vertices, mesh.normals, np.concatenate([along, mesh.vertices[:, 1:2]], 1).astype(np.float32), mesh.faces
    )


def _window(
    stage: Stage, rng: np.random.Generator, opening: tuple[float, float, float, float], where: np.ndarray
) -> None:
    """Frame, sill, curtains."""
    a, b, low, top = opening
    wide, high, middle = b - a, top - low, (a + b) / 2
    thin = 0.05
    bars = [moved(box(wide, thin, thin), middle, -y, 0.12) for y in (low, top - thin)]
    bars += [moved(box(thin, high, thin), x, -low, 0.12) for x in (a + thin / 2, b - thin / 2)]
    if rng.random() < 0.7:
        bars.append(moved(box(thin * 0.8, high, thin), middle, -low, 0.12))
    if rng.random() < 0.4:
        bars.append(moved(box(wide, thin * 0.8, thin), middle, -(low + high * rng.uniform(0.5, 0.75)), 0.12))
    stage.put(merged(bars), look(rng, "frame"), "window", where)
    if low > 0.3:
        stage.put(moved(box(wide + 0.12, 0.03, 0.2), middle, -low + 0.015, -0.04), look(rng, "trim"), "window", where)
    if rng.random() < 0.55:
        cloth = look(rng, "cloth" if rng.random() < 0.5 else "sail", through=0.45, pattern="plain")
        for side in (-1, 1):
            reach = wide * float(rng.uniform(0.15, 0.35))
            x = middle + side * (wide / 2 + 0.12 - reach / 2)
            stage.put(moved(_curtain(rng, reach, top + 0.12), x, 0.0, -0.1), cloth, "cloth", where)


def _outside(
    stage: Stage, rng: np.random.Generator, openings: Sequence[tuple[float, float, float, float]], where: np.ndarray,
    evening: bool,
) -> None:  # fmt: skip
    """What is beyond the windows of one wall: a bright sky over a dim skyline."""
    least, most = min(opening[0] for opening in openings), max(opening[1] for opening in openings)
    wide, middle = most - least + 4, (least + most) / 2
    bright = 0.004 if evening else float(rng.uniform(0.35, 1.3))
    sky = Material(
        colour=(0.03, 0.045, 0.1) if evening else rgb(np.array([0.75, 0.85, 1.0]) * rng.uniform(0.85, 1.0)),
        emission=bright * 3.14,
        roughness=1.0,
    )
    stage.put(moved(sheet(wide + 10, 14.0), middle, 4.0, 7.0), sky, "window", where, casts=False)
    tone = rgb(
        np.array([0.12, 0.16, 0.09]) * rng.uniform(0.6, 1.6)
        if rng.random() < 0.6
        else rng.uniform(0.15, 0.4) * np.array([1.0, 0.95, 0.9])
    )
    tone = rgb(np.asarray(tone) * 0.15) if evening else tone
    land = Material(
        colour=tone, pattern="noise", scale=float(rng.uniform(0.5, 2.0)), emission=bright * 3.14, roughness=1.0
    )
    stage.put(moved(_skyline(rng, wide + 8), middle, 2.5, 6.0), land, "window", where, casts=False)


def _skyline(rng: np.random.Generator, wide: float) -> Mesh:
    """A ragged wall of what stands outside."""
    x = np.linspace(-wide / 2, wide / 2, 60)
    tops = 2.5 + np.cumsum(rng.normal(0, 0.22, 60)).clip(-1.0, 1.6)
    rows = np.stack([np.stack([x, -tops, 0 * x], -1), np.stack([x, 0 * x, 0 * x], -1)])
    return lattice(rows, rows[..., :2], flip=True)


def _curtain(rng: np.random.Generator, wide: float, high: float) -> Mesh:
    """Cloth in folds that hangs to the floor."""
    x, y = np.meshgrid(np.linspace(-wide / 2, wide / 2, 41), np.linspace(-high, -0.02, 8))
    folds = (
        np.sin(x * 2 * np.pi / float(rng.uniform(0.09, 0.16)) + rng.uniform(0, 6))
        * 0.035
        * (1 + 0.25 * np.sin(3 * x + y))
    )
    return lattice(np.stack([x, y, folds], -1), np.stack([x, y], -1), flip=True)


def _ceiling_lamp(stage: Stage, rng: np.random.Generator, room: Room, lit: float) -> None:
    if rng.random() < 0.3 and not lit:
        return
    drop, z = float(rng.uniform(0.35, 0.9)), float(rng.uniform(0.0, 0.25)) * room.deep
    warm = (1.0, 0.8, 0.55) if rng.random() < 0.7 else (1.0, 0.97, 0.92)
    shade = Material(colour=warm, emission=lit * 2.5, roughness=0.6) if lit else look(rng, "sail")
    radius = float(rng.uniform(0.12, 0.3))
    parts = {
        "cord": moved(cylinder(0.006, drop, 6), y=-room.high + drop),
        "shade": moved(
            lathe([(radius, 0.0), (radius * rng.uniform(0.2, 0.9), radius)], 24), y=-room.high + drop + radius * 0.5
        ),
    }
    stage.put(
        parts, {"cord": Material(colour=(0.05, 0.05, 0.05)), "shade": shade}, "lamp", placed((0, 0, z)), casts=False
    )
    if lit:
        bright = lit * float(rng.uniform(1.0, 2.5))
        stage.shine((0.0, -room.high + drop + 0.25, z), (warm[0] * bright, warm[1] * bright, warm[2] * bright))


def _life(stage: Stage, rng: np.random.Generator, floor: Floor, room: Room) -> None:
    """Somebody who stands or walks about, a cat or dog."""
    half = room.wide / 2 - 0.6
    if rng.random() < 0.25:
        x, z = float(rng.uniform(-half, half)), float(rng.uniform(-0.05, 0.35)) * room.deep
        if floor.take(x, z, 0.6, 0.6, room=1.5):
            add_person(stage, rng, str(rng.choice(["stand", "wave"])), (x, 0.0, z), float(rng.uniform(-3.1, 3.1)))
    if rng.random() < 0.2:
        x, z = float(rng.uniform(-half, half)), float(rng.uniform(-0.05, 0.35)) * room.deep
        if floor.take(x, z, 0.7, 0.7, room=1.0):
            turn = float(rng.uniform(0, 6.28))
            path = np.array([[x, 0, z], [x + np.sin(turn), 0, z + np.cos(turn)]])
            add_animal(stage, rng, str(rng.choice(["dog", "cat"])), str(rng.choice(["stand", "sit"])), path)


def _sky(rng: np.random.Generator, room: Room, sides: list[Side], heading: float) -> Sky:
    """Light from all around, and a key: the sun through a window, or a soft one from above that every room has."""
    tone = np.array([1.0, 0.96, 0.9]) * rng.uniform(0.93, 1.05, 3)
    open_side = next(side for side in sides if side.openings)
    outside = open_side.wall.facing + np.pi + rng.normal() * 0.45 - heading
    if room.light == "sun":
        return Sky(
            kind="room",
            sun_elevation=float(rng.uniform(0.35, 0.85)),
            sun_azimuth=float(outside),
            ambient=rgb(tone * rng.uniform(0.3, 0.5)),
            key=rgb(np.array([1.0, 0.9, 0.75]) * rng.uniform(1.2, 3.0)),
        )
    strength = 0.16 if room.light == "evening" else 1.0
    return Sky(
        kind="room",
        sun_elevation=float(rng.uniform(0.9, 1.3)),
        sun_azimuth=float(outside),
        ambient=rgb(tone * strength * rng.uniform(0.3, 0.5)),
        key=rgb(tone * strength * rng.uniform(0.25, 0.6)),
    )
