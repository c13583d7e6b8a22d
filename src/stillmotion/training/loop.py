"""The one loop of every run: step, average, tell, keep. Knows no network and no data.

    loss of a step ─▶ gradients ─team▶ averaged ─▶ step ─▶ average of the weights ─▶ checkpoint, measures

Workers are processes of one thread whose gradients are averaged: two cores that are shared with others lose far less so
than two threads that wait for each other at every layer. What does not fit one machine is sharded instead (FSDP2). The
losses of a step depend on its number alone, so a run that is taken up again goes on to the sample.
"""

from __future__ import annotations

import copy
import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn

Losses = Callable[[int], dict[str, Tensor]]
"""Number of the step -> parts of the loss; "whole" is what is minimised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a run learns."""

    rate: float
    least_rate: float
    warm_up: int  # steps
    decay: float
    ema: float
    longest: float  # gradients longer than this are shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """When a run ends, whichever comes first, and how often it tells, keeps and looks (steps)."""

    steps: int
    minutes: float
    tell: int
    keep: int
    look: int


class Team:
    """The workers of a run; alone it does nothing. Sharded, every worker holds a part of the network."""

    def __init__(self, rank: int, workers: int, meeting: Path, *, sharded: bool = False) -> None:
        self.rank, self.workers, self.sharded = rank, workers, sharded
        if workers > 1:
            distributed.init_process_group(
                "gloo", init_method=f"file://{meeting.resolve()}", rank=rank, world_size=workers
            )

    def share(self, net: nn.Module, parts: list[nn.Module]) -> None:
        """Shard the network, part by part, if this team does that."""
        if self.sharded:
            from torch.distributed.device_mesh import init_device_mesh
            from torch.distributed.fsdp import fully_shard

            mesh = init_device_mesh("cpu" if not torch.cuda.is_available() else "cuda", (self.workers,))
            for part in parts:
                fully_shard(part, mesh=mesh)
            fully_shard(net, mesh=mesh)

    def agree(self, net: nn.Module, done: float) -> float:
        """Average the gradients, and how far the run is."""
        if self.workers == 1:
            return done
        grads = [] if self.sharded else [p.grad for p in net.parameters() if p.grad is not None]
        flat = torch.cat([*(g.reshape(-1) for g in grads), torch.tensor([done])])
        distributed.all_reduce(flat)
        flat /= self.workers
        at = 0
        for grad in grads:
            grad.copy_(flat[at : at + grad.numel()].view_as(grad))
            at += grad.numel()
        return float(flat[-1])

    def leave(self) -> None:
        """The end of the work."""
        if self.workers > 1:
            distributed.destroy_process_group()


@dataclass
class State:
    """All that changes in a run."""

    net: nn.Module
    mean: nn.Module
    optimizer: torch.optim.Optimizer
    step: int
    seconds: float
    others: dict[str, Any] = field(default_factory=dict)  # more that is kept: anything with a state_dict

    def save(self, path: Path, team: Team) -> None:
        """Write it whole or not at all; every worker calls this, the first one writes."""
        kept = {"step": self.step, "seconds": self.seconds} | self._gathered(team)
        if team.rank == 0:
            part = path.with_suffix(".part")
            torch.save(kept, part)
            part.replace(path)

    def _parts(self) -> dict[str, Any]:
        return {"net": self.net, "mean": self.mean, "optimizer": self.optimizer} | self.others

    def _gathered(self, team: Team) -> dict:
        if not team.sharded:
            return {name: part.state_dict() for name, part in self._parts().items()}
        from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict, get_state_dict

        whole = StateDictOptions(full_state_dict=True, cpu_offload=True)
        net, optimizer = get_state_dict(self.net, self.optimizer, options=whole)
        return {"net": net, "mean": get_model_state_dict(self.mean, options=whole), "optimizer": optimizer}

    def load(self, path: Path, team: Team) -> None:
        """Go on from what `save` wrote."""
        kept = torch.load(path, weights_only=True, map_location="cpu")
        self.step, self.seconds = kept["step"], kept["seconds"]
        if not team.sharded:
            for name, part in self._parts().items():
                if name in kept or name not in self.others:  # what a run was begun without begins now
                    part.load_state_dict(kept[name])
            return
        from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict, set_state_dict

        whole = StateDictOptions(full_state_dict=True)
        set_state_dict(
            self.net, self.optimizer, model_state_dict=kept["net"], optim_state_dict=kept["optimizer"], options=whole
        )
        set_model_state_dict(self.mean, kept["mean"], options=whole)


def fresh(net: nn.Module, pace: Pace) -> State:
    """A run at its beginning."""
    net = net.to(memory_format=torch.channels_last).train()
    return State(net, copy.deepcopy(net).eval(), adam(net, pace), 0, 0.0)


def half_precision(wanted: bool) -> torch.autocast:
    """bfloat16 if it is wanted and this processor convolves faster in it; which do is told by no flag.

    Slower than float32 it is ten times without any bfloat16 (AVX2), 1.7 times with some AVX512_BF16; twice as fast with
    others, and with AMX.
    """
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and _halves_pay())


@functools.cache
def _halves_pay() -> bool:
    """Whether a middling convolution takes less time in bfloat16, the best of a few tries each."""
    conv = nn.Conv2d(96, 96, 3, padding=1).to(memory_format=torch.channels_last)
    x = torch.rand(4, 96, 24, 24, generator=torch.Generator()).contiguous(memory_format=torch.channels_last)

    def seconds(half: bool) -> float:
        begun = time.monotonic()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            conv(x).float().mean().backward()
        return time.monotonic() - begun

    return min(seconds(True) for _ in range(5)) < 0.8 * min(seconds(False) for _ in range(5))


def adam(net: nn.Module, pace: Pace) -> torch.optim.Optimizer:
    """The optimiser of every run."""
    return torch.optim.AdamW(net.parameters(), lr=pace.rate, weight_decay=pace.decay, betas=(0.9, 0.99))


def go(
    state: State, losses: Losses, pace: Pace, length: Length, *, team: Team, checkpoint: Path,
    look: Callable[[State, bool], None] | None = None,
) -> list[float]:  # fmt: skip
    """Train; returns the whole loss of every step. The rate falls along a cosine over the length of the run.

    `look(state, last)` is called by the first worker of a team that does not shard, by all of one that does.
    """
    told, curve, done, mark = dict[str, float](), list[float](), 0.0, time.monotonic()
    while state.step < length.steps and done < 1:
        parts = losses(state.step)
        state.optimizer.zero_grad(set_to_none=True)
        parts["whole"].backward()
        now = time.monotonic()
        state.seconds, mark = state.seconds + now - mark, now
        done = team.agree(state.net, max(state.step / length.steps, state.seconds / (60 * length.minutes)))
        norm = torch.nn.utils.clip_grad_norm_(state.net.parameters(), pace.longest)
        for group in state.optimizer.param_groups:
            group["lr"] = rate_at(pace, state.step, done)
        state.optimizer.step()
        state.step += 1
        average(state.mean, state.net, min(pace.ema, state.step / (state.step + 10)))
        curve.append(float(parts["whole"].detach()))
        _add(told, parts | {"norm": norm})
        last = state.step == length.steps or done >= 1
        if state.step % length.tell == 0 and team.rank == 0:
            say = " ".join(f"{name} {value / told['count']:.4f}" for name, value in told.items() if name != "count")
            print(f"step {state.step} {say} {state.seconds:.0f} s", flush=True)  # noqa: T201
            told.clear()
        if state.step % length.keep == 0 or last:
            state.save(checkpoint, team)
        if look is not None and (team.rank == 0 or team.sharded) and (state.step % length.look == 0 or last):
            look(state, last)
    return curve


def _add(told: dict[str, float], parts: dict[str, Tensor]) -> None:
    for name, value in parts.items():
        told[name] = told.get(name, 0.0) + float(value.detach())
    told["count"] = told.get("count", 0.0) + 1


def rate_at(pace: Pace, step: int, done: float) -> float:
    """Warm-up, then a cosine over the share of the run that is done."""
    rate = pace.least_rate + (pace.rate - pace.least_rate) * 0.5 * (1 + math.cos(math.pi * min(done, 1)))
    return rate * min(1.0, (step + 1) / pace.warm_up)


@torch.no_grad()
def average(mean: nn.Module, net: nn.Module, keep: float) -> None:
    """Move the average (EMA) towards the network; `keep` in [0, 1] is how much of it stays. Counters are copied."""
    pairs = list(zip(_values(mean), _values(net), strict=True))
    moving = [(a, b) for a, b in pairs if a.dtype.is_floating_point]
    torch._foreach_lerp_([a for a, _ in moving], [b for _, b in moving], 1 - keep)
    for a, b in pairs:
        if not a.dtype.is_floating_point:
            a.copy_(b)


def _values(net: nn.Module) -> list[Tensor]:
    return [*(p.detach() for p in net.parameters()), *net.buffers()]


def start(work: Callable[..., None], args: tuple, *, workers: int) -> None:
    """Call `work(rank, *args)` in as many processes; in this one if it is alone."""
    if workers == 1:
        work(0, *args)
    else:
        torch.multiprocessing.spawn(work, args, nprocs=workers)
