"""The portrait's words, and the beats of a face that they mean. Names and ranges are those of `plan.PortraitKey`.

Left and right are the picture's, as for the camera: a head that turns right looks to the right edge of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.plan import Portrait, PortraitKey

FACE_NOUNS = "head, heads, eyes, eye, gaze, mouth, lips, lip, eyebrows, eyebrow, brow, brows, eyelids, expression, facial, " \
    "facial expression, face expression, chin, cheeks, jaw, stare"  # fmt: skip

FACE_VERBS: dict[str, str] = {
    "smile": "~smile, ~grin, ~beam, smile, ~smirk",
    "laugh": "~laugh, ~giggle, ~chuckle, laughter",
    "frown": "~frown, ~scowl, ~pout, ~grimace",
    "blink": "~blink, ~wink, eye blink, eye blinks, ~flutter her eyelids",
    "nod": "~nod, head nod, head nods",
    "turn": "~turn, ~rotate, ~swivel, ~pivot, ~twist, ~move, ~swing",
    "look": "~look, ~gaze, ~glance, ~stare, ~peer, ~face, ~watch",
    "tilt": "~tilt, ~lean, ~cock, ~incline",
    "shake": "~shake",
    "raise": "~raise, ~lift",
    "lower": "~lower, ~drop, ~bow, ~dip",
    "open": "~open, ~part",
    "close": "~close, ~shut",
    "talk": "~talk, ~speak, ~sing, ~chat, ~say, ~mouth, ~murmur, speech",
    "breathe": "~breathe, ~inhale, ~exhale, breathing, breath, breaths, takes a breath, ~take a breath, ~take a deep breath",
}
"""Class of a verb -> phrases (`~`: the first word may be inflected)."""

ALWAYS = frozenset({"smile", "laugh", "frown", "nod", "talk"})
"""Verbs that are about a face whoever is named."""

_BLINK = 39.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One thing a face does in its share of the time; `back` returns to where it was."""

    change: dict[str, float]  # fields of PortraitKey; gaze as gaze_x and gaze_y
    back: bool = False
    breathing: float = 0.0


def _turned(ways: tuple[str, ...], scale: float) -> dict[str, float]:
    yaw = {"left": -12.0, "right": 12.0}
    pitch = {"up": 8.0, "down": -8.0}
    change = {"yaw": yaw[w] * scale for w in ways if w in yaw} | {"pitch": pitch[w] * scale for w in ways if w in pitch}
    return change or ({} if "near" in ways else {"yaw": 8.0 * scale})


def _looked(ways: tuple[str, ...], scale: float, *, eyes: bool) -> dict[str, float]:
    x = {"left": -15.0, "right": 15.0}
    y = {"up": 20.0, "down": -20.0}
    gaze = {"gaze_x": x[w] * scale for w in ways if w in x} | {"gaze_y": y[w] * scale for w in ways if w in y}
    if eyes or not gaze:
        return gaze or {"gaze_x": 0.0, "gaze_y": 0.0}
    return gaze | {k: v * 0.6 for k, v in _turned(ways, scale).items()}


def beat(verb: str, noun: str, ways: tuple[str, ...], scale: float) -> Beat | None:
    """What a face does for a verb of FACE_VERBS, a noun of FACE_NOUNS ("" for the whole person) and directions.

    None where they do not go together. `scale` 1 is a moderate amount.
    """
    eyes, mouth, brow = (
        noun.startswith(("eye", "gaze", "stare")),
        noun in ("mouth", "lips", "lip", "jaw"),
        "brow" in noun,
    )
    if brow:
        return Beat(change={"brow": (-15.0 if verb in ("lower", "frown") else 15.0) * scale})
    if verb == "blink" or (eyes and verb in ("open", "close") and verb == "open"):
        return Beat(change={"blink": _BLINK}, back=True)
    if verb == "close":
        return Beat(change={"blink": _BLINK} if eyes else {"mouth": 0.0})
    if verb == "open" or (mouth and verb in ("turn", "raise")):
        return Beat(change={"mouth": 45.0 * scale})
    if verb in ("turn", "look") and eyes:
        return Beat(change=_looked(ways, scale, eyes=True))
    table = {
        "smile": Beat(change={"smile": 0.8 * scale}), "laugh": Beat(change={"smile": 1.1 * scale, "mouth": 40.0 * scale}),
        "frown": Beat(change={"smile": -0.25 * scale, "brow": -12.0 * scale}),
        "nod": Beat(change={"pitch": -8.0 * scale}, back=True), "shake": Beat(change={"yaw": 9.0 * scale}, back=True),
        "turn": Beat(change=_turned(ways, scale)), "look": Beat(change=_looked(ways, scale, eyes=False)),
        "tilt": Beat(change=_tilted(ways, scale)), "raise": Beat(change={"pitch": 8.0 * scale}),
        "lower": Beat(change={"pitch": -8.0 * scale}), "talk": Beat(change={"mouth": 30.0 * scale}, back=True),
        "breathe": Beat(change={}, breathing=min(1.0, 0.6 * scale)),
    }  # fmt: skip
    return table.get(verb)


def _tilted(ways: tuple[str, ...], scale: float) -> dict[str, float]:
    if "up" in ways or "down" in ways:
        return _turned(ways, scale)
    return {"roll": (-8.0 if "left" in ways else 8.0) * scale}


_RANGE = {"yaw": 25, "pitch": 15, "roll": 15, "blink": 39, "gaze_x": 30, "gaze_y": 63, "brow": 30}


def _key(t: float, state: dict[str, float]) -> PortraitKey:
    held = {k: round(min(max(v, -_RANGE.get(k, 120)), _RANGE.get(k, 120)), 2) for k, v in state.items()}
    smile = min(max(held.pop("smile", 0.0), -0.3), 1.3)
    return PortraitKey(t=round(t, 3), smile=smile, gaze=(held.pop("gaze_x", 0.0), held.pop("gaze_y", 0.0)), **held)


def perform(slots: list[list[Beat]], *, seconds: float) -> Portrait:
    """The face's key frames: the beats of one slot play together, the slots one after the other."""
    state: dict[str, float] = {}
    keys = [_key(0.0, state)]
    for i, beats in enumerate(slots):
        start, end = seconds * i / len(slots), seconds * (i + 1) / len(slots)
        stays: dict[str, float] = {}
        returns: dict[str, float] = {}
        for one in beats:
            (returns if one.back else stays).update(one.change)
        if returns:
            half = {k: state.get(k, 0.0) + (v - state.get(k, 0.0)) / 2 for k, v in stays.items()}
            keys.append(_key((start + end) / 2, state | half | returns))
        state |= stays
        if stays or returns:
            keys.append(_key(end, state))
    breathing = max((b.breathing for beats in slots for b in beats), default=0.0)
    return Portrait(keyframes=tuple(keys), breathing=round(breathing, 2))
