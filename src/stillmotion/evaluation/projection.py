"""Points of the world, views and pixels: the pinhole both ways. Knows no video.

Conventions of `types.py`: OpenCV axes, the world is the camera at t = 0, depth in pivot units, pixel centres on whole
coordinates, `fov_deg` horizontal.
"""

from __future__ import annotations

import math

import numpy as np

from stillmotion.camera import intrinsics
from stillmotion.types import Float32, Float64, View


def project(world: Float64, view: View, *, width: int, height: int) -> tuple[Float64, Float64]:
    """Pixels (N, 2) and depths (N,) of world points (N, 3) in a view; pixels of points behind the camera are NaN."""
    matrix = intrinsics(view.fov_deg, width, height)
    local = world @ view.world_to_camera[:3, :3].T + view.world_to_camera[:3, 3]
    z = local[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = local[:, :2] / np.where(z > 1e-9, z, np.nan)[:, None] * matrix[0, 0] + matrix[:2, 2]
    return pixels, z


def unproject(pixels: Float64, depth: Float64, view: View, *, width: int, height: int) -> Float64:
    """World points (N, 3) of pixels (N, 2) with depths (N,) in a view."""
    matrix = intrinsics(view.fov_deg, width, height)
    local = np.column_stack([(pixels - matrix[:2, 2]) / matrix[0, 0], np.ones(len(pixels))]) * depth[:, None]
    return np.asarray((local - view.world_to_camera[:3, 3]) @ view.world_to_camera[:3, :3])


def sample(picture: Float32, pixels: Float64) -> Float64:
    """Values (N,) or (N, C) of a picture at pixels (N, 2), bilinear, clamped to the frame."""
    height, width = picture.shape[:2]
    x, y = np.clip(pixels[:, 0], 0, width - 1), np.clip(pixels[:, 1], 0, height - 1)
    x0, y0 = np.minimum(x.astype(int), max(width - 2, 0)), np.minimum(y.astype(int), max(height - 2, 0))
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    fx, fy = x - x0, y - y0
    if picture.ndim == 3:
        fx, fy = fx[:, None], fy[:, None]
    top = picture[y0, x0] * (1 - fx) + picture[y0, x1] * fx
    bottom = picture[y1, x0] * (1 - fx) + picture[y1, x1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, dtype=np.float64)


def see_depth(depth: Float32, view: View, photo_fov_deg: float, *, width: int, height: int) -> Float32:
    """The photo's depth as another view sees it: (H, W), nearest wins, unseen places take the nearest seen value.

    A coarse z-buffer for placing points, not for drawing: each photo pixel is one splat of the size of a cell.
    """
    photo = View(world_to_camera=np.eye(4), fov_deg=photo_fov_deg, focus=1.0, aperture=0.0)
    rows, columns = np.mgrid[0:height:2, 0:width:2]
    pixels = np.column_stack([columns.ravel(), rows.ravel()]).astype(np.float64)
    world = unproject(pixels, depth[::2, ::2].ravel().astype(np.float64), photo, width=width, height=height)
    seen, z = project(world, view, width=width, height=height)
    cell = 4
    shape = math.ceil(height / cell), math.ceil(width / cell)
    good = np.isfinite(seen).all(axis=1)
    column, row = (seen[good] // cell).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < shape[1]) & (row < shape[0])
    coarse = np.full(shape, np.inf)
    np.minimum.at(coarse, (row[inside], column[inside]), z[good][inside])
    return np.repeat(np.repeat(_fill(coarse), cell, axis=0), cell, axis=1)[:height, :width].astype(np.float32)


def _fill(coarse: Float64) -> Float64:
    """Infinite cells take the value of a finite neighbour, ring by ring; all 1 when there is none."""
    if not np.isfinite(coarse).any():
        return np.ones_like(coarse)
    while np.isinf(coarse).any():
        padded = np.pad(coarse, 1, constant_values=-np.inf)
        around = [padded[1 + dy : padded.shape[0] - 1 + dy, 1 + dx : padded.shape[1] - 1 + dx] for dy, dx in _RING]
        known = np.where(np.isinf(np.stack(around)), -np.inf, np.stack(around)).max(axis=0)
        coarse = np.where(np.isinf(coarse) & (known > -np.inf), known, coarse)
    return coarse


_RING = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
