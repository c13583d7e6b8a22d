"""A frame between two frames: their motion is splatted to the time between, and both are read along it.

    I0, I1 ─▶ flows both ways ─softmax splat at t─▶ one motion V ─▶ I0(x - tV), I1(x + (1-t)V) ─▶ blended by visibility

Motion is splatted, not colour, so that no sharpness is lost (colour would be averaged); where several pixels land on one
place, those that look alike in both frames and agree both ways win (softmax splatting: Niklaus and Liu 2020). What one
frame hides is taken from the other. Knows two frames and their flows; cuts are not its business.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from stillmotion.stages.finishing.flow import Flows, grid
from stillmotion.types import Float32, UInt8

_SURE = 6.0  # e-folds of weight between a pixel that is sure of its motion and one that is not
_LOOK_LEVELS = 12.0  # levels by which a pixel may differ along its motion before it loses an e-fold
_STRAY = 1.0  # pixels: motion at the place read and motion read along may differ by this before it counts as hidden


class Between:
    """Draws frames between one pair of frames uint8 (H, W, 3)."""

    def __init__(self, before: UInt8, after: UInt8, flows: Flows) -> None:
        self._before, self._after, self._flows = before, after, flows
        self._grid = grid(*before.shape[:2])
        self._weight = self._importance(before, after, flows.forward, flows.trust)
        self._weight_back = self._importance(after, before, flows.back, flows.trust_back)

    def __call__(self, t: float) -> UInt8:
        """The frame at 0 < t < 1 of the way."""
        flows = self._flows
        motion, weight = splatted(
            flows.forward, self._weight, flows.back, self._weight_back, np.float32(t)
        )
        motion = _filled(motion, weight)
        x, y = self._grid
        before, moving = self._read(self._before, flows.forward, x - t * motion[..., 0], y - t * motion[..., 1])
        after, moving_back = self._read(
            self._after, flows.back, x + (1 - t) * motion[..., 0], y + (1 - t) * motion[..., 1]
        )
        seen = (1 - t) * _visible(moving - motion, motion) + 1e-4
        seen_after = t * _visible(moving_back + motion, motion) + 1e-4
        share = cv2.GaussianBlur(seen / (seen + seen_after), (0, 0), 0.8)
        mixed = after.astype(np.float32)
        mixed += share[..., None] * (before.astype(np.float32) - mixed)
        return np.asarray(np.rint(np.clip(mixed, 0, 255)), dtype=np.uint8)

    def _importance(self, one: UInt8, other: UInt8, flow: Float32, trust: Float32) -> Float32:
        x, y = self._grid
        moved = cv2.remap(
            other, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        apart = cv2.absdiff(one, moved).astype(np.float32).mean(axis=2)
        apart = cv2.blur(apart, (3, 3))
        return np.asarray(np.exp(_SURE * (trust - 1) - apart / _LOOK_LEVELS), dtype=np.float32)

    @staticmethod
    def _read(frame: UInt8, flow: Float32, x: Float32, y: Float32) -> tuple[UInt8, Float32]:
        x, y = x.astype(np.float32), y.astype(np.float32)
        colour = cv2.remap(frame, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        motion = cv2.remap(flow, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(colour), np.asarray(motion)


def _visible(apart: Float32, motion: Float32) -> Float32:
    """(H, W) in (0, 1]: whether what is read at a place moves as what is drawn there."""
    allowed = _STRAY**2 + 0.02 * np.square(motion).sum(axis=2)
    return np.asarray(np.exp(-np.square(apart).sum(axis=2) / (2 * allowed)), dtype=np.float32)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def splatted(
    forward: Float32, weight: Float32, back: Float32, weight_back: Float32, t: np.float32
) -> tuple[Float32, Float32]:
    """The motion (H, W, 2), first frame to second, of what is at each place at time t, and its total weight (H, W)."""
    height, width = weight.shape
    total = np.zeros((height, width), np.float32)
    motion = np.zeros((height, width, 2), np.float32)
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
                        part = amount * (low_share if down else 1 - low_share)
                        part *= right_share if across else 1 - right_share
                        total[top + down, left + across] += part
                        motion[top + down, left + across, 0] += part * u
                        motion[top + down, left + across, 1] += part * v
    for row in range(height):
        for column in range(width):
            if total[row, column] > 0:
                motion[row, column, 0] /= total[row, column]
                motion[row, column, 1] /= total[row, column]
    return motion, total


def _filled(motion: Float32, weight: Float32) -> Float32:
    """Places nothing landed on take the motion around them, from coarser and coarser averages."""
    sure = np.minimum(weight * 20, 1).astype(np.float32)
    if float(sure.min()) >= 1:
        return motion
    levels: list[tuple[Float32, Float32]] = [(motion * sure[..., None], sure)]
    while min(levels[-1][1].shape) > 4:
        summed, count = levels[-1]
        size = ((count.shape[1] + 1) // 2, (count.shape[0] + 1) // 2)
        levels.append((cv2.resize(summed, size, interpolation=cv2.INTER_AREA),
                       cv2.resize(count, size, interpolation=cv2.INTER_AREA)))  # fmt: skip
    summed, count = levels.pop()
    coarse = summed / np.maximum(count, 1e-6)[..., None]
    for summed, count in reversed(levels):
        coarse = cv2.resize(coarse, (count.shape[1], count.shape[0]), interpolation=cv2.INTER_LINEAR)
        coarse = summed + (1 - np.minimum(count, 1))[..., None] * coarse
    return np.asarray(coarse, dtype=np.float32)
