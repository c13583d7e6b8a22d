"""Upscaling and sharpening measured: fidelity on photos that were not trained on, steadiness on clips, time and memory.

    python -m benchmarks.upscaling --photos DIR [--clips DIR] [--waifu2x DIR] [--write]

Photos are made small in three ways (`WAYS`) and enlarged again by ours, by Pillow, by OpenCV, by ffmpeg's
scaler, and by waifu2x (`--waifu2x`: folder with scale2.0x_model.param and .bin, needs ncnn). Time and memory are
beside ffmpeg's where it is found. Prints markdown; `--write` puts it into docs/benchmarks/upscaling.md.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from benchmarks.process import run
from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.evaluation.fidelity import psnr, psnr_luma, ssim
from stillmotion.evaluation.warping import pair_error
from stillmotion.media.image import read_photo
from stillmotion.models.upscaler import upscaler
from stillmotion.stages.finishing.sharpen import MOST, SIGMA, sharpened
from stillmotion.stages.finishing.upscale import Tiles, Upscale
from stillmotion.training.upscaling.data import degraded, h264
from stillmotion.types import FrameStream, UInt8

ROOT = Path(__file__).parent.parent
SIZE = (1280, 720)
_FFMPEG_FRAMES = 20  # for each of ours: it is that much faster
MIDDLE = 256  # pixels a side at most of what is taken from the middle of a photo
SHAVE = 8  # pixels at the rim that are not counted
WAIFU2X, TWICE = "waifu2x upconv_7 photo (553 k)", "ours, 2x twice"
NOT_AT = {2: (TWICE,), 4: (WAIFU2X,)}
Enlarge = Callable[[UInt8, int], UInt8]
Spoil = Callable[[UInt8, int, int], UInt8]


def _pillow(kernel: Image.Resampling) -> Enlarge:
    def enlarge(small: UInt8, factor: int) -> UInt8:
        size = (small.shape[1] * factor, small.shape[0] * factor)
        return np.asarray(Image.fromarray(small).resize(size, kernel))

    return enlarge


def _opencv(small: UInt8, factor: int) -> UInt8:
    return np.asarray(cv2.resize(small, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))


def _swscale(kernel: str) -> Enlarge:
    """What ffmpeg's filter `scale` does, without a process for each picture."""

    def enlarge(small: UInt8, factor: int) -> UInt8:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(small), format="rgb24")
        size = {"width": small.shape[1] * factor, "height": small.shape[0] * factor}
        return np.asarray(frame.reformat(**size, format="rgb24", interpolation=kernel).to_ndarray())

    return enlarge


def ours(small: UInt8, factor: int) -> UInt8:
    """One pass of the network."""
    return Tiles(small.shape[1], small.shape[0], 4 if factor == 4 else 2, upscaler())(small)[0]


def _twice(enlarge: Enlarge) -> Enlarge:
    """Four times the size by two times two."""
    return lambda small, factor: enlarge(enlarge(small, 2), 2)


def _waifu2x(folder: Path) -> Enlarge:
    import ncnn  # type: ignore[import-not-found]  # a peer, by choice

    net = ncnn.Net()
    net.opt.num_threads = 2
    net.load_param(str(folder / "scale2.0x_model.param"))
    net.load_model(str(folder / "scale2.0x_model.bin"))

    def enlarge(small: UInt8, factor: int) -> UInt8:
        around = cv2.copyMakeBorder(small, 7, 7, 7, 7, cv2.BORDER_REPLICATE)
        given = np.ascontiguousarray(around.transpose(2, 0, 1), np.float32) / np.float32(255)
        extractor = net.create_extractor()
        extractor.input("Input1", ncnn.Mat(given))
        _, found = extractor.extract("Eltwise4")
        return np.asarray(np.clip(np.rint(np.array(found).transpose(1, 2, 0) * 255), 0, 255), dtype=np.uint8)

    return enlarge


def _clean(large: UInt8, factor: int, seed: int) -> UInt8:
    size = (large.shape[1] // factor, large.shape[0] // factor)
    return np.asarray(Image.fromarray(large).resize(size, Image.Resampling.BICUBIC))


def _as_video(large: UInt8, factor: int, seed: int) -> UInt8:
    size = (large.shape[1] // factor, large.shape[0] // factor)
    return h264(np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA)), 23)


def _spoiled(large: UInt8, factor: int, seed: int) -> UInt8:
    size = (large.shape[1] // factor, large.shape[0] // factor)
    return degraded(large, size, np.random.default_rng([7, seed]))


WAYS: dict[str, Spoil] = {"clean": _clean, "as video": _as_video, "spoiled twice": _spoiled}


def methods(waifu2x: Path | None) -> dict[str, Enlarge]:
    """All that can be compared here."""
    found: dict[str, Enlarge] = {
        "bicubic (Pillow)": _pillow(Image.Resampling.BICUBIC), "bicubic (OpenCV)": _opencv,
        "Lanczos (Pillow)": _pillow(Image.Resampling.LANCZOS),
    }  # fmt: skip
    found |= {"Lanczos (ffmpeg's scale)": _swscale("LANCZOS"), "spline (ffmpeg's scale)": _swscale("SPLINE")}
    if waifu2x is not None:
        found[WAIFU2X] = _waifu2x(waifu2x)
    return found | {"**ours** (71 k)": ours, TWICE: _twice(ours)}


def fidelity(photos: list[Path], ways: dict[str, Enlarge], known: dict[str, list[float]]) -> Iterator[str]:
    """Tables, one for each factor; `known` is what peers were found to score before, and is added to."""
    for factor in (2, 4):
        yield f"### {factor}x"
        yield ""
        yield "| | " + " | ".join(f"{way}: dB (luma) | dB (RGB) | SSIM" for way in WAYS) + " |"
        yield "|---|" + "---|---|---|" * len(WAYS)
        sums = {name: np.zeros((len(WAYS), 3)) for name in ways if name not in NOT_AT[factor]}
        for number, path in enumerate(photos):
            large = _middle(read_photo(path).pixels)
            for i, (way, spoil) in enumerate(WAYS.items()):
                small = spoil(large, factor, number)
                for name, total in sums.items():
                    key = f"{name} {factor} {way} {path.name}"
                    scores = known.get(key) or _scores(ways[name](small, factor), large)
                    if "ours" not in name:
                        known[key] = scores
                    total[i] += scores
        for name, total in sums.items():
            cells = (f"{luma:.2f} | {whole:.2f} | {alike:.4f}" for luma, whole, alike in total / len(photos))
            yield f"| {name} | " + " | ".join(cells) + " |"
        yield ""


def _middle(rgb: UInt8) -> UInt8:
    height, width = (min(MIDDLE, side // 8 * 8) for side in rgb.shape[:2])
    y, x = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
    return np.ascontiguousarray(rgb[y : y + height, x : x + width])


def _scores(found: UInt8, wanted: UInt8) -> list[float]:
    a, b = (np.ascontiguousarray(picture[SHAVE:-SHAVE, SHAVE:-SHAVE]) for picture in (found, wanted))
    return [psnr_luma(a, b), psnr(a, b), ssim(a, b)]


def steadiness(clips: list[Path], *, count: int = 6) -> Iterator[str]:
    """How frames follow each other in clips made half as large and enlarged again, beside the clips themselves."""
    ways: dict[str, Enlarge] = {
        "the clips themselves": lambda small, factor: small, "bicubic (OpenCV)": _opencv,
        "Lanczos (Pillow)": _pillow(Image.Resampling.LANCZOS), "**ours**": ours,
    }  # fmt: skip
    still, warped, apart = ({name: list[float]() for name in ways} for _ in range(3))
    dis = Dis(fine=True)
    for path in clips:
        for before, after in itertools.pairwise(_read(path, count)):
            pair = before, after
            halves = [cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for frame in pair]
            greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)) for frame in pair]
            flow, back = dis(greys[0], greys[1]), dis(greys[1], greys[0])
            plain = cv2.blur(cv2.absdiff(*greys), (9, 9)) <= 1
            calm = cv2.erode(plain.astype(np.uint8), np.ones((17, 17), np.uint8)) > 0
            change = after.astype(np.float32) - before
            for name, enlarge in ways.items():
                one, other = pair if name == "the clips themselves" else (enlarge(np.asarray(h), 2) for h in halves)
                if calm.mean() > 0.02:
                    still[name].append(float(cv2.absdiff(one, other)[calm].mean()))
                error = pair_error(one, other, flow, back)
                if error is not None:
                    warped[name].append(error)
                apart[name].append(float(np.square(other.astype(np.float32) - one - change).mean()) ** 0.5)
    yield "| | change where the clip is still, levels | warping error x 1000 | changes differ from the clip's, levels |"
    yield "|---|---|---|---|"
    for name in ways:
        numbers = statistics.mean(still[name]), 1000 * statistics.mean(warped[name]), statistics.mean(apart[name])
        yield f"| {name} | {numbers[0]:.3f} | {numbers[1]:.3f} | {numbers[2]:.3f} |"


def _read(path: Path, count: int) -> list[UInt8]:
    with av.open(str(path)) as source:
        return [frame.to_ndarray(format="rgb24") for frame in itertools.islice(source.decode(video=0), count)]


def noisy_frames(photo: Path, count: int, size: tuple[int, int]) -> Iterator[UInt8]:
    """Frames no tile of which is the same."""
    whole = cv2.resize(read_photo(photo).pixels, size, interpolation=cv2.INTER_AREA)
    for number in range(count):
        yield np.asarray(np.minimum(whole, 252) + np.uint8(number % 3 + 1), dtype=np.uint8)


def enlarge_frames(photo: Path, count: int, factor: int) -> None:
    """What one process of ours does when it is timed."""
    frames = noisy_frames(photo, count, SIZE)
    stream = FrameStream(frames=frames, width=SIZE[0], height=SIZE[1], fps=25.0, count=count)
    for _ in Upscale(factor=4 if factor == 4 else 2)(stream):
        pass
    print(_peak_mb())


def _our_process(photo: Path, factor: int) -> Callable[[int], list[str]]:
    named = ["--photos", str(photo.parent), "--factor", str(factor), "--frames"]
    return lambda count: [sys.executable, "-m", "benchmarks.upscaling", *named, str(count)]


def _ffmpeg_process(flags: str) -> Callable[[int], list[str]]:
    width, height = SIZE
    source = f"testsrc2=size={width}x{height},format=rgb24,scale={width * 2}:{height * 2}:flags={flags}"
    given = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v"]
    return lambda count: [*given, str(_FFMPEG_FRAMES * count), "-f", "null", "-"]


def speed(photo: Path, *, rounds: int) -> Iterator[str]:
    """Seconds a frame of 1280x720, from the difference of a long and a short run; peak memory of ours."""
    jobs = {f"ours, {factor}x": _our_process(photo, factor) for factor in (2, 4)}
    if shutil.which("ffmpeg"):
        jobs |= {f"ffmpeg {flags}, 2x": _ffmpeg_process(flags) for flags in ("lanczos", "spline")}
    yield "| | seconds a frame | CPU seconds a frame | CPU, times that of ffmpeg lanczos | peak MB |"
    yield "|---|---|---|---|---|"
    found: dict[str, tuple[float, float]] = {}
    for name, job in jobs.items():
        per = _FFMPEG_FRAMES if "ffmpeg" in name else 1
        runs = [(run(job(1)), run(job(4))) for _ in range(rounds)]
        wall = statistics.median(long.wall_s - short.wall_s for short, long in runs) / (3 * per)
        found[name] = wall, statistics.median(long.cpu_s - short.cpu_s for short, long in runs) / (3 * per)
    base = found.get("ffmpeg lanczos, 2x", (0.0, 0.0))[1]
    for name, (wall, cpu) in found.items():
        peak = "" if "ffmpeg" in name else subprocess.run(jobs[name](2), capture_output=True, text=True).stdout.strip()
        yield f"| {name} | {wall:.3f} | {cpu:.3f} | {f'{cpu / base:.0f}' if base else ''} | {peak} |"


def _peak_mb() -> int:
    """Largest resident size of this process so far (Linux; 0 elsewhere)."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def sharpening(photo: Path) -> Iterator[str]:
    """Overshoot at a step and noise, beside a plain unsharp mask of the same steepness at the step."""
    step = np.full((1080, 1080, 3), 60, np.uint8)
    step[:, 540:] = 190
    step = np.asarray(cv2.GaussianBlur(step, (0, 0), 1.5))
    noise = np.random.default_rng(0).normal(128, 3, (1080, 1080, 1)).clip(0, 255).repeat(3, axis=2).astype(np.uint8)
    frame = next(noisy_frames(photo, 1, SIZE))
    sharpened(frame, 0.5)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(20):
        sharpened(frame, 0.5)
    wall, used = (time.perf_counter() - began) / 20, (time.process_time() - cpu) / 20
    yield "A soft step from 60 to 190, flat noise of 3 levels; the unsharp mask has the same Gauss and the same gain."
    yield ""
    yield f"| amount | steepest, levels a pixel (before: {_steepest(step)}) | beyond the step, levels | noise becomes |"
    yield "|---|---|---|---|"
    for amount in (0.3, 0.6, 1.0):
        sharp, quiet = sharpened(step, amount)[0], sharpened(noise, amount)[0]
        plain, loud = _unsharp(step, amount), _unsharp(noise, amount)
        yield (
            f"| {amount} | ours {_steepest(sharp)}, unsharp mask {_steepest(plain)} "
            f"| ours {_beyond(sharp, step)}, unsharp mask {_beyond(plain, step)} "
            f"| ours {quiet.std() / noise.std():.2f}, unsharp mask {loud.std() / noise.std():.2f} times |"
        )
    yield ""
    yield f"1280x720: {1000 * wall:.1f} ms a frame, {1000 * used:.1f} ms of CPU."


def _unsharp(frame: UInt8, amount: float) -> UInt8:
    values = frame.astype(np.float32)
    sharp = values + amount * MOST * (values - cv2.GaussianBlur(values, (0, 0), SIGMA))
    return np.asarray(np.clip(np.rint(sharp), 0, 255), dtype=np.uint8)


def _steepest(step: UInt8) -> int:
    return int(np.diff(step[540, :, 0].astype(int)).max())


def _beyond(found: UInt8, step: UInt8) -> int:
    return max(int(found.max()) - int(step.max()), int(step.min()) - int(found.min()))


HEAD = """# Upscaling and sharpening

Made by `python -m benchmarks.upscaling`. The middles ({side} pixels a side at most) of {photos} photographs that were
not trained on, made small and enlarged again; {shave} pixels at the rim are not counted. *Clean*: Pillow's bicubic with
anti-aliasing. *As video*: area, then one frame of H.264 (libx264 veryfast, crf 23, 4:2:0). *Spoiled twice*: blur,
resizing, noise, JPEG or H.264, in two rounds (`training/upscaling/data.degraded`, seed [7, number of the photo]). PSNR
and SSIM (of BT.709 luma) are means over the photographs.
"""


STEADY = """## Steadiness

{clips} real clips of 448x256, 6 frames each, made half as large (area) and enlarged again. *Still*: the mean difference
of two frames where nothing moves. *Warping error*: of a frame from the next along the clip's own flow (DIS); a sharper
picture has a larger one, the clip's own is what it should be. *Changes differ*: root mean square of what happens from
frame to frame less what happens there in the clip.
"""


TIME = """## Time and memory

1280x720, two cores. Other work ran beside, as the seconds show; those of the CPU are what can be compared. Ours is
given frames no part of which stays the same; a frame that does stay costs a comparison. ffmpeg's include its test
picture.
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upscaling", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--waifu2x", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="JSON that keeps what peers scored, between runs")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--frames", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--factor", type=int, default=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    photos = sorted(path for path in args.photos.iterdir() if path.suffix in (".webp", ".jpg", ".png"))
    if args.frames:
        enlarge_frames(photos[0], args.frames, args.factor)
        return
    known = json.loads(args.peers.read_text()) if args.peers and args.peers.exists() else {}
    parts = [HEAD.format(photos=len(photos), shave=SHAVE, side=MIDDLE)]
    parts += fidelity(photos, methods(args.waifu2x), known)
    if args.peers:
        args.peers.write_text(json.dumps(known))
    if args.clips:
        clips = sorted(args.clips.glob("*.mp4"))[::16]
        parts += [STEADY.format(clips=len(clips)), *steadiness(clips), ""]
    parts += [TIME, *speed(photos[0], rounds=args.rounds), ""]
    parts += ["## Sharpening\n", *sharpening(photos[0])]
    text = "\n".join(parts) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "upscaling.md").write_text(text)


if __name__ == "__main__":
    main()
