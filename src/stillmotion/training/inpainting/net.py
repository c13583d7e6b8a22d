"""The in-painter: a piece of a photo with a hole in it to the whole piece. Needs torch.

    colour, smooth in the hole ─┐
    hole ───────────────────────┴─▶ 1/2 ─▶ 1/4 ─▶ 1/8: Fourier blocks ─▶ 1/4 ─▶ 1/2 ─▶ what is to be added

A Fourier block looks at the whole piece at once, which a hole needs: what lies at one side of it has to know of the
other (LaMa, arXiv 2109.07161; fast Fourier convolutions, NeurIPS 2020). The transform is written as products with
matrices of cosines and sines, so that every runtime can do it; a few tens of places a side are no reason for a fast
one.

Legend: B pieces, H height, W width of the piece (multiples of 8), h = H / 8, w = W / 8, f = w // 2 + 1 frequencies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintSize:
    """What decides the shape of the network."""

    half: int  # channels at 1/2
    quarter: int
    eighth: int
    waves: int  # channels that go through the Fourier transform
    blocks: int


SIZES: dict[str, PaintSize] = {
    "medium": PaintSize(half=24, quarter=48, eighth=104, waves=48, blocks=9),
    "test": PaintSize(half=8, quarter=8, eighth=16, waves=8, blocks=2),
}


class Waves(nn.Module):
    """(B, C, h, w) -> (B, C, h, w): a layer of 1 x 1 on the real and imaginary parts of all frequencies."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(2 * channels, 2 * channels, 1)
        self.mix_again = nn.Conv2d(2 * channels, 2 * channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):  # sums over a whole piece need all digits
            return self._mixed(x.float())

    def _mixed(self, x: Tensor) -> Tensor:
        height, width = int(x.shape[2]), int(x.shape[3])
        down, down_sin = _turns(height, height)
        across, across_sin = _turns(width, width // 2 + 1)
        real, imaginary = ((x @ each).transpose(2, 3) for each in (across, -across_sin))  # (B, C, f, h)
        real, imaginary = real @ down + imaginary @ down_sin, imaginary @ down - real @ down_sin
        both = torch.cat([real, imaginary], dim=1)
        both = both + self.mix_again(functional.gelu(self.mix(both)))
        real, imaginary = both.chunk(2, dim=1)
        real, imaginary = real @ down - imaginary @ down_sin, imaginary @ down + real @ down_sin
        twice = _twice(width)  # the other half of the frequencies mirrors this one
        return real.transpose(2, 3) @ (across * twice).T - imaginary.transpose(2, 3) @ (across_sin * twice).T


def _turns(size: int, kept: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines (size, kept) of a transform that keeps lengths; symmetric where all is kept."""
    at = np.arange(size)
    angles = 2 * np.pi / size * (at[:, None] * at[:kept] % size)
    cosine, sine = (np.asarray(each / np.sqrt(size), np.float32) for each in (np.cos(angles), np.sin(angles)))
    return torch.from_numpy(cosine), torch.from_numpy(sine)


def _twice(size: int) -> Tensor:
    """How often each kept frequency stands in a real signal (f,)."""
    mirrored = np.arange(size // 2 + 1) % size * 2 % size != 0
    return torch.from_numpy(np.where(mirrored, np.float32(2), np.float32(1)))


class FourierBlock(nn.Module):
    """(B, C, h, w) -> the same: some channels see the whole piece, all see their surroundings."""

    def __init__(self, channels: int, waves: int, reach: int) -> None:
        super().__init__()
        self.waves = waves
        self.enter = nn.Conv2d(channels, waves, 1)
        self.whole = Waves(waves)
        self.near = nn.Conv2d(channels, channels, 3, padding=reach, dilation=reach)
        self.far = reach > 1
        self.leave = nn.Conv2d(channels + waves, channels, 1)
        self.share = nn.Parameter(torch.full((1, channels, 1, 1), 0.2))

    def forward(self, x: Tensor) -> Tensor:
        near = functional.gelu(self._whole_digits(x) if self.far else self.near(x))
        whole = self.whole(functional.gelu(self.enter(x)))
        return x + self.share * self.leave(torch.cat([near, whole], dim=1))

    def _whole_digits(self, x: Tensor) -> Tensor:
        """Surroundings far apart: oneDNN's gradient of them in bfloat16 is wrong."""
        with torch.autocast(x.device.type, enabled=False):
            return self.near(x.float())


class PaintNet(nn.Module):
    """(B, 4, H, W), colours in [-1, 1] and the hole as 1 in the fourth -> (B, 3, H, W), zero at first."""

    def __init__(self, size: PaintSize) -> None:
        super().__init__()
        self.enter = nn.Conv2d(16, size.half, 3, padding=1)
        self.down = nn.Conv2d(size.half, size.quarter, 4, stride=2, padding=1)
        self.at_quarter = nn.Conv2d(size.quarter, size.quarter, 3, padding=1)
        self.down_again = nn.Conv2d(size.quarter, size.eighth, 4, stride=2, padding=1)
        reaches = (1, 2, 1, 4)
        self.blocks = nn.ModuleList([FourierBlock(size.eighth, size.waves, reaches[i % 4]) for i in range(size.blocks)])
        self.up = nn.Conv2d(size.eighth, 4 * size.quarter, 1)
        self.join = nn.Conv2d(2 * size.quarter, size.quarter, 3, padding=1)
        self.join_again = nn.Conv2d(size.quarter, size.quarter, 3, padding=1)
        self.up_again = nn.Conv2d(size.quarter, 4 * size.half, 1)
        self.finish = nn.Conv2d(2 * size.half, size.half, 3, padding=1)
        self.finish_again = nn.Conv2d(size.half, size.half, 3, padding=1)
        self.leave = nn.Conv2d(size.half, 12, 3, padding=1)
        for part in self.modules():  # PyTorch's own start would lose two thirds of the variance at every layer
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                nn.init.zeros_(part.bias)
        nn.init.zeros_(self.leave.weight)

    def forward(self, piece: Tensor) -> Tensor:
        half = functional.gelu(self.enter(functional.pixel_unshuffle(piece, 2)))
        quarter = functional.gelu(self.down(half))
        quarter = quarter + functional.gelu(self.at_quarter(quarter))
        x = self.down_again(quarter)
        for block in self.blocks:
            x = block(x)
        x = functional.gelu(functional.pixel_shuffle(self.up(x), 2))
        x = functional.gelu(self.join(torch.cat([x, quarter], dim=1)))
        x = x + functional.gelu(self.join_again(x))
        x = functional.gelu(functional.pixel_shuffle(self.up_again(x), 2))
        x = functional.gelu(self.finish(torch.cat([x, half], dim=1)))
        x = x + functional.gelu(self.finish_again(x))
        return functional.pixel_shuffle(self.leave(x), 2)
