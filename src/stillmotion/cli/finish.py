"""`stillmotion finish`: a clip that is there already, made steadier, smoother, larger, cleaner, or given a look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.animate import CODECS
from stillmotion.cli.flags import option_flags, read_finish
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import display
from stillmotion.options import FinishOptions

if TYPE_CHECKING:
    from stillmotion.media.encoding import Codec


@click.command("finish")
@click.argument("clip", type=click.Path(path_type=Path), metavar="CLIP")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="OUT",
    help="The video: .mp4 .webm .mov .mkv .gif .webp, or a folder of PNGs.",
)  # fmt: skip
@option_flags(FinishOptions)
@click.option("--codec", type=click.Choice(CODECS), help="Default: the usual one of the file's ending.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    clip: Path, out: Path, codec: Codec | None, force: bool, as_json: bool, quiet: bool,
    **flags: Any,  # the fields of FinishOptions
) -> None:  # fmt: skip
    """Mend, steady, retime, enlarge or grade a clip.

    The clip may be of any system. The steps are taken in the order in which they stand below, new frames (--fps,
    --speed) after the steadying, whatever the order of the flags; none is taken that is not asked for. The sound stays
    with the pictures.

    \b
    stillmotion finish clip.mp4 -o out.mp4 --fps 60 --stabilize --deflicker --upscale 2
    stillmotion finish clip.mp4 -o slow.mp4 --speed 0:1,2:0.25,3:1
    stillmotion finish clip.mp4 -o film.mp4 --lut look.cube --grain 0.3 --letterbox 2.39 --fade-out 1
    stillmotion finish a.mp4 --join b.mp4 --join c.mp4 --crossfade 0.5 -o all.mp4
    """
    from stillmotion import pipeline
    from stillmotion.cli import report
    from stillmotion.cli.targets import refuse_existing

    options = read_finish(flags)
    if not force:
        refuse_existing(out)
    with display(quiet=quiet) as show:
        show.photo(clip.name, 1, 1)
        video = run_job(
            lambda cancel: pipeline.finish_clip(clip, out, options, codec=codec, progress=show, cancel=cancel),
            on_stop=show.close,
        )
    if as_json:
        report.say_json({"clip": str(clip), "video": str(video.path), "manifest": video.manifest})
    else:
        report.say_finished(video)
