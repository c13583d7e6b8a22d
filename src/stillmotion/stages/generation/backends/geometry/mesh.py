"""A picture with disparity becomes a mesh; the mesh, seen by a camera, becomes a backward map with a z-buffer.

    blocks of 8 x 8 pixels ──smooth?──▶ one quad              ─┐
                              └─no──▶ 64 quads of one pixel   ─┴─▶ two triangles each ─▶ (map_x, map_y, 1 / z)

Knows no colours. h, w: the plate (photo with margins); H, W: the frame. d is disparity, 1 / z. With a projection
`P = (M, m)` the plate pixel (u, v) of disparity d is seen at M [u, v, 1] + m d in homogeneous frame pixels, and its
depth there is the third component over d: all that a planar patch needs is linear in (u, v), so one quad draws it
exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.camera import intrinsics
from stillmotion.types import Float32, Float64, View

BLOCK = 8
_SKIRT = 4096.0  # plate pixels drawn beyond the plate, so that no frame pixel is ever empty
_REACH = 0.02  # frame pixels a triangle draws beyond its edge: no cracks between big and small quads


@dataclass(frozen=True, slots=True)
class Mesh:
    """Quads over a plate: big where its disparity is bilinear, one pixel each where it is not."""

    disparity: Float32  # (h, w)
    columns: Float32  # (bx + 1,) plate x of the blocks' borders; first and last lie far outside
    rows: Float32  # (by + 1,)
    fine: NDArray[np.bool_]  # (by, bx)


@dataclass(frozen=True, slots=True)
class Projection:
    """From a plate to a frame; see the module."""

    matrix: Float64  # (3, 3) M
    shift: Float64  # (3,) m

    def at(self, u: Float64, v: Float64, disparity: Float64) -> tuple[Float64, Float64, Float64]:
        """Frame x, y and depth of plate pixels of any one shape."""
        p = [row[0] * u + row[1] * v + row[2] + s * disparity for row, s in zip(self.matrix, self.shift, strict=True)]
        return p[0] / p[2], p[1] / p[2], p[2] / disparity


def projection(view: View, *, fov_deg: float, width: int, height: int, origin: tuple[int, int]) -> Projection:
    """How `view` sees a plate whose pixel `origin` (x, y) is the photo's first; `fov_deg` is the photo's own."""
    plate = intrinsics(fov_deg, width, height)
    plate[0, 2] += origin[0]
    plate[1, 2] += origin[1]
    frame = intrinsics(view.fov_deg, width, height)
    pose = view.world_to_camera
    return Projection(frame @ pose[:3, :3] @ np.linalg.inv(plate), frame @ pose[:3, 3])


def make_mesh(disparity: Float32, *, tolerance: float) -> Mesh:
    """Mesh a plate's disparity; a block whose disparity is further than `tolerance` from bilinear gets fine quads."""
    height, width = disparity.shape
    columns, rows = _borders(width), _borders(height)
    u = np.clip(columns, 0, width - 1).astype(np.intp)
    v = np.clip(rows, 0, height - 1).astype(np.intp)
    coarse = disparity[np.ix_(v[1:-1], u[1:-1])]
    fine = np.zeros((len(rows) - 1, len(columns) - 1), np.bool_)
    fine[1:-1, 1:-1] = _bent(disparity, coarse, u[1:-1], v[1:-1], tolerance)
    return Mesh(np.ascontiguousarray(disparity), columns, rows, fine)


def _borders(size: int) -> Float32:
    inner = [*range(0, size - 1, BLOCK), size - 1]
    return np.array([-_SKIRT, *inner, size - 1 + _SKIRT], np.float32)


@njit(cache=True, nogil=True)
def _bent(disparity, coarse, u, v, tolerance):  # type: ignore[no-untyped-def]
    by, bx = coarse.shape[0] - 1, coarse.shape[1] - 1
    bent = np.zeros((by, bx), np.bool_)
    for i in range(by):
        for j in range(bx):
            worst = 0.0
            for y in range(v[i], v[i + 1] + 1):
                b = (y - v[i]) / max(v[i + 1] - v[i], 1)
                left = coarse[i, j] * (1 - b) + coarse[i + 1, j] * b
                right = coarse[i, j + 1] * (1 - b) + coarse[i + 1, j + 1] * b
                for x in range(u[j], u[j + 1] + 1):
                    a = (x - u[j]) / max(u[j + 1] - u[j], 1)
                    worst = max(worst, abs(disparity[y, x] - left * (1 - a) - right * a))
            bent[i, j] = worst > tolerance
    return bent


@dataclass(frozen=True, slots=True)
class Seen:
    """Where every frame pixel comes from; one buffer is used again and again by its owner."""

    map_x: Float32  # (H, W) plate x
    map_y: Float32  # (H, W) plate y
    nearness: Float32  # (H, W) 1 / depth in this view

    @staticmethod
    def empty(width: int, height: int) -> Seen:
        """Buffers of a frame."""
        return Seen(*(np.zeros((height, width), np.float32) for _ in range(3)))


def draw_mesh(mesh: Mesh, seen_by: Projection, out: Seen) -> None:
    """Draw a mesh into `out`; the nearest surface wins, back faces are not drawn."""
    out.nearness.fill(0.0)
    matrix = np.concatenate([seen_by.matrix, seen_by.shift[:, None]], axis=1)
    _draw(mesh.disparity, mesh.columns, mesh.rows, mesh.fine, matrix, out.map_x, out.map_y, out.nearness)


@njit(cache=True, nogil=True)
def _project(p, u, v, d, out, k):  # type: ignore[no-untyped-def]
    """out[k] = frame x, y, q, u q, v q, d q with q = 1 / third component; q <= 0: behind the camera."""
    w = p[2, 0] * u + p[2, 1] * v + p[2, 2] + p[2, 3] * d
    if w < 1e-6:
        out[k, 2] = -1.0
        return
    q = 1.0 / w
    out[k, 0] = (p[0, 0] * u + p[0, 1] * v + p[0, 2] + p[0, 3] * d) * q
    out[k, 1] = (p[1, 0] * u + p[1, 1] * v + p[1, 2] + p[1, 3] * d) * q
    out[k, 2] = q
    out[k, 3] = u * q
    out[k, 4] = v * q
    out[k, 5] = d * q


@njit(cache=True, nogil=True)
def _triangle(c, i, j, k, map_x, map_y, near):  # type: ignore[no-untyped-def]
    if c[i, 2] <= 0.0 or c[j, 2] <= 0.0 or c[k, 2] <= 0.0:
        return
    x0, y0, x1, y1, x2, y2 = c[i, 0], c[i, 1], c[j, 0], c[j, 1], c[k, 0], c[k, 1]
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if area < 1e-9:
        return
    height, width = near.shape
    top = max(0, int(np.ceil(min(y0, y1, y2) - _REACH)))
    bottom = min(height - 1, int(np.floor(max(y0, y1, y2) + _REACH)))
    left = max(0, int(np.ceil(min(x0, x1, x2) - _REACH)))
    right = min(width - 1, int(np.floor(max(x0, x1, x2) + _REACH)))
    if top > bottom or left > right:
        return
    inv = 1.0 / area
    # barycentric weights and their steps; a weight may be a little negative: `_REACH` pixels beyond the edge
    ax, ay = (y1 - y2) * inv, (x2 - x1) * inv
    bx, by = (y2 - y0) * inv, (x0 - x2) * inv
    slack_a, slack_b = -_REACH * (abs(ax) + abs(ay)), -_REACH * (abs(bx) + abs(by))
    slack_g = -_REACH * (abs(ax + bx) + abs(ay + by))
    for y in range(top, bottom + 1):
        for x in range(left, right + 1):
            a = ax * (x - x1) + ay * (y - y1)
            b = bx * (x - x2) + by * (y - y2)
            g = 1.0 - a - b
            if a < slack_a or b < slack_b or g < slack_g:
                continue
            q = 1.0 / (a * c[i, 2] + b * c[j, 2] + g * c[k, 2])
            n = a * c[i, 5] + b * c[j, 5] + g * c[k, 5]
            if n > near[y, x]:
                near[y, x] = n
                map_x[y, x] = (a * c[i, 3] + b * c[j, 3] + g * c[k, 3]) * q
                map_y[y, x] = (a * c[i, 4] + b * c[j, 4] + g * c[k, 4]) * q


@njit(cache=True, nogil=True)
def _draw(disparity, columns, rows, fine, p, map_x, map_y, near):  # type: ignore[no-untyped-def]
    height, width = disparity.shape
    by, bx = fine.shape
    c = np.empty((4, 6))
    line = np.empty((2 * (BLOCK + 1), 6))
    for i in range(by):
        for j in range(bx):
            for k in range(4):
                u, v = columns[j + (k & 1)], rows[i + (k >> 1)]
                d = disparity[min(max(int(v), 0), height - 1), min(max(int(u), 0), width - 1)]
                _project(p, u, v, d, c, k)
            if not fine[i, j]:
                _triangle(c, 0, 1, 2, map_x, map_y, near)
                _triangle(c, 1, 3, 2, map_x, map_y, near)
                continue
            u0, v0 = int(columns[j]), int(rows[i])
            nx, ny = int(columns[j + 1]) - u0, int(rows[i + 1]) - v0
            for y in range(ny + 1):
                now, before = (y & 1) * (BLOCK + 1), (1 - (y & 1)) * (BLOCK + 1)
                for x in range(nx + 1):
                    _project(p, u0 + x, v0 + y, disparity[v0 + y, u0 + x], line, now + x)
                if y == 0:
                    continue
                for x in range(nx):
                    _triangle(line, before + x, before + x + 1, now + x, map_x, map_y, near)
                    _triangle(line, before + x + 1, now + x + 1, now + x, map_x, map_y, near)


def parallax(seen_by: Projection, u: Float64, v: Float64, *, far: float, near: float) -> Float64:
    """Frame pixels by which plate pixels (u, v) shift per unit of disparity between `far` and `near` (mean over it)."""
    x0, y0, _ = seen_by.at(u, v, np.full_like(u, far))
    x1, y1, _ = seen_by.at(u, v, np.full_like(u, near))
    return np.asarray(np.hypot(x1 - x0, y1 - y0) / max(near - far, 1e-6))


def small(field: Float32, size: tuple[int, int]) -> Float32:
    """A field averaged down to (width, height)."""
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)
