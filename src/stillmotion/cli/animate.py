"""`stillmotion animate`: photos become videos, one after another; one that fails does not stop the rest."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.flags import read_wish, wish_flags
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.errors import StillmotionError
from stillmotion.options import AnimateOptions

if TYPE_CHECKING:
    from stillmotion.cli.targets import Target
    from stillmotion.media.encoding import Codec

CODECS = ("h264", "hevc", "av1", "vp9", "prores", "gif", "webp", "png")


@click.command("animate")
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...")
@click.option(
    "-o", "--out", metavar="OUT",
    help="The video: .mp4 .webm .mov .mkv .gif .webp, or a folder of PNGs. For many photos a folder, or a pattern "
    "with {name} or {n} in it. Default: the photo's name with .mp4, in the current folder.",
)  # fmt: skip
@wish_flags()
@click.option("--codec", type=click.Choice(CODECS), help="Default: the usual one of the file's ending.")
@click.option(
    "--require", "requirements", multiple=True, metavar="'MEASURE<N'",
    help="Fail (exit code 5, no video kept) unless this is measured, e.g. 'drift<2'; may be given several times.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--dry-run", is_flag=True, help="Show the plan; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per photo on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    photos: tuple[str, ...],
    out: str | None,
    codec: Codec | None,
    requirements: tuple[str, ...],
    force: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **flags: Any,  # the fields of AnimateOptions
) -> None:
    """Turn photos into videos.

    PHOTO is a picture or a folder of pictures; several are done one after another. Without a prompt a move is chosen
    that suits the photo.

    \b
    stillmotion animate beach.jpg -p "slow push in, then orbit left" -o beach.mp4
    stillmotion animate holiday/ -p "gentle pan right" -o videos
    stillmotion animate a.jpg b.jpg -o 'videos/{name}.webm' --aspect 9:16 --loop seamless
    """
    from stillmotion.cli.targets import choose_targets

    how = How(
        options=read_wish(flags), codec=codec, require=requirements, force=force, dry_run=dry_run, as_json=as_json
    )
    targets = choose_targets(photos, out, codec)
    in_folder = out is not None and len(targets) > 0 and str(targets[0].out) != out
    with display(quiet=quiet) as show:
        failed = run_job(
            lambda cancel: _each(targets, replace(how, make_folders=in_folder), show, cancel), on_stop=show.close
        )
    if len(targets) == 1 and failed:
        raise failed[targets[0].photo]
    if failed:
        click.echo(f"{len(targets) - len(failed)} of {len(targets)} photos were done; these were not:", err=True)
        for photo, error in failed.items():
            click.echo(f"  {photo}: {error.message}", err=True)
        click.get_current_context().exit(worst(failed.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What is the same for all photos of a call."""

    options: AnimateOptions
    codec: Codec | None
    require: tuple[str, ...]
    force: bool
    dry_run: bool
    as_json: bool
    make_folders: bool = False


def worst(errors: Iterable[StillmotionError]) -> int:
    """The exit code of several failures: that of a bug if there is one, else the largest."""
    codes = {error.exit_code for error in errors}
    return 1 if 1 in codes else max(codes)


def _each(targets: tuple[Target, ...], how: How, show: Display, cancel: Event) -> dict[Path, StillmotionError]:
    """Do all photos; returns those that failed."""
    from stillmotion.cli.main import BUG, show_error
    from stillmotion.cli.report import error_json, say_json

    failed: dict[Path, StillmotionError] = {}
    for number, target in enumerate(targets, 1):
        if cancel.is_set():
            break
        show.photo(target.photo.name, number, len(targets))
        try:
            _one(target, how, show, cancel)
        except StillmotionError as error:
            failed[target.photo] = error
            with show.aside():
                if how.as_json:
                    say_json(error_json(error, target.photo))
                if len(targets) > 1:
                    show_error(error)
        except Exception as error:
            if len(targets) == 1:
                raise
            failed[target.photo] = StillmotionError(f"{type(error).__name__}: {error}", hint=BUG)
            with show.aside():
                traceback.print_exc()
    return failed


def _one(target: Target, how: How, show: Display, cancel: Event) -> None:
    from stillmotion import pipeline
    from stillmotion.cli import report
    from stillmotion.cli.targets import make_folder, refuse_existing

    if how.dry_run:
        job = pipeline.prepare(target.photo, how.options, progress=show)
        with show.aside():
            if how.as_json:
                report.say_json(report.direction_json(job, target.photo))
            else:
                report.say_direction(job.direction, heading=f"{target.photo} -> {target.out}")
                click.echo(job.direction.effective.to_json(), nl=False)
                report.say_notes(job.notes)
        return
    if not how.force:
        refuse_existing(target.out)
    if how.make_folders:
        make_folder(target.out)
    video = pipeline.animate(
        target.photo, target.out, how.options,
        codec=how.codec, require=how.require, progress=show, cancel=cancel,
    )  # fmt: skip
    with show.aside():
        if how.as_json:
            report.say_json(report.video_json(video, how.options, target.photo))
        else:
            report.say_video(video, how.options, target.photo.name)
