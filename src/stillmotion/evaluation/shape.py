"""Holes and stretched places: what a moved picture does not show, or shows as rubber. Knows exact buffers, or a flow.

stretch share: part of the visible pixels where the largest singular value of the Jacobian of the map from photo to
    frame exceeds 1.5 times the zoom of the whole (own limit; the measure is the usual one of image warping).
hole share: from exact buffers, the part of a frame that the photo did not show. For a foreign video it is estimated:
    pixels that lie on one flat colour in the frame but on texture in the photo.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.warping import warp
from stillmotion.types import Drawn, Float32, UInt8

STRETCH_LIMIT = 1.5
_FLAT_LEVELS = 2
_TEXTURED_LEVELS = 6  # less may be grain that a codec or an enlargement takes away


def painted_share(drawn: Drawn) -> float:
    """The part of an exact frame that the photo did not show, in [0, 1]."""
    return float(drawn.painted.mean())


def stretch_share(drawn: Drawn, *, limit: float = STRETCH_LIMIT, zoom: float = 1.0) -> float:
    """The part of the visible photo pixels of an exact frame that are stretched more than `limit` times `zoom`."""
    weight = float(drawn.visible.sum())
    return 0.0 if weight == 0 else float(((drawn.stretch > limit * zoom) * drawn.visible).sum()) / weight


def stretch_of(back: Float32) -> tuple[Float32, float]:
    """Stretch (H, W) of a frame by its flow (H, W, 2) back to the photo, and the zoom of the whole (the median).

    The Jacobian of the map frame -> photo is I + ∇F; the largest singular value of its inverse is one over its
    smallest. The flow is smoothed (sigma 2 px), for an estimated flow is rough.
    """
    smooth = cv2.GaussianBlur(back, (0, 0), 2.0)
    a = 1 + np.gradient(smooth[..., 0], axis=1)
    b = np.gradient(smooth[..., 0], axis=0)
    c = np.gradient(smooth[..., 1], axis=1)
    d = 1 + np.gradient(smooth[..., 1], axis=0)
    half = 0.5 * (a * a + b * b + c * c + d * d)
    smallest = np.sqrt(np.maximum(half - np.sqrt(np.maximum(half * half - (a * d - b * c) ** 2, 0)), 1e-6))
    return (1 / smallest).astype(np.float32), float(np.median(1 / smallest))


def estimated_stretch_share(back: Float32, *, limit: float = STRETCH_LIMIT) -> float:
    """The part of a foreign frame stretched more than `limit` times the zoom of the whole, by its flow to the photo."""
    _, inside = warp(back[..., :1].copy(), back)
    stretch, zoom = stretch_of(back)
    return float((stretch > limit * zoom)[inside].mean()) if inside.any() else 0.0


def estimated_hole_share(photo: UInt8, frame: UInt8, back: Float32) -> float:
    """The part of a foreign frame that lies on one flat colour where the photo has texture.

    Args:
        photo, frame: (H, W, 3) uint8 of one size.
        back: (H, W, 2) flow from the frame to the photo.
    """
    textured, inside = warp((~_flat(photo, _TEXTURED_LEVELS)).astype(np.float32), back)
    holes = _flat(frame) & ((textured > 0.5) | ~inside)
    return float(holes.mean())


def _flat(picture: UInt8, levels: int = _FLAT_LEVELS) -> NDArray[np.bool_]:
    """(H, W) where the 7 x 7 surroundings differ by no more than so many levels in any channel."""
    window = np.ones((7, 7), np.uint8)
    spread = cv2.subtract(cv2.dilate(picture, window), cv2.erode(picture, window))
    red, green, blue = cv2.split(spread)
    return np.asarray(cv2.max(cv2.max(red, green), blue)) <= levels
