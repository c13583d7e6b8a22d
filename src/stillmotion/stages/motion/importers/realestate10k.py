"""RealEstate10K camera text, read and written. Knows poses and keyframes, no photo.

One row per frame, numbers apart by spaces:  frame fx fy cx cy 0 0 r11 r12 r13 t1 r21 r22 r23 t2 r31 r32 r33 t3
with fx, cx as fractions of the width, fy, cy of the height, and the 3x4 world-to-camera matrix (OpenCV axes). The data
set's own files begin with a line that names the video and count microseconds instead of frames; both are read.
Source: Zhou et al. 2018, Stereo Magnification; camera-controlled video models read the same rows.
"""

from __future__ import annotations

import math

import numpy as np

from stillmotion.camera import CameraPath, angles, frame_times, key_of_rig, log_focal
from stillmotion.curves import thin
from stillmotion.errors import InputError
from stillmotion.plan import Camera, CameraKey, Ease, MotionPlan, Vec3
from stillmotion.types import Float64, View

_NUMBERS = 19
_MICROSECONDS = 1000.0  # steps of the first column from here on are microseconds
_MOST_ROWS = 100_000
_NEAR = np.array([1e-3] * 3 + [0.02] * 3 + [1e-3] * 6)  # a thinned path stays this near, in the rig's own units


def write_camera_text(plan: MotionPlan, fov_deg: float, *, pivot: Vec3 = (0.0, 0.0, 1.0), seed: int = 0) -> str:
    """The rows of every frame of the plan, handheld and all.

    `plan.strength` must be folded in (1.0); `fov_deg` is the photo's, `pivot` the world point that orbits turn about.
    Lengths are in pivot units.
    """
    canvas = plan.canvas
    path = CameraPath(plan, fov_deg, pivot=pivot, seed=seed)
    views = [path.at(float(t)) for t in frame_times(canvas)]
    return "".join(_row(i, view, canvas.width / canvas.height) + "\n" for i, view in enumerate(views))


def read_camera_text(text: str, *, fps: float, fov_deg: float, scale: float = 1.0) -> tuple[Camera, float]:
    """The camera that goes through all rows, as few keys of a spline as stay within a thousandth, and its seconds.

    The first row becomes the photo's own view: poses and focal lengths are taken relative to it. `fps` gives the rows
    their times where they count frames; `scale` turns their unit of length into pivot units (the subject at 1).

    Raises:
        InputError: no rows, a row without 19 numbers, or a matrix that is no pose; names the line.
    """
    rows = _rows(text)
    stamps = rows[:, 0] - rows[0, 0]
    steps = np.diff(stamps)
    if (steps <= 0).any():
        raise InputError(f"Camera rows must rise in time; row {int(np.argmax(steps <= 0)) + 2} does not.")
    per_second = 1e6 if len(steps) and float(np.median(steps)) >= _MICROSECONDS else fps
    times = stamps / per_second
    rigs = _rigs(rows, fov_deg, scale)
    seconds = (times[-1] + (float(np.median(steps)) / per_second if len(steps) else 1 / fps)) if len(rows) else 0.0
    return Camera(keyframes=_thinned(times, rigs, fov_deg), interpolation="spline"), float(seconds)


def _row(frame: int, view: View, aspect: float) -> str:
    focal = 0.5 / math.tan(math.radians(view.fov_deg) / 2)
    numbers = [focal, focal * aspect, 0.5, 0.5, 0.0, 0.0, *view.world_to_camera[:3].reshape(-1)]
    return " ".join([str(frame), *(f"{x:.9g}" for x in numbers)])


def _rows(text: str) -> Float64:
    """(rows, 19) numbers."""
    found: list[list[float]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or (not found and len(words) == 1):  # blank, or the name of the video
            continue
        try:
            values = [float(word) for word in words]
        except ValueError:
            raise InputError(f"Line {number} of the camera text is not numbers: {line[:60]!r}.") from None
        if len(values) != _NUMBERS or not all(math.isfinite(value) for value in values):
            raise InputError(
                f"Line {number} of the camera text has {len(values)} numbers; a row has {_NUMBERS}: "
                "frame fx fy cx cy 0 0 and the 3x4 world-to-camera matrix."
            )
        _check_pose(values, number)
        found.append(values)
    if not found:
        raise InputError(
            "The camera text has no rows.", hint="A row is: frame fx fy cx cy 0 0 and twelve pose numbers."
        )
    if len(found) > _MOST_ROWS:
        raise InputError(f"The camera text has {len(found)} rows; at most {_MOST_ROWS} are read.")
    return np.array(found)


def _check_pose(values: list[float], line: int) -> None:
    turn = np.array(values[7:]).reshape(3, 4)[:, :3]
    if not (np.allclose(turn @ turn.T, np.eye(3), atol=1e-2) and np.linalg.det(turn) > 0) or values[1] <= 0:
        raise InputError(
            f"Line {line} of the camera text is no pose: its rotation is not a rotation, or fx is not above 0."
        )


def _rigs(rows: Float64, fov_deg: float, scale: float) -> Float64:
    """The camera's twelve numbers of every row (rows, 12), the first being the photo's view."""
    poses = np.tile(np.eye(4), (len(rows), 1, 1))
    poses[:, :3] = rows[:, 7:].reshape(-1, 3, 4)
    to_world = poses[0] @ np.linalg.inv(poses)
    rigs = np.zeros((len(rows), 12))
    rigs[:, 0:3] = to_world[:, :3, 3] * scale
    turns = np.array([angles(pose[:3, :3]) for pose in to_world])
    rigs[:, 3:6] = np.degrees(np.unwrap(np.radians(turns), axis=0))
    rigs[:, 9] = log_focal(fov_deg) + np.log(rows[:, 1] / rows[0, 1])
    rigs[:, 10] = 1.0
    return rigs


def _thinned(times: Float64, rigs: Float64, fov_deg: float) -> tuple[CameraKey, ...]:
    if len(times) == 1 or not np.ptp(rigs, axis=0).max() > 1e-9:
        return (key_of_rig(0.0, rigs[0], fov_deg),)
    speed = np.abs(np.diff(rigs, axis=0)).max(axis=1)
    moving = max(speed[0], speed[-1]) > 0.02 * speed.max()
    kept = thin(times, rigs, tolerance=_NEAR, ends="free" if moving else "rest")
    ease: Ease = "linear" if moving else "ease-in-out"
    return tuple(key_of_rig(float(times[i]), rigs[i], fov_deg, ease=ease) for i in kept)
