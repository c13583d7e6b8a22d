"""Cut-outs in many layers at known depths: the classic way to learn what lies behind what.

    rng ─▶ a backdrop, layers from far to near, each a handful of shapes that drift and turn ─▶ World

Shapes are whole or full of holes, fat or thin as hair; they carry photographs (see `textures`) or patterns. Nothing
here is natural but light, texture and perspective.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from stillmotion.training.worlds.looks import rgb
from stillmotion.training.worlds.meshes.solids import TURN, extrude, lattice, make_mesh, merged, moved, placed, tube
from stillmotion.training.worlds.motions import Motion
from stillmotion.training.worlds.palettes import PALETTES, colour
from stillmotion.training.worlds.records import Material, Mesh, Sky, World
from stillmotion.training.worlds.stage import Stage

_PATTERNS = ("noise", "strata", "tiles", "rock", "wood", "planks", "bricks", "cloth", "bark", "plain")
_NEAR, _FAR = 0.9, 14.0  # metres of the layers
EYE = 1.5


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:
    """One stack of layers that fills a picture of `size` (width, height)."""
    fov = float(rng.uniform(38, 68))
    stage = Stage((0.0, -EYE, 0.0), 0.0)
    slope = math.tan(math.radians(fov) / 2)
    tall = size[1] / size[0]
    _backdrop(stage, rng, slope)
    layers = int(rng.integers(4, 9))
    depths = np.exp(np.sort(rng.uniform(math.log(_NEAR), math.log(_FAR), layers))[::-1])
    lively = float(rng.choice([0.0, 0.5, 1.0], p=[0.2, 0.4, 0.4]))
    for depth in depths:
        for _ in range(int(rng.integers(2, 5 if depth < 2 else 12))):
            near = float(depth * np.exp(rng.normal() * 0.06))
            at = rng.uniform(-1.1, 1.1, 2) * [slope * near, slope * near * tall] + [0.0, -EYE]
            wide = float(near * slope * np.exp(rng.uniform(math.log(0.14), math.log(1.1 if depth > 2 else 0.6))))
            _piece(stage, rng, wide, np.array([at[0], at[1], near]), lively)
    night = rng.random() < 0.12
    sky = Sky(
        kind="room",
        sun_elevation=float(rng.uniform(0.3, 1.3)),
        sun_azimuth=float(np.pi + rng.uniform(-1.2, 1.2)),
        ambient=rgb(rng.uniform(0.25, 0.45, 3) * (0.3 if night else 1.0)),
        key=rgb(rng.uniform(0.3, 1.3) * rng.uniform(0.85, 1.0, 3)),
    )
    return World(
        family="occluders",
        seed=int(rng.integers(1 << 31)),
        things=tuple(stage.things),
        sky=sky,
        pivot=float(np.median(depths)),
        eye=EYE,
        fov_deg=fov,
        fog=float(rng.choice([0.0, 0.0, 0.0, 0.02])),
        told={"layers": float(layers), "lively": lively},
    )


def _backdrop(stage: Stage, rng: np.random.Generator, slope: float) -> None:
    """A sheet behind everything, perhaps leaning, perhaps with a floor before it."""
    far = float(_FAR * rng.uniform(1.15, 1.8))
    wide = 2 * far * slope * 2.2
    lean = rng.normal(0, 0.15, 2)
    stage.put(
        _sheet(wide, wide),
        _material(rng, far * 0.3, whole=True),
        "other",
        placed((0, wide / 2 - EYE, far), (*lean, 0.0)),
        casts=False,
    )
    if rng.random() < 0.35:
        floor = lattice(*_floor(wide, far), flip=False)
        stage.put(floor, _material(rng, 1.5, whole=False), "ground", np.eye(4), casts=False)


def _floor(wide: float, far: float) -> tuple[np.ndarray, np.ndarray]:
    x, z = np.meshgrid([-wide / 2, wide / 2], [-1.0, far * 1.3])
    return np.stack([x, np.zeros_like(x), z], -1), np.stack([x, z], -1)


def _sheet(wide: float, high: float) -> Mesh:
    """An upright sheet on y = 0 that faces -z, uv in [0, 1]."""
    x, y = np.meshgrid(np.linspace(-wide / 2, wide / 2, 2), np.linspace(-high, 0, 2))
    return lattice(np.stack([x, y, np.zeros_like(x)], -1), np.stack([x / wide + 0.5, y / high + 1], -1), flip=True)


def _material(rng: np.random.Generator, feature: float, *, whole: bool) -> Material:
    """A photograph where uv allow it, else a pattern in two colours of any palettes."""
    names = list(PALETTES)
    first, second = (rgb(colour(rng, names[int(rng.integers(len(names)))])) for _ in range(2))
    if whole and rng.random() < 0.55:
        return Material(colour=first, pattern="plain", once=True, roughness=float(rng.uniform(0.5, 1)))
    return Material(
        colour=first,
        second=second,
        pattern=str(rng.choice(_PATTERNS)),
        scale=float(feature * rng.uniform(0.2, 1.0)),
        bump=float(rng.uniform(0, 0.4)),
        roughness=float(rng.uniform(0.3, 1)),
        metallic=0.6 if rng.random() < 0.06 else 0.0,
    )


def _piece(stage: Stage, rng: np.random.Generator, wide: float, at: np.ndarray, lively: float) -> None:
    shape = str(rng.choice(list(_SHAPES), p=_ODDS))
    mesh = _SHAPES[shape](rng, wide)
    material = _material(rng, wide * 0.5, whole=shape not in ("hair", "twigs", "lattice"))
    turn = rng.normal(0, 1, 3) * (0.25, 0.35, 0.6)
    drift = rng.normal(0, 1, 3) * np.array([0.12, 0.08, 0.1]) * at[2] * lively * (rng.random() < 0.7)
    spin = rng.normal(0, 1, 3) * (0.1, 0.15, 0.5) * lively * (rng.random() < 0.5)
    swing, hertz, start = (
        float(rng.uniform(0, 0.08)) * at[2] * lively,
        float(rng.uniform(0.2, 1.0)),
        float(rng.uniform(0, TURN)),
    )
    stage.put(mesh, material, "other", _drifting(at, turn, drift, spin, (swing, hertz, start)), casts=True)


def _drifting(
    at: np.ndarray, turn: np.ndarray, drift: np.ndarray, spin: np.ndarray, swing: tuple[float, float, float]
) -> Motion:
    amount, hertz, start = swing

    def pose(t: float) -> np.ndarray:
        away = amount * (math.sin(TURN * hertz * t + start) - math.sin(start))
        return placed((at + drift * t + [0.0, away, 0.0]).tolist(), (turn + spin * t).tolist())

    return pose


# -- shapes about their middle, `wide` metres, uv in [0, 1] where they are whole -------------------------------------


def _fan(outline: np.ndarray) -> Mesh:
    """The flat inside of an outline (n, 2) that is seen whole from its middle."""
    points = np.concatenate([[[0.0, 0.0]], outline])
    count = len(outline)
    around = np.arange(count)
    faces = np.stack([np.zeros(count, int), 1 + around, 1 + (around + 1) % count], -1)
    flat = np.column_stack([points, np.zeros(count + 1)])
    reach = max(float(np.abs(outline).max()), 1e-6)
    return make_mesh(flat, np.tile([0.0, 0.0, -1.0], (count + 1, 1)), points / (2 * reach) + 0.5, faces)


def _blob(rng: np.random.Generator, wide: float) -> Mesh:
    return _fan(_outline(rng, wide, 48))


def _outline(rng: np.random.Generator, wide: float, count: int) -> np.ndarray:
    """A closed line of random waves about a circle (count, 2)."""
    angle = np.linspace(0, TURN, count, endpoint=False)
    radius = np.ones(count)
    for wave in range(2, 9):
        radius += rng.normal() * 0.35 / wave * np.sin(wave * angle + rng.uniform(0, TURN))
    radius = np.clip(radius, 0.25, 2) * wide / 2
    squeeze = rng.uniform(0.5, 1.0)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle) * squeeze], -1)


def _polygon(rng: np.random.Generator, wide: float) -> Mesh:
    count = int(rng.integers(3, 9))
    angle = np.sort(rng.uniform(0, TURN, count)) if rng.random() < 0.3 else np.linspace(0, TURN, count, endpoint=False)
    radius = (
        wide / 2 * (np.where(np.arange(count) % 2, rng.uniform(0.3, 1.0), 1.0) if count % 2 == 0 else np.ones(count))
    )
    return _fan(np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1))


def _rectangle(rng: np.random.Generator, wide: float) -> Mesh:
    return moved(_sheet(wide, wide * rng.uniform(0.3, 1.4)), y=wide * 0.4)


def _ring(rng: np.random.Generator, wide: float) -> Mesh:
    """A blob with a hole of another shape."""
    outer, inner = _outline(rng, wide, 60), _outline(rng, wide * rng.uniform(0.35, 0.7), 60)
    inner *= np.minimum(1.0, 0.85 * np.linalg.norm(outer, axis=1) / np.linalg.norm(inner, axis=1))[:, None]
    rows = np.stack([np.concatenate([each, each[:1]]) for each in (outer, inner)])
    points = np.concatenate([rows, np.zeros((*rows.shape[:2], 1))], -1)
    return lattice(points, rows / wide + 0.5, flip=True)


def _lattice_of_bars(rng: np.random.Generator, wide: float) -> Mesh:
    """A fence or grating."""
    count, thick = int(rng.integers(3, 12)), float(wide * rng.uniform(0.008, 0.05))
    across = np.linspace(-wide / 2, wide / 2, count)
    half = wide / 2
    bars = [
        extrude([(x - thick, -half), (x + thick, -half), (x + thick, half), (x - thick, half)], thick) for x in across
    ]
    if rng.random() < 0.6:
        bars += [
            extrude([(-half, y - thick), (half, y - thick), (half, y + thick), (-half, y + thick)], thick)
            for y in across
        ]
    return merged(bars)


def _twigs(rng: np.random.Generator, wide: float) -> Mesh:
    """A branching twig."""
    pieces, ends = [], [(np.zeros(3), np.array([0.0, -1.0, 0.0]), wide * 0.5, wide * 0.02)]
    for _ in range(3):
        grown = []
        for start, way, length, thick in ends:
            end = start + way * length
            bend = (start + end) / 2 + rng.normal(0, 0.06, 3) * length
            pieces.append(tube(np.stack([start, bend, end]), np.array([thick, thick * 0.8, thick * 0.6]), 6))
            for _ in range(int(rng.integers(2, 4))):
                turned = way + rng.normal(0, 0.55, 3) * (1, 1, 0.4)
                grown.append(
                    (
                        start + way * length * rng.uniform(0.5, 1),
                        turned / np.linalg.norm(turned),
                        length * 0.62,
                        thick * 0.6,
                    )
                )
        ends = grown
    return moved(merged(pieces), y=wide * 0.5)


def _hair(rng: np.random.Generator, wide: float) -> Mesh:
    """Thin strands side by side that bend alike."""
    count, bend = int(rng.integers(8, 40)), rng.normal(0, 0.25, 2) * wide
    strands = []
    for x in rng.normal(0, wide * 0.2, count):
        own = bend + rng.normal(0, 0.06, 2) * wide
        line = np.array([[x, wide / 2, 0], [x + own[0] * 0.3, 0, 0], [x + own[0] + own[1] * 0.3, -wide / 2, 0]])
        strands.append(tube(line, wide * rng.uniform(0.003, 0.008), 4, round_ends=False))
    return merged(strands)


def _solid(rng: np.random.Generator, wide: float) -> Mesh:
    """A thick plate with an outline of its own."""
    return extrude(_outline(rng, wide, 22), wide * float(rng.uniform(0.02, 0.25)))


_SHAPES: dict[str, Callable[[np.random.Generator, float], Mesh]] = {
    "blob": _blob,
    "polygon": _polygon,
    "rectangle": _rectangle,
    "ring": _ring,
    "lattice": _lattice_of_bars,
    "twigs": _twigs,
    "hair": _hair,
    "solid": _solid,
}
_ODDS = (0.3, 0.14, 0.14, 0.12, 0.08, 0.07, 0.05, 0.1)
