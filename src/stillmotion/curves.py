"""Curves over time: the kinds of easing, and a smooth curve through keys that never overshoots.

Knows no camera and no plan but the names of its easings.

n keys, c channels
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from stillmotion.plan import Ease
from stillmotion.types import Float64

Ends = Literal["rest", "free", "periodic"]


def smoothstep(u: float) -> float:
    """0 -> 1 over u in [0, 1] with velocity and acceleration zero at both ends (quintic)."""
    return u * u * u * (u * (6 * u - 15) + 10)


def _ease_in(u: float) -> float:
    """From rest, without a jerk, to twice the mean speed."""
    return u * u * u * (2 - u)


def _exponential(u: float) -> float:
    """Speed grows by itself, from rest to rest."""
    return math.expm1(3.0 * smoothstep(u)) / math.expm1(3.0)


def _elastic(u: float) -> float:
    """A spring that overshoots by about 10 % and comes to rest."""
    damping, swing = 5.0, 8.0
    left = math.exp(-damping * u) * (math.cos(swing * u) + damping / swing * math.sin(swing * u))
    return 1.0 - left * (1.0 - smoothstep(u))


EASES: dict[Ease, Callable[[float], float]] = {
    "linear": lambda u: u,
    "ease-in": _ease_in,
    "ease-out": lambda u: 1.0 - _ease_in(1.0 - u),
    "ease-in-out": smoothstep,
    "exponential": _exponential,
    "elastic": _elastic,
}
"""Each maps [0, 1] onto [0, 1] (elastic overshoots on its way)."""


class Curve:
    """A C2 curve through keys, monotone between neighbouring keys in every channel: it never overshoots.

    Quintic Hermite pieces. Slopes and second derivatives at the keys come from the C2 cubic spline and are then cut
    back until each piece's Bernstein coefficients are in order, which makes the piece monotone (the control polygon
    bounds the curve's variation); neighbours share the cut values, so the curve stays C2. After Dougherty, Edelman and
    Hyman (1989), with the Bernstein condition in place of theirs.
    """

    def __init__(self, times: Sequence[float] | Float64, values: Float64, *, ends: Ends) -> None:
        """`times` (n,) rising, `values` (n, c), n >= 2.

        `ends`: rest: velocity and acceleration are zero at both ends; free: the ends run on straight; periodic: the
        last key is the first again (in its derivatives; its value may differ by a steady gain).
        """
        self.times = np.asarray(times, dtype=np.float64)
        self.pieces = _pieces(self.times, np.asarray(values, dtype=np.float64), ends)  # (n - 1, 6, c)

    def at(self, t: float) -> Float64:
        """The channels (c,) at time t, within the first and last key."""
        i = min(max(int(np.searchsorted(self.times, t, side="right")) - 1, 0), len(self.pieces) - 1)
        u = (t - self.times[i]) / (self.times[i + 1] - self.times[i])
        p = self.pieces[i]
        out: Float64 = ((((p[5] * u + p[4]) * u + p[3]) * u + p[2]) * u + p[1]) * u + p[0]
        return out


def _pieces(times: Float64, values: Float64, ends: Ends) -> Float64:
    """Power coefficients in u of each quintic piece, (n - 1, 6, c)."""
    steps = np.diff(times)[:, None]  # (n - 1, 1)
    rises = np.diff(values, axis=0) / steps  # (n - 1, c)
    slopes, bends = _cubic_derivatives(steps, rises, ends)  # (n, c) each
    slopes = _monotone_slopes(slopes, rises, ends)
    bends = _monotone_bends(bends, slopes, steps, rises, ends)
    p0, p1 = values[:-1], values[1:]
    d0, d1 = slopes[:-1] * steps, slopes[1:] * steps
    a0, a1 = bends[:-1] * steps**2 / 2, bends[1:] * steps**2 / 2
    gap = p1 - p0 - d0 - a0
    turn = d1 - d0 - 2 * a0
    bow = a1 - a0
    return np.stack(
        [p0, d0, a0, 10 * gap - 4 * turn + bow, -15 * gap + 7 * turn - 2 * bow, 6 * gap - 3 * turn + bow], axis=1
    )


def _cubic_derivatives(steps: Float64, rises: Float64, ends: Ends) -> tuple[Float64, Float64]:
    """First and second derivatives at the keys of the C2 cubic spline with these ends, (n, c) each."""
    keys = len(steps) + 1
    wrap = min(8, 4 * len(steps)) if ends == "periodic" else 0  # a key's influence falls to 1/4 per key
    around = np.arange(-wrap, len(steps) + wrap) % len(steps)
    h, r = steps[around, 0], rises[around]
    n = len(h) + 1
    lower, diagonal, upper = np.zeros(n), np.ones(n), np.zeros(n)
    right = np.zeros((n, rises.shape[1]))
    lower[1:-1], upper[1:-1], diagonal[1:-1] = 1 / h[:-1], 1 / h[1:], 2 * (1 / h[:-1] + 1 / h[1:])
    right[1:-1] = 3 * (r[:-1] / h[:-1, None] + r[1:] / h[1:, None])
    if ends != "rest":  # no bend at the ends: 2 d0 + d1 = 3 r0
        upper[0], diagonal[0], right[0] = 1.0, 2.0, 3 * r[0]
        lower[-1], diagonal[-1], right[-1] = 1.0, 2.0, 3 * r[-1]
    slopes = _tridiagonal(lower, diagonal, upper, right)
    bends = np.zeros_like(slopes)
    bends[:-1] = (6 * r - 4 * slopes[:-1] - 2 * slopes[1:]) / h[:, None]
    bends[-1] = 0.0
    if ends == "rest":
        bends[0] = 0.0
    inner = slice(wrap, wrap + keys)
    slopes, bends = slopes[inner], bends[inner]
    if ends == "periodic":
        slopes[-1], bends[-1] = slopes[0], bends[0]
    return slopes, bends


def _tridiagonal(lower: Float64, diagonal: Float64, upper: Float64, right: Float64) -> Float64:
    """Solve the tridiagonal system for every column of `right` (n, c), by elimination (Thomas)."""
    n = len(diagonal)
    ratio, solved = np.zeros(n), right.copy()
    ratio[0] = upper[0] / diagonal[0]
    solved[0] /= diagonal[0]
    for i in range(1, n):
        pivot = diagonal[i] - lower[i] * ratio[i - 1]
        ratio[i] = upper[i] / pivot
        solved[i] = (solved[i] - lower[i] * solved[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        solved[i] -= ratio[i] * solved[i + 1]
    return solved


def _sides(rises: Float64, ends: Ends) -> tuple[Float64, Float64]:
    """What lies before and after each key, (n, c) each; at open ends the one piece there is stands for both."""
    first, last = (rises[-1:], rises[:1]) if ends == "periodic" else (rises[:1], rises[-1:])
    return np.concatenate([first, rises]), np.concatenate([rises, last])


def _monotone_slopes(slopes: Float64, rises: Float64, ends: Ends) -> Float64:
    """Slopes of the data's own sign (0 at turning points), cut until d0 + d1 <= 5/2 of every piece's mean slope."""
    before, after = _sides(rises, ends)
    up = np.sign(after) * (before * after > 0)
    sizes = np.maximum(slopes * up, 0.0)
    room = np.minimum(1.0, 2.5 * np.abs(rises) / np.maximum(sizes[:-1] + sizes[1:], 1e-300))  # (n - 1, c)
    room_before, room_after = _sides(room, ends)
    return np.asarray(up * sizes * np.minimum(room_before, room_after))


def _monotone_bends(bends: Float64, slopes: Float64, steps: Float64, rises: Float64, ends: Ends) -> Float64:
    """Second derivatives cut until b0 <= b1 <= ... <= b5 (for a rising piece) holds on both sides of each key.

    With slopes d and bends a the Bernstein steps of a piece of length h and mean slope r are
    h d0/5,  h d0/5 + h² a0/20,  h r - 2 h (d0 + d1)/5 + h² (a1 - a0)/20,  h d1/5 - h² a1/20,  h d1/5;
    the middle step's slack is given half to each end.
    """
    sign = np.sign(rises)
    slack = np.maximum(10 * (np.abs(rises) - 0.4 * (np.abs(slopes[:-1]) + np.abs(slopes[1:]))) / steps, 0.0)
    slack = slack * (sign != 0)
    start_low = np.where(sign == 0, 0.0, -4 * np.abs(slopes[:-1]) / steps)  # in the piece's own direction
    end_high = np.where(sign == 0, 0.0, 4 * np.abs(slopes[1:]) / steps)
    start = np.sort(np.stack([sign * start_low, sign * slack]), axis=0)  # bounds of a0: (2, n - 1, c)
    end = np.sort(np.stack([-sign * slack, sign * end_high]), axis=0)  # bounds of a1
    open_end = np.full_like(rises[:1], np.inf)
    before_low, after_low = _bounds(end[0], start[0], -open_end, ends)
    before_high, after_high = _bounds(end[1], start[1], open_end, ends)
    return np.asarray(np.clip(bends, np.maximum(before_low, after_low), np.minimum(before_high, after_high)))


def _bounds(end: Float64, start: Float64, nothing: Float64, ends: Ends) -> tuple[Float64, Float64]:
    """The bound that the piece before and the piece after each key set, (n, c) each."""
    if ends == "periodic":
        return np.concatenate([end[-1:], end]), np.concatenate([start, start[:1]])
    return np.concatenate([nothing, end]), np.concatenate([start, nothing])


def thin(times: Float64, values: Float64, *, tolerance: Float64, ends: Ends) -> list[int]:
    """Indices of the keys, first and last among them, whose `Curve` stays within `tolerance` of all values.

    `times` (n,) rising, `values` (n, c), `tolerance` (c,) > 0. Greedy: the worst key of every gap is added, until none
    is left. A curve that no fewer keys describe keeps them all.
    """
    last = len(times) - 1
    kept = [0, last] if ends != "periodic" or last < 3 else sorted({0, last // 3, 2 * last // 3, last})
    while len(kept) <= last:
        curve = Curve(times[kept], values[kept], ends=ends)
        through = np.array([curve.at(float(t)) for t in times])
        error = np.max(np.abs(through - values) / tolerance, axis=1)
        worst = [a + 1 + int(np.argmax(error[a + 1 : b])) for a, b in pairwise(kept) if b > a + 1]
        added = [i for i in worst if error[i] > 1.0]
        if not added:
            break
        kept = sorted({*kept, *added})
    return kept
