"""What a command says when it is done: sentences for people, one JSON object per result for programs.

Results go to stdout; notes and warnings to stderr.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillmotion.errors import StillmotionError
from stillmotion.options import AnimateOptions

if TYPE_CHECKING:
    from stillmotion.pipeline import Prepared
    from stillmotion.types import Direction, Video

Json = dict[str, Any]  # heterogeneous by nature


def say_json(data: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout, at once."""
    click.echo(json.dumps(data, ensure_ascii=False))


def say_notes(notes: Iterable[str]) -> None:
    """What was understood otherwise than it was said, or limited: warnings, each once."""
    for note in dict.fromkeys(notes):
        click.echo(click.style("Note: ", fg="yellow") + note, err=True)


def say_video(video: Video, options: AnimateOptions, photo: str) -> None:
    """A finished video in a few lines."""
    told = video.manifest
    made, file = told["effective"], told["file"]
    click.echo(
        f"{click.style(str(video.path), bold=True)}  {_seconds(made['seconds'])}, {made['width']}x{made['height']}, "
        f"{made['fps']:g} fps, {made['codec']}, {_size(file.get('bytes'))}made in {told['total_s']:.1f} s"
    )
    click.echo(f"  {told['sentence']}")
    if "measured" in told:
        click.echo(f"  {measured_line(told['measured'])}")
    say_notes(f"{photo}: {note}" for note in (*told["notes"], *differences(options, made)))


def say_finished(video: Video) -> None:
    """A finished clip in a few lines: the file, and what every step did."""
    told = video.manifest
    made, file = told["effective"], told["file"]
    click.echo(
        f"{click.style(str(video.path), bold=True)}  {_seconds(made['seconds'])}, {made['width']}x{made['height']}, "
        f"{made['fps']:.4g} fps, {made['codec']}, {_size(file.get('bytes'))}made in {told['total_s']:.1f} s"
    )
    for step in told["finishing"]:
        said = ", ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in step.items() if name != "step")
        click.echo(f"  {step['step']}: {said}")
    if made["sound"]:
        click.echo(f"  sound: {made['sound']}")
    say_notes(told["notes"])


def _plain(value: Any) -> str:  # Any: whatever a step tells
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        inner = [("x" if isinstance(each, list) else " ").join(map(_plain, _listed(each))) for each in value]
        return (" to " if len(value) == 2 else ", ").join(inner) or "none"
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name.replace('_', ' ')} {_plain(each)}" for name, each in value.items()) + ")"
    return str(value)


def _listed(value: Any) -> list[Any]:  # Any: as above
    return value if isinstance(value, list) else [value]


_SHOWN = {
    "path_err": "points {:.2g} % of the width from their way", "rot_err": "rotation error {:.2g} rad",
    "drift": "colour drift {:.2g} Lab/s", "loop_seam": "loop seam {:.2g}",
}  # fmt: skip


def measured_line(measured: Mapping[str, Any]) -> str:
    """How far the drawn motion is from what was asked, in one line."""
    shown = [words.format(measured[name]) for name, words in _SHOWN.items() if measured.get(name) is not None]
    regions = [
        f"{each['name']} {each['direction_err']:.0f}° off its way"
        for each in measured.get("regions", ()) if each.get("direction_err") is not None
    ]  # fmt: skip
    verdict = "as planned" if measured["passed"] else "not as planned: " + "; ".join(measured["failed"])
    return f"Measured: {verdict} ({', '.join((*shown, *regions))})."


def video_json(video: Video, options: AnimateOptions, photo: Path) -> Json:
    """A finished video as data."""
    told = video.manifest
    notes = [*told["notes"], *differences(options, told["effective"])]
    return {
        "photo": str(photo),
        "video": str(video.path),
        "sentence": told["sentence"],
        "notes": notes,
        "manifest": told,
    }


def say_direction(direction: Direction, *, heading: str | None = None) -> None:
    """A settled plan in words, with the requested canvas and the effective one where they differ."""
    if heading is not None:
        click.echo(click.style(heading, bold=True))
    canvas = direction.effective.canvas
    click.echo(direction.sentence)
    click.echo(f"{canvas.width}x{canvas.height}, {canvas.fps:g} fps, {canvas.seconds:g} s, {canvas.frames} frames")


def direction_json(job: Prepared, photo: Path) -> Json:
    """A settled plan as data."""
    return {
        "photo": str(photo),
        "sentence": job.direction.sentence,
        "notes": list(job.notes),
        "requested": json.loads(job.direction.requested.to_json()),
        "effective": json.loads(job.direction.effective.to_json()),
    }


def error_json(error: StillmotionError, photo: Path) -> Json:
    """A failure as data."""
    return {
        "photo": str(photo),
        "error": {
            "kind": type(error).__name__, "message": error.message, "hint": error.hint, "exit_code": error.exit_code,
        },
    }  # fmt: skip


def differences(options: AnimateOptions, made: Mapping[str, Any]) -> list[str]:
    """Where the video is not what the options asked for; `made` is "effective" of the manifest."""
    size = (made["width"], made["height"])
    found = []
    if options.size is not None:
        asked = tuple(side * (options.upscale or 1) for side in options.size)
        if asked != size:
            found.append(f"{asked[0]}x{asked[1]} was asked for, {size[0]}x{size[1]} was made.")
    if options.seconds is not None and abs(options.seconds - made["seconds"]) > 1.01 / made["fps"]:
        found.append(f"{options.seconds:g} s was asked for, {made['seconds']:g} s was made.")
    if options.fps is not None and abs(options.fps - made["fps"]) > 1e-3:
        found.append(f"{options.fps:g} frames per second was asked for, {made['fps']:g} was made.")
    if options.loop is not None and options.loop != made["loop"]:
        found.append(f"The loop {options.loop} was asked for, {made['loop']} was made.")
    return found


def _seconds(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".") + " s"


def _size(count: int | None) -> str:
    if count is None:
        return ""
    return f"{count / 1e6:.1f} MB, " if count >= 1e5 else f"{count / 1e3:.0f} kB, "
