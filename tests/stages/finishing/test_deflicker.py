"""Light that flickers becomes even, flashes are mended, and light that changes on purpose stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.evaluation.fidelity import psnr
from stillmotion.evaluation.flicker import pumping
from stillmotion.stages.finishing.deflicker import Deflicker
from stillmotion.types import Float64, FrameStream, UInt8

WIDTH, HEIGHT, COUNT = 128, 80, 26


@pytest.fixture(scope="module")
def calm() -> list[UInt8]:
    """A slow pan over a picture of blobs."""
    rng = np.random.default_rng(1)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, WIDTH + COUNT, 3)).astype(np.float32), (0, 0), 4)
    picture = np.clip(110 + 4 * (picture - picture.mean()), 20, 200).astype(np.uint8)
    return [np.ascontiguousarray(picture[:, n : n + WIDTH]) for n in range(COUNT)]


def through(frames: list[UInt8]) -> tuple[list[UInt8], dict[str, object]]:
    step = Deflicker()
    stream = FrameStream(frames=iter(frames), width=WIDTH, height=HEIGHT, fps=24, count=len(frames))
    return list(step(stream)), step.told()


def lit(frame: UInt8, gain: float | Float64) -> UInt8:
    light = (frame / 255.0) ** 2.2 * gain
    return np.rint(255 * np.clip(light, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def mean_luma(frames: list[UInt8]) -> list[float]:
    return [float(frame.mean()) for frame in frames]


def test_a_calm_clip_passes_as_the_same_bytes(calm: list[UInt8]) -> None:
    frames, told = through(calm)
    assert all(one is other for one, other in zip(frames, calm, strict=True))
    assert told["corrected"] == 0


def test_light_that_flickers_becomes_even(calm: list[UInt8]) -> None:
    rng = np.random.default_rng(2)
    spoiled = [lit(frame, np.exp(rng.normal(0, 0.2))) for frame in calm]
    frames, told = through(spoiled)
    assert pumping(mean_luma(frames)) < 0.12 * pumping(mean_luma(spoiled))
    assert told["corrected"] == COUNT


def test_bands_that_run_over_the_picture_are_taken_out(calm: list[UInt8]) -> None:
    row = np.arange(HEIGHT)[:, None, None] / HEIGHT
    spoiled = [lit(f, 1 + 0.2 * np.sin(2 * np.pi * (1.2 * row + 0.31 * n))) for n, f in enumerate(calm)]
    frames, _ = through(spoiled)
    gained = [psnr(a, c) - psnr(b, c) for a, b, c in zip(frames, spoiled, calm, strict=True)]
    assert np.mean(gained) > 4


def test_a_flash_is_mended_and_named(calm: list[UInt8]) -> None:
    spoiled = list(calm)
    for number, gain in ((8, 3.0), (15, 2.0), (16, 2.0), (21, 0.3)):
        spoiled[number] = lit(calm[number], gain)
    frames, told = through(spoiled)
    assert told["flashes_mended"] == [8, 15, 16, 21]
    assert min(psnr(frames[n], calm[n]) for n in (8, 15, 16, 21)) > 30
    assert all(frames[n] is calm[n] for n in (0, 4, 12, 25))


def test_a_white_frame_is_drawn_from_its_neighbours_though_it_looks_like_two_cuts(calm: list[UInt8]) -> None:
    spoiled = list(calm)
    spoiled[12] = np.full_like(calm[12], 255)
    frames, told = through(spoiled)
    assert told["flashes_mended"] == [12]
    assert psnr(frames[12], calm[12]) > 30


def test_a_lamp_that_is_switched_on_stays_on(calm: list[UInt8]) -> None:
    switched = [lit(frame, 1.0 if number < 13 else 1.6) for number, frame in enumerate(calm)]
    frames, _ = through(switched)
    assert max(cv2.norm(a, b, cv2.NORM_L1) / a.size for a, b in zip(frames, switched, strict=True)) < 0.5


def test_light_that_rises_slowly_stays(calm: list[UInt8]) -> None:
    rising = [lit(frame, 1 + 0.02 * number) for number, frame in enumerate(calm)]
    frames, _ = through(rising)
    assert max(cv2.norm(a, b, cv2.NORM_L1) / a.size for a, b in zip(frames, rising, strict=True)) < 0.5


def test_nothing_reaches_across_a_cut(calm: list[UInt8]) -> None:
    rng = np.random.default_rng(4)
    other = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.float32), (0, 0), 2)
    other = np.clip(150 + 3 * (other - other.mean()), 0, 255).astype(np.uint8)
    frames, told = through([*calm[:13], *[other] * 13])
    assert told["cuts"] == 1
    assert all(one is expected for one, expected in zip(frames, [*calm[:13], *[other] * 13], strict=True))
