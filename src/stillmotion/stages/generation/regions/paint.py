"""Paint the place that a thing leaves: colour and depth of what lies around it, carried on beneath it.

    colour   the nearest texture around, shifted in (shift maps), on the smooth continuation of the surroundings
    depth    the smooth continuation, never nearer than the thing was
Source: shift-map image editing (Pritch et al., ICCV 2009) as in OpenCV's xphoto; push-pull (Gortler et al., 1996).
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.types import Float32, UInt8

_SIDE = 420  # the texture is found at this width: larger repeats grow too slow to search
_RIM = 1 / 160  # of the width around the mask that may carry the thing's colour


def paint_behind(photo: UInt8, depth: Float32, mask: Float32) -> tuple[UInt8, Float32]:
    """(H, W, 3) and (H, W) without what lies under `mask` (H, W, in [0, 1]); unchanged away from it."""
    width = mask.shape[1]
    radius = max(2, round(_RIM * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    hole = cv2.dilate((mask > 0.02).astype(np.uint8), kernel)
    if not hole.any():
        return photo, depth
    known = 1.0 - hole.astype(np.float32)
    if not known.any():
        return photo, depth
    base = _continued(photo.astype(np.float32), known)
    painted = base + _detail(photo, hole, base)
    share = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 0.5 * radius)
    share = np.maximum(share, cv2.dilate((mask > 0.02).astype(np.float32), np.ones((3, 3), np.uint8)))[..., None]
    colour = np.clip(np.rint(photo + (painted - photo) * share), 0, 255).astype(np.uint8)
    far = _continued(1.0 / depth[..., None], known)[..., 0]
    nearness = np.minimum(far, 1.0 / depth)
    new = 1.0 / np.maximum(1.0 / depth + (nearness - 1.0 / depth) * share[..., 0], 1e-6)
    return colour, np.asarray(new, np.float32)


def _continued(field: Float32, known: Float32) -> Float32:
    """(H, W, C) where unknown: a smooth continuation of what is known."""
    values, weights = [field * known[..., None]], [known]
    while min(weights[-1].shape) > 2:
        down = cv2.pyrDown(values[-1])
        values.append(down if down.ndim == 3 else down[..., None])
        weights.append(cv2.pyrDown(weights[-1]))
    filled = values[-1] / np.maximum(weights[-1], 1e-6)[..., None]
    for value, weight in zip(reversed(values[:-1]), reversed(weights[:-1]), strict=True):
        above = cv2.resize(filled, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR)
        above = above if above.ndim == 3 else above[..., None]
        trust = np.minimum(weight * 4, 1)[..., None]
        filled = value / np.maximum(weight, 1e-6)[..., None] * trust + above * (1 - trust)
    return np.asarray(filled, np.float32)


def _detail(photo: UInt8, hole: UInt8, base: Float32) -> Float32:
    """(H, W, 3) what a patch of the surroundings adds to the smooth continuation."""
    height, width = hole.shape
    scale = min(1.0, _SIDE / width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    closed = cv2.resize(hole, size, interpolation=cv2.INTER_NEAREST)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    out = np.zeros_like(lab)
    cv2.xphoto.inpaint(lab, ((1 - closed) * 255).astype(np.uint8), out, cv2.xphoto.INPAINT_SHIFTMAP)
    found = np.asarray(cv2.cvtColor(out, cv2.COLOR_LAB2RGB), np.float32)
    large = cv2.resize(found, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large - base, np.float32)
