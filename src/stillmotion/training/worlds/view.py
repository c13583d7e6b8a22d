"""Where the camera of a world is: a motion plan in metres, from where the world says that the camera stands.

plan ─CameraPath─▶ pose in pivot units ─x pivot, after the tilt─▶ world-to-camera in metres
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillmotion.camera import CameraPath
from stillmotion.training.worlds.records import World


@dataclass(frozen=True, slots=True)
class Seen:
    """The camera at one instant."""

    matrix: np.ndarray  # (4, 4) world to camera, metres
    fov_deg: float  # horizontal


@dataclass(frozen=True, slots=True)
class Lens:
    """The shape of a frame and how far it sees."""

    width: int
    height: int
    near: float  # metres
    far: float

    def at(self, fov_deg: float) -> np.ndarray:
        """(4,): half-widths per depth across and down, as factors; near, far."""
        across = 1 / math.tan(math.radians(fov_deg) / 2)
        return np.array([across, across * self.width / self.height, self.near, self.far], np.float32)


def lens_of(world: World, width: int, height: int) -> Lens:
    """Near enough for what is close, far enough for mountains."""
    return Lens(width, height, max(0.02, 0.02 * world.pivot), max(400.0, 400.0 * world.pivot))


def path_of(world: World) -> Callable[[float], Seen]:
    """The camera of a world as a function of time."""
    tilt = math.radians(world.tilt_deg)
    down = np.eye(4)
    down[1:3, 1:3] = [[math.cos(tilt), math.sin(tilt)], [-math.sin(tilt), math.cos(tilt)]]
    if world.plan is None:
        still = Seen(np.linalg.inv(down), world.fov_deg)
        return lambda _: still
    path = CameraPath(world.plan, world.fov_deg, seed=world.seed)

    def at(time: float) -> Seen:
        view = path.at(time)
        pose = np.array(view.world_to_camera)
        pose[:3, 3] *= world.pivot
        return Seen(pose @ np.linalg.inv(down), view.fov_deg)

    return at
