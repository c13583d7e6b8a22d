"""The seven commands are told apart, in clips and by VBench's table; the dynamic degree keeps its threshold."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.evaluation.camera_rule import COMMANDS, EdgeWatch, commands_seen, edge_points
from stillmotion.evaluation.dynamic_degree import Dis, dynamic_degree, pair_interval, threshold_px, top_magnitude
from stillmotion.evaluation.picture import grey
from stillmotion.evaluation.tracks import Tracker
from stillmotion.types import UInt8, View

from .conftest import HEIGHT, WIDTH, Film, view


def _ramp(frames: int, **end: float) -> list[View]:
    fov = end.pop("fov", 50.0)
    return [
        view(**{k: v * i / (frames - 1) for k, v in end.items()}, fov=50 + (fov - 50) * i / (frames - 1))
        for i in range(frames)
    ]


def _seen(frames: list[UInt8]) -> frozenset[str]:
    watch, tracker = EdgeWatch(WIDTH, HEIGHT), Tracker(count=120)
    for frame in frames:
        watch.see(grey(frame), tracker.step(grey(frame)))
    return frozenset(watch.commands())


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ("pan_left", {"pan": -6.0}),
        ("pan_right", {"pan": 6.0}),
        ("tilt_up", {"tilt": 4.0}),
        ("tilt_down", {"tilt": -4.0}),
        ("zoom_in", {"fov": 44.0}),
        ("zoom_out", {"fov": 56.0}),
        ("zoom_in", {"forward": 0.15}),
        ("pan_right", {"right": 0.12}),
        ("static", {}),
    ],
)
def test_each_command_is_seen_in_its_clip(film: Film, command: str, end: dict[str, float]) -> None:
    seen = _seen(film(_ramp(12, **end)))
    assert command in seen
    # The points stand 5 % off the middle of their edge: a zoom is also seen as a slight pan, in VBench as here.
    assert seen == {command} or command.startswith("zoom")
    assert not {"zoom_in", "zoom_out", "static"} & (seen - {command})


def test_a_diagonal_move_counts_for_both_commands(film: Film) -> None:
    assert _seen(film(_ramp(10, pan=5.0, tilt=4.0))) == {"pan_right", "tilt_up"}


def test_points_on_a_bare_wall_tell_nothing(film: Film) -> None:
    wall = np.full((HEIGHT, WIDTH), 120, np.uint8)
    bare, full = EdgeWatch(WIDTH, HEIGHT), EdgeWatch(WIDTH, HEIGHT)
    tracker, other = Tracker(count=120), Tracker(count=120)
    for frame in film(_ramp(8, pan=4.0)):
        small = wall.copy()
        small[70:110, 140:180] = grey(frame)[70:110, 140:180]  # only the middle shows something
        bare.see(small, tracker.step(small))
        full.see(grey(frame), other.step(grey(frame)))
    assert full.told == (True, True)
    assert bare.told == (False, False)


def test_the_points_are_those_of_the_grid_of_ten_by_ten() -> None:
    points = edge_points(640, 360)
    assert points[0] == pytest.approx([10 + 620 * 5 / 9, 10])
    assert points[3] == pytest.approx([630, 10 + 340 * 5 / 9])


def test_less_than_half_a_percent_is_static_and_a_turn_about_the_axis_is_nothing() -> None:
    first = edge_points(640, 360)
    assert commands_seen(first, first + 1.2, width=640, height=360) == {"static"}
    spun = first + np.array([[9, 0], [-9, 0], [0, -9], [0, 9]])
    assert commands_seen(first, spun, width=640, height=360) == frozenset()
    assert set(COMMANDS) >= {"static"}


def test_the_dynamic_degree_of_a_known_shift_is_its_length_over_the_threshold(photo: UInt8) -> None:
    moved = np.roll(photo, 9, axis=1)
    flow = Dis(fine=True)(grey(photo), grey(moved))
    assert top_magnitude(flow[20:-20, 40:-40]) == pytest.approx(9, abs=0.3)
    assert threshold_px(1280, 720, fps=24) == pytest.approx(16.875)
    assert threshold_px(456, 256, fps=4) == pytest.approx(12)
    assert pair_interval(24) == 3
    assert pair_interval(5) == 1


def test_a_video_is_dynamic_when_a_quarter_of_its_pairs_move() -> None:
    assert dynamic_degree([1.2] * 4 + [0.1] * 11).dynamic  # 16 frames: 4 are needed
    assert not dynamic_degree([1.2] * 3 + [0.1] * 12).dynamic
    assert dynamic_degree([1.2] * 4 + [0.1] * 11).strength == pytest.approx(1.2)
    assert not dynamic_degree([]).dynamic
