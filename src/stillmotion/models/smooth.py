"""What is known, continued smoothly into where nothing is known.

Source: push-pull (Gortler et al., The Lumigraph, SIGGRAPH 1996): a weighted pyramid down, filled from coarse to fine.
Relaxed on every level (Gauss-Seidel), it comes near to the membrane of gradient-domain editing (Perez et al. 2003;
multigrid as in Farbman et al. 2011).
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from stillmotion.types import Float32

SWEEPS = 6
"""Enough to beat Navier-Stokes and Telea in PSNR, SSIM and gradients (docs/benchmarks/inpainting.md)."""


def continued(field: Float32, known: Float32, *, sweeps: int = 0) -> Float32:
    """(H, W, C) float: a field where `known` (H, W, in [0, 1]) says so, its smooth continuation elsewhere.

    Where nothing is known at all it is 0.
    """
    values, weights = [field * known[..., None]], [known]
    while max(weights[-1].shape) > 2:  # so that all of the last level sees what little is known
        values.append(_deep(cv2.pyrDown(values[-1])))
        weights.append(np.asarray(cv2.pyrDown(weights[-1]), np.float32))
    filled = values[-1] / np.maximum(weights[-1], 1e-6)[..., None]
    for value, weight in zip(reversed(values[:-1]), reversed(weights[:-1]), strict=True):
        above = _deep(cv2.resize(filled, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR))
        filled = _held(value, weight, above)
        if sweeps:
            _relax(filled, value, weight, sweeps)
    return np.asarray(filled, np.float32)


@njit(cache=True, nogil=True)
def _held(value, weight, above):  # type: ignore[no-untyped-def]
    """(h, w, c) what is known of a level, the coarser one where nothing is."""
    filled = np.empty_like(above)
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            trust = min(np.float32(4) * weight[y, x], np.float32(1))
            share = trust / max(weight[y, x], np.float32(1e-6))
            for c in range(above.shape[2]):
                filled[y, x, c] = value[y, x, c] * share + above[y, x, c] * (np.float32(1) - trust)
    return filled


@njit(cache=True, nogil=True)
def _relax(filled, value, weight, sweeps):  # type: ignore[no-untyped-def]
    """Let what is not known become the mean of its neighbours, to and fro."""
    height, width, channels = filled.shape
    for sweep in range(sweeps):
        for k in range(height):
            y = k if sweep % 2 == 0 else height - 1 - k
            up, down = max(y - 1, 0), min(y + 1, height - 1)
            for m in range(width):
                x = m if sweep % 2 == 0 else width - 1 - m
                trust = min(np.float32(4) * weight[y, x], np.float32(1))
                if trust >= 1:
                    continue
                left, right = max(x - 1, 0), min(x + 1, width - 1)
                share = trust / max(weight[y, x], np.float32(1e-6))
                rest = np.float32(0.25) * (np.float32(1) - trust)
                for c in range(channels):
                    around = filled[up, x, c] + filled[down, x, c] + filled[y, left, c] + filled[y, right, c]
                    filled[y, x, c] = value[y, x, c] * share + around * rest


def _deep(field: Float32) -> Float32:
    """OpenCV drops a single channel."""
    return field if field.ndim == 3 else field[..., None]
