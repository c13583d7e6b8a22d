"""`python -m benchmarks`: everything that the docs say about speed and memory, measured in one run.

Prints markdown; `--write` puts it into docs/benchmarks.md. Peers that are not installed are left out by name.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import regions
from benchmarks.process import run
from benchmarks.speed import measure, table
from stillmotion import pipeline
from stillmotion.media.image import write_png
from stillmotion.options import AnimateOptions

ROOT = Path(__file__).parent.parent
PHOTO, HARD = ROOT / "examples" / "coffee.jpg", ROOT / "examples" / "rocket.jpg"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--photo", type=Path, default=PHOTO, help="any photo; it is cropped to 1280x720")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers-python", type=Path, default=os.environ.get("STILLMOTION_PEERS_PYTHON"),
        help="an interpreter that has MoviePy or DepthFlow; by default that of $STILLMOTION_PEERS_PYTHON",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--no-long", action="store_true", help="leave out the two-minute job")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photo, depth = prepared(args.photo, Path(folder))
        parts = [
            machine(),
            "## The whole job",
            HEAD,
            whole_job(photo, depth, large(HARD, Path(folder) / "hard.png"), args.peers_python, rounds=args.rounds),
        ]
        parts += ["## Where the time goes", stages(photo, Path(folder), rounds=args.rounds)]
        parts += ["## Preview, check and start", small_things(photo, Path(folder), rounds=args.rounds)]
        parts += ["## What a region costs", "1280x720, one region, the camera moving; medians.", regions.table()]
        if not args.no_long:
            parts += ["## Two minutes of 1080p", long_job(photo, Path(folder))]
    text = "# Benchmarks\n\n" + "\n\n".join(parts) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks.md").write_text(text)


HEAD = (
    "5 s of 1280x720 at 24 frames per second from a PNG to an H.264 file, whole processes from start to end, in turns. "
    "The encoder alone, fed from memory, is the floor. Jitter is that of a slow zoom."
)


def whole_job(photo: Path, depth: Path, hard: Path, peers_python: Path | None, *, rounds: int) -> str:
    """The table of all ways to make the clip, and which are missing."""
    rows, missing = measure(photo, depth, hard, peers_python, rounds=rounds)
    told = "; ".join(f"{name} ({why})" for name, why in missing.items())
    return table(rows) + (f"\n\nLeft out: {told}." if told else "")


def prepared(photo: Path, folder: Path) -> tuple[Path, Path]:
    """The photo as a 1280x720 PNG and a depth map for those that need one."""
    png, depth = large(photo, folder / "photo.png"), folder / "depth.png"
    subprocess.run(
        [sys.executable, "-m", "stillmotion", "analyze", str(png), "-o", str(folder / "analysis")],
        check=True, capture_output=True,
    )  # fmt: skip
    values = cv2.imread(str(folder / "analysis" / "depth.png"), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(depth), (values // 257).astype(np.uint8))
    return png, depth


def large(photo: Path, png: Path) -> Path:
    """The middle of a photo as a PNG of 1280x720."""
    picture = cv2.cvtColor(cv2.imread(str(photo), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    scale = max(1280 / width, 720 / height)
    resized = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_CUBIC)
    top, left = (resized.shape[0] - 720) // 2, (resized.shape[1] - 1280) // 2
    write_png(png, np.ascontiguousarray(resized[top : top + 720, left : left + 1280]))
    return png


def machine() -> str:
    """What it ran on."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    cpu = names[0].partition(":")[2].strip() if names else platform.processor()
    load = os.getloadavg()[0]
    return (
        f"Measured by `make bench` on {os.cpu_count()} cores ({cpu}), Python {platform.python_version()}, NumPy "
        f"{np.__version__}, OpenCV {cv2.__version__}; the load before it began was {load:.1f}. Compare the ratios, not "
        "the seconds."
    )


def stages(photo: Path, folder: Path, *, rounds: int) -> str:
    """Seconds of each stage, from the manifests of jobs like those above."""
    jobs = {
        "push in": "push in", "orbit": "orbit left", "pan": "pan right",
        "still camera, clouds flow": "clouds move left", "handheld, shallow focus": "handheld, shallow focus",
    }  # fmt: skip
    told: dict[str, list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for name, prompt in jobs.items():
            out = folder / "stage.mp4"
            command = [sys.executable, "-m", "stillmotion", "animate", str(photo), "-p", prompt, "-o", str(out)]
            done = subprocess.run(
                [*command, "--size", "1280x720", "--force", "--json", "-q"], capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                told.setdefault(name, []).append(json.loads(done.stdout)["manifest"])
    rows = [
        "| motion | reading | analysis | motion | setting up | drawing | encoding | all | peak MB |",
        "|---" * 9 + "|",
    ]
    for name, manifests in told.items():
        cells = [
            statistics.median(m["timings_s"][stage] for m in manifests)
            for stage in ("reading", "analysis", "motion", "setting up", "generation", "finishing")
        ]
        whole = statistics.median(m["total_s"] for m in manifests)
        peak = max(m["peak_memory_mb"] for m in manifests)
        rows.append(f"| {name} | " + " | ".join(f"{c:.2f}" for c in (*cells, whole)) + f" | {peak:.0f} |")
    return (
        "Seconds, medians. Drawing and encoding overlap: drawing is the time spent waiting for frames.\n\n"
        + "\n".join(rows)
    )


def small_things(photo: Path, folder: Path, *, rounds: int) -> str:
    """The preview's rate, the first frame, how long a check takes, and how soon the program answers."""
    rates, out = [], folder / "preview.mp4"
    for _ in range(rounds):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "stillmotion", "preview", str(photo), "-p", "orbit left"),
                *("-o", str(out), "--json", "--force"),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        told = next((line for line in reversed(done.stdout.splitlines()) if line.startswith("{")), None)
        if told:
            found = json.loads(told)
            rates.append(found["frames_per_second"])
    helps = []
    for _ in range(max(3, rounds)):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "stillmotion", "--help"], capture_output=True, check=True)
        helps.append(time.perf_counter() - began)
    clip = folder / "clip.mp4"
    program = [sys.executable, "-m", "stillmotion"]
    run([*program, "animate", str(photo), "-p", "orbit left", "-o", str(clip), "--force", "-q"])
    checks = [run([*program, "verify", str(clip), "--photo", str(photo), "-q"]).wall_s for _ in range(rounds + 1)]
    rows = ["| what | measured | target |", "|---|---|---|"]
    if rates:
        rows.append(f"| 360p, frames drawn a second, two threads | {drawn_alone(photo):.0f} | 60 |")
        rows.append(f"| preview, 360p, frames drawn and written a second | {statistics.median(rates):.0f} | |")
    rows.append(f"| `stillmotion verify` of 5 s of 720p, seconds | {statistics.median(checks):.2f} | 2 |")
    rows.append(f"| `stillmotion --help`, seconds | {statistics.median(helps):.2f} | 0.5 |")
    return "\n".join(rows)


def drawn_alone(photo: Path) -> float:
    """Frames a second of an orbit at 640x360 that nobody writes."""
    options = AnimateOptions(prompt="orbit left", size=(640, 360), quality="draft")
    job = pipeline.prepare(photo, options)
    frames = iter(pipeline.draw(job, options))
    next(frames)
    next(frames)
    began = time.perf_counter()
    count = sum(1 for _ in frames)
    return count / (time.perf_counter() - began)


def long_job(photo: Path, folder: Path) -> str:
    """Memory and time of two minutes of 1080p, and of ten seconds, as memory should not grow with the length."""
    out = folder / "long.mp4"
    command = [sys.executable, "-m", "stillmotion", "animate", str(photo), "-p", "orbit left", "-o", str(out), "-q"]
    command += ["--size", "1920x1080", "--quality", "draft", "--force"]
    rows = ["| length | frames | wall s | x its length | CPU s | peak MB |", "|---|---|---|---|---|---|"]
    for seconds in (10, 120):
        found = run([*command, "--seconds", str(seconds)])
        rows.append(
            f"| {seconds} s | {24 * seconds} | {found.wall_s:.0f} | {found.wall_s / seconds:.2f} | {found.cpu_s:.0f} | "
            f"{found.peak_mb:.0f} |"
        )
    return "Draft quality, an orbit; the target is under 1500 MB.\n\n" + "\n".join(rows)


if __name__ == "__main__":
    main()
