"""Any video file -> frames that a chain can work on: upright, progressive, square pixels, 8-bit sRGB, constant rate.

    file ─▶ timetable (no decoding) ─▶ places on an even grid of time
      └───▶ decode ─▶ deinterlace ─▶ tone-map, sRGB ─▶ turn ─▶ square pixels ─▶ placed (or backwards) ─▶ FrameStream

Whatever had to be changed on the way is told in `notes`. A file that is cut off or damaged is refused; its length is
never changed in silence. Knows files, not what is done with the frames.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import av
import av.error
import av.filter
import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.media.colour import ToRgb
from stillmotion.media.encoding import exact_rate
from stillmotion.media.hdr import HLG, PQ, FromHdr
from stillmotion.media.probe import VideoInfo, probe, read_frames
from stillmotion.types import FrameStream, UInt8

_USUAL_RATES = (Fraction(24000, 1001), *map(Fraction, (12, 15, 24, 25)), Fraction(30000, 1001), *map(Fraction, (30, 48, 50)),
                Fraction(60000, 1001), *map(Fraction, (60, 100, 120)))  # fmt: skip
_OFF_GRID = 0.6  # of a frame: how far a time may be from an even grid that still counts as constant
_CHUNK = 24  # frames held when a clip is read backwards
_LOOKS = 8  # frames looked at to find out whether a clip is interlaced
_PICTURE_FILES = ("png sequence", "webp", "gif")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video as a chain takes it."""

    info: VideoInfo  # the file as it is
    frames: FrameStream
    notes: tuple[str, ...]  # what had to be changed on reading


def read_clip(path: Path, *, backwards: bool = False) -> Clip:
    """The frames of a video file on an even grid of time, first to last or backwards.

    Of a variable rate, frames are held or left out so that each is shown when it was, and the length stays.

    Raises:
        InputError: no video that can be read, no frames in it, or it is cut off or damaged (here, or when that frame is
            reached).
    """
    info = probe(path)
    if info.container in _PICTURE_FILES:
        return _clip_of_pictures(info, backwards=backwards)
    source = _Source(info)
    places = source.places()
    if backwards:
        places.pixels.reverse()
    reader = _backwards(source, places.pixels) if backwards else _forwards(source, places.pixels)
    frames = FrameStream(
        frames=reader, width=source.width, height=source.height, fps=float(places.rate), count=len(places.pixels)
    )
    return Clip(info=info, frames=frames, notes=(*source.notes, *places.notes))


def _clip_of_pictures(info: VideoInfo, *, backwards: bool) -> Clip:
    frames = read_frames(info.path)
    if backwards:
        if info.width * info.height * info.frames > 1 << 28:
            raise InputError(f"{info.path} is too large a picture sequence to be read backwards; make it a video first.")
        frames = replace(frames, frames=iter(list(frames)[::-1]))
    return Clip(info=info, frames=frames, notes=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Which frame of the file is shown at each tick of an even grid."""

    rate: Fraction
    pixels: list[int]  # number of the file's frame
    notes: tuple[str, ...]


def even(times: Sequence[Fraction], rate: Fraction) -> _Places:
    """An even grid for frames shown from these times (seconds, rising) at about this rate."""
    start = times[0]
    on_grid = all(abs((time - start) * rate - number) < _OFF_GRID for number, time in enumerate(times))
    if on_grid or len(times) < 3:
        return _Places(rate=rate, pixels=list(range(len(times))), notes=())
    steps = [after - before for before, after in pairwise(times)]
    usual = median(steps)
    fine = min(_USUAL_RATES, key=lambda known: abs(1 - known * usual))
    rate = fine if abs(1 - fine * usual) < 0.05 else exact_rate(float(1 / usual))
    count = max(1, round((times[-1] - start + usual) * rate))
    pixels = [bisect_right(times, start + (tick + Fraction(1, 2)) / rate) - 1 for tick in range(count)]
    shown = len(set(pixels))
    note = (
        f"The frame rate varies ({float(1 / max(steps)):.3g} to {float(1 / max(min(steps), Fraction(1, 1000))):.3g} per "
        f"second); the frames were laid on an even {float(rate):.4g}: {count - shown} are held for another frame, "
        f"{len(times) - shown} left out. The length stays."
    )
    return _Places(rate=rate, pixels=pixels, notes=(note,))


class _Source:
    """One file: its times, and its frames from any of them on."""

    def __init__(self, info: VideoInfo) -> None:
        self.path, self.info = info.path, info
        self.notes: list[str] = []
        self.times, self._pts = self._timetable()
        self._interlaced, turned = self._look()
        self._aspect = self._pixel_aspect()
        width, height = info.width, info.height
        if self._aspect != 1:
            across = self._aspect if turned % 2 == 0 else 1 / self._aspect
            width = max(2, 2 * round(info.width * float(across) / 2))
            self.notes.append(f"Its pixels are not square ({self._aspect}); {info.width}x{height} became {width}x{height}.")
        self.width, self.height = width, height
        if info.transfer in ("smpte2084", "arib-std-b67"):
            self.notes.append(f"It is HDR ({info.transfer}); its light was mapped to standard range.")
        elif "10" in info.pixel_format or "12" in info.pixel_format:
            self.notes.append(f"Its {info.pixel_format} was reduced to 8 bits.")
        if self._interlaced:
            self.notes.append("It is interlaced; both fields were made one picture.")

    def places(self) -> _Places:
        return even(self.times, self.info.rate)

    def _timetable(self) -> tuple[list[Fraction], list[int]]:
        """When each frame is shown, from the packets alone."""
        with self._open() as container:
            stream = container.streams.video[0]
            pts = [
                packet.pts if packet.pts is not None else packet.dts
                for packet in container.demux(stream) if packet.size and not packet.is_discard
            ]  # fmt: skip
            said, base = stream.frames, stream.time_base
            kept = sorted(stamp for stamp in pts if stamp is not None)
            if not pts:
                raise InputError(f"{self.path} holds no frames.")
            if len(pts) < said:
                raise InputError(f"{self.path} is cut off: it says {said} frames and holds {len(pts)}.")
        if len(kept) < len(pts):  # streams without times: the rate is all there is
            kept = [round(number / self.info.rate / base) for number in range(len(pts))]
        return [stamp * base for stamp in kept], kept

    def _look(self) -> tuple[bool, int]:
        with self._open() as container, self._damaged(0):
            interlaced, turned = False, 0
            for number, picture in enumerate(container.decode(video=0)):
                interlaced |= bool(picture.interlaced_frame)
                turned = round(picture.rotation / 90) % 4
                if number >= _LOOKS:
                    break
        return interlaced, turned

    def _pixel_aspect(self) -> Fraction:
        with self._open() as container:
            return Fraction(container.streams.video[0].sample_aspect_ratio or 1) or Fraction(1)

    def _open(self) -> Any:  # av's InputContainer; its streams are not typed
        container = av.open(str(self.path))
        container.streams.video[0].thread_type = "AUTO"
        return container

    def _damaged(self, number: int) -> Any:
        return _Told(self.path, number)

    def frames(self, first: int = 0) -> Iterator[UInt8]:
        """The frames from number `first` on, as they are shown."""
        convert = self._converter()
        number = first
        with self._open() as container:
            stream = container.streams.video[0]
            if first:
                container.seek(self._pts[first], stream=stream, backward=True)
            pictures = self._progressive(container, stream) if self._interlaced else container.decode(stream)
            while True:
                with self._damaged(number):
                    picture = next(pictures, None)
                if picture is None:
                    break
                if first and picture.pts is not None and picture.pts < self._pts[first]:
                    continue
                yield self._squared(np.rot90(convert(picture), round(picture.rotation / 90) % 4))
                number += 1
        if number < len(self._pts):
            raise InputError(f"{self.path} is cut off or damaged: {number} of {len(self._pts)} frames can be read.")

    def _converter(self) -> Callable[[Any], UInt8]:
        hdr = {"smpte2084": PQ, "arib-std-b67": HLG}.get(self.info.transfer)
        return ToRgb() if hdr is None else FromHdr(hdr)

    def _squared(self, frame: UInt8) -> UInt8:
        if frame.shape[:2] == (self.height, self.width):
            return np.ascontiguousarray(frame)
        return np.asarray(cv2.resize(frame, (self.width, self.height), interpolation=cv2.INTER_CUBIC))

    @staticmethod
    def _progressive(container: Any, stream: Any) -> Iterator[Any]:
        """Decoded pictures whose fields were made one picture each (bwdif)."""
        graph = av.filter.Graph()
        source = graph.add_buffer(template=stream)
        bwdif = graph.add("bwdif", mode="send_frame", deint="interlaced")
        sink = graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        graph.configure()
        for picture in container.decode(stream):
            graph.push(picture)
            yield from _pulled(graph)
        graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


class _Told:
    """Says of FFmpeg's error which file and which frame it was."""

    def __init__(self, path: Path, number: int) -> None:
        self._path, self._number = path, number

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, av.error.FFmpegError):
            raise InputError(f"{self._path} is damaged at frame {self._number}: {error}") from error


def _forwards(source: _Source, places: list[int]) -> Iterator[UInt8]:
    at = 0
    for number, frame in enumerate(source.frames()):
        while at < len(places) and places[at] == number:
            yield frame
            at += 1


def _backwards(source: _Source, places: list[int]) -> Iterator[UInt8]:
    """A few frames at a time are read forwards and given out from the last to the first."""
    held: dict[int, UInt8] = {}
    for number in places:
        if number not in held:
            first = max(0, number - _CHUNK + 1)
            reader = source.frames(first)
            held = {each: next(reader) for each in range(first, number + 1)}
            reader.close()  # type: ignore[attr-defined] # a generator
        yield held[number]
