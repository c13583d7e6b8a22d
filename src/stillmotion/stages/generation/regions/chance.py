"""Everything random in the regions: named streams of one seed, and smooth fields drawn from them."""

from __future__ import annotations

from zlib import crc32

import cv2
import numpy as np

from stillmotion.types import Float32


def stream(seed: int, name: str) -> np.random.Generator:
    """The generator of one name: the same seed and name give the same numbers, whatever else is drawn."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(name.encode())]))


def smooth_field(chance: np.random.Generator, shape: tuple[int, int], *, scale: float, octaves: int = 1) -> Float32:
    """(h, w) float32 of zero mean and unit deviation whose features are about `scale` cells wide; rougher with
    octaves.
    """
    height, width = shape
    field: Float32 = np.zeros(shape, np.float32)
    for octave in range(octaves):
        cells = max(scale / 2**octave, 2.0)
        rows, columns = int(height / cells) + 4, int(width / cells) + 4
        coarse = chance.standard_normal((rows, columns)).astype(np.float32)
        big = cv2.resize(coarse, (round(columns * cells), round(rows * cells)), interpolation=cv2.INTER_CUBIC)
        top, left = (big.shape[0] - height) // 2, (big.shape[1] - width) // 2
        field += big[top : top + height, left : left + width] * np.float32(0.5**octave)
    field -= field.mean()
    return (field / max(float(field.std()), 1e-6)).astype(np.float32)
