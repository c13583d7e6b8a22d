"""Faces and bodies of the picture, by the networks of people; nobody where their weights are not at hand.

    picture ─▶ faces ─mapped twice▶ sure faces ─▶ places, some squares each ─the best, then again▶ sure bodies
    sight ────────people's masks──────────────────────────┘

Of several squares at a place the one counts in which most of a body is seen; the second look is taken along what the
first found. Points and bodies cost time only where there is a face or a person.
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
_FACE, _POINT, _BODY = 0.5, 0.25, 0.55  # least confidence
_WITH_FACE, _WITHOUT_FACE = 6, 10  # points that must be seen: a head alone is nobody, unless it has a face
_SURE = 0.6  # of a face that decides how a photo is cropped
_SAME, _SAME_BODY = 0.4, 0.1  # intersection over union of boxes; distance in sizes of the body
_ROOM = 1.38  # side of a body's square, in lengths of the body: as in training
_LEAST_ROOM = 0.6  # of the first square: what is not sure at once may be there all the same
_BELOW = (4.5, 7.5, 3.0, 10.0)  # sides of squares below a face, in heights of the face, the likeliest first
_ROOMS = (1.3, 1.9)  # sides of squares about a mask of people, in lengths of it
_LOOKS = 12  # at most, for all that may be there, before the second look at each

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
    """Of every place where somebody may be, the square in which most is seen; looked at again about what was seen."""
    kept = list[Body]()
    places = _places(faces, people)
    for squares in places:
        looks = [networks.map_body(picture, *square) for square in squares[: max(1, _LOOKS // len(places))]]
        mapped, (_, side) = max(zip(looks, squares, strict=False), key=lambda look: _seen_of(look[0]))
        first = _known(mapped)
        if first is None:
            continue
        x, y, width, height = _box(first)
        again = networks.map_body(
            picture, (x + width / 2, y + height / 2), max(_ROOM * max(width, height), _LEAST_ROOM * side)
        )
        mapped = max(mapped, again, key=_seen_of)
        known = _known(mapped)
        face = _face_of(mapped, faces)
        confidence = float(np.sort(mapped.confidence)[-(_WITHOUT_FACE if face is None else _WITH_FACE) :].mean())
        if known is not None and confidence >= _BODY:
            kept.append(
                Body(
                    box=_box(known), points=mapped.points.astype(np.float32), visibility=mapped.confidence,
                    face=face, confidence=confidence,
                )
            )  # fmt: skip
    alone: list[Body] = []
    for body in sorted(kept, key=lambda b: -float(b.visibility.sum())):
        if all(_apart(body, other) > _SAME_BODY for other in alone):
            alone.append(body)
    return tuple(sorted(alone, key=lambda b: -b.confidence)[:MOST_BODIES])


def _seen_of(body: MappedBody) -> float:
    """How much of a body is seen: more points, or surer ones."""
    return float(body.confidence.sum())


def _places(faces: tuple[Face, ...], people: list[Box]) -> list[list[Square]]:
    """Where somebody may be, each with the squares to look at: below faces, and masks of people without a face."""
    places: list[list[Square]] = []
    for face in faces[:MOST_BODIES]:
        x, y, width, height = face.box
        own = [box for box in people if [f for f in faces if _within(f, box)] == [face]]
        squares = [((bx + bw / 2, by + bh / 2), 1.15 * max(bw, bh)) for bx, by, bw, bh in own[:1]]
        squares += [((x + width / 2, y - 0.5 * height + side * height / 2), side * height) for side in _BELOW]
        places.append(squares)
    for box in people:
        if len([face for face in faces if _within(face, box)]) != 1:  # nobody's face, or several who stand together
            x, y, w, h = box
            places.append([((x + w / 2, y + h / 2), room * max(w, h)) for room in _ROOMS])
    return places


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
