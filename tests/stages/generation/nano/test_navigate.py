"""Places in the space of results: noise stays noise, ways are even, and the same numbers give the same places."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from stillmotion.stages.generation.nano.denoise import mixed, seeded
from stillmotion.stages.generation.nano.navigate import (
    BOUNDS,
    Spot,
    angle,
    around,
    centre,
    evened,
    path,
    slerp,
    spread,
    turned,
)

SHAPE = (24, 32, 32)
A, B = ((3, 1.0),), ((8, 1.0),)
START = Spot(noise=A, between=0.0, guidance=0.0, hold=0.9, strength=1.0)


def test_one_seed_with_all_the_weight_is_that_seed_bit_by_bit() -> None:
    assert np.array_equal(mixed(A)(2, SHAPE), seeded(3)(2, SHAPE))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_what_lies_between_two_noises_is_noise_again_at_the_angle_that_was_asked(share: float) -> None:
    between = mixed(slerp(A, B, share))(1, SHAPE)
    assert between.std() == pytest.approx(1, abs=0.03)
    likeness = float((between * seeded(3)(1, SHAPE)).mean())
    assert likeness == pytest.approx(math.cos(share * math.pi / 2), abs=0.03)


def test_an_arc_is_walked_at_an_even_pace_and_ends_where_it_should() -> None:
    far = slerp(slerp(A, B, 0.7), ((11, 1.0),), 0.4)
    places = [slerp(A, far, share) for share in np.linspace(0, 1, 9)]
    steps = [angle(a, b) for a, b in pairwise(places)]
    assert max(steps) - min(steps) < 1e-3
    assert places[0] == A
    assert places[-1] == far
    assert sum(steps) == pytest.approx(angle(A, far), abs=1e-3)


def test_noise_turned_again_and_again_stays_noise_of_few_seeds() -> None:
    noise = A
    for seed in range(100, 140):
        noise = turned(noise, seed, math.pi / 16)
    assert sum(weight**2 for _, weight in noise) == pytest.approx(1, abs=1e-4)
    assert len(noise) <= 41
    assert mixed(noise)(1, SHAPE).std() == pytest.approx(1, abs=0.03)


def test_the_midst_of_two_noises_is_as_far_from_both() -> None:
    midst = centre([A, B], [1, 1])
    assert angle(A, midst) == pytest.approx(angle(B, midst)) == pytest.approx(math.pi / 4, abs=1e-4)


def test_a_grid_without_axes_has_another_seed_in_every_cell() -> None:
    spots = spread(START, 3, 2, ("seed", 0, 0), ("seed", 0, 0))
    assert [spot.noise for spot in spots] == [((3 + k, 1.0),) for k in range(6)]


def test_columns_and_rows_change_one_thing_each() -> None:
    spots = spread(START, 3, 2, ("prompt", 0, 1), ("guidance", 0, 4))
    assert [spot.between for spot in spots] == [0, 0.5, 1, 0, 0.5, 1]
    assert [spot.guidance for spot in spots] == [0, 0, 0, 4, 4, 4]
    assert {spot.noise for spot in spots} == {A}
    across = spread(START, 3, 2, ("seed", 0, 0), ("noise", 0, 1), towards=B)
    assert across[0].noise == A
    assert {spot.noise for spot in across[3:]} == {B}


def test_cells_around_a_liked_one_lie_as_far_as_was_asked_and_within_bounds() -> None:
    liked = Spot(noise=A, between=0.95, guidance=0.1, hold=0.95, strength=1.0)
    first, *others = around([liked], 40, step=0.25, free=("between", "guidance", "hold"), seeds=(5, 1))
    assert first == liked
    assert len({spot.noise for spot in others}) == len(others)
    for spot in others:
        assert angle(spot.noise, A) == pytest.approx(math.pi / 8, abs=1e-3)
        assert all(low <= getattr(spot, name) <= high for name, (low, high) in BOUNDS.items())
        assert abs(spot.between - liked.between) <= 0.25 * 0.5 + 1e-6
        assert spot.strength == 1.0
    assert around([liked], 40, step=0.25, free=("between",), seeds=(5, 1)) != others
    assert around([liked], 4, step=0.25, free=(), seeds=(5, 1)) == around([liked], 4, step=0.25, free=(), seeds=(5, 1))
    assert around([liked], 4, step=0.25, free=(), seeds=(6, 1)) != around([liked], 4, step=0.25, free=(), seeds=(5, 1))


def test_cells_around_several_liked_ones_take_after_all_of_them() -> None:
    two = [START, Spot(noise=B, between=1.0, guidance=4.0, hold=0.5, strength=1.0)]
    midst, *others = around(two, 30, step=0.1, free=(), seeds=(0, 1))
    assert midst.guidance == 2
    assert {seed for seed, _ in midst.noise} == {3, 8}
    assert 0 <= min(spot.guidance for spot in others) < 1.3
    assert 2.7 < max(spot.guidance for spot in others) <= 4
    assert np.mean([angle(spot.noise, A) for spot in others]) == pytest.approx(math.pi / 4, abs=0.25)


def test_a_way_changes_all_numbers_together() -> None:
    end = Spot(noise=B, between=1.0, guidance=2.0, hold=0.5, strength=2.0)
    half = path(START, end, 0.5)
    assert (half.between, half.guidance, half.hold, half.strength) == (0.5, 1.0, 0.7, 1.5)
    assert angle(half.noise, A) == pytest.approx(math.pi / 4, abs=1e-4)
    assert path(START, end, 0.0) is START
    assert path(START, end, 1.0) is end


def test_places_are_denser_where_results_change_faster() -> None:
    speed = np.array([1.0, 1.0, 8.0, 1.0])
    found = evened([0, 0.25, 0.5, 0.75, 1.0], speed, 23)
    assert found[0] == 0
    assert found[-1] == 1
    gone = np.interp(found, [0, 0.25, 0.5, 0.75, 1], np.concatenate([[0], np.cumsum(speed)]))
    assert np.ptp(np.diff(gone)) < 1e-9
    assert sum(0.5 <= place <= 0.75 for place in found) > 14
