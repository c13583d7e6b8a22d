"""How far a photo reaches: what a camera would see of its ends, and what it would tear open. Pure geometry.

Knows scenes and views, no plans. V views, P points, W and H of the canvas
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stillmotion.camera import intrinsics
from stillmotion.plan import Handheld, Margins
from stillmotion.types import Float32, Float64, Scene, View

_ALONG = 24  # points on each side of the border, joined by lines
_ACROSS = 72  # columns of the coarse grid that depth steps are looked for in
_STEP = 1.12  # neighbouring depths with a larger ratio are two things
_BEHIND = 0.02  # points nearer than this to the camera are past it
_SHARE = 90  # percentile of the depth steps that counts


class Reach:
    """A scene's border and depth steps, ready to be looked at from elsewhere."""

    def __init__(self, scene: Scene) -> None:
        self.height, self.width = scene.depth.shape
        self._k = intrinsics(scene.fov_deg, self.width, self.height)
        self._border = _border_places(self.width, self.height, scene.depth)
        self._steps = _depth_steps(scene.depth)
        rows = np.linspace(0, self.height - 1, 24).round().astype(int)
        columns = np.linspace(0, self.width - 1, 32).round().astype(int)
        x, y = np.meshgrid(columns, rows)
        self._inside = np.stack([x, y, scene.depth[y, x]]).reshape(3, -1).astype(np.float64)
        self.nearest = float(np.percentile(scene.depth[:: max(1, self.height // 90), :: max(1, self.width // 160)], 2))

    def covered(self, views: Sequence[View], margins: Margins, *, pad: float = 0.0) -> bool:
        """Whether no view sees beyond the photo and the margins painted round it, the frame widened by `pad` of its
        width on every side.
        """
        side, x, y, depth = self._border
        left, right = -margins.left * self.width, self.width - 1 + margins.right * self.width
        top, bottom = -margins.top * self.height, self.height - 1 + margins.bottom * self.height
        x = np.where(side[0] < 0, left, np.where(side[0] > 0, right, x))
        y = np.where(side[1] < 0, top, np.where(side[1] > 0, bottom, y))
        u, v, z = self._seen(views, np.stack([x, y, depth]))
        room = pad * self.width - 0.25
        crossed = _crosses(u, v, z > _BEHIND, (-room, self.width - 1 + room), (-room, self.height - 1 + room))
        return not crossed and not self._turned_away(views)

    def tear(self, views: Sequence[View]) -> float:
        """How wide the widest view's gaps at depth steps open, as a fraction of the width."""
        x, y, near, far = self._steps
        if not len(x):
            return 0.0
        u0, v0, z0 = self._seen(views, np.stack([x, y, near]))
        u1, v1, z1 = self._seen(views, np.stack([x, y, far]))
        shown = (u0 > 0) & (u0 < self.width) & (v0 > 0) & (v0 < self.height) & (z0 > _BEHIND) & (z1 > _BEHIND)
        gaps = np.where(shown, np.hypot(u0 - u1, v0 - v1), 0.0) / self.width  # (V, P)
        return float(np.percentile(gaps, _SHARE, axis=1).max())

    def growth(self, views: Sequence[View]) -> float:
        """How many times larger than in the photo travel alone shows things, at most (the worst 3 % set aside)."""
        u, v, z = self._seen(views, self._inside)
        shown = (u > 0) & (u < self.width) & (v > 0) & (v < self.height) & (z > _BEHIND)
        most = 1.0
        for row, seen in zip(self._inside[2] / np.maximum(z, _BEHIND), shown, strict=True):
            most = max(most, float(np.percentile(row[seen], 97)) if seen.any() else math.inf)
        return most

    def trembling(self, hand: Handheld, *, loops: bool) -> float:
        """How far a handheld camera's noise carries the border into the frame at most, as a fraction of the width."""
        rare = 4.2 if loops else 3.0  # a loop's noise is moved to begin at zero
        focal = float(self._k[0, 0]) / self.width
        turn, travel = math.radians(0.25), 0.004 / max(self.nearest, 0.2)
        roll = math.radians(0.15) / 2
        return rare * hand.amplitude * math.hypot(focal * turn, focal * travel, roll)

    def _seen(self, views: Sequence[View], places: Float64) -> tuple[Float64, Float64, Float64]:
        """Pixel x, y and z (V, P) in every view of photo pixels with their depths (3: x, y, depth; P)."""
        x, y, depth = places
        focal, cx, cy = self._k[0, 0], self._k[0, 2], self._k[1, 2]
        world = np.stack([(x - cx) / focal * depth, (y - cy) / focal * depth, depth])  # (3, P)
        poses = np.stack([view.world_to_camera for view in views])
        seen = poses[:, :3, :3] @ world + poses[:, :3, 3:]  # (V, 3, P)
        z = seen[:, 2]
        far_enough = np.maximum(z, _BEHIND)
        lens = np.array([_focal_px(view, self.width) for view in views])[:, None]
        return cx + lens * seen[:, 0] / far_enough, cy + lens * seen[:, 1] / far_enough, z

    def _turned_away(self, views: Sequence[View]) -> bool:
        """Whether a corner of a view looks back past the plane of the photo's camera."""
        for view in views:
            focal = _focal_px(view, self.width)
            corners = np.array([[sx * self.width / 2, sy * self.height / 2, focal] for sx in (-1, 1) for sy in (-1, 1)])
            directions = corners @ view.world_to_camera[:3, :3]
            if (directions[:, 2] < 0.05 * np.linalg.norm(directions, axis=1)).any():
                return True
        return False


def _focal_px(view: View, width: int) -> float:
    return 0.5 * width / math.tan(math.radians(view.fov_deg) / 2)


def _crosses(u: Float64, v: Float64, ahead: Float64, across: tuple[float, float], down: tuple[float, float]) -> bool:
    """Whether the border, four rows of points (V, 4 * _ALONG) joined by straight lines, comes into a box (Liang and
    Barsky's clipping); the points alone would miss a corner of the box that looks out between two of them.
    """
    rows = (len(u), 4, _ALONG)
    enters, leaves = np.zeros(()), np.ones(())
    for place, (low, high) in ((u.reshape(rows), across), (v.reshape(rows), down)):
        start, step = place[..., :-1], np.diff(place)
        step = np.where(np.abs(step) < 1e-9, 1e-9, step)
        a, b = (low - start) / step, (high - start) / step
        enters, leaves = np.maximum(enters, np.minimum(a, b)), np.minimum(leaves, np.maximum(a, b))
    front = ahead.reshape(rows)
    return bool(((enters < leaves) & front[..., :-1] & front[..., 1:]).any())


def _border_places(width: int, height: int, depth: Float32) -> tuple[Float64, Float64, Float64, Float64]:
    """Points round the photo: which side of it (2, P: -1, 0, 1 in x and y), x and y in pixels, depth there."""
    s = np.linspace(-1.0, 1.0, _ALONG)
    one = np.ones_like(s)
    ring = np.concatenate([[s, -one], [s, one], [-one, s], [one, s]], axis=1)
    side = np.where(np.abs(ring) == 1.0, ring, 0.0)
    x, y = (ring[0] + 1) / 2 * (width - 1), (ring[1] + 1) / 2 * (height - 1)
    return side, x, y, depth[y.round().astype(int), x.round().astype(int)].astype(np.float64)


def _depth_steps(depth: Float32) -> tuple[Float64, Float64, Float64, Float64]:
    """x, y in pixels, near and far depth of neighbours on a coarse grid that are two things."""
    height, width = depth.shape
    columns = np.linspace(0, width - 1, min(_ACROSS, width)).round().astype(int)
    rows = np.linspace(0, height - 1, max(2, min(height, round(_ACROSS * height / width)))).round().astype(int)
    grid = depth[np.ix_(rows, columns)].astype(np.float64)
    x, y = np.meshgrid(columns.astype(np.float64), rows.astype(np.float64))
    found = []
    for a, b in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        near, far = np.minimum(grid[a], grid[b]), np.maximum(grid[a], grid[b])
        steps = far > _STEP * near
        found.append(np.stack([((x[a] + x[b]) / 2)[steps], ((y[a] + y[b]) / 2)[steps], near[steps], far[steps]]))
    joined = np.concatenate(found, axis=1)
    return joined[0], joined[1], joined[2], joined[3]
