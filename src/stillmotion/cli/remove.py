"""`stillmotion remove`: something taken out of a photo, and what may lie behind it painted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stillmotion.cli.flags import option_flags, read_flags
from stillmotion.cli.retouching import last_flags, out_flag, retouched
from stillmotion.options import RemoveOptions


@click.command("remove")
@click.argument("photo", type=click.Path(path_type=Path))
@click.argument("words", metavar="WORDS")
@out_flag
@option_flags(RemoveOptions)
@last_flags
def command(
    photo: Path, words: str, out: Path, force: bool, as_json: bool, quiet: bool,
    **flags: Any,  # the fields of RemoveOptions
) -> None:  # fmt: skip
    """Take something out of a photo.

    WORDS name what was found in it (`stillmotion analyze` shows that); free words need a --region-model that knows
    them. Its shadow stays.

    \b
    stillmotion remove beach.jpg "the person" -o empty.png
    stillmotion remove table.jpg "red cup" --region-model CIDAS/clipseg-rd64-refined -o clear.png
    """
    from stillmotion import retouch

    options = read_flags(flags, RemoveOptions)
    retouched(
        photo, out, lambda show, cancel: retouch.remove(photo, words, options, progress=show, cancel=cancel),
        force=force, as_json=as_json, quiet=quiet,
    )  # fmt: skip
