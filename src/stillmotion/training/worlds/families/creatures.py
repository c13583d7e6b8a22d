"""Animals and people in the open: herds on meadows, farms and in snow, birds in flight, butterflies, a park.

rng ─▶ scene kind ─▶ land with plants, creatures on their ways, each where the others are not ─▶ World
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.families.crowd import add_animal, add_person, coat
from stillmotion.training.worlds.families.flags import add_flagpole, add_laundry
from stillmotion.training.worlds.families.greenery import plant_bushes, plant_trees, strew_flowers, strew_grass
from stillmotion.training.worlds.families.weather import Weather, draw_weather
from stillmotion.training.worlds.looks import look, looks
from stillmotion.training.worlds.meshes.animals import KINDS
from stillmotion.training.worlds.meshes.buildings import house
from stillmotion.training.worlds.meshes.flyers import bird, butterfly
from stillmotion.training.worlds.meshes.furniture import bench, fence
from stillmotion.training.worlds.meshes.nature import rock
from stillmotion.training.worlds.meshes.people import snowman
from stillmotion.training.worlds.meshes.solids import TURN, placed
from stillmotion.training.worlds.motions import along
from stillmotion.training.worlds.records import Material, World
from stillmotion.training.worlds.stage import Stage
from stillmotion.training.worlds.terrain import Height, land, waves

HOMES: dict[str, tuple[str, ...]] = {
    "meadow": ("horse", "cow", "sheep", "deer", "dog", "fox"),
    "farm": ("cow", "pig", "sheep", "horse", "dog", "cat"),
    "savanna": ("elephant", "giraffe", "elephant", "giraffe", "deer"),
    "forest": ("deer", "bear", "fox", "deer"),
    "snow": ("fox", "bear", "dog", "deer", "horse"),
    "park": ("dog", "dog", "cat"),
    "beach": ("dog", "horse"),
    "flowers": (),
}
"""Which animals live in which kind of scene."""


@dataclass(frozen=True, slots=True)
class Place:
    """The scene so far."""

    kind: str
    height: Height
    weather: Weather
    distance: float  # metres to what the camera is about


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One scene of creatures; `size` (width, height) of the picture does not matter to it."""
    kind = str(rng.choice(list(HOMES), p=[0.2, 0.16, 0.13, 0.12, 0.08, 0.16, 0.05, 0.1]))
    weather = draw_weather(rng, nights=0.05, snows=1.0 if kind == "snow" else 0.0)
    height = _rolling(rng, float(rng.uniform(0.15, 1.1)), float(rng.uniform(40, 80)))
    animal = str(rng.choice(HOMES[kind])) if HOMES[kind] else ""
    tall = KINDS[animal].shoulder if animal else 0.4
    people = kind in ("park", "beach") or rng.random() < 0.08
    distance = _distance(rng, kind, tall, people)
    eye = (
        float(rng.uniform(0.22, 0.55)) if kind == "flowers" else float(np.clip(tall * rng.uniform(0.6, 1.5), 0.5, 2.4))
    )
    if people:
        eye = float(rng.uniform(1.1, 1.75))
    stage = Stage((0.0, -eye, 0.0), 0.0)
    place = Place(kind, height, weather, distance)
    _land(stage, rng, place)
    taken: list[tuple[float, float, float]] = []
    if animal:
        _herd(stage, rng, place, animal, taken)
    if people:
        _people(stage, rng, place, taken)
    if kind == "flowers":
        _close_flowers(stage, rng, place, eye)
    elif rng.random() < 0.3:
        _birds(stage, rng, int(rng.integers(2, 15)))
    _cloth(stage, rng, place, taken)
    _plants(stage, rng, place, taken)
    shallow = rng.random() < 0.4
    fov = float(rng.uniform(36, 62))
    return World(
        family="creatures",
        seed=int(rng.integers(1 << 31)),
        things=stage.seen_things(fov),
        sky=weather.sky,
        pivot=distance,
        eye=eye,
        fov_deg=fov,
        tilt_deg=float(rng.normal() * 2.0) + (float(rng.uniform(-2, 7)) if kind == "flowers" else 1.0),
        fog=weather.fog,
        rain=weather.rain,
        focus=distance if shallow else None,
        aperture=float(rng.uniform(2, 14)) if shallow else 0.0,
        told={"kind": kind, "animal": animal, "hour": weather.hour},
    )


def _distance(rng: np.random.Generator, kind: str, tall: float, people: bool) -> float:
    if kind == "flowers":
        return float(rng.uniform(0.7, 1.6))
    if people:
        return float(np.exp(rng.uniform(np.log(1.9), np.log(7.0))))
    return float(tall * np.exp(rng.uniform(np.log(2.4), np.log(7.0))) + 0.6)


def _land(stage: Stage, rng: np.random.Generator, place: Place) -> None:
    names = {
        "savanna": "dry ground",
        "snow": "snow",
        "beach": "sand",
        "farm": str(rng.choice(["lawn", "soil"])),
        "forest": str(rng.choice(["soil", "lawn"])),
    }
    name = names.get(place.kind, "lawn")
    label = {"snow": "ground", "beach": "sand", "soil": "ground"}.get(place.kind if name != "soil" else "soil", "grass")
    second = look(rng, "soil").colour if name in ("lawn", "dry ground") and rng.random() < 0.45 else None
    material = look(rng, name, second=second) if second else look(rng, name)
    stage.put(
        land(place.height, eye=0.0, near=0.3, far=420.0, half_angle=1.1, rings=110, spokes=110),
        material,
        label,
        np.eye(4),
        casts=False,
    )


def _rolling(rng: np.random.Generator, height: float, length: float) -> Height:
    """Hills of `height` metres, `length` metres from one to the next, level where the camera stands."""
    shape = waves(rng, longest=length, octaves=3)

    def heights(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        near = 1.0 - np.exp(-(x**2 + z**2) / (0.3 * length) ** 2)
        return np.asarray(shape(x, z) * height * near)

    return heights


def _laid(place: Place, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Points (k, 3) of the layout on the land."""
    return np.stack([x, -place.height(x, z), z], -1)


def _spot(place: Place, x: float, z: float) -> tuple[float, float, float]:
    return x, -float(place.height(np.array([x]), np.array([z]))[0]), z


def _free(taken: list[tuple[float, float, float]], x: float, z: float, room: float) -> bool:
    return all(np.hypot(x - a, z - b) > room + other for a, b, other in taken)


def _herd(
    stage: Stage, rng: np.random.Generator, place: Place, animal: str, taken: list[tuple[float, float, float]]
) -> None:
    """The animal the scene is about, and its companions."""
    shoulder = KINDS[animal].shoulder
    room = shoulder * (0.5 * KINDS[animal].length + 1.0)
    lone = animal in ("bear", "fox", "cat") or rng.random() < 0.3
    count = 1 if lone else int(rng.integers(2, 9))
    heading = float(rng.choice([np.pi / 2, -np.pi / 2, np.pi, 0.3, -2.4, 2.4]) + rng.normal() * 0.35)
    moving = str(rng.choice(["walk", "trot", "stand", "graze"], p=[0.45, 0.15, 0.22, 0.18]))
    same = coat(rng, animal)
    distance = max(place.distance, room + 0.6)
    for number in range(count):
        for _ in range(25):
            spread = 0.0 if number == 0 else 1.0
            x = float(
                rng.normal() * spread * (1.6 + 0.25 * distance) * min(shoulder + 0.4, 2.0)
                - np.sin(heading) * 0.3 * shoulder
            )
            z = float(
                distance + spread * abs(rng.normal()) * 3.5 * (shoulder + 0.5) * (1 if rng.random() < 0.8 else -0.12)
            )
            if z > room + 0.9 and _free(taken, x, z, room):
                break
        else:
            continue
        taken.append((x, z, room))
        activity = moving if rng.random() < 0.7 else str(rng.choice(["stand", "graze", "walk"]))
        turn = heading + float(rng.normal() * (0.12 if activity in ("walk", "trot") else 0.9))
        run = np.linspace(-3.0, 14.0, 20)
        path = _laid(place, x + np.sin(turn) * run, z + np.cos(turn) * run)
        add_animal(stage, rng, animal, activity, path, same if rng.random() < 0.6 else coat(rng, animal), start=3.0)


def _people(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """People who walk, run or stand about, the first of them before the camera."""
    for number in range(int(rng.integers(1, 9))):
        first = number == 0
        for _ in range(25):
            x = float(rng.normal() * (0.15 if first else 0.9 + 0.5 * place.distance))
            z = float(place.distance if first else rng.uniform(max(place.distance * 0.8, 2.0), 26))
            if _free(taken, x, z, 0.55):
                break
        else:
            continue
        taken.append((x, z, 0.55))
        activity = str(
            rng.choice(["stand", "walk", "run", "wave"], p=[0.45, 0.25, 0.1, 0.2] if first else [0.3, 0.5, 0.15, 0.05])
        )
        toward = float(np.pi + rng.normal() * 0.5)
        heading = (
            toward
            if first or (activity in ("stand", "wave") and rng.random() < 0.5)
            else float(rng.uniform(-np.pi, np.pi))
        )
        if first and activity in ("walk", "run"):
            heading = float(rng.choice([-1, 1]) * rng.uniform(1.2, 1.9))
        add_person(stage, rng, activity, _spot(place, x, z), heading)


def _birds(stage: Stage, rng: np.random.Generator, count: int) -> None:
    """A flock that crosses the view."""
    heading = float(rng.choice([-1, 1]) * rng.uniform(0.9, 2.2))
    distance, up = float(rng.uniform(7, 28)), float(rng.uniform(0.12, 0.4))
    size = float(rng.uniform(0.3, 0.8))
    colours = looks(
        rng,
        coat="coat bird",
        wing="coat bird",
        mark="coat bird",
        beak="orange",
        eye=Material(colour=(0.01, 0.01, 0.01)),
        leg="orange",
    )
    ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
    speed = float(rng.uniform(4, 9))
    for _ in range(count):
        middle = np.array(
            [
                rng.normal() * 0.22 * distance,
                -up * distance - rng.uniform(0, 0.12) * distance,
                distance + rng.normal() * 0.14 * distance,
            ]
        )
        drift = ahead + np.array([0.0, rng.normal() * 0.04, 0.0])
        stage.put_body(
            bird(rng, size * float(rng.uniform(0.9, 1.1))),
            colours,
            "animal",
            along(np.stack([middle - drift * 4, middle + drift * 40]), speed, 2.0),
        )


def _close_flowers(stage: Stage, rng: np.random.Generator, place: Place, eye: float) -> None:
    """Flowers and grass before the lens, butterflies above."""
    distance = place.distance
    many, close = int(rng.integers(25, 90)), int(rng.integers(6, 20))
    angle = np.concatenate([rng.uniform(-0.75, 0.75, many), rng.uniform(-0.42, 0.42, close)])
    reach = distance * np.concatenate([rng.uniform(0.9, 4.5, many) ** 1.1, rng.uniform(0.55, 1.4, close)])
    spots = _laid(place, reach * np.sin(angle), reach * np.cos(angle))
    tall = float(eye * rng.uniform(0.75, 1.15))
    strew_flowers(stage, rng, spots.tolist(), tall, int(rng.integers(1, 4)), float(rng.uniform(0.2, 0.42)))
    x, z = rng.uniform(-5, 5, 220), 0.6 * distance + rng.uniform(0, 1, 220) ** 1.4 * 9
    strew_grass(stage, rng, _laid(place, x, z).tolist(), float(tall * rng.uniform(0.3, 0.8)), blades=90)
    for _ in range(int(rng.integers(1, 5))):
        size = float(rng.uniform(0.05, 0.09))
        colours = looks(rng, wing="petal", mark="petal", dark=Material(colour=(0.02, 0.018, 0.016)))
        turn = float(rng.uniform(0, TURN))
        run = np.linspace(-1.0, 5.0, 40)
        middle = np.array([rng.normal() * 0.25 * distance, -rng.uniform(0.3, 0.55), distance * rng.uniform(0.9, 1.6)])
        path = middle + np.stack(
            [np.sin(turn) * run, 0.05 * np.sin(9 * run), np.cos(turn) * run + 0.05 * np.cos(7 * run)], -1
        )
        stage.put_body(butterfly(rng, size), colours, "animal", along(path, float(rng.uniform(0.15, 0.5)), 1.0))


def _cloth(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """A flag or some laundry in the wind."""
    shares = {"park": (0.3, 0.1), "beach": (0.6, 0.1), "farm": (0.05, 0.35), "meadow": (0.04, 0.1), "snow": (0.15, 0.0)}
    flags, washing = shares.get(place.kind, (0.0, 0.0))
    spread, turn = 0.35 * place.distance, float(rng.uniform(-np.pi, np.pi))
    x, z = float(rng.uniform(-1, 1) * (spread + 2.5)), float(place.distance + rng.uniform(1.0, 6.0))
    if rng.random() < flags:
        for number in range(int(rng.integers(1, 4))):
            if _free(taken, x + 2.0 * number, z, 0.4):
                taken.append((x + 2.0 * number, z, 0.4))
                add_flagpole(stage, rng, _spot(place, x + 2.0 * number, z), float(rng.uniform(3.5, 6.5)), turn)
    elif rng.random() < washing and _free(taken, x, z, 2.6):
        taken.append((x, z, 2.6))
        add_laundry(stage, rng, _spot(place, x, z), float(rng.uniform(3.5, 5.0)), float(rng.normal() * 0.5))


def _plants(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """Trees, bushes, grass, stones, fences round about, none where somebody stands."""
    kind, weather = place.kind, place.weather
    trees = {"forest": 60, "park": 22, "meadow": 16, "savanna": 10, "farm": 10, "snow": 24, "beach": 0, "flowers": 14}[
        kind
    ]
    near = {"forest": place.distance + 1.5, "flowers": 9.0}.get(kind, place.distance + 7.0)
    z = near + rng.uniform(0, 1, trees) ** 1.6 * (60.0 if kind == "forest" else 110.0)
    x = rng.uniform(-0.9, 0.9, trees) * (z + 4)
    clear = [i for i in range(trees) if _free(taken, float(x[i]), float(z[i]), 2.2)]
    pointed = {"forest": 0.5, "snow": 0.9, "savanna": 0.0}.get(kind, 0.2)
    plant_trees(
        stage,
        rng,
        weather,
        _laid(place, x[clear], z[clear]).tolist(),
        (5, 14) if kind != "savanna" else (4, 7),
        2,
        pointed,
        900,
    )
    bushes = _laid(place, rng.uniform(-20, 20, 14), place.distance + 3 + rng.uniform(0, 30, 14))
    free = [spot for spot in bushes.tolist() if _free(taken, spot[0], spot[2], 1.0)]
    if kind not in ("snow", "beach"):
        plant_bushes(stage, rng, weather, free[: int(rng.integers(2, 15))], 1.2)
    if kind in ("meadow", "savanna", "forest", "park") and rng.random() < 0.85:
        gx, gz = rng.uniform(-8, 8, 300), 0.8 + rng.uniform(0, 1, 300) ** 1.5 * 15
        tall = float(rng.uniform(0.06, 0.32 if kind != "park" else 0.1))
        strew_grass(stage, rng, _laid(place, gx, gz).tolist(), tall, dry=kind == "savanna", blades=62)
    if kind == "meadow" and rng.random() < 0.5:
        strew_flowers(stage, rng, _laid(place, rng.uniform(-7, 7, 60), rng.uniform(1.5, 14, 60)).tolist(), 0.28)
    _extras(stage, rng, place, taken)


def _extras(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """Stones, fences, a barn, a bench, a snowman."""
    if rng.random() < 0.6:
        stone = {"rock": rock(rng, 1.0)}
        spots = [
            (float(rng.uniform(-12, 12)), float(place.distance + rng.uniform(-0.5, 22)))
            for _ in range(int(rng.integers(2, 9)))
        ]
        matrices = [
            placed(_spot(place, x, z), (0, rng.uniform(0, TURN), 0), rng.uniform(0.25, 1.3))
            for x, z in spots
            if z > 1.5 and _free(taken, x, z, 0.9)
        ]
        stage.put_many(stone, looks(rng, rock=look(rng, "rock", snow=place.weather.snow)), "rock", matrices)
    behind = place.distance + float(rng.uniform(5, 14))
    if place.kind == "farm" or (place.kind in ("meadow", "snow") and rng.random() < 0.35):
        rail, wood = fence(rng, 8.0, float(rng.uniform(1.0, 1.4))), looks(rng, wood="wood")
        behind = max([behind, *(z + room + 0.8 for _, z, room in taken)])
        matrices = [placed(_spot(place, float(x), behind), (0, 0, 0)) for x in np.arange(-32, 33, 8.0)]
        stage.put_many(rail, wood, "other", matrices)
    if place.kind == "farm":
        walls = looks(
            rng,
            wall=str(rng.choice(["planks", "brick wall", "plaster"])),
            roof="roof",
            frame="frame",
            trim="trim",
            glass="pane",
            lit="pane",
            door="door",
            chimney="brick wall",
        )
        x, z = float(rng.uniform(-16, 16)), behind + float(rng.uniform(9, 25))
        stage.put(
            house(rng, float(rng.uniform(10, 18)), 9.0, int(rng.integers(1, 3))),
            walls,
            {"glass": "window", "lit": "window", "": "building"},
            placed(_spot(place, x, z), (0, np.pi + rng.normal() * 0.5, 0)),
        )
    if place.kind == "park":
        for _ in range(int(rng.integers(0, 3))):
            x, z = float(rng.uniform(-6, 6)), place.distance + float(rng.uniform(1.5, 9))
            if _free(taken, x, z, 1.3):
                taken.append((x, z, 1.3))
                stage.put(
                    bench(),
                    looks(rng, wood="wood", metal="dark metal"),
                    "furniture",
                    placed(_spot(place, x, z), (0, np.pi + rng.normal() * 0.7, 0)),
                )
    if place.kind == "snow" and rng.random() < 0.3:
        x, z = float(rng.uniform(-2.5, 2.5)), place.distance + float(rng.uniform(0.5, 4))
        if _free(taken, x, z, 0.8):
            coal = Material(colour=(0.02, 0.02, 0.02))
            stage.put(
                snowman(rng),
                looks(rng, snow="snow", nose="orange", coal=coal, hat=coal),
                "other",
                placed(_spot(place, x, z), (0, np.pi + rng.normal() * 0.5, 0)),
            )
