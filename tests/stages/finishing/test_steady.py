"""The steadiest path: within its room, as good as a linear program can make it, joined to what is settled."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from stillmotion.stages.finishing.steady import WEIGHTS, steady
from stillmotion.types import Float64

NOTHING = np.zeros(0)


@pytest.fixture
def shaky() -> Float64:
    """A hand (48,) that drifts and trembles."""
    random = np.random.default_rng(3)
    return np.cumsum(random.normal(0, 1, 48)) + np.linspace(0, 40, 48)


def price(path: Float64) -> float:
    return float(sum(weight * np.abs(np.diff(path, n=order)).sum() for order, weight in enumerate(WEIGHTS, 1)))


def best(low: Float64, high: Float64) -> float:
    count = len(low)
    rows = np.concatenate([weight * np.diff(np.eye(count), n=order, axis=0) for order, weight in enumerate(WEIGHTS, 1)])
    ones = np.eye(len(rows))
    bounds = [*zip(low, high, strict=True), *[(0, None)] * len(rows)]
    costs = np.concatenate([np.zeros(count), np.ones(len(rows))])
    return float(linprog(costs, np.block([[rows, -ones], [-rows, -ones]]), np.zeros(2 * len(rows)), bounds=bounds).fun)


@pytest.mark.parametrize("room", [1.0, 4.0, 15.0])
def test_no_path_in_the_room_is_steadier(shaky: Float64, room: float) -> None:
    path = steady(shaky, shaky - room, shaky + room, settled=NOTHING)
    assert np.abs(path - shaky).max() <= room + 1e-9
    assert price(path) == pytest.approx(best(shaky - room, shaky + room), rel=1e-4, abs=1e-3)


def test_no_path_that_goes_on_from_what_is_settled_is_steadier(shaky: Float64) -> None:
    settled = shaky[0] - np.array([5.0, 6.0, 7.0])
    path = steady(shaky, shaky - 15, shaky + 15, settled=settled)
    whole = np.concatenate([settled, path])
    low, high = np.concatenate([settled, shaky - 15]), np.concatenate([settled, shaky + 15])
    assert price(whole) == pytest.approx(best(low, high), rel=1e-4)


def test_a_tremble_smaller_than_the_room_is_stood_through() -> None:
    trembling = np.random.default_rng(0).uniform(-3, 3, 40)
    path = steady(trembling, trembling - 6, trembling + 6, settled=NOTHING)
    assert np.ptp(path) < 1e-4


def test_a_pan_glides_at_its_own_speed() -> None:
    pan = 5.0 * np.arange(45) + np.random.default_rng(0).uniform(-2, 2, 45)
    path = steady(pan, pan - 6, pan + 6, settled=NOTHING, pull=1.0)
    assert np.abs(np.diff(path, n=2)).max() < 0.1
    assert np.diff(path).mean() == pytest.approx(5, abs=0.3)


def test_where_there_is_no_room_the_path_is_given(shaky: Float64) -> None:
    assert np.allclose(steady(shaky, shaky, shaky, settled=NOTHING), shaky)
    narrow = np.where(np.arange(48) == 20, 0.0, 5.0)
    assert steady(shaky, shaky - narrow, shaky + narrow, settled=NOTHING)[20] == pytest.approx(shaky[20], abs=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_short_paths_are_steadied_too(shaky: Float64, count: int) -> None:
    short = shaky[:count]
    path = steady(short, short - 2, short + 2, settled=NOTHING)
    assert path.shape == (count,)
    assert np.abs(path - short).max() <= 2
