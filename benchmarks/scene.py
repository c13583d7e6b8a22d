"""How well the scene network sees: ordinal depth, regions, boundaries, time; beside the weightless estimate and a ramp.

    python -m benchmarks.scene --labels DIR [--apart DIR] [--truth PHOTO DISPARITY] [--teachers DIR] --write

`--labels` holds what teachers said about photos (training/scene/label); those held out of training are taken. `--apart`
holds the same for a set of photos no part of which was trained with. `--truth` is a photo with measured disparity
(16-bit PNG, PFM, or npz with one array; larger is nearer), on which `--teachers` measures the depth teacher as well
(needs OpenVINO). Prints markdown; `--write` puts it into docs/benchmarks-scene.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from stillmotion.media.image import read_photo
from stillmotion.models.scene import CLASSES, scene_network
from stillmotion.stages.analysis.cues import look
from stillmotion.stages.analysis.depth import Hints
from stillmotion.stages.analysis.saliency import find_saliency
from stillmotion.stages.analysis.sky import find_sky
from stillmotion.stages.analysis.subject import find_subject
from stillmotion.stages.analysis.weightless import WeightlessDepth
from stillmotion.training.scene.data import Sample, load, split
from stillmotion.training.scene.label import Teachers
from stillmotion.types import Crop, Float32, UInt8

ROOT = Path(__file__).parent.parent
Estimate = Callable[[UInt8], Float32]


def ours(rgb: UInt8) -> Float32:
    """The network's disparity."""
    return scene_network().look(rgb).disparity


def weightless(rgb: UInt8) -> Float32:
    """The estimate from cues alone."""
    cues = look(rgb)
    sky = find_sky(cues)
    subject = find_subject(cues, sky, find_saliency(cues, sky))
    height, width = rgb.shape[:2]
    crop = Crop(x=0, y=0, width=width, height=height, whole=(width, height))
    hints = Hints(cues=cues, sky=sky, subject=subject, crop=crop, photo_size=(width, height))
    return WeightlessDepth().estimate(rgb, hints).disparity


def ramp(rgb: UInt8) -> Float32:
    """Nearer towards the lower border."""
    return np.linspace(0, 1, rgb.shape[0], dtype=np.float32)[:, None].repeat(rgb.shape[1], axis=1)


WAYS: dict[str, Estimate] = {"scene network": ours, "weightless": weightless, "vertical ramp": ramp}


def ordinal(found: Float32, wanted: Float32, rng: np.random.Generator, *, count: int = 20000) -> float:
    """Share of random pairs whose order agrees, of those more than 5 % of the range apart."""
    known = np.flatnonzero(np.isfinite(wanted.ravel()) & (wanted.ravel() > 0))
    a, b = rng.choice(known, (2, count))
    w, f = wanted.ravel(), found.ravel()
    span = float(np.percentile(w[known], 98) - np.percentile(w[known], 2)) + 1e-9
    clear = np.abs(w[a] - w[b]) > 0.05 * span
    return float(((f[a] > f[b]) == (w[a] > w[b]))[clear].mean())


def boundary_f1(found: Float32, wanted: Float32) -> float:
    """F1 of steps (the 8 % steepest places of each), two pixels of slack."""

    def steps(values: Float32) -> UInt8:
        smooth = cv2.GaussianBlur(values.astype(np.float32), (0, 0), 0.8)
        steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
        return (steep > np.percentile(steep, 92)).astype(np.uint8)

    a, b = steps(found), steps(wanted)
    kernel = np.ones((5, 5), np.uint8)
    precision = float((a * cv2.dilate(b, kernel)).sum() / max(a.sum(), 1))
    recall = float((b * cv2.dilate(a, kernel)).sum() / max(b.sum(), 1))
    return 2 * precision * recall / max(precision + recall, 1e-9)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scene", description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--apart", type=Path)
    parser.add_argument("--truth", type=Path, nargs=2, metavar=("PHOTO", "DISPARITY"))
    parser.add_argument("--teachers", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    held_out = [load(path) for path in split(args.labels)[1]]
    lines = ["# The scene network", "", "Measured against what the teachers' ensemble says about photos it never saw."]
    lines += agreement(f"{len(held_out)} photos held out of the training folders", held_out)
    if args.apart is not None:
        apart = [load(path) for path in sorted(args.apart.glob("*.npz"))]
        lines += agreement(f"{len(apart)} photos of a set kept apart from training", apart)
    if args.truth is not None:
        photo, disparity = args.truth
        lines += on_truth(photo, disparity, args.teachers)
    lines += ["", speed(held_out[0].rgb)]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks-scene.md").write_text(text)


def agreement(title: str, samples: list[Sample]) -> list[str]:
    """A table of the ways over samples that teachers labelled."""
    head = "| depth | ordinal pairs right | lowest tenth of photos below | boundary F1 |"
    lines = ["", f"## {title}", "", head, "|---|---|---|---|"]
    for name, way in WAYS.items():
        rng = np.random.default_rng(0)
        pairs, edges = [], []
        for sample in samples:
            found = sized(way(sample.rgb), sample.disparity)
            pairs.append(ordinal(found, sample.disparity, rng))
            edges.append(boundary_f1(found, sample.disparity))
        lines.append(f"| {name} | {np.mean(pairs):.3f} | {np.percentile(pairs, 10):.3f} | {np.mean(edges):.3f} |")
    return [*lines, "", *regions(samples)]


def sized(found: Float32, like: Float32) -> Float32:
    """At the size of another map."""
    return np.asarray(cv2.resize(found, like.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def on_truth(photo: Path, disparity: Path, teachers: Path | None) -> list[str]:
    """Ordinal accuracy on one photo with measured disparity, of the teacher too if it is at hand."""
    picture = read_photo(photo).pixels
    wanted = measured(disparity)
    ways = dict(WAYS)
    if teachers is not None:
        ensemble = Teachers(teachers)
        ways["teachers' ensemble"] = lambda rgb: np.asarray(ensemble.disparity(rgb)[0], np.float32)
    lines = ["", "## One stereo pair with measured disparity", "", "| depth | ordinal pairs right |", "|---|---|"]
    for name, way in ways.items():
        found = sized(way(picture), wanted)
        lines.append(f"| {name} | {ordinal(found, wanted, np.random.default_rng(0), count=100000):.3f} |")
    return lines


def measured(path: Path) -> Float32:
    """Disparity (h, w); what was not measured is 0 or not finite."""
    if path.suffix == ".npz":
        with np.load(path) as kept:
            wanted = np.asarray(kept[kept.files[0]], np.float32)
    else:
        wanted = np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.float32)
    return wanted[..., 0] if wanted.ndim == 3 else wanted


def regions(samples: list[Sample]) -> list[str]:
    """Agreement with the teachers' classes where they are sure."""
    hits, either = np.zeros(len(CLASSES)), np.zeros(len(CLASSES))
    right, seen = 0, 0
    for sample in samples:
        shares = scene_network().look(sample.rgb).shares
        size = sample.classes.shape[::-1]
        large = np.stack([cv2.resize(share, size, interpolation=cv2.INTER_LINEAR) for share in shares])
        found, sure = large.argmax(axis=0), sample.sure > 0.6
        right, seen = right + int((found == sample.classes)[sure].sum()), seen + int(sure.sum())
        for k in range(len(CLASSES)):
            one, other = (found == k) & sure, (sample.classes == k) & sure
            hits[k] += (one & other).sum()
            either[k] += (one | other).sum()
    known = either > 2000
    iou = hits / np.maximum(either, 1)
    best = sorted(((iou[k], CLASSES[k]) for k in range(len(CLASSES)) if known[k]), reverse=True)
    listed = ", ".join(f"{name} {value:.2f}" for value, name in best)
    return [
        f"Regions where the teachers are sure: {100 * right / max(seen, 1):.1f} % of the pixels agree, mean IoU "
        f"{iou[known].mean():.2f} over {int(known.sum())} classes that occur ({listed}).",
    ]


def speed(rgb: UInt8) -> str:
    """Milliseconds of one look (the picture and its mirror image)."""
    times = []
    for _ in range(8):
        began = time.perf_counter()
        scene_network().look(rgb)
        times.append(time.perf_counter() - began)
    return f"One look, the picture and its mirror image: {1000 * float(np.median(times)):.0f} ms."


if __name__ == "__main__":
    main()
