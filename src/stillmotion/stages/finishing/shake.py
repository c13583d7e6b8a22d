"""How the camera moved from frame to frame, as a similarity: shift, turn, zoom. Knows frames, no paths.

Corners followed by Lucas-Kanade on small copies, RANSAC for the similarity that most of them obey. A similarity has no
shear and no perspective, so that the skew of a rolling shutter cannot leak into the path as a tilt.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.evaluation.tracks import corners, follow
from stillmotion.types import Float64, UInt8

_SIDE = 640
_POINTS = 300
_LEAST = 12  # tracks below which nothing is said
STILL: Float64 = np.zeros(4)


class ShakeMeter:
    """Given the frames of a video one by one, tells the motion from the frame before.

    Motions are (x, y, angle, log zoom): where the middle of the frame goes in pixels, turned by radians (clockwise as
    seen), and enlarged.
    """

    def __init__(self, width: int, height: int) -> None:
        self._scale = min(1.0, _SIDE / max(width, height))
        self._small = (round(width * self._scale), round(height * self._scale))
        self._last: UInt8 | None = None

    def __call__(self, frame: UInt8) -> Float64 | None:
        """The motion (4,) since the last frame, None where it cannot be told; take the frame (H, W, 3)."""
        now = np.asarray(cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), self._small, interpolation=cv2.INTER_AREA))
        last, self._last = self._last, now
        return STILL if last is None else self._between(last, now)

    def _between(self, last: UInt8, now: UInt8) -> Float64 | None:
        points = corners(last, count=_POINTS)
        ends, kept = follow(last, now, points)
        if kept.sum() < _LEAST:
            return None
        middle = (np.array(self._small) - 1) / 2
        cv2.setRNGSeed(0)
        matrix, inliers = cv2.estimateAffinePartial2D(
            points[kept] - middle, ends[kept] - middle, method=cv2.RANSAC, ransacReprojThreshold=1.5
        )
        if matrix is None or inliers.sum() < _LEAST:
            return None
        a, b = matrix[0, 0], matrix[1, 0]
        shift = matrix[:, 2] / self._scale
        return np.array([shift[0], shift[1], np.arctan2(b, a), np.log(np.hypot(a, b))])
