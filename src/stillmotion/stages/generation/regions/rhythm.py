"""Time as the regions see it: how long the clip is, whether it closes, and how motion begins.

All displacement is zero at t = 0 (frame 0 is the photo). In a clip that closes (`seamless` and `pingpong`) every
motion is periodic in the clip's length; otherwise it begins softly. Times are plan times: speed ramps are in them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from stillmotion.camera import Clock
from stillmotion.curves import smoothstep
from stillmotion.plan import Canvas, MotionPlan

_ONSET = 0.4  # seconds


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The clip's time."""

    seconds: float
    closes: bool

    def whole(self, frequency: float) -> float:
        """The frequency nearest to `frequency` (Hz) that a closing clip can hold: whole turns, at least one."""
        if not self.closes or frequency == 0:
            return frequency
        turns = max(1, round(abs(frequency) * self.seconds))
        return math.copysign(turns / self.seconds, frequency)

    def period(self, wanted: float) -> float:
        """The cycle nearest to `wanted` seconds that divides a closing clip."""
        if not self.closes:
            return wanted
        return self.seconds / max(1, round(self.seconds / wanted))

    def onset(self, t: float) -> float:
        """How much of a motion is there at t: 0 at the photo, 1 after a moment; 1 always in a clip that closes."""
        return 1.0 if self.closes else smoothstep(min(max(t / self._soft, 0.0), 1.0))

    def run(self, t: float) -> float:
        """Seconds of steady motion done by t: the integral of `onset`."""
        if self.closes:
            return t
        u = min(max(t / self._soft, 0.0), 1.0)
        return self._soft * u**4 * (u * (u - 3) + 2.5) + max(t - self._soft, 0.0)

    def there_and_back(self, t: float) -> float:
        """The time at which a path that ends away from where it began is read, so that a closing clip closes."""
        return self.seconds * (1 - math.cos(2 * math.pi * t / self.seconds)) / 2 if self.closes else t

    @property
    def _soft(self) -> float:
        return min(_ONSET, 0.5 * self.seconds)


def tempo(plan: MotionPlan) -> tuple[Clock, Rhythm]:
    """The clock that turns video time into plan time, and the rhythm of plan time.

    A region does not run backwards on a pingpong's way back, as the camera does: it closes over the whole length.
    """
    canvas = plan.canvas
    closes = canvas.loop != "none"
    round_trip = Canvas(**(canvas.model_dump() | {"loop": "seamless"})) if closes else canvas
    clock = Clock(round_trip, plan.time)
    return clock, Rhythm(seconds=clock.end, closes=closes)
