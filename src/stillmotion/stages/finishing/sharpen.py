"""Sharpening without halos and without more noise. Knows single frames.

The detail that a Gauss takes away is given back more than once, but no pixel leaves the range of what stands around it
in the frame: an edge gets steeper, its two sides do not move (the clamp of warp sharpening and of contrast-adaptive
sharpening, AMD, 2019). Where the detail is no more than the frame's own noise, nothing is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numba import njit

from stillmotion.types import Float32, FrameStream, UInt8

SIGMA = 1.1  # pixels of the Gauss at 1080 lines, in proportion between 0.7 and twice of that
MOST = 2.5  # times the detail that is added at amount 1
_AROUND = 5  # pixels a side of what the range is taken from
_AREA = 9  # pixels a side over which detail is compared with noise
_SURE = 2.5  # times the noise's power that is not believed to be detail
_FINE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6  # gives 1 for white noise of 1
_NOISY = 5.0  # levels of detail at most that count as noise


class Sharpen:
    """The step: `amount` in (0, 1], 0.3 a little."""

    name = "sharpen"
    look_ahead = 0

    def __init__(self, *, amount: float) -> None:
        self._amount = amount
        self._frames = 0
        self._noise = self._change = 0.0

    def __call__(self, frames: FrameStream) -> FrameStream:
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        count = max(1, self._frames)
        return {
            "amount": self._amount,
            "noise": round(self._noise / count, 2),  # levels of detail taken for noise
            "change": round(self._change / count, 3),  # levels, mean over all pixels
        }

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        for frame in frames:
            sharp, noise, change = sharpened(frame, self._amount)
            self._frames += 1
            self._noise += noise
            self._change += change
            yield sharp


def sharpened(frame: UInt8, amount: float) -> tuple[UInt8, float, float]:
    """A sharper frame (H, W, 3), its noise, and its mean change in levels of luma."""
    luma = _luma(frame)
    sigma = SIGMA * float(np.clip(min(frame.shape[:2]) / 1080, 0.7, 2))
    detail = luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), sigma))
    power = np.asarray(cv2.blur(detail * detail, (_AREA, _AREA)))
    noise = _noise(luma, power)
    around = np.ones((_AROUND, _AROUND), np.uint8)
    least, most = cv2.erode(luma, around), cv2.dilate(luma, around)
    out = np.empty_like(frame)
    change = _added(frame, luma, detail, power, least, most, amount * MOST, noise, out)
    return out, noise, change / luma.size


def _luma(frame: UInt8) -> Float32:
    """(H, W) in levels."""
    weights = np.array([[0.299, 0.587, 0.114]], np.float32)
    return np.asarray(cv2.transform(frame.astype(np.float32), weights))


def _noise(luma: Float32, power: Float32) -> float:
    """Levels of detail that are noise: what the plainest tenth has, as far as it is as fine as noise is.

    Fine is what the mask of Immerkær (1996) finds, which is blind to edges and to soft texture.
    """
    fine = np.asarray(cv2.filter2D(luma, -1, _FINE))
    fine = np.asarray(cv2.blur(fine * fine, (_AREA, _AREA)))[::4, ::4]
    power = power[::4, ::4]
    plainest = float(np.percentile(power, 10))
    return float(np.sqrt(min(plainest, 2 * float(fine[power <= plainest].mean()), _NOISY**2)))


@njit(cache=True, nogil=True)
def _added(
    frame: UInt8, luma: Float32, detail: Float32, power: Float32, least: Float32, most: Float32,
    gain: float, noise: float, out: UInt8,
) -> float:  # fmt: skip
    """Write the frame with more detail; the sum of all changes of luma."""
    change = 0.0
    dark, light, half = np.float32(0), np.float32(255), np.float32(0.5)
    most_gain, usual, most_noise = np.float32(gain), np.float32(noise**2 + 1e-3), np.float32(_SURE * noise**2)
    for y in range(frame.shape[0]):
        row = dark
        for x in range(frame.shape[1]):
            sure = max(dark, power[y, x] - most_noise)
            wanted = luma[y, x] + most_gain * sure / (sure + usual) * detail[y, x]
            moved = min(max(wanted, least[y, x]), most[y, x]) - luma[y, x]
            row += abs(moved)
            for c in range(3):
                out[y, x, c] = np.uint8(min(max(np.float32(frame[y, x, c]) + moved + half, dark), light))
        change += float(row)
    return change
