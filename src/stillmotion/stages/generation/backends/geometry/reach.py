"""How far a plan's camera goes: what must be painted beyond the photo's edge, and how far surfaces shift.

Looks at the views of the whole path, 1.1 times as extreme as they are (Niklaus et al., 2019), so that what is painted
once is enough for every frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillmotion.camera import CameraPath
from stillmotion.plan import Canvas
from stillmotion.stages.generation.backends.geometry.mesh import Projection, parallax, projection
from stillmotion.types import Float32, View

EXTREME = 1.1
MOST_MARGIN = 0.5  # of the canvas side, painted beyond each edge
_SAMPLES_PER_S = 10.0
_MOST_SAMPLES = 400


@dataclass(frozen=True, slots=True)
class Reach:
    """What the path asks of the layers."""

    left: int  # pixels beyond the photo's edges
    right: int
    top: int
    bottom: int
    shift_px: float  # frame pixels per unit of disparity


def path_views(path: CameraPath, canvas: Canvas) -> list[View]:
    """Views along the whole path, close enough together to miss nothing."""
    count = int(min(max(2, canvas.seconds * _SAMPLES_PER_S), _MOST_SAMPLES, max(2, canvas.frames)))
    return [path.at(t) for t in np.linspace(0.0, canvas.seconds, count)]


def path_reach(views: Sequence[View], depth: Float32, fov_deg: float) -> Reach:
    """The reach of these views over a scene's depth (H, W)."""
    height, width = depth.shape
    disparity = 1.0 / depth
    low, high = float(disparity.min()), float(disparity.max())
    border = np.concatenate([disparity[0], disparity[-1], disparity[:, 0], disparity[:, -1]])
    depths = (float(border.min()), float(border.max()))
    grid_u, grid_v = np.meshgrid(np.linspace(0, width - 1, 7), np.linspace(0, height - 1, 5))
    edge = [0.0, 0.0, 0.0, 0.0]
    shift = 0.0
    for view in views:
        seen = projection(_further(view), fov_deg=fov_deg, width=width, height=height, origin=(0, 0))
        shift = max(shift, float(parallax(seen, grid_u, grid_v, far=low, near=high).max()))
        for d in depths:
            edge = [max(old, new) for old, new in zip(edge, _beyond(seen, d, width, height), strict=True)]
    limits = (width, width, height, height)
    left, right, top, bottom = (
        int(np.ceil(min(value + (3.0 if value > 0.5 else 0.0), MOST_MARGIN * side)))
        for value, side in zip(edge, limits, strict=True)
    )
    return Reach(left, right, top, bottom, shift)


def _further(view: View) -> View:
    """The same view, `EXTREME` times as far from where the path began."""
    pose = view.world_to_camera.copy()
    pose[:3, 3] *= EXTREME
    return View(world_to_camera=pose, fov_deg=view.fov_deg, focus=view.focus, aperture=view.aperture)


def _beyond(seen: Projection, disparity: float, width: int, height: int) -> tuple[float, float, float, float]:
    """Pixels by which the frame's border, at this disparity, lies beyond the photo: left, right, top, bottom."""
    flat = seen.matrix.copy()
    flat[:, 2] += seen.shift * disparity
    if abs(np.linalg.det(flat)) < 1e-12:
        return 0.0, 0.0, 0.0, 0.0
    x, y = np.linspace(0, width - 1, 9), np.linspace(0, height - 1, 9)
    edge = np.concatenate(
        [
            np.stack([x, np.zeros(9), np.ones(9)]), np.stack([x, np.full(9, height - 1.0), np.ones(9)]),
            np.stack([np.zeros(9), y, np.ones(9)]), np.stack([np.full(9, width - 1.0), y, np.ones(9)]),
        ],
        axis=1,
    )  # fmt: skip
    place = np.linalg.inv(flat) @ edge
    ahead = place[2] > 1e-6
    u, v = place[0, ahead] / place[2, ahead], place[1, ahead] / place[2, ahead]
    if len(u) == 0:
        return 0.0, 0.0, 0.0, 0.0
    return (
        max(0.0, -float(u.min())),
        max(0.0, float(u.max()) - width + 1),
        max(0.0, -float(v.min())),
        max(0.0, float(v.max()) - height + 1),
    )
