"""Moves become a camera path: slots in time -> a sum of smooth offsets -> the keyframes of a plan.

Knows no photo: coverage (`coverage.py`) comes after. What it decides is written down in the plan and can be edited.

    resolve ─▶ time map ─▶ schedule ─▶ rig(tau) ─▶ close the loop ─▶ keyframes

A rig is the twelve numbers of `stillmotion.camera`, here as offsets from the photo's own view.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from stillmotion.camera import CameraPath, Clock, rotation
from stillmotion.curves import EASES, Curve
from stillmotion.plan import Camera, CameraKey, Canvas, Handheld, MotionPlan, TimeKey
from stillmotion.stages.motion.moves import MOVES, Move
from stillmotion.stages.motion.schedule import Slot, amount_of, resolve, schedule, spoken
from stillmotion.stages.motion.shapes import Stop
from stillmotion.types import Float64

Rig = Callable[[float], Float64]

LOOP_KEYS = 12  # of a swaying loop: a sine through as many keys of a spline is exact to 0.02 %
_SWAY = 0.6  # a loop sways this share of a move's amount to either side
_LONGEST_S = 600.0  # of plan time
_AXES = 12
_FOCUS, _APERTURE = 10, 11


def compose(
    moves: Sequence[Move], canvas: Canvas, *, fov_deg: float
) -> tuple[Camera, tuple[TimeKey, ...], tuple[str, ...]]:
    """The camera and the time map that carry out `moves` on a photo of this horizontal field of view, with notes.

    Raises:
        InputError: no move has such a name.
    """
    steps, over, notes = resolve(moves)
    time = _time_keys([*over, *(move for step in steps for move in step)], canvas, notes)
    clock = Clock(canvas, time)
    slots, said = schedule(steps, clock.end)
    slots = _into_the_crawl(slots, clock, canvas)
    parts = _parts(slots)
    opening = _opening(over, notes)
    if canvas.loop == "seamless" and parts:
        keys, spline = _loop_keys(slots, parts, clock.end)
    else:
        keys, spline = _keys(slots, parts)
    camera = Camera(
        keyframes=tuple(_camera_key(t, rig + opening, fov_deg, ease) for t, rig, ease in keys),
        interpolation="spline" if spline else "ease",
        handheld=_handheld([*over, *(slot.move for slot in slots)], notes),
        framing=next((move.name for move in over if MOVES[move.name].opening), None),
    )
    return camera, time, (*notes, *said)


def closed(plan: MotionPlan, fov_deg: float) -> MotionPlan:
    """A seamless plan whose path does not end where it began, made to swing there and back in one smooth sweep."""
    if plan.canvas.loop != "seamless" or len(plan.camera.keyframes) < 2:
        return plan
    first, last = plan.camera.keyframes[0], plan.camera.keyframes[-1]
    period = Clock(plan.canvas, plan.time).end
    if last.t < period - 1e-6 or first.model_copy(update={"t": 0.0}) == last.model_copy(update={"t": 0.0, "ease": first.ease}):
        return plan
    count = max(LOOP_KEYS, 4 * len(plan.camera.keyframes))
    open_path = CameraPath(
        plan.model_copy(update={"canvas": plan.canvas.model_copy(update={"loop": "none", "seconds": period}), "time": ()}), fov_deg
    )
    keys = []
    for k in range(count):
        rig = open_path.rig(period * (1.0 - math.cos(2.0 * math.pi * k / count)) / 2.0)
        keys.append(_key_of_rig(period * k / count, rig))
    camera = plan.camera.model_copy(update={"keyframes": tuple(keys), "interpolation": "spline"})
    return plan.model_copy(update={"camera": camera})
