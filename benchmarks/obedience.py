"""Does the video do what was asked? Seven camera commands and the regions that are there, on many photos.

    python -m benchmarks.obedience --photos DIR --count 60 --write

Videos are drawn small, encoded as any other, read back and held against their plans. Prints a table; `--write` puts it
into docs/benchmarks-obedience.md. The photos stay where they are.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from threading import Event

from stillmotion.errors import InputError
from stillmotion.evaluation.judge import judge
from stillmotion.evaluation.measure import measure
from stillmotion.evaluation.measures import Measures
from stillmotion.media.encoding import Encoding
from stillmotion.media.image import photo_files, read_photo
from stillmotion.media.probe import read_frames
from stillmotion.media.video import write_video
from stillmotion.options import AnimateOptions
from stillmotion.plan import Canvas
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.generation.backends.geometry import GeometryBackend
from stillmotion.stages.motion.direct import direct
from stillmotion.types import Scene, silent
from stillmotion.verification import expect

COMMANDS = ("pan left", "pan right", "tilt up", "tilt down", "zoom in", "zoom out", "static")
REGIONS = (
    "clouds move left", "the sky moves right", "water flows to the right", "trees sway in the wind", "the grass sways",
)  # fmt: skip
LOOP = "orbit left, looping seamlessly"
ROOT = Path(__file__).parent.parent


def main() -> None:
    """Run the suite."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.obedience", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--side", type=int, default=384, help="long side of the videos")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    found: dict[str, list[tuple[Measures, bool, float | None]]] = defaultdict(list)
    photos = photo_files(args.photos)[: args.count]
    for i, photo in enumerate(photos):
        picture = read_photo(photo)
        width, height = sized(photo, args.side)
        scene = analyze(picture, width=width, height=height)
        canvas = Canvas(width=width, height=height, fps=12, seconds=2)
        for prompt in (*COMMANDS, *REGIONS, LOOP):
            told = one(scene, canvas, prompt)
            if told is not None:
                found[prompt].append(told)
        print(f"{i + 1}/{len(photos)} {photo.name}", flush=True)
    text = table(found, len(photos))
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks-obedience.md").write_text(text)


def one(scene: Scene, canvas: Canvas, prompt: str) -> tuple[Measures, bool, float | None] | None:
    """Measures of the coded video, whether it passes, and its warping error over that of the frames; None: not there."""
    options = AnimateOptions(prompt=prompt)
    direction = direct(scene, canvas, options)
    try:
        located = locate(scene, direction.effective)
    except InputError:
        return None
    plan = direction.effective
    expected = expect(located, plan)
    stream = GeometryBackend().draw(
        located, plan, seed=0, quality="standard", progress=silent, cancel=Event()
    )  # fmt: skip
    frames = list(stream)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "v.mp4"
        write_video(
            replace(stream, frames=iter(frames)), out, encoding=Encoding(codec="h264", quality="standard"), metadata={}
        )
        coded = list(read_frames(out))
    measures = measure(coded, fps=canvas.fps, expected=expected, count=len(coded))
    passed = all(finding.passed for finding in judge(measures, expected))
    if prompt != COMMANDS[0]:
        return measures, passed, None
    clean = measure(frames, fps=canvas.fps, expected=expected, count=len(frames))
    return measures, passed, (measures.warp_err or 0.0) / max(clean.warp_err or 0.0, 1e-9)


def sized(photo: Path, side: int) -> tuple[int, int]:
    """A canvas of the photo's shape in blocks of 16."""
    from PIL import Image

    with Image.open(photo) as image:
        width, height = image.size
    scale = side / max(width, height)
    return max(64, round(width * scale / 16) * 16), max(64, round(height * scale / 16) * 16)


def table(found: dict[str, list[tuple[Measures, bool, float | None]]], photos: int) -> str:
    """Markdown."""
    lines = [
        "# Obedience", "",
        f"{photos} photos that nothing was made with, videos of 2 s, read back from H.264 and held against their plans",
        "by `python -m benchmarks.obedience`. A region is asked of every photo and counted where the photo has it.", "",
        "| asked | videos | camera rule | passed | RotErr | TransErr | direction off (median) | right way |",
        "|---" * 8 + "|",
    ]  # fmt: skip
    for prompt, rows in found.items():
        rules = [m.camera_rule for m, _, _ in rows if m.camera_rule is not None]
        off = [r.direction_err for m, _, _ in rows for r in m.regions if r.direction_err is not None]
        cells = [
            prompt, str(len(rows)), percent(rules), percent([float(p) for _, p, _ in rows]),
            mean([m.rot_err for m, _, _ in rows]), mean([m.trans_err for m, _, _ in rows]),
            f"{statistics.median(off):.0f}°" if off else "-", percent([float(o < 45) for o in off]),
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    camera = [m.camera_rule for p in COMMANDS for m, _, _ in found.get(p, []) if m.camera_rule is not None]
    errors = [r.direction_err for rows in found.values() for m, _, _ in rows for r in m.regions]
    ways = [float(error < 45) for error in errors if error is not None]
    seams = [m.loop_seam for m, _, _ in found.get(LOOP, []) if m.loop_seam is not None]
    warps = [f for rows in found.values() for _, _, f in rows if f is not None]
    lines += [
        "",
        f"- Camera rule over the seven commands: {percent(camera)} (target 99 %)",
        f"- Regions that go the right way: {percent(ways)} (target 95 %)",
        f"- Loop seam: median {statistics.median(seams):.2f}, worst {max(seams):.2f} (target 1.2)",
        f"- Warping error of the coded video over that of its frames: median {statistics.median(warps):.2f} (target 1.2)",
    ]
    return "\n".join(lines) + "\n"


def percent(values: list[float]) -> str:
    """A share in percent."""
    return f"{100 * statistics.mean(values):.1f} %" if values else "-"


def mean(values: list[float | None]) -> str:
    """The mean of those that could be measured."""
    known = [v for v in values if v is not None]
    return f"{statistics.mean(known):.3f}" if known else "-"


if __name__ == "__main__":
    main()
