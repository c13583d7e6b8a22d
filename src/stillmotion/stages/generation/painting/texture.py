"""Fine texture for a smooth fill, taken from the photo where it looks alike.

    photo ─▶ what is finer than the fill (residual)
    fill and photo, small ─▶ for each place of the fill the place of the photo that looks most like it ─▶ its residual

Source: contextual residual aggregation (HiFill, Yi et al., CVPR 2020), with the best place instead of a mean over many,
which would blur; overlapping pieces are summed so that their energy, not their mean, is kept.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.types import Float32, UInt8

_PATCH = 7  # small pixels a side of what is compared
_NODE = 2  # small pixels between places that are looked up
_MOST = 3000  # places of the photo that are compared with, at random
_MOST_ASKED = 6000
_NEAR = 8.0  # levels of difference that the whole picture's distance is worth
_ALIKE, _ALMOST = 1.5, 16.0  # times, and squared levels, that going on beside a neighbour may be worse
_LIMIT = 2.5  # times the local strength: what stands out further is a thing, not texture


def with_texture(
    fill: Float32, picture: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_], *, blur_px: float
) -> Float32:
    """(h, w, 3) the fill with what is finer than `blur_px` as in the surroundings.

    Args:
        fill: (h, w, 3) smooth, near to the picture where that is `known` (h, w).
        inside: (h, w) where texture is wanted.
        blur_px: standard deviation in pixels of the blur that the fill has.
    """
    sigma = max(1.0, blur_px)
    residual, strength = _residual(picture.astype(np.float32), known, sigma)
    offsets, step = _alike(fill, inside, known, sigma)
    if offsets is None:
        return fill
    rows, columns = np.nonzero(inside)
    taken, power = _taken(residual, strength, offsets, step, rows, columns)
    reach = round(8 * sigma)
    top, left = max(0, rows.min() - reach), max(0, columns.min() - reach)
    near = fill[top : rows.max() + reach, left : columns.max() + reach]
    own, _ = _residual(near, np.ones(near.shape[:2], np.bool_), sigma)
    has = np.maximum(0, cv2.blur((own**2).mean(axis=2), (2 * round(3 * sigma) + 1,) * 2))[rows - top, columns - left]
    gain = np.sqrt(np.clip(1 - has / np.maximum(power, 0.05), 0, 1))
    out = fill.copy()
    out[rows, columns] += taken * gain[:, None]
    return out


def _residual(picture: Float32, known: NDArray[np.bool_], sigma: float) -> tuple[Float32, Float32]:
    """(h, w, 3) what is finer than sigma where known, 0 elsewhere; (h, w) its mean square around."""
    weight = known.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
    mean = cv2.GaussianBlur(picture * weight[..., None], (0, 0), sigma) / share[..., None]
    residual = (picture - mean) * weight[..., None]
    side = (2 * round(4 * sigma) + 1,) * 2
    strength = np.maximum(cv2.blur((residual**2).mean(axis=2), side), 0) / np.maximum(cv2.blur(weight, side), 1e-3)
    limit = (_LIMIT * np.sqrt(strength) + 1)[..., None]
    return np.asarray(limit * np.tanh(residual / limit), np.float32), np.asarray(strength, np.float32)


def _alike(
    fill: Float32, inside: NDArray[np.bool_], known: NDArray[np.bool_], sigma: float
) -> tuple[NDArray[np.intp] | None, int]:
    """(gy, gx, 2) per node of a grid where its best likeness is, as an offset in pixels (y, x); the grid's step."""
    height, width = inside.shape
    scale = max(1, round(2 * sigma))
    size = (max(_PATCH, width // scale), max(_PATCH, height // scale))
    small = cv2.resize(fill, size, interpolation=cv2.INTER_AREA)
    clear = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.999
    sources = cv2.erode(clear.astype(np.uint8), np.ones((_PATCH, _PATCH), np.uint8), borderValue=0)
    wanted = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    wanted = cv2.dilate(wanted.astype(np.uint8), np.ones((2 * _NODE + 1, 2 * _NODE + 1), np.uint8)) > 0
    node = _NODE
    while wanted[::node, ::node].sum() > _MOST_ASKED:
        node += 1
    found_y, found_x = np.nonzero(sources)
    if len(found_y) < 16:
        return None, 1
    if len(found_y) > _MOST:
        picked = np.random.default_rng(0).choice(len(found_y), _MOST, replace=False)
        found_y, found_x = found_y[picked], found_x[picked]
    asked_y, asked_x = np.nonzero(wanted[::node, ::node])
    asked_y, asked_x = asked_y * node, asked_x * node
    half = _PATCH // 2
    padded = cv2.copyMakeBorder(small, half, half, half, half, cv2.BORDER_REFLECT_101)
    best = _nearest(
        _features(padded, asked_y, asked_x, size), _features(padded, found_y, found_x, size),
    )  # fmt: skip
    asked = np.zeros((-(-size[1] // node), -(-size[0] // node)), np.bool_)
    asked[asked_y // node, asked_x // node] = True
    offsets = np.zeros((*asked.shape, 2), np.intp)
    offsets[asked_y // node, asked_x // node] = np.stack([found_y[best] - asked_y, found_x[best] - asked_x], axis=1)
    _join(padded, sources > 0, asked, offsets, node)
    offsets = np.rint(offsets * (height / size[1], width / size[0])).astype(np.intp)
    return offsets, node * scale


@njit(cache=True, nogil=True)
def _join(picture, sources, asked, offsets, node):  # type: ignore[no-untyped-def]
    """Let a node go on where the one beside it or above it looks, where that is nearly as like: no tile is repeated."""
    for i in range(asked.shape[0]):
        for j in range(asked.shape[1]):
            if not asked[i, j]:
                continue
            y, x = i * node, j * node
            least = _ALIKE * _apart(picture, y, x, y + offsets[i, j, 0], x + offsets[i, j, 1]) + _ALMOST
            for side in range(2):
                ni, nj = i - side, j - 1 + side
                if ni < 0 or nj < 0 or not asked[ni, nj]:
                    continue
                sy, sx = y + offsets[ni, nj, 0], x + offsets[ni, nj, 1]
                if 0 <= sy < sources.shape[0] and 0 <= sx < sources.shape[1] and sources[sy, sx]:
                    found = _apart(picture, y, x, sy, sx)
                    if found < least:
                        least = found
                        offsets[i, j, 0], offsets[i, j, 1] = sy - y, sx - x


@njit(cache=True, nogil=True)
def _apart(picture, y, x, sy, sx):  # type: ignore[no-untyped-def]
    """Mean square difference of the patches about two places; `picture` has half a patch more on every side."""
    total = 0.0
    for dy in range(_PATCH):
        for dx in range(_PATCH):
            for c in range(3):
                d = picture[y + dy, x + dx, c] - picture[sy + dy, sx + dx, c]
                total += d * d
    return total / (3 * _PATCH * _PATCH)


def _features(padded: Float32, y: NDArray[np.intp], x: NDArray[np.intp], size: tuple[int, int]) -> Float32:
    """(n, d) the patch at each place, less near its rim, and where it lies."""
    side = np.hanning(_PATCH + 2)[1:-1]
    window = np.sqrt(np.outer(side, side) / np.outer(side, side).sum())
    views = np.lib.stride_tricks.sliding_window_view(padded, (_PATCH, _PATCH), axis=(0, 1))  # (H, W, 3, p, p)
    patches = (views[y, x] * window).reshape(len(y), -1) / np.sqrt(3)
    place = np.stack([y, x], axis=1) * (_NEAR / max(size))
    return np.concatenate([patches, place], axis=1).astype(np.float32)


def _nearest(asked: Float32, found: Float32) -> NDArray[np.intp]:
    """(n,) for each row of one the nearest row of the other."""
    norm = (found**2).sum(axis=1)
    best = [np.argmin(norm - 2 * (part @ found.T), axis=1) for part in np.array_split(asked, 1 + len(asked) // 1000)]
    return np.concatenate(best)


def _taken(
    residual: Float32, strength: Float32, offsets: NDArray[np.intp], step: int,
    rows: NDArray[np.intp], columns: NDArray[np.intp],
) -> tuple[Float32, Float32]:  # fmt: skip
    """(n, 3) the residual at the offsets of the four nodes around each place, and (n,) its mean square there."""
    height, width = strength.shape
    y, x = rows / step, columns / step
    top, left = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
    total = np.zeros((len(rows), 3), np.float32)
    power, square = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
    for down in (0, 1):
        for right in (0, 1):
            weight = np.abs(1 - down - (y - top)) * np.abs(1 - right - (x - left))
            node = np.minimum(top + down, offsets.shape[0] - 1), np.minimum(left + right, offsets.shape[1] - 1)
            there = offsets[node]
            at = np.clip(rows + there[:, 0], 0, height - 1), np.clip(columns + there[:, 1], 0, width - 1)
            share = weight.astype(np.float32)
            total += residual[at] * share[:, None]
            power += strength[at] * share
            square += share**2
    return total / np.sqrt(np.maximum(square, 1e-3))[:, None], power
