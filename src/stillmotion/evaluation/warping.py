"""Warping error: whether things keep their looks while they move. Knows pairs of frames and their flows.

Formula (Lai et al. 2018, evaluation code), images in [0, 1]:
    E_warp = 1/(T−1) Σ_t [ Σ_p m(p) (w(I_t, F_{t−1→t})(p) − I_{t−1}(p))² / Σ_p m(p) ],  m over pixels and channels
with w a bilinear backward warp and m = 0 where occluded: |F̃_f + F_b|² > 0.01 (|F̃_f|² + |F_b|²) + 0.5, where F̃_f is the
other flow warped to this frame, or at motion boundaries: |∇u|² + |∇v|² > 0.01 |F_b|² + 0.002. Magnitudes are squared.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.picture import check_same_size
from stillmotion.types import Float32, UInt8


def warp(picture: Float32, flow: Float32) -> tuple[Float32, NDArray[np.bool_]]:
    """The picture (H, W[, C]) pulled back along a flow (H, W, 2), and where (H, W) the flow stays inside the frame."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x + flow[..., 0], y + flow[..., 1]
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    moved = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32), inside


def visible(flow: Float32, back: Float32) -> NDArray[np.bool_]:
    """Which pixels of a frame (H, W) can be seen in the other, from the flow to it and the flow back from it."""
    returned, inside = warp(back, flow)
    size = _squared(flow)
    hidden = _squared(returned + flow) > 0.01 * (_squared(returned) + size) + 0.5
    bent = np.zeros_like(size)
    bent[:-1] = _squared(flow[1:] - flow[:-1])
    bent[:, :-1] += _squared(flow[:, 1:] - flow[:, :-1])
    boundary = bent > 0.01 * size + 0.002
    return np.asarray(inside & ~hidden & ~boundary)


def _squared(vectors: Float32) -> Float32:
    """(H, W) squared lengths of (H, W, 2)."""
    x, y = vectors[..., 0], vectors[..., 1]
    return np.asarray(x * x + y * y, dtype=np.float32)


def pair_error(before: UInt8, after: UInt8, flow: Float32, back: Float32) -> float | None:
    """The warping error of one pair of frames from the flows between them; None when nothing is seen in both.

    Args:
        flow: (H, W, 2) from `before` to `after`.
        back: (H, W, 2) from `after` to `before`.
    """
    check_same_size(before, after)
    seen = visible(flow, back)
    if not seen.any():
        return None
    moved, _ = warp(after.astype(np.float32) / np.float32(255), flow)
    return float(np.mean((moved - before.astype(np.float32) / 255)[seen] ** 2))
