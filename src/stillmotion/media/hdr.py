"""HDR pictures (PQ and HLG) -> 8-bit sRGB: light, tone curve, primaries, by the standards' own formulas.

Sources: SMPTE ST 2084 (PQ), ITU-R BT.2100 (HLG), BT.2087 (2020 to 709 primaries), BT.2408 (graphics white at 203 cd/m²);
the roll-off above 70 % of white is Reinhard's curve with a white point (Reinhard et al. 2002) on the largest channel, so
that hues stay. Knows pictures, no files.
"""

from __future__ import annotations

from functools import cache

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from stillmotion.types import Float32, UInt8

PQ, HLG = 16, 18  # ITU-T H.273 transfer characteristics
_WHITE = 203.0  # cd/m² that becomes white
_PEAK = 1000.0  # cd/m² that is still told apart from what is brighter
_KNEE = 0.7
_STEPS = 4096
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)


class FromHdr:
    """Converts the pictures of one HDR video; `transfer` is PQ or HLG."""

    def __init__(self, transfer: int) -> None:
        self._light = _light(transfer)
        self._reformatter = VideoReformatter()

    def __call__(self, picture: av.VideoFrame) -> UInt8:
        """A decoded picture as uint8 (H, W, 3) sRGB."""
        full = picture.color_range == ColorRange.JPEG
        deep = self._reformatter.reformat(
            picture, format="rgb48le", src_colorspace=Colorspace.BT2020,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG, dst_color_range=ColorRange.JPEG,
        ).to_ndarray()  # fmt: skip
        light = cv2.transform(self._light[deep >> 4], _TO_709)
        np.maximum(light, 0, out=light)
        top = light.max(axis=2)
        light *= (rolled_off(top) / np.maximum(top, 1e-6))[..., None]
        index = np.rint(np.sqrt(light) * (_STEPS - 1)).astype(np.int32)  # a square root: fine steps in the dark
        return np.asarray(_srgb_of_root()[np.minimum(index, _STEPS - 1)])


def rolled_off(light: Float32) -> Float32:
    """Light (1: white) bent towards white from the knee on; the peak becomes exactly 1."""
    over = (light - _KNEE) / (1 - _KNEE)
    most = (_PEAK / _WHITE - _KNEE) / (1 - _KNEE)
    bent = np.minimum(over * (1 + over / most**2) / (1 + over), 1)
    return np.asarray(np.where(over > 0, _KNEE + (1 - _KNEE) * bent, light), dtype=np.float32)


@cache
def _light(transfer: int) -> Float32:
    """Light (4096,), 1 at white, of a 12-bit signal."""
    signal = np.arange(_STEPS) / (_STEPS - 1)
    if transfer == PQ:
        root = signal ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    else:
        scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        nits = _PEAK * scene**1.2
    return np.asarray(nits / _WHITE, dtype=np.float32)


@cache
def _srgb_of_root() -> UInt8:
    """8-bit sRGB (4096,) of the square root of light."""
    light = (np.arange(_STEPS) / (_STEPS - 1)) ** 2
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb), dtype=np.uint8)
