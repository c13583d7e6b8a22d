"""An even course through numbers that were measured around one frame. Knows series over time, no frames.

A local line (Cleveland 1979) with Hann weights and Tukey's against outliers, read at the frame itself. Its slope is
kept only as far as it is larger than its own error, so that light that rises steadily stays and flicker at the end of
a window does not pass for a rise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.types import Float64

REACH = 12  # frames to each side; flicker slower than about this many frames counts as light that changes
_STEP = 3.0  # levels: the least step of the light that may be one on purpose
_CLEAR = 4.0  # times the unrest on both sides that a step must measure
_SIDE = 6  # frames looked at on each side of a step


@dataclass(frozen=True, slots=True)
class Course:
    """What even numbers would be at the frame, and how uneven they are around it."""

    value: Float64  # (P,)
    unrest: Float64  # (P,) rms about a smooth curve through the window: what changes fast


def course(away: Float64, values: Float64, weight: Float64, *, floor: Float64) -> Course:
    """The even course of P numbers.

    Args:
        away: (N,) frames from the one asked about.
        values: (N, P).
        weight: (N,) how far each frame's numbers can be believed; 0 leaves it out.
        floor: (P,) unrest below which nothing is an outlier.
    """
    base = weight * np.cos(np.pi / 2 * away / (REACH + 1)) ** 2
    robust = np.broadcast_to(base[:, None], values.shape).copy()
    line = np.zeros_like(values)
    for _ in range(3):
        level, slope = _line(away, values, robust)
        line = level + slope * away[:, None]
        off = np.abs(values - line)
        spread = np.maximum(1.48 * np.median(off[base > 0], axis=0), floor)
        robust = base[:, None] * np.square(np.clip(1 - (off / (5 * spread)) ** 2, 0, 1))
        robust += 1e-9 * base[:, None]
    level, slope = _line(away, values, robust)
    return Course(value=level, unrest=_unrest(away, values, base))


def _line(away: Float64, values: Float64, weight: Float64) -> tuple[Float64, Float64]:
    total = weight.sum(axis=0)
    middle = (weight * away[:, None]).sum(axis=0) / total
    mean = (weight * values).sum(axis=0) / total
    spread = (weight * (away[:, None] - middle) ** 2).sum(axis=0) + 1e-9
    slope = (weight * (away[:, None] - middle) * values).sum(axis=0) / spread
    rest = values - mean - slope * (away[:, None] - middle)
    error = (weight * weight * rest * rest * (away[:, None] - middle) ** 2).sum(axis=0) / spread**2
    slope = slope * np.clip(1 - 3 * error / (slope * slope + 1e-12), 0, 1)
    return mean - slope * middle, slope


def _unrest(away: Float64, values: Float64, weight: Float64) -> Float64:
    if (weight > 0).sum() < 4:
        return np.zeros(values.shape[1])
    root = np.sqrt(weight)[:, None]
    basis = np.polynomial.legendre.legvander(away / REACH, min(5, int((weight > 0).sum()) // 4))
    found = np.linalg.lstsq(basis * root, values * root, rcond=None)[0]
    rest = (values - basis @ found) * root
    return np.asarray(np.sqrt((rest * rest).sum(axis=0) / weight.sum()))


def same_light(away: Float64, level: Float64) -> Float64:
    """(N,) 1 for frames in the same light as the one asked about, 0 beyond a step (a lamp switched on).

    Args:
        away: (N,) frames from the one asked about, rising.
        level: (N,) how bright each frame is, levels.
    """
    keep = np.ones(len(level))
    for split in range(3, len(level) - 2):
        left, right = level[max(0, split - _SIDE) : split], level[split : split + _SIDE]
        step = np.median(right) - np.median(left)
        unrest = max(_spread(left), _spread(right), 0.25)
        jump = abs(level[split] - level[split - 1])
        if abs(step) > max(_STEP, _CLEAR * unrest) and jump > 0.6 * abs(step):
            if away[split] > 0:
                keep[split:] = 0
            else:
                keep[:split] = 0
    return keep


def _spread(values: Float64) -> float:
    return float(np.median(np.abs(values - np.median(values)))) * 1.48
