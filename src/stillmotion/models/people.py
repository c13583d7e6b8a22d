"""The networks of people: faces in a picture, the points of a face, the key points of a body.

    picture ─FaceFinder▶ boxes, eyes, mouth ─crop along the eyes─FaceMap▶ 154 points, seen or not, confidence
    picture, square of a person ─BodyMap▶ 17 key points with confidence

Weights come with the package; run by OpenCV: no further dependency. Trained by `training/people`; the card is
weights/people.md. Knows no scene: who is looked at and what for is the analysis' business.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.models.crops import cut, inverse, moved, square_matrix
from stillmotion.models.people_points import FACE, MARGIN, turn_of
from stillmotion.types import Float32, Float64, UInt8

FOLDER = Path(__file__).parent / "weights"
FACE_FINDER = FOLDER / "face-finder.onnx"
FINDER_SIDE, FINDER_MEAN = 320, 256
"""Longest side of what the finder looks at, and root of its area; faces from about a thirtieth of it on are found."""
FINDER_STEP, FINDER_CHANNELS = 8, 11
FACE_SIDE, BODY_SIDE, HEAT_STEP = 96, 128, 4
_FULL = 8.4  # heat of a sure point in five by five cells, see training/people/samples.heat_of
_DOUBLE = 0.4  # intersection over union


@dataclass(frozen=True, slots=True)
class FoundFace:
    """Where a face may be, in pixels of the picture."""

    confidence: float  # [0, 1]
    box: tuple[float, float, float, float]  # x, y, width, height, around all points
    marks: Float64  # (3, 2) right eye, left eye, mouth


@dataclass(frozen=True, slots=True)
class MappedFace:
    """The points of a face, in pixels of the picture."""

    points: Float64  # (154, 2), the groups of `FACE`
    visible: Float32  # (154,) in [0, 1]: inside the picture and not behind anything
    presence: float  # [0, 1], that it is a face at all


@dataclass(frozen=True, slots=True)
class MappedBody:
    """The key points of a body, in pixels of the picture."""

    points: Float64  # (17, 2), the order of `BODY`
    confidence: Float32  # (17,) in [0, 1]


class _Network:
    """A loaded file; safe to use from several threads."""

    def __init__(self, weights: Path) -> None:
        if not weights.is_file():
            raise WeightsMissing(f"The weights {weights.name} are missing.", hint="Install stillmotion again.")
        self._net = cv2.dnn.readNetFromONNX(str(weights))
        self._lock = threading.Lock()

    def run(self, rgb: UInt8) -> Float32:
        """The first output of a picture (H, W, 3)."""
        blob = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        with self._lock:
            self._net.setInput(blob)
            return np.array(self._net.forward()[0])


class FaceFinder:
    """The first network alone."""

    def __init__(self, weights: Path = FACE_FINDER) -> None:
        """
        Raises:
            WeightsMissing: the file is not there.
        """
        self._net = _Network(weights)

    def find(self, rgb: UInt8, *, least: float = 0.3) -> list[FoundFace]:
        """Faces of a picture (H, W, 3) of any size, the surest first; `least` is the confidence they must have."""
        height, width = rgb.shape[:2]
        scale = min(FINDER_SIDE / max(height, width), FINDER_MEAN / (height * width) ** 0.5)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        padded: UInt8 = np.zeros((_blocks(size[1]), _blocks(size[0]), 3), np.uint8)
        padded[: size[1], : size[0]] = cv2.resize(
            rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
        back = np.array([width / size[0], height / size[1]])
        return _faces(self._net.run(padded), back, least)


class PeopleNetworks:
    """All three networks."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """
        Raises:
            WeightsMissing: a file is not there.
        """
        self._finder = FaceFinder(folder / FACE_FINDER.name)
        self._face, self._body = (_Network(folder / f"{name}.onnx") for name in ("face-map", "body-map"))

    def find(self, rgb: UInt8, *, least: float = 0.3) -> list[FoundFace]:
        """See `FaceFinder.find`."""
        return self._finder.find(rgb, least=least)

    def map_face(self, rgb: UInt8, face: FoundFace) -> MappedFace:
        """The points of a face that was found."""
        x, y, width, height = face.box
        return self.map_crop(rgb, turn_of(face.marks), (x + width / 2, y + height / 2), MARGIN * max(width, height))

    def map_crop(self, rgb: UInt8, turn: float, centre: tuple[float, float], side: float) -> MappedFace:
        """The points of a face in a square of the picture that is turned as the face is (radians)."""
        matrix = square_matrix(centre, max(side, 4.0), turn, FACE_SIDE)
        out = self._face.run(cut(rgb, matrix, (FACE_SIDE, FACE_SIDE))).astype(np.float64)
        points = FACE_SIDE * (out[: 2 * FACE.count].reshape(-1, 2) + 0.5)
        seen = _sigmoid(out[2 * FACE.count :])
        at = moved(points, inverse(matrix))
        inside = ((at >= 0) & (at < (rgb.shape[1], rgb.shape[0]))).all(axis=1)
        return MappedFace(at, np.asarray(seen[:-1] * inside, np.float32), float(seen[-1]))

    def map_body(self, rgb: UInt8, centre: tuple[float, float], side: float) -> MappedBody:
        """The key points of the person in the middle of a square of the picture."""
        matrix = square_matrix(centre, max(side, 4.0), 0.0, BODY_SIDE)
        points, confidence = read_heat(self._body.run(cut(rgb, matrix, (BODY_SIDE, BODY_SIDE))))
        return MappedBody(moved(points, inverse(matrix)), confidence)


def read_heat(heat: Float32) -> tuple[Float64, Float32]:
    """Where each heat map (n, h, w) has most in five by five cells: their middle by weight (n, 2), in pixels of the
    crop, and the share of a sure point's heat that they hold (n,): the chance that the point is there.
    """
    count, height, width = heat.shape
    padded = np.pad(heat, ((0, 0), (2, 2), (2, 2)))
    held = np.stack([cv2.boxFilter(each, -1, (5, 5), normalize=False)[2:-2, 2:-2] for each in padded])
    rows, columns = np.unravel_index(held.reshape(count, -1).argmax(axis=1), (height, width))
    near = np.arange(5)
    weight = padded[np.arange(count)[:, None, None], rows[:, None, None] + near[:, None], columns[:, None, None] + near]
    weight = weight + 1e-9
    total = weight.sum(axis=(1, 2))
    x = columns + (weight.sum(axis=1) * (near - 2)).sum(axis=1) / total
    y = rows + (weight.sum(axis=2) * (near - 2)).sum(axis=1) / total
    points = HEAT_STEP * (np.stack([x, y], axis=1) + 0.5)
    return np.asarray(points, np.float64), np.asarray(np.clip(total / _FULL, 0, 1), np.float32)


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes x, y, width, height."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(across, 0.0) * max(down, 0.0)
    return both / max(a[2] * a[3] + b[2] * b[3] - both, 1e-9)


def _faces(found: Float32, back: Float64, least: float) -> list[FoundFace]:
    """Peaks of the finder's first map, read; doubles left out."""
    sure = _sigmoid(found[0])
    peak = (sure >= cv2.dilate(sure, np.ones((3, 3), np.uint8))) & (sure >= least)
    kept: list[FoundFace] = []
    for j, i in sorted(zip(*np.nonzero(peak), strict=True), key=lambda at: -float(sure[at])):
        _, dx, dy, w, h, *marks = found[:, j, i].astype(np.float64)
        cell = FINDER_STEP * (np.array([i, j]) + 0.5)
        size = FINDER_STEP * np.exp(np.clip([w, h], -3, 5))
        corner = (cell + FINDER_STEP * np.array([dx, dy]) - size / 2) * back
        at = (cell + float(size.max()) * np.array(marks).reshape(3, 2)) * back
        box = (float(corner[0]), float(corner[1]), float(size[0] * back[0]), float(size[1] * back[1]))
        if all(overlap(box, other.box) < _DOUBLE for other in kept):
            kept.append(FoundFace(float(sure[j, i]), box, at))
    return kept


def _sigmoid(x: Float32 | Float64) -> Float32:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


def _blocks(side: int) -> int:
    return max(64, -(-side // 32) * 32)  # a map of one row is enlarged wrongly by OpenCV


@cache
def people_networks() -> PeopleNetworks:
    """The networks that come with the package, loaded once."""
    return PeopleNetworks()
