"""The grade does to the light what its numbers say, and nothing at all by default."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from stillmotion.plan import Grade
from stillmotion.stages.finishing.grade import exposure_curve, graded, saturation_matrix, vignette
from stillmotion.types import Float64, FrameStream, UInt8

WIDTH, HEIGHT = 160, 90


def _light(srgb: UInt8) -> Float64:
    """Linear light of sRGB levels (IEC 61966-2-1)."""
    share = np.asarray(srgb, dtype=np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _ramp(count: int = 3) -> FrameStream:
    frame = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8)[None, :, None], (HEIGHT, 1, 3))

    def each() -> Iterator[UInt8]:
        for _ in range(count):
            yield frame.copy()

    return FrameStream(frames=each(), width=WIDTH, height=HEIGHT, fps=12, count=count)


def _flat(level: int, count: int = 3) -> FrameStream:
    frames = (np.full((HEIGHT, WIDTH, 3), level, np.uint8) for _ in range(count))
    return FrameStream(frames=frames, width=WIDTH, height=HEIGHT, fps=12, count=count)


def test_no_grade_leaves_the_stream_as_it_is() -> None:
    stream = _ramp()
    assert graded(stream, Grade(), seed=0) is stream


@pytest.mark.parametrize("stops", [-1.0, 1.0])
def test_a_stop_doubles_or_halves_the_light(stops: float) -> None:
    levels = np.arange(40, 150)  # below the shoulder, above what eight bits cannot tell apart
    ratio = _light(exposure_curve(stops)[levels]) / _light(levels.astype(np.uint8))
    assert np.allclose(ratio, 2.0**stops, rtol=0.06)


@pytest.mark.parametrize("stops", [-3.0, -0.5, 0.5, 3.0])
def test_exposure_keeps_black_and_the_order_of_the_tones(stops: float) -> None:
    curve = exposure_curve(stops).astype(int)
    assert curve[0] == 0
    assert (np.diff(curve) >= 0).all()
    assert curve[255] <= 255


def test_raised_highlights_bend_before_they_clip() -> None:
    curve = exposure_curve(1.0).astype(int)[190:256]  # where twice the light would all be white
    assert (curve[16:] > curve[:-16]).all()


def test_saturation_keeps_the_luma_and_greys() -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    for amount in (0.0, 0.5, 1.6):
        matrix = saturation_matrix(amount)
        assert np.allclose(weights @ matrix, weights, atol=1e-6)
        assert np.allclose(matrix @ np.ones(3), 1, atol=1e-6)
    assert np.allclose(saturation_matrix(0.0) @ np.array([200, 30, 60]), weights @ np.array([200, 30, 60]))


def test_a_vignette_darkens_evenly_from_the_middle_to_the_corners() -> None:
    factors = vignette(1.0, WIDTH, HEIGHT)[..., 0]
    assert factors.max() == pytest.approx(1, abs=1e-3)
    assert factors[0, 0] == pytest.approx(0.25, abs=0.02)
    assert np.allclose(factors, factors[::-1, ::-1], atol=1e-6)
    assert (np.diff(factors[HEIGHT // 2, WIDTH // 2 :]) <= 0).all()
    assert vignette(0.3, WIDTH, HEIGHT)[0, 0, 0] > factors[0, 0]


def test_grain_comes_from_the_seed_and_is_new_in_every_frame() -> None:
    grain = Grade(grain=0.5)
    first, again, other = (list(graded(_flat(128), grain, seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], other[0])


def test_grain_is_grey_even_and_strongest_in_the_mid_tones() -> None:
    found = {level: next(iter(graded(_flat(level), Grade(grain=1.0), seed=0))).astype(int) for level in (20, 128, 235)}
    assert (found[128][..., 0] == found[128][..., 2]).all()
    assert abs(found[128].mean() - 128) < 0.5
    assert found[128].std() == pytest.approx(14, rel=0.15)
    assert found[20].std() < 0.6 * found[128].std()
    assert found[235].std() < 0.6 * found[128].std()


def test_a_graded_stream_keeps_its_size_and_count() -> None:
    stream = graded(_ramp(5), Grade(exposure=0.5, saturation=1.2, vignette=0.4, grain=0.2), seed=3)
    frames = list(stream)
    assert (len(frames), len(stream), stream.width, stream.height, stream.fps) == (5, 5, WIDTH, HEIGHT, 12)
    assert all(frame.shape == (HEIGHT, WIDTH, 3) and frame.dtype == np.uint8 for frame in frames)
