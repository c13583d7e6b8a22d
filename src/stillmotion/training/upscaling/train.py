"""One run of the upscaler, from photos to a checkpoint that a later run goes on with.

    python -m stillmotion.training.upscaling.train --photos DIR --out DIR [--minutes 60]

Loss: Charbonnier (Lai et al., 2017) of the residual, and the absolute difference of its spectrum (Cho et al., 2021).
Weights are averaged (EMA); that average is what is kept for export.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillmotion.training.average import average
from stillmotion.training.loop import half_precision
from stillmotion.training.upscaling.data import (
    PLAIN,
    SHARP,
    Loader,
    clean,
    degraded,
    enlarged,
    find,
    luma,
    read,
    split,
)
from stillmotion.training.upscaling.net import FACTORS, Shape, UpscaleNet


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that decides a run."""

    shape: Shape
    batch: int = 6  # pairs that one thread learns from at a time
    threads: int = 2
    side: int = 64  # of a small patch
    rate: float = 2e-3
    least_rate: float = 1e-5
    warm_up: int = 100
    ema: float = 0.998
    spectrum_weight: float = 0.02
    rim: int = 3  # small pixels at the rim of a patch that are not learned from: they see the padding
    sharp_share: float = 0.4  # of the pairs that come from the sharpest folders
    seed: int = 0
    bf16: bool = True


def base() -> Config:
    """The run whose weights are shipped."""
    return Config(shape=Shape(width=32, depth=7, fold=1))


def losses(found: Tensor, wanted: Tensor, config: Config, factor: int) -> dict[str, Tensor]:
    """Each part of the loss of residuals (B, 1, H, W)."""
    rim = config.rim * factor
    apart = (found - wanted)[..., rim:-rim, rim:-rim]
    near = torch.sqrt(apart * apart + 1e-6).mean()
    spectrum = torch.fft.rfft2(apart, norm="ortho").abs().mean()
    return {"whole": near + config.spectrum_weight * spectrum, "near": near, "spectrum": spectrum}


def tensors(batch: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """A batch for the network."""
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in batch.items()}


def learn(net: UpscaleNet, factor: int, drawn: dict[str, np.ndarray], config: Config) -> dict[str, float]:
    """Add to the gradients what one batch has to say; its losses. Threads may do so at once: two sums commute."""
    batch = tensors(drawn)
    with half_precision(config.bf16):
        found = net(batch["luma"].contiguous(memory_format=torch.channels_last), factor)
    parts = losses(found.float(), batch["residual"], config, factor)
    (parts["whole"] / config.threads).backward()
    return {name: float(value.detach()) for name, value in parts.items()}


def train(
    config: Config, photos: list[np.ndarray], weights: np.ndarray, checks: list[Path], out: Path, *,
    minutes: float, steps: int,
) -> None:  # fmt: skip
    """The loop. The rate falls along a cosine over `steps` or `minutes`, whichever ends first, and the run with it."""
    torch.manual_seed(config.seed)
    net = UpscaleNet(config.shape).to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net).eval()
    optimizer = torch.optim.Adam(net.parameters(), lr=config.rate, betas=(0.9, 0.99))
    start, checkpoint = 0, out / "checkpoint.pt"
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(kept["net"])
        mean.load_state_dict(kept["mean"])
        optimizer.load_state_dict(kept["optimizer"])
        start = kept["step"]
    loader = Loader(photos, weights, batch=config.batch, side=config.side, seed=config.seed + start)
    workers = ThreadPoolExecutor(config.threads, initializer=torch.set_num_threads, initargs=(1,))
    began, sums = time.monotonic(), dict[str, float]()
    for step in range(start, steps):
        done = min(max(step / steps, (time.monotonic() - began) / (60 * minutes)), 1.0)
        rate = config.least_rate + (config.rate - config.least_rate) * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / config.warm_up)
        optimizer.zero_grad(set_to_none=False)
        batches = [next(loader) for _ in range(config.threads)]
        for parts in workers.map(lambda given: learn(net, given[0], given[1], config), batches):
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value / config.threads
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        average(mean, net, min(config.ema, (step + 1) / (step + 10)))
        if (step + 1) % 100 == 0:
            told = " ".join(f"{name} {value / 100:.5f}" for name, value in sums.items())
            seconds = (time.monotonic() - began) / (step + 1 - start)
            print(f"step {step + 1} {told} {seconds:.3f} s/step {done:.0%}", flush=True)  # noqa: T201
            sums.clear()
        ended = time.monotonic() - began > 60 * minutes or step + 1 == steps
        if (step + 1) % 500 == 0 or ended:
            state = {"net": net, "mean": mean, "optimizer": optimizer}
            torch.save({name: each.state_dict() for name, each in state.items()} | {"step": step + 1}, checkpoint)
            found_at = check(mean, checks)
            print(f"check {step + 1} {json.dumps(found_at)}", flush=True)  # noqa: T201
            told_run = {"config": asdict(config), "step": step + 1, "photos": len(photos), "check": found_at}
            (out / "run.json").write_text(json.dumps(told_run, indent=1))
        if ended:
            break


@torch.no_grad()
def check(net: UpscaleNet, paths: list[Path]) -> dict[str, float]:
    """Mean gain in dB of luma over bicubic on the middles of photos that are not trained on."""
    gains: dict[str, list[float]] = {}
    for path in paths:
        rgb = read(path)
        side = min(min(rgb.shape[:2]), 400) // 8 * 8
        y, x = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
        large = np.ascontiguousarray(rgb[y : y + side, x : x + side])
        wanted = luma(large).astype(np.float32)
        for factor in FACTORS:
            for name, spoil in (("clean", clean), ("degraded", degraded)):
                small = luma(spoil(large, (side // factor, side // factor), np.random.default_rng(1)))
                given = torch.from_numpy(small.astype(np.float32) / 255 - 0.5)[None, None]
                plain = enlarged(small, factor)
                better = plain + net(given, factor)[0, 0].numpy() * 255
                gain = 10 * np.log10(((plain - wanted) ** 2).mean() / ((better - wanted) ** 2).mean())
                gains.setdefault(f"{name} {factor}x", []).append(float(gain))
    return {name: round(float(np.mean(values)), 3) for name, values in gains.items()}


def main() -> None:
    """Train with the base configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=100_000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    config = base()
    sharp, checks_sharp = split(find(args.photos, SHARP))
    plain, checks_plain = split(find(args.photos, PLAIN))
    weights = np.array(
        [config.sharp_share / len(sharp)] * len(sharp) + [(1 - config.sharp_share) / len(plain)] * len(plain)
    )
    photos = [read(path) for path in (*sharp, *plain)]
    smallest = (config.side + 16) * max(FACTORS)
    fits = [i for i, photo in enumerate(photos) if min(photo.shape[:2]) >= smallest]
    checks = [*checks_sharp, *checks_plain[::3]]
    train(
        config, [photos[i] for i in fits], weights[fits], checks, args.out, minutes=args.minutes, steps=args.steps
    )  # fmt: skip


if __name__ == "__main__":
    main()
