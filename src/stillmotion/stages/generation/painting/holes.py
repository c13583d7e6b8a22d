"""The holes of a picture, one by one, each with enough of its surroundings to be painted by.

    where to paint (H, W) ─▶ what lies close together is one hole ─▶ its box, with a rim of context around it

Knows masks only.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.generation.regions.plate import Box
from stillmotion.types import Float32

_TOGETHER = 1 / 100  # of the longer side: holes closer than this are painted as one
_CONTEXT = 0.6  # of a hole's extent, seen around it
_LEAST_CONTEXT = 48  # pixels
_MOST_HOLES = 24


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole."""

    box: Box  # rows and columns of the picture: the hole and its surroundings
    inside: NDArray[np.bool_]  # (h, w) of the box: this hole's pixels
    thickness: float  # pixels, twice the largest distance from what is known


def find_holes(where: NDArray[np.bool_]) -> tuple[Hole, ...]:
    """The holes of a mask (H, W), the largest first; () where nothing is to be painted.

    Many small ones (dust, a grid of dots) are taken together until there are few.
    """
    if not where.any():
        return ()
    height, width = where.shape
    apart = max(2, round(_TOGETHER * max(height, width)))
    while True:
        count, labels, stats = _grouped(where, apart)
        if count <= _MOST_HOLES or apart >= max(height, width):
            break
        apart *= 2
    order = sorted(range(1, count + 1), key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))
    found = (_hole(where, labels, i, stats[i]) for i in order)
    return tuple(hole for hole in found if hole.inside.any())


def _grouped(where: NDArray[np.bool_], apart: int) -> tuple[int, NDArray[np.int32], NDArray[np.int32]]:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (apart | 1, apart | 1))
    near = cv2.dilate(where.astype(np.uint8), kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near)
    return count - 1, np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _hole(where: NDArray[np.bool_], labels: NDArray[np.int32], i: int, stats: NDArray[np.int32]) -> Hole:
    height, width = where.shape
    left, top, wide, high = (int(value) for value in stats[:4])
    context = max(_LEAST_CONTEXT, round(_CONTEXT * max(wide, high)))
    box = Box(
        top=max(0, top - context), bottom=min(height, top + high + context),
        left=max(0, left - context), right=min(width, left + wide + context),
    )  # fmt: skip
    inside = where[box.cut] & (labels[box.cut] == i)
    return Hole(box, inside, thickness(inside))


def thickness(inside: NDArray[np.bool_]) -> float:
    """Twice the largest distance, in pixels, from a place inside (h, w) to one outside."""
    if inside.all():
        return float(2 * max(inside.shape))
    depth = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
    return 2 * float(depth.max())


def ring(inside: NDArray[np.bool_], known: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """(h, w) what is known within `width` pixels of a hole."""
    size = 2 * width + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray((cv2.dilate(inside.astype(np.uint8), kernel) > 0) & known, np.bool_)


def soft(inside: NDArray[np.bool_], sigma: float) -> Float32:
    """(h, w) in [0, 1]: a mask with a soft rim."""
    return np.asarray(cv2.GaussianBlur(inside.astype(np.float32), (0, 0), sigma), np.float32)
