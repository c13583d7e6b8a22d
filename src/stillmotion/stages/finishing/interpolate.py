"""A frame between two frames: their motion is splatted to the time between, and both are read along it.

    I0, I1 ─▶ flows both ways ─softmax splat at t─▶ one motion V ─▶ I0(x - tV), I1(x + (1-t)V) ─▶ blended by visibility
                                                        └─ network, if any: V, visibility, colour ─┘

Motion is splatted, not colour, so that no sharpness is lost (colour would be averaged); where several pixels land on
one place, those that look alike in both frames and agree both ways win (softmax splatting: Niklaus and Liu 2020). What
one frame hides, or has outside its border, is taken from the other. Knows two frames and their flows; cuts are not its
business. H, W are the frame's height and width, h, w those the flow was looked for at.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from stillmotion.models.interpolator import LONGEST, Interpolator
from stillmotion.stages.finishing.flow import Flows, along, inside, sized
from stillmotion.types import Float32, UInt8

_SURE = 6.0  # e-folds of weight between a pixel that is sure of its motion and one that is not
_LOOK_LEVELS = 12.0  # levels by which a pixel may differ along its motion before it loses an e-fold
_STRAY = 1.0  # pixels: motion at the place read and motion read along may differ by this before it counts as hidden
_KNOWN = 20.0  # weight landed on a place, times this, is how far its motion is believed
_LEAST_SHARE = 1 / 64  # what the network can still raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What moves where at one time between two frames, and which frame shows it."""

    motion: Float32  # (h, w, 2) from the first frame to the second, of what is at each place then, pixels of this size
    share: Float32  # (h, w) in [0, 1]: how much of the first frame is taken
    known: Float32  # (h, w) in [0, 1]: 0 where nothing sure landed and the motion is that of the surroundings


class Between:
    """Draws frames between one pair of frames uint8 (H, W, 3)."""

    def __init__(self, before: UInt8, after: UInt8, flows: Flows, *, network: Interpolator | None = None) -> None:
        self._before, self._after, self._flows, self._network = before, after, flows, network
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="between")
        height, width = flows.trust.shape
        one, other = sized(before, (width, height)), sized(after, (width, height))
        weight_back = self._beside.submit(_importance, other, one, flows.back, flows.trust_back)
        self._weight = _importance(one, other, flows.forward, flows.trust)
        self._weight_back = weight_back.result()
        self._small: tuple[UInt8, UInt8] | None = None

    def course(self, t: float) -> Course:
        """What moves where at 0 < t < 1 of the way."""
        flows = self._flows
        back = self._beside.submit(landed, flows.back, self._weight_back, 1 - t, t)
        there = landed(flows.forward, self._weight, t, 1 - t)
        motion, known = _joined(there, back.result(), _KNOWN)
        motion = _filled(motion, known)
        moving_back = self._beside.submit(along, flows.back, motion, by=1 - t)
        moving = along(flows.forward, motion, by=-t)
        share = _shares(motion, known, moving, moving_back.result(), t)
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), 0.8), dtype=np.float32)
        return Course(motion=motion, share=share, known=known)

    def __call__(self, t: float) -> UInt8:
        """The frame at 0 < t < 1 of the way."""
        course = self.course(t)
        height, width = self._before.shape[:2]
        motion = _enlarged(course.motion, (width, height))
        if self._network is None:
            before = along(self._before, motion, by=-t, how=cv2.INTER_CUBIC)
            after = along(self._after, motion, by=1 - t, how=cv2.INTER_CUBIC)
            return np.asarray(_mixed(before, after, sized(course.share, (width, height))))
        return self._mended(course, motion, t)

    def _mended(self, course: Course, motion: Float32, t: float) -> UInt8:
        """The frame as the network would have it; `motion` (H, W, 2) is the course's, at the frame's size."""
        assert self._network is not None
        height, width = self._before.shape[:2]
        scale = min(0.5, LONGEST / max(width, height))
        size = (max(16, round(width * scale)), max(16, round(height * scale)))
        if self._small is None:
            self._small = sized(self._before, size), sized(self._after, size)
        small = _enlarged(course.motion, size)
        before, after = along(self._small[0], small, by=-t), along(self._small[1], small, by=1 - t)
        found = self._network.correct(
            before, after, motion=small, share=sized(course.share, size), known=sized(course.known, size), t=t
        )
        to_before = cv2.scaleAdd(motion, -t, _enlarged(found.to_before, (width, height)))
        to_after = cv2.scaleAdd(motion, 1 - t, _enlarged(found.to_after, (width, height)))
        share = _corrected(course.share, sized(found.logit, course.share.shape[::-1]))
        return np.asarray(
            _mixed_tinted(
                along(self._before, np.asarray(to_before), how=cv2.INTER_CUBIC),
                along(self._after, np.asarray(to_after), how=cv2.INTER_CUBIC),
                sized(share, (width, height)), sized(found.colour, (width, height)),
            )
        )  # fmt: skip


def _enlarged(motion: Float32, size: tuple[int, int]) -> Float32:
    """Motion (h, w, 2) at another width and height, in pixels of that."""
    height, width = motion.shape[:2]
    if (width, height) == size:
        return motion
    scale = np.array([size[0] / width, size[1] / height], np.float32)
    return np.asarray(sized(motion, size) * scale)


def _importance(one: UInt8, other: UInt8, flow: Float32, trust: Float32) -> Float32:
    """How much what each pixel (h, w) says of its motion counts: it looks alike there, and the way back agrees."""
    apart = cv2.blur(cv2.absdiff(one, along(other, flow)), (3, 3))
    return np.asarray(_weights(np.asarray(apart), trust))


@njit(cache=True, nogil=True)
def _weights(apart: UInt8, trust: Float32) -> Float32:
    height, width = trust.shape
    out = np.empty((height, width), np.float32)
    for row in range(height):
        for column in range(width):
            levels = (
                np.float32(apart[row, column, 0])
                + np.float32(apart[row, column, 1])
                + np.float32(apart[row, column, 2])
            ) / np.float32(3)
            out[row, column] = np.exp(
                np.float32(_SURE) * (trust[row, column] - np.float32(1)) - levels / np.float32(_LOOK_LEVELS)
            )
    return out


@njit(cache=True, nogil=True)
def landed(flow: Float32, weight: Float32, way: float, amount: float) -> Float32:
    """What a frame's pixels bring to the places they have reached after `way` of their flow: (h, w, 3), weight and
    weighted flow.
    """
    height, width = weight.shape
    out = np.zeros((height, width, 3), np.float32)
    part, total = np.float32(way), np.float32(amount)
    for row in range(height):
        for column in range(width):
            u, v = flow[row, column, 0], flow[row, column, 1]
            x, y = column + part * u, row + part * v
            if not (x >= 0 and y >= 0 and x < width - 1 and y < height - 1):
                continue
            left, top = int(x), int(y)
            across, down = np.float32(x - left), np.float32(y - top)
            mass = total * weight[row, column]
            low = mass * down
            high = mass - low
            for corner in range(4):
                side = low if corner >= 2 else high
                share = side * across if corner % 2 else side - side * across
                place_y, place_x = top + corner // 2, left + corner % 2
                out[place_y, place_x, 0] += share
                out[place_y, place_x, 1] += share * u
                out[place_y, place_x, 2] += share * v
    return out


@njit(cache=True, nogil=True)
def _joined(there: Float32, back: Float32, known_by: float) -> tuple[Float32, Float32]:
    """Motion (h, w, 2) from the first frame to the second by what landed from both, and how far it is known (h, w)."""
    height, width = there.shape[:2]
    motion, known = np.empty((height, width, 2), np.float32), np.empty((height, width), np.float32)
    for row in range(height):
        for column in range(width):
            weight = there[row, column, 0] + back[row, column, 0]
            by = np.float32(1) / max(weight, np.float32(1e-12))
            motion[row, column, 0] = (there[row, column, 1] - back[row, column, 1]) * by
            motion[row, column, 1] = (there[row, column, 2] - back[row, column, 2]) * by
            known[row, column] = min(weight * np.float32(known_by), np.float32(1))
    return motion, known


def _filled(motion: Float32, known: Float32) -> Float32:
    """Places nothing sure landed on take the motion around them, from coarser and coarser averages."""
    if float(known.min()) >= 1:
        return motion
    levels: list[tuple[Float32, Float32]] = [(motion * known[..., None], known)]
    while min(levels[-1][1].shape) > 4:
        summed, count = levels[-1]
        size = ((count.shape[1] + 1) // 2, (count.shape[0] + 1) // 2)
        levels.append((np.asarray(cv2.resize(summed, size, interpolation=cv2.INTER_AREA)),
                       np.asarray(cv2.resize(count, size, interpolation=cv2.INTER_AREA))))  # fmt: skip
    summed, count = levels.pop()
    coarse = np.asarray(summed / np.maximum(count, 1e-6)[..., None])
    for summed, count in reversed(levels):
        large = cv2.resize(coarse, (count.shape[1], count.shape[0]), interpolation=cv2.INTER_LINEAR)
        coarse = np.asarray(_filled_up(summed, count, np.asarray(large)))
    return coarse


@njit(cache=True, nogil=True)
def _filled_up(summed: Float32, count: Float32, coarse: Float32) -> Float32:
    out = np.empty_like(coarse)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            lacking = np.float32(1) - count[row, column]
            out[row, column, 0] = summed[row, column, 0] + lacking * coarse[row, column, 0]
            out[row, column, 1] = summed[row, column, 1] + lacking * coarse[row, column, 1]
    return out


@njit(cache=True, nogil=True)
def _shares(motion: Float32, known: Float32, moving: Float32, moving_back: Float32, t: float) -> Float32:
    """How much of each place (h, w) the first frame shows: what is read must move as what is drawn, and be inside.

    `moving` is the flow of each frame at the place that is read for this one. Where the motion is not known, neither is
    what hides what: there both frames melt over time.
    """
    height, width = motion.shape[:2]
    share = np.empty((height, width), np.float32)
    way, rest = np.float32(t), np.float32(1 - t)
    for row in range(height):
        for column in range(width):
            u, v = motion[row, column, 0], motion[row, column, 1]
            allowed = np.float32(-0.5) / (np.float32(_STRAY * _STRAY) + np.float32(0.02) * (u * u + v * v))
            du, dv = moving[row, column, 0] - u, moving[row, column, 1] - v
            seen = np.exp((du * du + dv * dv) * allowed) + np.float32(1e-4)
            du, dv = moving_back[row, column, 0] + u, moving_back[row, column, 1] + v
            seen_after = np.exp((du * du + dv * dv) * allowed) + np.float32(1e-4)
            odds = np.exp(np.sqrt(known[row, column]) * np.log(seen / seen_after))
            within = inside(column - way * u, width) * inside(row - way * v, height) + np.float32(1e-4)
            within_after = inside(column + rest * u, width) * inside(row + rest * v, height) + np.float32(1e-4)
            one, other = odds * rest * within, way * within_after
            share[row, column] = one / (one + other)
    return share


@njit(cache=True, nogil=True)
def _corrected(share: Float32, logit: Float32) -> Float32:
    """Share (h, w) after its logit is raised."""
    out = np.empty_like(share)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            one = min(max(share[row, column], np.float32(_LEAST_SHARE)), np.float32(1 - _LEAST_SHARE))
            odds = one / (np.float32(1) - one) * np.exp(logit[row, column])
            out[row, column] = odds / (np.float32(1) + odds)
    return out


@njit(cache=True, nogil=True)
def _mixed(before: UInt8, after: UInt8, share: Float32) -> UInt8:
    """Both frames (H, W, 3), `share` (H, W) of the first."""
    out = np.empty_like(before)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            part = share[row, column]
            for channel in range(3):
                one, other = np.float32(before[row, column, channel]), np.float32(after[row, column, channel])
                out[row, column, channel] = np.uint8(other + part * (one - other) + np.float32(0.5))
    return out


@njit(cache=True, nogil=True)
def _mixed_tinted(before: UInt8, after: UInt8, share: Float32, colour: Float32) -> UInt8:
    """As `_mixed`, with a colour (H, W, 3) in levels added."""
    out = np.empty_like(before)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            part = share[row, column]
            for channel in range(3):
                one, other = np.float32(before[row, column, channel]), np.float32(after[row, column, channel])
                level = other + part * (one - other) + colour[row, column, channel] + np.float32(0.5)
                out[row, column, channel] = np.uint8(min(max(level, np.float32(0)), np.float32(255)))
    return out
