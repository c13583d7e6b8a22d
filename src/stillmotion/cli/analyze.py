"""`stillmotion analyze`: what is seen in a photo, as pictures and numbers."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import click

from stillmotion.cli.flags import read_wish, wish_flags
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.options import AnimateOptions

_USED = ("size", "aspect", "depth", "depth_model", "region_model", "device", "fetch_models")


@click.command("analyze")
@click.argument("photo", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write into."
)
@wish_flags(leave_out=[name for name in AnimateOptions.model_fields if name not in _USED])
@click.option(
    "--find", "phrases", multiple=True, metavar="WORDS",
    help="Look for this with a --region-model that knows free words; may be given several times.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What was found as one JSON object.")
def command(
    photo: Path, out: Path, phrases: tuple[str, ...], as_json: bool, **flags: Any
) -> None:  # flags: some of AnimateOptions
    """Show what is seen in a photo: depth, regions, mattes.

    Written are the depth as a 16-bit PNG, a label map of the regions with a list of them, a matte for each, the faces
    and bodies of people with their points (people.json), the photo in layers, a summary (scene.json), and one overview
    picture.

    \b
    stillmotion analyze beach.jpg -o beach-seen
    stillmotion analyze beach.jpg -o beach-seen --region-model CIDAS/clipseg-rd64-refined --find "red umbrella"
    """
    from stillmotion.cli import report

    options = read_wish(flags)
    with display() as show:
        found, notes = run_job(lambda cancel: _analyze(photo, out, options, phrases, show, cancel), on_stop=show.close)
    if as_json:
        report.say_json({"photo": str(photo), "folder": str(out), "notes": notes, **found})
    else:
        _say(found, out)
        report.say_notes(notes)


def _analyze(
    photo: Path, out: Path, options: AnimateOptions, phrases: tuple[str, ...], show: Display, cancel: Event
) -> tuple[dict[str, Any], list[str]]:
    from stillmotion.media.image import read_photo
    from stillmotion.stages.analysis.larger import larger_models
    from stillmotion.stages.analysis.larger_regions import with_words
    from stillmotion.stages.analysis.overview import write_analysis
    from stillmotion.stages.analysis.scene import analyze
    from stillmotion.stages.motion.canvas import choose_canvas

    larger = larger_models(options)
    picture = read_photo(photo)
    canvas = choose_canvas(picture, options)
    scene = analyze(
        picture, width=canvas.width, height=canvas.height, depth=options.depth, larger=larger, progress=show
    )
    scene = with_words(scene, phrases, larger)
    if cancel.is_set():
        return {}, []
    return write_analysis(scene, out), [*picture.notes, *scene.notes]


def _say(found: dict[str, Any], out: Path) -> None:
    """What was found, for people: one line each, the parts as a table."""
    width, height = found["size"]
    depth, pivot = found["depth"], found["pivot"]
    lines = [
        ("size", f"{width}x{height}, {found['fov_deg']:.0f} degrees wide"),
        ("depth", f"{depth['source']}, confidence {depth['confidence']:.2f}; "
                  f"{depth['nearest']:.2f} to {depth['farthest']:.2f} with the subject at 1"),
        ("pivot", f"{100 * pivot[0]:.0f} % from the left, {100 * pivot[1]:.0f} % from the top"),
        ("subject", _percent(found["subject_share"]) if found["subject_share"] else "none stands out"),
        ("people", _people(found["faces"], found["bodies"])),
        ("layers", ", ".join(f"{_percent(layer['share'])}" for layer in found["layers"]) + ", nearest first"),
    ]  # fmt: skip
    click.echo(click.style(str(out), bold=True))
    for name, text in lines:
        click.echo(f"  {name:<12} {text}")
    click.echo(f"  {'regions':<12} " + ("of the picture  confidence" if found["regions"] else "none with a name"))
    for region in found["regions"]:
        click.echo(f"    {region['name']:<12} {_percent(region['share']):>12} {region['confidence']:>11.2f}")


def _people(faces: list[float], bodies: list[float]) -> str:
    """How many are seen, and how surely."""
    if not faces and not bodies:
        return "none seen"
    told = [(len(each), name, each) for each, name in ((faces, "face"), (bodies, "body")) if each]
    plural = {"face": "faces", "body": "bodies"}
    return ", ".join(
        f"{count} {name if count == 1 else plural[name]} ({', '.join(f'{sure:.2f}' for sure in each)})"
        for count, name, each in told
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"
