"""In-painting measured: holes of photos whose true content is known, against the classical fills there are.

    python -m benchmarks.inpainting --photos DIR [--perception FILE] [--count N] [--slow] [--write] [--sheet FILE]

Holes are of three kinds: what a camera that has travelled cannot see any more (`strip`; what stands in front is not
looked at), bodies (`thing`), and what lies beyond the frame (`margin`). Each photo gives one of each. `--slow` adds the
fills that need seconds. `--perception` (SqueezeNet features, needs torch and h5py) adds a distance as features see it
and says how often the judge is right by it; weights fitted on the odd photos are tried on the even ones. Prints
markdown; `--write` puts it into docs/benchmarks/inpainting.md.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import structural_similarity
from skimage.restoration import inpaint_biharmonic

from stillmotion.media.image import photo_files, read_photo
from stillmotion.models.smooth import SWEEPS, continued
from stillmotion.options import AnimateOptions
from stillmotion.pipeline import prepare
from stillmotion.stages.generation.backends.geometry import GeometryBackend
from stillmotion.stages.generation.backends.geometry.fill import spread
from stillmotion.stages.generation.backends.geometry.hidden import STEP
from stillmotion.stages.generation.backends.geometry.renderer import Renderer
from stillmotion.stages.generation.painting import judge
from stillmotion.stages.generation.painting.blend import blended
from stillmotion.stages.generation.painting.holes import find_holes
from stillmotion.stages.generation.painting.judge import measures
from stillmotion.stages.generation.painting.learned import network, shapes
from stillmotion.stages.generation.painting.paint import paint
from stillmotion.training.inpainting.holes import margin, thing
from stillmotion.types import UInt8

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "inpainting.md"
LONGEST = 640  # pixels: photos are made this large at most
LEAST, MOST = 0.01, 0.10  # share of the picture that a hole has, margins up to twice that
TRAVELS = ("truck left", "truck right", "push in", "pedestal up", "orbit left", "orbit right")
Mask = np.ndarray


@dataclass(frozen=True, slots=True)
class Case:
    """One picture with one kind of hole."""

    kind: str
    photo: UInt8  # (h, w, 3)
    hole: Mask  # (h, w)
    cover: Mask  # (h, w) not to be looked at
    disparity: np.ndarray  # (h, w)


@dataclass(frozen=True, slots=True)
class Seen:
    """One fill of one case, as the judge sees it and as features do."""

    case: int
    photo: int
    way: str
    measures: tuple[float, ...]
    apart: float  # from the truth; less is better


Fill = Callable[[Case], UInt8]
Distance = Callable[[Case, UInt8], float]


# ── holes with a known truth ─────────────────────────────────────────────────────────────────────────────────────────


def cases(photo: UInt8, number: int) -> Iterator[Case]:
    """Up to three cases of a photo, the same ones whenever it is asked."""
    rng = np.random.default_rng([3, number])
    height, width = (side // 2 * 2 for side in photo.shape[:2])
    wish = AnimateOptions(prompt=str(rng.choice(TRAVELS)), seconds=1.0, fps=8, size=(width, height), strength=1.5)
    job = prepare(np.ascontiguousarray(photo), wish)
    scene = job.scene
    disparity = (1 / scene.depth).astype(np.float32)
    view = GeometryBackend().view(scene, job.direction.effective, 1.0)
    lost = cv2.morphologyEx((view.visible < 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    inside = _reaches(view.flow)
    strip = lost & inside
    if 0.002 < strip.mean() < MOST:
        behind = cv2.dilate(np.where(strip, disparity, 0), np.ones((41, 41), np.uint8))
        near = cv2.dilate(strip.astype(np.uint8), np.ones((41, 41), np.uint8)) > 0
        cover = near & (disparity > behind + STEP) & ~strip
        yield Case("strip", scene.photo, strip, cover, disparity)
    nothing = np.zeros_like(strip)
    for kind, draw, most in (("thing", thing, MOST), ("margin", margin, 2 * MOST)):
        hole = _drawn(draw, scene.photo.shape[:2], most, rng)
        yield Case(kind, scene.photo, hole, nothing, disparity)


def _reaches(flow: np.ndarray) -> Mask:
    """(h, w) photo pixels that are still inside the frame."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    at_x, at_y = x + flow[..., 0], y + flow[..., 1]
    return (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)


def _drawn(draw: Callable[..., Mask], shape: tuple[int, ...], most: float, rng: np.random.Generator) -> Mask:
    while True:
        hole = cv2.resize(draw(256, rng).astype(np.uint8), shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
        if LEAST < hole.mean() < most:
            return hole


# ── fills ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _opencv(method: int) -> Fill:
    def fill(case: Case) -> UInt8:
        unknown = ((case.hole | case.cover) * 255).astype(np.uint8)
        return np.asarray(cv2.inpaint(case.photo, unknown, 5, method), np.uint8)

    return fill


def _shift_map(case: Case) -> UInt8:
    lab = cv2.cvtColor(case.photo, cv2.COLOR_RGB2LAB)
    out = np.zeros_like(lab)
    cv2.xphoto.inpaint(lab, (~(case.hole | case.cover) * 255).astype(np.uint8), out, cv2.xphoto.INPAINT_SHIFTMAP)
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_LAB2RGB), np.uint8)


def _biharmonic(case: Case) -> UInt8:
    out = case.photo.copy()
    for hole in find_holes(case.hole | case.cover):
        cut = hole.box.cut
        found = inpaint_biharmonic(case.photo[cut], hole.inside, split_into_regions=True, channel_axis=2)
        out[cut][hole.inside] = np.clip(np.rint(found * 255), 0, 255).astype(np.uint8)[hole.inside]
    return out


def _ours(way: str) -> Fill:
    def fill(case: Case) -> UInt8:
        return paint(case.photo, case.hole, cover=case.cover, fill=way).picture  # type: ignore[arg-type]

    return fill


def _smooth(case: Case) -> UInt8:
    known = ~(case.hole | case.cover)
    found = continued(case.photo.astype(np.float32), known.astype(np.float32), sweeps=SWEEPS)
    return np.where(case.hole[..., None], np.clip(np.rint(found), 0, 255), case.photo).astype(np.uint8)


def _without_grain(case: Case) -> UInt8:
    out, known = case.photo.copy(), ~(case.hole | case.cover)
    for hole in find_holes(case.hole):
        cut = hole.box.cut
        found, _ = shapes(case.photo[cut], hole.inside, known[cut], net=network())
        laid = blended(found, case.photo[cut], hole.inside, known[cut])
        out[cut][hole.inside] = np.clip(np.rint(laid), 0, 255).astype(np.uint8)[hole.inside]
    return out


FILLS: dict[str, Fill] = {
    "OpenCV Telea": _opencv(cv2.INPAINT_TELEA),
    "OpenCV Navier-Stokes": _opencv(cv2.INPAINT_NS),
    "ours, smooth without grain": _smooth,
    "ours, smooth": lambda case: spread(case.photo, case.hole, ~(case.hole | case.cover)),
    "ours, patches": _ours("classical"),
    "ours, network without grain": _without_grain,
    "ours, network": _ours("learned"),
    "**ours, judged**": _ours("auto"),
}
WAYS = {"ours, patches": "classical", "ours, network": "learned"}
SLOW: dict[str, Fill] = {
    "scikit-image biharmonic": _biharmonic,
    "OpenCV shift map": _shift_map,
}


# ── measures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def measured(case: Case, filled: UInt8) -> dict[str, float]:
    """PSNR, SSIM, PSNR of the gradients and seam within the hole, and how far its fineness is from the truth's."""
    hole, known = case.hole, ~(case.hole | case.cover)
    true, made = case.photo.astype(np.float32), filled.astype(np.float32)
    error = float(((true - made)[hole] ** 2).mean())
    gradients = sum(float(((np.diff(true, axis=a) - np.diff(made, axis=a))[_cut(hole, a)] ** 2).mean()) for a in (0, 1))
    _, similar = structural_similarity(case.photo, filled, channel_axis=2, full=True)
    found, should = measures(made, hole, known), measures(true, hole, known)
    rough = np.abs(np.array(found[1:4]) - np.array(found[4:7]) - np.array(should[1:4]) + np.array(should[4:7]))
    return {
        "dB": 10 * np.log10(255**2 / max(error, 0.1)), "SSIM": float(similar.mean(axis=2)[hole].mean()),
        "gradient dB": 10 * np.log10(255**2 / max(gradients / 2, 0.1)), "seam": float(np.exp(found[0])),
        "fineness off": float(rough.mean()),
    }  # fmt: skip


def _cut(hole: Mask, axis: int) -> Mask:
    return hole[1:] if axis == 0 else hole[:, 1:]


def perception(weights: Path) -> Distance:
    """A distance as SqueezeNet's features see it, per share of the picture that is a hole."""
    import torch

    from stillmotion.training.perception import Perception

    torch.set_num_threads(1)
    net = Perception(weights)

    def as_batch(picture: UInt8) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 127.5 - 1

    def apart(case: Case, filled: UInt8) -> float:
        with torch.no_grad():
            return float(net(as_batch(filled), as_batch(case.photo))) / float(case.hole.mean())

    return apart


Rows = dict[tuple[str, str], list[dict[str, float]]]


def run(
    photos: list[Path], fills: Mapping[str, Fill], sheet: Path | None, apart: Distance | None
) -> tuple[Rows, dict[str, list[float]], list[Seen]]:
    """(kind, fill) -> the measures of each case; fill -> seconds of each; what the judge has to decide."""
    rows: Rows = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    shown, seen = [], []
    for number, path in enumerate(photos):
        for case in cases(_small(read_photo(path).pixels), number):
            strip, known = [_marked(case)], ~(case.hole | case.cover)
            for name, fill in fills.items():
                begin = time.perf_counter()
                filled = fill(case)
                seconds[name].append(time.perf_counter() - begin)
                found = measured(case, filled)
                if apart is not None:
                    found["features apart"] = apart(case, filled)
                    if name in WAYS:
                        judged = tuple(measures(filled.astype(np.float32), case.hole, known))
                        seen.append(Seen(len(shown), number, WAYS[name], judged, found["features apart"]))
                rows[case.kind, name].append(found)
                strip.append(filled)
            shown.append(strip)
            print(f"{number} {case.kind} {100 * case.hole.mean():.1f} %", flush=True)
    if sheet is not None:
        _sheet(shown, sheet)
    return rows, seconds, seen


def _small(photo: UInt8) -> UInt8:
    scale = LONGEST / max(photo.shape[:2])
    if scale >= 1:
        return photo
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _marked(case: Case) -> UInt8:
    shown = case.photo.copy()
    shown[case.hole], shown[case.cover] = (255, 0, 255), (90, 0, 90)
    return shown


def _sheet(shown: list[list[UInt8]], out: Path) -> None:
    rows = [np.hstack([cv2.resize(one, (320, 240), interpolation=cv2.INTER_AREA) for one in strip]) for strip in shown]
    cv2.imwrite(str(out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def scene_seconds(photos: list[Path]) -> list[float]:
    """Seconds in which everything that an orbit of 1280 x 720 may show is painted and meshed, for some photos."""
    found = []
    for path in photos:
        wish = AnimateOptions(prompt="orbit left", size=(1280, 720))
        job = prepare(path, wish)
        begin = time.perf_counter()
        Renderer(job.scene, job.direction.effective, seed=0, quality="standard")
        found.append(time.perf_counter() - begin)
    return found


def table(rows: Rows, kind: str) -> str:
    """The measures of one kind of holes."""
    names = list(dict.fromkeys(name for of, name in rows if of == kind))
    columns = list(rows[kind, names[0]][0])
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name in names:
        means = [statistics.fmean(row[column] for row in rows[kind, name]) for column in columns]
        lines.append(
            f"| {name} | " + " | ".join(f"{value:.3g}" if value < 10 else f"{value:.2f}" for value in means) + " |"
        )
    return "\n".join(lines)


# ── the judge ────────────────────────────────────────────────────────────────────────────────────────────────────────


def pairs(seen: list[Seen]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, m + 1) the network's measures less the patches', and a 1; (n,) whether the network is better; (n,) photos."""
    of: dict[int, dict[str, Seen]] = defaultdict(dict)
    for each in seen:
        of[each.case][each.way] = each
    both = [each for each in of.values() if len(each) == 2]
    x = [[*np.subtract(each["learned"].measures, each["classical"].measures), 1.0] for each in both]
    y = [each["learned"].apart < each["classical"].apart for each in both]
    return np.array(x), np.array(y), np.array([each["learned"].photo for each in both])


def fitted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(m + 1,) weights of a logistic regression, ridge 0.02: smaller is better for the first m, an advance the last."""
    w = np.zeros(x.shape[1])
    for _ in range(4000):
        p = 1 / (1 + np.exp(np.clip(x @ w, -30, 30)))  # of the network being better
        w -= 0.1 * (((y - p)[:, None] * x).mean(axis=0) + 0.02 * w)
    return w


def judgement(seen: list[Seen]) -> str:
    """How often each way is the better one, and how often the judge picks it: as it is, and fitted anew."""
    x, y, photo = pairs(seen)
    odd, even = photo % 2 == 1, photo % 2 == 0
    own = np.array([*judge.WEIGHTS, judge.ADVANCE["classical"] - judge.ADVANCE["learned"]])
    new = fitted(x[odd], y[odd])
    lines = ["| | right |", "|---|---|"]
    for name, chosen in (
        ("always the network", np.ones_like(y[even])), ("always patches", np.zeros_like(y[even])),
        ("the judge", (x[even] @ own) < 0), ("the judge, fitted on the odd photos", (x[even] @ new) < 0),
    ):  # fmt: skip
        lines.append(f"| {name} | {100 * float((chosen == y[even]).mean()):.0f} % |")
    said = ", ".join(f"{value:.3f}" for value in fitted(x, y))
    return "\n".join(lines) + f"\n\n{int(even.sum())} cases. Fitted on all: {said}"


def main() -> None:
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--perception", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    photos = list(photo_files(args.photos))[: args.count]
    apart = perception(args.perception) if args.perception else None
    rows, seconds, seen = run(photos, (SLOW if args.slow else {}) | FILLS, args.sheet, apart)
    parts = [HEAD.format(count=len(photos), longest=LONGEST)]
    for kind in dict.fromkeys(kind for kind, _ in rows):
        count = len(next(iter(each for (of, _), each in rows.items() if of == kind)))
        parts.append(f"### {kind} ({count} holes)\n\n{table(rows, kind)}")
    parts.append("## The judge\n\n" + judgement(seen) if seen else "")
    parts.append(
        "## Time\n\nMedian seconds a case: "
        + ", ".join(f"{name} {statistics.median(each):.2f}" for name, each in seconds.items())
        + ".\n\nAll that an orbit of 1280 x 720 may show, painted and meshed, of eight photos: "
        + ", ".join(f"{each:.2f}" for each in sorted(scene_seconds(photos[:9])[1:]))
        + " s (aimed at: 2 s)."
    )
    page = "\n\n".join(part for part in parts if part) + "\n"
    print(page)
    if args.write:
        PAGE.write_text(page, "utf-8")


HEAD = """# In-painting

Made by `python -m benchmarks.inpainting`. {count} photographs that were not trained on, {longest} pixels at most,
with holes whose true content is known: *strip*, what a camera that has travelled cannot see any more (what stands in
front is not looked at), *thing*, bodies of 1 to 10 % of the picture, and *margin*, 1 to 20 % at the frame's edge. All
measures within the holes, means over the cases: PSNR, SSIM, PSNR of the gradients, seam (change across the border
over the change beside it; the truth has about 1), how far the fineness is from the truth's (mean difference of log
energies of three octaves: smeared or too busy), and how far apart features see it (SqueezeNet 1.1, unweighted; less
is better). PSNR and SSIM favour smooth fills; fineness and features favour plausible ones."""


if __name__ == "__main__":
    main()
