"""The seam of a loop: whether the end meets the beginning. Knows frame differences only.

Formula (own): |I_0 − I_{N−1}| over the median of |I_{t+1} − I_t|, all as mean absolute differences. A loop never
repeats its first frame, so that a perfect one has a seam of about 1: the step over the end is a step like any other.
The pictures are small copies, in which the grain of a codec, whose key frames differ from the frames before, is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEAST_STEP = 0.5  # levels: a loop that hardly moves is not held to less


def loop_seam(closing_step: float, steps: Sequence[float]) -> float:
    """The step from the last frame to the first, over the median step; both in levels."""
    return closing_step / max(float(np.median(steps)) if len(steps) else 0.0, LEAST_STEP)
