"""Pictures of another light than ours (PQ, HLG, wide gamut) -> 8-bit BT.709: light, tone curve, primaries, code values.

Sources: SMPTE ST 2084 (PQ), ITU-R BT.2100 (HLG and its system gamma of 1.2), BT.2408 (graphics white at 203 cd/m²),
BT.2087 and SMPTE RP 177 (primaries). Above 70 % of white the light is rolled off by Reinhard's curve with a white point
(Reinhard et al. 2002) on the largest channel, so that hues stay. Knows pictures, no files.
"""

from __future__ import annotations

from functools import cache

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from numba import njit

from stillmotion.media.colour import is_full, matrix_of
from stillmotion.types import Float32, UInt8

PQ, HLG = 16, 18  # ITU-T H.273 transfer characteristics
BT2020, P3 = 9, 12  # ITU-T H.273 primaries
_WHITE = 203.0  # cd/m² that becomes white
_PEAK = 1000.0  # cd/m² that is still told apart from what is brighter
_KNEE = 0.7
_STEPS = 4096
_RED_GREEN_BLUE = {  # x, y of the primaries; white is D65
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_D65 = (0.3127, 0.3290)
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


class FromOtherLight:
    """Converts the pictures of one video with these transfer characteristics and primaries (numbers of ITU-T H.273)."""

    def __init__(self, transfer: int, primaries: int) -> None:
        self._hdr = transfer in (PQ, HLG)
        self._light = _light(transfer)
        self._luma = _LUMA_2020 if transfer == HLG else np.zeros(3, np.float32)
        known = primaries if primaries in _RED_GREEN_BLUE else BT2020 if self._hdr else 1
        self._to_709 = np.ascontiguousarray(to_709(known), dtype=np.float32)
        self._reformatter = VideoReformatter()

    def __call__(self, picture: av.VideoFrame) -> UInt8:
        """A decoded picture as uint8 (H, W, 3)."""
        deep = self._reformatter.reformat(
            picture, format="rgb48le", src_colorspace=matrix_of(picture), dst_color_range=ColorRange.JPEG,
            src_color_range=ColorRange.JPEG if is_full(picture) else ColorRange.MPEG,
        ).to_ndarray()  # fmt: skip
        frame = np.empty(deep.shape, np.uint8)
        _convert(deep, self._light, self._luma, self._to_709, self._hdr, _code_of_root(), frame)
        return frame


def to_709(primaries: int) -> Float32:
    """(3, 3): light in these primaries -> in those of BT.709."""
    return np.asarray(np.linalg.inv(_to_xyz(1)) @ _to_xyz(primaries), dtype=np.float32)


def _to_xyz(primaries: int) -> Float32:
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in _RED_GREEN_BLUE[primaries]]).T
    x, y = _D65
    return np.asarray(columns * np.linalg.solve(columns, np.array([x / y, 1.0, (1 - x - y) / y])))


@njit(cache=True, nogil=True, fastmath=False)
def _convert(
    deep: UInt8, light_of: Float32, luma: Float32, matrix: Float32, hdr: bool, code_of: UInt8, frame: UInt8
) -> None:
    """Deep code values (H, W, 3) uint16 -> 8-bit ones, into `frame`."""
    last = np.float32(code_of.size - 1)
    most = (_PEAK / _WHITE - _KNEE) / (1 - _KNEE)
    for row in range(deep.shape[0]):
        for column in range(deep.shape[1]):
            r = light_of[deep[row, column, 0] >> 4]
            g = light_of[deep[row, column, 1] >> 4]
            b = light_of[deep[row, column, 2] >> 4]
            if luma[1] > 0:  # HLG: scene light -> display light
                seen = _PEAK / _WHITE * (luma[0] * r + luma[1] * g + luma[2] * b) ** 0.2
                r, g, b = r * seen, g * seen, b * seen
            x = max(matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b, 0.0)
            y = max(matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b, 0.0)
            z = max(matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b, 0.0)
            top = max(x, y, z)
            scale = 1.0
            if hdr and top > _KNEE:
                over = (top - _KNEE) / (1 - _KNEE)
                bent = min(over * (1 + over / most**2) / (1 + over), 1.0)
                scale = (_KNEE + (1 - _KNEE) * bent) / top
            frame[row, column, 0] = code_of[int(np.sqrt(min(x * scale, 1.0)) * last + 0.5)]
            frame[row, column, 1] = code_of[int(np.sqrt(min(y * scale, 1.0)) * last + 0.5)]
            frame[row, column, 2] = code_of[int(np.sqrt(min(z * scale, 1.0)) * last + 0.5)]


@cache
def _light(transfer: int) -> Float32:
    """Light (4096,) of a 12-bit signal: 1 is white; of HLG that of the scene, 1 at most."""
    signal = np.arange(_STEPS) / (_STEPS - 1)
    if transfer == PQ:
        root = signal ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        return np.asarray(nits / _WHITE, dtype=np.float32)
    if transfer == HLG:
        bright = (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        return np.asarray(np.where(signal <= 0.5, signal**2 / 3, bright), dtype=np.float32)
    return np.asarray(np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4), dtype=np.float32)


@cache
def _code_of_root() -> UInt8:
    """8-bit sRGB (4096,) of the square root of light: fine steps in the dark."""
    light = (np.arange(_STEPS) / (_STEPS - 1)) ** 2
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb), dtype=np.uint8)
