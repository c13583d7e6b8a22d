"""What a camera path does, in words: the path is sampled, each of its numbers is cut where it turns round, and the
pieces are told in order. Knows no photo; the lens is told as magnification if the photo's own field of view is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stillmotion.camera import CameraPath
from stillmotion.plan import MotionPlan
from stillmotion.types import Float64

_SAMPLES = 240
_LEAST = np.array([0.004, 0.004, 0.004, 0.4, 0.4, 0.4, 0.4, 0.4, 0.01, math.log(1.015), 0.03, 0.002])
"""Changes smaller than these are not worth a word."""
_REST = 0.02  # share of a change that may happen before it counts as begun
_TOGETHER = 0.5  # pieces that share this part of the shorter one's time are told with "while"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One number of the camera going one way, plan time."""

    channel: int
    start: float
    end: float
    change: float  # in the number's own unit
    value: float  # where it ends


def camera_words(plan: MotionPlan, fov_deg: float | None) -> str:
    """A clause such as "pushes in by 15 % of the subject's distance over 3 s, then pans right by 9°"; "" if still."""
    canvas = plan.canvas.model_copy(update={"loop": "none", "seconds": max(plan.canvas.seconds, _last(plan))})
    path = CameraPath(plan.model_copy(update={"canvas": canvas, "time": (), "strength": 1.0}), fov_deg or 60.0)
    times = np.linspace(0.0, canvas.seconds, _SAMPLES + 1)
    rigs = np.array([path.rig(float(t)) for t in times])
    rigs[:, 9] += -rigs[0, 9] if fov_deg is None else 0.0
    returns = len(plan.camera.keyframes) > 2 and bool(np.all(np.abs(rigs[-1] - rigs[0]) < _LEAST))
    if plan.canvas.loop == "seamless" or returns:
        return _swings(rigs)
    runs = [_pieces(channel, times, rigs[:, channel]) for channel in range(12)]
    steady = _in_order([piece for run in runs if not _weaves(run) for piece in run], canvas.seconds)
    weaving = "weaves" if any(map(_weaves, runs)) else ""
    return _listed([*filter(None, (steady, weaving))])


def _weaves(run: Sequence[Piece]) -> bool:
    """To one side and the other again and again, as a flight between things does."""
    return len(run) > 2 and run[0].channel < 8


def _last(plan: MotionPlan) -> float:
    return plan.camera.keyframes[-1].t


def _pieces(channel: int, times: Float64, values: Float64) -> list[Piece]:
    """A number's runs up and down; turns below what counts are part of the run they interrupt."""
    turns = [0]
    for i in range(1, len(values)):
        low, high = values[turns[-1] : i + 1].min(), values[turns[-1] : i + 1].max()
        extreme = int(turns[-1] + np.argmax(np.abs(values[turns[-1] : i + 1] - values[turns[-1]])))
        if high - low > _LEAST[channel] and abs(values[i] - values[extreme]) > _LEAST[channel]:
            turns.append(extreme)
    turns.append(len(values) - 1)
    found = []
    for a, b in pairwise(turns):
        change = float(values[b] - values[a])
        if abs(change) <= _LEAST[channel]:
            continue
        found += _without_rests(channel, times[a : b + 1], values[a : b + 1], change)
    return found


def _without_rests(channel: int, times: Float64, values: Float64, change: float) -> list[Piece]:
    """One run, cut where it stands still for a while."""
    moving = np.abs(np.diff(values)) > _REST * abs(change) / len(values)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], moving, [False]]).astype(np.int8)))
    spans = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    joined: list[tuple[int, int]] = []
    for a, b in spans:
        if joined and a - joined[-1][1] < _SAMPLES // 30:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return [
        Piece(
            channel=channel, start=float(times[a]), end=float(times[b]),
            change=float(values[b] - values[a]), value=float(values[b]),
        )
        for a, b in joined if abs(values[b] - values[a]) > _LEAST[channel]
    ]  # fmt: skip


def _in_order(pieces: list[Piece], seconds: float) -> str:
    """Pieces of the same time with "while", one time after the other with "then"."""
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.start, p.channel)):
        shared = [min(o.end, piece.end) - max(o.start, piece.start) for o in groups[-1]] if groups else []
        shortest = min([piece.end - piece.start, *(o.end - o.start for o in groups[-1])]) if groups else 0.0
        if shared and max(shared) > _TOGETHER * shortest:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    told = []
    for group in groups:
        start, end = min(p.start for p in group), max(p.end for p in group)
        whole = start < 0.05 * seconds and end > 0.9 * seconds
        told.append(_listed([_word(p) for p in group]) + ("" if whole else f" over {end - start:.1f} s"))
    return ", then ".join(told)


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def _word(piece: Piece) -> str:
    return _TELL[piece.channel](piece.change, piece.value)


def _swings(rigs: Float64) -> str:
    """Numbers that all come back to where they began."""
    both, single = list[str](), list[str]()
    for channel in range(12):
        values = rigs[:, channel] - rigs[0, channel]
        low, high = float(values.min()), float(values.max())
        if max(high, -low) <= _LEAST[channel]:
            continue
        twice = high > _LEAST[channel] and -low > _LEAST[channel]
        first_high = values.argmax() < values.argmin() if twice else high > -low
        far = high if first_high else low
        (both if twice else single).append(_TELL[channel](far, float(rigs[0, channel] + far)))
    there = f"{_listed(both)}, as far to the other side, and back" if both else ""
    back = f"{_listed(single)} and back" if single else ""
    return " and ".join(filter(None, (back, there)))


def _way(verb: str, plus: str, minus: str, unit: Callable[[float], str]) -> Callable[[float, float], str]:
    return lambda change, _: f"{verb} {plus if change > 0 else minus} by {unit(abs(change))}"


def _degrees(value: float) -> str:
    return f"{value:.3g}°"


def _distance(value: float) -> str:
    return f"{100 * value:.2g} % of the subject's distance"


def _magnified(change: float, _: float) -> str:
    return f"zooms {'in' if change > 0 else 'out'} to {math.exp(change):.3g} times"


def _focused(change: float, value: float) -> str:
    place = "the subject" if abs(value - 1) < 0.1 else f"what is {1 / max(value, 1e-3):.2g} times as far as the subject"
    return f"pulls focus {'nearer' if change > 0 else 'farther'}, to {place}"


_TELL: tuple[Callable[[float, float], str], ...] = (
    _way("trucks", "right", "left", _distance),
    _way("pedestals", "down", "up", _distance),
    lambda change, _: f"{'pushes in' if change > 0 else 'pulls out'} by {_distance(abs(change))}",
    _way("tilts", "up", "down", _degrees),
    _way("pans", "right", "left", _degrees),
    _way("rolls", "clockwise", "counter-clockwise", _degrees),
    _way("orbits", "right", "left", _degrees),
    _way("orbits", "up", "down", _degrees),
    _way("dolly-zooms", "in", "out", _distance),
    _magnified,
    _focused,
    lambda change, _: f"{'opens' if change > 0 else 'closes'} the aperture",
)
"""One teller for each of the twelve numbers of a rig: (change, value at the end) -> words."""
