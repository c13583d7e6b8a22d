"""Small maps brought to the size of the photo, along the photo's own edges.

Knows a picture and maps over it; not what the maps mean. h, w working size; H, W size of the photo.

Source: the guided filter (He, Sun, Tang 2013) in its fast form (He, Sun 2015): the local linear model map ~ a .
colour + b is fitted at working size, and its coefficients are enlarged.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.types import Float32, UInt8


class Guide:
    """The photo as a guide for maps of working size."""

    def __init__(self, photo: UInt8, small: UInt8, *, radius: int = 4, smoothness: float = 0.02) -> None:
        """`photo` (H, W, 3) and the same picture `small` (h, w, 3); `smoothness` is the contrast, of 1, that counts as
        an edge; `radius` is the window in working pixels."""
        self._photo = photo
        self._side = 2 * radius + 1
        self._small = small.astype(np.float32) / 255
        self._mean = self._box(self._small)
        red, green, blue = (self._small[..., i] for i in range(3))
        products = self._box(
            np.stack([red * red, red * green, red * blue, green * green, green * blue, blue * blue], -1)
        )
        self._inverse = _inverted(products, self._mean, smoothness**2)

    def enlarge(self, small_map: Float32) -> Float32:
        """(h, w) -> (H, W), following the photo's edges; may overshoot the map's range a little."""
        height, width = self._photo.shape[:2]
        mean = self._box(small_map)
        joint = self._box(self._small * small_map[..., None]) - self._mean * mean[..., None]
        inverse = self._inverse
        slope = np.stack(
            [
                inverse[..., 0] * joint[..., 0] + inverse[..., 1] * joint[..., 1] + inverse[..., 2] * joint[..., 2],
                inverse[..., 1] * joint[..., 0] + inverse[..., 3] * joint[..., 1] + inverse[..., 4] * joint[..., 2],
                inverse[..., 2] * joint[..., 0] + inverse[..., 4] * joint[..., 1] + inverse[..., 5] * joint[..., 2],
            ],
            axis=-1,
        )
        offset = mean - (slope * self._mean).sum(axis=-1)
        model = self._box(np.concatenate([slope / 255, offset[..., None]], axis=-1))
        large = np.asarray(cv2.resize(model, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        out = large[..., 3].copy()
        for i in range(3):
            out += large[..., i] * self._photo[..., i]
        return out.astype(np.float32)

    def mask(self, small_mask: Float32, *, steepness: float = 1.6, shift: float = 0.0) -> Float32:
        """(h, w) soft mask -> (H, W) in [0, 1] with a crisp but soft rim; `shift` > 0 makes it wider."""
        lead = self.enlarge(small_mask)
        height, width = lead.shape
        kernel = np.ones((self._side, self._side), np.uint8)
        most = cv2.resize(cv2.dilate(small_mask, kernel), (width, height), interpolation=cv2.INTER_LINEAR)
        least = cv2.resize(cv2.erode(small_mask, kernel), (width, height), interpolation=cv2.INTER_LINEAR)
        crisp = (np.clip(lead, least, most) + shift - 0.5) * steepness + 0.5
        return np.asarray(np.clip(crisp, 0, 1), np.float32)

    def _box(self, values: Float32) -> Float32:
        return np.asarray(cv2.blur(values, (self._side, self._side), borderType=cv2.BORDER_REFLECT), np.float32)


def _inverted(products: Float32, mean: Float32, ridge: float) -> Float32:
    """(h, w, 6): the upper triangle of the inverse of every window's 3x3 colour covariance plus `ridge`."""
    r, g, b = (mean[..., i] for i in range(3))
    rr, rg, rb = products[..., 0] - r * r + ridge, products[..., 1] - r * g, products[..., 2] - r * b
    gg, gb, bb = products[..., 3] - g * g + ridge, products[..., 4] - g * b, products[..., 5] - b * b + ridge
    adjugate = [
        gg * bb - gb * gb,
        rb * gb - rg * bb,
        rg * gb - rb * gg,
        rr * bb - rb * rb,
        rb * rg - rr * gb,
        rr * gg - rg * rg,
    ]
    determinant = rr * adjugate[0] + rg * adjugate[1] + rb * adjugate[2]
    return np.asarray(np.stack(adjugate, axis=-1) / np.maximum(determinant, 1e-12)[..., None], np.float32)


def enlarged(small_map: Float32, shape: tuple[int, int]) -> Float32:
    """A smooth map (h, w) at another size (H, W), without looking at the photo."""
    return np.asarray(cv2.resize(small_map, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
