"""The picture the regions move on: the photo with what was painted around it, and where on it each thing is.

A plate may be larger than the canvas (out-painted margins); masks and depth continue beyond the photo as they are at
its border. Low grids have their nodes on whole plate pixels: node (i, j) at (j * step, i * step).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.types import Float32, Scene, UInt8


@dataclass(frozen=True, slots=True)
class Box:
    """Rows and columns of a plate."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def cut(self) -> tuple[slice, slice]:
        """The index that cuts the box out of a plate."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Plate:
    """The picture at rest and its geometry."""

    picture: UInt8  # (h, w, 3) sRGB
    depth: Float32  # (h, w) z in pivot units
    sky: Float32  # (h, w) in [0, 1]
    origin: tuple[int, int]  # (x, y) plate pixel of the photo's first pixel
    canvas: tuple[int, int]  # width, height of the photo in pixels
    focal_px: float

    @property
    def shape(self) -> tuple[int, int]:
        """Height, width in pixels."""
        return int(self.picture.shape[0]), int(self.picture.shape[1])

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the photo's principal point."""
        return self.origin[0] + (self.canvas[0] - 1) / 2, self.origin[1] + (self.canvas[1] - 1) / 2

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Plate pixel of a point given as fractions of the canvas."""
        return self.origin[0] + x * self.canvas[0] - 0.5, self.origin[1] + y * self.canvas[1] - 0.5

    def spread(self, field: Float32) -> Float32:
        """A canvas-sized field continued over the plate's margins."""
        return spread(field, shape=self.shape, origin=self.origin)


def spread(field: Float32, *, shape: tuple[int, int], origin: tuple[int, int]) -> Float32:
    """Continue a canvas-sized (H, W) field to a plate's shape as it is at its border."""
    x, y = origin
    down, across = shape[0] - field.shape[0] - y, shape[1] - field.shape[1] - x
    if (x, y, down, across) == (0, 0, 0, 0):
        return field
    return np.asarray(cv2.copyMakeBorder(field, y, down, x, across, cv2.BORDER_REPLICATE), np.float32)


def make_plate(scene: Scene, *, picture: UInt8, origin: tuple[int, int]) -> Plate:
    """The plate of a scene whose photo begins at `origin` (x, y) of `picture`."""
    height, width = scene.photo.shape[:2]
    shape = (picture.shape[0], picture.shape[1])
    focal_px = 0.5 * width / float(np.tan(np.radians(scene.fov_deg) / 2))
    return Plate(
        picture=picture,
        depth=spread(scene.depth, shape=shape, origin=origin),
        sky=spread(scene.sky, shape=shape, origin=origin),
        origin=origin,
        canvas=(width, height),
        focal_px=focal_px,
    )


def box_of(mask: Float32, *, margin: int = 0, floor: float = 1 / 512) -> Box | None:
    """The smallest box that holds all of a mask above `floor`, widened by `margin`; None for an empty mask."""
    rows, columns = np.flatnonzero(mask.max(axis=1) > floor), np.flatnonzero(mask.max(axis=0) > floor)
    if len(rows) == 0 or len(columns) == 0:
        return None
    height, width = mask.shape
    return Box(
        top=max(0, int(rows[0]) - margin),
        bottom=min(height, int(rows[-1]) + 1 + margin),
        left=max(0, int(columns[0]) - margin),
        right=min(width, int(columns[-1]) + 1 + margin),
    )


def thin(field: Float32, step: int) -> Float32:
    """A field on the low grid: averaged over a step, read at the nodes, with one node beyond the far borders."""
    height, width = field.shape[:2]
    soft = cv2.blur(field, (step, step)) if step > 1 else field
    rows = np.minimum(np.arange(-(-height // step) + 1) * step, height - 1)
    columns = np.minimum(np.arange(-(-width // step) + 1) * step, width - 1)
    return np.ascontiguousarray(soft[np.ix_(rows, columns)], np.float32)
