"""`stillmotion inpaint`: a photo painted anew where a mask says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stillmotion.cli.flags import option_flags, read_flags
from stillmotion.cli.retouching import last_flags, out_flag, retouched
from stillmotion.options import InpaintOptions


@click.command("inpaint")
@click.argument("photo", type=click.Path(path_type=Path))
@click.option(
    "--mask", type=click.Path(path_type=Path), required=True, metavar="FILE",
    help="A picture of the photo's size: white, or opaque on a transparent ground, where to paint.",
)  # fmt: skip
@out_flag
@option_flags(InpaintOptions)
@last_flags
def command(
    photo: Path, mask: Path, out: Path, force: bool, as_json: bool, quiet: bool,
    **flags: Any,  # the fields of InpaintOptions
) -> None:  # fmt: skip
    """Paint a photo anew where a mask says.

    Every pixel outside the mask stays as it is. What was done is told for each hole: which fill painted it, and how
    strongly the picture changes across its border against beside it (seam; 1 is none).

    \b
    stillmotion inpaint street.jpg --mask wires.png -o clean.png
    """
    from stillmotion import retouch

    options = read_flags(flags, InpaintOptions)
    retouched(
        photo, out, lambda show, cancel: retouch.inpaint(photo, mask, options, progress=show, cancel=cancel),
        force=force, as_json=as_json, quiet=quiet,
    )  # fmt: skip
