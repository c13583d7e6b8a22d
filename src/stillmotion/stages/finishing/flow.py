"""Dense motion between two frames, both ways, and where it can be believed. Knows two pictures, no time.

DIS (Kroeger et al. 2016) with variational refinement, on grey copies of at most `FLOW_SIDE` pixels; larger frames get
the flow enlarged along their edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.types import Float32, UInt8

FLOW_SIDE = 960


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Motion between two frames, at their size."""

    forward: Float32  # (H, W, 2) from the first to the second, pixels
    back: Float32  # (H, W, 2) from the second to the first
    trust: Float32  # (H, W) in [0, 1] at the first: going there and back ends where it began
    trust_back: Float32  # (H, W) at the second


class FlowFinder:
    """Finds the flows of pairs of one video; keeps its memory between pairs."""

    def __init__(self, width: int, height: int, *, side: int = FLOW_SIDE) -> None:
        self._scale = min(1.0, side / max(width, height))
        self._size = (width, height)
        self._small = (max(16, round(width * self._scale)), max(16, round(height * self._scale)))
        self._dis = Dis(fine=True)

    def grey(self, frame: UInt8) -> UInt8:
        """The copy (h, w) of a frame that flow is looked for in."""
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(grey, self._small, interpolation=cv2.INTER_AREA) if self._scale < 1 else grey)

    def __call__(self, before: UInt8, after: UInt8) -> Flows:
        """The flows between two copies made by `grey`."""
        forward, back = self._dis(before, after), self._dis(after, before)
        trust, trust_back = agreement(forward, back), agreement(back, forward)
        if self._scale == 1:
            return Flows(forward=forward, back=back, trust=trust, trust_back=trust_back)
        by = np.array([self._size[0] / self._small[0], self._size[1] / self._small[1]], np.float32)
        return Flows(
            forward=self._enlarged(forward) * by, back=self._enlarged(back) * by,
            trust=self._enlarged(trust), trust_back=self._enlarged(trust_back),
        )  # fmt: skip

    def _enlarged(self, field: Float32) -> Float32:
        return np.asarray(cv2.resize(field, self._size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def grid(height: int, width: int) -> tuple[Float32, Float32]:
    """x and y (H, W) of every pixel."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def agreement(flow: Float32, other: Float32) -> Float32:
    """(H, W) in [0, 1]: how well the way back, read where the way there ends, undoes it."""
    x, y = grid(*flow.shape[:2])
    returned = cv2.remap(other, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    apart = flow + returned
    missed = np.square(apart).sum(axis=2)
    allowed = 0.25 + 0.01 * (np.square(flow).sum(axis=2) + np.square(returned).sum(axis=2))
    return np.asarray(np.exp(-missed / (2 * allowed)), dtype=np.float32)
