"""The Python interface: the same jobs as on the command line, with streaming access to the frames.

Knows how people call it (a path as text, options by name); the work is the pipeline's. Reached as `stillmotion.animate`
and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from threading import Event
from typing import Literal, TypedDict, Unpack

import numpy as np

from stillmotion import pipeline, retouch
from stillmotion.media.encoding import Codec
from stillmotion.options import (
    AnimateOptions,
    Aspect,
    Between,
    Border,
    Device,
    Fill,
    FinishOptions,
    Fit,
    InpaintOptions,
    Loop,
    OutpaintOptions,
    Place,
    Quality,
    RemoveOptions,
    read_options,
)
from stillmotion.plan import MotionPlan
from stillmotion.retouch import Retouched
from stillmotion.types import Direction, FrameStream, Progress, UInt8, Video, silent
from stillmotion.verification import Verification

PhotoLike = str | PathLike[str] | UInt8
"""A file, or pixels uint8 (h, w, 3) sRGB."""


class Finishing(TypedDict, total=False):
    """The fields of `FinishingOptions`: the steps of the last stage; their meaning and bounds stand there."""

    deblock: bool
    denoise: float | None
    deflicker: bool
    lock_colour: float | None
    stabilize: bool
    tripod: bool
    stabilize_room: float
    border: Border
    upscale: Literal[2, 4] | None
    sharpen: float | None
    lens_blur: float | None
    exposure: float | None
    contrast: float | None
    temperature: float | None
    tint: float | None
    saturation: float | None
    lut: str | PathLike[str] | None
    lut_strength: float
    vignette: float | None
    letterbox: float | None
    text: str | None
    text_place: Place
    text_size: float
    text_from: float | None
    text_to: float | None
    font: str | PathLike[str] | None
    logo: str | PathLike[str] | None
    logo_place: Place
    logo_size: float
    logo_opacity: float
    watermark: str | None
    fade_in: float | None
    fade_out: float | None
    grain: float | None
    deband: bool


class ClipOptions(Finishing, total=False):
    """The fields of `FinishOptions`."""

    fps: float | None
    speed: float | str | Sequence[tuple[float, float]] | None
    between: Between
    reverse: bool
    join: Sequence[str | PathLike[str]]
    crossfade: float | None
    mute: bool
    seed: int
    quality: Quality


class Options(Finishing, total=False):
    """The fields of `AnimateOptions` beside the prompt; their meaning and bounds stand there."""

    plan: str | PathLike[str] | None
    seconds: float | None
    fps: float | None
    size: tuple[int, int] | str | None
    aspect: Aspect | None
    fit: Fit
    loop: Loop | None
    strength: float | None
    seed: int
    engine: str
    steps: int
    guidance: float
    hold: float
    free: bool
    noise: str | None
    tell: Sequence[str]
    checkpoint: str | PathLike[str] | None
    weights: str | PathLike[str] | None
    depth: str | PathLike[str] | None
    depth_model: str | None
    region_model: Sequence[str]
    device: Device
    fetch_models: bool
    quality: Quality
    planner: str | None
    planner_model: str


def animate(
    photo: PhotoLike,
    prompt: str | None = None,
    *,
    out: str | PathLike[str] | None = None,
    codec: Codec | None = None,
    require: Sequence[str] = (),
    progress: Progress = silent,
    cancel: Event | None = None,
    **options: Unpack[Options],
) -> Video:
    """Animate a photo into a finished video file, over whatever has that name.

    Args:
        photo: a file, or pixels uint8 (h, w, 3) sRGB.
        prompt: what should move and how; without it, and without a plan, a move is chosen from the scene.
        out: the video; its ending decides the container. By default the photo's name with .mp4 in the current folder.
        codec: one the container can hold; by default its usual one.
        require: what must be measured of it, e.g. ["drift<2"]; otherwise there is no video.
        progress: told the stage and how far it is.
        cancel: set it from another thread to stop.
        options: the fields of `AnimateOptions`, e.g. seconds=4, size=(1280, 720), loop="seamless".

    Raises:
        InputError: the photo, the plan, an option or the output cannot be used as it is.
        DoesNotFit: not enough memory or disk.
        NotAsPlanned: `require` does not hold; nothing is left behind.
        Cancelled: `cancel` was set; nothing is left behind.
    """
    wish = read_options({"prompt": prompt, **options}, AnimateOptions)
    source = source_of(photo)
    named = source.stem if isinstance(source, Path) else "stillmotion"
    target = Path(out) if out is not None else Path(f"{named}.mp4")
    return pipeline.animate(source, target, wish, codec=codec, require=require, progress=progress, cancel=cancel)


def frames(
    photo: PhotoLike,
    prompt: str | None = None,
    *,
    progress: Progress = silent,
    cancel: Event | None = None,
    **options: Unpack[Options],
) -> FrameStream:
    """The frames of a video, uint8 (H, W, 3) sRGB each, drawn as they are asked for.

    Arguments and errors as in `animate`.
    """
    wish = read_options({"prompt": prompt, **options}, AnimateOptions)
    job = pipeline.prepare(source_of(photo), wish, progress=progress)
    return pipeline.stream(job, wish, progress=progress, cancel=cancel)


def direct(
    photo: PhotoLike, prompt: str | None = None, *, progress: Progress = silent, **options: Unpack[Options]
) -> Direction:
    """What would be done with a photo, and why: the plan as asked for and as it will be drawn, notes and one sentence.

    `direct(...).requested.to_json()` is a plan file that can be edited and given to `animate(plan=...)`. Arguments and
    errors as in `animate`.
    """
    wish = read_options({"prompt": prompt, **options}, AnimateOptions)
    return pipeline.prepare(source_of(photo), wish, progress=progress).direction


def finish(
    clip: str | PathLike[str],
    *,
    out: str | PathLike[str],
    codec: Codec | None = None,
    progress: Progress = silent,
    cancel: Event | None = None,
    **options: Unpack[ClipOptions],
) -> Video:
    """Take a clip of any system through the finishing chain, over whatever has the name `out`.

    Args:
        clip: a video file, or a folder of PNGs.
        out: the video; its ending decides the container.
        codec: one the container can hold; by default its usual one.
        progress: told the stage and how far it is.
        cancel: set it from another thread to stop.
        options: the fields of `FinishOptions`, e.g. fps=60, stabilize=True, upscale=2.

    Raises:
        InputError: the clip, an option or the output cannot be used as it is.
        DoesNotFit: not enough memory or disk.
        Cancelled: `cancel` was set; nothing is left behind.
    """
    wish = read_options(options, FinishOptions)
    return pipeline.finish_clip(Path(clip), Path(out), wish, codec=codec, progress=progress, cancel=cancel)


def inpaint(
    photo: PhotoLike,
    mask: PhotoLike,
    *,
    out: str | PathLike[str] | None = None,
    fill: Fill = "auto",
    grow: float = 0.0,
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Retouched:
    """Paint a photo anew where a mask says.

    Args:
        photo: a file, or pixels uint8 (h, w, 3) sRGB.
        mask: a picture of the photo's size, white (or opaque) where to paint; or an array (h, w), bool or uint8.
        out: write the picture there, too, over whatever has that name; its ending decides the format.
        fill, grow: the fields of `InpaintOptions`.
        progress: told the stage and how far it is.
        cancel: set it from another thread to stop.

    Returns:
        The picture, with what was done (`told`: which fill painted which hole, and how strong its seam is).

    Raises:
        InputError: the photo, the mask, an option or the output cannot be used as it is.
        WeightsMissing: fill="learned", and the weights are not there or damaged.
        DoesNotFit: not enough disk.
        Cancelled: `cancel` was set; nothing is left behind.
    """
    wish = read_options({"fill": fill, "grow": grow}, InpaintOptions)
    marked = mask if isinstance(mask, np.ndarray) else Path(mask)
    return _written(retouch.inpaint(source_of(photo), marked, wish, progress=progress, cancel=cancel), out)


def outpaint(
    photo: PhotoLike,
    *,
    aspect: str | None = None,
    left: str | None = None,
    right: str | None = None,
    top: str | None = None,
    bottom: str | None = None,
    out: str | PathLike[str] | None = None,
    fill: Fill = "auto",
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Retouched:
    """Paint beyond the edges of a photo, to a shape ("16:9") or by sides ("20%", "200").

    Arguments, result and errors otherwise as in `inpaint`; the fields are those of `OutpaintOptions`.
    """
    sides = {"left": left, "right": right, "top": top, "bottom": bottom}
    wish = read_options({"aspect": aspect, "fill": fill, **sides}, OutpaintOptions)
    return _written(retouch.outpaint(source_of(photo), wish, progress=progress, cancel=cancel), out)


def remove(
    photo: PhotoLike,
    words: str,
    *,
    out: str | PathLike[str] | None = None,
    fill: Fill = "auto",
    grow: float | None = None,
    region_model: Sequence[str] = (),
    device: Device = "auto",
    fetch_models: bool = False,
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Retouched:
    """Take out of a photo what words name, e.g. "the person".

    Arguments, result and errors otherwise as in `inpaint`; the fields are those of `RemoveOptions`.
    """
    asked = {"fill": fill, "region_model": tuple(region_model), "device": device, "fetch_models": fetch_models}
    wish = read_options(asked | ({} if grow is None else {"grow": grow}), RemoveOptions)
    return _written(retouch.remove(source_of(photo), words, wish, progress=progress, cancel=cancel), out)


def _written(done: Retouched, out: str | PathLike[str] | None) -> Retouched:
    if out is not None:
        done.write(Path(out))
    return done


def explain(plan: MotionPlan) -> str:
    """A plan in one plain sentence."""
    from stillmotion.stages.motion.explain import explain as in_words

    return in_words(plan)


def verify(
    video: str | PathLike[str],
    *,
    photo: str | PathLike[str] | None = None,
    plan: MotionPlan | None = None,
    depth: str | PathLike[str] | None = None,
    progress: Progress = silent,
) -> Verification:
    """Measure a video of any system against a plan; see `stillmotion.verification.verify`."""
    from stillmotion.verification import verify as measured

    return measured(
        Path(video), photo=None if photo is None else Path(photo), plan=plan,
        depth=None if depth is None else Path(depth), progress=progress,
    )  # fmt: skip


def source_of(photo: PhotoLike) -> Path | UInt8:
    """What the pipeline takes for a photo."""
    return photo if isinstance(photo, np.ndarray) else Path(photo)
