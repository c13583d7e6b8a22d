"""Rectified flow: straight ways from picture to noise, and which of their places are learned (arXiv 2209.03003).

Time 0 is the picture, 1 is noise. Legend: B batch, T latent frames, C latent channels, h x w latent cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from stillmotion.models.dit import Conditions, Dit


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowConfig:
    """What is learned of the way."""

    middle: float  # of the logit-normal of times (Stable Diffusion 3, arXiv 2403.03206)
    spread: float
    even: float  # share of times that are drawn evenly instead: a walk begins at 1, where the other kind hardly comes
    base_tokens: int  # a clip of so many tokens is not shifted
    hole_weight: float  # how much more a cell counts where the guide is not to be believed
    lost: tuple[float, float, float, float]  # chance that text, reference, first, guide are absent


def shifted(time: Tensor, tokens: int, base_tokens: int) -> Tensor:
    """Times moved towards noise for larger clips, whose neighbours tell each other what noise hides (same source)."""
    shift = (tokens / base_tokens) ** 0.5
    return shift * time / (1 + (shift - 1) * time)


def times(count: int, tokens: int, config: FlowConfig, noise: torch.Generator) -> Tensor:
    """(B,) in (0, 1)."""
    usual = torch.sigmoid(config.middle + config.spread * torch.randn(count, generator=noise))
    even = torch.rand(count, generator=noise)
    drawn = torch.where(torch.rand(count, generator=noise) < config.even, even, usual)
    return shifted(drawn, tokens, config.base_tokens)


def flow_losses(
    net: Dit, truth: Tensor, known: Conditions, config: FlowConfig, noise: torch.Generator
) -> dict[str, Tensor]:  # fmt: skip
    """Mean squared error of the velocity: "whole" weighted, "holes" and "rest" as they are (holes: 0 without any)."""
    b, t, _, h, w = truth.shape
    time = times(b, t * h * w // 4, config, noise)
    grain = torch.randn(truth.shape, generator=noise)
    at = time[:, None, None, None, None]
    lost = torch.rand(b, 4, generator=noise) < torch.tensor(config.lost)
    found = net((1 - at) * truth + at * grain, time, known.without(lost))
    error = (found.float() - (grain - truth)).square().mean(dim=2)  # (B, T, h, w)
    return weighted(error, known.valid, config.hole_weight)


def weighted(error: Tensor, valid: Tensor, hole_weight: float) -> dict[str, Tensor]:
    """Means of an error (B, T, h, w) where the guide has a validity (B, T, 4, h, w); see `flow_losses`."""
    hole = 1 - valid.mean(dim=2)
    weight = 1 + hole_weight * hole
    return {
        "whole": (error * weight).sum() / weight.sum(),
        "holes": ((error * hole).sum() / hole.sum().clamp(min=1e-6)).detach(),
        "rest": ((error * (1 - hole)).sum() / (1 - hole).sum().clamp(min=1e-6)).detach(),
    }
