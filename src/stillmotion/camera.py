"""The camera of a plan at any time t: easing, splines, orbit, handheld, loops -> View.

Knows no picture and no depth. Used by the motion stage (to solve coverage), by every backend and by the measures.

                    plan.time        keyframes            orbit, position, rotation
    t (video) ──────▶ tau ───────▶ interpolated key ───────▶ world-to-camera, fov, focus
"""

from __future__ import annotations

import math

import numpy as np

from stillmotion.plan import MotionPlan
from stillmotion.types import Float64, View


def intrinsics(fov_deg: float, width: int, height: int) -> Float64:
    """The 3x3 pinhole matrix of a horizontal field of view; pixel centres lie on whole coordinates."""
    focal_px = 0.5 * width / math.tan(math.radians(fov_deg) / 2)
    return np.array([[focal_px, 0, (width - 1) / 2], [0, focal_px, (height - 1) / 2], [0, 0, 1]], dtype=np.float64)


def rotation(tilt_deg: float, pan_deg: float, roll_deg: float) -> Float64:
    """Camera-to-world rotation: pan about y (right +), then tilt about x (up +), then roll about z (clockwise +)."""
    a, b, c = (math.radians(v) for v in (tilt_deg, pan_deg, roll_deg))
    x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    return y @ x @ z


class CameraPath:
    """A plan's camera as a function of time.

    `plan.strength` must be folded in already (1.0). `fov_deg` is the photo's own; `pivot` is the world point the orbit
    turns about, (0, 0, 1) by default.
    """

    def __init__(self, plan: MotionPlan, fov_deg: float, *, pivot: tuple[float, float, float] = (0.0, 0.0, 1.0), seed: int = 0) -> None:
        self.plan, self.fov_deg, self.pivot, self.seed = plan, fov_deg, np.asarray(pivot, dtype=np.float64), seed

    def at(self, t: float) -> View:
        """The view at video time t in seconds, clamped to the plan's length."""
        keys = self.plan.camera.keyframes
        times = np.array([k.t for k in keys])
        rows = np.array(
            [[*k.position, *k.rotation_deg, *k.orbit_deg, k.fov_deg or self.fov_deg, k.focus or 1.0, k.aperture] for k in keys]
        )
        t = float(np.clip(t, times[0], times[-1]))
        i = int(np.clip(np.searchsorted(times, t, side="right"), 1, max(1, len(keys) - 1)))
        if len(keys) == 1:
            row = rows[0]
        else:
            u = (t - times[i - 1]) / (times[i] - times[i - 1])
            u = u * u * u * (u * (6 * u - 15) + 10)
            row = rows[i - 1] + (rows[i] - rows[i - 1]) * u
        orbit = rotation(-row[7], -row[6], 0.0)  # going right while looking at the pivot turns the camera left
        center = self.pivot + orbit @ (np.zeros(3) - self.pivot) + row[0:3]
        turn = orbit @ rotation(row[3], row[4], row[5])
        pose = np.eye(4)
        pose[:3, :3] = turn.T
        pose[:3, 3] = -turn.T @ center
        return View(world_to_camera=pose, fov_deg=float(row[8]), focus=float(row[9]), aperture=float(row[10]))
