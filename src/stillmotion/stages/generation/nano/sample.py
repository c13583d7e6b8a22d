"""From noise to a picture along a learned velocity. Knows no network and no pixels.

    noise ─velocity at falling times▶ latent            time 1 is noise, 0 the picture; velocity = noise - picture

Every function is deterministic: noise in, latent out. A run that was stopped goes on bit by bit from what `after` was
given, with the rest of its times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from stillmotion.types import Float32

Velocity = Callable[[Float32, float], Float32]
"""(latent of any shape, time) -> velocity of the same shape."""
After = Callable[[int, Float32], None]
"""Told the number of the step and the latent after it; may raise to stop."""


def schedule(steps: int, *, tokens: int, base_tokens: int) -> tuple[float, ...]:
    """`steps` + 1 times from 1 to 0, nearer to noise for more tokens (Stable Diffusion 3, arXiv 2403.03206)."""
    shift = (tokens / base_tokens) ** 0.5
    even = np.linspace(1.0, 0.0, steps + 1)
    return tuple(float(t) for t in shift * even / (1 + (shift - 1) * even))


def euler(velocity: Velocity, latent: Float32, times: Sequence[float], *, after: After | None = None) -> Float32:
    """One look per step, straight on (rectified flow, arXiv 2209.03003)."""
    for step, (now, then) in enumerate(pairwise(times)):
        latent = latent + np.float32(then - now) * velocity(latent, now)
        if after is not None:
            after(step, latent)
    return latent


def heun(velocity: Velocity, latent: Float32, times: Sequence[float], *, after: After | None = None) -> Float32:
    """Two looks per step, along the mean of both; the last step is straight (Karras et al., arXiv 2206.00364)."""
    for step, (now, then) in enumerate(pairwise(times)):
        first = velocity(latent, now)
        guess = latent + np.float32(then - now) * first
        if then > 0:
            guess = latent + np.float32((then - now) / 2) * (first + velocity(guess, then))
        latent = guess
        if after is not None:
            after(step, latent)
    return latent


def guided(whole: Float32, without: Mapping[str, Float32], weights: Mapping[str, float]) -> Float32:
    """The velocity with all conditions, moved away from what it is without each (arXiv 2207.12598, one by one).

    A weight of 0 leaves a condition as it was learned; `without` has the velocity for each weight that is not 0.
    """
    moved = whole
    for name, weight in weights.items():
        if weight:
            moved = moved + np.float32(weight) * (whole - without[name])
    return moved
