"""A steady path close to a shaky one: pieces that stand, glide or accelerate evenly. Knows numbers over time only.

    min  |D p| + 10 |D² p| + 100 |D³ p|  (L1)  + level · p + pull / 2 |p - aim|²     so that   low <= p <= high

and the path goes on from what is settled of it. Source: Grundmann, Kwatra, Essa 2011, who price |D p| 10 and |D² p| 1:
that slows pans down at their beginning and end. Solved by a primal-dual interior point method (Mehrotra 1992; Nocedal
& Wright, chapter 14): the bounds of |D p| are eliminated by hand, so that each round is one banded system of the length
of the path.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stillmotion.types import Float64

WEIGHTS = (1.0, 10.0, 100.0)  # of standing, gliding, accelerating evenly
_ROUNDS = 60
_DONE = 1e-9  # mean slack times price at which the path is the steadiest
_LEAST, _STIFFEST = 1e-13, 1e9  # so that the system can be solved with the digits there are
_BAND = 4  # the third difference reaches over four numbers


def steady(
    aim: Float64,
    low: Float64,
    high: Float64,
    *,
    settled: Float64,
    weights: tuple[float, float, float] = WEIGHTS,
    pull: float = 0.0,
    level: float = 0.0,
) -> Float64:
    """The steadiest path (N,) with `low` <= path <= `high` (N,), going on from the settled numbers (M,) before it.

    Args:
        aim: the shaky path (N,), or what else `pull` draws to.
        low, high: what each number may be; where they meet, the number is given.
        settled: the numbers before the path, of which the last three count; they may be none.
        weights: prices of the first, second and third difference.
        pull: price of being away from `aim`, per unit of the room squared; small: of all steady paths the nearest.
        level: price of the numbers themselves, per unit of the room.
    """
    settled = settled[-3:]
    unit = float((high - low).max()) / 2
    if unit < 1e-9:
        return np.asarray((low + high) / 2)
    middle = (low + high) / 2 / unit
    half = np.maximum((high - low) / 2 / unit, 1e-6)
    origin = middle[0]  # near zero, numbers have more digits
    fixed = len(settled)
    start = np.concatenate([settled / unit, middle]) - origin
    target = np.concatenate([settled / unit, aim / unit]) - origin
    room = np.concatenate([np.ones(fixed), half])
    path = _solved(start, target, room, fixed, np.array(weights), max(pull, 1e-5), level)
    return np.asarray(np.clip((path[fixed:] + origin) * unit, low, high))


@njit(cache=True, nogil=True)
def _solved(
    middle: Float64, aim: Float64, room: Float64, fixed: int, weights: Float64, pull: float, level: float
) -> Float64:
    """The path (N,), its first `fixed` numbers as in `middle`, the others within `room` of it."""
    count = len(middle)
    path = middle.copy()
    # of every difference r: bound t >= |r|, slacks t - r and t + r, prices z1 + z2 = weight
    bound, price = np.zeros((3, count)), np.zeros((3, count))
    change, bend = np.zeros((3, count)), np.zeros((3, count))
    low_price, high_price = np.ones(count), np.ones(count)
    rise = np.zeros((3, count))
    _differences(path, rise)
    for order in range(3):
        for i in range(count - order - 1):
            bound[order, i] = abs(rise[order, i]) + 0.1
            price[order, i] = 0.5 * weights[order]  # z1; z2 is the rest of the weight
    matrix, right = np.zeros((count, _BAND)), np.zeros(count)
    move_rise = np.zeros((3, count))
    terms = 2.0 * (max(count - 1, 0) + max(count - 2, 0) + max(count - 3, 0)) + 2.0 * (count - fixed)
    for _ in range(_ROUNDS):
        gap = 0.0
        for order in range(3):
            for i in range(count - order - 1):
                gap += (bound[order, i] - rise[order, i]) * price[order, i]
                gap += (bound[order, i] + rise[order, i]) * (weights[order] - price[order, i])
        for i in range(fixed, count):
            gap += (path[i] - middle[i] + room[i]) * low_price[i] + (middle[i] + room[i] - path[i]) * high_price[i]
        mean = gap / terms
        if mean < _DONE:
            break
        mu = 0.1 * mean
        matrix[:] = 0
        for i in range(count):
            if i < fixed:
                matrix[i, 0], right[i] = 1.0, 0.0
                continue
            low, high = _slacks(room[i], middle[i] - path[i])
            matrix[i, 0] = pull + low_price[i] / low + high_price[i] / high
            right[i] = -(pull * (path[i] - aim[i]) + level - mu / low + mu / high)
        for order in range(3):
            for i in range(count - order - 1):
                one, other = _slacks(bound[order, i], rise[order, i])
                z1, z2 = price[order, i], weights[order] - price[order, i]
                d1, d2 = z1 / one, z2 / other
                g1, g2 = mu / one - z1, mu / other - z2
                stiff = min(4 * d1 * d2 / (d1 + d2), _STIFFEST)
                bend[order, i] = stiff
                change[order, i] = g1 - g2 - (d1 - d2) * (g1 + g2) / (d1 + d2)
                _add(matrix, right, order, i, stiff, z1 - z2 + change[order, i], fixed)
        _solve(matrix, right)
        _differences(right, move_rise)
        reach = 1.0
        for i in range(fixed, count):
            move = right[i]
            low, high = _slacks(room[i], middle[i] - path[i])
            low_move = mu / low - low_price[i] - low_price[i] / low * move
            high_move = mu / high - high_price[i] + high_price[i] / high * move
            reach = min(reach, _until(low, move), _until(high, -move))
            reach = min(reach, _until(low_price[i], low_move), _until(high_price[i], high_move))
        for order in range(3):
            for i in range(count - order - 1):
                t_move, z_move = _moves(bound[order, i], rise[order, i], price[order, i], weights[order], mu,
                                        move_rise[order, i])  # fmt: skip
                r_move = move_rise[order, i]
                one, other = _slacks(bound[order, i], rise[order, i])
                reach = min(reach, _until(one, t_move - r_move), _until(other, t_move + r_move))
                reach = min(reach, _until(price[order, i], z_move))
                reach = min(reach, _until(weights[order] - price[order, i], -z_move))
        for order in range(3):
            for i in range(count - order - 1):
                t_move, z_move = _moves(bound[order, i], rise[order, i], price[order, i], weights[order], mu,
                                        move_rise[order, i])  # fmt: skip
                bound[order, i] += reach * t_move
                price[order, i] += reach * z_move
        for i in range(fixed, count):
            low, high = _slacks(room[i], middle[i] - path[i])
            move = right[i]
            low_price[i] += reach * (mu / low - low_price[i] - low_price[i] / low * move)
            high_price[i] += reach * (mu / high - high_price[i] + high_price[i] / high * move)
            path[i] += reach * move
        _differences(path, rise)
    return path


@njit(cache=True, nogil=True)
def _slacks(bound: float, rise: float) -> tuple[float, float]:
    """Not zero, where the two are so near that no digits are left of their difference."""
    return max(bound - rise, _LEAST), max(bound + rise, _LEAST)


@njit(cache=True, nogil=True)
def _moves(bound: float, rise: float, price: float, weight: float, mu: float, rising: float) -> tuple[float, float]:
    """How the bound and the first price of one difference change when it rises."""
    one, other = _slacks(bound, rise)
    d1, d2 = price / one, (weight - price) / other
    g1, g2 = mu / one - price, mu / other - (weight - price)
    t_move = (g1 + g2 + (d1 - d2) * rising) / (d1 + d2)
    return t_move, g1 - d1 * (t_move - rising)


@njit(cache=True, nogil=True)
def _until(now: float, move: float) -> float:
    """The share of a move after which nearly nothing is left."""
    return 1.0 if move >= 0 else min(1.0, -0.99 * now / move)


@njit(cache=True, nogil=True)
def _differences(path: Float64, out: Float64) -> None:
    count = len(path)
    for i in range(count - 1):
        out[0, i] = path[i + 1] - path[i]
    for order in range(1, 3):
        for i in range(count - order - 1):
            out[order, i] = out[order - 1, i + 1] - out[order - 1, i]


@njit(cache=True, nogil=True)
def _add(matrix: Float64, right: Float64, order: int, i: int, stiff: float, price: float, fixed: int) -> None:
    """Put one difference into the system: matrix[i, k] is what numbers i and i + k share."""
    signs = (-1.0, 1.0, 0.0, 0.0)
    if order == 1:
        signs = (1.0, -2.0, 1.0, 0.0)
    elif order == 2:
        signs = (-1.0, 3.0, -3.0, 1.0)
    for one in range(order + 2):
        if i + one < fixed:
            continue
        right[i + one] -= signs[one] * price
        for other in range(one, order + 2):
            matrix[i + one, other - one] += stiff * signs[one] * signs[other]


@njit(cache=True, nogil=True)
def _solve(matrix: Float64, right: Float64) -> None:
    """Solve the banded symmetric system in place (L D Lᵀ)."""
    count = len(right)
    for i in range(count):
        for back in range(1, min(_BAND, i + 1)):
            j = i - back
            share = matrix[j, back] / matrix[j, 0]
            for k in range(back, _BAND):
                if j + k < count:
                    matrix[i, k - back] -= share * matrix[j, k]
            right[i] -= share * right[j]
    for i in range(count - 1, -1, -1):
        total = right[i]
        for k in range(1, min(_BAND, count - i)):
            total -= matrix[i, k] * right[i + k]
        right[i] = total / matrix[i, 0]
