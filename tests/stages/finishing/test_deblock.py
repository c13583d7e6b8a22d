"""Blocks that are seen are smoothed; pictures without blocks pass as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.evaluation.fidelity import psnr
from stillmotion.stages.finishing.deblock import Deblock, found, profile, threshold
from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT = 192, 128


@pytest.fixture(scope="module")
def clean() -> UInt8:
    """Slopes, a disc and blobs: smooth places and edges."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    blobs = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32), (0, 0), 4)
    levels = 60 + 0.6 * x[..., None] + 0.3 * y[..., None] + 90 * blobs
    levels[(x - 120) ** 2 + (y - 60) ** 2 < 900] *= 0.5
    return np.clip(cv2.GaussianBlur(levels, (0, 0), 0.8), 0, 255).astype(np.uint8)


def squeezed(frame: UInt8, quality: int) -> UInt8:
    _, data = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1])


def through(frame: UInt8, count: int = 2) -> tuple[UInt8, dict[str, object]]:
    step = Deblock()
    height, width = frame.shape[:2]
    stream = FrameStream(frames=iter([frame] * count), width=width, height=height, fps=24, count=count)
    return list(step(stream))[-1], step.told()


def test_a_picture_without_blocks_passes_as_the_same_bytes(clean: UInt8) -> None:
    frame, told = through(clean)
    assert frame is clean
    assert told["changed"] == 0


def test_a_badly_compressed_picture_comes_nearer_to_what_it_was(clean: UInt8) -> None:
    bad = squeezed(clean, 12)
    frame, told = through(bad)
    assert psnr(frame, clean) > psnr(bad, clean) + 0.8
    assert told["grid_px"] == 8
    assert told["grid_offset"] == [0, 0]


def test_the_grid_of_a_cropped_picture_is_found(clean: UInt8) -> None:
    cropped = np.ascontiguousarray(squeezed(clean, 12)[3:, 5:])
    _, told = through(cropped)
    assert told["grid_offset"] == [3, 5]


def test_the_grid_of_an_enlarged_picture_is_found(clean: UInt8) -> None:
    enlarged = cv2.resize(squeezed(clean, 8), (WIDTH * 3 // 2, HEIGHT * 3 // 2), interpolation=cv2.INTER_CUBIC)
    _, told = through(enlarged)
    assert told["grid_px"] == 12


def test_worse_compression_is_filtered_more_strongly(clean: UInt8) -> None:
    limits = []
    for quality in (90, 40, 12):
        luma = cv2.cvtColor(squeezed(clean, quality), cv2.COLOR_RGB2GRAY)
        limits.append(threshold(found(profile(luma.T), profile(luma))))
    assert limits[0] < limits[1] < limits[2] <= 17


def test_tiny_pictures_pass() -> None:
    tiny = np.random.default_rng(0).integers(0, 256, (10, 14, 3), dtype=np.uint8)
    assert through(tiny)[0].shape == tiny.shape
