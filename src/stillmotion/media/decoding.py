"""The pictures of one file from any of them on, each with its number, progressive; forwards only.

    seek to a key frame ─▶ packets ─▶ decode ─▶ deinterlace ─▶ number by its time ─▶ wanted ones

A picture that is missing raises; none is ever skipped or shown twice. Knows files and their times; what a picture looks
like is left to others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, dropwhile, islice
from pathlib import Path
from threading import Event
from typing import Any

import av.error
import av.filter

from stillmotion.errors import Cancelled, InputError
from stillmotion.media.colour import has_alpha
from stillmotion.media.opening import open_video, said
from stillmotion.media.timetable import Timetable

_LOOKS = 8  # pictures looked at to find out what the file holds
_NEIGHBOURS = 3  # pictures before a wanted one that deinterlacing looks at
_DOLBY = ("dvh1", "dvhe", "dva1", "dvav", "dav1")
_FIELD_ORDERS = {2: "top field first", 3: "bottom field first", 4: "top field first", 5: "bottom field first"}

Picture = Any  # av's VideoFrame; its flags and side data are not typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the first pictures show."""

    first: Picture
    number: int  # of the first one that can be decoded
    one_each: bool  # whether every packet is one picture: fields may have packets of their own
    ordered: bool  # whether their stamps rise: those of packed B-frames do not
    interlaced: str | None  # the order of the fields, or None for whole pictures
    aspect: Fraction  # width of a pixel by its height
    transfer: int  # these two as numbers of ITU-T H.273
    primaries: int
    dolby: bool  # tagged as Dolby Vision alone
    notes: tuple[str, ...]  # what else the file holds and is not read


def look(path: Path, timetable: Timetable) -> Look:
    """Decode a few pictures.

    Raises:
        InputError: not even the first one can be decoded.
    """
    container, stream = open_video(path)
    with container:
        try:
            pictures = list(islice(container.decode(stream), _LOOKS))
        except av.error.FFmpegError as error:
            raise InputError(f"{path} holds no picture that can be decoded: {said(error)}.") from error
        if not pictures:
            raise InputError(f"{path} holds no picture that can be decoded.")
        first, context = pictures[0], stream.codec_context
        order = _FIELD_ORDERS.get(context.field_order)
        if order is None and any(picture.interlaced_frame for picture in pictures):
            order = "in an order it does not say"
        shown = [picture.pts for picture in pictures]
        numbers = [timetable.stamps.index(stamp) for stamp in shown if timetable.stamped and stamp in timetable.stamps]
        return Look(
            first=first, number=numbers[0] if numbers else 0, ordered=None in shown or shown == sorted(shown),
            one_each=numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True,
            interlaced=order, aspect=Fraction(stream.sample_aspect_ratio or 1), transfer=int(context.color_trc),
            primaries=int(context.color_primaries), dolby=context.codec_tag in _DOLBY,
            notes=tuple(_left_out(container, stream, first)),
        )  # fmt: skip


def as_decoded(path: Path, timetable: Timetable, cancel: Event | None) -> Timetable:
    """The timetable of a file whose packets are not its pictures: everything is decoded once for it.

    Raises:
        InputError: the file is damaged.
        Cancelled: `cancel` was set.
    """
    stamps: set[int] = set()
    container, stream = open_video(path)
    with container:
        try:
            for picture in container.decode(stream):
                stamps.add(picture.pts)
                if cancel is not None and cancel.is_set():
                    raise Cancelled("Reading was stopped on request.")
        except av.error.FFmpegError as error:
            raise InputError(f"{path} is damaged: {said(error)}.") from error
    order = sorted(stamps - {None})
    known = {timetable.stamps[key] for key in timetable.keys}
    return replace(
        timetable, stamps=tuple(order), keys=tuple(number for number, stamp in enumerate(order) if stamp in known)
    )


def _left_out(container: Any, stream: Any, first: Picture) -> Iterator[str]:
    if container.streams.subtitles:
        yield "Its subtitles are left out."
    if len(container.streams.audio) > 1:
        yield f"Only the first of its {len(container.streams.audio)} sound tracks is kept."
    if "1" in (stream.metadata.get("alpha_mode"), stream.metadata.get("ALPHA_MODE")) and not has_alpha(first):
        yield "Its transparency is not read; the colours beneath it are shown."


class Decoder:
    """Decodes one file, over and over if need be."""

    def __init__(self, path: Path, timetable: Timetable, *, interlaced: bool, stop: Event) -> None:
        self._path, self._times, self._interlaced, self._stop = path, timetable, interlaced, stop
        self._numbers = {stamp: number for number, stamp in enumerate(timetable.stamps)}

    def pictures(self, first: int = 0) -> Iterator[tuple[int, Picture]]:
        """Numbers and pictures from `first` to the last.

        Raises:
            InputError: one of them cannot be decoded.
            Cancelled: `stop` was set.
        """
        latest = self._key_before(first)
        for key in self._starts(latest):
            with closing(self._numbered(key, latest)) as source:
                found = dropwhile(lambda each: each[0] < first, source)
                begun = next(found, None)
                if begun is not None and begun[0] == first:  # else the search led past it
                    yield from self._complete(chain([begun], found), first)
                    return
        raise self._missing(first)

    def _complete(self, numbered: Iterable[tuple[int, Picture]], expected: int) -> Iterator[tuple[int, Picture]]:
        count = len(self._times.stamps)
        for number, picture in numbered:
            if number > expected:
                break
            if number == expected:
                yield number, picture
                expected += 1
                if expected == count:
                    return
        raise self._missing(expected)

    def _key_before(self, first: int) -> int:
        """Place in `keys` of the last one from which this frame can be decoded."""
        return bisect_right(self._times.keys, first - _NEIGHBOURS if self._interlaced else first) - 1

    @staticmethod
    def _starts(latest: int) -> Iterator[int | None]:
        """Places in `keys` to search for, ever earlier ones; at last the beginning of the file."""
        at, back = latest, 1
        while at > 0:
            yield at
            at, back = at - back, 2 * back
        yield None

    def _numbered(self, key: int | None, latest: int) -> Generator[tuple[int, Picture], None, None]:
        container, stream = open_video(self._path)
        with container:
            packets = container.demux(stream) if key is None else self._sought(container, stream, key, latest)
            pictures = self._decoded(packets, stream)
            number: int | None = None if key is not None else -1
            for picture in self._progressive(pictures, stream) if self._interlaced else pictures:
                number = self._number(picture, number)
                if number is not None:
                    yield number, picture

    def _sought(self, container: Any, stream: Any, key: int, latest: int) -> Iterator[Any]:
        """Packets from a key frame not after the latest; none where the search ends behind that."""
        stamps, keys = self._times.stamps, self._times.keys
        try:
            container.seek(stamps[keys[key]], stream=stream, backward=True)
        except av.error.FFmpegError:
            return
        begun = False
        for packet in container.demux(stream):
            if not begun and packet.is_keyframe and packet.pts is not None:
                if packet.pts > stamps[keys[latest]]:
                    return
                begun = True
            if begun:
                yield packet

    def _decoded(self, packets: Iterable[Any], stream: Any) -> Iterator[Picture]:
        count = 0
        try:
            for packet in packets:
                if self._stop.is_set():
                    raise Cancelled("Reading was stopped on request.")
                for picture in stream.decode(packet):
                    yield picture
                    count += 1
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            raise InputError(
                f"{self._path} is damaged after {count} pictures: {said(error)}.", hint=self._remedy()
            ) from error

    def _number(self, picture: Picture, last: int | None) -> int | None:
        """Which frame this is, by its time, or the one after the last where the time does not say."""
        after = None if last is None else last + 1
        if not self._times.stamped or picture.pts is None:
            return after
        stamp = Fraction(picture.pts) * picture.time_base / self._times.base
        if stamp < self._times.stamps[0]:
            return -1
        return self._numbers.get(int(stamp), after)

    @staticmethod
    def _progressive(pictures: Iterable[Picture], stream: Any) -> Iterator[Picture]:
        """Pictures whose fields were made one picture each (bwdif, which looks at the neighbours too)."""
        graph = av.filter.Graph()
        source = graph.add_buffer(template=stream)
        bwdif = graph.add("bwdif", "mode=send_frame:deint=interlaced")
        sink = graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        graph.configure()
        for picture in chain(pictures, [None]):
            source.push(picture)
            while True:
                try:
                    yield sink.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break

    def _missing(self, number: int) -> InputError:
        count = len(self._times.stamps)
        return InputError(
            f"{self._path} is cut off or damaged: {number} of its {count} frames can be read"
            f" ({self._times.seconds(min(number, count - 1)):.2f} s).", hint=self._remedy(),
        )  # fmt: skip

    def _remedy(self) -> str:
        return f"Fetch or export it again; `ffmpeg -i {self._path.name} NEW.mp4` bridges what is damaged."
