"""The upscaler's network: luma is nearer to the truth than by the bicubic, colours stay."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import WeightsMissing
from stillmotion.models.upscaler import REACH, Upscaler, upscaler
from stillmotion.types import Float32, UInt8


def _drawing(side: int) -> UInt8:
    """Discs, bars and lines with smooth edges."""
    picture = np.full((side * 4, side * 4, 3), (70, 110, 150), np.uint8)
    rng = np.random.default_rng(1)
    for _ in range(40):
        at = tuple(rng.integers(0, side * 4, 2).tolist())
        to = tuple(rng.integers(0, side * 4, 2).tolist())
        colour = tuple(rng.integers(0, 256, 3).tolist())
        cv2.line(picture, at, to, colour, int(rng.integers(6, 24)))
        cv2.circle(picture, at, int(rng.integers(10, 60)), colour[::-1], -1)
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA))


def _luma(picture: UInt8) -> Float32:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32))


@pytest.mark.parametrize("factor", [2, 4])
def test_a_drawing_made_small_is_found_better_than_by_the_bicubic(factor: int) -> None:
    truth = _drawing(256 if factor == 2 else 320)
    small = cv2.resize(truth, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    rim = REACH * factor
    inner = _luma(truth)[rim:-rim, rim:-rim]
    found = upscaler().enlarge(np.asarray(small), factor)  # type: ignore[arg-type]
    bicubic = cv2.resize(small, truth.shape[1::-1], interpolation=cv2.INTER_CUBIC)[rim:-rim, rim:-rim]
    assert found.shape == (*inner.shape, 3)
    assert np.square(_luma(found) - inner).mean() < 0.85 * np.square(_luma(bicubic) - inner).mean()


def test_a_plain_colour_stays_what_it_is() -> None:
    for colour in ((0, 0, 0), (255, 255, 255), (200, 40, 90), (12, 130, 60)):
        piece = np.full((2 * REACH + 16, 2 * REACH + 16, 3), colour, np.uint8)
        found = upscaler().enlarge(piece, 2).astype(int)
        assert np.abs(found - colour).max() <= 1


def test_missing_weights_are_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"nothing\.onnx"):
        Upscaler(tmp_path / "nothing.onnx")
