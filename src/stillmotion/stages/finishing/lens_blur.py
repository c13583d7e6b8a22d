"""Blur that grows towards the rim, as behind a simple lens. Knows where a pixel is; does not know what it shows.

    levels ─▶ light ─▶ running sums along rows ─▶ at each pixel the mean over a disc of its own radius ─▶ levels

Every pixel has a radius of its own, so there are no levels of blur to see; a disc is a stack of row pieces, and the sum
of each is the difference of two running sums (Crow 1984, along one axis): its cost is the radius, not its square.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit

from stillmotion.stages.finishing.colour import to_light, to_srgb
from stillmotion.types import Float32, Float64, FrameStream, UInt8

_LARGEST = 0.009  # radius in the corners at full amount, share of the diagonal
_SHARP = 0.3  # up to this share of the way to a corner nothing is blurred
_FINE = 16  # steps of radius per pixel
_WHITE = 65535


class LensBlur:
    """The step. `amount` in (0, 1] scales the largest blur."""

    name = "lens blur"
    look_ahead = 0

    def __init__(self, *, amount: float) -> None:
        self._amount = amount
        self._largest = 0.0
        self._sharp_share = 1.0
        levels = np.arange(256) / 255
        self._light = np.rint(_WHITE * to_light(levels)).astype(np.int32)
        brightness = np.minimum(np.arange(_WHITE + 2) / _WHITE, 1)  # one more: weights sum to 1 but for a rounding
        self._level = np.rint(255 * to_srgb(brightness)).astype(np.uint8)

    def __call__(self, frames: FrameStream) -> FrameStream:
        radius = self._amount * blur_radius(frames.width, frames.height)
        kinds = np.rint(radius * _FINE).astype(np.int32)
        self._largest, self._sharp_share = float(radius.max()), float((kinds == 0).mean())
        return replace(frames, frames=self._each(frames, kinds))

    def told(self) -> dict[str, Any]:
        return {
            "amount": self._amount, "largest_radius_px": round(self._largest, 2),
            "sharp_share": round(self._sharp_share, 3),
        }  # fmt: skip

    def _each(self, frames: FrameStream, kinds: Float32) -> Iterator[UInt8]:
        weights, halves = discs(int(kinds.max()))
        pad = weights.shape[1] // 2 + 1
        sums = np.empty((frames.height, frames.width + 2 * pad + 1, 4), np.int32)
        for frame in frames:
            _sum_rows(frame, self._light, pad, sums)
            out = np.empty(frame.shape, np.uint8)
            _blur(sums, pad, kinds, weights, halves, self._level, out)
            yield out


def blur_radius(width: int, height: int) -> Float64:
    """Radius (H, W) in pixels of the full blur: nothing in the middle, then with the square of the way to a corner."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    corner = max(np.hypot(width - 1, height - 1) / 2, 0.5)
    way = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2) / corner
    return np.asarray(_LARGEST * np.hypot(width, height) * np.square(np.clip((way - _SHARP) / (1 - _SHARP), 0, 1)))


def discs(largest: int) -> tuple[Float32, Float32]:
    """Discs of radius k / 16 pixels beyond that of a pixel, k from 0 to `largest`.

    Returns the weights (k, rows) with which a row counts and the half widths (k, rows) of the piece of it that lies
    inside; both are means over the height of the row, so that discs of any radius are round and grow evenly.
    """
    reach = int(np.ceil(largest / _FINE)) + 1
    radius = 0.5 + np.arange(largest + 1)[:, None, None] / _FINE
    fine = (np.arange(32) + 0.5) / 32 - 0.5
    y = np.arange(-reach, reach + 1)[None, :, None] + fine
    half = np.sqrt(np.maximum(radius**2 - y**2, 0))
    inside = (half > 0).mean(axis=2)
    widths = half.mean(axis=2) / np.maximum(inside, 1e-9)
    weights = inside / (2 * inside * widths).sum(axis=1, keepdims=True)
    return weights.astype(np.float32), widths.astype(np.float32)


@njit(cache=True, nogil=True)
def _sum_rows(frame: UInt8, light: Float32, pad: int, sums: Float32) -> None:
    """Fill `sums` (H, W + 2 pad + 1, 4): the light of the row before x, the row being held at its ends."""
    width = frame.shape[1]
    for y in range(frame.shape[0]):
        red, green, blue = np.int32(0), np.int32(0), np.int32(0)
        for x in range(sums.shape[1]):
            sums[y, x, 0], sums[y, x, 1], sums[y, x, 2], sums[y, x, 3] = red, green, blue, 0
            at = min(max(x - pad, 0), width - 1)
            red += light[frame[y, at, 0]]
            green += light[frame[y, at, 1]]
            blue += light[frame[y, at, 2]]


@njit(cache=True, nogil=True)
def _blur(sums: Float32, pad: int, kinds: Float32, weights: Float32, halves: Float32, level: UInt8, out: UInt8) -> None:
    """Fill `out` (H, W, 3) from the running sums; `kinds` (H, W) says which disc each pixel has."""
    height, width = out.shape[0], out.shape[1]
    reach = weights.shape[1] // 2
    for y in range(height):
        for x in range(width):
            kind = kinds[y, x]
            a, b, c = np.float32(0), np.float32(0), np.float32(0)
            rows = (kind + _FINE - 1) // _FINE
            for down in range(-rows, rows + 1):
                weight = weights[kind, reach + down]
                row = np.uint64(min(max(y + down, 0), height - 1))
                far = halves[kind, reach + down] + np.float32(0.5)
                whole = np.int32(far)
                part = far - np.float32(whole)
                left, right = np.uint64(x + pad - whole), np.uint64(x + pad + whole)
                a += weight * _piece(sums, row, left, right, np.uint64(0), part)
                b += weight * _piece(sums, row, left, right, np.uint64(1), part)
                c += weight * _piece(sums, row, left, right, np.uint64(2), part)
            out[y, x, 0] = level[np.int32(a + np.float32(0.5))]
            out[y, x, 1] = level[np.int32(b + np.float32(0.5))]
            out[y, x, 2] = level[np.int32(c + np.float32(0.5))]


@njit(cache=True, nogil=True, inline="always")
def _piece(
    sums: Float32, row: np.uint64, left: np.uint64, right: np.uint64, c: np.uint64, part: np.float32
) -> np.float32:
    """Light of a piece of a row: all pixels between `left` and `right`, and of these two the given part."""
    one = np.uint64(1)
    inner = np.int32(sums[row, right, c] - sums[row, left + one, c])
    ends = np.int32(sums[row, right + one, c] - sums[row, right, c] + sums[row, left + one, c] - sums[row, left, c])
    return np.float32(inner) + part * np.float32(ends)
