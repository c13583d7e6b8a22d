"""Things cut out of the photo (drifting, turning, following a path), drawn over the scene by depth.

A thing is a flat picture at one depth: its own affine motion on the photo's plane, then the homography of that plane.
Where the scene is clearly nearer than the thing, the scene stays in front.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from stillmotion.camera import intrinsics
from stillmotion.stages.generation.regions.lifted import Lifted
from stillmotion.types import Float32, Float64, UInt8, View

_SETTLED_PX = 4.0  # a thing this near to its place still shows a good part of what was there
_LEAST_REST = 0.01
_SOFT = 0.04  # relative nearness over which a thing goes behind the scene


def draw_things(
    things: tuple[Lifted, ...], frame: UInt8, nearness: Float32, view: View | None, *, fov_deg: float, t: float
) -> None:
    """Draw things at time t over `frame` (H, W, 3) and `nearness` (H, W), both changed in place.

    `view` None is the photo's own. Far things are drawn first.
    """
    height, width = frame.shape[:2]
    for thing in sorted(things, key=lambda each: -each.depth):
        home = np.eye(3)
        home[:2] = thing.place(t)
        full = plane_homography(view, thing.depth, fov_deg=fov_deg, width=width, height=height) @ home
        _draw(thing, full, frame, nearness, rest=math.exp(-((thing.away(t) / _SETTLED_PX) ** 2)))


def plane_homography(view: View | None, depth: float, *, fov_deg: float, width: int, height: int) -> Float64:
    """(3, 3) canvas pixels of the plane z = depth as this view sees them."""
    if view is None:
        return np.eye(3)
    home = intrinsics(fov_deg, width, height)
    away = intrinsics(view.fov_deg, width, height)
    pose = view.world_to_camera
    plane = pose[:3, :3].copy()
    plane[:, 2] += pose[:3, 3] / depth
    return np.asarray(away @ plane @ np.linalg.inv(home))


def _draw(thing: Lifted, full: Float64, frame: UInt8, nearness: Float32, *, rest: float) -> None:
    rows, columns = thing.alpha.shape
    corners = np.array([[0, 0], [columns, 0], [0, rows], [columns, rows]], np.float64)
    corners += np.array([thing.box.left, thing.box.top])
    seen = (full @ np.concatenate([corners.T, np.ones((1, 4))])).T
    if (seen[:, 2] <= 1e-6).any():
        return
    place = seen[:, :2] / seen[:, 2:]
    left, top = np.maximum(np.floor(place.min(axis=0)).astype(int) - 2, 0)
    right = min(int(np.ceil(place[:, 0].max())) + 3, frame.shape[1])
    bottom = min(int(np.ceil(place[:, 1].max())) + 3, frame.shape[0])
    if left >= right or top >= bottom:
        return
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    start = np.array([[1, 0, thing.box.left], [0, 1, thing.box.top], [0, 0, 1.0]])
    matrix, size = shift @ full @ start, (int(right - left), int(bottom - top))
    colour = cv2.warpPerspective(np.asarray(thing.sprite, np.float32), matrix, size, flags=cv2.INTER_CUBIC)
    alpha = np.clip(cv2.warpPerspective(thing.alpha, matrix, size, flags=cv2.INTER_LINEAR), 0, 1)
    cut = (slice(int(top), int(bottom)), slice(int(left), int(right)))
    scene_near = nearness[cut]
    mine = cv2.warpPerspective(thing.nearness, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    front = np.clip(1.0 - (scene_near / mine - 1.0 - _SOFT) / _SOFT, 0, 1)
    cover = (alpha * front)[..., None]
    under = frame[cut].astype(np.float32)
    made = under * (1.0 - cover) + colour * front[..., None]
    if rest > _LEAST_REST:  # as it leaves, what a soft rim and painted ground cannot show fades instead of popping
        made += np.float32(rest) * cv2.warpPerspective(thing.rest, matrix, size, flags=cv2.INTER_LINEAR)
    frame[cut] = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    scene_near[:] = np.where(alpha * front > 0.5, np.maximum(scene_near, mine), scene_near)
