"""Windows of noise become latent frames, one window after another, step by step.

    noise ─┐
    known frames ─┴─▶ held ─velocity (guided)─▶ step ─▶ ... ─▶ new latent frames        kept after every step

Knows latents alone: no pixels, no plan.

Legend: T latent frames of a window, C latent channels, h x w latent cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from stillmotion.models.dit_net import DitNet, Known
from stillmotion.stages.generation.nano.checkpoint import Checkpoint, State
from stillmotion.stages.generation.nano.sample import After, Velocity, euler, guided, schedule
from stillmotion.stages.generation.nano.windows import Window, windows
from stillmotion.types import Float32

Noise = Callable[[int, tuple[int, ...]], Float32]
"""Number of a latent frame, shape (C, h, w) -> its noise."""
Told = tuple[tuple[Float32, float], ...]
"""Sentences as numbers (L,), each with its share; the shares make 1."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a clip is drawn."""

    steps: int
    guidance: float  # how much more the sentence counts than it was learned to; 0: as learned
    noise: Noise


def seeded(seed: int) -> Noise:
    """Noise of every latent frame by its own number: windows that share a frame share its noise."""

    def noise(frame: int, shape: tuple[int, ...]) -> Float32:
        return np.random.default_rng([seed, frame]).standard_normal(shape, np.float32)

    return noise


def mixed(seeds: tuple[tuple[int, float], ...]) -> Noise:
    """Noises of several seeds added with weights whose squares make 1, so that the sum is noise of deviation 1 again.

    One seed with weight 1 is `seeded`, bit by bit.
    """
    parts = [(seeded(seed), np.float32(weight)) for seed, weight in seeds]

    def noise(frame: int, shape: tuple[int, ...]) -> Float32:
        first, *others = (weight * part(frame, shape) for part, weight in parts)
        return sum(others, start=first)

    return noise


def draw_latents(
    net: DitNet, first: Float32, guide_of: Callable[[int], tuple[Float32, Float32] | None], told: Told, *,
    count: int, shape: Shape, checkpoint: Checkpoint, stepped: Callable[[int, int], None],
) -> Iterator[Float32]:  # fmt: skip
    """`count` latent frames (C, h, w) of a clip, the first frame's own at the beginning.

    Args:
        net: the network.
        first: (C, h, w) latent of the photo.
        guide_of: latent frame -> its guide (C, h, w) and validity (4, h, w); asked in rising order; None: no guide.
        told: the sentence, or several with their shares.
        count: latent frames in all.
        shape: steps, guidance and noise.
        checkpoint: where to go on from and what to keep.
        stepped: told the latent frames that are done and the steps of the next window; may raise to stop.
    """
    kept = checkpoint.load()
    done: list[Float32] = [first]
    guides = {0: guide_of(0)}
    yield first
    for window in windows(count):
        guides = {k: guides[k] if k in guides else guide_of(k) for k in window.frames}
        if kept is not None and len(kept.done) > window.new[-1]:
            found = [kept.done[k] for k in window.new]
        elif (sure := _believed([guides[k] for k in window.new])) is not None:
            found = sure
        else:
            known = _known(first, [guides[k] for k in window.frames], told[0][0])
            begun = kept if kept is not None and len(kept.done) == window.new[0] and kept.steps else None
            sharp = {k: done[k] for k in window.frames[: window.known]}
            keep = _keeper(done, checkpoint, stepped)
            found = _window(net, window, known, told, sharp, shape, begun, keep)
        done += found
        checkpoint.save(State(np.stack(done), 0, np.zeros(0, np.float32)))
        stepped(len(done), 0)
        yield from found


def _believed(guides: list[tuple[Float32, Float32] | None]) -> list[Float32] | None:
    """The guide's latent frames if it is to be believed everywhere: there is nothing to draw then."""
    led = [each for each in guides if each is not None]
    return [latent for latent, _ in led] if led and all((valid >= 1).all() for _, valid in led) else None


def _keeper(done: list[Float32], checkpoint: Checkpoint, stepped: Callable[[int, int], None]) -> After:
    before = np.stack(done)

    def after(step: int, latent: Float32) -> None:
        checkpoint.save(State(before, step + 1, latent))
        stepped(len(before), step + 1)

    return after


def _known(first: Float32, guides: list[tuple[Float32, Float32] | None], text: Float32) -> Known:
    """What the network is told of a window."""
    led = [each for each in guides if each is not None]
    nothing = (np.zeros_like(first), np.zeros((4, *first.shape[1:]), np.float32))
    guide, valid = (np.stack(each) for each in zip(*(led or [nothing] * len(guides)), strict=True))
    has = np.array([1, 1, 1, bool(led)], np.float32)
    return Known(text=text, reference=first, first=first, guide=guide, valid=valid, has=has)


def _window(
    net: DitNet, window: Window, known: Known, told: Told, sharp: dict[int, Float32], shape: Shape,
    begun: State | None, after: After,
) -> list[Float32]:  # fmt: skip
    """The new latent frames of a window."""
    noise = np.stack([shape.noise(k, known.first.shape) for k in window.frames])
    times = schedule(shape.steps, tokens=known.guide[:, 0].size // 4, base_tokens=net.about.base_tokens)
    latent, passed = (noise, 0) if begun is None else (begun.latent, begun.steps)
    held = np.stack([sharp[k] for k in window.frames[: window.known]])
    moving = _velocity(net, known, told, shape.guidance)

    def velocity(noisy: Float32, time: float) -> Float32:
        noisy = noisy.copy()
        noisy[: window.known] = (1 - time) * held + time * noise[: window.known]
        return moving(noisy, time)

    counted = (lambda step, now: after(step + passed, now)) if passed else after
    return list(euler(velocity, latent, times[passed:], after=counted)[window.known :])


def _velocity(net: DitNet, known: Known, told: Told, guidance: float) -> Velocity:
    """Of several sentences the mean of their velocities, by share (composed as in Liu et al., arXiv 2206.01714)."""
    each = [(replace(known, text=text), np.float32(share)) for text, share in told]

    def velocity(noisy: Float32, time: float) -> Float32:
        first, *others = (share * net.velocity(noisy, time, one) for one, share in each)
        whole = sum(others, start=first)
        without = {"text": net.velocity(noisy, time, known.without("text"))} if guidance else {}
        return guided(whole, without, {"text": guidance})

    return velocity
