"""How well the scene network sees: order and amounts of depth, its edges, regions; beside other ways.

    python -m benchmarks.scene --labels DIR [--apart DIR] [--worlds DIR...] [--truth PHOTO DISPARITY]
        [--teachers DIR] [--before scene.onnx] --write

`--labels` and `--apart` hold what teachers said about photos (training/scene/label); their folders `held` are taken,
which no part of training saw. `--worlds` are test sets of made worlds (`worlds.make --held`), `--truth` is a photo with
measured disparity (16-bit PNG, PFM, or npz with one array; larger is nearer); there `--teachers` are measured too
(needs OpenVINO). `--before` is an earlier file of the network. Prints markdown; `--write` puts it into
docs/benchmarks/scene.md. What it costs is measured by benchmarks/scene_cost.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path

import cv2
import numpy as np

from stillmotion.media.image import read_photo
from stillmotion.models.scene import SceneNetwork, scene_network
from stillmotion.stages.analysis.cues import look
from stillmotion.stages.analysis.depth import Hints
from stillmotion.stages.analysis.saliency import find_saliency
from stillmotion.stages.analysis.sky import find_sky
from stillmotion.stages.analysis.subject import find_subject
from stillmotion.stages.analysis.weightless import WeightlessDepth
from stillmotion.training.scene.classes import MERGED, NAMES, merged_table
from stillmotion.training.scene.data import load, split
from stillmotion.training.scene.label import Teachers
from stillmotion.training.worlds.store import Store
from stillmotion.types import Crop, Float32, UInt8

ROOT = Path(__file__).parent.parent
Estimate = Callable[[UInt8], Float32]
Shares = Callable[[UInt8], Float32]
_SURE = 0.6  # of a teacher's class
_RATIOS = np.linspace(1.05, 1.25, 5)
_FARTHEST = 1e-3  # of the range of disparity: what is farther has no depth to compare


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A picture and what is known of it."""

    rgb: UInt8  # (H, W, 3)
    disparity: Float32  # (h, w) larger is nearer; 0: not known
    classes: UInt8  # (h, w)
    sure: Float32  # (h, w) in [0, 1]


@dataclass(frozen=True, slots=True)
class Depth:
    """How good a disparity is; means over pictures."""

    pairs: float  # share of ordinal pairs right
    tenth: float  # below it is the lowest tenth of the pictures
    abs_rel: float  # mean |found - wanted| / wanted of depth
    delta1: float  # share of places whose depth is less than 1.25 times off
    edges: float  # F1 of steps, two pixels of slack
    sharp: float  # F1 of depth ratios between neighbours, to the pixel


def disparity_of(network: SceneNetwork) -> Estimate:
    """The network's disparity."""
    return lambda rgb: network.look(rgb).disparity


def shares_of(network: SceneNetwork) -> Shares:
    """The network's classes."""
    return lambda rgb: network.look(rgb).shares


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
        return np.asarray(steep > np.percentile(steep, 92), np.uint8)

    a, b = steps(found), steps(wanted)
    kernel = np.ones((5, 5), np.uint8)
    precision = float((a * cv2.dilate(b, kernel)).sum() / max(a.sum(), 1))
    recall = float((b * cv2.dilate(a, kernel)).sum() / max(b.sum(), 1))
    return 2 * precision * recall / max(precision + recall, 1e-9)


def aligned(found: Float32, wanted: Float32) -> tuple[Float32, np.ndarray]:
    """Disparity brought to another's scale and shift by least squares, nowhere farther than the other is, and where
    (h, w) that one is known and not infinitely far (Ranftl et al., 2020).
    """
    top = float(np.percentile(wanted[np.isfinite(wanted)], 98))
    known = np.isfinite(wanted) & (wanted > _FARTHEST * top)
    columns = np.stack([found[known], np.ones(int(known.sum()))], axis=1).astype(np.float64)
    scale, shift = np.linalg.lstsq(columns, wanted[known].astype(np.float64), rcond=None)[0]
    least = float(np.percentile(wanted[known], 1))
    return np.asarray(np.maximum(scale * found + shift, least), np.float32), np.asarray(known)


def sharp_f1(found: Float32, wanted: Float32, known: np.ndarray) -> float:
    """F1 of steps of depth between neighbours, over several ratios, larger ones counting more; no slack (Bochkovskii et
    al., "Depth Pro", arXiv 2410.02073, section 3.3).
    """
    scores = np.zeros(len(_RATIOS))
    steps = [(each[:, 1:] / each[:, :-1], each[1:] / each[:-1]) for each in (found, np.where(known, wanted, 1))]
    valid = (known[:, 1:] & known[:, :-1], known[1:] & known[:-1])
    for i, ratio in enumerate(_RATIOS):
        hit = mine = theirs = 0
        for f, w, v in zip(*steps, valid, strict=True):
            for one, other in (((f > ratio) & v, (w > ratio) & v), ((f < 1 / ratio) & v, (w < 1 / ratio) & v)):
                hit, mine, theirs = hit + (one & other).sum(), mine + one.sum(), theirs + other.sum()
        scores[i] = 2 * hit / max(mine + theirs, 1)
    return float((scores * _RATIOS).sum() / _RATIOS.sum())


def measured_depth(way: Estimate, cases: list[Case]) -> Depth:
    """One way over all pictures."""
    rng, rows = np.random.default_rng(0), []
    for case in cases:
        found = sized(way(case.rgb), case.disparity)
        fitted, known = aligned(found, case.disparity)
        off = case.disparity[known] / fitted[known]  # depth is one over it
        rows.append(
            (
                ordinal(found, case.disparity, rng), float(np.abs(off - 1).mean()),
                float((np.maximum(off, 1 / off) < 1.25).mean()), boundary_f1(found, case.disparity),
                sharp_f1(fitted, case.disparity, known),
            )
        )  # fmt: skip
    pairs, abs_rel, delta1, edges, sharp = np.array(rows).T
    means = (float(each.mean()) for each in (abs_rel, delta1, edges, sharp))
    return Depth(float(pairs.mean()), float(np.percentile(pairs, 10)), *means)


def regions(shares: Shares, cases: list[Case]) -> str:
    """Agreement of classes where they are sure, fine and merged."""
    fine, merged = np.zeros((2, len(NAMES))), np.zeros((2, len(MERGED)))
    table = np.array(merged_table())
    right = seen = 0
    for case in cases:
        size = case.classes.shape[::-1]
        large = np.stack([cv2.resize(share, size, interpolation=cv2.INTER_LINEAR) for share in shares(case.rgb)])
        coarse = np.stack([large[table == k].sum(axis=0) for k in range(len(MERGED))])
        sure = case.sure > _SURE
        for found, wanted, sums in (
            (large.argmax(axis=0), case.classes, fine), (coarse.argmax(axis=0), table[case.classes], merged),
        ):  # fmt: skip
            sums += _overlaps(found[sure], wanted[sure], sums.shape[1])
        right, seen = right + int((coarse.argmax(axis=0) == table[case.classes])[sure].sum()), seen + int(sure.sum())
    return f"{100 * right / max(seen, 1):.1f} % of the pixels right (merged classes); " + "; ".join(
        f"mean IoU {_mean(sums)[0]:.2f} over {_mean(sums)[1]} {kind} classes ({_listed(sums, names)})"
        for kind, sums, names in (("merged", merged, tuple(MERGED)), ("fine", fine, NAMES))
    )


def _overlaps(found: np.ndarray, wanted: np.ndarray, count: int) -> np.ndarray:
    """(2, classes): intersections and unions in pixels."""
    both: np.ndarray = np.bincount(wanted[found == wanted], minlength=count)
    either = np.bincount(found, minlength=count) + np.bincount(wanted, minlength=count) - both
    return np.array([both, either], np.float64)


def _occur(sums: np.ndarray) -> np.ndarray:
    return np.asarray(sums[1] > 2000)


def _mean(sums: np.ndarray) -> tuple[float, int]:
    known = _occur(sums)
    return float((sums[0] / np.maximum(sums[1], 1))[known].mean()), int(known.sum())


def _listed(sums: np.ndarray, names: tuple[str, ...]) -> str:
    iou = sums[0] / np.maximum(sums[1], 1)
    best = sorted(((iou[k], names[k]) for k in np.flatnonzero(_occur(sums))), reverse=True)
    return ", ".join(f"{name} {value:.2f}" for value, name in best)


def sized(found: Float32, like: Float32) -> Float32:
    """At the size of another map."""
    return np.asarray(cv2.resize(found, like.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def photos(folder: Path) -> list[Case]:
    """Photos that teachers labelled and no training saw."""
    samples = (load(path) for path in split(folder)[1])
    return [Case(rgb=s.rgb, disparity=s.disparity, classes=s.classes, sure=s.sure) for s in samples]


def worlds(folder: Path) -> list[Case]:
    """The first frame of every made world."""
    store, found = Store(folder), []
    for key in store.keys:
        view = store.view(key)
        near = np.where(view.depth > 0, 1 / np.maximum(view.depth, 1e-3), 1e-7).astype(np.float32)  # the sky: farthest
        near = np.minimum(near, np.percentile(near, 99.5)).astype(np.float32)
        sure = (view.label != NAMES.index("other")).astype(np.float32)
        found.append(Case(rgb=view.colour, disparity=near, classes=view.label, sure=sure))
    return found


def truth(photo: Path, disparity: Path) -> list[Case]:
    """One photo with measured disparity."""
    if disparity.suffix == ".npz":
        with np.load(disparity) as kept:
            wanted = np.asarray(kept[kept.files[0]], np.float32)
    else:
        wanted = np.asarray(cv2.imread(str(disparity), cv2.IMREAD_UNCHANGED), np.float32)
    wanted = wanted[..., 0] if wanted.ndim == 3 else wanted
    wanted = np.where(np.isfinite(wanted), wanted, 0).astype(np.float32)
    unknown = np.zeros(wanted.shape, np.uint8)
    rgb = read_photo(photo).pixels
    return [Case(rgb=rgb, disparity=wanted, classes=unknown, sure=unknown.astype(np.float32))]


def part(title: str, cases: list[Case], depths: dict[str, Estimate], classes: dict[str, Shares]) -> list[str]:
    """Tables of all ways over one set."""
    head = "| depth | ordinal pairs right | lowest tenth below | AbsRel | delta1 | edges F1 | sharp edges F1 |"
    lines = ["", f"## {title}", "", head, "|---|---|---|---|---|---|---|"]
    for name, way in depths.items():
        row = " | ".join(f"{value:.3f}" for value in astuple(measured_depth(way, cases)))
        lines.append(f"| {name} | {row} |")
        print(lines[-1], flush=True)
    if any((case.sure > _SURE).any() for case in cases):
        lines += [
            line for name, shares in classes.items() for line in ("", f"Regions, {name}: {regions(shares, cases)}.")
        ]
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scene", description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--apart", type=Path)
    parser.add_argument("--worlds", type=Path, nargs="*", default=[])
    parser.add_argument("--truth", type=Path, nargs=2, metavar=("PHOTO", "DISPARITY"))
    parser.add_argument("--teachers", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    networks = {"scene network": scene_network()}
    if args.before is not None:
        networks["the network before"] = SceneNetwork(args.before)
    depths = {name: disparity_of(network) for name, network in networks.items()}
    classes = {name: shares_of(network) for name, network in networks.items()}
    depths |= {"weightless": weightless, "vertical ramp": ramp}
    told, named = dict(depths), dict(classes)  # of teachers too, where they are not the measure
    if args.teachers is not None:
        teachers = Teachers(args.teachers)
        told["teachers, two looks"] = lambda rgb: np.exp(0.6 * teachers.disparity(rgb, quick=True)[0])
        told["teachers' ensemble"] = lambda rgb: np.exp(0.6 * teachers.disparity(rgb)[0])
        named["teachers"] = lambda rgb: teachers.shares(rgb).transpose(2, 0, 1)
    held = photos(args.labels)
    lines = ["# The scene network", "", _ABOUT]
    lines += part(f"{len(held)} photos held out of the training folders, against teachers", held, depths, classes)
    if args.apart is not None:
        apart = photos(args.apart)
        lines += part(f"{len(apart)} photos of a set kept apart, against teachers", apart, depths, classes)
    for folder in args.worlds:
        cases = worlds(folder)
        families = sorted({key.split("-")[0] for key in Store(folder).keys})
        lines += part(f"{len(cases)} made worlds ({', '.join(families)}), exact", cases, told, named)
    if args.truth is not None:
        lines += part("One stereo pair with measured disparity", truth(*args.truth), told, {})
    text = "\n".join(lines) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "scene.md").write_text(text)


_ABOUT = (
    "Ordinal pairs: of random pairs of places over 5 % of the range apart, the share in the right order; beside it "
    "the value below which the worst tenth of the pictures lies. AbsRel and delta1: of depth after scale and shift of "
    "disparity are fitted. Edges: the 8 % steepest places, two pixels of slack. Sharp edges: ratios of depth between "
    "neighbours, to the pixel. The teachers' own edges are soft, so against them that column says little."
)


if __name__ == "__main__":
    main()
