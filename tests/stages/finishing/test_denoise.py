"""Noise goes, the picture stays, and nothing that moves leaves a ghost."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.evaluation.fidelity import psnr
from stillmotion.stages.finishing.denoise import Denoise
from stillmotion.stages.finishing.noise import noise
from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT, COUNT = 160, 96, 8


@pytest.fixture(scope="module")
def clean() -> list[UInt8]:
    """A pan over blobs and bars."""
    rng = np.random.default_rng(1)
    wide = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, WIDTH + 3 * COUNT, 3)).astype(np.float32), (0, 0), 5)
    wide = 120 + 6 * (wide - wide.mean())
    wide[:, ::32] *= 0.6
    wide = np.clip(wide, 20, 230).astype(np.uint8)
    return [np.ascontiguousarray(wide[:, 3 * n : 3 * n + WIDTH]) for n in range(COUNT)]


def noised(frames: list[UInt8], sigma: float) -> list[UInt8]:
    rng = np.random.default_rng(5)
    return [np.clip(np.rint(f + rng.normal(0, sigma, f.shape)), 0, 255).astype(np.uint8) for f in frames]


def through(frames: list[UInt8], strength: float = 1.0) -> tuple[list[UInt8], dict[str, object]]:
    step = Denoise(strength=strength)
    stream = FrameStream(frames=iter(frames), width=WIDTH, height=HEIGHT, fps=24, count=len(frames))
    return list(step(stream)), step.told()


def quality(frames: list[UInt8], clean: list[UInt8]) -> float:
    return float(np.mean([psnr(a, b) for a, b in zip(frames, clean, strict=True)]))


def test_a_clean_clip_passes_as_the_same_bytes(clean: list[UInt8]) -> None:
    frames, told = through(clean)
    assert all(one is other for one, other in zip(frames, clean, strict=True))
    assert told["changed"] == 0


@pytest.mark.parametrize(("sigma", "gain"), [(5, 4.0), (10, 5.5), (20, 6.5)])
def test_noise_on_a_moving_picture_is_taken_out(clean: list[UInt8], sigma: float, gain: float) -> None:
    spoiled = noised(clean, sigma)
    frames, told = through(spoiled)
    assert quality(frames, clean) > quality(spoiled, clean) + gain
    assert isinstance(told["frames_averaged"], float)
    assert told["frames_averaged"] > 3


def test_a_little_strength_leaves_most_of_the_noise(clean: list[UInt8]) -> None:
    spoiled = noised(clean, 10)
    little, much = through(spoiled, 0.3)[0], through(spoiled, 1.0)[0]
    assert quality(spoiled, clean) + 1 < quality(little, clean) < quality(much, clean) - 2


def test_a_thing_that_comes_and_goes_leaves_no_ghost(clean: list[UInt8]) -> None:
    still = [clean[0].copy() for _ in range(COUNT)]
    still[4][30:60, 50:90] = (240, 40, 40)  # there in one frame only
    frames, _ = through(noised(still, 8))
    for number in (2, 3, 5, 6):
        box = np.s_[34:56, 54:86]
        assert np.abs(frames[number][box].astype(int) - still[number][box]).mean() < 4
    assert np.abs(frames[4][36:54, 56:84].astype(int) - still[4][36:54, 56:84]).mean() < 6  # its own noise is 6.4


def test_the_noise_is_measured(clean: list[UInt8]) -> None:
    luma = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (clean[0], clean[0])]
    rng = np.random.default_rng(9)
    for sigma in (3, 8):
        one, other = (np.clip(np.rint(f + rng.normal(0, sigma, f.shape)), 0, 255).astype(np.uint8) for f in luma)
        assert noise(one, one, other).sigma(110) == pytest.approx(sigma, rel=0.25)


def test_texture_that_stands_still_is_no_noise() -> None:
    texture = np.random.default_rng(3).integers(90, 160, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    frames, told = through([texture] * COUNT)
    assert all(frame is texture for frame in frames)
    assert told["changed"] == 0


@pytest.mark.parametrize("strength", [0.0, 1.2])
def test_a_strength_out_of_bounds_is_refused(strength: float) -> None:
    with pytest.raises(InputError, match="above 0"):
        Denoise(strength=strength)
