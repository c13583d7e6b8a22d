"""What stands in a room and hangs on its walls: nothing within anything else.

kind of room ─▶ pieces at the walls and in the middle, each with its own share of the floor ─▶ things on a stage
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from stillmotion.training.worlds.families.crowd import add_person
from stillmotion.training.worlds.looks import look, looks, rgb
from stillmotion.training.worlds.meshes.furniture import bed, cabinet, chair, floor_lamp, shelf, sofa, table
from stillmotion.training.worlds.meshes.nature import potted_plant
from stillmotion.training.worlds.meshes.parts import Parts, bounds
from stillmotion.training.worlds.meshes.solids import box, grid, moved, placed
from stillmotion.training.worlds.meshes.solids import wall as sheet
from stillmotion.training.worlds.meshes.things import book, bowl, candle, cup, vase
from stillmotion.training.worlds.records import Material
from stillmotion.training.worlds.stage import Stage

LABELS = {"": "furniture", "cloth": "furniture", "cushion": "cloth", "sheet": "cloth", "shade": "lamp", "bulb": "lamp"}


@dataclass(slots=True)
class Wall:
    """One wall as furniture sees it: a line on the floor, and what is taken of it."""

    middle: tuple[float, float]  # x, z
    facing: float  # radians from +z to +x: where furniture that leans on it looks
    length: float
    taken: list[tuple[float, float, float]] = field(default_factory=list)  # from, to, height

    def free(self, start: float, end: float, low: float, high: float) -> bool:
        """Whether nothing between two heights is within a stretch; windows take from 0.9 up and are noted as such."""
        return all(
            end < a or start > b or (top > 0 and top < low) or (top < 0 and -top > high) for a, b, top in self.taken
        )

    def at(self, along: float, away: float) -> tuple[float, float]:
        """The point `along` metres from the middle (to the right of who looks at the wall) and `away` from it."""
        x, z = np.sin(self.facing), np.cos(self.facing)
        return float(self.middle[0] + away * x - along * z), float(self.middle[1] + away * z + along * x)


@dataclass(slots=True)
class Floor:
    """What of the floor is taken, as circles and boxes (x0, z0, x1, z1)."""

    walls: list[Wall]
    camera: tuple[float, float]
    middle: tuple[float, float]  # where what stands free goes
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def take(self, x: float, z: float, wide: float, deep: float, room: float = 0.9) -> bool:
        """Take a box about a point if it is free and the camera keeps `room` metres."""
        mine = (x - wide / 2, z - deep / 2, x + wide / 2, z + deep / 2)
        if any(mine[0] < b[2] and mine[2] > b[0] and mine[1] < b[3] and mine[3] > b[1] for b in self.boxes):
            return False
        near = np.hypot(max(abs(x - self.camera[0]) - wide / 2, 0), max(abs(z - self.camera[1]) - deep / 2, 0))
        if near < room:
            return False
        self.boxes.append(mine)
        return True

    def lean(self, rng: np.random.Generator, parts: Parts, gap: float = 0.02) -> np.ndarray | None:
        """A matrix that puts a piece with its back to some wall, or nothing where no place is found."""
        least, most = bounds(parts)
        wide, deep, high = float(most[0] - least[0]), float(most[2] - least[2]), float(-least[1])
        for _ in range(14):
            wall = self.walls[int(rng.integers(len(self.walls)))]
            if wall.length < wide + 0.1:
                continue
            along = float(rng.uniform(-1, 1)) * (wall.length - wide - 0.06) / 2
            if not wall.free(along - wide / 2, along + wide / 2, 0.0, high):
                continue
            x, z = wall.at(along, gap + deep / 2)
            turned = abs(np.sin(wall.facing)) > 0.5
            if self.take(x, z, *((deep, wide) if turned else (wide, deep))):
                wall.taken.append((along - wide / 2, along + wide / 2, high))
                back = -float(least[2]) - deep / 2  # of the piece's origin from its own middle
                x, z = x + back * np.sin(wall.facing), z + back * np.cos(wall.facing)
                return placed((x, 0.0, z), (0, wall.facing, 0))
        return None


def furnish(stage: Stage, rng: np.random.Generator, floor: Floor, kind: str, lit: float) -> None:
    """Furniture of a kind of room; `lit` is the light of its lamps in kilolux at one metre, 0 by day."""
    wood = look(rng, "wood")
    _KINDS[kind](stage, rng, floor, wood)
    for _ in range(int(rng.integers(0, 3))):
        _lean(stage, rng, floor, shelf(rng, float(rng.uniform(0.6, 1.2)), float(rng.uniform(0.9, 2.1))), wood)
    if rng.random() < 0.5:
        _sideboard(stage, rng, floor, wood)
    if rng.random() < 0.6:
        _lamp(stage, rng, floor, lit)
    for _ in range(int(rng.integers(0, 3))):
        high = float(rng.uniform(0.5, 1.4))
        parts = _plant(rng, high)
        where = floor.lean(rng, parts)
        if where is not None:
            stage.put(
                parts, looks(rng, leaves="leaves", pot="ceramic", soil="soil", rest="leaves"), {"": "plant"}, where
            )
    _pictures(stage, rng, floor)


def _plant(rng: np.random.Generator, high: float) -> Parts:
    """A potted plant whose leaves lie on what it stands on, rather than hang through it."""
    parts = potted_plant(rng, high)
    return {
        slot: replace(mesh, vertices=np.minimum(mesh.vertices, np.array([9, -0.004, 9], np.float32)))
        for slot, mesh in parts.items()
    }


def _dress(rng: np.random.Generator, wood: Material) -> dict[str, Material]:
    cloth, cushion = (_upholstery(rng) for _ in range(2))
    books = {f"book{k}": look(rng, "book") for k in range(5)}
    return dict(
        looks(
            rng,
            wood=wood,
            leg=wood if rng.random() < 0.6 else "metal",
            front=wood if rng.random() < 0.5 else "trim",
            metal="metal",
            cloth=cloth,
            cushion=cushion if rng.random() < 0.6 else cloth,
            sheet="sail",
            **books,
            rest=wood,
        )
    )


def _upholstery(rng: np.random.Generator) -> Material:
    """Cloth that is mostly even, sometimes striped or patchy."""
    cloth = look(rng, "cloth", pattern=str(rng.choice(["cloth", "noise"])), scale=float(10 ** rng.uniform(-2, -0.7)))
    return replace(cloth, second=rgb(np.asarray(cloth.colour) * (0.85 if rng.random() < 0.75 else 0.5)))


def _put(stage: Stage, rng: np.random.Generator, parts: Parts, wood: Material, where: np.ndarray) -> None:
    materials = _dress(rng, wood)
    stage.put(parts, {slot: materials.get(slot, wood) for slot in parts}, LABELS, where)


def _lean(stage: Stage, rng: np.random.Generator, floor: Floor, parts: Parts, wood: Material) -> np.ndarray | None:
    where = floor.lean(rng, parts)
    if where is not None:
        _put(stage, rng, parts, wood, where)
    return where


def _living(stage: Stage, rng: np.random.Generator, floor: Floor, wood: Material) -> None:
    seats = int(rng.integers(2, 4))
    where = _lean(stage, rng, floor, sofa(rng, seats), wood)
    if where is not None:
        ahead = where[:3, :3] @ [0.0, 0.0, 1.0]
        x, z = where[0, 3] + 1.25 * ahead[0], where[2, 3] + 1.25 * ahead[2]
        turned = abs(ahead[0]) > 0.5
        if floor.take(float(x), float(z), *((0.6, 1.1) if turned else (1.1, 0.6)), room=0.5):
            turn = placed((x, 0, z), (0, float(np.arctan2(ahead[0], ahead[2])), 0))
            _put(stage, rng, table(rng, 1.0, 0.55, 0.42), wood, turn)
            _on_top(stage, rng, turn, 0.42, 0.4, 0.2)
            _rug(stage, rng, (float(x), float(z)), turned)
        if rng.random() < 0.25:
            spot = where @ [(rng.random() - 0.5) * 0.6 * seats * 0.5, -0.42, 0.12, 1.0]
            add_person(stage, rng, "sit", (float(spot[0]), 0.02, float(spot[2])), float(np.arctan2(ahead[0], ahead[2])))
    for _ in range(int(rng.integers(0, 3))):
        _lean(stage, rng, floor, sofa(rng, 1), wood)


def _dining(stage: Stage, rng: np.random.Generator, floor: Floor, wood: Material) -> None:
    middle = floor.middle
    wide, deep = float(rng.uniform(1.2, 2.0)), float(rng.uniform(0.75, 0.95))
    if not floor.take(*middle, wide + 0.9, deep + 1.0, room=0.35):
        wide, deep = 0.8, 0.8
        if not floor.take(middle[0], middle[1] + 0.6, wide + 0.9, deep + 1.0, room=0.3):
            return
        middle = (middle[0], middle[1] + 0.6)
    where = placed((middle[0], 0, middle[1]))
    _put(stage, rng, table(rng, wide, deep), wood, where)
    _on_top(stage, rng, where, 0.74, wide / 2 - 0.15, deep / 2 - 0.12)
    one, count = chair(rng), max(1, int(wide / 0.62))
    for side in (-1, 1):
        for k in range(count):
            x = middle[0] + (k - (count - 1) / 2) * 0.62
            z = middle[1] + side * (deep / 2 + rng.uniform(0.0, 0.25))
            if rng.random() < 0.9:
                turn = (np.pi if side > 0 else 0.0) + rng.normal() * 0.08
                _put(stage, rng, one, wood, placed((x, 0, z), (0, turn, 0)))


def _sleeping(stage: Stage, rng: np.random.Generator, floor: Floor, wood: Material) -> None:
    wide = float(rng.choice([0.9, 1.4, 1.6, 1.8]))
    where = _lean(stage, rng, floor, bed(rng, wide), wood)
    if where is not None and rng.random() < 0.6:
        _rug(stage, rng, (float(where[0, 3]), float(where[2, 3])), abs(float(where[0, 2])) > 0.5)
    for _ in range(2):
        _sideboard(stage, rng, floor, wood, wide=0.5)


def _working(stage: Stage, rng: np.random.Generator, floor: Floor, wood: Material) -> None:
    for _ in range(int(rng.integers(1, 3))):
        desk = table(rng, float(rng.uniform(1.1, 1.7)), 0.7)
        where = _lean(stage, rng, floor, desk, wood)
        if where is None:
            continue
        _on_top(stage, rng, where, 0.74, 0.45, 0.2)
        _screen(stage, rng, where @ placed((0, -0.74, -0.12)))
        spot = where @ placed((float(rng.uniform(-0.2, 0.2)), 0, 0.55), (0, np.pi + rng.normal() * 0.5, 0))
        if floor.take(float(spot[0, 3]), float(spot[2, 3]), 0.4, 0.4, room=0.4):
            _put(stage, rng, chair(rng), wood, spot)


def _bare(stage: Stage, rng: np.random.Generator, floor: Floor, wood: Material) -> None:
    if rng.random() < 0.5:
        _rug(stage, rng, floor.middle, False)
    _lean(stage, rng, floor, chair(rng), wood)


_KINDS: dict[str, Callable[[Stage, np.random.Generator, Floor, Material], None]] = {
    "living": _living,
    "dining": _dining,
    "bedroom": _sleeping,
    "study": _working,
    "bare": _bare,
}
KINDS = tuple(_KINDS)


def _screen(stage: Stage, rng: np.random.Generator, where: np.ndarray) -> None:
    """A monitor that looks along +z."""
    wide = float(rng.uniform(0.45, 0.65))
    dark = Material(colour=(0.02, 0.02, 0.022), roughness=0.3)
    stage.put(
        {"case": moved(box(wide, wide * 0.58, 0.03), y=-0.12), "foot": box(0.2, 0.13, 0.12)},
        {"case": dark, "foot": dark},
        "other",
        where,
    )


def _sideboard(stage: Stage, rng: np.random.Generator, floor: Floor, wood: Material, wide: float | None = None) -> None:
    high = float(rng.uniform(0.5, 1.0))
    wide = wide or float(rng.uniform(0.8, 1.8))
    where = _lean(stage, rng, floor, cabinet(rng, wide, high), wood)
    if where is not None:
        _on_top(stage, rng, where, high, wide / 2 - 0.15, 0.1)


def _on_top(stage: Stage, rng: np.random.Generator, where: np.ndarray, high: float, x: float, z: float) -> None:
    """A few small things on a level top."""
    makers: dict[str, Callable[[], Parts]] = {
        "vase": lambda: vase(rng),
        "bowl": lambda: bowl(rng),
        "cup": lambda: cup(rng),
        "book": lambda: book(rng),
        "candle": lambda: candle(rng),
        "plant": lambda: _plant(rng, float(rng.uniform(0.2, 0.4))),
    }
    taken: list[float] = []
    for _ in range(int(rng.integers(0, 5))):
        at = float(rng.uniform(-x, x))
        if any(abs(at - other) < 0.28 for other in taken):
            continue
        taken.append(at)
        name = str(rng.choice(list(makers)))
        materials = looks(
            rng,
            ceramic="ceramic",
            drink="drink",
            cover="book",
            paper="paper",
            wax="wax",
            leaves="leaves",
            pot="ceramic",
            soil="soil",
            wick=Material(colour=(0.02, 0.02, 0.02)),
            flame=Material(colour=(1.0, 0.6, 0.2), emission=1.0),
            rest="ceramic",
        )
        label = {"": "plant"} if name == "plant" else {"": "other"}
        spot = where @ placed((at, -high, float(rng.uniform(-z, z))), (0, float(rng.uniform(0, 6.28)), 0))
        stage.put(makers[name](), materials, label, spot)


def _lamp(stage: Stage, rng: np.random.Generator, floor: Floor, lit: float) -> None:
    parts = floor_lamp(rng, float(rng.uniform(1.3, 1.7)))
    where = floor.lean(rng, parts)
    if where is None:
        return
    glow = Material(colour=(1.0, 0.78, 0.5), emission=lit * 2.0, through=0.5)
    shade = Material(colour=(0.9, 0.8, 0.62), emission=lit * 0.8, through=0.5) if lit else look(rng, "sail")
    stage.put(parts, looks(rng, metal="dark metal", shade=shade, bulb=glow, rest="metal"), {"": "lamp"}, where)
    if lit:
        top = where @ [0.0, -1.25, 0.0, 1.0]
        stage.shine(top[:3].tolist(), (lit, lit * 0.75, lit * 0.5))


def _rug(stage: Stage, rng: np.random.Generator, at: tuple[float, float], turned: bool) -> None:
    wide, deep = float(rng.uniform(1.6, 2.6)), float(rng.uniform(1.2, 1.8))
    cloth = look(
        rng, "cloth", pattern=str(rng.choice(["cloth", "noise", "tiles"])), scale=float(rng.uniform(0.1, 0.5)), bump=0.3
    )
    where = placed((at[0], -0.012, at[1]), (0, np.pi / 2 if turned else 0.0, 0))
    stage.put(grid(wide, deep, 8, 8), cloth, "floor", where, casts=False)


def _pictures(stage: Stage, rng: np.random.Generator, floor: Floor) -> None:
    for _ in range(int(rng.integers(0, 6))):
        wall = floor.walls[int(rng.integers(len(floor.walls)))]
        wide, ratio = float(rng.uniform(0.25, 0.9)), float(rng.uniform(0.7, 1.4))
        high = wide * ratio
        low = float(rng.uniform(1.35, 1.75)) - high / 2
        if wall.length < wide + 0.3:
            continue
        along = float(rng.uniform(-1, 1)) * (wall.length - wide - 0.2) / 2
        if not wall.free(along - wide / 2 - 0.05, along + wide / 2 + 0.05, low, low + high):
            continue
        wall.taken.append((along - wide / 2, along + wide / 2, low + high))
        x, z = wall.at(along, 0.022)
        where = placed((x, -low, z), (0, wall.facing + np.pi, 0))
        stage.put(moved(box(wide + 0.05, high + 0.05, 0.02), y=0.025, z=0.012), look(rng, "frame"), "other", where)
        face = sheet(1.0, 1.0)
        stage.put(
            face,
            Material(colour=(0.5, 0.5, 0.5), once=True, roughness=0.6),
            "other",
            where @ placed(scale=(wide, high, 1.0)),
        )
