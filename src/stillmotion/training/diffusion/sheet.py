"""What a run of the transformer draws of held-out worlds, as a picture to look at.

    held shards ─▶ truth, guide, drawn in few steps, drawn without a guide ─decoder▶ first, middle, last frame of each

Legend: T latent frames, C latent channels, h x w latent cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from stillmotion.models.dit import GUIDE, Conditions, Dit
from stillmotion.models.vae_codec import Codec
from stillmotion.stages.generation.nano.sample import euler, schedule
from stillmotion.training.diffusion.flow import FlowConfig
from stillmotion.training.diffusion.shards import Shards
from stillmotion.types import Float32


@torch.no_grad()
def sampled(net: Dit, known: Conditions, noise: Tensor, *, steps: int, config: FlowConfig) -> Tensor:
    """Latents (B, T, C, h, w) drawn from noise, as the engine draws them."""
    t, (h, w) = noise.shape[1], noise.shape[3:]

    def velocity(noisy: Float32, time: float) -> Float32:
        return net(torch.from_numpy(noisy), torch.full((len(noisy),), time), known).float().numpy()

    times = schedule(steps, tokens=t * h * w // 4, base_tokens=config.base_tokens)
    return torch.from_numpy(euler(velocity, noise.numpy(), times))


def sheet(
    net: Dit, held: Shards, codec: Codec, *, steps: int, config: FlowConfig, tokens: int, seed: int = 0
) -> np.ndarray:
    """(H, W, 3) uint8: a row for the truth, the guide, and what is drawn with and without it, of one batch of clips."""
    truth, known = next(
        (truth, known)
        for truth, known in (held.batch(step, seed=seed, rank=0, tokens=tokens) for step in range(64))
        if truth.shape[1] > 1
    )
    noise = torch.randn(truth.shape, generator=torch.Generator().manual_seed(seed))
    alone = torch.zeros(4, dtype=torch.bool)
    alone[GUIDE] = True
    rows = [truth, known.guide]
    rows += [sampled(net, each, noise, steps=steps, config=config) for each in (known, known.without(alone))]
    return np.vstack([_row(codec, latents) for latents in rows])


def _row(codec: Codec, latents: Tensor) -> np.ndarray:
    """The first, middle and last frame of every clip, side by side."""
    return np.hstack([each for clip in latents for each in _three(codec, clip)])


def _three(codec: Codec, clip: Tensor) -> Iterable[np.ndarray]:
    frames = list(codec.decode(iter(clip.numpy())))
    for frame in (frames[0], frames[len(frames) // 2], frames[-1]):
        yield np.asarray((255 * frame).round(), np.uint8)


def write_sheet(path: Path, picture: np.ndarray) -> None:
    """Write a sheet as PNG."""
    cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1]))
