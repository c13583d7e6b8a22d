"""READ FIRST: `animate()` is five calls. The only module that knows all four stages.

    read_photo ─▶ analyze ─▶ direct ─▶ draw ─▶ finish
                   Scene    Direction  frames    Video
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from stillmotion.media.image import read_photo
from stillmotion.options import AnimateOptions
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.finishing.finish import finish
from stillmotion.stages.generation.backend import backend
from stillmotion.stages.motion.canvas import choose_canvas
from stillmotion.stages.motion.direct import direct
from stillmotion.types import Direction, FrameStream, Photo, Progress, Scene, UInt8, Video, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything known before the first frame is drawn."""

    photo: Photo
    scene: Scene
    direction: Direction


def prepare(photo: Path | UInt8, options: AnimateOptions, *, progress: Progress = silent) -> Prepared:
    """Analysis and motion: read the photo, understand it, and settle the plan."""
    picture = read_photo(photo)
    canvas = choose_canvas(picture, options)
    scene = analyze(picture, width=canvas.width, height=canvas.height, depth=options.depth, progress=progress)
    direction = direct(scene, canvas, options)
    return Prepared(photo=picture, scene=locate(scene, direction.effective), direction=direction)


def draw(job: Prepared, options: AnimateOptions, *, progress: Progress = silent, cancel: Event | None = None) -> FrameStream:
    """Generation: the frames of a prepared job, drawn as they are asked for."""
    engine = backend(options.engine)
    return engine.draw(
        job.scene, job.direction.effective,
        seed=options.seed, quality=options.quality, progress=progress, cancel=cancel or Event(),
    )  # fmt: skip


def animate(
    photo: Path | UInt8, out: Path, options: AnimateOptions, *, progress: Progress = silent, cancel: Event | None = None
) -> Video:
    """One photo in, one finished video out; nothing is left behind when it fails."""
    cancel = cancel or Event()
    job = prepare(photo, options, progress=progress)
    frames = draw(job, options, progress=progress, cancel=cancel)
    return finish(frames, out, job.photo, job.direction, options, progress=progress, cancel=cancel)
