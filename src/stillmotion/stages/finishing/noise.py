"""How much noise is in a video: deviation by brightness. Knows one plane, and the one before it.

    σ²(level) = a + b level        read noise and the noise of light

From the finest diagonal differences of the plainest blocks of a picture (Donoho's median), and from the differences
along the motion of two frames; the smaller counts: texture that stands in every frame is no noise, nor is what only
moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from stillmotion.types import Float32, Float64, UInt8

_BLOCK = 16  # pixels
_PLAIN = 20  # per cent of the blocks of like brightness: the plainest
_LOW = 0.9  # what the plainest blocks show of the deviation, measured on plain noise
_BINS = 8
_ENOUGH = 600  # blocks looked at in a large picture
_FEW = 12  # blocks below which a brightness says nothing


@dataclass(frozen=True, slots=True)
class Noise:
    """Variance of the noise over brightness."""

    base: float  # levels², at black
    rise: float  # levels² per level

    def sigma(self, level: float) -> float:
        """Deviation at a level."""
        return float(np.sqrt(max(0.0, self.base + self.rise * level)))

    def table(self) -> Float32:
        """(256,) variance at each level."""
        return np.asarray(np.maximum(self.base + self.rise * np.arange(256), 1e-3), dtype=np.float32)


def noise(plane: UInt8, brightness: UInt8, moved: UInt8 | None) -> Noise:
    """The noise of a plane (H, W).

    Args:
        brightness: (H, W) luma at the same places.
        moved: (H, W) the same plane of a neighbouring frame, read along the motion.
    """
    values = plane.astype(np.float32)
    fine = (values[:-1, :-1] - values[:-1, 1:] - values[1:, :-1] + values[1:, 1:]) / 2
    found = _by_level(fine, brightness)
    if moved is not None:
        apart = (values - moved.astype(np.float32))[:-1, :-1] / np.sqrt(2)
        apart -= cv2.blur(apart, (_BLOCK, _BLOCK))
        other = _by_level(apart, brightness)
        found = min(found, other, key=lambda each: each.sigma(110))
    return found


def _by_level(rest: Float32, brightness: UInt8) -> Noise:
    rows, columns = rest.shape[0] // _BLOCK, rest.shape[1] // _BLOCK
    if rows * columns == 0:
        return Noise(0.0, 0.0)
    size = (columns * _BLOCK, rows * _BLOCK)
    every = max(1, rows * columns // _ENOUGH)
    blocks = rest[: size[1], : size[0]].reshape(rows, _BLOCK, columns, _BLOCK)[::every].swapaxes(1, 2)
    deviation = 1.4826 * np.median(np.abs(blocks).reshape(-1, _BLOCK * _BLOCK), axis=1)
    level = cv2.resize(brightness[: size[1], : size[0]], (columns, rows), interpolation=cv2.INTER_AREA)[::every].ravel()
    usable = (level > 12) & (level < 243)
    if usable.sum() < _FEW:
        return Noise(0.0, 0.0)
    whole = float(np.percentile(deviation[usable], _PLAIN)) / _LOW
    edges = np.linspace(12, 243, _BINS + 1)
    levels, variances, counts = [110.0], [whole**2], [0.25 * usable.sum()]
    for low, high in pairwise(edges.tolist()):
        inside = usable & (level >= low) & (level < high)
        if inside.sum() >= _FEW:
            levels.append(float(level[inside].mean()))
            variances.append((float(np.percentile(deviation[inside], _PLAIN)) / _LOW) ** 2)
            counts.append(float(inside.sum()))
    return _line(np.array(levels), np.minimum(variances, 4 * whole**2), np.array(counts), whole)


def _line(levels: Float64, variances: Float64, counts: Float64, whole: float) -> Noise:
    """a + b level through the variances, no steeper than light allows."""
    middle = np.average(levels, weights=counts)
    mean = np.average(variances, weights=counts)
    spread = np.average((levels - middle) ** 2, weights=counts)
    rise = np.average((levels - middle) * (variances - mean), weights=counts) / (spread + 30.0**2)
    steepest = mean / max(middle, 1.0)
    rise = float(np.clip(rise, -0.5 * mean / 255, steepest))
    base = float(mean - rise * middle)
    return Noise(base if whole > 0 else 0.0, rise if whole > 0 else 0.0)
