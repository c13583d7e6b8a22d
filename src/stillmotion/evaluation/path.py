"""The path of a camera from tracks alone, without a scene. Knows tracks and intrinsics, no frames and no depth.

A turn and a zoom are tried first: where they explain the tracks the camera did not leave its place (its distance would
be noise). Otherwise the essential matrix (Nister 2004, five points in RANSAC) of frame 0 and the frame with the widest
parallax gives a first pair; its triangulated points carry all other frames by `pose.locate`, so that the whole path has
one scale. That scale cannot be known: the largest step is 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.camera import intrinsics
from stillmotion.errors import InputError
from stillmotion.evaluation.pose import FOCAL, LEAST_POINTS, TURN, locate, refine, rigid, still_view
from stillmotion.evaluation.projection import project
from stillmotion.types import Float64, View


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFit:
    """A camera path found from tracks alone."""

    poses: tuple[Float64, ...]  # (4, 4) world-to-camera, frame 0 is the world, the largest step is 1 (or all are 0)
    fovs_deg: tuple[float, ...]
    error_px: float  # worst frame's median distance of the points from their projection
    moved: bool  # False: turning and zooming alone explain the tracks


def path_from_tracks(
    tracks: Float64,
    *,
    start_fov_deg: float,
    fovs_deg: Sequence[float] | None = None,
    width: int,
    height: int,
    noise_px: float = 0.35,
) -> PathFit:
    """Poses of F frames from tracks (F, N, 2), NaN where a point is not seen; frame 0 sees all of them.

    Args:
        start_fov_deg: the field of view of frame 0.
        fovs_deg: that of each frame, if known. Otherwise it is found where the camera stays in its place, and taken as
            constant where it does not (a zoom and a step forward cannot be told apart without a scene).
        noise_px: a turn and a zoom that leave less than this, by the median, are the whole motion.

    Raises:
        InputError: too few tracks to say anything.
    """
    shared = np.isfinite(tracks).all(axis=2).sum(axis=1)
    if len(tracks) < 2 or shared.min() < LEAST_POINTS:
        raise InputError(
            f"{len(tracks)} frames that share {shared.min(initial=0)} points are too little to find a camera path; "
            f"2 frames and {LEAST_POINTS} points are the least. Track more points or fewer frames."
        )
    views = [still_view(fov) for fov in (fovs_deg if fovs_deg is not None else [start_fov_deg] * len(tracks))]
    bearings = _bearings(tracks[0], views[0].fov_deg, width, height)
    turns = _turns(bearings, tracks, views, width, height, find_fov=fovs_deg is None)
    errors = [_error(bearings, tracks[i], turns[i], width, height) for i in range(len(tracks))]
    if max(errors) < noise_px:
        return _fit([v.world_to_camera for v in turns], [v.fov_deg for v in turns], max(errors), moved=False)
    return _moving(bearings, tracks, views, int(np.argmax(errors)), width, height)


def _fit(poses: Sequence[Float64], fovs_deg: Sequence[float], error_px: float, *, moved: bool) -> PathFit:
    return PathFit(poses=tuple(poses), fovs_deg=tuple(fovs_deg), error_px=error_px, moved=moved)


def _bearings(pixels: Float64, fov_deg: float, width: int, height: int) -> Float64:
    """Directions (N, 3) with z = 1."""
    matrix = intrinsics(fov_deg, width, height)
    return np.column_stack([(pixels - matrix[:2, 2]) / matrix[0, 0], np.ones(len(pixels))])


def _turns(
    bearings: Float64, tracks: Float64, views: list[View], width: int, height: int, *, find_fov: bool
) -> list[View]:
    """Per frame the turn (and zoom) that explains it best: the points as if infinitely far."""
    found = [views[0]]
    for pixels, view in zip(tracks[1:], views[1:], strict=True):
        seen = np.isfinite(pixels).all(axis=1)
        fov = found[-1].fov_deg if find_fov else view.fov_deg
        matrix = intrinsics(fov, width, height)
        free = TURN + (FOCAL if find_fov else ())
        pose, focal = refine(bearings[seen], pixels[seen], found[-1].world_to_camera, matrix, free=free)
        fov = math.degrees(2 * math.atan(0.5 * width / focal))
        found.append(View(world_to_camera=pose, fov_deg=fov, focus=1.0, aperture=0.0))
    return found


def _error(world: Float64, pixels: Float64, view: View, width: int, height: int) -> float:
    placed, _ = project(world, view, width=width, height=height)
    return float(np.nanmedian(np.linalg.norm(placed - pixels, axis=1)))


def _moving(bearings: Float64, tracks: Float64, views: list[View], widest: int, width: int, height: int) -> PathFit:
    """The path of a camera that leaves its place; `widest` is the frame with the most parallax."""
    world = _triangulate(bearings, tracks[widest], views[widest], width, height)
    guess, poses, errors = views[0], [], []
    for pixels, view in zip(tracks, views, strict=True):
        guess = View(world_to_camera=guess.world_to_camera, fov_deg=view.fov_deg, focus=1.0, aperture=0.0)
        fit = locate(world, pixels, width=width, height=height, guess=guess)
        if fit is None:
            raise _no_path()
        guess = fit.view
        poses.append(fit.view.world_to_camera)
        errors.append(fit.error_px)
    first = np.linalg.inv(poses[0])
    poses = [pose @ first for pose in poses]
    scale = max(float(np.linalg.norm(pose[:3, 3])) for pose in poses)
    poses = [rigid(pose[:3, :3], pose[:3, 3] / scale) for pose in poses]
    return _fit(poses, [view.fov_deg for view in views], max(errors), moved=True)


def _no_path() -> InputError:
    return InputError("The tracks of this video agree on no camera path; give the photo, so that its depth is known.")


def _triangulate(bearings: Float64, pixels: Float64, view: View, width: int, height: int) -> Float64:
    """World points (N, 3) of frame 0's directions, seen again at `pixels`; NaN where they cannot be placed."""
    seen = np.isfinite(pixels).all(axis=1)
    one, other = bearings[:, :2], _bearings(pixels, view.fov_deg, width, height)[:, :2]
    focal = intrinsics(view.fov_deg, width, height)[0, 0]
    cv2.setRNGSeed(0)
    essential, agreeing = cv2.findEssentialMat(
        np.ascontiguousarray(one[seen]), np.ascontiguousarray(other[seen]), np.eye(3), cv2.RANSAC, 0.9999, 0.7 / focal
    )
    if essential is None or essential.shape != (3, 3):
        raise _no_path()
    _, turn, shift, _ = cv2.recoverPose(
        essential, np.ascontiguousarray(one[seen]), np.ascontiguousarray(other[seen]), np.eye(3), mask=agreeing.copy()
    )
    pose = rigid(turn, shift.ravel())
    homogeneous = cv2.triangulatePoints(np.eye(4)[:3], pose[:3], one.T.copy(), np.nan_to_num(other).T.copy())
    with np.errstate(divide="ignore", invalid="ignore"):
        world = (homogeneous[:3] / homogeneous[3]).T
    behind = (world[:, 2] <= 0) | ((world @ turn.T + shift.ravel())[:, 2] <= 0)
    inliers = np.zeros(len(world), dtype=bool)
    inliers[seen] = agreeing.ravel() > 0
    world[behind | ~inliers] = np.nan
    return np.asarray(world, dtype=np.float64)
