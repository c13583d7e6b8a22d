"""Flashes: one to three frames whose light is apart from both sides. Found in a window, mended from their neighbours.

The tone of a flash is brought to that of its neighbours by the step that found it; what the flash burnt out (or a
drop-out lost) is drawn between the last good frame before and the first after, along their motion. Knows a window of
frames with the changes of light between them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.flow import FlowFinder
from stillmotion.stages.finishing.interpolate import Between
from stillmotion.types import Float32, UInt8

if TYPE_CHECKING:
    from stillmotion.stages.finishing.deflicker import Held

_LEAST = 6.0  # levels: a smaller change of the mean is no flash
_CLEAR = 4.0  # times the unrest of the light around
_BACK = 0.35  # of the flash: how far the frames before and after may differ
_EXPLAINED = 0.6  # of the flash: how much neither curve nor field may leave
_BURNT = (228.0, 250.0)  # levels between which the flash's own picture is given up
_LOST = (14.0, 3.0)
_BLANK = 0.6  # share of a frame at white or black that makes it blank


@dataclass(frozen=True, slots=True)
class Flash:
    """One frame of a flash, and the frames around it."""

    before: UInt8
    after: UInt8
    t: float  # of the way from before to after
    bright: bool
    blank: bool  # nothing of the frame itself can be used
    finder: FlowFinder

    def mended(self, raw: UInt8, toned: UInt8) -> UInt8:
        """The frame with its tone already brought back, and what was lost drawn from its neighbours."""
        gone = np.ones(raw.shape[:2], np.float32) if self.blank else self._gone(raw)
        if float(gone.max()) == 0:
            return toned
        finder = self.finder
        between = Between(self.before, self.after, finder(finder.grey(self.before), finder.grey(self.after)))(self.t)
        mixed = toned.astype(np.float32)
        mixed += gone[..., None] * (between.astype(np.float32) - mixed)
        return np.asarray(np.rint(mixed), dtype=np.uint8)

    def _gone(self, raw: UInt8) -> Float32:
        """(H, W) in [0, 1]: where the flash left no picture."""
        extreme = (raw.max(axis=2) if self.bright else raw.min(axis=2)).astype(np.float32)
        begin, end = _BURNT if self.bright else _LOST
        share = np.clip((extreme - begin) / (end - begin), 0, 1)
        share = cv2.dilate(share, np.ones((3, 3), np.uint8))
        return np.asarray(np.minimum(cv2.GaussianBlur(share, (0, 0), 1.5) * 1.2, 1), dtype=np.float32)


class Flashes:
    """Finds the flashes of one video."""

    longest = 3

    def __init__(self, width: int, height: int) -> None:
        self._finder = FlowFinder(width, height)
        self._blank: set[int] = set()
        self._found: dict[int, tuple[int, int]] = {}  # frame -> first and last frame of its flash
        self._asked: set[int] = set()
        self.mended: list[int] = []

    def is_flash(self, number: int) -> bool:
        """Whether this frame is known to be part of a flash."""
        return number in self._found

    def rejoin(self, window: deque[Held], now: Held) -> None:
        """When a new scene goes on as the one before a few blank frames, they are a flash and no cuts."""
        run = [held for held in list(window)[-self.longest :] if held.thumb.lost > _BLANK]
        if not run or now.thumb.lost > _BLANK or window[-1] is not run[-1]:
            return
        run = [held for held in run if held.number >= now.number - len(run)]
        before = next((held for held in window if held.number == run[0].number - 1), None)
        if before is None or before.frame is None or now.frame is None or before.thumb.lost > _BLANK:
            return
        if run[0].scene == before.scene == now.scene:
            return
        look = CutFinder()
        look(before.frame)
        if look(now.frame):
            return
        now.scene = before.scene
        for held in run:
            held.scene = -1 - held.number  # of no scene
            self._blank.add(held.number)
            self._found[held.number] = (run[0].number, run[-1].number)

    def around(self, window: deque[Held], at: int) -> Flash | None:
        """The flash that this frame of the window is part of."""
        held = window[at]
        for ahead in range(at, min(len(window), at + self.longest + 1)):
            self._ask(window, ahead)  # what comes must be known before it is leant on
        if held.number not in self._found:
            return None
        first, last = self._found[held.number]
        frames = {other.number: other for other in window}
        before, after = frames.get(first - 1), frames.get(last + 1)
        if before is None or after is None or before.frame is None or after.frame is None:
            return None
        self.mended.append(held.number)
        blank = held.number in self._blank
        bright = blank or held.changes[after.number].lift < 0
        t = (held.number - before.number) / (after.number - before.number)
        return Flash(before.frame, after.frame, t, bright, blank, self._finder)

    def _ask(self, window: deque[Held], at: int) -> None:
        number = window[at].number
        if number in self._asked or number in self._found:
            return
        self._asked.add(number)
        for length in range(1, self.longest + 1):
            run = list(window)[at : at + length]
            if at == 0 or at + length >= len(window):
                return
            if self._is(window[at - 1], run, window[at + length], window):
                for held in run:
                    self._found[held.number] = (run[0].number, run[-1].number)
                return

    def _is(self, before: Held, run: list[Held], after: Held, window: deque[Held]) -> bool:
        if after.number not in before.changes or self.is_flash(before.number):
            return False
        apart: list[float] = []
        for held in run:
            there, back = before.changes.get(held.number), held.changes.get(after.number)
            if there is None or back is None or there.lift * back.lift >= 0:
                return False
            size = min(abs(there.lift), abs(back.lift))
            if min(there.rest, back.rest) > _EXPLAINED * size:
                return False
            apart.append(size)
        size = min(apart)
        if (
            size < min(_LEAST, 0.3 * float(before.thumb.rgb.mean()) + 1.5)
            or abs(before.changes[after.number].lift) > _BACK * size
        ):
            return False
        return size > _CLEAR * self._unrest(run, window)

    def _unrest(self, run: list[Held], window: deque[Held]) -> float:
        """How much the light changes from frame to frame near by, levels; the flash left out."""
        inside = {held.number for held in run} | set(self._found)
        steps = [
            abs(held.changes[held.number + 1].lift)
            for held in window
            if held.number + 1 in held.changes and held.number not in inside and held.number + 1 not in inside
        ]
        return float(np.percentile(steps, 80)) if steps else 0.0
