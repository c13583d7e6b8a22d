"""Flicker, flashes and cuts: how a video changes from frame to frame. Knows frame differences only.

temporal flickering (Huang et al. 2024, VBench): (255 − mean |I_{t+1} − I_t|) / 255, meant for a static scene.
pumping (own): rms over t of the second difference of the mean luma, in levels. A camera move changes the mean steadily,
    so that its second difference is small; light that pumps from frame to frame does not.
jump (own): the largest step |I_{t+1} − I_t| over the median of the four steps around it (at least one level). About 1
    for any smooth motion; a cut, a flash or a lost stretch of frames stands out.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from stillmotion.evaluation.picture import check_same_size
from stillmotion.types import UInt8

LEAST_STEP = 1.0  # levels: below it a step is the codec's


def step_size(before: UInt8, after: UInt8) -> float:
    """Mean absolute difference of two frames, in levels 0 .. 255.

    Raises:
        InputError: the sizes differ.
    """
    check_same_size(before, after)
    return float(cv2.norm(before, after, cv2.NORM_L1)) / before.size


def temporal_flickering(steps: Sequence[float]) -> float:
    """VBench's score from the step sizes of a video: 1 when nothing changes."""
    return 1.0 if not len(steps) else (255 - float(np.mean(steps))) / 255


def pumping(mean_luma: Sequence[float]) -> float:
    """How unsteady the light is, in levels, from the mean luma of every frame."""
    return 0.0 if len(mean_luma) < 3 else float(np.sqrt(np.mean(np.diff(mean_luma, n=2) ** 2)))


def jump(steps: Sequence[float]) -> tuple[float, int]:
    """The largest step relative to those around it, and the index of the frame it leads to."""
    if len(steps) < 3:
        return 1.0, 0
    values = np.asarray(steps, dtype=np.float64)
    around = [np.median(np.concatenate([values[max(0, i - 2) : i], values[i + 1 : i + 3]])) for i in range(len(values))]
    relative = values / np.maximum(around, LEAST_STEP)
    worst = int(relative.argmax())
    return float(relative[worst]), worst + 1
