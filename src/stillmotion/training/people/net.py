"""The three networks of people: plain 3 x 3 convolutions with batch norm, as the scene network has them. Tensors only.

    FaceFinder  (N, 3, H, W), multiples of 32 ─▶ (N, 11, H/8, W/8): is a face here, its box, its eyes and its mouth
    FaceMap     (N, 3, 96, 96)                ─▶ (N, 463): 154 points, whether each is seen, whether it is a face
    BodyMap     (N, 3, 128, 128)              ─▶ (N, 17, 32, 32): where each key point is, as heat

Pictures are in [0, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillmotion.models.people import FINDER_CHANNELS
from stillmotion.models.people_points import BODY, FACE


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


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class FaceFinder(nn.Module):
    """One map at an eighth of the size that knows large context: objects as points (Zhou, Wang, Krähenbühl, 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, stride=2), conv(16, 32, stride=2), conv(32, 32))
        self.eighth = nn.Sequential(conv(32, 48, stride=2), Block(48))
        self.sixteenth = nn.Sequential(conv(48, 64, stride=2), Block(64), Block(64))
        self.least = nn.Sequential(conv(64, 80, stride=2), Block(80))
        self.from_least, self.from_sixteenth = conv(80, 64, size=1), conv(64, 48, size=1)
        self.at_sixteenth, self.at_eighth = conv(64, 64), conv(48, 48)
        self.head = nn.Conv2d(48, FINDER_CHANNELS, 3, 1, 1)
        nn.init.constant_(self.head.bias[:1], -4.6)  # faces are rare

    def forward(self, x: Tensor) -> Tensor:
        a = self.eighth(self.stem((x - 0.45) / 0.25))
        b = self.sixteenth(a)
        c = self.least(b)
        b = self.at_sixteenth(b + _twice(self.from_least(c)))
        return self.head(self.at_eighth(a + _twice(self.from_sixteenth(b))))


class FaceMap(nn.Module):
    """Points by regression from all of the crop."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(3, 16, stride=2), conv(16, 32, stride=2), Block(32), conv(32, 64, stride=2), Block(64),
            conv(64, 96, stride=2), Block(96), Block(96), conv(96, 128, stride=2),
        )  # fmt: skip
        whole = nn.Conv2d(128, 128, 3, bias=False)  # with a norm: without one most units die
        self.whole = nn.Sequential(whole, nn.BatchNorm2d(128), nn.ReLU(inplace=True), nn.Flatten())
        self.points, self.seen = nn.Linear(128, 2 * FACE.count), nn.Linear(128, FACE.count + 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.whole(self.body((x - 0.45) / 0.25))
        return torch.cat([self.points(y), self.seen(y)], dim=1)


class BodyMap(nn.Module):
    """Heat of each key point at a quarter of the size: down to a sixteenth and a thirty-second, and up again."""

    def __init__(self) -> None:
        super().__init__()
        self.quarter = nn.Sequential(conv(3, 16, stride=2), conv(16, 32, stride=2), conv(32, 32))
        self.eighth = nn.Sequential(conv(32, 56, stride=2), Block(56))
        self.sixteenth = nn.Sequential(conv(56, 80, stride=2), Block(80))
        self.least = nn.Sequential(conv(80, 112, stride=2), Block(112))
        self.up16, self.up8, self.up4 = conv(112, 80, size=1), conv(80, 56, size=1), conv(56, 32, size=1)
        self.at16, self.at8, self.at4 = conv(80, 80), conv(56, 56), conv(32, 48)
        self.head = nn.Conv2d(48, len(BODY), 1)
        nn.init.constant_(self.head.bias, -3.0)

    def forward(self, x: Tensor) -> Tensor:
        a = self.quarter((x - 0.45) / 0.25)
        b = self.eighth(a)
        c = self.sixteenth(b)
        c = self.at16(c + _twice(self.up16(self.least(c))))
        b = self.at8(b + _twice(self.up8(c)))
        return self.head(self.at4(a + _twice(self.up4(b))))
