"""Moves become a camera path: slots in time -> a sum of smooth offsets -> the keyframes of a plan.

Knows no photo: coverage (`coverage.py`) comes after. What it decides is written down in the plan and can be edited.

    resolve ─▶ schedule ─▶ time map ─▶ open path, rig(m) ─▶ close the loop ─▶ keyframes

A rig is the twelve numbers of `stillmotion.camera`, here as offsets from the photo's own view; m is the moves' own
time: video time, but plan time where the time map bends the camera's pace too (a speed ramp).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from stillmotion.camera import CameraPath, Clock, key_of_rig, log_focal
from stillmotion.curves import thin
from stillmotion.plan import Camera, Canvas, Ease, Handheld, MotionPlan, TimeKey
from stillmotion.stages.motion.moves import MOVES, Move
from stillmotion.stages.motion.parts import NEARNESS, Part, parts_of, rig_of_stop
from stillmotion.stages.motion.schedule import Slot, amount_of, resolve, schedule, spoken
from stillmotion.stages.motion.tempo import time_keys
from stillmotion.types import Float64

_LOOP_KEYS = 16  # of a swaying loop: a sine through as many keys of a spline is exact to 0.02 %
_SWAY = 0.6  # a loop sways this share of a move's amount to either side
_STEP_S = 0.05  # between samples of a path that is more than one easing
_CLOSE = 0.006  # a thinned path stays this near, as a share of each number's range
_SAME = 1e-6

Path = Callable[[float], Float64]
"""Offsets (12,) at the moves' own time."""


def compose(
    moves: Sequence[Move], canvas: Canvas, *, fov_deg: float
) -> tuple[Camera, tuple[TimeKey, ...], tuple[str, ...]]:
    """The camera and the time map that carry out `moves` on a photo of this horizontal field of view, with notes.

    Raises:
        InputError: no move has such a name.
    """
    steps, over, notes = resolve(moves)
    everything = [*over, *(move for step in steps for move in step)]
    bent = any(MOVES[move.name].time == "dip" for move in everything)
    slots, said = schedule(steps, canvas.seconds)
    slots += [_whole(move, canvas, said) for move in over if MOVES[move.name].family == "time"]
    time = time_keys(slots, canvas, notes)
    parts = parts_of(_even(slots) if canvas.loop == "pingpong" else slots)
    clock = Clock(canvas, () if bent else time)
    if canvas.loop == "seamless":
        keys, spline = _loop(parts, clock)
    else:
        keys, spline = _open(parts, clock, simple=not _crawls(slots))
    opening = _opening(over, notes)
    still = np.zeros(12)
    still[9], still[NEARNESS] = log_focal(fov_deg), 1.0
    camera = Camera(
        keyframes=tuple(key_of_rig(t, still + rig + opening, fov_deg, ease=ease) for t, rig, ease in keys),
        interpolation="spline" if spline else "ease",
        handheld=_handheld([*over, *(slot.move for slot in slots)], notes),
        framing=next((move.name for move in over if MOVES[move.name].opening), None),
    )
    return camera, time, (*notes, *said)


def closed(plan: MotionPlan, fov_deg: float) -> MotionPlan:
    """A seamless plan whose path does not end where it began, made to swing there and back in one smooth sweep."""
    if plan.canvas.loop != "seamless" or len(plan.camera.keyframes) < 2:
        return plan
    period = Clock(plan.canvas, plan.time).end
    last = plan.camera.keyframes[-1].t
    path = open_path(plan, fov_deg, last)
    if last < period - _SAME or np.allclose(path.rig(plan.camera.keyframes[0].t), path.rig(last), atol=_SAME):
        return plan
    level = Clock(plan.canvas.model_copy(update={"seconds": period}))
    keys = _thinned(lambda m: path.rig(_there_and_back(m, period)), level, ends_free=False, periodic=True)
    camera = plan.camera.model_copy(
        update={"keyframes": tuple(key_of_rig(t, rig, fov_deg) for t, rig, _ in keys), "interpolation": "spline"}
    )
    return plan.model_copy(update={"camera": camera})


def open_path(plan: MotionPlan, fov_deg: float, seconds: float) -> CameraPath:
    """The camera of a plan over plan time, as if it neither looped nor bent time."""
    canvas = plan.canvas.model_copy(update={"loop": "none", "seconds": max(seconds, 0.04)})
    return CameraPath(plan.model_copy(update={"canvas": canvas, "time": ()}), fov_deg)


Key = tuple[float, Float64, Ease]
"""Plan time, offsets (12,), and how it is approached."""


def _open(parts: Sequence[Part], clock: Clock, *, simple: bool) -> tuple[list[Key], bool]:
    """Keys of a path from beginning to end, and whether a spline goes through them."""
    if not parts:
        return [(0.0, np.zeros(12), "ease-in-out")], False
    spans = sorted({(part.start, part.end, part.ease) for part in parts})
    apart = all(b[0] >= a[1] - _SAME for a, b in pairwise(spans))
    if not (simple and apart and all(part.single for part in parts)):
        return _thinned(lambda m: _sum(parts, m), clock, ends_free=True), True
    keys: list[Key] = [(0.0, np.zeros(12), "ease-in-out")]
    for start, end, ease in spans:
        if start > keys[-1][0] + 1e-3:
            keys.append((clock.unwrapped(start), _sum(parts, start), "linear"))
        keys.append((clock.unwrapped(end), _sum(parts, end), ease))
    return keys, False


def _loop(parts: Sequence[Part], clock: Clock) -> tuple[list[Key], bool]:
    """Keys of a path that ends as it begins; the last of them lies before the end."""
    if not parts:
        return [(0.0, np.zeros(12), "ease-in-out")], False
    length = clock.length
    whole = all(part.single and not part.brief and part.end - part.start > 0.6 * length for part in parts)
    if not whole:
        path = lambda m: _sum(parts, _there_and_back(m, length))  # noqa: E731
        return _thinned(path, clock, ends_free=False, periodic=True), True
    keys: list[Key] = []
    for k in range(_LOOP_KEYS):
        turn = 2.0 * math.pi * k / _LOOP_KEYS
        sway, swell = _SWAY * math.sin(turn), (1 - math.cos(turn)) / 2
        rig = np.sum([part.last * (sway if part.sways else swell) for part in parts], axis=0)
        keys.append((clock.unwrapped(length * k / _LOOP_KEYS), rig, "ease-in-out"))
    return keys, True


def _there_and_back(m: float, length: float) -> float:
    return length * (1.0 - math.cos(2.0 * math.pi * m / length)) / 2.0


def _sum(parts: Sequence[Part], m: float) -> Float64:
    return np.asarray(np.sum([part.at(m) for part in parts], axis=0))


def _thinned(path: Path, clock: Clock, *, ends_free: bool, periodic: bool = False) -> list[Key]:
    """As few keys of a spline as describe a path; a loop's last one, which is its first, is left out."""
    count = max(48, math.ceil(clock.length / _STEP_S))
    moments = [clock.length * i / count for i in range(count + 1)]
    times = np.array([clock.unwrapped(m) for m in moments])
    rigs = np.array([path(m) for m in moments])
    speed = np.abs(np.diff(rigs, axis=0)).max(axis=1)
    rushing = ends_free and max(speed[0], speed[-1]) > 0.1 * speed.max()
    tolerance = _CLOSE * np.maximum(np.ptp(rigs, axis=0), 1e-3)
    kept = thin(times, rigs, tolerance=tolerance, ends="periodic" if periodic else "free" if rushing else "rest")
    ease: Ease = "linear" if rushing else "ease-in-out"
    return [(float(times[i]), rigs[i], ease) for i in kept if not (periodic and i == count)]


def _whole(move: Move, canvas: Canvas, notes: list[str]) -> Slot:
    """A move that lies over the whole clip."""
    amount = amount_of(move, canvas.seconds, notes)
    return Slot(move=move, spec=MOVES[move.name], start=0.0, end=canvas.seconds, amount=amount)


def _crawls(slots: Sequence[Slot]) -> bool:
    return any(slot.spec.time == "crawl" for slot in slots)


def _even(slots: Sequence[Slot]) -> list[Slot]:
    """A pingpong's clock eases by itself; one move that is not told how to go goes at an even pace then."""
    if len({(slot.start, slot.end) for slot in slots}) > 1 or any(slot.spec.brief for slot in slots):
        return list(slots)
    return [replace(slot, move=replace(slot.move, ease=slot.move.ease or "linear")) for slot in slots]


def _opening(over: Sequence[Move], notes: list[str]) -> Float64:
    """The offset (12,) of an opening view other than the photo's own."""
    offset = np.zeros(12)
    for move in over:
        spec = MOVES[move.name]
        stops = spec.stops(amount_of(move, spec.seconds, notes)) if spec.opening else ()
        if stops:
            offset = rig_of_stop(stops[-1])
            notes.append(f"The video opens with a {spoken(spec)} view, so its first frame is not quite the photo.")
    return offset


def _handheld(moves: Sequence[Move], notes: list[str]) -> Handheld:
    """The strongest hand of all moves."""
    hands = []
    for move in moves:
        spec = MOVES[move.name]
        if spec.handheld:
            hands.append((spec.handheld[0] * amount_of(move, spec.seconds, []), spec.handheld[1]))
    if not hands:
        return Handheld()
    amplitude, hz = max(hands)
    if amplitude > 5:
        notes.append(f"A hand {amplitude:g} times as restless as a calm one was steadied to 5 times.")
    return Handheld(amplitude=round(min(amplitude, 5.0), 4), hz=hz)
