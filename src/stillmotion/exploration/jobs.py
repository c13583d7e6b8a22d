"""READ FIRST: the jobs.

    explore   wish ─▶ a grid of spots ─────────────┐
    more      record, liked cells ─▶ spots around ─┴─▶ clips ─▶ sheet and record
    walk      two prompts, seeds or cells ─▶ even steps on the way ─▶ one video and its record
    render    record, a cell ─▶ the same at full size

Every cell is a job of the engine 'nano' like any other; where it lies is `nano/navigate.py`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from stillmotion import pipeline
from stillmotion.errors import DoesNotFit, InputError
from stillmotion.exploration.ground import MOST_STRENGTH, Ground, Job, new_ground, old_ground, weights_of
from stillmotion.exploration.record import Cell, Exploration
from stillmotion.exploration.results import (
    Explored,
    Walked,
    check_outputs,
    is_moving,
    sheet_of,
    write_clip,
    write_clips,
    write_record,
    write_sheet,
)
from stillmotion.exploration.way import Way
from stillmotion.models.vae_codec import FOLDER
from stillmotion.options import AnimateOptions, ExploreOptions
from stillmotion.spellings import Axis, read_axis, read_noise
from stillmotion.stages.generation.nano.navigate import BOUNDS, Mix, Spot, angle, around, spread
from stillmotion.types import Progress, UInt8, Video, silent

_FIRST_STEP = 0.5
_MOST_BYTES = 2 << 30  # of frames that are kept

Span = tuple[Axis, float, float]
"""What a row or a column changes, its first and its last value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What is written, and where; nothing where there is None."""

    out: Path | None = None  # the sheet, still or moving by its ending, and its record beside it (NAME.json)
    clips: Path | None = None  # a folder for one small video per cell


def explore(
    photo: Path | UInt8, options: AnimateOptions, wish: ExploreOptions, where: Where, *,
    progress: Progress = silent, cancel: Event | None = None,
) -> Explored:  # fmt: skip
    """Draw a grid of variations.

    Args:
        photo: a file, or pixels uint8 (h, w, 3) sRGB.
        options: the wish, as for `animate` with the engine 'nano'.
        wish: the grid.
        where: what is written.
        progress: told "exploring" and how many cells are done.
        cancel: set it from another thread to stop.

    Raises:
        InputError: the photo, the wish, an axis or an output cannot be used.
        WeightsMissing: the networks are not there or damaged.
        DoesNotFit: so many frames cannot be kept, or the disk is full.
        Cancelled: `cancel` was set; nothing was written.
    """
    across, down = _axes(options, wish)
    check_outputs(where.out, where.clips)
    weights = weights_of(options.weights or FOLDER)
    start, end = _ends(options, wish)
    ground = new_ground(photo, options, wish.to, progress=progress)
    spots = spread(start, *wish.grid, across, down, towards=end.noise)
    grid = _Grid(spots=spots, columns=wish.grid[0], at=_second(wish, ground), step=1.0, generation=0, seed=options.seed)
    return _drawn(ground, grid, weights, (), where, progress, cancel or Event())


def more(
    photo: Path | UInt8, before: Exploration, liked: Sequence[int], wish: ExploreOptions, where: Where, *,
    here: AnimateOptions, progress: Progress = silent, cancel: Event | None = None,
) -> Explored:  # fmt: skip
    """Draw a grid around the cells of an earlier one that were liked; as often as one likes.

    Cell 1 is the liked cell itself, or the midst of several. Of `here` the weights, the depth map and the seed count,
    which chooses the new cells; all else is the record's. Arguments otherwise as in `explore`.

    Raises:
        InputError: as `explore`; or the record is of another photo or other weights, or has no such cell.
        WeightsMissing, DoesNotFit, Cancelled: as `explore`.
    """
    spots = [before.cell(number).spot for number in liked]
    if not spots:
        raise InputError("No cell is named that was liked.", hint="Name one or several: --cells 3,7.")
    if wish.across or wish.down:
        raise InputError("Cells around liked ones have no rows and columns of one kind; leave out --across and --down.")
    check_outputs(where.out, where.clips)
    ground = old_ground(photo, before.source, _with_own(before, here), whole=False, progress=progress)
    step = wish.step or (before.step / 2 if before.generation else _FIRST_STEP)
    generation, columns = before.generation + 1, wish.grid[0]
    found = around(
        spots, columns * wish.grid[1], step=step, free=before.moving, seeds=(here.seed, generation, before.seed, *liked)
    )
    at = _second(wish if wish.at is not None else wish.model_copy(update={"at": before.at}), ground)
    grid = _Grid(spots=found, columns=columns, at=at, step=step, generation=generation, seed=here.seed)
    return _drawn(ground, grid, before.source.weights, before.moving, where, progress, cancel or Event())


def walk(
    photo: Path | UInt8, options: AnimateOptions, wish: ExploreOptions, out: Path, *,
    before: Exploration | None = None, cells: Sequence[int] = (),
    progress: Progress = silent, cancel: Event | None = None,
) -> Walked:  # fmt: skip
    """Write one video that goes from one result to another, evenly in latent distance.

    Each of its frames is the one at `wish.at` of a clip of its own. It goes from the wish's prompt and seed to those of
    `wish.to` and `wish.to_seed`; or, with the record `before`, along its `cells` of these numbers, where of `options`
    only the weights and the depth map count.

    Raises:
        InputError: as `explore` and `more`; or there is nowhere to go.
        WeightsMissing, DoesNotFit, Cancelled: as `explore`.
    """
    cancel = cancel or Event()
    _check_walk(out, wish, before, cells)
    if before is not None:
        corners = [before.cell(number).spot for number in cells]
        ground = old_ground(photo, before.source, _with_own(before, options), whole=False, progress=progress)
        weights, moving = before.source.weights, before.moving
    else:
        weights, corners = weights_of(options.weights or FOLDER), list(_ends(options, wish))
        ground = new_ground(photo, options, wish.to, progress=progress)
        moving = ("between",) if wish.to is not None else ()
    at = _second(wish, ground)
    frames, found, steps = Way(ground, corners, at=at, progress=progress, cancel=cancel).gone(wish.walk_frames)
    made = Exploration(
        kind="walk", source=ground.source(weights), at=at, columns=1, moving=moving, step=1.0, generation=0,
        seed=ground.options.seed, cells=found,
    )  # fmt: skip
    about = {"comment": f"A walk of {len(frames)} steps between results of {ground.photo.name}, drawn by a program."}
    write_clip(out, frames, wish.walk_fps, about, quality=options.quality, cancel=cancel)
    write_record(out, made)
    return Walked(record=made, steps=steps, notes=ground.notes)


def render(
    photo: Path | UInt8, before: Exploration, number: int, out: Path, *,
    here: AnimateOptions, progress: Progress = silent, cancel: Event | None = None,
) -> Video:  # fmt: skip
    """Draw a cell at full size into a finished video, which can be measured and remade like any other.

    Of `here` the size or aspect, the rate, the quality, the weights and the depth map count where they are given; all
    else is the record's.

    Raises:
        InputError: as `more`, or the output cannot be written.
        WeightsMissing, DoesNotFit, Cancelled: as `explore`.
    """
    cell = before.cell(number)
    if not is_moving(out):
        raise InputError(f"{out} is no video; a cell is rendered into one.", hint="Let the name end with .mp4.")
    check_outputs(out)
    given: dict[str, object] = {
        name: getattr(here, name) for name in ("size", "aspect", "quality") if name in here.model_fields_set
    }
    wish = _with_own(before, here).model_copy(update=given)
    ground = old_ground(photo, before.source, wish, whole=True, fps=here.fps, progress=progress)
    job = ground.job(cell.spot)
    return pipeline.render(job.prepared, out, job.options, progress=progress, cancel=cancel)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    spots: Sequence[Spot]
    columns: int
    at: float | None
    step: float
    generation: int
    seed: int


def _drawn(
    ground: Ground, grid: _Grid, weights: dict[str, str], moving: Sequence[str], where: Where, progress: Progress,
    cancel: Event,
) -> Explored:  # fmt: skip
    """Draw all spots, and write what was asked."""
    keep = where.clips is not None or is_moving(where.out)
    _check_room(ground, len(grid.spots) if keep else 1)
    cells, jobs, films, pictures = list[Cell](), list[Job](), list[list[UInt8]](), list[UInt8]()
    progress("exploring", 0, len(grid.spots))
    for number, spot in enumerate(grid.spots, 1):
        job = ground.job(spot)
        film = list(job.frames(cancel=cancel))
        cells.append(job.cell(number, spot, film))
        jobs.append(job)
        pictures.append(film[job.shown(grid.at)])
        films.append(film if keep else [])
        progress("exploring", number, len(grid.spots))
    varied = [name for name in BOUNDS if len({getattr(spot, name) for spot in grid.spots}) > 1]
    made = Exploration(
        kind="grid", source=ground.source(weights), at=grid.at, columns=grid.columns,
        moving=tuple(dict.fromkeys((*moving, *varied))), step=grid.step, generation=grid.generation, seed=grid.seed,
        cells=tuple(cells),
    )  # fmt: skip
    sheet, quality = sheet_of(made), ground.options.quality
    if where.clips is not None:
        write_clips(where.clips, made, jobs, films, cancel=cancel)
    if where.out is not None:
        shown = films if is_moving(where.out) else [[picture] for picture in pictures]
        write_sheet(where.out, made, sheet, shown, quality=quality, cancel=cancel)
    notes = (*ground.notes, *_bounded(made), *_twins(made))
    return Explored(record=made, pictures=tuple(pictures), sheet=sheet.filled(pictures), notes=notes)


def _axes(options: AnimateOptions, wish: ExploreOptions) -> tuple[Span, Span]:
    """What columns and rows change."""
    ends = (("prompt", wish.to, "--to"), ("noise", wish.to_seed, "--to-seed"))
    said = [read_axis(text) if text else None for text in (wish.across, wish.down)]
    left = [name for name, end, _ in ends if end is not None and name not in {axis[0] for axis in said if axis}]
    across, down = (axis or read_axis(left.pop(0) if left else "seed") for axis in said)
    for name, end, flag in ends:
        asked = name in (across[0], down[0])
        if asked and end is None:
            raise InputError(f"Cells on the way to another {name} need the other one.", hint=f"Give it by {flag}.")
        if end is not None and not asked:
            raise InputError(f"{flag} is given, and neither columns nor rows go there.", hint=f"Add --across {name}.")
    if across[0] == down[0] != "seed":
        raise InputError(f"Columns and rows would both change {across[0]}.", hint="Name another by --down.")
    if "hold" in (across[0], down[0]) and options.free:
        raise InputError("Without the geometry there is nothing to hold on to.", hint="Leave out --free, or hold.")
    return across, down


def _ends(options: AnimateOptions, wish: ExploreOptions) -> tuple[Spot, Spot]:
    """Where cells begin, and where those go that go somewhere."""
    noise: Mix = read_noise(options.noise) if options.noise else ((options.seed, 1.0),)
    start = Spot(noise=noise, between=0.0, guidance=options.guidance, hold=options.hold, strength=1.0)
    towards: Mix = ((wish.to_seed, 1.0),) if wish.to_seed is not None else noise
    if wish.to_seed is not None and angle(noise, towards) < 1e-6:
        raise InputError(f"--to-seed {wish.to_seed} is the seed that it starts from.", hint="Give another one.")
    return start, replace(start, noise=towards, between=1.0 if wish.to is not None else 0.0)


def _check_walk(out: Path, wish: ExploreOptions, before: Exploration | None, cells: Sequence[int]) -> None:
    if not is_moving(out):
        raise InputError(f"{out} is no video; a walk is one.", hint="Let the name end with .mp4.")
    check_outputs(out)
    if before is None and wish.to is None and wish.to_seed is None:
        raise InputError(
            "A walk needs somewhere to go.",
            hint="Give a second prompt (--to) or seed (--to-seed), or cells of an exploration (--from, --cells).",
        )
    if before is not None and len({before.cell(number).spot for number in cells}) < 2:
        raise InputError("A walk goes from one cell to another.", hint="Name two or more that differ: --cells 3,7.")


def _with_own(before: Exploration, here: AnimateOptions) -> AnimateOptions:
    """The record's wish with what lies elsewhere on this machine."""
    wish = before.source.options
    return wish.model_copy(update={"weights": here.weights, "depth": here.depth or wish.depth})


def _second(wish: ExploreOptions, ground: Ground) -> float | None:
    if wish.at is not None and wish.at > ground.seconds:
        raise InputError(f"Second {wish.at:g} is beyond the clip, which lasts {ground.seconds:g} s.")
    return wish.at


def _check_room(ground: Ground, films: int) -> None:
    width, height = ground.draft
    needed = 3 * width * height * ground.plans[0].canvas.frames * films
    if needed > _MOST_BYTES:
        raise DoesNotFit(
            f"The frames of {films} clips take {needed / 2**30:.1f} GB, and 2 GB are kept at most.",
            hint="Ask for fewer cells, for shorter clips, or for a sheet that stands still.",
        )


def _bounded(made: Exploration) -> Iterator[str]:
    """What to say where amounts meet their bound."""
    own = max(plan.strength for plan in made.source.plans)
    most = [cell.number for cell in made.cells if own * cell.spot.strength > MOST_STRENGTH]
    if most:
        yield f"Cells {', '.join(map(str, most))} would move more than {MOST_STRENGTH:g} times; they move that much."


def _twins(made: Exploration) -> Iterator[str]:
    """What to say where cells are the same to the bit."""
    seen: dict[str, list[int]] = {}
    for cell in made.cells:
        seen.setdefault(cell.sha256, []).append(cell.number)
    same = next((numbers for numbers in seen.values() if len(numbers) > 1), None)
    if same is not None:
        yield (
            f"Cells {', '.join(map(str, same))} are the same to the bit: with this plan the photo shows all that is "
            "seen, and the network has nothing to draw. Ask for a larger move, a lower --hold, or --free."
        )
