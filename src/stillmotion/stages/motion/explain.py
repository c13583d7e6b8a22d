"""A plan in one plain sentence: what the camera does, what moves in the picture, and how time runs.

It reads the plan as it is, so that a plan from a file, another tool or an editor is told as well as one from a prompt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from stillmotion.plan import (
    Affine,
    Drift,
    Flicker,
    Flow,
    Freeze,
    MotionPlan,
    Portrait,
    RegionMotion,
    Ripple,
    Sway,
    Track,
)
from stillmotion.stages.motion.explain_camera import camera_words
from stillmotion.vocabulary import singular

_COMPASS = ("right", "up and right", "up", "up and left", "left", "down and left", "down", "down and right")


def explain(plan: MotionPlan, *, fov_deg: float | None = None) -> str:
    """One sentence that ends with a full stop.

    `fov_deg` is the photo's own horizontal field of view in degrees; without it a lens that changes is told relative to
    the first key.
    """
    parts = [_camera(plan, fov_deg)]
    parts += [_region(region) for region in plan.regions]
    parts += [_portrait(face) for face in plan.portrait]
    sentence = _joined(parts) + _physics(plan) + _time(plan)
    strength = "" if plan.strength == 1.0 else f", all at {plan.strength:g} times the strength"
    return sentence[0].upper() + sentence[1:] + strength + "."


def _camera(plan: MotionPlan, fov_deg: float | None) -> str:
    words = camera_words(plan, fov_deg)
    hand = plan.camera.handheld
    held = f"held in {'a calm' if hand.amplitude <= 1.3 else 'an unsteady'} hand" if hand.amplitude else ""
    seen = f"from {_view(plan.camera.framing)}" if plan.camera.framing else ""
    subject = "the camera" + "".join(f", {extra}," for extra in (seen, held) if extra and words)
    if words:
        return f"{subject} {words}"
    return f"the camera stands still{', ' + held if held else ''}{', ' + seen if seen else ''}"


def _view(framing: str) -> str:
    words = framing.replace("_", " ")
    return f"a {words}" if words.endswith("angle") else words


def _joined(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return parts[0] + " while " + (", ".join(parts[1:-1]) + " and " if len(parts) > 2 else "") + parts[-1]


def _time(plan: MotionPlan) -> str:
    canvas, keys = plan.canvas, plan.time
    words = f", in {canvas.seconds:g} s"
    if keys:
        paces = [(b.tau - a.tau) / (b.t - a.t) for a, b in pairwise(keys) if b.t > a.t]
        slowest, fastest = (min(paces), max(paces)) if paces else (1.0, 1.0)
        if math.isclose(slowest, fastest, rel_tol=0.02):
            words += f" with time at {slowest:.2g} times its pace" if not math.isclose(slowest, 1, rel_tol=0.02) else ""
        else:
            words += f" with time between {slowest:.2g} and {fastest:.2g} times its pace"
    return words + {"none": "", "seamless": ", looping without a seam", "pingpong": ", there and back"}[canvas.loop]


def _physics(plan: MotionPlan) -> str:
    if plan.physics is None:
        return ""
    kinds = [p.kind for p in plan.physics.particles]
    bodies = len(plan.physics.bodies)
    told = ([f"{bodies} bod{'y' if bodies == 1 else 'ies'} fall and collide"] if bodies else []) + (
        [f"{' and '.join(kinds)} in the air"] if kinds else []
    )
    return f", with {' and '.join(told)}" if told else ""


def _portrait(portrait: Portrait) -> str:
    keys = portrait.keyframes
    told = []
    for name, words in _FACE.items():
        values = [getattr(key, name) for key in keys]
        far = max(values, key=abs)
        if abs(far) > 1e-6:
            told.append(words[far < 0])
    if any(any(key.gaze) for key in keys):
        told.append("looks elsewhere")
    if portrait.breathing:
        told.append("breathes")
    who = "the face" if portrait.face == 0 else f"face {portrait.face + 1}"
    return f"{who} {' and '.join(told) or 'keeps still'}"


_FACE = {
    "yaw": ("turns to its left", "turns to its right"), "pitch": ("looks up", "looks down"),
    "roll": ("leans its head", "leans its head the other way"), "smile": ("smiles", "frowns"),
    "blink": ("blinks", "blinks"), "mouth": ("opens its mouth", "closes its mouth"),
    "brow": ("raises its brows", "lowers its brows"),
}  # fmt: skip


def _region(region: RegionMotion) -> str:
    known = region.name.split(" ")[0] in _DETERMINED or region.name[-1].isdigit()
    name = region.name if known else f"the {region.name}"
    verb, _, rest = _KINDS[type(region.motion)](region.motion).partition(" ")
    noun = name.split(" ")[-1]
    plural = singular(noun) != noun or noun in {"people", "men", "women", "children"}
    return f"{name} {verb.removesuffix('s') if plural else verb} {rest}".rstrip()


_DETERMINED = {"the", "a", "an", "her", "his", "its", "their", "my", "our", "all", "everything"}


def _compass(degrees: float) -> str:
    """An angle on the picture in words, to the nearest eighth."""
    return _COMPASS[round(degrees / 45) % 8]


def _share(value: float) -> str:
    return f"{100 * value:.2g} % of the width"


def _flow(motion: Flow) -> str:
    if motion.arrows:
        way = f"along {len(motion.arrows)} arrow{'s' if len(motion.arrows) > 1 else ''}"
    elif motion.direction_deg is not None:
        way = _compass(motion.direction_deg)
    else:
        way = "" if motion.toward_camera else "along its own slope"
    near = (
        "toward the camera" if motion.toward_camera > 0 else "away from the camera" if motion.toward_camera < 0 else ""
    )
    return f"flows {' and '.join(filter(None, (way, near)))} at {_share(motion.speed)} a second"


def _sway(motion: Sway) -> str:
    return f"sways by {_share(motion.amplitude)}, {_pace(motion.frequency)}, held at its {motion.anchor}"


def _ripple(motion: Ripple) -> str:
    way = "" if motion.direction_deg is None else f" {_compass(motion.direction_deg)}"
    return f"ripples{way} with waves of {_share(motion.wavelength)}"


def _flicker(motion: Flicker) -> str:
    return f"flickers by {100 * motion.amplitude:.2g} % of its light, {_pace(motion.frequency)}"


def _drift(motion: Drift) -> str:
    return f"drifts about its place by {_share(motion.amplitude)}, first {_compass(motion.direction_deg)}"


def _affine(motion: Affine) -> str:
    if motion.mode == "spin":
        return (
            f"spins {'counter-clockwise' if motion.amount < 0 else 'clockwise'} at {abs(motion.amount):.3g}° a second"
        )
    if motion.mode == "swing":
        return f"swings by {abs(motion.amount):.3g}°, {_pace(motion.frequency)}"
    if motion.mode == "pulse":
        return f"pulses by {100 * abs(motion.amount):.2g} % of its size, {_pace(motion.frequency)}"
    return (
        f"slides {_compass(motion.direction_deg)} and back by {_share(abs(motion.amount))}, {_pace(motion.frequency)}"
    )


def _track(motion: Track) -> str:
    (x0, y0), (x1, y1) = motion.points[0].at, motion.points[-1].at
    far = math.hypot(x1 - x0, y1 - y0)
    stops = f" by way of {len(motion.points) - 2} points" if len(motion.points) > 2 else ""
    size = (
        ""
        if motion.scale_to == 1
        else f", {'growing' if motion.scale_to > 1 else 'shrinking'} to {motion.scale_to:.2g} times"
    )
    turn = f", turning {motion.turn_deg:.3g}°" if motion.turn_deg else ""
    if far < 1e-3:
        return f"moves on the spot{stops}{size}{turn}"
    return f"moves {_compass(math.degrees(math.atan2(y0 - y1, x1 - x0)))} by {_share(far)}{stops}{size}{turn}"


def _freeze(_: Freeze) -> str:
    return "stays as it is"


def _pace(hertz: float) -> str:
    return f"{hertz:.2g} times a second" if hertz >= 1 else f"once in {1 / hertz:.2g} s"


_KINDS: dict[type, Callable[[Any], str]] = {  # each teller takes its own kind
    Flow: _flow, Sway: _sway, Ripple: _ripple, Flicker: _flicker, Drift: _drift, Affine: _affine, Track: _track,
    Freeze: _freeze,
}  # fmt: skip
