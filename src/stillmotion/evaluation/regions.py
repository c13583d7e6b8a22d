"""Motion of a region of the picture, freed from the camera's: whither and how fast. Knows vectors and points only.

direction error: angle between the commanded and the measured vector (mod 180 degrees for a motion to and fro).
speed ratio: measured over commanded length. The measured vector is the median over the region's points of what the
tracks moved beyond what the camera moves them (the camera-compensated flow of region-control work, e.g. Motion-I2V).
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from stillmotion.types import Float64, UInt8

_CORNER, _LEAST_CORNERS = 3e-4, 8


def own_motion(moved: Float64, carried: Float64) -> Float64:
    """(2,) the median own motion of points: where they went (N, 2) less where the camera took their places (N, 2)."""
    return np.asarray(np.median(moved - carried, axis=0))


def plan_vector(direction_deg: float, speed: float) -> Float64:
    """(2,) in picture axes (y down) of a plan's direction: 0 right, 90 up."""
    angle = math.radians(direction_deg)
    return speed * np.array([math.cos(angle), -math.sin(angle)])


def direction_error_deg(commanded: Float64, measured: Float64, *, axis_only: bool = False) -> float:
    """Degrees between two vectors (2,), 0 .. 180; 0 .. 90 when only the axis counts. 180 (90) when nothing moved."""
    if not np.any(measured):
        return 90.0 if axis_only else 180.0
    cross = commanded[0] * measured[1] - commanded[1] * measured[0]
    angle = abs(math.degrees(math.atan2(float(cross), float(commanded @ measured))))
    return min(angle, 180 - angle) if axis_only else angle


def speed_ratio(commanded: Float64, measured: Float64) -> float:
    """Measured over commanded length; infinite when rest was commanded and something moved."""
    wanted, found = float(np.linalg.norm(commanded)), float(np.linalg.norm(measured))
    if wanted == 0:
        return 1.0 if found == 0 else math.inf
    return found / wanted


def principal_axis(velocities: Float64) -> Float64:
    """(2,) the axis of a motion to and fro, as long as its rms speed along it, from velocities (T, 2)."""
    if len(velocities) == 0:
        return np.zeros(2)
    values, vectors = np.linalg.eigh(velocities.T @ velocities / len(velocities))
    return np.asarray(vectors[:, -1] * math.sqrt(max(float(values[-1]), 0.0)))


def is_plain(picture: UInt8, mask: UInt8) -> bool:
    """Whether a part (mask > 0) of a grey picture (H, W) shows too little for its motion to be seen.

    That is when it has fewer than eight corners (Shi & Tomasi, 5 x 5) of strength 3e-4, no two of them in one block of
    8 x 8 px: a clear sky, a mirror of water, a wall, a speck.
    """
    strength = cv2.cornerMinEigenVal(picture, 5)
    rows, columns = np.nonzero((strength > _CORNER) & (mask > 0))
    return len(set(zip((rows // 8).tolist(), (columns // 8).tolist(), strict=True))) < _LEAST_CORNERS
