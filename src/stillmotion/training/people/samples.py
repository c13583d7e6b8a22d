"""Crops to learn from: labels move with the picture through every turn, mirror and cover. Arrays only.

    a picture ─crop, turn, mirror▶ ─things before it▶ ─light, blur, noise, JPEG▶ picture and target of one network

Everything is drawn by the generator that is given, so a run that is taken up again sees what it would have seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.models.crops import cut, moved, square_matrix
from stillmotion.models.people import BODY_SIDE, FACE_SIDE, FINDER_CHANNELS, FINDER_STEP, HEAT_STEP
from stillmotion.models.people_points import BODY, FACE, MARGIN, eyes_and_mouth, upright_square
from stillmotion.training.people.label import box_of
from stillmotion.training.people.labels import Face, Labelled
from stillmotion.training.people.points import BODY_MIRROR, FACE_MIRROR

FINDER_SIDE = 192
"""Pixels of the crops that the finder learns from; it runs at any size."""
_LEAST_FACE = 7.0  # pixels; what is smaller is neither taught nor denied
_MOST_ENLARGED = 2.5


@dataclass(frozen=True, slots=True)
class Pool:
    """Where each kind of sample is drawn from."""

    pictures: list[Labelled]
    with_faces: list[int]  # pictures
    sure_faces: list[tuple[int, int]]  # picture, face
    bodies: list[tuple[int, int]]
    empty: list[int]  # pictures without faces, bodies and doubts
    mistakes: list[tuple[int, int]]  # picture, what a finder wrongly took for a face

    @classmethod
    def of(cls, pictures: list[Labelled]) -> Pool:
        """Sort pictures by what they are good for."""
        numbered = list(enumerate(pictures))
        return cls(
            pictures,
            [i for i, p in numbered if p.faces],
            [(i, k) for i, p in numbered for k, face in enumerate(p.faces) if face.sure and _extent(face.points) > 20],
            [(i, k) for i, p in numbered for k, body in enumerate(p.bodies) if _more_than_a_head(body)],
            [i for i, p in numbered if not p.faces and not p.bodies and not len(p.perhaps)],
            [(i, k) for i, p in numbered for k in range(len(p.mistakes))],
        )


def _extent(points: np.ndarray) -> float:
    return float((points.max(axis=0) - points.min(axis=0)).max())


def _more_than_a_head(body: np.ndarray) -> bool:
    """Whether a body is large enough and shows some of its trunk and limbs: of heads alone the teacher knows little."""
    sure = body[:, 2] > 0.3
    return bool((sure[5:].sum() >= 4 or sure[:7].all()) and sure[5:7].any() and _extent(body[sure, :2]) > 40)


def _mirror(matrix: np.ndarray, size: int) -> np.ndarray:
    return np.array([[-1.0], [1.0]]) * matrix + np.array([[0, 0, size], [0, 0, 0]])


# -- faces in a picture ----------------------------------------------------------------------------------------------


def finder_sample(pool: Pool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(192, 192, 3) uint8 and (13, 24, 24): heat, box, eyes and mouth; then weights of heat and of the rest."""
    chosen = pool.with_faces if rng.random() < 0.7 else pool.empty if rng.random() < 0.5 else range(len(pool.pictures))
    picture = pool.pictures[chosen[int(rng.integers(len(chosen)))]]
    height, width = picture.rgb.shape[:2]
    if picture.faces and rng.random() < 0.9:
        face = picture.faces[int(rng.integers(len(picture.faces)))]
        real, middle = _extent(face.points), face.points.mean(axis=0)
        wanted = float(np.exp(rng.uniform(np.log(10), np.log(150))))
        side = min(FINDER_SIDE * real / min(wanted, _MOST_ENLARGED * real), 1.25 * max(height, width))
        centre = middle + rng.uniform(-0.5, 0.5, 2) * max(side - 0.6 * real, 0)
    else:
        side = float(np.exp(rng.uniform(np.log(0.35), np.log(1.2)))) * max(height, width)
        centre = rng.uniform(0, 1, 2) * (width, height)
    turn = float(rng.normal(0, 0.12)) if rng.random() < 0.8 else float(rng.normal(0, 0.6))
    matrix = square_matrix((float(centre[0]), float(centre[1])), side, turn, FINDER_SIDE)
    mirrored = rng.random() < 0.5
    matrix = _mirror(matrix, FINDER_SIDE) if mirrored else matrix
    crop = developed(cut(picture.rgb, matrix, (FINDER_SIDE, FINDER_SIDE)), rng)
    return crop, finder_target(picture, matrix, mirrored)


def finder_target(picture: Labelled, matrix: np.ndarray, mirrored: bool) -> np.ndarray:
    """See `finder_sample`."""
    grid = FINDER_SIDE // FINDER_STEP
    target = np.zeros((FINDER_CHANNELS + 2, grid, grid), np.float32)
    target[-2] = 1
    centres = FINDER_STEP * (np.stack(np.meshgrid(np.arange(grid), np.arange(grid))) + 0.5)
    for x, y, w, h in picture.perhaps:
        corners = moved(np.array([(x, y), (x + w, y), (x, y + h), (x + w, y + h)]), matrix)
        _mask(target[-2], box_of(corners), 0.25)
    for face in picture.faces:
        points = moved(face.points, matrix)
        points = points[FACE_MIRROR] if mirrored else points
        x, y, w, h = box_of(points)
        middle, size = np.array([x + w / 2, y + h / 2]), max(float(w), float(h))
        if not (-0.1 * w < middle[0] < FINDER_SIDE + 0.1 * w and -0.1 * h < middle[1] < FINDER_SIDE + 0.1 * h):
            continue
        if size < _LEAST_FACE:
            _mask(target[-2], np.array([x, y, w, h]), 0.5)
            continue
        spread = np.array([max(0.16 * w, 0.45 * FINDER_STEP), max(0.16 * h, 0.45 * FINDER_STEP)])
        off = (centres - middle[:, None, None]) / spread[:, None, None]
        heat = np.exp(-0.5 * (off**2).sum(axis=0))
        j, i = (int(np.clip(v // FINDER_STEP, 0, grid - 1)) for v in middle)
        heat[i, j] = 1
        target[-2, i, j] = 1
        ours = (heat > 0.5) & (heat >= target[0])
        target[0] = np.maximum(target[0], heat)
        marks = eyes_and_mouth(points)
        for channel, value in enumerate((*middle, *marks.ravel())):
            at = channel + 1 if channel < 2 else channel + 3
            offset = value - centres[channel % 2]
            target[at][ours] = (offset / (FINDER_STEP if channel < 2 else size))[ours]
        target[3][ours], target[4][ours] = np.log(w / FINDER_STEP), np.log(h / FINDER_STEP)
        target[-1][ours] = heat[ours]
    return target


def _mask(weight: np.ndarray, box: np.ndarray, margin: float) -> None:
    """No weight in a box and around it."""
    x, y, w, h = box / FINDER_STEP
    rows = slice(max(0, int(y - margin * h)), max(0, int(np.ceil(y + (1 + margin) * h))))
    columns = slice(max(0, int(x - margin * w)), max(0, int(np.ceil(x + (1 + margin) * w))))
    weight[rows, columns] = 0


# -- points of a face ------------------------------------------------------------------------------------------------


def face_sample(pool: Pool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(96, 96, 3) uint8 and (154 * 3 + 2): points in crops' sides from the middle, seen, presence, weight of points."""
    target = np.zeros(3 * FACE.count + 2, np.float32)
    if rng.random() < (0.3 if pool.mistakes else 0.14):
        return _no_face(pool, rng), target
    i, k = pool.sure_faces[int(rng.integers(len(pool.sure_faces)))]
    picture, face = pool.pictures[i], pool.pictures[i].faces[k]
    crop, points, visible = face_crop(picture, face, rng)
    covered = np.zeros(crop.shape[:2], np.uint8)
    if rng.random() < 0.35:
        crop, covered = with_cover(crop, pool, rng)
    inside = ((points >= 0) & (points < FACE_SIDE)).all(axis=1)
    at = np.clip(points.astype(int), 0, FACE_SIDE - 1)
    visible = visible * inside * (covered[at[:, 1], at[:, 0]] == 0)
    target[: 2 * FACE.count] = ((points - FACE_SIDE / 2) / FACE_SIDE).ravel()
    target[2 * FACE.count : 3 * FACE.count] = visible
    target[-2:] = 1
    return developed(crop, rng), target


def face_crop(
    picture: Labelled, face: Face, rng: np.random.Generator | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Crop, points in it and their visibility; with a generator shaken and perhaps mirrored."""
    turn, centre, side = upright_square(face.points)
    mirrored = False
    if rng is not None:
        turn += float(rng.normal(0, 0.2)) if rng.random() < 0.85 else float(rng.uniform(-0.8, 0.8))
        off = rng.normal(0, 0.06, 2) * side
        centre = (centre[0] + float(off[0]), centre[1] + float(off[1]))
        side *= float(np.exp(rng.normal(0.02, 0.14)))
        mirrored = bool(rng.random() < 0.5)
    matrix = square_matrix(centre, side, turn, FACE_SIDE)
    if rng is not None and rng.random() < 0.5:  # narrower or wider
        stretch = float(np.exp(rng.normal(0, 0.06)))
        matrix = matrix * np.array([[stretch], [1 / stretch]])
        matrix[:, 2] += (FACE_SIDE / 2 * (1 - stretch), FACE_SIDE / 2 * (1 - 1 / stretch))
    matrix = _mirror(matrix, FACE_SIDE) if mirrored else matrix
    points, visible = moved(face.points, matrix), face.visible
    if mirrored:
        points, visible = points[FACE_MIRROR], visible[FACE_MIRROR]
    return cut(picture.rgb, matrix, (FACE_SIDE, FACE_SIDE)), points, visible


def _no_face(pool: Pool, rng: np.random.Generator) -> np.ndarray:
    """A piece of a picture in which nobody sees a face; often one beside faces: hands, clothes, hair.

    Where mistakes of a finder are known, most are those.
    """
    if pool.mistakes and rng.random() < 0.7:
        i, k = pool.mistakes[int(rng.integers(len(pool.mistakes)))]
        x, y, w, h = pool.pictures[i].mistakes[k]
        side = MARGIN * max(w, h) * float(np.exp(rng.normal(0, 0.15)))
        off = rng.normal(0, 0.08, 2) * side
        matrix = square_matrix((x + w / 2 + off[0], y + h / 2 + off[1]), side, float(rng.normal(0, 0.3)), FACE_SIDE)
        matrix = _mirror(matrix, FACE_SIDE) if rng.random() < 0.5 else matrix
        return developed(cut(pool.pictures[i].rgb, matrix, (FACE_SIDE, FACE_SIDE)), rng)
    chosen = pool.with_faces if rng.random() < 0.5 else pool.empty
    picture = pool.pictures[chosen[int(rng.integers(len(chosen)))]]
    height, width = picture.rgb.shape[:2]
    boxes = [box_of(face.points) for face in picture.faces] + list(picture.perhaps)
    for _ in range(20):
        side = float(np.exp(rng.uniform(np.log(24), np.log(min(height, width)))))
        side = side if not picture.faces else float(max(boxes[0][2:]) * np.exp(rng.normal(0.3, 0.3)))
        centre = rng.uniform(0, 1, 2) * (width, height)
        if not any(_holds(centre, side, box) for box in boxes):
            break
    else:
        return np.zeros((FACE_SIDE, FACE_SIDE, 3), np.uint8)
    matrix = square_matrix((float(centre[0]), float(centre[1])), side, float(rng.normal(0, 0.3)), FACE_SIDE)
    return developed(cut(picture.rgb, matrix, (FACE_SIDE, FACE_SIDE)), rng)


def _holds(centre: np.ndarray, side: float, box: np.ndarray) -> bool:
    """Whether a square shows more than a corner of a box."""
    low = np.maximum(centre - side / 2, box[:2])
    high = np.minimum(centre + side / 2, box[:2] + box[2:4])
    return float(np.prod(np.clip(high - low, 0, None))) > 0.2 * float(box[2] * box[3])


# -- key points of a body --------------------------------------------------------------------------------------------


def body_sample(pool: Pool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(128, 128, 3) uint8 and (17, 32, 32): heat, as high as the teacher is sure."""
    if rng.random() < 0.06:
        picture = pool.pictures[pool.empty[int(rng.integers(len(pool.empty)))]]
        nobody = square_matrix(
            (picture.rgb.shape[1] / 2, picture.rgb.shape[0] / 2), float(max(picture.rgb.shape[:2])), 0.0, BODY_SIDE
        )
        crop = cut(picture.rgb, nobody, (BODY_SIDE, BODY_SIDE))
        return developed(crop, rng), heat_of(np.zeros((len(BODY), 2)), np.zeros(len(BODY)))
    i, k = pool.bodies[int(rng.integers(len(pool.bodies)))]
    picture, body = pool.pictures[i], pool.pictures[i].bodies[k]
    x, y, w, h = box_of(body[body[:, 2] > 0.2, :2])
    side = 1.25 * max(w, h) * float(np.exp(rng.normal(0.1, 0.2)))
    centre = np.array([x + w / 2, y + h / 2]) + rng.normal(0, 0.07, 2) * side
    turn = float(rng.normal(0, 0.2)) if rng.random() < 0.85 else float(rng.uniform(-1.0, 1.0))
    matrix = square_matrix((float(centre[0]), float(centre[1])), side, turn, BODY_SIDE)
    mirrored = rng.random() < 0.5
    matrix = _mirror(matrix, BODY_SIDE) if mirrored else matrix
    points, trust = moved(body[:, :2], matrix), body[:, 2]
    if mirrored:
        points, trust = points[BODY_MIRROR], trust[BODY_MIRROR]
    crop = cut(picture.rgb, matrix, (BODY_SIDE, BODY_SIDE))
    if rng.random() < 0.3:
        crop, covered = with_cover(crop, pool, rng)
        at = np.clip(points.astype(int), 0, BODY_SIDE - 1)
        trust = trust * np.where(covered[at[:, 1], at[:, 0]] > 0, 0.5, 1)  # what is covered can be guessed
    return developed(crop, rng), heat_of(points, trust)


def heat_of(points: np.ndarray, trust: np.ndarray, spread: float = 1.2) -> np.ndarray:
    """(17, 32, 32) of points in crop pixels; `spread` in cells. Less than 0.15 is nothing."""
    cells = BODY_SIDE // HEAT_STEP
    at = np.arange(cells) + 0.5
    across = np.exp(-0.5 * ((at - points[:, :1] / HEAT_STEP) / spread) ** 2)
    down = np.exp(-0.5 * ((at - points[:, 1:] / HEAT_STEP) / spread) ** 2)
    height = np.where(trust > 0.15, np.clip(1.25 * trust, 0, 1), 0)
    return np.asarray(height[:, None, None] * down[:, :, None] * across[:, None, :], np.float32)


# -- what happens to pictures ----------------------------------------------------------------------------------------


def with_cover(crop: np.ndarray, pool: Pool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The crop with a piece of another picture before it, and where (uint8)."""
    size = crop.shape[0]
    mask = np.zeros(crop.shape[:2], np.uint8)
    middle = rng.uniform(0.1, 0.9, 2) * size
    count = int(rng.integers(3, 9))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    radii = rng.uniform(0.08, 0.35) * size * rng.uniform(0.5, 1.2, count)
    outline = middle + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    cv2.fillPoly(mask, [outline.astype(np.int32)], 1)
    other = pool.pictures[int(rng.integers(len(pool.pictures)))].rgb
    y, x = (int(rng.integers(0, max(1, length - size))) for length in other.shape[:2])
    piece = other[y : y + size, x : x + size]
    if piece.shape[:2] != (size, size):
        piece = cv2.resize(piece, (size, size))
    return np.where(mask[..., None] > 0, piece, crop), mask


def developed(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other light, colours, sharpness, noise and compression, all uint8."""
    size = crop.shape[0]
    if rng.random() < 0.35:  # as if it had been smaller
        small = max(14, int(size * rng.uniform(0.2, 0.8)))
        crop = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
        crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_LINEAR)
    elif rng.random() < 0.2:
        crop = cv2.GaussianBlur(crop, (0, 0), float(rng.uniform(0.4, 1.6)))
    x = crop.astype(np.float32) / 255
    if rng.random() < 0.8:
        x = x ** float(np.exp(rng.normal(0, 0.3)))
        x = (x - 0.5) * float(np.exp(rng.normal(0, 0.2))) + 0.5 + float(rng.normal(0, 0.08))
        x = x * np.exp(rng.normal(0, 0.08, 3)).astype(np.float32)
    if rng.random() < 0.3:
        grey = x.mean(axis=2, keepdims=True)
        x = grey + (x - grey) * np.float32(rng.choice([0.0, 0.5, 1.5]))
    if rng.random() < 0.15:  # light from a side
        ramp = np.linspace(-1, 1, size, dtype=np.float32) * np.float32(rng.normal(0, 0.4))
        x = x * (1 + (ramp[None, :, None] if rng.random() < 0.5 else ramp[:, None, None]))
    if rng.random() < 0.3:
        x = x + rng.normal(0, rng.uniform(0.005, 0.05), x.shape).astype(np.float32)
    out = np.round(np.clip(x, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.3:
        data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))])[1]
        out = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(out)
