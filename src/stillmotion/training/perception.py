"""A distance as features see it: SqueezeNet 1.1 taps, unweighted. It is not LPIPS, whose weights were fitted to people.

The features come from a file of weights that is not part of the package (Iandola et al., arXiv 1602.07360; MIT terms);
a run without it learns from pixels alone.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

TAPS = (1, 3, 5, 6, 7, 8, 9)
"""After the first layer and after these fire modules."""


class Perception(nn.Module):
    """Frozen features; call with two batches (N, 3, H, W) in [-1, 1]."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        import h5py

        with h5py.File(weights) as file:
            for layer in file.attrs["layer_names"]:
                name = layer.decode()
                if name not in file or not len(file[name]):
                    continue
                found: list = []
                file[name].visititems(
                    lambda _, each, found=found: found.append(each) if hasattr(each, "shape") else None
                )
                kernel, bias = sorted(found, key=lambda each: -len(each.shape))
                key = name.replace("/", "_")
                self.register_buffer(f"{key}_w", torch.from_numpy(kernel[()]).permute(3, 2, 0, 1).contiguous())
                self.register_buffer(f"{key}_b", torch.from_numpy(bias[()]))
        self.register_buffer("middle", torch.tensor([0.485, 0.456, 0.406])[:, None, None])
        self.register_buffer("spread", torch.tensor([0.229, 0.224, 0.225])[:, None, None])

    def _conv(self, name: str, x: Tensor, **how: int) -> Tensor:
        return functional.relu(functional.conv2d(x, getattr(self, f"{name}_w"), getattr(self, f"{name}_b"), **how))

    def features(self, x: Tensor) -> list[Tensor]:
        """The taps, each of length one over its channels."""
        x = self._conv("conv1", ((x + 1) / 2 - self.middle) / self.spread, stride=2)
        found = [x]
        for k in range(2, 10):
            if k in {2, 4, 6}:
                x = functional.max_pool2d(x, 3, 2)
            small = self._conv(f"fire{k}_squeeze1x1", x)
            wide = self._conv(f"fire{k}_expand3x3", small, padding=1)
            x = torch.cat([self._conv(f"fire{k}_expand1x1", small), wide], dim=1)
            if k in TAPS:
                found.append(x)
        return [functional.normalize(each.float(), dim=1, eps=1e-4) for each in found]

    def forward(self, found: Tensor, wanted: Tensor) -> Tensor:
        """Mean squared distance, summed over channels and taps."""
        with torch.no_grad():
            target = self.features(wanted)
        pairs = zip(self.features(found), target, strict=True)
        return torch.stack([(a - b).square().sum(dim=1).mean() for a, b in pairs]).sum()
