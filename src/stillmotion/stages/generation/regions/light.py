"""sRGB codes and linear light (IEC 61966-2-1), as tables."""

from __future__ import annotations

import numpy as np

from stillmotion.types import Float32, UInt8


def _decode() -> Float32:
    code = np.arange(256) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _encode(size: int) -> UInt8:
    light = np.arange(size) / (size - 1)
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * code).astype(np.uint8)


DECODE = _decode()
"""(256) sRGB code -> linear light in [0, 1]."""

ENCODE = _encode(1 << 15)
"""(32768) linear light over the table's length -> sRGB code; finer than one code even in the dark."""
