"""Twice or four times the size, by a network that knows photographs. Knows single frames and what has not changed.

Frames are cut into equal tiles, each seen with all that has a part in it, so that there are no seams. A tile whose
every pixel is as in the frame before is not drawn again: still parts stay still to the bit, and cost nothing.
Elsewhere a frame is told by itself alone, so nothing lags, smears or reaches across a cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.models.upscaler import NAME, REACH, Upscaler, upscaler
from stillmotion.types import FrameStream, UInt8

LARGEST = 8192  # pixels a side of the result
_TILE = (90, 160)  # rows, columns at most: what the network makes of one stays in the caches


class Upscale:
    """The step."""

    name = "upscale"
    look_ahead = 0

    def __init__(self, *, factor: Literal[2, 4]) -> None:
        self._factor: Literal[2, 4] = factor
        self._told: dict[str, Any] = {}
        self._drawn = self._kept = 0

    def __call__(self, frames: FrameStream) -> FrameStream:
        """
        Raises:
            InputError: the result would be larger than can be written.
        """
        width, height = frames.width * self._factor, frames.height * self._factor
        if max(width, height) > LARGEST:
            raise InputError(
                f"{self._factor} times {frames.width}x{frames.height} is {width}x{height}; "
                f"a side may have at most {LARGEST} pixels.",
                hint="Enlarge less (2 instead of 4), or give a smaller video.",
            )
        self._told = {"by": NAME, "size": [[frames.width, frames.height], [width, height]]}
        return replace(frames, frames=self._each(frames), width=width, height=height)

    def told(self) -> dict[str, Any]:
        return self._told | {"tiles_drawn": self._drawn, "tiles_unchanged": self._kept}

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        tiles = Tiles(frames.width, frames.height, self._factor, upscaler())
        for frame in frames:
            large, drawn = tiles(frame)
            self._drawn += drawn
            self._kept += tiles.count - drawn
            yield large


class Tiles:
    """A frame size cut into equal tiles; remembers the frame before."""

    def __init__(self, width: int, height: int, factor: Literal[2, 4], network: Upscaler) -> None:
        self._factor: Literal[2, 4] = factor
        self._network = network
        self._size = (height, width)
        self._rows, self._columns = (-(-side // most) for side, most in zip(self._size, _TILE, strict=True))
        self._height, self._width = -(-height // self._rows), -(-width // self._columns)
        self._last: UInt8 | None = None  # with its surround
        self._result: UInt8 | None = None

    @property
    def count(self) -> int:
        """Tiles of a frame."""
        return self._rows * self._columns

    def __call__(self, frame: UInt8) -> tuple[UInt8, int]:
        """The enlarged frame, and how many tiles were drawn for it."""
        height, width = self._size
        below, right = self._rows * self._height - height, self._columns * self._width - width
        now = np.asarray(cv2.copyMakeBorder(frame, REACH, REACH + below, REACH, REACH + right, cv2.BORDER_REFLECT_101))
        changed = [place for place in self._places() if self._differs(now, place)]
        if self._result is None or changed:
            large = np.empty((height * self._factor, width * self._factor, 3), np.uint8)
            if self._result is not None and len(changed) < self.count:
                np.copyto(large, self._result)
            for place in changed:
                self._draw(large, now, place)
            self._result = large
        self._last = now
        return self._result, len(changed)

    def _places(self) -> Iterator[tuple[int, int]]:
        """Upper left corners."""
        for row in range(self._rows):
            for column in range(self._columns):
                yield row * self._height, column * self._width

    def _piece(self, whole: UInt8, place: tuple[int, int]) -> UInt8:
        y, x = place
        return whole[y : y + self._height + 2 * REACH, x : x + self._width + 2 * REACH]

    def _differs(self, now: UInt8, place: tuple[int, int]) -> bool:
        return self._last is None or not np.array_equal(self._piece(now, place), self._piece(self._last, place))

    def _draw(self, large: UInt8, now: UInt8, place: tuple[int, int]) -> None:
        y, x = (at * self._factor for at in place)
        tile = self._network.enlarge(self._piece(now, place), self._factor)
        under = large[y : y + tile.shape[0], x : x + tile.shape[1]]
        under[:] = tile[: under.shape[0], : under.shape[1]]
