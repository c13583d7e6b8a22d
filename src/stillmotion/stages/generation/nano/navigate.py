"""Places in the space of all results, and ways between them. Knows numbers alone: no network, no plan, no pixels.

    Spot = noise (a direction) + how far between two prompts + guidance, hold, strength

    spread     columns x rows of spots, one coordinate across and one down
    path       from one spot to another: the noise on an arc, the rest straight
    around     new spots near those that were liked: crossed, then turned a little towards fresh seeds
    evened     where to stand on a way so that every step is equally long

Noise is a sum of the noises of seeds with weights whose squares make 1. Noises of different seeds are as good as at
right angles to each other, so the weights are the coordinates of a point on a sphere, and turning that point on an arc
(slerp, Shoemake 1985; White, arXiv 1609.04468) is to slerp the noise itself. Every point of it is noise of deviation 1,
as the network was taught, and a few numbers tell it, however often it was turned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillmotion.spellings import AXES, Axis
from stillmotion.types import Float64

Mix = tuple[tuple[int, float], ...]
"""Seeds, each once, and their weights; the squares of the weights make 1."""
_FIELD: dict[Axis, str] = {"prompt": "between", "guidance": "guidance", "hold": "hold", "strength": "strength"}
BOUNDS: dict[str, tuple[float, float]] = {field: AXES[axis][1:] for axis, field in _FIELD.items()}
"""Of the numbers of a spot."""
SPANS: dict[str, float] = {"between": 0.5, "guidance": 1.5, "hold": 0.3, "strength": 0.5}
"""How far `around` may change each at a step of 1."""
_DIGITS = 6
_LEAST = 2e-3  # a seed with less weight than this is left out: nobody could see it


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in the space of results."""

    noise: Mix
    between: float  # [0, 1]: 0 the first prompt, 1 the second
    guidance: float
    hold: float
    strength: float  # times the plan's own


def dot(a: Mix, b: Mix) -> float:
    """Cosine of the angle between two noises."""
    weights = dict(b)
    return sum(weight * weights.get(seed, 0.0) for seed, weight in a)


def angle(a: Mix, b: Mix) -> float:
    """Radians between two noises: 0 the same, pi / 2 nothing in common."""
    return math.acos(min(1.0, max(-1.0, dot(a, b))))


def slerp(a: Mix, b: Mix, share: float) -> Mix:
    """The noise that is `share` in [0, 1] of the way along the arc from `a` to `b`."""
    if share in (0.0, 1.0):
        return b if share else a
    whole = angle(a, b)
    if whole < 1e-6:
        return a
    return _unit(_added((a, math.sin((1 - share) * whole)), (b, math.sin(share * whole))))


def turned(noise: Mix, seed: int, by: float) -> Mix:
    """`noise`, turned by so many radians towards a seed that it does not hold yet."""
    return _unit(_added((noise, math.cos(by)), (((seed, 1.0),), math.sin(by))))


def centre(mixes: Sequence[Mix], shares: Sequence[float] | Float64) -> Mix:
    """The noise amid several, nearer to those with larger shares."""
    return _unit(_added(*zip(mixes, map(float, shares), strict=True)))


def path(a: Spot, b: Spot, share: float) -> Spot:
    """The spot that is `share` in [0, 1] of the way from `a` to `b`."""
    if share in (0.0, 1.0):
        return b if share else a
    numbers = {name: _rounded(getattr(a, name) + (getattr(b, name) - getattr(a, name)) * share) for name in BOUNDS}
    return Spot(noise=slerp(a.noise, b.noise, share), **numbers)


def spread(
    start: Spot, columns: int, rows: int, across: tuple[Axis, float, float], down: tuple[Axis, float, float], *,
    towards: Mix | None = None,
) -> tuple[Spot, ...]:  # fmt: skip
    """Spots row by row. `across` and `down` are an axis with its first and last value each, evenly divided.

    Of "seed" every column (or row) has the next one, both ways every cell; its values are not looked at. Of "noise" the
    values are shares of the arc from the noise of `start` to that of `towards`.
    """
    spots = []
    (seed, _), *_ = start.noise
    apart = across[0] == down[0] == "seed"
    for row in range(rows):
        for column in range(columns):
            spot = start
            for (axis, first, last), at, count in ((across, column, columns), (down, row, rows)):
                value = first if count == 1 else first + (last - first) * at / (count - 1)
                if axis == "noise":
                    assert towards is not None
                    spot = replace(spot, noise=slerp(spot.noise, towards, value))
                elif axis != "seed":
                    spot = _changed(spot, {_FIELD[axis]: _rounded(value)})
                elif at or (apart and row):
                    number = row * columns + column if apart else at
                    spot = replace(spot, noise=(((seed + number) % 2**32, 1.0),))
            spots.append(spot)
    return tuple(spots)


def around(
    liked: Sequence[Spot], count: int, *, step: float, free: Sequence[str], seeds: Sequence[int]
) -> tuple[Spot, ...]:
    """The midst of what was liked, and `count` - 1 spots near it.

    Each is a mixture of the liked ones by random shares, its noise turned by `step` of a right angle towards a fresh
    seed, and the numbers in `free` (of `BOUNDS`) moved by up to `step` times their `SPANS`. The same `seeds` give the
    same spots.
    """
    random = np.random.default_rng(np.random.SeedSequence(seeds))
    used = {own for spot in liked for own, _ in spot.noise}
    spots = [_amid(liked, np.ones(len(liked)))]
    for _ in range(count - 1):
        spot = _amid(liked, random.dirichlet(np.ones(len(liked))))
        fresh = next(each for each in iter(lambda: int(random.integers(2**32)), None) if each not in used)
        used.add(fresh)
        moved = {
            name: _bounded(name, getattr(spot, name) + step * SPANS[name] * random.uniform(-1, 1)) for name in free
        }
        spots.append(_changed(replace(spot, noise=turned(spot.noise, fresh, step * math.pi / 2)), moved))
    return tuple(spots)


def evened(places: Sequence[float], steps: Sequence[float], count: int) -> tuple[float, ...]:
    """`count` places from the first to the last of `places`, equally far from one another as measured.

    Args:
        places: (n,) rising.
        steps: (n - 1,) measured distances from each to the next.
        count: 2 or more.
    """
    gone = np.concatenate([[0.0], np.cumsum(np.maximum(np.asarray(steps, np.float64), 1e-12))])
    found = np.interp(np.linspace(0.0, gone[-1], count), gone, np.asarray(places, np.float64))
    return (float(places[0]), *map(float, found[1:-1]), float(places[-1]))


def _amid(spots: Sequence[Spot], shares: Float64) -> Spot:
    if len(spots) == 1:
        return spots[0]
    shares = shares / shares.sum()
    numbers = {name: _bounded(name, float(np.dot(shares, [getattr(spot, name) for spot in spots]))) for name in BOUNDS}
    return Spot(noise=centre([spot.noise for spot in spots], shares), **numbers)


def _changed(spot: Spot, numbers: dict[str, float]) -> Spot:
    kept = {name: getattr(spot, name) for name in BOUNDS}
    return Spot(noise=spot.noise, **(kept | numbers))


def _added(*parts: tuple[Mix, float]) -> dict[int, float]:
    """Sums of weights by seed, in the order in which the seeds come."""
    found: dict[int, float] = {}
    for mix, factor in parts:
        for seed, weight in mix:
            found[seed] = found.get(seed, 0.0) + factor * weight
    return found


def _unit(weights: dict[int, float]) -> Mix:
    """Weights whose squares make 1, without those that nobody could see."""
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    kept = {seed: weight / length for seed, weight in weights.items() if abs(weight) >= _LEAST * length}
    length = math.sqrt(sum(weight * weight for weight in kept.values()))
    return tuple((seed, round(weight / length, _DIGITS)) for seed, weight in kept.items())


def _bounded(name: str, value: float) -> float:
    low, high = BOUNDS[name]
    return _rounded(min(max(value, low), high))


def _rounded(value: float) -> float:
    return round(value, _DIGITS) + 0.0
