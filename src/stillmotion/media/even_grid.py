"""Frames shown at any times -> an even grid of ticks: which frame is shown at each. Knows times, no files.

A rate counts as constant when every frame is within a part of a frame of its tick; then each frame is used once. Of a
variable one, frames are held and left out so that each tick shows what was to be seen then, and the length stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from stillmotion.errors import InputError
from stillmotion.media.encoding import exact_rate
from stillmotion.types import Float64

_USUAL_RATES = (*map(Fraction, (5, 8, 10, 12, 15)), Fraction(24000, 1001), *map(Fraction, (24, 25)),
                Fraction(30000, 1001), *map(Fraction, (30, 48, 50)), Fraction(60000, 1001),
                *map(Fraction, (60, 100)), Fraction(120_000, 1001), *map(Fraction, (120, 240)))  # fmt: skip
_SURE, _OFF = 0.2, 0.6  # of a frame: how far times may be from their ticks at a rate that is surely, maybe meant
_FASTEST = Fraction(120)  # of a grid for a variable rate
_LOST = 0.02  # share of frames that may be left out before a finer grid is taken
_MOST = 50  # ticks per frame of the file, above which it is no video any more
_FEW = 10_000  # ticks that are always allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Which frame of the file is shown at each tick."""

    rate: Fraction  # ticks per second
    begin: float  # seconds of the file's own time at tick 0
    places: tuple[int, ...]  # number of the file's frame, rising
    note: str | None  # what it cost, where the rate varies


def even_grid(times: Sequence[float], end: float, told: Fraction) -> Grid:
    """A grid for frames shown from these times (seconds, rising), the last one until `end`.

    `told` is the rate that the file names.

    Raises:
        InputError: the times are so far apart that held frames would outnumber the others by far.
    """
    at = np.asarray(times, dtype=np.float64)
    if len(at) == 1:
        rate = told if 1 <= told <= 240 else Fraction(25)
        held = min(max(1, round((end - at[0]) * rate)), _FEW)
        return Grid(rate=rate, begin=float(at[0]), places=(0,) * held, note=None)
    mean = (len(at) - 1) / (at[-1] - at[0])
    near, exact = _usual(mean, within=0.005), exact_rate(mean)
    tries = [(told, _SURE), (near, _SURE), (exact, _SURE), (told, _OFF)] + [(near, _OFF)] * (near != exact)
    for rate, slack in tries:
        off = (at - at[0]) * float(rate) - np.arange(len(at))
        middle = float(np.median(off))
        if np.abs(off - middle).max() < slack and (end - at[-1]) * float(rate) < 1 + _OFF:
            begin = float(at[0]) + middle / float(rate)
            return Grid(rate=rate, begin=begin, places=tuple(range(len(at))), note=None)
    return _held(at, end)


def _held(at: Float64, end: float) -> Grid:
    steps = np.diff(at)
    steps = steps[steps > 1e-4]
    rate = _rate_of(steps, 1 / float(np.median(steps)))
    places = _places(at, end, rate)
    if len(at) - len(np.unique(places)) > _LOST * len(at):
        rate = max(rate, _rate_of(steps, 1 / float(np.percentile(steps, 5))))
        places = _places(at, end, rate)
    shown = len(np.unique(places))
    note = (
        f"Its frame rate varies ({1 / steps.max():.3g} to {1 / steps.min():.3g} a second); its frames were laid on an "
        f"even {float(rate):.4g}: {len(places) - shown} times one is held, {len(at) - shown} are left out. "
        "The length stays."
    )
    return Grid(rate=rate, begin=float(at[0]), places=tuple(places.tolist()), note=note)


def _rate_of(steps: Float64, about: float) -> Fraction:
    """The rate whose multiples the steps are, near a first guess."""
    units = np.rint(steps * about)
    near = (units > 0) & (np.abs(steps * about - units) < 0.25)
    better = float(units[near].sum() / steps[near].sum()) if near.any() else about
    return min(_usual(better, within=0.01), _FASTEST)


def _usual(rate: float, *, within: float) -> Fraction:
    """The usual rate near this one, or itself."""
    near = min(_USUAL_RATES, key=lambda known: abs(rate / float(known) - 1))
    return near if abs(rate / float(near) - 1) < within else exact_rate(rate)


def _places(at: Float64, end: float, rate: Fraction) -> Float64:
    count = max(1, round((end - at[0]) * rate))
    if count > max(_MOST * len(at), _FEW):
        raise InputError(
            f"Its {len(at)} frames are spread over {end - at[0]:.0f} seconds, {float(rate):.4g} a second at their "
            "densest; that is no clip any more.",
            hint="Its times may be broken: write it anew with a constant rate first.",
        )
    middles = at[0] + (np.arange(count) + 0.5) / float(rate)
    return np.asarray(np.clip(np.searchsorted(at, middles, side="right") - 1, 0, len(at) - 1))
