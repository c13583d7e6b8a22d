"""The running average (EMA) of a network's weights: what is kept for export. Knows two networks of one kind."""

from __future__ import annotations

import torch


@torch.no_grad()
def average(mean: torch.nn.Module, net: torch.nn.Module, keep: float) -> None:
    """Move the average towards the network; `keep` in [0, 1] is how much of it stays. Counters are copied."""
    for a, b in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if a.dtype.is_floating_point:
            a.lerp_(b, 1 - keep)
        else:
            a.copy_(b)
