"""Frames between frames: things are where they should be, sharp, and nothing is smeared in from outside."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.stages.finishing.flow import FlowFinder, Flows
from stillmotion.stages.finishing.interpolate import Between
from stillmotion.types import UInt8

WIDTH, HEIGHT = 160, 120


def texture(width: int, height: int, seed: int) -> UInt8:
    """A picture with coarse and fine things."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for sigma, amount in ((20.0, 40.0), (5.0, 30.0), (1.5, 15.0)):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (height, width, 3)).astype(np.float32), (0, 0), sigma)
        picture += amount * noise / noise.std()
    return np.asarray(np.clip(picture + 128, 0, 255), dtype=np.uint8)


def flows(before: UInt8, after: UInt8) -> Flows:
    finder = FlowFinder(before.shape[1], before.shape[0])
    return finder(finder.grey(before), finder.grey(after))


def between(before: UInt8, after: UInt8, t: float) -> UInt8:
    return Between(before, after, flows(before, after))(t)


def psnr(one: UInt8, other: UInt8) -> float:
    error = float(np.square(one.astype(np.float32) - other).mean())
    return 10 * float(np.log10(255**2 / max(error, 1e-6)))


def window(wide: UInt8, x: float) -> UInt8:
    """What a camera that has moved right by x pixels sees."""
    matrix = np.array([[1.0, 0, x], [0, 1, 0]])
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(wide, matrix, (WIDTH, HEIGHT), flags=how))


@pytest.mark.parametrize("t", [0.25, 0.5, 0.8])
def test_a_pan_is_where_it_should_be_at_any_time(t: float) -> None:
    wide = texture(WIDTH + 40, HEIGHT, 0)
    before, after, wanted = window(wide, 0), window(wide, 12), window(wide, 12 * t)
    drawn = between(before, after, t)
    blend = np.asarray(before * (1 - t) + after * t, dtype=np.uint8)
    assert psnr(drawn, wanted) > 32
    assert psnr(drawn, wanted) > psnr(blend, wanted) + 10


def test_what_comes_in_at_the_border_is_taken_from_the_frame_that_shows_it() -> None:
    wide = texture(WIDTH + 40, HEIGHT, 1)
    before, after, wanted = window(wide, 0), window(wide, 14), window(wide, 7)
    drawn = between(before, after, 0.5)
    assert psnr(drawn[:, -6:], wanted[:, -6:]) > 27
    assert psnr(drawn[:, :6], wanted[:, :6]) > 27


def test_a_thing_in_front_keeps_its_shape_and_what_it_hides_comes_from_the_other_frame() -> None:
    behind, front = texture(WIDTH, HEIGHT, 2), texture(WIDTH, HEIGHT, 3)
    front = np.asarray(np.clip(front.astype(int) + 50, 0, 255), dtype=np.uint8)

    def at(x: int) -> UInt8:
        picture = behind.copy()
        picture[40:80, 40 + x : 80 + x] = front[40:80, 40:80]
        return picture

    drawn = between(at(0), at(10), 0.5)
    assert psnr(drawn, at(5)) > 27
    assert psnr(drawn[42:78, 47:83], at(5)[42:78, 47:83]) > 30
    assert psnr(drawn[:, 100:], behind[:, 100:]) > 40


def test_a_small_thing_that_moves_far_is_found() -> None:
    behind = texture(320, 200, 10)
    y, x = np.mgrid[:200, :320]

    def at(left: float) -> UInt8:
        ball = np.clip(10.5 - np.hypot(x - left, y - 90), 0, 1)[..., None]
        return np.asarray(behind + ball * (np.array([250, 240, 60]) - behind), dtype=np.uint8)

    drawn, wanted = between(at(120), at(150), 0.5), at(135)
    blend = np.asarray((at(120).astype(int) + at(150)) // 2, dtype=np.uint8)
    ball = np.hypot(x - 135, y - 90) < 8
    assert psnr(drawn[ball], wanted[ball]) > 25 > psnr(blend[ball], wanted[ball]) + 10
    window = (slice(78, 103), slice(105, 165))
    assert psnr(drawn[window], wanted[window]) > psnr(blend[window], wanted[window]) + 3


def test_frames_that_are_the_same_give_the_same() -> None:
    picture = texture(WIDTH, HEIGHT, 4)
    assert np.array_equal(between(picture, picture.copy(), 0.3), picture)


def test_nothing_that_is_given_is_written_into() -> None:
    before, after = texture(WIDTH, HEIGHT, 5), texture(WIDTH, HEIGHT, 6)
    before.flags.writeable = after.flags.writeable = False
    one = between(before, after, 0.5)
    assert np.array_equal(one, between(before, after, 0.5))
    assert one.shape == before.shape


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(threads: int) -> None:
    wide = texture(WIDTH + 40, HEIGHT, 7)
    before, after = window(wide, 0), window(wide, 9)
    usual = cv2.getNumThreads()
    wanted = between(before, after, 0.5)
    try:
        cv2.setNumThreads(threads)
        assert np.array_equal(between(before, after, 0.5), wanted)
    finally:
        cv2.setNumThreads(usual)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (66, 98), (1300, 70)])
def test_every_size_works_also_beyond_that_of_the_flow(width: int, height: int) -> None:
    wide = texture(width + 8, height, 8)
    before, after = np.ascontiguousarray(wide[:, :width]), np.ascontiguousarray(wide[:, 4 : width + 4])
    drawn = between(before, after, 0.5)
    assert drawn.shape == (height, width, 3)
    assert psnr(drawn[8:-8, 8:-8], wide[8:-8, 10 : width - 6]) > 26


def test_where_the_way_there_and_back_disagree_the_flow_is_not_trusted() -> None:
    behind, front = texture(WIDTH, HEIGHT, 2), texture(WIDTH, HEIGHT, 3)
    before, after = behind.copy(), behind.copy()
    before[40:80, 40:80] = front[40:80, 40:80]
    after[40:80, 56:96] = front[40:80, 40:80]
    found = flows(before, after)
    hidden, still = found.trust[44:76, 84:94], found.trust[:30]
    assert float(hidden.mean()) < 0.5 < 0.9 < float(still.mean())
