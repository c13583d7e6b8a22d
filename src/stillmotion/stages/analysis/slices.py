"""The photo cut by depth into slices that hide one another, as an editing program would stack them.

Knows depth and colours. These are pictures to look at and to work with elsewhere; what the frames are drawn from is the
engine's own and much finer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from stillmotion.types import Float32

_MOST = 4
_BINS = 64
_LEAST = 0.06  # share of the picture
_SOFT = 0.02  # of the range of nearness, on either side of a cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """All that lies between two depths."""

    near: float  # pivot units
    far: float
    alpha: Float32  # (H, W) in [0, 1]; all slices together cover the picture once


def cut_slices(depth: Float32) -> tuple[Slice, ...]:
    """The slices of a depth map (H, W), nearest first; one only where nothing stands apart."""
    nearness = 1 / depth
    low, high = float(nearness.min()), float(nearness.max())
    span = high - low
    if span < 1e-4:
        return (Slice(near=1 / high, far=1 / low, alpha=np.ones_like(depth)),)
    cuts = [low + span * cut for cut in _valleys((nearness - low) / span)]
    edges = [high, *sorted(cuts, reverse=True), low]
    slices, taken = [], np.zeros_like(depth)
    for nearest, farthest in pairwise(edges):
        beyond = np.clip((nearness - farthest) / (2 * _SOFT * span) + 0.5, 0, 1) if farthest > low else 1.0
        alpha = np.asarray(beyond - taken, np.float32)
        slices.append(Slice(near=1 / nearest, far=1 / farthest, alpha=alpha))
        taken = np.asarray(taken + alpha, np.float32)
    return tuple(slices)


def _valleys(unit: Float32) -> list[float]:
    """Up to three cuts in (0, 1) at the deepest valleys between hills of the histogram."""
    counts = cv2.calcHist([unit.astype(np.float32)], [0], None, [_BINS], [0, 1.0001]).ravel() / unit.size
    smooth = cv2.GaussianBlur(counts[None].astype(np.float32), (0, 0), 1.2, borderType=cv2.BORDER_REPLICATE)[0]
    cuts: list[int] = []
    for i in sorted(range(2, _BINS - 2), key=lambda i: float(smooth[i])):
        bounds = sorted([0, *cuts, i, _BINS])
        hills = [smooth[a:b] for a, b in pairwise(bounds)]
        masses = [float(counts[a:b].sum()) for a, b in pairwise(bounds)]
        if min(masses) >= _LEAST and float(smooth[i]) < 0.5 * min(float(hill.max()) for hill in hills):
            cuts.append(i)
        if len(cuts) == _MOST - 1:
            break
    return [i / _BINS for i in cuts]
