"""What is eaten: fruit, bread, cakes.

kind, size in metres ─▶ profile turned, outline lofted ─▶ Parts (slots named by kind: apple, crust, cream, ...)
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    TURN,
    extrude,
    lathe,
    lattice,
    make_mesh,
    moved,
    placed,
    smooth_normals,
    sphere,
    transformed,
    tube,
    turned,
)
from stillmotion.training.worlds.meshes.things import curve
from stillmotion.training.worlds.records import Mesh


def round_fruit(rng: np.random.Generator, kind: str, size: float = 0.075) -> Parts:
    """An apple, pear, orange, lemon or tomato of about `size` metres; slots skin (named by kind) and stalk."""
    r = size / 2
    outlines = {
        "apple": [(0.0, 0.12), (0.5, 0.0), (0.98, 0.75), (0.95, 1.2), (0.5, 1.72), (0.0, 1.5)],
        "pear": [(0.0, 0.05), (0.6, 0.06), (1.0, 0.8), (0.68, 1.6), (0.42, 2.1), (0.0, 2.35)],
        "orange": [(0.0, 0.0), (0.6, 0.16), (1.0, 0.95), (0.6, 1.78), (0.0, 1.93)],
        "lemon": [(0.0, 0.0), (0.25, 0.12), (0.78, 0.7), (0.78, 1.4), (0.25, 2.0), (0.0, 2.15)],
        "tomato": [(0.0, 0.05), (0.55, 0.02), (1.05, 0.7), (0.75, 1.4), (0.3, 1.5), (0.0, 1.38)],
    }
    outline = np.array(curve(outlines[kind], 18)) * r
    skin = lathe(outline, 24)
    pieces = [(kind, skin)]
    if kind in ("apple", "pear", "tomato"):
        top = float(outline[-1, 1])
        bend = rng.normal(size=2) * 0.15 * r
        path = np.array(
            [[0, -top + 0.1 * r, 0], [bend[0] / 3, -top - 0.18 * r, 0], [bend[0], -top - 0.45 * r, bend[1]]]
        )
        pieces.append(("stalk", tube(path, 0.05 * r, 6)))
    fruit = gather(pieces)
    if kind == "lemon":  # it lies on its side
        return {
            slot: transformed(mesh, placed((0, -0.78 * r, 0), (np.pi / 2, 0, 0)) @ placed((0, 1.07 * r, 0)))
            for slot, mesh in fruit.items()
        }
    return fruit


def banana(rng: np.random.Generator, length: float = 0.18) -> Parts:
    """A banana that lies on its side; slots banana, stalk."""
    angle = np.linspace(-0.75, 0.75, 12) * rng.uniform(0.8, 1.15)
    bend = length / 1.5
    radius = 0.095 * length
    path = np.stack([bend * np.sin(angle), np.full(12, -radius), bend * np.cos(angle) - bend], -1)
    shape = radius * np.array([0.35, 0.75, 0.93, 1, 1, 1, 1, 1, 0.95, 0.8, 0.5, 0.3])
    end = np.stack([path[-1], path[-1] + (path[-1] - path[-2]) * 1.2])
    return gather([("banana", tube(path, shape, 7)), ("stalk", tube(end, 0.3 * radius, 6))])


def bread(rng: np.random.Generator, length: float = 0.24) -> Parts:
    """A loaf with cuts across its crust; slots crust, crumb."""
    share = np.linspace(-1, 1, 22)
    half, tall = length * rng.uniform(0.2, 0.3), length * rng.uniform(0.2, 0.3)
    swell = np.sqrt(np.maximum(1 - np.abs(share) ** 2.6, 0.0))
    angle = np.linspace(0, TURN, 25)
    cuts = 1 - 0.08 * np.exp(-((((share * 2.2 + 0.5) % 1.0) - 0.5) ** 2) / 0.01)
    lift = np.maximum(-np.sin(angle), 0.0)
    x = np.broadcast_to(share[:, None] * length / 2, (22, 25))
    y = np.sin(angle) * swell[:, None] * tall * np.where(lift > 0, cuts[:, None], 0.4)
    z = np.cos(angle) * swell[:, None] * half
    points = np.stack([x, y - 0.4 * tall, z], -1)
    uv = np.stack(np.broadcast_arrays(share[:, None] * length / 2, angle * half), -1)
    mesh = lattice(points, uv, flip=True)
    return gather([("crust", make_mesh(mesh.vertices, smooth_normals(mesh.vertices, mesh.faces), mesh.uv, mesh.faces))])


def cake(rng: np.random.Generator, width: float = 0.2, cut: float = 0.0) -> Parts:
    """A layered cake, a share `cut` of it taken away, or (cut above 0.8) a slice; slots crumb, cream, fruit."""
    height, radius = width * rng.uniform(0.3, 0.45), width / 2
    angle = np.linspace(0, TURN * (1 - cut), 28)
    pieces = []
    layers = int(rng.integers(2, 4))
    heights = np.linspace(0, height * 0.9, 2 * layers)
    for number in range(2 * layers - 1):
        low, high = heights[number], heights[number + 1]
        slot = "crumb" if number % 2 == 0 else "cream"
        pieces.append((slot, _wedge(radius if slot == "crumb" else radius * 0.985, low, high, angle)))
    pieces.append(("cream", _wedge(radius * 1.02, height * 0.9, height, angle)))
    berries = max(int(12 * (1 - cut)), 1)
    for turn in np.linspace(0.18, TURN * (1 - cut) - 0.18, berries):
        spot = radius * 0.8 * np.array([np.cos(turn), np.sin(turn)])
        pieces.append(("fruit", moved(sphere(width * 0.04, 12), spot[0], -height + 0.004, spot[1])))
    return gather(pieces)


def _wedge(radius: float, low: float, high: float, angle: np.ndarray) -> Mesh:
    """A disc with a wedge missing, from `low` to `high`: an outline in the plane, extruded upwards."""
    rim = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
    outline = rim[:-1] if np.allclose(rim[0], rim[-1]) else np.concatenate([[[0.0, 0.0]], rim])
    return moved(turned(extrude(outline, high - low), x=-np.pi / 2), y=-(low + high) / 2)


def ring_cake(rng: np.random.Generator, width: float = 0.09) -> Parts:
    """A doughnut with its glaze; slots crumb, glaze."""
    turn, around = np.linspace(0, TURN, 29), np.linspace(0, TURN, 17)
    thick = width * rng.uniform(0.15, 0.19)
    middle = width / 2 - thick
    meshes = []
    for slot, grow, part in (("crumb", 1.0, around), ("glaze", 1.06, np.linspace(np.pi * 1.02, np.pi * 1.98, 12))):
        radius = middle + thick * grow * np.cos(part)[:, None]
        y = np.broadcast_to(thick * grow * np.sin(part)[:, None] - thick, (len(part), 29))
        if slot == "glaze":
            y = y + 0.1 * thick * np.sin(5 * turn + 1.0) * (np.abs(np.cos(part)) ** 6)[:, None]
        points = np.stack([radius * np.cos(turn), y, radius * np.sin(turn)], -1)
        uv = np.stack(np.broadcast_arrays(turn * middle, part[:, None] * thick), -1)
        meshes.append((slot, lattice(points, uv, flip=True)))
    return gather(meshes)
