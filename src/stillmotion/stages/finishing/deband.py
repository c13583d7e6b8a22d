"""Steps in skies and walls become a smooth slope again, written with a fine dither.

    plain places (flat but for small steps) ─▶ smooth estimate, in wider and wider circles ─▶ at most half a step away
                                                                                                      ▼
                                                                     blue noise of half a level decides each rounding

Only levels in plain places are changed, and only by what a step can be wrong; edges, texture and grain stay.
The dither has the same pattern in every frame: a codec then spends its bits on it once. Knows single frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numba import njit

from stillmotion.stages.finishing.flow import grid
from stillmotion.types import Float32, FrameStream, UInt8

_TILE = 128  # pixels of the dither's tile
_FINE = 1.25  # levels by which a pixel may differ from those around it and still be plain
_SHARE = (0.72, 0.9)  # of plain pixels around: nothing is done, all is done
_FLAT = (0.35, 0.55)  # of pixels exactly like their neighbours: a quantiser leaves them, noise and slopes do not
_RANGE = 14.0  # levels between the lightest and the darkest around, for all to be done; none at twice that
_NEAR = 11  # pixels across in which that is looked at
_CIRCLES = ((4, 2.5), (4, 6.0), (8, 8.0))  # (shrunk by, sigma in shrunk pixels): the estimates, from small to wide
_MARGIN = 0.1, 0.5  # levels, steps: how far from the picture the estimate may be; rounding is wrong by half a step


class Deband:
    """The step; the seed chooses the dither's pattern."""

    name = "deband"
    look_ahead = 0

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        self._frames = self._changed = 0
        self._area = self._sum = 0.0

    def __call__(self, frames: FrameStream) -> FrameStream:
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        count = max(1, self._changed)
        return {
            "frames": self._frames, "changed": self._changed, "area": round(self._area / count, 3),
            "mean_change_levels": round(self._sum / count, 3), "dither": "static blue noise",
        }  # fmt: skip

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        tile = blue_noise(self._seed)
        times = (-(-frames.height // _TILE), -(-frames.width // _TILE))
        dither = np.ascontiguousarray(np.tile(tile, times)[: frames.height, : frames.width])
        for frame in frames:
            self._frames += 1
            done = smoothed(frame, dither)
            if done is not frame:
                self._changed += 1
                self._area += float((done != frame).any(axis=2).mean())
                self._sum += cv2.norm(done, frame, cv2.NORM_L1) / frame.size
            yield done


def smoothed(frame: UInt8, dither: Float32) -> UInt8:
    """The frame (H, W, 3) without steps in plain places; the same object when there are none.

    Args:
        dither: (H, W) in (-0.5, 0.5).
    """
    plain, step = plainness(frame)
    if float(plain.max()) == 0 or min(frame.shape[:2]) < 32:
        return frame
    levels = frame.astype(np.float32)
    estimate = levels.copy()
    for by, sigma in _CIRCLES:
        _widen(estimate, levels, plain, step, by, sigma)
    done = _written(frame, estimate, plain, step, dither)
    return done if (done != frame).any() else frame


def plainness(frame: UInt8) -> tuple[Float32, Float32]:
    """(H, W) in [0, 1], how plain each place is, and (H, W) the size of the steps there in levels."""
    off = cv2.absdiff(frame, cv2.blur(frame, (3, 3))).max(axis=2)
    jump = np.zeros(frame.shape[:2], np.uint8)
    down, across = cv2.absdiff(frame[1:], frame[:-1]).max(axis=2), cv2.absdiff(frame[:, 1:], frame[:, :-1]).max(axis=2)
    jump[1:] = down
    jump[:, 1:] = np.maximum(jump[:, 1:], across)
    window = (_NEAR, _NEAR)
    share = cv2.blur((off <= _FINE).astype(np.float32), window)
    near = np.ones(window, np.uint8)
    spread = (cv2.dilate(frame, near) - cv2.erode(frame, near)).max(axis=2).astype(np.float32)
    jumps = (jump > 0).astype(np.float32)
    step = cv2.blur(jump.astype(np.float32), (21, 21)) / (cv2.blur(jumps, (21, 21)) + 1e-3)
    flat = 1 - cv2.blur(jumps, (21, 21))
    plain = np.clip((share - _SHARE[0]) / (_SHARE[1] - _SHARE[0]), 0, 1) * np.clip(2 - spread / _RANGE, 0, 1)
    plain *= np.clip((flat - _FLAT[0]) / (_FLAT[1] - _FLAT[0]), 0, 1)
    plain = cv2.GaussianBlur(cv2.erode(plain, np.ones((7, 7), np.uint8)), (0, 0), 1.5)
    plain[plain < 0.02] = 0
    return np.asarray(plain, np.float32), np.asarray(step, np.float32)


def _widen(estimate: Float32, levels: Float32, plain: Float32, step: Float32, by: int, sigma: float) -> None:
    """Take the local plane over a wider circle where most of it is plain and the plane stays near the picture."""
    height, width = plain.shape
    size = (max(2, width // by), max(2, height // by))
    if min(size) < 2 * sigma:
        return
    known = cv2.resize(plain, size, interpolation=cv2.INTER_AREA)
    values = cv2.resize(levels * plain[..., None], size, interpolation=cv2.INTER_AREA)
    x, y = grid(size[1], size[0])
    x, y = (x - size[0] / 2) / sigma, (y - size[1] / 2) / sigma

    def around(picture: Float32) -> Float32:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)

    w = around(known) + 1e-4
    mx, my = around(known * x) / w, around(known * y) / w
    xx, yy = around(known * x * x) / w - mx * mx + 0.02, around(known * y * y) / w - my * my + 0.02
    xy = around(known * x * y) / w - mx * my
    mean = around(values) / w[..., None]
    vx = around(values * x[..., None]) / w[..., None] - mean * mx[..., None]
    vy = around(values * y[..., None]) / w[..., None] - mean * my[..., None]
    area = np.maximum(xx * yy - xy * xy, 1e-6)
    along_x = ((x - mx) * yy - (y - my) * xy) / area  # the mean's plane, read at the place itself and not at its middle
    along_y = ((y - my) * xx - (x - mx) * xy) / area
    plane = mean + along_x[..., None] * vx + along_y[..., None] * vy
    plane = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
    trust = np.clip((w / around(np.ones_like(known)) - 0.5) / 0.3, 0, 1)
    _take(estimate, levels, plane, cv2.resize(trust, (width, height), interpolation=cv2.INTER_LINEAR), step)


@njit(cache=True, nogil=True, fastmath=True)
def _take(estimate: Float32, levels: Float32, mean: Float32, trust: Float32, step: Float32) -> None:
    for row in range(trust.shape[0]):
        for column in range(trust.shape[1]):
            limit = np.float32(_MARGIN[0]) + np.float32(_MARGIN[1]) * step[row, column]
            worst = np.float32(0)
            for channel in range(3):
                worst = max(worst, abs(mean[row, column, channel] - levels[row, column, channel]))
            near = min(np.float32(1), max(np.float32(0), 2 - worst / limit))  # beyond a step it is another thing
            share = trust[row, column] * near
            for channel in range(3):
                estimate[row, column, channel] += share * (mean[row, column, channel] - estimate[row, column, channel])


@njit(cache=True, nogil=True)
def _written(frame: UInt8, estimate: Float32, plain: Float32, step: Float32, dither: Float32) -> UInt8:
    out = frame.copy()
    for row in range(plain.shape[0]):
        for column in range(plain.shape[1]):
            share = plain[row, column]
            if share == 0:
                continue
            limit = np.float32(_MARGIN[0]) + np.float32(_MARGIN[1]) * step[row, column]
            for channel in range(3):
                level = np.float32(frame[row, column, channel])
                change = min(limit, max(-limit, estimate[row, column, channel] - level)) * share
                value = np.floor(level + change + dither[row, column] + np.float32(0.5))
                out[row, column, channel] = np.uint8(min(255, max(0, value)))
    return out


@lru_cache(maxsize=4)
def blue_noise(seed: int) -> Float32:
    """(128, 128) evenly spread in (-0.5, 0.5), fine-grained, and seamless when tiled.

    White noise whose low frequencies are taken out and whose values are made even again, in turns.
    """
    values = np.random.default_rng(seed).random((_TILE, _TILE)).astype(np.float32)
    ranks = (np.arange(_TILE * _TILE, dtype=np.float32) + 0.5) / (_TILE * _TILE) - 0.5
    for _ in range(24):
        wide = cv2.copyMakeBorder(values, 16, 16, 16, 16, cv2.BORDER_WRAP)
        fine = values - cv2.GaussianBlur(wide, (0, 0), 1.9)[16:-16, 16:-16]
        values.ravel()[np.argsort(fine, axis=None, kind="stable")] = ranks
    values.flags.writeable = False
    return values
