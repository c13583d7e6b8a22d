"""A judge of patches for the last part of the autoencoder's training: is a patch real or given back? Needs torch.

    pictures (N, 3, H, W) in [-1, 1] ─▶ (N, 1, H/8, W/8), above 0 for real

It sees patches of 38 pixels and never a whole picture, so it teaches grain and edges, not content (PatchGAN, arXiv
1611.07004). Weights are held to a spectral norm of one (arXiv 1802.05957) instead of normalising what passes.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


class Judge(nn.Module):
    """See the module."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 4 * width)
        steps = [nn.Conv2d(a, b, 4, 2, 1) for a, b in pairwise(widths)]
        self.steps = nn.ModuleList([spectral_norm(step) for step in steps])
        self.say = spectral_norm(nn.Conv2d(widths[-1], 1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        x = pictures
        for step in self.steps:
            x = functional.leaky_relu(step(x), 0.2)
        return self.say(x)


def hinge(real: Tensor, given_back: Tensor) -> Tensor:
    """What the judge minimises: real above 1, given back below -1."""
    return (functional.relu(1 - real).mean() + functional.relu(1 + given_back).mean()) / 2
