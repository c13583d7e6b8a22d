"""One pass over a video: every measure that can be taken, against a plan where there is one.

    frames ─▶ shrink ─▶ tracks ─┬▶ camera commands, jitter, jerk        every frame
        │                       ├▶ pose, way of points, drift, regions  8 times a second (at least 16 in all)
        │                       └▶ dense flow: dynamic degree, warping  8 times a second, 8 pairs in all
        └▶ steps, light, first frame

Frames are looked at as they come; the first, the last and the one before are held, never the video.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.evaluation.camera_rule import edge_points
from stillmotion.evaluation.dynamic_degree import pair_interval
from stillmotion.evaluation.expected import Expected
from stillmotion.evaluation.fidelity import psnr, psnr_luma, ssim
from stillmotion.evaluation.measures import Curves, Measures
from stillmotion.evaluation.picture import grey, resize, shrunk_size
from stillmotion.evaluation.watch_camera import POSES, CameraWatch
from stillmotion.evaluation.watch_light import DriftWatch, LightWatch
from stillmotion.evaluation.watch_motion import FlowWatch, MotionWatch
from stillmotion.evaluation.watch_regions import RegionWatch
from stillmotion.types import Float64, UInt8

MEASURING_SIDE = 640
_WARP_PAIRS = 8
_BEHIND = 2  # frames by which the second thread may lag
_WAY_LOOKS = 9  # places of a thing on its way where no camera point is sought
_EDGE_REACH = 0.03  # of the width: a point of the camera rule this near to a moving thing may be carried off by it
_LEAST_WAY = 0.15  # percent of the width: below it the way of points is too short to be divided by


def measure(
    frames: Iterable[UInt8], *, fps: float, expected: Expected | None = None, count: int | None = None
) -> Measures:
    """Measure a video in one pass.

    Args:
        frames: uint8 (H, W, 3) sRGB each, all of one size.
        fps: frames per second of the video.
        expected: what it shall be; None: only what a video says about itself.
        count: how many frames will come, if known: a length other than the plan's is then compared at the same share
            of the way, and `length_err` says how far it is off.

    Raises:
        InputError: no frame, or frames of different sizes.
    """
    watch = Measurer(fps=fps, expected=expected, count=count)
    held: UInt8 | None = None
    for frame in frames:
        if held is not None:
            watch.see(held)
        held = frame
    if held is not None:
        watch.see(held, last=True)
    return watch.result()


@dataclass(frozen=True, slots=True)
class _Look:
    """One frame on its way to the second thread."""

    index: int
    frame: UInt8
    small: UInt8
    picture: UInt8
    homography: Float64 | None  # None: not sampled, or lost
    last: bool


class Measurer:
    """Takes the frames of a video one by one and gives its measures at the end. Arguments as in `measure`."""

    def __init__(self, *, fps: float, expected: Expected | None = None, count: int | None = None) -> None:
        self.fps, self.expected = fps, expected
        self.count = count if count is not None else (expected.frames if expected else None)
        self.index = -1
        self.light, self.drift = LightWatch(), DriftWatch()
        self.motion: MotionWatch | None = None
        self.flow: FlowWatch | None = None
        self.camera = CameraWatch(expected, expected.depth) if expected and expected.depth is not None else None
        self.regions = [RegionWatch(region, expected) for region in expected.regions] if expected else []
        self.notes: list[str] = []
        self._first: tuple[float, float, float] | None = None
        self._canvas = (0, 0)
        self._every = self._sample_interval()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="measure")
        self._pending: deque[Future[None]] = deque()
        self._commands_told = True  # no edge point stands on something that moves by itself

    def _sample_interval(self) -> int:
        every = pair_interval(self.fps)
        return every if self.count is None else max(1, min(every, (self.count - 1) // (POSES - 1)))

    def see(self, frame: UInt8, *, last: bool = False) -> None:
        """Take the next frame; the last one is always looked at closely."""
        self.index += 1
        height, width = frame.shape[:2]
        if self.index == 0:
            self._begin(frame)
        elif (width, height) != self._canvas:
            raise InputError(
                f"Frame {self.index} has {width}x{height} pixels, the first {self._canvas}; one size is needed."
            )
        assert self.motion is not None
        assert self.flow is not None
        small = resize(frame, self.motion.width, self.motion.height)
        picture = grey(small)
        sampled = last or self.index % self._every == 0
        self.motion.see(picture, settle=sampled)
        homography = self.motion.homography
        while len(self._pending) > _BEHIND:
            self._pending.popleft().result()
        look = _Look(self.index, frame, small, picture, homography if sampled else None, last)
        self._pending.append(self._beside.submit(self._see_beside, look))
        if not sampled:
            return
        time = self.plan_time(self.index)
        if self.camera is not None:
            self.camera.see(self.motion.tracker, time)
        if self.expected is not None:
            view = self.camera.view if self.camera else self.expected.view_at(time)
            for region in self.regions:
                region.see(picture, view, homography, time)

    def _see_beside(self, look: _Look) -> None:
        """What no other measure waits for: in a thread of its own, frame after frame."""
        assert self.flow is not None
        self.light.see(look.frame)
        self.flow.see(look.index, look.small, look.picture, look.homography)
        seldom = look.index == 0 or look.last or look.index // self._every % 4 == 0
        if look.homography is not None and seldom:
            self.drift.see(look.frame, look.small, look.homography, look.index / self.fps)

    def plan_time(self, index: int) -> float:
        """The time in the plan that frame `index` shows: its own, stretched to the plan's length."""
        time = index / self.fps
        if self.expected is None or self.count is None:
            return time
        length = self.count / self.fps
        planned = self.expected.frames / self.expected.fps
        return time if abs(length - planned) <= 1.5 / self.fps else time * planned / length

    def _begin(self, frame: UInt8) -> None:
        height, width = frame.shape[:2]
        self._canvas = width, height
        if self.expected is not None:
            small = self.expected.width, self.expected.height
            shape, wanted = width / height, small[0] / small[1]
            if abs(shape / wanted - 1) > 0.02:
                self.notes.append(
                    f"the video is {width}x{height}, another shape than planned: it was stretched to compare"
                )
        else:
            small = shrunk_size(width, height, long_side=MEASURING_SIDE)
        moving = self._moving(small)
        self._commands_told = moving is None or not _near_edge_points(moving)
        self.motion = MotionWatch(*small, avoid=moving)
        warp_every = max(2, (self.count or 100) // _WARP_PAIRS)
        warp_every = max(self._every, warp_every - warp_every % self._every)
        self.flow = FlowWatch(*small, self.fps, warp_every=warp_every)
        if self.expected is not None and self.expected.first is not None:
            self._compare_first(frame, self.expected.first)

    def _moving(self, size: tuple[int, int]) -> UInt8 | None:
        """Where (h, w) things move by themselves, all along their ways."""
        moving = np.zeros((size[1], size[0]), dtype=np.uint8)
        for watch in self.regions:
            if watch.region.kind not in ("still", "light"):
                moving[watch.region.mask > 0.05] = 255
            if watch.region.place is not None and self.expected is not None:
                mask = (watch.region.mask > 0.05).astype(np.uint8) * 255
                for t in np.linspace(0, self.expected.seconds, _WAY_LOOKS):
                    there = cv2.warpAffine(mask, watch.region.place(float(t)), size, flags=cv2.INTER_NEAREST)
                    moving = np.maximum(moving, np.asarray(there, dtype=np.uint8))
        return moving if moving.any() else None

    def _compare_first(self, frame: UInt8, photo: UInt8) -> None:
        if frame.shape != photo.shape:
            self.notes.append(
                f"the video is {frame.shape[1]}x{frame.shape[0]}, the plan {photo.shape[1]}x{photo.shape[0]}: "
                "the photo was resampled to compare"
            )
            photo = resize(photo, frame.shape[1], frame.shape[0])
        self._first = psnr(frame, photo), psnr_luma(frame, photo), ssim(frame, photo)

    def result(self) -> Measures:
        """The measures of the frames seen.

        Raises:
            InputError: there was no frame.
        """
        if self.motion is None or self.flow is None:
            raise InputError("The video has no frame; nothing can be measured.")
        while self._pending:
            self._pending.popleft().result()
        count = self.index + 1
        first = self._first or (None, None, None)
        drift = self.drift.per_second()
        degree = self.flow.dynamic_degree()
        width = self._canvas[0]
        several = count > 2
        return Measures(
            frames=count, width=width, height=self._canvas[1], fps=self.fps,
            commands=tuple(sorted(self.motion.commands())),
            dynamic=degree.dynamic if self.flow.relative else None,
            length_err=self._length_error(count),
            first_psnr=first[0], first_psnr_luma=first[1], first_ssim=first[2],
            **self._camera_measures(),
            dynamic_strength=degree.strength if self.flow.relative else None,
            warp_err=_mean(self.flow.warp_errors),
            flicker=self.light.flicker() if several else None,
            pumping=self.light.pumping() if several else None,
            jump=self.light.jump()[0] if several else None,
            drift=drift.colour if drift else None,
            drift_contrast=drift.contrast if drift else None,
            drift_sharpness=drift.sharpness if drift else None,
            loop_seam=self.light.seam(),
            jitter=self.motion.jitter_px(at_width=width) if several else None,
            roughness=self.motion.roughness_px(at_width=width) if count > 8 else None,
            jerk=self.motion.jerk(self.fps) if count > 4 else None,
            stability=self.motion.stability() if count > 12 else None,
            stretch=_percent(self.flow.stretch), holes=_percent(self.flow.holes),
            regions=tuple(watch.result() for watch in self.regions),
            curves=self._curves(), notes=tuple(self.notes),
        )  # fmt: skip

    def _length_error(self, count: int) -> float | None:
        if self.expected is None:
            return None
        planned = self.expected.frames / self.expected.fps
        return 100 * abs(count / self.fps / planned - 1)

    def _camera_measures(self) -> dict[str, float | None]:
        if self.camera is None or self.motion is None:
            return {}
        found: dict[str, float | None] = {}
        wanted = self.camera.commands_wanted(self.plan_time(self.index), self.motion.commands_told)
        if wanted and self._commands_told:
            found["camera_rule"] = float(wanted <= self.motion.commands())
        path = self.camera.path_error()
        if path is not None:
            width = self.motion.width
            error, way = 100 * path[0] / width, 100 * path[1] / width
            found["path_err"] = error
            found["path_ratio"] = error / way if way > _LEAST_WAY else None
        trajectory = self.camera.trajectory_error()
        if trajectory is not None:
            found |= {"rot_err": trajectory.rot_err, "trans_err": trajectory.trans_err, "cam_mc": trajectory.cam_mc}
        elif self.camera.fully_lost:
            self.notes.append("no camera pose could be found: too few points could be followed")
        return found

    def _curves(self) -> Curves:
        assert self.flow is not None
        samples = [s for s in self.camera.samples if np.isfinite(s.error)] if self.camera else []
        percent = 100 / self.expected.width if self.expected else 0.0
        at = [i / self.fps for i in range(self.index + 1)]
        pair = self.flow.interval / self.fps
        return Curves(
            path_wanted=tuple((s.time, s.way_wanted * percent) for s in samples),
            path_found=tuple((s.time, s.way_found * percent) for s in samples),
            path_err=tuple((s.time, s.error * percent) for s in samples),
            step=tuple(zip(at[1:], self.light.steps, strict=True)),
            luma=tuple(zip(at, self.light.luma, strict=True)),
            colour=tuple((t, d.colour) for t, d in zip(self.drift.times, self.drift.found, strict=True)),
            strength=tuple(((i + 0.5) * pair, value) for i, value in enumerate(self.flow.relative)),
        )


def _near_edge_points(moving: UInt8) -> bool:
    """Whether one of the four points of the camera rule is on or near a place (h, w) > 0."""
    height, width = moving.shape
    reach = round(_EDGE_REACH * width)
    return any(
        bool(moving[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].any())
        for x, y in edge_points(width, height).round().astype(int).tolist()
    )


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _percent(values: list[float]) -> float | None:
    return 100 * float(np.mean(values)) if values else None
