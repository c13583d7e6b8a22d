"""The colour step does to the light what its numbers say, and nothing at all by default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stillmotion.plan import Grade
from stillmotion.stages.finishing.colour import (
    Colour,
    contrasted,
    exposure_curve,
    saturation_matrix,
    tone_curves,
    vignette,
    white_gains,
)
from stillmotion.types import Float64, FrameStream, UInt8

WIDTH, HEIGHT = 160, 90
LUMA = np.array([0.2126, 0.7152, 0.0722])
OLD = [
    64,
    27,
    162,
    19,
    139,
    196,
    167,
    81,
    196,
    48,
    30,
    25,
    196,
    0,
    131,
    0,
    242,
    8,
    95,
    223,
    103,
    174,
    98,
    66,
    195,
    29,
    166,
    168,
    55,
    240,
    47,
    219,
    240,
    195,
    60,
    0,
]  # of the first version


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


def _coloured(grade: Grade, stream: FrameStream) -> UInt8:
    return next(iter(Colour(grade=grade, lut=None, lut_strength=1.0)(stream)))


def test_no_grade_leaves_the_stream_as_it_is() -> None:
    stream = _ramp()
    assert Colour(grade=Grade(grain=0.5), lut=None, lut_strength=1.0)(stream) is stream


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


def test_exposure_alone_is_the_same_table_for_every_channel() -> None:
    curves = tone_curves(Grade(exposure=0.7))[0]
    assert (curves == exposure_curve(0.7)[:, None]).all()


@pytest.mark.parametrize("contrast", [-1.0, -0.4, 0.4, 1.0])
def test_contrast_turns_the_tones_about_mid_grey_and_never_inverts_them(contrast: float) -> None:
    values = np.linspace(0, 1, 2001)
    curve = contrasted(values, contrast)
    grey = 0.4613
    assert np.interp(grey, values, curve) == pytest.approx(grey, abs=1e-3)
    slope = (np.interp(grey + 0.01, values, curve) - np.interp(grey - 0.01, values, curve)) / 0.02
    assert slope == pytest.approx(1 + contrast, abs=0.03)
    assert (np.diff(curve) >= 0).all()
    assert curve.min() >= 0
    assert curve.max() <= 1


def test_full_contrast_still_tells_near_whites_and_near_blacks_apart() -> None:
    curve = tone_curves(Grade(contrast=1.0))[0, :, 0].astype(int)
    assert (curve[0], curve[255]) == (0, 255)
    assert len(set(curve[200:].tolist())) > 15
    assert len(set(curve[:56].tolist())) > 15


def test_least_contrast_is_flat() -> None:
    assert np.ptp(_coloured(Grade(contrast=-1), _ramp()).astype(int)) == 0


def test_warm_is_redder_cool_is_bluer_magenta_has_less_green() -> None:
    warm, cool, magenta, green = (white_gains(*by) for by in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)))
    assert warm[0] > 1.05 > 1 > 0.9 > warm[2]
    assert cool[2] > 1.1 > 1 > 0.95 > cool[0]
    assert magenta[1] < 0.97 < 1.03 < min(magenta[0], magenta[2])
    assert green[1] > 1.03 > 0.97 > max(green[0], green[2])


@pytest.mark.parametrize(("temperature", "tint"), [(1, 1), (1, -1), (-1, 1), (-1, -1), (0.3, 0)])
def test_another_white_keeps_the_luma_of_grey_and_every_channel_alive(temperature: float, tint: float) -> None:
    gains = white_gains(temperature, tint)
    assert gains.min() > 0.3
    assert LUMA @ gains == pytest.approx(1, abs=1e-3)
    before = _ramp().frames
    grey = next(before)[0, 70]
    after = _coloured(Grade(temperature=temperature, tint=tint), _ramp())[0, 70]
    assert LUMA @ _light(after) == pytest.approx(LUMA @ _light(grey), rel=0.02)


def test_white_made_warmer_does_not_clip_to_another_hue() -> None:
    white = _coloured(Grade(temperature=0.5), _ramp())[0, -1].astype(int)
    assert white[0] == 255
    assert white[0] > white[1] > white[2]


def test_saturation_keeps_the_luma_and_greys() -> None:
    for amount in (0.0, 0.5, 1.6):
        matrix = saturation_matrix(amount)
        assert np.allclose(LUMA @ matrix, LUMA, atol=1e-6)
        assert np.allclose(matrix @ np.ones(3), 1, atol=1e-6)
    assert np.allclose(saturation_matrix(0.0) @ np.array([200, 30, 60]), LUMA @ np.array([200, 30, 60]))


def test_a_vignette_darkens_evenly_from_the_middle_to_the_corners() -> None:
    factors = vignette(1.0, WIDTH, HEIGHT)[..., 0]
    assert factors.max() == pytest.approx(1, abs=1e-3)
    assert factors[0, 0] == pytest.approx(0.25, abs=0.02)
    assert np.allclose(factors, factors[::-1, ::-1], atol=1e-6)
    assert (np.diff(factors[HEIGHT // 2, WIDTH // 2 :]) <= 0).all()
    assert vignette(0.3, WIDTH, HEIGHT)[0, 0, 0] > factors[0, 0]


def test_a_colour_table_comes_after_the_grade_and_before_the_vignette(tmp_path: Path) -> None:
    path = tmp_path / "inverted.cube"
    path.write_text("LUT_1D_SIZE 2\n1 1 1\n0 0 0\n")
    step = Colour(grade=Grade(vignette=1.0), lut=path, lut_strength=1.0)
    black = FrameStream(frames=iter([np.zeros((90, 160, 3), np.uint8)]), width=160, height=90, fps=12, count=1)
    frame = next(iter(step(black)))
    assert frame[45, 80].tolist() == [255, 255, 255]
    assert frame[0, 0, 0] < 80
    assert step.told()["lut"] == {"file": "inverted.cube", "title": "inverted", "nodes": [2], "strength": 1.0}


def test_it_tells_what_it_did_to_the_light_and_what_clipped() -> None:
    step = Colour(grade=Grade(exposure=1.0, temperature=0.3), lut=None, lut_strength=1.0)
    for _ in step(_ramp()):
        pass
    told = step.told()
    assert told["exposure_stops"] == 1.0
    assert told["after"]["mean_rgb"][1] > told["before"]["mean_rgb"][1] + 20
    assert told["white_gains"][0] > 1 > told["white_gains"][2]
    assert 0 <= told["after"]["clipped_share"] < 0.1


def test_a_coloured_stream_keeps_its_size_and_count() -> None:
    grade = Grade(exposure=0.5, contrast=0.2, temperature=-0.2, tint=0.1, saturation=1.2, vignette=0.4)
    stream = Colour(grade=grade, lut=None, lut_strength=1.0)(_ramp(5))
    frames = list(stream)
    assert (len(frames), len(stream), stream.width, stream.height, stream.fps) == (5, 5, WIDTH, HEIGHT, 12)
    assert all(frame.shape == (HEIGHT, WIDTH, 3) and frame.dtype == np.uint8 for frame in frames)


def test_the_colours_of_plans_of_old_are_still_the_same_bytes() -> None:
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    stream = FrameStream(frames=iter([pixels]), width=64, height=48, fps=12, count=1)
    frame = _coloured(Grade(exposure=0.6, saturation=1.3, vignette=0.5), stream)
    assert frame[::16, ::21].reshape(-1).tolist() == OLD
