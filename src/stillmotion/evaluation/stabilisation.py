"""Stabilisation scores: cropping, distortion, stability, and the shake that is left. Knows a video and its steady twin.

Formulas (Choi & Kweon 2020, DIFRINT, evaluation code), with M the SIFT + RANSAC homography from input to output frame:
    cropping    mean of min(1, 1 / √(M00² + M01²))
    distortion  smallest over the frames of |λ2| / |λ1| of the upper left 2 x 2 of M
    stability   of the homographies between neighbouring output frames, multiplied up: the share of the energy of the
                five lowest frequencies (without the mean) of the path's length √(x² + y²) and of its angle, averaged
and, ours, because stability is a share and says little of a video that stands (what is left is then all noise):
    shake       root mean square change of speed from frame to frame, px at the middle of the output
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.evaluation.picture import grey
from stillmotion.types import Float32, Float64, UInt8

LOW_BINS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stabilisation:
    """The three scores are 1 at best, the shake 0."""

    cropping: float
    distortion: float
    stability: float
    shake_px: float  # of the stabilised video


def stabilisation(shaky: Iterable[UInt8], stable: Iterable[UInt8]) -> Stabilisation:
    """The three scores of a stabilised video; both streams of one length are read side by side, one frame held of each.

    Raises:
        InputError: lengths differ, or a frame has too little texture to be matched.
    """
    matcher = _Matcher()
    between, steps, last, middle = [], [], None, (0.0, 0.0)
    pairs = zip(shaky, stable, strict=True)
    try:
        for before, after in pairs:
            seen = matcher.features(after)
            between.append(matcher(matcher.features(before), seen))
            if last is not None:
                steps.append(matcher(last, seen))
            last, middle = seen, ((after.shape[1] - 1) / 2, (after.shape[0] - 1) / 2)
    except ValueError as error:
        raise InputError("The videos differ in length; give the input and the output of one stabilisation.") from error
    return Stabilisation(
        cropping=cropping(between), distortion=distortion(between), stability=stability(steps),
        shake_px=shake_px(steps, middle),
    )  # fmt: skip


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


def shake_px(steps: Sequence[Float64], middle: tuple[float, float]) -> float:
    """Root mean square change of speed of a point, from maps (3, 3) between neighbours; 0 when it stands or glides."""
    if len(steps) < 2:
        return 0.0
    moved = np.array([matrix @ (*middle, 1.0) for matrix in steps])
    speed = moved[:, :2] / moved[:, 2:] - middle
    return float(np.sqrt(np.square(np.diff(speed, axis=0)).sum(axis=1).mean()))


def _slow_share(signal: Sequence[float]) -> float:
    energy = np.abs(np.fft.fft(signal)) ** 2
    energy = energy[1 : len(energy) // 2 + 1]
    total = float(energy.sum())
    return 1.0 if total < 1e-12 else float(energy[:LOW_BINS].sum()) / total


@dataclass(frozen=True, slots=True)
class _Features:
    places: Float32  # (N, 2)
    looks: Float32  # (N, 128)


class _Matcher:
    def __init__(self) -> None:
        self.sift, self.pairs = cv2.SIFT.create(2000), cv2.BFMatcher()

    def features(self, picture: UInt8) -> _Features:
        """Of a frame (H, W, 3)."""
        points, looks = self.sift.detectAndCompute(grey(picture), None)
        places = np.array([point.pt for point in points], np.float32).reshape(-1, 2)
        return _Features(places, np.asarray(looks, np.float32) if len(points) else np.zeros((0, 128), np.float32))

    def __call__(self, before: _Features, after: _Features) -> Float64:
        matrix = None
        if len(before.places) >= 4 and len(after.places) >= 4:
            two = self.pairs.knnMatch(before.looks, after.looks, k=2)
            good = [pair[0] for pair in two if len(pair) == 2 and pair[0].distance < 0.7 * pair[1].distance]
            if len(good) >= 4:
                cv2.setRNGSeed(0)
                here = before.places[[match.queryIdx for match in good]]
                there = after.places[[match.trainIdx for match in good]]
                matrix, _ = cv2.findHomography(here, there, cv2.RANSAC, 3.0)
        if matrix is None:
            raise InputError("Two frames have too little texture in common to be matched; the video cannot be scored.")
        return np.asarray(matrix, dtype=np.float64)
