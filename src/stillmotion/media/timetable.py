"""When each frame of a file is shown, which can be decoded by themselves, and whether the file is whole.

Read from the packets alone: nothing is decoded. Knows containers; does not know pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av.error

from stillmotion.errors import Cancelled, InputError
from stillmotion.media.opening import open_video, said

_SLACK_S = 0.3  # seconds by which a file may end before it says
_JUMP_S = 1.0  # seconds that a clock may step back by
_FASTEST, _USUAL = 240, Fraction(25)  # frames a second: a rate above is none
_SHOWN_VP8 = 0x10  # bit of the first byte: this frame is shown
_NOT_SOUGHT = ("gif", "apng")  # every frame builds on the ones before, whatever their packets say


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The frames of a file in the order in which they are shown."""

    stamps: tuple[int, ...]  # of each frame, in `base` seconds, rising
    base: Fraction
    end: int  # stamp at which the last one is over
    keys: tuple[int, ...]  # numbers of frames from which decoding can begin; empty where the file cannot be searched
    stamped: bool  # whether decoded pictures can be known by their stamps; else they are counted
    sound: tuple[float, float] | None  # seconds at which its sound begins and ends
    notes: tuple[str, ...]

    def since(self, number: int) -> Timetable:
        """The same without the frames before this one."""
        keys = tuple(key - number for key in self.keys if key >= number)
        return replace(self, stamps=self.stamps[number:], keys=keys)

    def seconds(self, number: int) -> float:
        """When a frame is shown, from the first one on."""
        return float((self.stamps[number] - self.stamps[0]) * self.base)


def read_timetable(path: Path, rate: Fraction, cancel: Event | None = None) -> Timetable:
    """Go through all packets of a file; `rate` is used where they carry no times.

    Raises:
        InputError: no frames, or the file is cut off, or its clock jumps back.
        Cancelled: `cancel` was set.
    """
    container, stream = open_video(path)
    with container:
        found = _Packets(container, stream, cancel)
        found.check(path)
        if found.stamped and len({stamp for stamp, _ in found.shown}) == found.count:
            return _by_stamps(found, stream.time_base, searched=container.format.name not in _NOT_SOUGHT)
        return _by_count(found, stream.time_base, Fraction(stream.codec_context.framerate or rate))


def _by_stamps(found: _Packets, base: Fraction, *, searched: bool) -> Timetable:
    stamps = sorted(stamp for stamp, _ in found.shown)
    numbers = {stamp: number for number, stamp in enumerate(stamps)}
    keys = sorted({numbers[key] for key in found.keys if key in numbers}) if searched else []
    end = max(stamp + length for stamp, length in found.shown)
    return Timetable(
        stamps=tuple(stamps), base=base, end=end, keys=tuple(keys), stamped=True, sound=found.sound,
        notes=tuple(found.notes),
    )  # fmt: skip


def _by_count(found: _Packets, base: Fraction, told: Fraction) -> Timetable:
    rate = told if told <= _FASTEST else _USUAL
    stamps = [found.first + round(number / rate / base) for number in range(found.count + 1)]
    note = f"It does not say when its frames are shown; {float(rate):.4g} a second are assumed."
    return Timetable(
        stamps=tuple(stamps[:-1]), base=base, end=stamps[-1], keys=(), stamped=False, sound=found.sound,
        notes=(*found.notes, note),
    )  # fmt: skip


class _Packets:
    """What the packets say, gathered in one pass."""

    def __init__(self, container: Any, stream: Any, cancel: Event | None) -> None:
        self.shown: list[tuple[int, int]] = []  # stamp and length of each frame, in order of decoding
        self.keys: list[int] = []
        self.count = 0  # frames that are shown
        self.stamped = True
        self.first = 0  # stamp
        self.sound: tuple[float, float] | None = None
        self.notes: list[str] = []
        self._stream, self._vp8 = stream, stream.codec_context.name == "vp8"
        self._whole = 0
        self._half = False  # whether the last packet is cut off
        self._ends: dict[int, float] = {}
        self._last_dts: int | None = None
        self._back_at: int | None = None
        self._broken: str | None = None
        self._indexed, self._seconds = _told(container, stream)
        try:
            for packet in container.demux():
                if cancel is not None and cancel.is_set():
                    raise Cancelled("Reading was stopped on request.")
                if packet.size:
                    self._take(packet)
        except av.error.FFmpegError as error:
            self._broken = said(error)
        self._leave_half()

    def _take(self, packet: Any) -> None:
        stamp = packet.dts if packet.pts is None else packet.pts
        index = packet.stream_index
        if stamp is not None:
            end = float((stamp + (packet.duration or 0)) * packet.time_base)
            if packet.stream.type == "audio" and not packet.is_discard and (index in self._ends or self.sound is None):
                begin = float(stamp * packet.time_base) if self.sound is None else self.sound[0]
                self.sound = (begin, end)
            self._ends[index] = max(self._ends.get(index, end), end)
        if packet.stream is self._stream:
            self._take_picture(packet, stamp)

    def _take_picture(self, packet: Any, stamp: int | None) -> None:
        self._whole += not packet.is_corrupt
        self._half = packet.is_corrupt
        if packet.dts is not None:
            if self._last_dts is not None and (self._last_dts - packet.dts) * packet.time_base > _JUMP_S:
                self._back_at = self._back_at or self.count
            self._last_dts = packet.dts
        if packet.is_discard or (self._vp8 and not memoryview(packet)[0] & _SHOWN_VP8):
            return
        if self.count == 0 and stamp is not None:
            self.first = stamp
        self.count += 1
        self.stamped &= packet.pts is not None
        if packet.pts is not None:
            self.shown.append((packet.pts, packet.duration or 0))
            if packet.is_keyframe:
                self.keys.append(packet.pts)

    def _leave_half(self) -> None:
        if self._half and self._indexed is None and self._seconds is None and self.count > 1:
            self.count -= 1
            if self.stamped:
                self.shown.pop()
            self.notes.append("Its last frame is cut off and was left out.")

    def check(self, path: Path) -> None:
        """Raise where the file is not whole."""
        remedy = f"Fetch or export it again; `ffmpeg -i {path.name} -c copy NEW{path.suffix}` saves what is there."
        if self._broken is not None:
            raise InputError(f"{path} is damaged after {self._whole} frames: {self._broken}.", hint=remedy)
        if self._indexed is not None and self._whole < self._indexed:
            raise InputError(
                f"{path} is cut off: {self._whole} of its {self._indexed} frames can be read.", hint=remedy
            )
        last = max(self._ends.values(), default=0.0)
        if self._seconds is not None and last < self._seconds - _SLACK_S:
            raise InputError(
                f"{path} is cut off: it says {self._seconds:.2f} seconds and ends at {last:.2f}; {self._whole} frames "
                "can be read.", hint=remedy,
            )  # fmt: skip
        if self.count == 0:
            raise InputError(f"{path} holds no frames.", hint="It was closed before anything was recorded.")
        if self._back_at is not None:
            raise InputError(
                f"The clock of {path} jumps back at frame {self._back_at}: it is several recordings in one file.",
                hint=f"`ffmpeg -i {path.name} -c copy NEW.mkv` gives them one clock.",
            )


def _told(container: Any, stream: Any) -> tuple[int | None, float | None]:
    """How many packets the index of the file holds, and its length in seconds, where its head says them."""
    name = container.format.name
    indexed = len(getattr(stream, "index_entries", ()))  # PyAV before 17 does not show them
    if "mp4" in name and indexed:
        return indexed, None  # not `stream.frames`: edit lists leave some of them out
    if name == "avi":  # frames that were dropped while recording are counted there but hold nothing
        return None, float(stream.frames / stream.average_rate) if stream.frames and stream.average_rate else None
    said_so = any(family in name for family in ("mp4", "matroska", "flv", "asf")) and container.duration
    return None, container.duration / 1e6 if said_so else None
