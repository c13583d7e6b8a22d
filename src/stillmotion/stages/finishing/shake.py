"""How the camera moved from frame to frame, as a similarity: shift, turn, zoom. Knows frames, no paths.

Corners are followed by Lucas-Kanade on small copies; the motion is that which most of the *picture* obeys, not most of
the corners: every cell of the picture has the same say, so that one busy thing that crosses a plain scene is not taken
for the camera; a corner that went with the camera before has more say than one that did not; and where much of the
picture stands, the camera does. A similarity has no shear and no perspective, so that the skew of a rolling shutter
cannot leak into the path.

Points and motions are complex numbers about the middle of the frame: z becomes turn * z + shift.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.tracks import corners, follow
from stillmotion.types import Float32, Float64, UInt8

Complex = NDArray[np.complex128]

_SIDE = 640
_POINTS = 300
_REFILL = 0.7  # of the points: new ones are looked for when fewer are left
_LEAST = 8  # tracks below which nothing is said
_DRAWS = 256
_NEAR = 1.2  # px of the small copy: a corner this near to where a motion puts it goes with it
_HELD = 0.25  # share of the picture that must go with a motion
_STANDS = 1.5  # standing still is believed when it has this share less of the picture than the best motion
_GOES_ON = 1.1
_STAYING = 0.04  # of the picture's corners must stay where they are in a camera that stands
_STILL = 0.05  # px of the small copy, at the middle and for the rim: as much as nothing
_SEEN_STANDING = (-0.03, 0.3)  # by how much standing must explain half of the picture better: it stood, or it moved
LEARNS = 0.2  # how fast a corner's say follows what it did
_CELLS = (8, 6)


class Small:
    """The small copies of the frames of one size that motion is looked for in."""

    def __init__(self, width: int, height: int) -> None:
        scale = min(1.0, _SIDE / max(width, height))
        self.size = (max(16, round(width * scale)), max(16, round(height * scale)))
        self.by = np.array([width / self.size[0], height / self.size[1]])
        self.near = _NEAR * float(self.by[0])  # px of the frame

    def __call__(self, frame: UInt8) -> UInt8:
        """The grey copy (h, w) of a frame (H, W, 3)."""
        if self.size == (frame.shape[1], frame.shape[0]):
            return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
        return np.asarray(cv2.cvtColor(cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY))

    def whole(self, points: Float32) -> Complex:
        """Points (N, 2) of the copy as pixels of the frame about its middle (N,)."""
        about = (points - (np.array(self.size) - 1) / 2) * self.by
        return np.asarray(about[:, 0] + 1j * about[:, 1])

    def matrix(self, turn: complex, shift: complex) -> Float64:
        """A motion (2, 3) in pixels of the copy."""
        middle = (self.size[0] - 1) / 2 + 1j * (self.size[1] - 1) / 2
        moved = middle - turn * middle + shift.real / self.by[0] + 1j * shift.imag / self.by[1]
        return np.array([[turn.real, -turn.imag, moved.real], [turn.imag, turn.real, moved.imag]])


class ShakeMeter:
    """Given the frames of a scene one by one, tells the motion from the frame before."""

    def __init__(self, width: int, height: int) -> None:
        self.small = Small(width, height)
        self.picture: UInt8  # small copy of the last frame taken
        self._last: UInt8 | None = None
        self._points = np.zeros((0, 2), np.float32)
        self._say = np.zeros(0)
        self._motion = (1 + 0j, 0j)

    def __call__(self, frame: UInt8) -> tuple[complex, complex] | None:
        """The motion (turn, shift) since the last frame, None where it cannot be told; take the frame (H, W, 3)."""
        now = self.small(frame)
        last, self._last, self.picture = self._last, now, now
        if last is None:
            return self._motion
        self._refill(last)
        ends, kept = follow(last, now, self._points)
        before, after, say = self.small.whole(self._points[kept]), self.small.whole(ends[kept]), self._say[kept]
        self._points, self._say = ends[kept], say
        if len(before) < _LEAST:
            return None
        guesses = np.array([(1, 0, _STANDS), (*self._motion, _GOES_ON)])
        found = motion_of_most(before, after, say, near=self.small.near, guesses=guesses)
        if found is None:
            return None
        turn, shift, goes = found
        still = abs(shift) + abs(turn - 1) * len(now) < _STILL * self.small.by[0]
        stay = (np.abs(after - before) < 0.4 * self.small.near).astype(float)
        staying = float(stay @ _crowd_shares(before)) / float(_crowd_shares(before).sum())
        if still or (staying > _STAYING and self._stands(last, now, turn, shift)):
            turn, shift, goes = 1 + 0j, 0j, stay
        self._say = say + LEARNS * (goes - say)
        self._motion = (turn, shift)
        return turn, shift

    def _stands(self, last: UInt8, now: UInt8, turn: complex, shift: complex) -> bool:
        """Whether more of the picture is explained by a camera that stands than by this motion.

        Things without corners count here too: a plain road is the same as before while a car crosses it.
        """
        if abs(shift) < self.small.near and abs(turn - 1) * len(now) < _NEAR:
            return False
        stood = abs(self._motion[1]) < self.small.near
        enough = _SEEN_STANDING[0 if stood else 1]
        last, now = _detail(last), _detail(now)
        moved = cv2.warpAffine(last, self.small.matrix(turn, shift), self.small.size, borderMode=cv2.BORDER_REFLECT)
        cells = (16, 12)
        standing = cv2.resize(cv2.absdiff(last, now), cells, interpolation=cv2.INTER_AREA)
        moving = cv2.resize(cv2.absdiff(moved, now), cells, interpolation=cv2.INTER_AREA)
        return float(np.median((moving - standing) / (0.3 + 0.2 * (moving + standing)))) > enough

    def _refill(self, picture: UInt8) -> None:
        if len(self._points) >= _REFILL * _POINTS:
            return
        free = np.full(picture.shape, 255, np.uint8)
        for x, y in np.rint(self._points).astype(int).tolist():
            cv2.circle(free, (x, y), 9, (0,), -1)
        new = corners(picture, count=_POINTS - len(self._points), mask=free)
        self._points = np.concatenate([self._points, new]).astype(np.float32)
        self._say = np.concatenate([self._say, np.full(len(new), 0.5)])


def _detail(picture: UInt8) -> Float32:
    """Without changes of light, and so soft that sampling it does not make it softer."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.5).astype(np.float32)
    return np.asarray(soft - cv2.boxFilter(soft, -1, (15, 15)))


def motion_of_most(
    before: Complex, after: Complex, say: Float64, *, near: float, guesses: Complex
) -> tuple[complex, complex, Float64] | None:
    """The similarity that most of the picture obeys, and how far (N,) in [0, 1] each point goes with it.

    Args:
        before, after: the points (N,), pixels about the middle.
        say: how much each counts (N,) in [0, 1].
        near: pixels by which a point may miss.
        guesses: motions (M, 3) to be tried beside those of pairs of points: turn, shift, and by what its following is
            multiplied.
    """
    votes = (0.2 + say) * _crowd_shares(before)
    random = np.random.default_rng(len(before))
    one, other = random.integers(0, len(before), (2, _DRAWS))
    apart = before[other] - before[one]
    good = np.abs(apart) > 20 * near
    turns = (after[other] - after[one])[good] / apart[good]
    turns = np.concatenate([guesses[:, 0], turns])
    shifts = np.concatenate([guesses[:, 1], after[one][good] - turns[len(guesses) :] * before[one][good]])
    favour = np.concatenate([guesses[:, 2].real, np.ones(len(turns) - len(guesses))])
    likely = np.abs(np.abs(turns) - 1) < 0.2
    missed = np.abs(turns[:, None] * before + shifts[:, None] - after)
    best = int(np.argmax(np.where(likely, favour * ((missed < near) @ votes), -1)))
    turn, shift = complex(turns[best]), complex(shifts[best])
    goes = np.zeros(len(before))
    for _ in range(6):
        missed_by = np.abs(turn * before + shift - after) / near
        goes = np.square(np.maximum(0, 1 - np.square(missed_by / 1.5)))  # Tukey's biweight
        weights = votes * goes
        if weights.sum() < _HELD * votes.sum() or (goes > 0).sum() < _LEAST:
            return None
        turn, shift = _fitted(before, after, weights)
    return turn, shift, goes


def _fitted(before: Complex, after: Complex, weights: Float64) -> tuple[complex, complex]:
    """The similarity of least squares."""
    total = weights.sum()
    start, end = (weights @ before) / total, (weights @ after) / total
    spread = before - start
    turn = (weights * spread.conj()) @ (after - end) / max(float(weights @ np.square(np.abs(spread))), 1e-9)
    return complex(turn), complex(end - turn * start)


def _crowd_shares(points: Complex) -> Float64:
    """(N,): one over how many points share a cell of the picture, so that all cells count alike."""
    x, y = points.real, points.imag
    columns = np.clip((x - x.min()) / (np.ptp(x) + 1e-6) * _CELLS[0], 0, _CELLS[0] - 1).astype(int)
    rows = np.clip((y - y.min()) / (np.ptp(y) + 1e-6) * _CELLS[1], 0, _CELLS[1] - 1).astype(int)
    cell = rows * _CELLS[0] + columns
    return np.asarray(1 / np.sqrt(np.bincount(cell, minlength=_CELLS[0] * _CELLS[1])[cell]))
