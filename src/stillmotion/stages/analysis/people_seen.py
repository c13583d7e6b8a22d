"""Faces and bodies of the picture, by the networks of people; nobody where their weights are not at hand.

    picture ─▶ faces ─mapped twice▶ sure faces ─▶ squares of people ─mapped twice▶ sure bodies
    sight ────────people's masks────────────────────────┘

The first look says where to look; the second is taken along what the first found. Points and bodies cost time only
where there is a face or a person.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.models.people import MappedBody, PeopleNetworks, overlap, people_networks
from stillmotion.models.people_points import upright_square
from stillmotion.models.scene import Sight
from stillmotion.types import Body, Face, Float64, UInt8

MOST_FACES, MOST_BODIES = 12, 6
_FACE, _POINT, _BODY = 0.5, 0.25, 0.5  # least confidence
_SURE = 0.6  # of a face that decides how a photo is cropped
_SAME, _SEEN, _SAME_BODY = 0.4, 0.7, 0.1  # intersection over union of boxes; distance in sizes of the body
_ROOM = 1.38  # side of a body's square, in lengths of the body: as in training
_LEAST_ROOM = 0.6  # of the first square: what is not sure at once may be there all the same
_BELOW = (2.0, 7.0)  # sides of squares below a face, in heights of the face

Box = tuple[float, float, float, float]
Square = tuple[tuple[float, float], float]  # middle, side


def find_people(picture: UInt8, sight: Sight | None) -> tuple[tuple[Face, ...], tuple[Body, ...]]:
    """Faces and bodies of a picture (H, W, 3), the surest first.

    Args:
        sight: what the scene network sees, if it looked: shows people whose face is not seen.
    """
    networks = _networks()
    if networks is None:
        return (), ()
    faces = _faces(picture, networks)
    people = people_boxes(sight, picture) if sight is not None else []
    return faces, _bodies(picture, faces, people, networks)


def heads_with_hair(picture: UInt8) -> tuple[Box, ...]:
    """Boxes x, y, width, height in pixels of a picture's (H, W, 3) sure faces with their hair, the largest first."""
    networks = _networks()
    faces = [face for face in _faces(picture, networks) if face.confidence >= _SURE] if networks is not None else []
    boxes = [face.box for face in sorted(faces, key=lambda face: -face.box[2] * face.box[3])]
    return tuple((x - 0.1 * w, y - 0.45 * h, 1.2 * w, 1.55 * h) for x, y, w, h in boxes)


def _networks() -> PeopleNetworks | None:
    try:
        return people_networks()
    except WeightsMissing:
        return None


def _faces(picture: UInt8, networks: PeopleNetworks) -> tuple[Face, ...]:
    kept: list[Face] = []
    for found in networks.find(picture, least=_FACE**2)[:MOST_FACES]:
        first = networks.map_face(picture, found)
        turn, centre, side = upright_square(first.points)
        if np.sqrt(found.confidence * first.presence) < _FACE or side <= 0:
            continue
        mapped = networks.map_crop(picture, turn, centre, side)
        confidence = float(np.sqrt(found.confidence * min(first.presence, mapped.presence)))
        box = _box(mapped.points)
        if confidence >= _FACE and all(overlap(box, other.box) < _SAME for other in kept):
            kept.append(
                Face(
                    box=box, landmarks=mapped.points.astype(np.float32), visibility=mapped.visible,
                    turn_deg=float(np.degrees(upright_square(mapped.points)[0])), confidence=confidence,
                )
            )  # fmt: skip
    return tuple(sorted(kept, key=lambda face: -face.confidence))


def _bodies(picture: UInt8, faces: tuple[Face, ...], people: list[Box], networks: PeopleNetworks) -> tuple[Body, ...]:
    kept, seen = list[Body](), list[Box]()
    for centre, side in _squares(faces, people):
        first = _known(networks.map_body(picture, centre, side))
        if first is None:
            continue
        x, y, width, height = box = _box(first)
        if any(overlap(box, other) > _SEEN for other in seen):
            continue
        seen.append(box)
        mapped = networks.map_body(
            picture, (x + width / 2, y + height / 2), max(_ROOM * max(width, height), _LEAST_ROOM * side)
        )
        known = _known(mapped)
        if known is None:
            continue
        confidence = float(np.sort(mapped.confidence)[-6:].mean())
        body = Body(
            box=_box(known), points=mapped.points.astype(np.float32), visibility=mapped.confidence,
            face=_face_of(mapped, faces), confidence=confidence,
        )  # fmt: skip
        if confidence >= _BODY:
            kept.append(body)
    alone: list[Body] = []
    for body in sorted(kept, key=lambda b: -float(b.visibility.sum())):
        if all(_apart(body, other) > _SAME_BODY for other in alone):
            alone.append(body)
    return tuple(sorted(alone, key=lambda b: -b.confidence)[:MOST_BODIES])


def _squares(faces: tuple[Face, ...], people: list[Box]) -> list[Square]:
    """Where people may be: masks of people, then below faces that no mask of one's own holds."""
    squares: list[Square] = []
    alone = [[face for face in faces if _within(face, box)] for box in people]
    squares += [((x + w / 2, y + h / 2), 1.15 * max(w, h)) for x, y, w, h in people]
    held = {id(inside[0]) for inside in alone if len(inside) == 1}
    for face in faces[:MOST_BODIES]:
        if id(face) not in held:
            x, y, width, height = face.box
            squares += [((x + width / 2, y - 0.5 * height + side * height / 2), side * height) for side in _BELOW]
    return squares


def people_boxes(sight: Sight, picture: UInt8) -> list[Box]:
    """Boxes x, y, width, height of connected people that a picture's sight shows, the largest first, at most four."""
    share = sight.share("person")
    count, _, stats, _ = cv2.connectedComponentsWithStats((share > 0.4).astype(np.uint8))
    fx, fy = picture.shape[1] / share.shape[1], picture.shape[0] / share.shape[0]
    large = [s.tolist() for s in stats[1:count] if s[cv2.CC_STAT_AREA] > 0.004 * share.size]
    large.sort(key=lambda s: -s[cv2.CC_STAT_AREA])
    return [(s[0] * fx, s[1] * fy, s[2] * fx, s[3] * fy) for s in large[:4]]


def _known(body: MappedBody) -> Float64 | None:
    """The points that are sure; None where they are too few to be a person."""
    sure = body.confidence > _POINT
    return body.points[sure] if int(sure.sum()) >= 4 else None


def _face_of(body: MappedBody, faces: tuple[Face, ...]) -> int | None:
    """The face that the nose and the eyes of a body lie in."""
    head, sure = body.points[:3], body.confidence[:3]
    if float(sure.max()) < _POINT:
        return None
    x, y = np.average(head, axis=0, weights=sure)
    inside = [i for i, f in enumerate(faces) if 0 < x - f.box[0] < f.box[2] and 0 < y - f.box[1] < f.box[3]]
    return min(inside, key=lambda i: faces[i].box[2]) if inside else None


def _apart(a: Body, b: Body) -> float:
    """Mean distance of the points that both are sure of, in lengths of the larger; far where there are none."""
    both = (a.visibility > _POINT) & (b.visibility > _POINT)
    if not both.any():
        return 1.0
    size = max(*a.box[2:], *b.box[2:], 1.0)
    return float(np.linalg.norm(a.points[both] - b.points[both], axis=1).mean()) / size


def _within(face: Face, box: Box) -> bool:
    x, y = face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2
    return box[0] < x < box[0] + box[2] and box[1] - face.box[3] < y < box[1] + box[3]


def _box(points: Float64) -> Box:
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
