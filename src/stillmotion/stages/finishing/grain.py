"""Film grain, new in every frame. Knows the seed and the frame's number; does not know the scene."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from stillmotion.types import Float32, FrameStream, UInt8

_LEVELS = 14.0  # standard deviation of full grain in 8-bit levels, at mid grey
_TILE = 512  # pixels; a larger frame repeats the tile, at another place in every frame


class Grain:
    """The step: soft luminance noise, strongest in the mid tones; it depends on the seed and the frame's number alone.

    `amount` in [0, 1].
    """

    name = "grain"
    look_ahead = 0

    def __init__(self, *, amount: float, seed: int) -> None:
        self._amount, self._seed = amount, seed
        noise = _stream(seed, "grain").standard_normal((_TILE, _TILE)).astype(np.float32)
        noise = _wrapped_blur(noise)
        self._tile = noise * (amount * _LEVELS / float(noise.std()))
        tone = np.arange(256) / 255
        self._strength: Float32 = (4 * tone * (1 - tone)).astype(np.float32) * 0.8 + np.float32(0.2)

    def __call__(self, frames: FrameStream) -> FrameStream:
        return frames if self._amount == 0 else replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        return {"amount": self._amount, "levels_at_mid_grey": round(self._amount * _LEVELS, 2), "seed": self._seed}

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        for number, frame in enumerate(frames):
            yield self._grainy(frame, number)

    def _grainy(self, frame: UInt8, number: int) -> UInt8:
        height, width = frame.shape[:2]
        down, right = _stream(self._seed, f"grain/{number}").integers(0, _TILE, 2)
        rows = (np.arange(height) + down) % _TILE
        noise = np.take(self._tile[rows], np.arange(right, right + width) % _TILE, axis=1)
        noise *= cv2.LUT(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), self._strength)
        return np.asarray(cv2.add(frame, cv2.merge((noise, noise, noise)), dtype=cv2.CV_8U), dtype=np.uint8)


def _wrapped_blur(noise: Float32) -> Float32:
    """A grain of about a pixel and a half, blurred around the edges so that the tile repeats without a seam."""
    pad = 8
    soft = cv2.GaussianBlur(np.pad(noise, pad, mode="wrap"), (0, 0), 0.7)[pad:-pad, pad:-pad]
    return np.ascontiguousarray(soft, dtype=np.float32)


def _stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each name, from the one seed."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
