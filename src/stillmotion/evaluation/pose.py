"""Where the camera stood, from points of known place: perspective-n-point. Knows points and intrinsics, no frames.

RANSAC over minimal sets (Fischler & Bolles 1981; SQPNP, Terzakis & Lourakis 2020) helps where the guess is far off;
Gauss-Newton over all points with Tukey's weights finishes it. The focal length may be one of the unknowns, and shift or
turn may be held still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any  # OpenCV's arrays carry no element type

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.camera import intrinsics
from stillmotion.types import Float64, View

LEAST_POINTS = 8
TURN, SHIFT, FOCAL = (0, 1, 2), (3, 4, 5), (6,)
_TUKEY = 4.685


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseFit:
    """A camera found from points."""

    view: View
    error_px: float  # median distance of the points from their projection
    agreeing: float  # share of points within the outlier bound


def still_view(fov_deg: float) -> View:
    """The photo's own view."""
    return View(world_to_camera=np.eye(4), fov_deg=fov_deg, focus=1.0, aperture=0.0)


def locate(
    world: Float64, pixels: Float64, *, width: int, height: int, guess: View, find_fov: bool = False
) -> PoseFit | None:
    """The view from which world points (N, 3) are seen at pixels (N, 2).

    Args:
        guess: begins the search; its field of view is taken as known unless `find_fov`. Focus and aperture are kept.

    Returns:
        None when fewer than `LEAST_POINTS` points agree on any view.
    """
    good = np.isfinite(pixels).all(axis=1) & np.isfinite(world).all(axis=1)
    world, pixels = world[good], pixels[good]
    if len(world) < LEAST_POINTS:
        return None
    best: tuple[float, Float64, float] | None = None
    for start in _starts(world, pixels, width, height, guess):
        free = TURN + SHIFT + (FOCAL if find_fov else ())
        pose, focal = refine(world, pixels, start, intrinsics(guess.fov_deg, width, height), free=free)
        error = _median_error(world, pixels, pose, focal, width, height)
        if best is None or error < 0.9 * best[0]:
            best = error, pose, focal
    assert best is not None
    error, pose, focal = best
    agreeing = float(np.mean(_distances(world, pixels, pose, focal, width, height) < max(1.0, 4 * error)))
    fov = math.degrees(2 * math.atan(0.5 * width / focal))
    view = View(world_to_camera=pose, fov_deg=fov, focus=guess.focus, aperture=guess.aperture)
    return PoseFit(view=view, error_px=error, agreeing=agreeing)


def _starts(world: Float64, pixels: Float64, width: int, height: int, guess: View) -> list[Float64]:
    """The guess, and what RANSAC says when the guess is far off."""
    focal = intrinsics(guess.fov_deg, width, height)[0, 0]
    starts = [guess.world_to_camera]
    if _median_error(world, pixels, guess.world_to_camera, focal, width, height) > 0.01 * width:
        matrix = intrinsics(guess.fov_deg, width, height)
        cv2.setRNGSeed(0)
        found, turn, shift, _ = cv2.solvePnPRansac(
            world, pixels, matrix, None, iterationsCount=200, reprojectionError=0.004 * width, flags=cv2.SOLVEPNP_SQPNP
        )
        if found:
            starts.append(rigid(cv2.Rodrigues(turn)[0], shift.ravel()))
    return starts


def rigid(turn: NDArray[Any], shift: NDArray[Any]) -> Float64:
    """The (4, 4) pose of a rotation (3, 3) and a translation (3,)."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, shift
    return pose


def _distances(world: Float64, pixels: Float64, pose: Float64, focal: float, width: int, height: int) -> Float64:
    local = world @ pose[:3, :3].T + pose[:3, 3]
    z = np.maximum(local[:, 2], 1e-6)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.asarray(np.linalg.norm(local[:, :2] / z[:, None] * focal + centre - pixels, axis=1))


def _median_error(world: Float64, pixels: Float64, pose: Float64, focal: float, width: int, height: int) -> float:
    return float(np.median(_distances(world, pixels, pose, focal, width, height)))


def refine(
    world: Float64, pixels: Float64, pose: Float64, matrix: Float64, *, free: tuple[int, ...], rounds: int = 20
) -> tuple[Float64, float]:
    """The pose (4, 4) and focal length in px that fit best, from a start near enough.

    Gauss-Newton on the unknowns `free` (of `TURN`, `SHIFT`, `FOCAL`), Tukey's biweight scaled by the median distance.
    """
    focal, centre = float(matrix[0, 0]), matrix[:2, 2]
    pose = pose.copy()
    for _ in range(rounds):
        local = world @ pose[:3, :3].T + pose[:3, 3]
        x, y, z = local[:, 0], local[:, 1], np.maximum(local[:, 2], 1e-6)
        u, v = x / z, y / z
        rest = np.concatenate([pixels[:, 0] - focal * u - centre[0], pixels[:, 1] - focal * v - centre[1]])
        distance = np.hypot(rest[: len(u)], rest[len(u) :])
        bound = _TUKEY * max(1.4826 * float(np.median(distance)), 0.05)
        weight = np.where(distance < bound, (1 - (distance / bound) ** 2) ** 2, 0.0)
        zero = np.zeros_like(u)
        # d(u, v) for a turn and a shift of the camera frame, applied from the left
        rows_u = np.stack([-u * v, 1 + u * u, -v, 1 / z, zero, -u / z, u], axis=1)
        rows_v = np.stack([-1 - v * v, u * v, u, zero, 1 / z, -v / z, v], axis=1)
        design = focal * np.concatenate([rows_u, rows_v])[:, free]
        both = np.concatenate([weight, weight])
        normal = design.T @ (both[:, None] * design)
        normal += np.eye(len(normal)) * 1e-9 * np.trace(normal)
        change = np.zeros(7)
        change[list(free)] = np.linalg.solve(normal, design.T @ (both * rest))
        pose = rigid(cv2.Rodrigues(change[:3])[0], change[3:6]) @ pose
        focal *= math.exp(float(np.clip(change[6], -0.3, 0.3)))
        if np.abs(change).max() < 1e-8:
            break
    return pose, focal
