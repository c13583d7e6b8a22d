"""`stillmotion explain`: what a plan, a prompt or a finished video does, in one plain sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stillmotion.errors import InputError

if TYPE_CHECKING:
    from stillmotion.plan import MotionPlan

_WIDTH, _HEIGHT, _FOV_DEG = 1280, 720, 50.0  # of a prompt without a photo


@click.command("explain")
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[PLAN|VIDEO]")
@click.option("-p", "--prompt", metavar="TEXT", help="A prompt instead of a file.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the plan there as well.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--json", "as_json", is_flag=True, help="Sentence, notes and plan as one JSON object.")
def command(source: Path | None, prompt: str | None, out: Path | None, force: bool, as_json: bool) -> None:
    """Say in one sentence what a plan, a prompt or a video does.

    \b
    stillmotion explain plan.json
    stillmotion explain beach.mp4
    stillmotion explain -p "slow push in while the clouds drift left"
    """
    from stillmotion.cli import report
    from stillmotion.media.staging import write_file
    from stillmotion.stages.motion.explain import explain

    if (source is None) == (prompt is None):
        raise InputError("Give a plan or a video, or a prompt with -p; one of them.")
    plan, notes = _of_prompt(prompt) if prompt is not None else _of_file(source or Path())
    sentence = explain(plan)
    if out is not None:
        if out.exists() and not force:
            raise InputError(f"{out} exists already.", hint="Give another name, or --force to write over it.")
        write_file(out, plan.to_json().encode())
    if as_json:
        report.say_json({"sentence": sentence, "notes": list(notes), "plan": json.loads(plan.to_json())})
    else:
        click.echo(sentence)
        report.say_notes(notes)


def _of_file(source: Path) -> tuple[MotionPlan, tuple[str, ...]]:
    """The plan in a file: JSON, or the record inside a video."""
    if source.suffix.lower() == ".json":
        from stillmotion.plan import read_plan

        return read_plan(source), ()
    from stillmotion.stages.finishing.manifest import remake_request

    return remake_request(source).plan, ()


def _of_prompt(prompt: str) -> tuple[MotionPlan, tuple[str, ...]]:
    """The plan of a prompt on a photo nobody has shown: 16:9, with a usual lens."""
    from stillmotion.plan import Canvas, MotionPlan
    from stillmotion.stages.motion.compose import compose
    from stillmotion.stages.motion.grammar import parse

    usual = Canvas(width=_WIDTH, height=_HEIGHT)
    parsed = parse(prompt, seconds=usual.seconds, aspect=_WIDTH / _HEIGHT)
    canvas = usual.model_copy(update={"seconds": parsed.seconds or usual.seconds, "loop": parsed.loop or usual.loop})
    camera, times, notes = compose(parsed.moves, canvas, fov_deg=_FOV_DEG)
    plan = MotionPlan(
        prompt=prompt, canvas=canvas, camera=camera, time=times, regions=parsed.regions, portrait=parsed.portrait
    )
    unknown = (f"Not understood, and so without effect: {', '.join(parsed.unknown)}.",) if parsed.unknown else ()
    return plan, (*parsed.notes, *unknown, *notes)
