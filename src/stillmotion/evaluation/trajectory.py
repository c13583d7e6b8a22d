"""Camera trajectories compared: RotErr, TransErr, CamMC. Knows poses only.

Formulas (Zheng et al. 2024, CamI2V, evaluation code), over F poses R_i, t_i (world-to-camera, relative to frame 0):
    RotErr   = Σ arccos((tr(R_iᵍᵗᵀ R_i) − 1) / 2)            radians
    TransErr = Σ ‖t_iᵍᵗ − t_i‖                               each trajectory divided by its own largest ‖t‖
    CamMC    = Σ ‖[R|t]_iᵍᵗ − [R|t]_i‖_F                     with the same t
The published numbers are for F = 16. One thing is added, as it divides by nothing otherwise: a trajectory whose largest
‖t‖ is below `STILL` (in its own units) counts as a camera that stays in its place, and its t as zero; beside a wanted
path that stays, a found one may wander `WANDER` times as far, for it is found from noisy points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillmotion.errors import InputError
from stillmotion.types import Float64

WANDER = 4.0
STILL = 5e-3  # pivot units: half a percent of the distance to the subject


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryError:
    """Distance of one camera path from another."""

    rot_err: float  # radians, summed over the poses
    trans_err: float  # in largest steps of the path, summed
    cam_mc: float


def relative(poses: Sequence[Float64]) -> Float64:
    """(F, 4, 4) poses with the first one as the world."""
    stacked = np.asarray(poses, dtype=np.float64)
    return np.asarray(stacked @ np.linalg.inv(stacked[0]))


def rotation_angle(one: Float64, other: Float64) -> float:
    """Radians between two rotations (3, 3); by sine and cosine, so that small angles keep their digits."""
    turn = one.T @ other
    sine = 0.5 * np.linalg.norm([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    return float(np.arctan2(sine, (np.trace(turn) - 1) / 2))


def trajectory_error(wanted: Sequence[Float64], found: Sequence[Float64], *, still: float = STILL) -> TrajectoryError:
    """RotErr, TransErr and CamMC of a found path against the wanted one; (4, 4) world-to-camera each.

    Raises:
        InputError: the paths differ in length or are empty.
    """
    if len(wanted) != len(found) or not len(wanted):
        raise InputError(f"Camera paths of {len(wanted)} and {len(found)} poses cannot be compared; sample both alike.")
    a, b = relative(wanted), relative(found)
    ta = _unit_scale(a[:, :3, 3], still)
    tb = _unit_scale(b[:, :3, 3], still if ta.any() else WANDER * still)
    rot = sum(rotation_angle(p[:3, :3], q[:3, :3]) for p, q in zip(a, b, strict=True))
    both = np.concatenate([a[:, :3, :3] - b[:, :3, :3], (ta - tb)[..., None]], axis=2)
    return TrajectoryError(
        rot_err=rot,
        trans_err=float(np.linalg.norm(ta - tb, axis=1).sum()),
        cam_mc=float(np.linalg.norm(both, axis=(1, 2)).sum()),
    )


def _unit_scale(translations: Float64, still: float) -> Float64:
    largest = np.linalg.norm(translations, axis=1).max()
    return np.zeros_like(translations) if largest < still else translations / largest
