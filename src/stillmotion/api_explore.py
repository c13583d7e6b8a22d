"""The Python interface to latent navigation; reached as `stillmotion.explore` and so on.

grid = stillmotion.explore("beach.jpg", "slow push in", out="sheet.png", free=True)
next = stillmotion.explore_more("beach.jpg", "sheet.png", cells=[3, 7], out="more.png")
stillmotion.explore_walk("beach.jpg", "push in", to="pan left", out="walk.mp4")
stillmotion.render_cell("beach.jpg", "more.png", 4, out="chosen.mp4")
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from threading import Event
from typing import Unpack

from stillmotion.api import Options, PhotoLike, source_of
from stillmotion.exploration import jobs
from stillmotion.exploration.jobs import Where
from stillmotion.exploration.record import Exploration, read_exploration
from stillmotion.exploration.results import Explored, Walked
from stillmotion.options import AnimateOptions, ExploreOptions, Quality, read_options
from stillmotion.types import Progress, Video, silent

PathLikeStr = str | PathLike[str]


def explore(
    photo: PhotoLike,
    prompt: str | None = None,
    *,
    to: str | None = None,
    to_seed: int | None = None,
    grid: tuple[int, int] | str = (3, 3),
    across: str | None = None,
    down: str | None = None,
    at: float | None = None,
    out: PathLikeStr | None = None,
    clips: PathLikeStr | None = None,
    progress: Progress = silent,
    cancel: Event | None = None,
    **options: Unpack[Options],
) -> Explored:
    """Draw many variations of a photo and a wish by the engine 'nano'.

    Args:
        photo: a file, or pixels uint8 (h, w, 3) sRGB.
        prompt: what should move and how.
        to, to_seed, grid, across, down, at: the fields of `ExploreOptions`.
        out: write the sheet there and its record beside it (NAME.json); in a video all cells play at once.
        clips: a folder for one small video per cell.
        progress: told "exploring" and how many cells are done.
        cancel: set it from another thread to stop.
        options: the fields of `AnimateOptions`, e.g. free=True, seed=7, weights="FOLDER".

    Raises:
        InputError: the photo, the wish, an axis or an output cannot be used.
        WeightsMissing: the networks are not there or damaged.
        DoesNotFit: not enough memory or disk.
        Cancelled: `cancel` was set; nothing was written.
    """
    fields = {"to": to, "to_seed": to_seed, "grid": grid, "across": across, "down": down, "at": at}
    wish, asked = read_options(fields, ExploreOptions), read_options({"prompt": prompt, **options}, AnimateOptions)
    return jobs.explore(source_of(photo), asked, wish, _where(out, clips), progress=progress, cancel=cancel)


def explore_more(
    photo: PhotoLike,
    before: Exploration | PathLikeStr,
    cells: Sequence[int],
    *,
    grid: tuple[int, int] | str = (3, 3),
    step: float | None = None,
    at: float | None = None,
    seed: int = 0,
    weights: PathLikeStr | None = None,
    depth: PathLikeStr | None = None,
    out: PathLikeStr | None = None,
    clips: PathLikeStr | None = None,
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Explored:
    """Draw a grid around cells that were liked; `before` is a record, or the name of a sheet or walk.

    `seed` chooses the new cells. Arguments, result and errors otherwise as in `explore`.
    """
    wish = read_options({"grid": grid, "step": step, "at": at}, ExploreOptions)
    here = read_options({"seed": seed, "weights": weights, "depth": depth}, AnimateOptions)
    return jobs.more(
        source_of(photo), _record(before), cells, wish, _where(out, clips), here=here, progress=progress, cancel=cancel
    )


def explore_walk(
    photo: PhotoLike,
    prompt: str | None = None,
    *,
    out: PathLikeStr,
    to: str | None = None,
    to_seed: int | None = None,
    before: Exploration | PathLikeStr | None = None,
    cells: Sequence[int] = (),
    at: float | None = None,
    walk_frames: int = 48,
    walk_fps: float = 12.0,
    progress: Progress = silent,
    cancel: Event | None = None,
    **options: Unpack[Options],
) -> Walked:
    """Write a video that goes evenly from one prompt or seed to another, or along `cells` of the record `before`.

    Arguments and errors otherwise as in `explore`.
    """
    fields = {"to": to, "to_seed": to_seed, "at": at, "walk_frames": walk_frames, "walk_fps": walk_fps}
    wish, asked = read_options(fields, ExploreOptions), read_options({"prompt": prompt, **options}, AnimateOptions)
    earlier = None if before is None else _record(before)
    return jobs.walk(
        source_of(photo), asked, wish, Path(out), before=earlier, cells=cells, progress=progress, cancel=cancel
    )


def render_cell(
    photo: PhotoLike,
    before: Exploration | PathLikeStr,
    number: int,
    *,
    out: PathLikeStr,
    size: tuple[int, int] | str | None = None,
    fps: float | None = None,
    quality: Quality = "standard",
    weights: PathLikeStr | None = None,
    depth: PathLikeStr | None = None,
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Video:
    """Draw a cell at full size, or at the size and rate that are given; errors as in `explore`."""
    given = {"size": size, "fps": fps, "quality": quality, "weights": weights, "depth": depth}
    here = read_options({name: value for name, value in given.items() if value is not None}, AnimateOptions)
    return jobs.render(
        source_of(photo), _record(before), number, Path(out), here=here, progress=progress, cancel=cancel
    )


def _record(before: Exploration | PathLikeStr) -> Exploration:
    return before if isinstance(before, Exploration) else read_exploration(Path(before))


def _where(out: PathLikeStr | None, clips: PathLikeStr | None) -> Where:
    return Where(out=None if out is None else Path(out), clips=None if clips is None else Path(clips))
