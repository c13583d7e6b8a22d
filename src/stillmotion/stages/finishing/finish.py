"""The last stage: frames become a video with its record inside and its manifest beside it.

    frames ─▶ chain ─▶ encode ─▶ .NAME.part ┐
                       manifest ─▶ .part    ┴─ both renamed ─▶ Video

Knows which steps were asked for and what to write down; codecs are the business of `media`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event
from typing import Any

from stillmotion.media.encoding import Encoding, check_output, choose_encoding
from stillmotion.media.staging import staged, writing_failed
from stillmotion.media.video import close, probe, write_frames
from stillmotion.options import AnimateOptions
from stillmotion.stages.finishing.chain import chained, steps, told_by
from stillmotion.stages.finishing.manifest import RECORD_KEY, manifest, manifest_path, record
from stillmotion.types import Direction, FrameStream, Photo, Progress, UInt8, Video, silent


def finish(
    frames: FrameStream,
    out: Path,
    photo: Photo,
    direction: Direction,
    options: AnimateOptions,
    *,
    encoding: Encoding | None = None,
    timings: dict[str, float] | None = None,
    measured: Callable[[], dict[str, Any]] | None = None,
    models: Sequence[dict[str, str | None]] = (),
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Video:
    """Write the video and its manifest; both appear together when they are whole.

    Without an `encoding` the file's ending decides. `timings` are seconds of the stages before; the time spent waiting
    for frames is told as "generation", the rest as "finishing". `measured` is asked once all frames are written, and
    goes into the manifest; when it raises, no video appears. `models` are the larger models that were used.

    Raises:
        InputError: the video cannot be written there, or not so.
        DoesNotFit: the disk is full.
        Cancelled: `cancel` was set.
    """
    out = Path(out)
    began = time.perf_counter()
    try:
        encoding = encoding or choose_encoding(out, options.quality)
        clock = Clock()
        through = steps(options, direction.effective.grade, seed=options.seed)
        stream = chained(timed(frames, clock), through)
        check_output(out, encoding, size=(stream.width, stream.height), fps=stream.fps)
        made = record(photo, direction, options, encoding.codec)
        beside = manifest_path(out)
        with staged(out, beside) as (video_part, manifest_part):
            write_frames(
                stream, video_part, out, encoding=encoding, metadata=_metadata(made), progress=progress, cancel=cancel
            )
            info = replace(probe(video_part), path=out)
            spent = time.perf_counter() - began
            spent_s = {**(timings or {}), "generation": clock.seconds, "finishing": spent - clock.seconds}
            told = manifest(made, photo=photo, direction=direction, options=options, info=info, spent_s=spent_s)
            if frames.painted:
                told["painted"] = [asdict(each) for each in frames.painted]
            if through:
                told["finishing"] = told_by(through)
            if models:
                told["models"] = list(models)
            if measured is not None:
                told["measured"] = measured()
            manifest_part.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise writing_failed(out, error) from error
    finally:
        close(frames)
    return Video(path=out, manifest=told)


class Clock:
    """Seconds spent waiting for frames."""

    seconds = 0.0


def timed(frames: FrameStream, clock: Clock) -> FrameStream:
    """The same frames; the clock counts the seconds spent waiting for them."""

    def each() -> Iterator[UInt8]:
        source = iter(frames)
        while True:
            began = time.perf_counter()
            frame = next(source, None)
            clock.seconds += time.perf_counter() - began
            if frame is None:
                return
            yield frame

    return replace(frames, frames=each())


def _metadata(made: dict[str, object]) -> dict[str, str]:
    """The record for programs, a sentence for people."""
    return {
        RECORD_KEY: json.dumps(made, separators=(",", ":")),
        "comment": str(made["sentence"]),
        "software": f"stillmotion {made['version']}",
    }
