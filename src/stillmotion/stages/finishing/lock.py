"""Holding on to one frame: where each frame is against it, measured directly, so that errors do not add up.

The frame is laid over the reference by what is known, and what still differs is measured with the reference's own
corners. Of those, the ones that went away before (people, leaves) have little say. Where a homography fits clearly
better than a similarity (a camera turning on its stand), it is taken, phased in over some frames so that nothing jumps.
Knows a reference and frames, no path.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.evaluation.tracks import corners, follow
from stillmotion.stages.finishing.course import Pose, faded
from stillmotion.stages.finishing.shake import LEARNS, Complex, Small, motion_of_most
from stillmotion.types import Float64, UInt8

_POINTS = 400
_SHARED = 0.5  # of the reference's corners that must be in the frame
_BETTER = 0.85  # what a homography must leave of the similarity's error
_BENT_LEAST = 60  # corners for a homography
_BENT_MOST = 0.02  # of the larger side, at the frame's corners
_SLIPS = 0.015  # of the larger side: the most by which a frame may be off the guess
_PHASE = 0.1  # per frame


class Lock:
    """One reference, at `pose` of its scene."""

    def __init__(self, small: Small, picture: UInt8, pose: Pose) -> None:
        self._small, self._picture, self._pose = small, picture, pose
        self._points = corners(picture, count=_POINTS)
        self._say = np.full(len(self._points), 0.5)
        self._half = (np.array(small.size) - 1) / 2 * small.by
        self.gone = False  # whether the last frame asked about shows too little of the reference
        self._share, self._bend = 0.0, np.eye(3)  # of the homography

    def __call__(self, picture: UInt8, guess: Pose) -> Pose | None:
        """The pose of a frame (its small copy), of which `guess` is nearly right; None where it cannot be told."""
        turn = guess.turn / self._pose.turn  # reference -> frame
        shift = guess.shift - turn * self._pose.shift
        whole, half = self._small.whole(self._points), self._half
        seen = turn * whole + shift
        inside = (np.abs(seen.real) < half[0] - 4) & (np.abs(seen.imag) < half[1] - 4)
        self.gone = len(whole) > 0 and float(inside.mean()) < _SHARED
        if self.gone:
            return None
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        laid = cv2.warpAffine(picture, self._small.matrix(turn, shift), self._small.size, flags=flags)
        ends, kept = follow(self._picture, np.asarray(laid), self._points)
        kept &= inside
        if kept.sum() < 12:
            return None
        before, after = whole[kept], self._small.whole(ends[kept])
        guesses = np.array([(1, 0, 1.2)], complex)
        found = motion_of_most(before, after, self._say[kept], near=self._small.near, guesses=guesses)
        if found is None:
            return None
        more_turn, more_shift, goes = found
        if abs(more_shift) + abs(more_turn - 1) * half[0] > _SLIPS * 2 * half.max():
            return None  # it is not near where it must be: something else was held on to
        self._say[kept] += LEARNS * (goes - self._say[kept])
        turn, shift = turn * more_turn, turn * more_shift + shift
        bend = self._bent(turn * before + shift, seen_at(after, guess, self._pose), goes)
        return Pose(turn=turn * self._pose.turn, shift=turn * self._pose.shift + shift, bend=bend)

    def _bent(self, similar: Complex, true: Complex, goes: Float64) -> Float64:
        """The share of a homography (3, 3) from where the similarity puts the corners to where they are."""
        good = goes > 0.3
        one = np.stack([similar.real, similar.imag], axis=1)[good]
        other = np.stack([true.real, true.imag], axis=1)[good]
        matrix = None
        if len(one) >= _BENT_LEAST:
            matrix, _ = cv2.findHomography(one, other, cv2.RANSAC, self._small.near / 2)
        fits = matrix is not None and self._fits(matrix, one, other)
        self._share = float(np.clip(self._share + (_PHASE if fits else -_PHASE), 0, 1))
        if matrix is None or not fits:
            self._bend = faded(self._bend)
        else:
            self._bend = np.eye(3) + self._share * (np.asarray(matrix) / matrix[2, 2] - np.eye(3))
        return self._bend

    def _fits(self, matrix: Float64, one: Float64, other: Float64) -> bool:
        moved = cv2.perspectiveTransform(one[:, None], matrix)[:, 0]
        before, after = (np.median(np.abs(places - other).sum(axis=1)) for places in (one, moved))
        rim = np.array([[x, y] for x in (-1, 1) for y in (-1, 1)]) * self._half
        bent = np.abs(cv2.perspectiveTransform(rim[:, None], matrix)[:, 0] - rim).max()
        return bool(after < _BETTER * before and bent < _BENT_MOST * 2 * self._half.max())


def seen_at(points: Complex, pose: Pose, reference: Pose) -> Complex:
    """Where points of the reference are in the frame of this pose."""
    turn = pose.turn / reference.turn
    return turn * points + (pose.shift - turn * reference.shift)
