"""Noise is averaged away along the motion, and what time could not clean is shrunk in blocks.

    t-2  t-1  [t]  t+1  t+2 ─read along the flow─▶ weights: does the patch differ by more than noise? ─▶ mean
                                                                                                          ▼
                                           what is left, by place ─▶ shifted blocks (shifted.py) ─▶ mixed by strength

A neighbour whose patch differs by more than noise explains has no say, so that nothing leaves a ghost. Where there is
no noise the frame passes untouched. Source of the weights: Buades, Coll, Morel 2005.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numba import njit

from stillmotion.errors import InputError
from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.flow import FlowFinder, along
from stillmotion.stages.finishing.noise import Noise, noise
from stillmotion.stages.finishing.shifted import SIZE, cleaned
from stillmotion.types import Float32, FrameStream, UInt8

_REACH = 2  # frames to each side
_FLOW_SIDE = 640
_SILENT, _LOUD = 0.9, 1.5  # levels of luma noise: nothing is done, all is done
_PATCH = 5  # pixels
_ALLOWED = 1.25  # of the variance that noise gives a difference of patches: still the same thing
_STRICT = 0.35  # of that variance: a difference larger by this loses an e-fold of weight
_SHRINK = 2.6  # deviations of the noise that is left: a coefficient below is noise
_SHRINK_COLOUR, _FINE_COLOUR = 3.2, 2.5
_MEMORY = 0.8  # of the noise measured before


@dataclass(slots=True)
class _Held:
    """A frame and the ways to its neighbours."""

    frame: UInt8
    scene: int
    grey: UInt8
    onward: Float32 | None = None  # (h, w, 2) to the next frame, at the size and in pixels of `grey`
    back: Float32 | None = None  # to the one before
    measured: bool = False  # with the frame before
    levels: tuple[Noise, Noise, Noise] = field(default=(Noise(0, 0),) * 3)  # Y, Cr, Cb


class Denoise:
    """The step: `strength` 1 takes all of the noise that can be told from the picture."""

    name = "denoise"
    look_ahead = _REACH

    def __init__(self, *, strength: float) -> None:
        if not 0 < strength <= 1:
            raise InputError(f"The strength of denoising is {strength:g}; it goes from above 0 (a little) to 1 (all).")
        self._strength = strength
        self._cuts = CutFinder()
        self._frames = self._changed = 0
        self._sigma: list[float] = []
        self._sum = self._neighbours = 0.0

    def __call__(self, frames: FrameStream) -> FrameStream:
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        return {
            "frames": self._frames, "changed": self._changed, "strength": self._strength,
            "noise_levels": round(float(np.mean(self._sigma or [0.0])), 2),
            "frames_averaged": round(1 + self._neighbours / max(1, self._changed), 2),
            "mean_change_levels": round(self._sum / max(1, self._changed), 3), "cuts": self._cuts.count,
        }  # fmt: skip

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        window: deque[_Held] = deque()
        finder = FlowFinder(frames.width, frames.height, side=_FLOW_SIDE)
        at = scene = 0
        for frame in frames:
            scene += self._cuts(frame)
            now = _Held(frame, scene, finder.grey(frame))
            self._join(window[-1] if window else None, now, finder)
            window.append(now)
            if len(window) - at > _REACH:
                yield self._given(window, at)
                at += 1
            if len(window) > 2 * _REACH + 1:
                window.popleft()
                at -= 1
        while at < len(window):
            yield self._given(window, at)
            at += 1

    def _join(self, last: _Held | None, now: _Held, finder: FlowFinder) -> None:
        """Measure the way and the noise between two frames."""
        moved: UInt8 | None = None
        if last is not None and last.scene == now.scene:
            flows = finder(last.grey, now.grey)
            last.onward, now.back = flows.forward, flows.back
            moved = along(last.frame, _whole(flows.back, now.frame), how=cv2.INTER_NEAREST)
        ycc = cv2.cvtColor(now.frame, cv2.COLOR_RGB2YCrCb)
        other = None if moved is None else cv2.cvtColor(moved, cv2.COLOR_RGB2YCrCb)
        luma = np.ascontiguousarray(ycc[..., 0])
        fresh = [noise(ycc[..., c], luma, None if other is None else other[..., c]) for c in range(3)]
        now.measured = other is not None
        if (
            last is not None and now.measured and not last.measured
        ):  # a scene's first frame cannot tell noise from texture
            last.levels = (fresh[0], fresh[1], fresh[2])
        elif last is not None and now.measured:
            fresh = [
                Noise(_MEMORY * a.base + (1 - _MEMORY) * b.base, _MEMORY * a.rise + (1 - _MEMORY) * b.rise)
                for a, b in zip(last.levels, fresh, strict=True)
            ]
        now.levels = (fresh[0], fresh[1], fresh[2])

    def _given(self, window: deque[_Held], at: int) -> UInt8:
        held = window[at]
        sigma = held.levels[0].sigma(110)
        self._frames += 1
        self._sigma.append(sigma)
        part = self._strength * float(np.clip((sigma - _SILENT) / (_LOUD - _SILENT), 0, 1))
        if part == 0:
            return held.frame
        mean, left, count = _averaged(window, at)
        clean = _shrunk(mean, left, held)
        out = held.frame.astype(np.float32)
        out += np.float32(part) * (clean - out)
        done = np.asarray(np.rint(np.clip(out, 0, 255)), dtype=np.uint8)
        self._changed += 1
        self._neighbours += count
        self._sum += cv2.norm(done, held.frame, cv2.NORM_L1) / done.size
        return done


def _ways(window: deque[_Held], at: int) -> Iterator[tuple[UInt8, Float32]]:
    """The neighbours of a frame within its scene, and the flow (H, W, 2) to each."""
    for step in (-1, 1):
        way: Float32 | None = None
        here = at
        for _ in range(_REACH):
            flow = window[here].back if step < 0 else window[here].onward
            if flow is None or not 0 <= here + step < len(window):
                break
            way = flow if way is None else way + along(flow, way)
            here += step
            yield window[here].frame, _whole(way, window[here].frame)


def _whole(flow: Float32, frame: UInt8) -> Float32:
    """A flow (h, w, 2) at the size (H, W, 2) of the frame, in its pixels."""
    height, width = frame.shape[:2]
    if flow.shape[:2] == (height, width):
        return flow
    by = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    return np.asarray(cv2.resize(flow * by, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _averaged(window: deque[_Held], at: int) -> tuple[Float32, Float32, float]:
    """The mean (H, W, 3) of the frames that agree, the share (H, W) of the noise's deviation left, neighbours used."""
    held = window[at]
    luma = np.asarray(cv2.cvtColor(held.frame, cv2.COLOR_RGB2GRAY))
    # the patches are compared over three channels, whose mean variance is that of luma and colours together
    y, cr, cb = (level.table() for level in held.levels)
    variance = np.asarray((3 * y + 3.0 * cr + 3.5 * cb) / 3, dtype=np.float32)
    allowed = cv2.LUT(cv2.blur(luma, (_PATCH, _PATCH)), 2 * variance)
    total = held.frame.astype(np.float32)
    weight, square = np.ones(luma.shape, np.float32), np.ones(luma.shape, np.float32)
    for frame, way in _ways(window, at):
        moved = along(frame, way, how=cv2.INTER_CUBIC)
        apart = cv2.blur(_apart(held.frame, moved), (_PATCH, _PATCH))
        _gather(moved, apart, allowed, total, weight, square)
    count = float(weight.mean()) - 1
    return total / weight[..., None], np.sqrt(square) / weight, count


@njit(cache=True, nogil=True)
def _apart(one: UInt8, other: UInt8) -> Float32:
    """(H, W) mean square difference over the channels."""
    out = np.empty(one.shape[:2], np.float32)
    for row in range(one.shape[0]):
        for column in range(one.shape[1]):
            summed = np.float32(0)
            for channel in range(3):
                d = np.float32(one[row, column, channel]) - np.float32(other[row, column, channel])
                summed += d * d
            out[row, column] = summed / 3
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _gather(moved: UInt8, apart: Float32, allowed: Float32, total: Float32, weight: Float32, square: Float32) -> None:
    for row in range(apart.shape[0]):
        for column in range(apart.shape[1]):
            limit = allowed[row, column]
            over = apart[row, column] - np.float32(_ALLOWED) * limit
            w = np.float32(1) if over <= 0 else np.exp(-over / (np.float32(_STRICT) * limit))
            weight[row, column] += w
            square[row, column] += w * w
            for channel in range(3):
                total[row, column, channel] += w * moved[row, column, channel]


def _shrunk(mean: Float32, left: Float32, held: _Held) -> Float32:
    """The mean (H, W, 3) with the noise that is left in it shrunk away, RGB."""
    ycc: Float32 = cv2.cvtColor(mean / 255, cv2.COLOR_RGB2YCrCb) * 255
    height, width = left.shape
    size = (max(1, width // SIZE), max(1, height // SIZE))
    luma = cv2.resize(ycc[..., 0], size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(left, size, interpolation=cv2.INTER_AREA)
    planes = [held.levels[c] for c in range(3)]
    deviations = [np.sqrt(np.maximum(level.base + level.rise * luma, 0)) * share for level in planes]
    ycc[..., 0] = cleaned(np.ascontiguousarray(ycc[..., 0]), _SHRINK * deviations[0])
    for channel in (1, 2):
        ycc[..., channel] = _colour(np.ascontiguousarray(ycc[..., channel]), deviations[channel])
    return np.asarray(cv2.cvtColor(ycc / 255, cv2.COLOR_YCrCb2RGB) * 255, dtype=np.float32)


def _colour(plane: Float32, deviation: Float32) -> Float32:
    """A colour difference (H, W) without noise: blocks at half the size, and what is finer only where it stands out."""
    height, width = plane.shape
    small = cv2.resize(plane, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    rough = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    fine = plane - rough
    limit = _FINE_COLOUR * cv2.resize(deviation, (width, height), interpolation=cv2.INTER_LINEAR)
    fine = fine - np.clip(fine, -limit, limit)
    half = cv2.resize(deviation, (max(1, small.shape[1] // SIZE), max(1, small.shape[0] // SIZE))) / 2
    clean = cleaned(small, _SHRINK_COLOUR * half)
    return np.asarray(fine + cv2.resize(clean, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
