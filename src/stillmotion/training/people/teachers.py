"""The teachers of faces and bodies, and what makes them surer: many windows, mirrors, second looks. Labels only.

    picture ─windows▶ candidates ─crop along the eyes▶ mesh twice, mirrored too ─▶ points, visibility, trust
    picture ─regions▶ key points ─crop about them▶ again, mirrored, at two sizes ─▶ points, trust

Faces: BlazeFace (Bazarevsky et al., 2019), face mesh (Kartynnik et al., 2019) and irises; bodies: MoveNet Lightning.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stillmotion.models.crops import cut, inverse, moved, square_matrix
from stillmotion.models.people import overlap
from stillmotion.training.people.graphs import Graph
from stillmotion.training.people.points import BODY_MIRROR, EYE_CORNERS, FACE_MIRROR, MESH, OVAL

_WINDOWS = (1.0, 0.6, 0.36)  # of the long side
_SEEN, _NO_FACE = 0.45, 0.02
_MESH_SIDE, _BODY_SIDE, _IRIS_SIDE = 192, 192, 64


@dataclass(frozen=True, slots=True)
class TaughtFace:
    """What the teachers say of one face."""

    points: np.ndarray  # (154, 2) picture pixels
    visible: np.ndarray  # (154,) in [0, 1]: not behind the head itself
    presence: float  # [0, 1], that it is a face
    apart: float  # how far a look and the mirrored look disagree, shares of the distance of the eyes


@dataclass(frozen=True, slots=True)
class TaughtBody:
    """What the teacher says of one body."""

    points: np.ndarray  # (17, 2) picture pixels
    trust: np.ndarray  # (17,) in [0, 1]


class FaceTeachers:
    """Boxes, meshes and irises of a picture."""

    def __init__(self, folder: Path) -> None:
        self._find, self._mesh = Graph(folder / "blazeface-front.json"), Graph(folder / "facemesh.json")
        self._iris = Graph(folder / "iris.json")
        cells = ((grid, x, y, many) for grid, many in ((16, 2), (8, 6)) for y in range(grid) for x in range(grid))
        self._anchors = np.array([((x + 0.5) / g, (y + 0.5) / g) for g, x, y, many in cells for _ in range(many)])

    def candidates(self, rgb: np.ndarray) -> np.ndarray:
        """(n, 9) of a picture (H, W, 3): confidence, box as x, y, width, height, then both eyes; the surest first."""
        windows = _windows((rgb.shape[0], rgb.shape[1]))
        pictures = [cut(rgb, window_matrix(window, 128), (128, 128)) for window in windows]
        batch = torch.from_numpy(np.stack(pictures).astype(np.float32) / 127.5 - 1)
        sure1, sure2, box1, box2 = self._find(batch, ("Identity", "Identity_1", "Identity_2", "Identity_3"))
        sure = torch.cat([sure1, sure2], 1)[..., 0].sigmoid().numpy()
        boxes = torch.cat([box1, box2], 1).numpy() / 128
        found = []
        for i, j in zip(*np.nonzero(sure > _SEEN), strict=True):
            x, y, side = windows[i]
            centre, eyes = boxes[i, j, :2] + self._anchors[j], boxes[i, j, 4:8] + np.tile(self._anchors[j], 2)
            size = side * boxes[i, j, 2:4]
            at = np.array([x, y]) + side * centre - size / 2
            found.append([sure[i, j], *at, *size, *(np.tile([x, y], 2) + side * eyes)])
        return _without_doubles(np.array(found, np.float32).reshape(-1, 9))

    def mesh(self, rgb: np.ndarray, candidate: np.ndarray) -> TaughtFace | None:
        """Two looks, the second along the first; None where the first sees no face at all."""
        _, x, y, width, height, *eyes = candidate.tolist()
        turn = float(np.arctan2(eyes[3] - eyes[1], eyes[2] - eyes[0]))
        centre, side = (x + width / 2, y + height / 2), 1.5 * max(width, height)
        for look in range(2):
            matrix = square_matrix(centre, side, turn, _MESH_SIDE)
            mesh, presence, apart = self._look(cut(rgb, matrix, (_MESH_SIDE, _MESH_SIDE)))
            back = inverse(matrix)
            points = moved(mesh[:, :2], back)
            if presence < _NO_FACE:
                return None
            if look == 0:
                right, left = points[list(EYE_CORNERS[0])].mean(0), points[list(EYE_CORNERS[1])].mean(0)
                turn = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
                lowest, highest = mesh[:, :2].min(0), mesh[:, :2].max(0)
                middle = moved((lowest + highest) / 2, back)
                centre = (float(middle[0]), float(middle[1]))
                side = 1.5 * float((highest - lowest).max()) * side / _MESH_SIDE
        ours = np.concatenate([points[list(MESH)], *(self._iris_of(rgb, points, eye) for eye in range(2))])
        seen = faces_the_camera(mesh)
        irises = [np.full(5, float(seen[list(corners)].mean())) for corners in EYE_CORNERS]
        return TaughtFace(ours, np.concatenate([seen[list(MESH)], *irises]), presence, apart)

    def _look(self, crop: np.ndarray) -> tuple[np.ndarray, float, float]:
        both = np.stack([crop, crop[:, ::-1]]).astype(np.float32) / 255
        meshes, presences = self._mesh(torch.from_numpy(both), ("Identity_2", "Identity_1"))
        one, other = (m.numpy().reshape(468, 3) for m in meshes)
        other_here = other[list(MESH), :2] * (-1, 1) + (_MESH_SIDE, 0)
        order = FACE_MIRROR[: len(MESH)]
        between = np.linalg.norm(one[33, :2] - one[263, :2])
        apart = np.linalg.norm(one[list(MESH), :2] - other_here[order], axis=1).mean() / max(float(between), 8.0)
        return one, float(presences.min()), float(apart)

    def _iris_of(self, rgb: np.ndarray, points: np.ndarray, eye: int) -> np.ndarray:
        """(5, 2) centre, right, top, left, bottom (as seen): two mirrored looks."""
        a, b = (points[i] for i in EYE_CORNERS[eye])
        middle, turn = (a + b) / 2, float(np.arctan2(b[1] - a[1], b[0] - a[0]))
        matrix = square_matrix((middle[0], middle[1]), 2.3 * float(np.hypot(*(b - a))), turn, _IRIS_SIDE)
        crop = cut(rgb, matrix, (_IRIS_SIDE, _IRIS_SIDE))
        both = np.stack([crop, crop[:, ::-1]]).astype(np.float32) / 255
        held = self._iris(torch.from_numpy(both), ("Identity",))[0].numpy().reshape(2, -1, 3)[:, 71:76, :2]
        spread = np.abs(held - held[:, :1]).max(axis=(1, 2))  # radius
        centre = (held[0, 0] + held[1, 0] * (-1, 1) + (_IRIS_SIDE, 0)) / 2
        rim = float(spread.mean()) * np.array([(0, 0), (-1, 0), (0, -1), (1, 0), (0, 1)])
        return moved(centre + rim, inverse(matrix))


class BodyTeacher:
    """Key points of a region of a picture."""

    def __init__(self, file: Path) -> None:
        import openvino

        core = openvino.Core()
        core.set_property({"CACHE_DIR": ""})
        self._net: Any = core.compile_model(str(file), "CPU", {"INFERENCE_NUM_THREADS": 1})

    def _look(self, rgb: np.ndarray, centre: tuple[float, float], side: float, mirrored: bool) -> np.ndarray:
        matrix = square_matrix(centre, side, 0.0, _BODY_SIDE)
        crop = cut(rgb, matrix, (_BODY_SIDE, _BODY_SIDE))
        held = np.asarray(self._net(np.ascontiguousarray(crop[None, :, ::-1] if mirrored else crop[None]))[0])[0, 0]
        at = held[:, 1::-1] * _BODY_SIDE
        if mirrored:
            at, held = (at * (-1, 1) + (_BODY_SIDE, 0))[BODY_MIRROR], held[BODY_MIRROR]
        return np.c_[moved(at, inverse(matrix)), held[:, 2]]

    def body(self, rgb: np.ndarray, centre: tuple[float, float], side: float) -> TaughtBody | None:
        """The person in the middle of a square, looked at again where it is; None where there is none."""
        for _ in range(2):
            found = self._look(rgb, centre, side, mirrored=False)
            sure = found[found[:, 2] > 0.3, :2]
            if len(sure) < 5:
                return None
            low, high = sure.min(0), sure.max(0)
            centre, side = tuple((low + high) / 2), 1.35 * float(max((high - low).max(), 8.0))
        looks = np.stack([self._look(rgb, centre, side * s, m) for s in (1.0, 1.2) for m in (False, True)])
        points = (looks[..., :2] * looks[..., 2:]).sum(0) / looks[..., 2:].sum(0).clip(1e-3)
        apart = np.linalg.norm(looks[..., :2] - points, axis=2).mean(0) / side
        trust = looks[..., 2].mean(0) * np.exp(-((apart / 0.05) ** 2))
        return TaughtBody(points, trust) if float(np.sort(trust)[-6:].mean()) > 0.4 else None


# -- windows and boxes ------------------------------------------------------------------------------------------------


def window_matrix(window: tuple[float, float, float], size: int) -> np.ndarray:
    """(2, 3): picture to crop of a square given by its corner and side."""
    x, y, side = window
    return square_matrix((x + side / 2, y + side / 2), side, 0.0, size)


def _windows(shape: tuple[int, int]) -> list[tuple[float, float, float]]:
    """Squares (x, y, side) over a picture, overlapping by half; the first holds all of it."""
    height, width = shape
    longest, found = max(height, width), list[tuple[float, float, float]]()
    for share in _WINDOWS:
        side = share * longest
        counts = [max(1, int(np.ceil(2 * (length - side) / side)) + 1) for length in (width, height)]
        starts = [
            np.linspace(0, length - side, n) if length > side else np.array([(length - side) / 2])
            for length, n in zip((width, height), counts, strict=True)
        ]
        found += [(float(x), float(y), side) for y in starts[1] for x in starts[0]]
    return found


def _without_doubles(found: np.ndarray) -> np.ndarray:
    kept: list[np.ndarray] = []
    for each in found[np.argsort(-found[:, 0])]:
        if all(overlap(tuple(each[1:5]), tuple(other[1:5])) < 0.35 for other in kept):
            kept.append(each)
    return np.array(kept, np.float32).reshape(-1, 9)


def faces_the_camera(mesh: np.ndarray) -> np.ndarray:
    """(468,) in [0, 1] of a mesh (468, 3), z away from the camera: where its surface is seen from the front.

    The normal of a point is that of the plane through its eight neighbours, outwards from the middle of the oval.
    """
    far = np.linalg.norm(mesh[:, None] - mesh[None], axis=2)
    near = mesh[np.argsort(far, axis=1)[:, :9]]
    near = near - near.mean(axis=1, keepdims=True)
    normal = np.linalg.eigh(near.transpose(0, 2, 1) @ near)[1][:, :, 0]
    outwards = mesh - mesh[list(OVAL)].mean(axis=0)
    normal = normal * np.sign((normal * outwards).sum(axis=1, keepdims=True))
    return np.clip((-normal[:, 2] + 0.2) / 0.3, 0, 1)
