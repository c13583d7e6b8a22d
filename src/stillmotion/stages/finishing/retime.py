"""Another rate, slow motion, speed ramps: frames at times between the frames that are there.

A frame that falls on one that is there is that one, untouched; between two it is drawn along their motion
(`interpolate`), by the network too if that is asked for, averaged, or held; across a cut it is always held. Knows times
and pairs of frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from stillmotion.errors import InputError
from stillmotion.models.interpolator import NAME, interpolator
from stillmotion.options import Between as How
from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.flow import FlowFinder
from stillmotion.stages.finishing.interpolate import Between
from stillmotion.types import Float64, FrameStream, UInt8

_SAME = 0.02  # of a frame: a time this near to a frame that is there is that frame
_SAME_STEP = 0.25  # and not farther than this share of the way to the next frame asked for: no stutter in slow motion


class SpeedMap:
    """Video time -> time of the source, for a speed that changes linearly between keys.

    Keys (seconds of the source, speed) rise in time; before the first and after the last the speed stays.
    """

    def __init__(self, keys: tuple[tuple[float, float], ...], seconds: float) -> None:
        times = sorted({0.0, seconds, *(time for time, _ in keys if 0 < time < seconds)})
        self._source = np.array(times)
        speeds = np.interp(self._source, [time for time, _ in keys], [speed for _, speed in keys])
        self._speed = speeds
        spans = np.diff(self._source)
        rise = np.diff(speeds) / spans
        with np.errstate(divide="ignore", invalid="ignore"):  # ∫ ds / (v + a s) is a logarithm, or s / v
            lasting = np.where(np.abs(rise) < 1e-9, spans / speeds[:-1], np.log(speeds[1:] / speeds[:-1]) / rise)
        self._rise = rise
        self._video = np.concatenate([[0.0], np.cumsum(lasting)])

    @property
    def seconds(self) -> float:
        """Length of the video."""
        return float(self._video[-1])

    def __call__(self, t: Float64) -> Float64:
        """Seconds of the source at seconds (N,) of the video."""
        part = np.clip(np.searchsorted(self._video, t, side="right") - 1, 0, len(self._rise) - 1)
        dt, speed, rise = t - self._video[part], self._speed[part], self._rise[part]
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.where(np.abs(rise) < 1e-9, speed * dt, speed * np.expm1(rise * dt) / rise)
        return np.asarray(self._source[part] + moved)


class Retime:
    """The step: `fps` of the result (None: as it is), `speed` keys (None: as it is)."""

    name = "retime"
    look_ahead = 2

    def __init__(self, *, fps: float | None, speed: tuple[tuple[float, float], ...] | None, how: How) -> None:
        """
        Raises:
            WeightsMissing: the network is asked for and its file is not there.
        """
        self._fps, self._speed, self._how = fps, speed, how
        self._network = interpolator() if how == "learned" else None
        self._told: dict[str, Any] = {}
        self._kept = self._drawn = self._held = 0
        self._cuts = CutFinder()

    def __call__(self, frames: FrameStream) -> FrameStream:
        if frames.count < 1:
            raise InputError("The video has no frames, so there is nothing to retime.", hint="Give a video with some.")
        fps = self._fps or frames.fps
        seconds = frames.count / frames.fps
        curve = None if self._speed is None else SpeedMap(self._speed, seconds)
        count = max(1, round((seconds if curve is None else curve.seconds) * fps))
        ticks = np.arange(count) / fps
        source = ticks if curve is None else curve(ticks)
        places = np.minimum(source * frames.fps, frames.count - 1)
        by = f"{self._how} ({NAME})" if self._network is not None else self._how
        self._told = {"fps": [frames.fps, fps], "frames": [frames.count, count], "by": by}
        return replace(frames, frames=self._each(frames, places), fps=fps, count=count)

    def told(self) -> dict[str, Any]:
        return self._told | {
            "untouched": self._kept, "drawn_between": self._drawn, "held": self._held, "cuts": self._cuts.count,
        }  # fmt: skip

    def _each(self, frames: FrameStream, places: Float64) -> Iterator[UInt8]:
        pair = _Pair(frames, self._cuts)
        finder = FlowFinder(frames.width, frames.height)
        for place, same in zip(places.tolist(), _same(places).tolist(), strict=True):
            first = int(place + same)
            pair.reach(first)
            t = place - first
            if t <= same or pair.after is None:
                self._kept += 1
                yield pair.before
            elif pair.cut or self._how == "repeat" or pair.alike:
                self._held += 1
                yield pair.after if pair.cut and t >= 0.5 else pair.before
            else:
                self._drawn += 1
                yield self._between(pair, pair.after, finder, t)

    def _between(self, pair: _Pair, after: UInt8, finder: FlowFinder, t: float) -> UInt8:
        """The frame at 0 < t < 1 of the way."""
        before = pair.before
        if self._how == "blend":
            mixed = before.astype(np.float32) * (1 - t) + after.astype(np.float32) * t
            return np.asarray(np.rint(mixed), dtype=np.uint8)
        if pair.drawer is None:
            flows = finder(finder.grey(before), finder.grey(after))
            pair.drawer = Between(before, after, flows, network=self._network)
        return pair.drawer(t)


def _same(places: Float64) -> Float64:
    """How near (N,) a time must be to a frame that is there to be that frame."""
    if len(places) < 2:
        return np.full(len(places), _SAME)
    steps = np.diff(places)
    steps = np.minimum(np.append(steps, steps[-1]), np.insert(steps, 0, steps[0]))
    return np.asarray(np.clip(_SAME_STEP * steps, 1e-6, _SAME))


class _Pair:
    """Two neighbouring frames of a stream, moved on as time goes; the second is drawn when it is asked for."""

    def __init__(self, frames: FrameStream, cuts: CutFinder) -> None:
        self._source, self._cuts = iter(frames), cuts
        self.before = next(self._source)
        self._cuts(self.before)
        self._number = 0
        self._ahead = False
        self._forget()

    def _forget(self) -> None:
        self._after: UInt8 | None = None
        self._alike: bool | None = None
        self.drawer: Between | None = None
        self._cut = False

    def reach(self, number: int) -> None:
        """Let `before` be the frame of this number, or the last one there is."""
        while self._number < number and self.after is not None:
            self.before = self.after
            self._number += 1
            self._ahead = False
            self._forget()

    @property
    def after(self) -> UInt8 | None:
        """The frame after `before`, if there is one."""
        if not self._ahead:
            self._after, self._ahead = next(self._source, None), True
            self._cut = self._after is not None and self._cuts(self._after)
        return self._after

    @property
    def cut(self) -> bool:
        """Whether another scene begins with `after`."""
        return self.after is not None and self._cut

    @property
    def alike(self) -> bool:
        """Whether both frames are the same picture."""
        if self._alike is None:
            self._alike = self.after is not None and bool(np.array_equal(self.before, self.after))
        return self._alike
