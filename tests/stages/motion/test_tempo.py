"""Words about time bend the plan's time, never backwards."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.camera import Clock
from stillmotion.plan import Canvas
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.moves import MOVES, Move

CANVAS = Canvas(width=640, height=360, fps=24, seconds=4)
BENDING = sorted(name for name, spec in MOVES.items() if spec.time)


def paces(*moves: Move) -> np.ndarray:
    """How many seconds of the plan go by in a second of video, over the clip."""
    _, time, _ = compose(moves, CANVAS, fov_deg=55)
    clock = Clock(CANVAS, time)
    taus = np.array([clock.at(float(t)) for t in np.linspace(0, CANVAS.seconds, 201)])
    return np.diff(taus) / (CANVAS.seconds / 200)


@pytest.mark.parametrize("name", BENDING)
def test_time_never_runs_backwards_and_never_jumps(name: str) -> None:
    found = paces(Move(name="push_in"), Move(name=name, together=True))
    assert (found > 0).all()
    assert np.abs(np.diff(found)).max() < 0.25 * found.max()


def test_a_speed_ramp_is_slow_in_the_middle_and_ends_in_time() -> None:
    found = paces(Move(name="push_in"), Move(name="speed_ramp", together=True))
    assert found[100] < 0.5
    assert min(found[5], found[-5]) > 1.0
    assert found.mean() == pytest.approx(1.0, abs=1e-6)


def test_slow_motion_and_timelapse_run_at_their_pace() -> None:
    assert np.allclose(paces(Move(name="slow_motion", amount=0.25)), 0.25)
    assert np.allclose(paces(Move(name="timelapse", amount=6)), 6)


def test_of_two_ways_to_bend_time_the_last_wins_and_it_is_said() -> None:
    _, _, notes = compose([Move(name="slow_motion"), Move(name="timelapse", together=True)], CANVAS, fov_deg=55)
    assert any("gives way" in note for note in notes)
