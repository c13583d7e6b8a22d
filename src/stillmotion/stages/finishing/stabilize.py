"""The step that takes the shake out of a clip: as if the camera had been guided well, or stood on a tripod.

    frames ─▶ how the camera moved (shake, lock) ─▶ steady path and crop (course) ─▶ frames laid anew ─▶ rim (rim)

Each scene has a path of its own. The frames are held while the path looks ahead; a frame is drawn once, with cubic
sampling. Only similarities move it (and, on a tripod, the homography of a camera that turns): neither shear nor bending
is brought in, so that a rolling shutter's skew is not turned into wobble.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.options import Border
from stillmotion.stages.finishing.course import START, Course, Placement, Pose
from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.lock import Lock
from stillmotion.stages.finishing.rim import Rim
from stillmotion.stages.finishing.shake import ShakeMeter
from stillmotion.stages.finishing.steadiness import Steadiness
from stillmotion.types import Float64, FrameStream, UInt8

_HELD = 45  # frames, where they are of 1080p or smaller
_HELD_BYTES = 600_000_000
_LEAST_HELD = 12
_PAST = 15  # of the held ones, when the rim is filled
_NEIGHBOURS = (1, 2, 3, 4, 6, 8, 11, 15, 20, 27)  # frames away, in the order in which they fill the rim
_SPEED_LEARNS, _SPEED_FADES = 0.3, 0.93
_UNTOUCHED = 0.02  # px by which no corner may move in a frame that is passed on as it is


class Stabilize:
    """The step. `room` is the share of the frame by which it may be shifted either way; no more of it is used than the
    shake needs.
    """

    name = "stabilize"
    look_ahead = _HELD

    def __init__(self, *, tripod: bool, room: float, border: Border) -> None:
        if not 0 < room <= 0.3:
            raise InputError(f"The room for steadying is {room:g}; it may be more than 0 and up to 0.3 of the frame.")
        self._tripod, self._room, self._border = tripod, room, border
        self._cuts = CutFinder()
        self._steadiness = Steadiness()

    def __call__(self, frames: FrameStream) -> FrameStream:
        if min(frames.width, frames.height) < 32:
            raise InputError(
                f"The frames are {frames.width}x{frames.height}; steadying needs at least 32 pixels a side."
            )
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        asked = {"tripod": self._tripod, "border": self._border, "room_asked": self._room}
        return asked | self._steadiness.told(filled=self._border == "fill", locked=self._tripod)

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        held = max(_LEAST_HELD, min(_HELD, _HELD_BYTES // (frames.width * frames.height * 3)))
        past = _PAST * held // _HELD if self._border == "fill" else 0
        scene: _Scene | None = None
        for frame in frames:
            if self._cuts(frame) or scene is None:
                while scene:
                    yield self._given(scene)
                scene = _Scene(frames, tripod=self._tripod, room=self._room, fill=self._border == "fill", past=past)
                self._steadiness.begin(frames.width, frames.height)
            scene.take(frame)
            if len(scene) > held - past:
                yield self._given(scene)
        while scene:
            yield self._given(scene)

    def _given(self, scene: _Scene) -> UInt8:
        given = scene.give()
        self._steadiness.add(
            given.pose, given.placement, room=scene.course.room, unseen=given.unseen, anew=given.anew,
            from_frames=given.from_frames, continued=given.continued,
        )  # fmt: skip
        return given.picture


class _Given:
    """A frame on its way through a scene."""

    __slots__ = ("anew", "continued", "frame", "from_frames", "picture", "placement", "pose", "unseen")

    def __init__(self, frame: UInt8, pose: Pose, *, unseen: bool, anew: bool) -> None:
        self.frame, self.pose, self.unseen, self.anew = frame, pose, unseen, anew
        self.placement: Placement
        self.picture = frame
        self.from_frames = self.continued = 0.0


class _Scene:
    """The frames between two cuts."""

    def __init__(self, frames: FrameStream, *, tripod: bool, room: float, fill: bool, past: int) -> None:
        width, height = frames.width, frames.height
        self._meter = ShakeMeter(width, height)
        self.course = Course(width, height, room=room, stand=tripod, crop=not fill)
        self._tripod = tripod
        self._lock: Lock | None = None
        self._rim = Rim(width, height) if fill else None
        self._held: deque[_Given] = deque()
        self._past: deque[_Given] = deque(maxlen=past)
        self._pose, self._speed = START, 0j
        self._size = (width, height)
        self._about = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])

    def __len__(self) -> int:
        return len(self._held)

    def take(self, frame: UInt8) -> None:
        """The next frame."""
        motion = self._meter(frame)
        if motion is None:  # what cannot be seen to stop goes on, slower and slower
            self._speed *= _SPEED_FADES
            pose = self._pose.after(1 + 0j, self._speed)
        else:
            self._speed += _SPEED_LEARNS * (motion[1] - self._speed)
            pose = self._pose.after(*motion)
        anew = False
        if self._tripod:
            pose, anew = self._locked(pose)
        self._pose = pose
        self._held.append(_Given(frame, pose, unseen=motion is None, anew=anew))
        self.course.add(pose)

    def _locked(self, pose: Pose) -> tuple[Pose, bool]:
        """The pose as measured against the reference, and whether there is a new reference."""
        if self._lock is not None:
            found = self._lock(self._meter.picture, pose)
            if found is not None or not self._lock.gone:
                return found or pose, False
        first = self._lock is None
        self._lock = Lock(self._meter.small, self._meter.picture, pose)
        return pose, not first

    def give(self) -> _Given:
        """The first frame that was not given yet, as it is shown."""
        placement = self.course.settle()
        given = self._held.popleft()
        given.placement = placement
        if self._rim is None:
            given.picture = self._drawn(given.frame, placement.matrix)
        else:
            self._fill(given, self._rim)
        self._past.append(given)
        return given

    def _drawn(self, frame: UInt8, matrix: Float64) -> UInt8:
        pixels = self._about @ matrix @ np.linalg.inv(self._about)
        if self._is_nothing(pixels):
            return frame
        flags, border = cv2.INTER_CUBIC, cv2.BORDER_REFLECT_101
        if np.abs(pixels[2, :2]).max() < 1e-12:
            return np.asarray(cv2.warpAffine(frame, pixels[:2], self._size, flags=flags, borderMode=border))
        return np.asarray(cv2.warpPerspective(frame, pixels, self._size, flags=flags, borderMode=border))

    def _is_nothing(self, pixels: Float64) -> bool:
        width, height = self._size
        corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]).T
        mapped = pixels @ corners
        return bool(np.abs(mapped[:2] / mapped[2] - corners[:2]).max() < _UNTOUCHED)

    def _fill(self, given: _Given, rim: Rim) -> None:
        matrix = given.placement.matrix
        before = self._past[-1] if self._past else given
        moved = matrix @ between(before.pose, given.pose) @ np.linalg.inv(before.placement.matrix)
        neighbours = (
            (other.frame, matrix @ between(other.pose, given.pose))
            for away in _NEIGHBOURS
            for other in (
                *([self._past[-away]] if away <= len(self._past) else []),
                *([self._held[away - 1]] if away <= len(self._held) else []),
            )
        )
        filled = rim(given.frame, matrix, moved, neighbours)
        given.picture, given.from_frames, given.continued = filled.picture, filled.from_frames, filled.continued


def between(one: Pose, other: Pose) -> Float64:
    """The map (3, 3) from one frame to another, about the middle."""
    return np.asarray(other.matrix() @ np.linalg.inv(one.matrix()))
