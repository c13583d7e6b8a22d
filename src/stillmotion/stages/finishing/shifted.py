"""A picture cleaned by shrinking the cosine coefficients of its shifted blocks. Knows one plane, no codec.

Every shift of the 8x8 grid sees the codec's blocks, and the waves around its edges, in another place; what does not
stand out in most of them is not the picture's. Source: Nosratinia 1999 (re-application of JPEG), with the weights of
sparse blocks after Foi et al. 2007.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.types import Float32

SIZE = 8
_k, _n = np.mgrid[0:SIZE, 0:SIZE]
_length = np.where(_k == 0, np.sqrt(1 / SIZE), np.sqrt(2 / SIZE))
COSINES: Float32 = (_length * np.cos(np.pi * (2 * _n + 1) * _k / (2 * SIZE))).astype(np.float32)
SHIFTS = np.array([(0, 0), (4, 4), (2, 6), (6, 2), (1, 3), (5, 7), (7, 1), (3, 5)], np.int64)


def cleaned(plane: Float32, threshold: float | Float32) -> Float32:
    """A plane (H, W) with what is small in its blocks taken away.

    Args:
        threshold: levels below which a coefficient goes; one for all, or (H // 8, W // 8) of places 8 pixels apart.
    """
    height, width = plane.shape
    low, right = -height % SIZE + SIZE, -width % SIZE + SIZE
    wide = np.pad(plane, ((SIZE, low), (SIZE, right)), mode="symmetric" if min(plane.shape) >= 2 * SIZE else "edge")
    limits = np.ascontiguousarray(np.atleast_2d(np.asarray(threshold, np.float32)))
    with ThreadPoolExecutor(
        2
    ) as pool:  # each half of the shifts has its own sums, so that the order is always the same
        halves = list(pool.map(lambda shifts: _sums(wide, limits, shifts), (SHIFTS[::2], SHIFTS[1::2])))
    total, weight = halves[0][0] + halves[1][0], halves[0][1] + halves[1][1]
    inner = np.s_[SIZE : SIZE + height, SIZE : SIZE + width]
    return np.asarray(total[inner] / weight[inner], np.float32)


def _sums(wide: Float32, limits: Float32, shifts: NDArray[np.int64]) -> tuple[Float32, Float32]:
    total, weight = np.zeros_like(wide), np.zeros_like(wide)
    _shrunk(wide, limits, np.ascontiguousarray(shifts), total, weight)
    return total, weight


@njit(cache=True, nogil=True, fastmath=True)
def _shrunk(wide: Float32, limits: Float32, shifts: NDArray[np.int64], total: Float32, weight: Float32) -> None:
    height, width = wide.shape
    rows, columns = limits.shape
    block, half = np.empty((SIZE, SIZE), np.float32), np.empty((SIZE, SIZE), np.float32)
    for shift in range(len(shifts)):
        for top in range(shifts[shift, 0], height - SIZE + 1, SIZE):
            for left in range(shifts[shift, 1], width - SIZE + 1, SIZE):
                i, j = min(max(top - 4, 0) // SIZE, rows - 1), min(max(left - 4, 0) // SIZE, columns - 1)
                limit = limits[i, j]
                _forth(wide, top, left, half, block)
                kept = np.float32(1)
                for k in range(SIZE):
                    for m in range(SIZE):
                        if k + m > 0:
                            c = block[k, m]
                            size = abs(c)
                            if size <= limit:
                                block[k, m] = 0
                            else:
                                kept += 1
                                if size < 2 * limit:
                                    block[k, m] = c * (2 - 2 * limit / size)
                share = 1 / kept
                _back(block, half, total, weight, top, left, share)


@njit(cache=True, nogil=True, fastmath=True)
def _forth(wide: Float32, top: int, left: int, half: Float32, block: Float32) -> None:
    for k in range(SIZE):
        for m in range(SIZE):
            half[k, m] = 0
        for n in range(SIZE):
            c = COSINES[k, n]
            for m in range(SIZE):
                half[k, m] += c * wide[top + n, left + m]
    for k in range(SIZE):
        for m in range(SIZE):
            block[k, m] = 0
        for n in range(SIZE):
            c = half[k, n]
            for m in range(SIZE):
                block[k, m] += c * COSINES[m, n]


@njit(cache=True, nogil=True, fastmath=True)
def _back(
    block: Float32, half: Float32, total: Float32, weight: Float32, top: int, left: int, share: np.float32
) -> None:
    for k in range(SIZE):
        for m in range(SIZE):
            half[k, m] = 0
        for n in range(SIZE):
            c = block[k, n]
            for m in range(SIZE):
                half[k, m] += c * COSINES[n, m]
    for k in range(SIZE):
        for m in range(SIZE):
            value = np.float32(0)
            for n in range(SIZE):
                value += COSINES[n, k] * half[n, m]
            total[top + k, left + m] += share * value
            weight[top + k, left + m] += share
