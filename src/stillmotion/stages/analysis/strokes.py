"""Points or strokes on a thing, grown to the outline of the thing (GrabCut, Rother et al. 2004).

Knows colours, depth and points; nothing of plans.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import InputError
from stillmotion.plan import Vec2
from stillmotion.types import Float32, UInt8

_LONG_SIDE = 360  # pixels; enough for an outline that is refined on the full picture afterwards
_SEED_RADIUS = 0.012  # of the width
_ROUNDS = 4


def grow(photo: UInt8, depth: Float32, *, inside: tuple[Vec2, ...], outside: tuple[Vec2, ...]) -> Float32:
    """The thing the inside points lie on, without what the outside points lie on.

    Args:
        photo: (H, W, 3) sRGB.
        depth: (H, W) z in pivot units; keeps things apart that share a colour.
        inside, outside: (x, y) as fractions of the canvas.

    Returns:
        (H, W) float32 in [0, 1], with a rim one working pixel soft.

    Raises:
        InputError: a point outside the picture, or inside and outside points on the same spot.
    """
    for x, y in (*inside, *outside):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise InputError(f"The point ({x}, {y}) lies outside the picture; fractions of the canvas run from 0 to 1.")
    height, width = photo.shape[:2]
    scale = min(1.0, _LONG_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    near = np.asarray(cv2.resize(1 / depth, size, interpolation=cv2.INTER_AREA), np.float32)
    keep, drop = _discs(inside, small.shape[:2]), _discs(outside, small.shape[:2])
    if bool((keep & drop).any()):
        raise InputError("An inside point and an outside point of the mask lie on the same spot; move them apart.")
    found = _cut(_features(small, near), keep, drop)
    grown = _touching(found, keep)
    soft = cv2.GaussianBlur(grown.astype(np.float32), (0, 0), 0.7)
    return np.clip(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1).astype(np.float32)


def _discs(points: tuple[Vec2, ...], shape: tuple[int, int]) -> NDArray[np.bool_]:
    drawn: UInt8 = np.zeros(shape, np.uint8)
    height, width = shape
    for x, y in points:
        centre = (round(x * (width - 1)), round(y * (height - 1)))
        cv2.circle(drawn, centre, max(1, round(_SEED_RADIUS * width)), 1, -1)
    return drawn.astype(bool)


def _features(small: UInt8, near: Float32) -> UInt8:
    """(h, w, 3): a lightness, a hue plane and nearness mixed so that GrabCut's three channels hold colour and depth."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    low, high = np.percentile(near, (2, 98))
    closeness = np.clip((near - low) / max(float(high - low), 1e-6), 0, 1) - 0.5
    chroma = (lab[..., 1:] - 128) * 1.6 + 128
    mixed = np.stack([lab[..., 0], chroma[..., 0] + 40 * closeness, chroma[..., 1] - 40 * closeness], axis=-1)
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def _likely(features: UInt8, keep: NDArray[np.bool_], drop: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A first guess: places whose colour is nearer to an inside seed than to outside seeds or the border."""
    field = cv2.GaussianBlur(features, (0, 0), 1.5).astype(np.float32)
    to_keep = _distance(field, field[keep])
    border = np.zeros(keep.shape, dtype=bool)
    border[[0, -1], :] = border[:, [0, -1]] = True
    others = field[drop] if drop.any() else field[border & (to_keep > 18)]
    if len(others) == 0:
        return to_keep < 18
    return to_keep < np.minimum(_distance(field, others), 60.0)


def _distance(field: Float32, samples: Float32) -> Float32:
    """(h, w) distance of each colour to the nearest of at most 24 representatives of the samples."""
    order = np.argsort(samples @ np.array([1.0, 2.0, 4.0], np.float32), kind="stable")
    picked = samples[order[np.linspace(0, len(order) - 1, min(24, len(order))).astype(int)]]
    best = np.full(field.shape[:2], np.inf, np.float32)
    for colour in picked:
        best = np.minimum(best, np.linalg.norm(field - colour, axis=-1))
    return best


def _cut(features: UInt8, keep: NDArray[np.bool_], drop: NDArray[np.bool_]) -> NDArray[np.bool_]:
    likely = _likely(features, keep, drop)
    trimap = np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[keep] = cv2.GC_FGD
    trimap[drop] = cv2.GC_BGD
    if not np.isin(trimap, (cv2.GC_BGD, cv2.GC_PR_BGD)).any():
        return np.ones(keep.shape, dtype=bool)
    cv2.setRNGSeed(1)  # GrabCut's mixture starts from k-means
    model = np.zeros((1, 65), np.float64)
    cv2.grabCut(features, trimap, (0, 0, 1, 1), model, model.copy(), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _touching(found: NDArray[np.bool_], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected pieces of `found` that hold an inside seed, their small holes closed."""
    closed = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(closed)
    wanted = np.unique(labels[keep & found])
    return np.isin(labels, wanted[wanted > 0])
