"""Steps in a sky become a slope; edges, texture and grain stay as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.stages.finishing.deband import Deband, blue_noise
from stillmotion.types import Float32, FrameStream, UInt8

WIDTH, HEIGHT = 256, 144


@pytest.fixture(scope="module")
def sky() -> Float32:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.stack([90 + 50 * y / HEIGHT, 130 + 40 * y / HEIGHT + 6 * x / WIDTH, 190 + 25 * y / HEIGHT], axis=2)


def stepped(picture: Float32, size: float) -> UInt8:
    return (np.rint(picture / size) * size).astype(np.uint8)


def through(frame: UInt8, seed: int = 1, count: int = 1) -> tuple[list[UInt8], dict[str, object]]:
    step = Deband(seed=seed)
    height, width = frame.shape[:2]
    stream = FrameStream(frames=iter([frame] * count), width=width, height=height, fps=24, count=count)
    return list(step(stream)), step.told()


def seen(frame: UInt8, truth: Float32) -> float:
    """How strongly steps are seen: rms slope of the error after the blur of an eye."""
    error = cv2.GaussianBlur(frame.astype(np.float32) - truth, (0, 0), 1.5)
    return float(np.sqrt(np.mean(np.square(np.diff(error, axis=0)))))


@pytest.mark.parametrize("size", [2, 4])
def test_steps_in_a_sky_become_a_slope(sky: Float32, size: int) -> None:
    bad = stepped(sky, size)
    (frame,), told = through(bad)
    assert seen(frame, sky) < 0.3 * seen(bad, sky)
    assert isinstance(told["area"], float)
    assert told["area"] > 0.6


def test_the_change_is_at_most_what_a_step_can_be_wrong(sky: Float32) -> None:
    bad = stepped(sky, 4)
    (frame,), _ = through(bad)
    assert np.abs(frame.astype(int) - bad).max() <= 3


def test_an_edge_in_the_sky_stays(sky: Float32) -> None:
    picture = sky.copy()
    picture[40:110, 100:160] = (60, 50, 40)
    bad = stepped(picture, 2)
    (frame,), _ = through(bad)
    ring = np.zeros((HEIGHT, WIDTH), bool)
    ring[36:114, 96:164] = True
    ring[44:106, 104:156] = False
    assert np.array_equal(frame[ring], bad[ring])


def test_grain_and_texture_pass_as_the_same_bytes(sky: Float32) -> None:
    grain = np.rint(sky + np.random.default_rng(2).normal(0, 3, sky.shape)).clip(0, 255).astype(np.uint8)
    (frame,), told = through(grain)
    assert frame is grain
    assert told["changed"] == 0


def test_the_dither_stands_still_and_depends_on_the_seed(sky: Float32) -> None:
    bad = stepped(sky, 4)
    first, second = through(bad, seed=1, count=2)[0]
    assert np.array_equal(first, second)
    assert not np.array_equal(first, through(bad, seed=2)[0][0])


def test_blue_noise_is_even_and_fine() -> None:
    values = blue_noise(3)
    assert abs(float(values.mean())) < 1e-3
    assert float(cv2.GaussianBlur(values, (0, 0), 3).std()) < 0.1 * 0.2887 / (2 * 3 * np.sqrt(np.pi)) * 3


def test_small_pictures_pass() -> None:
    tiny = np.full((12, 20, 3), 90, np.uint8)
    assert through(tiny)[0][0] is tiny
