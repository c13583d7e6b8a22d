"""The sound of one clip as samples: laid out by its own clock, then stretched, ramped or turned round.

    packets ─▶ decode ─▶ stereo 48 kHz ─▶ placed by time (silence in gaps) ─┬─────────────────────▶ blocks
                                                                            └▶ scratch file ─▶ any order ─▶ blocks

Speech and music keep their pitch at a constant speed (`time_stretch`); in a speed ramp the pitch follows the
speed, as on a tape. Blocks are int16 (n, 2) at RATE; the memory held does not grow with the length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import av.error
import numpy as np

from stillmotion.errors import Cancelled, InputError
from stillmotion.types import Float64

RATE = 48_000
BLOCK = 1 << 15
_TICK = Fraction(1, RATE)
_GAP_S = 0.04  # seconds by which a packet may be off its place before silence is put in, or sound left out

Samples = np.ndarray[Any, np.dtype[np.int16]]  # (n, 2) at RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The sound of one clip and how its time is changed."""

    path: Path
    begin: float  # seconds of the clip's own time at which the pictures begin
    seconds: float  # length it is given, as long as its pictures
    tempo: float = 1.0  # constant speed; the pitch stays
    source_time: Callable[[Float64], Float64] | None = None  # seconds of the result -> of the clip, for a speed ramp
    backwards: bool = False

    @property
    def untouched(self) -> bool:
        """Whether the sound goes through as it is."""
        return self.tempo == 1 and self.source_time is None and not self.backwards


class Sound:
    """The samples of one track. Decoding goes on behind what is damaged, and counts it."""

    def __init__(self, track: Track, scratch: Path, cancel: Event | None = None) -> None:
        self._track, self._scratch, self._cancel = track, scratch, cancel
        self.damaged = 0  # packets that could not be decoded

    def blocks(self) -> Iterator[Samples]:
        """The sound, exactly as long as its track says; silence where it has none.

        Raises:
            InputError: nothing of it can be decoded.
            Cancelled: `cancel` was set.
        """
        track = self._track
        if track.source_time is not None:
            ends = track.source_time(np.array([0.0, track.seconds]))
            blocks = self._ramped(self._spooled(float(ends.max())), track.source_time)
        elif track.backwards:
            blocks = self._reversed(self._spooled(track.seconds * track.tempo))
        else:
            blocks = self._placed(track.seconds * track.tempo)
        if track.tempo != 1:
            from stillmotion.media.time_stretch import stretched  # compiled code

            blocks = stretched(blocks, track.tempo)
        return _exactly(blocks, round(track.seconds * RATE))

    # ── decoding ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _placed(self, seconds: float) -> Iterator[Samples]:
        """From the first picture on, for this long."""
        at, end = 0, round(seconds * RATE)
        for place, block in self._decoded():
            if place > at:
                yield from silence(min(place, end) - at)
                at = min(place, end)
            fresh = block[max(0, at - place) : max(0, end - place)]
            if len(fresh):
                yield fresh
                at += len(fresh)
            if at >= end:
                return
        yield from silence(end - at)

    def _decoded(self) -> Iterator[tuple[int, Samples]]:
        """Blocks, and the sample from the first picture on at which each begins."""
        run: _Run | None = None
        for frame in self._frames():
            if run is None or not run.goes_on_with(frame):
                if run is not None:
                    yield from run.rest()
                run = _Run(frame, self._track.begin)
            yield from run.take(frame)
        if run is not None:
            yield from run.rest()
        elif self.damaged:  # a sound track without packets is only silent
            raise InputError(f"The sound of {self._track.path} cannot be decoded.", hint="--mute leaves it out.")

    def _frames(self) -> Iterator[Any]:  # av's AudioFrame
        with av.open(str(self._track.path)) as container:
            stream = container.streams.audio[0]
            packets = container.demux(stream)
            while True:
                if self._cancel is not None and self._cancel.is_set():
                    raise Cancelled("The sound was stopped on request.")
                try:
                    packet = next(packets, None)
                    if packet is None:
                        return
                    yield from packet.decode()
                except av.error.EOFError:
                    return
                except av.error.FFmpegError:
                    self.damaged += 1

    # ── any order ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _spooled(self, seconds: float) -> int:
        """All samples to the scratch file; how many."""
        with self._scratch.open("wb") as file:
            for block in self._placed(seconds):
                file.write(np.ascontiguousarray(block).tobytes())
        return self._scratch.stat().st_size // 4

    def _read(self, low: int, high: int) -> Samples:
        found = np.fromfile(self._scratch, dtype=np.int16, count=2 * (high - low), offset=4 * low)
        return found.reshape(-1, 2)

    def _reversed(self, count: int) -> Iterator[Samples]:
        for end in range(count, 0, -BLOCK):
            yield self._read(max(0, end - BLOCK), end)[::-1]

    def _ramped(self, count: int, source_time: Callable[[Float64], Float64]) -> Iterator[Samples]:
        """Linear between samples where slow; where fast, the mean over the samples that one stands for."""
        for start in range(0, round(self._track.seconds * RATE), BLOCK):
            edges = source_time((start + np.arange(BLOCK + 1)) / RATE) * RATE
            low, high = (int(np.clip(edge, 0, count)) for edge in (edges.min() - 2, edges.max() + 3))
            if low >= high:
                yield np.zeros((BLOCK, 2), np.int16)
                continue
            part = self._read(low, high).astype(np.float64)
            at, step = edges[:-1] - low, np.diff(edges)
            sides = [_between(part[:, side], at, step) for side in (0, 1)]
            yield np.clip(np.rint(np.stack(sides, axis=1)), -32768, 32767).astype(np.int16)


class _Run:
    """Frames that follow one another without a gap, resampled together."""

    def __init__(self, frame: Any, begin: float) -> None:
        self._resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        self._kind = _kind(frame)
        self._start = float(frame.time or 0.0)
        self._place = round((self._start - begin) * RATE)
        self._taken = 0

    def goes_on_with(self, frame: Any) -> bool:
        """Whether a frame begins where the last one ended."""
        if _kind(frame) != self._kind:
            return False
        expected = self._start + self._taken / frame.sample_rate
        return frame.time is None or abs(float(frame.time) - expected) < _GAP_S

    def take(self, frame: Any) -> Iterator[tuple[int, Samples]]:
        self._taken += frame.samples
        frame.pts = None  # its place is kept here
        return self._given(self._resampler.resample(frame))

    def rest(self) -> Iterator[tuple[int, Samples]]:
        return self._given(self._resampler.resample(None))

    def _given(self, frames: list[Any]) -> Iterator[tuple[int, Samples]]:
        for frame in frames:
            block = frame.to_ndarray().reshape(-1, 2)
            yield self._place, block
            self._place += len(block)


def _kind(frame: Any) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _between(side: Float64, at: Float64, step: Float64) -> Float64:
    places = np.arange(len(side))
    values = np.interp(at, places, side, left=0.0, right=0.0)
    fast = np.abs(step) > 1
    if fast.any():
        total = np.concatenate([[0.0], np.cumsum(side)])
        edges = np.arange(len(total)) - 0.5
        begin, end = at[fast] - step[fast] / 2, at[fast] + step[fast] / 2
        values[fast] = (np.interp(end, edges, total) - np.interp(begin, edges, total)) / step[fast]
    return np.asarray(values)


def _exactly(blocks: Iterator[Samples], count: int) -> Iterator[Samples]:
    """As many samples: cut, or silence at the end."""
    left = count
    for block in blocks:
        if left <= 0:
            return
        yield block[:left]
        left -= min(left, len(block))
    yield from silence(left)


def silence(count: int) -> Iterator[Samples]:
    """Blocks of nothing."""
    for start in range(0, count, BLOCK):
        yield np.zeros((min(BLOCK, count - start), 2), np.int16)


def audio_frame(block: Samples) -> Any:  # av's AudioFrame
    """A block for FFmpeg."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = RATE
    frame.time_base = _TICK
    return frame
