"""What the scene network sees, in the terms of the analysis: sky, subject, disparity and named parts.

Knows shares and disparities at the network's size; where rims run exactly is the photo's business (`joint`, `refine`).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from stillmotion.models.scene import CLASSES, NAME, Sight
from stillmotion.stages.analysis.cues import Cues
from stillmotion.stages.analysis.depth import Estimate, Hints
from stillmotion.stages.analysis.heads import find_heads_of, hold_heads
from stillmotion.stages.analysis.subject import Subject
from stillmotion.stages.analysis.upright import stand_up
from stillmotion.types import Face, Float32, Region, UInt8

_LABELS = {
    "sky": ("sky",), "water": ("water",), "waterfall": ("waterfall",), "tree": ("tree",), "grass": ("grass",),
    "flower": ("flower",), "foliage": ("plant", "tree", "grass"),
    "ground": ("ground", "floor", "sand", "road", "grass"),
    "road": ("road",), "sand": ("sand",), "mountain": ("mountain",), "rock": ("rock",), "building": ("building",),
    "wall": ("wall", "ceiling"), "window": ("window",), "person": ("person",), "animal": ("animal",),
    "vehicle": ("vehicle",), "boat": ("boat",), "flag": ("flag",), "curtain": ("cloth",), "food": ("food",),
    "lamp": ("lamp",),
}  # fmt: skip
"""Label of the vocabulary -> classes of the network that it covers."""

BETTER_THAN_CUES = frozenset({"sky", "grass", "tree", "foliage"})
"""Parts that cues are not asked for where the network does not see them; of the others either may find what it can."""

_THINGS = ("person", "animal", "vehicle", "boat", "flower", "food")
_UPRIGHT = {
    "building": 1.0, "wall": 1.0, "window": 1.0, "person": 1.0, "tree": 1.0, "lamp": 1.0, "flag": 1.0, "plant": 0.8,
    "vehicle": 0.8, "boat": 0.8, "animal": 0.5, "cloth": 0.5, "waterfall": 1.0, "mountain": 0.7, "other": 0.7,
    "furniture": 0.3,
}  # fmt: skip
_SURE = 0.5
_FLOOR, _RELIEF = 0.16, 0.5  # a part of the range only: where the network errs, less relief bends things less
_LEAST = 0.004  # share of the picture a part must have
_LEAST_SMALL = 0.0008
_SMALL = frozenset({"lamp", "boat", "flag", "person", "animal", "vehicle"})
_LEAST_SKY, _AGREED, _ISLAND = 0.08, 0.8, 0.03  # shares of the picture, of the learned sky, of the picture
_SURE_AT_RIM, _RIM = 0.65, 0.12  # at the rim of the picture a subject must be surer
_LEAST_SUBJECT, _MOST_SUBJECT = 0.015, 0.75


class LearnedDepth:
    """The network's disparity through the seam of all depth."""

    def __init__(self, sight: Sight, faces: Callable[[], tuple[Face, ...]] = tuple) -> None:
        """`faces` of the picture are asked for when it is needed: they may still be searched for."""
        self._sight, self._faces = sight, faces

    @property
    def name(self) -> str:
        return NAME

    def estimate(self, rgb: UInt8, hints: Hints) -> Estimate:
        """Disparity with its range brought to [0, 1]; what stands is upright, the sky is behind everything."""
        raw = self._sight.disparity.astype(np.float32)
        low, high = (float(v) for v in np.percentile(raw, (0.5, 99.5)))
        if high - low < 1e-4:
            return Estimate(disparity=np.full_like(raw, 0.5), confidence=0.2, notes=())
        disparity = np.clip((raw - low) / (high - low), 0, 1)
        smooth = cv2.bilateralFilter(disparity.astype(np.float32), 9, 0.08, 3.0)
        smooth, small = _at(np.asarray(smooth, np.float32), hints.cues), hints.cues.rgb
        person = _at(self._sight.share("person"), hints.cues)
        heads = find_heads_of(self._faces(), small, person, small.shape[1] / rgb.shape[1])
        smooth = smooth if heads is None else hold_heads(smooth, heads, person)
        smooth = stand_up(smooth, small, self._upright(hints.cues), heads=heads)
        disparity = _FLOOR + _RELIEF * smooth
        sky = hints.sky
        if (sky > 0.8).any() and (sky < 0.2).any():  # all that is solid is nearer than the sky
            disparity = disparity * (1 - np.clip((sky - 0.55) / 0.35, 0, 1))
        return Estimate(disparity=np.asarray(np.clip(disparity, 0, 1), np.float32), confidence=0.6, notes=())

    def _upright(self, cues: Cues) -> Float32:
        """(h, w) how far each place belongs to something that stands."""
        share = sum(weight * self._sight.share(name) for name, weight in _UPRIGHT.items())
        return np.clip(_at(np.asarray(share, np.float32), cues), 0, 1)


def learned_sky(sight: Sight, cues: Cues) -> Float32:
    """(h, w) at working size; all zero where there is hardly any."""
    share = _at(sight.share("sky"), cues)
    if float((share > _SURE).mean()) < 0.01:
        return np.zeros(cues.shape, np.float32)
    return np.asarray(np.clip((share - 0.25) / 0.5, 0, 1), np.float32)


def whole_sky(sight: Sight, cues: Cues, learned: Float32, by_cues: Float32) -> Float32:
    """(h, w): the learned sky and what cues add to it, where both speak of one sky and the network of nothing else.

    The network knows a blue or cloudy sky; of dusk and storms it often sees a part.
    """
    sure = learned > _SURE
    if float(sure.mean()) < _LEAST_SKY or float(by_cues[sure].mean()) < _AGREED:
        return learned
    others = [name for name in CLASSES if name not in ("sky", "other", "water", "wall")]
    other = _at(np.asarray(np.max([sight.share(name) for name in others], axis=0), np.float32), cues)
    sky = np.maximum(learned, by_cues * np.clip((0.5 - other) / 0.2, 0, 1))
    return _without_islands(np.asarray(sky, np.float32), by_cues)


def _without_islands(sky: Float32, by_cues: Float32) -> Float32:
    """Small places within the sky that look like it are sky."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((sky < _SURE).astype(np.uint8), connectivity=8)
    mean = np.bincount(labels.ravel(), weights=by_cues.ravel(), minlength=count) / np.maximum(stats[:, 4], 1)
    island = (stats[:, cv2.CC_STAT_AREA] < _ISLAND * sky.size) & (mean > _SURE)
    island[0] = False
    near = cv2.dilate(island[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.asarray(np.where(near, np.maximum(sky, by_cues), sky), np.float32)


def learned_subject(sight: Sight, cues: Cues, saliency: Float32) -> Subject | None:
    """The thing or things that stand out most; None where the network knows none that could be it."""
    share = _at(np.asarray(sum(sight.share(name) for name in _THINGS), np.float32), cues)
    whole = share / max(float(np.percentile(share, 98)), _SURE)  # clothes are less sure than faces
    solid = (whole > _SURE).astype(np.uint8)
    solid = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    solid = _filled(np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))))
    count, labels, _, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    if count < 2:
        return None
    near = _at(sight.disparity, cues)
    near = (near - near.min()) / max(float(near.max() - near.min()), 1e-6)
    weight = (0.25 + saliency) * (0.4 + near) * share
    mass = np.bincount(labels.ravel(), weights=weight.ravel(), minlength=count)
    mass[0] = 0
    kept = mass >= 0.35 * float(mass.max())
    mask = kept[labels]
    area = float(mask.mean())
    if not _LEAST_SUBJECT < area < _MOST_SUBJECT:
        return None
    rim = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    matte = np.where(mask, np.where(rim, np.clip((whole - 0.3) / 0.4, 0, 1), 1.0), 0).astype(np.float32)
    y, x = (float(index.mean()) / side for index, side in zip(np.nonzero(mask), mask.shape, strict=True))
    if float(share[mask].mean()) < _SURE_AT_RIM and min(x, 1 - x, y, 1 - y) < _RIM:
        return None
    trust = 0.55 + 0.4 * float(np.clip(share[mask].mean() - 0.5, 0, 0.5) / 0.5)
    portrait = bool((_at(sight.share("person"), cues)[mask] > _SURE).mean() > 0.5 and area > 0.08)
    return Subject(matte=cv2.GaussianBlur(matte, (0, 0), 0.8), trust=trust, saliency=saliency, portrait=portrait)


def _filled(solid: UInt8) -> UInt8:
    """(h, w) of 0 and 1 with the holes filled that nothing from outside reaches; a bay is none."""
    outside = np.pad(1 - solid, 1, constant_values=1).astype(np.uint8)
    cv2.floodFill(outside, None, (0, 0), (2,))
    return np.asarray(outside[1:-1, 1:-1] != 2, np.uint8)


def learned_regions(sight: Sight, cues: Cues) -> list[Region]:
    """The parts the network names, their masks (h, w) at working size, surest first."""
    found = []
    for label, members in _LABELS.items():
        share = np.asarray(sum(sight.share(name) for name in members), np.float32)
        solid = share > _SURE
        least = _LEAST_SMALL if label in _SMALL else _LEAST
        if float(solid.mean()) < least:
            continue
        sure = float(share[solid].mean())
        mask = np.clip((_at(share, cues) - 0.3) / 0.4, 0, 1).astype(np.float32)
        found.append(Region(name=label, mask=mask, confidence=round(min(sure, 0.95), 3)))
    return sorted(found, key=lambda region: -region.confidence)


def _at(field: Float32, cues: Cues) -> Float32:
    """A field of the network at working size."""
    return np.asarray(cv2.resize(field, cues.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
