"""What is known of a clip as a guess with its doubt, and the velocity that follows from that alone. Needs torch.

    guide where it is valid, nothing in its holes ─┐
    without a guide: half of the first frame ──────┴─▶ mean, doubt ─▶ velocity, and how far off it is

A cell is taken for normal about its mean with the doubt as its deviation; the best velocity is then known in closed
form, and so is its error (Karras et al., arXiv 2206.00364, section 5, who take every picture for normal about nothing).
The transformer learns the rest in units of that error: at its beginning a clip is drawn as the guide shows it.

Legend: B batch, T latent frames, C latent channels, h x w latent cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

GUIDED, UNKNOWN, ASSUMED, GIVEN = 0.12, 1.2, 0.9, 0.03
"""Deviations in units of the latents': of a valid guide, of a hole, of a clip without guide, of frame 0. Measured on
worlds: a guide is off by 0.07 (photos) to 0.18 (clips) where it is wholly valid; what shows through a hole by 1.0 to
1.3, and neither the first frame nor what stood before it tells more than nothing there.
"""
STAYS = 0.5
"""How much of the first frame is expected in later ones without a guide: less than all, since cameras move."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a clip may look like."""

    mean: Tensor  # (B, T, C, h, w)
    doubt: Tensor  # (B, T, 1, h, w) > 0


def guess(first: Tensor, guide: Tensor, valid: Tensor, told: Tensor, led: Tensor) -> Guess:
    """From latents that are zero where they are absent.

    `first` (B, 1, C, h, w), `guide` (B, T, C, h, w), `valid` (B, T, 4, h, w) in [0, 1], `told` and `led`
    (B, 1, 1, 1, 1): 1 where there is a first frame, and a guide.
    """
    shown = valid.mean(dim=2, keepdim=True)
    alone = told * (1 - led)
    mean = shown * guide + alone * STAYS * first
    rest = alone * ASSUMED**2 + (1 - alone) * UNKNOWN**2
    doubt = (shown * GUIDED**2 + (1 - shown) * rest).sqrt()
    start = torch.cat([told * first + (1 - told) * mean[:, :1], mean[:, 1:]], dim=1)
    sure = torch.cat([told * GIVEN + (1 - told) * doubt[:, :1], doubt[:, 1:]], dim=1)
    return Guess(start, sure)


def follow(noisy: Tensor, time: Tensor, known: Guess) -> tuple[Tensor, Tensor, Tensor]:
    """What the guess makes of a noisy clip (B, T, C, h, w) at times (B,).

    Returns the noisy clip about the guess, of deviation 1; the velocity noise - picture; the deviation of its error.
    """
    at = time[:, None, None, None, None]
    left = 1 - at
    total = left.square() * known.doubt.square() + at.square()
    off = noisy - left * known.mean
    velocity = (at - left * known.doubt.square()) / total * off - known.mean
    return off / total.sqrt(), velocity, known.doubt / total.sqrt()
