"""Colours are held to those of the scene's first frame, against slow drift.

    frame t ─▶ change of tone to the key frame (tone.py) ─▶ + the key's own ─▶ even course over 24 frames ─▶ curves,
                     ▲                                                                       saturation, coarse field
        the first frame; once it is out of sight, a later one with what is known of it

Measured where the same things are seen, so that what comes into the picture is not painted over. What changes from
frame to frame is not followed: that is the deflicker's. Knows light, not files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.evaluation.picture import lab
from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.even import REACH, course
from stillmotion.stages.finishing.tone import FIELD, KNOTS, LEVELS, Change, Thumb, Thumbs, believed, relit
from stillmotion.types import Float32, Float64, FrameStream, UInt8

_KEYS = 3  # key frames kept: the first, and the two latest
_FADED = 0.35  # share of the belief in a fresh key at which a new one is set
_AGAIN = 5  # frames whose median a new key takes as its own change
_LEAST, _ALL = 0.5, 1.2  # levels: a smaller drift is left, a larger one wholly followed
_SOFT = 2.0  # pixels of a thumbnail
_SEEN = 0.2  # levels: a smaller correction is not made
_MID = 110.0  # levels: what the field's relative changes are counted at
_WIDE = 1.5  # cells over which the field is smoothed: light drifts over large places, things change in small ones
_CURVES = 3 * KNOTS


@dataclass(slots=True)
class _Key:
    """A frame whose colours are known."""

    thumb: Thumb
    owes: Float64  # its own change to the first frame, as `_Held.change`
    fresh: float  # how much the frame after it was believed


@dataclass(slots=True)
class _Held:
    number: int
    scene: int
    frame: UInt8 | None  # None once it is given out
    change: Float64  # (curves, saturation, field) to the scene's first frame
    weight: float


class LockColour:
    """The step: `strength` 1 holds the colours wholly."""

    name = "lock_colour"
    look_ahead = REACH

    def __init__(self, *, strength: float) -> None:
        if not 0 < strength <= 1:
            raise InputError(
                f"The colour lock's strength is {strength:g}; it goes from above 0 (a little) to 1 (wholly)."
            )
        self._strength = strength
        self._cuts = CutFinder()
        self._frames = self._changed = self._handed_on = 0
        self._first: Float64 | None = None
        self._drift: list[tuple[float, float]] = []  # of each frame: Lab distance taken away, levels changed

    def __call__(self, frames: FrameStream) -> FrameStream:
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        drift = np.array(self._drift or [(0.0, 0.0)])
        return {
            "frames": self._frames, "changed": self._changed, "strength": self._strength,
            "mean_correction_lab": round(float(drift[:, 0].mean()), 3),
            "largest_correction_lab": round(float(drift[:, 0].max()), 3),
            "mean_change_levels": round(float(drift[:, 1].mean()), 3),
            "references_handed_on": self._handed_on, "cuts": self._cuts.count,
        }  # fmt: skip

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        window: deque[_Held] = deque()
        meter = _Meter(frames.width, frames.height)
        scene = at = 0
        for number, frame in enumerate(frames):
            if self._cuts(frame):
                scene += 1
                meter.restart()
            change, weight = meter(frame)
            window.append(_Held(number, scene, frame, change, weight))
            if len(window) - at > REACH:
                yield self._given(window, at)
                at += 1
            if len(window) > 2 * REACH + 1:
                window.popleft()
                at -= 1
            self._handed_on = meter.handed_on
        while at < len(window):
            yield self._given(window, at)
            at += 1

    def _given(self, window: deque[_Held], at: int) -> UInt8:
        held = window[at]
        frame = held.frame
        assert frame is not None
        held.frame = None  # the past needs no pictures
        self._frames += 1
        wanted = self._wanted([other for other in window if other.scene == held.scene], held.number)
        if wanted is None:
            self._drift.append((0.0, 0.0))
            return frame
        curve, colour, field = _parts(wanted)
        locked = relit(frame, curve, field, colour=colour)
        self._changed += 1
        small = (160, max(1, 160 * frame.shape[0] // frame.shape[1]))
        before, after = (cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (frame, locked))
        moved = np.linalg.norm((lab(after) - lab(before)).mean(axis=(0, 1)))
        self._drift.append((float(moved), cv2.norm(locked, frame, cv2.NORM_L1) / frame.size))
        return locked

    def _wanted(self, around: list[_Held], number: int) -> Float64 | None:
        weight = np.array([other.weight for other in around])
        if len(around) < 2 or weight.sum() < 0.2:
            return None
        away = np.array([other.number - number for other in around], np.float64)
        changes = np.array([other.change for other in around])
        floor = np.concatenate([np.full(_CURVES, 0.3), [0.01], np.full(FIELD[0] * FIELD[1], 0.004)])
        value = course(away, changes, np.maximum(weight, 1e-3), floor=floor).value
        doubt = 1 / max(0.25, float(weight.mean()))  # what was hardly measured must be large to be followed
        part = float(np.clip((_size(value) / doubt - _LEAST) / (_ALL - _LEAST), 0, 1))
        wanted = value * (self._strength * part * part * (3 - 2 * part))
        return wanted if _size(wanted) > _SEEN else None


def _size(change: Float64) -> float:
    """How large a change is, levels."""
    curve, colour, field = _parts(change)
    return float(np.sqrt(np.square(curve).mean() + (40 * colour) ** 2 + (_MID**2) * np.square(field).mean()))


def _parts(change: Float64) -> tuple[Float32, float, Float32]:
    curve = change[:_CURVES].reshape(3, KNOTS).astype(np.float32)
    return curve, float(change[_CURVES]), change[_CURVES + 1 :].reshape(FIELD).astype(np.float32)


class _Meter:
    """Tells of each frame the change of tone to the first one of its scene."""

    def __init__(self, width: int, height: int) -> None:
        self._thumbs = Thumbs(width, height, soft=_SOFT)
        self.handed_on = 0
        self.restart()

    def restart(self) -> None:
        """A new scene begins with the next frame."""
        self._keys: list[_Key] = []
        self._last: list[tuple[Thumb, Float64]] = []

    def __call__(self, frame: UInt8) -> tuple[Float64, float]:
        """The change and how far it can be believed, in [0, 1]; take the next frame."""
        thumb = self._thumbs(frame)
        still = np.zeros(_CURVES + 1 + FIELD[0] * FIELD[1])
        if not self._keys:
            self._keys.append(_Key(thumb, still, 0.0))
            self._last = [(thumb, still)]
            return still, 1.0
        change, weight = self._told(thumb)
        if weight < _FADED * max(self._keys[-1].fresh, 0.05) and self._last[-1][0] is not self._keys[-1].thumb:
            owes = np.median([each for _, each in self._last[-_AGAIN:]], axis=0)
            self._keys.append(_Key(self._last[-1][0], owes, 0.0))
            if len(self._keys) > _KEYS:
                del self._keys[1]
            self.handed_on += 1
            change, weight = self._told(thumb)
        self._keys[-1].fresh = max(self._keys[-1].fresh, weight)
        self._last = [*self._last[-_AGAIN:], (thumb, change)]
        return change, weight

    def _told(self, thumb: Thumb) -> tuple[Float64, float]:
        found = [(self._thumbs.compare(thumb, key.thumb), key) for key in self._keys]
        weights = np.array([believed(change) ** 2 for change, _ in found])
        if weights.sum() < 1e-6:
            return self._last[-1][1], 0.0
        changes = np.array([_through(change, key.owes) for change, key in found])
        return (weights / weights.sum()) @ changes, float(np.sqrt(weights[-1] if len(weights) > 1 else weights[0]))


def _through(change: Change, owes: Float64) -> Float64:
    """The change to a key and on to the first frame."""
    curve, colour, field = _parts(owes)
    added = change.added()
    whole = [first + np.interp(LEVELS + first, LEVELS, then) for first, then in zip(added, curve, strict=True)]
    wide = cv2.GaussianBlur(change.field, (0, 0), _WIDE, borderType=cv2.BORDER_REFLECT) + field
    return np.concatenate([np.ravel(whole), [change.colour + colour], wide.ravel()]).astype(np.float64)
