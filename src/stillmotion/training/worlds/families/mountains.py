"""Mountains and valleys: peaks with snow, woods, meadows, roads, lakes, huts, herds, from below and above.

    rng ─▶ Lie (valley, slope, heights, hills, wood) ─▶ painted land, water, road, woods, near things

Height 0 is the ground under the camera; the layout is the camera's own: it stands at the origin and looks along +z.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stillmotion.training.worlds.biomes import Biome, painted
from stillmotion.training.worlds.families.crowd import add_animal, add_person, any_vehicle, vehicle_looks
from stillmotion.training.worlds.families.greenery import (
    plant_bushes,
    plant_trees,
    strew_flowers,
    strew_grass,
    sway,
    tree_looks,
)
from stillmotion.training.worlds.families.hearths import camp_fire, chimney_smoke, wind_of
from stillmotion.training.worlds.families.lies import Lie, draw_lie
from stillmotion.training.worlds.families.weather import Weather, draw_weather
from stillmotion.training.worlds.looks import Looks, look, looks
from stillmotion.training.worlds.meshes.buildings import church, house
from stillmotion.training.worlds.meshes.nature import broadleaf, conifer, rock
from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import TURN, lattice, make_mesh, placed
from stillmotion.training.worlds.meshes.woods import far_crown, far_fir
from stillmotion.training.worlds.motions import along
from stillmotion.training.worlds.palettes import colour
from stillmotion.training.worlds.puffs import mist
from stillmotion.training.worlds.records import Deform, Material, Mesh, Puffs, World
from stillmotion.training.worlds.stage import Stage
from stillmotion.training.worlds.terrain import net, scattered, slope

_EDGE = 0.92  # radians to either side that are built
_NET = (150, 136)  # rings, spokes


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every step of the building needs."""

    stage: Stage
    rng: np.random.Generator
    lie: Lie
    weather: Weather
    needles: bool  # woods of firs
    puffs: list[Puffs]

    def spots(self, count: int, near: float, far: float, angle: float = 0.75, steepest: float = 0.8) -> np.ndarray:
        """(k, 3) places x, height, z on open ground."""

        def allowed(x: np.ndarray, z: np.ndarray, h: np.ndarray) -> np.ndarray:
            good = self.lie.dry(x, z) & (h < self.lie.tree_line)
            if steepest < 2:
                tried = np.flatnonzero(good)[: 2 * count + 8]
                good = np.zeros(len(x), bool)
                good[tried] = slope(self.lie.height, x[tried], z[tried]) < steepest
            return good

        return scattered(self.rng, self.lie.height, count, near=near, far=far, half_angle=angle, allowed=allowed)


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One landscape."""
    lie, weather = draw_lie(rng), draw_weather(rng, nights=0.05, snows=0.16)
    scene = _Scene(Stage((0.0, -lie.eye, 0.0), 0.0), rng, lie, weather, bool(rng.random() < lie.firs), [])
    for step in (_land, _water, _road, _woods, _near, _village, _living, _mist):
        step(scene)
    return World(
        family="mountains", seed=int(rng.integers(1 << 31)), things=tuple(scene.stage.things), sky=weather.sky,
        pivot=lie.pivot, eye=lie.eye, fov_deg=float(rng.uniform(38, 68)), tilt_deg=float(lie.tilt + rng.uniform(-2, 3)),
        fog=_air(rng, weather, lie), rain=weather.rain, lamps=scene.stage.nearest_lamps(), puffs=tuple(scene.puffs),
        told={"kind": lie.kind, "hour": weather.hour},
    )  # fmt: skip


def _air(rng: np.random.Generator, weather: Weather, lie: Lie) -> float:
    """Share of light lost per metre: clear mountain air, sometimes mist; in a wood it may be thicker."""
    if rng.random() < 0.12 or weather.rain > 0:
        return float(10 ** rng.uniform(-3.6, {"wood": -2.4, "heights": -3.3}.get(lie.kind, -2.9)))
    return float(10 ** rng.uniform(-4.5, -3.6))


def _land(scene: _Scene) -> None:
    rng, lie = scene.rng, scene.lie
    near, middle, far = np.log([0.4 * lie.eye, 250.0, lie.far])
    few = _NET[0] // 3
    radii = np.exp(np.append(np.linspace(near, middle, few)[:-1], np.linspace(middle, far, 1 + _NET[0] - few)))
    mesh = net(lie.height, radii, np.linspace(-_EDGE, _EDGE, _NET[1]), eye=0.0)
    biome = _biome(scene)
    mesh, picture = painted(mesh, _NET, biome, lie.clumps, rng)
    material = Material(
        colour=(1.0, 1.0, 1.0), second=(0.5, 0.52, 0.46), pattern="ground", scale=float(rng.uniform(0.8, 2.0)),
        bump=0.5, texture=picture, once=True, own_colours=True, roughness=0.95, snow=scene.weather.snow,
    )  # fmt: skip
    wild = replace(
        material,
        pattern="noise",
        scale=float(rng.uniform(40, 120)),
        second=(0.62, 0.62, 0.64),
        bump=1.0,
    )
    high = -mesh.vertices[:, 1]
    away = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 2])
    is_mountain = (high > lie.foot) | (away > 600) | ((mesh.normals[:, 1] > -0.62) & (away > 40))
    of_face = is_mountain[mesh.faces].sum(axis=1) > 1
    near_label = "grass" if biome.steep > 0.5 and scene.weather.snow < 0.5 else "ground"
    for chosen, dress, label in ((~of_face, material, near_label), (of_face, wild, "mountain")):
        if chosen.any():
            scene.stage.put(_part(mesh, chosen), dress, label, np.eye(4), casts=label != "mountain")


def _biome(scene: _Scene) -> Biome:
    rng, lie = scene.rng, scene.lie
    autumn = scene.weather.season == "autumn"
    wood = colour(rng, "needles" if scene.needles else "autumn" if autumn else "leaves") * 0.75
    stone = colour(rng, "stone") * float(rng.uniform(0.45, 0.9))
    dry = colour(rng, "dry grass") * 0.7
    meadow = colour(rng, "dry grass" if autumn and rng.random() < 0.5 else "grass") * 0.7
    return Biome(
        meadow=meadow + (dry - meadow) * rng.uniform(0.05, 0.4), dry=dry,
        wood=wood, rock=stone, scree=stone * 1.15, woods=lie.wooded, tree_line=lie.tree_line, snow_line=lie.snow_line,
        steep=lie.steep, field=float(rng.uniform(25, 80)) if lie.kind == "hills" and rng.random() < 0.7 else 0.0,
    )  # fmt: skip


def _part(mesh: Mesh, chosen: np.ndarray) -> Mesh:
    """The chosen faces of a mesh and the vertices that they use."""
    used, faces = np.unique(mesh.faces[chosen], return_inverse=True)
    return make_mesh(mesh.vertices[used], mesh.normals[used], mesh.uv[used], faces.reshape(-1, 3))


def _water(scene: _Scene) -> None:
    """A lake, calm or rippled by the wind."""
    rng, lake = scene.rng, scene.lie.lake
    if lake is None:
        return
    radius, angle = np.linspace(0.0, 1.25, 40)[:, None] ** 0.8, np.linspace(0, TURN, 61)[None]
    x, z = lake.x + lake.across * radius * np.cos(angle), lake.z + lake.along * radius * np.sin(angle)
    points = np.stack([x, np.full_like(x, -lake.level), z], axis=-1)
    mesh = lattice(points, points[..., [0, 2]], flip=False)
    if mesh.normals[100, 1] > 0:
        mesh = lattice(points, points[..., [0, 2]], flip=True)
    calm = rng.random() < 0.5
    material = Material(
        colour=(0.01, 0.05, 0.055) if rng.random() < 0.6 else (0.015, 0.09, 0.09), water=True, roughness=0.06,
        bump=float(rng.uniform(0.03, 0.08) if calm else rng.uniform(0.1, 0.22)), scale=float(rng.uniform(1.0, 2.5)),
    )  # fmt: skip
    wave = Deform(
        kind="wave", amount=0.004 if calm else 0.02, length=2.5, direction=float(rng.uniform(0, TURN)), seed=3
    )
    scene.stage.put(mesh, material, "water", np.eye(4), wave, casts=False)


def _road(scene: _Scene) -> None:
    """A road or a path on the land, and now and then a car."""
    rng, road = scene.rng, scene.lie.road
    if road is None:
        return
    run = road.points
    step = np.gradient(run, axis=0)
    side = np.stack([step[:, 2], np.zeros(len(run)), -step[:, 0]], -1)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    half = np.linspace(-road.half, road.half, 5)
    points = run[:, None] + side[:, None] * half[None, :, None]
    points[..., 1] -= 0.02 - 0.04 * (half / road.half) ** 2
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(half[None], length[:, None]), -1)
    flip = bool(np.cross(points[0, 1] - points[0, 0], points[1, 0] - points[0, 0])[1] > 0)
    scene.stage.put(
        lattice(points, uv, flip), look(rng, road.look, snow=0.4 * scene.weather.snow),
        "road" if road.look == "asphalt" else "ground", np.eye(4),
    )  # fmt: skip
    if road.look == "asphalt" and rng.random() < 0.6:
        for start in rng.uniform(15, 140, int(rng.integers(1, 4))):
            speed = float(rng.uniform(8, 17))
            lane = side * road.half * 0.5
            path = run + lane if rng.random() < 0.5 else (run - lane)[::-1]
            begin = (
                float(start)
                if path is not None and np.allclose(path[0], run[0] + lane[0])
                else float(length[-1] - start)
            )
            one, big = any_vehicle(rng, 0.1)
            scene.stage.put_vehicle(one, vehicle_looks(rng, scene.weather.night, big), along(path, speed, begin), speed)


def _woods(scene: _Scene) -> None:
    """Thousands of far trees in the painted woods, single ones before them."""
    rng, lie = scene.rng, scene.lie
    if lie.wooded <= 0:
        return
    spots = scene.spots(int(3600 * min(lie.wooded * 1.3, 1.0)), 40, 900, 0.8, 9.0)
    clump = 0.5 * lie.clumps(spots[:, 0], spots[:, 2]) < 1.2 * lie.wooded - 0.5
    spots = spots[clump | (rng.random(len(spots)) < 0.03)]
    near = np.hypot(spots[:, 0], spots[:, 2]) < 110
    spots = np.concatenate([spots[near][:45], spots[~near][:2000]])
    kinds = [_far_kind(scene, close=False) for _ in range(3)] + [_far_kind(scene, close=True) for _ in range(2)]
    away = np.hypot(spots[:, 0], spots[:, 2])
    which = np.where(away < 110, 3 + rng.integers(2, size=len(spots)), rng.integers(3, size=len(spots)))
    for k, (parts, dress) in enumerate(kinds):
        chosen = spots[which == k]
        matrices = [placed((x, -h, z), (0, rng.uniform(0, TURN), 0), rng.uniform(0.6, 1.25)) for x, h, z in chosen]
        tints = np.exp(rng.normal(0, 0.16, (len(chosen), 1)) + rng.normal(0, 0.05, (len(chosen), 3)))
        near = np.hypot(chosen[:, 0], chosen[:, 2]) < 200
        for those, casts in ((near, True), (~near, False)):
            picked = [matrix for matrix, take in zip(matrices, those, strict=True) if take]
            scene.stage.put_many(parts, dress, "tree", picked, tints[those], casts=casts)


def _far_kind(scene: _Scene, *, close: bool) -> tuple[Parts, Looks]:
    rng = scene.rng
    tall = float(rng.uniform(9, 19) if scene.needles else rng.uniform(7, 13))
    dress = _snowy(scene, tree_looks(rng, scene.weather, scene.needles))
    if close:
        return (conifer(rng, tall, 13, 7) if scene.needles else broadleaf(rng, tall, 450)), dress
    return (far_fir(rng, tall) if scene.needles else far_crown(rng, tall)), dress


def _near(scene: _Scene) -> None:
    """What stands and grows near the camera: trees, bushes, boulders, grass, flowers."""
    rng, lie = scene.rng, scene.lie
    trees = scene.spots(int(rng.integers(*lie.near_trees)), 8 if lie.kind == "wood" else 12, 60, steepest=0.9)
    if scene.needles:
        _near_firs(scene, trees)
    else:
        spots = [(x, -h, z) for x, h, z in trees]
        plant_trees(scene.stage, rng, scene.weather, spots, (5, 11), pointed=0.05, leaves=1100)
    bushes = scene.spots(int(rng.integers(0, 9)), 5, 40)
    plant_bushes(scene.stage, rng, scene.weather, [(x, -h, z) for x, h, z in bushes], float(rng.uniform(0.6, 1.6)))
    for _ in range(int(rng.integers(1, 4))):
        stones = scene.spots(int(rng.integers(2, 16)), 3.5, 90, steepest=9)
        sizes = np.exp(rng.normal(-0.5, 0.6, len(stones)))
        matrices = [
            placed((x, -h + 0.15 * s, z), (0, rng.uniform(0, TURN), 0), float(s))
            for (x, h, z), s in zip(stones, sizes, strict=True)
        ]
        dress = looks(rng, rock=look(rng, "rock", snow=scene.weather.snow))
        scene.stage.put_many({"rock": rock(rng, 1.0, 2, 0.35)}, dress, "rock", matrices)
    if scene.weather.snow == 0 and lie.steep > 0.5:
        tufts = scene.spots(int(rng.integers(60, 220)), 1.4, 13, 0.7)
        tall, dry = float(rng.uniform(0.12, 0.4)), bool(rng.random() < 0.3)
        strew_grass(scene.stage, rng, [(x, -h, z) for x, h, z in tufts], tall, dry, width=0.6, blades=22)
        if rng.random() < 0.45:
            flowers = scene.spots(int(rng.integers(10, 40)), 1.8, 11, 0.7)
            strew_flowers(scene.stage, rng, [(x, -h, z) for x, h, z in flowers], float(rng.uniform(0.15, 0.4)))


def _near_firs(scene: _Scene, spots: np.ndarray) -> None:
    """Firs of many boughs, of two kinds."""
    rng = scene.rng
    which, wind = rng.integers(2, size=len(spots)), float(rng.uniform(0.2, 1.0))
    for kind in range(2):
        tall = float(rng.uniform(7, 17))
        chosen = spots[which == kind]
        matrices = [placed((x, -h, z), (0, rng.uniform(0, TURN), 0), rng.uniform(0.7, 1.2)) for x, h, z in chosen]
        tints = np.exp(rng.normal(0, 0.12, (len(chosen), 1)) + rng.normal(0, 0.04, (len(chosen), 3)))
        dress = _snowy(scene, tree_looks(rng, scene.weather, needles=True))
        scene.stage.put_many(conifer(rng, tall, 24, 13), dress, "tree", matrices, tints, sway(rng, tall, wind))


def _snowy(scene: _Scene, dress: Looks) -> Looks:
    slots = ("leaves", "bark", "core")
    return looks(scene.rng, **{slot: replace(dress[slot], snow=0.7 * scene.weather.snow) for slot in slots})


def _village(scene: _Scene) -> None:
    """A hut or a few houses, sometimes a church among them."""
    rng, lie = scene.rng, scene.lie
    count = int(rng.choice([0, 1, 2, 5, 9], p=[0.4, 0.22, 0.14, 0.14, 0.1]))
    spots = scene.spots(count, 35, 220, 0.6, 0.3) if lie.kind != "wood" else np.zeros((0, 3))
    kept: list[np.ndarray] = []
    wooden = rng.random() < 0.5
    for spot in spots:
        if any(np.hypot(*(spot - other)[[0, 2]]) < 16 for other in kept):
            continue
        kept.append(spot)
        x, high, z = spot
        dress = looks(
            rng, wall="wood" if wooden else "plaster", roof=look(rng, "roof", snow=scene.weather.snow), glass="pane",
            door="door", frame="frame", trim="trim", rest="plaster",
        )  # fmt: skip
        parts = church(rng) if len(kept) == 3 else house(rng, float(rng.uniform(7, 10)), 8.0, int(rng.integers(1, 3)))
        where = placed((x, -high + 0.5, z), (0, rng.uniform(0, TURN), 0))
        scene.stage.put(parts, dress, "building", where)
        if rng.random() < 0.4:
            scene.puffs.extend(chimney_smoke(scene.stage, rng, parts, where, scene.weather.sky))


def _living(scene: _Scene) -> None:
    """A herd on the meadow, walkers on the path."""
    rng, lie = scene.rng, scene.lie
    if rng.random() < 0.3 and lie.kind in ("valley", "hills", "slope"):
        kind = str(rng.choice(["cow", "sheep", "horse"]))
        for x, h, z in scene.spots(int(rng.integers(2, 8)), 8, 45, 0.5, 0.35):
            turn = rng.uniform(0, TURN)
            path = np.array([[x, -h, z], [x + np.sin(turn), -h, z + np.cos(turn)]])
            add_animal(scene.stage, rng, kind, str(rng.choice(["graze", "stand"])), path)
    if rng.random() < 0.35:
        for x, h, z in scene.spots(int(rng.integers(1, 4)), 6, 30, 0.45, 0.4):
            add_person(scene.stage, rng, "stand", (float(x), float(-h), float(z)), float(rng.uniform(0, TURN)))
    dark = scene.weather.night or scene.weather.hour == "dusk"
    if scene.weather.rain == 0 and rng.random() < (0.6 if dark else 0.08):
        for x, h, z in scene.spots(1, 5, 14, 0.3, 0.25):
            people = int(rng.integers(0, 4))
            scene.puffs.extend(camp_fire(scene.stage, rng, (float(x), float(-h), float(z)), scene.weather.sky, people))


def _mist(scene: _Scene) -> None:
    """Banks that drift over the valley floor or through the wood."""
    rng, lie = scene.rng, scene.lie
    if rng.random() > 0.14:
        return
    size = float(rng.uniform(3, 8) if lie.kind == "wood" else rng.uniform(14, 45))
    spots = scene.spots(int(rng.integers(12, 30)), 3.0 * size, 30.0 * size, 0.8, 0.6)
    if len(spots):
        spots = spots * np.array([1.0, -1.0, 1.0]) - np.array([0.0, 0.35 * size, 0.0])
        wind = wind_of(scene.weather.sky, float(rng.uniform(0.2, 1.5)))
        scene.puffs.append(
            mist(
                rng,
                np.stack([scene.stage.seen(spot) for spot in spots]),
                size=size,
                wind=wind,
                thick=float(rng.uniform(0.12, 0.3)),
            )
        )
