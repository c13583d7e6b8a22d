"""What a photo hides: where a nearer surface covers a farther one, and how far away that farther one is.

Works on disparity (1 / z) of a plate (h, w). `reach` is how many pixels the planned camera shifts a surface per unit of
disparity: a pixel can reveal what lies behind it when some pixel j within `reach * (D_i - D_j)` is farther. That is the
soft disocclusion of SLIDE (Jampani et al., ICCV 2021) written as a lower envelope of cones, exact in one scan each way:

    E_i = min_j (D_j + |i - j| / reach),    i can reveal j's surface where D_i - E_i > step
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.types import Float32

STEP = 0.04
"""Smallest step of disparity (pivot units) that is a silhouette; smaller ones are relief (Shih et al., CVPR 2020)."""

_AROUND_SEEN = 60  # of the width: how far around a source a surface is still the same one
_WINDOW = 7
_AROUND = 25  # a slope changes over this window as much as its width says, a step no more than over the small one


@dataclass(frozen=True, slots=True)
class Hidden:
    """The part of a plate that covers something the camera may come to see."""

    mask: NDArray[np.bool_]  # (h, w) covers something that can be revealed
    cover: NDArray[np.bool_]  # (h, w) belongs to a surface in front, also beyond reach: no source of paint
    disparity: Float32  # (h, w) of what lies behind; the plate's own elsewhere
    seen: NDArray[np.bool_]  # (h, w) what can be seen of the surfaces that go on behind, near where they do


def silhouettes(disparity: Float32) -> NDArray[np.bool_]:
    """(h, w) near a step of disparity: a change within `_WINDOW` pixels that no slope around explains."""
    near, wide = np.ones((_WINDOW, _WINDOW), np.uint8), np.ones((_AROUND, _AROUND), np.uint8)
    change = cv2.dilate(disparity, near) - cv2.erode(disparity, near)
    around = cv2.dilate(disparity, wide) - cv2.erode(disparity, wide)
    return np.asarray(change > STEP + (1.5 * _WINDOW / _AROUND) * around, np.bool_)


def sharpen_steps(disparity: Float32) -> Float32:
    """Make every silhouette one pixel wide, a pixel beyond the surface in front.

    A pixel half way up a step belongs to neither surface and would be drawn as a thread between them; the mixed pixels
    of an antialiased edge belong to the front, whose soft edge tells how much of them is the back's.
    """
    sharp = disparity
    kernel = np.ones((_WINDOW, _WINDOW), np.uint8)
    for _ in range(2):
        high, low = cv2.dilate(sharp, kernel), cv2.erode(sharp, kernel)
        front = sharp > low + 0.35 * (high - low)
        sharp = np.where(silhouettes(sharp), np.where(front, high, low), sharp)
    wider = cv2.dilate(sharp, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return np.asarray(np.where(wider - sharp > STEP, wider, sharp), np.float32)


def find_hidden(disparity: Float32, *, reach: float) -> Hidden:
    """What a plate hides from a camera whose moves shift a surface by `reach` pixels per unit of disparity."""
    width = disparity.shape[1]
    envelope, source = _envelope(disparity, 1.0 / max(reach, 1.0))
    wide, _ = _envelope(disparity, 1.0 / (4.0 * max(reach, 1.0)))
    mask = disparity - envelope > STEP
    cover = disparity - wide > STEP
    y, x = np.divmod(source, width)
    behind = np.where(mask, disparity[y, x], disparity)
    return Hidden(
        mask, cover | mask, _smooth_inside(behind, mask, mask | ~cover), _seen(disparity, mask, y[mask], x[mask])
    )


def _seen(
    disparity: Float32, mask: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """(h, w) the pixels about those at rows, columns (n,) that are no nearer than they, and are not in the mask."""
    near = np.full(disparity.shape, -1, np.float32)
    near[rows, columns] = disparity[rows, columns]
    size = 2 * max(8, disparity.shape[1] // _AROUND_SEEN) + 1
    about = cv2.dilate(near, np.ones((size, size), np.uint8))
    return np.asarray((about >= 0) & (disparity < about + STEP / 2) & ~mask, np.bool_)


def _smooth_inside(field: Float32, inside: NDArray[np.bool_], sources: NDArray[np.bool_]) -> Float32:
    """Blur a field within a mask, from `sources` only."""
    weight = sources.astype(np.float32)
    values, share = cv2.GaussianBlur(field * weight, (0, 0), 4.0), cv2.GaussianBlur(weight, (0, 0), 4.0)
    return np.asarray(np.where(inside, values / np.maximum(share, 1e-4), field), np.float32)


@njit(cache=True, nogil=True)
def _envelope(disparity, slope):  # type: ignore[no-untyped-def]
    """(h, w) lower envelope of cones of this slope per pixel, and the flat index of each cone's tip (chamfer)."""
    height, width = disparity.shape
    value = disparity.astype(np.float64)
    source = np.empty((height, width), np.int64)
    for y in range(height):
        for x in range(width):
            source[y, x] = y * width + x
    diagonal = slope * np.sqrt(2.0)
    for forward in (True, False):
        s = 1 if forward else -1
        for k in range(height):
            y = k if forward else height - 1 - k
            for m in range(width):
                x = m if forward else width - 1 - m
                best, tip = value[y, x], source[y, x]
                for dx in (-1, 0, 1):
                    if 0 <= y - s < height and 0 <= x + dx < width:
                        there = value[y - s, x + dx] + (slope if dx == 0 else diagonal)
                        if there < best:
                            best, tip = there, source[y - s, x + dx]
                if 0 <= x - s < width and value[y, x - s] + slope < best:
                    best, tip = value[y, x - s] + slope, source[y, x - s]
                value[y, x], source[y, x] = best, tip
    return value.astype(np.float32), source
