"""A long clip as windows of latent frames, each seeing the first frame and the end of the window before.

    latent frame  0  1  2  3  4  5  6  7  8
    window 0      x  x  x  x  x
    window 1      =           =  x  x  x          x drawn here, = known already
    window 2      =                    =  x

What is known already is held as it is while the rest is drawn: nothing is decoded and encoded again, so colours cannot
drift from window to window, and the first frame anchors all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 5
"""Latent frames of a window, the first frame among them: 17 frames."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which latent frames a window holds, and how many of them are known before it is drawn."""

    frames: tuple[int, ...]
    known: int

    @property
    def new(self) -> tuple[int, ...]:
        """Those that it draws."""
        return self.frames[self.known :]


def windows(count: int, *, longest: int = LONGEST) -> tuple[Window, ...]:
    """Windows that draw each of `count` latent frames but the first, which is the photo, once and in order."""
    found, done = [], 1
    while done < count:
        before = (0,) if done == 1 else (0, done - 1)
        upto = min(count, done + longest - len(before))
        found.append(Window((*before, *range(done, upto)), len(before)))
        done = upto
    return tuple(found)
