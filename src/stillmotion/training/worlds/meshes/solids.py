"""The solids that everything else is put together from, in plain numpy.

    box, grid, cylinder, lathe, sphere, tube, extrude ─▶ Mesh ─move, turned, merged─▶ houses, trees, animals

Object axes are those of the world (x right, y DOWN, z forward), lengths are metres: a thing that stands has its feet at
y = 0 and its head at negative y, and what moves looks along +z. `uv` is in metres along the surface wherever that has a
meaning, so that a material keeps its scale on things of every size. Triangles run counter-clockwise seen from outside.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np

from stillmotion.training.worlds.records import Mesh

TURN = 2.0 * np.pi


def make_mesh(vertices: np.ndarray, normals: np.ndarray, uv: np.ndarray, faces: np.ndarray) -> Mesh:
    """A mesh of these arrays in the types of the record, contiguous."""
    return Mesh(
        vertices=np.ascontiguousarray(vertices, np.float32),
        normals=np.ascontiguousarray(normals, np.float32),
        uv=np.ascontiguousarray(uv, np.float32),
        faces=np.ascontiguousarray(faces, np.int32),
    )


def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross products (..., 3); quicker than numpy's on small arrays."""
    out = np.empty(np.broadcast(a, b).shape)
    for axis, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
        out[..., axis] = a[..., i] * b[..., j] - a[..., j] * b[..., i]
    return out


def smooth_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Normals (n, 3) of vertices that share their faces: the mean of those, weighted by area."""
    corners = vertices[faces]
    across = crossed(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices, dtype=np.float64)
    for corner in range(3):
        np.add.at(total, faces[:, corner], across)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def faceted(mesh: Mesh) -> Mesh:
    """The same triangles with one normal each, as of cut stone."""
    corners = mesh.vertices[mesh.faces]
    across = crossed(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    count = 3 * len(mesh.faces)
    faces = np.arange(count).reshape(-1, 3)
    return make_mesh(corners.reshape(-1, 3), np.repeat(across, 3, axis=0), mesh.uv[mesh.faces].reshape(-1, 2), faces)


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return make_mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]),
    )


def transformed(mesh: Mesh, matrix: np.ndarray) -> Mesh:
    """The mesh under a 4x4 matrix (turn, scale, shift; no mirror image)."""
    linear = matrix[:3, :3]
    normals = mesh.normals @ np.linalg.inv(linear)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return make_mesh(mesh.vertices @ linear.T + matrix[:3, 3], normals, mesh.uv, mesh.faces)


def moved(mesh: Mesh, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
    """The mesh shifted by metres."""
    return make_mesh(mesh.vertices + np.array([x, y, z], np.float32), mesh.normals, mesh.uv, mesh.faces)


def scaled(mesh: Mesh, x: float, y: float, z: float) -> Mesh:
    """The mesh stretched about its origin along the axes; factors above 0."""
    return transformed(mesh, np.diag([x, y, z, 1.0]))


def turned(mesh: Mesh, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
    """The mesh turned about its origin, radians about x, then y, then z."""
    return transformed(mesh, placed(turn=(x, y, z)))


def placed(
    position: Sequence[float] | np.ndarray = (0, 0, 0),
    turn: Sequence[float] = (0, 0, 0),
    scale: float | Sequence[float] = 1.0,
) -> np.ndarray:
    """The 4x4 matrix of an object: scaled, turned about x, y, z (radians, in this order), then put at `position`.

    A turn about y by +90 degrees takes +z to +x.
    """
    cx, cy, cz = (math.cos(angle) for angle in turn)
    sx, sy, sz = (math.sin(angle) for angle in turn)
    matrix = np.eye(4)
    matrix[:3, :3] = (
        (cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx),
        (sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx),
        (-sy, cy * sx, cy * cx),
    )
    if not isinstance(scale, float) or scale != 1.0:
        matrix[:3, :3] *= scale
    matrix[:3, 3] = position
    return matrix


def box(width: float, height: float, depth: float) -> Mesh:
    """A box that stands on y = 0, centred in x and z."""
    unit = _unit_box()
    size = np.array([width, height, depth])
    return make_mesh(unit.vertices * size, unit.normals, unit.uv * np.repeat(size[_BOX_UV], 4, axis=0), unit.faces)


_BOX_UV = np.array([[2, 1], [2, 1], [0, 1], [0, 1], [0, 2], [0, 2]])
"""Along which axes the uv of each side of a box runs."""


@functools.cache
def _unit_box() -> Mesh:
    # of each side: its outward normal, and the two directions of its uv
    sides = np.array(
        [
            [[1, 0, 0], [0, 0, 1], [0, 1, 0]], [[-1, 0, 0], [0, 0, -1], [0, 1, 0]],
            [[0, 0, -1], [1, 0, 0], [0, 1, 0]], [[0, 0, 1], [-1, 0, 0], [0, 1, 0]],
            [[0, -1, 0], [1, 0, 0], [0, 0, -1]], [[0, 1, 0], [1, 0, 0], [0, 0, 1]],
        ], dtype=float,
    )  # fmt: skip
    around = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    vertices, faces = [], []
    for number, (out, right, down) in enumerate(sides):
        vertices.append((out + around[:, :1] * right + around[:, 1:] * down) / 2)
        order = [[0, 1, 2], [0, 2, 3]] if np.dot(np.cross(right, down), out) > 0 else [[0, 2, 1], [0, 3, 2]]
        faces.append(np.array(order) + 4 * number)
    standing = np.concatenate(vertices) - [0, 0.5, 0]
    uv = np.tile((around + 1) / 2, (6, 1))
    return make_mesh(standing, np.repeat(sides[:, 0], 4, axis=0), uv, np.concatenate(faces))


def lattice(points: np.ndarray, uv: np.ndarray, flip: bool = False) -> Mesh:
    """The smooth surface through points (rows, columns, 3), uv (rows, columns, 2).

    It looks out along (step to the next column) x (step to the next row), or to the other side with `flip`.
    """
    rows, columns = points.shape[:2]
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    if flip:
        faces = faces[:, ::-1]
    right, down = np.empty_like(points), np.empty_like(points)
    right[:, 1:-1], right[:, 0], right[:, -1] = (
        points[:, 2:] - points[:, :-2],
        points[:, 1] - points[:, 0],
        points[:, -1] - points[:, -2],
    )
    down[1:-1], down[0], down[-1] = points[2:] - points[:-2], points[1] - points[0], points[-1] - points[-2]
    normals = crossed(right, down) * (-1 if flip else 1)
    normals /= np.maximum(np.sqrt((normals**2).sum(-1, keepdims=True)), 1e-12)
    return make_mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces)


def grid(width: float, depth: float, columns: int = 1, rows: int = 1, heights: np.ndarray | None = None) -> Mesh:
    """Level ground about the origin, looking up; `heights` (rows + 1, columns + 1) metres upwards, far rows last."""
    x, z = np.meshgrid(np.linspace(-width / 2, width / 2, columns + 1), np.linspace(-depth / 2, depth / 2, rows + 1))
    y = np.zeros_like(x) if heights is None else -heights
    return lattice(np.stack([x, y, z], -1), np.stack([x, z], -1), flip=False)


def wall(width: float, height: float, columns: int = 1, rows: int = 1) -> Mesh:
    """An upright sheet on y = 0 that faces -z, uv from its upper left corner."""
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, columns + 1), np.linspace(-height, 0, rows + 1))
    return lattice(np.stack([x, y, np.zeros_like(x)], -1), np.stack([x + width / 2, y + height], -1), flip=True)


def lathe(profile: Sequence[Sequence[float]] | np.ndarray, segments: int = 20, sharp: bool = False) -> Mesh:
    """A profile of (radius, height above the ground) points, listed from below to above, turned about the y axis.

    With `sharp` each step of the profile is a surface of its own (the rim of a tin), else the outline is smooth.
    """
    outline = np.asarray(profile, float)
    if sharp:
        pairs = [pair for pair in itertools.pairwise(outline) if not np.allclose(*pair)]
        return merged([lathe(pair, segments) for pair in pairs])
    angle = np.linspace(0, TURN, segments + 1)
    radius, height = outline[:, :1], outline[:, 1:]
    points = np.stack(
        [radius * np.cos(angle), np.broadcast_to(-height, (len(outline), segments + 1)), radius * np.sin(angle)], -1
    )
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1))])
    girth = max(float(outline[:, 0].max()), 1e-6) * angle
    mesh = lattice(points, np.stack(np.broadcast_arrays(girth, along[:, None]), -1))
    return _closed_normals(mesh, outline, angle)


def _closed_normals(mesh: Mesh, outline: np.ndarray, angle: np.ndarray) -> Mesh:
    """Exact normals of a lathe: those of its profile, turned; also at the poles and the seam."""
    step = np.diff(outline, axis=0)
    across = np.stack([step[:, 1], -step[:, 0]], -1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    mean = np.concatenate([across[:1], across[:-1] + across[1:], across[-1:]])
    out, up = (mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)).T
    normals = np.stack(
        [
            out[:, None] * np.cos(angle),
            np.broadcast_to(-up[:, None], (len(outline), len(angle))),
            out[:, None] * np.sin(angle),
        ],
        -1,
    )
    faces = mesh.faces
    middle = mesh.vertices[faces]
    across_face = crossed(middle[:, 1] - middle[:, 0], middle[:, 2] - middle[:, 0])
    towards = (across_face * normals.reshape(-1, 3)[faces].mean(1)).sum(1)
    faces = np.where(towards[:, None] < 0, faces[:, ::-1], faces)
    return make_mesh(mesh.vertices, normals.reshape(-1, 3), mesh.uv, faces[np.linalg.norm(across_face, axis=1) > 1e-12])


def cylinder(radius: float, height: float, segments: int = 16, top: float | None = None) -> Mesh:
    """An upright cylinder, or a cone with another radius at its `top`, on y = 0, closed at both ends."""
    above = radius if top is None else top
    return lathe([(0, 0), (radius, 0), (above, height), (0, height)], segments, sharp=True)


def sphere(radius: float = 1.0, segments: int = 16) -> Mesh:
    """A ball that lies on y = 0."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    return lathe(np.stack([np.cos(angle) * radius, (np.sin(angle) + 1) * radius], -1), segments)


def ellipsoid(x: float, y: float, z: float, segments: int = 16) -> Mesh:
    """A ball of these half axes about the origin itself."""
    return scaled(_unit_ball(segments), x, y, z)


@functools.cache
def _unit_ball(segments: int) -> Mesh:
    return moved(sphere(1.0, segments), y=1.0)


def tube(path: np.ndarray, radii: np.ndarray | float, segments: int = 8, round_ends: bool = True) -> Mesh:
    """A round tube along points (k, 3) of these radii, its ends rounded like a capsule's or left open."""
    path = np.asarray(path, float)
    radius = np.broadcast_to(np.asarray(radii, float), len(path)).copy()
    if round_ends:
        path, radius = _rounded(path, radius)
    tangent = np.gradient(path, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    side, other = _frames(tangent)
    angle = np.linspace(0, TURN, segments + 1)
    ring = side[:, None] * np.cos(angle)[:, None] + other[:, None] * np.sin(angle)[:, None]
    points = path[:, None] + radius[:, None, None] * ring
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(radius.max() * angle, along[:, None]), -1)
    mesh = lattice(points, uv)
    slope = np.gradient(radius) / np.maximum(np.gradient(along), 1e-9)
    normals = ring - np.clip(slope, -20, 20)[:, None, None] * tangent[:, None]
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return make_mesh(mesh.vertices, normals.reshape(-1, 3), mesh.uv, mesh.faces)


def _rounded(path: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The path with a half ball of rings added at each end."""
    bend = np.radians([0, 25, 50, 70])
    first = path[0] - path[1]
    last = path[-1] - path[-2]
    first, last = first / max(np.linalg.norm(first), 1e-9), last / max(np.linalg.norm(last), 1e-9)
    begin = path[0] + radius[0] * np.cos(bend)[:, None] * first
    end = path[-1] + radius[-1] * np.cos(bend[::-1])[:, None] * last
    radii = np.concatenate([radius[0] * np.sin(bend), radius, radius[-1] * np.sin(bend[::-1])])
    return np.concatenate([begin, path, end]), radii


def _frames(tangent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two directions across each tangent (k, 3) that turn as little as they can from one point to the next."""
    start = np.eye(3)[np.argmin(np.abs(tangent[0]))]
    sides = []
    for direction in tangent:
        start = start - np.dot(start, direction) * direction
        start = start / max(np.linalg.norm(start), 1e-9)
        sides.append(start)
    side = np.array(sides)
    return side, crossed(tangent, side)


def capsule(
    start: Sequence[float], end: Sequence[float], radius: float, other: float | None = None, segments: int = 8
) -> Mesh:
    """A limb between two points, round at both ends, `radius` at its start and `other` at its end."""
    return tube(np.array([start, end], float), np.array([radius, radius if other is None else other]), segments)


def extrude(outline: Sequence[Sequence[float]] | np.ndarray, depth: float) -> Mesh:
    """A plate of a simple outline (k, 2) of x and height above the ground, `depth` metres thick about z = 0."""
    points = np.asarray(outline, float)
    area = 0.5 * np.sum(points[:, 0] * np.roll(points[:, 1], -1) - np.roll(points[:, 0], -1) * points[:, 1])
    if area < 0:
        points = points[::-1]
    count, half = len(points), depth / 2
    flat = np.stack([points[:, 0], -points[:, 1]], -1)
    front = np.column_stack([flat, np.full(count, -half)])
    back = np.column_stack([flat, np.full(count, half)])
    ears = _ears(points)
    next_front, next_back = np.roll(front, -1, axis=0), np.roll(back, -1, axis=0)
    edge = next_front - front
    out = np.column_stack([-edge[:, 1], edge[:, 0], np.zeros(count)])
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
    quads = np.stack([front, next_front, next_back, back], 1).reshape(-1, 3)
    length = np.linalg.norm(edge, axis=1)
    run = np.concatenate([[0], np.cumsum(length)])
    rim_uv = np.stack(
        [np.stack([run[:-1], run[1:], run[1:], run[:-1]], 1), np.tile([0, 0, depth, depth], (count, 1))], -1
    )
    first = 4 * np.arange(count)[:, None]
    rim = (first[:, None] + np.array([[0, 2, 1], [0, 3, 2]])).reshape(-1, 3)
    rim_mesh = make_mesh(quads, np.repeat(out, 4, axis=0), rim_uv.reshape(-1, 2), rim)
    faces = make_mesh(front, np.tile([0, 0, -1], (count, 1)), flat, ears)
    behind = make_mesh(back, np.tile([0, 0, 1], (count, 1)), flat, ears[:, ::-1])
    return merged([faces, behind, _outward(rim_mesh)])


def _outward(mesh: Mesh) -> Mesh:
    """The mesh with every triangle turned to agree with the normals of its corners."""
    corners = mesh.vertices[mesh.faces]
    across = crossed(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    wrong = (across * mesh.normals[mesh.faces].mean(1)).sum(1) < 0
    return make_mesh(mesh.vertices, mesh.normals, mesh.uv, np.where(wrong[:, None], mesh.faces[:, ::-1], mesh.faces))


def _ears(points: np.ndarray) -> np.ndarray:
    """Triangles (k - 2, 3) of a simple outline (k, 2) that runs counter-clockwise with the height upwards: ears cut."""

    def turn(a: int, b: int, c: int) -> float:
        u, v = points[b] - points[a], points[c] - points[a]
        return float(u[0] * v[1] - u[1] * v[0])

    left, triangles = list(range(len(points))), []
    while len(left) > 3:
        for at, b in enumerate(left):
            a, c = left[at - 1], left[(at + 1) % len(left)]
            others = (p for p in left if p not in (a, b, c))
            if turn(a, b, c) > 0 and not any(
                turn(a, b, p) >= 0 and turn(b, c, p) >= 0 and turn(c, a, p) >= 0 for p in others
            ):
                break
        triangles.append((a, b, c))
        left.remove(b)
    return np.array([*triangles, left])
