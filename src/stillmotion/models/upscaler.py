"""The upscaler: a frame twice or four times as large, from weights that come with the package.

The network gives only what is added to the luma of a bicubic enlargement: colours stay those of the frame. Run by
OpenCV. Trained by `training/upscaling`; its card is weights/upscaler.md. Knows one frame, no video.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.types import UInt8

WEIGHTS = Path(__file__).parent / "weights" / "upscaler.onnx"
NAME = "upscaler-1"
REACH = 9  # pixels that a pixel is told by, to each side: a piece given needs as many around it
_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32) / np.float32(255)
_OUTPUTS = {2: "twice", 4: "four"}


class Upscaler:
    """The loaded network; safe to use from several threads."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """
        Raises:
            WeightsMissing: the file is not there.
        """
        if not weights.is_file():
            raise WeightsMissing(f"The weights {weights.name} are missing.", hint="Install stillmotion again.")
        self._net = cv2.dnn.readNetFromONNX(str(weights), cv2.dnn.ENGINE_CLASSIC)
        self._lock = threading.Lock()

    def enlarge(self, piece: UInt8, factor: Literal[2, 4]) -> UInt8:
        """The middle of a piece, enlarged.

        Takes (h + 2 REACH, w + 2 REACH, 3) uint8, gives (factor h, factor w, 3) uint8. Two pieces that overlap by twice
        the reach meet without a seam: nothing outside a pixel's reach has any part in it.
        """
        luma = cv2.transform(piece.astype(np.float32), _LUMA) - np.float32(0.5)
        with self._lock:
            self._net.setInput(luma[None, None])
            residual = np.array(self._net.forward(_OUTPUTS[factor])[0, 0])
        size = (piece.shape[1] * factor, piece.shape[0] * factor)
        rim = REACH * factor
        whole = cv2.resize(piece.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)[rim:-rim, rim:-rim]
        whole = whole + residual[..., None] * np.float32(255)
        return np.asarray(np.clip(np.rint(whole), 0, 255), dtype=np.uint8)


@cache
def upscaler() -> Upscaler:
    """The network that comes with the package, loaded once."""
    return Upscaler()
