"""The three networks of people on the encoder of the scene network, whose weights they begin with. Tensors only.

    picture ─Trunk▶ maps at 1/4, 1/8, 1/16 of the size
        FaceFinder  (N, 3, H, W), multiples of 32 ─▶ (N, 11, H/8, W/8): is a face here, its box, its eyes and its mouth
        FaceMap     (N, 3, 96, 96)                ─▶ (N, 463): 154 points, whether each is seen, whether it is a face
        BodyMap     (N, 3, 128, 128)              ─▶ (N, 17, 32, 32): where each key point is, as heat

Pictures are in [0, 1]. What the encoder knows at half and at a quarter of the size is kept as it is: a few thousand
faces teach nothing about edges, and not going back through the largest maps saves half of the work.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillmotion.models.people import FINDER_CHANNELS
from stillmotion.models.people_points import BODY, FACE
from stillmotion.training.scene.net import WIDTHS, Block, SceneNet, conv

_QUARTER, _EIGHTH, _SIXTEENTH = WIDTHS[1:4]


class Trunk(nn.Module):
    """The scene network's encoder down to a sixteenth, with one block less there."""

    def __init__(self) -> None:
        super().__init__()
        half = WIDTHS[0]
        self.quarter = nn.Sequential(
            nn.Sequential(conv(3, half, stride=2), conv(half, half)),
            nn.Sequential(conv(half, _QUARTER, stride=2), Block(_QUARTER)),
        )
        self.eighth = nn.Sequential(conv(_QUARTER, _EIGHTH, stride=2), Block(_EIGHTH), Block(_EIGHTH))
        self.sixteenth = nn.Sequential(conv(_EIGHTH, _SIXTEENTH, stride=2), Block(_SIXTEENTH))
        self.quarter.requires_grad_(False)

    def begin_with(self, scene: SceneNet) -> None:
        """Take over what the scene network has learned."""
        self.quarter[0].load_state_dict(scene.stem.state_dict())
        self.quarter[1].load_state_dict(scene.down[0].state_dict())
        self.eighth.load_state_dict(scene.down[1].state_dict())
        self.sixteenth.load_state_dict(nn.Sequential(*scene.down[2][:2]).state_dict())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        quarter = self.quarter((x - 0.45) / 0.25)
        eighth = self.eighth(quarter)
        return quarter, eighth, self.sixteenth(eighth)


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class FaceFinder(nn.Module):
    """Objects as points (Zhou, Wang, Krähenbühl, 2019), on one map at an eighth of the size."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.wide = nn.Sequential(nn.MaxPool2d(2), conv(_SIXTEENTH, 64))  # large faces
        self.across = conv(_SIXTEENTH, 64, size=1)
        self.mixed, self.above = conv(64, 64, size=1), nn.Sequential(conv(64, 48), conv(48, 48))
        self.head = nn.Conv2d(48, FINDER_CHANNELS, 3, 1, 1)
        nn.init.constant_(self.head.bias[:1], -4.6)  # faces are rare

    def forward(self, x: Tensor) -> Tensor:
        _, eighth, sixteenth = self.trunk(x)
        sixteenth = self.mixed(self.across(sixteenth) + _twice(self.wide(sixteenth)))
        return self.head(self.above(eighth + _twice(sixteenth)))


class FaceMap(nn.Module):
    """Each point is the middle of a map of where it may be (Nibali et al., 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.across, self.above = conv(_SIXTEENTH, 64, size=1), conv(64, 64)
        self.places = nn.Conv2d(64, FACE.count, 1)
        self.seen = nn.Linear(_SIXTEENTH, FACE.count + 1)
        steps = (torch.arange(12) + 0.5) / 12 - 0.5
        self.register_buffer("grid", torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1).reshape(144, 2))

    def forward(self, x: Tensor) -> Tensor:
        _, eighth, sixteenth = self.trunk(x)
        places = self.places(self.above(eighth + _twice(self.across(sixteenth))))
        points = places.flatten(2).softmax(dim=2) @ self.grid  # (N, 154, 2)
        seen = self.seen(functional.avg_pool2d(sixteenth, 6).flatten(1))
        return torch.cat([points.flatten(1), seen], dim=1)


class BodyMap(nn.Module):
    """Heat of each key point at a quarter of the size."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.wide = nn.Sequential(nn.MaxPool2d(2), conv(_SIXTEENTH, 64))
        self.across = conv(_SIXTEENTH, 64, size=1)
        self.at8 = nn.Sequential(conv(64, 64), conv(64, _QUARTER, size=1))
        self.at4 = conv(_QUARTER, 48)
        self.head = nn.Conv2d(48, len(BODY), 1)
        nn.init.constant_(self.head.bias, -3.0)

    def forward(self, x: Tensor) -> Tensor:
        quarter, eighth, sixteenth = self.trunk(x)
        sixteenth = self.across(sixteenth) + _twice(self.wide(sixteenth))
        eighth = self.at8(eighth + _twice(sixteenth))
        return self.head(self.at4(quarter + _twice(eighth)))
