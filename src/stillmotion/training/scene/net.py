"""The scene network: a plain convolutional U-Net with three heads. Knows tensors only.

    rgb (N, 3, H, W) in [0, 1], H and W multiples of 32
        ─▶ disparity (N, 1, H/2, W/2), nearer larger, scale free
        ─▶ classes   (N, C, H/2, W/2) logits

Plain 3 x 3 convolutions with ReLU: on CPUs they reach several times the speed of depthwise ones per operation, and
every runtime has them. Batch norm is folded into them at export.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (16, 32, 64, 112, 176, 224)
"""Channels at 1/2, 1/4, 1/8, 1/16, 1/32 and in the middle."""


def conv(inner: int, outer: int, *, stride: int = 1, size: int = 3) -> nn.Sequential:
    """Convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inner, outer, size, stride, size // 2, bias=False), nn.BatchNorm2d(outer), nn.ReLU(inplace=True)
    )


class Block(nn.Module):
    """Two convolutions and the way past them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class Context(nn.Module):
    """What the whole picture is, told to every place of the coarsest map."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.wide = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width // 4, 3, 1, d, dilation=d, bias=False), nn.BatchNorm2d(width // 4))
            for d in (1, 2, 4)
        )
        self.whole = nn.Conv2d(width, width // 4, 1)
        self.mix = conv(width, width, size=1)

    def forward(self, x: Tensor) -> Tensor:
        parts = [functional.relu(branch(x)) for branch in self.wide]
        whole = functional.relu(self.whole(x.mean(dim=(2, 3), keepdim=True)))
        parts.append(whole.expand(-1, -1, x.shape[2], x.shape[3]))
        return x + self.mix(torch.cat(parts, dim=1))


class SceneNet(nn.Module):
    """See the module."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        a, b, c, d, e, _ = WIDTHS
        self.stem = nn.Sequential(conv(3, a, stride=2), conv(a, a))
        self.down = nn.ModuleList(
            [
                nn.Sequential(conv(a, b, stride=2), Block(b)),
                nn.Sequential(conv(b, c, stride=2), Block(c), Block(c)),
                nn.Sequential(conv(c, d, stride=2), Block(d), Block(d)),
                nn.Sequential(conv(d, e, stride=2), Block(e), Block(e), Context(e)),
            ]
        )
        self.across = nn.ModuleList([conv(e, d, size=1), conv(d, c, size=1), conv(c, b, size=1), conv(b, a, size=1)])
        self.up = nn.ModuleList(
            [nn.Sequential(conv(d, d), conv(d, d)), nn.Sequential(conv(c, c), conv(c, c)), conv(b, b), conv(a, a)]
        )
        self.disparity = nn.Sequential(conv(a, a), nn.Conv2d(a, 1, 3, 1, 1))
        self.classes = nn.Conv2d(b, classes, 3, 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem((x - 0.45) / 0.25)
        kept = [x]
        for stage in self.down:
            kept.append(stage(kept[-1]))
        y = kept[-1]
        quarter = y
        for i, (across, up) in enumerate(zip(self.across, self.up, strict=True)):
            y = functional.interpolate(across(y), scale_factor=2.0, mode="bilinear", align_corners=False)
            y = up(y + kept[-2 - i])
            quarter = y if i == 2 else quarter
        classes = functional.interpolate(self.classes(quarter), scale_factor=2.0, mode="bilinear", align_corners=False)
        return functional.softplus(self.disparity(y)), classes
