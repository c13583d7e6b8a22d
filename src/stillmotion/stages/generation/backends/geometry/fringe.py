"""Hair, fur and leaves along a silhouette: one depth for all of it, and what lies behind shines through between.

    disparity ─▶ the rim of each surface in front, levelled ─┐
    colour ────▶ the mean of either side, and how it varies ─┴▶ which pixels of the rim are not solid, and how far

Depth maps fall off towards hair, because they are coarse; such a rim would be squeezed under or stretched away. And
what is seen between hairs belongs to what is behind: it would be carried along as a halo. Knows no camera.

Two-colour matting as in `layers`, from means over a wide window; a pixel counts only where the two sides differ by more
than each of them varies, and only as far as it hangs together with the silhouette.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.generation.backends.geometry.hidden import STEP
from stillmotion.types import Float32, UInt8

_REACH = 1 / 80  # of the width: how deep a fringe may be
_GRID = 4  # means are taken on a grid this much coarser; they hold nothing finer
_NOISE = 25.0  # 8-bit levels by which sides may differ by chance
_SURE_FROM, _SURE_SPAN = 0.6, 0.25
_CLEAR = 0.9  # more opaque than this is solid
_LEAST_SEEN = 0.005  # share of a window that must be of a side for its mean to count


@dataclass(frozen=True, slots=True)
class Fringe:
    """The pixels of a surface's rim that are not solid. n pixels."""

    index: NDArray[np.int64]  # (n,) flat plate index
    alpha: Float32  # (n,) in [0, 1], as far as it can be told
    sure: Float32  # (n,) in [0, 1]: how far it can be told
    fore: Float32  # (n, 3) colour of the surface around there
    far: Float32  # (n,) disparity of what lies behind


@dataclass(frozen=True, slots=True)
class _Side:
    """Means over the pixels of one side of silhouettes, on the grid (h', w')."""

    colour: Float32  # (h', w', 3)
    spread: Float32  # (h', w') variance, summed over the channels
    disparity: Float32  # (h', w')
    known: NDArray[np.bool_]  # (h', w') enough was seen of it


@dataclass(frozen=True, slots=True)
class _Rims:
    """Where silhouettes are in a plate (h, w)."""

    near_one: NDArray[np.bool_]  # (h, w) a surface in front and one behind are within reach
    front: NDArray[np.bool_]  # (h, w) belongs to the one in front
    inside: Float32  # (h, w) pixels from the silhouette, of the surface in front
    outside: Float32  # (h, w) of the one behind
    far: Float32  # (h', w') disparity of the one behind, on the grid


def find_fringe(colour: UInt8, disparity: Float32) -> tuple[Float32, Fringe | None]:
    """Level the rims of a plate (h, w, 3), (h, w) with sharp steps; returns its disparity and what is not solid."""
    height, width = disparity.shape
    reach = max(6, round(_REACH * width))
    rims = _find_rims(disparity, reach)
    if rims is None:
        return disparity, None
    small = (-(-width // _GRID), -(-height // _GRID))
    picture = np.dstack([cv2.resize(colour, small, interpolation=cv2.INTER_AREA), _shrunk(disparity, small)])
    fore = _side(picture, rims.front & (rims.inside > 0.8 * reach) & (rims.inside < 2.5 * reach), reach)
    back = _side(picture, ~rims.front & (rims.outside > 0.6 * reach) & (rims.outside < 2.5 * reach), reach)
    rim = np.flatnonzero(rims.near_one & rims.front & (rims.inside <= reach))
    cells = (rim // width // _GRID, rim % width // _GRID)
    level = np.minimum(1.6 * (1 - rims.inside.ravel()[rim] / reach), 1.0) * fore.known[cells]
    levelled = disparity.ravel().copy()
    levelled[rim] += level * np.maximum(fore.disparity[cells] - levelled[rim], 0)
    between = _between(colour, rims, rim, fore, back, reach)
    return levelled.reshape(height, width), between


def _find_rims(disparity: Float32, reach: int) -> _Rims | None:
    """None where nothing stands in front of anything."""
    height, width = disparity.shape
    kernel = np.ones((3, 3), np.uint8)
    falls = disparity - cv2.erode(disparity, kernel) > STEP
    if not falls.any():
        return None
    rises = cv2.dilate(disparity, kernel) - disparity > STEP
    small = (-(-width // _GRID), -(-height // _GRID))
    cell, radius = np.ones((_GRID, _GRID), np.uint8), max(2, round(1.3 * reach / _GRID))
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    near = cv2.dilate(cv2.resize(cv2.dilate(disparity, cell), small, interpolation=cv2.INTER_NEAREST), window)
    far = cv2.erode(cv2.resize(cv2.erode(disparity, cell), small, interpolation=cv2.INTER_NEAREST), window)
    middle = cv2.resize((near + far) / 2, (width, height), interpolation=cv2.INTER_LINEAR)
    apart = cv2.resize(near - far, (width, height), interpolation=cv2.INTER_LINEAR) > STEP
    front = disparity > middle
    inside, outside = _distance(falls & front), _distance(rises & ~front)
    return _Rims(np.asarray(apart, np.bool_), front, inside, outside, np.asarray(far, np.float32))


def _side(picture: Float32, where: NDArray[np.bool_], reach: int) -> _Side:
    """`picture` (h', w', 4) is colour and disparity on the grid, `where` (h, w) the pixels that count."""
    share = _shrunk(where.astype(np.float32), (picture.shape[1], picture.shape[0]))
    weight = np.where(share > 0.99, share, 0).astype(np.float32)
    sigma = 1.2 * reach / _GRID
    seen = cv2.GaussianBlur(weight, (0, 0), sigma)
    total = cv2.GaussianBlur(picture * weight[..., None], (0, 0), sigma)
    square = cv2.GaussianBlur((picture[..., :3] ** 2).sum(axis=-1) * weight, (0, 0), sigma)
    mean = total / np.maximum(seen, 1e-4)[..., None]
    spread = np.maximum(square / np.maximum(seen, 1e-4) - (mean[..., :3] ** 2).sum(axis=-1), 0)
    return _Side(mean[..., :3], spread.astype(np.float32), mean[..., 3], np.asarray(seen > _LEAST_SEEN, np.bool_))


def _between(
    colour: UInt8, rims: _Rims, rim: NDArray[np.int64], fore: _Side, back: _Side, reach: int
) -> Fringe | None:  # fmt: skip
    """The pixels of the rim (n,) that what lies behind shines through, as far as they reach in from the silhouette."""
    height, width = rims.front.shape
    cells = (rim // width // _GRID, rim % width // _GRID)
    known = fore.known[cells] & back.known[cells]
    rim, cells = rim[known], (cells[0][known], cells[1][known])
    behind, apart = back.colour[cells], fore.colour[cells] - back.colour[cells]
    offset = colour.reshape(-1, 3)[rim].astype(np.float32) - behind
    length = (apart * apart).sum(axis=1)
    place = np.clip((offset * apart).sum(axis=1) / (length + 1), 0, 1)
    beside = ((offset - place[:, None] * apart) ** 2).sum(axis=1)  # neither the one colour nor the other
    varies = fore.spread[cells] + back.spread[cells] + 0.5 * beside + _NOISE**2
    sure = np.clip((length / (length + varies) - _SURE_FROM) / _SURE_SPAN, 0, 1)
    alpha = np.clip((place - 0.08) / 0.8, 0, 1)
    clear = (alpha < _CLEAR) & (sure > 0.3)
    open_to: UInt8 = np.zeros(height * width, np.uint8)
    open_to[rim[clear]] = 1
    outside = (rims.near_one & ~rims.front).astype(np.uint8)
    reached = _spread(outside, open_to.reshape(height, width) | outside, reach + 2).ravel()[rim] > 0
    kept = clear & reached
    if not kept.any():
        return None
    cells = (cells[0][kept], cells[1][kept])
    return Fringe(
        index=rim[kept], alpha=alpha[kept].astype(np.float32), sure=sure[kept].astype(np.float32),
        fore=fore.colour[cells], far=rims.far[cells],
    )  # fmt: skip


def _spread(seed: UInt8, allowed: UInt8, steps: int) -> UInt8:
    """(h, w) of 0 and 1: what can be reached from the seed within the allowed, in so many pixels."""
    kernel = np.ones((3, 3), np.uint8)
    for _ in range(steps):
        seed = np.asarray(cv2.dilate(seed, kernel) & allowed)
    return seed


def _shrunk(field: Float32, size: tuple[int, int]) -> Float32:
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)


def _distance(where: NDArray[np.bool_]) -> Float32:
    if not where.any():
        return np.full(where.shape, 1e6, np.float32)
    return np.asarray(cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
