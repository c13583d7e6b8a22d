"""One run of the in-painter, resumable to the sample.

    python -m stillmotion.training.inpainting.run --data DIR --out DIR [--minutes 90] [--perception FILE]

Loss: L1 in and around the hole + distance of SqueezeNet features (if its weights are given); "sharp" goes on with a
judge of patches, for which only patches with a hole in them are fakes (LaMa, arXiv 2109.07161).
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
from torch.nn import functional

from stillmotion.models.smooth import SWEEPS, continued
from stillmotion.models.vae_judge import Judge
from stillmotion.training.inpainting.holes import hole
from stillmotion.training.inpainting.net import SIZES, PaintNet
from stillmotion.training.loop import Length, Pace, State, Team, adam, fresh, go, half_precision
from stillmotion.training.perception import Perception
from stillmotion.training.pictures import Packed, prepare, shares_of, still_crop, unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintConfig:
    """All that decides a run, but for its data and its length."""

    size: str
    crops: tuple[int, ...]  # pixels: one of them at a step
    pixels: int  # of a step: smaller crops come in greater number
    square: float  # weight of squared differences beside absolute ones: at first they alone say where to go
    slope: float  # weight of squared differences of what changes from pixel to pixel
    around: float  # weight of what is known: the network has to meet it at the rim
    perception: float
    judge: float  # weight of fooling the judge; 0: there is none
    pace: Pace
    seed: int
    bf16: bool


CONFIGS: dict[str, PaintConfig] = {
    "medium": PaintConfig(
        size="medium", crops=(128, 128, 192, 256), pixels=4 * 256 * 256, square=3.0, slope=0.0, around=0.05,
        perception=0.0, judge=0.0, seed=0, bf16=True,
        pace=Pace(rate=7e-4, least_rate=1e-5, warm_up=100, decay=1e-4, ema=0.999, longest=1.0),
    ),
    "slopes": PaintConfig(
        size="medium", crops=(128, 192, 256), pixels=4 * 256 * 256, square=3.0, slope=20.0, around=0.05,
        perception=0.0, judge=0.0, seed=2, bf16=True,
        pace=Pace(rate=2e-4, least_rate=5e-6, warm_up=30, decay=1e-4, ema=0.998, longest=1.0),
    ),
    "sharp": PaintConfig(
        size="medium", crops=(96, 128, 128, 192), pixels=8 * 128 * 128, square=0.0, slope=0.0, around=0.1,
        perception=0.03, judge=0.02, seed=1, bf16=True,
        pace=Pace(rate=3e-4, least_rate=1e-5, warm_up=100, decay=1e-4, ema=0.998, longest=1.0),
    ),
    "test": PaintConfig(
        size="test", crops=(32,), pixels=2 * 32 * 32, square=0.0, slope=0.0, around=0.1, perception=0.0, judge=0.02,
        seed=0, bf16=False, pace=Pace(rate=3e-3, least_rate=1e-3, warm_up=2, decay=1e-4, ema=0.9, longest=1.0),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a step learns from; colours in [-1, 1]."""

    whole: Tensor  # (B, 3, H, W) as it was
    smooth: Tensor  # (B, 3, H, W) with its hole continued smoothly
    hole: Tensor  # (B, 1, H, W) 1 where nothing is known

    @classmethod
    def of(cls, crops: list[np.ndarray], holes: list[np.ndarray]) -> Pieces:
        """Pieces of crops (H, W, 3) uint8 and holes (H, W) bool."""
        smooth = [
            continued(c.astype(np.float32), 1 - h.astype(np.float32), sweeps=SWEEPS)
            for c, h in zip(crops, holes, strict=True)
        ]
        return cls(
            _tensor(np.stack(crops)), _tensor(np.stack(smooth)), torch.from_numpy(np.stack(holes))[:, None].float()
        )


def _tensor(pictures: np.ndarray) -> Tensor:
    found = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return found.contiguous(memory_format=torch.channels_last)


def draw(config: PaintConfig, photos: Packed, rng: np.random.Generator) -> Pieces:
    """Pieces of photos with holes."""
    size = int(rng.choice(config.crops))
    count = max(1, config.pixels // size**2)
    chosen = rng.choice(len(photos), count, p=shares_of(photos))
    return Pieces.of(
        [still_crop(photos.frames(i)[0], size, rng) for i in chosen], [hole(size, rng) for _ in range(count)]
    )


def painted(net: torch.nn.Module, pieces: Pieces) -> Tensor:
    """What the network makes of pieces (B, 3, H, W); it cannot see what was in their holes."""
    seen = torch.cat([pieces.smooth, pieces.hole], dim=1)
    return pieces.smooth + net(seen.contiguous(memory_format=torch.channels_last))


@dataclass(frozen=True, slots=True)
class Rivals:
    """The judge of patches and what teaches it."""

    judge: Judge
    optimizer: torch.optim.Optimizer

    def meet(self, made: Tensor, pictures: Tensor, holes: Tensor) -> dict[str, Tensor]:
        """One lesson for the judge; then "unfooled", which the in-painter minimises."""
        fake = (functional.max_pool2d(holes, 8) > 0).float()
        share = fake.mean().clamp(min=1e-3)
        real, found = self.judge(pictures), self.judge(made.detach())
        lesson = (functional.relu(1 - real).mean() + (functional.relu(1 + found) * fake).mean() / share) / 2
        self.optimizer.zero_grad(set_to_none=True)
        lesson.backward()
        self.optimizer.step()
        return {"lesson": lesson.detach(), "unfooled": -(self.judge(made) * fake).mean() / share}


def slopes(apart: Tensor, holes: Tensor) -> Tensor:
    """Mean square of what a difference (B, 3, H, W) changes by from pixel to pixel, to the right and down, in holes."""
    across, down = apart[..., 1:] - apart[..., :-1], apart[..., 1:, :] - apart[..., :-1, :]
    total = (across.square() * holes[..., 1:]).mean() + (down.square() * holes[..., 1:, :]).mean()
    return total / (2 * holes.mean())


def losses(
    net: torch.nn.Module, pieces: Pieces, config: PaintConfig, perception: Perception | None, rivals: Rivals | None
) -> dict[str, Tensor]:
    """Each part of the loss and their sum, "whole"."""
    holes, pictures = pieces.hole, pieces.whole
    with half_precision(config.bf16):
        found = painted(net, pieces).float()
        off = (found - pictures).abs()
        off = off + config.square * off.square()
        parts = {"hole": (off * holes).mean() / holes.mean(), "known": (off * (1 - holes)).mean()}
        before = (pieces.smooth - pictures).abs()
        before = before + config.square * before.square()
        parts["smooth"] = (before * holes).mean() / holes.mean()  # before it adds to it
        parts["slope"] = slopes(found - pictures, holes)
        whole = parts["hole"] + config.around * parts["known"] + config.slope * parts["slope"]
        made = (found * holes + pictures * (1 - holes)).contiguous(memory_format=torch.channels_last)
        if perception is not None:
            parts["seen"] = perception(made, pictures) / holes.mean().clamp(min=0.02)
            whole = whole + config.perception * parts["seen"]
        if rivals is not None:
            parts |= rivals.meet(made, pictures, holes)
            whole = whole + config.judge * parts["unfooled"]
    return {"whole": whole} | parts


def train(
    config: PaintConfig, photos: Packed, held: Packed | None, out: Path, length: Length, *,
    perception: Perception | None = None,
) -> list[float]:  # fmt: skip
    """Run; returns the loss of every step. Goes on from `out`/inpainter.pt if it is there."""
    torch.manual_seed(config.seed)
    state = fresh(PaintNet(SIZES[config.size]), config.pace)
    checkpoint, rivals, team = out / "inpainter.pt", None, Team(0, 1, out)
    if config.judge:
        judge = Judge().to(memory_format=torch.channels_last)
        rivals = Rivals(judge, adam(judge, config.pace))
        state.others = {"judge": judge, "judge_optimizer": rivals.optimizer}
    if checkpoint.exists():
        state.load(checkpoint, team)

    def of_step(step: int) -> dict[str, Tensor]:
        pieces = draw(config, photos, np.random.default_rng([config.seed, step]))
        return losses(state.net, pieces, config, perception, rivals)

    def seen(now: State, _last: bool) -> None:
        if held is not None:
            look(now, config, held, out)

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=seen)


@torch.no_grad()
def look(state: State, config: PaintConfig, held: Packed, out: Path, *, shown: int = 8) -> None:
    """PSNR inside the holes of held-out photos, against a classical fill, and a sheet of some of them."""
    ours, theirs, rows = list[float](), list[float](), list[np.ndarray]()
    for i in range(len(held)):
        rng = np.random.default_rng([7, i])
        size = min(256, *(8 * (side // 8) for side in held.frames(i).shape[1:3]))
        picture, gap = still_crop(held.frames(i)[0], size, rng), hole(size, rng)
        found = painted(state.mean, Pieces.of([picture], [gap]))[0]
        net = np.clip((found.permute(1, 2, 0).numpy() + 1) * 127.5, 0, 255)
        made = np.where(gap[..., None], net, picture).astype(np.uint8)
        telea = cv2.inpaint(np.ascontiguousarray(picture), gap.astype(np.uint8), 3, cv2.INPAINT_TELEA)
        for scores, fill in ((ours, made), (theirs, telea)):
            scores.append(float(-10 * np.log10(np.mean(np.square(fill[gap] / 255.0 - picture[gap] / 255.0)) + 1e-6)))
        if i < shown:
            grey = np.where(gap[..., None], np.uint8(127), picture)
            rows.append(np.hstack([cv2.resize(each, (256, 256)) for each in (grey, made, telea, picture)]))
    cv2.imwrite(str(out / f"sheet-{state.step:06d}.png"), np.vstack(rows)[..., ::-1])
    line = {
        "step": state.step, "minutes": round(state.seconds / 60, 1), "psnr": round(float(np.mean(ours)), 3),
        "telea": round(float(np.mean(theirs)), 3),
    }  # fmt: skip
    print(f"check {json.dumps(line)}", flush=True)  # noqa: T201
    with (out / "curve.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    (out / "run.json").write_text(json.dumps({"config": asdict(config), "check": line}, indent=1))


def main() -> None:
    """Train with a named configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/ and clips/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--packed", type=Path, help="where the photos are packed, if not in OUT")
    parser.add_argument("--perception", type=Path, help="SqueezeNet 1.1 weights")
    parser.add_argument("--config", choices=CONFIGS, default="medium")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    packed = args.packed or args.out / "packed"
    if not (packed / "photos_held.json").exists():
        prepare(args.data, packed)
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    perception = Perception(args.perception).to(memory_format=torch.channels_last) if args.perception else None
    length = Length(steps=args.steps, minutes=args.minutes, tell=25, keep=100, look=300)
    photos, held = unpack(packed / "photos"), unpack(packed / "photos_held")
    train(CONFIGS[args.config], photos, held, args.out, length, perception=perception)


if __name__ == "__main__":
    main()
