"""The soft rim of a mask, laid along the photo's own edges. Knows a mask and a picture; not what the mask is of."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.types import Float32, UInt8


def soften(mask: Float32, photo: UInt8, *, feather_px: float) -> Float32:
    """Give a mask a soft rim that follows the photo's colour edges within `feather_px` of where it was.

    Source: guided filter (He, Sun, Tang 2013), held between the mask's erosion and dilation.
    """
    if feather_px < 0.5:
        return np.clip(mask, 0, 1).astype(np.float32)
    radius = max(2, round(feather_px))
    lead = cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.35 * feather_px))
    guided = cv2.ximgproc.guidedFilter(photo, lead, radius, (0.05 * 255) ** 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    held = np.clip(guided, cv2.erode(lead, kernel), cv2.dilate(lead, kernel))
    clean = (held - 0.04) / 0.92  # the filter's last percents would be a veil over the whole window
    return np.asarray(np.clip(clean, 0, 1), np.float32)
