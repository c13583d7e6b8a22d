"""What the transformer of the engine nano draws, against simpler ways and against time.

    python -m benchmarks.transformer --photos DIR [--packed DIR] [--weights DIR] [--few DIR] --write

`--packed` is the folder that `training.pictures.prepare` wrote: what is held out in it becomes worlds with known
content in their holes. `--few` has weights that were distilled from `--weights` (the package's own). `--photos` are
directed by the engines and measured as `stillmotion verify` does. Prints markdown; `--write` puts it into
docs/benchmarks/transformer.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import cv2
import numpy as np

from benchmarks.diffusion import best
from benchmarks.photos import understand
from stillmotion.evaluation.measure import measure
from stillmotion.media.image import photo_files
from stillmotion.models.dit_net import DitNet, Known
from stillmotion.models.vae_codec import FOLDER, Codec, codec_of
from stillmotion.stages.generation.backend import backend
from stillmotion.stages.generation.nano.denoise import seeded
from stillmotion.stages.generation.nano.engine import Manner, NanoBackend
from stillmotion.stages.generation.nano.sample import euler, schedule
from stillmotion.training.diffusion.make import world
from stillmotion.training.diffusion.shards import validity
from stillmotion.training.diffusion.worlds import World
from stillmotion.training.pictures import Pictures, shares_of
from stillmotion.types import Float32, UInt8, silent
from stillmotion.verification import expect

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "transformer.md"
FRAMES, SIDE = 17, 256
STEPS = (1, 2, 4, 8, 16)
MOVES = ("push in", "orbit left", "truck right", "pan right")


# ── holes with known content ─────────────────────────────────────────────────────────────────────────────────────────


def worlds(packed: Path, count: int) -> Iterator[World]:
    """Clips of held-out photos and clips that have holes."""
    data = Pictures.of(packed, "_held")
    shares, made, number = shares_of(data.photos), 0, 0
    while made < count:
        found = world(data, shares, np.random.default_rng([77, number]))
        number += 1
        if found is not None and len(found.truth) == FRAMES and 0.005 < (found.valid < 128).mean() < 0.3:
            made += 1
            yield found


def filled(found: World, method: int) -> list[UInt8]:
    """The guide with its holes filled frame by frame."""
    return [
        np.asarray(cv2.inpaint(frame, (valid < 128).astype(np.uint8), 3, method))
        for frame, valid in zip(found.guide, found.valid, strict=True)
    ]


def drawn(found: World, net: DitNet, codec: Codec, steps: int, *, free: bool = False) -> list[UInt8]:
    """What the network makes of a world's first frame, guide and sentence; without guide and validity if `free`."""
    first, guide = (
        np.stack(list(codec.encode(frame.astype(np.float32) / 255 for frame in clip)))
        for clip in (found.truth[:1], found.guide)
    )
    valid = validity(found.valid).astype(np.float32) / 255
    has = np.array([1, 1, 1, not free], np.float32)
    known = Known(net.text(found.sentence), first[0], first[0], guide, valid, has)
    noise = np.stack([seeded(0)(k, guide.shape[1:]) for k in range(len(guide))])
    times = schedule(steps, tokens=guide[:, 0].size // 4, base_tokens=net.about.base_tokens)
    latents = euler(lambda noisy, at: net.velocity(noisy, at, known), noise, times)
    return [np.asarray((frame * 255).round(), np.uint8) for frame in codec.decode(iter(latents))]


def coded(found: World, codec: Codec) -> list[UInt8]:
    """What the autoencoder leaves of the truth: nobody who draws in its latents can do better."""
    clip = codec.decode(codec.encode(frame.astype(np.float32) / 255 for frame in found.truth))
    return [np.asarray((frame * 255).round(), np.uint8) for frame in clip]


@dataclass(frozen=True, slots=True)
class Inside:
    """How near a fill comes, in the holes alone."""

    psnr: float
    detail: float  # mean gradient over the truth's; 1 is as sharp
    flicker: float  # mean change from frame to frame that the truth has not, levels

    @classmethod
    def of(cls, found: World, made: list[UInt8]) -> Inside:
        """Measure a clip against the truth."""
        hole, truth, clip = found.valid < 128, found.truth.astype(np.float32), np.stack(made).astype(np.float32)
        apart = float(((clip - truth) ** 2).mean(axis=3)[hole].mean())
        grain = [float(np.mean([_gradient(frame)[at].sum() for frame, at in zip(each, hole, strict=True)]))
                 for each in (clip, truth)]  # fmt: skip
        both = hole[1:] & hole[:-1]
        change = np.abs(np.diff(clip - truth, axis=0)).mean(axis=3)[both]
        return cls(10 * np.log10(255**2 / max(apart, 1e-3)), grain[0] / grain[1], float(change.mean()))


def _gradient(frame: Float32) -> Float32:
    grey = frame.mean(axis=2)
    return np.asarray(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32)


def holes(packed: Path, nets: dict[str, DitNet], codec: Codec, count: int) -> list[str]:
    """Table of fills and of steps."""
    ways: dict[str, Callable[[World], list[UInt8]]] = {
        "Telea, frame by frame": lambda w: filled(w, cv2.INPAINT_TELEA),
        "Navier-Stokes, frame by frame": lambda w: filled(w, cv2.INPAINT_NS),
        "the truth, through the autoencoder": lambda w: coded(w, codec),
    }
    for name, net in nets.items():
        for steps in STEPS:
            ways[f"{name}, {steps} step{'s' * (steps > 1)}"] = lambda w, n=net, s=steps: drawn(w, n, codec, s)
        ways[f"{name}, 4 steps, no guide"] = lambda w, n=net: drawn(w, n, codec, 4, free=True)
    found: dict[str, list[Inside]] = {name: [] for name in ways}
    for each in worlds(packed, count):
        for name, way in ways.items():
            found[name].append(Inside.of(each, way(each)))
    rows = [
        f"| {name} | {np.mean([f.psnr for f in all_]):.2f} | {np.mean([f.detail for f in all_]):.2f} "
        f"| {np.mean([f.flicker for f in all_]):.1f} |"
        for name, all_ in found.items()
    ]
    return ["| way | PSNR in holes, dB | detail | flicker, levels |", "|---|---|---|---|", *rows, ""]


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def speed(weights: Path, codec: Codec) -> list[str]:
    """Seconds of a step by each runtime against its multiplications at the speed of one large matrix product."""
    t, side = 1 + (FRAMES - 1) // 4, SIDE // 8
    tokens = t * side * side // 4
    peaks = {precision: matrix_peak(precision) for precision in ("f32", "bf16")}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        sizes = {"mini, shipped": weights, "nano, random weights": _random_nano(Path(folder))}
        for size, runtime in (*((name, "openvino") for name in sizes), ("mini, shipped", "onnxruntime"),
                              ("mini, shipped", "opencv")):  # fmt: skip
            net = DitNet.open(sizes[size], runtime=runtime)
            precision = "bf16" if runtime == "openvino" and halves() else "f32"
            noisy = np.zeros((t, net.about.channels, side, side), np.float32)
            valid, has = np.ones((t, 4, side, side), np.float32), np.ones(4, np.float32)
            known = Known(net.text("The camera pushes in."), noisy[0], noisy[0], noisy, valid, has)
            seconds = best(lambda net=net, noisy=noisy, known=known: net.velocity(noisy, 0.5, known), least_s=2)
            work = operations(sizes[size], tokens) / 1e9
            rows.append(
                f"| {size} | {runtime}, {precision} | {seconds:.3f} | {work:.0f} "
                f"| {100 * work / seconds / peaks[precision]:.0f} % |"
            )
    clip = list(np.random.default_rng(0).random((FRAMES, SIDE, SIDE, 3), np.float32))
    code = best(lambda: list(codec.decode(codec.encode(iter(clip)))), least_s=2)
    return [
        f"A step of {FRAMES} frames of {SIDE} x {SIDE} ({tokens} tokens). The matrix peak of this machine is "
        f"{peaks['f32']:.0f} billion operations a second in float32 and {peaks['bf16']:.0f} in bfloat16 (one product "
        "of 2048 x 2048 by PyTorch or OpenVINO, whichever is faster, all cores). Operations are those of the matrix "
        f"weights alone, without what attention multiplies. Coding and decoding such a clip takes {code:.2f} s.", "",
        "| size | runtime, precision | s a step | billion operations | of that peak |", "|---|---|---|---|---|",
        *rows, "",
    ]  # fmt: skip


def matrix_peak(precision: str) -> float:
    """Billion operations a second of one large matrix product, by PyTorch or by OpenVINO, whichever is faster."""
    import openvino
    import torch
    from openvino import opset13

    n = 2048
    one, other = torch.rand(2, n, n, dtype={"f32": torch.float32, "bf16": torch.bfloat16}[precision])
    inputs = [opset13.parameter([n, n], np.float32) for _ in range(2)]
    model = openvino.Model([opset13.matmul(*inputs, False, False)], inputs)
    net = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    request, values = net.create_infer_request(), [np.ones((n, n), np.float32)] * 2
    seconds = best(lambda: one @ other, least_s=2), best(lambda: request.infer(values), least_s=2)
    return 2 * n**3 / min(seconds) / 1e9


def halves() -> bool:
    """Whether OpenVINO chooses bfloat16 by itself here."""
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _random_nano(folder: Path) -> Path:
    """The size `nano`, whose weights nobody has trained yet: time does not depend on them."""
    import torch

    from stillmotion.models.dit import SIZES, Dit
    from stillmotion.training.diffusion.dit_export import export

    net = Dit(SIZES["nano"])
    for each in net.parameters():
        torch.nn.init.normal_(each, std=0.02)
    export(net, (), folder, run={}, base_tokens=256)
    return folder


def operations(weights: Path, tokens: int) -> float:
    """Multiplications and additions of the file's matrix weights, once for each token: without what attention does."""
    import onnx

    graph = onnx.load(str(weights / "dit.onnx")).graph
    sizes = {each.name: int(np.prod(each.dims)) for each in graph.initializer if len(each.dims) == 2}
    return 2.0 * tokens * sum(size for name, size in sizes.items() if "table" not in name)


# ── whole clips ──────────────────────────────────────────────────────────────────────────────────────────────────────

ENGINES: dict[str, Manner | None] = {
    "geometry": None, "nano, 4 steps": Manner(), "nano, free": Manner(free=True),
}  # fmt: skip


def clips(photos: Path, weights: Path, count: int) -> list[str]:
    """Table of what `verify` measures of each engine's clips."""
    files = list(photo_files(photos))
    files = [files[i * len(files) // count] for i in range(min(count, len(files)))]
    names = ("rot_err", "path_err", "warp_err", "first_psnr_luma", "drift")
    found: dict[str, list[list[float]]] = {name: [] for name in ENGINES}
    for file in files:
        known = understand(file, long_side=384)
        for move in MOVES:
            scene, direction, options = known.directed(prompt=move, seconds=FRAMES / 8, fps=8.0, seed=0)
            expected = expect(scene, direction.effective, seed=0)
            for name, manner in ENGINES.items():
                nano = Manner(free=manner is not None and manner.free, weights=weights)
                engine = backend("geometry") if manner is None else NanoBackend(nano, direction.sentence)
                start = time.process_time()
                stream = engine.draw(scene, direction.effective, seed=0, quality=options.quality, progress=silent,
                                     cancel=Event())  # fmt: skip
                frames = list(stream.frames)
                seconds = time.process_time() - start
                seen = measure(frames, fps=8.0, expected=expected, count=len(frames))
                values = [getattr(seen, each) for each in names]
                found[name].append([np.nan if v is None else v for v in (*values, seconds)])
    rows = []
    for name, all_ in found.items():
        rot, path, warp, first, drift, seconds = np.nanmedian(np.array(all_), axis=0)
        rows.append(f"| {name} | {rot:.4f} | {path:.2f} | {warp:.4f} | {first:.1f} | {drift:.2f} | {seconds:.1f} |")
    head = "| engine | RotErr, rad | points off, % width | E_warp | first frame, dB | colour drift, Lab/s | CPU s |"
    return [f"{len(files)} photos, {len(MOVES)} moves each, {FRAMES} frames at 8 a second, 384 px long; medians.", "",
            head, "|---|---|---|---|---|---|---|", *rows, ""]  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transformer", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--packed", type=Path)
    parser.add_argument("--weights", type=Path, default=FOLDER)
    parser.add_argument("--few", type=Path)
    parser.add_argument("--count", type=int, default=32, help="worlds; photos are a quarter of it")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    load, codec = os.getloadavg()[0], codec_of(FOLDER)
    nets = {"nano": DitNet.open(args.weights)} | ({"distilled": DitNet.open(args.few)} if args.few else {})
    lines = [
        "# The transformer of the engine nano", "",
        f"Measured by `python -m benchmarks.transformer` on {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; the load before it began was {load:.1f}.", "",
        "## How fast it is", "", *speed(args.weights, codec),
    ]  # fmt: skip
    if args.packed:
        about = (
            f"{args.count} clips of {FRAMES} frames of held-out photos and clips, with holes of 0.5 to 30 % whose "
            "content is known. Only the holes are measured."
        )
        lines += ["## Steps against quality", "", about, "", *holes(args.packed, nets, codec, args.count)]
    lines += ["## Whole clips, measured", "", *clips(args.photos, args.weights, max(1, args.count // 4))]
    text = "\n".join(lines)
    print(text)
    if args.write:
        PAGE.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
