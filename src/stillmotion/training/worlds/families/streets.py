"""Streets: rows of buildings, pavements with people, lamps and trees, cars that drive or park, at all hours.

    rng ─▶ Plan of the street ─▶ ground, buildings, furniture, traffic, walkers ─▶ World

The street runs along +z of the layout, its middle at x = 0; traffic keeps to the right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.families.crowd import add_person, any_vehicle, vehicle_looks
from stillmotion.training.worlds.families.flags import add_banner, add_flagpole
from stillmotion.training.worlds.families.frontage import build_frontage
from stillmotion.training.worlds.families.greenery import plant_trees
from stillmotion.training.worlds.families.weather import Weather, draw_weather
from stillmotion.training.worlds.looks import looks
from stillmotion.training.worlds.meshes.furniture import bench, litter_bin, parasol, street_lamp, table, traffic_light
from stillmotion.training.worlds.meshes.solids import box, grid, merged, moved, placed
from stillmotion.training.worlds.meshes.vehicles import bicycle
from stillmotion.training.worlds.motions import along
from stillmotion.training.worlds.records import Material, Mesh, World
from stillmotion.training.worlds.stage import Stage

KERB = 0.14  # metres


@dataclass(frozen=True, slots=True)
class Street:
    """The measures of one street, metres."""

    kind: str  # city, downtown, suburb, village
    road: float  # half its width
    pavement: float
    length: float  # how far it goes
    parking: float  # share of the kerb that is taken
    traffic: bool
    trees: float  # distance between trees, 0: none


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera stands."""

    eye: tuple[float, float, float]
    heading: float  # radians to the right of +z
    tilt_deg: float
    pivot: float


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One street; `size` (width, height) of the picture does not matter to it."""
    street = _draw(rng)
    view = _view(rng, street)
    weather = draw_weather(rng)
    stage = Stage(view.eye, view.heading)
    _ground(stage, rng, street, weather)
    build_frontage(stage, rng, street.kind, street.road + street.pavement, street.length, weather)
    _furniture(stage, rng, street, view, weather)
    _parked(stage, rng, street, view)
    if street.traffic:
        _traffic(stage, rng, street, view, weather)
    _walkers(stage, rng, street, view)
    fov = float(rng.uniform(42, 72))
    return World(
        family="streets",
        seed=int(rng.integers(1 << 31)),
        things=stage.seen_things(fov),
        sky=weather.sky,
        pivot=view.pivot,
        eye=-view.eye[1],
        fov_deg=fov,
        tilt_deg=view.tilt_deg,
        fog=weather.fog,
        rain=weather.rain,
        lamps=stage.nearest_lamps() if weather.night or weather.hour == "dusk" else (),
        told={"kind": street.kind, "hour": weather.hour},
    )


def _draw(rng: np.random.Generator) -> Street:
    kind = str(rng.choice(["city", "downtown", "suburb", "village"], p=[0.42, 0.18, 0.25, 0.15]))
    low, high = {"city": (3.6, 7.0), "downtown": (5.5, 9.0), "suburb": (3.0, 4.5), "village": (2.6, 3.8)}[kind]
    road = float(rng.uniform(low, high))
    pavement = float(rng.uniform(2.2, 5.0) if kind in ("city", "downtown") else rng.uniform(1.4, 2.4))
    trees = float(rng.uniform(7, 14)) if rng.random() < 0.6 else 0.0
    return Street(
        kind, road, pavement, float(rng.uniform(90, 200)), float(rng.uniform(0, 0.85)), bool(rng.random() < 0.75), trees
    )


def _view(rng: np.random.Generator, street: Street) -> View:
    mode = str(rng.choice(["pavement", "middle", "across", "high"], p=[0.42, 0.2, 0.22, 0.16]))
    side = 1.0 if rng.random() < 0.5 else -1.0
    tall = float(rng.uniform(1.3, 1.85))
    edge = street.road + street.pavement
    if mode == "pavement":
        x = side * (street.road + street.pavement * rng.uniform(0.35, 0.65))
        return View(
            (x, -KERB - tall, 0.0),
            -side * float(rng.uniform(0.0, 0.42)),
            float(rng.uniform(-4, 5)),
            float(rng.uniform(6, 18)),
        )
    if mode == "middle":
        return View(
            (float(rng.uniform(-0.4, 0.4)), -tall, 0.0),
            float(rng.normal() * 0.08),
            float(rng.uniform(-4, 4)),
            float(rng.uniform(9, 25)),
        )
    if mode == "across":
        x = side * (edge - rng.uniform(0.4, 0.8))
        return View(
            (x, -KERB - tall, 0.0), -side * float(rng.uniform(0.9, 1.6)), float(rng.uniform(-5, 2)), edge + street.road
        )
    high = float(rng.uniform(3.5, 12.0))
    x = side * rng.uniform(0, street.road)
    return View(
        (x, -high, -4.0),
        -side * float(rng.uniform(0, 0.3)),
        float(np.degrees(np.arctan2(high * 0.75, 24.0)) + rng.uniform(-3, 4)),
        float(rng.uniform(16, 34)),
    )


def _ground(stage: Stage, rng: np.random.Generator, street: Street, weather: Weather) -> None:
    """Road, markings, pavements, and the land beyond."""
    wet = weather.rain > 0
    shine = {"roughness": 0.25} if wet else {}
    white = {"snow": weather.snow}
    materials = looks(
        rng,
        road="asphalt",
        pavement="paving",
        land="lawn" if street.kind in ("suburb", "village") else "paving",
        kerb="concrete",
    )
    long = street.length + 260.0
    middle = placed((0.0, 0.0, long / 2 - 40.0))

    def dressed(slot: str, **more: float) -> Material:
        return _changed(materials[slot], **more, **shine)

    stage.put(grid(2 * street.road, long, 2, 40), dressed("road", snow=weather.snow * 0.4), "road", middle, casts=False)
    x = street.road + street.pavement / 2
    for side in (-1, 1):
        matrix = placed((side * x, 0.0, long / 2 - 40.0))
        stage.put(_long_box(street.pavement, KERB, long), dressed("pavement", **white), "road", matrix, casts=False)
        edge = placed((side * (street.road + 0.08), 0.0, long / 2 - 40.0))
        stage.put(_long_box(0.16, KERB + 0.012, long), dressed("kerb"), "road", edge, casts=False)
    land = placed((0.0, 0.05, long / 2 - 40.0))
    stage.put(
        grid(900.0, long + 500, 30, 30),
        dressed("land", **white),
        "grass" if street.kind in ("suburb", "village") else "ground",
        land,
        casts=False,
    )
    if street.kind != "village":
        paint = Material(colour=(0.62, 0.62, 0.58), pattern="noise", scale=0.5, second=(0.42, 0.42, 0.4), roughness=0.7)
        stage.put(_markings(rng, street), paint, "road", np.eye(4), casts=False)


def _long_box(width: float, height: float, length: float) -> Mesh:
    return box(width, height, length)


def _changed(material: Material, **fields: float) -> Material:
    """The material with other fields."""
    known = {name: getattr(material, name) for name in material.__slots__}
    return Material(**{**known, **fields})


def _markings(rng: np.random.Generator, street: Street) -> Mesh:
    """Dashes along the middle, lines along the edges, and mostly a crossing."""
    dash, gap = rng.uniform(2.0, 4.0), rng.uniform(3.0, 7.0)
    lift = -0.008
    strips = [moved(grid(0.13, dash), 0.0, lift, float(z)) for z in np.arange(-20.0, 75.0, dash + gap)]
    if rng.random() < 0.6:
        strips += [moved(grid(0.12, 100.0, 1, 20), x * (street.road - 0.35), lift, 30.0) for x in (-1, 1)]
    if rng.random() < 0.6:
        z = rng.uniform(9.0, 26.0)
        bars = np.arange(-street.road + 0.6, street.road - 0.3, 1.0)
        strips += [moved(grid(0.5, 3.0), float(x), lift - 0.004, float(z)) for x in bars]
    return merged(strips)


def _clear(view: View, x: float, z: float, room: float) -> bool:
    """Whether the camera has this much room (metres) about it."""
    return view.eye[1] < -3.0 or float(np.hypot(x - view.eye[0], z - view.eye[2])) > room


def _furniture(stage: Stage, rng: np.random.Generator, street: Street, view: View, weather: Weather) -> None:
    """Lamps, trees, benches, bins, bicycles, tables of a cafe along the kerb."""
    lamp, every = street_lamp(rng, float(rng.uniform(5, 8))), float(rng.uniform(16, 28))
    near = street.road + 0.55
    dim = float(rng.uniform(1.2, 3.0)) if weather.night or weather.hour == "dusk" else 0.0
    warm = (1.0, 0.72, 0.42) if rng.random() < 0.6 else (0.9, 0.95, 1.0)
    materials = looks(rng, metal="dark metal", bulb=Material(colour=warm, emission=2.0 * dim, roughness=0.3))
    spots = []
    first = rng.uniform(-10, 5)
    for number, z in enumerate(np.arange(first, street.length, every)):
        side = 1 if number % 2 else -1
        if _clear(view, side * near, z, 1.5):
            spots.append(placed((side * near, -KERB, float(z)), (0, np.pi if side > 0 else 0.0, 0)))
            if dim > 0:
                low, high = lamp["bulb"].vertices.min(0), lamp["bulb"].vertices.max(0)
                point = spots[-1] @ [*((low + high) / 2 + [0, 0.4, 0]), 1.0]
                stage.shine(point[:3], (warm[0] * dim, warm[1] * dim, warm[2] * dim))
    stage.put_many(lamp, materials, {"bulb": "lamp", "": "lamp"}, spots)
    if street.trees:
        tree_spots = [
            (side * (street.road + 0.9), -KERB, float(z + 3.0))
            for side in (-1, 1)
            for z in np.arange(-8, min(street.length, 80), street.trees)
        ]
        tree_spots = [spot for spot in tree_spots if _clear(view, spot[0], spot[2], 4.5) and rng.random() < 0.85]
        plant_trees(stage, rng, weather, tree_spots, (4.5, 8.0), kinds=1, pointed=0.0, leaves=1200)
    _small_things(stage, rng, street, view)


def _small_things(stage: Stage, rng: np.random.Generator, street: Street, view: View) -> None:
    kinds = {
        "bench": (bench(), looks(rng, wood="wood", metal="dark metal"), "furniture"),
        "bin": (litter_bin(rng), looks(rng, metal="dark metal", dark=Material(colour=(0.02, 0.02, 0.02))), "other"),
        "bicycle": (
            bicycle(),
            looks(
                rng, metal="plastic", tyre=Material(colour=(0.02, 0.02, 0.02)), dark=Material(colour=(0.03, 0.03, 0.03))
            ),
            "vehicle",
        ),
        "light": (
            traffic_light(),
            looks(
                rng,
                metal="dark metal",
                dark=Material(colour=(0.02, 0.02, 0.02)),
                red=Material(colour=(0.9, 0.05, 0.03), emission=1.5),
                amber=Material(colour=(0.2, 0.12, 0.02)),
                green=Material(colour=(0.02, 0.15, 0.08)),
            ),
            "other",
        ),
    }
    taken: list[tuple[float, float]] = []
    for _ in range(int(rng.integers(2, 9))):
        name = str(rng.choice(list(kinds)))
        parts, materials, label = kinds[name]
        side = 1 if rng.random() < 0.5 else -1
        z = float(rng.uniform(2, 40))
        x = side * (street.road + (0.5 if name in ("light", "bin") else 0.75))
        if not _clear(view, x, z, 2.0) or any(np.hypot(x - a, z - b) < 2.5 for a, b in taken):
            continue
        taken.append((x, z))
        turn = -side * np.pi / 2 if name == "bench" else np.pi if name == "light" else rng.uniform(-0.2, 0.2)
        stage.put(parts, materials, label, placed((x, -KERB, z), (0, turn, 0)))
    if rng.random() < 0.3:
        _flags(stage, rng, street, view)
    if street.kind == "city" and rng.random() < 0.35 and street.pavement > 3.4:
        _cafe(stage, rng, street, view)


def _flags(stage: Stage, rng: np.random.Generator, street: Street, view: View) -> None:
    """Flags or banners along one kerb, all blowing the same way."""
    add = add_flagpole if rng.random() < 0.6 else add_banner
    side, wind = float(rng.choice([-1, 1])), float(rng.uniform(-np.pi, np.pi))
    for z in np.arange(rng.uniform(4, 9), 40, rng.uniform(4, 9)):
        x = side * (street.road + 0.4)
        if _clear(view, x, float(z), 2.5):
            add(stage, rng, (x, -KERB, float(z)), float(rng.uniform(3.6, 6.0)), wind)


def _cafe(stage: Stage, rng: np.random.Generator, street: Street, view: View) -> None:
    """Tables with sunshades in front of a building."""
    side = -np.sign(view.eye[0]) or 1.0
    z0 = rng.uniform(5, 18)
    shade, board = parasol(rng), table(rng, 0.75, 0.75)
    for number in range(int(rng.integers(2, 5))):
        spot = (side * (street.road + street.pavement - 1.1), -KERB, z0 + 2.6 * number)
        stage.put(board, looks(rng, rest="wood"), "furniture", placed(spot))
        stage.put(shade, looks(rng, metal="metal", cloth="awning"), {"cloth": "cloth", "": "furniture"}, placed(spot))
        for way in (-1, 1):
            add_person(stage, rng, "sit", (spot[0], spot[1], spot[2] + way * 0.78), np.pi if way > 0 else 0.0, 1.7)


def _parked(stage: Stage, rng: np.random.Generator, street: Street, view: View) -> None:
    """Cars along both kerbs."""
    if street.road < 3.4:
        return
    fleet = [any_vehicle(rng, 0.0)[0] for _ in range(4)]
    for side in (-1, 1):
        z = rng.uniform(-6, 0)
        while z < min(street.length, 70.0):
            if rng.random() < street.parking:
                one = fleet[int(rng.integers(4))]
                x = side * (street.road - one.width / 2 - rng.uniform(0.15, 0.4))
                if _clear(view, x, z, 4.2):
                    turn = (0.0 if side > 0 else np.pi) + rng.normal() * 0.015
                    stage.put_vehicle(one, vehicle_looks(rng, False), placed((x, 0.0, z), (0, turn, 0)))
            z += rng.uniform(5.6, 7.5)


def _traffic(stage: Stage, rng: np.random.Generator, street: Street, view: View, weather: Weather) -> None:
    """Cars that drive, each lane at one speed."""
    free = street.road - (2.1 if street.parking > 0 and street.road >= 3.4 else 0.0)
    lane = max(free / 2, 1.25)
    if street.road > 3.4 and free < 2.3:
        return
    for side in (-1, 1):
        speed = float(rng.uniform(3, 13))
        z = float(rng.uniform(-20, 25))
        while z < min(street.length, 110.0):
            one, big = any_vehicle(rng)
            near = view.eye[1] > -3.0 and abs(view.eye[0] - side * lane) < 2.0 and -30 < z < 12
            if not near:
                path = np.array([[side * lane, 0.0, z], [side * lane, 0.0, z + side]])
                stage.put_vehicle(one, vehicle_looks(rng, weather.night, big), along(path, speed), speed)
            z += float(rng.uniform(13, 45)) + one.length


def _walkers(stage: Stage, rng: np.random.Generator, street: Street, view: View) -> None:
    """People on both pavements, each on a line of their own."""
    count = int(rng.integers(0, 8)) if street.kind in ("suburb", "village") else int(rng.integers(3, 17))
    taken: list[tuple[float, float]] = []
    for _ in range(count):
        side = -1 if rng.random() < 0.5 else 1
        x = side * (street.road + rng.uniform(1.5, max(street.pavement - 0.5, 1.55)))
        z = float(rng.uniform(2.5, 45) if rng.random() < 0.85 else rng.uniform(-3, 0))
        if not _clear(view, x, z, 2.6) or any(abs(x - a) < 0.55 and abs(z - b) < 4.0 for a, b in taken):
            continue
        taken.append((float(x), z))
        activity = str(rng.choice(["walk", "run", "stand", "wave"], p=[0.78, 0.06, 0.14, 0.02]))
        heading = (0.0 if rng.random() < 0.5 else np.pi) if activity in ("walk", "run") else rng.uniform(-np.pi, np.pi)
        add_person(stage, rng, activity, (float(x), -KERB, z), float(heading))
