"""`python -m benchmarks.calibration --photos FOLDER --log rows.jsonl`: what a strength is worth in dynamic degree.

Every photo is drawn with each move at each strength, 5 s at 8 frames per second, which are the very pairs of frames
that VBench's dynamic degree looks at (`stillmotion.evaluation.dynamic_degree`, flow by DIS). The number is the
magnitude that a quarter of the pairs reach, over VBench's threshold: a video counts as dynamic above 1. `--write` keeps
the curve in `benchmarks/calibration.json` and the page in docs/benchmarks.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from benchmarks.photos import Row, Understood, options_of, over_photos, understand
from stillmotion.evaluation.dynamic_degree import Dis, dynamic_degree, threshold_px, top_magnitude
from stillmotion.evaluation.picture import grey
from stillmotion.stages.generation.backend import backend
from stillmotion.types import silent

DATA = Path(__file__).parent / "calibration.json"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "calibration.md"
SECONDS, FPS = 5.0, 8.0
STRENGTHS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
MOVES = {"push in": "push in", "orbit": "orbit left", "truck": "truck right", "pan": "pan right", "chosen": None}


def work(path: Path, long_side: int) -> list[Row]:
    """All rows of one photo."""
    known = understand(path, long_side=long_side)
    return [
        {"move": name, "strength": strength, "degree": degree_of(known, prompt, strength)}
        for name, prompt in MOVES.items()
        for strength in STRENGTHS
    ]


def degree_of(known: Understood, prompt: str | None, strength: float) -> float:
    """The dynamic degree of one move at one strength, over VBench's threshold."""
    scene, direction, options = known.directed(prompt=prompt, seconds=SECONDS, fps=FPS, strength=strength, seed=0)
    plan = direction.effective
    frames = backend(options.engine).draw(scene, plan, seed=0, quality="draft", progress=silent, cancel=Event())
    dis, limit = Dis(fine=True), threshold_px(*known.size, fps=FPS)
    return dynamic_degree([top_magnitude(dis(a, b)) / limit for a, b in pairwise(map(grey, frames))]).strength


def curve(rows: list[Row]) -> dict[str, Any]:  # JSON
    """Quartiles over the photos by move and strength, and the power law through the medians."""
    moves: dict[str, Any] = {}
    for move in MOVES:
        points = []
        for strength in STRENGTHS:
            found = [row["degree"] for row in rows if row["move"] == move and row["strength"] == strength]
            low, middle, high = (float(f"{np.quantile(found, q):.4g}") for q in (0.25, 0.5, 0.75))
            dynamic = float(f"{np.mean(np.array(found) > 1):.3g}")
            points.append({"strength": strength, "low": low, "median": middle, "high": high, "dynamic_share": dynamic})
        moves[move] = {"points": points, "law": power_law(points)}
    return {
        "measure": "dynamic degree over VBench's threshold, DIS, 8 pairs a second",
        "photos": len({row["photo"] for row in rows}),
        "seconds": SECONDS,
        "moves": moves,
    }


def power_law(points: list[dict[str, float]]) -> dict[str, float]:
    """The least-squares line through the logarithms: degree = at_1 * strength ** exponent, up to strength 1.

    Above it the photo's own room limits the camera.
    """
    below = [point for point in points if point["strength"] <= 1]
    x = np.log([point["strength"] for point in below])
    y = np.log([max(point["median"], 1e-3) for point in below])
    exponent, at_1 = np.polyfit(x, y, 1)
    return {"at_1": float(f"{np.exp(at_1):.4g}"), "exponent": float(f"{exponent:.4g}")}


def page(found: dict[str, Any], long_side: int) -> str:
    """The curve in markdown."""
    head = "| strength | " + " | ".join(found["moves"]) + " |"
    lines = [head, "|---" * (len(found["moves"]) + 1) + "|"]
    for i, strength in enumerate(STRENGTHS):
        points = [move["points"][i] for move in found["moves"].values()]
        cells = (f"{p['median']:.2f} ({p['low']:.2f}–{p['high']:.2f})" for p in points)
        lines.append(f"| {strength:g} | " + " | ".join(cells) + " |")
    laws = (f"{move['law']['at_1']:.2f} s^{move['law']['exponent']:.2f}" for move in found["moves"].values())
    lines.append("| law | " + " | ".join(laws) + " |")
    shares = ["| strength | " + " | ".join(found["moves"]) + " |", lines[1]]
    for i, strength in enumerate(STRENGTHS):
        points = [move["points"][i] for move in found["moves"].values()]
        shares.append(f"| {strength:g} | " + " | ".join(f"{100 * p['dynamic_share']:.0f} %" for p in points) + " |")
    return "\n\n".join(
        [
            "# Calibration of strength",
            f"What `--strength` is worth in VBench's dynamic degree: the median (and the quartiles) over "
            f"{found['photos']} photos, {long_side} px long, 5 s each, made by `python -m benchmarks.calibration`. The "
            "number is the motion that a quarter of the pairs of frames 1/8 s apart reach, over VBench's threshold; a "
            "video counts as dynamic above 1. \"chosen\" is the motion taken when there is no prompt. The law is the "
            "power of the strength through the medians up to 1; beyond, the room that the photo gives limits the way "
            "of the camera; the same numbers as data: `benchmarks/calibration.json`.",
            "\n".join(lines),
            "Share of the videos that count as dynamic:",
            "\n".join(shares),
        ]
    ) + "\n"  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = options_of(__doc__)
    parser.set_defaults(long_side=384)
    args = parser.parse_args()
    found = curve(over_photos(work, args))
    text = page(found, args.long_side)
    print(text)
    if args.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text)
        DATA.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
