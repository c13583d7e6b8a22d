"""Which part of the photo fills the canvas: all of it, or the part of the canvas' shape that keeps the subject.

Knows shapes and what stands out; the size of the canvas in pixels does not matter to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.types import Crop, Float32, UInt8

_SAME_SHAPE = 0.012  # shapes closer than this are one shape: canvases have even sides


def choose_crop(
    saliency: Float32, *, photo_size: tuple[int, int], aspect: float,
    heads: Sequence[tuple[float, float, float, float]] = (),
) -> Crop:  # fmt: skip
    """The largest part of the photo with this aspect (width / height), placed to keep most of what stands out.

    No head is cut off if that can be; where not all of them fit, those that come first.

    Args:
        saliency: (h, w) of the whole photo, any size.
        photo_size: (width, height) in pixels.
        heads: boxes x, y, width, height in pixels, the dearest first; they may reach beyond the photo.
    """
    width, height = photo_size
    if abs(width / height / aspect - 1) < _SAME_SHAPE:
        return Crop(x=0, y=0, width=width, height=height, whole=photo_size)
    if width / height > aspect:
        wide = min(width, max(1, round(height * aspect)))
        start = _start(saliency.sum(axis=0), wide, width, [(x, x + w) for x, _, w, _ in heads])
        return Crop(x=start, y=0, width=wide, height=height, whole=photo_size)
    tall = min(height, max(1, round(width / aspect)))
    start = _start(saliency.sum(axis=1), tall, height, [(y, y + h) for _, y, _, h in heads])
    return Crop(x=0, y=start, width=width, height=tall, whole=photo_size)


def _start(weight: Float32, length: int, total: int, dear: Sequence[tuple[float, float]]) -> int:
    """Where a window of `length` of `total` pixels begins so that it holds the most weight, its middle in its
    middle, and of what is `dear` (from, to) as much as fits, one after the other.
    """
    n = len(weight)
    steps = np.linspace(0, total - length, 513)
    places = (np.arange(n) + 0.5) / n * total
    mass = np.asarray(weight, np.float64) ** 1.5 + 1e-9
    mass /= mass.sum()
    held = np.concatenate([[0.0], np.cumsum(mass)])
    ends = np.arange(n + 1) / n * total
    inside = np.interp(steps + length, ends, held) - np.interp(steps, ends, held)
    middle = float((places * mass).sum())
    off_subject = np.abs(steps + length / 2 - middle) / total
    off_centre = np.abs(steps + length / 2 - total / 2) / total
    worth = inside - 0.25 * off_subject - 0.05 * off_centre
    for first, last in dear:
        if last - first > length:  # as much of it as fits
            first, last = (first + last - 0.92 * length) / 2, (first + last + 0.92 * length) / 2
        holds = (steps <= max(first, 0)) & (steps + length >= min(last, total))
        if (holds & np.isfinite(worth)).any():
            worth = np.where(holds, worth, -np.inf)
    return round(float(steps[int(np.argmax(worth))]))


def take(photo: UInt8, crop: Crop, *, width: int, height: int) -> UInt8:
    """The crop resampled to (height, width, 3): averaged when it shrinks, bicubic when it grows.

    Raises:
        InputError: the crop is not inside the photo.
    """
    left, top = round(crop.x), round(crop.y)
    right, bottom = round(crop.x + crop.width), round(crop.y + crop.height)
    if left < 0 or top < 0 or right > photo.shape[1] or bottom > photo.shape[0] or right <= left or bottom <= top:
        raise InputError(
            f"The crop {left}, {top} to {right}, {bottom} is not inside the photo of {photo.shape[1]}x{photo.shape[0]}."
        )
    part = photo[top:bottom, left:right]
    if part.shape[:2] == (height, width):
        return np.ascontiguousarray(part)
    shrinking = part.shape[0] * part.shape[1] > height * width
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (width, height), interpolation=method), np.uint8)
