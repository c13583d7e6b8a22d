"""The fill that needs no weights: each place of a hole copied from where the photo looks like it should look there.

    surroundings ─likeness, at a small size─▶ where from ─▶ the photo's own pixels, at full size

Offsets are found small and followed at full size; between places with different ones the pixels melt into one another.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.models.smooth import continued
from stillmotion.stages.generation.painting.blend import RIM
from stillmotion.stages.generation.painting.patches import likeness
from stillmotion.types import Float32, UInt8

_PIXELS = 260 * 260  # the likeness is found at this many: more do not look better, and take longer
NAME = "classical"


def classical_fill(
    picture: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_], dear: NDArray[np.bool_]
) -> Float32:
    """(h, w, 3) the hole `inside` (h, w) of a picture (h, w, 3), and a rim about it, copied from elsewhere.

    Nothing that is not known is looked at; something must be known. What is `dear` (h, w) is copied only where nothing
    else fits.
    """
    height, width = known.shape
    scale = min(1.0, (_PIXELS / (height * width)) ** 0.5)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    seen = cv2.resize(picture.astype(np.float32) * known[..., None], size, interpolation=cv2.INTER_AREA)
    seen = np.asarray(seen / np.maximum(weight, 1e-3)[..., None], np.float32)
    offsets = likeness(
        seen, np.asarray(weight > 0.99, np.bool_),
        cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0,
        cv2.resize(dear.astype(np.float32), size, interpolation=cv2.INTER_AREA).astype(np.float32),
    )  # fmt: skip
    if offsets is None:
        return continued(picture.astype(np.float32), known.astype(np.float32))
    return _followed(picture, inside, known, offsets)


def _followed(
    picture: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_], offsets: NDArray[np.int32]
) -> Float32:
    """(h, w, 3) the pixels that offsets on a smaller grid (gy, gx, 2) lead to, in the hole and its rim."""
    height, width = known.shape
    across, down = width / offsets.shape[1], height / offsets.shape[0]
    large = np.rint(offsets * (down, across)).astype(np.intp)
    rows, columns = np.nonzero(cv2.dilate(inside.astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)))
    y, x = (rows + 0.5) / down - 0.5, (columns + 0.5) / across - 0.5
    top, left = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
    total, weights = np.zeros((len(rows), 3), np.float32), np.full(len(rows), 1e-6, np.float32)
    for i in (0, 1):
        for j in (0, 1):
            share = np.abs(1 - i - (y - top)) * np.abs(1 - j - (x - left))
            node = np.clip(top + i, 0, large.shape[0] - 1), np.clip(left + j, 0, large.shape[1] - 1)
            there = large[node]
            at = np.clip(rows + there[:, 0], 0, height - 1), np.clip(columns + there[:, 1], 0, width - 1)
            share = (share * known[at] + 1e-6 * known[at]).astype(np.float32)
            total += picture[at] * share[:, None]
            weights += share
    found = weights > 1e-5
    out = picture.astype(np.float32) if found.all() else continued(picture.astype(np.float32), known.astype(np.float32))
    out[rows[found], columns[found]] = total[found] / weights[found, None]
    return out
