"""What lies and grows around the creatures of a scene: land, trees, bushes, grass, stones, fences, flags, laundry.

Place (kind, land, weather, distance) + spots that are taken ─▶ things on a stage, none where somebody stands
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.families.flags import add_flagpole, add_laundry
from stillmotion.training.worlds.families.greenery import plant_bushes, plant_trees, strew_flowers, strew_grass
from stillmotion.training.worlds.families.weather import Weather
from stillmotion.training.worlds.looks import look, looks
from stillmotion.training.worlds.meshes.buildings import house
from stillmotion.training.worlds.meshes.furniture import bench, fence
from stillmotion.training.worlds.meshes.nature import rock
from stillmotion.training.worlds.meshes.people import snowman
from stillmotion.training.worlds.meshes.solids import TURN, placed
from stillmotion.training.worlds.records import Material
from stillmotion.training.worlds.stage import Stage
from stillmotion.training.worlds.terrain import Height, land, waves


@dataclass(frozen=True, slots=True)
class Place:
    """The scene so far."""

    kind: str
    height: Height
    weather: Weather
    distance: float  # metres to what the camera is about


def lay_land(stage: Stage, rng: np.random.Generator, place: Place) -> None:
    """The ground in the dress of its kind."""
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


def rolling_land(rng: np.random.Generator, height: float, length: float) -> Height:
    """Hills of `height` metres, `length` metres from one to the next, level where the camera stands."""
    shape = waves(rng, longest=length, octaves=3)

    def heights(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        near = 1.0 - np.exp(-(x**2 + z**2) / (0.3 * length) ** 2)
        return np.asarray(shape(x, z) * height * near)

    return heights


def laid(place: Place, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Points (k, 3) of the layout on the land."""
    return np.stack([x, -place.height(x, z), z], -1)


def spot_on(place: Place, x: float, z: float) -> tuple[float, float, float]:
    """The point of the land at x, z."""
    return x, -float(place.height(np.array([x]), np.array([z]))[0]), z


def is_free(taken: list[tuple[float, float, float]], x: float, z: float, room: float) -> bool:
    """Whether nobody of `taken` (x, z, room) is within `room` metres and theirs."""
    return all(np.hypot(x - a, z - b) > room + other for a, b, other in taken)


def hang_cloth(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """A flag or some laundry in the wind."""
    shares = {"park": (0.3, 0.1), "beach": (0.6, 0.1), "farm": (0.05, 0.35), "meadow": (0.04, 0.1), "snow": (0.15, 0.0)}
    flags, washing = shares.get(place.kind, (0.0, 0.0))
    spread, turn = 0.35 * place.distance, float(rng.uniform(-np.pi, np.pi))
    x, z = float(rng.uniform(-1, 1) * (spread + 2.5)), float(place.distance + rng.uniform(1.0, 6.0))
    if rng.random() < flags:
        for number in range(int(rng.integers(1, 4))):
            if is_free(taken, x + 2.0 * number, z, 0.4):
                taken.append((x + 2.0 * number, z, 0.4))
                add_flagpole(stage, rng, spot_on(place, x + 2.0 * number, z), float(rng.uniform(3.5, 6.5)), turn)
    elif rng.random() < washing and is_free(taken, x, z, 2.6):
        taken.append((x, z, 2.6))
        add_laundry(stage, rng, spot_on(place, x, z), float(rng.uniform(3.5, 5.0)), float(rng.normal() * 0.5))


def plant_around(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """Trees, bushes, grass, stones, fences round about, none where somebody stands."""
    kind, weather = place.kind, place.weather
    trees = {"forest": 60, "park": 22, "meadow": 16, "savanna": 10, "farm": 10, "snow": 24, "beach": 0, "flowers": 14}[
        kind
    ]
    near = {"forest": place.distance + 1.5, "flowers": 9.0}.get(kind, place.distance + 7.0)
    z = near + rng.uniform(0, 1, trees) ** 1.6 * (60.0 if kind == "forest" else 110.0)
    x = rng.uniform(-0.9, 0.9, trees) * (z + 4)
    clear = [i for i in range(trees) if is_free(taken, float(x[i]), float(z[i]), 2.2)]
    pointed = {"forest": 0.5, "snow": 0.9, "savanna": 0.0}.get(kind, 0.2)
    plant_trees(
        stage,
        rng,
        weather,
        laid(place, x[clear], z[clear]).tolist(),
        (5, 14) if kind != "savanna" else (4, 7),
        2,
        pointed,
        900,
    )
    bushes = laid(place, rng.uniform(-20, 20, 14), place.distance + 3 + rng.uniform(0, 30, 14))
    free = [spot for spot in bushes.tolist() if is_free(taken, spot[0], spot[2], 1.0)]
    if kind not in ("snow", "beach"):
        plant_bushes(stage, rng, weather, free[: int(rng.integers(2, 15))], 1.2)
    if kind in ("meadow", "savanna", "forest", "park") and rng.random() < 0.85:
        gx, gz = rng.uniform(-8, 8, 300), 0.8 + rng.uniform(0, 1, 300) ** 1.5 * 15
        tall = float(rng.uniform(0.06, 0.32 if kind != "park" else 0.1))
        strew_grass(stage, rng, laid(place, gx, gz).tolist(), tall, dry=kind == "savanna", blades=62)
    if kind == "meadow" and rng.random() < 0.5:
        strew_flowers(stage, rng, laid(place, rng.uniform(-7, 7, 60), rng.uniform(1.5, 14, 60)).tolist(), 0.28)
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
            placed(spot_on(place, x, z), (0, rng.uniform(0, TURN), 0), rng.uniform(0.25, 1.3))
            for x, z in spots
            if z > 1.5 and is_free(taken, x, z, 0.9)
        ]
        stage.put_many(stone, looks(rng, rock=look(rng, "rock", snow=place.weather.snow)), "rock", matrices)
    behind = place.distance + float(rng.uniform(5, 14))
    if place.kind == "farm" or (place.kind in ("meadow", "snow") and rng.random() < 0.35):
        rail, wood = fence(rng, 8.0, float(rng.uniform(1.0, 1.4))), looks(rng, wood="wood")
        behind = max([behind, *(z + room + 0.8 for _, z, room in taken)])
        matrices = [placed(spot_on(place, float(x), behind), (0, 0, 0)) for x in np.arange(-32, 33, 8.0)]
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
            placed(spot_on(place, x, z), (0, np.pi + rng.normal() * 0.5, 0)),
        )
    if place.kind == "park":
        for _ in range(int(rng.integers(0, 3))):
            x, z = float(rng.uniform(-6, 6)), place.distance + float(rng.uniform(1.5, 9))
            if is_free(taken, x, z, 1.3):
                taken.append((x, z, 1.3))
                stage.put(
                    bench(),
                    looks(rng, wood="wood", metal="dark metal"),
                    "furniture",
                    placed(spot_on(place, x, z), (0, np.pi + rng.normal() * 0.7, 0)),
                )
    if place.kind == "snow" and rng.random() < 0.3:
        x, z = float(rng.uniform(-2.5, 2.5)), place.distance + float(rng.uniform(0.5, 4))
        if is_free(taken, x, z, 0.8):
            coal = Material(colour=(0.02, 0.02, 0.02))
            stage.put(
                snowman(rng),
                looks(rng, snow="snow", nose="orange", coal=coal, hat=coal),
                "other",
                placed(spot_on(place, x, z), (0, np.pi + rng.normal() * 0.5, 0)),
            )
