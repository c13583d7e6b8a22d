"""The runs of the three networks of people, from labels to a checkpoint that a later run goes on with.

    python -m stillmotion.training.people.train finder|face|body --packed DIR --labels DIR --out DIR [--minutes 20]

Finder: penalty-reduced focal loss of its heat (Law, Deng, 2018) and L1 of what it measures. Face: wing loss of the
points (Feng et al., 2018), cross entropy of what is seen. Body: cross entropy of heat that is as high as the teacher is
sure. Weights are averaged (EMA); that average is what is exported.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from stillmotion.models.people import FACE_SIDE, read_heat
from stillmotion.models.people_points import FACE
from stillmotion.models.scene import WEIGHTS
from stillmotion.training.loop import Length, Pace, State, Team, fresh, go
from stillmotion.training.people.labels import read_labels
from stillmotion.training.people.net import BodyMap, FaceFinder, FaceMap
from stillmotion.training.people.samples import Pool, body_sample, face_sample, finder_sample
from stillmotion.training.scene.warm import restored

Kind = Literal["finder", "face", "body"]
Sampler = Callable[[Pool, np.random.Generator], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that decides a run."""

    kind: Kind
    pace: Pace
    batch: int
    seed: int


def base(kind: Kind) -> Config:
    """The run whose weights are shipped."""
    rate = {"finder": 1.5e-3, "face": 2e-3, "body": 2e-3}[kind]
    pace = Pace(rate=rate, least_rate=1e-5, warm_up=60, decay=1e-2, ema=0.995, longest=3.0)
    return Config(kind=kind, pace=pace, batch={"finder": 12, "face": 48, "body": 24}[kind], seed=0)


# -- losses ----------------------------------------------------------------------------------------------------------


def finder_losses(out: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Of maps (N, 11, h, w) and targets (N, 13, h, w), see `samples.finder_target`."""
    logits, heat, weight = out[:, 0], target[:, 0], target[:, -2]
    p = logits.sigmoid()
    here = (heat == 1).float()
    faces = here.sum().clamp(min=1)
    hit = -((1 - p) ** 2) * functional.logsigmoid(logits) * here
    miss = -((1 - heat) ** 4) * p**2 * functional.logsigmoid(-logits) * (1 - here)
    found = ((hit + miss) * weight).sum() / faces
    where = target[:, -1:]
    apart = functional.smooth_l1_loss(out[:, 1:], target[:, 1:-2], beta=0.05, reduction="none") * where
    total = where.sum().clamp(min=1)
    box, marks = apart[:, :4].sum() / total, apart[:, 4:].sum() / total
    return {"whole": found + 0.5 * box + 0.5 * marks, "found": found, "box": box, "marks": marks}


def face_losses(out: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Of outputs (N, 463) and targets (N, 464), see `samples.face_sample`."""
    count = FACE.count
    visible, presence, believed = target[:, 2 * count : 3 * count], target[:, -2], target[:, -1:]
    apart = FACE_SIDE * (out[:, : 2 * count] - target[:, : 2 * count]).view(-1, count, 2)
    weight = believed * (0.3 + 0.7 * visible)
    points = (wing(apart).sum(dim=2) * weight).sum() / weight.sum().clamp(min=1)
    entropy = functional.binary_cross_entropy_with_logits
    seen = (entropy(out[:, 2 * count : -1], visible, reduction="none") * believed).mean()
    is_face = entropy(out[:, -1], presence)
    return {"whole": points + 2 * seen + 2 * is_face, "points": points, "seen": seen, "is_face": is_face}


def wing(apart: Tensor, width: float = 5.0, bend: float = 1.0) -> Tensor:
    """Logarithmic near nothing, linear from `width` on (pixels)."""
    far = apart.abs()
    offset = width - width * float(np.log(1 + width / bend))
    return torch.where(far < width, width * torch.log(1 + far / bend), far - offset)


def body_losses(out: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Of logits and heat (N, 17, h, w): how high, and which place of all (He et al., 2017), which is learned sooner."""
    high = functional.binary_cross_entropy_with_logits(out, target, reduction="none").sum(dim=(2, 3)).mean() / 10
    flat, mass = target.flatten(2), target.flatten(2).sum(dim=2)
    sure = target.flatten(2).amax(dim=2) * (mass > 1)
    wanted = flat / mass.clamp(min=1e-6)[..., None]
    place = -(wanted * out.flatten(2).log_softmax(dim=2)).sum(dim=2)
    where = (place * sure).sum() / sure.sum().clamp(min=1)
    return {"whole": high + where, "high": high, "where": where}


NETS: dict[Kind, Callable[[], nn.Module]] = {"finder": FaceFinder, "face": FaceMap, "body": BodyMap}
LOSSES: dict[Kind, Callable[[Tensor, Tensor], dict[str, Tensor]]] = {
    "finder": finder_losses, "face": face_losses, "body": body_losses
}  # fmt: skip
SAMPLERS: dict[Kind, Sampler] = {"finder": finder_sample, "face": face_sample, "body": body_sample}


def batch_of(kind: Kind, pool: Pool, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, H, W) in [0, 1] and targets."""
    drawn = [SAMPLERS[kind](pool, rng) for _ in range(count)]
    rgb = torch.from_numpy(np.stack([crop for crop, _ in drawn])).permute(0, 3, 1, 2).float() / 255
    return rgb.contiguous(memory_format=torch.channels_last), torch.from_numpy(np.stack([t for _, t in drawn]))


def train(
    config: Config, pool: Pool, held: Pool, out: Path, length: Length, *, scene: Path | None = None,
    check_batches: int = 6,
) -> list[float]:  # fmt: skip
    """Run; returns the loss of every step. Goes on from `out`/checkpoint.pt if it is there, else from what the scene
    network of a shipped file `scene` has learned, else from nothing.
    """
    torch.manual_seed(config.seed)
    state, checkpoint, team = fresh(NETS[config.kind](), config.pace), out / "checkpoint.pt", Team(0, 1, out)
    if checkpoint.exists():
        state.load(checkpoint, team)
    elif scene is not None:
        begin(state, scene, pool)

    def of_step(step: int) -> dict[str, Tensor]:
        rgb, target = batch_of(config.kind, pool, config.batch, np.random.default_rng((config.seed, step)))
        return LOSSES[config.kind](state.net(rgb), target)

    def look(now: State, _last: bool) -> None:
        found = check(config.kind, now.mean, held, check_batches)
        print(f"check {now.step} {json.dumps(found)}", flush=True)  # noqa: T201
        told = {"config": asdict(config), "step": now.step, "seconds": now.seconds, "check": found, "of": _of(pool)}
        (out / "run.json").write_text(json.dumps(told, indent=1))

    return go(state, of_step, config.pace, length, team=team, checkpoint=checkpoint, look=look)


def begin(state: State, scene: Path, pool: Pool) -> None:
    """Give a fresh network what the scene network knows; its norms are measured on crops of the pool."""
    rng = np.random.default_rng(3)
    net = restored(scene, [batch_of("finder", pool, 8, rng)[0] for _ in range(6)])
    for each in (state.net, state.mean):
        each.trunk.begin_with(net)


def _of(pool: Pool) -> dict[str, int]:
    faces = sum(len(picture.faces) for picture in pool.pictures)
    return {
        "pictures": len(pool.pictures), "faces": faces, "sure faces": len(pool.sure_faces), "bodies": len(pool.bodies)
    }  # fmt: skip


@torch.no_grad()
def check(kind: Kind, net: nn.Module, held: Pool, batches: int) -> dict[str, float]:
    """Losses on samples of pictures that are not learned from, and how far points are off."""
    told: dict[str, list[float]] = {}
    for number in range(batches):
        rgb, target = batch_of(kind, held, 32, np.random.default_rng((7, number)))
        out = net(rgb)
        for name, value in (LOSSES[kind](out, target) | _apart(kind, out, target)).items():
            told.setdefault(name, []).append(float(value))
    return {name: round(float(np.mean(values)), 4) for name, values in told.items()}


def _apart(kind: Kind, out: Tensor, target: Tensor) -> dict[str, float]:
    if kind == "face":
        count, faces = FACE.count, target[:, -1] > 0
        found, wanted = (v[faces, : 2 * count].view(-1, count, 2) for v in (out, target))
        eyes = [wanted[:, FACE.slice(f"{side}_iris")].mean(dim=1) for side in ("right", "left")]
        between = (eyes[0] - eyes[1]).norm(dim=1)
        off = (found - wanted).norm(dim=2).mean(dim=1) / between.clamp(min=0.1)
        return {"inter-ocular": float(off.median())}
    if kind == "body":
        off, right = [], 0
        for found, wanted in zip(out.sigmoid().numpy(), target.numpy(), strict=True):
            (a, _), (b, sure) = read_heat(found), read_heat(wanted)
            off += np.linalg.norm(a - b, axis=1)[sure > 0.3].tolist()
        right = sum(o < 0.05 * 128 for o in off)
        return {"within a twentieth": right / max(len(off), 1)}
    return {}


def main() -> None:
    """Train with the base configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=list(NETS))
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scene", type=Path, default=WEIGHTS, help="file of the scene network to begin with")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    pool, checks = (Pool.of(read_labels(args.labels, args.packed, held=held)) for held in (False, True))
    length = Length(steps=args.steps, minutes=args.minutes, tell=50, keep=200, look=400)
    train(base(args.kind), pool, checks, args.out, length, scene=args.scene)


if __name__ == "__main__":
    main()
