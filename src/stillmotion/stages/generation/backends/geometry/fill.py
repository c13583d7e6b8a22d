"""Paint what the photo hides, once, from the far side only.

    smooth: the far side continued under what is in front, with the fine texture of where the photo looks alike
    or, in holes that are worth the time, what the network or the patches of `painting` make of them

Knows no camera.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.models.smooth import SWEEPS, continued
from stillmotion.stages.generation.backends.geometry.hidden import Hidden
from stillmotion.stages.generation.painting.paint import BORDERED, Painted, paint
from stillmotion.stages.generation.painting.texture import with_texture
from stillmotion.types import Float32, UInt8

_LOOKS = 2  # squares that the network may look at for one hole: most are thin
_RIM = 1 / 220  # of the width: band along a silhouette that may carry the cover's colour, and is painted too
_BLUR_PX = 2.0  # of the smooth continuation: what is finer is texture
_TEXTURE_PX = 64  # around holes, where texture is looked for
_FADES = (4.0, 12.0, 36.0)  # pixels beyond the photo's edge from which on depth is blurred by as much


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

    The surface in front is not looked at, nor is what is `dear` (h, w) copied.
    """
    rim, known = _rims(disparity, hidden)
    if not rim.any():
        return Painted(colour, (), ()), rim
    lost = _lost(rim, known)
    simple = spread(colour, rim & ~lost, known)
    simple = spread(simple, lost, ~rim) if lost.any() else simple
    own = ("smooth", simple)
    return paint(colour, rim, cover=~(known | rim), dear=dear, own=own, looks=_LOOKS), rim


def _lost(rim: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(h, w) the parts of the rim that hardly border on a known far side, as on ground that is near and far at once."""
    count, labels = cv2.connectedComponents(rim.astype(np.uint8))
    around = cv2.dilate(labels.astype(np.float32), np.ones((5, 5), np.uint8)).astype(np.intp)[~rim]
    borders, open_ = (np.bincount(around, weights=each, minlength=count) for each in (None, known[~rim]))
    return np.asarray((open_ < BORDERED * borders)[labels] & rim, np.bool_)


def spread(colour: UInt8, hole: NDArray[np.bool_], known: NDArray[np.bool_]) -> UInt8:
    """(h, w, 3) a picture whose `hole` (h, w) continues smoothly, and with texture, what is `known` (h, w) to go on."""
    if not hole.any():
        return colour
    smooth = continued(colour.astype(np.float32), known.astype(np.float32), sweeps=SWEEPS)
    cut = tuple(
        slice(max(0, at.min() - _TEXTURE_PX), at.max() + _TEXTURE_PX)
        for at in (np.flatnonzero(hole.any(axis=axis)) for axis in (1, 0))
    )
    made = with_texture(smooth[cut], colour[cut], hole[cut], known[cut], blur_px=_BLUR_PX)
    out = colour.copy()
    out[hole] = np.clip(np.rint(made[hole[cut]]), 0, 255).astype(np.uint8)
    return out


def _rims(disparity: Float32, hidden: Hidden) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(h, w) where paint lies, a rim along the silhouettes included, and where the far side is known."""
    size = 2 * max(2, round(_RIM * disparity.shape[1])) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    rim = cv2.dilate(hidden.mask.astype(np.uint8), kernel).astype(np.bool_)
    known = cv2.dilate(hidden.cover.astype(np.uint8), kernel) == 0
    return rim, np.asarray(known | hidden.seen & ~rim, np.bool_)
