"""The upscaler as torch sees it: plain convolutions at the small size, a head for each factor.

    luma (1, h, w) ─ conv, stride F ─▶ (C, h/F, w/F) ─ [conv]·depth ─┬─ head 2 ─▶ (1, 2h, 2w)
                                                                     └─ head 4 ─▶ (1, 4h, 4w)

What it gives is added to the bicubic enlargement, which is made outside. Plain layers because OpenCV runs them fast;
a residual is folded into each convolution by starting it as the identity (Ding et al., RepVGG, 2021).
Legend: B batch, C channels, h, w the small size.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

FACTORS = (2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a network is."""

    width: int  # channels
    depth: int  # convolutions between the first and the head
    fold: int  # pixels a side that the first folds into channels


class UpscaleNet(nn.Module):
    """Luma (B, 1, h, w) about zero to the residuals for both factors."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width, fold = shape.width, shape.fold
        first = nn.Conv2d(1, width, 3 * fold, stride=fold, padding=fold)
        layers: list[nn.Module] = [first, nn.PReLU(width, init=0.1)]
        for _ in range(shape.depth):
            layers += [_through(width), nn.PReLU(width, init=0.1)]
        self.trunk = nn.Sequential(*layers)
        self.heads = nn.ModuleDict({str(factor): _head(width, fold * factor) for factor in FACTORS})

    @property
    def reach(self) -> int:
        """Pixels of the small frame that a pixel is told by, to each side."""
        return (self.shape.depth + 2) * self.shape.fold

    def forward(self, luma: Tensor, factor: int) -> Tensor:
        out: Tensor = self.heads[str(factor)](self.trunk(luma))  # (B, 1, factor h, factor w)
        return out


def _through(width: int) -> nn.Conv2d:
    """A convolution that begins as the identity and a little noise."""
    conv = nn.Conv2d(width, width, 3, padding=1)
    with torch.no_grad():
        nn.init.kaiming_normal_(conv.weight, a=0.1)
        conv.weight.mul_(0.3)
        conv.weight[:, :, 1, 1] += torch.eye(width)
        nn.init.zeros_(conv.bias)
    return conv


def _head(width: int, factor: int) -> nn.Sequential:
    conv = nn.Conv2d(width, factor * factor, 3, padding=1)
    with torch.no_grad():
        conv.weight.mul_(0.1)
        nn.init.zeros_(conv.bias)
    return nn.Sequential(conv, nn.PixelShuffle(factor))
