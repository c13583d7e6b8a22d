"""Frames of the canvas from the geometry's and the network's: known pixels stay, what was painted is corrected.

    network's frame - the guide's, coded likewise ─▶ correction, where there is paint ─▶ enlarged ─▶ + geometry's frame

Both small frames went through the same autoencoder, so what it loses cancels out, and where the network agrees with the
geometry nothing changes: the texture of the full frame stays.

Legend: H x W canvas, h x w the network's pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.stages.generation.nano.guide import Shot
from stillmotion.types import Float32, UInt8

_SOFT = 1.5  # network's pixels by which the rim of the paint is softened


def corrected(shot: Shot, drawn: Float32, guide: Float32) -> UInt8:
    """The full frame (H, W, 3); `drawn` and `guide` (h, w, 3) in [0, 1] are the network's and the geometry's."""
    if not shot.paint.any():
        return shot.frame
    inside = np.minimum(cv2.GaussianBlur(shot.paint, (0, 0), _SOFT), 1) * (shot.paint > 0)
    change = (drawn - guide) * (255 * inside[..., None])
    height, width = shot.frame.shape[:2]
    wide = cv2.resize(change.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(np.rint(shot.frame + wide), 0, 255), np.uint8)


def enlarged(drawn: Float32, width: int, height: int) -> UInt8:
    """The network's frame (h, w, 3) in [0, 1] at the size of the canvas."""
    wide = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.asarray(np.clip(np.rint(255 * wide), 0, 255), np.uint8)
