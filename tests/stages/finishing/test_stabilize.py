"""The step: shake goes, pans stay, cuts divide, nothing black is shown, and what was done is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.stages.finishing.shake import ShakeMeter
from stillmotion.stages.finishing.stabilize import Stabilize
from stillmotion.types import Float64, FrameStream, UInt8

SIZE = (320, 180)


@cache
def texture(seed: int) -> UInt8:
    noise = np.random.default_rng(seed).normal(0, 1, (500, 900, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return np.asarray(np.clip(128 + 45 * soft / soft.std(), 20, 235), np.uint8)


def seen(scene: UInt8, x: float, y: float, turn: float = 0.0) -> UInt8:
    a = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    at = (np.array(scene.shape[1::-1]) - 1) / 2 + (x, y)
    matrix = np.hstack([a, ((np.array(SIZE) - 1) / 2 - a @ at)[:, None]])
    return np.asarray(cv2.warpAffine(scene, matrix, SIZE, flags=cv2.INTER_CUBIC))


def hand(count: int, *, size: float = 2.5, pan: float = 0.0) -> Float64:
    """(N, 3) x, y, radians."""
    random = np.random.default_rng(5)
    path = random.normal(0, 1, (count, 3)) * (size, size, 0.004)
    path[:, 0] += pan * np.arange(count)
    path[0] = 0
    return path


def stream(frames: Sequence[UInt8]) -> FrameStream:
    height, width = frames[0].shape[:2]
    return FrameStream(frames=iter(frames), width=width, height=height, fps=30, count=len(frames))


def steadied(
    frames: Sequence[UInt8], *, tripod: bool = False, room: float = 0.1, border: str = "crop"
) -> tuple[list[UInt8], dict]:
    step = Stabilize(tripod=tripod, room=room, border=border)  # type: ignore[arg-type]
    out = list(step(stream(frames)))
    return out, step.told()


def speeds(frames: Sequence[UInt8]) -> Float64:
    """How the middle moves from frame to frame (N - 1,), complex."""
    meter = ShakeMeter(*SIZE)
    found = [meter(frame) for frame in frames]
    return np.array([motion[1] for motion in found[1:] if motion is not None])


@pytest.fixture(scope="module")
def shaky() -> list[UInt8]:
    scene = texture(0)
    return [seen(scene, *at) for at in hand(36)]


@pytest.mark.parametrize("border", ["crop", "fill"])
def test_the_shake_goes(shaky: list[UInt8], border: str) -> None:
    out, told = steadied(shaky, border=border)
    assert len(out) == len(shaky)
    assert all(frame.shape == (180, 320, 3) and frame.dtype == np.uint8 for frame in out)
    assert np.abs(np.diff(speeds(out))).mean() < 0.08 * np.abs(np.diff(speeds(shaky))).mean()
    assert told["shake_px"]["after"] < 0.08 * told["shake_px"]["before"]
    assert told["stability"]["after"] <= 1


@pytest.mark.parametrize("border", ["crop", "fill"])
def test_nothing_black_is_shown(shaky: list[UInt8], border: str) -> None:
    out, _ = steadied(shaky, border=border)
    assert min(int(frame.min()) for frame in out) >= 10  # the scene has nothing below 20


def test_no_more_is_cropped_than_the_room_and_less_where_the_shake_is_small(shaky: list[UInt8]) -> None:
    calm = [seen(texture(0), *at) for at in hand(30, size=0.5)]
    _, little = steadied(calm)
    _, told = steadied(shaky)
    assert little["cropped"]["most"] < told["cropped"]["most"] <= 1 - (1 - 2 * 0.1) ** 2 + 1e-6
    assert told["room_asked"] == 0.1
    assert told["room_used"] <= 0.1
    wild = [seen(texture(0), *at) for at in hand(30, size=15)]
    _, narrow = steadied(wild, room=0.03)
    assert narrow["cropped"]["most"] <= 1 - (1 - 2 * 0.03) ** 2 + 1e-6
    assert narrow["room_used"] == 0.03


def test_a_pan_stays_a_pan_at_its_own_speed() -> None:
    scene = texture(1)
    out, told = steadied([seen(scene, *at) for at in hand(50, pan=3.0)])
    moved = speeds(out)
    zoom = 1 / told["cropping"]
    assert moved.real.mean() == pytest.approx(-3 * zoom, rel=0.1)
    assert np.abs(np.diff(moved)).max() < 1.0


def test_a_cut_divides_the_clip() -> None:
    first = [seen(texture(2), *at) for at in hand(25)]
    second = [np.asarray(255 - seen(texture(3), *at)) for at in hand(25, pan=2)]
    out, told = steadied([*first, *second])
    alone, _ = steadied(second)
    assert told["scenes"] == 2
    assert len(out) == 50
    assert all(np.array_equal(one, other) for one, other in zip(out[25:], alone, strict=True))


def test_a_tripod_shows_the_first_frame_again_and_again() -> None:
    scene = texture(4)
    slow = hand(50, size=2) + np.linspace(0, 1, 50)[:, None] * (12, 5, 0.01)
    out, told = steadied([seen(scene, *at) for at in slow], tripod=True)
    assert told["let_go"] == {"frames": 0, "first": None, "new_references": 0}
    inner = [frame[20:-20, 20:-20].astype(float) for frame in out]
    assert max(np.abs(frame - inner[0]).mean() for frame in inner) < 5  # sampled differently, at the same place


def test_a_tripod_lets_go_smoothly_when_the_camera_leaves() -> None:
    scene = texture(5)
    away = hand(50, size=1)
    away[15:, 0] += 4.0 * np.arange(35)
    out, told = steadied([seen(scene, *at) for at in away], tripod=True)
    assert told["let_go"]["frames"] > 20
    assert told["let_go"]["first"] is not None
    assert min(int(frame.min()) for frame in out) >= 10
    assert np.abs(np.diff(speeds(out))).max() < 1.5


def test_filling_neither_crops_nor_zooms_and_tells_how_much_is_filled(shaky: list[UInt8]) -> None:
    out, told = steadied(shaky, border="fill")
    assert "cropped" not in told
    assert 0 < told["filled"]["mean"] <= told["filled"]["most"] < 0.2
    assert told["filled"]["continued"] < 0.3 * told["filled"]["mean"]
    truth = seen(texture(0), 0, 0)
    meter = ShakeMeter(*SIZE)
    meter(truth)
    motion = meter(out[20])
    assert motion is not None
    assert abs(motion[0]) == pytest.approx(1, abs=0.003)


def test_plain_frames_are_passed_on_untouched() -> None:
    plain = [np.full((180, 320, 3), 90, np.uint8) for _ in range(5)]
    out, told = steadied(plain)
    assert all(np.array_equal(one, other) for one, other in zip(out, plain, strict=True))
    assert told["frames_whose_motion_was_not_seen"] == 4


def test_a_camera_that_stands_is_left_alone() -> None:
    still = seen(texture(6), 0, 0)
    out, told = steadied([still] * 8)
    assert all(np.array_equal(frame, still) for frame in out)
    assert told["cropping"] == 1


def test_a_pan_over_a_plain_wall_goes_on_gently() -> None:
    scene = texture(7)
    frames = [seen(scene, 2.0 * number, 0) for number in range(30)]
    frames[20:24] = [np.full_like(frames[0], 128)] * 4
    out, told = steadied(frames)
    assert told["frames_whose_motion_was_not_seen"] >= 3  # the first of them may count as another scene
    assert np.abs(np.diff(speeds(out[:19]))).max() < 0.5


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("border", ["crop", "fill"])
def test_short_clips_of_odd_sizes_keep_their_count(count: int, border: str) -> None:
    frames = [np.ascontiguousarray(seen(texture(0), *at)[:99, :131]) for at in hand(count)]
    out, _ = steadied(frames, border=border)
    assert len(out) == count
    assert out[0].shape == (99, 131, 3)


def test_no_frame_is_written_into_and_the_same_frames_give_the_same(shaky: list[UInt8]) -> None:
    before = [frame.copy() for frame in shaky[:20]]
    one, _ = steadied(shaky[:20], border="fill")
    other, _ = steadied(shaky[:20], border="fill")
    assert all(np.array_equal(a, b) for a, b in zip(before, shaky, strict=False))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("border", ["crop", "fill"])
def test_no_more_frames_are_asked_for_than_are_looked_ahead(border: str) -> None:
    asked = 0
    frames = [seen(texture(0), *at)[:90, :128].copy() for at in hand(70)]

    def counted() -> Iterator[UInt8]:
        nonlocal asked
        for frame in frames:
            asked += 1
            yield frame

    step = Stabilize(tripod=False, room=0.1, border=border)  # type: ignore[arg-type]
    frames_given = step(FrameStream(frames=counted(), width=128, height=90, fps=30, count=70))
    for given, _ in enumerate(frames_given, 1):
        assert asked - given <= step.look_ahead


def test_it_can_be_stopped_at_any_frame(shaky: list[UInt8]) -> None:
    frames = iter(Stabilize(tripod=False, room=0.1, border="crop")(stream(shaky)))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert next(frames, None) is None


def test_what_cannot_be_done_is_said_at_once() -> None:
    with pytest.raises(InputError, match=r"0\.3"):
        Stabilize(tripod=False, room=0.5, border="crop")
    with pytest.raises(InputError, match="32"):
        Stabilize(tripod=False, room=0.1, border="crop")(stream([np.zeros((16, 16, 3), np.uint8)]))


def test_windows_join_without_a_jump() -> None:
    scene = texture(8)
    path = hand(100)
    path[:, 0] += 30 * np.sin(np.arange(100) / 20)
    out, _ = steadied([seen(scene, *at) for at in path])
    assert max(abs(after - before) for before, after in pairwise(speeds(out))) < 0.6
