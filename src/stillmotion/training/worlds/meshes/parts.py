"""A thing of several materials: one mesh for each slot, such as "bark" and "leaves".

    [("bark", trunk), ("leaves", crown), ("bark", branch), ...] ─gather─▶ {"bark": Mesh, "leaves": Mesh}

A family says which material each slot is made of; builders know shapes only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from stillmotion.training.worlds.meshes.solids import merged, transformed
from stillmotion.training.worlds.records import Mesh

Parts: TypeAlias = dict[str, Mesh]


def gather(pieces: Iterable[tuple[str, Mesh]]) -> Parts:
    """The pieces of each slot as one mesh, slots in the order of their first piece."""
    slots: dict[str, list[Mesh]] = {}
    for slot, mesh in pieces:
        slots.setdefault(slot, []).append(mesh)
    return {slot: merged(meshes) for slot, meshes in slots.items()}


def parts_transformed(parts: Parts, matrix: np.ndarray) -> Parts:
    """Every slot under one 4x4 matrix."""
    return {slot: transformed(mesh, matrix) for slot, mesh in parts.items()}


def bounds(parts: Parts) -> np.ndarray:
    """The least and the greatest corner (2, 3) of a thing in its own axes."""
    least = np.min([mesh.vertices.min(axis=0) for mesh in parts.values()], axis=0)
    return np.stack([least, np.max([mesh.vertices.max(axis=0) for mesh in parts.values()], axis=0)])
