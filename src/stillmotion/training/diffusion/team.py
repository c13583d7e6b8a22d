"""What every run shares: workers that average their gradients, the rate along a cosine, the average of the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import distributed


class Team:
    """Workers that average their gradients; alone it does nothing."""

    def __init__(self, rank: int, workers: int, meeting: Path) -> None:
        self.rank, self.workers = rank, workers
        if workers > 1:
            distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=workers)

    def agree(self, net: torch.nn.Module, done: float) -> float:
        """Average the gradients, and how far the run is."""
        if self.workers == 1:
            return done
        grads = [p.grad for p in net.parameters() if p.grad is not None]
        flat = torch.cat([*(g.reshape(-1) for g in grads), torch.tensor([done])])
        distributed.all_reduce(flat)
        flat /= self.workers
        at = 0
        for grad in grads:
            grad.copy_(flat[at : at + grad.numel()].view_as(grad))
            at += grad.numel()
        return float(flat[-1])


def rate_at(step: int, done: float, *, rate: float, least: float, warm_up: int) -> float:
    """Warm-up, then a cosine over the share of the run that is done."""
    now = least + (rate - least) * 0.5 * (1 + math.cos(math.pi * min(done, 1)))
    return now * min(1.0, (step + 1) / warm_up)


@torch.no_grad()
def average(mean: torch.nn.Module, net: torch.nn.Module, keep: float) -> None:
    """Move the average towards the network."""
    torch._foreach_lerp_(list(mean.parameters()), [p.detach() for p in net.parameters()], 1 - keep)


def start(work: Callable[..., None], args: tuple, *, workers: int) -> None:
    """Call `work(rank, *args)` in as many processes; in this one if it is alone."""
    if workers == 1:
        work(0, *args)
    else:
        torch.multiprocessing.spawn(work, args, nprocs=workers)
