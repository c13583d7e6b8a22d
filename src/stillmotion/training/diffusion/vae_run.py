"""One run of the video autoencoder, resumable to the sample.

    python -m stillmotion.training.diffusion.vae_run --data DIR --out DIR [--minutes 90] [--workers 2]

Loss: L1 + distance of SqueezeNet features (if its weights are given) + KL; "nano-sharp" goes on with a judge of
patches. Every step sees pictures and clips. See `loop` for how it runs and `data` for what it sees.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from stillmotion.models.vae import SIZES, VideoVae
from stillmotion.models.vae_judge import Judge, hinge
from stillmotion.training.diffusion.linear import linear_start
from stillmotion.training.diffusion.vae_check import check, tensor
from stillmotion.training.diffusion.warm import restore
from stillmotion.training.loop import Length, Pace, State, Team, adam, fresh, go, half_precision, start
from stillmotion.training.perception import Perception
from stillmotion.training.pictures import Pictures, clip_crop, moving_crop, prepare, shares_of, still_crop


@dataclass(frozen=True, slots=True, kw_only=True)
class VaeConfig:
    """All that decides a run, but for its data and its length."""

    size: str
    stills: int  # pictures per worker and step
    clips: int  # clips per worker and step
    frames: int  # of a clip, 1 + 4n
    crop: int  # pixels
    moved: float  # share of clips that are photos set in motion
    pace: Pace
    clip_weight: float
    perception: float
    kl: float
    judge: float  # weight of fooling the judge of patches; 0: there is none
    seed: int
    bf16: bool


CONFIGS: dict[str, VaeConfig] = {
    "nano": VaeConfig(
        size="nano", stills=6, clips=2, frames=9, crop=96, moved=0.4, clip_weight=1.0, perception=0.02, kl=1e-4,
        judge=0.0, seed=0, bf16=True,
        pace=Pace(rate=1e-3, least_rate=1e-5, warm_up=100, decay=1e-4, ema=0.999, longest=1.0),
    ),
    "nano-on": VaeConfig(
        size="nano", stills=8, clips=2, frames=9, crop=128, moved=0.4, clip_weight=1.0, perception=0.01, kl=1e-5,
        judge=0.0, seed=2, bf16=True,
        pace=Pace(rate=8e-4, least_rate=1e-5, warm_up=200, decay=1e-4, ema=0.999, longest=1.0),
    ),
    "nano-sharp": VaeConfig(
        size="nano", stills=6, clips=2, frames=9, crop=96, moved=0.4, clip_weight=1.0, perception=0.04, kl=1e-4,
        judge=0.01, seed=1, bf16=True,
        pace=Pace(rate=2e-4, least_rate=1e-5, warm_up=100, decay=1e-4, ema=0.999, longest=1.0),
    ),
    "test": VaeConfig(
        size="test", stills=2, clips=1, frames=5, crop=32, moved=0.5, clip_weight=1.0, perception=0.0, kl=1e-4,
        judge=0.0, seed=0, bf16=False,
        pace=Pace(rate=3e-3, least_rate=1e-3, warm_up=2, decay=1e-4, ema=0.9, longest=1.0),
    ),
}  # fmt: skip


def draw(config: VaeConfig, data: Pictures, rng: np.random.Generator) -> dict[str, Tensor]:
    """Pictures "stills" (N, 3, size, size) and "clips" (B, F, 3, size, size) in [-1, 1]."""
    shares = shares_of(data.photos)
    chosen = rng.choice(len(data.photos), config.stills, p=shares)
    stills = [still_crop(data.photos.frames(i)[0], config.crop, rng) for i in chosen]
    clips = []
    for _ in range(config.clips):
        if rng.random() < config.moved:
            photo = data.photos.frames(int(rng.choice(len(data.photos), p=shares)))[0]
            clips.append(moving_crop(photo, config.frames, config.crop, rng))
        else:
            clip = data.clips.frames(int(rng.integers(len(data.clips))))
            clips.append(clip_crop(clip, config.frames, config.crop, rng))
    return {"stills": tensor(np.stack(stills)), "clips": tensor(np.stack(clips))}


def losses(
    net: VideoVae, batch: dict[str, Tensor], config: VaeConfig, perception: Perception | None, noise: torch.Generator,
    rivals: Rivals | None = None,
) -> dict[str, Tensor]:  # fmt: skip
    """Each part of the loss and their sum, "whole". A judge is taught on the way."""
    stills, clips = batch["stills"].contiguous(memory_format=torch.channels_last), batch["clips"]
    with half_precision(config.bf16):
        mean_s, spread_s = net.encode_still(stills)
        found_s = net.decode_still(sample(mean_s, spread_s, noise)).float()
        mean_c, spread_c, _ = net.encode(clips)
        found_c = net.decode(sample(mean_c, spread_c, noise))[0].float()
        parts = {"still": (found_s - stills).abs().mean(), "clip": (found_c - clips).abs().mean()}
        parts["kl"] = (kl(mean_s, spread_s) + kl(mean_c, spread_c)) / 2
        whole = parts["still"] + config.clip_weight * parts["clip"] + config.kl * parts["kl"]
        k = int(torch.randint(clips.shape[1], (), generator=noise))
        found, wanted = torch.cat([found_s, found_c[:, k]]), torch.cat([stills, clips[:, k]])
        found, wanted = (each.contiguous(memory_format=torch.channels_last) for each in (found, wanted))
        if perception is not None:
            parts["seen"] = perception(found, wanted)
            whole = whole + config.perception * parts["seen"]
        if rivals is not None:
            parts |= rivals.meet(found, wanted)
            whole = whole + config.judge * parts["unfooled"]
    return {"whole": whole} | parts


def sample(mean: Tensor, log_variance: Tensor, noise: torch.Generator) -> Tensor:
    """A latent of the posterior."""
    normal = torch.randn(mean.shape, generator=noise)
    return mean.float() + (0.5 * log_variance.float()).exp() * normal


def kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence from a standard normal, nats per number."""
    mean, log_variance = mean.float(), log_variance.float()
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()


@dataclass(frozen=True, slots=True)
class Rivals:
    """The judge and what teaches it."""

    judge: Judge
    optimizer: torch.optim.Optimizer
    team: Team

    def meet(self, found: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """One lesson for the judge; then "unfooled", which the autoencoder minimises."""
        lesson = hinge(self.judge(wanted), self.judge(found.detach()))
        self.optimizer.zero_grad(set_to_none=True)
        lesson.backward()
        self.team.agree(self.judge, 0.0)
        self.optimizer.step()
        return {"lesson": lesson.detach(), "unfooled": -self.judge(found).mean()}


def begin(config: VaeConfig, data: Pictures, shipped: Path | None = None) -> State:
    """The network of shipped files, or one at the best linear code."""
    torch.manual_seed(config.seed)
    net = VideoVae(SIZES[config.size])
    if shipped is not None:
        restore(net, shipped)
        return fresh(net, config.pace)
    rng = np.random.default_rng([config.seed, 1])
    stills, clips = list[Tensor](), list[Tensor]()
    wanted = 400 if config.size != "test" else 8
    while len(clips) < wanted:
        batch = draw(config, data, rng)
        stills.append(batch["stills"][:, :, :64, :64])
        clips.extend(batch["clips"][:, 1:5, :, :64, :64].flatten(1, 2))
    linear_start(net, torch.cat(stills), torch.stack(clips))
    return fresh(net, config.pace)


def train(
    config: VaeConfig, data: Pictures, held: Pictures | None, out: Path, length: Length, *,
    perception: Perception | None = None, team: Team | None = None, shipped: Path | None = None,
) -> list[float]:  # fmt: skip
    """Run; returns the loss of every step. Goes on from `out`/vae.pt if it is there, else from `shipped` files."""
    team = team or Team(0, 1, out)
    state, checkpoint, rivals = begin(config, data, shipped), out / "vae.pt", None
    if config.judge:
        judge = Judge().to(memory_format=torch.channels_last)
        rivals = Rivals(judge, adam(judge, config.pace), team)
        state.others = {"judge": judge, "judge_optimizer": rivals.optimizer}
    if checkpoint.exists():
        state.load(checkpoint, team)

    def of_step(step: int) -> dict[str, Tensor]:
        rng = np.random.default_rng([config.seed, team.rank, step])
        noise = torch.Generator().manual_seed(int(rng.integers(2**62)))
        return losses(state.net, draw(config, data, rng), config, perception, noise, rivals)

    def seen(now: State, last: bool) -> None:
        if held is not None:
            look(now, config, held, out, all_of=last)

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=seen)


def look(state: State, config: VaeConfig, held: Pictures, out: Path, *, all_of: bool) -> None:
    """Measure the average on what is held out, print it and keep it beside the checkpoint."""
    found = check(state.mean, held, every=1 if all_of else 4, bf16=config.bf16)
    line = json.dumps({"step": state.step, "minutes": round(state.seconds / 60, 1)} | found)
    print(f"check {line}", flush=True)  # noqa: T201
    with (out / "curve.jsonl").open("a") as file:
        file.write(line + "\n")
    (out / "run.json").write_text(json.dumps({"config": asdict(config), "step": state.step, "check": found}, indent=1))


def work(rank: int, args: argparse.Namespace) -> None:
    """One worker."""
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    data, held = Pictures.of(args.out / "packed", ""), Pictures.of(args.out / "packed", "_held")
    perception = Perception(args.perception).to(memory_format=torch.channels_last) if args.perception else None
    team = Team(rank, args.workers, args.out / "meeting")
    length = Length(steps=args.steps, minutes=args.minutes, tell=25, keep=200, look=600)
    train(CONFIGS[args.config], data, held, args.out, length, perception=perception, team=team, shipped=args.start)
    team.leave()


def main() -> None:
    """Train with the configuration of the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/ and clips/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--perception", type=Path, help="SqueezeNet 1.1 weights")
    parser.add_argument("--config", choices=CONFIGS, default="nano")
    parser.add_argument("--start", type=Path, help="a folder with shipped files to go on from")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if not (args.out / "packed" / "photos_held.json").exists():
        prepare(args.data, args.out / "packed")
    (args.out / "meeting").unlink(missing_ok=True)
    start(work, (args,), workers=args.workers)


if __name__ == "__main__":
    main()
