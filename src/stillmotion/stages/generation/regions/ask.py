"""What each region of a plan is asked to do by itself, in numbers that a video can be held against.

Knows the plan and the scene, no camera and no video: directions and speeds on the photo's plane.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stillmotion.plan import Drift, Flicker, Flow, Freeze, MotionPlan, RegionMotion, Ripple, Sway, Track
from stillmotion.stages.generation.regions.chance import stream
from stillmotion.stages.generation.regions.current import velocity
from stillmotion.stages.generation.regions.lifted import lift
from stillmotion.stages.generation.regions.path import steps_of
from stillmotion.stages.generation.regions.plate import make_plate
from stillmotion.stages.generation.regions.rhythm import tempo
from stillmotion.types import Float32, Float64, Scene

Kind = Literal["stream", "swing", "path", "light", "alive", "still"]

_SWIRL = 0.35  # a field whose mean is a smaller share of its size has no direction
_RMS = math.sqrt(0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One region; the kinds are those of `evaluation.expected.ExpectedRegion`."""

    name: str
    kind: Kind
    mask: Float32  # (H, W) in [0, 1]
    velocity: tuple[float, float]  # canvas widths per second, x right, y down
    place: Callable[[float], Float64] | None  # path: video time -> (2, 3) canvas pixels


def asked_of(scene: Scene, plan: MotionPlan, *, seed: int) -> tuple[Asked, ...]:
    """What the regions of a plan are asked to do; `scene.masks` are located."""
    _, things = lift(scene, plan, seed=seed)
    places = {thing.name: thing.place for thing in things}
    return tuple(
        _asked(scene, plan, i, region, mask, places, seed)
        for i, (region, mask) in enumerate(zip(plan.regions, scene.masks, strict=True))
    )


def _asked(
    scene: Scene, plan: MotionPlan, index: int, region: RegionMotion, mask: Float32,
    places: Mapping[str, Callable[[float], Float64]], seed: int,
) -> Asked:  # fmt: skip
    motion, kind, place = region.motion, "alive", None
    way = (0.0, 0.0)
    if isinstance(motion, Flow):
        kind, way = _stream(scene, motion, mask, seed, f"regions/{index}/{region.name}")
    elif isinstance(motion, Sway):
        kind, way = "swing", _along(motion.direction_deg, motion.amplitude * 2 * math.pi * motion.frequency * 0.25)
    elif isinstance(motion, Ripple):
        kind, way = "alive", (0.0, motion.amplitude * 2 * math.pi * motion.frequency * 0.4)
    elif isinstance(motion, Flicker):
        kind, way = "light", (motion.amplitude * 0.25, 0.0)
    elif isinstance(motion, Freeze):
        kind = "still"
    elif isinstance(motion, Track) and motion.footprint == "soft":
        steps, (width, height) = steps_of(motion, tempo(plan)[1]), mask.shape[::-1]
        kind, place = "path", _pulled(steps, plan, width, height)
    elif region.name in places:
        kind, place = "path", places[region.name]
        if isinstance(motion, Drift):
            way = _along(motion.direction_deg, motion.amplitude * 2 * math.pi * motion.frequency * _RMS)
    return Asked(name=region.name, kind=kind, mask=mask, velocity=way, place=place)  # type: ignore[arg-type]


def _along(degrees: float, speed: float) -> tuple[float, float]:
    return speed * math.cos(math.radians(degrees)), -speed * math.sin(math.radians(degrees))


def _stream(scene: Scene, flow: Flow, mask: Float32, seed: int, name: str) -> tuple[str, tuple[float, float]]:
    """The mean of the very field that the animator draws."""
    if float(mask.max()) <= 0:
        return "stream", (0.0, 0.0)
    plate = make_plate(scene, picture=scene.photo, origin=(0, 0))
    step = max(1, round(mask.shape[1] / 320))
    field = velocity(plate, mask, flow, chance=stream(seed, f"{name}/eddies"), step=step) / mask.shape[1]
    inside = mask[::step, ::step]
    field = field[: inside.shape[0], : inside.shape[1]]
    weight = max(float(inside.sum()), 1e-6)
    x, y = (float((field[..., k] * inside).sum() / weight) for k in (0, 1))
    size = float((np.hypot(field[..., 0], field[..., 1]) * inside).sum() / weight)
    return ("stream" if math.hypot(x, y) > _SWIRL * size else "alive"), (x, y)


def _pulled(
    steps: Callable[[float], tuple[float, float, float]], plan: MotionPlan, width: int, height: int
) -> Callable[[float], Float64]:
    clock = tempo(plan)[0]

    def place(t: float) -> Float64:
        x, y, _ = steps(clock.at(t))
        return np.array([[1.0, 0.0, x * width], [0.0, 1.0, y * height]])

    return place
