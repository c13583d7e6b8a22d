"""Clips that are pictures: a folder or a pattern of numbered PNGs, an animated WebP. Knows Pillow's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import accumulate, takewhile
from pathlib import Path
from threading import Event

import numpy as np
from PIL import Image

from stillmotion.errors import InputError
from stillmotion.media.animation import webp_chunks
from stillmotion.media.even_grid import even_grid
from stillmotion.media.opening import still
from stillmotion.media.pixels import to_srgb
from stillmotion.media.probe import VideoInfo
from stillmotion.media.sequence import sequence_files
from stillmotion.types import UInt8

PICTURE_FILES = ("png sequence", "webp")
_HELD_BYTES = 256 << 20  # a WebP is read backwards from memory
_USUAL_DELAY = 100  # milliseconds, where a WebP says none, as browsers take it


class PictureSource:
    """The numbered pictures of one clip."""

    def __init__(self, info: VideoInfo) -> None:
        self.info = info
        self.notes: list[str] = []
        self._files = sequence_files(info.path) if info.container == "png sequence" else ()
        if self._files:
            times = [number / float(info.rate) for number in range(len(self._files) + 1)]
        else:
            delays = _webp_delays(info.path)
            if len(delays) < 2:
                raise still(info.path)
            times = [0.0, *accumulate(delay / 1000 for delay in delays)]
        self.grid = even_grid(times[:-1], times[-1], Fraction(info.rate))
        if self.grid.note is not None:
            self.notes.append(self.grid.note)
        with _opened(self._files[0] if self._files else info.path) as image:
            if image.has_transparency_data:
                self.notes.append("What is transparent became black.")

    def frames(self, places: Sequence[int], stop: Event) -> Iterator[UInt8]:
        """The frames (H, W, 3) at these places, which all rise or all fall."""
        if self._files:
            yield from self._of_files(places)
        elif places[0] <= places[-1]:
            yield from _placed(self._of_webp(), places)
        else:
            if self.info.width * self.info.height * self.info.frames * 3 > _HELD_BYTES:
                raise InputError(
                    f"{self.info.path} is too large a WebP to be read backwards.",
                    hint="Make it a video first: `stillmotion finish IN.webp -o OUT.mp4`.",
                )
            held = list(takewhile(lambda _: not stop.is_set(), self._of_webp()))
            yield from (held[place] for place in places if not stop.is_set())

    def _of_files(self, places: Sequence[int]) -> Iterator[UInt8]:
        for place in places:
            with _opened(self._files[place]) as image:
                yield self._checked(_opaque(image), self._files[place].name)

    def _of_webp(self) -> Iterator[UInt8]:
        with _opened(self.info.path) as image:
            for number in range(self.info.frames):
                image.seek(number)
                yield self._checked(_opaque(image), f"picture {number}")

    def _checked(self, frame: UInt8, name: str) -> UInt8:
        height, width = frame.shape[:2]
        if (width, height) != (self.info.width, self.info.height):
            raise InputError(
                f"{name} of {self.info.path} is {width}x{height}, the first one {self.info.width}x{self.info.height}; "
                "the pictures of a clip have one size."
            )
        return frame


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path, formats=("PNG", "WEBP")) as image:
            yield image
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InputError(f"{path} is damaged or cut off: {error}") from error


def _opaque(image: Image.Image) -> UInt8:
    """sRGB (h, w, 3), on black where it is transparent."""
    if image.has_transparency_data:
        values = np.asarray(image.convert("RGBA"), dtype=np.float32)
        return np.asarray(np.rint(values[..., :3] * (values[..., 3:] / 255)), dtype=np.uint8)
    return to_srgb(image)[0]


def _placed(frames: Iterator[UInt8], places: Sequence[int]) -> Iterator[UInt8]:
    at = 0
    for number, frame in enumerate(frames):
        while at < len(places) and places[at] == number:
            yield frame
            at += 1


def _webp_delays(path: Path) -> list[int]:
    """Milliseconds for which each picture is shown."""
    delays = []
    with path.open("rb") as file:
        for name, at, _ in webp_chunks(file):
            if name == b"ANMF":
                file.seek(at + 12)
                delays.append(int.from_bytes(file.read(3), "little") or _USUAL_DELAY)
    return delays
