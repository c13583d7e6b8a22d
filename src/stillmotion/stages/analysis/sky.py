"""Where the sky is: pieces that look like sky, from the upper border down.

Knows clear, overcast, night-blue and sunset skies by colour, smoothness and place; a pale indoor wall or a studio
backdrop is not one. Conservative: no sky rather than a wrong one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues
from stillmotion.types import Float32

_LEAST_AREA = 0.015
_LEAST_TOP = 0.12  # share of the upper border


def find_sky(cues: Cues) -> Float32:
    """(h, w) in [0, 1] at working size; all zero where no sky is seen."""
    like = _likeness(cues)
    chosen = _grown(cues, like)
    chosen &= ~_overhung(cues, chosen, like)
    mask = _hanging(chosen[cues.pieces])
    if not _believable(cues, mask):
        return np.zeros(cues.shape, np.float32)
    return _tidied(mask)


def _likeness(cues: Cues) -> Float32:
    """(n,) in [0, 1]: how much each piece looks like sky by itself."""
    t = cues.table
    light, a, b = t.lab[:, 0], t.lab[:, 1], t.lab[:, 2]
    chroma = np.hypot(a, b)
    bright = float(np.percentile(cues.lab[..., 0], 97))
    low = cues.lab[int(0.6 * cues.shape[0]) :, :, 0]
    over = light - float(np.median(low))  # how much brighter than the lower part
    blue = _ramp(-b, 3, 10) * _ramp(np.minimum(22 - a, 30 + a), 0, 8) * _ramp(light, 4, 12)
    pale = _ramp(11 - chroma, 0, 5) * _ramp(light - 0.82 * bright, 0, 8) * _ramp(5.0 - b, 0, 4) * _ramp(over, 4, 18)
    grey = _ramp(10 - chroma, 0, 4) * _ramp(4 - b, 0, 4) * _ramp(over, 12, 26) * _ramp(light, 18, 30)
    warm = _ramp(b, 4, 12) * _ramp(over, 18, 36) * _ramp(a + 8, 0, 6)
    colour = np.maximum.reduce([blue, pale, 0.9 * grey, 0.85 * warm])
    smooth = _ramp(2.4 - t.texture, 0, 1.2)
    high = _ramp(0.72 - t.y, 0, 0.25)
    return np.asarray(colour * smooth * (0.25 + 0.75 * high), np.float32)


def _grown(cues: Cues, like: Float32) -> NDArray[np.bool_]:
    """Sky-like pieces at the upper border, and what is like sky and touches them."""
    t = cues.table
    chosen = (like > 0.45) & (t.top > 0.02)
    pairs = _neighbours(cues.pieces)
    for _ in range(12):
        touching = np.zeros(len(like), bool)
        touching[pairs[chosen[pairs[:, 0]], 1]] = True
        touching[pairs[chosen[pairs[:, 1]], 0]] = True
        near = _near_colour(t.lab, chosen)
        fresh = touching & ~chosen & ((like > 0.3) | ((near > 0.6) & (t.texture < 1.2) & (t.y < 0.6)))
        if not fresh.any():
            break
        chosen = chosen | fresh
    return chosen


def _near_colour(lab: Float32, chosen: NDArray[np.bool_]) -> Float32:
    """(n,) in [0, 1]: how close each piece's colour is to the nearest of the chosen pieces."""
    if not chosen.any():
        return np.zeros(len(lab), np.float32)
    distance = np.linalg.norm(lab[:, None] - lab[None, chosen], axis=-1).min(axis=1)
    return np.asarray(_ramp(14 - distance, 0, 9), np.float32)


def _neighbours(pieces: NDArray[np.int32]) -> NDArray[np.int32]:
    """(m, 2) pairs of pieces that share a border."""
    n = int(pieces.max()) + 1
    sides = ((pieces[:, :-1], pieces[:, 1:]), (pieces[:-1], pieces[1:]))
    codes = np.concatenate([one[one != other] * n + other[one != other] for one, other in sides])
    return np.asarray(np.stack(np.divmod(np.unique(codes), n), axis=-1), np.int32)


def _overhung(cues: Cues, chosen: NDArray[np.bool_], like: Float32) -> NDArray[np.bool_]:
    """(n,) pieces that lie mostly under something that is not sky."""
    n = len(chosen)
    mask = chosen[cues.pieces]
    rows = np.arange(1, mask.shape[0] + 1, dtype=np.float32)[:, None]
    covered = np.cumsum(~mask, axis=0) / rows  # share of the way up to the border that is not sky
    count = np.maximum(np.bincount(cues.pieces.ravel(), minlength=n), 1)
    mean = np.bincount(cues.pieces.ravel(), weights=covered.ravel(), minlength=n) / count
    return np.asarray(mean > 0.25 + 0.3 * like, bool)


def _hanging(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Only what is connected to the upper border, or lies right under it in its column."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    kept = np.unique(labels[0][mask[0]])
    return np.asarray(np.isin(labels, kept[kept > 0]) & mask, bool)


def _believable(cues: Cues, mask: NDArray[np.bool_]) -> bool:
    area, top = float(mask.mean()), float(mask[0].mean())
    if area < _LEAST_AREA or top < _LEAST_TOP:
        return False
    colour = np.median(cues.lab[mask], axis=0)
    bottom = float(mask[-1].mean())
    blue = colour[2] < -8
    if not blue and (top < 0.3 or area < 0.03):  # pale patches are many indoors
        return False
    if colour[0] < 25 and top < 0.6:  # dark patches of a blurred background
        return False
    if bottom > (0.85 if blue else 0.2):  # a backdrop reaches the lower border, a sky does not
        return False
    return not (area > 0.9 and not blue)


def _tidied(mask: NDArray[np.bool_]) -> Float32:
    """Small specks out and small holes closed (birds, wires), a soft rim."""
    solid = mask.astype(np.uint8)
    least = mask.size // 1500
    for value in (0, 1):
        _, labels, stats, _ = cv2.connectedComponentsWithStats((solid == value).astype(np.uint8), connectivity=4)
        small = stats[:, cv2.CC_STAT_AREA] < least
        small[0] = False
        solid = np.where(small[labels], 1 - value, solid).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 0.7), np.float32)


def _ramp(value: Float32, low: float, high: float) -> Float32:
    """0 below `low`, 1 above `high`, linear between."""
    return np.asarray(np.clip((value - low) / (high - low), 0, 1), np.float32)
