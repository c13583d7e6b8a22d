"""The points of faces and bodies: their names and order, and how a face is turned. Knows numbers only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.types import Float64


@dataclass(frozen=True, slots=True)
class Points:
    """Named groups of points, one after the other."""

    groups: tuple[tuple[str, int], ...]  # name, how many

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(count for _, count in self.groups)

    def slice(self, name: str) -> slice:
        """Where a group is.

        Raises:
            KeyError: there is no such group.
        """
        at = 0
        for each, count in self.groups:
            if each == name:
                return slice(at, at + count)
            at += count
        raise KeyError(name)


FACE = Points(
    (
        ("oval", 36), ("right_brow", 10), ("left_brow", 10), ("right_eye", 16), ("left_eye", 16), ("nose", 16),
        ("outer_lips", 20), ("inner_lips", 20), ("right_iris", 5), ("left_iris", 5),
    )
)  # fmt: skip
"""The points of a face. Right is the person's right; ovals and lips run around, irises are centre, right, top, left,
bottom as seen in the picture."""
BODY = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
"""The key points of a body, as COCO has them."""
LIMBS = (
    (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (11, 13),
    (13, 15), (12, 14), (14, 16),
)  # fmt: skip
"""Key points that a line joins."""
MARGIN = 1.4  # side of a face's crop, in lengths of the face


def eyes_and_mouth(points: Float64) -> Float64:
    """(3, 2) of the points (154, 2) of a face: right eye, left eye, mouth."""
    eyes = (points[FACE.slice(f"{side}_iris")].mean(axis=0) for side in ("right", "left"))
    return np.stack([*eyes, points[FACE.slice("outer_lips")].mean(axis=0)])


def turn_of(marks: Float64) -> float:
    """How far a face is turned in the picture, radians, clockwise as seen; of its eyes and mouth (3, 2).

    The line between the eyes and the line down to the mouth both tell; in profile the eyes are near each other.
    """
    across = marks[1] - marks[0]
    down = marks[2] - (marks[0] + marks[1]) / 2
    x, y = across[0] + down[1], across[1] - down[0]
    return float(np.arctan2(y, x))


def upright_square(points: Float64) -> tuple[float, tuple[float, float], float]:
    """How far a face (154, 2) is turned, the middle of its box along that, and the side of its crop."""
    turn = turn_of(eyes_and_mouth(points))
    c, s = np.cos(turn), np.sin(turn)
    back = np.array([[c, -s], [s, c]])
    along = points @ back
    low, high = along.min(axis=0), along.max(axis=0)
    x, y = back @ ((low + high) / 2)
    return turn, (float(x), float(y)), MARGIN * float((high - low).max())
