"""Streets, tables and creatures: repeatable, on the ground, nobody inside of another, nothing before the lens."""

import functools

import numpy as np
import pytest

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.worlds.families import creatures, streets, table
from stillmotion.training.worlds.families.still_life import MAKERS
from stillmotion.training.worlds.meshes.parts import bounds
from stillmotion.training.worlds.records import PATTERNS, Thing, World

SIZE = (96, 72)
FAMILIES = [streets, table, creatures]


def points(thing: Thing, time: float = 0.0) -> np.ndarray:
    """All vertices (n, 3) of a thing where it is."""
    places = np.asarray(thing.places(time), float)
    return np.concatenate([thing.mesh.vertices @ place[:3, :3].T + place[:3, 3] for place in places])


@functools.cache
def built(family, seed: int) -> World:  # type: ignore[no-untyped-def]
    """A world of a family module; the same one is looked at by several tests."""
    world: World = family.build(np.random.default_rng(seed), SIZE)
    return world


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_numbers_build_the_same_world(family) -> None:  # type: ignore[no-untyped-def]
    one, other = built(family, 1), family.build(np.random.default_rng(1), SIZE)
    assert len(one.things) == len(other.things)
    assert one.told == other.told
    assert one.sky == other.sky
    for a, b in zip(one.things, other.things, strict=True):
        assert np.array_equal(a.mesh.vertices, b.mesh.vertices)
        assert np.array_equal(a.places(0.7), b.places(0.7))


@pytest.mark.parametrize("family", FAMILIES)
def test_worlds_are_what_the_renderer_can_draw(family) -> None:  # type: ignore[no-untyped-def]
    for seed in range(2):
        world = built(family, seed)
        assert world.things
        assert len(world.lamps) <= 8
        assert 0.0 < world.pivot < 60.0
        assert world.eye > 0.0
        for thing in world.things:
            assert thing.label in NAMES
            assert thing.material.pattern in PATTERNS
            for time in (0.0, 1.0):
                places = thing.places(time)
                assert places.shape[1:] == (4, 4)
                assert np.isfinite(places).all()
                assert np.linalg.det(places[:, :3, :3]).min() > 0.0  # nothing is mirrored or flat
            assert thing.tints is None or len(thing.tints) == len(thing.places(0.0))
            assert thing.moves or np.array_equal(thing.places(0.0), thing.places(1.0))


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_before_the_lens(family) -> None:  # type: ignore[no-untyped-def]
    for seed in range(2):
        world = built(family, seed)
        for thing in world.things:
            assert np.linalg.norm(points(thing), axis=1).min() > 0.035 * world.pivot, thing.label


def test_people_and_cars_of_a_street_stand_on_it() -> None:
    world = built(streets, 1)
    for label in ("person", "vehicle"):
        lowest = max(float(points(thing)[:, 1].max()) for thing in world.things if thing.label == label)
        assert world.eye - 0.2 < lowest < world.eye + 0.03


def test_the_items_of_a_table_do_not_touch() -> None:
    rng = np.random.default_rng(0)
    for theme in table.THEMES:
        items, spots = table._arrange(rng, theme, (0.8, 0.5), (0.0, -0.4, -0.8))
        assert len(items) >= 2
        for k, spot in enumerate(spots):
            assert abs(spot.x) + spot.radius <= 0.8 + 1e-9
            for other in spots[:k]:
                assert np.hypot(spot.x - other.x, spot.z - other.z) > spot.radius + other.radius


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_an_item_stands_on_the_table(name: str) -> None:
    for seed in range(3):
        one = MAKERS[name](np.random.default_rng(seed))
        upper, lower = bounds(one.parts)
        assert lower[1] < 0.004
        assert upper[1] < -0.0005
        assert one.radius < 0.4


def test_something_moves_in_most_streets_and_among_creatures() -> None:
    for family in (streets, creatures):
        assert sum(any(thing.moves for thing in built(family, seed).things) for seed in range(2)) >= 1
