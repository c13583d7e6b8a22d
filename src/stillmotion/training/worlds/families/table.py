"""Table tops and close-ups: crockery, food, flowers, books, toys, candles, mostly with a shallow focus.

    rng ─▶ theme, setting (room, garden, backdrop) ─▶ items that do not touch, one of them perhaps moving ─▶ World

The layout's ground is the top of the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.families.greenery import plant_bushes, plant_trees
from stillmotion.training.worlds.families.still_life import FRUITS, MAKERS, Item, one_fruit, toy_car, toy_car_looks
from stillmotion.training.worlds.families.weather import Weather, draw_weather
from stillmotion.training.worlds.looks import look, looks
from stillmotion.training.worlds.meshes.furniture import cabinet, chair, shelf, table
from stillmotion.training.worlds.meshes.parts import bounds
from stillmotion.training.worlds.meshes.solids import TURN, box, grid, moved, placed, sphere, wall
from stillmotion.training.worlds.motions import Motion, along, dropped, rolling, spinning
from stillmotion.training.worlds.records import Deform, Material, Puffs, Sky, World
from stillmotion.training.worlds.stage import Stage

THEMES: dict[str, tuple[str, ...]] = {
    "breakfast": ("cup", "plate", "loaf", "fruit", "container", "cutlery", "cup", "plate", "bouquet", "cutlery"),
    "still life": ("fruit bowl", "vase", "fruit", "fruit", "container", "bouquet", "fruit", "cup"),
    "flowers": ("bouquet", "bouquet", "vase", "cup", "books", "plant"),
    "desk": ("laptop", "books", "cup", "pens", "plant", "lamp", "books", "pens"),
    "toys": ("toy", "toy", "toy", "toy", "toy", "books", "toy", "toy"),
    "sweets": ("sweets", "plate", "cup", "plate", "bouquet", "cutlery", "fruit"),
    "candles": ("candle", "candle", "candle", "vase", "books", "candle", "container"),
    "kitchen": ("container", "container", "loaf", "container", "fruit", "fruit bowl", "plant", "cutlery", "cup"),
}
TOP = 0.75  # metres of the table above the floor


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that is taken."""

    x: float
    z: float
    radius: float


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One table; `size` (width, height) of the picture does not matter to it."""
    theme = str(rng.choice(list(THEMES)))
    setting = str(rng.choice(["room", "garden", "backdrop"], p=[0.6, 0.2, 0.2])) if theme != "desk" else "room"
    dark = theme == "candles" and rng.random() < 0.7
    reach = float(np.exp(rng.uniform(np.log(0.42), np.log(1.25))))
    rise = float(rng.uniform(0.16, 0.95))
    around = float(rng.normal() * 0.35)
    eye = (-reach * np.cos(rise) * np.sin(around), -reach * np.sin(rise) - 0.06, -reach * np.cos(rise) * np.cos(around))
    stage = Stage(eye, around + float(rng.normal() * 0.05))
    weather = draw_weather(rng, nights=0.0, snows=0.0)
    half = _top(stage, rng)
    sky = _setting(stage, rng, setting, weather, dark)
    items, spots = _arrange(rng, theme, half, eye)
    for one, spot in zip(items, spots, strict=True):
        _stand(stage, rng, one, spot)
    mover = _mover(stage, rng, theme, spots, half) if rng.random() < 0.55 else "none"
    steam = _steam(stage, rng, items, spots) if rng.random() < 0.5 else ()
    shallow = rng.random() < 0.65
    fov = float(rng.uniform(38, 62))
    return World(
        family="table",
        seed=int(rng.integers(1 << 31)),
        things=stage.seen_things(fov),
        sky=sky,
        pivot=reach,
        eye=-eye[1],
        fov_deg=fov,
        tilt_deg=float(np.degrees(np.arctan2(-eye[1] - 0.06, np.hypot(eye[0], eye[2])))) + float(rng.normal() * 3.0),
        lamps=stage.nearest_lamps(),
        puffs=steam,
        focus=reach * float(rng.uniform(0.85, 1.1)) if shallow else None,
        aperture=float(rng.uniform(4, 26)) if shallow else 0.0,
        told={"theme": theme, "setting": setting, "mover": mover},
    )


def _top(stage: Stage, rng: np.random.Generator) -> tuple[float, float]:
    """The table; half its width and depth."""
    width, depth = float(rng.uniform(1.1, 2.0)), float(rng.uniform(0.75, 1.1))
    name = str(rng.choice(["wood", "wood", "wood", "ceramic", "rock", "cloth", "concrete"]))
    top = look(
        rng, name, **({"pattern": "noise", "scale": 0.4, "bump": 0.0, "roughness": 0.25} if name == "rock" else {})
    )
    stage.put(table(rng, width, depth, TOP), looks(rng, wood=top, leg="wood"), "furniture", placed((0, TOP, 0)))
    if rng.random() < 0.3:
        mat = moved(
            box(float(rng.uniform(0.35, 0.6)), 0.002, float(rng.uniform(0.28, 0.4))),
            float(rng.normal() * 0.1),
            0.0,
            float(rng.normal() * 0.05),
        )
        stage.put(mat, look(rng, "cloth"), "cloth", np.eye(4))
    return width / 2, depth / 2


def _setting(stage: Stage, rng: np.random.Generator, setting: str, weather: Weather, dark: bool) -> Sky:
    """What is behind the table, and the light."""
    if setting == "garden":
        stage.put(grid(160.0, 160.0, 8, 8), look(rng, "lawn"), "grass", placed((0, TOP, 40)), casts=False)
        spots = [(float(rng.uniform(-14, 14)), TOP, float(rng.uniform(3.5, 18))) for _ in range(9)]
        plant_trees(stage, rng, weather, spots, (3, 7), 2, 0.2, 900)
        plant_bushes(
            stage, rng, weather, [(float(rng.uniform(-6, 6)), TOP, float(rng.uniform(2.2, 6))) for _ in range(7)]
        )
        return weather.sky
    if setting == "backdrop":
        _backdrop(stage, rng)
    else:
        _room(stage, rng, dark)
    level = float(rng.uniform(0.004, 0.015)) if dark else float(np.exp(rng.uniform(np.log(0.12), np.log(0.6))))
    warm = float(rng.uniform(-0.1, 0.25))
    tone = np.array([1 + warm, 1.0, 1 - warm])
    key = level * tone * rng.uniform(0.8, 4.5) * (0.3 if dark else 1.0)
    return Sky(
        kind="room",
        sun_elevation=float(rng.uniform(0.4, 1.2)),
        sun_azimuth=float(rng.choice([-1, 1]) * rng.uniform(0.5, 2.2)),
        ambient=(float(level * tone[0]), float(level), float(level * tone[2])),
        key=(float(key[0]), float(key[1]), float(key[2])),
        seed=int(rng.integers(1 << 30)),
    )


def _backdrop(stage: Stage, rng: np.random.Generator) -> None:
    """A plain wall close behind, as in a studio."""
    stage.put(
        wall(14.0, 6.0),
        look(rng, str(rng.choice(["wall paint", "cloth", "plaster", "top"])), pattern="noise", scale=3.0),
        "wall",
        placed((0, TOP, float(rng.uniform(0.8, 2.0)))),
        casts=False,
    )
    stage.put(grid(14.0, 8.0), look(rng, "concrete"), "floor", placed((0, TOP, 0)), casts=False)


def _room(stage: Stage, rng: np.random.Generator, dark: bool) -> None:
    """A wall with a window, a picture, shelves or a sideboard; a floor; chairs."""
    back = float(rng.uniform(0.9, 3.2))
    paint = look(rng, "wall paint")
    stage.put(wall(12.0, 3.2), paint, "wall", placed((0, TOP, back)), casts=False)
    stage.put(wall(12.0, 3.2), paint, "wall", placed((-4.5, TOP, 0), (0, -np.pi / 2, 0)), casts=False)
    stage.put(wall(12.0, 3.2), paint, "wall", placed((4.5, TOP, 0), (0, np.pi / 2, 0)), casts=False)
    stage.put(
        grid(12.0, 12.0), look(rng, "wood", pattern="planks", scale=0.14), "floor", placed((0, TOP, 0)), casts=False
    )
    taken = float(rng.uniform(-1.2, 1.2))
    if rng.random() < 0.6:
        wide, tall = float(rng.uniform(0.8, 1.6)), float(rng.uniform(1.0, 1.5))
        light = (
            Material(colour=(0.12, 0.16, 0.3), emission=0.02)
            if dark
            else Material(colour=(0.75, 0.85, 1.0), emission=float(rng.uniform(0.5, 2.0)), roughness=0.2)
        )
        stage.put(box(wide, tall, 0.02), light, "window", placed((taken, TOP - 0.95, back - 0.005)), casts=False)
        bars = {"frame": box(0.05, tall, 0.06)}
        stage.put_many(
            bars,
            looks(rng, frame="frame"),
            "window",
            [placed((taken + x * wide / 2, TOP - 0.95, back - 0.02)) for x in (-1, 0, 1)],
        )
        stage.put_many(
            {"frame": box(wide + 0.1, 0.05, 0.08)},
            looks(rng, frame="frame"),
            "window",
            [placed((taken, TOP - y, back - 0.02)) for y in (0.93, 0.95 + tall)],
        )
    side = -np.sign(taken) * float(rng.uniform(1.3, 2.0))
    deep = placed((side, TOP, back - 0.25), (0, np.pi, 0))
    choice = rng.random()
    if back > 1.3 and choice < 0.4:
        stage.put(
            shelf(rng, 1.0, float(rng.uniform(1.2, 2.1))),
            looks(rng, wood="wood", **{f"book{n}": "book" for n in range(5)}),
            "furniture",
            deep,
        )
    elif back > 1.3 and choice < 0.75:
        stage.put(cabinet(rng), looks(rng, wood="wood", front="wood", metal="metal"), "furniture", deep)
    else:
        picture = box(float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.4, 0.7)), 0.03)
        stage.put(
            picture,
            look(rng, "top", pattern="noise", scale=0.3, second=look(rng, "sign").colour),
            "other",
            placed((side, TOP - 1.2, back)),
        )
    if back > 1.6 and rng.random() < 0.6:
        stage.put(
            chair(rng),
            looks(rng, wood="wood", cloth="cloth"),
            "furniture",
            placed((float(rng.uniform(-0.5, 0.5)), TOP, 0.85), (0, np.pi + rng.normal() * 0.3, 0)),
        )


def _arrange(
    rng: np.random.Generator, theme: str, half: tuple[float, float], eye: tuple[float, float, float]
) -> tuple[list[Item], list[Spot]]:
    """Items of a theme with places on the table where none touches another or hides the middle from the camera."""
    names = list(THEMES[theme])
    names = names[: int(rng.integers(4, len(names) + 1))] if rng.random() < 0.45 else [*names, *names]
    close = float(np.hypot(eye[0], eye[2]))
    items: list[Item] = []
    spots: list[Spot] = []
    for number, name in enumerate(names):
        one = MAKERS[name](rng)
        for attempt in range(30):
            spread = 0.03 if number == 0 else min(close * (0.14 + 0.03 * number + 0.008 * attempt), 0.55)
            x, z = float(rng.normal() * spread * 1.25), float(rng.normal() * spread + 0.03)
            inside = abs(x) < half[0] - one.radius and abs(z) < half[1] - one.radius
            near = float(np.hypot(x - eye[0], z - eye[2])) < max(one.radius + 0.22, 0.55 * close)
            if inside and not near and all(np.hypot(x - s.x, z - s.z) > one.radius + s.radius + 0.005 for s in spots):
                items.append(one)
                spots.append(Spot(x, z, one.radius))
                break
    return items, spots


def _stand(stage: Stage, rng: np.random.Generator, one: Item, spot: Spot) -> None:
    """One item put down; candles and lamps light up, flowers stir."""
    turn = rng.normal() * 0.25 + (0.0 if one.kind in ("laptop", "cutlery") else rng.uniform(0, TURN))
    deform = (
        Deform(kind="sway", amount=0.004, length=0.4, hz=float(rng.uniform(0.3, 0.9)), seed=int(rng.integers(1000)))
        if one.kind == "bouquet"
        else None
    )
    swaying = {slot: deform for slot in one.parts if slot != "ceramic"} if deform else None
    where: np.ndarray | Motion = placed((spot.x, 0.0, spot.z), (0, turn, 0))
    if one.kind == "cake" and rng.random() < 0.4:
        where = spinning(placed((spot.x, 0.0, spot.z), (0, turn, 0)), float(rng.uniform(0.3, 1.0)))
    stage.put(one.parts, one.materials, one.labels, where, swaying)
    least = bounds(one.parts)[0]
    if one.kind == "candle":
        bright = 0.012
        stage.shine(
            (spot.x, float(least[1]) - 0.01, spot.z),
            (bright, bright * 0.6, bright * 0.22),
            flicker=float(rng.uniform(0.15, 0.6)),
        )
    elif one.kind == "lamp":
        stage.shine((spot.x, float(least[1]) * 0.8, spot.z), (0.06, 0.048, 0.03))


def _mover(stage: Stage, rng: np.random.Generator, theme: str, spots: list[Spot], half: tuple[float, float]) -> str:
    """Something that rolls, falls, bounces or drives across the table where nothing stands in its way; its name."""
    radius = float(rng.uniform(0.02, 0.045))
    radius = max(radius, 0.042)
    for _ in range(80):
        z, way = float(rng.uniform(-0.5, 0.6) * half[1]), float(rng.choice([-1, 1]))
        start, speed = -way * float(rng.uniform(0.0, 0.35)), way * float(rng.uniform(0.08, 0.3))
        end = start + 2.2 * speed
        if all(_apart(spot, start, end, z) > spot.radius + radius for spot in spots):
            break
    else:
        return "none"
    kind = str(
        rng.choice(
            ["rolls", "bounces", "falls", "drives"],
            p=[0.35, 0.35, 0.0, 0.3]
            if theme == "toys"
            else [0.45, 0.3, 0.25, 0.0]
            if theme in ("desk", "candles")
            else [0.4, 0.0, 0.6, 0.0],
        )
    )
    if kind == "drives":
        parts = toy_car(rng)
        path = np.array([[start, 0.0, z], [start + way, 0.0, z]])
        stage.put(parts, toy_car_looks(rng), "other", along(path, abs(speed)))
        return kind
    if kind in ("rolls", "bounces") and (theme in ("toys", "desk", "candles") or kind == "bounces"):
        ball = moved(sphere(radius, 24), y=radius)
        paint = look(
            rng,
            "plastic",
            pattern="tiles" if rng.random() < 0.5 else "noise",
            scale=radius,
            second=look(rng, "plastic").colour,
        )
        motion = (
            rolling((start, 0.0, z), (speed, 0.0), radius, 0.3)
            if kind == "rolls"
            else dropped(0.0, float(rng.uniform(0.1, 0.5)), (speed, 0.0), (start, z), radius, 0.72)
        )
        stage.put(ball, paint, "other", motion)
        return kind
    fruit = one_fruit(rng, str(rng.choice([kind for kind in FRUITS if kind in ("apple", "orange", "tomato")])))
    least = bounds(fruit.parts)[0]
    round_radius = float(-least[0])
    centred = {slot: moved(mesh, y=round_radius * 0.95) for slot, mesh in fruit.parts.items()}
    motion = (
        rolling((start, 0.0, z), (speed, 0.0), round_radius, 0.5)
        if kind == "rolls"
        else dropped(0.0, float(rng.uniform(0.1, 0.45)), (speed * 0.5, 0.0), (start, z), round_radius, 0.3)
    )
    stage.put(centred, fruit.materials, "food", motion)
    return kind


def _apart(spot: Spot, start: float, end: float, z: float) -> float:
    """How far a taken place is from a way along x, metres."""
    nearest = min(max(spot.x, min(start, end)), max(start, end))
    return float(np.hypot(spot.x - nearest, spot.z - z))


def _steam(stage: Stage, rng: np.random.Generator, items: list[Item], spots: list[Spot]) -> tuple[Puffs, ...]:
    """Steam above a cup."""
    cups = [(one, spot) for one, spot in zip(items, spots, strict=True) if one.kind == "cup"]
    if not cups:
        return ()
    one, spot = cups[0]
    top = float(bounds(one.parts)[0, 1])
    base = stage.seen((spot.x, top + 0.015, spot.z))
    count, life = 12, float(rng.uniform(1.6, 2.8))
    drift = rng.normal(size=2) * 0.02
    phases, wobble = np.arange(count) / count, rng.uniform(0, TURN, count)

    def at(t: float) -> np.ndarray:
        age = (phases + t / life) % 1.0
        x = base[0] + drift[0] * age + 0.01 * np.sin(wobble + 4.0 * age)
        z = base[2] + drift[1] * age + 0.01 * np.cos(wobble + 3.0 * age)
        y = base[1] - 0.14 * age
        opacity = 0.1 * np.sin(np.pi * age) ** 1.2
        return np.stack([x, y, z, 0.012 + 0.03 * age, *np.full((3, count), 0.9), opacity], -1)

    return (Puffs(at=at),)
