"""One run of the upscaler, from photos to a checkpoint that a later run goes on with.

    python -m stillmotion.training.upscaling.train --photos DIR --out DIR [--minutes 60]

Loss: Charbonnier (Lai et al., 2017) of the residual, and the absolute difference of its spectrum (Cho et al., 2021).
Weights are averaged (EMA); that average is what is kept for export.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillmotion.training.loop import Length, Pace, State, Team, fresh, go, half_precision
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

    pace: Pace
    shape: Shape
    batch: int = 12  # pairs of one step
    side: int = 64  # of a small patch
    spectrum_weight: float = 0.02
    rim: int = 3  # small pixels at the rim of a patch that are not learned from: they see the padding
    sharp_share: float = 0.4  # of the pairs that come from the sharpest folders
    seed: int = 0
    bf16: bool = True


def base() -> Config:
    """The run whose weights are shipped."""
    return Config(
        shape=Shape(width=32, depth=7, fold=1),
        pace=Pace(rate=2e-3, least_rate=1e-5, warm_up=100, decay=0.0, ema=0.998, longest=0.5),
    )


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


def train(
    config: Config, photos: list[np.ndarray], weights: np.ndarray, checks: list[Path], out: Path, length: Length
) -> list[float]:
    """Run; returns the loss of every step. Goes on from `out`/checkpoint.pt if it is there."""
    torch.manual_seed(config.seed)
    state, checkpoint, team = fresh(UpscaleNet(config.shape), config.pace), out / "checkpoint.pt", Team(0, 1, out)
    if checkpoint.exists():
        state.load(checkpoint, team)
    loader = Loader(photos, weights, batch=config.batch, side=config.side, seed=config.seed + state.step)

    def of_step(_step: int) -> dict[str, Tensor]:
        factor, drawn = next(loader)
        batch = tensors(drawn)
        with half_precision(config.bf16):
            found = state.net(batch["luma"].contiguous(memory_format=torch.channels_last), factor)
        return losses(found.float(), batch["residual"], config, factor)

    def look(now: State, _last: bool) -> None:
        found = check(now.mean, checks)
        print(f"check {now.step} {json.dumps(found)}", flush=True)  # noqa: T201
        told = {"config": asdict(config), "step": now.step, "photos": len(photos), "check": found}
        (out / "run.json").write_text(json.dumps(told, indent=1))

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=look)


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
    length = Length(steps=args.steps, minutes=args.minutes, tell=100, keep=500, look=500)
    train(config, [photos[i] for i in fits], weights[fits], checks, args.out, length)


if __name__ == "__main__":
    main()
