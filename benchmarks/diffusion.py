"""How much the latent video autoencoder keeps, and how fast it is; `transformer` measures what draws in its latents.

    python -m benchmarks.diffusion --photos DIR --clips DIR [--curve curve.jsonl] --write

`--photos` holds photos that were not trained on; `--clips` is the folder of clips of the training, from which the
held-out sources are taken. Pictures are shrunk to a short side of 256 pixels and their middle square is taken; clips
are 17 frames. `--curve` is what the training run wrote. Prints markdown; `--write` puts it into
docs/benchmarks/diffusion.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from stillmotion.evaluation.fidelity import psnr, ssim
from stillmotion.models.vae_codec import FOLDER, RUNTIMES, Codec, open_net
from stillmotion.training.pictures import clips_of, read_clip
from stillmotion.types import UInt8

ROOT = Path(__file__).parent.parent
SIDE = 256
FRAMES = 17


def square(picture: UInt8) -> UInt8:
    """(256, 256, 3): the middle, shrunk."""
    short = min(picture.shape[:2])
    y, x = (picture.shape[0] - short) // 2, (picture.shape[1] - short) // 2
    how = cv2.INTER_AREA if short > SIDE else cv2.INTER_CUBIC
    return cv2.resize(picture[y : y + short, x : x + short], (SIDE, SIDE), interpolation=how)


def there_and_back(codec: Codec, frames: list[UInt8]) -> list[UInt8]:
    """What is left of a clip."""
    floats = (frame.astype(np.float32) / 255 for frame in frames)
    return [np.asarray((frame * 255).round(), np.uint8) for frame in codec.decode(codec.encode(floats))]


def kept(codec: Codec, clips: Iterator[list[UInt8]]) -> tuple[list[float], list[float]]:
    """Mean PSNR and SSIM of each clip."""
    found: tuple[list[float], list[float]] = ([], [])
    for clip in clips:
        back = there_and_back(codec, clip)
        for values, measure in zip(found, (psnr, ssim), strict=True):
            values.append(float(np.mean([measure(a, b) for a, b in zip(clip, back, strict=True)])))
    return found


def fidelity(photos: Path, clips: Path) -> list[str]:
    """Rows of the table of what is kept."""
    codec = Codec(*(open_net(FOLDER / f"vae-{part}.onnx") for part in ("encoder", "decoder")))
    files = sorted(p for p in photos.iterdir() if p.suffix in {".jpg", ".png", ".webp"})
    pictures = ([square(cv2.imread(str(p))[..., ::-1])] for p in files)
    held = clips_of(clips)[1]
    films = ([square(frame) for frame in read_clip(path)[:FRAMES]] for _, path in held)
    rows = []
    for name, count, source in (("photos", len(files), pictures), (f"clips of {FRAMES} frames", len(held), films)):
        db, alike = kept(codec, source)
        low = np.percentile(db, 10)
        rows.append(f"| {count} {name} | {np.mean(db):.2f} dB | {low:.2f} dB | {np.mean(alike):.4f} |")
    return rows


def best(work: Callable[[], object], *, least_s: float = 3.0) -> float:
    """Seconds of the fastest of runs that last together for a while."""
    work()
    least, began = float("inf"), time.perf_counter()
    while time.perf_counter() - began < least_s:
        start = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - start)
    return least


def speeds() -> list[str]:
    """Rows of the table of runtimes."""
    rows = []
    clip = list(np.random.default_rng(0).random((9, SIDE, SIDE, 3), np.float32))
    paths = [FOLDER / f"vae-{part}.onnx" for part in ("encoder", "decoder")]
    for name in RUNTIMES:
        if name != "opencv" and find_spec(name) is None:
            continue
        codec = Codec(*(open_net(path, name) for path in paths))
        latents = list(codec.encode(iter(clip)))
        into = len(clip) / best(lambda codec=codec: list(codec.encode(iter(clip))))
        back = len(clip) / best(lambda codec=codec, latents=latents: list(codec.decode(iter(latents))))
        rows.append(f"| {name} | {into:.1f} | {back:.1f} |")
    return rows


def curve(path: Path) -> list[str]:
    """Table of PSNR against steps."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    rows = [
        f"| {each['step']} | {each['minutes']:.0f} | {each['still_psnr']:.2f} | {each['still_ssim']:.4f} "
        f"| {each['clip_psnr']:.2f} | {each['clip_ssim']:.4f} |"
        for each in lines
    ]
    head = ["| step | minutes | photos, dB | photos, SSIM | clips, dB | clips, SSIM |", "|---|---|---|---|---|---|"]
    return [*head, *rows, ""]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diffusion", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--curve", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    lines = [
        "# The latent video diffusion", "",
        f"Measured by `python -m benchmarks.diffusion` on {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"the load before it began was {load:.1f}.", "",
        "## What the autoencoder keeps", "",
        "| held out, 256 x 256 | PSNR | tenth lowest of 100 | SSIM |", "|---|---|---|---|",
        *fidelity(args.photos, args.clips), "",
        "## How fast it is", "",
        "| runtime | frames coded a second | frames decoded a second |", "|---|---|---|", *speeds(), "",
    ]  # fmt: skip
    if args.curve:
        lines += [
            "## While it was trained",
            "",
            "Every fourth photo and clip, but for the last row.",
            "",
            *curve(args.curve),
        ]
    text = "\n".join(lines)
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "diffusion.md").write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
