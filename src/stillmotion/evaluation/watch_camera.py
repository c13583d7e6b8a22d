"""Watches whether the camera goes where the plan says: poses and way of points of the photo whose depth is known.

A point found in frame 0 has its place in the world from the photo's depth; one found later gets it from the depth as
the camera found so far sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.camera_rule import Command, Told, commands_wanted, edge_points
from stillmotion.evaluation.expected import Expected
from stillmotion.evaluation.pose import LEAST_POINTS, locate, still_view
from stillmotion.evaluation.projection import project, sample, see_depth, unproject
from stillmotion.evaluation.tracks import Tracker
from stillmotion.evaluation.trajectory import TrajectoryError, trajectory_error
from stillmotion.types import Float32, Float64, View

POSES = 16
_AROUND = 12  # px around an edge point that it may slip to
_RIM_PX = 3  # points this near to a depth step belong to either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at the camera."""

    time: float  # plan time, s
    wanted: View
    found: View | None
    way_wanted: float  # px, median over the points of frame 0
    way_found: float
    error: float


class CameraWatch:
    """The camera of a video against its plan, from a `Tracker` at measuring size."""

    def __init__(self, expected: Expected, depth: Float32) -> None:
        self.expected, self.depth = expected, depth
        self.samples: list[Sample] = []
        self.view: View = expected.view_at(0.0)  # the latest found
        self._world: Float64 = np.zeros((0, 3))  # by id; NaN: not placed
        self._start: Float64 = np.zeros((0, 2))  # by id, where it was in frame 0; NaN: found later

    def see(self, tracker: Tracker, time: float) -> None:
        """Take a sampled frame at plan time `time`, the tracker standing in it."""
        wanted = self.expected.view_at(time)
        ids, pixels = tracker.ids, tracker.points.astype(np.float64)
        if tracker.frame == 0:
            self._place(ids, pixels, self.view)
            self._start[ids] = pixels
        known = ids[ids < len(self._world)]
        pixels_known = pixels[ids < len(self._world)]
        world = self._world[known]
        guess = View(
            world_to_camera=self.view.world_to_camera,
            fov_deg=wanted.fov_deg,
            focus=wanted.focus,
            aperture=wanted.aperture,
        )
        fit = locate(world, pixels_known, width=self.expected.width, height=self.expected.height, guess=guess)
        if fit is not None and fit.agreeing < 0.3:
            fit = None
        if fit is not None:
            self.view = fit.view
        self.samples.append(self._sample(time, wanted, fit.view if fit else None, known, pixels_known))
        if len(ids) > len(known) and fit is not None:
            self._place(ids, pixels, self.view)

    def _place(self, ids: NDArray[np.int64], pixels: Float64, view: View) -> None:
        """Give a place in the world to the points that have none yet."""
        grown = int(ids.max(initial=-1)) + 1 - len(self._world)
        if grown > 0:
            self._world = np.concatenate([self._world, np.full((grown, 3), np.nan)])
            self._start = np.concatenate([self._start, np.full((grown, 2), np.nan)])
        new = ~np.isfinite(self._world[ids]).all(axis=1)
        size = {"width": self.expected.width, "height": self.expected.height}
        photo = still_view(self.expected.fov_deg)
        same = np.allclose(view.world_to_camera, np.eye(4)) and view.fov_deg == photo.fov_deg
        depth = self.depth if same else see_depth(self.depth, view, self.expected.fov_deg, **size)
        places = unproject(pixels[new], sample(depth, pixels[new]), view, **size)
        places[_near_step(depth, pixels[new])] = np.nan
        self._world[ids[new]] = places

    def _sample(self, time: float, wanted: View, found: View | None, ids: NDArray[np.int64], pixels: Float64) -> Sample:
        start, world = self._start[ids], self._world[ids]
        old = np.isfinite(start).all(axis=1) & np.isfinite(world).all(axis=1)
        if old.sum() < LEAST_POINTS:  # the photo's own points are gone: the later ones speak for the camera
            old = np.isfinite(world).all(axis=1)
        size = {"width": self.expected.width, "height": self.expected.height}
        commanded, _ = project(world[old], wanted, **size)
        begun, _ = project(world[old], self.expected.view_at(0.0), **size)
        return Sample(
            time=time,
            wanted=wanted,
            found=found,
            way_wanted=_median_length(commanded - begun),
            way_found=_median_length(pixels[old] - begun),
            error=_median_length(pixels[old] - commanded),
        )

    def commands_wanted(self, time: float, told: Told = (True, True)) -> frozenset[Command]:
        """The camera commands that the plan must show from its begin to a time; empty where too slight to tell.

        Only the pairs of edge points that are `told` count (see `camera_rule`).

        What is demanded must hold for the nearest and for the farthest around the four points: a point that is
        followed may belong to either.
        """
        size = {"width": self.expected.width, "height": self.expected.height}
        first = edge_points(**size)
        window = np.ones((2 * _AROUND + 1, 2 * _AROUND + 1), np.uint8)
        wanted: frozenset[Command] | None = None
        for depth in (cv2.erode(self.depth, window), cv2.dilate(self.depth, window)):
            world = unproject(first, sample(depth, first), self.expected.view_at(0.0), **size)
            last, _ = project(world, self.expected.view_at(time), **size)
            found = commands_wanted(first, last, **size, told=told) if np.isfinite(last).all() else frozenset[Command]()
            wanted = found if wanted is None else wanted & found
        return wanted or frozenset()

    def path_error(self) -> tuple[float, float] | None:
        """Mean over the samples of the points' distance from the plan, and of the way they should have gone; px."""
        known = [s for s in self.samples[1:] if np.isfinite(s.error) and np.isfinite(s.way_wanted)]
        if not known:
            return None
        return float(np.mean([s.error for s in known])), float(np.mean([s.way_wanted for s in known]))

    def trajectory_error(self) -> TrajectoryError | None:
        """RotErr, TransErr and CamMC over 16 samples spread evenly; None when poses are missing."""
        if len(self.samples) < 2:
            return None
        chosen = [self.samples[i] for i in np.linspace(0, len(self.samples) - 1, POSES).round().astype(int)]
        found = [s.found for s in chosen]
        if any(view is None for view in found):
            return None
        return trajectory_error(
            [s.wanted.world_to_camera for s in chosen], [view.world_to_camera for view in found if view is not None]
        )

    @property
    def fully_lost(self) -> bool:
        """Whether no pose but the first could be found."""
        return all(s.found is None for s in self.samples[1:])


def _median_length(vectors: Float64) -> float:
    lengths = np.linalg.norm(vectors, axis=1)
    lengths = lengths[np.isfinite(lengths)]
    return float(np.median(lengths)) if len(lengths) else float("nan")


def _near_step(depth: Float32, pixels: Float64) -> NDArray[np.bool_]:
    """(N,) whether the depth differs by more than a tenth around a pixel."""
    around = [sample(depth, pixels + np.array([dx, dy]) * _RIM_PX) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    stacked = np.stack(around)
    return np.asarray(stacked.max(axis=0) > 1.1 * stacked.min(axis=0))
