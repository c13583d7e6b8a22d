"""The path of a `track` over plan time: where it has gone from its first point, how large it is and how far turned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stillmotion.curves import EASES, Curve
from stillmotion.plan import Track
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.types import Float64

Steps = Callable[[float], tuple[float, float, float]]
"""Plan time -> (dx, dy) in fractions of the canvas, and the share of the whole path in [0, 1]."""


def steps_of(track: Track, rhythm: Rhythm) -> Steps:
    """Two points are joined by the track's easing; more by one smooth curve that never overshoots.

    A clip that closes runs the path there and back.
    """
    times = np.array([point.t for point in track.points])
    places: Float64 = np.array([point.at for point in track.points], np.float64)
    places = places - places[0]
    ease = EASES[track.ease]
    curve = Curve(times.tolist(), places, ends="rest") if len(times) > 2 else None
    length = max(float(times[-1] - times[0]), 1e-6)

    def at(tau: float) -> tuple[float, float, float]:
        now = min(max(rhythm.there_and_back(tau), float(times[0])), float(times[-1]))
        share = ease((now - float(times[0])) / length)
        x, y = places[-1] * share if curve is None else curve.at(now)
        return float(x), float(y), float(share)

    return at
