"""Drift: whether colour, contrast and sharpness wander away from the first frame. Knows pictures and their overlap.

Formulas (own; the complaint is the field's): against a reference R of frame 0,
    colour     ‖mean Lab(I_t) − mean Lab(R)‖₂            CIE L*a*b* units (1 is about just noticeable side by side)
    contrast   |ln(std L(I_t) / std L(R))| * 100         percent
    sharpness  |ln(E(I_t) / E(R))| * 100, E = rms of the Laplacian of the luma    percent
and each per second: the slope through the origin of its values, Σ t d / Σ t². Under a moving camera the reference is
frame 0 warped by the homography that the tracks fit best and, for colour and contrast, by the dense flow that is left
(parallax), and both are read where they overlap; so that a pan to a brighter part of the photo is no drift.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.evaluation.picture import grey, lab
from stillmotion.types import Float64, UInt8


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a picture is like, place by place averaged away."""

    colour: tuple[float, float, float]  # mean L, a, b
    contrast: float  # standard deviation of L
    sharpness: float  # rms Laplacian of the luma, levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Distance from the first frame: at one time, or per second."""

    colour: float
    contrast: float
    sharpness: float


def look(frame: UInt8, where: NDArray[np.bool_] | None = None) -> Look:
    """The look of a picture (H, W, 3) uint8 inside a mask (H, W)."""
    inside = np.ones(frame.shape[:2], dtype=bool) if where is None else where
    mean, deviation = cv2.meanStdDev(lab(frame), mask=inside.astype(np.uint8))
    return Look(
        colour=(float(mean[0, 0]), float(mean[1, 0]), float(mean[2, 0])),
        contrast=float(deviation[0, 0]),
        sharpness=sharpness(grey(frame), inside),
    )


def sharpness(picture: UInt8, where: NDArray[np.bool_]) -> float:
    """Rms Laplacian in levels of a grey picture (H, W) inside a mask (H, W)."""
    edges = cv2.Laplacian(picture, cv2.CV_32F)
    mean = cv2.mean(edges * edges, mask=where.astype(np.uint8))
    return math.sqrt(mean[0])


def distance(now: Look, reference: Look) -> Drift:
    """How far one look is from another."""
    return Drift(
        colour=float(np.linalg.norm(np.subtract(now.colour, reference.colour))),
        contrast=_percent(now.contrast, reference.contrast, least=0.5),
        sharpness=_percent(now.sharpness, reference.sharpness, least=0.5),
    )


def _percent(one: float, other: float, *, least: float) -> float:
    return 100 * abs(math.log(max(one, least) / max(other, least)))


def aligned(first: UInt8, now: UInt8, homography: Float64 | None) -> tuple[UInt8, NDArray[np.bool_]]:
    """Frame 0 (colour or grey) as a later frame sees it, and where (H, W) the two overlap.

    Args:
        homography: (3, 3) from pixels of frame 0 to pixels of `now`; None: nothing moved.
    """
    height, width = now.shape[:2]
    if homography is None:
        return first, np.ones((height, width), dtype=bool)
    moved = cv2.warpPerspective(
        first, homography, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    white = np.full((height, width), 255, dtype=np.uint8)
    cover = cv2.warpPerspective(white, homography, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(moved, dtype=np.uint8), np.asarray(cover) > 254


def without_parallax(reference: UInt8, now: UInt8, dis: Dis) -> UInt8:
    """The reference (H, W, 3) pulled along the flow that is left between it and `now`, at the size of `now`."""
    height, width = now.shape[:2]
    flow = dis(grey(now), grey(reference))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    moved = cv2.remap(reference, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def per_second(times: Sequence[float], distances: Sequence[Drift]) -> Drift:
    """The slope through the origin of each distance; times in seconds from frame 0."""
    t = np.asarray(times, dtype=np.float64)
    total = float(np.sum(t * t))
    if total == 0:
        return Drift(colour=0.0, contrast=0.0, sharpness=0.0)
    values = np.array([[d.colour, d.contrast, d.sharpness] for d in distances])
    colour, contrast, sharpness = t @ values / total
    return Drift(colour=float(colour), contrast=float(contrast), sharpness=float(sharpness))
