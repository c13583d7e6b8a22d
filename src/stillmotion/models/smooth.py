"""What is known, continued smoothly into where nothing is known.

Source: push-pull (Gortler et al. 1996, "The Lumigraph"): a weighted pyramid down, filled from coarse to fine. With
`relaxed` rounds on every level it comes near to the membrane of gradient-domain editing (Perez et al. 2003; multigrid
as in Farbman et al. 2011).
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.types import Float32

ROUNDS = 8
"""Enough to beat Navier-Stokes and Telea in PSNR, SSIM and gradients (docs/benchmarks/inpainting.md)."""

_BESIDE = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / np.float32(4)


def continued(field: Float32, known: Float32, *, relaxed: int = 0) -> Float32:
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
        trust = np.minimum(weight * 4, 1)[..., None]
        held = value / np.maximum(weight, 1e-6)[..., None] * trust
        filled = held + above * (1 - trust)
        for _ in range(relaxed):
            around = _deep(cv2.filter2D(filled, -1, _BESIDE, borderType=cv2.BORDER_REPLICATE))
            filled = held + around * (1 - trust)
    return np.asarray(filled, np.float32)


def _deep(field: Float32) -> Float32:
    """OpenCV drops a single channel."""
    return field if field.ndim == 3 else field[..., None]
