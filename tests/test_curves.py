"""Easings and curves: they meet their keys, rest where they should, and never overshoot."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillmotion.curves import EASES, Curve, Ends, smoothstep, thin
from stillmotion.plan import Ease
from stillmotion.types import Float64

_U = np.linspace(0, 1, 501)


def _drawn(curve: Curve, samples: int = 400) -> tuple[Float64, Float64]:
    times = np.linspace(curve.times[0], curve.times[-1], samples)
    return times, np.array([curve.at(float(t)) for t in times])


def test_every_easing_of_the_plan_has_a_curve() -> None:
    assert set(EASES) == set(get_args(Ease))


@pytest.mark.parametrize("ease", get_args(Ease))
def test_an_easing_begins_at_nothing_and_ends_at_all(ease: Ease) -> None:
    assert EASES[ease](0.0) == pytest.approx(0, abs=1e-12)
    assert EASES[ease](1.0) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("ease", [ease for ease in get_args(Ease) if ease != "elastic"])
def test_an_easing_never_goes_back(ease: Ease) -> None:
    assert (np.diff([EASES[ease](float(u)) for u in _U]) >= 0).all()


def test_an_elastic_easing_overshoots_a_little_and_comes_to_rest() -> None:
    values = np.array([EASES["elastic"](float(u)) for u in _U])
    assert 1.02 < values.max() < 1.25
    assert abs(values[-1] - values[-2]) < 1e-3


@pytest.mark.parametrize(("ease", "starts", "stops"), [
    ("linear", False, False), ("ease-in", True, False), ("ease-out", False, True), ("ease-in-out", True, True),
    ("exponential", True, True), ("elastic", True, True),
])  # fmt: skip
def test_an_easing_rests_where_its_name_says(ease: Ease, starts: bool, stops: bool) -> None:
    step = 1e-4
    first = (EASES[ease](step) - EASES[ease](0.0)) / step
    last = (EASES[ease](1.0) - EASES[ease](1.0 - step)) / step
    assert (abs(first) < 0.02) == starts
    assert (abs(last) < 0.02) == stops


def test_smoothstep_is_the_same_from_both_ends() -> None:
    assert np.allclose([smoothstep(float(u)) + smoothstep(float(1 - u)) for u in _U], 1)


@pytest.mark.parametrize("ends", get_args(Ends))
def test_a_curve_goes_through_its_keys(ends: Ends) -> None:
    times = np.array([0.0, 0.7, 1.0, 2.5, 4.0])
    values = np.array([[0.0, 1.0], [1.0, 3.0], [1.5, 2.0], [-1.0, 2.0], [0.0, 1.0]])
    curve = Curve(times, values, ends=ends)
    for t, value in zip(times, values, strict=True):
        assert np.allclose(curve.at(float(t)), value)


@pytest.mark.parametrize("ends", get_args(Ends))
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 3), st.floats(-10, 10)), min_size=2, max_size=7))
def test_no_keys_make_a_curve_overshoot(ends: Ends, keys: list[tuple[float, float]]) -> None:
    times = np.cumsum([gap for gap, _ in keys])
    values = np.array([[value] for _, value in keys])
    curve = Curve(times, values, ends=ends)
    for (a, low), (b, high) in pairwise(zip(times, values[:, 0], strict=True)):
        inside = np.array([curve.at(float(t))[0] for t in np.linspace(a, b, 25)])
        slack = 1e-9 * (1 + abs(low) + abs(high))
        assert (np.diff(inside) * np.sign(high - low) >= -slack).all()


@pytest.mark.parametrize("ends", get_args(Ends))
def test_speed_and_acceleration_have_no_steps(ends: Ends) -> None:
    times = np.array([0.0, 1.0, 1.4, 3.0, 4.0])
    values = np.array([[0.0], [1.0], [2.0], [3.0], [0.0]])
    curve = Curve(times, values, ends=ends)
    h = 1e-4
    for t in times[1:-1]:
        before = [float(curve.at(float(t - k * h))[0]) for k in range(3)]
        after = [float(curve.at(float(t + k * h))[0]) for k in range(3)]
        assert (before[0] - before[1]) / h == pytest.approx((after[1] - after[0]) / h, abs=5e-3)
        bend_before = (before[0] - 2 * before[1] + before[2]) / h**2
        bend_after = (after[0] - 2 * after[1] + after[2]) / h**2
        assert bend_before == pytest.approx(bend_after, abs=5e-2)


def test_a_curve_at_rest_begins_and_ends_without_speed() -> None:
    times, values = _drawn(Curve([0.0, 1.0, 3.0], np.array([[0.0], [2.0], [5.0]]), ends="rest"))
    speed = np.diff(values[:, 0]) / np.diff(times)
    assert abs(speed[0]) < 2e-2
    assert abs(speed[-1]) < 2e-2
    assert speed.max() > 1


def test_a_free_straight_line_stays_straight() -> None:
    times, values = _drawn(Curve([0.0, 1.0, 3.0], np.array([[0.0], [2.0], [6.0]]), ends="free"))
    assert np.allclose(values[:, 0], 2 * times)


def test_a_periodic_curve_meets_itself_smoothly() -> None:
    curve = Curve([0.0, 1.0, 2.0, 3.0], np.array([[0.0], [1.0], [0.5], [0.0]]), ends="periodic")
    h = 1e-4
    start = (curve.at(h) - curve.at(0.0)) / h
    end = (curve.at(3.0) - curve.at(3.0 - h)) / h
    assert np.allclose(start, end, atol=5e-3)


@pytest.mark.parametrize("ends", get_args(Ends))
def test_thinned_keys_tell_the_same_curve(ends: Ends) -> None:
    times = np.linspace(0, 2 * np.pi, 121)
    values = np.stack([np.sin(times), 1 - np.cos(times)], axis=1)
    tolerance = np.array([1e-2, 1e-2])
    kept = thin(times, values, tolerance=tolerance, ends=ends)
    assert kept[0] == 0
    assert kept[-1] == 120
    assert len(kept) < 60
    curve = Curve(times[kept], values[kept], ends=ends)
    through = np.array([curve.at(float(t)) for t in times])
    assert (np.abs(through - values) <= tolerance * 1.0001).all()


def test_two_keys_are_enough_for_a_line() -> None:
    times = np.linspace(0, 1, 50)
    assert thin(times, times[:, None] * 3, tolerance=np.array([1e-6]), ends="free") == [0, 49]
