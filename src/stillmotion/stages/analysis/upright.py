"""What stands upright has one depth from foot to head: walls, poles, trunks, people.

A level camera sees every vertical surface at a disparity that is constant along the picture's columns, whichever way
the surface faces (the assumption of "Automatic photo pop-up", Hoiem, Efros, Hebert, 2005). Learned depth bends such
things: it draws a head towards what is behind it and a foot towards the ground. So a disparity is sought that has the
learned one's slopes, but none along the columns of what is upright, and that may step at edges of colour: linear least
squares.

Knows disparity, colour and how upright each place is; not what it is.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.stages.analysis.heads import Heads
from stillmotion.types import Float32, Float64, UInt8

_LONG_SIDE = 192  # of the grid that is solved
_COLOUR = 0.06  # change of colour, of 1, over which a tie between neighbours falls to 1 / e
_STIFF = 3.0  # how much firmer the ties along upright columns are than the others
_LOOSE = 0.01  # of a full tie: what is left of it across the strongest edge
_HELD, _FREE = 0.02, 2e-4  # how firmly the ground, and what stands, keep to the learned value
_ROUNDS = 160


def stand_up(disparity: Float32, rgb: UInt8, upright: Float32, *, heads: Heads | None = None) -> Float32:
    """Disparity (h, w) in which what is `upright` (h, w; in [0, 1]) does not lean; `rgb` (h, w, 3) tells its edges.

    Nothing ties `heads` to what is behind them, and both keep their distance.
    """
    height, width = disparity.shape
    scale = min(1.0, _LONG_SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    learned, stands = (cv2.resize(field, size, interpolation=cv2.INTER_AREA) for field in (disparity, upright))
    colour = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    stands = np.clip((stands - 0.25) / 0.3, 0, 1)
    held, front = _HELD + (_FREE - _HELD) * stands, np.zeros_like(stands)
    if heads is not None:
        front, known, behind = (
            np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float64)
            for field in (heads.front, heads.head, heads.behind)
        )
        held = np.maximum(held, np.maximum(known, behind))
    found = _solved(np.asarray(learned, np.float64), colour, np.asarray(stands, np.float64), held, front)
    change = cv2.resize((found - learned).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(disparity + change, 0, 1), np.float32)


def _ties(colour: Float32, front: Float64, axis: int) -> Float64:
    """How firmly neighbours hold together: as their colours are alike, and not where one is in front."""
    alike = np.exp(-np.abs(np.diff(colour, axis=axis)).max(axis=2) / _COLOUR)
    open_ = np.clip(1.5 * np.abs(np.diff(front, axis=axis)), 0, 1)
    return np.asarray((_LOOSE + (1 - _LOOSE) * alike) * (1 - open_), np.float64)


def _solved(learned: Float64, colour: Float32, stands: Float64, held: Float64, front: Float64) -> Float64:
    """The least squares solution by conjugate gradients, from the learned disparity on.

    Args:
        held: how firmly each place keeps to the learned value.
        front: share of each place that is in front of all around it; no tie leads out of it.
    """
    down, across = (_ties(colour, front, axis) for axis in (0, 1))
    both = np.minimum(stands[1:], stands[:-1])
    down = down * (1 + _STIFF * both)
    slope_down = np.diff(learned, axis=0) * (1 - both)

    def normal(d: Float32) -> Float32:
        out = held * d
        ties = down * np.diff(d, axis=0)
        out[1:] += ties
        out[:-1] -= ties
        ties = across * np.diff(d, axis=1)
        out[:, 1:] += ties
        out[:, :-1] -= ties
        return out

    goal = held * learned
    ties = down * slope_down
    goal[1:] += ties
    goal[:-1] -= ties
    ties = across * np.diff(learned, axis=1)
    goal[:, 1:] += ties
    goal[:, :-1] -= ties
    found = learned.copy()
    rest = goal - normal(found)
    step, size = rest.copy(), float((rest * rest).sum())
    for _ in range(_ROUNDS):
        if size < 1e-9:
            break
        image = normal(step)
        pace = size / float((step * image).sum())
        found += pace * step
        rest -= pace * image
        before, size = size, float((rest * rest).sum())
        step = rest + (size / before) * step
    return found
