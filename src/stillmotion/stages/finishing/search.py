"""Far motion by trying: where every part of a small grey picture is in another, however far within reach. Knows two
pictures.

Gradient descent from coarse to fine loses what is small and fast, a ball or a hand: at the coarse sizes it is not
there. Trying all places finds it, roughly; the descent goes on from there.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from stillmotion.types import Float32, UInt8

_SIDE = 80  # pixels of the longer side of the pictures compared
_REACH = 10  # pixels of these: an eighth of the picture
_OUTSIDE = 20.0  # levels that reading beyond the border counts as
_FAR = 0.3  # levels by which a part must look more alike for every pixel it is farther


def searched(one: UInt8, other: UInt8) -> Float32:
    """The roughly found motion (H, W, 2) from one grey picture (H, W) to the other."""
    height, width = one.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = [cv2.resize(each, size, interpolation=cv2.INTER_AREA).astype(np.float32) for each in (one, other)]
    found = _best(small[0], small[1])
    smooth = np.dstack([cv2.medianBlur(np.ascontiguousarray(found[..., axis]), 5) for axis in range(2)])
    large = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large * np.array([width / size[0], height / size[1]], np.float32))


@njit(cache=True, nogil=True)
def _best(one: Float32, other: Float32) -> Float32:
    """The shift (h, w, 2) by which the 5 x 5 around each pixel looks most alike."""
    height, width = one.shape
    best = np.full((height, width), np.inf, np.float32)
    out = np.zeros((height, width, 2), np.float32)
    apart = np.zeros((height + 4, width + 4), np.float32)
    across = np.empty((height + 4, width), np.float32)
    for down in range(-_REACH, _REACH + 1):
        for right in range(-_REACH, _REACH + 1):
            for row in range(height + 4):
                y = min(max(row - 2, 0), height - 1)
                inner_y = min(max(y + down, 0), height - 1)
                for column in range(width + 4):
                    x = min(max(column - 2, 0), width - 1)
                    inner_x = min(max(x + right, 0), width - 1)
                    levels = abs(one[y, x] - other[inner_y, inner_x])
                    if inner_x != x + right or inner_y != y + down:
                        levels += np.float32(_OUTSIDE)
                    apart[row, column] = levels
            for row in range(height + 4):
                for column in range(width):
                    across[row, column] = (
                        apart[row, column] + apart[row, column + 1] + apart[row, column + 2]
                        + apart[row, column + 3] + apart[row, column + 4]
                    )  # fmt: skip
            far = np.float32(_FAR * np.sqrt(right * right + down * down))
            for row in range(height):
                for column in range(width):
                    whole = (
                        across[row, column] + across[row + 1, column] + across[row + 2, column]
                        + across[row + 3, column] + across[row + 4, column]
                    )  # fmt: skip
                    whole = whole / np.float32(25) + far
                    if whole < best[row, column]:
                        best[row, column] = whole
                        out[row, column, 0], out[row, column, 1] = right, down
    return out
