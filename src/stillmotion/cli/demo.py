"""`stillmotion demo`: a photo that comes with the package, animated."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.options import AnimateOptions

if TYPE_CHECKING:
    from stillmotion.types import Video

PHOTO = Path(__file__).parent.parent / "demo" / "astronaut.jpg"
PROMPT = "slow push in, then orbit left"


@click.command("demo")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("out/demo.mp4"), show_default=True, metavar="FILE",
    help="The video; one that is there is written over.",
)  # fmt: skip
def command(out: Path) -> None:
    """Animate a photo that comes with stillmotion."""
    from stillmotion.cli.report import say_video

    options = AnimateOptions(prompt=PROMPT)
    click.echo(f'stillmotion animate {PHOTO.name} -p "{PROMPT}" -o {out}')
    with display() as show:
        video = run_job(lambda cancel: _demo(out, options, show, cancel), on_stop=show.close)
    say_video(video, options, PHOTO.name)


def _demo(out: Path, options: AnimateOptions, show: Display, cancel: Event) -> Video:
    from stillmotion import pipeline
    from stillmotion.cli.targets import make_folder

    make_folder(out)
    return pipeline.animate(PHOTO, out, options, progress=show, cancel=cancel)
