"""Up from black and down to black. Knows times and a table of 256 levels.

The light is dimmed, the same share everywhere, so colours stay what they are; how fast is chosen so that white runs
evenly through the levels of the screen, which looks even. Dimming light evenly over time would look done at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.stages.finishing.colour import to_light, to_srgb
from stillmotion.types import FrameStream, UInt8


class Fade:
    """The step. `fade_in` and `fade_out` are seconds, or None. The first frame (the last one) is black."""

    name = "fade"
    look_ahead = 0

    def __init__(self, *, fade_in: float | None, fade_out: float | None) -> None:
        self._in, self._out = fade_in, fade_out
        self._frames = (0, 0)

    def __call__(self, frames: FrameStream) -> FrameStream:
        seconds = frames.count / frames.fps
        self._frames = (_frames(self._in, frames.fps), _frames(self._out, frames.fps))
        if sum(self._frames) > frames.count:
            asked = " and ".join(
                f"{name} {value:g} s" for name, value in (("fade-in", self._in), ("fade-out", self._out)) if value
            )
            raise InputError(
                f"The video has {seconds:.2f} s, too little for {asked}.",
                hint=f"Fades may take {seconds:.2f} s in all, and do not overlap.",
            )
        return replace(frames, frames=self._each(frames)) if any(self._frames) else frames

    def told(self) -> dict[str, Any]:
        return {"in_frames": self._frames[0], "out_frames": self._frames[1]}

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        up, down = self._frames
        for number, frame in enumerate(frames):
            left = frames.count - 1 - number
            share = min(number / up if up else 1.0, left / down if down else 1.0, 1.0)
            yield frame if share == 1 else np.asarray(cv2.LUT(frame, dimmed(share)), dtype=np.uint8)


def dimmed(share: float) -> UInt8:
    """A table (256) in which white becomes the share of its level, and all light is dimmed alike."""
    factor = to_light(np.array(share))
    return np.asarray(np.rint(255 * to_srgb(to_light(np.arange(256) / 255) * factor)), dtype=np.uint8)


def _frames(seconds: float | None, fps: float) -> int:
    return 0 if seconds is None else max(1, round(seconds * fps))
