"""How well frames are drawn between frames: real clips lose frames, which are drawn again and compared.

    python -m benchmarks.interpolation --clips DIR [--keep DIR] --write

Of the clips in DIR those are taken that the interpolator was not trained on (training/interpolation/data). Every
second frame, or three of four, are removed and drawn again by our ways and by ffmpeg's minterpolate, in one run (with
`--keep`, in several: what was measured is not measured again). Time is that of the processor over all threads, which
other work on the machine changes little. Prints markdown; `--write` puts it into docs/benchmarks/interpolation.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from stillmotion.options import Between
from stillmotion.stages.finishing.retime import Retime
from stillmotion.training.interpolation.data import frames_of, is_held_out
from stillmotion.types import FrameStream, UInt8

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "interpolation.md"
Way = Callable[[list[UInt8], int], list[UInt8]]
PUBLISHED = (
    "Published networks reach 35.6 dB / 0.978 (RIFE), 35.8 / 0.979 (IFRNet), 36.1 / 0.970 (FILM) and 36.6 / 0.982 "
    "(EMA-VFI) on Vimeo-90K. Those are other data, so these numbers and ours cannot be compared."
)


@dataclass
class Score:
    """What one way reached."""

    psnr: list[float] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)
    families: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    frames: int = 0


def ours(how: Between) -> Way:
    """The retiming step."""

    def draw(kept: list[UInt8], factor: int) -> list[UInt8]:
        height, width = kept[0].shape[:2]
        stream = FrameStream(frames=iter(kept), width=width, height=height, fps=10.0, count=len(kept))
        return list(Retime(fps=10.0 * factor, speed=None, how=how)(stream))

    return draw


def minterpolate(options: str) -> Way:
    """ffmpeg's, in full chroma; what it leaves out at the ends is left out."""

    def draw(kept: list[UInt8], factor: int) -> list[UInt8]:
        height, width = kept[0].shape[:2]
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
        command = [
            "ffmpeg", "-v", "error", *raw, "-s", f"{width}x{height}", "-r", "10", "-i", "-", "-vf",
            f"format=yuv444p,minterpolate=fps={10 * factor}{options}", *raw, "-",
        ]  # fmt: skip
        held = [kept[0]] * 2 + kept + [kept[-1]] * 4  # it drops what it cannot see both sides of
        done = subprocess.run(command, input=b"".join(f.tobytes() for f in held), capture_output=True, check=True)
        out = list(np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3))
        shift = min(range(4 * factor), key=lambda k: float(cv2.absdiff(out[k + factor], kept[1]).mean()))
        return out[shift:]

    return draw


WAYS: dict[str, Way] = {
    "repeat": ours("repeat"), "average": ours("blend"), "minterpolate (default)": minterpolate(""),
    "minterpolate mi_mode=mci": minterpolate(":mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1"),
    "flow": ours("flow"), "learned": ours("learned"),
}  # fmt: skip


def similar(one: UInt8, other: UInt8) -> tuple[float, float]:
    """PSNR in dB of 8-bit RGB, and SSIM with Wang's Gaussian window."""
    error = float(np.square(one.astype(np.float32) - other).mean())
    ssim = structural_similarity(
        one, other, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    return 10 * float(np.log10(255**2 / max(error, 1e-3))), float(ssim)


def spent() -> float:
    """Seconds of processor time of this process and of those it started."""
    whole = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in whole)


def measure(clips: list[Path], factor: int, length: int, ways: dict[str, Way], keep: Path | None) -> dict[str, Score]:
    """Every way on the first `length` frames of every clip, of which one in `factor` is kept."""
    scores: dict[str, Score] = {}
    for name, draw in ways.items():
        file = None if keep is None else keep / f"{factor} {name.replace('=', ' ')}.json"
        if file is not None and file.exists():
            scores[name] = Score(**json.loads(file.read_text()))
            continue
        scores[name] = score = Score()
        for path in clips:
            measure_clip(frames_of(path)[:length], path.stem.partition("_")[0], factor, draw, score)
        if file is not None:
            file.write_text(json.dumps(asdict(score)))
        print(f"{factor} {name}: {np.mean(score.psnr):.2f} dB, {np.mean(score.ssim):.4f}", flush=True)
    return scores


def measure_clip(frames: list[UInt8], family: str, factor: int, draw: Way, score: Score) -> None:
    """One way on one clip; half of the frames drawn are compared, at all times between by turns."""
    frames = frames[: (len(frames) - 1) // factor * factor + 1]
    kept = frames[::factor]
    before = spent()
    drawn = draw(kept, factor)
    score.seconds += spent() - before
    score.frames += (len(kept) - 1) * (factor - 1)
    missing = [i for i in range(1, len(frames)) if i % factor]
    for i in missing[::2]:
        psnr, ssim = similar(drawn[i], frames[i])
        score.psnr.append(psnr)
        score.ssim.append(ssim)
        score.families.setdefault(family, []).append(psnr)


def table(scores: dict[str, Score]) -> list[str]:
    """Markdown."""
    families = sorted(next(iter(scores.values())).families)
    head = ["way", "PSNR dB", "SSIM", "worst tenth dB", "processor s a frame", *(f"{name} dB" for name in families)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, score in scores.items():
        row = [
            name, f"{np.mean(score.psnr):.2f}", f"{np.mean(score.ssim):.4f}", f"{np.percentile(score.psnr, 10):.2f}",
            f"{score.seconds / score.frames:.3f}" if name != "repeat" else "0",
            *(f"{np.mean(score.families[family]):.2f}" for family in families),
        ]  # fmt: skip
        lines.append("| " + " | ".join(row) + " |")
    return lines


def wins(scores: dict[str, Score]) -> str:
    """How often the network is better than the flow it begins from."""
    gain = np.array(scores["learned"].psnr) - np.array(scores["flow"].psnr)
    return (
        f"Learned against flow: {gain.mean():+.2f} dB on the mean, better on {100 * (gain > 0).mean():.0f} % of "
        f"{len(gain)} frames; a tenth gain more than {np.percentile(gain, 90):+.2f} dB, a tenth less than "
        f"{np.percentile(gain, 10):+.2f} dB."
    )


def large(ways: dict[str, Way], path: Path) -> list[str]:
    """Time of doubling the rate at 1280 x 720."""
    frames = [np.asarray(cv2.resize(f, (1280, 720), interpolation=cv2.INTER_CUBIC)) for f in frames_of(path)[:6]]
    lines = ["| way | processor s a drawn frame |", "|---|---|"]
    for name, draw in ways.items():
        if name == "repeat":
            continue
        draw(frames[:2], 2)
        before = spent()
        draw(frames, 2)
        lines.append(f"| {name} | {(spent() - before) / (len(frames) - 1):.2f} |")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interpolation", description=__doc__)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--length", type=int, default=13, help="so many frames of each clip are taken")
    parser.add_argument("--keep", type=Path, help="a folder of what was measured, to go on from")
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    clips = [path for path in sorted(args.clips.glob("*.mp4")) if is_held_out(path.name)]
    ways = {name: WAYS[cast(str, name)] for name in args.ways}
    if shutil.which("ffmpeg") is None:
        ways = {name: way for name, way in ways.items() if "minterpolate" not in name}
    lines = ["# Frames between frames", "", *about(clips, args.length)]
    for factor, title in ((2, "Every second frame drawn again"), (4, "Three of four drawn again")):
        scores = measure(clips, factor, args.length, ways, args.keep)
        lines += ["", f"## {title}", "", *table(scores)]
        if {"flow", "learned"} <= scores.keys():
            lines += ["", wins(scores)]
    lines += ["", "## Time at 1280 x 720, twice the rate", "", *large(ways, clips[0]), "", PUBLISHED]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.write:
        PAGE.write_text(text)


def processor() -> str:
    """Its name and the number of its cores."""
    found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{os.cpu_count()} cores ({found[0].partition(':')[2].strip() if found else platform.processor()})"


def about(clips: list[Path], length: int) -> list[str]:
    """The data and the machine."""
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=False).stdout.split(" ")[2:3]
    return [
        f"The first {length} frames of {len(clips)} clips of 448 x 256 by 24 to 30 frames a second that the "
        "interpolator was not trained on: film (steel), insects (bee), a road seen from a car (road), a dog and a "
        "juggler (sam2). They were split by the video they are from: no clip of these is among the trained ones. Half "
        "of the frames drawn are compared. The flow's own constants were set on other clips; but 24 triplets of these "
        "were measured, and four of these clips looked at, while its blending and its search for far motion were made.",
        "",
        f"Machine: {processor()}, OpenCV {cv2.__version__}, ffmpeg {''.join(version) or 'not installed'}, Python "
        f"{platform.python_version()}. Time is that of the processor over all threads, flow and network included.",
    ]


if __name__ == "__main__":
    main()
