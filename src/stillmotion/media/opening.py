"""Opens a video file with FFmpeg and finds its pictures, or says in plain words why that cannot be done.

Knows first bytes, boxes and streams; decodes nothing.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import av.error

from stillmotion.errors import InputError
from stillmotion.media.sniff import brand, foreign_kind

_PICTURE_FORMATS = ("image2", "_pipe")
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof")


def open_video(path: Path) -> tuple[Any, Any]:  # av's InputContainer and VideoStream; what they hold is not typed
    """The opened file and its stream of moving pictures; the caller closes it.

    Raises:
        InputError: missing, empty, no video, a still picture, sound alone, or cut off before its index.
    """
    container = _opened(path)
    try:
        return container, _moving(container, path)
    except InputError:
        container.close()
        raise


def said(error: Exception) -> str:
    """FFmpeg's own words, without number and file name."""
    words = getattr(error, "strerror", None) or str(error)
    return str(words).rstrip(".")


def head(path: Path) -> bytes:
    """The first 64 bytes.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    try:
        if not path.is_file():
            raise InputError(f"There is no video {path}.")
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise InputError(f"The video {path} cannot be read: {error.strerror}.") from error


def _opened(path: Path) -> Any:
    start = head(path)
    if not start:
        raise InputError(f"{path} is empty (0 bytes).", hint="Fetch or export it again.")
    try:
        return av.open(str(path))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if _lacks_index(path, start):
            raise InputError(
                f"{path} is cut off: the index at its end (moov) is missing, so nothing in it can be read.",
                hint="Fetch or export the whole file again.",
            ) from error
        kind = foreign_kind(start)
        if kind is not None and not kind.endswith("video"):
            raise InputError(f"{path} is {kind}, not a video.") from error
        raise InputError(f"{path} is no video that can be read: {said(error)}.") from error


def _moving(container: Any, path: Path) -> Any:
    if container.format.name.endswith(_PICTURE_FORMATS) or brand(head(path)) in _STILL_BRANDS:
        raise still(path)
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        raise InputError(
            f"{path} holds {'sound and ' if container.streams.audio else ''}no video that can be read.",
            hint="A clip is a file with moving pictures: .mp4 .mov .mkv .webm .avi .ts ...",
        )
    if streams[0].codec_context is None or streams[0].codec_context.codec is None:
        raise InputError(f"The codec of {path} is not known here.", hint="Convert it to H.264 first.")
    streams[0].thread_type = "AUTO"
    return streams[0]


def still(path: Path) -> InputError:
    """What to tell a user who gave a picture for a clip."""
    return InputError(
        f"{path} is a still picture, not a clip.", hint=f"`stillmotion animate {path.name}` makes a video of it."
    )


def _is_cover(stream: Any) -> bool:
    """A picture of an album, say, inside a sound file."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _lacks_index(path: Path, start: bytes) -> bool:
    """Whether this is an MP4 or MOV in which no moov box is found."""
    if start[4:8] not in _FIRST_BOXES:
        return False
    with path.open("rb") as file:
        at, end = 0, path.stat().st_size
        while at + 16 <= end:
            file.seek(at)
            size, name, long_size = struct.unpack(">I4sQ", file.read(16))
            if name == b"moov":
                return bool(at + size > end)
            size = long_size if size == 1 else size or end - at
            at += max(size, 8)
    return True
