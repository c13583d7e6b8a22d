"""A picture with disparity becomes a mesh; the mesh, seen by a camera, becomes a backward map with a z-buffer.

    blocks of 8 x 8 pixels ─▶ 1, 4, 16 or 64 quads, as few as follow the disparity ─▶ two triangles each
                           ─▶ (map_x, map_y, 1 / z) of every frame pixel, or of the tiles that are wanted

Knows no colours. h, w: the plate (photo with margins); H, W: the frame. d is disparity, 1 / z. With a projection
`P = (M, m)` the plate pixel (u, v) of disparity d is seen at M [u, v, 1] + m d in homogeneous frame pixels, and its
depth there is the third component over d: all that a planar patch needs is linear in (u, v), so one quad draws it
exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.camera import intrinsics
from stillmotion.types import Float32, Float64, View

BLOCK = 8
TILE = 16  # frame pixels
_ROUND = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))
_SKIRT = 4096.0  # plate pixels drawn beyond the plate, so that no frame pixel is ever empty
REACH = 0.2  # frame pixels a block draws beyond its edge: no cracks between big and small quads
_INNER_REACH = 1e-3  # the same between quads of one block, which have their corners in common
_THIN = 0.5  # of its own height: the furthest a triangle is drawn beyond an edge, lest a thin one run away
_FEW = 16  # pixels; a smaller box is tried pixel by pixel


@dataclass(frozen=True, slots=True)
class Mesh:
    """Quads over a plate: big where its disparity is bilinear, down to one pixel where it is not."""

    disparity: Float32  # (h, w)
    columns: Float32  # (bx + 1,) plate x of the blocks' borders; first and last lie far outside
    rows: Float32  # (by + 1,)
    parts: NDArray[np.uint8]  # (by, bx) quads along a block's side: 1, 2, 4 or 8
    low: Float32  # (by, bx) least disparity of the block
    high: Float32  # (by, bx) greatest


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


def make_mesh(disparity: Float32, *, tolerance: float, step: float) -> Mesh:
    """Mesh a plate's disparity by quads that are nowhere further than `tolerance` from it, or as small as they get: one
    pixel large where neighbours differ by more than `step`, else two.
    """
    height, width = disparity.shape
    columns, rows = _borders(width), _borders(height)
    u = np.clip(columns, 0, width - 1).astype(np.intp)
    v = np.clip(rows, 0, height - 1).astype(np.intp)
    disparity = np.ascontiguousarray(disparity)
    return Mesh(disparity, columns, rows, *_blocks(disparity, u, v, tolerance, step))


def _borders(size: int) -> Float32:
    inner = [*range(0, size - 1, BLOCK), size - 1]
    return np.array([-_SKIRT, *inner, size - 1 + _SKIRT], np.float32)


@njit(cache=True, nogil=True)
def _blocks(disparity, u, v, tolerance, step):  # type: ignore[no-untyped-def]
    """Quads per side, least and greatest disparity of every block with corners at u (bx + 1,), v (by + 1,)."""
    by, bx = len(v) - 1, len(u) - 1
    parts = np.ones((by, bx), np.uint8)
    low, high = np.empty((by, bx), np.float32), np.empty((by, bx), np.float32)
    for i in range(by):
        for j in range(bx):
            part = disparity[v[i] : v[i + 1] + 1, u[j] : u[j + 1] + 1]
            low[i, j], high[i, j] = part.min(), part.max()
            if i in (0, by - 1) or j in (0, bx - 1):
                continue  # beyond the plate
            side = BLOCK
            least = 1 if _jump(part) > step else 2
            while side > least and _bend(disparity, u[j], u[j + 1], v[i], v[i + 1], side) > tolerance:
                side //= 2
            parts[i, j] = BLOCK // side
    return parts, low, high


@njit(cache=True, nogil=True)
def _jump(part):  # type: ignore[no-untyped-def]
    """The greatest difference of neighbours."""
    height, width = part.shape
    worst = 0.0
    for y in range(height):
        for x in range(width):
            if x > 0:
                worst = max(worst, abs(part[y, x] - part[y, x - 1]))
            if y > 0:
                worst = max(worst, abs(part[y, x] - part[y - 1, x]))
    return worst


@njit(cache=True, nogil=True)
def _bend(disparity, u0, u1, v0, v1, side):  # type: ignore[no-untyped-def]
    """How far a block's disparity is from bilinear within quads of this side."""
    worst = 0.0
    for top in range(v0, max(v1, v0 + 1), side):
        bottom = min(top + side, v1)
        for left in range(u0, max(u1, u0 + 1), side):
            right = min(left + side, u1)
            for y in range(top, bottom + 1):
                b = (y - top) / max(bottom - top, 1)
                start = disparity[top, left] * (1 - b) + disparity[bottom, left] * b
                end = disparity[top, right] * (1 - b) + disparity[bottom, right] * b
                for x in range(left, right + 1):
                    a = (x - left) / max(right - left, 1)
                    worst = max(worst, abs(disparity[y, x] - start * (1 - a) - end * a))
    return worst


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


def draw_mesh(mesh: Mesh, seen_by: Projection, out: Seen, *, wanted: NDArray[np.bool_] | None = None) -> None:
    """Draw a mesh into `out`; the nearest surface wins, back faces are not drawn.

    With `wanted` (ceil(H / TILE), ceil(W / TILE)) only those tiles are sure to be drawn.
    """
    for buffer in (out.map_x, out.map_y, out.nearness):  # what was drawn before must not show
        buffer.fill(0.0)
    matrix = np.concatenate([seen_by.matrix, seen_by.shift[:, None]], axis=1)
    height, width = out.nearness.shape
    if wanted is None:
        wanted = np.ones((-(-height // TILE), -(-width // TILE)), np.bool_)
    count = np.zeros((wanted.shape[0] + 1, wanted.shape[1] + 1), np.int32)  # wanted tiles above and to the left
    count[1:, 1:] = wanted.cumsum(axis=0).cumsum(axis=1)
    _draw(
        mesh.disparity, mesh.columns, mesh.rows, mesh.parts, mesh.low, mesh.high, matrix, count,
        out.map_x, out.map_y, out.nearness,
    )  # fmt: skip
    _close(out.map_x, out.map_y, out.nearness, wanted)


@njit(cache=True, nogil=True)
def _close(map_x, map_y, near, wanted):  # type: ignore[no-untyped-def]
    """A wanted pixel that no triangle met, in a crack of rounding, takes what a neighbour shows."""
    height, width = near.shape
    for i in range(wanted.shape[0]):
        for j in range(wanted.shape[1]):
            if not wanted[i, j]:
                continue
            for y in range(i * TILE, min((i + 1) * TILE, height)):
                for x in range(j * TILE, min((j + 1) * TILE, width)):
                    if near[y, x] > 0.0:
                        continue
                    for k in range(8):
                        v, u = y + _ROUND[k][0], x + _ROUND[k][1]
                        if 0 <= v < height and 0 <= u < width and near[v, u] > 0.0:
                            map_x[y, x], map_y[y, x], near[y, x] = map_x[v, u], map_y[v, u], near[v, u]
                            break


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
def _quad(c, i, j, k, m, reach, map_x, map_y, near):  # type: ignore[no-untyped-def]
    """Two triangles with corners c[i] c[j] above, c[k] c[m] below, drawn `reach` frame pixels beyond their edges."""
    if c[i, 2] <= 0.0 or c[j, 2] <= 0.0 or c[k, 2] <= 0.0 or c[m, 2] <= 0.0:
        return
    height, width = near.shape
    low = min(min(c[i, 1], c[j, 1]), min(c[k, 1], c[m, 1])) - reach
    high = max(max(c[i, 1], c[j, 1]), max(c[k, 1], c[m, 1])) + reach
    if not (low <= height - 1 and high >= 0.0):
        return
    top = math.ceil(low) if low > 0.0 else 0
    bottom = int(high) if high < height - 1 else height - 1
    if top > bottom:
        return
    low = min(min(c[i, 0], c[j, 0]), min(c[k, 0], c[m, 0])) - reach
    high = max(max(c[i, 0], c[j, 0]), max(c[k, 0], c[m, 0])) + reach
    if not (low <= width - 1 and high >= 0.0):
        return
    left = math.ceil(low) if low > 0.0 else 0
    right = int(high) if high < width - 1 else width - 1
    if left > right:
        return
    if (right - left + 1) * (bottom - top + 1) <= _FEW:
        _dots(c, i, j, k, reach, top, bottom, left, right, map_x, map_y, near)
        _dots(c, j, m, k, reach, top, bottom, left, right, map_x, map_y, near)
    else:
        _spans(c, i, j, k, reach, top, bottom, left, right, map_x, map_y, near)
        _spans(c, j, m, k, reach, top, bottom, left, right, map_x, map_y, near)


@njit(cache=True, nogil=True)
def _dots(c, i, j, k, reach, top, bottom, left, right, map_x, map_y, near):  # type: ignore[no-untyped-def]
    """A triangle of few pixels: each pixel of the box is tried before anything is divided."""
    x0, y0, x1, y1, x2, y2 = c[i, 0], c[i, 1], c[j, 0], c[j, 1], c[k, 0], c[k, 1]
    ax, ay, bx, by = y1 - y2, x2 - x1, y2 - y0, x0 - x2
    area = by * ax - bx * ay  # twice the triangle's
    if area < 1e-9:
        return
    gx, gy, most = -ax - bx, -ay - by, _THIN * area
    slack_a, slack_b = -min(reach * (abs(ax) + abs(ay)), most), -min(reach * (abs(bx) + abs(by)), most)
    slack_g = -min(reach * (abs(gx) + abs(gy)), most)
    for y in range(top, bottom + 1):
        for x in range(left, right + 1):
            a = ax * (x - x1) + ay * (y - y1)
            b = bx * (x - x2) + by * (y - y2)
            g = area - a - b
            if a < slack_a or b < slack_b or g < slack_g:
                continue
            n = (a * c[i, 5] + b * c[j, 5] + g * c[k, 5]) / area
            if n > near[y, x]:
                q = 1.0 / (a * c[i, 2] + b * c[j, 2] + g * c[k, 2])
                near[y, x] = n
                map_x[y, x] = (a * c[i, 3] + b * c[j, 3] + g * c[k, 3]) * q
                map_y[y, x] = (a * c[i, 4] + b * c[j, 4] + g * c[k, 4]) * q


@njit(cache=True, nogil=True)
def _spans(c, i, j, k, reach, top, bottom, left, right, map_x, map_y, near):  # type: ignore[no-untyped-def]
    """A triangle of many pixels: row by row between its edges, where everything is linear in x."""
    x0, y0, x1, y1, x2, y2 = c[i, 0], c[i, 1], c[j, 0], c[j, 1], c[k, 0], c[k, 1]
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if area < 1e-9:
        return
    inv = 1.0 / area
    ax, ay, bx, by = (y1 - y2) * inv, (x2 - x1) * inv, (y2 - y0) * inv, (x0 - x2) * inv
    gx, gy = -ax - bx, -ay - by
    slack_a, slack_b = -min(reach * (abs(ax) + abs(ay)), _THIN), -min(reach * (abs(bx) + abs(by)), _THIN)
    slack_g = -min(reach * (abs(gx) + abs(gy)), _THIN)
    n0, n1, n2, q0, q1, q2 = c[i, 5], c[j, 5], c[k, 5], c[i, 2], c[j, 2], c[k, 2]
    u0, u1, u2, v0, v1, v2 = c[i, 3], c[j, 3], c[k, 3], c[i, 4], c[j, 4], c[k, 4]
    nx, qx = ax * n0 + bx * n1 + gx * n2, ax * q0 + bx * q1 + gx * q2
    ux, vx = ax * u0 + bx * u1 + gx * u2, ax * v0 + bx * v1 + gx * v2
    for y in range(top, bottom + 1):
        a = ax * (left - x1) + ay * (y - y1)
        b = bx * (left - x2) + by * (y - y2)
        g = 1.0 - a - b
        first, last = _span(a - slack_a, ax, 0.0, float(right - left))
        first, last = _span(b - slack_b, bx, first, last)
        first, last = _span(g - slack_g, gx, first, last)
        n, q = a * n0 + b * n1 + g * n2, a * q0 + b * q1 + g * q2
        u, v = a * u0 + b * u1 + g * u2, a * v0 + b * v1 + g * v2
        for step in range(math.ceil(first), math.floor(last) + 1):
            x = left + step
            here = n + nx * step
            if here > near[y, x]:
                r = 1.0 / (q + qx * step)
                near[y, x] = here
                map_x[y, x] = (u + ux * step) * r
                map_y[y, x] = (v + vx * step) * r


@njit(cache=True, nogil=True)
def _span(value, slope, first, last):  # type: ignore[no-untyped-def]
    """The part of the steps from `first` to `last` where value + slope * step >= 0; empty: last < first."""
    if slope > 0.0:
        return max(first, -value / slope), last
    if slope < 0.0:
        return first, min(last, -value / slope)
    return (first, last) if value >= 0.0 else (0.0, -1.0)


@njit(cache=True, nogil=True)
def _is_wanted(c, p, u0, u1, v0, v1, low, high, count, height, width):  # type: ignore[no-untyped-def]
    """Whether a block may be seen in a wanted tile: the box around its corners at both ends of its depth."""
    left, right, top, bottom = 1e30, -1e30, 1e30, -1e30
    for k in range(8):
        _project(p, u1 if k & 1 else u0, v1 if k & 2 else v0, high if k & 4 else low, c, 0)
        if c[0, 2] <= 0.0:
            return True
        left, right = min(left, c[0, 0]), max(right, c[0, 0])
        top, bottom = min(top, c[0, 1]), max(bottom, c[0, 1])
    if right < -1.0 or bottom < -1.0 or left > width or top > height:
        return False
    x0, x1 = int(max(left - 1.0, 0.0)) // TILE, int(min(right + 1.0, width - 1.0)) // TILE + 1
    y0, y1 = int(max(top - 1.0, 0.0)) // TILE, int(min(bottom + 1.0, height - 1.0)) // TILE + 1
    return count[y1, x1] - count[y0, x1] - count[y1, x0] + count[y0, x0] > 0


@njit(cache=True, nogil=True)
def _draw(disparity, columns, rows, parts, low, high, p, count, map_x, map_y, near):  # type: ignore[no-untyped-def]
    height, width = disparity.shape
    by, bx = parts.shape
    c = np.empty((4, 6))
    line = np.empty((2 * (BLOCK + 1), 6))
    for i in range(by):
        for j in range(bx):
            u0, u1, v0, v1 = columns[j], columns[j + 1], rows[i], rows[i + 1]
            if not _is_wanted(c, p, u0, u1, v0, v1, low[i, j], high[i, j], count, near.shape[0], near.shape[1]):
                continue
            if parts[i, j] == 1:
                for k in range(4):
                    u, v = u1 if k & 1 else u0, v1 if k & 2 else v0
                    d = disparity[min(max(int(v), 0), height - 1), min(max(int(u), 0), width - 1)]
                    _project(p, u, v, d, c, k)
                _quad(c, 0, 1, 2, 3, REACH, map_x, map_y, near)
                continue
            side = BLOCK // parts[i, j]
            nx, ny = -(-int(u1 - u0) // side), -(-int(v1 - v0) // side)
            for y in range(ny + 1):
                now, before = (y & 1) * (BLOCK + 1), (1 - (y & 1)) * (BLOCK + 1)
                v = min(int(v0) + y * side, int(v1))
                for x in range(nx + 1):
                    u = min(int(u0) + x * side, int(u1))
                    _project(p, u, v, disparity[v, u], line, now + x)
                if y == 0:
                    continue
                for x in range(nx):
                    rim = x == 0 or x == nx - 1 or y == 1 or y == ny
                    reach = REACH if rim else _INNER_REACH
                    _quad(line, before + x, before + x + 1, now + x, now + x + 1, reach, map_x, map_y, near)


def parallax(seen_by: Projection, u: Float64, v: Float64, *, far: float, near: float) -> Float64:
    """Frame pixels by which plate pixels (u, v) shift per unit of disparity between `far` and `near` (mean over it)."""
    x0, y0, _ = seen_by.at(u, v, np.full_like(u, far))
    x1, y1, _ = seen_by.at(u, v, np.full_like(u, near))
    return np.asarray(np.hypot(x1 - x0, y1 - y0) / max(near - far, 1e-6))


def small(field: Float32, size: tuple[int, int]) -> Float32:
    """A field averaged down to (width, height)."""
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)
