"""One run of the interpolator, from stored samples to a checkpoint that a later run goes on with.

    python -m stillmotion.training.interpolation.train --samples DIR --checks DIR --out DIR [--minutes 60]

Loss: Charbonnier distance (round below 0.01) of the drawn frame to the one that was there, and of their gradients.
Weights are averaged (EMA); that average is what is kept for export.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillmotion.training.interpolation.data import Loader, load, turned
from stillmotion.training.interpolation.net import InterpolationNet, drawn, seen
from stillmotion.training.loop import Length, Pace, State, Team, fresh, go, half_precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that decides a run."""

    pace: Pace
    batch: int = 8
    side: int = 128
    gradient_weight: float = 0.1
    seed: int = 0
    bf16: bool = True


def base() -> Config:
    """The run whose weights are shipped."""
    return Config(pace=Pace(rate=3e-4, least_rate=5e-6, warm_up=40, decay=1e-3, ema=0.99, longest=0.3))


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


def train(config: Config, samples: Path, checks: Path, out: Path, length: Length) -> list[float]:
    """Run; returns the loss of every step. Goes on from `out`/checkpoint.pt if it is there."""
    torch.manual_seed(config.seed)
    state, checkpoint, team = fresh(InterpolationNet(), config.pace), out / "checkpoint.pt", Team(0, 1, out)
    if checkpoint.exists():
        state.load(checkpoint, team)
    loader = Loader(samples, batch=config.batch, size=(config.side, config.side), seed=config.seed + state.step)

    def of_step(_step: int) -> dict[str, Tensor]:
        batch = tensors(next(loader))
        return losses(predicted(state.net, batch, bf16=config.bf16), batch["middle"], config)

    def look(now: State, _last: bool) -> None:
        found = check(now.mean, checks)
        print(f"check {now.step} {json.dumps(found)}", flush=True)  # noqa: T201
        told = {"config": asdict(config), "step": now.step, "check": found}
        (out / "run.json").write_text(json.dumps(told, indent=1))

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=look)


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
    length = Length(steps=args.steps, minutes=args.minutes, tell=25, keep=500, look=500)
    train(base(), args.samples, args.checks, args.out, length)


if __name__ == "__main__":
    main()
