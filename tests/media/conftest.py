"""Clips made for tests: every frame carries its number as a bar code, so that order and count can be checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT = 96, 64
_BITS = 8


class Clips:
    """Makes and reads clips."""

    @staticmethod
    def barcode(number: int, width: int = WIDTH, height: int = HEIGHT) -> UInt8:
        """A frame with its number in eight columns, dark or bright; a band of three colours lies below."""
        frame = np.zeros((height, width, 3), np.uint8)
        for bit in range(_BITS):
            frame[:, bit * width // _BITS : (bit + 1) * width // _BITS] = 215 if number >> bit & 1 else 35
        third = width // 3
        for part, colour in enumerate(((200, 60, 40), (40, 180, 60), (50, 70, 190))):
            frame[-height // 4 :, part * third : (part + 1) * third] = colour
        return frame

    @staticmethod
    def number_of(frame: UInt8) -> int:
        """The number in a frame's bar code."""
        height, width = frame.shape[:2]
        row = frame[height // 4 : height // 2].mean(axis=(0, 2))
        return sum(int(row[round((bit + 0.5) * width / _BITS)] > 125) << bit for bit in range(_BITS))

    @staticmethod
    def numbers_of(frames: FrameStream) -> list[int]:
        """The numbers of all frames of a stream, in order."""
        return [Clips.number_of(frame) for frame in frames]

    @staticmethod
    def write(
        path: Path,
        frames: Iterable[UInt8],
        *,
        codec: str = "libx264",
        pixels: str = "yuv420p",
        rate: Fraction | int = 25,
        stamps: Sequence[int] | None = None,  # ticks of 1/1000 s; otherwise an even rate
        options: dict[str, str] | None = None,
        container: dict[str, str] | None = None,
        **settings: Any,  # of the encoder: color_trc, sample_aspect_ratio, ...
    ) -> Path:
        """Encode frames with FFmpeg's defaults but for what is given."""
        quiet = {"x265-params": "log-level=error"} if codec == "libx265" else {}
        with av.open(str(path), "w", options=container or {}) as made:
            stream: Any = made.add_stream(codec, rate=rate, options=quiet | (options or {}))
            for number, frame in enumerate(frames):
                if number == 0:
                    stream.height, stream.width = frame.shape[:2]
                    stream.pix_fmt = pixels
                    matrix = settings.pop("display_matrix", None)
                    if matrix is not None:
                        stream.set_display_matrix(matrix)
                    for name, value in settings.items():
                        setattr(stream.codec_context, name, value)
                    if stamps is not None:
                        stream.codec_context.time_base = Fraction(1, 1000)
                picture = av.VideoFrame.from_ndarray(frame, format="rgb24" if frame.shape[2] == 3 else "rgba")
                picture.pts = number if stamps is None else stamps[number]
                picture.time_base = 1 / Fraction(rate) if stamps is None else Fraction(1, 1000)
                made.mux(stream.encode(picture))
            made.mux(stream.encode(None))
        return path

    @staticmethod
    def barcodes(count: int, width: int = WIDTH, height: int = HEIGHT) -> list[UInt8]:
        """Frames 0, 1, 2, ..."""
        return [Clips.barcode(number, width, height) for number in range(count)]


@pytest.fixture(scope="session")
def clips() -> type[Clips]:
    """What makes and reads clips."""
    return Clips
