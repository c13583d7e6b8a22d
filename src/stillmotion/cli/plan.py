"""`stillmotion plan`: the motion plan of a photo, written down and explained, nothing drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.flags import read_wish, wish_flags
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import display
from stillmotion.errors import InputError
from stillmotion.options import FinishingOptions
from stillmotion.plan import Grade

if TYPE_CHECKING:
    from stillmotion.pipeline import Prepared


@click.command("plan")
@click.argument("photo", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="FILE",
    help="Where to write it; else to stdout.",
)  # fmt: skip
@wish_flags(leave_out=("engine", "quality", "seed", *(FinishingOptions.model_fields.keys() - Grade.model_fields)))
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option(
    "--json", "as_json", is_flag=True, help="Sentence, notes, requested and effective plan as one JSON object."
)
def command(photo: Path, out: Path | None, force: bool, as_json: bool, **flags: Any) -> None:  # flags: AnimateOptions
    """Write the motion plan of a photo and explain it.

    The plan is JSON that can be edited and carried out with `animate --plan`. It holds what was asked for; the
    limits of the photo are applied when it is carried out, and told as notes. With -o NAME.txt the camera is written
    as it will be drawn, in the rows of RealEstate10K that camera-controlled video models read.

    \b
    stillmotion plan beach.jpg -p "crane up over 3 s, then static" -o plan.json
    """
    from stillmotion import pipeline
    from stillmotion.cli import report
    from stillmotion.media.staging import write_file

    options = read_wish(flags)
    if out is not None and out.exists() and not force:
        raise InputError(f"{out} exists already.", hint="Give another name, or --force to write over it.")
    with display() as show:
        job = run_job(lambda _: pipeline.prepare(photo, options, progress=show), on_stop=show.close)
    direction, text = job.direction, _text(job, out)
    if out is not None:
        write_file(out, text.encode())
    if as_json:
        report.say_json(report.direction_json(job, photo))
    elif out is not None:
        report.say_direction(direction, heading=str(out))
    else:
        click.echo(text, nl=False)
        click.echo(direction.sentence, err=True)
    report.say_notes(job.notes)


def _text(job: Prepared, out: Path | None) -> str:
    """The plan as JSON, or its camera as rows where the file's name ends in .txt."""
    if out is None or out.suffix.lower() != ".txt":
        return job.direction.requested.to_json()
    from stillmotion.camera import pivot_point
    from stillmotion.stages.motion.importers.realestate10k import write_camera_text

    plan, scene = job.direction.effective, job.scene
    return write_camera_text(plan, scene.fov_deg, pivot=pivot_point(scene, plan.camera.pivot))
