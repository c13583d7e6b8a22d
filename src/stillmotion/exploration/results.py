"""What an exploration leaves: a sheet that stands still or moves, small videos, a walk, each with its record beside it.

Knows files, captions and pictures; draws nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from stillmotion import __version__
from stillmotion.errors import Cancelled, InputError
from stillmotion.exploration.ground import Job
from stillmotion.exploration.record import Exploration
from stillmotion.media.encoding import check_output, choose_encoding
from stillmotion.media.picture_file import check_picture, write_picture
from stillmotion.media.staging import write_file
from stillmotion.media.video import write_video
from stillmotion.options import Quality
from stillmotion.stages.finishing.contact import Label, Sheet
from stillmotion.stages.finishing.manifest import RECORD_KEY, manifest_path, record
from stillmotion.stages.generation.nano.navigate import BOUNDS, Spot, angle
from stillmotion.types import FrameStream, UInt8

STILL = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
"""Endings of a sheet that stands still; in any other all cells play at once."""
_SAID = {
    "between": "prompt {:.0%}",
    "guidance": "guidance {:.2g}",
    "hold": "hold {:.2g}",
    "strength": "strength {:.2g}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """A grid that was drawn."""

    record: Exploration
    pictures: tuple[UInt8, ...]  # (h, w, 3) of each cell, at the second that is shown
    sheet: UInt8  # (H, W, 3)
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A walk that was written."""

    record: Exploration
    steps: tuple[float, ...]  # latent distance from each frame to the next, rms in deviations
    notes: tuple[str, ...]


def check_outputs(out: Path | None, clips: Path | None = None) -> None:
    """Raises InputError where a sheet, a walk or a folder of clips could not be written."""
    if out is not None and out.suffix.lower() in STILL:
        check_picture(out)
    elif out is not None:
        check_output(out, choose_encoding(out, "standard", None))
    if clips is not None and (clips.exists() and not clips.is_dir()):
        raise InputError(f"{clips} is no folder.")
    if clips is not None and not clips.absolute().parent.is_dir():
        raise InputError(f"There is no folder {clips.parent}.")


def is_moving(out: Path | None) -> bool:
    """Whether the cells of a sheet of this name play."""
    return out is not None and out.suffix.lower() not in STILL


def sheet_of(made: Exploration) -> Sheet:
    """The sheet for a grid, still without pictures."""
    varied = [name for name in BOUNDS if len({getattr(cell.spot, name) for cell in made.cells}) > 1]
    first = made.cells[0].spot
    labels = [Label(number=cell.number, caption=caption(cell.spot, first, varied)) for cell in made.cells]
    ends = made.cells[0].sentence, made.cells[-1].sentence
    title = ends[0] if made.generation or ends[0] == ends[1] else " → ".join(ends)
    return Sheet(labels, made.columns, title=title, size=made.source.draft)


def caption(spot: Spot, first: Spot, varied: Sequence[str]) -> str:
    """Where a cell lies: its seed, or how far its noise is turned from the first cell's, and the numbers that vary."""
    turned = math.degrees(angle(spot.noise, first.noise))
    noise = f"seed {spot.noise[0][0]}" if len(spot.noise) == 1 else f"noise {turned:.0f}° from 1"
    if len(spot.noise) > 1 and spot.noise == first.noise:
        noise = f"noise of {len(spot.noise)} seeds"
    return ", ".join([noise, *(_SAID[name].format(getattr(spot, name)) for name in varied)])


def write_sheet(
    out: Path, made: Exploration, sheet: Sheet, films: Sequence[Sequence[UInt8]], *, quality: Quality, cancel: Event
) -> None:
    """The sheet and its record; `films` has one frame per cell, or all of them for a sheet that moves."""
    about = f"{len(made.cells)} variations of {made.source.photo_name}, drawn by a program."
    frames = [sheet.filled(pictures) for pictures in zip(*films, strict=True)]
    if is_moving(out):
        write_clip(out, frames, made.source.plans[0].canvas.fps, {"comment": about}, quality=quality, cancel=cancel)
    else:
        write_picture(out, frames[0], software=f"stillmotion {__version__}", about=about)
    write_record(out, made)


def write_record(out: Path, made: Exploration) -> None:
    """The record, beside `out`."""
    write_file(manifest_path(out), made.to_json().encode())


def write_clips(
    folder: Path, made: Exploration, jobs: Sequence[Job], films: Sequence[Sequence[UInt8]], *, cancel: Event
) -> None:
    """One small video per cell, cell-01.mp4 and so on, that `remake` and `verify` can read."""
    folder.mkdir(exist_ok=True)
    digits = len(str(len(made.cells)))
    for cell, job, film in zip(made.cells, jobs, films, strict=True):
        told = record(job.prepared.photo, job.prepared.direction, job.options, "h264")
        metadata = {RECORD_KEY: json.dumps(told, separators=(",", ":")), "comment": cell.sentence}
        out, fps = folder / f"cell-{cell.number:0{digits}d}.mp4", job.prepared.direction.effective.canvas.fps
        write_clip(out, film, fps, metadata, quality=job.options.quality, cancel=cancel)


def write_clip(
    out: Path, frames: Sequence[UInt8], fps: float, metadata: dict[str, str], *, quality: Quality, cancel: Event
) -> None:
    """Frames as a video.

    Raises:
        Cancelled: `cancel` is set; nothing is written.
    """
    if cancel.is_set():
        raise Cancelled("Stopped: nothing is written.")
    height, width = frames[0].shape[:2]
    stream = FrameStream(frames=iter(frames), width=width, height=height, fps=fps, count=len(frames))
    told = metadata | {"software": f"stillmotion {__version__}"}
    write_video(stream, out, encoding=choose_encoding(out, quality, None), metadata=told, cancel=cancel)
