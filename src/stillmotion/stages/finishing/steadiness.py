"""What steadying did to a clip, in numbers, from its path alone: room, crop, shake and scores before and after.

The scores are those of `evaluation.stabilisation`, with the path's maps in place of measured homographies. Knows poses
and placements, no pictures.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillmotion.evaluation.stabilisation import cropping, distortion, stability
from stillmotion.stages.finishing.course import Placement, Pose
from stillmotion.types import Float64

_STILL = 0.05  # px per frame: a picture that moves less stands


class Steadiness:
    """Told of every frame in turn."""

    def __init__(self) -> None:
        self._scenes: list[tuple[list[Float64], list[Float64]]] = []  # steps (3, 3) before and after
        self._maps: list[Float64] = []
        self._zooms: list[float] = []
        self._room = 0.0
        self._unseen = self._anew = 0
        self._from_frames: list[float] = []
        self._continued: list[float] = []
        self._size = (0, 0)
        self._last: tuple[Float64, Float64] | None = None

    def begin(self, width: int, height: int) -> None:
        """A scene begins."""
        self._size = (width, height)
        self._scenes.append(([], []))
        self._last = None

    def add(
        self, pose: Pose, placement: Placement, *, room: float, unseen: bool, anew: bool, from_frames: float,
        continued: float,
    ) -> None:  # fmt: skip
        """One frame of the scene: where it was, how it is shown, and what was made up."""
        now = (pose.matrix(), placement.matrix @ pose.matrix())
        if self._last is not None:
            for steps, after, before in zip(self._scenes[-1], now, self._last, strict=True):
                steps.append(after @ np.linalg.inv(before))
        self._last = now
        self._maps.append(placement.matrix)
        self._zooms.append(placement.zoom)
        self._room = max(self._room, room)
        self._unseen += unseen
        self._anew += anew
        self._from_frames.append(from_frames)
        self._continued.append(continued)

    def told(self, *, filled: bool, locked: bool) -> dict[str, Any]:
        """All of it, ready for JSON; whole once the stream has ended."""
        if not self._maps:
            return {"scenes": len(self._scenes)}
        told: dict[str, Any] = {
            "room_used": round(self._room, 4),
            "scenes": len(self._scenes),
            "frames_whose_motion_was_not_seen": self._unseen,
            "shake_px": {"before": self._shake(0), "after": self._shake(1)},
            "stability": {"before": self._stability(0), "after": self._stability(1)},
            "distortion": round(distortion(self._maps), 4),
        }
        if filled:
            told["filled"] = {
                "mean": _share(np.mean(self._from_frames) + np.mean(self._continued)),
                "most": _share(np.max(np.add(self._from_frames, self._continued))),
                "from_other_frames": _share(np.mean(self._from_frames)),
                "continued": _share(np.mean(self._continued)),
            }
        else:
            told["cropping"] = round(cropping(self._maps), 4)
            told["cropped"] = {"first": _share(1 - self._zooms[0] ** -2), "most": _share(1 - max(self._zooms) ** -2)}
        if locked:
            told |= self._let_go()
        return told

    def _shake(self, which: int) -> float:
        """Root mean square change of speed per frame, in px at the middle."""
        changes = [
            np.diff(np.array([step[:2, 2] / step[2, 2] for step in scene[which]]), axis=0)
            for scene in self._scenes if len(scene[which]) > 1
        ]  # fmt: skip
        if not changes:
            return 0.0
        return round(float(np.sqrt(np.square(np.concatenate(changes)).sum(axis=1).mean())), 4)

    def _stability(self, which: int) -> float:
        weights = [len(scene[which]) + 1 for scene in self._scenes]
        return round(float(np.average([stability(scene[which]) for scene in self._scenes], weights=weights)), 4)

    def _let_go(self) -> dict[str, Any]:
        """How long the picture stood, and from where on it did not."""
        half = max(self._size) / 2
        moving, first, number = 0, None, 0
        for _, steps in self._scenes:
            number += 1  # the scene's first frame has no step
            for step in steps:
                turned = np.hypot(step[0, 0] - 1, step[1, 0]) * half
                if np.hypot(*step[:2, 2]) + turned > _STILL:
                    moving += 1
                    first = number if first is None else first
                number += 1
        return {"let_go": {"frames": moving, "first": first, "new_references": self._anew}}


def _share(value: Any) -> float:  # Any: NumPy's scalars
    return round(float(value), 5)
