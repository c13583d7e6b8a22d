"""Pictures made ready for measuring: sizes, luma, Lab. Knows no video.

H height, W width; pictures are uint8 (H, W, 3) sRGB unless a name says otherwise.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.types import Float32, Float64, UInt8

LUMA_BT709 = np.array([0.2126, 0.7152, 0.0722])  # the matrix our files are tagged with


def shrunk_size(width: int, height: int, *, long_side: int) -> tuple[int, int]:
    """(width, height) with the longer side at most `long_side`, shape kept."""
    factor = min(1.0, long_side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def shrink(frame: UInt8, *, long_side: int) -> UInt8:
    """The picture with its longer side at most `long_side`, area-averaged."""
    height, width = frame.shape[:2]
    size = shrunk_size(width, height, long_side=long_side)
    return frame if size == (width, height) else resize(frame, *size)


def resize(frame: UInt8, width: int, height: int) -> UInt8:
    """The picture at exactly this size: area average when smaller, cubic when larger."""
    smaller = width <= frame.shape[1] and height <= frame.shape[0]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (width, height), interpolation=method), dtype=np.uint8)


def grey(frame: UInt8) -> UInt8:
    """(H, W) luma of BT.601 in whole levels, what the trackers look at."""
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def luma(frame: UInt8) -> Float64:
    """(H, W) luma of BT.709 in 0 .. 255, not rounded."""
    return np.asarray(frame.astype(np.float64) @ LUMA_BT709)


def lab(frame: UInt8) -> Float32:
    """(H, W, 3) CIE L*a*b* under D65: L in 0 .. 100."""
    return np.asarray(cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32)


def check_same_size(one: UInt8, other: UInt8) -> None:
    """Refuse two pictures that cannot be compared pixel by pixel.

    Raises:
        InputError: the shapes differ.
    """
    if one.shape != other.shape:
        raise InputError(
            f"Pictures of {one.shape} and {other.shape} cannot be compared by pixels; resize one to the other first."
        )
