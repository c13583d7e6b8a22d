"""Dense motion between two frames, both ways, and where it can be believed. Knows two pictures, no time.

DIS (Kroeger et al. 2016) with variational refinement, on grey copies of at most `FLOW_SIDE` pixels; larger frames get
the flow enlarged where it is used. Where both pictures do not look alike along it, it is found again from a rough
search (`search`), and the better of the two is taken at every place. Both ways are found at once, in two threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numba import njit

from stillmotion.stages.finishing.search import searched
from stillmotion.types import Float32, UInt8

FLOW_SIDE = 960
_UNLIKE = 10.0  # levels by which a place differs along its flow where the flow is wrong
_FEW = 0.002  # share of such places up to which the flow is good as it is
_BETTER = (0.75, 2.0)  # another flow is taken where it leaves less than this share of the difference, less these levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Motion between two frames, at the size (h, w) of the copies it was looked for in, in pixels of that size."""

    forward: Float32  # (h, w, 2) from the first to the second
    back: Float32  # (h, w, 2) from the second to the first
    trust: Float32  # (h, w) in [0, 1] at the first: going there and back ends where it began
    trust_back: Float32  # (h, w) at the second


class FlowFinder:
    """Finds the flows of pairs of one video; keeps its memory between pairs."""

    def __init__(self, width: int, height: int, *, side: int = FLOW_SIDE) -> None:
        scale = min(1.0, side / max(width, height))
        self._size = (max(16, round(width * scale)), max(16, round(height * scale)))
        self._there, self._back = _OneWay(), _OneWay()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="flow")

    def grey(self, frame: UInt8) -> UInt8:
        """The copy (h, w) of a frame that flow is looked for in."""
        return np.asarray(cv2.cvtColor(sized(frame, self._size), cv2.COLOR_RGB2GRAY))

    def __call__(self, before: UInt8, after: UInt8) -> Flows:
        """The flows between two copies made by `grey`."""
        found_back = self._beside.submit(self._back, after, before)
        forward, back = self._there(before, after), found_back.result()
        trust_back = self._beside.submit(agreement, back, forward)
        return Flows(forward=forward, back=back, trust=agreement(forward, back), trust_back=trust_back.result())


class _OneWay:
    """Finds the flow from one grey picture (h, w) to another; keeps its memory."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def __call__(self, one: UInt8, other: UInt8) -> Float32:
        flow = self._descended(one, other, np.zeros((*one.shape, 2), np.float32))
        apart = _apart(one, other, flow)
        if float((apart > _UNLIKE).mean()) <= _FEW:
            return flow
        again = self._descended(one, other, searched(one, other))
        share, levels = _BETTER
        better = (_apart(one, other, again) < share * apart - levels).astype(np.uint8)
        taken = np.asarray(cv2.dilate(cv2.medianBlur(better, 5), np.ones((3, 3), np.uint8)))
        return np.asarray(np.where(taken[..., None] > 0, again, flow))

    def _descended(self, one: UInt8, other: UInt8, start: Float32) -> Float32:
        return np.asarray(self._dis.calc(one, other, start), dtype=np.float32)


def _apart(one: UInt8, other: UInt8, flow: Float32) -> Float32:
    """Levels (h, w) by which the 5 x 5 around each place differs along the flow."""
    levels = cv2.absdiff(one, along(other, flow)).astype(np.float32)
    return np.asarray(cv2.blur(levels, (5, 5)))


def sized(picture: UInt8, size: tuple[int, int]) -> UInt8:
    """The picture at this width and height."""
    width, height = size
    if picture.shape[:2] == (height, width):
        return picture
    smaller = width <= picture.shape[1] and height <= picture.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how))


def grid(height: int, width: int) -> tuple[Float32, Float32]:
    """x and y (H, W) of every pixel."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


@lru_cache(maxsize=4)
def places(height: int, width: int) -> Float32:
    """x and y of every pixel, (H, W, 2); shared, not to be written into."""
    both = np.dstack(grid(height, width))
    both.flags.writeable = False
    return both


def along(picture: UInt8 | Float32, motion: Float32, *, by: float = 1.0, how: int = cv2.INTER_LINEAR) -> UInt8:
    """The picture (h, w, ...) read at every place plus `by` of the motion there; beyond the border the border goes on.

    OpenCV holds places in 16 bits and a 32nd of a pixel.
    """
    where = cv2.scaleAdd(motion, by, places(*motion.shape[:2]))
    return np.asarray(cv2.remap(picture, where, None, how, borderMode=cv2.BORDER_REPLICATE))  # type: ignore[call-overload]


def agreement(flow: Float32, other: Float32) -> Float32:
    """(H, W) in [0, 1]: how well the way back, read where the way there ends, undoes it; 0 where that is outside."""
    return np.asarray(_agreement(flow, along(other, flow)))


@njit(cache=True, nogil=True)
def _agreement(flow: Float32, returned: Float32) -> Float32:
    height, width = flow.shape[:2]
    out = np.empty((height, width), np.float32)
    for row in range(height):
        for column in range(width):
            u, v = flow[row, column, 0], flow[row, column, 1]
            x, y = returned[row, column, 0], returned[row, column, 1]
            missed = (u + x) * (u + x) + (v + y) * (v + y)
            allowed = np.float32(0.25) + np.float32(0.01) * (u * u + v * v + x * x + y * y)
            found = np.exp(-missed / (np.float32(2) * allowed))
            out[row, column] = found * inside(column + u, width) * inside(row + v, height)
    return out


@njit(cache=True, nogil=True)
def inside(at: np.float32, length: int) -> np.float32:
    """1 within a side of this many pixels, 0 from one pixel outside on."""
    return max(np.float32(1) - max(-at, at - np.float32(length - 1), np.float32(0)), np.float32(0))
