"""Any clip -> frames that a chain can work on: upright, progressive, square pixels, even sides, 8-bit, constant rate.

    file ─▶ source (video file | numbered pictures) ─▶ places on an even grid, or backwards ─▶ FrameStream

Whatever had to be changed on the way is told in `notes`. A file that is cut off or damaged is refused; its length is
never changed in silence. Knows files, not what is done with the frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Protocol

from stillmotion.errors import InputError
from stillmotion.media.even_grid import Grid
from stillmotion.media.picture_source import PICTURE_FILES, PictureSource
from stillmotion.media.probe import VideoInfo, probe
from stillmotion.media.read_ahead import read_ahead
from stillmotion.media.video_source import VideoSource
from stillmotion.types import FrameStream, UInt8

_SMALLEST = 16  # pixels
_AHEAD_BYTES = 64 << 20  # frames that wait between reading and the work on them
_MOST_AHEAD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video as a chain takes it."""

    info: VideoInfo  # the file as it is
    frames: FrameStream  # closing its iterator ends the reading
    begin: float  # seconds of the file's own time at which the first picture is shown: its sound is counted from there
    notes: tuple[str, ...]  # what had to be changed on reading


class Source(Protocol):
    """A clip's pictures by number."""

    info: VideoInfo
    grid: Grid
    notes: list[str]

    def frames(self, places: Sequence[int], stop: Event) -> Iterator[UInt8]:
        """The frames (H, W, 3), upright, at these places, which all rise or all fall; it ends soon after `stop`."""
        ...


def read_clip(path: Path, *, backwards: bool = False, cancel: Event | None = None) -> Clip:
    """The frames of a video file on an even grid of time, first to last or backwards.

    Of a variable rate, frames are held or left out so that each is shown when it was, and the length stays. An odd
    side loses its last row or column. Reading runs a few frames ahead in a thread of its own.

    Raises:
        InputError: no video that can be read, no frames in it, or it is cut off or damaged (here, or when that frame is
            reached).
        Cancelled: `cancel` was set while the file was looked through, or a frame was waited for.
    """
    info = probe(path)
    source: Source = PictureSource(info) if info.container in PICTURE_FILES else VideoSource(info, cancel)
    info, grid, notes = source.info, source.grid, list(source.notes)
    if min(info.width, info.height) < _SMALLEST:
        raise InputError(f"{path} is {info.width}x{info.height}; a clip needs sides of at least {_SMALLEST} pixels.")
    width, height = info.width // 2 * 2, info.height // 2 * 2
    if (width, height) != (info.width, info.height):
        notes.append(f"{info.width}x{info.height} became {width}x{height}: codecs need even sides.")
    places = grid.places[::-1] if backwards else grid.places

    def each(stop: Event) -> Iterator[UInt8]:
        for frame in source.frames(places, stop):
            yield frame if frame.shape[:2] == (height, width) else frame[:height, :width].copy()

    ahead = max(1, min(_MOST_AHEAD, _AHEAD_BYTES // (3 * width * height)))
    frames = FrameStream(
        frames=read_ahead(each, depth=ahead, cancel=cancel),
        width=width,
        height=height,
        fps=float(grid.rate),
        count=len(places),
    )
    return Clip(
        info=replace(info, seconds=len(places) / float(grid.rate)), frames=frames, begin=grid.begin, notes=tuple(notes)
    )
