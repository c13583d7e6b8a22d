"""Watches the light of a video while its frames pass: steps, mean luma, flashes, seam, drift. Knows no plan."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from stillmotion.evaluation.drift import (
    Drift,
    aligned,
    distance,
    look,
    per_second,
    sharpness,
    without_parallax,
)
from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.evaluation.flicker import jump, pumping, step_size, temporal_flickering
from stillmotion.evaluation.loop import loop_seam, loop_step
from stillmotion.evaluation.picture import grey, shrink
from stillmotion.types import Float64, UInt8

GLANCE_SIDE = 160  # of the small copies in which seams are seen
GREY_WEIGHTS = 0.299, 0.587, 0.114


class LightWatch:
    """Frame-to-frame changes; holds the last frame, and small copies of it and of the first."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.luma: list[float] = []
        self._last: UInt8 | None = None
        self._small_steps: list[float] = []
        self._small: tuple[UInt8, UInt8] | None = None  # of the first and of the last frame

    def see(self, frame: UInt8) -> None:
        """Take the next frame (H, W, 3)."""
        mean = cv2.mean(frame)
        self.luma.append(sum(w * level for w, level in zip(GREY_WEIGHTS, mean[:3], strict=True)))
        if self._last is not None:
            self.steps.append(step_size(self._last, frame))
        self._last = frame
        small = shrink(frame, long_side=GLANCE_SIDE)
        if self._small is None:
            self._small = small, small
        else:
            self._small_steps.append(loop_step(self._small[1], small))
            self._small = self._small[0], small

    def flicker(self) -> float:
        """VBench's temporal flickering."""
        return temporal_flickering(self.steps)

    def pumping(self) -> float:
        """Unsteadiness of the mean luma, levels."""
        return pumping(self.luma)

    def jump(self) -> tuple[float, int]:
        """The step that stands out most, over those around it, and the frame it leads to."""
        return jump(self.steps)

    def seam(self) -> float | None:
        """The step from the last frame back to the first over the median step; None for fewer than three frames."""
        if self._small is None or len(self._small_steps) < 2:
            return None
        return loop_seam(loop_step(*self._small), self._small_steps)


class DriftWatch:
    """Distance of the look from frame 0's, at the times it is asked to look."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.found: list[Drift] = []
        self._first: tuple[UInt8, UInt8] | None = None
        self._dis = Dis()

    def see(self, frame: UInt8, small: UInt8, homography: Float64 | None, time: float) -> None:
        """Look at a frame (H, W, 3), its small copy (h, w, 3) and the map (3, 3) from frame 0 to it at the small size.

        Colour and contrast are read from the small copy, sharpness from the frame itself.
        """
        if self._first is None:
            self._first = grey(frame), small
            return
        first, first_small = self._first
        reference, overlap = aligned(first_small, small, homography)
        wide = None if homography is None else _enlarged(homography, frame.shape[1] / small.shape[1])
        sharp, sharp_overlap = aligned(first, grey(frame), wide)
        if overlap.mean() < 0.1 or sharp_overlap.mean() < 0.1:
            return
        reference = without_parallax(reference, small, self._dis)
        now = replace(look(small, overlap), sharpness=sharpness(grey(frame), sharp_overlap))
        then = replace(look(reference, overlap), sharpness=sharpness(sharp, sharp_overlap))
        self.times.append(time)
        self.found.append(distance(now, then))

    def per_second(self) -> Drift | None:
        """The drift per second; None when nothing could be compared."""
        return per_second(self.times, self.found) if self.times else None


def _enlarged(homography: Float64, factor: float) -> Float64:
    """The same plane map on a picture `factor` times as large (pixel centres on whole coordinates)."""
    half = (factor - 1) / 2
    up = np.array([[factor, 0, half], [0, factor, half], [0, 0, 1]])
    return np.asarray(up @ homography @ np.linalg.inv(up))
