"""The cheap measures of a video while it is made: all frames at a glance, a few of them closely.

every frame ─▶ tiny copy ─▶ light: steps, flashes, pumping, seam
8 a second  ─▶ small copy ─▶ camera, regions, drift, dynamic degree
"""

from __future__ import annotations

from dataclasses import replace

from stillmotion.evaluation.dynamic_degree import pair_interval
from stillmotion.evaluation.expected import Expected
from stillmotion.evaluation.measure import Measurer
from stillmotion.evaluation.measures import Measures
from stillmotion.evaluation.picture import shrink
from stillmotion.evaluation.watch_light import GLANCE_SIDE, LightWatch
from stillmotion.types import UInt8

LOOK_SIDE = 320


class Observer:
    """Takes every frame in order; measures when asked. `count` frames will come."""

    def __init__(self, *, fps: float, count: int, expected: Expected) -> None:
        self._fps, self._count = fps, count
        self._every = max(1, min(pair_interval(fps), (count - 1) // 15 or 1))
        looks = len(range(0, count, self._every))
        self._measurer = Measurer(
            fps=fps / self._every, count=looks, expected=replace(expected, fps=fps / self._every, frames=looks)
        )
        self._light, self._loops = LightWatch(), expected.loop
        self._index = -1

    def see(self, frame: UInt8) -> None:
        """Take the next frame (H, W, 3)."""
        self._index += 1
        self._light.see(shrink(frame, long_side=GLANCE_SIDE))
        if self._index % self._every == 0:
            last = self._index + self._every >= self._count
            self._measurer.see(shrink(frame, long_side=LOOK_SIDE), last=last)

    def result(self) -> Measures:
        """The measures; what needs every frame at full size (jitter, jerk, stability, warping) is left out."""
        looked = self._measurer.result()
        several = self._index > 1
        return replace(
            looked, frames=self._index + 1, fps=self._fps, length_err=None,
            flicker=self._light.flicker() if several else None,
            pumping=self._light.pumping() if several else None,
            jump=self._light.jump()[0] if several else None,
            loop_seam=self._light.seam() if self._loops else None,
            warp_err=None, jitter=None, roughness=None, jerk=None, stability=None, drift_sharpness=None,
        )  # fmt: skip
