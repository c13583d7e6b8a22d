"""A depth map made to fit its photo: steps put on colour edges, a little outside what is in front.

    disparity ─▶ weighted median near steps ─▶ foreground grown ─▶ enlarged along the photo's edges ─▶ sky to the far
    end

Knows disparity and colour; where the map came from it does not know. Smooth parts are left as they were.

Sources: weighted median near steps, Shih et al., "3D Photography using Context-aware Layered Depth Inpainting", CVPR
2020; growing the foreground, Jampani et al., "SLIDE", ICCV 2021.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues
from stillmotion.stages.analysis.joint import Guide, enlarged
from stillmotion.types import Float32, UInt8

STEP = 0.04
"""Difference of disparity, of its whole range, from which on neighbours belong to different things."""

_REACH, _ALIKE = 4, 20.0  # of the median, in working pixels; difference of colour, 8 bit, at which weights fall to 0.6
_GROWTH = 3 / 384  # of the working long side
_ROUNDS = 2


def refine(disparity: Float32, photo: UInt8, cues: Cues, guide: Guide) -> Float32:
    """(h, w) disparity of any size -> (H, W) in [0, 1] whose steps lie on the edges of `photo` (H, W, 3)."""
    shape = photo.shape[:2]
    small = np.asarray(cv2.resize(disparity, cues.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    near = _near_steps(small)
    smooth = enlarged(disparity, (shape[0], shape[1]))
    if not near.any():
        return np.clip(smooth, 0, 1)
    small = _median_near(small, cues.rgb, near)
    small = _grown(small)
    stepped = _steps_enlarged(small, guide, (shape[0], shape[1]))
    share = enlarged(
        cv2.GaussianBlur(_near_steps(small, reach=9).astype(np.float32), (0, 0), 1.5), (shape[0], shape[1])
    )
    return np.asarray(np.clip(smooth + (stepped - smooth) * np.clip(1.6 * share, 0, 1), 0, 1), np.float32)


def push_sky(disparity: Float32, sky: Float32) -> Float32:
    """Sky (H, W) to the far end, a constant, from a pixel or two inside its rim on."""
    radius = max(1, round(max(sky.shape) / 500))
    inner = cv2.erode(sky, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
    share = np.clip((inner - 0.5) / 0.3, 0, 1)
    return np.asarray(disparity * (1 - share), np.float32)


def _near_steps(disparity: Float32, *, reach: int = 5) -> NDArray[np.bool_]:
    """Within `reach` pixels of a step."""
    span = cv2.dilate(disparity, np.ones((3, 3), np.uint8)) - cv2.erode(disparity, np.ones((3, 3), np.uint8))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate((span > STEP).astype(np.uint8), kernel) > 0, bool)


def _median_near(disparity: Float32, rgb: UInt8, near: NDArray[np.bool_]) -> Float32:
    """The weighted median of the neighbours of like colour, near steps only."""
    out, wanted = disparity, near
    for _ in range(_ROUNDS):
        filtered = _medians(np.rint(out * 255).astype(np.uint8), rgb, wanted).astype(np.float32) / 255
        changed = wanted & (np.abs(filtered - out) > 1.5 / 255)  # what stays within the rounding keeps its own value
        out = np.where(changed, filtered, out)
        side = 2 * _REACH + 1  # elsewhere the next round would find the same again
        wanted = near & (cv2.dilate(changed.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)
    return out


@njit(cache=True, nogil=True)
def _medians(levels: UInt8, rgb: UInt8, wanted: NDArray[np.bool_]) -> UInt8:
    """Where `wanted`, the median of the `levels` (h, w) around, each weighing as much as its colour is alike."""
    height, width = levels.shape
    alike = np.exp(-(np.arange(256.0) ** 2) / (2 * _ALIKE**2)).astype(np.float32)
    out = levels.copy()
    held = np.zeros(256, np.float32)
    for y in range(height):
        for x in range(width):
            if not wanted[y, x]:
                continue
            red, green, blue = (np.int64(rgb[y, x, 0]), np.int64(rgb[y, x, 1]), np.int64(rgb[y, x, 2]))
            low, high, rest = np.int64(255), np.int64(0), np.float32(0)
            for j in range(max(0, y - _REACH), min(height, y + _REACH + 1)):
                for i in range(max(0, x - _REACH), min(width, x + _REACH + 1)):
                    weight = alike[abs(red - rgb[j, i, 0])] * alike[abs(green - rgb[j, i, 1])]
                    weight *= alike[abs(blue - rgb[j, i, 2])]
                    level = np.int64(levels[j, i])
                    held[level] += weight
                    rest += weight
                    low, high = min(low, level), max(high, level)
            rest /= 2
            level = low
            while rest > held[level] and level < high:
                rest -= held[level]
                level += 1
            out[y, x] = level
            held[low : high + 1] = 0
    return out


def _grown(disparity: Float32) -> Float32:
    """What is in front, a little larger; slopes are left alone."""
    radius = max(1, round(_GROWTH * max(disparity.shape)) - 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    highest = cv2.dilate(disparity, kernel)
    return np.asarray(np.where(highest - disparity > STEP, highest, disparity), np.float32)


def _steps_enlarged(small: Float32, guide: Guide, shape: tuple[int, int]) -> Float32:
    """Both sides of every step enlarged by themselves, and who is where told by the photo."""
    kernel = np.ones((7, 7), np.uint8)
    high, low = cv2.dilate(small, kernel), cv2.erode(small, kernel)
    span = high - low
    share = np.where(span > STEP, (small - low) / np.maximum(span, 1e-6), 0.5).astype(np.float32)
    front = guide.mask(share, steepness=5.0, shift=0.12)
    back = enlarged(cv2.GaussianBlur(low, (0, 0), 1.5), shape)
    fore = enlarged(cv2.GaussianBlur(high, (0, 0), 1.5), shape)
    return np.asarray(back + (fore - back) * front, np.float32)
