"""Light that flickers is evened out, and single flashes are mended.

    frame t ─▶ change of light to each frame within 12 (tone.py) ─▶ even course (even.py) ─▶ curves and field for t
                                                              └─▶ flash: 1 to 3 frames apart from both sides (flash.py)

Changes are measured between places that show the same thing, so that a pan to a window or a thing that enters is no
flicker. Where the light is quiet already, the frame passes untouched. Knows light, not files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.even import REACH, course, same_light
from stillmotion.stages.finishing.flash import Flashes
from stillmotion.stages.finishing.tone import FIELD, KNOTS, Change, Thumb, Thumbs, believed, relit
from stillmotion.types import Float32, Float64, FrameStream, UInt8

_QUIET, _UNSURE = 0.45, 0.4  # levels of unrest up to which nothing is done, and more of it per level left unexplained
_QUIET_FIELD, _UNSURE_FIELD = 0.65, 0.2
_RESTLESS = 1.8  # times as much: all is done
_LEAST = 0.3  # levels: a smaller correction is left out
_MID = 110.0  # levels: what the field's relative changes are counted at
_LUMA = np.array([0.2126, 0.7152, 0.0722])


@dataclass(slots=True)
class Held:
    """A frame in the window."""

    number: int
    scene: int
    frame: UInt8 | None  # None once it is given out
    thumb: Thumb
    changes: dict[int, Change] = field(default_factory=dict)  # to the frame of this number


class Deflicker:
    """The step."""

    name = "deflicker"
    look_ahead = REACH

    def __init__(self) -> None:
        self._cuts = CutFinder()
        self._corrected = self._frames = 0
        self._most = self._sum = 0.0
        self._flashes: Flashes | None = None

    def __call__(self, frames: FrameStream) -> FrameStream:
        self._flashes = Flashes(frames.width, frames.height)
        return replace(frames, frames=self._each(frames, self._flashes))

    def told(self) -> dict[str, Any]:
        return {
            "frames": self._frames, "corrected": self._corrected,
            "mean_change_levels": round(self._sum / max(1, self._corrected), 3),
            "largest_change_levels": round(self._most, 3),
            "flashes_mended": [] if self._flashes is None else self._flashes.mended, "cuts": self._cuts.count,
        }  # fmt: skip

    def _each(self, frames: FrameStream, flashes: Flashes) -> Iterator[UInt8]:
        window: deque[Held] = deque()
        thumbs = Thumbs(frames.width, frames.height)
        scene = 0
        at = 0  # place in the window of the frame that is next to be given out
        for number, frame in enumerate(frames):
            scene += self._cuts(frame)
            now = Held(number, scene, frame, thumbs(frame))
            flashes.rejoin(window, now)
            scene = now.scene
            for other in window:
                if other.scene == now.scene and now.number - other.number <= REACH:
                    change = thumbs.compare(other.thumb, now.thumb)
                    other.changes[now.number], now.changes[other.number] = change, change.back()
            window.append(now)
            if len(window) - at > REACH:
                yield self._given(window, at, flashes)
                at += 1
            if len(window) > 2 * REACH + 1:
                window.popleft()
                at -= 1
        while at < len(window):
            yield self._given(window, at, flashes)
            at += 1

    def _given(self, window: deque[Held], at: int, flashes: Flashes) -> UInt8:
        held = window[at]
        assert held.frame is not None
        self._frames += 1
        for early in list(window)[: max(0, at - flashes.longest)]:
            early.frame = None
        flash = flashes.around(window, at)
        around = [other for other in window if other.scene == held.scene and other.number in held.changes]
        around = [other for other in around if not flashes.is_flash(other.number)]
        curve, light = _correction(held, around, always=flash is not None)
        frame = held.frame if curve is None and light is None else relit(held.frame, curve, light)
        if flash is not None:
            frame = flash.mended(held.frame, frame)
        if frame is not held.frame:
            changed = cv2.norm(frame, held.frame, cv2.NORM_L1) / frame.size
            self._corrected += 1
            self._sum += changed
            self._most = max(self._most, changed)
        return frame


def _correction(held: Held, around: list[Held], *, always: bool) -> tuple[Float32 | None, Float32 | None]:
    """The curves (3, KNOTS) and the field FIELD that even out a frame's light; None: nothing to do."""
    if len(around) < 2:
        return None, None
    away = np.array([other.number - held.number for other in around] + ([] if always else [0]), np.float64)
    order = np.argsort(away)
    changes = [held.changes[other.number] for other in around]
    weight = np.array([believed(change) for change in changes] + ([] if always else [1.0]))
    curves = np.array([change.added().ravel() for change in changes] + ([] if always else [np.zeros(3 * KNOTS)]))
    fields = np.array(
        [change.field.ravel() for change in changes] + ([] if always else [np.zeros(FIELD[0] * FIELD[1])])
    )
    seen = np.mean([change.seen for change in changes], axis=0)
    away, weight, curves, fields = away[order], weight[order], curves[order].astype(np.float64), fields[order]
    level = np.einsum("ncl,c,l->n", curves.reshape(-1, 3, KNOTS), _LUMA, seen)
    if not always:
        weight = weight * same_light(away, level)
    if weight.sum() < 0.5:
        return None, None
    rest = float(np.mean([change.rest for change in changes]))
    tone = course(away, curves, weight, floor=np.full(3 * KNOTS, 0.3))
    curve = _wanted(tone.value, tone.unrest, np.tile(seen / 3, 3), _QUIET + _UNSURE * rest, always=always)
    light = course(away, fields.astype(np.float64), weight, floor=np.full(fields.shape[1], 0.004))
    even = np.full(fields.shape[1], 1 / fields.shape[1])
    quiet = _QUIET_FIELD + _UNSURE_FIELD * rest
    part = _wanted(light.value * _MID, light.unrest * _MID, even, quiet, always=always)
    return (
        None if curve is None else curve.reshape(3, KNOTS).astype(np.float32),
        None if part is None else (part / _MID).reshape(FIELD).astype(np.float32),
    )


def _wanted(value: Float64, unrest: Float64, share: Float64, quiet: float, *, always: bool) -> Float64 | None:
    """The correction, as far as the light around is restless; None when it is too small to be seen."""
    rms = float(np.sqrt((share * unrest**2).sum()))
    part = 1.0 if always else float(np.clip((rms / quiet - 1) / (_RESTLESS - 1), 0, 1))
    value = value * (part * part * (3 - 2 * part))
    return value if np.sqrt((share * value**2).sum()) >= _LEAST else None
