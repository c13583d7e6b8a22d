"""READ FIRST: `animate()` is five calls. The only module that knows all four stages.

read_photo ─▶ analyze ─▶ direct ─▶ draw ─▶ finish
               Scene    Direction  frames    Video
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from stillmotion.evaluation.judge import parse_requirement
from stillmotion.media.encoding import Codec, check_output, choose_encoding
from stillmotion.media.image import read_photo
from stillmotion.models.large.checkpoint import Checkpoint
from stillmotion.options import AnimateOptions
from stillmotion.plan import Grade
from stillmotion.retouch import widened
from stillmotion.stages.analysis.larger import Larger, larger_models
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.finishing.chain import chained, steps
from stillmotion.stages.finishing.finish import finish
from stillmotion.stages.finishing.finish_clip import finish_clip
from stillmotion.stages.generation.backend import backend
from stillmotion.stages.motion.canvas import choose_canvas
from stillmotion.stages.motion.direct import direct
from stillmotion.types import Direction, FrameStream, Photo, Progress, Scene, UInt8, Video, silent
from stillmotion.verification import watching

__all__ = ["animate", "draw", "finish_clip", "prepare", "prepare_again", "render", "stream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything known before the first frame is drawn."""

    photo: Photo
    scene: Scene
    direction: Direction
    timings: dict[str, float]  # seconds spent in each stage so far
    models: tuple[Checkpoint, ...]  # larger models of the user's that were used

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know before the first frame."""
        return (*self.photo.notes, *self.direction.notes)


def prepare(photo: Path | UInt8 | Photo, options: AnimateOptions, *, progress: Progress = silent) -> Prepared:
    """Analysis and motion: read the photo, understand it, and settle the plan."""
    clock = Clock()
    larger = larger_models(options)
    picture = widened(photo if isinstance(photo, Photo) else read_photo(photo), options, progress=progress)
    clock.lap("reading")
    canvas = choose_canvas(picture, options)
    scene = analyze(
        picture, width=canvas.width, height=canvas.height, depth=options.depth, larger=larger, progress=progress
    )
    clock.lap("analysis")
    direction = direct(scene, canvas, options)
    scene = locate(scene, direction.effective, larger=larger)
    direction = replace(direction, notes=tuple(dict.fromkeys((*scene.notes, *direction.notes))))
    clock.lap("motion")
    return Prepared(photo=picture, scene=scene, direction=direction, timings=clock.laps, models=_used(larger))


def prepare_again(
    photo: Photo, direction: Direction, options: AnimateOptions, *, progress: Progress = silent
) -> Prepared:
    """Analysis alone, for a direction that was settled before (`remake`)."""
    clock, canvas, larger = Clock(), direction.effective.canvas, larger_models(options)
    photo = widened(photo, options, progress=progress)
    scene = analyze(
        photo, width=canvas.width, height=canvas.height, depth=options.depth, larger=larger, progress=progress
    )
    scene = locate(scene, direction.effective, larger=larger)
    clock.lap("analysis")
    return Prepared(photo=photo, scene=scene, direction=direction, timings=clock.laps, models=_used(larger))


def _used(larger: Larger | None) -> tuple[Checkpoint, ...]:
    return larger.checkpoints if larger else ()


def draw(
    job: Prepared, options: AnimateOptions, *, progress: Progress = silent, cancel: Event | None = None
) -> FrameStream:
    """Generation: the frames of a prepared job, drawn as they are asked for."""
    return backend(options.engine, options, sentence=job.direction.sentence).draw(
        job.scene, job.direction.effective,
        seed=options.seed, quality=options.quality, progress=progress, cancel=cancel or Event(),
    )  # fmt: skip


def stream(
    job: Prepared, options: AnimateOptions, *, progress: Progress = silent, cancel: Event | None = None
) -> FrameStream:
    """The frames as the video shows them, finished, for callers that write no file."""
    drawn = draw(job, options, progress=progress, cancel=cancel)
    return chained(drawn, steps(options, job.direction.effective.grade, seed=options.seed))


def render(
    job: Prepared, out: Path, options: AnimateOptions, *,
    codec: Codec | None = None, require: Sequence[str] = (), progress: Progress = silent, cancel: Event | None = None,
) -> Video:  # fmt: skip
    """Generation and finishing: a prepared job becomes a finished video; nothing is left behind when it fails.

    The drawn frames, before grading and encoding, are measured on the way; the numbers go into the manifest.

    Raises:
        NotAsPlanned: a measure does not hold what `require` asks ("drift<2"); the video is not kept.
    """
    cancel, clock = cancel or Event(), Clock()
    frames = draw(job, options, progress=progress, cancel=cancel)
    watch = watching(job.scene, job.direction.effective, seed=options.seed, require=require)
    clock.lap("setting up")
    return finish(
        watch.frames(frames), out, job.photo, job.direction, options,
        encoding=choose_encoding(out, options.quality, codec), timings=job.timings | clock.laps,
        measured=watch.result, models=[model.told() for model in job.models], progress=progress, cancel=cancel,
    )  # fmt: skip


def animate(
    photo: Path | UInt8, out: Path, options: AnimateOptions, *,
    codec: Codec | None = None, require: Sequence[str] = (), progress: Progress = silent, cancel: Event | None = None,
) -> Video:  # fmt: skip
    """One photo in, one finished video out; what cannot be drawn or written is found out first. See `render`."""
    backend(options.engine)
    check_output(out, choose_encoding(out, options.quality, codec))
    steps(options, Grade(), seed=options.seed)  # files they name are looked at now
    for text in require:
        parse_requirement(text)
    job = prepare(photo, options, progress=progress)
    return render(job, out, options, codec=codec, require=require, progress=progress, cancel=cancel)


class Clock:
    """Seconds of each stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, stage: str) -> None:
        """The stage that has just ended took all the time since the one before."""
        now = time.perf_counter()
        self.laps[stage], self._at = now - self._at, now
