"""One move in its slot, as offsets to the camera's twelve numbers at any instant. Knows no other move but where the
camera looked when it began.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stillmotion.camera import rotation
from stillmotion.curves import EASES, Curve
from stillmotion.plan import Ease
from stillmotion.stages.motion.schedule import Slot
from stillmotion.stages.motion.shapes import Stop
from stillmotion.types import Float64

FORWARD, VERTIGO, LENS, NEARNESS, APERTURE = 2, 8, 9, 10, 11  # places in the twelve numbers


class Part:
    """A slot's offsets over time."""

    def __init__(self, slot: Slot, before: Float64) -> None:
        """`before` (12,): the offsets of everything that was done when the slot begins."""
        stops = slot.spec.stops(slot.amount)
        rigs = [np.zeros(12)]
        for stop in stops:
            rigs.append(_offset(stop, before, rigs[-1]))
        self.start, self.end, self.brief = slot.start, slot.end, slot.spec.brief
        self.ease: Ease = slot.move.ease or slot.spec.ease
        self.last = rigs[-1]
        """Offsets (12,) when the move is over."""
        self.single = len(stops) == 1 and stops[0].u == 1
        outward = np.abs(self.last[[FORWARD, VERTIGO, LENS, NEARNESS, APERTURE]]).max() if stops else 0.0
        self.sways = self.single and outward < 1e-9
        """It may go to either side of where it began: nothing about it points into or out of the picture."""
        self._curve: Curve | None = None
        if stops and not self.single:
            times = [0.0, *(stop.u for stop in stops)]
            if times[-1] < 1.0:
                times, rigs = [*times, 1.0], [*rigs, rigs[-1]]
            self._curve = Curve(times, np.array(rigs), ends="free" if self.ease == "linear" else "rest")

    def at(self, m: float) -> Float64:
        """Offsets (12,) at the moves' time m; zero before the slot, the whole move after it."""
        u = min(max((m - self.start) / (self.end - self.start), 0.0), 1.0)
        return self.last * EASES[self.ease](u) if self._curve is None else self._curve.at(u)


def parts_of(slots: Sequence[Slot]) -> list[Part]:
    """The parts of all slots that move the camera, each going on where those before it will have ended."""
    parts: list[Part] = []
    for slot in slots:
        if slot.spec.stops(slot.amount):
            done = [part.last for part in parts if _middle(part) < slot.start]
            parts.append(Part(slot, np.sum(done, axis=0) if done else np.zeros(12)))
    return parts


def rig_of_stop(stop: Stop) -> Float64:
    """A stop's own offsets (12,) to the photo's view."""
    return _offset(stop, np.zeros(12), np.zeros(12))


def _middle(part: Part) -> float:
    return (part.start + part.end) / 2


def _offset(stop: Stop, before: Float64, last: Float64) -> Float64:
    """A stop as offsets to `before`; focus and aperture that it leaves alone stay as in `last`."""
    rig = np.zeros(12)
    rig[0:3] = rotation(*before[3:6]) @ np.asarray(stop.position)
    rig[3:6], rig[6:8], rig[VERTIGO], rig[LENS] = stop.rotation, stop.orbit, stop.vertigo, math.log(stop.zoom)
    rig[NEARNESS] = last[NEARNESS] if stop.focus is None else 1.0 / stop.focus - 1.0 - before[NEARNESS]
    rig[APERTURE] = last[APERTURE] if stop.aperture is None else stop.aperture - before[APERTURE]
    return rig
