"""Depth without a network: what a careful person would say of any photo, and never a tear.

    sky far ─ horizon ─ ground that rises towards the lower border ─ subject standing on it, as a softly rounded
    billboard

Smooth everywhere but at the rim of a trusted subject and at the skyline. It does not know what things are, so its
relief is low and its confidence modest.
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
_LEAST_SKY = 0.015  # share of the picture from which on there is a horizon


class WeightlessDepth:
    """The estimate that is always there."""

    @property
    def name(self) -> str:
        return "weightless"

    def estimate(self, rgb: UInt8, hints: Hints) -> Estimate:  # noqa: ARG002 - the seam's
        """Disparity at working size; `rgb` is not needed beyond its cues."""
        cues, sky, subject = hints.cues, hints.sky, hints.subject()
        if is_drawing(cues):
            flat = _low_relief(cues, subject)
            return Estimate(disparity=flat, confidence=0.35, notes=("The picture looks drawn: it gets a low relief.",))
        horizon = _horizon(sky) if float(sky.mean()) >= _LEAST_SKY else None
        ground = _hollow(cues.shape) if horizon is None else _plane(cues.shape, horizon)
        disparity = _with_focus(ground, cues, sky)
        disparity = _with_subject(disparity, subject, horizon)
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
    bulge = np.asarray(cv2.GaussianBlur(subject.saliency, (0, 0), 0.1 * max(height, width)), np.float32)
    bulge = bulge / max(float(bulge.max()), 1e-6)
    return np.asarray(0.5 + _FLAT_RELIEF * (0.5 * rows + bulge), np.float32)


def _plane(shape: tuple[int, int], horizon: float) -> Float32:
    """A plane that comes nearer below the horizon; above it things of the skyline, the taller the nearer."""
    rows = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None] * np.ones((1, shape[1]), np.float32)
    below = np.clip((rows - horizon) / max(1 - horizon, 0.2), 0, 1)
    above = np.clip((horizon - rows) / 0.6, 0, 1)
    return _smooth(np.asarray(_SKYLINE + (_NEAREST_GROUND - _SKYLINE) * below + 0.12 * above, np.float32), 0.03)


def _hollow(shape: tuple[int, int]) -> Float32:
    """No sky: farther in the middle, nearer to the sides and most of all below. Rooms, streets, woods, tables."""
    rows = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    floor = np.clip((rows - 0.42) / 0.58, 0, 1)
    ceiling = np.clip((0.42 - rows) / 0.42, 0, 1)
    deep = np.sqrt(floor**2 + (0.35 * ceiling) ** 2 + (0.4 * columns**2) ** 2)
    return _smooth(np.asarray(0.22 + 0.45 * deep, np.float32), 0.06)


def _horizon(sky: Float32) -> float:
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


def _with_subject(disparity: Float32, subject: Subject, horizon: float | None) -> Float32:
    """The subject as a rounded billboard standing on the ground; a soft swelling where its outline is not sure."""
    if not subject.found:
        swelling = _smooth(subject.saliency, 0.07)
        top = float(swelling.max())
        lift = 0.14 * swelling / top if top > 0.05 else np.zeros_like(disparity)
        return np.asarray(disparity + lift, np.float32)
    out = disparity.copy()
    count, labels = cv2.connectedComponents((subject.matte > 0.5).astype(np.uint8), connectivity=8)
    for i in range(1, count):
        part = labels == i
        if _lies_flat(part, horizon):
            continue
        standing = _standing(disparity, part, horizon)
        out[part] = np.maximum(disparity, standing + 0.09 * _roundness(part))[part]
    return np.asarray(out, np.float32)


def _lies_flat(part: NDArray[np.bool_], horizon: float | None) -> bool:
    """A road, a jetty, a field: below the horizon all along and down to the border."""
    if horizon is None or not part[-2:].any():
        return False
    rows = np.flatnonzero(part.mean(axis=1) > 0.01)
    return bool(len(rows)) and rows[0] / part.shape[0] > horizon - 0.06


def _standing(disparity: Float32, part: NDArray[np.bool_], horizon: float | None) -> float:
    """Disparity of a part: the ground's at its foot, and in front of what is around it."""
    height = part.shape[0]
    rows = np.flatnonzero(part.any(axis=1))
    foot_rows = part.copy()
    foot_rows[: max(rows[0], rows[-1] - max(2, height // 50))] = False
    foot = float(np.median(disparity[foot_rows]))
    around = float(np.median(disparity[part]))
    size = min(1.0, float(part.mean()) / 0.15)
    if horizon is None:
        least = around + 0.1 + 0.3 * size
    elif rows[-1] / height < horizon + 0.02:  # above the ground: a hill, or something that flies
        least = around + 0.04 + 0.08 * size
    else:
        least = around + 0.06
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
