"""Motions of the worlds: balls roll without slipping, bounce on the ground, cars look where they go."""

import numpy as np
import pytest

from stillmotion.training.worlds.motions import along, bobbing, dropped, rolling, spinning, swinging, tossed


def test_a_rolling_ball_does_not_slip() -> None:
    motion, now, tick = rolling((0.0, 0.0, 0.0), (1.0, 0.5), 0.3), 0.7, 1e-4
    touching = np.linalg.inv(motion(now)) @ [*motion(now)[:3, 3] + [0, 0.3, 0], 1.0]
    speed = (motion(now + tick) @ touching - motion(now) @ touching)[:3] / tick
    assert speed == pytest.approx(np.zeros(3), abs=1e-3)
    assert motion(now)[1, 3] == pytest.approx(-0.3)


def test_a_dropped_ball_falls_as_things_fall_and_never_sinks() -> None:
    motion = dropped(0.0, 1.0, (0.3, 0.0), (0.0, 2.0), 0.1, bounce=0.6)
    heights = np.array([-motion(float(t))[1, 3] - 0.1 for t in np.arange(0, 4, 0.01)])
    assert heights[20] == pytest.approx(1.0 - 9.81 * 0.2**2 / 2)
    assert heights.min() > -1e-9
    assert heights[50:80].max() == pytest.approx(0.36, abs=0.01)  # 0.6 of the speed: 0.36 of the height
    assert heights[-1] == pytest.approx(0.0, abs=1e-9)


def test_something_on_a_path_goes_at_its_speed_and_looks_ahead() -> None:
    motion = along(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 10.0], [10.0, 0.0, 10.0]]), 2.0)
    assert motion(2.0)[:3, 3] == pytest.approx([0.0, 0.0, 4.0])
    assert motion(2.0)[:3, :3] @ [0, 0, 1] == pytest.approx([0.0, 0.0, 1.0])
    assert motion(8.0)[:3, :3] @ [0, 0, 1] == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)
    assert motion(20.0)[:3, 3] == pytest.approx([30.0, 0.0, 10.0])  # beyond its end it goes straight on


def test_a_path_uphill_lifts_the_nose() -> None:
    motion = along(np.array([[0.0, 0.0, 0.0], [0.0, -5.0, 5.0]]), 1.0)
    assert motion(2.0)[:3, :3] @ [0, 0, 1] == pytest.approx(np.array([0.0, -1.0, 1.0]) / np.sqrt(2))


def test_turns_are_turns_at_any_time() -> None:
    motions = [
        swinging(np.eye(4), 0.4, 2.0), spinning(np.eye(4), 1.0), bobbing(np.eye(4), 0.1, 0.1, 3.0),
        tossed((0, 0, 0), (1, -3, 0), (1, 2, 3)), rolling((0, 0, 0), (1, 1), 0.2, slowing=0.5),
    ]  # fmt: skip
    for motion in motions:
        for t in (0.0, 0.3, 2.9):
            turn = motion(t)[:3, :3]
            assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-9)
            assert np.linalg.det(turn) == pytest.approx(1.0)
