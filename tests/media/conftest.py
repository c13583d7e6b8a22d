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

    @staticmethod
    def flash_and_beep(
        path: Path,
        *,
        seconds: float = 4.0,
        fps: int = 30,
        codec: str = "libx264",
        sound: str = "aac",
        rate: int = 48_000,
        layout: str = "stereo",
        sound_from: float = 0.0,
        sound_to: float | None = None,
        pictures_from: float = 0.0,
    ) -> Path:
        """A clip with a white frame and a beep of 50 ms and 1 kHz at every full second from the first on."""
        t = np.arange(round(((sound_to or seconds) - sound_from) * rate)) / rate + sound_from
        phase = (t + 1e-9) % 1
        beep = np.where((phase < 0.05) & (t > 0.5), 0.6 * np.sin(2000 * np.pi * phase), 0) * 32767
        channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
        with av.open(str(path), "w") as made:
            video: Any = made.add_stream(codec, rate=fps)
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            audio: Any = made.add_stream(sound, rate=rate, layout=layout)
            for number in range(round(pictures_from * fps), round((pictures_from + seconds) * fps)):
                level = 235 if number and number % fps == 0 else 20
                picture = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH, 3), level, np.uint8), format="rgb24")
                picture.pts, picture.time_base = number, Fraction(1, fps)
                made.mux(video.encode(picture))
            data = np.repeat(beep.astype(np.int16), channels).reshape(1, -1)
            for start in range(0, len(t), 4096):
                part = np.ascontiguousarray(data[:, start * channels : (start + 4096) * channels])
                block = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
                block.sample_rate, block.time_base = rate, Fraction(1, rate)
                block.pts = start + round(sound_from * rate)
                made.mux(audio.encode(block))
            made.mux([*video.encode(None), *audio.encode(None)])
        return path

    @staticmethod
    def heard(path: Path) -> tuple[float, UInt8]:
        """When the sound of a file begins in seconds, and its samples (n,) at 48 kHz, mono, in [-1, 1]."""
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        begin, blocks = None, []
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                begin = float(frame.time or 0) if begin is None else begin
                blocks += [piece.to_ndarray().ravel() for piece in resampler.resample(frame)]
            blocks += [piece.to_ndarray().ravel() for piece in resampler.resample(None)]
        return begin or 0.0, np.concatenate(blocks)

    @staticmethod
    def beeps(path: Path) -> UInt8:
        """Seconds at which beeps begin."""
        begin, samples = Clips.heard(path)
        loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() / 4)
        first = np.diff(loud, prepend=-10_000) > 2400
        return begin + loud[first] / 48_000

    @staticmethod
    def flashes(path: Path) -> UInt8:
        """Seconds at which the picture turns white."""
        found, before = [], 0.0
        with av.open(str(path)) as container:
            for picture in container.decode(video=0):
                light = float(picture.to_ndarray(format="gray").mean())
                if light > 120 >= before:
                    found.append(float(picture.time))
                before = light
        return np.array(found)


@pytest.fixture(scope="session")
def clips() -> type[Clips]:
    """What makes and reads clips."""
    return Clips
