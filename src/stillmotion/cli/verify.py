"""`stillmotion verify`: is the motion in this video the motion that was asked for?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.job import run_job
from stillmotion.cli.progress import display
from stillmotion.errors import NotAsPlanned

if TYPE_CHECKING:
    from stillmotion.verification import Verification


@click.command("verify")
@click.argument("video", type=click.Path(path_type=Path), metavar="VIDEO")
@click.option("--plan", type=click.Path(path_type=Path), metavar="FILE", help="The plan. Default: the video's own.")
@click.option(
    "--photo", type=click.Path(path_type=Path), metavar="FILE",
    help="The photo it was made of. Default: the video's first frame.",
)  # fmt: skip
@click.option("--depth", type=click.Path(path_type=Path), metavar="FILE", help="The depth map it was made with.")
@click.option(
    "--require", "requirements", multiple=True, metavar="'MEASURE<N'",
    help="Judge by this instead of the defaults, e.g. 'drift<2'; may be given several times.",
)  # fmt: skip
@click.option(
    "--report", "page", type=click.Path(path_type=Path), metavar="FILE.html",
    help="Write one page with plots and a contact sheet.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    video: Path, plan: Path | None, photo: Path | None, depth: Path | None, requirements: tuple[str, ...],
    page: Path | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Measure a video against its plan.

    Works on videos of any system. Exit code 0: within the tolerances; 5: not, and the measures that failed are named.

    \b
    stillmotion verify beach.mp4 --photo beach.jpg
    stillmotion verify other.mp4 --plan plan.json --photo beach.jpg --report other.html
    """
    from stillmotion.cli import report
    from stillmotion.evaluation.judge import parse_requirement, require
    from stillmotion.plan import read_plan
    from stillmotion.verification import verify

    for text in requirements:
        parse_requirement(text)
    wish = read_plan(plan) if plan is not None else None
    with display(quiet=quiet) as show:
        found = run_job(lambda _: verify(video, photo=photo, plan=wish, depth=depth, progress=show), on_stop=show.close)
    findings = list(found.findings) if not requirements else require(found.measures, list(requirements))
    if page is not None:
        _write_page(page, video, found)
    if as_json:
        report.say_json(_json(video, found, findings))
    else:
        _say(video, found, findings)
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        raise NotAsPlanned(f"{video.name} is not as planned: " + "; ".join(map(str, failed)) + ".")


def _json(video: Path, found: Verification, findings: list[Any]) -> dict[str, Any]:
    return {
        "video": str(video),
        "passed": all(finding.passed for finding in findings),
        "findings": [asdict(finding) for finding in findings],
        "measures": found.measures.to_json(),
    }


def _say(video: Path, found: Verification, findings: list[Any]) -> None:
    measures = found.measures
    seconds = measures.frames / measures.fps
    click.echo(click.style(f"{video.name}: {measures.width}x{measures.height}, {seconds:.1f} s", bold=True))
    for finding in findings:
        click.echo(
            f"  {click.style('ok  ', fg='green') if finding.passed else click.style('NOT ', fg='red')} {finding}"
        )
    seen = ", ".join(name.replace("_", " ") for name in measures.commands) or "none"
    click.echo(f"  camera commands seen: {seen}")
    for note in measures.notes:
        click.echo(f"Note: {note}", err=True)


def _write_page(page: Path, video: Path, found: Verification) -> None:
    from stillmotion.evaluation.page import page_of
    from stillmotion.media.probe import read_frames
    from stillmotion.media.staging import write_file
    from stillmotion.stages.motion.explain import explain

    frames = read_frames(video)
    wanted = {round(i * (len(frames) - 1) / 11) for i in range(12)}
    pictures = [frame for i, frame in enumerate(frames) if i in wanted]
    html = page_of(
        title=video.name, sentence=explain(found.plan, fov_deg=found.expected.fov_deg),
        measures=found.measures, findings=found.findings, pictures=pictures,
    )  # fmt: skip
    write_file(page, html.encode())
