"""The camera rule of VBench-I2V: which of seven camera commands a viewer sees. Knows tracks only.

Formula (Huang et al. 2024, VBench++, `camera_motion`): a 10 x 10 grid of points is tracked from the first to the last
frame; only the points nearest the middle of the four edges count. Each has a direction (left, right, up, down, two of
them when diagonal) if it moved by more than 0.005 min(H, W). The pairs (top, bottom) and (left, right)
name the command: both left is pan_right, both right pan_left, both down tilt_up, both up tilt_down, apart zoom_in,
together zoom_out, both still static. The score of a command is 1 when it is among those seen.

VBench tracks with CoTracker; here it is Lucas-Kanade, and a point that leaves the frame or stands on bare ground is
carried on by the affine motion of the points around it. VBench cuts its points to whole pixels; here they keep their
fractions, so that the rule means the same at any size. Say "VBench camera rule, LK tracks" beside the number.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from stillmotion.evaluation.tracks import Step, follow, local_affine
from stillmotion.types import Float64, UInt8

Command = Literal["pan_left", "pan_right", "tilt_up", "tilt_down", "zoom_in", "zoom_out", "static"]
COMMANDS: tuple[Command, ...] = get_args(Command)
Told = tuple[bool, bool]  # whether the pair top and bottom, and the pair left and right, can be judged by
THRESHOLD = 0.005  # of the shorter side

_WINDOW = 10  # pixels around a point
_BARE = 2.0  # levels of 8 bits; less contrast than this is noise
_MOST_BLIND = 0.25  # of the frames

_BOTH: dict[tuple[str, str], Command] = {
    ("left", "left"): "pan_right",
    ("right", "right"): "pan_left",
    ("down", "down"): "tilt_up",
    ("up", "up"): "tilt_down",
    ("still", "still"): "static",
}
_UPRIGHT: dict[tuple[str, str], Command] = {**_BOTH, ("up", "down"): "zoom_in", ("down", "up"): "zoom_out"}
_LEVEL: dict[tuple[str, str], Command] = {**_BOTH, ("left", "right"): "zoom_in", ("right", "left"): "zoom_out"}


def edge_points(width: int, height: int) -> Float64:
    """(4, 2) top, bottom, left, right: the points of VBench's grid whose motion counts.

    The grid is CoTracker's: 10 x 10 points with a margin of W/64, of which row and column 5 (counted from 0) are taken.
    """
    margin = width / 64
    x, y = np.linspace(margin, width - margin, 10), np.linspace(margin, height - margin, 10)
    return np.array([[x[5], y[0]], [x[5], y[9]], [x[0], y[5]], [x[9], y[5]]])


def commands_seen(
    first: Float64, last: Float64, *, width: int, height: int, threshold: float = THRESHOLD, told: Told = (True, True)
) -> frozenset[Command]:
    """The commands a viewer sees, from the four edge points (4, 2) in the first and the last frame; may be empty.

    `told` says whether top with bottom, and left with right, are to be judged by.
    """
    limit = threshold * min(width, height)
    top, bottom, left, right = (_directions(vector, limit) for vector in last - first)
    seen = {_UPRIGHT[pair] for pair in _pairs(top, bottom) if pair in _UPRIGHT and told[0]}
    seen |= {_LEVEL[pair] for pair in _pairs(left, right) if pair in _LEVEL and told[1]}
    return frozenset(seen - {"static"} or seen)


def _directions(vector: Float64, limit: float) -> list[str]:
    x, y = vector
    level = ["right"] if x > limit else ["left"] if x < -limit else []
    upright = ["down"] if y > limit else ["up"] if y < -limit else []
    return level + upright or ["still"]


def _pairs(one: list[str], other: list[str]) -> list[tuple[str, str]]:
    return [(a, b) for a in one for b in other]


def commands_wanted(
    first: Float64, last: Float64, *, width: int, height: int, told: Told = (True, True)
) -> frozenset[Command]:
    """The commands that a commanded motion of the edge points (4, 2) must show; empty when it is too slight to tell.

    What passes the threshold only just, within a factor of 2.5 either way, is neither demanded nor static.
    """
    size = {"width": width, "height": height}
    sure = commands_seen(first, last, **size, threshold=2.5 * THRESHOLD, told=told) - {"static"}
    any_at_all = commands_seen(first, last, **size, threshold=THRESHOLD / 2.5, told=told)
    return any_at_all if any_at_all == {"static"} else sure


def _is_bare(picture: UInt8, at: Float64) -> bool:
    """Whether nothing around a point (2,) of a picture (H, W) can be followed."""
    x, y = (max(0, round(float(value))) for value in at)
    window = picture[max(0, y - _WINDOW) : y + _WINDOW + 1, max(0, x - _WINDOW) : x + _WINDOW + 1]
    return window.size == 0 or float(window.std()) < _BARE


class EdgeWatch:
    """Follows the four edge points through a video, frame by frame."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.first = edge_points(width, height)
        self.points = self.first.copy()
        self._last: UInt8 | None = None
        self._steps = 0
        self._blind = np.zeros(4, np.int64)

    def see(self, picture: UInt8, step: Step) -> None:
        """Take the next frame (H, W) uint8 and the step of a `Tracker` into it."""
        if self._last is not None:
            found, kept = follow(self._last, picture, self.points.astype(np.float32))
            reach = 0.15 * self.width
            self._steps += 1
            for i, now in enumerate(self.points):
                carried = local_affine(step, now, reach_px=reach)
                around = int((np.hypot(*(step.before - now).T) < reach).sum())
                self._blind[i] += around < 3 and _is_bare(self._last, now)
                # A flat or slipping window is told from its surroundings, which it may leave by so much a frame.
                slack = 0.005 * self.width + 0.5 * float(np.linalg.norm(carried - now))
                agrees = len(step.ids) < 3 or float(np.linalg.norm(found[i] - carried)) < slack
                self.points[i] = found[i] if kept[i] and agrees else carried
        self._last = picture

    @property
    def told(self) -> Told:
        """Which pairs, upright and level, had something to be followed by, themselves or around, nearly all the way."""
        top, bottom, left, right = (self._blind <= _MOST_BLIND * self._steps).tolist()
        return top and bottom, left and right

    def commands(self) -> frozenset[Command]:
        """What was seen from the first frame to the last one taken."""
        return commands_seen(self.first, self.points, width=self.width, height=self.height)
