"""Small maps brought to the size of the photo, along the photo's own edges.

Knows a picture and maps over it; not what the maps mean. h, w working size; H, W size of the photo.

Source: the guided filter (He, Sun, Tang 2013) in its fast form (He, Sun 2015): the local linear model map ~ a .
colour + b is fitted at working size, and its coefficients are enlarged.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.types import Float32, UInt8


class Guide:
    """The photo as a guide for maps of working size; safe to use from several threads."""

    def __init__(self, photo: UInt8, small: UInt8, *, radius: int = 4, smoothness: float = 0.02) -> None:
        """`photo` (H, W, 3) and the same picture `small` (h, w, 3); `smoothness` is the contrast, of 1, that counts as
        an edge; `radius` is the window in working pixels."""
        self._photo = photo
        self._side = 2 * radius + 1
        self._small = small.astype(np.float32) / 255
        self._mean = self._box(self._small)
        r, g, b = cv2.split(self._small)
        products = [self._box(product) for product in (r * r, r * g, r * b, g * g, g * b, b * b)]
        self._inverse = _inverted(products, self._mean, smoothness**2)

    def mask(self, small_mask: Float32, *, steepness: float = 1.6, shift: float = 0.0) -> Float32:
        """(h, w) soft mask -> (H, W) in [0, 1] with a crisp but soft rim; `shift` > 0 makes it wider."""
        kernel = np.ones((self._side, self._side), np.uint8)
        least, most = cv2.erode(small_mask, kernel), cv2.dilate(small_mask, kernel)
        fields = np.stack([*self._model(small_mask), least, most])
        return _drawn(fields, self._photo, np.float32(steepness), np.float32(0.5 + steepness * (shift - 0.5)))

    def _model(self, small_map: Float32) -> list[Float32]:
        """Four of (h, w): what each level of red, green and blue adds to the map, and what it begins from."""
        mean = self._box(small_map)
        joint = self._box(self._small * small_map[..., None]) - self._mean * mean[..., None]
        (r, g, b), inverse = cv2.split(joint), self._inverse
        slope = [
            inverse[0] * r + inverse[1] * g + inverse[2] * b,
            inverse[1] * r + inverse[3] * g + inverse[4] * b,
            inverse[2] * r + inverse[4] * g + inverse[5] * b,
        ]
        offset = mean - sum(part * colour for part, colour in zip(slope, cv2.split(self._mean), strict=True))
        return [*(self._box(part) / np.float32(255) for part in slope), self._box(offset)]

    def _box(self, values: Float32) -> Float32:
        return np.asarray(cv2.blur(values, (self._side, self._side), borderType=cv2.BORDER_REFLECT), np.float32)


@njit(cache=True, nogil=True)
def _drawn(fields: Float32, photo: UInt8, gain: np.float32, base: np.float32) -> Float32:
    """(H, W): the model of `fields` (6, h, w: red, green, blue, offset, least, most) at the colours of the photo, held
    between least and most, times `gain` plus `base`, in [0, 1]. Fields are enlarged linearly; where their bounds leave
    nothing open, the photo is not looked at.
    """
    height, width = photo.shape[:2]
    rows, columns = fields.shape[1:]
    zero, one = np.float32(0), np.float32(1)
    out = np.empty((height, width), np.float32)
    left, share = _places(columns, width)
    above, down = _places(rows, height)
    first = np.searchsorted(left, np.arange(columns + 1))  # where the pixels of each cell begin
    line = np.empty((6, columns + 1), np.float32)
    for y in range(height):
        i, k, t = above[y], min(above[y] + 1, rows - 1), down[y]
        for c in range(6):
            for x in range(columns):
                line[c, x] = fields[c, i, x] + (fields[c, k, x] - fields[c, i, x]) * t
            line[c, columns] = line[c, columns - 1]
        red, green, blue, offset, least, most = line
        for n in range(columns):
            if max(most[n], most[n + 1]) * gain + base <= zero:
                out[y, first[n] : first[n + 1]] = zero
            elif min(least[n], least[n + 1]) * gain + base >= one:
                out[y, first[n] : first[n + 1]] = one
            else:
                for x in range(first[n], first[n + 1]):
                    s = share[x]
                    value = offset[n] + (offset[n + 1] - offset[n]) * s
                    value += (red[n] + (red[n + 1] - red[n]) * s) * photo[y, x, 0]
                    value += (green[n] + (green[n + 1] - green[n]) * s) * photo[y, x, 1]
                    value += (blue[n] + (blue[n + 1] - blue[n]) * s) * photo[y, x, 2]
                    value = max(value, least[n] + (least[n + 1] - least[n]) * s)
                    value = min(value, most[n] + (most[n + 1] - most[n]) * s)
                    out[y, x] = min(max(value * gain + base, zero), one)
    return out


@njit(cache=True, nogil=True)
def _places(small: int, large: int) -> tuple[NDArray[np.int64], Float32]:
    """For each of `large` pixels the one of `small` at its left and how far it lies on the way to the next."""
    at = np.clip((np.arange(large) + 0.5) * small / large - 0.5, 0, small - 1)
    left = np.floor(at).astype(np.int64)
    return left, (at - left).astype(np.float32)


def _inverted(products: list[Float32], mean: Float32, ridge: float) -> list[Float32]:
    """Six of (h, w): the upper triangle of the inverse of every window's 3x3 colour covariance plus `ridge`."""
    (r, g, b), (rr, rg, rb, gg, gb, bb) = cv2.split(mean), products
    rr, rg, rb = rr - r * r + ridge, rg - r * g, rb - r * b
    gg, gb, bb = gg - g * g + ridge, gb - g * b, bb - b * b + ridge
    adjugate = [
        gg * bb - gb * gb,
        rb * gb - rg * bb,
        rg * gb - rb * gg,
        rr * bb - rb * rb,
        rb * rg - rr * gb,
        rr * gg - rg * rg,
    ]
    determinant = rr * adjugate[0] + rg * adjugate[1] + rb * adjugate[2]
    scale = 1 / np.maximum(determinant, 1e-12)
    return [part * scale for part in adjugate]


def enlarged(small_map: Float32, shape: tuple[int, int]) -> Float32:
    """A smooth map (h, w) at another size (H, W), without looking at the photo."""
    return np.asarray(cv2.resize(small_map, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
