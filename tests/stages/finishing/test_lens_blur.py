"""Lens blur: sharp in the middle, round discs towards the rim, light kept, no steps."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.stages.finishing.lens_blur import LensBlur, blur_radius, discs
from stillmotion.types import Float64, FrameStream, UInt8

WIDTH, HEIGHT = 320, 180


def _blurred(frame: UInt8, amount: float = 1.0) -> UInt8:
    height, width = frame.shape[:2]
    stream = FrameStream(frames=iter([frame]), width=width, height=height, fps=12, count=1)
    return next(iter(LensBlur(amount=amount)(stream)))


def _light(levels: UInt8) -> Float64:
    share = levels / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _noise() -> UInt8:
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def test_the_middle_is_untouched_and_the_corners_are_soft() -> None:
    frame = _noise()
    soft = _blurred(frame)
    middle = np.s_[70:110, 130:190]
    assert np.array_equal(soft[middle], frame[middle])
    assert soft[:12, :12].std() < 0.4 * frame[:12, :12].std()


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_an_even_picture_stays_even(level: int) -> None:
    frame = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    assert np.array_equal(_blurred(frame), frame)


def test_light_is_kept_and_a_point_becomes_a_disc_of_the_radius_of_its_place() -> None:
    big = np.zeros((540, 960, 3), np.uint8)
    big[40:42, 60:62] = 255
    soft = _light(_blurred(big))[..., 1]
    radius = blur_radius(960, 540)[41, 61]
    assert soft.sum() == pytest.approx(4, rel=0.15)  # what eight bits keep of it
    y, x = np.nonzero(soft > soft.max() / 2)
    assert np.ptp(x) == pytest.approx(np.ptp(y), abs=2)
    assert np.ptp(x) / 2 == pytest.approx(radius, abs=1.5)


def test_the_blur_grows_without_steps() -> None:
    weights, halves = discs(160)
    area = (2 * weights * halves).sum(axis=1)
    assert np.allclose(area, 1, atol=1e-5)
    spread = (2 * weights * halves * np.square(np.arange(weights.shape[1]) - weights.shape[1] // 2)).sum(axis=1)
    assert spread[0] == 0
    assert (np.diff(spread) >= -1e-6).all()
    assert np.diff(np.sqrt(spread)).max() < 0.25  # pixels, from one disc to the next larger one
    assert spread[160] == pytest.approx(10.5**2 / 4, rel=0.03)  # of a disc


def test_a_disc_is_as_wide_as_it_is_high() -> None:
    weights, halves = discs(80)
    place = np.arange(weights.shape[1]) - weights.shape[1] // 2
    for kind in (4, 8, 12, 24, 40, 80):
        width = halves[kind][:, None]
        inside = np.clip(np.minimum(width, place + 0.5) - np.maximum(-width, place - 0.5), 0, None)
        kernel = weights[kind][:, None] * inside
        assert kernel.sum() == pytest.approx(1, abs=1e-5)
        across, down = (kernel * place**2).sum(), (kernel.T * place**2).sum()
        assert across == pytest.approx(down, rel=0.08, abs=0.02)


def test_less_is_less_and_it_is_told() -> None:
    frame = _noise()
    some, all_of_it = (np.abs(_blurred(frame, amount).astype(int) - frame).mean() for amount in (0.2, 1.0))
    assert some < 0.7 * all_of_it
    step = LensBlur(amount=0.5)
    stream = FrameStream(frames=iter([frame]), width=WIDTH, height=HEIGHT, fps=12, count=1)
    list(step(stream))
    assert step.told()["largest_radius_px"] == pytest.approx(0.5 * 0.009 * np.hypot(WIDTH, HEIGHT), abs=0.02)
    assert step.told()["sharp_share"] > 0.1


@pytest.mark.parametrize("size", [(1, 1), (64, 1), (3, 200), (65, 63)])
def test_any_size_is_taken(size: tuple[int, int]) -> None:
    frame = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    assert _blurred(frame).shape == frame.shape
