"""The plane a region lies on, as the picture shows it: how near each place is and where its lines meet.

Water and ground are planes: their disparity falls linearly to zero at the horizon. Clouds are a ceiling that rises from
the horizon. What is upright or has no clear slant counts as facing the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.stages.generation.regions.plate import Plate, box_of
from stillmotion.types import Float32

_SLANT = 0.25  # relative change of disparity over the region from which on it counts as slanted
_CEILING = 0.35  # how near clouds at the horizon are, against those overhead


@dataclass(frozen=True, slots=True)
class Surface:
    """Disparity as a plane over plate pixels: along_x * x + along_y * y + offset, in 1 / pivot units."""

    along_x: float
    along_y: float
    offset: float
    floor: float  # least disparity that is believed
    vanishing: tuple[float, float]  # (x, y) plate pixel where motion along the view direction comes from
    slanted: bool

    def nearness(self, x: Float32, y: Float32) -> Float32:
        """Disparity at plate pixels, at least the floor: the scale of motion and of wave lengths."""
        return np.maximum(self.along_x * x + self.along_y * y + self.offset, self.floor).astype(np.float32)


def fit_surface(plate: Plate, mask: Float32) -> Surface:
    """The plane of what lies under a mask (robust least squares on disparity)."""
    box = box_of(mask, floor=0.25) or box_of(mask)
    centre_x, centre_y = plate.centre
    if box is None:
        return Surface(0.0, 0.0, 1.0, 1.0, (centre_x, centre_y), False)
    if float((plate.sky * mask).sum()) > 0.5 * float(mask.sum()):
        rise = (1 - _CEILING) / max(box.bottom - box.top, 1)
        return Surface(0.0, -rise, _CEILING + rise * box.bottom, 0.5 * _CEILING, (centre_x, float(box.bottom)), True)
    along_x, along_y, offset, mean = _plane(plate.depth, mask)
    change = along_y * (box.bottom - box.top)
    if change < _SLANT * mean:
        return Surface(0.0, 0.0, mean, mean, (centre_x, float(min(centre_y, box.top))), False)
    horizon = -(offset + along_x * centre_x) / along_y
    horizon = min(horizon, box.top - 0.01 * plate.canvas[1])
    # the fit may put the horizon inside the region: the plane is then tilted until the region lies below it
    offset = -along_y * horizon - along_x * centre_x
    floor = along_y * 0.01 * plate.canvas[1]
    return Surface(along_x, along_y, offset, floor, (centre_x, horizon), True)


def _plane(depth: Float32, mask: Float32) -> tuple[float, float, float, float]:
    """(a, b, c) of disparity = a x + b y + c under the mask, and its mean; three rounds, far-off values left out."""
    scale = min(1.0, 200 / max(depth.shape))
    size = (max(2, round(depth.shape[1] * scale)), max(2, round(depth.shape[0] * scale)))
    disparity = cv2.resize(1 / depth, size, interpolation=cv2.INTER_AREA).astype(np.float64)
    weight = cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float64)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    x = (columns + 0.5) * depth.shape[1] / size[0] - 0.5
    y = (rows + 0.5) * depth.shape[0] / size[1] - 0.5
    design = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    values, weights = disparity.ravel(), weight.ravel().copy()
    answer = np.zeros(3)
    for _ in range(3):
        root = np.sqrt(weights)[:, None]
        answer = np.linalg.lstsq(design * root, values * root[:, 0], rcond=None)[0]
        off = np.abs(design @ answer - values)
        spread = float(np.average(off, weights=np.maximum(weights, 1e-9)))
        weights = weight.ravel() / (1 + (off / max(2 * spread, 1e-6)) ** 2)
    mean = float(np.average(values, weights=np.maximum(weight.ravel(), 1e-9)))
    return float(answer[0]), float(answer[1]), float(answer[2]), mean
