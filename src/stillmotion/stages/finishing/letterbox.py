"""Black bars that leave a picture of another shape; the frame keeps its size. Knows a size, no time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stillmotion.types import FrameStream, UInt8


class Letterbox:
    """The step: bars above and below, or at the sides where `aspect` (width / height of what is left) is narrower than
    the frame. Bars are even numbers of pixels, for the halved colour of video files; `told` has the shape that results.
    """

    name = "letterbox"
    look_ahead = 0

    def __init__(self, *, aspect: float) -> None:
        self._aspect = aspect
        self._told: dict[str, Any] = {}

    def __call__(self, frames: FrameStream) -> FrameStream:
        across, down = bars(frames.width, frames.height, self._aspect)
        width, height = frames.width - 2 * across, frames.height - 2 * down
        self._told = {
            "asked": self._aspect, "aspect": round(width / height, 4), "picture": [width, height],
            "bars_px": {"sides": across, "above_and_below": down},
        }  # fmt: skip
        return replace(frames, frames=_each(frames, across, down)) if across or down else frames

    def told(self) -> dict[str, Any]:
        return self._told


def bars(width: int, height: int, aspect: float) -> tuple[int, int]:
    """Pixels of each bar at the sides, and above and below: even, at least two pixels of picture are left."""
    across = (width - height * aspect) / 2
    down = (height - width / aspect) / 2
    return _even(across, width), _even(down, height)


def _even(bar: float, side: int) -> int:
    return min(max(2 * round(bar / 2), 0), max(side // 2 - 1, 0) // 2 * 2)


def _each(frames: FrameStream, across: int, down: int) -> Iterator[UInt8]:
    for frame in frames:
        barred = frame.copy()
        barred[:down] = barred[frames.height - down :] = 0
        barred[:, :across] = barred[:, frames.width - across :] = 0
        yield barred
