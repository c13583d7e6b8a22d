"""Coast and lake: water with waves, a shore with rocks and trees, boats, islands and hills beyond, at all hours.

    rng ─▶ Shore (sea, lake, river mouth) ─▶ water, land, far hills, rocks, trees, boats, birds ─▶ World

The water lies at height 0; the layout is the camera's own: the camera is at the origin and looks along +z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.families.greenery import plant_trees, strew_grass, tree_looks
from stillmotion.training.worlds.families.weather import Weather, draw_weather
from stillmotion.training.worlds.looks import look, looks, rgb
from stillmotion.training.worlds.meshes.boats import boat
from stillmotion.training.worlds.meshes.buildings import house, lighthouse
from stillmotion.training.worlds.meshes.nature import far_tree, rock
from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import TURN, placed
from stillmotion.training.worlds.records import Deform, Material, World
from stillmotion.training.worlds.stage import Stage
from stillmotion.training.worlds.terrain import Height, land, scattered, waves

_EDGE = 0.9  # radians to either side that are built


@dataclass(frozen=True, slots=True)
class Shore:
    """The lie of the land."""

    kind: str  # sea, lake
    eye: float  # metres above the water
    height: Height  # of land and sea floor
    hills: Height
    hills_at: float  # metres
    waves: float  # metres
    pivot: float


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One shore."""
    shore, weather = _draw(rng), draw_weather(rng, nights=0.08, snows=0.05)
    stage = Stage((0.0, -shore.eye, 0.0), 0.0)
    _water(stage, rng, shore)
    _land(stage, rng, shore, weather)
    _hills(stage, rng, shore, weather)
    _rocks(stage, rng, shore, weather)
    _trees(stage, rng, shore, weather)
    _built(stage, rng, shore)
    _boats(stage, rng, shore)
    return World(
        family="coast", seed=int(rng.integers(1 << 31)), things=tuple(stage.things), sky=weather.sky, pivot=shore.pivot,
        eye=shore.eye, fov_deg=float(rng.uniform(40, 70)), tilt_deg=float(rng.uniform(0, 7)),
        fog=min(weather.fog, 0.006), rain=weather.rain, lamps=stage.nearest_lamps(),
        told={"kind": shore.kind, "hour": weather.hour},
    )  # fmt: skip


def _draw(rng: np.random.Generator) -> Shore:
    kind = str(rng.choice(["sea", "lake"]))
    eye = float(np.exp(rng.uniform(np.log(1.4), np.log(14.0))))
    rough = waves(rng, longest=9.0, octaves=4)
    wide = waves(rng, longest=60.0, octaves=3)
    side = float(rng.choice([-1.0, 1.0]))
    turn = side * rng.uniform(0.15, 1.1)  # of the shore line, from straight ahead
    start = float(rng.uniform(-4, 10)) * max(eye / 3, 1)  # metres between the camera and the line, to the side
    steep = float(np.exp(rng.uniform(np.log(0.05), np.log(0.45))))
    headland = float(rng.uniform(0, 25))

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        inland = side * (x * np.cos(turn) - z * np.sin(turn)) - start + headland * wide(x, z) * np.clip(z / 40, 0, 1)
        high = np.where(inland > 0, steep * inland / (1 + 0.012 * inland), 0.12 * inland)
        high = high + 0.22 * rough(x, z) * np.clip(0.4 + 0.1 * np.abs(inland), 0, 2 + 8 * steep)
        clear = np.hypot(x, z) < 3.0  # the camera does not stand in the ground
        return np.where(
            clear, np.minimum(high, 0.35 * eye), np.minimum(high, 0.55 * eye + 0.3 * np.maximum(np.hypot(x, z) - 6, 0))
        )

    calm = kind == "lake" and rng.random() < 0.6
    high = float(rng.uniform(0.002, 0.02) if calm else np.exp(rng.uniform(np.log(0.03), np.log(0.5))))
    hills = waves(rng, longest=900.0, octaves=6, ridged=rng.random() < 0.6)
    return Shore(
        kind, eye, height, hills, float(rng.uniform(150, 600) if kind == "lake" else rng.uniform(600, 3000)), high,
        float(np.clip(rng.uniform(4, 9) * eye**0.5, 5, 40)),
    )  # fmt: skip


def _water(stage: Stage, rng: np.random.Generator, shore: Shore) -> None:
    deep = rng.uniform(0.0, 1.0)
    colour = np.array([0.01, 0.05, 0.06]) * (1 - deep) + np.array([0.02, 0.07, 0.05]) * deep
    if shore.kind == "sea" and rng.random() < 0.3:
        colour = np.array([0.02, 0.16, 0.17])  # over sand
    material = Material(
        colour=rgb(colour), water=True, roughness=float(rng.uniform(0.05, 0.12)),
        bump=float(np.clip(0.15 + 2.0 * shore.waves, 0.12, 0.9)), scale=float(rng.uniform(0.8, 2.5)),
    )  # fmt: skip
    mesh = land(lambda x, z: 0 * x * z, eye=0.0, near=0.4 * shore.eye, far=9000, half_angle=_EDGE, rings=100, spokes=60)
    deform = Deform(
        kind="wave", amount=shore.waves, length=float(np.clip(shore.waves * rng.uniform(16, 34), 0.8, 16)),
        direction=float(rng.uniform(-np.pi, np.pi)), seed=int(rng.integers(1 << 20)),
    )  # fmt: skip
    stage.put(mesh, material, "water", np.eye(4), deform, casts=False)


def _land(stage: Stage, rng: np.random.Generator, shore: Shore, weather: Weather) -> None:
    mesh = land(shore.height, eye=0.0, near=0.5, far=420, half_angle=_EDGE, rings=80, spokes=90)
    kind = str(rng.choice(["sand", "dry ground", "lawn", "rock", "soil"], p=[0.4, 0.15, 0.2, 0.15, 0.1]))
    stage.put(mesh, look(rng, kind, snow=weather.snow), "sand" if kind == "sand" else "ground", np.eye(4))
    if kind == "lawn":
        spots = scattered(rng, shore.height, 70, near=1.5, far=14, half_angle=_EDGE, allowed=lambda _x, _z, h: h > 0.25)
        strew_grass(stage, rng, [(x, -h, z) for x, h, z in spots])


def _hills(stage: Stage, rng: np.random.Generator, shore: Shore, weather: Weather) -> None:
    tall = shore.hills_at * float(rng.uniform(0.08, 0.3))
    open_way = rng.uniform(-0.5, 0.5) if shore.kind == "sea" else 9.0

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        away, angle = np.hypot(x, z), np.arctan2(x, z)
        bank = np.clip((away - shore.hills_at) / (0.35 * shore.hills_at), 0, 1)
        gap = np.clip(np.abs(angle - open_way) / 0.35, 0, 1) if open_way < 9 else 1.0
        lift = 0.15 + 0.85 * (0.5 + 0.5 * shore.hills(x, z))
        return np.asarray(tall * bank * gap * lift - 0.02 * tall - 1.0)

    mesh = land(
        height, eye=0.0, near=0.9 * shore.hills_at, far=3.2 * shore.hills_at, half_angle=_EDGE, rings=40, spokes=130
    )
    green = rng.random() < 0.6
    material = look(
        rng, "lawn" if green else "rock", pattern="ground" if green else "rock", scale=30.0, bump=0.3,
        snow=weather.snow if rng.random() < 0.7 else 0.8,
    )  # fmt: skip
    if green:
        material = look(rng, "leaves", pattern="ground", scale=25.0, bump=0.5, through=0.0, snow=weather.snow)
    stage.put(mesh, material, "mountain", np.eye(4), casts=False)
    if shore.kind == "lake":
        spots = scattered(
            rng,
            height,
            260,
            near=shore.hills_at,
            far=1.8 * shore.hills_at,
            half_angle=_EDGE,
            allowed=lambda _x, _z, h: h > 0.3,
        )
        far: Parts = far_tree(rng, float(rng.uniform(8, 16)), pointed=rng.random() < 0.35)
        matrices = [placed((x, -h, z), (0, rng.uniform(0, TURN), 0), rng.uniform(0.7, 1.3)) for x, h, z in spots]
        tints = np.exp(rng.normal(0, 0.15, (len(matrices), 1)) + rng.normal(0, 0.04, (len(matrices), 3)))
        stage.put_many(far, tree_looks(rng, weather), "tree", matrices, tints, casts=False)


def _rocks(stage: Stage, rng: np.random.Generator, shore: Shore, weather: Weather) -> None:
    for _ in range(int(rng.integers(1, 4))):
        spots = scattered(
            rng, shore.height, int(rng.integers(3, 22)), near=3.5, far=70, half_angle=0.7,
            allowed=lambda _x, _z, h: (h > -1.2) & (h < 1.5),
        )  # fmt: skip
        sizes = np.exp(rng.normal(-0.7, 0.6, len(spots)))
        mesh = rock(rng, 1.0, 3, float(rng.uniform(0.2, 0.45)))
        matrices = [
            placed((x, -h + 0.2 * s, z), (0, rng.uniform(0, TURN), 0), float(s))
            for (x, h, z), s in zip(spots, sizes, strict=True)
        ]
        tints = np.exp(rng.normal(0, 0.12, (len(matrices), 1)) + np.zeros((1, 3)))
        stage.put_many({"rock": mesh}, looks(rng, rock=look(rng, "rock", snow=weather.snow)), "rock", matrices, tints)


def _trees(stage: Stage, rng: np.random.Generator, shore: Shore, weather: Weather) -> None:
    if rng.random() < 0.25:
        return
    near = scattered(
        rng, shore.height, int(rng.integers(2, 9)), near=9, far=60, half_angle=0.75, allowed=lambda _x, _z, h: h > 0.5
    )
    plant_trees(stage, rng, weather, [(x, -h, z) for x, h, z in near], leaves=900)
    far = scattered(
        rng,
        shore.height,
        int(rng.integers(20, 130)),
        near=60,
        far=380,
        half_angle=0.8,
        allowed=lambda _x, _z, h: h > 0.8,
    )
    cheap = far_tree(rng, float(rng.uniform(6, 12)), pointed=rng.random() < 0.4)
    matrices = [placed((x, -h, z), (0, rng.uniform(0, TURN), 0), rng.uniform(0.7, 1.3)) for x, h, z in far]
    tints = np.exp(rng.normal(0, 0.15, (len(matrices), 1)) + rng.normal(0, 0.04, (len(matrices), 3)))
    stage.put_many(cheap, tree_looks(rng, weather), "tree", matrices, tints)


def _built(stage: Stage, rng: np.random.Generator, shore: Shore) -> None:
    spots = scattered(
        rng, shore.height, int(rng.integers(0, 7)), near=35, far=200, half_angle=0.6, allowed=lambda _x, _z, h: h > 1.0
    )
    dress = looks(
        rng, wall="plaster", roof="roof", glass="pane", door="door", frame="frame", trim="trim", rest="plaster"
    )
    for x, high, z in spots:
        stage.put(house(rng), dress, "building", placed((x, -high + 0.4, z), (0, rng.uniform(0, TURN), 0)))
    if len(spots) and shore.kind == "sea" and rng.random() < 0.4:
        x, high, z = spots[0] + np.array([14.0, 0, 6.0])
        tower = lighthouse(float(rng.uniform(14, 26)))
        high = float(shore.height(np.array(x), np.array(z)))
        if high > 0.5:
            stage.put(
                tower,
                looks(rng, wall="plaster", stripe="awning", glass="pane", rest="plaster"),
                "building",
                placed((x, -high + 0.5, z)),
            )


def _boats(stage: Stage, rng: np.random.Generator, shore: Shore) -> None:
    count = int(rng.choice([0, 1, 2, 3, 6], p=[0.25, 0.3, 0.2, 0.15, 0.1]))
    spots = scattered(
        rng, shore.height, count, near=9, far=0.5 * shore.hills_at, half_angle=0.5, allowed=lambda _x, _z, h: h < -1.0
    )
    for x, _, z in spots:
        sail = rng.random() < 0.5
        parts = boat(rng, float(rng.uniform(4, 11)), sail)
        dress = looks(
            rng, hull="hull", deck="wood", rail="metal", cabin="plaster", glass="pane", sail="sail", mast="metal"
        )
        heading, speed = float(rng.uniform(0, TURN)), float(rng.choice([0.0, rng.uniform(0.5, 4.0)]))
        rate, swing, phase = rng.uniform(0.25, 0.5), rng.uniform(0.01, 0.05) + 0.1 * shore.waves, rng.uniform(0, 6.28)

        def where(
            t: float, x: float = x, z: float = z, heading: float = heading, speed: float = speed, rate: float = rate,
            swing: float = swing, phase: float = phase,
        ) -> np.ndarray:  # fmt: skip
            beat = 2 * np.pi * rate * t + phase
            turn = (0.6 * swing * np.sin(1.3 * beat), heading, swing * np.sin(beat))
            lift = 0.5 * shore.waves * np.sin(beat)
            return placed((x + speed * t * np.sin(heading), lift, z + speed * t * np.cos(heading)), turn)

        stage.put(parts, dress, "boat", where)
