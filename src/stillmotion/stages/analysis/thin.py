"""Thin things before the sky: wires, masts, sticks, ropes, branches. They are too thin for the sky's own mask.

    sky ─▶ lines brighter or darker than the sky around ─▶ those that are long and hang on something that is no sky

Knows a picture, where its sky is, and disparity; works at the size of the canvas.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.types import Float32, UInt8

_WIDEST = 1 / 110  # of the long side: what is wider is the sky mask's business
_CONTRAST = 20.0  # 8-bit levels against the sky around
_NOISE = 5.0  # times the sky's own grain
_LONG = 3.0  # widths of the widest: what is shorter is a bird or a speck


def thin_things(photo: UInt8, sky: Float32, disparity: Float32) -> tuple[Float32, Float32]:
    """Where (H, W; in [0, 1]) thin things stand before the `sky` (H, W) of `photo` (H, W, 3), and the disparity (H, W)
    with each of them as near as what it hangs on.
    """
    inside = sky > 0.6
    none: Float32 = np.zeros(sky.shape, np.float32)
    if not inside.any():
        return none, disparity
    width = max(3, round(_WIDEST * max(sky.shape)))
    lines = np.zeros(sky.shape, np.uint8)
    x, y, w, h = cv2.boundingRect(inside.view(np.uint8))
    margin = width + 1  # as far as the search looks around
    around = np.s_[max(0, y - margin) : y + h + margin, max(0, x - margin) : x + w + margin]
    lines[around] = _lines(photo[around], inside[around], width)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _LONG * width
    kept = np.zeros(count, np.bool_)
    out = disparity.copy()
    solid = sky < 0.4
    for i in np.flatnonzero(long[1:]) + 1:
        x, y, w, h = (int(v) for v in stats[i, :4])
        box = np.s_[max(0, y - width) : y + h + width, max(0, x - width) : x + w + width]
        mine = labels[box] == i
        near = cv2.dilate(mine.astype(np.uint8), np.ones((width | 1, width | 1), np.uint8)) > 0
        held = near & solid[box]
        if int(held.sum()) < width:
            continue
        kept[i] = True
        rim = cv2.dilate(mine.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        out[box] = np.where(rim, np.maximum(float(np.median(disparity[box][held])), out[box]), out[box])
    if not kept.any():
        return none, disparity
    mask = cv2.dilate(kept[labels].astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7), np.float32), out


def _lines(photo: UInt8, inside: NDArray[np.bool_], width: int) -> UInt8:
    """(H, W) of 0 and 1: narrower than `width` and unlike the sky on both sides."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width | 1, width | 1))
    apart = np.zeros(photo.shape[:2], np.uint8)
    for channel in cv2.split(photo):
        for how in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
            apart = np.maximum(apart, np.asarray(cv2.morphologyEx(channel, how, kernel), np.uint8))
    counts = np.cumsum(cv2.calcHist([apart], [0], inside.view(np.uint8), [256], [0, 256]))
    grain = int(np.searchsorted(counts, counts[-1] / 2))  # the median
    return np.asarray(inside & (apart > max(_CONTRAST, _NOISE * grain)), np.uint8)
