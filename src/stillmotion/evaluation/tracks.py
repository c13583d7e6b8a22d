"""Points followed through a video by pyramidal Lucas-Kanade, checked forward and backward, found anew.

Knows frames and points only, no camera. Positions are (x, y) pixels with (0, 0) at the centre of the first pixel.
Sources: Lucas & Kanade 1981; Bouguet 2001 (pyramids); Kalal et al. 2010 (forward-backward error); Shi & Tomasi 1994.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.types import Float32, Float64, UInt8

_WINDOW = (17, 17)
_LEVELS = 4
_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.01)
_FLAT = 3e-4  # smallest eigenvalue of the window's gradients below which a point is not trusted


def follow(
    before: UInt8, after: UInt8, points: Float32, *, tolerance_px: float = 0.5, flat: float = _FLAT
) -> tuple[Float32, NDArray[np.bool_]]:
    """Where the points of one picture are in the next.

    Args:
        before, after: (H, W) uint8.
        points: (N, 2) positions in `before`.
        tolerance_px: a point is kept when going back from its new place ends this near to where it began.
        flat: least texture a point needs to be trusted.

    Returns:
        (N, 2) new positions and (N,) whether each can be trusted; others hold what was found all the same.
    """
    if len(points) == 0:
        return points.reshape(0, 2), np.zeros(0, dtype=bool)
    start = np.ascontiguousarray(points, dtype=np.float32).reshape(-1, 1, 2)
    options = {"winSize": _WINDOW, "maxLevel": _LEVELS, "criteria": _STOP, "minEigThreshold": flat}
    end, found, _ = cv2.calcOpticalFlowPyrLK(before, after, start, None, **options)  # type: ignore[call-overload]
    back, found_back, _ = cv2.calcOpticalFlowPyrLK(after, before, end, None, **options)  # type: ignore[call-overload]
    height, width = before.shape
    x, y = end[:, 0, 0], end[:, 0, 1]
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    returned = np.linalg.norm((back - start)[:, 0], axis=1) <= tolerance_px
    kept = (found[:, 0] > 0) & (found_back[:, 0] > 0) & inside & returned
    return end[:, 0].astype(np.float32), kept


def corners(picture: UInt8, *, count: int, mask: UInt8 | None = None) -> Float32:
    """Up to `count` well-textured points (N, 2), spread over the picture (Shi & Tomasi), where `mask` > 0.

    The picture is searched in 3 x 4 cells, each with its share of the points, so that one busy corner cannot take all.
    """
    height, width = picture.shape
    distance = max(4.0, 0.45 * np.sqrt(height * width / max(count, 1)))
    strength = cv2.cornerMinEigenVal(picture, 5)
    least = max(0.002 * float(strength.max()), 1e-7)
    strength[strength < least] = 0
    peak = (strength == cv2.dilate(strength, np.ones((5, 5), np.uint8))) & (strength > 0)
    peak[:4], peak[-4:], peak[:, :4], peak[:, -4:] = False, False, False, False
    if mask is not None:
        peak &= mask > 0
    rows, columns = np.nonzero(peak)
    order = np.argsort(-strength[rows, columns], kind="stable")
    chosen = _spread(columns[order], rows[order], width, height, count=count, distance=distance)
    if len(chosen) == 0:
        return np.zeros((0, 2), dtype=np.float32)
    points = chosen.astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 0.02)
    cv2.cornerSubPix(picture, points.reshape(-1, 1, 2), (3, 3), (-1, -1), stop)
    return points


def _spread(
    x: NDArray[np.int64], y: NDArray[np.int64], width: int, height: int, *, count: int, distance: float
) -> NDArray[np.int64]:
    """The strongest points first, no two in one bucket of side `distance`, no cell with more than twice its share."""
    bucket = (y // distance).astype(np.int64) * (int(width // distance) + 1) + (x // distance).astype(np.int64)
    _, first = np.unique(bucket, return_index=True)
    first = np.sort(first)
    x, y = x[first], y[first]
    cell = (y * 3 // height) * 4 + x * 4 // width
    rank = np.zeros(len(x), dtype=np.int64)
    for c in range(12):
        mine = np.nonzero(cell == c)[0]
        rank[mine] = np.arange(len(mine))
    order = np.argsort(rank, kind="stable")[:count]
    return np.stack([x[order], y[order]], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The points that went from one frame to the next."""

    ids: NDArray[np.int64]  # (N,) stays with a point for as long as it is followed
    before: Float32  # (N, 2)
    after: Float32  # (N, 2)


class Tracker:
    """Follows points through a video, one frame at a time; looks for new ones when too few are left.

    That is fewer than `refill` times `count`. `births` says in which frame and where each id was first seen.
    """

    def __init__(self, *, count: int = 300, refill: float = 0.5) -> None:
        self.count, self.refill = count, refill
        self.frame = -1
        self.ids: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.points: Float32 = np.zeros((0, 2), dtype=np.float32)
        self._first: UInt8 | None = None
        self._last: UInt8 | None = None
        self._births: list[tuple[int, Float32]] = []  # frame, (n, 2) in order of id

    def step(self, picture: UInt8, *, mask: UInt8 | None = None) -> Step:
        """Take the next frame (H, W) uint8. `mask` > 0: where new points may be found in it."""
        self.frame += 1
        before, ids = self.points, self.ids
        if self._last is not None:
            after, kept = follow(self._last, picture, before)
            before, ids, self.points = before[kept], ids[kept], after[kept]
            self.ids = ids
        self._first = picture if self._first is None else self._first
        self._last = picture
        step = Step(ids=ids, before=before, after=self.points)
        if len(self.points) < self.refill * self.count:
            self._find(picture, mask)
        return step

    @property
    def births(self) -> tuple[NDArray[np.int64], Float32]:
        """For every id so far: the frame (M,) and the place (M, 2) where it was found."""
        if not self._births:
            return np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.float32)
        frames = np.concatenate([np.full(len(points), frame, dtype=np.int64) for frame, points in self._births])
        return frames, np.concatenate([points for _, points in self._births])

    def settle(self) -> Float64 | None:
        """Hold the points of frame 0 against frame 0 once more, so that small errors of many steps do not add up.

        Frame 0 is warped by the homography that the points fit best and each point is looked for from there; a point
        that is found elsewhere is given up.

        Returns:
            (3, 3) from frame 0 to this frame; None when fewer than 8 points of frame 0 are left.
        """
        old = np.nonzero(self.ids < (len(self._births[0][1]) if self._births else 0))[0]
        if len(old) < 8 or self._first is None or self._last is None:
            return None
        places = self._births[0][1][self.ids[old]]
        matrix = fit_homography(places, self.points[old])
        if matrix is None:
            return None
        height, width = self._last.shape
        seen = cv2.warpPerspective(self._first, matrix, (width, height), flags=cv2.INTER_CUBIC)
        start = cv2.perspectiveTransform(places.reshape(-1, 1, 2), matrix)
        options = {"winSize": _WINDOW, "maxLevel": 1, "criteria": _STOP, "flags": cv2.OPTFLOW_USE_INITIAL_FLOW}
        guess = self.points[old].reshape(-1, 1, 2).copy()
        found, kept, _ = cv2.calcOpticalFlowPyrLK(seen, self._last, start, guess, **options)  # type: ignore[call-overload]
        change = np.linalg.norm(found[:, 0] - self.points[old], axis=1)
        near = (kept[:, 0] > 0) & (change < 2.0)
        self.points[old[near]] = found[near, 0]
        stays = np.ones(len(self.ids), dtype=bool)
        stays[old[~near]] = False
        self.ids, self.points = self.ids[stays], self.points[stays]
        return matrix

    def _find(self, picture: UInt8, mask: UInt8 | None) -> None:
        free = np.full(picture.shape, 255, dtype=np.uint8) if mask is None else mask.copy()
        for x, y in self.points:
            cv2.circle(free, (round(float(x)), round(float(y))), 6, 0, -1)
        found = corners(picture, count=self.count - len(self.points), mask=free)
        known = sum(len(points) for _, points in self._births)
        self._births.append((self.frame, found))
        self.ids = np.concatenate([self.ids, np.arange(known, known + len(found), dtype=np.int64)])
        self.points = np.concatenate([self.points, found])


def fit_homography(before: Float32, after: Float32) -> Float64 | None:
    """The (3, 3) plane map that fits most of the points (N, 2), by RANSAC at 2 px; None when there is none."""
    if len(before) < 4:
        return None
    cv2.setRNGSeed(0)
    matrix, _ = cv2.findHomography(before, after, cv2.RANSAC, 2.0, maxIters=300, confidence=0.99)
    return None if matrix is None else np.asarray(matrix, dtype=np.float64)


def local_affine(step: Step, at: Float64, *, reach_px: float) -> Float64:
    """Where a point at (2,) goes when it moves like the points of a step around it.

    Least squares of an affine map with weights 1 / (distance² + reach²), so that it may lie outside the frame.
    With fewer than three points: their mean shift, or no shift at all.
    """
    if len(step.before) < 3:
        shift = (step.after - step.before).mean(axis=0) if len(step.before) else np.zeros(2)
        return at + shift
    offset = step.before.astype(np.float64) - at
    weight = 1 / (np.sum(offset**2, axis=1) + reach_px**2)
    design = np.column_stack([np.ones(len(offset)), offset])
    moved = step.after.astype(np.float64) - step.before
    normal = design.T @ (weight[:, None] * design)
    normal += np.diag([0.0, 1.0, 1.0]) * 1e-6 * np.trace(normal)  # points on one line: prefer a plain shift
    return np.asarray(at + np.linalg.solve(normal, design.T @ (weight[:, None] * moved))[0])
