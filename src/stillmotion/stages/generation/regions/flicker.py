"""Light that changes: lamps, candles, neon, fire glow. Gain on linear light, 1 at t = 0 and 1 in the mean."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.plan import Flicker
from stillmotion.stages.generation.regions.chance import smooth_field
from stillmotion.stages.generation.regions.plate import Box, Plate, box_of, thin
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.types import Float32

_PLACES = 3  # independent flames
_PARTIALS = 9
_GLOW = 0.035  # how far the light spreads around the mask, fraction of the canvas width
_GLOW_SHARE = 0.45  # of the change, at the mask's rim


@dataclass(frozen=True, slots=True)
class Light:
    """The changing light of one region."""

    places: Float32  # (P, h, w) how much each flame lights each place of the low grid
    swings: Float32  # (P, K) amplitude of each partial of each flame; the sum over K of the squares is about 1/3
    frequencies: Float32  # (K) Hz
    amplitude: float
    box: Box

    def at(self, t: float) -> Float32:
        """(h, w) gain on linear light."""
        # sines alone: zero at t = 0, zero mean, and equal at both ends of a clip that closes
        level = self.swings @ np.sin(2 * np.pi * self.frequencies.astype(np.float64) * t)
        change = np.tensordot(np.tanh(level).astype(np.float32), self.places, axes=1)
        return (1 + np.float32(self.amplitude) * change).astype(np.float32)


def make_light(
    plate: Plate, mask: Float32, flicker: Flicker, *, rhythm: Rhythm, chance: np.random.Generator, step: int
) -> Light:
    """The light under and around a mask; `turbulence` 0 is one slow breath, 1 is a restless flame."""
    spread = max(2.0, _GLOW * plate.canvas[0])
    glow = np.maximum(mask, _GLOW_SHARE * _blur(mask, spread))
    low = thin(glow, step)
    parts = [np.exp(0.9 * smooth_field(chance, low.shape, scale=0.12 * plate.canvas[0] / step)) for _ in range(_PLACES)]
    total = np.sum(parts, axis=0)
    places = np.stack([part / total * low for part in parts]).astype(np.float32)
    ratios = np.geomspace(0.35, 1.9, _PARTIALS) ** (0.25 + 0.75 * flicker.turbulence)
    frequencies = np.array([rhythm.whole(float(flicker.frequency * r)) for r in ratios], np.float32)
    sizes = np.exp(-0.5 * (np.log(ratios) / 0.8) ** 2)
    common = chance.standard_normal(_PARTIALS)
    own = chance.standard_normal((_PLACES, _PARTIALS))
    swings = (common[None] * (1 - 0.6 * flicker.turbulence) + own * 0.8 * flicker.turbulence) * sizes[None]
    swings /= np.sqrt((swings**2).sum(axis=1, keepdims=True) * 1.2)
    box = box_of(glow, floor=0.004) or Box(0, plate.shape[0], 0, plate.shape[1])
    return Light(
        places=places, swings=swings.astype(np.float32), frequencies=frequencies, amplitude=flicker.amplitude, box=box
    )


def _blur(mask: Float32, sigma: float) -> Float32:
    """A wide Gaussian, computed on a smaller picture."""
    shrink = max(1, int(sigma / 4))
    size = (max(1, mask.shape[1] // shrink), max(1, mask.shape[0] // shrink))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(soft, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
