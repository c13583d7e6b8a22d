"""The interpolator: mends the motion found between two frames, and which of them is believed where.

Run by OpenCV: no further dependency. Frames are read along the motion outside of the network. Trained by
`training/interpolation`; its card is weights/interpolator.md.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.types import Float32, UInt8

WEIGHTS = Path(__file__).parent / "weights" / "interpolator.onnx"
NAME = "interpolator-1"
LONGEST = 640
"""Pixels of the longer side of what it looks at; it looks at frames at half their size, or at this."""
FLOW_SCALE = 16.0
"""Pixels of motion that are one at the input; as in training/interpolation/net.py."""
_BLOCK = 16
_LEAST = 32  # px: where layers come down to one pixel, OpenCV reads memory that nobody wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the network says, at the size (h, w) it looked at."""

    to_before: Float32  # (h, w, 2) pixels to add to the motion from the time between to the first frame
    to_after: Float32  # (h, w, 2) the same to the second frame
    logit: Float32  # (h, w) to add to the logit of the first frame's share
    colour: Float32  # (h, w, 3) to add to the picture, levels


class Interpolator:
    """The loaded network; safe to use from several threads."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """
        Raises:
            WeightsMissing: the file is not there.
        """
        if not weights.is_file():
            raise WeightsMissing(
                f"The weights {weights.name} are missing.",
                hint="Install stillmotion again, or let new frames be drawn along the flow.",
            )
        self._net = cv2.dnn.readNetFromONNX(str(weights))
        self._lock = threading.Lock()

    def correct(
        self, before: UInt8, after: UInt8, *, motion: Float32, share: Float32, known: Float32, t: float
    ) -> Correction:
        """How the frame at time t is to be drawn better.

        Both frames (h, w, 3) are already read along the motion (h, w, 2), in pixels of this size; `share` (h, w) of the
        first and how far the motion is `known` (h, w) are in [0, 1].
        """
        height, width = share.shape
        given = seen(before, after, motion=motion, share=share, known=known, t=t)
        below, beside = (max(-side % _BLOCK, _LEAST - side) for side in (height, width))
        if below or beside:
            given = np.pad(given, ((0, 0), (0, below), (0, beside)), mode="edge")
        with self._lock:
            self._net.setInput(given[None])
            found = np.array(self._net.forward()[0, :, :height, :width])
        fields = np.ascontiguousarray(found.transpose(1, 2, 0))
        return Correction(
            to_before=fields[..., :2], to_after=fields[..., 2:4], logit=fields[..., 4], colour=255 * fields[..., 5:]
        )


def seen(before: UInt8, after: UInt8, *, motion: Float32, share: Float32, known: Float32, t: float) -> Float32:
    """What the network is given (11, h, w)."""
    given = np.empty((11, *share.shape), np.float32)
    given[:3] = before.transpose(2, 0, 1)
    given[3:6] = after.transpose(2, 0, 1)
    given[:6] /= np.float32(255)
    given[:6] -= np.float32(0.5)
    given[6:8] = motion.transpose(2, 0, 1)
    given[6:8] /= np.float32(FLOW_SCALE)
    given[8], given[9], given[10] = share, known, t
    return given


@cache
def interpolator() -> Interpolator:
    """The network that comes with the package, loaded once."""
    return Interpolator()
