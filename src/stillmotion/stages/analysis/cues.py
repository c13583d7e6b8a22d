"""What can be seen at first glance in a small copy of the photo: colour, edges, texture, sharpness, pieces.

Knows no things, only pixels. h, w working size, usually at most `WORK_SIDE` on the long side.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.types import Float32, UInt8

WORK_SIDE = 384


@dataclass(frozen=True, slots=True)
class Cues:
    """Maps of one small picture, and the table of its pieces (n of them)."""

    rgb: UInt8  # (h, w, 3)
    lab: Float32  # (h, w, 3) lightness 0..100, then a (green - red) and b (blue - yellow)
    edge: Float32  # (h, w) gradient of colour, lightness units per pixel, at a scale of one pixel
    texture: Float32  # (h, w) mean fine detail around, lightness units
    sharp: Float32  # (h, w) in [0, 1]: share of the detail that is fine; out of focus is near 0
    pieces: NDArray[np.int32]  # (h, w) index of the piece a pixel belongs to
    table: Pieces

    @property
    def shape(self) -> tuple[int, int]:
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def chroma(self) -> Float32:
        """(h, w) colourfulness in Lab units."""
        return np.asarray(np.hypot(self.lab[..., 1], self.lab[..., 2]), np.float32)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Means over each of n pieces."""

    area: Float32  # (n,) share of the picture
    lab: Float32  # (n, 3)
    texture: Float32  # (n,)
    edge: Float32  # (n,)
    x: Float32  # (n,) centre, fraction of the width
    y: Float32  # (n,) centre, fraction of the height
    top: Float32  # (n,) share of the upper border it covers
    bottom: Float32  # (n,)
    left: Float32  # (n,)
    right: Float32  # (n,)


_XYZ_OF_RGB: Float32 = np.array(
    [[0.43395, 0.37621, 0.18983], [0.21267, 0.71515, 0.07218], [0.01776, 0.10947, 0.87277]], np.float32
)  # over the white of D65


def work_size(width: int, height: int, *, side: int = WORK_SIDE) -> tuple[int, int]:
    """(w, h) of a picture whose long side is at most `side`; its short side at least 24."""
    scale = min(1.0, side / max(width, height))
    return max(24, round(width * scale)), max(24, round(height * scale))


def look(photo: UInt8, *, side: int = WORK_SIDE) -> Cues:
    """The cues of a photo (H, W, 3) of any size, at a working size of at most `side`."""
    size = work_size(photo.shape[1], photo.shape[0], side=side)
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    lab = lab_of(small)
    smooth = cv2.GaussianBlur(lab, (0, 0), 0.8)
    edge = _edges(smooth)
    light = lab[..., 0]
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.2))
    coarse = np.abs(cv2.GaussianBlur(light, (0, 0), 1.2) - cv2.GaussianBlur(light, (0, 0), 4.0))
    around = 0.02 * max(small.shape[:2])
    texture = np.asarray(cv2.GaussianBlur(fine, (0, 0), around), np.float32)
    sharp = _sharpness(fine, coarse)
    pieces = _pieces(small)
    return Cues(
        rgb=small,
        lab=lab,
        edge=edge,
        texture=texture,
        sharp=sharp,
        pieces=pieces,
        table=_table(pieces, lab, fine, edge),
    )


def lab_of(rgb: UInt8) -> Float32:
    """CIE L*a*b* (h, w, 3) of sRGB under D65, L in 0 .. 100.

    Not OpenCV's: the tables it makes at the first call take longer than the rest of a look.
    """
    level = np.arange(256, dtype=np.float32) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)
    xyz = cv2.transform(cv2.LUT(rgb, linear), _XYZ_OF_RGB)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * np.float32(24389 / 27 / 116) + np.float32(16 / 116))
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _edges(lab: Float32) -> Float32:
    dx, dy = (np.maximum.reduce(cv2.split(np.abs(cv2.Sobel(lab, cv2.CV_32F, *order)))) for order in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(dx, dy) / 8, np.float32)


def _sharpness(fine: Float32, coarse: Float32) -> Float32:
    """Local fine detail over all detail; where there is none, the picture's mean."""
    radius = 0.03 * max(fine.shape)
    small = cv2.GaussianBlur(cv2.dilate(fine, np.ones((3, 3), np.uint8)), (0, 0), radius)
    large = cv2.GaussianBlur(coarse, (0, 0), radius)
    ratio = (small + 0.05) / (small + large + 0.5)
    return np.asarray(np.clip((ratio - 0.25) / 0.45, 0, 1), np.float32)


def _pieces(small: UInt8) -> NDArray[np.int32]:
    """Graph-based segmentation (Felzenszwalb, Huttenlocher 2004)."""
    least = max(20, small.shape[0] * small.shape[1] // 1200)
    cutter = cv2.ximgproc.segmentation.createGraphSegmentation(0.6, 180.0, least)
    return np.asarray(cutter.processImage(small), np.int32)


def _table(pieces: NDArray[np.int32], lab: Float32, fine: Float32, edge: Float32) -> Pieces:
    height, width = pieces.shape
    index, n = pieces.ravel(), int(pieces.max()) + 1
    count = np.maximum(np.bincount(index, minlength=n), 1)

    def mean(values: Float32) -> Float32:
        return np.asarray(np.bincount(index, weights=values.ravel(), minlength=n) / count, np.float32)

    def share(border: NDArray[np.int32]) -> Float32:
        return np.asarray(np.bincount(border, minlength=n) / border.size, np.float32)

    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return Pieces(
        area=np.asarray(count / index.size, np.float32),
        lab=np.stack([mean(lab[..., i]) for i in range(3)], axis=-1),
        texture=mean(fine),
        edge=mean(edge),
        x=mean(columns / max(width - 1, 1)),
        y=mean(rows / max(height - 1, 1)),
        top=share(pieces[0]),
        bottom=share(pieces[-1]),
        left=share(pieces[:, 0]),
        right=share(pieces[:, -1]),
    )
