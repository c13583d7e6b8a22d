"""Paint what the photo hides, once, from the far side only.

    mirrored: colour of the nearest far-side place, spread under the cover + texture, mirrored across the silhouette
    or, for each hole, what `painting` makes of it, where its judge prefers that

Mirrored: low frequencies come from beyond the silhouette (a band along it is left out: it may carry the cover's own
colour) and are diffused under it, so they have no seams; high frequencies are copied from the visible side at the same
distance from the silhouette, so the painted strip has the grain of what it continues. Knows no camera.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.options import Fill
from stillmotion.stages.generation.backends.geometry.hidden import STEP, Hidden
from stillmotion.stages.generation.backends.geometry.mesh import small
from stillmotion.stages.generation.painting.learned import at_hand
from stillmotion.stages.generation.painting.paint import Painted, paint
from stillmotion.types import Float32, UInt8

_LOOKS = 2  # squares that the network may look at for one hole: most are thin
_RIM = 1 / 220  # of the width: band along a silhouette that may carry the cover's colour, and is painted too
_TEXTURE_SIGMA = 5.0
_BASE_WIDTH = 480
_FADES = (4.0, 12.0, 36.0)  # pixels beyond the photo's edge from which on depth is blurred by as much
_ROUNDS = (0.6, 1.2, 1.2, 0.6)  # blurs of the diffusion, in sigmas of the texture


def beyond(disparity: Float32, margins: tuple[int, int, int, int]) -> Float32:
    """(h, w) a photo's disparity (H, W) continued by (top, bottom, left, right) pixels as it is at the edge.

    The further out, the less it knows of what is at the edge: it is smoothed along it, so that no thing that the edge
    cuts off is drawn out into a long wall.
    """
    if not any(margins):
        return disparity.astype(np.float32)
    wide = np.asarray(cv2.copyMakeBorder(disparity, *margins, cv2.BORDER_REPLICATE), np.float32)
    height, width = disparity.shape
    top, _, left, _ = margins
    away = np.ones(wide.shape, np.uint8)
    away[top : top + height, left : left + width] = 0
    distance = cv2.distanceTransform(away, cv2.DIST_L2, 5)
    for sigma in _FADES:
        share = np.clip(distance / sigma - 0.5, 0, 1)
        wide += (cv2.GaussianBlur(wide, (0, 0), sigma) - wide) * share
    return np.asarray(wide, np.float32)


def paint_hidden(
    colour: UInt8, disparity: Float32, hidden: Hidden, *, dear: NDArray[np.bool_] | None = None
) -> tuple[Painted, NDArray[np.bool_]]:
    """The plate (h, w, 3) with what it hides painted, and (h, w) where paint lies.

    Each hole has the fill that the judge of `painting` prefers; the surface in front is not looked at, nor is what is
    `dear` (h, w) copied.
    """
    rim, known = _rims(disparity, hidden)
    if not rim.any():
        return Painted(colour, (), ()), rim
    simple = mirrored(colour, disparity, hidden)
    fill: Fill = "learned" if at_hand() else "classical"  # the better one in strips; both would take too long
    own = ("mirrored", simple)
    done = paint(simple, rim, cover=~(known | rim), dear=dear, fill=fill, own=own, looks=_LOOKS)
    return done, rim


def mirrored(colour: UInt8, disparity: Float32, hidden: Hidden) -> UInt8:
    """(h, w, 3) the plate with what it hides painted by diffusion and mirrored texture; it must hide something."""
    rim, known = _rims(disparity, hidden)
    seen = ~rim if (~rim).any() else np.ones_like(rim)
    rows, columns = np.nonzero(cv2.dilate(rim.astype(np.uint8), np.ones((5, 5), np.uint8)))  # and a soft edge
    base = _base(colour, known & seen, seen, hidden)[rows, columns]
    u, v = _mirrored(rows, columns, hidden, disparity, seen)
    painted = np.clip(base + _texture(colour, seen, u, v), 0, 255)
    soft = cv2.GaussianBlur(rim.astype(np.float32), (0, 0), 1.0)
    share = np.maximum(soft, cv2.dilate(hidden.mask.astype(np.uint8), np.ones((3, 3), np.uint8)))[rows, columns, None]
    out, there = colour.copy(), colour[rows, columns].astype(np.float32)
    out[rows, columns] = np.clip(np.rint(there + (painted - there) * share), 0, 255).astype(np.uint8)
    return out


def _rims(disparity: Float32, hidden: Hidden) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(h, w) where paint lies, a rim along the silhouettes included, and where the far side is known."""
    size = 2 * max(2, round(_RIM * disparity.shape[1])) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    rim = cv2.dilate(hidden.mask.astype(np.uint8), kernel).astype(np.bool_)
    return rim, np.asarray(cv2.dilate(hidden.cover.astype(np.uint8), kernel) == 0, np.bool_)


def _base(colour: UInt8, known: NDArray[np.bool_], seen: NDArray[np.bool_], hidden: Hidden) -> Float32:
    """(h, w, 3) float: the mean colour of the far side nearest to each place, diffused under the cover.

    Where that is not `known` to be a far side, as on ground that is near and far at once, what is `seen` there counts.

    Made on a grid of at most `_BASE_WIDTH`: it holds nothing finer.
    """
    height, width = known.shape
    scale = min(1.0, _BASE_WIDTH / width)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    weight = small(known.astype(np.float32), size)
    picture = small(colour.astype(np.float32) * known[..., None], size)
    picture = np.asarray(picture / np.maximum(weight, 1e-6)[..., None], np.float32)
    fixed = (weight > 0.99).astype(np.float32)
    sigma = max(1.0, _TEXTURE_SIGMA * scale)
    any_weight = small(seen.astype(np.float32), size)
    any_picture = small(colour.astype(np.float32) * seen[..., None], size)
    any_picture = np.asarray(any_picture / np.maximum(any_weight, 1e-6)[..., None], np.float32)
    local = np.empty_like(picture)
    local[:] = (any_picture * any_weight[..., None]).sum(axis=(0, 1)) / max(float(any_weight.sum()), 1e-6)
    for values, share, width_px, least in (
        (any_picture, any_weight, 6 * sigma, 1e-3),
        (any_picture, any_weight, sigma, 0.02),
        (picture, weight, sigma, 0.02),
    ):  # fmt: skip
        mean, mass = _mean(values, share, width_px)
        local = np.where((mass > least)[..., None], mean, local)
    rows = np.minimum((np.arange(size[1]) + 0.5) / size[1] * height, height - 1).astype(np.intp)
    columns = np.minimum((np.arange(size[0]) + 0.5) / size[0] * width, width - 1).astype(np.intp)
    source_x, source_y = hidden.source_x[np.ix_(rows, columns)], hidden.source_y[np.ix_(rows, columns)]
    x = np.minimum(source_x * size[0] // width, size[0] - 1)
    y = np.minimum(source_y * size[1] // height, size[1] - 1)
    inside = hidden.mask[np.ix_(rows, columns)]
    field = np.where(inside[..., None], local[y, x], local)
    field = picture * fixed[..., None] + field * (1 - fixed[..., None])
    for factor in _ROUNDS:
        smooth = cv2.GaussianBlur(field, (0, 0), factor * sigma)
        field = picture * fixed[..., None] + smooth * (1 - fixed[..., None])
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _mean(picture: Float32, weight: Float32, sigma: float) -> tuple[Float32, Float32]:
    """Gaussian mean of (h, w, 3) under a weight (h, w), and the weight's own."""
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    total = cv2.GaussianBlur(picture * weight[..., None], (0, 0), sigma)
    return np.asarray(total / np.maximum(share, 1e-6)[..., None], np.float32), np.asarray(share, np.float32)


def _texture(colour: UInt8, known: NDArray[np.bool_], u: NDArray[np.intp], v: NDArray[np.intp]) -> Float32:
    """(n, 3) what is finer than the blur of the known colours, at plate pixels u, v (n,)."""
    height, width = known.shape
    half, quarter = (-(-width // 2), -(-height // 2)), (-(-width // 4), -(-height // 4))
    weight = small(known.astype(np.float32), half)
    picture = small(colour.astype(np.float32) * known[..., None], half) / np.maximum(weight, 1e-6)[..., None]
    mean, _ = _mean(np.asarray(picture, np.float32), weight, _TEXTURE_SIGMA / 2)
    mean = np.asarray(cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    # what stands out from its surroundings is a thing, not texture: it is not copied. The geometric mean is near the
    # mean in grass or gravel and far below it in a clear sky with a few wires
    every = np.s_[::4, ::4]
    log = np.log(np.abs(colour[every] - mean[every]) + 0.5)
    strength, _ = _mean(np.asarray(log, np.float32), known[every].astype(np.float32), _TEXTURE_SIGMA)
    limit = 2.0 * np.exp(strength)[np.minimum(v // 4, quarter[1] - 1), np.minimum(u // 4, quarter[0] - 1)]
    detail = (colour[v, u] - mean[v, u]) * known[v, u, None]
    return np.asarray(limit * np.tanh(detail / limit), np.float32)


def _mirrored(
    rows: NDArray[np.intp], columns: NDArray[np.intp], hidden: Hidden, disparity: Float32, known: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Plate x, y (n,) of the mirror image on the far side of the silhouette of the pixels at rows, columns (n,)."""
    height, width = disparity.shape
    source_x, source_y = hidden.source_x[rows, columns], hidden.source_y[rows, columns]
    behind = hidden.disparity[rows, columns]
    best_u, best_v = source_x.astype(np.intp), source_y.astype(np.intp)
    for factor in (2.0, 1.5, 1.2):
        u = _reflected(np.rint(columns + factor * (source_x - columns)).astype(np.intp), width)
        v = _reflected(np.rint(rows + factor * (source_y - rows)).astype(np.intp), height)
        good = known[v, u] & (np.abs(disparity[v, u] - behind) < 2 * STEP) & ~known[best_v, best_u]
        best_u, best_v = np.where(good, u, best_u), np.where(good, v, best_v)
    return best_u, best_v


def _reflected(index: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    folded = np.abs(index)
    over = folded > size - 1
    return np.clip(np.where(over, 2 * (size - 1) - folded, folded), 0, size - 1)
