"""A frame between two frames: their motion is splatted to the time between, and both are read along it.

    I0, I1 ─▶ flows both ways ─softmax splat at t─▶ one motion V ─▶ I0(x - tV), I1(x + (1-t)V) ─▶ blended by visibility

Motion is splatted, not colour, so that no sharpness is lost (colour would be averaged); where several pixels land on one
place, those that look alike in both frames and agree both ways win (softmax splatting: Niklaus and Liu 2020). What one
frame hides, or has outside its border, is taken from the other. Knows two frames and their flows; cuts are not its
business.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from stillmotion.stages.finishing.flow import Flows, grid
from stillmotion.types import Float32, UInt8

_SURE = 6.0  # e-folds of weight between a pixel that is sure of its motion and one that is not
_LOOK_LEVELS = 12.0  # levels by which a pixel may differ along its motion before it loses an e-fold
_STRAY = 1.0  # pixels: motion at the place read and motion read along may differ by this before it counts as hidden
_KNOWN = 20.0  # weight landed on a place, times this, is how far its motion is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What moves where at one time between two frames, and which frame shows it."""

    motion: Float32  # (H, W, 2) from the first frame to the second, of what is at each place then, pixels
    share: Float32  # (H, W) in [0, 1]: how much of the first frame is taken
    known: Float32  # (H, W) in [0, 1]: 0 where nothing sure landed and the motion is that of the surroundings


class Between:
    """Draws frames between one pair of frames uint8 (H, W, 3)."""

    def __init__(self, before: UInt8, after: UInt8, flows: Flows) -> None:
        self._before, self._after, self._flows = before, after, flows
        self._grid = grid(*before.shape[:2])
        self._weight = self._importance(before, after, flows.forward, flows.trust)
        self._weight_back = self._importance(after, before, flows.back, flows.trust_back)

    def course(self, t: float) -> Course:
        """What moves where at 0 < t < 1 of the way."""
        flows = self._flows
        motion, weight = splatted(flows.forward, self._weight, flows.back, self._weight_back, np.float32(t))
        known = np.minimum(weight * _KNOWN, 1).astype(np.float32)
        motion = _filled(motion, known)
        share = _shares(motion, flows.forward, flows.back, np.float32(t))
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), 0.8), dtype=np.float32)
        return Course(motion=motion, share=share, known=known)

    def __call__(self, t: float) -> UInt8:
        """The frame at 0 < t < 1 of the way."""
        course = self.course(t)
        x, y = self._grid
        u, v = course.motion[..., 0], course.motion[..., 1]
        before, after = np.float32(t), np.float32(1 - t)
        return mixed(
            read(self._before, x - before * u, y - before * v), read(self._after, x + after * u, y + after * v),
            course.share,
        )  # fmt: skip

    def _importance(self, one: UInt8, other: UInt8, flow: Float32, trust: Float32) -> Float32:
        x, y = self._grid
        moved = cv2.remap(
            other, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        apart = cv2.absdiff(one, moved).astype(np.float32).mean(axis=2)
        apart = cv2.blur(apart, (3, 3))
        return np.asarray(np.exp(_SURE * (trust - 1) - apart / _LOOK_LEVELS), dtype=np.float32)


def read(frame: UInt8, x: Float32, y: Float32) -> UInt8:
    """The frame at places (H, W) of its own."""
    return np.asarray(cv2.remap(frame, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def mixed(before: UInt8, after: UInt8, share: Float32) -> UInt8:
    """Both frames (H, W, 3), `share` (H, W) of the first."""
    out = np.empty_like(before)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            part = share[row, column]
            for channel in range(3):
                one, other = np.float32(before[row, column, channel]), np.float32(after[row, column, channel])
                out[row, column, channel] = np.uint8(other + part * (one - other) + np.float32(0.5))
    return out


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _shares(motion: Float32, forward: Float32, back: Float32, t: np.float32) -> Float32:
    """How much of each place (H, W) the first frame shows: what is read must move as what is drawn, and be inside."""
    height, width = motion.shape[:2]
    share = np.empty((height, width), np.float32)
    for row in range(height):
        for column in range(width):
            u, v = motion[row, column, 0], motion[row, column, 1]
            allowed = np.float32(2) * (np.float32(_STRAY * _STRAY) + np.float32(0.02) * (u * u + v * v))
            seen = np.float32(0)
            seen_after = np.float32(0)
            for side in range(2):
                way = -t if side == 0 else np.float32(1) - t
                sign = np.float32(1) if side == 0 else np.float32(-1)
                flow = forward if side == 0 else back
                x, y = column + way * u, row + way * v
                inner_x, inner_y = min(max(x, np.float32(0)), width - 1), min(max(y, np.float32(0)), height - 1)
                outside = max(abs(x - inner_x), abs(y - inner_y))
                left, top = min(int(inner_x), width - 2), min(int(inner_y), height - 2)
                right_share, low_share = np.float32(inner_x - left), np.float32(inner_y - top)
                apart = np.float32(0)
                for axis in range(2):
                    upper = flow[top, left, axis] + right_share * (flow[top, left + 1, axis] - flow[top, left, axis])
                    lower = flow[top + 1, left, axis] + right_share * (
                        flow[top + 1, left + 1, axis] - flow[top + 1, left, axis]
                    )
                    stray = sign * (upper + low_share * (lower - upper)) - motion[row, column, axis]
                    apart += stray * stray
                found = np.exp(-apart / allowed) * max(np.float32(1) - outside, np.float32(0))
                if side == 0:
                    seen = (np.float32(1) - t) * found + np.float32(1e-4)
                else:
                    seen_after = t * found + np.float32(1e-4)
            share[row, column] = seen / (seen + seen_after)
    return share


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def splatted(
    forward: Float32, weight: Float32, back: Float32, weight_back: Float32, t: np.float32
) -> tuple[Float32, Float32]:
    """The motion (H, W, 2), first frame to second, of what is at each place at time t, and its total weight (H, W)."""
    height, width = weight.shape
    landed = np.zeros((height, width, 3), np.float32)
    for side in range(2):
        for row in range(height):
            for column in range(width):
                if side == 0:
                    u, v = forward[row, column, 0], forward[row, column, 1]
                    amount = weight[row, column] * (np.float32(1) - t)
                    x, y = column + t * u, row + t * v
                else:
                    u, v = -back[row, column, 0], -back[row, column, 1]
                    amount = weight_back[row, column] * t
                    x, y = column - (np.float32(1) - t) * u, row - (np.float32(1) - t) * v
                left, top = int(np.floor(x)), int(np.floor(y))
                if left < 0 or top < 0 or left >= width - 1 or top >= height - 1:
                    continue
                right_share, low_share = np.float32(x - left), np.float32(y - top)
                for down in range(2):
                    for across in range(2):
                        part = amount * (low_share if down else np.float32(1) - low_share)
                        part *= right_share if across else np.float32(1) - right_share
                        landed[top + down, left + across, 0] += part
                        landed[top + down, left + across, 1] += part * u
                        landed[top + down, left + across, 2] += part * v
    motion = np.empty((height, width, 2), np.float32)
    for row in range(height):
        for column in range(width):
            total = max(landed[row, column, 0], np.float32(1e-12))
            motion[row, column, 0] = landed[row, column, 1] / total
            motion[row, column, 1] = landed[row, column, 2] / total
    return motion, landed[..., 0].copy()


def _filled(motion: Float32, known: Float32) -> Float32:
    """Places nothing landed on take the motion around them, from coarser and coarser averages."""
    if float(known.min()) >= 1:
        return motion
    levels: list[tuple[Float32, Float32]] = [(motion * known[..., None], known)]
    while min(levels[-1][1].shape) > 4:
        summed, count = levels[-1]
        size = ((count.shape[1] + 1) // 2, (count.shape[0] + 1) // 2)
        levels.append((np.asarray(cv2.resize(summed, size, interpolation=cv2.INTER_AREA)),
                       np.asarray(cv2.resize(count, size, interpolation=cv2.INTER_AREA))))  # fmt: skip
    summed, count = levels.pop()
    coarse = summed / np.maximum(count, 1e-6)[..., None]
    for summed, count in reversed(levels):
        coarse = cv2.resize(coarse, (count.shape[1], count.shape[0]), interpolation=cv2.INTER_LINEAR)
        coarse = summed + (1 - np.minimum(count, 1))[..., None] * coarse
    return np.asarray(coarse, dtype=np.float32)
