"""The inner loops of the regions: low grids raised to pixels, phases mixed, light changed.

H, W the box in pixels; h, w its low grid, whose node (i, j) lies on plate pixel (j * step, i * step). Every pixel is
computed from its own inputs alone, so results do not depend on how frames are spread over threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stillmotion.types import Float32, UInt8


@njit(cache=True, nogil=True)
def raise_map(low: Float32, step: int, top: int, left: int, out: Float32) -> None:
    """Fill `out` (H, W, 2) with absolute source coordinates: its own plate pixel plus the displacement of the low grid.

    `low` is (h, w, 2) over the whole plate; the box begins at row `top`, column `left`.
    """
    height, width = out.shape[0], out.shape[1]
    share = np.float32(1.0 / step)
    for y in range(height):
        i = (top + y) // step
        v = np.float32((top + y) % step) * share
        for x in range(width):
            j = (left + x) // step
            u = np.float32((left + x) % step) * share
            for c in range(2):
                above = low[i, j, c] + (low[i, j + 1, c] - low[i, j, c]) * u
                below = low[i + 1, j, c] + (low[i + 1, j + 1, c] - low[i + 1, j, c]) * u
                out[y, x, c] = above + (below - above) * v
            out[y, x, 0] += np.float32(left + x)
            out[y, x, 1] += np.float32(top + y)


@njit(cache=True, nogil=True)
def raise_field(low: Float32, step: int, top: int, left: int, out: Float32) -> None:
    """Fill `out` (H, W, C) with a low grid (h, w, C) of the whole plate, for the box that begins at row `top`,
    column `left`.
    """
    unit = np.float32(1.0 / step)
    for y in range(out.shape[0]):
        i = (top + y) // step
        v = np.float32((top + y) % step) * unit
        for x in range(out.shape[1]):
            j = (left + x) // step
            u = np.float32((left + x) % step) * unit
            for c in range(out.shape[2]):
                above = low[i, j, c] + (low[i, j + 1, c] - low[i, j, c]) * u
                below = low[i + 1, j, c] + (low[i + 1, j + 1, c] - low[i + 1, j, c]) * u
                out[y, x, c] = above + (below - above) * v


@njit(cache=True, nogil=True)
def combine(modes: Float32, weights: Float32, out: Float32) -> None:
    """out (n) = sum over k of weights (k) times modes (k, n), in order of k."""
    for n in range(out.shape[0]):
        out[n] = 0
    for k in range(modes.shape[0]):
        weight = weights[k]
        for n in range(out.shape[0]):
            out[n] += weight * modes[k, n]


@njit(cache=True, nogil=True)
def mix_phases(
    first: UInt8, second: UInt8, low: Float32, share: Float32, gain: Float32, step: int, top: int, left: int,
    rest: UInt8, mask: Float32, out: UInt8,
) -> None:  # fmt: skip
    """Change `out` (H, W, 3) by a current of two phases, keeping the contrast that their mean would lose.

    Args:
        first, second: (H, W, 3) the phases.
        low: (h, w, 3) their mixed low frequencies, the level that contrast is measured from, low grid of the plate.
        share: (h, w) of the first phase in [0, 1]; gain: (h, w) on what differs from `low`, at least 1.
        rest: (H, W, 3) the current at rest; mask: (H, W) how much of the change is laid.
    """
    height, width = out.shape[0], out.shape[1]
    unit = np.float32(1.0 / step)
    for y in range(height):
        i = (top + y) // step
        v = np.float32((top + y) % step) * unit
        for x in range(width):
            m = mask[y, x]
            if m < np.float32(0.002):
                continue
            j = (left + x) // step
            u = np.float32((left + x) % step) * unit
            a, b = (1 - u) * (1 - v), u * (1 - v)
            c, d = (1 - u) * v, u * v
            s = share[i, j] * a + share[i, j + 1] * b + share[i + 1, j] * c + share[i + 1, j + 1] * d
            g = gain[i, j] * a + gain[i, j + 1] * b + gain[i + 1, j] * c + gain[i + 1, j + 1] * d
            for k in range(3):
                mixed = np.float32(second[y, x, k]) + (np.float32(first[y, x, k]) - np.float32(second[y, x, k])) * s
                if g > np.float32(1.001):
                    level = low[i, j, k] * a + low[i, j + 1, k] * b + low[i + 1, j, k] * c + low[i + 1, j + 1, k] * d
                    mixed = level + (mixed - level) * g
                value = np.float32(out[y, x, k]) + (mixed - np.float32(rest[y, x, k])) * m
                out[y, x, k] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(cache=True, nogil=True)
def lay(moved: UInt8, rest: UInt8, mask: Float32, out: UInt8) -> None:
    """Change `out` (H, W, 3) by what `moved` differs from itself at `rest`, as far as `mask` (H, W) goes."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            m = mask[y, x]
            if m < np.float32(0.002):
                continue
            for k in range(3):
                change = np.float32(moved[y, x, k]) - np.float32(rest[y, x, k])
                value = np.float32(out[y, x, k]) + change * m
                out[y, x, k] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(cache=True, nogil=True)
def shine(gain: Float32, step: int, top: int, left: int, decode: Float32, encode: UInt8, out: UInt8) -> None:
    """Multiply the linear light of `out` (H, W, 3) by the low grid `gain` (h, w).

    `decode` (256) turns sRGB codes into linear light, `encode` (n) linear light in [0, 1] back into codes.
    """
    top_code = np.float32(encode.shape[0] - 1)
    unit = np.float32(1.0 / step)
    for y in range(out.shape[0]):
        i = (top + y) // step
        v = np.float32((top + y) % step) * unit
        for x in range(out.shape[1]):
            j = (left + x) // step
            u = np.float32((left + x) % step) * unit
            above = gain[i, j] + (gain[i, j + 1] - gain[i, j]) * u
            below = gain[i + 1, j] + (gain[i + 1, j + 1] - gain[i + 1, j]) * u
            g = above + (below - above) * v
            if abs(g - 1) < np.float32(1e-3):
                continue
            for k in range(3):
                light = decode[out[y, x, k]] * g
                # bright light bends into white instead of being cut off
                if g > 1 and light > np.float32(0.8):
                    light = np.float32(1) - np.float32(0.04) / (light - np.float32(0.6))
                    light = max(light, decode[out[y, x, k]])
                out[y, x, k] = encode[int(min(light, np.float32(1)) * top_code + np.float32(0.5))]
