"""Frames -> a video file or a stream of bytes, one frame at a time.

    FrameStream ─▶ check ─▶ BT.709 ─▶ encoder ─▶ .NAME.part ─rename▶ NAME

Knows codecs and containers; does not know where frames come from or what the metadata says. The memory held does not
grow with the length.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

import av
import av.error

from stillmotion.errors import Cancelled, InputError
from stillmotion.media.animation import write_gif, write_webp
from stillmotion.media.colour import BT709, LIMITED, ToYuv
from stillmotion.media.encoding import FORMATS, RECIPES, Encoding, check_output, exact_rate
from stillmotion.media.probe import VideoInfo, probe, read_frames, read_metadata
from stillmotion.media.sequence import write_sequence
from stillmotion.media.staging import staged, writing_failed
from stillmotion.types import FrameStream, Progress, UInt8, silent

__all__ = ["VideoInfo", "probe", "read_frames", "read_metadata", "stream_video", "write_frames", "write_video"]

_STAGE = "finishing"
_WITHOUT_TREE = 3  # what the same size of file costs in crf without macroblock trees
_ANIMATIONS = {"gif": write_gif, "webp": write_webp}


def write_video(
    frames: FrameStream,
    path: Path,
    *,
    encoding: Encoding,
    metadata: dict[str, str],
    progress: Progress = silent,
    cancel: Event | None = None,
) -> VideoInfo:
    """Write a video; it appears under its name when it is whole, and nothing is left behind otherwise.

    `metadata` is read back by `read_metadata` from every container. Progress is told after every frame.

    Raises:
        InputError: see `check_output`.
        DoesNotFit: the disk is full.
        Cancelled: `cancel` was set, or the frames were cancelled.
    """
    check_output(path, encoding, size=(frames.width, frames.height), fps=frames.fps)
    with staged(path) as (part,):
        write_frames(frames, part, path, encoding=encoding, metadata=metadata, progress=progress, cancel=cancel)
    return probe(path)


def write_frames(
    frames: FrameStream,
    part: Path,
    path: Path,
    *,
    encoding: Encoding,
    metadata: dict[str, str],
    progress: Progress = silent,
    cancel: Event | None = None,
) -> None:
    """Write to `part` what shall be called `path`: for callers that stage several files. Errors as in `write_video`."""
    watched = _watched(frames, progress, cancel)
    try:
        if encoding.codec in _ANIMATIONS:
            _ANIMATIONS[encoding.codec](watched, part, encoding=encoding, metadata=metadata)
        elif encoding.codec == "png":
            write_sequence(watched, part, path, encoding=encoding, metadata=metadata)
        else:
            _write_container(watched, part, path, encoding=encoding, metadata=metadata, cancel=cancel)
    except OSError as error:
        raise writing_failed(path, error) from error
    except av.error.FFmpegError as error:  # what Python's own file said lies underneath
        refused = error.__context__
        if not isinstance(refused, OSError):
            raise
        raise writing_failed(path, refused) from error
    finally:
        close(frames)


def stream_video(
    frames: FrameStream,
    file: BinaryIO,
    *,
    metadata: dict[str, str] | None = None,
    progress: Progress = silent,
    cancel: Event | None = None,
) -> None:
    """Write fragmented MP4 (H.264, low delay) to a pipe or socket, so that it can be watched while it is drawn.

    Raises:
        Cancelled: `cancel` was set, or the reader has closed its end.
    """
    options = {"movflags": "frag_every_frame+empty_moov+default_base_moof", "flush_packets": "1"}
    recipe = {"preset": "superfast", "crf": "23", "tune": "zerolatency", "g": str(max(1, round(frames.fps)))}
    try:
        with av.open(_WriteOnly(file), "w", format="mp4", options=options) as container:
            container.metadata.update(metadata or {})
            _encode(container, _watched(frames, progress, cancel), "libx264", "yuv420p", recipe, cancel=cancel)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Cancelled("The reader of the stream has closed it.") from error
    except OSError as error:
        raise writing_failed("The stream", error) from error
    finally:
        close(frames)


def close(frames: FrameStream) -> None:
    """Tell the source of the frames that no more are wanted, so that its threads end."""
    stop = getattr(frames.frames, "close", None)
    if stop is not None:
        stop()


def _watched(frames: FrameStream, progress: Progress, cancel: Event | None) -> FrameStream:
    """The same frames, with progress told, cancellation heeded, and shape and count held to what the stream says."""

    def each() -> Iterator[UInt8]:
        done = 0
        for frame in frames:
            _heed(cancel)
            if frame.shape != (frames.height, frames.width, 3):
                raise ValueError(f"frame {done} is {frame.shape}, the stream says {frames.height}x{frames.width}")
            yield frame
            done += 1
            progress(_STAGE, done, len(frames))
        if done != len(frames):
            raise ValueError(f"the stream says {len(frames)} frames and gave {done}")

    return FrameStream(frames=each(), width=frames.width, height=frames.height, fps=frames.fps, count=frames.count)


def _heed(cancel: Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("The video was stopped on request.")


def _write_container(
    frames: FrameStream, part: Path, path: Path, *,
    encoding: Encoding, metadata: dict[str, str], cancel: Event | None,
) -> None:  # fmt: skip
    recipe, suffix = RECIPES[encoding.codec], path.suffix.lower()
    options = {"movflags": "use_metadata_tags+faststart"} if suffix in (".mp4", ".m4v", ".mov") else {}
    with av.open(str(part), "w", format=FORMATS[suffix], options=options) as container:
        container.metadata.update(metadata)
        tag = recipe.tag if suffix in (".mp4", ".m4v", ".mov") else None
        options = recipe.options[encoding.quality]
        _encode(container, frames, recipe.encoder, recipe.pixel_format, options, tag=tag, cancel=cancel)


def _encode(
    container: Any,  # av's OutputContainer, generic over nothing we need
    frames: FrameStream,
    encoder: str,
    pixel_format: str,
    options: dict[str, str],
    *,
    tag: str | None = None,
    cancel: Event | None,
) -> None:
    rate = exact_rate(frames.fps)
    if encoder == "libx264" and (frames.width % 16 or frames.height % 16):
        # macroblock trees of such sizes read memory that nobody wrote: the same frames would give different files
        crf = str(int(options.get("crf", "20")) + _WITHOUT_TREE)
        options = {**options, "crf": crf, "x264-params": "mbtree=0"}
    stream = container.add_stream(encoder, rate=rate, options=dict(options))
    stream.width, stream.height, stream.pix_fmt = frames.width, frames.height, pixel_format
    context = stream.codec_context
    context.thread_count = 0
    context.color_primaries, context.color_trc, context.colorspace = BT709, BT709, BT709
    context.color_range = LIMITED
    if tag is not None:
        context.codec_tag = tag
    _open(context, encoder, frames)
    convert = ToYuv(pixel_format)
    for index, frame in enumerate(frames):
        picture = convert(frame)
        picture.pts, picture.time_base = index, Fraction(1) / rate
        container.mux(stream.encode(picture))
    for packet in stream.encode_lazy(None):  # what an encoder holds back may take it seconds
        _heed(cancel)
        container.mux(packet)


def _open(context: Any, encoder: str, frames: FrameStream) -> None:  # Any: av's VideoCodecContext
    os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 talks on the terminal unless told not to
    try:
        context.open()
    except (av.error.FFmpegError, ValueError) as error:
        size = f"{frames.width}x{frames.height}"
        raise InputError(f"{encoder} cannot write {size} at {frames.fps:g} fps: {error}") from error


class _WriteOnly:
    """A file that FFmpeg must not try to seek in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        count = self._file.write(data)
        with suppress(AttributeError):
            self._file.flush()
        return count
