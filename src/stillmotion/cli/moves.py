"""`stillmotion moves`: the camera vocabulary as a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stillmotion.stages.motion.moves import MoveSpec

_UNITS = {
    "deg": "{0:g} degrees", "pivot": "{0:g} of the distance to the subject", "factor": "{0:g} times",
    "hands": "{0:g} x a calm hand", "blur": "{0:g} of the width", "speed": "speed {0:g}", "none": "",
}  # fmt: skip


@click.command("moves")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object per move.")
def command(as_json: bool) -> None:
    """List the camera moves that prompts may name.

    How far each goes by itself stands behind it, in brackets.
    """
    from stillmotion.cli.report import say_json
    from stillmotion.stages.motion.moves import MOVES

    if as_json:
        for spec in MOVES.values():
            say_json({name: value for name, value in asdict(spec).items() if name != "stops"})
        return
    width = max(map(len, MOVES))
    family = ""
    for spec in MOVES.values():
        if spec.family != family:
            family = spec.family
            click.echo(click.style(f"{family}", bold=True))
        amount = said_amount(spec)
        click.echo(f"  {spec.name:{width}}  {spec.description}" + (f"  [{amount}]" if amount else ""))


def said_amount(spec: MoveSpec) -> str:
    """How far a move goes by itself, in words; empty for moves without an amount."""
    return _UNITS[spec.unit].format(spec.amount)
