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
from stillmotion.models.smooth import SWEEPS, continued
from stillmotion.types import Float32, UInt8

WEIGHTS = Path(__file__).parent / "weights" / "inpainter.onnx"
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
        smooth = continued(piece.astype(np.float32), 1 - hole.astype(np.float32), sweeps=SWEEPS)
        seen = np.empty((1, 4, SIDE, SIDE), np.float32)
        seen[0, :3] = smooth.transpose(2, 0, 1)
        seen[0, :3] *= np.float32(1 / 127.5)
        seen[0, :3] -= 1
        seen[0, 3] = hole
        with self._lock:
            self._net.setInput(seen)
            added = np.array(self._net.forward()[0])
        return np.clip(smooth + added.transpose(1, 2, 0) * np.float32(127.5), 0, 255)


@cache
def inpainter() -> Inpainter:
    """The network that comes with the package, loaded once."""
    return Inpainter()
