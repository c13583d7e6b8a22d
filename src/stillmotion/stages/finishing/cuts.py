"""Scene cuts: whether two neighbouring frames show the same scene. Knows two thumbnails.

The second is read along the motion from the first, and the two are correlated after their local mean and contrast are
taken out: a fast pan still correlates, a flash does too, another scene does not.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.stages.finishing.flow import grid
from stillmotion.types import Float32, UInt8

_SIDE = 128
_ALIKE = 0.4  # correlation below which two frames are different scenes: neighbours in 207 clips measured 0.55 to 1,
# the ends of clips of different videos (498 pairs) below 0.35
_FLAT = 2.0  # levels of contrast that count as nothing


class CutFinder:
    """Given the frames of a video one by one, says of each whether a new scene begins with it."""

    def __init__(self) -> None:
        self._dis = Dis()
        self._last: UInt8 | None = None
        self.count = 0

    def __call__(self, frame: UInt8) -> bool:
        """Take the next frame (H, W, 3)."""
        scale = _SIDE / max(frame.shape[:2])
        size = (max(32, round(frame.shape[1] * scale)), max(32, round(frame.shape[0] * scale)))
        now = np.asarray(cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA))
        last, self._last = self._last, now
        found = last is not None and _other_scene(last, now, self._dis)
        self.count += found
        return found


def _other_scene(last: UInt8, now: UInt8, dis: Dis) -> bool:
    if cv2.norm(last, now, cv2.NORM_L1) / now.size < 4:
        return False
    flow = dis(last, now)
    x, y = grid(*last.shape)
    moved = cv2.remap(now, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    one, other = _plain(last), _plain(np.asarray(moved))
    return float((one * other).mean() / np.sqrt((one * one).mean() * (other * other).mean() + 1e-6)) < _ALIKE


def _plain(picture: UInt8) -> Float32:
    """Without local mean and contrast."""
    values = picture.astype(np.float32)
    values -= cv2.GaussianBlur(values, (0, 0), 8)
    values /= np.sqrt(cv2.GaussianBlur(values * values, (0, 0), 8)) + _FLAT
    return np.asarray(values, dtype=np.float32)
