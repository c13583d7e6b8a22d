"""One run of the scene network, from labels to a checkpoint that a later run goes on with.

    python -m stillmotion.training.scene.train --labels DIR --out DIR [--minutes 60]
    python -m stillmotion.training.scene.train --labels DIR --worlds DIR --start scene.onnx --config sharp --out DIR

Loss: disparity up to scale and shift (Ranftl et al., 2020) with gradients at four scales; classes by cross entropy with
the teacher's class, weighted with its confidence, and at an eighth of the size with its shares of all classes (Hinton,
Vinyals, Dean, 2015). Weights are averaged (EMA); that average is what is kept for export.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from stillmotion.training.loop import Length, Pace, State, Team, fresh, go, half_precision
from stillmotion.training.scene.classes import NAMES
from stillmotion.training.scene.data import Loader, Sample, batch_of, load, split
from stillmotion.training.scene.made import samples_of
from stillmotion.training.scene.net import SceneNet
from stillmotion.training.scene.warm import restored


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that decides a run."""

    pace: Pace
    batch: int = 16
    height: int = 160
    width: int = 192
    class_weight: float = 0.25
    share_weight: float = 0.75
    gradient_weight: float = 0.15
    seed: int = 0
    bf16: bool = True
    made: float = 0.0  # share of made worlds in a batch
    edge_weight: float = 0.0  # how much more the gradient counts at exact edges
    balance: float = 0.0  # rare classes count more: power of how rare


CONFIGS = {
    "base": Config(pace=Pace(rate=1.5e-3, least_rate=2e-5, warm_up=100, decay=1e-2, ema=0.998, longest=1.0)),
    "sharp": Config(
        pace=Pace(rate=4e-4, least_rate=1e-5, warm_up=50, decay=1e-2, ema=0.995, longest=1.0), batch=8, height=192,
        width=256, made=0.375, gradient_weight=0.2, class_weight=0.4, edge_weight=2.0, balance=0.5,
    ),
}  # fmt: skip
"""The run from nothing, on a teacher's labels; the one after it, also on worlds whose depth and edges are exact."""
_SHARP_SCALES = 2  # of the four of the gradient, those at which exact edges count more
_STEP = 0.15  # of aligned disparity from pixel to pixel: an edge
_USUAL = 0.04  # share of photos of a class that is neither rare nor common


def aligned(disparity: Tensor, trust: Tensor) -> Tensor:
    """(N, H, W) of weighted median 0 and weighted mean absolute deviation 1: free of scale and shift."""
    flat = disparity.flatten(1)
    middle = flat.median(dim=1).values[:, None, None]
    weight = trust / trust.sum(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    spread = ((disparity - middle).abs() * weight).sum(dim=(1, 2), keepdim=True)
    return (disparity - middle) / spread.clamp(min=1e-4)


def losses(disparity: Tensor, logits: Tensor, batch: dict[str, Tensor], config: Config) -> dict[str, Tensor]:
    """Each part of the loss."""
    trust = batch["trust"]
    found, wanted = aligned(disparity[:, 0], trust), aligned(batch["disparity"], trust)
    apart = (found - wanted).clamp(-8, 8)
    depth = (apart.abs() * trust).sum() / trust.sum()
    gradient = depth.new_zeros(())
    for k in range(4):
        a, w, t = (each[:, :: 2**k, :: 2**k] for each in (apart, wanted, trust))
        edges = config.edge_weight * batch["exact"] if k < _SHARP_SCALES else torch.zeros_like(batch["exact"])
        gradient = gradient + _gradient(a, w, t, edges)
    entropy = functional.cross_entropy(logits, batch["classes"], reduction="none", label_smoothing=0.03)
    classes = (entropy * batch["sure"]).sum() / batch["sure"].sum()
    coarse = functional.avg_pool2d(logits, 4).log_softmax(dim=1)
    wanted_shares = batch["shares"].permute(0, 3, 1, 2)
    missed = -(wanted_shares * (coarse - wanted_shares.clamp(min=1e-4).log())).sum(dim=1)
    unnamed = batch["exact"][:, None, None] * wanted_shares[:, NAMES.index("other")]  # what a world has no name for
    shares = (missed * (1 - unnamed)).mean()
    whole = depth + config.gradient_weight * gradient + config.class_weight * classes + config.share_weight * shares
    return {"whole": whole, "depth": depth, "gradient": gradient, "classes": classes, "shares": shares}


def _gradient(apart: Tensor, wanted: Tensor, trust: Tensor, edges: Tensor) -> Tensor:
    """Mean difference of the gradients of two maps; `edges` (N,) is how much more it counts at steps of the second."""
    total = apart.new_zeros(())
    for dim in (1, 2):
        size = apart.shape[dim] - 1
        step = wanted.diff(dim=dim).abs() > _STEP
        both = torch.minimum(trust.narrow(dim, 1, size), trust.narrow(dim, 0, size))
        total = total + (apart.diff(dim=dim).abs() * both * (1 + edges[:, None, None] * step)).mean()
    return total


def rarity(samples: list[Sample], power: float) -> Tensor:
    """(classes,) weight of each class: less for common, more for rare ones, between a half and three."""
    common = np.mean([sample.shares.reshape(-1, len(NAMES)).mean(axis=0) / 255 for sample in samples], axis=0)
    weight = (_USUAL / np.maximum(common, 1e-4)) ** power
    return torch.from_numpy(np.clip(weight, 0.5, 3.0).astype(np.float32)) if power else torch.ones(len(NAMES))


def tensors(batch: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """A batch for the network."""
    out = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in batch.items()}
    out["classes"] = out["classes"].long()
    out["rgb"] = out["rgb"].contiguous(memory_format=torch.channels_last)
    return out


def train(
    config: Config, files: list[Path], checks: list[Path], out: Path, length: Length, *,
    made: list[Sample] | None = None, start: Path | None = None,
) -> list[float]:  # fmt: skip
    """Run; returns the loss of every step. Goes on from `out`/checkpoint.pt if it is there, else from a shipped file
    `start`, else from nothing. `made` are samples of worlds.
    """
    torch.manual_seed(config.seed)
    samples, size = [load(path) for path in files], (config.height, config.width)
    checkpoint, team = out / "checkpoint.pt", Team(0, 1, out)
    net = SceneNet(len(NAMES)) if start is None or checkpoint.exists() else restored(start, pictures(samples, size))
    state = fresh(net, config.pace)
    if checkpoint.exists():
        state.load(checkpoint, team)
    loader = Loader(samples, batch=config.batch, size=size, seed=config.seed + state.step, made=made, share=config.made)
    weights = rarity(samples, config.balance)

    def of_step(_step: int) -> dict[str, Tensor]:
        batch = tensors(next(loader))
        batch["sure"] = batch["sure"] * weights[batch["classes"]]
        with half_precision(config.bf16):
            disparity, logits = state.net(batch["rgb"])
        return losses(disparity.float(), logits.float(), batch, config)

    def look(now: State, _last: bool) -> None:
        found = check(now.mean, [load(path) for path in checks])
        print(f"check {now.step} {json.dumps(found)}", flush=True)  # noqa: T201
        told = {"config": asdict(config), "step": now.step, "photos": len(files), "check": found}
        (out / "run.json").write_text(json.dumps(told, indent=1))

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=look)


def pictures(samples: list[Sample], size: tuple[int, int], *, batches: int = 12) -> list[Tensor]:
    """Photos as they are trained on, for `restored`."""
    rng = np.random.default_rng(0)
    chosen = ([samples[i] for i in rng.integers(len(samples), size=8)] for _ in range(batches))
    return [torch.from_numpy(batch_of(each, size, rng)["rgb"]) for each in chosen]


@torch.no_grad()
def check(net: torch.nn.Module, samples: list[Sample]) -> dict[str, float]:
    """On photos that are not trained on: ordinal pair accuracy against the teacher, share of pixels of its class."""
    rng = np.random.default_rng(1)
    pairs, right, seen = [], 0.0, 0.0
    for sample in samples:
        h, w = (side // 32 * 32 for side in sample.rgb.shape[:2])
        rgb = torch.from_numpy(sample.rgb[:h, :w].astype(np.float32) / 255).permute(2, 0, 1)[None]
        disparity, logits = net(rgb)
        found, wanted = disparity[0, 0].numpy(), sample.disparity[: h // 2, : w // 2]
        pairs.append(ordinal(found, wanted, rng))
        same = logits[0].argmax(0).numpy() == sample.classes[: h // 2, : w // 2]
        weight = sample.sure[: h // 2, : w // 2]
        right, seen = right + float((same * weight).sum()), seen + float(weight.sum())
    return {"ordinal": float(np.mean(pairs)), "pixels": right / max(seen, 1e-6)}


def ordinal(found: np.ndarray, wanted: np.ndarray, rng: np.random.Generator, count: int = 4000) -> float:
    """Share of random pixel pairs whose order agrees, of those that clearly differ (5 % of the range)."""
    a, b = rng.integers(wanted.size, size=(2, count))
    w = wanted.ravel()
    span = float(np.percentile(w, 98) - np.percentile(w, 2)) + 1e-6
    clear = np.abs(w[a] - w[b]) > 0.05 * span
    f = found.ravel()
    return float(((f[a] > f[b]) == (w[a] > w[b]))[clear].mean()) if clear.any() else 1.0


def main() -> None:
    """Train by a named configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", choices=CONFIGS, default="base")
    parser.add_argument("--worlds", type=Path, help="folder of made worlds, for a configuration that learns from them")
    parser.add_argument("--start", type=Path, help="a shipped file to go on from")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    files, checks = split(args.labels)
    length = Length(steps=args.steps, minutes=args.minutes, tell=50, keep=200, look=500)
    made = list(samples_of(args.worlds)) if args.worlds else None
    train(CONFIGS[args.config], files, checks, args.out, length, made=made, start=args.start)


if __name__ == "__main__":
    main()
