"""What a made world is: meshes, materials, things that move, light, air and a camera. Plain records.

Axes are those of the project (x right, y DOWN, z forward; the camera of t = 0 is the origin), lengths are metres, time
is in seconds, colours are linear. What stands has its feet at larger y than its head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stillmotion.plan import MotionPlan

Colour: TypeAlias = tuple[float, float, float]
Places: TypeAlias = Callable[[float], np.ndarray]
"""Seconds -> where the copies of a thing are: matrices (k, 4, 4) from its own axes to the world's."""

PATTERNS = (
    "plain", "noise", "wood", "bricks", "planks", "tiles", "windows", "ground", "rock", "bark", "leaf", "cloth",
    "strata",
)  # fmt: skip
"""What the shader can draw on a surface, in the order of its numbers."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles of one thing in its own axes."""

    vertices: NDArray[np.float32]  # (n, 3) metres
    normals: NDArray[np.float32]  # (n, 3) of length one; either side may be seen
    uv: NDArray[np.float32]  # (n, 2) metres along the surface
    faces: NDArray[np.int32]  # (m, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """How a surface answers light. Albedo = colour x texture x pattern, the pattern mixing in `second`."""

    colour: Colour = (0.5, 0.5, 0.5)
    second: Colour | None = None  # the other colour of the pattern; a darker shade where not given
    pattern: str = "plain"  # one of PATTERNS
    scale: float = 1.0  # metres of the pattern's features: of a brick, a window, the largest patch of noise
    bump: float = 0.0  # 0 to 1: how much the pattern bends the normal
    texture: NDArray[np.uint8] | None = None  # (h, w, 3) sRGB, tileable; its mean counts as white unless `own_colours`
    own_colours: bool = False  # the texture's colours as they are
    tile: float = 1.0  # metres of one repeat of the texture
    once: bool = False  # the texture lies once over uv in [0, 1] (a picture on a wall), not repeated in metres
    roughness: float = 0.8
    metallic: float = 0.0
    through: float = 0.0  # share of light that passes, as through leaves
    emission: float = 0.0  # light of its own, times its colour, kilolux
    water: bool = False  # mirrors the sky, clear or murky in `colour`; ripples by itself
    snow: float = 0.0  # 0 to 1: how much of what faces up is covered
    cut_out: bool = False  # texture-free leaf shape: what lies outside of it is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Deform:
    """How the vertices of a thing move beyond its matrices."""

    kind: Literal["sway", "wave", "flag"]
    amount: float  # metres: at the top (sway), of the largest wave, at the free end (flag)
    length: float  # metres: height of what sways, longest wave, wavelength along the flag
    hz: float = 0.3  # of sway and flag; waves go as fast as their length says
    direction: float = 0.0  # radians in the ground plane, from +x to +z: of wind and waves
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something there is, once or many times. All copies share mesh, material and label."""

    mesh: Mesh
    material: Material
    label: str  # one of the classes of the scene network (training/scene/classes.py)
    places: Places  # matrices over time
    deform: Deform | None = None
    ident: int = 0  # things with the same number above 0 are one object; 0: each copy is an object of its own
    tints: NDArray[np.float32] | None = None  # (k, 3) factors of the colour of each copy
    casts: bool = True  # a shadow
    moves: bool = False  # its matrices change with time


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """What is far away and lights everything."""

    kind: Literal["day", "night", "room", "panorama"] = "day"
    sun_elevation: float = 0.7  # radians above the horizon; of the moon at night, of the key light in a room
    sun_azimuth: float = 0.5  # radians from +z (ahead) towards +x
    turbidity: float = 3.0  # 2 clear to 9 hazy
    clouds: float = 0.3  # share of the sky, 0 to 1; over 0.85 the sun is hidden
    cloud_speed: float = 12.0  # metres a second at a height of one kilometre
    wind: float = 0.0  # radians in the ground plane, from +x to +z
    ground: Colour = (0.2, 0.18, 0.15)  # albedo of what lies below the horizon
    ambient: Colour = (0.35, 0.33, 0.3)  # kilolux from all around, of a room
    key: Colour = (1.2, 1.1, 1.0)  # kilolux of the key light of a room
    panorama: NDArray[np.float32] | None = None  # (h, w, 3) linear, of kind "panorama"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A small light without a shadow."""

    position: tuple[float, float, float]
    colour: Colour  # kilolux at one metre
    flicker: float = 0.0  # 0 to 1: fire
    hz: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Puffs:
    """Smoke, steam, fire, mist: soft balls blended over the rest. Depth and flow are those of what lies behind them."""

    at: Callable[[float], np.ndarray]  # seconds -> (k, 8): x, y, z, radius, red, green, blue, opacity
    glows: bool = False  # colours are light (fire), not albedo


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that is there, and who looks at it."""

    family: str
    seed: int
    things: tuple[Thing, ...]
    sky: Sky
    pivot: float  # metres to what the camera is about: one unit of the plan's depth
    eye: float  # metres of the camera above the ground at t = 0; ground is y = eye
    fov_deg: float = 50.0  # horizontal
    tilt_deg: float = 0.0  # the camera of t = 0 looks down by this; its own axes are the world's, turned
    fog: float = 0.0  # share of light lost per metre
    lamps: tuple[Lamp, ...] = ()  # at most 8
    puffs: tuple[Puffs, ...] = ()
    rain: float = 0.0  # 0 to 1
    focus: float | None = None  # metres of the sharpest distance where it is shallow (realism blurs the rest)
    aperture: float = 0.0  # of that blur: pixels per 1000 of width at infinite distance
    plan: MotionPlan | None = None  # the camera's move; None: a still
    told: dict[str, float | str] = field(default_factory=dict)  # what the family wants to be remembered of its choices


def fixed(*matrices: np.ndarray) -> Places:
    """Places of things that stay where they are."""
    stack = np.stack(matrices).astype(np.float32)
    return lambda _: stack
