"""Known damage for clean clips: flicker, bands, flashes, drift, noise. Knows frames; the same seed spoils alike.

Frames are uint8 (H, W, 3) sRGB; light is changed as a lamp or a shutter would, on linear values.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from stillmotion.types import Float32, Float64, UInt8


def _to_light(frame: UInt8) -> Float32:
    return np.asarray(_TABLE[frame])


def _to_levels(light: Float32) -> UInt8:
    light = np.clip(light, 0, 1)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb), dtype=np.uint8)


_SRGB = np.arange(256) / 255
_TABLE = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4).astype(np.float32)


def flickering(frames: Sequence[UInt8], *, seed: int = 0, size: float = 1.0) -> list[UInt8]:
    """Exposure (+-20 % rms of light), gamma (5 %) and white balance (4 %) that change at random from frame to frame."""
    random = np.random.default_rng(seed)
    spoiled = []
    for frame in frames:
        gain = np.exp(size * (random.normal(0, 0.2) + random.normal(0, 0.04, 3))).astype(np.float32)
        gamma = np.float32(np.exp(size * random.normal(0, 0.05)))
        spoiled.append(_to_levels((_to_light(frame) * gain) ** gamma))
    return spoiled


def banded(frames: Sequence[UInt8], *, seed: int = 0) -> list[UInt8]:
    """Bands of a lamp under a rolling shutter: a wave of +-18 % of the light, 1.3 waves high, that runs."""
    phase = 2 * np.pi * np.random.default_rng(seed).random()
    row = np.arange(frames[0].shape[0], dtype=np.float32) / frames[0].shape[0]
    spoiled = []
    for number, frame in enumerate(frames):
        wave = 1 + 0.18 * np.sin(2 * np.pi * (1.3 * row + 0.31 * number) + phase)
        spoiled.append(_to_levels(_to_light(frame) * wave[:, None, None].astype(np.float32)))
    return spoiled


def lamp(frames: Sequence[UInt8], *, seed: int = 0) -> list[UInt8]:
    """A lamp at one side that flickers by +-25 % rms of the light there, nothing at the other."""
    random = np.random.default_rng(seed)
    height, width = frames[0].shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    spot = np.exp(-(((x / width - 0.2) / 0.3) ** 2 + ((y / height - 0.4) / 0.5) ** 2))[..., None]
    return [_to_levels(_to_light(frame) * np.exp(np.float32(random.normal(0, 0.25)) * spot)) for frame in frames]


def flash_frames(count: int) -> dict[int, float]:
    """Which frames of a clip flash, and how many times the light they have."""
    return {
        count // 4: 2.5, count // 2: 1.8, count // 2 + 1: 2.2, 3 * count // 4: 0.35,
    }  # fmt: skip


def flashing(frames: Sequence[UInt8]) -> list[UInt8]:
    """A flash of one frame, one of two, and a dark frame."""
    gains = flash_frames(len(frames))
    return [
        _to_levels(_to_light(frame) * np.float32(gains[number])) if number in gains else frame
        for number, frame in enumerate(frames)
    ]


def drifting(frames: Sequence[UInt8]) -> list[UInt8]:
    """Over the clip, slowly: a third more light, warmer, a fifth less contrast, a fifth more colour."""
    spoiled = []
    for number, frame in enumerate(frames):
        part = number / max(1, len(frames) - 1)
        light = _to_light(frame) * (1 + 0.33 * part) * np.array([1 + 0.12 * part, 1, 1 - 0.15 * part], np.float32)
        levels = _to_levels(light.astype(np.float32)).astype(np.float32)
        levels = 118 + (levels - 118) * (1 - 0.2 * part)
        grey = (levels @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None]
        spoiled.append(np.clip(np.rint(grey + (levels - grey) * (1 + 0.2 * part)), 0, 255).astype(np.uint8))
    return spoiled


def noisy(frames: Sequence[UInt8], sigma: float, *, seed: int = 0) -> list[UInt8]:
    """Gaussian noise of this many levels, each pixel and channel for itself."""
    random = np.random.default_rng(seed)
    return [_added(frame, random.normal(0, sigma, frame.shape)) for frame in frames]


def shot(frames: Sequence[UInt8], *, seed: int = 0) -> list[UInt8]:
    """Noise like that of few photons: its deviation grows with the root of the level, 10 levels at mid grey."""
    random = np.random.default_rng(seed)
    return [_added(f, random.normal(0, 1, f.shape) * 10 * np.sqrt((f.astype(np.float64) + 8) / 136)) for f in frames]


def _added(frame: UInt8, noise: Float64) -> UInt8:
    return np.asarray(np.clip(np.rint(frame + noise), 0, 255), dtype=np.uint8)


def posterised(frames: Sequence[UInt8], *, step: int = 6) -> list[UInt8]:
    """Smoothed pictures in fewer levels: the bands of a sky or a wall after too coarse a quantiser."""
    return [
        np.asarray((np.rint(f.astype(np.float32) / step) * step).clip(0, 255), np.uint8)
        for f in (cv2.GaussianBlur(frame, (0, 0), 1.0) for frame in frames)
    ]
