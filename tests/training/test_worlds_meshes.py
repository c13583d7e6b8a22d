"""Shapes of the worlds: closed, turned the right way out, standing on the ground; figures that walk without sliding."""

from collections.abc import Callable

import numpy as np
import pytest

from stillmotion.training.worlds.meshes import (
    animals,
    boats,
    buildings,
    flyers,
    food,
    furniture,
    nature,
    people,
    solids,
    things,
    vehicles,
)
from stillmotion.training.worlds.meshes.figures import Body, limb_matrices
from stillmotion.training.worlds.meshes.parts import Parts, bounds, gather
from stillmotion.training.worlds.records import Mesh


def volume(mesh: Mesh) -> float:
    """What a closed mesh holds, above 0 where its triangles look outwards."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def share_that_agrees(mesh: Mesh) -> float:
    """Share of the triangles whose own normal is on the side of the normals of their corners."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    across = np.cross(b - a, c - a)
    return float(((across * mesh.normals[mesh.faces].mean(1)).sum(1) > -1e-9).mean())


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (solids.box(1.0, 2.0, 3.0), 6.0),
        (solids.cylinder(1.0, 2.0, 64), 2 * np.pi),
        (solids.cylinder(1.0, 3.0, 64, top=0.0), np.pi),
        (solids.sphere(1.0, 64), 4 / 3 * np.pi),
        (solids.ellipsoid(1.0, 2.0, 3.0, 64), 8 * np.pi),
        (solids.capsule((0, 0, 0), (0, -2, 0), 0.5, segments=64), np.pi * 0.5 + np.pi / 6),
        (solids.extrude([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)], 0.5), 1.5),
        (things.rounded_box(1.0, 1.0, 1.0, 0.01), 1.0),
    ],
)
def test_a_solid_is_closed_and_holds_what_it_should(mesh: Mesh, expected: float) -> None:
    assert volume(mesh) == pytest.approx(expected, rel=0.02)
    assert share_that_agrees(mesh) == 1.0
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_turn_takes_ahead_to_the_right_and_a_scaled_box_keeps_square_normals() -> None:
    assert solids.placed(turn=(0, np.pi / 2, 0)) @ [0, 0, 1, 0] == pytest.approx([1, 0, 0, 0], abs=1e-9)
    flat = solids.scaled(solids.box(1, 1, 1), 5.0, 0.1, 1.0)
    assert np.abs(flat.normals).max(axis=1) == pytest.approx(1.0)


STANDING: list[
    tuple[str, Callable[[np.random.Generator], Parts], float, float]
] = [  # least and greatest height, metres
    ("broadleaf", lambda rng: nature.broadleaf(rng, 8.0, 300), 6.0, 10.5),
    ("conifer", lambda rng: nature.conifer(rng, 12.0), 10.5, 12.5),
    ("bush", lambda rng: nature.bush(rng, 1.2, 200), 0.4, 1.6),
    ("flower", lambda rng: nature.flower(rng, 0.35), 0.25, 0.45),
    ("cup", lambda rng: things.cup(rng, 0.09), 0.08, 0.1),
    ("bottle", lambda rng: things.bottle(rng, 0.28), 0.26, 0.3),
    ("apple", lambda rng: food.round_fruit(rng, "apple", 0.08), 0.05, 0.1),
    ("cake", lambda rng: food.cake(rng, 0.2, 0.2), 0.05, 0.12),
    ("chair", furniture.chair, 0.75, 1.1),
    ("sofa", furniture.sofa, 0.7, 1.1),
    ("lamp", lambda rng: furniture.street_lamp(rng, 6.0), 3.5, 6.3),
    ("house", lambda rng: buildings.house(rng, 9.0, 8.0, 2), 6.0, 12.5),
    ("block", lambda rng: buildings.block(rng, 14.0, 10.0, 3), 11.5, 19.0),
    ("tower", lambda rng: buildings.tower(rng, 20.0, 20.0, 8, far=True), 26.0, 55.0),
]


@pytest.mark.parametrize(("make", "least", "most"), [row[1:] for row in STANDING], ids=[row[0] for row in STANDING])
def test_what_stands_has_its_feet_on_the_ground_and_its_usual_height(
    make: Callable[[np.random.Generator], Parts], least: float, most: float
) -> None:
    for seed in range(3):
        parts = make(np.random.default_rng(seed))
        upper, lower = bounds(parts)
        assert least < -upper[1] < most
        assert -0.001 < lower[1] < 0.5  # what grows or is fixed may reach a little into the ground
        for mesh in parts.values():
            assert np.isfinite(mesh.vertices).all()
            assert mesh.faces.max() < len(mesh.vertices)


@pytest.mark.parametrize("kind", ["saloon", "estate", "hatch", "suv", "van"])
def test_the_wheels_of_a_car_touch_the_ground_and_nothing_hangs_below_them(kind: str) -> None:
    one = vehicles.car(np.random.default_rng(1), kind)
    assert one.centres[:, 1] + one.radius == pytest.approx(0.0)
    assert bounds(one.body)[1, 1] < 0.01
    assert sorted(set(np.sign(one.centres[:, 0]))) == [-1, 1]
    assert 3.5 < one.length < 5.6


def test_a_boat_floats_with_its_keel_below_the_water_line() -> None:
    upper, lower = bounds(boats.boat(np.random.default_rng(0), 6.0, sail=True))
    assert 0.1 < lower[1] < 0.6
    assert upper[1] < -6.0


def soles(body: Body, t: float) -> np.ndarray:
    """Where the feet (k, 3) of a walker are on the ground it walks over."""
    pairs = zip(body.limbs, limb_matrices(body, t), strict=True)
    gone = np.array([0.0, 0.0, body.speed * t])
    return gone + np.array([(m @ [*limb.sole, 1.0])[:3] for limb, m in pairs if limb.sole])


@pytest.mark.parametrize(
    "body",
    [
        people.person(np.random.default_rng(0), "walk", 1.75),
        people.person(np.random.default_rng(1), "stand"),
        animals.quadruped(np.random.default_rng(2), "horse", "walk"),
        animals.quadruped(np.random.default_rng(3), "dog", "trot"),
    ],
)
def test_the_lowest_foot_is_on_the_ground_and_does_not_slide(body: Body) -> None:
    times = np.arange(0.0, 2.0, 0.02)
    feet = np.array([soles(body, float(t)) for t in times])
    assert feet[..., 1].max(axis=1) == pytest.approx(0.0, abs=1e-6)
    lowest = feet[..., 1].argmax(axis=1)
    same = np.flatnonzero(lowest[1:] == lowest[:-1])
    slip = np.abs(feet[same + 1, lowest[same], 2] - feet[same, lowest[same], 2]) / 0.02
    assert np.median(slip) < 0.25 * body.speed + 1e-6


def test_a_walker_swings_opposite_legs_and_goes_at_the_pace_of_people() -> None:
    body = people.person(np.random.default_rng(0), "walk", 1.75)
    assert 0.6 < body.speed < 1.6
    left, right = np.array([soles(body, float(t))[:, 2] - body.speed * t for t in np.arange(0, 1.1, 0.05)]).T
    assert np.corrcoef(left, right)[0, 1] < -0.5


def test_wings_beat_both_sides_alike() -> None:
    body = flyers.bird(np.random.default_rng(2), 0.4)
    tips = []
    for t in (0.0, 0.05, 0.11):
        matrices = limb_matrices(body, t)
        outer = [i for i, limb in enumerate(body.limbs) if limb.parent > 0]
        ends = [matrices[i] @ [*body.limbs[i].parts["wing"].vertices[6], 1.0] for i in outer]
        tips.append([end[1] for end in ends])
        assert ends[0][0] == pytest.approx(-ends[1][0], abs=1e-6)
    assert np.ptp(np.array(tips), axis=1) == pytest.approx(0.0, abs=1e-6)
    assert np.ptp(np.array(tips)[:, 0]) > 0.01


def test_gathering_joins_the_pieces_of_a_slot() -> None:
    parts = gather(
        [("a", solids.box(1, 1, 1)), ("b", solids.box(1, 1, 1)), ("a", solids.moved(solids.box(1, 1, 1), x=3))]
    )
    assert list(parts) == ["a", "b"]
    assert len(parts["a"].faces) == 24
    assert volume(parts["a"]) == pytest.approx(2.0)
