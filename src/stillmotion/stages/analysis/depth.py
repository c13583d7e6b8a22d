"""How far away things are: one seam for a user's map, the weightless estimate and any network.

Disparity is what crosses it: float32 (h, w) in [0, 1], larger is nearer, the farthest thing near 0. The scene turns
it into depth in pivot units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from stillmotion.media.image import read_depth
from stillmotion.stages.analysis.cues import Cues
from stillmotion.stages.analysis.subject import Subject
from stillmotion.types import Crop, Float32, UInt8

FAR_SHARE = 0.12
"""Nearness (1 / depth) of the farthest thing, as a share of the nearest one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What is known of the picture before its depth is. h, w working size."""

    cues: Cues
    sky: Float32  # (h, w) in [0, 1]
    subject: Callable[[], Subject]  # it may still be searched for: to be asked only where it is needed
    crop: Crop  # part of the photo the picture shows, photo pixels
    photo_size: tuple[int, int]  # (width, height) of the photo the crop was taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A depth map and what is to be said about it."""

    disparity: Float32  # (h, w) in [0, 1], of any size with the picture's shape
    confidence: float  # [0, 1]
    notes: tuple[str, ...]


class DepthEstimator(Protocol):
    """Estimates the disparity of a picture.

    Contract (tests/stages/analysis/test_depth.py runs it on every member): finite, in [0, 1], nearer is larger, the
    same picture gives the same map.
    """

    @property
    def name(self) -> str:
        """What the scene's `depth_source` says."""
        ...

    def estimate(self, rgb: UInt8, hints: Hints) -> Estimate:
        """`rgb` (H, W, 3) is the picture at canvas size."""
        ...


class FileDepth:
    """A map the user gave, of the whole photo."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return f"file:{self._path.name}"

    def estimate(self, rgb: UInt8, hints: Hints) -> Estimate:
        """
        Raises:
            InputError: the file cannot be read as a depth map.
        """
        values = _between_levels(read_depth(self._path))
        notes = _complaints(values, self._path.name, hints.photo_size)
        height, width = rgb.shape[:2]
        across, down = values.shape[1] / hints.photo_size[0], values.shape[0] / hints.photo_size[1]
        crop = hints.crop
        left, top = round(crop.x * across), round(crop.y * down)
        right = max(left + 2, round((crop.x + crop.width) * across))
        bottom = max(top + 2, round((crop.y + crop.height) * down))
        cut = values[top:bottom, left:right]
        shrinking = cut.size > height * width
        fitted = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
        return Estimate(disparity=np.clip(fitted, 0, 1).astype(np.float32), confidence=0.9, notes=notes)


def _between_levels(values: Float32) -> Float32:
    """A map of 256 levels without its terraces: smoothed where that changes it by less than a level or so."""
    levels = values * 255
    if float(np.abs(levels - np.rint(levels)).max()) > 1e-3:
        return values
    soft = cv2.GaussianBlur(values, (0, 0), max(2.0, max(values.shape) / 250))
    share = np.clip(2 - 255 * np.abs(soft - values), 0, 1)
    return np.asarray(values + (soft - values) * share, np.float32)


def _complaints(values: Float32, name: str, photo_size: tuple[int, int]) -> tuple[str, ...]:
    notes = []
    shape, ratio = values.shape, photo_size[0] / photo_size[1]
    if abs(shape[1] / shape[0] / ratio - 1) > 0.02:
        notes.append(
            f"The depth map {name} is {shape[1]}x{shape[0]}, the photo {photo_size[0]}x{photo_size[1]}: stretched."
        )
    if float(values.max() - values.min()) < 0.01:
        notes.append(f"The depth map {name} is the same everywhere: nothing will move against anything else.")
    return tuple(notes)


def depth_of(disparity: Float32, pivot_disparity: float) -> Float32:
    """Depth z in pivot units of a disparity in [0, 1]: 1 where it equals `pivot_disparity`, finite everywhere.

    The nearness 1/z runs linearly from `FAR_SHARE` of its largest value at disparity 0.
    """
    pivot = pivot_disparity * (1 - FAR_SHARE) + FAR_SHARE
    return np.asarray(pivot / (disparity * (1 - FAR_SHARE) + FAR_SHARE), np.float32)
