"""Another rate, slow motion, speed ramps: frames at times between the frames that are there.

A frame that falls on one that is there is that one, untouched; between two it is drawn along their motion
(`interpolate`), averaged, or held; across a cut it is always held. Knows times and pairs of frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from stillmotion.options import Between as How
from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.flow import FlowFinder
from stillmotion.stages.finishing.interpolate import Between
from stillmotion.types import Float64, FrameStream, UInt8

_SAME = 0.02  # of a frame: a time this near to a frame that is there is that frame


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
        self._fps, self._speed, self._how = fps, speed, how
        self._told: dict[str, Any] = {}
        self._kept = self._drawn = self._held = 0
        self._cuts = CutFinder()

    def __call__(self, frames: FrameStream) -> FrameStream:
        fps = self._fps or frames.fps
        seconds = frames.count / frames.fps
        length = seconds if self._speed is None else SpeedMap(self._speed, seconds).seconds
        count = max(1, round(length * fps))
        ticks = np.arange(count) / fps
        source = ticks if self._speed is None else SpeedMap(self._speed, seconds)(ticks)
        places = np.minimum(source * frames.fps, frames.count - 1)
        self._told = {"fps": [frames.fps, fps], "frames": [frames.count, count], "by": self._how}
        return replace(frames, frames=self._each(frames, places), fps=fps, count=count)

    def told(self) -> dict[str, Any]:
        return self._told | {
            "untouched": self._kept, "drawn_between": self._drawn, "held": self._held, "cuts": self._cuts.count,
        }  # fmt: skip

    def _each(self, frames: FrameStream, places: Float64) -> Iterator[UInt8]:
        pair = _Pair(frames, self._how, self._cuts)
        for place in places.tolist():
            first = int(place + _SAME)
            t = place - first
            pair.reach(first)
            if t <= _SAME or pair.at_end:
                self._kept += 1
                yield pair.before
            elif t >= 1 - _SAME:
                self._kept += 1
                yield pair.after
            elif pair.cut or self._how == "repeat":
                self._held += 1
                yield pair.before if t < 0.5 or not pair.cut else pair.after
            else:
                self._drawn += 1
                yield pair.between(t)


class _Pair:
    """Two neighbouring frames of a stream, moved on as time goes."""

    def __init__(self, frames: FrameStream, how: How, cuts: CutFinder) -> None:
        self._source, self._how, self._cuts = iter(frames), how, cuts
        self._finder = FlowFinder(frames.width, frames.height)
        self.before = next(self._source)
        self._cuts(self.before)
        self._number = 0
        self._after: UInt8 | None = None
        self._between: Between | None = None
        self._take()

    def _take(self) -> None:
        self._after = next(self._source, None)
        self.cut = self._after is not None and self._cuts(self._after)
        self._between = None

    def reach(self, number: int) -> None:
        """Let `before` be the frame of this number."""
        while self._number < number and self._after is not None:
            self.before = self._after
            self._number += 1
            self._take()

    @property
    def at_end(self) -> bool:
        """Whether there is no frame after `before`."""
        return self._after is None

    @property
    def after(self) -> UInt8:
        assert self._after is not None
        return self._after

    def between(self, t: float) -> UInt8:
        """The frame at 0 < t < 1 of the way."""
        if self._how == "blend":
            mixed = self.before.astype(np.float32) * (1 - t) + self.after.astype(np.float32) * t
            return np.asarray(np.rint(mixed), dtype=np.uint8)
        if self._between is None:
            finder = self._finder
            self._between = Between(self.before, self.after, finder(finder.grey(self.before), finder.grey(self.after)))
        return self._between(t)
