"""Watches whether regions move as the plan says, beside the camera. Knows expected regions and the camera's views."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.expected import Expected, ExpectedRegion
from stillmotion.evaluation.measures import RegionMeasures
from stillmotion.evaluation.pose import still_view
from stillmotion.evaluation.projection import project, sample, unproject
from stillmotion.evaluation.regions import direction_error_deg, is_plain, own_motion, principal_axis, speed_ratio
from stillmotion.evaluation.tracks import corners, follow
from stillmotion.types import Float32, Float64, UInt8, View

LEAST_POINTS = 5
_INSIDE = 0.7
_SEEN_BY_TEXTURE = ("stream", "swing", "alive")


class RegionWatch:
    """One region of a video, looked at in sampled frames at measuring size."""

    def __init__(self, region: ExpectedRegion, expected: Expected) -> None:
        self.region, self.expected = region, expected
        self.velocities: list[Float64] = []  # (2,) widths per second: the median over the region, per pair of samples
        self.scatter: list[Float64] = []  # (n, 2) the same point by point
        self.light: list[float] = []  # mean level
        self.path_errors: list[float] = []  # px, median over the points
        self._last: tuple[UInt8, Float64, float] | None = None
        self._points: tuple[Float32, Float32] | None = None  # path: in frame 0 and now
        self._places, self._world = _grid(region, expected)
        self._plain = False

    def see(self, picture: UInt8, view: View, homography: Float64 | None, time: float) -> None:
        """Take a sampled frame (h, w) grey at plan time `time`, seen by the camera `view`.

        `homography` is the map from frame 0 to it by tracks, used where the scene's depth is not known.
        """
        place = self._carried(view, homography)
        if place is None:
            self._last = None
            return
        mask = self._mask(place)
        if time == 0:
            self._plain = self.region.kind in _SEEN_BY_TEXTURE and is_plain(picture, mask)
        if mask.any():
            self.light.append(float(picture[mask > 0].mean()))
        if self._last is not None and time > self._last[2]:
            self._measure(picture, place, time)
        if self.region.kind == "path":
            self._follow_path(picture, view, time)
        self._last = picture, place, time

    def _carried(self, view: View, homography: Float64 | None) -> Float64 | None:
        """(3, 3) where the camera takes the region's place in the photo."""
        if self._world is None:
            return homography
        pixels, _ = project(self._world, view, width=self.expected.width, height=self.expected.height)
        good = np.isfinite(pixels).all(axis=1)
        if good.sum() < 4:
            return None
        matrix, _ = cv2.findHomography(self._places[good], pixels[good], 0)
        return None if matrix is None else np.asarray(matrix, dtype=np.float64)

    def _mask(self, place: Float64) -> UInt8:
        size = self.expected.width, self.expected.height
        inside = (self.region.mask > _INSIDE).astype(np.uint8) * 255
        moved = np.asarray(cv2.warpPerspective(inside, place, size, flags=cv2.INTER_NEAREST), dtype=np.uint8)
        core = np.asarray(cv2.erode(moved, np.ones((7, 7), np.uint8)), dtype=np.uint8)
        return core if (core > 0).sum() > 400 else moved

    def _measure(self, picture: UInt8, place: Float64, time: float) -> None:
        assert self._last is not None
        before, old_place, old_time = self._last
        points = corners(before, count=400, mask=self._mask(old_place))
        found, kept = follow(before, picture, points)
        if kept.sum() < LEAST_POINTS:
            return
        between = place @ np.linalg.inv(old_place)
        carried = cv2.perspectiveTransform(points[kept].reshape(-1, 1, 2).astype(np.float64), between)[:, 0]
        zoom = float(np.sqrt(abs(np.linalg.det(place[:2, :2] / place[2, 2]))))
        scale = zoom * self.expected.width * (time - old_time)
        moved = found[kept].astype(np.float64)
        there = np.asarray(carried, dtype=np.float64)
        self.velocities.append(own_motion(moved, there) / scale)
        self.scatter.append((moved - there) / scale)

    def _follow_path(self, picture: UInt8, view: View, time: float) -> None:
        if self._last is None:
            start = corners(picture, count=80, mask=(self.region.mask > _INSIDE).astype(np.uint8) * 255)
            self._points = start, start
            return
        if self._points is None or self.region.place is None:
            return
        start, now = self._points
        found, kept = follow(self._last[0], picture, now)
        self._points = (start[kept], found[kept]) if kept.sum() >= LEAST_POINTS else None
        if self._points is None:
            return
        start, now = self._points
        commanded = _moved(start.astype(np.float64), self.region.place(time))
        if self.expected.depth is not None:
            size = {"width": self.expected.width, "height": self.expected.height}
            depth = sample(self.expected.depth, start.astype(np.float64))
            world = unproject(commanded, depth, still_view(self.expected.fov_deg), **size)
            commanded, _ = project(world, view, **size)
        self.path_errors.append(float(np.median(np.linalg.norm(commanded - now, axis=1))))

    def result(self) -> RegionMeasures:
        """What the region did; numbers that could not be told are None."""
        kind, commanded = self.region.kind, np.asarray(self.region.velocity)
        moved = self._speed_vector()
        direction = ratio = track = speed = None
        if kind == "light":
            if len(self.light) > 3:
                speed = float(np.std(self.light))
                ratio = speed / max(float(np.mean(self.light)), 1.0) / max(float(np.linalg.norm(commanded)), 1e-6)
        elif moved is not None and not self._plain:
            speed = 100 * float(np.linalg.norm(moved))
            if kind in ("stream", "swing"):
                direction = direction_error_deg(commanded, moved, axis_only=kind == "swing")
            if kind in ("stream", "swing", "alive") and np.any(commanded):
                ratio = speed_ratio(commanded, moved)
        if self.path_errors:
            track = 100 * float(np.mean(self.path_errors)) / self.expected.width
        return RegionMeasures(
            name=self.region.name, kind=kind, direction_err=direction, speed_ratio=ratio, track_err=track, speed=speed,
            plain=self._plain,
        )  # fmt: skip

    def _speed_vector(self) -> Float64 | None:
        """(2,) widths per second: the steady velocity, or the axis of the motion with its rms speed."""
        if len(self.velocities) < 2:
            return None
        if self.region.kind in ("stream", "path"):
            return np.asarray(np.median(self.velocities, axis=0))
        vectors = np.concatenate(self.scatter)
        length = np.linalg.norm(vectors, axis=1)
        return principal_axis(vectors[length <= np.quantile(length, 0.95)])


def _grid(region: ExpectedRegion, expected: Expected) -> tuple[Float64, Float64 | None]:
    """Up to about 200 places (N, 2) of the region in the photo and where they are in the world, if that is known."""
    rows, columns = np.nonzero(region.mask > _INSIDE)
    every = max(1, len(rows) // 200)
    places = np.column_stack([columns[::every], rows[::every]]).astype(np.float64)
    if expected.depth is None or len(places) < 4:
        return places, None
    size = {"width": expected.width, "height": expected.height}
    return places, unproject(places, sample(expected.depth, places), still_view(expected.fov_deg), **size)


def _moved(points: Float64, matrix: NDArray[np.float64]) -> Float64:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])
