"""`python -m benchmarks.finishing`: the whole chain on clips that are clean and on the same clips spoiled on purpose.

    clean ─▶ shaken, flickering, noisy, coded badly ─▶ finish ─▶ compared with the clean clip, shaken or not

Own renders of the example photos are always in; `--clips DIR` adds real clips. `--write` writes
docs/benchmarks/finishing.md, `--sheets DIR` a sheet of every clip (clean, spoiled, mended, steadied) and a small
animation of it, spoiled beside finished; docs/pictures/finishing.webp is one of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

import stillmotion
from benchmarks.process import median_runs, run
from benchmarks.spoil import flickering, noisy
from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.evaluation.flicker import pumping
from stillmotion.evaluation.picture import grey
from stillmotion.evaluation.stabilisation import stabilisation
from stillmotion.evaluation.warping import pair_error
from stillmotion.media.clip import read_clip
from stillmotion.media.encoding import Encoding
from stillmotion.media.image import write_png
from stillmotion.media.video import write_video
from stillmotion.types import FrameStream, UInt8

ROOT = Path(__file__).parent.parent
OWN = {"astronaut": "slow push in", "coffee": "slow orbit left", "rocket": "pan right", "chelsea": "orbit right"}
MEND = ("--deblock", "--denoise", "0.7", "--deflicker")
STEADY = (*MEND, "--stabilize")
ALONE: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "deblock": ("--deblock",),
    "denoise 0.7": ("--denoise", "0.7"),
    "deflicker": ("--deflicker",),
    "lock colour": ("--lock-colour", "1"),
    "stabilize": ("--stabilize",),
    "stabilize, filled rim": ("--stabilize", "--border", "fill"),
    "tripod": ("--tripod",),
    "fps 60": ("--fps", "60"),
    "fps 60, learned": ("--fps", "60", "--between", "learned"),
    "upscale 2": ("--upscale", "2"),
    "sharpen": ("--sharpen", "0.5"),
    "colour and vignette": ("--contrast", "0.2", "--temperature", "0.2", "--vignette", "0.3"),
    "lens blur": ("--lens-blur", "0.5"),
    "text": ("--text", "Summer"),
    "grain": ("--grain", "0.3"),
    "deband": ("--deband",),
}
PEERS: dict[str, str] = {
    "ffmpeg, nothing": "null",
    "ffmpeg nlmeans": "nlmeans",
    "ffmpeg hqdn3d": "hqdn3d",
    "ffmpeg deflicker": "deflicker",
    "ffmpeg minterpolate 60": "minterpolate=fps=60",
    "ffmpeg scale lanczos 2x": "scale=2*iw:2*ih:flags=lanczos",
    "ffmpeg deband": "deband",
}


@dataclass(frozen=True, slots=True)
class Score:
    """What a clip is like."""

    psnr: float | None  # dB to the clip it should be, None where the pictures are not in the same place
    pumping: float  # levels
    shake: float  # px at 448 wide: rms change of speed from frame to frame
    warping: float  # E_warp * 1e4


def main() -> None:
    """Measure and print; write where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finishing", description=__doc__)
    parser.add_argument("--clips", type=Path, help="a folder of clips; some of them are taken")
    parser.add_argument("--names", nargs="*", default=[], help="which of them")
    parser.add_argument("--sheets", type=Path, help="a folder for contact sheets")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-speed", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = rendered(folder) | {one: args.clips / f"{one}.mp4" for one in args.names}
        parts = [
            "# The finishing chain",
            machine(),
            "## Spoiled on purpose",
            SPOILED,
            quality(clips, folder, args.sheets),
        ]
        if not args.no_speed:
            parts += ["## What a step costs", COST, cost(folder, args.rounds)]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "finishing.md").write_text(text)


SPOILED = (
    "Every clip (448 pixels wide) is shaken (a random walk of 4 pixels and 0.4 degrees rms), flickers (exposure +-10 % "
    "of light, white +-2 %), gets noise of 6 levels, and is coded by H.264 at crf 33, the same each time. "
    "Then `finish --deblock --denoise 0.7 --deflicker` (compared with the clean clip, shaken alike) and with "
    "`--stabilize` on top. Shake is what the camera's speed changes from frame to frame, px rms (by "
    "SIFT, not the step's own tracker); pumping is of the mean luma, levels; E_warp in 1e-4."
)
COST = (
    "`stillmotion finish` on a second of 1280x720 at 24 frames per second, whole processes, in turns; medians. What "
    "a step costs is the difference to `nothing`."
)


def machine() -> str:
    """What it ran on."""
    return (
        f"Measured by `python -m benchmarks.finishing` on {os.cpu_count()} cores, OpenCV {cv2.__version__}; the load "
        f"before it began was {os.getloadavg()[0]:.1f}."
    )


def rendered(folder: Path) -> dict[str, Path]:
    """Two seconds of each example photo, moved by us."""
    made = {}
    for name, prompt in OWN.items():
        made[name] = folder / f"{name}.mp4"
        stillmotion.animate(
            ROOT / "examples" / f"{name}.jpg",
            prompt,
            out=made[name],
            size=(448, 256),
            seconds=2,
            fps=24,
            quality="best",
        )
    return made


def spoiled(frames: Sequence[UInt8]) -> tuple[list[UInt8], list[UInt8]]:
    """The frames shaken, and shaken and spoiled; the codec comes after."""
    random = np.random.default_rng(7)
    steps = random.normal(0, 1, (len(frames), 3)) * (2.5, 2.5, 0.25)
    height, width = frames[0].shape[:2]
    shaken, path = [], np.zeros(3)
    for frame, step in zip(frames, steps, strict=True):
        path = 0.8 * path + step
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), path[2], 1.05)  # enlarged, so that no border shows
        turn[:, 2] += path[:2]
        shaken.append(np.asarray(cv2.warpAffine(frame, turn, (width, height), flags=cv2.INTER_CUBIC,
                                                borderMode=cv2.BORDER_REFLECT)))  # fmt: skip
    return shaken, noisy(flickering(shaken, seed=3, size=0.5), 6.0, seed=4)


def coded(frames: Sequence[UInt8], path: Path, *, fps: int = 24, crf: str = "33") -> Path:
    """The frames as a badly coded H.264 file."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": crf, "preset": "veryfast"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def finished(clip: Path, out: Path, flags: Sequence[str]) -> list[UInt8]:
    """What the command line makes of a clip."""
    command = [sys.executable, "-m", "stillmotion", "finish", str(clip), "-o", str(out), "--force", "-q", *flags]
    subprocess.run([*command, "--quality", "best"], check=True, capture_output=True)
    return list(read_clip(out).frames)


def quality(clips: dict[str, Path], folder: Path, sheets: Path | None) -> str:
    """The table, clip by clip."""
    rows = ["| clip | what | PSNR dB | pumping | shake px | E_warp |", "|---" * 6 + "|"]
    for name, path in clips.items():
        clean = [fitted(frame) for frame in read_clip(path).frames]
        shaken, bad = spoiled(clean)
        clip = coded(bad, folder / f"{name}-spoiled.mp4")
        decoded = list(read_clip(clip).frames)
        mended = finished(clip, folder / "mended.mp4", MEND)
        steady = finished(clip, folder / "steady.mp4", STEADY)
        untouched = finished(path, folder / "untouched.mp4", STEADY)
        for what, frames, aim in (
            ("clean", clean, None), ("clean, chain over it", [fitted(frame) for frame in untouched], None),
            ("spoiled", decoded, shaken), ("mended", mended, shaken), ("and steadied", steady, None),
        ):  # fmt: skip
            rows.append(f"| {name} | {what} | " + cells(score(frames, aim)) + " |")
        if sheets is not None:
            sheets.mkdir(parents=True, exist_ok=True)
            picks = (len(clean) // 4, len(clean) // 2, 3 * len(clean) // 4)
            lines = [np.hstack([kind[at] for at in picks]) for kind in (clean, decoded, mended, steady)]
            write_png(sheets / f"{name}.png", np.ascontiguousarray(np.vstack(lines)))
            beside(sheets / f"{name}.webp", decoded[::2], steady[::2])
    return "\n".join(rows)


def beside(path: Path, left: Sequence[UInt8], right: Sequence[UInt8]) -> None:
    """Two clips side by side as an animation."""
    frames = [cv2.resize(np.hstack(pair), (640, 182), interpolation=cv2.INTER_AREA)
              for pair in zip(left, right, strict=True)]  # fmt: skip
    stream = FrameStream(frames=iter(frames), width=640, height=182, fps=12, count=len(frames))
    write_video(stream, path, encoding=Encoding(codec="webp", quality="draft"), metadata={})


def fitted(frame: UInt8) -> UInt8:
    """A frame at the size all clips are compared at."""
    return frame if frame.shape[1] == 448 else np.asarray(cv2.resize(frame, (448, 256), interpolation=cv2.INTER_AREA))


def score(frames: Sequence[UInt8], aim: Sequence[UInt8] | None) -> Score:
    """Measure one clip."""
    psnr = None
    if aim is not None:
        psnr = float(np.mean([cv2.PSNR(a, b) for a, b in zip(frames, aim, strict=True)]))
    dis = Dis(fine=True)
    errors = []
    for before, after in zip(frames[::4], frames[1::4], strict=False):
        flow, back = dis(grey(before), grey(after)), dis(grey(after), grey(before))
        error = pair_error(before, after, flow, back)
        errors += [] if error is None else [1e4 * error]
    return Score(
        psnr,
        pumping([float(grey(frame).mean()) for frame in frames]),
        stabilisation(frames, frames).shake_px,
        float(np.mean(errors)),
    )


def cells(found: Score) -> str:
    """A score as cells of a table."""
    psnr = "" if found.psnr is None else f"{found.psnr:.1f}"
    return f"{psnr} | {found.pumping:.2f} | {found.shake:.2f} | {found.warping:.2f}"


def cost(folder: Path, rounds: int) -> str:
    """Every step alone, and the ffmpeg filters for the same wish."""
    clip, out = folder / "720p.mp4", folder / "out.mp4"
    photo = ROOT / "examples" / "coffee.jpg"
    stillmotion.animate(photo, "orbit left", out=clip, size=(1280, 720), seconds=1, fps=24)
    ours = [sys.executable, "-m", "stillmotion", "finish", str(clip), "-o", str(out), "--force", "-q"]
    jobs = {name: (lambda flags=flags: run([*ours, *flags])) for name, flags in ALONE.items()}
    coder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", str(out)]
    for name, graph in PEERS.items():
        jobs[name] = lambda graph=graph: run(["ffmpeg", "-y", "-v", "error", "-i", str(clip), "-vf", graph, *coder])
    medians, failed = median_runs(jobs, rounds=rounds)
    rows = ["| step | wall s | more than nothing, ms a frame of the clip |", "|---" * 3 + "|"]
    for name, found in medians.items():
        floor = medians.get("ffmpeg, nothing" if name.startswith("ffmpeg") else "nothing")
        more = "-" if floor is None else f"{1000 * (found.wall_s - floor.wall_s) / 24:.0f}"
        rows.append(f"| {name} | {found.wall_s:.2f} | {more} |")
    left = f"\n\nLeft out: {json.dumps(failed)}" if failed else ""
    return "\n".join(rows) + left


if __name__ == "__main__":
    main()
