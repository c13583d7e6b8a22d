"""A transformer of many steps teaches one of few: where its walk over a stretch of the way ends, that one gets at once.

    truth + noise at the start of one of N stretches ─teacher: k short steps─▶ end ─▶ the mean velocity is the student's

Progressive distillation (Salimans and Ho, arXiv 2202.00512) in one go: N stretches of k steps instead of halvings, so
no error of one halving is taught to the next. A regression on what a frozen teacher does needs no judge beside it: an
adversarial or a consistency loss may give crisper pictures, but neither settles within minutes on a processor.

Time 0 is the picture, 1 is noise. Legend: B batch, T latent frames, C latent channels, h x w latent cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from stillmotion.models.dit import Conditions, Dit
from stillmotion.training.diffusion.flow import FlowConfig, shifted, weighted


@dataclass(frozen=True, slots=True, kw_only=True)
class Distil:
    """How far apart the two are."""

    steps: int  # of the student, from noise to picture
    walk: int  # steps of the teacher for one of them


def distilled_losses(
    net: Dit, teacher: Dit, truth: Tensor, known: Conditions, flow: FlowConfig, distil: Distil, noise: torch.Generator
) -> dict[str, Tensor]:
    """As `flow_losses`, but against the mean velocity of the teacher over a stretch, with what it is told as well."""
    b, t, _, h, w = truth.shape
    stretch = torch.randint(0, distil.steps, (b,), generator=noise)
    grain = torch.randn(truth.shape, generator=noise)
    lost = torch.rand(b, 4, generator=noise) < torch.tensor(flow.lost)
    told = known.without(lost)

    def at(passed: int) -> Tensor:
        """(B,) times after so many of the teacher's steps into the stretch."""
        share = 1 - (stretch + passed / distil.walk) / distil.steps
        return shifted(share, t * h * w // 4, flow.base_tokens)

    start = at(0)
    noisy = begun = (1 - _wide(start)) * truth + _wide(start) * grain
    with torch.no_grad():
        for passed in range(distil.walk):
            now, then = at(passed), at(passed + 1)
            noisy = noisy - _wide(now - then) * teacher(noisy, now, told).float()
    wanted = (begun - noisy) / _wide(start - at(distil.walk))
    error = (net(begun, start, told).float() - wanted).square().mean(dim=2)  # (B, T, h, w)
    return weighted(error, known.valid, flow.hole_weight)


def _wide(time: Tensor) -> Tensor:
    """(B,) -> (B, 1, 1, 1, 1)."""
    return time[:, None, None, None, None]
