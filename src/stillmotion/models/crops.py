"""Squares cut out of a picture, turned and resized, and the way back. Knows geometry only.

Coordinates count from the corner of the first pixel, so that a picture of width w reaches from 0 to w at every size.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.types import Float64, UInt8

_SHRINK = 0.6  # crops that are smaller than this share of what they show are shrunk by area first


def square_matrix(centre: tuple[float, float], side: float, turn: float, size: int) -> Float64:
    """(2, 3): picture to a crop of `size` pixels of a square with this centre and side, turned by `turn` radians."""
    c, s, k = np.cos(turn), np.sin(turn), size / side
    rotation = k * np.array([[c, s], [-s, c]])
    return np.asarray(np.c_[rotation, size / 2 - rotation @ np.array(centre)], np.float64)


def inverse(matrix: Float64) -> Float64:
    """(2, 3): crop to picture."""
    back = np.linalg.inv(matrix[:, :2])
    return np.asarray(np.c_[back, -back @ matrix[:, 2]], np.float64)


def moved(points: Float64, matrix: Float64) -> Float64:
    """Points (..., 2) by a matrix (2, 3)."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def cut(rgb: UInt8, matrix: Float64, size: tuple[int, int]) -> UInt8:
    """The crop (height, width, 3) that a matrix leads to, without aliasing, black outside of the picture.

    Args:
        size: width and height of the crop.
    """
    width, height = size
    reach = moved(np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float64), inverse(matrix))
    high = np.array(rgb.shape[1::-1])
    first = np.clip(np.floor(reach.min(axis=0)) - 2, 0, high - 1).astype(int)
    last = np.clip(np.ceil(reach.max(axis=0)) + 2, first + 1, high).astype(int)
    part = rgb[first[1] : last[1], first[0] : last[0]]
    matrix = np.c_[matrix[:, :2], moved(first.astype(np.float64), matrix)]
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < _SHRINK:
        shrunk = tuple(max(1, round(1.2 * scale * length)) for length in part.shape[1::-1])
        ratio = np.array(shrunk) / part.shape[1::-1]
        part = np.asarray(cv2.resize(part, shrunk, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.c_[matrix[:, :2] / ratio, matrix[:, 2]]
    by_centres = np.c_[matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ (0.5, 0.5) - 0.5]
    return np.asarray(cv2.warpAffine(part, by_centres, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
