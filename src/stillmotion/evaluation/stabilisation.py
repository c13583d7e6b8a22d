"""Stabilisation scores: cropping, distortion, stability. Knows a shaky video and its stabilised twin.

Formulas (Choi & Kweon 2020, DIFRINT, evaluation code), with M the SIFT + RANSAC homography from input to output frame:
    cropping    mean of min(1, 1 / √(M00² + M01²))
    distortion  smallest over the frames of |λ2| / |λ1| of the upper left 2 x 2 of M
    stability   of the homographies between neighbouring output frames, multiplied up: the share of the energy of the
                five lowest frequencies (without the mean) of the path's length √(x² + y²) and of its angle, averaged
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.evaluation.picture import grey
from stillmotion.types import Float64, UInt8

LOW_BINS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stabilisation:
    """Each 1 at best."""

    cropping: float
    distortion: float
    stability: float


def stabilisation(shaky: Iterable[UInt8], stable: Iterable[UInt8]) -> Stabilisation:
    """The three scores of a stabilised video; both streams of one length are read side by side, one frame held of each.

    Raises:
        InputError: lengths differ, or a frame has too little texture to be matched.
    """
    matcher = _Matcher()
    between, steps, last = [], [], None
    pairs = zip(shaky, stable, strict=True)
    try:
        for before, after in pairs:
            between.append(matcher(grey(before), grey(after)))
            if last is not None:
                steps.append(matcher(last, grey(after)))
            last = grey(after)
    except ValueError as error:
        raise InputError("The videos differ in length; give the input and the output of one stabilisation.") from error
    return Stabilisation(cropping=cropping(between), distortion=distortion(between), stability=stability(steps))


def cropping(homographies: Sequence[Float64]) -> float:
    """How much of the input the output still shows, from maps (3, 3) input -> output."""
    return float(np.mean([min(1.0, 1 / float(np.hypot(m[0, 0], m[0, 1]))) for m in homographies]))


def distortion(homographies: Sequence[Float64]) -> float:
    """How evenly the worst frame is scaled, from maps (3, 3) input -> output."""
    worst = 1.0
    for matrix in homographies:
        sizes = np.sort(np.abs(np.linalg.eigvals(matrix[:2, :2])))
        worst = min(worst, float(sizes[0] / sizes[1]))
    return worst


def stability(steps: Sequence[Float64]) -> float:
    """How much of the path's energy is slow, from maps (3, 3) or (2, 3) between neighbours; 1 when it stands."""
    if len(steps) < 2 * LOW_BINS:
        return 1.0
    pose, lengths, angles = np.eye(3), [], []
    for step in steps:
        full = np.eye(3)
        full[: len(step)] = step
        pose = pose @ full
        lengths.append(float(np.hypot(pose[0, 2], pose[1, 2])))
        angles.append(float(np.arctan2(pose[1, 0], pose[0, 0])))
    return 0.5 * (_slow_share(lengths) + _slow_share(np.unwrap(angles).tolist()))


def _slow_share(signal: Sequence[float]) -> float:
    energy = np.abs(np.fft.fft(signal)) ** 2
    energy = energy[1 : len(energy) // 2 + 1]
    total = float(energy.sum())
    return 1.0 if total < 1e-12 else float(energy[:LOW_BINS].sum()) / total


class _Matcher:
    def __init__(self) -> None:
        self.sift, self.pairs = cv2.SIFT.create(2000), cv2.BFMatcher()

    def __call__(self, before: UInt8, after: UInt8) -> Float64:
        points, features = self.sift.detectAndCompute(before, None)
        others, other_features = self.sift.detectAndCompute(after, None)
        matrix = None
        if len(points) >= 4 and len(others) >= 4:
            two = self.pairs.knnMatch(features, other_features, k=2)
            good = [pair[0] for pair in two if len(pair) == 2 and pair[0].distance < 0.7 * pair[1].distance]
            if len(good) >= 4:
                cv2.setRNGSeed(0)
                here = np.array([points[m.queryIdx].pt for m in good], dtype=np.float32)
                there = np.array([others[m.trainIdx].pt for m in good], dtype=np.float32)
                matrix, _ = cv2.findHomography(here, there, cv2.RANSAC, 3.0)
        if matrix is None:
            raise InputError("Two frames have too little texture in common to be matched; the video cannot be scored.")
        return np.asarray(matrix, dtype=np.float64)
