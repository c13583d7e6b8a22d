"""Depth without a network: what a careful person would say of any photo, and never a tear.

    sky far ─ horizon ─ ground that rises towards the lower border ─ subject standing on it, as a softly rounded billboard

Smooth everywhere but at the rim of a trusted subject and at the skyline. It does not know what things are, so its relief
is low and its confidence modest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues
from stillmotion.stages.analysis.depth import Estimate, Hints
from stillmotion.stages.analysis.subject import Subject
from stillmotion.types import Float32, UInt8

_SKYLINE = 0.13  # disparity of what stands at the horizon; the sky is at 0
_NEAREST_GROUND = 0.8
_FLAT_RELIEF = 0.12


class WeightlessDepth:
    """The estimate that is always there."""

    @property
    def name(self) -> str:
        return "weightless"

    def estimate(self, rgb: UInt8, hints: Hints) -> Estimate:
        """Disparity at working size; `rgb` is not needed beyond its cues."""
        cues, sky, subject = hints.cues, hints.sky, hints.subject
        if is_drawing(cues):
            flat = _low_relief(cues, subject)
            return Estimate(disparity=flat, confidence=0.35, notes=("The picture looks drawn: it gets a low relief.",))
        ground = _ground(cues, sky)
        disparity = _with_focus(ground, cues, sky)
        disparity = _with_subject(disparity, subject)
        disparity = np.where(sky > 0.5, 0, np.maximum(disparity, 0.06)).astype(np.float32)
        confidence = 0.35 + 0.2 * float(sky.mean() > 0.02) + 0.3 * subject.trust
        return Estimate(disparity=np.clip(disparity, 0, 1), confidence=min(confidence, 0.8), notes=())


def is_drawing(cues: Cues) -> bool:
    """Line art, a logo, a page: most of it exactly plain, and hard edges."""
    light = cues.lab[..., 0]
    plain = float((cues.edge < 0.35).mean())
    hard = float((cues.edge > 9).mean())
    paper = float(np.median(light)) > 85 or float(np.percentile(light, 80)) < 12
    few = float(np.percentile(cues.chroma, 90)) < 10
    return plain > 0.45 and hard > 0.04 and paper and few


def _low_relief(cues: Cues, subject: Subject) -> Float32:
    """Nearly flat: a little nearer below and in what stands out."""
    height, width = cues.shape
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    bulge = cv2.GaussianBlur(subject.saliency, (0, 0), 0.1 * max(height, width))
    bulge = bulge / max(float(bulge.max()), 1e-6)
    return np.asarray(0.5 + _FLAT_RELIEF * (0.5 * rows + bulge), np.float32)


def _ground(cues: Cues, sky: Float32) -> Float32:
    """A plane below the horizon, things of the skyline above; without a sky a soft hollow, its floor coming nearer."""
    height, width = cues.shape
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    if float(sky.mean()) < 0.015:
        return _hollow(rows)
    horizon = _horizon(cues, sky)
    below = np.clip((rows - horizon) / max(1 - horizon, 0.2), 0, 1)
    ground = _SKYLINE + (_NEAREST_GROUND - _SKYLINE) * below
    # what reaches above the horizon stands on the ground nearer than the skyline: the taller the nearer
    above = np.clip((horizon - rows) / 0.6, 0, 1)
    return np.asarray(_smooth(ground + 0.12 * above, 0.03), np.float32)


def _hollow(rows: Float32) -> Float32:
    """Farther in the middle, nearer towards the sides and most of all the lower border: rooms, streets, woods, tables."""
    width = rows.shape[1]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.ones_like(rows)
    floor = np.clip((rows - 0.42) / 0.58, 0, 1)
    ceiling = np.clip((0.42 - rows) / 0.42, 0, 1)
    sides = np.abs(columns) ** 2
    deep = np.sqrt(floor**2 * 1.0 + (0.35 * ceiling) ** 2 + (0.4 * sides) ** 2)
    return np.asarray(_smooth(0.22 + 0.45 * deep, 0.06), np.float32)


def _horizon(cues: Cues, sky: Float32) -> float:
    """Fraction of the height at which the ground begins to recede: the low parts of the skyline, within reason."""
    solid = sky > 0.5
    columns = solid[: max(2, solid.shape[0] // 8)].any(axis=0)
    if not columns.any():
        return 0.45
    last = solid.shape[0] - 1 - np.argmax(solid[::-1], axis=0)
    lower = float(np.percentile(last[columns], 75)) / solid.shape[0]
    return float(np.clip(0.85 * lower + 0.15 * 0.5, 0.25, 0.72))


def _with_focus(disparity: Float32, cues: Cues, sky: Float32) -> Float32:
    """What is out of focus a little farther than what is sharp, in wide soft steps."""
    sharp = _smooth(np.where(sky > 0.5, 0.5, cues.sharp).astype(np.float32), 0.08)
    spread = float(np.percentile(sharp, 95) - np.percentile(sharp, 5))
    strength = 0.12 * min(1.0, spread / 0.4)
    return np.asarray(disparity + strength * (sharp - float(np.median(sharp))), np.float32)


def _with_subject(disparity: Float32, subject: Subject) -> Float32:
    """The subject as a rounded billboard standing on the ground; a soft swelling where its outline is not sure."""
    if not subject.found:
        swelling = _smooth(subject.saliency, 0.07)
        top = float(swelling.max())
        lift = 0.16 * swelling / top if top > 0.05 else np.zeros_like(disparity)
        return np.asarray(disparity + lift, np.float32)
    out = disparity.copy()
    solid = subject.matte > 0.5
    count, labels = cv2.connectedComponents(solid.astype(np.uint8), connectivity=8)
    for i in range(1, count):
        part = labels == i
        standing = _standing(disparity, part)
        out[part] = (standing + 0.1 * _roundness(part))[part]
    return np.asarray(out, np.float32)


def _standing(disparity: Float32, part: NDArray[np.bool_]) -> float:
    """Disparity of a part: the ground's at its foot, and clearly in front of what is around it."""
    rows = np.flatnonzero(part.any(axis=1))
    foot_rows = part.copy()
    foot_rows[: max(rows[0], rows[-1] - max(2, part.shape[0] // 50))] = False
    foot = float(np.median(disparity[foot_rows]))
    around = float(np.median(disparity[part]))
    size = float(part.mean())
    least = around + 0.1 + 0.3 * min(1.0, size / 0.15)
    return float(np.clip(max(foot, least), 0.15, 0.88))


def _roundness(part: NDArray[np.bool_]) -> Float32:
    """(h, w) in [0, 1]: 0 at the rim, 1 in the middle, as of an ellipsoid."""
    padded = np.pad(part, ((1, 0), (1, 1)), constant_values=False)
    padded = np.pad(padded, ((0, 1), (0, 0)), mode="edge")  # cut off below, it goes on below
    distance = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    smooth = cv2.GaussianBlur(distance, (0, 0), 0.12 * float(distance.max()) + 0.5)
    share = np.clip(smooth / max(float(smooth.max()), 1e-6), 0, 1)
    return np.asarray(np.sqrt(share * (2 - share)), np.float32)


def _smooth(values: Float32, share: float) -> Float32:
    """Blurred by `share` of the long side."""
    return np.asarray(
        cv2.GaussianBlur(values, (0, 0), share * max(values.shape), borderType=cv2.BORDER_REPLICATE), np.float32
    )
