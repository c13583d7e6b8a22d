"""The frames of a video file, forwards or backwards: 8-bit sRGB, upright, square pixels, fields made whole.

    decoded picture ─▶ light, alpha, matrix and range ─▶ square pixels ─▶ turned ─▶ frame

Backwards, a few pictures at a time are decoded forwards and given out from the last to the first; how many is chosen by
their size in memory. What had to be changed is told in `notes`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from threading import Event

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.media.colour import OnBlack, ToRgb, has_alpha
from stillmotion.media.decoding import Decoder, Look, Picture, as_decoded, look
from stillmotion.media.even_grid import even_grid
from stillmotion.media.opening import still
from stillmotion.media.probe import VideoInfo
from stillmotion.media.timetable import Timetable, read_timetable
from stillmotion.media.upright import turn_of
from stillmotion.types import UInt8

_HELD_BYTES = 256 << 20  # pictures kept when a clip is read backwards
_HDR_NAMES = {16: "PQ", 18: "HLG"}  # transfer characteristics and primaries of ITU-T H.273
_WIDE = {9: "BT.2020", 12: "P3"}
_MOST_STRETCHED = 4  # pixels wider or taller than this are a wrong tag
_NEARLY_SQUARE = 0.01  # from 1: a rounded tag
_HEARD_S = 0.1  # seconds of sound that are worth a word


class VideoSource:
    """The pictures of one file by number; see `clip.Source`."""

    def __init__(self, info: VideoInfo, cancel: Event | None = None) -> None:
        self.notes: list[str] = []
        times = read_timetable(info.path, info.rate, cancel)
        seen = look(info.path, times)
        if not seen.one_each and seen.ordered:
            times = as_decoded(info.path, times, cancel)
            seen = look(info.path, times)
        if info.container == "gif" and len(times.stamps) == 1:
            raise still(info.path)
        self.notes += [*times.notes, *seen.notes]
        if seen.number:
            self.notes.append(
                f"Its first {seen.number} frames need pictures from before its beginning; it starts after them."
            )
            times = times.since(seen.number)
        if not seen.ordered:
            times = replace(times, stamped=False, keys=())
        self._times, self._first = times, seen.first
        self._lay_out(times, info.rate)
        self._turn = turn_of(seen.first)
        self._size = (seen.first.width, seen.first.height)
        self._square = self._squared(seen)
        self._convert = self._conversion(info, seen)
        self._interlaced = seen.interlaced is not None
        width, height = self._turn.size(*self._square)
        self.info = replace(info, width=width, height=height, frames=len(times.stamps))
        if seen.interlaced is not None:
            self.notes.append(f"It is interlaced ({seen.interlaced}); both fields were made one picture.")
        if self._turn.mirrors:
            self.notes.append("It is mirrored, as its display matrix asks for.")

    def frames(self, places: Sequence[int], stop: Event) -> Iterator[UInt8]:
        """The frames (H, W, 3) at these places, which all rise or all fall.

        Raises:
            InputError: a frame is missing or damaged.
            Cancelled: `stop` was set.
        """
        decoder = Decoder(self.info.path, self._times, interlaced=self._interlaced, stop=stop)
        return self._forwards(decoder, places) if places[0] <= places[-1] else self._backwards(decoder, places)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self, times: Timetable, rate: Fraction) -> None:
        base = float(times.base)
        self.grid = even_grid([stamp * base for stamp in times.stamps], times.end * base, rate)
        if self.grid.note is not None:
            self.notes.append(self.grid.note)
        if times.sound is not None:
            early, late = self.grid.begin - times.sound[0], times.sound[1] - times.end * base
            if early > _HEARD_S:
                self.notes.append(f"Its sound begins {early:.2f} s before its pictures; that part is left out.")
            if late > _HEARD_S:
                self.notes.append(f"Its sound goes on for {late:.2f} s after its pictures; that part is left out.")

    def _forwards(self, decoder: Decoder, places: Sequence[int]) -> Iterator[UInt8]:
        at = 0
        for number, picture in decoder.pictures(places[0]):
            if number < places[at]:
                continue
            frame = self._finished(picture)
            while places[at] == number:
                yield frame
                at += 1
                if at == len(places):
                    return

    def _backwards(self, decoder: Decoder, places: Sequence[int]) -> Iterator[UInt8]:
        each = sum(plane.buffer_size for plane in self._first.planes)
        most = max(2, _HELD_BYTES // each)
        held: dict[int, Picture] = {}
        last, frame = -1, None
        for number in places:
            if number not in held:
                held.clear()
                held = _some(decoder, self._chunk(number, most), number)
            if number != last:
                last, frame = number, self._finished(held[number])
            assert frame is not None
            yield frame

    def _chunk(self, number: int, most: int) -> int:
        """Where to begin so that few pictures are decoded in vain: at the first key frame within reach, if there is
        one.
        """
        least, keys = max(0, number - most + 1), self._times.keys
        at = bisect_left(keys, least)
        return keys[at] if least and at < len(keys) and keys[at] <= number else least

    # ── looks ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _finished(self, picture: Picture) -> UInt8:
        if (picture.width, picture.height) != self._size:
            self._check_shape(picture)
        frame = self._convert(picture)
        if frame.shape[:2] != self._square[::-1]:
            frame = np.asarray(cv2.resize(frame, self._square, interpolation=cv2.INTER_CUBIC))
        return np.ascontiguousarray(self._turn(frame))

    def _check_shape(self, picture: Picture) -> None:
        """A stream may change its size on the way, but not the shape of its picture."""
        now, first = picture.width / picture.height, self._size[0] / self._size[1]
        if abs(now / first - 1) > 0.02:
            raise InputError(
                f"{self.info.path} changes its shape on the way: {self._size[0]}x{self._size[1]}, then "
                f"{picture.width}x{picture.height}.", hint="Cut it where it changes.",
            )  # fmt: skip

    def _squared(self, seen: Look) -> tuple[int, int]:
        """Width and height with square pixels: the lines stay, their length changes."""
        width, height = self._size
        if abs(seen.aspect - 1) < _NEARLY_SQUARE:
            return width, height
        if not Fraction(1, _MOST_STRETCHED) <= seen.aspect <= _MOST_STRETCHED:
            self.notes.append(f"It says its pixels are {seen.aspect} as wide as high; that was not believed.")
            return width, height
        square = max(2, 2 * round(width * float(seen.aspect) / 2))
        self.notes.append(f"Its pixels are not square ({seen.aspect}); {width}x{height} became {square}x{height}.")
        return square, height

    def _conversion(self, info: VideoInfo, seen: Look) -> Callable[[Picture], UInt8]:
        picture, transfer, primaries = seen.first, seen.transfer, seen.primaries
        if seen.dolby and transfer not in _HDR_NAMES:
            raise InputError(
                f"{info.path} is Dolby Vision without a picture for other players; its colours cannot be read.",
                hint="Export it as HDR10, HLG or SDR.",
            )
        if transfer in _HDR_NAMES:
            self.notes.append(
                f"It is HDR ({_HDR_NAMES[transfer]}); its light was mapped to standard range, its colours to BT.709. "
                "What it says of the screen it was made on is not used."
            )
            return _other_light(transfer, primaries)
        if (depth := max(part.bits for part in picture.format.components)) > 8:
            self.notes.append(f"Its {depth} bits became 8.")
        if primaries in _WIDE:
            self.notes.append(f"Its colours ({_WIDE[primaries]}) were brought to BT.709.")
            return _other_light(transfer, primaries)
        if has_alpha(picture):
            if info.container != "gif":
                self.notes.append("It can be transparent; what is became black.")
            return OnBlack()
        return ToRgb()


def _some(decoder: Decoder, first: int, last: int) -> dict[int, Picture]:
    """Pictures by number, both ends included."""
    found = {}
    for number, picture in decoder.pictures(first):
        found[number] = picture
        if number == last:
            break
    return found


def _other_light(transfer: int, primaries: int) -> Callable[[Picture], UInt8]:
    from stillmotion.media.hdr import FromOtherLight  # compiled code, which most clips can do without

    return FromOtherLight(transfer, primaries)
