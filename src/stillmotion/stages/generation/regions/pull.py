"""A soft footprint: what lies under a mask is pulled along a path like cloth, and its surroundings give way."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.plan import Track
from stillmotion.stages.generation.regions.path import Steps, steps_of
from stillmotion.stages.generation.regions.plate import Plate, thin
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.types import Float32

_FADE = 1.3  # of the way, the width over which the pull dies out: the slope stays below one, nothing folds


@dataclass(frozen=True, slots=True)
class Pull:
    """How much of the path each place takes part in."""

    envelope: Float32  # (h, w) in [0, 1] on the low grid
    steps: Steps
    size: tuple[int, int]  # canvas width, height in pixels

    def at(self, t: float) -> Float32:
        """(h, w, 3) where each place fetches from at plan time t, as displacement in plate pixels; no light."""
        x, y, _ = self.steps(t)
        back = np.array([-x * self.size[0], -y * self.size[1], 0], np.float32)
        return np.asarray(self.envelope[..., None] * back, np.float32)


def make_pull(plate: Plate, mask: Float32, track: Track, *, rhythm: Rhythm, step: int) -> Pull:
    """The pull on what lies under the mask."""
    width, height = plate.canvas
    first = track.points[0].at
    far = max(float(np.hypot((p.at[0] - first[0]) * width, (p.at[1] - first[1]) * height)) for p in track.points)
    low = thin(mask, step)
    sigma = max(1.0, _FADE * far / step)
    grown = cv2.dilate(low, np.ones((2 * round(sigma) + 1,) * 2, np.uint8))
    soft = cv2.GaussianBlur(grown, (0, 0), sigma)
    return Pull(envelope=np.asarray(soft, np.float32), steps=steps_of(track, rhythm), size=(width, height))
