"""One run of the interpolator, from stored samples to a checkpoint that a later run goes on with.

    python -m stillmotion.training.interpolation.train --samples DIR --checks DIR --out DIR [--minutes 60]

Loss: Charbonnier distance (round below 0.01) of the drawn frame to the one that was there, and of their gradients.
Weights are averaged (EMA); that average is what is kept for export.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillmotion.training.average import average
from stillmotion.training.interpolation.data import Loader, load, turned
from stillmotion.training.interpolation.net import InterpolationNet, drawn, seen
from stillmotion.training.loop import half_precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that decides a run."""

    batch: int = 8
    side: int = 128
    rate: float = 3e-4
    least_rate: float = 5e-6
    warm_up: int = 40
    decay: float = 1e-3
    ema: float = 0.99
    gradient_weight: float = 0.1
    seed: int = 0
    bf16: bool = True


def base() -> Config:
    """The run whose weights are shipped."""
    return Config()


def predicted(net: torch.nn.Module, batch: dict[str, Tensor], *, bf16: bool = False) -> Tensor:
    """The frame (N, 3, H, W) at t of a batch."""
    motion, share, known, t = batch["motion"], batch["maps"][:, :1], batch["maps"][:, 1:], batch["t"]
    given = seen(batch["before"], batch["after"], motion, share, known, t).contiguous(memory_format=torch.channels_last)
    with half_precision(bf16):
        correction = net(given)
    return drawn(batch["before"], batch["after"], motion, share, t, correction.float().contiguous())


def losses(found: Tensor, wanted: Tensor, config: Config) -> dict[str, Tensor]:
    """Each part of the loss."""
    apart = found - wanted
    colour = (apart.square() + 1e-4).sqrt().mean()
    across, down = apart[..., 1:] - apart[..., :-1], apart[..., 1:, :] - apart[..., :-1, :]
    gradient = (across.square() + 1e-6).sqrt().mean() + (down.square() + 1e-6).sqrt().mean()
    return {"whole": colour + config.gradient_weight * gradient, "colour": colour, "gradient": gradient}


def tensors(batch: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """A batch for the network."""
    return {name: torch.from_numpy(value) for name, value in batch.items()}


def train(config: Config, samples: Path, checks: Path, out: Path, *, minutes: float, steps: int) -> None:
    """The loop. The rate falls along a cosine over `steps` or `minutes`, whichever ends first, and the run with it."""
    torch.manual_seed(config.seed)
    net = InterpolationNet().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net).eval()
    optimizer = torch.optim.AdamW(net.parameters(), lr=config.rate, betas=(0.9, 0.99), weight_decay=config.decay)
    start, checkpoint = 0, out / "checkpoint.pt"
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(kept["net"])
        mean.load_state_dict(kept["mean"])
        optimizer.load_state_dict(kept["optimizer"])
        start = kept["step"]
    loader = Loader(samples, batch=config.batch, size=(config.side, config.side), seed=config.seed + start)
    began, sums = time.monotonic(), dict[str, float]()
    for step in range(start, steps):
        done = min(max(step / steps, (time.monotonic() - began) / (60 * minutes)), 1.0)
        rate = config.least_rate + (config.rate - config.least_rate) * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / config.warm_up)
        batch = tensors(next(loader))
        parts = losses(predicted(net, batch, bf16=config.bf16), batch["middle"], config)
        optimizer.zero_grad(set_to_none=True)
        parts["whole"].backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.3)
        optimizer.step()
        average(mean, net, min(config.ema, (step + 1) / (step + 10)))
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        if (step + 1) % 25 == 0:
            told = " ".join(f"{name} {value / 25:.4f}" for name, value in sums.items())
            print(f"step {step + 1} {told} {(time.monotonic() - began) / (step + 1 - start):.2f} s/step", flush=True)  # noqa: T201
            sums.clear()
        ends = time.monotonic() - began > 60 * minutes
        if (step + 1) % 500 == 0 or step + 1 == steps or ends:
            state = {"net": net, "mean": mean, "optimizer": optimizer}
            torch.save({name: each.state_dict() for name, each in state.items()} | {"step": step + 1}, checkpoint)
            found = check(mean, checks)
            print(f"check {step + 1} {json.dumps(found)}", flush=True)  # noqa: T201
            (out / "run.json").write_text(
                json.dumps({"config": asdict(config), "step": step + 1, "check": found}, indent=1)
            )
        if ends:
            break


@torch.no_grad()
def check(net: torch.nn.Module, folder: Path) -> dict[str, float]:
    """PSNR in dB on samples that are not trained on, without the network and with it."""
    plain: list[float] = []
    mended: list[float] = []
    for path in sorted(folder.glob("[0-9]*[0-9].npz")):
        one = turned(load(path), (256, 448), np.random.default_rng(0))
        batch = tensors({name: value[None] for name, value in one.items()})
        for found, of in ((plain, torch.nn.Identity()), (mended, net)):
            frame = predicted(_nothing if isinstance(of, torch.nn.Identity) else of, batch).clamp(0, 1)
            found.append(-10 * math.log10(max(float((frame - batch["middle"]).square().mean()), 1e-5)))
    return {"classical": float(np.mean(plain)), "learned": float(np.mean(mended))}


def _nothing(given: Tensor) -> Tensor:
    return given.new_zeros(given.shape[0], 8, *given.shape[2:])


def main() -> None:
    """Train with the base configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--checks", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    train(base(), args.samples, args.checks, args.out, minutes=args.minutes, steps=args.steps)


if __name__ == "__main__":
    main()
