"""How alike two pictures are: PSNR and SSIM. Knows two pictures of one size.

Formulas: PSNR = 10 log10(255² / MSE); SSIM of Wang et al. 2004 (Gaussian window sigma 1.5 cut at 3.5 sigma, K1 = 0.01,
K2 = 0.03, population covariance), averaged over the places where the window fits.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from stillmotion.evaluation.picture import check_same_size, luma
from stillmotion.types import Float64, UInt8

PERFECT_DB = 100.0
"""What identical pictures are given instead of infinity, so that the number can be stored and compared."""


def psnr(one: UInt8, other: UInt8) -> float:
    """PSNR in dB over all channels of two pictures (H, W, 3) or (H, W); at most `PERFECT_DB`.

    Raises:
        InputError: the sizes differ.
    """
    check_same_size(one, other)
    return _db(float(cv2.norm(one, other, cv2.NORM_L2SQR)) / one.size)


def psnr_luma(one: UInt8, other: UInt8) -> float:
    """PSNR in dB of the BT.709 luma of two pictures; at most `PERFECT_DB`. Errors as `psnr`."""
    check_same_size(one, other)
    return _db(float(np.mean((luma(one) - luma(other)) ** 2)))


def ssim(one: UInt8, other: UInt8) -> float:
    """Structural similarity of the BT.709 luma of two pictures: 1 when alike. Errors as `psnr`."""
    check_same_size(one, other)
    x, y = luma(one), luma(other)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = _window(x), _window(y)
    vx, vy, cov = _window(x * x) - mx * mx, _window(y * y) - my * my, _window(x * y) - mx * my
    index = ((2 * mx * my + c1) * (2 * cov + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    rim = 5
    inner = index[rim:-rim, rim:-rim]
    return float(inner.mean() if inner.size else index.mean())


def _window(values: Float64) -> Float64:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT))


def _db(mean_square: float) -> float:
    return PERFECT_DB if mean_square == 0 else min(PERFECT_DB, 10 * math.log10(255**2 / mean_square))
