"""Video files read back: what they are, what they say of themselves, and their frames.

Knows containers, tags and rotation; does not know who wrote the file. Works on videos of any system.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from PIL import Image

from stillmotion.errors import InputError
from stillmotion.media.animation import read_gif, webp_chunks, xmp_metadata
from stillmotion.media.colour import MATRICES, PRIMARIES, RANGES, TRANSFERS, ToRgb
from stillmotion.media.encoding import is_numbered
from stillmotion.media.opening import head, open_video, said
from stillmotion.media.sequence import sequence_files, sequence_text
from stillmotion.media.upright import Turn, turn_of
from stillmotion.types import FrameStream, UInt8

_USUAL_RATE = Fraction(24)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """A video file as it is."""

    path: Path
    container: str  # mp4, mov, webm, matroska, gif, webp, png sequence, ...
    codec: str
    pixel_format: str
    width: int  # pixels as shown, rotation applied
    height: int
    rate: Fraction  # frames per second, exact
    frames: int
    seconds: float
    primaries: str  # these four as FFmpeg names them; "unknown" where the file is silent
    transfer: str
    matrix: str
    range: str  # limited, full or unknown
    bytes: int
    metadata: dict[str, str]

    @property
    def fps(self) -> float:
        """Frames per second."""
        return float(self.rate)


def probe(path: Path) -> VideoInfo:
    """Open a video afresh and say what it is.

    Raises:
        InputError: missing, or no video that can be read.
    """
    path = Path(path)
    with _damaged(path):
        if is_numbered(path) or path.is_dir():
            return _probe_sequence(path)
        start = head(path)
        if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
            return _probe_webp(path)
        return _probe_gif(path) if start[:4] == b"GIF8" else _probe_container(path)


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata that `write_video` was given, and whatever else the file says; errors as in `probe`."""
    return probe(path).metadata


def read_frames(path: Path) -> FrameStream:
    """The frames of any video as sRGB uint8 (H, W, 3), upright, by the matrix and range that its tags name.

    Untagged video is taken as limited BT.709 from 1280 or 720 pixels up and as BT.601 below, as players do. The
    transfer curve is not changed; of a variable rate the mean is told. Errors as in `probe`.
    """
    info = probe(path)
    frames = {"png sequence": _sequence_frames, "webp": _webp_frames}.get(info.container, _container_frames)
    return FrameStream(
        frames=frames(info.path), width=info.width, height=info.height, fps=float(info.rate), count=info.frames
    )


@contextmanager
def _damaged(path: Path) -> Iterator[None]:
    """What our own and Pillow's readers raise on bytes that are not as they should be."""
    try:
        yield
    except (OSError, SyntaxError, ValueError, IndexError, KeyError, struct.error) as error:
        raise InputError(f"{path} is damaged or cut off: {error}") from error


# ── FFmpeg's containers ──────────────────────────────────────────────────────────────────────────────────────────────


def _probe_container(path: Path) -> VideoInfo:
    container, stream = open_video(path)
    with container:
        context = stream.codec_context
        width, height = _turn(container, stream, path).size(context.width, context.height)
        count = stream.frames or _count_packets(path)
        rate = Fraction(stream.average_rate or stream.guessed_rate or _USUAL_RATE)
        metadata = {key.lower(): value for key, value in container.metadata.items()}
        return VideoInfo(
            path=path, container=_container_name(container, path), codec=context.codec.canonical_name,
            pixel_format=str(context.pix_fmt), width=width, height=height, rate=rate, frames=count,
            seconds=count / float(rate), primaries=PRIMARIES.get(context.color_primaries, "unknown"),
            transfer=TRANSFERS.get(context.color_trc, "unknown"), matrix=MATRICES.get(context.colorspace, "unknown"),
            range=RANGES.get(context.color_range, "unknown"), bytes=path.stat().st_size,
            metadata=metadata,
        )  # fmt: skip


def _container_name(container: Any, path: Path) -> str:
    """FFmpeg names families ("mov,mp4,m4a,...", "matroska,webm"); the file itself says which member it is."""
    family: list[str] = container.format.name.split(",")
    if "mp4" in family:
        return "mov" if container.metadata.get("major_brand", "").strip() == "qt" else "mp4"
    if "webm" in family:
        return "webm" if b"webm" in head(path) else "matroska"
    return family[0]


def _turn(container: Any, stream: Any, path: Path) -> Turn:
    """How the pictures must be turned to stand upright."""
    try:
        return turn_of(next(container.decode(stream)))
    except (av.error.FFmpegError, StopIteration) as error:
        why = f": {said(error)}" if isinstance(error, av.error.FFmpegError) else ""
        raise InputError(f"{path} holds no picture that can be decoded{why}.") from error


def _count_packets(path: Path) -> int:
    container, stream = open_video(path)
    with container:
        try:
            return sum(1 for packet in container.demux(stream) if packet.size)
        except av.error.FFmpegError as error:
            raise InputError(f"{path} is damaged: {said(error)}.") from error


def _container_frames(path: Path) -> Iterator[UInt8]:
    convert = ToRgb()
    container, stream = open_video(path)
    with container:
        try:
            for picture in container.decode(stream):
                yield turn_of(picture)(convert(picture))
        except av.error.FFmpegError as error:
            raise InputError(f"{path} is damaged: {said(error)}.") from error


def _probe_gif(path: Path) -> VideoInfo:
    with path.open("rb") as file:
        delays, metadata = read_gif(file)
    plain = _probe_container(path)
    seconds = Fraction(sum(delays), 100)
    rate = _plain_rate(len(delays) / seconds, len(delays), Fraction(1, 100)) if seconds else _USUAL_RATE
    return replace(plain, rate=rate, seconds=plain.frames / float(rate), metadata=plain.metadata | metadata)


# ── WebP ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _probe_webp(path: Path) -> VideoInfo:
    durations, metadata = [], {}
    with path.open("rb") as file:
        for name, at, size in webp_chunks(file):
            file.seek(at)
            if name == b"ANMF":
                durations.append(int.from_bytes(file.read(16)[12:15], "little"))
            elif name == b"XMP ":
                metadata = xmp_metadata(file.read(size).decode("utf-8", errors="replace"))
    with Image.open(path, formats=("WEBP",)) as image:
        width, height = image.size
    count, total = max(1, len(durations)), Fraction(sum(durations), 1000)
    rate = _plain_rate(count / total, count, Fraction(1, 1000)) if total else _USUAL_RATE
    return VideoInfo(
        path=path, container="webp", codec="webp", pixel_format="yuv420p", width=width, height=height, rate=rate,
        frames=count, seconds=count / float(rate), primaries="unknown", transfer="unknown", matrix="unknown",
        range="limited", bytes=path.stat().st_size, metadata=metadata,
    )  # fmt: skip


def _webp_frames(path: Path) -> Iterator[UInt8]:
    with _damaged(path), Image.open(path, formats=("WEBP",)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            yield np.array(image.convert("RGB"))


def _plain_rate(mean: Fraction, count: int, tick: Fraction) -> Fraction:
    """The whole or film rate behind delays that were rounded to ticks, or the mean itself."""
    for rate in (Fraction(round(mean)), round(mean) * Fraction(1000, 1001)):
        if rate and abs(count / rate - count / mean) <= tick:
            return rate
    return mean


# ── PNG sequences ────────────────────────────────────────────────────────────────────────────────────────────────────


def _probe_sequence(path: Path) -> VideoInfo:
    files = sequence_files(path)
    rate, metadata = sequence_text(files[0])
    with Image.open(files[0], formats=("PNG",)) as image:
        width, height = image.size
    rate = rate or _USUAL_RATE
    return VideoInfo(
        path=path, container="png sequence", codec="png", pixel_format="rgb24", width=width, height=height, rate=rate,
        frames=len(files), seconds=len(files) / float(rate), primaries="bt709", transfer="iec61966-2-1", matrix="rgb",
        range="full", bytes=sum(file.stat().st_size for file in files), metadata=metadata,
    )  # fmt: skip


def _sequence_frames(path: Path) -> Iterator[UInt8]:
    for file in sequence_files(path):
        with _damaged(file), Image.open(file, formats=("PNG",)) as image:
            yield np.array(image.convert("RGB"))
