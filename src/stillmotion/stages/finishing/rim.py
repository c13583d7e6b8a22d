"""What a frame that was moved does not show: taken from the frames around it, and where none shows it, continued.

    neighbours, nearest first ─laid over the picture by the path─▶ aligned by flow ─▶ tone of the picture ─▶ rim
    where none reaches        ─▶ what was there in the last picture, or the frame mirrored

Alignment and tone are measured where neighbour and picture overlap and carried on outwards, so that the rim joins
without a seam; a little of the last picture's rim is kept where it agrees, so that it does not flicker. Knows frames
and maps between them, all about the middle; no path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.stages.finishing.flow import grid
from stillmotion.types import Float32, Float64, UInt8

_SIDE = 256  # of the copies in which alignment and tone are measured
_FEATHER = 0.012  # of the larger side, over which the frame goes over into the rim
_ENOUGH, _WORTH = 0.01, 0.12  # of the rim: what may be left over; of that left, what a neighbour must show
_FAR = 6.0  # px of the copy: the most that a neighbour is bent
_KEPT = 0.6  # of the last picture's rim
_ALIKE = 12.0  # levels
_ROW = 1024  # places read at a time

Places = NDArray[Any]
"""Numbers of pixels, row after row, or marks of them."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One picture and where its rim is from, as shares of its area."""

    picture: UInt8  # (H, W, 3)
    from_frames: float
    continued: float


class Rim:
    """Fills the rims of the pictures of one scene."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        scale = min(1.0, _SIDE / max(width, height))
        self._small = (max(32, round(width * scale)), max(32, round(height * scale)))
        self._by = (self._small[0] / width, self._small[1] / height)
        self._grid = grid(self._small[1], self._small[0])
        self._about = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
        self._dis = Dis()
        self._last: UInt8 | None = None

    def __call__(
        self, frame: UInt8, matrix: Float64, moved: Float64, neighbours: Iterable[tuple[UInt8, Float64]]
    ) -> Filled:
        """The picture of a frame.

        Args:
            frame: (H, W, 3).
            matrix: (3, 3) frame -> picture.
            moved: (3, 3) last picture -> picture.
            neighbours: frames and their maps (3, 3) to the picture, the best first.
        """
        picture, there = self._laid(frame, matrix)
        share = self._feather(there).ravel()
        rim = np.flatnonzero(share < 1)  # N places, of which the innermost are a transition
        outside = there.ravel()[rim] == 0
        if not outside.any():
            self._last = picture
            return Filled(picture, 0.0, 0.0)
        old = picture.reshape(-1, 3)[rim].astype(np.float32)
        new, todo = old.copy(), np.ones(len(rim), bool)
        filled, have = picture.copy(), there.copy()
        for neighbour, to_picture in neighbours:
            left = outside & todo
            if np.count_nonzero(left) <= _ENOUGH * np.count_nonzero(outside):
                break
            if np.count_nonzero(self._inside(*self._places(rim[left], to_picture))) < _WORTH * np.count_nonzero(left):
                continue
            places, inside, colours = self._joined(neighbour, to_picture, rim[todo], filled, have)
            numbers = np.flatnonzero(todo)[inside]
            new[numbers], todo[numbers] = colours[inside], False
            filled.reshape(-1, 3)[places[inside]] = np.rint(colours[inside])
            have.reshape(-1)[places[inside]] = 255
        self._continue(rim, new, outside & todo, outside & ~todo, moved)
        mixed = new + share[rim, None] * (old - new)
        result = picture.copy()
        result.reshape(-1, 3)[rim] = np.rint(mixed)
        self._last = result
        continued = np.count_nonzero(outside & todo)
        return Filled(result, (np.count_nonzero(outside) - continued) / share.size, continued / share.size)

    def _laid(self, frame: UInt8, matrix: Float64) -> tuple[UInt8, UInt8]:
        """A frame laid into the picture, mirrored beyond its rim, and where it is (255)."""
        pixels = self._pixels(matrix)
        laid = cv2.warpPerspective(frame, pixels, self._size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        ones = np.full(frame.shape[:2], 255, np.uint8)
        there = cv2.warpPerspective(ones, pixels, self._size, flags=cv2.INTER_LINEAR)
        return np.asarray(laid), np.where(there == 255, np.uint8(255), np.uint8(0))

    def _pixels(self, matrix: Float64) -> Float64:
        return np.asarray(self._about @ matrix @ np.linalg.inv(self._about))

    def _feather(self, there: UInt8) -> Float32:
        """(H, W) in [0, 1]: 1 well inside the frame, 0 outside."""
        inward = cv2.distanceTransform(there, cv2.DIST_L2, 3)
        return np.asarray(np.minimum(inward / max(3.0, _FEATHER * max(self._size)), 1), np.float32)

    def _places(self, rim: Places, to_picture: Float64, bend: Float32 | None = None) -> tuple[Float32, Float32]:
        """Where in a frame the places of the picture are read, x and y (N,)."""
        y, x = np.divmod(rim, self._size[0])
        if bend is not None:
            moved = self._sampled(bend, x, y)
            x, y = x + moved[:, 0] / self._by[0], y + moved[:, 1] / self._by[1]
        back = np.linalg.inv(self._pixels(to_picture))
        depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        u = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth
        v = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth
        return u.astype(np.float32), v.astype(np.float32)

    def _inside(self, u: Float32, v: Float32) -> Places:
        return np.asarray((u >= 0) & (v >= 0) & (u <= self._size[0] - 1) & (v <= self._size[1] - 1))

    def _sampled(self, field: Float32, x: Places, y: Places) -> Float32:
        """A field of the small copy at places of the picture (N, C)."""
        return _read(field, (x + 0.5) * self._by[0] - 0.5, (y + 0.5) * self._by[1] - 0.5, cv2.INTER_LINEAR)

    def _joined(
        self, frame: UInt8, to_picture: Float64, rim: Places, onto: UInt8, have: UInt8
    ) -> tuple[Places, Places, Float32]:
        """What a neighbour shows at the places, bent and toned to join what there is; whether it reaches them."""
        scale = np.diag([*self._by, 1.0])
        pixels = scale @ self._pixels(to_picture) @ np.linalg.inv(scale)
        other = cv2.warpPerspective(self._copy(frame), pixels, self._small, borderMode=cv2.BORDER_REFLECT_101)
        covers = cv2.warpPerspective(np.full(self._small[::-1], 255, np.uint8), pixels, self._small)
        both = cv2.erode(np.minimum(self._copy(have), covers), np.ones((5, 5))) == 255
        one = self._copy(onto)
        flow = self._dis(_grey(one), _grey(other))
        weight = both.astype(np.float32) * (np.abs(flow[..., 0]) + np.abs(flow[..., 1]) < _FAR)
        bend = _carried(flow, weight, 10)
        x, y = self._grid
        bent = cv2.remap(other, x + bend[..., 0], y + bend[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        apart = one.astype(np.float32) - bent
        weight *= np.exp(-np.square(apart.sum(axis=2) / 60))
        tone = _carried(apart, weight, 5)
        u, v = self._places(rim, to_picture, bend)
        row, column = np.divmod(rim, self._size[0])
        colours = _read(frame, u, v, cv2.INTER_CUBIC) + self._sampled(tone, column, row)
        return rim, self._inside(u, v), np.asarray(np.clip(colours, 0, 255))

    def _copy(self, picture: UInt8) -> UInt8:
        return np.asarray(cv2.resize(picture, self._small, interpolation=cv2.INTER_AREA))

    def _continue(self, rim: Places, new: Float32, nowhere: Places, found: Places, moved: Float64) -> None:
        """Where nothing is known: the last picture's rim, if there is one; elsewhere a little of it is kept."""
        if self._last is None:
            return  # the frame was laid mirrored
        u, v = self._places(rim, moved)
        was, there = _read(self._last, u, v, cv2.INTER_CUBIC), self._inside(u, v)
        new[nowhere & there] = was[nowhere & there]
        kept = found & there
        apart = np.abs(new[kept] - was[kept]).sum(axis=1, keepdims=True) / 3
        new[kept] += _KEPT * np.exp(-np.square(apart / _ALIKE)) * (was[kept] - new[kept])


def _read(picture: UInt8 | Float32, u: Float32, v: Float32, how: int) -> Float32:
    """A picture (H, W, C) at places (N,), mirrored beyond its rim: (N, C)."""
    rows = -(-len(u) // _ROW)
    maps = []
    for places in (u, v):
        padded = np.zeros(rows * _ROW, np.float32)
        padded[: len(places)] = places
        maps.append(padded.reshape(rows, _ROW))
    read = cv2.remap(picture, maps[0], maps[1], how, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(read.reshape(rows * _ROW, -1)[: len(u)], np.float32)


def _grey(picture: UInt8) -> UInt8:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _carried(values: Float32, weight: Float32, reach: int) -> Float32:
    """Values (H, W, C) smoothed where they have weight (H, W), and carried on where they have none."""
    total = np.zeros_like(values)
    sure = np.zeros((*weight.shape, 1), np.float32)
    summed, around = values * weight[..., None], weight
    for wide in (reach, 3 * reach, 9 * reach):  # the nearest that are known
        summed, around = _spread(summed, wide), _spread(around, wide)
        known = np.minimum(around / 0.05, 1)[..., None]
        total += (1 - sure) * known * summed / np.maximum(around, 1e-4)[..., None]
        sure += (1 - sure) * known
    return np.asarray(total, np.float32)


def _spread(values: Float32, wide: int) -> Float32:
    """A smooth blur that costs the same however wide."""
    size = (2 * wide + 1, 2 * wide + 1)
    for _ in range(2):
        values = cv2.boxFilter(values, -1, size, borderType=cv2.BORDER_CONSTANT)
    return values
