"""Fetch the colours of a view: bicubic where one layer is seen, front to back where several shine through.

h, w plate; H, W frame; L layers behind the first. Bicubic is Keys' kernel with a = -0.75, as in OpenCV's remap.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numba import njit

from stillmotion.stages.generation.backends.geometry.layers import Rim
from stillmotion.stages.generation.backends.geometry.mesh import TILE, Projection, Seen
from stillmotion.types import Float32, UInt8

Sampling = Literal["linear", "cubic", "lanczos"]

_KERNELS = {"linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}
_OPEN_FROM, _OPEN_TO = 0.35, 1.6  # pixels by which a silhouette opens until its soft edge has taken over
_CLOSED = 0.002  # less than this left open does not show


def fetch(texture: UInt8, seen: Seen, sampling: Sampling) -> UInt8:
    """(H, W, C) of a plate (h, w, C) at a view's places; beyond the plate it is mirrored."""
    moved = cv2.remap(texture, seen.map_x, seen.map_y, _KERNELS[sampling], borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)


def open_rim(rim: Rim, seen_by: Projection, picture: UInt8, out: UInt8) -> None:
    """Write a layer's silhouettes, as far as this view opens them, into its texture `out` (h, w, 4)."""
    matrix = np.concatenate([seen_by.matrix, seen_by.shift[:, None]], axis=1)
    _open(
        matrix, rim.index, rim.u, rim.v, rim.near, rim.far, rim.colour, rim.alpha,
        picture.reshape(-1, 3), out.reshape(-1, 4),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _open(p, index, u, v, near, far, colour, alpha, picture, out):  # type: ignore[no-untyped-def]
    for k in range(index.shape[0]):
        a = p[0, 0] * u[k] + p[0, 1] * v[k] + p[0, 2]
        b = p[1, 0] * u[k] + p[1, 1] * v[k] + p[1, 2]
        c = p[2, 0] * u[k] + p[2, 1] * v[k] + p[2, 2]
        wn, wf = c + p[2, 3] * near[k], c + p[2, 3] * far[k]
        if wn < 1e-6 or wf < 1e-6:
            continue
        dx = (a + p[0, 3] * near[k]) / wn - (a + p[0, 3] * far[k]) / wf
        dy = (b + p[1, 3] * near[k]) / wn - (b + p[1, 3] * far[k]) / wf
        s = (np.sqrt(dx * dx + dy * dy) - _OPEN_FROM) / (_OPEN_TO - _OPEN_FROM)
        s = min(max(s, 0.0), 1.0)
        s = s * s * (3.0 - 2.0 * s)
        i = index[k]
        for n in range(3):
            value = picture[i, n] + (colour[k, n] - picture[i, n]) * s
            out[i, n] = np.uint8(min(max(value + 0.5, 0.0), 255.0))
        out[i, 3] = np.uint8(255.0 * (1.0 - (1.0 - alpha[k]) * s) + 0.5)


@njit(cache=True, nogil=True)
def _weights(t, out):  # type: ignore[no-untyped-def]
    a = -0.75
    out[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a
    out[1] = ((a + 2) * t - (a + 3)) * t * t + 1
    out[2] = ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1
    out[3] = 1 - out[0] - out[1] - out[2]


@njit(cache=True, nogil=True)
def _mirror(i, size):  # type: ignore[no-untyped-def]
    i = abs(i)
    if i >= size:
        i = 2 * (size - 1) - i
    return min(max(i, 0), size - 1)


@njit(cache=True, nogil=True)
def open_up(front, mixed):  # type: ignore[no-untyped-def]
    """Begin a mix of layers: (H, W, 4) `mixed` takes colours times opacity and what is left of one (0 to 1).

    Returns the tiles (ceil(H / TILE), ceil(W / TILE)) that hold a pixel which is not opaque; only those are written.
    """
    height, width = front.shape[0], front.shape[1]
    tiles = np.zeros((-(-height // TILE), -(-width // TILE)), np.bool_)
    for y in range(height):
        for x in range(width):
            if front[y, x, 3] < 255:
                tiles[y // TILE, x // TILE] = True
    for i in range(tiles.shape[0]):
        for j in range(tiles.shape[1]):
            if not tiles[i, j]:
                continue
            for y in range(i * TILE, min((i + 1) * TILE, height)):
                for x in range(j * TILE, min((j + 1) * TILE, width)):
                    alpha = front[y, x, 3] / 255.0
                    for n in range(3):
                        mixed[y, x, n] = front[y, x, n] * alpha
                    mixed[y, x, 3] = 1.0 - alpha
    return tiles


@njit(cache=True, nogil=True)
def lay_behind(texture, map_x, map_y, near, tiles, last, mixed, front_near):  # type: ignore[no-untyped-def]
    """Let a layer (h, w, 4), seen at maps (H, W), shine through what is left open in `tiles` of `mixed` (H, W, 4).

    `front_near` (H, W) becomes the nearness of the first layer that is more than half opaque. Returns the tiles where
    something is open still; none after the `last` layer, which is opaque.
    """
    height, width = texture.shape[0], texture.shape[1]
    wx, wy, sample = np.empty(4), np.empty(4), np.empty(4)
    rest = np.zeros_like(tiles)
    for i in range(tiles.shape[0]):
        for j in range(tiles.shape[1]):
            if not tiles[i, j]:
                continue
            for y in range(i * TILE, min((i + 1) * TILE, mixed.shape[0])):
                for x in range(j * TILE, min((j + 1) * TILE, mixed.shape[1])):
                    left = mixed[y, x, 3]
                    if left < _CLOSED:
                        continue
                    _sample(texture, map_x[y, x], map_y[y, x], width, height, wx, wy, sample)
                    cover = 1.0 if last else min(max(sample[3] / 255.0, 0.0), 1.0)
                    for n in range(3):
                        mixed[y, x, n] += left * cover * min(max(sample[n], 0.0), 255.0)
                    mixed[y, x, 3] = left * (1.0 - cover)
                    if left >= 0.5 and mixed[y, x, 3] < 0.5:
                        front_near[y, x] = near[y, x]
                    rest[i, j] |= mixed[y, x, 3] >= _CLOSED
    return rest


@njit(cache=True, nogil=True)
def _sample(texture, u, v, width, height, wx, wy, out):  # type: ignore[no-untyped-def]
    ui, vi = int(np.floor(u)), int(np.floor(v))
    _weights(u - ui, wx)
    _weights(v - vi, wy)
    out[:] = 0.0
    for j in range(4):
        row = _mirror(vi + j - 1, height)
        for i in range(4):
            column = _mirror(ui + i - 1, width)
            weight = wy[j] * wx[i]
            for n in range(4):
                out[n] += weight * texture[row, column, n]


@njit(cache=True, nogil=True)
def mixed_into(front, mixed, tiles):  # type: ignore[no-untyped-def]
    """(H, W, 3) `front` (H, W, 4) with the mix in place of its tiles."""
    out = np.empty((front.shape[0], front.shape[1], 3), np.uint8)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            opaque = front[y, x, 3] == 255 or not tiles[y // TILE, x // TILE]
            for n in range(3):
                out[y, x, n] = front[y, x, n] if opaque else np.uint8(min(max(mixed[y, x, n] + 0.5, 0.0), 255.0))
    return out


def prefiltered(picture: UInt8, scale: float) -> UInt8:
    """A plate blurred so that it can be drawn at `scale` < 1 of its size without aliasing; itself above 0.9."""
    if scale >= 0.9:
        return picture
    sigma = 0.5 * float(np.sqrt(max(1.0 / scale**2 - 1.0, 0.0)))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def to_light() -> Float32:
    """(256,) linear light of an sRGB byte."""
    s = np.arange(256, dtype=np.float64) / 255.0
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4).astype(np.float32)


def from_light() -> UInt8:
    """(4096,) sRGB byte of linear light k / 4095."""
    x = np.arange(4096, dtype=np.float64) / 4095.0
    s = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    return np.clip(np.rint(255.0 * s), 0, 255).astype(np.uint8)
