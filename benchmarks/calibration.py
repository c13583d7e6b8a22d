"""What `strength` comes to: measured dynamic degree at several strengths, on many photos.

    python -m benchmarks.calibration --photos DIR --count 30 --write

Writes docs/benchmarks-calibration.md: the curve and the numbers it was made of.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks.obedience import ROOT, sized
from stillmotion import pipeline
from stillmotion.evaluation.measure import measure
from stillmotion.media.image import photo_files
from stillmotion.options import AnimateOptions

STRENGTHS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
PROMPTS = ("orbit left", "push in")


def main() -> None:
    """Measure and print the curve."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    photos = photo_files(args.photos)[: args.count]
    found: dict[tuple[str, float], list[float]] = {}
    dynamic: dict[tuple[str, float], list[bool]] = {}
    for i, photo in enumerate(photos):
        for prompt in PROMPTS:
            for strength in STRENGTHS:
                size = sized(photo, args.side)
                options = AnimateOptions(prompt=prompt, seconds=3.0, fps=8, strength=strength, size=size)
                job = pipeline.prepare(photo, options)
                measures = measure(pipeline.draw(job, options), fps=8.0)
                found.setdefault((prompt, strength), []).append(measures.dynamic_strength or 0.0)
                dynamic.setdefault((prompt, strength), []).append(bool(measures.dynamic))
        print(f"{i + 1}/{len(photos)}", flush=True)
    rows = [
        "# What strength comes to", "",
        f"Measured on {len(photos)} photos by `python -m benchmarks.calibration`: motion over VBench's dynamic",
        "threshold (above 1 a video counts as dynamic), clips of 3 s. Coverage limits what a photo cannot carry.", "",
        "| prompt | strength | 10 % | median | 90 % | dynamic |", "|---" * 6 + "|",
    ]  # fmt: skip
    for (prompt, strength), values in found.items():
        low, middle, high = np.percentile(values, (10, 50, 90))
        share = 100 * np.mean(dynamic[prompt, strength])
        rows.append(f"| {prompt} | {strength:g} | {low:.2f} | {middle:.2f} | {high:.2f} | {share:.0f} % |")
    text = "\n".join(rows) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks-calibration.md").write_text(text)


if __name__ == "__main__":
    main()
