"""A photo, a relief over it, and a small renderer of our own: what the measures are tried on.

The renderer knows nothing of the product's: it solves for each pixel of a view where in the photo it came from, by
fixed point, over a smooth depth without steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest
from skimage import data

from stillmotion.camera import intrinsics, rotation
from stillmotion.types import Float32, UInt8, View

WIDTH, HEIGHT, FOV = 320, 180, 50.0


def view(
    *,
    right: float = 0,
    down: float = 0,
    forward: float = 0,
    tilt: float = 0,
    pan: float = 0,
    roll: float = 0,
    fov: float = FOV,
) -> View:
    """A camera that has moved and turned so far from the photo's."""
    turn = rotation(tilt, pan, roll)
    pose = np.eye(4)
    pose[:3, :3] = turn.T
    pose[:3, 3] = -turn.T @ np.array([right, down, forward])
    return View(world_to_camera=pose, fov_deg=fov, focus=1.0, aperture=0.0)


def draw(photo: UInt8, depth: Float32, at: View, *, fov: float = FOV) -> UInt8:
    """The photo over its relief, seen from `at`; beyond the rim the photo is mirrored."""
    height, width = depth.shape
    rim = 64
    wide = cv2.copyMakeBorder(photo, rim, rim, rim, rim, cv2.BORDER_REFLECT_101)
    deep = cv2.copyMakeBorder(depth, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
    inner, outer = intrinsics(fov, width, height), intrinsics(at.fov_deg, width, height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    sx, sy = x.copy(), y.copy()
    for _ in range(30):
        z = cv2.remap(deep, sx + rim, sy + rim, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        local = np.stack([(sx - inner[0, 2]) / inner[0, 0] * z, (sy - inner[1, 2]) / inner[0, 0] * z, z], axis=-1)
        local = local @ at.world_to_camera[:3, :3].T + at.world_to_camera[:3, 3]
        sx += 0.8 * (x - (local[..., 0] / local[..., 2] * outer[0, 0] + outer[0, 2])).astype(np.float32)
        sy += 0.8 * (y - (local[..., 1] / local[..., 2] * outer[0, 0] + outer[1, 2])).astype(np.float32)
    return cv2.remap(wide, sx + rim, sy + rim, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


Film = Callable[[Sequence[View]], list[UInt8]]


@pytest.fixture(scope="session")
def photo() -> UInt8:
    """A street of things with texture nearly everywhere: (180, 320, 3)."""
    picture = data.coffee()[20:380, :600]
    return cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="session")
def relief() -> Float32:
    """A smooth hill on a slanted ground: depths 0.8 to 2.2."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    hill = np.exp(-(((x - 190) / 70) ** 2) - ((y - 90) / 45) ** 2)
    return (2.2 - 0.8 * y / HEIGHT - 0.6 * hill).astype(np.float32)


@pytest.fixture(scope="session")
def film(photo: UInt8, relief: Float32) -> Film:
    """Draws the photo from each view."""

    def draw_all(views: Sequence[View]) -> list[UInt8]:
        return [draw(photo, relief, at) for at in views]

    return draw_all
