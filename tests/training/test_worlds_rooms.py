"""Rooms and stacks of cut-outs: what stands is within its walls and on its floor; the same numbers build the same."""

import numpy as np
import pytest

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.worlds.families import occluders, rooms
from stillmotion.training.worlds.families.furnishing import Floor, Wall
from stillmotion.training.worlds.meshes.furniture import cabinet
from stillmotion.training.worlds.records import PATTERNS, Thing, World

SIZE = (96, 72)


def points(thing: Thing, time: float = 0.0) -> np.ndarray:
    """All vertices (n, 3) of a thing where it is."""
    places = np.asarray(thing.places(time), float)
    return np.concatenate([thing.mesh.vertices @ place[:3, :3].T + place[:3, 3] for place in places])


def extent(world: World, *labels: str) -> np.ndarray:
    """Least and greatest corner (2, 3) of the things of these classes."""
    found = np.concatenate([points(thing) for thing in world.things if thing.label in labels])
    return np.stack([found.min(axis=0), found.max(axis=0)])


@pytest.mark.parametrize("family", [rooms, occluders])
def test_the_same_numbers_build_the_same_world(family) -> None:  # type: ignore[no-untyped-def]
    one, other = (family.build(np.random.default_rng(3), SIZE) for _ in range(2))
    assert one.sky == other.sky
    assert len(one.things) == len(other.things)
    for a, b in zip(one.things, other.things, strict=True):
        assert np.array_equal(points(a, 0.7), points(b, 0.7))


@pytest.mark.parametrize("family", [rooms, occluders])
def test_everything_has_a_class_and_a_pattern_that_exist(family) -> None:  # type: ignore[no-untyped-def]
    for seed in range(4):
        world = family.build(np.random.default_rng(seed), SIZE)
        assert {thing.label for thing in world.things} <= set(NAMES)
        assert {thing.material.pattern for thing in world.things} <= set(PATTERNS)
        assert all(np.isfinite(points(thing)).all() for thing in world.things)
        assert len(world.lamps) <= 8


@pytest.mark.parametrize("seed", range(8))
def test_furniture_stands_on_the_floor_between_floor_and_ceiling(seed: int) -> None:
    world = rooms.build(np.random.default_rng(seed), SIZE)
    ceiling = extent(world, "ceiling")[0, 1]
    for thing in world.things:
        if thing.label not in ("furniture", "plant", "animal"):
            continue
        y = points(thing)[:, 1]
        assert y.max() < world.eye + 0.03  # y is down: nothing sinks into the floor
        assert y.min() > ceiling


@pytest.mark.parametrize("seed", range(8))
def test_nothing_stands_in_the_way_of_the_camera(seed: int) -> None:
    world = rooms.build(np.random.default_rng(seed), SIZE)
    for thing in world.things:
        if thing.label in ("furniture", "plant", "person", "animal"):
            assert np.hypot(*points(thing)[:, [0, 2]].T).min() > 0.15


def test_a_wall_with_holes_is_as_large_as_it_is_without_them_less_the_holes() -> None:
    holes = [(-2.0, -1.0, 0.9, 2.1), (0.5, 1.5, 0.0, 2.0)]
    mesh = rooms._pierced(6.0, 2.5, holes)
    corners = mesh.vertices[mesh.faces].astype(float)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    front = np.isclose(mesh.normals[mesh.faces].mean(axis=1)[:, 2], -1)
    area = np.linalg.norm(across[front], axis=1).sum() / 2
    assert area == pytest.approx(6.0 * 2.5 - 1.0 * 1.2 - 1.0 * 2.0)


def test_pieces_that_lean_on_walls_keep_off_each_other() -> None:
    rng = np.random.default_rng(0)
    walls = [Wall((0.0, 2.0), np.pi, 4.0), Wall((-2.0, 0.0), np.pi / 2, 4.0), Wall((2.0, 0.0), -np.pi / 2, 4.0)]
    floor = Floor(walls, (0.0, -1.7), (0.0, 0.0))
    boxes = []
    for _ in range(12):
        parts = cabinet(rng, 0.8, 0.8)
        where = floor.lean(rng, parts)
        if where is None:
            continue
        every = np.concatenate([mesh.vertices for mesh in parts.values()]) @ where[:3, :3].T + where[:3, 3]
        assert np.abs(every[:, [0, 2]]).max() < 2.0  # within the walls
        boxes.append((*every[:, [0, 2]].min(axis=0), *every[:, [0, 2]].max(axis=0)))
    assert len(boxes) >= 4
    for k, a in enumerate(boxes):
        for b in boxes[k + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_cut_outs_fill_depths_from_near_to_far_and_some_move() -> None:
    depths, moving = [], 0
    for seed in range(6):
        world = occluders.build(np.random.default_rng(seed), SIZE)
        pieces = [thing for thing in world.things if thing.moves]
        depths += [float(points(thing)[:, 2].mean()) for thing in pieces]
        moving += sum(not np.allclose(thing.places(0.0), thing.places(0.5)) for thing in pieces)
    assert min(depths) < 1.5
    assert max(depths) > 9.0
    assert moving > 20
