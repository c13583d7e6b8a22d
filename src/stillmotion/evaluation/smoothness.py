"""Smoothness of the motion: jitter of the centre and jerk. Knows the steps of tracked points only.

jitter: tracks between neighbouring frames, a similarity fitted to each step, the shift of the frame's centre under it;
    rms over the clip of the change of that shift from step to step, px (the measure of our comparison of tools).
jerk: rms third derivative of the centre's path, in frame widths per s³ (Flash & Hogan 1985 minimise its square).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from stillmotion.evaluation.tracks import Step
from stillmotion.types import Float64


def similarity(step: Step) -> Float64 | None:
    """(2, 3) the turn, zoom and shift of a step (least squares on RANSAC's inliers at 1 px); None: too few points."""
    if len(step.ids) < 4:
        return None
    cv2.setRNGSeed(0)
    matrix, _ = cv2.estimateAffinePartial2D(step.before, step.after, method=cv2.RANSAC, ransacReprojThreshold=1.0)
    return None if matrix is None else np.asarray(matrix, dtype=np.float64)


def centre_shift(matrix: Float64, *, width: int, height: int) -> Float64:
    """(2,) how far the frame's centre goes under a (2, 3) map, px."""
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.asarray(matrix[:, :2] @ centre + matrix[:, 2] - centre)


def jitter(shifts: Sequence[Float64]) -> float:
    """Rms change of the centre's shift from one step to the next, px."""
    if len(shifts) < 2:
        return 0.0
    change = np.diff(np.asarray(shifts), axis=0)
    return float(np.sqrt(np.mean(np.sum(change**2, axis=1))))


def roughness(shifts: Sequence[Float64], *, window: int = 7) -> float:
    """Rms distance of the centre's shifts from their own smooth course (a running parabola), px.

    Unlike `jitter` it does not count wanted acceleration, so that it also judges eased and handheld moves.
    """
    if len(shifts) < window:
        return 0.0
    values = np.asarray(shifts, dtype=np.float64)
    x = np.arange(window) - window // 2
    design = np.stack([np.ones(window), x, x**2], axis=1)
    keep = np.eye(window)[window // 2] - design[window // 2] @ np.linalg.pinv(design)
    windows = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)  # (n, 2, window)
    return float(np.sqrt(np.mean(np.sum((windows @ keep) ** 2, axis=1))))


def jerk(shifts: Sequence[Float64], *, fps: float, width: int) -> float:
    """Rms third derivative of the centre's path, frame widths per second cubed; the path is the sum of the shifts."""
    if len(shifts) < 3:
        return 0.0
    third = np.diff(np.asarray(shifts), n=2, axis=0) * fps**3 / width
    return float(np.sqrt(np.mean(np.sum(third**2, axis=1))))
