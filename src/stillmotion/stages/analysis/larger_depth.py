"""Depth of a larger model, through the seam of all depth.

Knows values and what they mean; a model whose values may mean either is held against our own estimate.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.models.large.depth import DepthModel
from stillmotion.stages.analysis.depth import FAR_SHARE, Estimate, Hints
from stillmotion.types import Float32, UInt8

_CONFIDENCE = 0.85
_FLOOR = 0.06  # disparity of the farthest thing where there is a sky behind it
_JUDGED = (48, 32)  # size of the maps whose order is compared


class LargerDepth:
    """A model of the user's."""

    def __init__(self, model: DepthModel, own: Float32 | None) -> None:
        """`own` (h, w): an estimate in which larger is nearer, to tell nearness from distance; None: a ramp."""
        self._model, self._own = model, own

    @property
    def name(self) -> str:
        return self._model.checkpoint.name

    def estimate(self, rgb: UInt8, hints: Hints) -> Estimate:
        """
        Raises:
            InputError: what the model gives is no map.
        """
        relief = self._model.look(rgb)
        if not np.isfinite(relief.values).all():
            raise InputError(f"{self.name} gives numbers that are not finite for this photo.")
        sky = cv2.resize(hints.sky, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        notes: tuple[str, ...] = ()
        if relief.sense == "metres":
            disparity = of_metres(relief.values)
        else:
            turned = relief.sense == "unknown" and _order(relief.values, self._own) < 0
            disparity = of_nearness(-relief.values if turned else relief.values)
            notes = (f"{self.name} gives distances, not nearness: it was turned over.",) if turned else ()
        if float(np.ptp(disparity)) < 1e-3:
            return Estimate(disparity=disparity, confidence=0.2, notes=(*notes, f"{self.name} sees no depth here."))
        if (sky > 0.8).any() and (sky < 0.2).any():  # all that is solid is nearer than the sky
            disparity = (_FLOOR + (1 - _FLOOR) * disparity) * (1 - np.clip((sky - 0.55) / 0.35, 0, 1))
        disparity = np.asarray(np.clip(disparity, 0, 1), np.float32)
        return Estimate(disparity=disparity, confidence=_CONFIDENCE, notes=notes)


def of_nearness(values: Float32) -> Float32:
    """(H, W) of free scale and shift -> [0, 1]; all the same where nothing is nearer than anything else."""
    low, high = (float(v) for v in np.percentile(values, (0.5, 99.5)))
    if high - low < 1e-6 * max(abs(high), 1.0):
        return np.full_like(values, 0.5, dtype=np.float32)
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def of_metres(values: Float32) -> Float32:
    """(H, W) distances -> disparity in [0, 1] which the scene turns back into depth of the same proportions.

    That holds up to 1 / `FAR_SHARE` times the distance of what is nearest; what is farther away lies there.
    """
    near = 1 / np.maximum(values, 1e-3)
    share = near / max(float(np.percentile(near, 99.5)), 1e-6)
    return np.asarray(np.clip((share - FAR_SHARE) / (1 - FAR_SHARE), 0, 1), np.float32)


def _order(values: Float32, own: Float32 | None) -> float:
    """Correlation of ranks with our own estimate: below zero where the values grow with distance."""
    ours = np.linspace(0, 1, _JUDGED[1], dtype=np.float32)[:, None].repeat(_JUDGED[0], axis=1) if own is None else own
    ranks = [
        np.argsort(np.argsort(cv2.resize(np.asarray(m, np.float32), _JUDGED, interpolation=cv2.INTER_AREA).ravel()))
        for m in (values, ours)
    ]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
