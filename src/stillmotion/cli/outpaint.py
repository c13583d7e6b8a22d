"""`stillmotion outpaint`: more picture around a photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stillmotion.cli.flags import option_flags, read_flags
from stillmotion.cli.retouching import last_flags, out_flag, retouched
from stillmotion.options import OutpaintOptions


@click.command("outpaint")
@click.argument("photo", type=click.Path(path_type=Path))
@out_flag
@option_flags(OutpaintOptions)
@last_flags
def command(
    photo: Path, out: Path, force: bool, as_json: bool, quiet: bool,
    **flags: Any,  # the fields of OutpaintOptions
) -> None:  # fmt: skip
    """Paint beyond the edges of a photo.

    \b
    stillmotion outpaint portrait.jpg --aspect 16:9 -o wide.png
    stillmotion outpaint tower.jpg --top 30% --left 200 -o more.png
    """
    from stillmotion import retouch

    options = read_flags(flags, OutpaintOptions)
    retouched(
        photo, out, lambda show, cancel: retouch.outpaint(photo, options, progress=show, cancel=cancel),
        force=force, as_json=as_json, quiet=quiet,
    )  # fmt: skip
