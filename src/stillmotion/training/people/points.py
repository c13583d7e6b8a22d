"""Which points of a face and of a body our networks learn, and which are which in a mirror. Knows numbers only.

A face: 154 of the teacher's 468 mesh points and its irises, in groups. "Right" is the person's right.
A body: the 17 key points of COCO.
"""

from __future__ import annotations

import numpy as np

from stillmotion.models.people_points import BODY, FACE

_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
_RIGHT_BROW = (46, 53, 52, 65, 55, 70, 63, 105, 66, 107)
_LEFT_BROW = (276, 283, 282, 295, 285, 300, 293, 334, 296, 336)
_RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
_NOSE = (168, 6, 197, 195, 5, 4, 1, 2, 98, 97, 64, 48, 327, 326, 294, 278)
_OUTER_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_INNER_LIPS = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
MESH = _OVAL + _RIGHT_BROW + _LEFT_BROW + _RIGHT_EYE + _LEFT_EYE + _NOSE + _OUTER_LIPS + _INNER_LIPS
"""The mesh point that each of our points is; the ten of the irises come after them."""
EYE_CORNERS = ((33, 133), (362, 263))
"""Of the mesh, right and left eye, left to right in a picture."""
OVAL = _OVAL


def _mirrored() -> np.ndarray:
    order = np.arange(FACE.count)

    def swap(one: str, other: str) -> None:
        order[FACE.slice(one)] = np.arange(FACE.count)[FACE.slice(other)]
        order[FACE.slice(other)] = np.arange(FACE.count)[FACE.slice(one)]

    def turn(name: str, first: int) -> None:
        part = FACE.slice(name)
        count = part.stop - part.start
        order[part] = part.start + (first - np.arange(count)) % count

    swap("right_brow", "left_brow")
    swap("right_eye", "left_eye")
    swap("right_iris", "left_iris")
    for side in ("right_iris", "left_iris"):  # centre, right, top, left, bottom
        order[FACE.slice(side)] = order[FACE.slice(side)][[0, 3, 2, 1, 4]]
    turn("oval", 0)
    turn("outer_lips", 10)
    turn("inner_lips", 10)
    nose = FACE.slice("nose").start
    order[nose + 8 : nose + 16] = nose + np.array([12, 13, 14, 15, 8, 9, 10, 11])
    return order


FACE_MIRROR = _mirrored()
"""Point i of a mirrored face is point FACE_MIRROR[i] of the face."""
BODY_MIRROR = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
"""How far people disagree on each key point of COCO, in units of the root of the body's area."""
assert len(BODY) == len(BODY_MIRROR) == len(SIGMAS)
