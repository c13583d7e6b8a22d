"""Faces and bodies as JSON and as lines over a picture. Knows what was found; finds nothing."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from stillmotion.models.people_points import BODY, FACE, LIMBS
from stillmotion.types import Body, Face, Float32, Scene, UInt8

_SEEN = 0.3  # visibility from which on a point of a body is drawn
_CLOSED = ("right_eye", "left_eye", "outer_lips", "inner_lips")
_FACE_COLOUR, _MARK_COLOUR, _HIDDEN_COLOUR = (90, 255, 140), (80, 220, 255), (150, 150, 150)
_RIGHT_COLOUR, _LEFT_COLOUR = (255, 140, 60), (90, 160, 255)


def people_json(scene: Scene) -> dict[str, Any]:  # Any: JSON
    """What is known of people: canvas pixels, confidences in [0, 1], names of the points in order."""
    return {
        "size": [scene.photo.shape[1], scene.photo.shape[0]],
        "landmarks": {name: [FACE.slice(name).start, FACE.slice(name).stop] for name, _ in FACE.groups},
        "points": list(BODY),
        "faces": [
            {
                "box": _rounded(face.box), "confidence": round(face.confidence, 3),
                "turn_deg": round(face.turn_deg, 1), "landmarks": _rounded(face.landmarks),
                "visibility": np.round(face.visibility.astype(np.float64), 2).tolist(),
            }
            for face in scene.faces
        ],
        "bodies": [
            {
                "box": _rounded(body.box), "confidence": round(body.confidence, 3), "face": body.face,
                "points": _rounded(body.points),
                "visibility": np.round(body.visibility.astype(np.float64), 2).tolist(),
            }
            for body in scene.bodies
        ],
    }  # fmt: skip


def draw_people(picture: UInt8, faces: tuple[Face, ...], bodies: tuple[Body, ...], scale: float) -> None:
    """Draw into a picture (h, w, 3) that is `scale` times as large as the one they were found in."""
    for body in bodies:
        _draw_body(picture, body, scale)
    for face in faces:
        _draw_face(picture, face, scale)


def _draw_body(picture: UInt8, body: Body, scale: float) -> None:
    points = _pixels(body.points * scale)
    for a, b in LIMBS:
        if min(body.visibility[a], body.visibility[b]) > _SEEN:
            colour = _RIGHT_COLOUR if BODY[b].startswith("right") else _LEFT_COLOUR
            cv2.line(picture, points[a], points[b], colour, 2, cv2.LINE_AA)
    for point, seen in zip(points, body.visibility, strict=True):
        if seen > _SEEN:
            cv2.circle(picture, point, 2, (255, 255, 255), -1, cv2.LINE_AA)


def _draw_face(picture: UInt8, face: Face, scale: float) -> None:
    x, y, width, height = (v * scale for v in face.box)
    corners = _pixels(np.array([(x, y), (x + width, y + height)], np.float32))
    cv2.rectangle(picture, corners[0], corners[1], _FACE_COLOUR, 1, cv2.LINE_AA)
    text = f"{face.confidence:.2f}"
    cv2.putText(
        picture, text, (corners[0][0], corners[0][1] - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.35, _FACE_COLOUR, 1, cv2.LINE_AA
    )
    points = _pixels(face.landmarks * scale)
    for name in _CLOSED if width > 40 else ():
        outline = np.array(points[FACE.slice(name)], np.int32)
        cv2.polylines(picture, [outline], isClosed=True, color=_MARK_COLOUR, thickness=1, lineType=cv2.LINE_AA)
    for point, seen in zip(points, face.visibility, strict=True):
        cv2.circle(picture, point, 1, _FACE_COLOUR if seen > 0.5 else _HIDDEN_COLOUR, -1)


def _pixels(points: Float32) -> list[tuple[int, int]]:
    at = np.clip(np.round(points), -30000, 30000).astype(int)
    return [(int(x), int(y)) for x, y in at]


def _rounded(values: Float32 | tuple[float, ...]) -> list[Any]:  # Any: numbers, or lists of them
    rounded: list[Any] = np.round(np.asarray(values, np.float64), 1).tolist()
    return rounded
