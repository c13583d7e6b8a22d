"""Track error: how far points are from where they were told to be (ObjMC). Knows points only.

Formula (Wang et al. 2023, MotionCtrl): ObjMC = mean over frames and points of the Euclidean distance in px between the
commanded and the tracked point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import InputError
from stillmotion.types import Float64


def obj_mc(commanded: Float64, tracked: Float64, *, seen: NDArray[np.bool_] | None = None) -> float:
    """Mean distance in px between two sets of tracks (..., 2); `seen` (...): which of them could be tracked.

    Raises:
        InputError: shapes differ, or nothing was seen.
    """
    if commanded.shape != tracked.shape:
        raise InputError(f"Tracks of shape {commanded.shape} and {tracked.shape} do not pair up; sample both alike.")
    distance = np.linalg.norm(commanded - tracked, axis=-1)
    kept = np.isfinite(distance) if seen is None else np.isfinite(distance) & seen
    if not kept.any():
        raise InputError("No commanded point could be tracked; the track error is unknown.")
    return float(distance[kept].mean())
