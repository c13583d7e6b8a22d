"""The subject's words: verbs of moving things, and how each sort of thing moves by itself.

Data and the small builders of `plan.Motion` records. Numbers are fractions of the canvas width (per second for speeds)
and Hz; they are the motion of "moderate", and adverbs scale them.

    verb (class)  x  label (sort)  ─BUILD▶  motion        "clouds drift" = (move, current) ─▶ flow
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stillmotion.plan import Affine, Drift, Flicker, Flow, Freeze, Motion, Ripple, Sway, Track, TrackPoint

Sort = Literal["current", "rooted", "light", "loose", "firm"]

SORTS: dict[str, Sort] = {
    "sky": "current", "clouds": "current", "water": "current", "waterfall": "current", "fire": "current", "smoke": "current",
    "foliage": "rooted", "tree": "rooted", "grass": "rooted", "flower": "rooted", "hair": "rooted", "flag": "rooted",
    "curtain": "rooted", "lamp": "light", "window": "light",
    "boat": "loose", "balloon": "loose", "ball": "loose", "bird": "loose", "vehicle": "loose", "animal": "loose",
    "person": "loose", "subject": "loose", "food": "loose",
    "ground": "firm", "road": "firm", "sand": "firm", "snow": "firm", "mountain": "firm", "rock": "firm",
    "building": "firm", "wall": "firm", "background": "firm",
}  # fmt: skip
"""How a part of a photo moves: as a current, fixed at a root, as light, loose, or not by itself."""

VERBS: dict[str, str] = {
    "flow": "~flow, ~stream, ~run, ~rush, ~pour, ~gush, ~cascade, ~trickle, ~surge, ~spill, ~course, ~seep, ~rage, ~tumble, "
    "flow, ~spew, ~drain, ~plunge",
    "swirl": "~swirl, ~churn, ~eddy, ~curl, ~coil, ~boil, ~whirl, ~wisp, ~billow, ~roil, ~twist, ~writhe",
    "break": "~roll, ~crash, ~break, ~come in, ~wash, ~lap, ~hit, ~splash, ~roll in, ~wash over, ~crash in, ~slosh, ~pound, ~wash up",
    "ripple": "~ripple, ~undulate, ~shimmer, ~glisten, ~glint, ~glitter, ~reflect, ~waver, ~sparkle, ~swell, ~heave, ~quiver",
    "sway": "~sway, ~wave, ~flutter, ~flap, ~rustle, ~blow, ~bend, ~tremble, ~quiver, ~whip, ~stir, ~dance, ~rock, ~shake, "
    "~shiver, ~swish, ~oscillate, ~bow, ~billow, ~toss, ~ruffle, ~lean, ~move in the wind, ~whisper, ~jiggle, ~wiggle, ~wobble, "
    "~flow in the wind, ~nod, ~ripple, ~fly in the wind, ~drape, ~blow about",
    "flicker": "~flicker, ~twinkle, ~flash, ~glow, ~sparkle, ~glimmer, ~shine, ~glitter, ~blink, ~strobe, ~gleam, ~shimmer, "
    "~burn, ~crackle, ~buzz, ~dim, ~brighten, ~light up, ~radiate, ~illuminate, ~pulse, ~pulsate, ~smolder, ~blaze, flickering light",
    "move": "~move, ~drift, ~float, ~go, ~travel, ~glide, ~slide, ~shift, ~pass, ~cross, ~fly, ~sail, ~drive, ~walk, ~run, ~race, "
    "~speed, ~swim, ~creep, ~crawl, ~come, ~advance, ~approach, ~scroll, ~head, ~march, ~trot, ~gallop, ~jump, ~hop, ~roll, ~cruise, "
    "~soar, ~swoop, ~ride, ~step, ~roam, ~wander, ~waft, ~push, ~skate, ~jog, ~sweep, ~zoom, ~paddle, ~dart, ~leave, ~slip, ~proceed, "
    "~blow, ~scud, ~steam, ~shoot, ~lead, ~wade, ~ski, ~surf, ~chug, ~dance, ~stroll, ~flow, ~escape, ~enter, ~exit, ~hover past",
    "rise": "~rise, ~ascend, ~climb, ~lift, ~lift off, ~take off, ~go up, ~raise, ~levitate, ~leap, ~float up, ~rise up, ~launch, ~billow up",
    "fall": "~fall, ~drop, ~descend, ~sink, ~land, ~plummet, ~go down, ~drip, ~cascade, ~lower, ~float down, ~flutter down, ~rain down, "
    "~tumble down, ~dive",
    "bob": "~bob, ~rock, ~bounce, ~hover, ~float, ~sway, ~wobble, ~bobble, ~jiggle, ~drift, ~roll, ~pitch, ~hang, ~dance, ~heave, ~idle",
    "spin": "~spin, ~rotate, ~turn, ~revolve, ~twirl, ~whirl, ~twist, ~gyrate, ~pirouette",
    "swing": "~swing, ~dangle, ~tilt, ~pendulum, ~wag, ~lean, ~rock, ~sway, ~oscillate",
    "pulse": "~pulse, ~throb, ~beat, ~pulsate, ~breathe, ~swell, ~grow, ~shrink, ~expand, ~contract, ~inflate",
    "freeze": "~freeze, ~stay, ~remain, ~hold, ~keep, ~stand, still, static, frozen, fixed, motionless, stationary, steady, in place, "
    "unmoving, immobile, untouched, unchanged, locked, stable, ~stay still, ~stay put, ~remain still, ~keep still, ~hold still, "
    "~stay frozen, ~remain frozen, ~stay fixed, ~stay in place, ~remain unchanged, ~remain in place, put, ~stand still, "
    "~lock, ~stay static, ~remain static, ~stay motionless, ~remain motionless, ~stay the same, perfectly still, completely still, "
    "~stay completely still, ~remain completely still, ~stay perfectly still, ~remain perfectly still, ~stay as it is, ~pin",
}
"""Class of a verb -> phrases (`~`: the first word may be inflected). A word may be in several; the thing decides."""

DEFAULT_VERB: dict[str, str] = {
    "sky": "flow", "clouds": "flow", "water": "ripple", "waterfall": "flow", "fire": "flow", "smoke": "flow",
    "lamp": "flicker", "window": "flicker", "boat": "bob", "balloon": "bob", "ball": "bob", "bird": "bob", "vehicle": "bob",
    "animal": "pulse", "person": "pulse", "subject": "bob", "food": "bob",
    "foliage": "sway", "tree": "sway", "grass": "sway", "flower": "sway", "hair": "sway", "flag": "sway", "curtain": "sway",
}  # fmt: skip
"""What a thing does when it is only said to move."""

ALIVE = (
    "clouds",
    "sky",
    "water",
    "waterfall",
    "fire",
    "smoke",
    "foliage",
    "tree",
    "grass",
    "flower",
    "flag",
    "curtain",
)
"""Parts that may be set in motion when everything shall move."""

STREAMS = frozenset(["river", "stream", "creek", "brook", "rapids", "canal", "current", "whitewater"])
"""Waters that flow when they are said to move; the others ripple."""
WAVES = frozenset(["wave", "waves", "surf", "breakers", "tide", "swell", "sea", "ocean", "foam"])
"""Waters that roll in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a thing shall move, as said by adverbs, directions and numbers."""

    amount: float = 1.0  # scale
    speed: float = 1.0  # scale
    heading: tuple[float, float] = (0.0, 0.0)  # right, up on the picture; (0, 0): not said
    toward: float = 0.0  # toward the camera +, away -
    turn: int = 0  # clockwise +1, counter-clockwise -1
    value: float | None = None  # a number with its unit, if one was given
    unit: str = ""

    @property
    def degrees(self) -> float | None:
        """The heading as an angle on the picture (0 right, 90 up), None when not said."""
        if self.heading == (0.0, 0.0):
            return None
        return round(math.degrees(math.atan2(self.heading[1], self.heading[0])) % 360, 1)

    @property
    def directed(self) -> bool:
        """Whether any direction was said."""
        return self.heading != (0.0, 0.0) or self.toward != 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Current:
    degrees: float | None
    speed: float
    turbulence: float
    toward: float = 0.0


_CURRENTS: dict[str, _Current] = {
    "sky": _Current(degrees=180, speed=0.012, turbulence=0.1),
    "clouds": _Current(degrees=180, speed=0.015, turbulence=0.15),
    "water": _Current(degrees=None, speed=0.04, turbulence=0.25, toward=0.7),
    "waterfall": _Current(degrees=270, speed=0.12, turbulence=0.3),
    "fire": _Current(degrees=90, speed=0.08, turbulence=0.6),
    "smoke": _Current(degrees=90, speed=0.035, turbulence=0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    amplitude: float
    frequency: float
    turbulence: float
    anchor: Literal["bottom", "top", "left", "right", "center"]


_ROOTS: dict[str, _Root] = {
    "foliage": _Root(amplitude=0.006, frequency=0.6, turbulence=0.7, anchor="bottom"),
    "tree": _Root(amplitude=0.006, frequency=0.3, turbulence=0.6, anchor="bottom"),
    "grass": _Root(amplitude=0.007, frequency=0.5, turbulence=0.6, anchor="bottom"),
    "flower": _Root(amplitude=0.008, frequency=0.45, turbulence=0.5, anchor="bottom"),
    "hair": _Root(amplitude=0.008, frequency=0.5, turbulence=0.5, anchor="top"),
    "flag": _Root(amplitude=0.014, frequency=0.8, turbulence=0.6, anchor="left"),
    "curtain": _Root(amplitude=0.01, frequency=0.35, turbulence=0.4, anchor="top"),
}
_SMOKE_SIDEWAYS = frozenset(["mist", "fog", "haze", "smog"])


def _between(low: float, value: float, high: float) -> float:
    return round(min(max(value, low), high), 4)


def _flow(label: str, word: str, m: Manner) -> Motion:
    base = _CURRENTS.get(label, _Current(degrees=180, speed=0.02, turbulence=0.2))
    degrees, toward = (m.degrees, m.toward) if m.directed else (base.degrees, base.toward)
    if label == "smoke" and word in _SMOKE_SIDEWAYS and not m.directed:
        degrees = 0.0
    speed = _between(0.001, base.speed * m.amount * m.speed, 1)
    return Flow(direction_deg=degrees, toward_camera=toward, speed=speed, turbulence=base.turbulence)


def _swirl(label: str, word: str, m: Manner) -> Motion:
    flow = _flow(label, word, m)
    return flow.model_copy(update={"turbulence": 0.85})


def _break(label: str, word: str, m: Manner) -> Motion:
    """Waves come in: toward the camera unless another way is said."""
    if not m.directed:
        m = Manner(amount=m.amount, speed=m.speed, toward=1.0)
    return _flow(label, word, m)


def _ripple(_label: str, word: str, m: Manner) -> Motion:
    big = word in WAVES
    return Ripple(
        direction_deg=m.degrees, amplitude=_between(0.0005, (0.006 if big else 0.004) * m.amount, 0.05),
        wavelength=0.09 if big else 0.05, frequency=_between(0.1, (0.45 if big else 0.7) * m.speed, 8),
    )  # fmt: skip


def _sway(label: str, _word: str, m: Manner) -> Motion:
    base = _ROOTS.get(label, _ROOTS["foliage"])
    return Sway(
        direction_deg=m.degrees or 0.0, amplitude=_between(0.0005, base.amplitude * m.amount, 0.2),
        frequency=_between(0.05, base.frequency * m.speed, 8), turbulence=base.turbulence, anchor=base.anchor,
    )  # fmt: skip


def _flutter(label: str, word: str, m: Manner) -> Motion:
    return _sway(label, word, Manner(amount=m.amount * 0.8, speed=m.speed * 1.8, heading=m.heading))


def _flicker(label: str, _word: str, m: Manner) -> Motion:
    amplitude, frequency = {"fire": (0.25, 5.0), "sky": (0.1, 1.0), "clouds": (0.1, 0.5), "water": (0.12, 1.5)}.get(
        label, (0.2, 3.0)
    )
    return Flicker(amplitude=_between(0.01, amplitude * m.amount, 1), frequency=_between(0.1, frequency * m.speed, 15))


def _glow(_label: str, _word: str, m: Manner) -> Motion:
    """A light that breathes instead of trembling."""
    return Flicker(
        amplitude=_between(0.01, 0.15 * m.amount, 1), frequency=_between(0.1, 0.4 * m.speed, 15), turbulence=0.2
    )


def _bob(label: str, _word: str, m: Manner) -> Motion:
    degrees = m.degrees if m.degrees is not None else (0.0 if label == "lamp" else 90.0)
    return Drift(
        direction_deg=degrees,
        amplitude=_between(0.001, 0.01 * m.amount, 0.5),
        frequency=_between(0.05, 0.3 * m.speed, 4),
    )


def _bounce(_label: str, _word: str, m: Manner) -> Motion:
    return Drift(
        direction_deg=90.0,
        amplitude=_between(0.001, 0.035 * m.amount, 0.5),
        frequency=_between(0.05, 1.0 * m.speed, 4),
        turbulence=0.0,
    )


def _spin(label: str, _word: str, m: Manner) -> Motion:
    if label in _CURRENTS:
        return _swirl(label, "", m)
    rate = m.value if m.value is not None and m.unit == "deg" else 60.0 * m.amount * m.speed
    return Affine(mode="spin", amount=round(rate * (m.turn or _side(m) or 1), 2))


def _side(m: Manner) -> int:
    return (m.heading[0] > 0) - (m.heading[0] < 0)


def _swing(_label: str, _word: str, m: Manner) -> Motion:
    degrees = m.value if m.value is not None and m.unit == "deg" else 6.0 * m.amount
    return Affine(mode="swing", amount=round(degrees, 2), frequency=_between(0.05, 0.5 * m.speed, 8))


def _pulse(_label: str, _word: str, m: Manner) -> Motion:
    return Affine(mode="pulse", amount=_between(0.001, 0.02 * m.amount, 1), frequency=_between(0.05, 0.3 * m.speed, 8))


def _freeze(_label: str, _word: str, _m: Manner) -> Motion:
    return Freeze()


Builder = Callable[[str, str, Manner], Motion]

TRACK = "track"
"""Stands in `BUILD` for a path, which `track` makes when the length of the clip is known."""

_CURRENT: dict[str, Builder] = {
    "flow": _flow, "swirl": _swirl, "break": _flow, "ripple": _flow, "sway": _flow, "flicker": _flicker, "move": _flow,
    "rise": _flow, "fall": _flow, "bob": _flow, "spin": _swirl, "swing": _flow, "pulse": _flicker,
}  # fmt: skip
_WATER: dict[str, Builder] = _CURRENT | {
    "break": _break, "ripple": _ripple, "sway": _ripple, "flicker": _ripple, "bob": _ripple, "swing": _ripple, "pulse": _ripple,
    "rise": _ripple, "fall": _flow,
}  # fmt: skip
_AS_SWAY = ("flow", "swirl", "break", "ripple", "sway", "move", "rise", "fall", "bob", "swing", "pulse")
_ROOTED: dict[str, Builder] = {**dict.fromkeys(_AS_SWAY, _sway), "flicker": _flicker, "spin": _spin}
_LIGHT: dict[str, Builder] = dict.fromkeys(("flow", "swirl", "break", "ripple", "pulse", "flicker"), _flicker) | {
    "sway": _swing, "swing": _swing, "bob": _bob, "spin": _spin,
}  # fmt: skip
_LOOSE: dict[str, Builder] = {
    "bob": _bob, "sway": _swing, "swing": _swing, "spin": _spin, "pulse": _pulse, "ripple": _bob, "flicker": _flicker, "swirl": _spin,
    "break": _bob,
}  # fmt: skip
_FIRM: dict[str, Builder] = {"flicker": _flicker, "spin": _spin, "swing": _swing, "pulse": _pulse, "sway": _swing, "bob": _bob,
                             "ripple": _ripple, "swirl": _swirl, "flow": _flow}  # fmt: skip

_BUILD: dict[Sort, dict[str, Builder]] = {
    "current": _CURRENT, "rooted": _ROOTED, "light": _LIGHT, "loose": _LOOSE, "firm": _FIRM,
}  # fmt: skip
_ORDER: dict[Sort, tuple[str, ...]] = {
    "current": (
        "freeze",
        "flicker",
        "ripple",
        "break",
        "swirl",
        "rise",
        "fall",
        "flow",
        "move",
        "sway",
        "spin",
        "bob",
        "swing",
        "pulse",
    ),
    "rooted": (
        "freeze",
        "sway",
        "flicker",
        "swing",
        "flow",
        "ripple",
        "swirl",
        "move",
        "rise",
        "fall",
        "bob",
        "spin",
        "pulse",
        "break",
    ),
    "light": (
        "freeze",
        "flicker",
        "swing",
        "sway",
        "move",
        "rise",
        "fall",
        "spin",
        "bob",
        "pulse",
        "flow",
        "ripple",
        "swirl",
        "break",
    ),
    "loose": (
        "freeze",
        "rise",
        "fall",
        "move",
        "bob",
        "spin",
        "swing",
        "sway",
        "pulse",
        "flicker",
        "flow",
        "swirl",
        "ripple",
        "break",
    ),
    "firm": (
        "freeze",
        "flicker",
        "move",
        "rise",
        "fall",
        "spin",
        "swing",
        "pulse",
        "sway",
        "bob",
        "ripple",
        "swirl",
        "flow",
        "break",
    ),
}
"""Which class a word of several classes has with a sort of thing: lights flash before they throb."""

_SPECIAL: dict[str, Builder] = {"flutter": _flutter, "flap": _flutter, "rustle": _flutter, "quiver": _flutter, "glow": _glow,
                                "bounce": _bounce, "shine": _glow}  # fmt: skip
"""Verbs with a manner of their own, where the sort of thing allows the class."""

TRACKED = frozenset({"move", "rise", "fall"})


def build(label: str, word: str, verb: str, classes: frozenset[str], m: Manner) -> Motion | str | None:
    """The motion of one thing.

    Args:
        label: canonical label; word: the noun as said, singular or plural; verb: base form of the verb, "" for none said.
        classes: the classes of the verb in `VERBS`.

    Returns:
        A motion; `TRACK` when the thing shall leave its place (see `track`); None when this does not go together.
    """
    sort = SORTS[label]
    kind = _kind(label, word, sort, classes, m)
    if kind == "freeze":
        return _freeze(label, word, m)
    if sort in ("loose", "light", "firm") and kind in TRACKED | {"flow"} and (m.directed or kind in ("rise", "fall")):
        return TRACK
    if kind == "rise" and not m.directed:
        m = Manner(amount=m.amount, speed=m.speed, heading=(0.0, 1.0))
    if kind == "fall" and not m.directed:
        m = Manner(amount=m.amount, speed=m.speed, heading=(0.0, -1.0))
    table = _WATER if label == "water" else _BUILD[sort]
    builder = table.get(kind)
    if kind == "move" and sort in ("loose", "light"):
        builder = _bob if sort == "loose" else _flicker
    if builder is None:
        return None
    if (special := _SPECIAL.get(verb)) is not None and (builder in (_sway, _flicker) or verb == "bounce"):
        builder = special
    return builder(label, word, m)


def _kind(label: str, word: str, sort: Sort, classes: frozenset[str], m: Manner) -> str:
    if not classes or classes == {"default"}:
        return _default_kind(label, word, m)
    if label == "water" and "move" in classes and "flow" not in classes and "break" not in classes and not m.directed:
        return "flow" if word in STREAMS else "ripple"
    if label == "water" and "ripple" not in classes and "break" in classes:
        return "break"
    if sort == "loose" and classes & TRACKED and "bob" in classes and not m.directed and not classes & {"rise", "fall"}:
        return "bob"
    return next((kind for kind in _ORDER[sort] if kind in classes), "move")


def _default_kind(label: str, word: str, m: Manner) -> str:
    if label == "water" and (word in STREAMS or m.directed):
        return "flow"
    if SORTS[label] == "loose" and m.directed:
        return "move"
    return DEFAULT_VERB.get(label, "move")


_REACH = {"move": 0.22, "rise": 0.2, "fall": 0.2}
"""How far a thing goes over the clip, as a fraction of the canvas width."""


def track(steps: list[tuple[frozenset[str], Manner]], *, seconds: float, aspect: float) -> Track:
    """A path through `steps`, one after the other, that starts at the middle of the canvas.

    The grammar does not know where the thing is; `grammar.anchored` moves the path to it. `aspect` is width / height.
    """
    x, y, scale, turn = 0.5, 0.5, 1.0, 0.0
    points = [TrackPoint(t=0.0, at=(x, y))]
    for i, (classes, m) in enumerate(steps):
        right, up = m.heading
        if (right, up) == (0.0, 0.0) and not m.toward:
            up = 1.0 if "rise" in classes else -1.0 if "fall" in classes else 0.0
        length = math.hypot(right, up) or 1.0
        share = (
            m.value / 100
            if m.value is not None and m.unit == "%"
            else _REACH["move"] * m.amount * m.speed / len(steps) ** 0.5
        )
        x = _between(-1, x + right / length * share, 2)
        y = _between(-1, y - up / length * share * aspect, 2)
        scale *= 1.35 ** (m.toward * m.amount)
        turn += m.turn * 90.0 * m.amount
        points.append(TrackPoint(t=round(seconds * (i + 1) / len(steps), 3), at=(x, y)))
    return Track(points=tuple(points), scale_to=_between(0.1, scale, 10), turn_deg=turn)
