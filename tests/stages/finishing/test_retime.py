"""Another rate or speed: counts, lengths and times are exact, frames that are there stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.options import Between as How
from stillmotion.stages.finishing.retime import Retime, SpeedMap
from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT = 64, 48
RAMP = np.add.outer(np.arange(HEIGHT), np.arange(WIDTH + 100)) % 97


def frame(number: float) -> UInt8:
    """A picture that moves two pixels to the left a frame."""
    left = round(2 * number)
    return np.ascontiguousarray(np.repeat(RAMP[:, left : left + WIDTH, None], 3, axis=2) + 80).astype(np.uint8)


def clip(count: int, fps: float = 24.0, frames: list[UInt8] | None = None) -> FrameStream:
    pictures = iter(frames or [frame(i) for i in range(count)])
    return FrameStream(frames=pictures, width=WIDTH, height=HEIGHT, fps=fps, count=count)


def retimed(
    stream: FrameStream, *, fps: float | None = None, speed: tuple[tuple[float, float], ...] | None = None,
    how: How = "flow",
) -> tuple[list[UInt8], FrameStream, Retime]:  # fmt: skip
    step = Retime(fps=fps, speed=speed, how=how)
    out = step(stream)
    return list(out), out, step


@pytest.mark.parametrize(
    ("count", "fps", "wanted", "expected"),
    [(24, 24, 60, 60), (25, 25, 24, 24), (12, 24, 240, 120), (48, 24, 1, 2), (30, 29.97, 59.94, 60), (1, 24, 60, 2)],
)
def test_the_length_stays_and_the_count_is_right(count: int, fps: float, wanted: float, expected: int) -> None:
    frames, out, _ = retimed(clip(count, fps), fps=wanted, how="blend")
    assert len(frames) == out.count == len(out) == expected
    assert out.fps == wanted
    assert abs(out.count / out.fps - count / fps) <= 0.5 / wanted + 1e-9


@pytest.mark.parametrize("how", ["flow", "blend", "repeat"])
def test_frames_that_are_there_are_passed_on_untouched(how: How) -> None:
    given = [frame(i) for i in range(6)]
    frames, _, step = retimed(clip(6, frames=given), fps=48, how=how)
    assert all(frames[2 * i] is given[i] for i in range(6))
    told = step.told()
    assert told["untouched"] == 7  # the last is there until its time is over
    assert told["untouched"] + told["drawn_between"] + told["held"] == len(frames)


def test_the_same_rate_and_speed_change_nothing() -> None:
    given = [frame(i) for i in range(9)]
    frames, _, _ = retimed(clip(9, 29.97, given), fps=29.97)
    assert all(one is other for one, other in zip(frames, given, strict=True))


def test_frames_between_are_between() -> None:
    frames, _, step = retimed(clip(6), fps=48)
    for number in (3, 5, 7):
        inner = (slice(6, -6), slice(8, -8))
        assert np.abs(frames[number][inner].astype(int) - frame(number / 2)[inner]).mean() < 6
    assert step.told()["drawn_between"] == 5


def test_half_the_speed_is_twice_as_long() -> None:
    frames, out, _ = retimed(clip(10), speed=((0.0, 0.5),), how="blend")
    assert len(frames) == 20
    assert out.fps == 24


def test_a_very_slow_motion_never_stands_still_but_at_its_end() -> None:
    brighter = [frame(0) // 2 + np.uint8(50 * i) for i in range(3)]
    frames, _, _ = retimed(clip(3, frames=brighter), fps=240, speed=((0.0, 0.2),), how="blend")
    levels = [int(each[0, 0, 0]) - int(brighter[0][0, 0, 0]) for each in frames]
    assert len(frames) == 150
    assert levels == [min(number, 100) for number in range(150)]


def test_twenty_times_the_speed_takes_frames_that_are_there() -> None:
    frames, _, step = retimed(clip(40), speed=((0.0, 20.0),))
    assert [int(each[0, 0, 0]) for each in frames] == [int(frame(i)[0, 0, 0]) for i in (0, 20)]
    assert step.told()["drawn_between"] == 0


@pytest.mark.parametrize("how", ["flow", "blend"])
def test_nothing_is_drawn_across_a_cut(how: How) -> None:
    rng = np.random.default_rng(0)
    one, other = (np.repeat(rng.integers(0, 255, (HEIGHT, WIDTH, 1)), 3, axis=2).astype(np.uint8) for _ in range(2))
    frames, _, step = retimed(clip(4, frames=[one, one.copy(), other, other.copy()]), fps=96, how=how)
    assert all(np.array_equal(each, one) or np.array_equal(each, other) for each in frames)
    assert [np.array_equal(each, one) for each in frames] == [True] * 6 + [False] * 10
    assert step.told()["cuts"] == 1


def test_a_clip_that_stands_still_stays_as_it_is() -> None:
    frames, _, step = retimed(clip(5, frames=[frame(0) for _ in range(5)]), fps=60)
    assert all(np.array_equal(each, frame(0)) for each in frames)
    assert step.told()["drawn_between"] == 0


def test_a_clip_of_one_frame_is_that_frame() -> None:
    frames, _, _ = retimed(clip(1), speed=((0.0, 0.05),), fps=48)
    assert len(frames) == 40
    assert all(np.array_equal(each, frame(0)) for each in frames)


def test_a_clip_without_frames_is_refused() -> None:
    with pytest.raises(InputError, match="no frames"):
        Retime(fps=60, speed=None, how="flow")(clip(0, frames=[]))


def test_a_clip_that_ends_early_goes_on_with_its_last_frame() -> None:
    stream = FrameStream(frames=iter([frame(0), frame(1)]), width=WIDTH, height=HEIGHT, fps=24, count=4)
    frames, _, _ = retimed(stream, fps=48, how="blend")
    assert len(frames) == 8
    assert all(np.array_equal(each, frame(1)) for each in frames[2:])


def test_no_frame_is_asked_for_before_it_is_needed() -> None:
    asked = []

    def source() -> Iterator[UInt8]:
        for number in range(8):
            asked.append(number)
            yield frame(number)

    stream = FrameStream(frames=source(), width=WIDTH, height=HEIGHT, fps=24, count=8)
    out = iter(Retime(fps=48, speed=None, how="blend")(stream))
    for number in range(16):
        next(out)
        assert max(asked) <= (number + 1) // 2


def test_a_speed_ramp_starts_and_ends_at_its_speeds_and_reaches_the_end() -> None:
    speed = SpeedMap(((0.0, 1.0), (2.0, 0.25)), 3.0)
    ticks = np.linspace(0, speed.seconds, 10001)
    source = speed(ticks)
    rate = np.gradient(source, ticks)
    assert source[0] == 0
    assert source[-1] == pytest.approx(3.0)
    assert rate[1] == pytest.approx(1.0, abs=1e-2)
    assert rate[-2] == pytest.approx(0.25, abs=1e-2)
    assert np.interp(2.0, source, rate) == pytest.approx(0.25, abs=1e-2)
    assert np.interp(1.0, source, rate) == pytest.approx(0.625, abs=1e-2)


def test_keys_beyond_the_end_of_the_clip_still_bend_the_ramp() -> None:
    speed = SpeedMap(((0.0, 1.0), (10.0, 2.0)), 5.0)
    end = np.diff(speed(np.array([speed.seconds - 1e-4, speed.seconds])))[0] / 1e-4
    assert end == pytest.approx(1.5, abs=1e-2)
