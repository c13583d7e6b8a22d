"""A fill laid into its hole without a seam: the photo's own pixels stay as they are, the fill is shifted to meet them.

The fill's gradients are kept; its values are moved by the membrane that holds, along the border, what the photo has
more than the fill. Where a hole borders on what must not be looked at (a thing in front) it is not held.
Source: Poisson image editing (Perez et al., 2003), seen as an offset membrane (Farbman et al., 2009).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.models.smooth import continued
from stillmotion.stages.generation.painting.holes import ring
from stillmotion.types import Float32, UInt8

RIM = 3
"""Pixels of the photo along the border that hold the membrane: one would carry its noise inwards."""

_SWEEPS = 2
_LARGE = 40_000  # pixels
_MOST = 48.0  # levels: more is no difference in light but an edge, and would bleed inwards
_EVEN = 1.5  # pixels along the border over which the difference is evened


def blended(fill: Float32, picture: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_]) -> Float32:
    """(h, w, 3) the picture (h, w, 3), and `inside` (h, w) the fill (h, w, 3) moved to meet what is `known` (h, w).

    The fill has to reach `RIM` pixels beyond the hole: what it has there is held against the photo.
    """
    photo = picture.astype(np.float32)
    held = ring(inside, known, RIM).astype(np.float32)
    out = photo.copy()
    out[inside] = fill[inside]
    if held.any():
        out[inside] += _membrane((photo - fill) * held[..., None], held)[inside]
    return np.clip(out, 0, 255).astype(np.float32)


def _membrane(offset: Float32, held: Float32) -> Float32:
    """(h, w, 3) an offset, evened along where it is `held` (h, w), smooth elsewhere; large ones at half the size."""
    height, width = held.shape
    half = height * width > _LARGE
    if half:
        size = (-(-width // 2), -(-height // 2))
        held, offset = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (held, offset))
    even = _EVEN / 2 if half else _EVEN
    share = np.maximum(cv2.GaussianBlur(held, (0, 0), even), 1e-3)[..., None]
    offset = _MOST * np.tanh(cv2.GaussianBlur(offset, (0, 0), even) / share / _MOST)
    found = continued(np.asarray(offset, np.float32), (held > 0).astype(np.float32), sweeps=_SWEEPS)
    return np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR) if half else found, np.float32)
