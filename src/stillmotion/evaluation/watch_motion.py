"""Watches how the picture moves while frames pass: tracks, commands, dynamic degree, smoothness. Knows no plan."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.evaluation.camera_rule import Command, EdgeWatch, Told
from stillmotion.evaluation.dynamic_degree import (
    Dis,
    DynamicDegree,
    dynamic_degree,
    pair_interval,
    threshold_px,
    top_magnitude,
)
from stillmotion.evaluation.picture import grey, resize
from stillmotion.evaluation.shape import estimated_hole_share, estimated_stretch_share
from stillmotion.evaluation.smoothness import centre_shift, jerk, jitter, roughness, similarity
from stillmotion.evaluation.stabilisation import stability
from stillmotion.evaluation.tracks import Step, Tracker
from stillmotion.evaluation.warping import pair_error
from stillmotion.types import Float64, UInt8

DIS_SIDE = 256  # the shorter side at which VBench's threshold is 6 px


class MotionWatch:
    """Tracks of a video at measuring size and what can be said from them alone."""

    def __init__(self, width: int, height: int, *, avoid: UInt8 | None = None, count: int = 250) -> None:
        """`avoid` (h, w) > 0: places of the photo that move by themselves, where no camera point is sought."""
        self.width, self.height = width, height
        self.tracker = Tracker(count=count)
        self.homography: Float64 | None = None  # (3, 3) from frame 0 to the latest settled frame
        self._edges = EdgeWatch(width, height)
        self._free = None if avoid is None else np.where(avoid > 0, 0, 255).astype(np.uint8)
        self._shifts: list[Float64] = []
        self._steps: list[Float64] = []

    def see(self, picture: UInt8, *, settle: bool) -> Step:
        """Take the next frame (h, w) grey; `settle`: bind the points to frame 0 again."""
        step = self.tracker.step(picture, mask=self._mask())
        self._edges.see(picture, step)
        if self.tracker.frame > 0:
            matrix = similarity(step)
            still = np.eye(3)[:2]
            self._steps.append(still if matrix is None else matrix)
            self._shifts.append(centre_shift(self._steps[-1], width=self.width, height=self.height))
        if settle:
            self.homography = np.eye(3) if self.tracker.frame == 0 else self.tracker.settle()
        return step

    def _mask(self) -> UInt8 | None:
        if self._free is None or self.homography is None:
            return self._free
        size = self.width, self.height
        moved = cv2.warpPerspective(self._free, self.homography, size, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
        return np.asarray(moved, dtype=np.uint8)

    @property
    def commands_told(self) -> Told:
        """Which pairs of edge points could be followed."""
        return self._edges.told

    def commands(self) -> frozenset[Command]:
        """The camera commands seen so far."""
        return self._edges.commands()

    def jitter_px(self, *, at_width: int) -> float:
        """Jitter of the centre in px of a frame `at_width` wide."""
        return jitter(self._shifts) * at_width / self.width

    def roughness_px(self, *, at_width: int) -> float:
        """The part of the jitter that no smooth move explains, px of a frame `at_width` wide."""
        return roughness(self._shifts) * at_width / self.width

    def jerk(self, fps: float) -> float:
        """Rms jerk of the centre, frame widths per s³."""
        return jerk(self._shifts, fps=fps, width=self.width)

    def stability(self) -> float:
        """DIFRINT's stability of the video as it is."""
        return stability(self._steps)


class FlowWatch:
    """Dense flow of some pairs of frames: dynamic degree, warping error, and the estimated shape measures."""

    def __init__(self, width: int, height: int, fps: float, *, warp_every: int) -> None:
        factor = min(1.0, DIS_SIDE / min(width, height))
        self.size = max(16, round(width * factor)), max(16, round(height * factor))
        self.fps, self.interval, self.warp_every = fps, pair_interval(fps), warp_every
        self.relative: list[float] = []
        self.warp_errors: list[float] = []
        self.stretch: list[float] = []
        self.holes: list[float] = []
        self._dis, self._fine = Dis(), Dis(fine=True)
        self._pair: UInt8 | None = None
        self._last: tuple[UInt8, UInt8] | None = None
        self._first: UInt8 | None = None

    def see(self, index: int, small: UInt8, picture: UInt8, homography: Float64 | None) -> None:
        """Take frame `index`: small (h, w, 3), its grey (h, w), and the map from frame 0 where it is known."""
        if index % self.interval == 0:
            tiny = grey(resize(small, *self.size))
            if self._pair is not None:
                limit = threshold_px(*self.size, fps=self.fps)
                self.relative.append(top_magnitude(self._fine(self._pair, tiny)) / limit)
            self._pair = tiny
        if self._last is not None and index % self.warp_every == self.warp_every // 2:
            before, before_grey = self._last
            forward, back = self._dis(before_grey, picture), self._dis(picture, before_grey)
            error = pair_error(before, small, forward, back)
            if error is not None:
                self.warp_errors.append(error)
            if homography is not None and self._first is not None:
                self._judge_shape(self._first, small, picture, homography)
        self._first = small if self._first is None else self._first
        self._last = small, picture

    def _judge_shape(self, first: UInt8, small: UInt8, picture: UInt8, homography: Float64) -> None:
        height, width = picture.shape
        moved = cv2.warpPerspective(first, homography, (width, height), borderMode=cv2.BORDER_REPLICATE)
        reference: UInt8 = np.asarray(moved, dtype=np.uint8)
        back = self._dis(picture, grey(reference))
        self.stretch.append(estimated_stretch_share(back))
        self.holes.append(estimated_hole_share(reference, small, back))

    def dynamic_degree(self) -> DynamicDegree:
        """VBench's dynamic degree by DIS."""
        return dynamic_degree(self.relative)
