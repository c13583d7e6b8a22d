"""What differs between the motion that was asked for and the motion that will be shown, in words."""

from __future__ import annotations

import numpy as np

from stillmotion.plan import MotionPlan
from stillmotion.types import Float64

# channel of the twelve numbers -> name below zero, name above zero, unit
_SPOKEN = {
    0: ("travel to the left", "travel to the right", "m"),
    1: ("rising", "sinking", "m"),
    2: ("moving out", "moving in", "m"),
    3: ("tilt down", "tilt up", "deg"),
    4: ("pan left", "pan right", "deg"),
    5: ("roll left", "roll right", "deg"),
    6: ("orbit left", "orbit right", "deg"),
    7: ("orbit down", "orbit up", "deg"),
    8: ("dolly zoom out", "dolly zoom in", "m"),
    9: ("zoom out", "zoom in", "times"),
}
_OF = {"m": " of the subject's distance", "deg": "", "times": ""}
_SMALLEST = {"m": 0.01, "deg": 0.5, "times": 0.005}


def limit_notes(
    asked: MotionPlan, shown: MotionPlan, wished: Float64, kept: Float64, *, torn: bool, lens: float
) -> list[str]:
    """One note per amount that was limited (`wished`, `kept`: offsets (keys, 12)), one for the lens and the margins."""
    reason = "the depth of one photo carries no more" if torn else "the photo ends there"
    notes = []
    for channel, names in _SPOKEN.items():
        at = int(np.argmax(np.abs(wished[:, channel])))
        before, after = float(wished[at, channel]), float(kept[at, channel])
        if abs(before - after) > max(_SMALLEST[names[2]], 0.02 * abs(before)):
            amounts = f"{_said(before, names[2])} limited to {_said(after, names[2])}{_OF[names[2]]}"
            notes.append(f"{names[before > 0]} {amounts}: {reason}.")
    if lens > 1.005:
        longer = round((lens - 1) * 100)
        notes.append(f"The lens grows {longer} % longer along the way, so that no border comes into view.")
    hand, steadied = asked.camera.handheld.amplitude, shown.camera.handheld.amplitude
    if steadied < hand:
        notes.append(f"handheld {hand:.2g} limited to {steadied:.2g}: the photo ends there.")
    wider = {
        side: getattr(shown.canvas.outpaint, side)
        for side in ("left", "right", "top", "bottom")
        if getattr(shown.canvas.outpaint, side) > getattr(asked.canvas.outpaint, side)
    }
    if wider:
        sides = ", ".join(f"{side} {round(size * 100)} %" for side, size in wider.items())
        notes.append(f"More is painted beyond the photo's ends than usual: {sides}.")
    return notes


def _said(amount: float, unit: str) -> str:
    if unit == "deg":
        return f"{abs(amount):.3g}°"
    if unit == "times":
        return f"{np.exp(abs(amount)):.3g}x"
    return f"{abs(amount):.2g}"
