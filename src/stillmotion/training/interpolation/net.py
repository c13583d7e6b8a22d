"""The interpolator's network: a plain convolutional U-Net over what both frames say about the time between.

N samples, H and W of the frame, h = H/2, w = W/2 (both multiples of 16); t in (0, 1) the time between frames 0 and 1.

    half-size frames read along the motion V (6), V / 16 (2), share of frame 0 (1), V known (1), t (1)
        ─▶ correction (N, 8, h, w): of the motion from t to 0 and from t to 1 (2 + 2, half-size pixels),
           of the share (1, logit), of the colour (3, in [0, 1])

The motion is found by others (dense flow, splatted to t); here it is mended, as the intermediate flow of RIFE (Huang et
al. 2022) is block by block. Frames are read outside of the network: no runtime needs to know how. The last layer begins
at zero, so that an untrained network changes nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (24, 40, 64, 96)
"""Channels at 1/2, 1/4, 1/8 and 1/16 of the half-size frame."""
INPUTS, OUTPUTS = 11, 8
FLOW_SCALE = 16.0
"""Half-size pixels of motion that are one at the input."""
UNITS = (1.0, 1.0, 1.0, 1.0, 2.0, 0.05, 0.05, 0.05)
"""What one at the last layer is of each output. Adam moves all weights alike: in whole colours the first steps would be
so wild that the network would learn to say nothing."""


def conv(inner: int, outer: int, *, stride: int = 1) -> nn.Sequential:
    """Convolution, leaky ReLU."""
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1), nn.LeakyReLU(0.1, inplace=True))


class Block(nn.Module):
    """Two convolutions and the way past them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = nn.Conv2d(width, width, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.leaky_relu(x + self.second(self.first(x)), 0.1)


class InterpolationNet(nn.Module):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = WIDTHS
        self.stem = nn.Sequential(conv(INPUTS, a, stride=2), Block(a))
        self.down = nn.ModuleList(
            [
                nn.Sequential(conv(a, b, stride=2), Block(b)),
                nn.Sequential(conv(b, c, stride=2), Block(c)),
                nn.Sequential(conv(c, d, stride=2), Block(d), Block(d)),
            ]
        )
        self.across = nn.ModuleList([nn.Conv2d(d, c, 1), nn.Conv2d(c, b, 1), nn.Conv2d(b, a, 1)])
        self.up = nn.ModuleList([conv(c, c), conv(b, b), nn.Sequential(conv(a, a), conv(a, a))])
        self.head = nn.Sequential(conv(a + INPUTS, 24), conv(24, 16))
        self.last = nn.Conv2d(16, OUTPUTS, 3, 1, 1)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):  # without norms, torch's own start would let the signal die on the way
                nn.init.kaiming_normal_(part.weight, a=0.1)
                nn.init.zeros_(part.bias)
        for part in self.modules():
            if isinstance(part, Block):
                part.second.weight.data.mul_(0.3)
        nn.init.zeros_(self.last.weight)
        self.register_buffer("units", torch.tensor(UNITS)[None, :, None, None], persistent=False)

    def forward(self, seen: Tensor) -> Tensor:
        x = self.stem(seen)
        kept = [x]
        for stage in self.down:
            kept.append(stage(kept[-1]))
        y = kept[-1]
        for i, (across, up) in enumerate(zip(self.across, self.up, strict=True)):
            y = functional.interpolate(across(y), scale_factor=2.0, mode="bilinear", align_corners=False)
            y = up(y + kept[-2 - i])
        y = functional.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.last(self.head(torch.cat([y, seen], dim=1))) * self.units


def read(frame: Tensor, motion: Tensor, mode: str) -> Tensor:
    """Frame (N, C, H, W) at each place plus motion (N, 2, H, W) pixels; beyond the border the border goes on."""
    height, width = frame.shape[-2:]
    x = torch.arange(width, dtype=motion.dtype)[None, None, :] + motion[:, 0]
    y = torch.arange(height, dtype=motion.dtype)[None, :, None] + motion[:, 1]
    places = torch.stack([x * (2 / (width - 1)) - 1, y * (2 / (height - 1)) - 1], dim=-1)
    return functional.grid_sample(frame, places, mode=mode, padding_mode="border", align_corners=True)


def seen(before: Tensor, after: Tensor, motion: Tensor, share: Tensor, known: Tensor, t: Tensor) -> Tensor:
    """What the network is given (N, 11, h, w); t is (N, 1, 1, 1), the rest at frame size.

    `models/interpolator.py` makes the same of arrays.
    """
    small = functional.avg_pool2d(motion, 2) / 2
    one = read(functional.avg_pool2d(before, 2), -t * small, "bilinear")
    other = read(functional.avg_pool2d(after, 2), (1 - t) * small, "bilinear")
    maps = functional.avg_pool2d(torch.cat([share, known], dim=1), 2)
    return torch.cat([one - 0.5, other - 0.5, small / FLOW_SCALE, maps, t.expand_as(maps[:, :1])], dim=1)


def drawn(before: Tensor, after: Tensor, motion: Tensor, share: Tensor, t: Tensor, correction: Tensor) -> Tensor:
    """The frame (N, 3, H, W) at t by a correction (N, 8, h, w)."""
    large = functional.interpolate(correction, scale_factor=2.0, mode="bilinear", align_corners=False)
    one = read(before, 2 * large[:, :2] - t * motion, "bicubic")
    other = read(after, 2 * large[:, 2:4] + (1 - t) * motion, "bicubic")
    part = torch.sigmoid(torch.logit(share.clamp(1 / 64, 63 / 64)) + large[:, 4:5])
    return other + part * (one - other) + large[:, 5:]
