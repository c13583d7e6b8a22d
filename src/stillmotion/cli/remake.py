"""`stillmotion remake`: a video once more, from what stands in its own metadata and the photo."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from stillmotion import __version__
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.errors import InputError

if TYPE_CHECKING:
    from stillmotion.options import AnimateOptions
    from stillmotion.stages.finishing.manifest import RemakeRecord
    from stillmotion.types import Photo, Video


@click.command("remake")
@click.argument("video", type=click.Path(path_type=Path))
@click.option(
    "--photo", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The photo it was made of."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, metavar="OUT", help="The new video.")
@click.option(
    "--depth", type=click.Path(path_type=Path), metavar="FILE", help="The depth map, if it had one and it was moved."
)
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object.")
def command(video: Path, photo: Path, out: Path, depth: Path | None, force: bool, as_json: bool) -> None:
    """Make a video again from its own metadata.

    The same version draws the same frames.

    \b
    stillmotion remake beach.mp4 --photo beach.jpg -o again.mp4
    """
    from stillmotion.cli import report
    from stillmotion.cli.targets import refuse_existing
    from stillmotion.stages.finishing.manifest import remake_request

    record = remake_request(video)
    if not force:
        refuse_existing(out)
    options = _with_depth(record, depth)
    notes = [] if record.version == __version__ else [
        f"{video.name} was made by version {record.version}, this is {__version__}: the frames may differ."
    ]  # fmt: skip
    with display() as show:
        made = run_job(lambda cancel: _remake(record, photo, out, options, show, cancel), on_stop=show.close)
    if as_json:
        found = report.video_json(made, options, photo)
        report.say_json(found | {"notes": [*notes, *found["notes"]]})
    else:
        report.say_video(made, options, photo.name)
    report.say_notes(notes)


def _remake(
    record: RemakeRecord, photo: Path, out: Path, options: AnimateOptions, show: Display, cancel: Event
) -> Video:
    from stillmotion import pipeline
    from stillmotion.media.encoding import check_output, choose_encoding
    from stillmotion.media.image import read_photo
    from stillmotion.stages.motion.explain import explain
    from stillmotion.types import Direction

    check_output(out, choose_encoding(out, options.quality, record.codec))
    picture = read_photo(photo)
    _check_photo(record, picture, photo)
    direction = Direction(
        requested=record.plan, effective=record.effective, notes=(), sentence=explain(record.effective)
    )
    job = pipeline.prepare_again(picture, direction, options, progress=show)
    return pipeline.render(job, out, options, codec=record.codec, progress=show, cancel=cancel)


def _check_photo(record: RemakeRecord, picture: Photo, photo: Path) -> None:
    if picture.sha256 != record.photo_sha256:
        raise InputError(
            f"{photo} is not the photo the video was made of: that was {record.photo_name}, "
            f"SHA-256 {record.photo_sha256[:12]}..., this is {picture.sha256[:12]}...",
            hint="To try the plan on another photo: `stillmotion explain VIDEO -o plan.json`, then `animate --plan`.",
        )


def _with_depth(record: RemakeRecord, depth: Path | None) -> AnimateOptions:
    """The video's own options, with the depth map where it lies now."""
    from stillmotion.stages.finishing.manifest import file_sha256

    if record.depth_sha256 is None:
        if depth is not None:
            raise InputError("The video was made without a depth map; leave out --depth.")
        return record.options
    where = depth or record.options.depth
    if where is None or not where.is_file():
        raise InputError(
            f"The video was made with the depth map {where}, which is not there.", hint="Give it with --depth."
        )
    if file_sha256(where) != record.depth_sha256:
        raise InputError(f"{where} is not the depth map the video was made with.")
    return record.options.model_copy(update={"depth": where})
