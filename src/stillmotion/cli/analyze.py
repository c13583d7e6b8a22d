"""`stillmotion analyze`: what is seen in a photo, as pictures and numbers."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import click

from stillmotion.cli.flags import read_wish, wish_flags
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.options import AnimateOptions

_USED = ("size", "aspect", "depth")


@click.command("analyze")
@click.argument("photo", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write into."
)
@wish_flags(leave_out=[name for name in AnimateOptions.model_fields if name not in _USED])
@click.option("--json", "as_json", is_flag=True, help="What was found as one JSON object.")
def command(photo: Path, out: Path, as_json: bool, **flags: Any) -> None:  # flags: some of AnimateOptions
    """Show what is seen in a photo: depth, regions, mattes.

    Written are the depth as a 16-bit PNG, a matte for every region, and an overview picture of all of it.

    \b
    stillmotion analyze beach.jpg -o beach-seen
    """
    from stillmotion.cli import report

    options = read_wish(flags)
    with display() as show:
        found, notes = run_job(lambda cancel: _analyze(photo, out, options, show, cancel), on_stop=show.close)
    if as_json:
        report.say_json({"photo": str(photo), "folder": str(out), "notes": notes, **found})
    else:
        click.echo(click.style(str(out), bold=True))
        for name, value in found.items():
            if name != "notes" and value not in ([], None):
                click.echo(f"  {name.replace('_', ' ')}: {_told(value)}")
        report.say_notes(notes)


def _analyze(
    photo: Path, out: Path, options: AnimateOptions, show: Display, cancel: Event
) -> tuple[dict[str, Any], list[str]]:
    from stillmotion.media.image import read_photo
    from stillmotion.stages.analysis.overview import write_analysis
    from stillmotion.stages.analysis.scene import analyze
    from stillmotion.stages.motion.canvas import choose_canvas

    picture = read_photo(photo)
    canvas = choose_canvas(picture, options)
    scene = analyze(picture, width=canvas.width, height=canvas.height, depth=options.depth, progress=show)
    if cancel.is_set():
        return {}, []
    return write_analysis(scene, out), [*picture.notes, *scene.notes]


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return ("; " if any(isinstance(each, dict) for each in value) else ", ").join(map(_told, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(each)}" for name, each in value.items())
    return str(value)
