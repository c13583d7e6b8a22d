"""`stillmotion explore`: many variations of one photo and wish, ways between them, and more like those one likes.

PHOTO -p ... ─▶ grid    --walk ─▶ video    --from RECORD --cells 3,7 ─▶ grid    --from RECORD --render 3 ─▶ video
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.flags import option_flags, read_flags, read_wish, wish_flags
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.cli.retouching import last_flags
from stillmotion.errors import InputError
from stillmotion.options import AnimateOptions, ExploreOptions, FinishingOptions

if TYPE_CHECKING:
    from stillmotion.exploration.jobs import Where
    from stillmotion.exploration.record import Exploration

_NOT_HERE = (*FinishingOptions.model_fields, "engine", "checkpoint", "tell")
_MACHINE = frozenset({"weights", "depth", "device", "fetch_models"})  # may differ from the record's
_OF_MORE = _MACHINE | {"seed", "grid", "step", "at"}
_OF_WALK = _MACHINE | {"at", "walk_frames", "walk_fps", "quality"}
_OF_RENDER = _MACHINE | {"size", "aspect", "fps", "quality"}


@click.command("explore")
@click.argument("photo", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="OUT",
    help="The sheet: .png .jpg .tif, or a video (.mp4 .webm .gif .webp) in which all cells play; a walk and a rendered "
    "cell are videos. A record goes beside it.",
)  # fmt: skip
@click.option(
    "--from", "before", type=click.Path(path_type=Path), metavar="FILE",
    help="An earlier sheet or walk (or its .json) to go on from.",
)  # fmt: skip
@click.option("--cells", metavar="N,N,...", help="Cells of it: those you liked, or those a walk goes along.")
@click.option("--render", type=int, metavar="N", help="Draw this cell of it at full size.")
@click.option("--walk", is_flag=True, help="Write one video that goes evenly to --to, to --to-seed, or along --cells.")
@click.option(
    "--clips", type=click.Path(path_type=Path), metavar="FOLDER", help="Write every cell as a small video, too."
)
@option_flags(ExploreOptions)
@wish_flags(leave_out=_NOT_HERE)
@last_flags
def command(
    photo: Path, out: Path, before: Path | None, cells: str | None, render: int | None, walk: bool,
    clips: Path | None, force: bool, as_json: bool, quiet: bool,
    **flags: Any,  # the fields of ExploreOptions and AnimateOptions
) -> None:  # fmt: skip
    """Draw many variations of a photo and a wish, and ways between them.

    Every cell is a short clip of the engine 'nano' at the network's size: 2 s at 8 frames per second, unless
    --seconds or --fps say otherwise. The record beside the sheet repeats each of them, and is what to go on from.

    \b
    stillmotion explore beach.jpg -p "slow push in" --free -o sheet.png
    stillmotion explore beach.jpg -p "push in" --to "pan left" --down guidance=0:4 -o sheet.mp4
    stillmotion explore beach.jpg --from sheet.png --cells 3,7 -o more.png
    stillmotion explore beach.jpg --from more.png --cells 1,5 --walk -o walk.mp4
    stillmotion explore beach.jpg --from more.png --render 5 -o chosen.mp4
    """
    from stillmotion.cli.targets import refuse_existing
    from stillmotion.exploration.jobs import Where
    from stillmotion.exploration.record import read_exploration

    numbers = _numbers(cells)
    _check_mode(before, numbers, render, walk=walk, clips=clips, flags=flags)
    asked = Asked(
        photo=photo, where=Where(out=out, clips=clips), wish=read_flags(flags, ExploreOptions),
        options=read_wish(flags), before=None if before is None else read_exploration(before), cells=numbers,
    )  # fmt: skip
    if not force:
        refuse_existing(out)
        if clips is not None and clips.is_dir() and any(clips.iterdir()):
            raise InputError(f"{clips} is not empty.", hint="Give another folder, or --force to write into it.")
    with display(quiet=quiet) as show:
        show.photo(photo.name, 1, 1)
        work = _render(asked, render) if render is not None else _walk(asked) if walk else _grid(asked)
        say = run_job(lambda cancel: work(show, cancel), on_stop=show.close)
    say(as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call."""

    photo: Path
    where: Where
    wish: ExploreOptions
    options: AnimateOptions
    before: Exploration | None
    cells: tuple[int, ...]


Say = Callable[[bool], None]
"""Says what was done, as JSON or to people."""
Work = Callable[[Display, Event], Say]


def _grid(asked: Asked) -> Work:
    def work(show: Display, cancel: Event) -> Say:
        from stillmotion.exploration import jobs

        if asked.before is None:
            done = jobs.explore(asked.photo, asked.options, asked.wish, asked.where, progress=show, cancel=cancel)
        else:
            done = jobs.more(
                asked.photo, asked.before, asked.cells, asked.wish, asked.where,
                here=asked.options, progress=show, cancel=cancel,
            )  # fmt: skip
        made, clips = done.record, asked.where.clips
        told = _told(asked, made) | {"columns": made.columns, "step": made.step, "generation": made.generation}
        folder = {} if clips is None else {"clips": str(clips)}
        return lambda as_json: _say(told | folder, _line(made, "cells"), done.notes, as_json=as_json)

    return work


def _walk(asked: Asked) -> Work:
    def work(show: Display, cancel: Event) -> Say:
        from stillmotion.exploration import jobs

        done = jobs.walk(
            asked.photo, asked.options, asked.wish, Path(str(asked.where.out)),
            before=asked.before, cells=asked.cells, progress=show, cancel=cancel,
        )  # fmt: skip
        mean = sum(done.steps) / len(done.steps)
        even = {"mean_step": mean, "largest_step": max(done.steps), "smallest_step": min(done.steps)}
        line = f"{_line(done.record, 'frames')}, steps of {mean:.3f} ({min(done.steps):.3f} to {max(done.steps):.3f})"
        return lambda as_json: _say(_told(asked, done.record) | even, line, done.notes, as_json=as_json)

    return work


def _render(asked: Asked, number: int) -> Work:
    def work(show: Display, cancel: Event) -> Say:
        from stillmotion.cli import report
        from stillmotion.exploration import jobs

        assert asked.before is not None  # as `_check_mode` saw to it
        out = Path(str(asked.where.out))
        video = jobs.render(
            asked.photo, asked.before, number, out, here=asked.options, progress=show, cancel=cancel
        )  # fmt: skip

        def say(as_json: bool) -> None:
            if as_json:
                report.say_json(report.video_json(video, asked.options, asked.photo) | {"cell": number})
            else:
                report.say_video(video, asked.options, asked.photo.name)

        return say

    return work


def _told(asked: Asked, made: Exploration) -> dict[str, Any]:
    out = Path(str(asked.where.out))
    cells = [
        {"number": cell.number, "sentence": cell.sentence, "sha256": cell.sha256, **asdict(cell.spot)}
        for cell in made.cells
    ]
    return {
        "photo": str(asked.photo), "out": str(out), "record": f"{out}.json", "kind": made.kind,
        "cell_size": list(made.source.draft), "cells": cells,
    }  # fmt: skip


def _line(made: Exploration, what: str) -> str:
    width, height = made.source.draft
    return f"{len(made.cells)} {what} of {width}x{height}"


def _say(told: dict[str, Any], line: str, notes: Iterable[str], *, as_json: bool) -> None:
    from stillmotion.cli import report

    if as_json:
        report.say_json(told | {"notes": list(notes)})
        return
    click.echo(f"{click.style(told['out'], bold=True)}  {line}; record {told['record']}")
    report.say_notes(notes)


def _numbers(cells: str | None) -> tuple[int, ...]:
    try:
        return () if cells is None else tuple(int(number) for number in cells.split(","))
    except ValueError as error:
        raise InputError(f"--cells {cells}: write the numbers of cells such as 3 or 3,7.") from error


def _check_mode(
    before: Path | None, cells: tuple[int, ...], render: int | None, *, walk: bool, clips: Path | None,
    flags: Mapping[str, Any],
) -> None:  # fmt: skip
    """Raises InputError where flags do not go together."""
    if render is not None and (walk or cells):
        raise InputError("--render draws one cell at full size; it does not go with --walk or --cells.")
    if clips is not None and (walk or render is not None):
        raise InputError("--clips goes with a grid of cells.")
    if before is None:
        if cells or render is not None:
            raise InputError("Cells of which exploration?", hint="Name its sheet or record by --from.")
        return
    if not (cells or render is not None):
        raise InputError("Nothing is said to do with the exploration.", hint="Give --cells, or --render.")
    allowed = _OF_RENDER if render is not None else _OF_WALK if walk else _OF_MORE
    given = [name for name, value in flags.items() if value not in (None, False, ()) and name not in allowed]
    if given:
        said = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError(f"{said}: what is explored stands in the record.", hint="Leave it out, or explore anew.")
