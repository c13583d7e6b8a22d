"""The in-painter: continues a piece of a picture into its holes, from weights that come with the package.

    piece, hole ─continued▶ smooth ─network▶ + what it adds       256 x 256 pixels, one look

Run by OpenCV: no further dependency. Trained by `training/inpainting`; its card is weights/inpainter.md. Knows neither
how a picture is cut into pieces nor what becomes of what it paints.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import WeightsMissing
from stillmotion.types import Float32, UInt8

WEIGHTS = Path(__file__).parent / "weights" / "inpainter.onnx"
NAME = "inpainter-1"
SIDE = 256
"""Pixels of a piece, each way."""


class Inpainter:
    """The loaded network; safe to use from several threads."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """
        Raises:
            WeightsMissing: the file is not there.
        """
        if not weights.is_file():
            raise WeightsMissing(
                f"The weights {weights.name} are missing.",
                hint="Install stillmotion again, or let holes be filled classically.",
            )
        self._net = cv2.dnn.readNetFromONNX(str(weights))
        self._lock = threading.Lock()

    def fill(self, piece: UInt8, hole: NDArray[np.bool_]) -> Float32:
        """The whole piece (SIDE, SIDE, 3), 0 to 255, continued where `hole` (SIDE, SIDE) is true.

        What `piece` has there is not looked at. Where it is known, what comes back is only near to it.
        """
        smooth = continued(piece.astype(np.float32), 1 - hole.astype(np.float32))
        seen = np.empty((1, 4, SIDE, SIDE), np.float32)
        seen[0, :3] = smooth.transpose(2, 0, 1)
        seen[0, :3] *= np.float32(1 / 127.5)
        seen[0, :3] -= 1
        seen[0, 3] = hole
        with self._lock:
            self._net.setInput(seen)
            added = np.array(self._net.forward()[0])
        return np.clip(smooth + added.transpose(1, 2, 0) * np.float32(127.5), 0, 255)


def continued(field: Float32, known: Float32) -> Float32:
    """A field (H, W, C) as it is where `known` (H, W) is 1, and its smooth continuation where it is 0.

    Push and pull (Gortler et al., The Lumigraph, SIGGRAPH 1996): averages of what is known, level by level. Where
    nothing is known at all it is 0.
    """
    values, weights = [field * known[..., None]], [known]
    while min(weights[-1].shape) > 2:
        values.append(_channels(cv2.pyrDown(values[-1])))
        weights.append(np.asarray(cv2.pyrDown(weights[-1]), np.float32))
    filled = values[-1] / np.maximum(weights[-1], 1e-6)[..., None]
    for value, weight in zip(reversed(values[:-1]), reversed(weights[:-1]), strict=True):
        above = _channels(cv2.resize(filled, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR))
        trust = np.minimum(weight * 4, 1)[..., None]
        filled = value / np.maximum(weight, 1e-6)[..., None] * trust + above * (1 - trust)
    return np.asarray(filled, np.float32)


def _channels(field: NDArray[np.generic]) -> Float32:
    """OpenCV drops the last axis of one channel."""
    return np.asarray(field if field.ndim == 3 else field[..., None], np.float32)


@cache
def inpainter() -> Inpainter:
    """The network that comes with the package, loaded once."""
    return Inpainter()
