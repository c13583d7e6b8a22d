"""One sample of a family, from its number alone: build, dress, move the camera, draw, take.

    family, seed, number ─build, dress─▶ World ─moved─▶ with a plan ─draw─▶ frames ─taken─▶ pictures ─▶ files of a shard

A scene that cannot be used (the camera looks at a wall from too near, black, or jumps about) is drawn again from the
next attempt's numbers, so what a number stands for never depends on which process made it.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal
from zlib import crc32

import numpy as np

from stillmotion.errors import StillmotionError
from stillmotion.training.worlds.camera import moved, sentence
from stillmotion.training.worlds.realism import Taken, draw_taken, taken
from stillmotion.training.worlds.records import World
from stillmotion.training.worlds.render import Renderer
from stillmotion.training.worlds.store import Files, files_of
from stillmotion.training.worlds.textures import Bank, dress
from stillmotion.training.worlds.truth import Frame

Kind = Literal["still", "clip"]
FAMILIES = ("coast", "mountains", "streets", "rooms", "table", "creatures", "occluders")
HELD_FAMILIES = ("creatures", "mountains")
"""Only in the test set: what networks see of them there is new to them."""
CLIP_FRAMES = 25
STILL_SIZES, STILL_SHARES = ((384, 288), (288, 384), (384, 384)), (0.7, 0.22, 0.08)
CLIP_SIZES, CLIP_SHARES = ((256, 256), (384, 256), (256, 384)), (0.86, 0.1, 0.04)
CLIP_RATES = (8.0, 12.0, 24.0)
_SECOND = 0.1  # chance that a still has a second view
_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sample."""

    family: str
    kind: Kind
    number: int
    seed: int
    size: tuple[int, int] | None = None  # (width, height); None: drawn
    frames: int | None = None  # None: 1 or 2 of a still, CLIP_FRAMES of a clip

    @property
    def key(self) -> str:
        """Its name in a shard."""
        return f"{self.family}-{self.kind}-{self.seed}-{self.number:06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds of one processor."""

    build: float
    draw: float
    take: float  # with writing


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample before it is written."""

    world: World
    frames: list[Frame]
    times: np.ndarray  # (frames,) seconds
    how: Taken
    attempt: int


def made(wanted: Wanted, bank: Bank | None) -> tuple[Files, Spent, int]:
    """The files of a sample, what it cost, and how many frames it has. Without a bank things wear patterns alone.

    Raises:
        StillmotionError: none of several attempts gave a usable scene.
    """
    drawn, built = drawn_from(wanted, bank)
    middle = time.process_time()
    pictures = taken(drawn.frames, drawn.how)
    files = files_of(wanted.key, _about(wanted, drawn), drawn.frames, pictures)
    took = time.process_time() - middle
    return files, Spent(build=built[0], draw=built[1], take=took), len(drawn.frames)


def drawn_from(wanted: Wanted, bank: Bank | None) -> tuple[Drawn, tuple[float, float]]:
    """The frames of a sample, and seconds spent on building and on drawing, vain attempts included."""
    build_s = draw_s = 0.0
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng(
            [wanted.seed, crc32(wanted.family.encode()), wanted.kind == "clip", wanted.number, attempt]
        )
        start = time.process_time()
        world, times, step, size = _world(wanted, bank, rng)
        middle = time.process_time()
        frames: list[Frame] = []
        for frame in _renderer(size).draw(world, times, step=step):
            if not usable(frame, world, moving=wanted.kind == "clip"):
                break
            frames.append(frame)
        build_s += middle - start
        draw_s += time.process_time() - middle
        if len(frames) == len(times):
            moving = wanted.kind == "clip"
            how = draw_taken(rng, moving=moving, focus=world.focus, aperture=world.aperture)
            return Drawn(world, frames, times, how, attempt), (build_s, draw_s)
    raise StillmotionError(f"No usable scene for {wanted.key} in {_ATTEMPTS} attempts.")


def _world(
    wanted: Wanted, bank: Bank | None, rng: np.random.Generator
) -> tuple[World, np.ndarray, float, tuple[int, int]]:
    sizes, shares = (STILL_SIZES, STILL_SHARES) if wanted.kind == "still" else (CLIP_SIZES, CLIP_SHARES)
    size = wanted.size or sizes[int(rng.choice(len(sizes), p=shares))]
    builder = import_module(f"stillmotion.training.worlds.families.{wanted.family}")
    world = builder.build(rng, size)
    if bank is not None:
        world = dress(world, bank, rng)
    if wanted.kind == "clip":
        fps, count = float(rng.choice(CLIP_RATES)), wanted.frames or CLIP_FRAMES
        return moved(world, rng, size=size, frames=count, fps=fps), np.arange(count) / fps, 1 / fps, size
    count = wanted.frames or (2 if rng.random() < _SECOND else 1)
    if count == 1:
        return world, np.zeros(1), 1 / 24, size
    step = float(rng.integers(8, 25)) / 12
    world = moved(world, rng, size=size, frames=round(step * (count - 1) * 12), fps=12.0)
    return world, np.arange(count) * step, step, size


@cache
def _renderer(size: tuple[int, int]) -> Renderer:
    return Renderer(*size)


def usable(frame: Frame, world: World, *, moving: bool) -> bool:
    """Whether a frame shows something: not one thing from too near, not black, not one grey, no jumps."""
    near = (frame.depth > 0) & (frame.depth < 0.12 * world.pivot)
    if near.mean() > 0.25:
        return False
    light = frame.colour.mean(axis=2)
    if light.mean() < 0.01 or light.std() < 0.015 or not np.isfinite(frame.colour).all():
        return False
    if moving:
        speed = np.hypot(frame.forward[..., 0], frame.forward[..., 1])
        return bool(np.percentile(speed, 80) < 0.12 * frame.depth.shape[1])
    return True


def _about(wanted: Wanted, drawn: Drawn) -> dict[str, Any]:
    world, frames = drawn.world, drawn.frames
    labels = {}
    for frame in frames:
        for number, place in zip(*np.unique(frame.ident, return_index=True), strict=True):
            labels[str(number)] = int(frame.label.flat[place])
    return {
        "family": wanted.family, "kind": wanted.kind, "seed": wanted.seed, "number": wanted.number,
        "attempt": drawn.attempt, "size": [frames[0].depth.shape[1], frames[0].depth.shape[0]],
        "times": [float(t) for t in drawn.times],
        "world_to_camera": [frame.world_to_camera.round(7).tolist() for frame in frames],
        "fov_deg": [frame.fov_deg for frame in frames], "pivot": world.pivot, "eye": world.eye,
        "tilt_deg": world.tilt_deg, "plan": world.plan.model_dump(mode="json") if world.plan else None,
        "sentence": sentence(world), "told": world.told, "taken": asdict(drawn.how), "labels": labels,
    }  # fmt: skip
