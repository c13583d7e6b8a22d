"""Time that does not run as the clock does: slow motion, timelapse, speed ramps, the crawl of bullet time.

Knows no camera: it maps video time to the plan's time.
"""

from __future__ import annotations

from collections.abc import Sequence

from stillmotion.plan import Canvas, TimeKey
from stillmotion.stages.motion.schedule import Slot, spoken

_LONGEST_S = 600.0  # of plan time
_CRAWL = 0.08  # pace of a bullet in flight
_EDGE = 0.15  # share of the slot during which time slows down, and speeds up again
_DIP = 0.4  # share of the clip that runs slow in a speed ramp


def time_keys(slots: Sequence[Slot], canvas: Canvas, notes: list[str]) -> tuple[TimeKey, ...]:
    """The time map that the last of the slots which bend time asks for; none: ()."""
    bending = [slot for slot in slots if slot.spec.time]
    if not bending:
        return ()
    slot, length = bending[-1], canvas.seconds
    others = [spoken(other.spec) for other in bending[:-1] if other.spec.name != slot.spec.name]
    notes += [f"'{other}' gives way to '{spoken(slot.spec)}': time bends in one way only." for other in others]
    if slot.spec.time == "dip":
        slow = _DIP * min(slot.amount, 1.0)
        edge = (1.0 - _DIP) / 2
        return _keys([0, edge, 1 - edge, 1], [0, (1 - slow) / 2, (1 + slow) / 2, 1], length)
    if slot.spec.time == "crawl":
        return _crawl(slot, length)
    speed = slot.amount
    if speed * length > _LONGEST_S:
        speed = _LONGEST_S / length
        notes.append(f"Time runs {speed:g} times as fast, not {slot.amount:g} times: a plan holds {_LONGEST_S:g} s.")
    return _keys([0, 1], [0, speed], length)


def _crawl(slot: Slot, length: float) -> tuple[TimeKey, ...]:
    edge = _EDGE * (slot.end - slot.start)
    first, last = slot.start + edge, slot.end - edge
    slow = first + (last - first) * _CRAWL
    times = [0.0, first, last, length]
    return _keys(times, [0.0, first, slow, slow + length - last], 1.0)


def _keys(times: Sequence[float], taus: Sequence[float], length: float) -> tuple[TimeKey, ...]:
    return tuple(
        TimeKey(t=round(t * length, 6), tau=round(tau * length, 6)) for t, tau in zip(times, taus, strict=True)
    )
