"""Things that leave their place: cut out with soft rims, the place behind painted, and where they are at any time.

    scene ─▶ (scene without the things, colour and depth painted behind them) + Lifted, Lifted, ...

Knows no camera: `place(t)` is an affine map on the photo's own plane; a backend projects it at the thing's depth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from stillmotion.camera import Clock
from stillmotion.plan import Affine, Drift, MotionPlan, RegionMotion, Track
from stillmotion.stages.generation.painting.dear import dear_of
from stillmotion.stages.generation.regions.chance import stream
from stillmotion.stages.generation.regions.paint import paint_behind
from stillmotion.stages.generation.regions.path import steps_of
from stillmotion.stages.generation.regions.plate import Box, box_of
from stillmotion.stages.generation.regions.rhythm import Rhythm, tempo
from stillmotion.types import Float32, Float64, Scene

_LEAN_DEG = 1.5  # a drifting thing leans this far at the default amplitude
_CRISP = 2.5  # how much narrower the rim of a thing is than that of its mask
_EMPTY = 0.002  # share of the canvas below which there is nothing to lift

Offsets = tuple[float, float, float, float]
"""dx, dy in pixels, turn in degrees (clockwise +), log of the size."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """One thing."""

    name: str
    sprite: Float32  # (h, w, 3) sRGB codes times alpha
    alpha: Float32  # (h, w) in [0, 1]
    rest: Float32  # (h, w, 3) what the photo has more than sprite and painted place, at its place
    nearness: Float32  # (h, w) 1 / depth that hides it where the scene is nearer; its place itself never does
    box: Box  # where the sprite lies on the canvas at t = 0
    depth: float  # of the whole thing, pivot units
    anchor: tuple[float, float]  # (x, y) canvas pixels that turning and growing leave where they are
    clock: Clock
    offsets: Callable[[float], Offsets]  # of plan time; all zero at 0

    def place(self, t: float) -> Float64:
        """(2, 3) canvas pixels at video time t of canvas pixels of the photo; the identity at t = 0."""
        dx, dy, turn, size = self.offsets(self.clock.at(t))
        c, s = math.cos(math.radians(turn)) * math.exp(size), math.sin(math.radians(turn)) * math.exp(size)
        x, y = self.anchor
        return np.array([[c, -s, x + dx - c * x + s * y], [s, c, y + dy - s * x - c * y]])

    def away(self, t: float) -> float:
        """How many pixels the corner that has gone farthest is from its place at t = 0."""
        box = self.box
        x, y = (
            np.array([box.left, box.right, box.left, box.right]),
            np.array([box.top, box.top, box.bottom, box.bottom]),
        )
        corners = np.stack([x, y, np.ones(4)])
        return float(np.linalg.norm(self.place(t) @ corners - corners[:2], axis=0).max())

    def carry(self, t: float, flow: Float32) -> None:
        """Write where the thing's photo pixels have gone by time t into `flow` (H, W, 2)."""
        box, place = self.box, self.place(t)
        y, x = np.mgrid[box.top : box.bottom, box.left : box.right].astype(np.float64)
        moved = np.stack(
            [place[0, 0] * x + place[0, 1] * y + place[0, 2] - x, place[1, 0] * x + place[1, 1] * y + place[1, 2] - y],
            axis=2,
        )
        solid = self.alpha[..., None] > 0.5
        flow[box.cut] = np.where(solid, moved, flow[box.cut])


def leaves(region: RegionMotion) -> bool:
    """Whether a region's motion takes a thing out of its place."""
    motion = region.motion
    return isinstance(motion, Drift | Affine) or (isinstance(motion, Track) and motion.footprint == "rigid")


def lift(scene: Scene, plan: MotionPlan, *, seed: int) -> tuple[Scene, tuple[Lifted, ...]]:
    """Take the things of a plan out of a scene whose `masks` are located."""
    clock, rhythm = tempo(plan)
    things: list[Lifted] = []
    for i, (region, mask) in enumerate(zip(plan.regions, scene.masks, strict=True)):
        box = box_of(mask, margin=1, floor=0.01) if leaves(region) else None
        if box is None or float(mask.mean()) < _EMPTY * 0.1:
            continue
        colour, depth = paint_behind(scene.photo, scene.depth, mask, dear=dear_of(scene))
        alpha = np.clip((mask[box.cut] - 0.5) * _CRISP + 0.5, 0, 1).astype(np.float32)
        own, behind = scene.photo[box.cut].astype(np.float32), colour[box.cut].astype(np.float32)
        sprite = np.clip(own - (1 - alpha[..., None]) * behind, 0, 255 * alpha[..., None])
        rest = own - sprite - (1 - alpha[..., None]) * behind
        solid = mask > 0.5
        inside = scene.depth[solid] if solid.any() else scene.depth[mask > 0.5 * float(mask.max())]
        anchor = _anchor(region, mask)
        offsets = _offsets(region, rhythm, size=(mask.shape[1], mask.shape[0]), seed=seed, index=i)
        things.append(
            Lifted(
                name=region.name, sprite=np.asarray(sprite, np.float32), alpha=alpha, box=box,
                rest=np.asarray(rest, np.float32),
                nearness=np.asarray(1 / np.minimum(scene.depth, depth)[box.cut], np.float32),
                depth=float(np.median(inside)), anchor=anchor, clock=clock, offsets=offsets,
            )
        )  # fmt: skip
        scene = replace(scene, photo=colour, depth=depth)
    return scene, tuple(things)


def _anchor(region: RegionMotion, mask: Float32) -> tuple[float, float]:
    """The plan's anchor; else a swing hangs from the top of its thing and everything else turns about the middle."""
    motion = region.motion
    height, width = mask.shape
    if isinstance(motion, Affine) and motion.anchor is not None:
        return motion.anchor[0] * width - 0.5, motion.anchor[1] * height - 0.5
    weight = max(float(mask.sum()), 1e-6)
    x = float((mask.sum(axis=0) * np.arange(width)).sum() / weight)
    y = float((mask.sum(axis=1) * np.arange(height)).sum() / weight)
    if isinstance(motion, Affine) and motion.mode == "swing":
        rows = np.flatnonzero(mask.max(axis=1) > 0.5)
        y = float(rows[0]) if len(rows) else y
    return x, y


def _offsets(
    region: RegionMotion, rhythm: Rhythm, *, size: tuple[int, int], seed: int, index: int
) -> Callable[[float], Offsets]:
    motion = region.motion
    if isinstance(motion, Track):
        return _track(motion, rhythm, size)
    if isinstance(motion, Affine):
        return _affine(motion, rhythm, size)
    assert isinstance(motion, Drift)
    return _drift(motion, rhythm, size, stream(seed, f"regions/{index}/{region.name}"))


def _track(motion: Track, rhythm: Rhythm, size: tuple[int, int]) -> Callable[[float], Offsets]:
    steps, grown = steps_of(motion, rhythm), math.log(motion.scale_to)

    def at(tau: float) -> Offsets:
        x, y, share = steps(tau)
        return x * size[0], y * size[1], motion.turn_deg * share, grown * share

    return at


def _affine(motion: Affine, rhythm: Rhythm, size: tuple[int, int]) -> Callable[[float], Offsets]:
    turn = math.radians(motion.direction_deg)
    frequency = rhythm.whole(motion.frequency)
    rate = 360 * rhythm.whole(motion.amount / 360) if motion.mode == "spin" else 0.0

    def at(tau: float) -> Offsets:
        swing = math.sin(2 * math.pi * frequency * tau) * rhythm.onset(tau)
        if motion.mode == "spin":
            return 0.0, 0.0, rate * rhythm.run(tau), 0.0
        if motion.mode == "swing":
            return 0.0, 0.0, motion.amount * swing, 0.0
        if motion.mode == "pulse":
            return 0.0, 0.0, 0.0, math.log1p(max(motion.amount * swing, -0.9))
        far = motion.amount * size[0] * swing
        return math.cos(turn) * far, -math.sin(turn) * far, 0.0, 0.0

    return at


def _drift(
    motion: Drift, rhythm: Rhythm, size: tuple[int, int], chance: np.random.Generator
) -> Callable[[float], Offsets]:
    """A slow swing along the direction; turbulence adds a wander across it and a lean, none in step with another."""
    turn = math.radians(motion.direction_deg)
    far = motion.amplitude * size[0]
    base = rhythm.whole(motion.frequency)
    others = [rhythm.whole(motion.frequency * ratio) for ratio in (0.63, 1.57, 0.81)]
    phases = chance.uniform(0, 2 * math.pi, 3)
    lean = _LEAN_DEG * motion.turbulence * min(motion.amplitude / 0.01, 3.0)

    def wander(k: int, tau: float) -> float:
        return math.sin(2 * math.pi * others[k] * tau + float(phases[k])) - math.sin(float(phases[k]))

    def at(tau: float) -> Offsets:
        onset = rhythm.onset(tau)
        along = far * onset * (math.sin(2 * math.pi * base * tau) + 0.35 * motion.turbulence * wander(1, tau))
        across = far * onset * 0.6 * motion.turbulence * wander(0, tau)
        x = math.cos(turn) * along - math.sin(turn) * across
        y = -math.sin(turn) * along - math.cos(turn) * across
        return x, y, lean * onset * wander(2, tau), 0.0

    return at
