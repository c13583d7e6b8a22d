"""A plan between two plans: what lies on the way from one wish to another. Knows no photo but its field of view.

    camera    both at the same keys: key by key; else along both paths, thinned to a spline
    regions   the same mask and kind of motion in both: their numbers; of one plan only: its amounts fade
    time      plan time at every key of both

What cannot be mixed (an anchor, a shutter, the name of a view) is that of the nearer plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from stillmotion.camera import CameraPath, Clock, key_of_rig, rig_of_key
from stillmotion.curves import thin
from stillmotion.plan import Camera, CameraKey, Grade, Handheld, MotionPlan, RegionMotion, TimeKey
from stillmotion.stages.motion.strength import fold_strength
from stillmotion.types import Float64

_CLOSE = 0.006  # a thinned path stays this near, as a share of each number's range
_STEP_S = 0.05  # between looks at a path
_AMOUNTS = ("speed", "amplitude", "amount")  # what a direction belongs to
_ANGLE = "direction_deg"


def blend(a: MotionPlan, b: MotionPlan, share: float, *, fov_deg: float) -> MotionPlan:
    """The plan that is `share` in [0, 1] of the way from `a` to `b`, on the canvas of `a`; `a` and `b` at the ends.

    Both last equally long and loop alike, and `fov_deg` is the photo's own horizontal field of view. What only faces,
    physics and storyboards have is the nearer plan's.
    """
    if share in (0.0, 1.0):
        return b if share else a
    near = a if share < 0.5 else b
    changed = {
        "prompt": None, "canvas": a.canvas, "camera": _camera(a, b, share, fov_deg), "time": _time(a, b, share),
        "regions": tuple(_regions(a, b, share, fov_deg)), "grade": _grade(a.grade, b.grade, share),
        "strength": _between(a.strength, b.strength, share),
    }  # fmt: skip
    return near.model_copy(update=changed)


def _between(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _camera(a: MotionPlan, b: MotionPlan, share: float, fov_deg: float) -> Camera:
    near, hands = (a if share < 0.5 else b).camera, (a.camera.handheld, b.camera.handheld)
    pairs = list(zip(a.camera.keyframes, b.camera.keyframes, strict=False))
    alike = len(a.camera.keyframes) == len(b.camera.keyframes) and all(
        abs(one.t - two.t) < 1e-6 and one.ease == two.ease for one, two in pairs
    )
    if alike and a.camera.interpolation == b.camera.interpolation:
        rigs = [_between_rigs(rig_of_key(one, fov_deg), rig_of_key(two, fov_deg), share) for one, two in pairs]
        keys = tuple(key_of_rig(one.t, rig, fov_deg, ease=one.ease) for (one, _), rig in zip(pairs, rigs, strict=True))
        spline = a.camera.interpolation
    else:
        keys, spline = _along(a, b, share, fov_deg), "spline"
    amplitude = _between(hands[0].amplitude, hands[1].amplitude, share)
    shaken = [hand.hz for hand in hands if hand.amplitude]
    hz = _between(shaken[0], shaken[-1], share) if shaken else hands[0].hz
    blur = _between(a.camera.motion_blur, b.camera.motion_blur, share)
    return near.model_copy(
        update={
            "keyframes": keys, "interpolation": spline, "handheld": Handheld(amplitude=amplitude, hz=hz),
            "motion_blur": blur,
        }
    )  # fmt: skip


def _between_rigs(a: Float64, b: Float64, share: float) -> Float64:
    return np.asarray(a + (b - a) * share)


def _along(a: MotionPlan, b: MotionPlan, share: float, fov_deg: float) -> tuple[CameraKey, ...]:
    """As few keys of a spline as describe the mean of both paths over plan time."""
    loops, paths = a.canvas.loop == "seamless", [CameraPath(plan, fov_deg) for plan in (a, b)]
    end = max(path.clock.end for path in paths)
    if not loops:
        end = max(end, *(plan.camera.keyframes[-1].t for plan in (a, b)))
    count = max(48, math.ceil(end / _STEP_S))
    times = np.linspace(0.0, end, count + 1)
    one, two = (np.array([path.rig(float(t)) for t in times]) for path in paths)
    rigs = _between_rigs(one, two, share)
    tolerance = _CLOSE * np.maximum(np.ptp(rigs, axis=0), 1e-3)
    speed = np.abs(np.diff(rigs, axis=0)).max(axis=1)
    rushing = not loops and max(speed[0], speed[-1]) > 0.1 * max(float(speed.max()), 1e-9)
    kept = thin(times, rigs, tolerance=tolerance, ends="periodic" if loops else "free" if rushing else "rest")
    return tuple(
        key_of_rig(float(times[i]), rigs[i], fov_deg, ease="linear" if rushing else "ease-in-out")
        for i in kept if not (loops and i == count)
    )  # fmt: skip


def _time(a: MotionPlan, b: MotionPlan, share: float) -> tuple[TimeKey, ...]:
    if a.time == b.time:
        return a.time
    one, two = (Clock(plan.canvas, plan.time) for plan in (a, b))
    moments = sorted({0.0, a.canvas.seconds, *(key.t for key in (*a.time, *b.time))})
    return tuple(TimeKey(t=t, tau=_between(one.unwrapped(t), two.unwrapped(t), share)) for t in moments)


def _grade(a: Grade, b: Grade, share: float) -> Grade:
    return Grade(**{name: _between(getattr(a, name), getattr(b, name), share) for name in Grade.model_fields})


def _regions(a: MotionPlan, b: MotionPlan, share: float, fov_deg: float) -> Iterator[RegionMotion]:
    """Those of `a` in their order, mixed with their counterparts or fading; then those of `b` alone."""
    faded = [
        fold_strength(plan.model_copy(update={"strength": left}), fov_deg)[0].regions
        for plan, left in ((a, 1 - share), (b, share))
    ]
    left = list(range(len(b.regions)))
    for i, region in enumerate(a.regions):
        found = next((k for k in left if _alike(region, b.regions[k])), None)
        if found is None:
            yield from _kept(faded[0][i], share < 0.5)
        else:
            left.remove(found)
            yield _mixed(region, b.regions[found], share)
    for k in left:
        yield from _kept(faded[1][k], share >= 0.5)


def _kept(region: RegionMotion, near: bool) -> Iterator[RegionMotion]:
    """What stands still cannot fade: it belongs to the nearer plan."""
    if near or region.motion.kind != "freeze":
        yield region


def _alike(a: RegionMotion, b: RegionMotion) -> bool:
    if a.mask != b.mask or a.motion.kind != b.motion.kind:
        return False
    same = ("mode", "footprint") if a.motion.kind != "track" else ("footprint", "points")
    return all(getattr(a.motion, name, None) == getattr(b.motion, name, None) for name in same)


def _mixed(a: RegionMotion, b: RegionMotion, share: float) -> RegionMotion:
    """Numbers between both; a direction and its amount are an arrow, so that left turns into right by way of rest."""
    one, two = a.motion, b.motion
    changed: dict[str, object] = {}
    for name in type(one).model_fields:
        x, y = getattr(one, name), getattr(two, name)
        if isinstance(x, float) and isinstance(y, float):
            changed[name] = _between(x, y, share)
        else:
            changed[name] = x if share < 0.5 else y
    x, y = getattr(one, _ANGLE, None), getattr(two, _ANGLE, None)
    amount = next((name for name in _AMOUNTS if hasattr(one, name)), None)
    if x is not None and y is not None and amount is not None:
        arrow = (1 - share) * getattr(one, amount) * _unit(x) + share * getattr(two, amount) * _unit(y)
        changed[amount] = round(abs(arrow), 6)
        changed[_ANGLE] = round(math.degrees(math.atan2(arrow.imag, arrow.real)), 4) if abs(arrow) > 1e-6 else x
    feather = _between(a.feather, b.feather, share)
    name = a.name if share < 0.5 else b.name
    return a.model_copy(update={"name": name, "motion": one.model_copy(update=changed), "feather": feather})


def _unit(degrees: float) -> complex:
    return complex(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
