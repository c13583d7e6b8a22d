"""Motion as a sum of fixed patterns with changing weights: what sway and ripple have in common.

h, w the low grid of the plate; channels are dx, dy in plate pixels and light (a share of the brightness). A pattern
pair holds A cos(phase) and A sin(phase), so that at time t it gives A cos(2 pi f t + phase).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.stages.generation.regions.kernels import combine
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.types import Float32


@dataclass(frozen=True, slots=True)
class Modes:
    """Patterns and their frequencies."""

    patterns: Float32  # (2 K, h, w, 3): cosine and sine part of each of K oscillations
    frequencies: tuple[float, ...]  # K, Hz, already held to the clip where it closes
    rhythm: Rhythm

    def at(self, t: float) -> Float32:
        """(h, w, 3) displacement and light at t; zero at t = 0.

        A clip that closes shows the difference from its first instant, any other begins softly.
        """
        angles = 2 * np.pi * t * np.asarray(self.frequencies)
        weights = np.empty(2 * len(self.frequencies), np.float32)
        weights[0::2] = np.cos(angles) - (1 if self.rhythm.closes else 0)
        weights[1::2] = -np.sin(angles)
        weights *= np.float32(self.rhythm.onset(t))
        out = np.empty(self.patterns[0].size, np.float32)
        combine(self.patterns.reshape(len(weights), -1), weights, out)
        return out.reshape(self.patterns.shape[1:])


def make_modes(amplitudes: list[Float32], phases: list[Float32], frequencies: list[float], rhythm: Rhythm) -> Modes:
    """Modes from K amplitudes (h, w, 3), phases (h, w) or (h, w, 3) in radians and frequencies in Hz."""
    rows = []
    for amplitude, phase in zip(amplitudes, phases, strict=True):
        angle = phase if phase.ndim == 3 else phase[..., None]
        rows += [amplitude * np.cos(angle), amplitude * np.sin(angle)]
    patterns = np.ascontiguousarray(np.stack(rows), np.float32)
    return Modes(patterns=patterns, frequencies=tuple(rhythm.whole(f) for f in frequencies), rhythm=rhythm)
