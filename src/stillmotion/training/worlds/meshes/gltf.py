"""Reads the triangles of a glTF 2.0 file (.gltf with its .bin beside it): positions, normals, uv and the picture.

a.gltf ─nodes, accessors─▶ Mesh in our axes (y down) + the path of its base colour picture
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from stillmotion.errors import InputError
from stillmotion.training.worlds.meshes.solids import make_mesh, merged
from stillmotion.training.worlds.records import Mesh

_TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


def read_gltf(path: Path) -> tuple[Mesh, Path | None]:
    """The whole model as one mesh, turned from glTF's axes (y up, looking along +z) to ours; and its first picture.

    Raises InputError where the file is no glTF 2.0 with a buffer of its own beside it.
    """
    try:
        model: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        data = (path.parent / model["buffers"][0]["uri"]).read_bytes()
        meshes = [
            _primitive(model, data, primitive, matrix)
            for number, matrix in _placements(model)
            for primitive in model["meshes"][number]["primitives"]
        ]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise InputError(
            f"{path}: not a glTF 2.0 file with a .bin beside it ({error}). Give a .gltf of triangles."
        ) from error
    pictures = [image["uri"] for image in model.get("images", []) if "uri" in image]
    return merged(meshes), path.parent / pictures[0] if pictures else None


def _placements(model: dict[str, Any]) -> list[tuple[int, np.ndarray]]:
    """Each mesh number with the 4x4 matrix of its node, parents applied."""
    found: list[tuple[int, np.ndarray]] = []

    def visit(number: int, above: np.ndarray) -> None:
        node = model["nodes"][number]
        here = above @ _node_matrix(node)
        if "mesh" in node:
            found.append((node["mesh"], here))
        for child in node.get("children", []):
            visit(child, here)

    for root in model["scenes"][model.get("scene", 0)]["nodes"]:
        visit(root, np.eye(4))
    return found


def _node_matrix(node: dict[str, Any]) -> np.ndarray:
    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), float)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _accessor(model: dict[str, Any], data: bytes, number: int) -> np.ndarray:
    accessor = model["accessors"][number]
    view = model["bufferViews"][accessor["bufferView"]]
    width = _WIDTH[accessor["type"]]
    kind: np.dtype[Any] = np.dtype(_TYPES[accessor["componentType"]])
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride", width * kind.itemsize)
    rows = np.ndarray((accessor["count"], width), kind, data, start, (stride, kind.itemsize))
    values = np.array(rows)
    return values / float(2 ** (8 * kind.itemsize) - 1) if accessor.get("normalized") else values


def _primitive(model: dict[str, Any], data: bytes, primitive: dict[str, Any], matrix: np.ndarray) -> Mesh:
    names = primitive["attributes"]
    points = _accessor(model, data, names["POSITION"]) @ matrix[:3, :3].T + matrix[:3, 3]
    normals = _accessor(model, data, names["NORMAL"]) @ np.linalg.inv(matrix[:3, :3])
    uv = _accessor(model, data, names["TEXCOORD_0"]) if "TEXCOORD_0" in names else np.zeros((len(points), 2))
    faces = _accessor(model, data, primitive["indices"]).reshape(-1, 3)
    half_turn = np.array([-1.0, -1.0, 1.0])  # about z: up becomes -y, front stays +z, nothing is mirrored
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return make_mesh(points * half_turn, normals * half_turn, uv, faces)
