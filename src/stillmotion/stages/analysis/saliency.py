"""How much each place of a picture stands out from what surrounds it, without knowing what it is.

Source: minimum barrier distance to the picture's border (Zhang, Sclaroff, Lin, Shen, Mech, Price, "Minimum barrier
salient object detection at 80 FPS", ICCV 2015), with a preference for the middle and for what is in focus.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues, work_size
from stillmotion.types import Float32

_SIDE = 200  # pixels; what stands out does so at any size
_ROUNDS = 4


def find_saliency(cues: Cues, sky: Float32) -> Float32:
    """(h, w) in [0, 1] at working size; sky does not stand out."""
    size = work_size(cues.shape[1], cues.shape[0], side=_SIDE)
    lab = np.ascontiguousarray(cv2.resize(cues.lab, size, interpolation=cv2.INTER_AREA))
    ground = cv2.resize(sky, size, interpolation=cv2.INTER_AREA) > 0.5
    barrier = np.zeros(lab.shape[:2], np.float32)
    seeds = _seeds(ground)
    for channel in range(3):
        smooth = np.ascontiguousarray(cv2.GaussianBlur(lab[..., channel], (0, 0), 0.8))
        barrier += (0.7 if channel == 0 else 1.3) * barrier_distance(smooth, seeds, _ROUNDS)
    found = _unit(barrier) * 0.7 + 0.3 * _unit(_rarity(lab, seeds))
    found = found * _middle(found.shape) * (0.55 + 0.45 * _focus(cues, size))
    found[ground] = 0
    found = np.asarray(cv2.GaussianBlur(found, (0, 0), 1.0), np.float32)
    return np.asarray(
        np.clip(cv2.resize(_unit(found), cues.shape[::-1], interpolation=cv2.INTER_LINEAR), 0, 1), np.float32
    )


def _seeds(ground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The border but for the middle of its lower side, where a subject often stands or is cut off."""
    seeds = ground.copy()
    width = seeds.shape[1]
    seeds[:2] = True
    seeds[:, :2] = seeds[:, -2:] = True
    seeds[-2:, : width // 6] = seeds[-2:, -width // 6 :] = True
    return np.asarray(seeds, bool)


def _rarity(lab: Float32, seeds: NDArray[np.bool_]) -> Float32:
    """Colour distance of each place to what lies along the border (Mahalanobis, whitened over the whole picture)."""
    pixels = lab.reshape(-1, 3)
    spread = np.cov(pixels.T) + np.eye(3) * 4
    rim = lab[seeds]
    step = max(1, len(rim) // 400)
    order = np.argsort(rim[:, 0], kind="stable")[::step]
    samples = rim[order]
    samples = samples[np.linspace(0, len(samples) - 1, min(16, len(samples))).astype(int)]
    whiten = np.linalg.cholesky(np.linalg.inv(spread)).astype(np.float32)
    white, others = pixels @ whiten, samples @ whiten
    best = np.minimum.reduce([((white - colour) ** 2) @ np.ones(3, np.float32) for colour in others])
    return np.asarray(np.sqrt(best).reshape(lab.shape[:2]), np.float32)


def _middle(shape: tuple[int, ...]) -> Float32:
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    x, y = columns / max(shape[1] - 1, 1) - 0.5, rows / max(shape[0] - 1, 1) - 0.54
    return np.asarray(0.25 + 0.75 * np.exp(-(x * x + y * y) / (2 * 0.27**2)), np.float32)


def _focus(cues: Cues, size: tuple[int, int]) -> Float32:
    sharp = cv2.resize(cues.sharp, size, interpolation=cv2.INTER_AREA)
    low, high = np.percentile(sharp, (10, 95))
    return np.asarray(np.clip((sharp - low) / max(float(high - low), 0.15), 0, 1), np.float32)


def _unit(values: Float32) -> Float32:
    top = float(np.percentile(values, 99))
    return np.asarray(np.clip(values / top, 0, 1) if top > 1e-3 else np.zeros_like(values), np.float32)


@njit(cache=True, nogil=True)
def barrier_distance(values: Float32, seeds: NDArray[np.bool_], rounds: int) -> Float32:
    """(h, w): over all paths from a seed, the least (largest - smallest value on the path), by raster scans."""
    height, width = values.shape
    distance = np.empty((height, width), np.float32)
    high, low = values.copy(), values.copy()
    for y in range(height):
        for x in range(width):
            distance[y, x] = 0.0 if seeds[y, x] else np.inf
    for turn in range(rounds):
        step = 1 if turn % 2 == 0 else -1
        for i in range(height):
            y = i if step == 1 else height - 1 - i
            for j in range(width):
                x = j if step == 1 else width - 1 - j
                for k in range(2):
                    yy = y - step if k == 0 else y
                    xx = x if k == 0 else x - step
                    if yy < 0 or yy >= height or xx < 0 or xx >= width or distance[yy, xx] == np.inf:
                        continue
                    value = values[y, x]
                    top = max(high[yy, xx], value)
                    bottom = min(low[yy, xx], value)
                    if top - bottom < distance[y, x]:
                        distance[y, x] = top - bottom
                        high[y, x] = top
                        low[y, x] = bottom
    return distance
