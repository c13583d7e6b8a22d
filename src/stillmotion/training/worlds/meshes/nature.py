"""Rocks, trees, grass and flowers: what grows or lies about outside.

    rng ─▶ skeleton of tubes (bark) + clusters of leaf cards or needles (leaves) ─▶ Parts

Leaves are small bent quads with normals that point out of the crown, which is what makes a crown look round and soft
under one light. Every builder draws its own shape from the generator, so no two are alike.
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.meshes.parts import Parts, gather
from stillmotion.training.worlds.meshes.solids import (
    TURN,
    ellipsoid,
    faceted,
    lathe,
    make_mesh,
    merged,
    moved,
    placed,
    smooth_normals,
    transformed,
    tube,
)
from stillmotion.training.worlds.records import Mesh

_DOWN = np.array([0.0, 1.0, 0.0])
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


def directions(count: int) -> np.ndarray:
    """Unit vectors (count, 3), evenly over the ball: the Fibonacci lattice."""
    height = 1.0 - 2.0 * (np.arange(count) + 0.5) / count
    ring, angle = np.sqrt(1.0 - height**2), _GOLDEN * np.arange(count)
    return np.stack([ring * np.cos(angle), height, ring * np.sin(angle)], -1)


def _ball(levels: int) -> tuple[np.ndarray, np.ndarray]:
    """An icosahedron halved `levels` times: unit vertices (n, 3), faces (m, 3), counter-clockwise from outside."""
    t = (1 + np.sqrt(5)) / 2
    vertices = np.array(
        [[-1, t, 0], [1, t, 0], [-1, -t, 0], [1, -t, 0], [0, -1, t], [0, 1, t],
         [0, -1, -t], [0, 1, -t], [t, 0, -1], [t, 0, 1], [-t, 0, -1], [-t, 0, 1]]
    )  # fmt: skip
    faces = np.array(
        [
            [0, 11, 5],
            [0, 5, 1],
            [0, 1, 7],
            [0, 7, 10],
            [0, 10, 11],
            [1, 5, 9],
            [5, 11, 4],
            [11, 10, 2],
            [10, 7, 6],
            [7, 1, 8],
            [3, 9, 4],
            [3, 4, 2],
            [3, 2, 6],
            [3, 6, 8],
            [3, 8, 9],
            [4, 9, 5],
            [2, 4, 11],
            [6, 2, 10],
            [8, 6, 7],
            [9, 8, 1],
        ]
    )
    vertices = vertices / np.linalg.norm(vertices, axis=1, keepdims=True)
    for _ in range(levels):
        edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
        unique, where = np.unique(edges, axis=0, return_inverse=True)
        middle = vertices[unique].sum(1)
        ab, bc, ca = where.reshape(3, -1) + len(vertices)
        vertices = np.concatenate([vertices, middle / np.linalg.norm(middle, axis=1, keepdims=True)])
        a, b, c = faces.T
        faces = np.concatenate([np.stack(three, -1) for three in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))])
    return vertices, faces


def _bumps(rng: np.random.Generator, points: np.ndarray, octaves: int, first: float) -> np.ndarray:
    """A smooth random function (n,) of points (n, 3), about within +-1: sums of plane waves of rising frequency."""
    total = np.zeros(len(points))
    for octave in range(octaves):
        waves = rng.normal(size=(5, 3)) * first * 2.0**octave
        total += np.sin(points @ waves.T + rng.uniform(0, TURN, 5)).sum(1) / 2.5 * 0.5**octave
    return total


def rock(rng: np.random.Generator, size: float = 1.0, detail: int = 3, roughness: float = 0.3) -> Mesh:
    """A boulder about `size` metres wide, flattened a little, its foot sunk a twelfth below y = 0."""
    vertices, faces = _ball(detail)
    cut = rng.normal(size=(7, 3))
    cut /= np.linalg.norm(cut, axis=1, keepdims=True)
    reach = rng.uniform(0.62, 1.0, 7)
    distance = 1.0 / np.maximum((vertices @ cut.T / reach).max(1), 0.999)  # planes cut off the ball
    distance = distance * (1.0 + roughness * 0.35 * _bumps(rng, vertices, 4, 2.0))
    shape = vertices * distance[:, None] * (rng.uniform(0.75, 1.0, 3) * [1, 0.72, 1]) * size / 2
    shape[:, 1] -= shape[:, 1].max() - size / 12
    uv = np.stack([np.arctan2(vertices[:, 2], vertices[:, 0]) * size / 2, shape[:, 1]], -1)
    mesh = make_mesh(shape, smooth_normals(shape, faces), uv, faces)
    return faceted(mesh) if detail <= 1 else mesh


def leaf_cards(
    rng: np.random.Generator, centres: np.ndarray, outward: np.ndarray, length: float, width: float, droop: float = 0.4
) -> Mesh:
    """Leaves at centres (n, 3) m, each two triangles folded at the middle rib, growing roughly `outward` (n, 3)."""
    count = len(centres)
    along = outward + 0.8 * rng.normal(size=(count, 3)) + [0, droop, 0]
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    side = np.cross(along, rng.normal(size=(count, 3)))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    size = rng.uniform(0.65, 1.25, (count, 1))
    reach, half = along * length * size, side * width * size / 2
    base = centres - reach / 2
    corners = np.stack([base, centres + half, base + reach, centres - half], 1)
    normal = outward + 0.35 * rng.normal(size=(count, 3))
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    faces = (4 * np.arange(count)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    uv = np.tile([[0.5, 0.0], [1.0, 0.5], [0.5, 1.0], [0.0, 0.5]], (count, 1))
    return make_mesh(corners.reshape(-1, 3), np.repeat(normal, 4, axis=0), uv, faces)


def _core(radii: np.ndarray, centre: np.ndarray) -> Mesh:
    """The dark inside of a clump of leaves."""
    x, y, z = (float(value) for value in radii)
    return moved(ellipsoid(x, y, z, 10), *(float(value) for value in centre))


def _clump(
    rng: np.random.Generator, centre: np.ndarray, radii: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Places of leaves near the skin of an ellipsoid of half axes `radii`, and their outward directions."""
    out = rng.normal(size=(count, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return centre + out * radii * rng.uniform(0.55, 1.05, (count, 1)), out


def broadleaf(rng: np.random.Generator, height: float = 8.0, leaves: int = 2600) -> Parts:
    """A tree with a forking trunk and a crown of several clumps; slots bark, leaves, core (the dark inside)."""
    spread = height * rng.uniform(0.26, 0.4)
    fork = height * rng.uniform(0.22, 0.38)
    lean = rng.normal(size=2) * 0.03 * height
    trunk = height * rng.uniform(0.02, 0.032)
    top = np.array([lean[0], -fork, lean[1]])
    path = np.array([[0, 0.1, 0], [lean[0] * 0.3, -fork * 0.5, lean[1] * 0.3], top])
    pieces = [("bark", tube(path, np.array([1.45, 1.0, 0.85]) * trunk, 8))]
    clumps = int(rng.integers(5, 10))
    crown = np.array([lean[0], -(fork + height) / 2 - 0.05 * height, lean[1]])
    centres = []
    for number, way in enumerate(directions(clumps)):
        reach = (
            np.array([spread, (height - fork) * 0.4, spread]) * (0.62 if clumps > 1 else 0) * rng.uniform(0.75, 1.15)
        )
        centre = crown + way * reach
        radii = np.array([1, 0.82, 1]) * spread * rng.uniform(0.42, 0.68)
        centres.append((centre, radii))
        bend = (top + centre) / 2 + rng.normal(size=3) * 0.03 * height
        limb = np.array([top + np.array([0.0, 0.06 * height * (number % 3), 0.0]), bend, centre])
        pieces.append(("bark", tube(limb, np.array([0.5, 0.34, 0.15]) * trunk, 5, round_ends=False)))
        pieces.append(("core", _core(radii * 0.6, centre)))
    each = max(leaves // clumps, 8)
    found = [_clump(rng, centre, radii, each) for centre, radii in centres]
    places, out = (np.concatenate(both) for both in zip(*found, strict=True))
    blend = places - crown
    blend /= np.maximum(np.linalg.norm(blend, axis=1, keepdims=True), 1e-9)
    length = 2.4 * spread / np.sqrt(leaves / 6)
    return gather([*pieces, ("leaves", leaf_cards(rng, places, 0.5 * out + 0.5 * blend, length, length * 0.75))])


def conifer(rng: np.random.Generator, height: float = 12.0, whorls: int = 14, boughs: int = 9) -> Parts:
    """A spruce or fir: whorls of drooping boughs that shorten towards the tip; slots bark, leaves."""
    radius = height * rng.uniform(0.15, 0.24)
    bare = height * rng.uniform(0.04, 0.18)
    droop = rng.uniform(0.15, 0.55)
    pieces = [("bark", tube(np.array([[0, 0.1, 0], [0, -height * 0.96, 0]]), np.array([0.018, 0.003]) * height, 6))]
    corners, normals = [], []
    for number in range(whorls):
        share = number / whorls
        at = bare + (height - bare) * (1.0 - (1.0 - share) ** 1.5)
        reach = radius * (1.0 - share) ** 1.25 * rng.uniform(0.85, 1.1) + 0.014 * height
        count = max(int(boughs * (1.1 - 0.5 * share)), 4)
        angle = rng.uniform(0, TURN) + TURN * (np.arange(count) + rng.uniform(-0.3, 0.3, count)) / count
        out = np.stack([np.cos(angle), np.zeros(count), np.sin(angle)], -1)
        side = np.stack([-np.sin(angle), np.zeros(count), np.cos(angle)], -1)
        length = reach * rng.uniform(0.8, 1.15, (count, 1))
        start = np.array([0.0, -at - 0.05 * reach, 0.0])
        middle = start + out * length * 0.55 + _DOWN * length * droop * 0.35
        tip = start + out * length + _DOWN * (length * droop + 0.35 * height / whorls)
        half = side * length * TURN / count * 0.34
        below = _DOWN * length * 0.16
        corners.append(
            np.stack([np.broadcast_to(start, tip.shape), middle + half + below, tip, middle - half + below, middle], 1)
        )
        up = out * 0.75 + [0, -0.65, 0]
        normals.append(np.stack([up, up + side * 0.6, up + out * 0.4, up - side * 0.6, up], 1))
    points, normal = np.concatenate(corners), np.concatenate(normals)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    uv = np.tile([[0.5, 0.0], [1.0, 0.55], [0.5, 1.0], [0.0, 0.55], [0.5, 0.5]], (len(points), 1)) * radius
    fan = np.array([[4, 0, 1], [4, 1, 2], [4, 2, 3], [4, 3, 0]])
    faces = (5 * np.arange(len(points))[:, None, None] + fan).reshape(-1, 3)
    pieces.append(("leaves", make_mesh(points.reshape(-1, 3), normal.reshape(-1, 3), uv, faces)))
    return gather(pieces)


def far_tree(rng: np.random.Generator, height: float = 10.0, pointed: bool = False) -> Parts:
    """A tree of about a hundred triangles for forests by the thousand; slots bark, leaves."""
    trunk = tube(np.array([[0, 0.1, 0], [0, -height * 0.4, 0]]), 0.02 * height, 4, round_ends=False)
    if pointed:
        return gather([("bark", trunk), ("leaves", conifer(rng, height, 5, 6)["leaves"])])
    vertices, faces = _ball(1)
    shape = vertices * (1.0 + 0.16 * _bumps(rng, vertices, 3, 2.0))[:, None] * np.array([0.3, 0.36, 0.3]) * height
    crown = make_mesh(shape, smooth_normals(shape, faces), vertices[:, :2] * height * 0.3, faces)
    return gather([("bark", trunk), ("leaves", moved(crown, y=-0.5 * height))])


def palm(rng: np.random.Generator, height: float = 7.0, fronds: int = 13) -> Parts:
    """A leaning palm with hanging fronds; slots bark, leaves."""
    share = np.linspace(0, 1, 7)
    lean = rng.uniform(0.05, 0.3) * height
    angle = rng.uniform(0, TURN)
    path = np.stack([lean * share**2 * np.cos(angle), 0.1 - share * height, lean * share**2 * np.sin(angle)], -1)
    pieces = [("bark", tube(path, np.linspace(0.024, 0.015, 7) * height, 8))]
    along = np.linspace(0, 1, 7)
    for turn in TURN * (np.arange(fronds) + rng.uniform(-0.3, 0.3, fronds)) / fronds:
        reach, rise = height * rng.uniform(0.32, 0.46), rng.uniform(0.1, 0.6)
        out = along * reach * (1 - 0.12 * along)
        up = reach * (rise * along - (rise + rng.uniform(0.25, 0.6)) * along**2)
        for side in (-1, 1):
            width = side * 0.13 * reach * np.sin(np.pi * (0.08 + 0.9 * along)) ** 0.7
            rib = np.stack([out, -up, 0 * out], -1)
            edge = np.stack([out, -up + 0.45 * np.abs(width), width], -1)
            pair = np.stack([rib, edge]) if side > 0 else np.stack([edge, rib])
            faces = [[i, i + 1, i + 8] for i in range(6)] + [[i, i + 8, i + 7] for i in range(6)]
            points = pair.reshape(-1, 3)
            uv = np.stack([np.tile(along, 2), np.repeat([0.5, 0.5 + side / 2], 7)], -1) * reach
            blade = make_mesh(points, smooth_normals(points, np.array(faces)), uv, np.array(faces))
            blade = transformed(blade, placed(path[-1], (0, turn, 0)))
            flip = blade.normals[:, 1].mean() > 0
            pieces.append(
                ("leaves", make_mesh(blade.vertices, -blade.normals, blade.uv, blade.faces[:, ::-1]) if flip else blade)
            )
    return gather(pieces)


def bush(rng: np.random.Generator, size: float = 1.2, leaves: int = 1300) -> Parts:
    """A shrub `size` metres wide; slots core, leaves."""
    clumps = int(rng.integers(3, 6))
    pieces, places, outs = [], [], []
    for _ in range(clumps):
        radii = np.array([1, 0.85, 1]) * size * rng.uniform(0.22, 0.34)
        angle, reach = rng.uniform(0, TURN), size * rng.uniform(0.0, 0.24)
        centre = np.array([reach * np.cos(angle), -radii[1] * rng.uniform(0.75, 1.15), reach * np.sin(angle)])
        pieces.append(("core", _core(radii * 0.68, centre)))
        place, out = _clump(rng, centre, radii, leaves // clumps)
        places.append(place)
        outs.append(out)
    place, out = np.concatenate(places), np.concatenate(outs)
    above = place[:, 1] < -0.01 * size
    length = 1.9 * size / np.sqrt(leaves)
    return gather([*pieces, ("leaves", leaf_cards(rng, place[above], out[above], length, length * 0.6))])


def grass(rng: np.random.Generator, width: float = 1.0, height: float = 0.25, blades: int = 160) -> Mesh:
    """A tuft of curved blades over a square of `width` metres; uv's second value is the share of the height."""
    foot = np.column_stack(
        [rng.uniform(-width / 2, width / 2, blades), np.zeros(blades), rng.uniform(-width / 2, width / 2, blades)]
    )
    tall = height * rng.uniform(0.45, 1.15, (blades, 1))
    angle = rng.uniform(0, TURN, blades)
    lean = np.stack([np.cos(angle), np.zeros(blades), np.sin(angle)], -1) * tall * rng.uniform(0.1, 0.6, (blades, 1))
    side = np.stack([-np.sin(angle), np.zeros(blades), np.cos(angle)], -1) * height * 0.022
    middle = foot + lean * 0.3 - _DOWN * tall * 0.55
    points = np.stack(
        [foot - side, foot + side, middle - side * 0.8, middle + side * 0.8, foot + lean - _DOWN * tall], 1
    )
    faces = (5 * np.arange(blades)[:, None, None] + np.array([[0, 1, 3], [0, 3, 2], [2, 3, 4]])).reshape(-1, 3)
    normal = lean / np.maximum(np.linalg.norm(lean, axis=1, keepdims=True), 1e-9) * 0.4 + [0, -0.9, 0]
    uv = np.tile([[0, 0], [1, 0], [0, 0.55], [1, 0.55], [0.5, 1.0]], (blades, 1))
    return make_mesh(points.reshape(-1, 3), np.repeat(normal, 5, axis=0), uv, faces)


def _petal(length: float, width: float, lift: float, curl: float) -> Mesh:
    """One petal along +x from the origin, rising by `lift` and curling down by `curl` of its length."""
    along, across = np.linspace(0, 1, 6), np.linspace(-1, 1, 5)
    half = width / 2 * np.sin(np.pi * (0.06 + 0.88 * along) ** 0.8) ** 0.8
    x = np.broadcast_to(along * length, (5, 6))
    z = across[:, None] * half
    y = -(lift * along - curl * along**2) * length - 0.22 * np.abs(across[:, None]) ** 2 * half
    points = np.stack([x, np.broadcast_to(y, x.shape), z], -1).transpose(1, 0, 2)
    grid_faces = np.arange(30).reshape(6, 5)
    a, b, c, d = grid_faces[:-1, :-1], grid_faces[:-1, 1:], grid_faces[1:, 1:], grid_faces[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    flat = points.reshape(-1, 3)
    normals = smooth_normals(flat, faces)
    if normals[:, 1].mean() > 0:
        normals, faces = -normals, faces[:, ::-1]
    uv = np.stack(np.broadcast_arrays(along[:, None], across[None] * 0.5 + 0.5), -1).reshape(-1, 2)
    return make_mesh(flat, normals, uv, faces)


def flower(rng: np.random.Generator, height: float = 0.35, head: float = 0.08) -> Parts:
    """A flower on its stem, `head` metres across; slots stem, leaf, petal, heart."""
    lean = rng.normal(size=2) * 0.1 * height
    share = np.linspace(0, 1, 6)
    path = np.stack([lean[0] * share**2, 0.02 * height - share * height, lean[1] * share**2], -1)
    pieces = [("stem", tube(path, max(0.006 * height, 0.0016), 6, round_ends=False))]
    tilt = placed(path[-1], (rng.normal() * 0.5, rng.uniform(0, TURN), rng.normal() * 0.5))
    rings = int(rng.integers(1, 4))
    petals = int(rng.integers(5, 14)) if rings < 3 else int(rng.integers(5, 8))
    plump = rng.uniform(0.9, 2.2) * TURN / petals
    lift = rng.uniform(0.0, 0.9)
    for ring in range(rings):
        size = head / 2 * (1 - 0.22 * ring)
        petal = _petal(size, size * min(plump, 1.2), lift + 0.55 * ring, rng.uniform(0.05, 0.5))
        for turn in TURN * (np.arange(petals) + 0.5 * ring + rng.uniform(-0.12, 0.12, petals)) / petals:
            where = tilt @ placed((0, -0.004 * ring, 0), (0, turn, 0))
            pieces.append(("petal", transformed(petal, where)))
    heart = lathe(
        [(head * 0.13, -0.02 * head), (head * 0.15, 0.03 * head), (head * 0.08, 0.09 * head), (0, 0.1 * head)], 10
    )
    pieces.append(("heart", transformed(heart, tilt)))
    for _ in range(int(rng.integers(1, 4))):
        at = path[int(rng.integers(1, 4))]
        leaf = _petal(height * rng.uniform(0.2, 0.35), height * 0.09, rng.uniform(0.5, 1.2), rng.uniform(0.4, 0.9))
        pieces.append(("leaf", transformed(leaf, placed(at, (0, rng.uniform(0, TURN), 0)))))
    return gather(pieces)


def potted_plant(rng: np.random.Generator, height: float = 0.8) -> Parts:
    """A plant in its pot; slots pot, earth, leaf, stem."""
    pot, rim = height * rng.uniform(0.25, 0.38), height * rng.uniform(0.14, 0.2)
    profile = [(0, 0), (rim * 0.7, 0), (rim, pot), (rim * 0.88, pot), (rim * 0.85, pot * 0.9)]
    pieces = [
        ("pot", lathe(profile, 20, sharp=True)),
        ("earth", moved(lathe([(rim * 0.87, 0), (0, 0.001)], 20), y=-pot * 0.9)),
    ]
    for _ in range(int(rng.integers(9, 22))):
        size = height * rng.uniform(0.35, 0.7)
        leaf = _petal(size, size * rng.uniform(0.16, 0.4), rng.uniform(0.5, 2.2), rng.uniform(0.4, 1.4))
        pieces.append(("leaf", transformed(leaf, placed((0, -pot * 0.9, 0), (0, rng.uniform(0, TURN), 0)))))
    parts = gather(pieces)
    leaf = parts["leaf"]
    resting = np.minimum(leaf.vertices, np.array([np.inf, -0.004 * height, np.inf]))  # tips lie on what it stands on
    return parts | {"leaf": make_mesh(resting, leaf.normals, leaf.uv, leaf.faces)}


def forest_floor(rng: np.random.Generator, count: int, size: float) -> Mesh:
    """Small stones strewn over a square of `size` metres."""
    stones = [rock(rng, float(rng.uniform(0.05, 0.3)), 1) for _ in range(count)]
    spots = rng.uniform(-size / 2, size / 2, (count, 2))
    return merged([moved(stone, x=float(x), z=float(z)) for stone, (x, z) in zip(stones, spots, strict=True)])
