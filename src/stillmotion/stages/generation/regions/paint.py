"""Paint the place that a thing leaves: colour and depth of what lies around it, carried on beneath it.

colour   as holes of any picture are painted
depth    the smooth continuation, never nearer than the thing was
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.models.smooth import continued
from stillmotion.stages.generation.painting.paint import paint
from stillmotion.types import Float32, UInt8

_RIM = 1 / 160  # of the width around the mask that may carry the thing's colour


def paint_behind(
    photo: UInt8, depth: Float32, mask: Float32, *, dear: NDArray[np.bool_] | None = None
) -> tuple[UInt8, Float32]:
    """(H, W, 3) and (H, W) without what lies under `mask` (H, W, in [0, 1]); unchanged away from it.

    What is `dear` (H, W) should not be seen twice.
    """
    width = mask.shape[1]
    radius = max(2, round(_RIM * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    hole = cv2.dilate((mask > 0.02).astype(np.uint8), kernel)
    if not hole.any():
        return photo, depth
    known = 1.0 - hole.astype(np.float32)
    if not known.any():
        return photo, depth
    colour = paint(photo, hole > 0, dear=dear).picture
    share = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 0.5 * radius)
    share = np.maximum(share, cv2.dilate((mask > 0.02).astype(np.float32), np.ones((3, 3), np.uint8)))
    far = continued(1.0 / depth[..., None], known)[..., 0]
    nearness = np.minimum(far, 1.0 / depth)
    new = 1.0 / np.maximum(1.0 / depth + (nearness - 1.0 / depth) * share, 1e-6)
    return colour, np.asarray(new, np.float32)
