"""Where the steady camera looks in each frame of a scene: its path, how far it may leave the shaky one, the crop.

    poses of the frames ─▶ turn, zoom ─▶ what room they leave ─▶ x, y ─▶ what crop that needs ─▶ crop ─▶ placement

Each number is a steady path of its own (`steady`), over the frames known so far; the first frame's is then settled, and
the window moves on by one. A pose takes the scene's first frame to this one, a placement this frame to the picture
shown; both are about the middle. Within a window all is told in the coordinates of its first frame, so that nothing
drifts away in a long pan. Knows numbers, no pictures.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from stillmotion.stages.finishing.shake import Complex
from stillmotion.stages.finishing.steady import WEIGHTS, steady
from stillmotion.types import Float64

_TURN_SHARE, _ZOOM_SHARE = 0.4, 0.25  # of the room that turning and zooming may take
_PULL = 0.5
_FIRST_ROOM, _WIDER = 0.012, 1.25  # the room begins small, and is made wider by this until the path is steady
_STEADY = 5e-4  # of the larger side: mean change of speed per frame that is left in peace
_STANDING = (1000.0, 1.0, 100.0)  # prices of a path that should stand, and of the crop
_CROP_LEVEL = 0.05  # price of the crop, per frame, so that it is the least that stands
_SETTLED = 3
_BEND_FADES = 0.85  # per frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Scene -> frame: the similarity z -> turn * z + shift, and what a homography adds to it."""

    turn: complex
    shift: complex
    bend: Float64  # (3, 3) frame as the similarity has it -> frame; the identity where nothing better is known

    def after(self, turn: complex, shift: complex) -> Pose:
        """The pose of the next frame, moved by this much."""
        return Pose(turn=turn * self.turn, shift=turn * self.shift + shift, bend=faded(self.bend))

    def matrix(self) -> Float64:
        """Scene -> frame (3, 3)."""
        turn, shift = self.turn, self.shift
        similar = [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0, 0, 1]]
        return np.asarray(self.bend @ np.array(similar))


def faded(bend: Float64) -> Float64:
    """A homography (3, 3) near the identity, nearer to it: so one that was lost does not go with a jump."""
    return np.asarray(np.eye(3) + _BEND_FADES * (bend - np.eye(3)))


START = Pose(turn=1 + 0j, shift=0j, bend=np.eye(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How one frame is shown."""

    matrix: Float64  # (3, 3) pixels of the frame about its middle -> pixels of the picture about its middle
    zoom: float  # by which the picture is enlarged so that nothing beyond the frame is seen
    moved: complex  # px of the frame by which the picture's middle is away from the frame's


class Course:
    """The steady path of one scene. Poses are added at the end, placements taken from the beginning."""

    def __init__(self, width: int, height: int, *, room: float, stand: bool, crop: bool) -> None:
        self._half = np.array([(width - 1) / 2, (height - 1) / 2])
        self.room = room if stand else min(room, _FIRST_ROOM)  # what is used of what is allowed
        self._most = room
        self._stand, self._crop = stand, crop
        self._poses: deque[Pose] = deque()
        self._views: deque[tuple[complex, complex]] = deque(maxlen=_SETTLED)  # scene -> picture, without crop
        self._zooms: deque[float] = deque(maxlen=_SETTLED)  # logarithms

    def __len__(self) -> int:
        return len(self._poses)

    def add(self, pose: Pose) -> None:
        """The pose of the next frame."""
        if self._stand and not self._views:
            self._views.extend([(pose.turn, pose.shift)] * _SETTLED)
        self._poses.append(pose)

    def settle(self) -> Placement:
        """Fix and give out the placement of the first frame that has none."""
        first = self._poses[0]
        turns, shifts = self._relative([(pose.turn, pose.shift) for pose in self._poses], first)
        before = self._relative(list(self._views), first)
        views = self._path(turns, shifts, before)
        while self.room < self._most and self._unrest(views, before) > _STEADY:
            self.room = min(self._most, self.room * _WIDER)
            views = self._path(turns, shifts, before)
        to_frame = self._to_frame(turns, shifts, *views)
        zoom = self._zoom(to_frame)
        view = complex(views[0][0]) * first.turn, complex(views[0][0] * first.shift + views[1][0])
        self._views.append(view)
        self._zooms.append(float(np.log(zoom)))
        self._poses.popleft()
        matrix = np.diag([zoom, zoom, 1.0]) @ np.linalg.inv(to_frame[0])
        moved = complex(to_frame[0][0, 2], to_frame[0][1, 2])
        return Placement(matrix=matrix / matrix[2, 2], zoom=zoom, moved=moved)

    @staticmethod
    def _relative(maps: list[tuple[complex, complex]], first: Pose) -> tuple[Complex, Complex]:
        """The maps from the scene as maps from the first frame of the window."""
        turns = np.array([turn for turn, _ in maps], complex) / first.turn
        return turns, np.array([shift for _, shift in maps], complex) - turns * first.shift

    def _unrest(self, views: tuple[Complex, Complex], before: tuple[Complex, Complex]) -> float:
        """Mean change of speed at the middle and at the rim, per frame, of the larger side."""
        turns, shifts = np.concatenate([before[0], views[0]]), np.concatenate([before[1], views[1]])
        bent = np.diff(np.stack([-shifts / turns, self._half.max() * np.log(turns)]), n=2)
        return float(np.sqrt(np.square(np.abs(bent)).sum(axis=0).mean()) / (2 * self._half.max())) if bent.size else 0.0

    def _path(self, turns: Complex, shifts: Complex, before: tuple[Complex, Complex]) -> tuple[Complex, Complex]:
        """The steady maps for these, going on from those before."""
        weights = _STANDING if self._stand else WEIGHTS
        count = len(before[0])
        angle = np.unwrap(np.concatenate([np.angle(before[0]), np.angle(turns)]))
        zoom = np.log(np.abs(np.concatenate([before[0], turns])))

        def path(values: Float64, room: Float64) -> Float64:
            now, settled = values[count:], values[:count]
            aim = np.full_like(now, settled[-1]) if self._stand else now  # what stands stands until it must go
            return steady(aim, now - room, now + room, settled=settled, weights=weights, pull=_PULL)

        flat = self._half.min() / self._half.max()
        new_angle = path(angle, np.full(len(turns), _TURN_SHARE * 2 * self.room * flat))
        new_zoom = path(zoom, np.full(len(turns), -np.log(1 - _ZOOM_SHARE * 2 * self.room)))
        places = np.concatenate([-before[1] / before[0], -shifts / turns])  # of the frames' middles
        room = self._room_left(turns, np.exp(zoom[count:] - new_zoom), angle[count:] - new_angle)
        x, y = path(places.real, room[:, 0]), path(places.imag, room[:, 1])
        new_turns = np.exp(new_zoom + 1j * new_angle)
        return new_turns, -new_turns * (x + 1j * y)

    def _room_left(self, turns: Complex, larger: Float64, turned: Float64) -> Float64:
        """(N, 2) how far x and y may go either way, in the window's coordinates."""
        rim = np.array([[x, y, 1] for x in (-1, 1) for y in (-1, 1)]) * [*self._half, 1]
        bent = np.stack([pose.bend for pose in self._poses]) @ rim.T - rim.T
        reach = np.abs(bent[:, :2]).max(axis=2) + np.abs(bent[:, 2]).max(axis=1)[:, None] * self._half
        across = np.abs(np.cos(turned))[:, None] * self._half + np.abs(np.sin(turned))[:, None] * self._half[::-1]
        left = (
            np.maximum(self._half - reach - larger[:, None] * (1 - 2 * self.room) * across, 0) / np.abs(turns)[:, None]
        )
        cos, sin = np.abs(np.cos(np.angle(turns)))[:, None], np.abs(np.sin(np.angle(turns)))[:, None]
        upright = (cos * left - sin * left[:, ::-1]) / np.maximum(
            cos**2 - sin**2, 1e-6
        )  # the box within the turned box
        square = np.broadcast_to(left.min(axis=1, keepdims=True) / (cos + sin), left.shape)
        good = (upright.min(axis=1, keepdims=True) > 0) & (cos > 1.2 * sin)
        return np.asarray(np.where(good, upright, square))

    def _to_frame(self, turns: Complex, shifts: Complex, views: Complex, view_shifts: Complex) -> Float64:
        """(N, 3, 3) picture without crop -> frame."""
        turn = turns / views
        shift = shifts - turn * view_shifts
        matrices = np.zeros((len(turn), 3, 3))
        matrices[:, 0, 0] = matrices[:, 1, 1] = turn.real
        matrices[:, 1, 0], matrices[:, 0, 1] = turn.imag, -turn.imag
        matrices[:, 0, 2], matrices[:, 1, 2], matrices[:, 2, 2] = shift.real, shift.imag, 1
        return np.stack([pose.bend for pose in self._poses]) @ matrices

    def _zoom(self, to_frame: Float64) -> float:
        """The zoom of the first frame: slow, and enough for this frame and those that come."""
        if not self._crop:
            return 1.0
        needed = np.log(self.needed(to_frame))
        high = np.maximum(needed, -np.log(1 - 2 * self.room))
        path = steady(needed, needed, high, settled=np.array(self._zooms), weights=_STANDING, level=_CROP_LEVEL)
        return float(np.exp(path[0]))

    def needed(self, to_frame: Float64) -> Float64:
        """(N,) the least zoom at which all four corners of the picture are inside the frame."""
        corners = np.array([[x, y] for x in (-1, 1) for y in (-1, 1)]) * self._half
        low, high = np.ones(len(to_frame)), np.full(len(to_frame), 8.0)
        for _ in range(26):
            zoom = np.sqrt(low * high)
            points = corners / zoom[:, None, None]
            mapped = points @ to_frame[:, :2, :2].transpose(0, 2, 1) + to_frame[:, None, :2, 2]
            depth = points @ to_frame[:, 2, :2, None] + 1
            inside = (np.abs(mapped / depth) <= self._half + 1e-3).all(axis=(1, 2))
            low, high = np.where(inside, low, zoom), np.where(inside, zoom, high)
        return np.asarray(np.where(high < 1 + 1e-6, 1.0, high))
