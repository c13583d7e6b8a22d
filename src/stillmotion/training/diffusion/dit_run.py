"""One run of the diffusion transformer on shards of latents, resumable to the sample.

    python -m stillmotion.training.diffusion.dit_run --shards DIR --out DIR [--minutes 90] [--workers 2] [--sharded]
    python -m stillmotion.training.diffusion.dit_run --config mini-few --teacher RUN/dit.pt --shards DIR --out DIR

See `flow` for what is learned, `distil` for what of a teacher, `shards` for what from, and `loop` for how it runs.
"""

from __future__ import annotations

import argparse
import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillmotion.models.dit import SIZES, Dit
from stillmotion.models.vae_codec import FOLDER, Codec, codec_of
from stillmotion.training.diffusion.distil import Distil, distilled_losses
from stillmotion.training.diffusion.flow import FlowConfig, flow_losses
from stillmotion.training.diffusion.shards import Shards
from stillmotion.training.diffusion.sheet import sheet, write_sheet
from stillmotion.training.diffusion.words import vocabulary
from stillmotion.training.loop import Length, Pace, State, Team, adam, go, half_precision, start


@dataclass(frozen=True, slots=True, kw_only=True)
class DitConfig:
    """All that decides a run, but for its data and its length."""

    size: str
    tokens: int  # per worker and step, about
    flow: FlowConfig
    pace: Pace
    seed: int
    bf16: bool
    distil: Distil | None = None  # nothing: learned from worlds alone


FLOW = FlowConfig(middle=0.0, spread=1.0, even=0.3, base_tokens=256, hole_weight=2.0, lost=(0.1, 0.3, 0.1, 0.15))

CONFIGS: dict[str, DitConfig] = {
    "nano": DitConfig(
        size="nano", tokens=5120, flow=FLOW, seed=0, bf16=True,
        pace=Pace(rate=3e-4, least_rate=1e-5, warm_up=200, decay=1e-2, ema=0.9995, longest=1.0),
    ),
    "mini": DitConfig(
        size="mini", tokens=1728, flow=FLOW, seed=0, bf16=True,
        pace=Pace(rate=1e-3, least_rate=2e-5, warm_up=60, decay=1e-2, ema=0.995, longest=1.0),
    ),
    "nano-few": DitConfig(
        size="nano", tokens=5120, flow=FLOW, seed=0, bf16=True, distil=Distil(steps=4, walk=4),
        pace=Pace(rate=5e-5, least_rate=1e-6, warm_up=100, decay=1e-2, ema=0.999, longest=1.0),
    ),
    "mini-few": DitConfig(
        size="mini", tokens=1728, flow=FLOW, seed=0, bf16=True, distil=Distil(steps=4, walk=4),
        pace=Pace(rate=2e-4, least_rate=5e-6, warm_up=20, decay=1e-2, ema=0.99, longest=1.0),
    ),
    "1b": DitConfig(
        size="1b", tokens=16384, flow=FLOW, seed=0, bf16=True,
        pace=Pace(rate=1e-4, least_rate=1e-5, warm_up=1000, decay=1e-2, ema=0.9999, longest=1.0),
    ),
    "test": DitConfig(
        size="test", tokens=128, flow=FLOW, seed=0, bf16=False,
        pace=Pace(rate=3e-3, least_rate=3e-3, warm_up=2, decay=1e-4, ema=0.9, longest=1.0),
    ),
}  # fmt: skip


def begin(config: DitConfig, team: Team, teacher: Dit | None = None) -> State:
    """A network that says nothing yet, or what its teacher says."""
    torch.manual_seed(config.seed)
    net = copy.deepcopy(teacher or Dit(SIZES[config.size])).train().requires_grad_(True)
    mean = copy.deepcopy(net).eval()
    for each in (net, mean):
        team.share(each, list(each.blocks))
    return State(net, mean, adam(net, config.pace), 0, 0.0)


def taught(config: DitConfig, checkpoint: Path) -> Dit:
    """The averaged network of another run, frozen."""
    teacher = Dit(SIZES[config.size]).eval().requires_grad_(False)
    teacher.load_state_dict(torch.load(checkpoint, weights_only=True)["mean"])
    return teacher


def losses(
    net: Dit, shards: Shards, config: DitConfig, step: int, rank: int, teacher: Dit | None = None
) -> dict[str, Tensor]:
    """The losses of a step."""
    truth, known = shards.batch(step, seed=config.seed, rank=rank, tokens=config.tokens)
    noise = torch.Generator().manual_seed(int(np.random.default_rng([config.seed, step, rank, 1]).integers(2**62)))
    with half_precision(config.bf16):
        if config.distil is not None and teacher is not None:
            return distilled_losses(net, teacher, truth, known, config.flow, config.distil, noise)
        return flow_losses(net, truth, known, config.flow, noise)


@torch.no_grad()
def check(net: Dit, held: Shards, config: DitConfig, *, batches: int, teacher: Dit | None = None) -> dict[str, float]:
    """Mean losses on what is held out, always at the same times with the same noise."""
    found = [losses(net, held, config, step, 0, teacher) for step in range(batches)]
    return {name: round(float(np.mean([float(each[name]) for each in found])), 5) for name in found[0]}


def train(
    config: DitConfig, shards: Shards, held: Shards | None, out: Path, length: Length, *, team: Team | None = None,
    teacher: Dit | None = None, codec: Codec | None = None,
) -> list[float]:  # fmt: skip
    """Run; returns the loss of every step. Goes on from `out`/dit.pt if it is there, else from `teacher`.

    With a `codec` every look at what is held out is also a sheet of pictures, `out`/sheet-STEP.png.

    Raises:
        ValueError: one of a configuration that distils and a teacher is there without the other.
    """
    if (config.distil is None) != (teacher is None):
        raise ValueError("A configuration that distils needs a teacher, and no other does.")
    team = team or Team(0, 1, out)
    state, checkpoint = begin(config, team, teacher), out / "dit.pt"
    if checkpoint.exists():
        state.load(checkpoint, team)
    (out / "words.json").write_text(json.dumps(shards.words.words))

    def of_step(step: int) -> dict[str, Tensor]:
        return losses(state.net, shards, config, step, team.rank, teacher)

    def look(now: State, last: bool) -> None:
        if held is None:
            return
        found = check(now.mean, held, config, batches=64 if last else 16, teacher=teacher)
        if team.rank == 0:
            line = json.dumps({"step": now.step, "minutes": round(now.seconds / 60, 1)} | found)
            print(f"check {line}", flush=True)  # noqa: T201
            with (out / "curve.jsonl").open("a") as file:
                file.write(line + "\n")
            told = {"config": asdict(config), "step": now.step, "check": found}
            (out / "run.json").write_text(json.dumps(told, indent=1))
            if codec is not None and not team.sharded:
                steps = config.distil.steps if config.distil else 8
                drawn = sheet(now.mean, held, codec, steps=steps, config=config.flow, tokens=config.tokens)
                write_sheet(out / f"sheet-{now.step:06d}.png", drawn)

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=look)


def work(rank: int, args: argparse.Namespace) -> None:
    """One worker."""
    torch.set_num_threads(args.threads)
    config, words = CONFIGS[args.config], vocabulary()
    length_of = SIZES[config.size].sentence
    shards = Shards(args.shards, words, sentence=length_of)
    held = Shards(args.held, words, sentence=length_of) if args.held else None
    team = Team(rank, args.workers, args.out / "meeting", sharded=args.sharded)
    length = Length(steps=args.steps, minutes=args.minutes, tell=args.tell, keep=4 * args.tell, look=20 * args.tell)
    teacher = taught(config, args.teacher) if args.teacher else None
    codec = codec_of(FOLDER) if held is not None and rank == 0 else None
    train(config, shards, held, args.out, length, team=team, teacher=teacher, codec=codec)
    team.leave()


def main() -> None:
    """Train by a named configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--held", type=Path, help="shards of photos and clips that are not learned from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", choices=CONFIGS, default="nano")
    parser.add_argument(
        "--teacher", type=Path, help="checkpoint of a run of that size, for a configuration of few steps"
    )
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=100000)
    parser.add_argument("--tell", type=int, default=25, help="steps between two lines of losses")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sharded", action="store_true", help="every worker holds a part of the network (FSDP2)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "meeting").unlink(missing_ok=True)
    start(work, (args,), workers=args.workers)


if __name__ == "__main__":
    main()
