"""What a move does to the camera: amount -> stops. Knows no names of moves and no time but a move's own share of it.

Signs: pan right, tilt up and a camera rolling clockwise are positive; position is (right, down, forward).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from stillmotion.plan import Vec2, Vec3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where a move stands at the share `u` of its own time: offsets to add to the camera's pose at its start."""

    u: float  # (0, 1]
    position: Vec3 = (0.0, 0.0, 0.0)  # right, down, forward in pivot units, along the axes the camera has at the start
    rotation: Vec3 = (0.0, 0.0, 0.0)  # tilt, pan, roll in degrees
    orbit: Vec2 = (0.0, 0.0)  # azimuth, elevation in degrees
    vertigo: float = 0.0  # forward travel whose change of the subject's size the lens takes back, pivot units
    zoom: float = 1.0  # focal length is multiplied by it
    focus: float | None = None  # depth in focus from here on; None: unchanged
    aperture: float | None = None  # largest blur circle from here on; None: unchanged


Stops = Callable[[float], tuple[Stop, ...]]


def turn(tilt: float = 0.0, pan: float = 0.0, roll: float = 0.0) -> Stops:
    return lambda a: (Stop(u=1, rotation=(tilt * a, pan * a, roll * a)),)


def travel(right: float = 0.0, down: float = 0.0, forward: float = 0.0) -> Stops:
    return lambda a: (Stop(u=1, position=(right * a, down * a, forward * a)),)


def orbit(azimuth: float = 0.0, elevation: float = 0.0) -> Stops:
    return lambda a: (Stop(u=1, orbit=(azimuth * a, elevation * a)),)


def zoom(sign: int) -> Stops:
    return lambda a: (Stop(u=1, zoom=a**sign),)


def vertigo(sign: int) -> Stops:
    return lambda a: (Stop(u=1, vertigo=sign * a),)


def crane(sign: int) -> Stops:
    """Up on an arm: the camera looks back at the subject with two thirds of the angle it gains."""
    return lambda a: (
        Stop(u=1, position=(0, -sign * a, 0), rotation=(-sign * math.degrees(math.atan(a)) * 2 / 3, 0, 0)),
    )


def side_track(sign: int) -> Stops:
    """Sideways, panning back just enough to hold the subject in its place."""
    return lambda a: tuple(
        Stop(u=u, position=(sign * a * u, 0, 0), rotation=(0, -sign * math.degrees(math.atan(a * u)), 0))
        for u in (0.5, 1.0)
    )


def push_zoom(sign: int) -> Stops:
    """The subject grows by the factor: a quarter of it (in octaves) by the lens, the rest by walking."""
    return lambda a: (Stop(u=1, position=(0, 0, 1 - a ** (-0.75 * sign)), zoom=a ** (0.25 * sign)),)


def spiral(sign: int) -> Stops:
    """In: half a turn closer. The radius shrinks while the camera goes round and rises a little."""
    return lambda a: (Stop(u=1, orbit=(a, 0.35 * a), position=(0, 0, sign * 0.012 * a)),)


def fly_through(a: float) -> tuple[Stop, ...]:
    return (
        Stop(u=0.35, position=(0.05 * a, 0.06 * a, 0.3 * a), rotation=(0, 2 * a, 2.5 * a)),
        Stop(u=0.7, position=(-0.03 * a, 0.02 * a, 0.7 * a), rotation=(0, -1.5 * a, -2 * a)),
        Stop(u=1, position=(0, 0, a)),
    )


def fpv(a: float) -> tuple[Stop, ...]:
    return (
        Stop(u=0.3, position=(-0.12 * a, -0.08 * a, 0.25 * a), rotation=(-4 * a, -6 * a, -12 * a)),
        Stop(u=0.65, position=(0.14 * a, 0.02 * a, 0.65 * a), rotation=(2 * a, 7 * a, 14 * a)),
        Stop(u=1, position=(0.04 * a, -0.04 * a, a), rotation=(0, 2 * a, 3 * a)),
    )


def aerial(a: float) -> tuple[Stop, ...]:
    return (Stop(u=1, position=(0, -0.6 * a, 0.8 * a), rotation=(-math.degrees(math.atan(0.35 * a)), 0, 0)),)


def drone_reveal(a: float) -> tuple[Stop, ...]:
    return (
        Stop(u=0.5, position=(0, -0.35 * a, -0.3 * a), rotation=(-8 * a, 0, 0)),
        Stop(u=1, position=(0, -0.7 * a, -a), rotation=(-20 * a, 0, 0)),
    )


def bolt_arm(a: float) -> tuple[Stop, ...]:
    """A robot's arm: a fast swing, a dead stop, a fast dive."""
    return (
        Stop(u=0.3, orbit=(-8 * a, 3 * a), position=(0, 0, 0.25 * a)),
        Stop(u=0.45, orbit=(-8 * a, 3 * a), position=(0, 0, 0.25 * a)),
        Stop(u=0.75, orbit=(10 * a, -2 * a), position=(0, 0, 0.8 * a)),
        Stop(u=1, orbit=(10 * a, -2 * a), position=(0, 0, a)),
    )


def snorricam(a: float) -> tuple[Stop, ...]:
    """Strapped to the subject: the subject stays, the world swings."""
    return (
        Stop(u=0.25, orbit=(a, 0.3 * a), rotation=(0, 0, 0.3 * a)),
        Stop(u=0.75, orbit=(-a, -0.2 * a), rotation=(0, 0, -0.3 * a)),
        Stop(u=1, orbit=(0, 0)),
    )


def bullet_time(a: float) -> tuple[Stop, ...]:
    return (Stop(u=1, orbit=(a, 0.12 * a), position=(0, 0, 0.004 * a)),)


def tiny_planet(a: float) -> tuple[Stop, ...]:
    return (Stop(u=1, orbit=(0, 0.4 * a), rotation=(0, 0, a), position=(0, 0, -0.004 * a)),)


def focus(first: float, last: float) -> Stops:
    return lambda a: (Stop(u=0.15, focus=first, aperture=a), Stop(u=0.85, focus=last, aperture=a), Stop(u=1))


def shallow(a: float) -> tuple[Stop, ...]:
    return (Stop(u=1, focus=1.0, aperture=a),)


def stay(_: float) -> tuple[Stop, ...]:
    return ()


def hyperlapse(_: float) -> tuple[Stop, ...]:
    return travel(forward=0.28)(1.0)
