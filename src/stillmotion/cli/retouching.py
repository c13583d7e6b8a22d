"""What `inpaint`, `outpaint` and `remove` have in common: their flags, the job, and what is said at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display

if TYPE_CHECKING:
    from stillmotion.retouch import Retouched

Command = TypeVar("Command", bound=Callable[..., Any])  # Any: click calls it with whatever flags it declares


def out_flag(command: Command) -> Command:
    """Where the picture is written."""
    return click.option(
        "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="OUT",
        help="The picture: .png .webp .tif (every pixel of the photo kept) or .jpg.",
    )(command)  # fmt: skip


def last_flags(command: Command) -> Command:
    """The flags that end the list."""
    for flag, name, text in (
        ("-q", "quiet", "No progress."),
        (None, "json", "The result as one JSON object on stdout."),
        (None, "force", "Write over what is there."),
    ):
        spelled = (f"--{name}", "as_json" if name == "json" else name)
        command = click.option(*((flag,) if flag else ()), *spelled, is_flag=True, help=text)(command)
    return command


def retouched(
    photo: Path, out: Path, work: Callable[[Display, Event], Retouched], *, force: bool, as_json: bool, quiet: bool
) -> None:
    """Do the work, write the picture, and say what was done."""
    from stillmotion.cli import report
    from stillmotion.cli.targets import refuse_existing
    from stillmotion.media.picture_file import check_picture
    from stillmotion.retouch import lossy_note

    check_picture(out)
    if not force:
        refuse_existing(out)
    with display(quiet=quiet) as show:
        show.photo(photo.name, 1, 1)

        def job(cancel: Event) -> Retouched:
            done = work(show, cancel)
            if not cancel.is_set():
                done.write(out)
            return done

        done = run_job(job, on_stop=show.close)
    notes = (*done.notes, *lossy_note(out))
    if as_json:
        report.say_json({"picture": str(out), "notes": list(notes), **done.told})
        return
    _say(out, done.told)
    report.say_notes(notes)


def _say(out: Path, told: dict[str, Any]) -> None:
    width, height = told["size"]
    click.echo(
        f"{click.style(str(out), bold=True)}  {width}x{height}, {100 * told['painted']:.1f} % painted in "
        f"{told['seconds']:.1f} s"
    )
    for hole in told["holes"]:
        left, top, right, bottom = hole["box"]
        click.echo(
            f"  {100 * hole['share']:.1f} % within {right - left}x{bottom - top} at {left}, {top}: {hole['fill']}, "
            f"seam {hole['seam']:.2f}"
        )
