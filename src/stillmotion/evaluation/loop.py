"""The seam of a loop: whether the end meets the beginning. Knows frame differences only.

Formula (own): |I_0 − I_{N−1}| over the larger of the median of |I_{t+1} − I_t| and the mean of the first and the last
of them, each the mean of the largest 5 % of the absolute differences: where something moves. A loop never repeats its
first frame, so that a perfect one has a seam of about 1: the step over the end is like those beside it. The pictures
are small copies, in which most of a codec's grain is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from stillmotion.types import UInt8

LEAST_STEP = 4.0  # levels: a loop that hardly moves is not held to less, for a codec's key frames differ by as much
_TOP_SHARE = 0.05


def loop_step(one: UInt8, other: UInt8) -> float:
    """Mean of the largest 5 % of |one − other| in levels, of two small copies (h, w, 3)."""
    change = cv2.absdiff(one, other).mean(axis=2).ravel()
    top = max(1, round(_TOP_SHARE * change.size))
    return float(np.partition(change, -top)[-top:].mean())


def loop_seam(closing_step: float, steps: Sequence[float]) -> float:
    """The step from the last frame to the first, over a usual step and those beside it; all in levels."""
    usual = max(float(np.median(steps)), (steps[0] + steps[-1]) / 2) if len(steps) else 0.0
    return closing_step / max(usual, LEAST_STEP)
