"""One job's renderer: everything that is made once, and any frame of it at any time t.

    Scene ─lift▶ still scene ─┬─margins, layers (once)─▶ meshes, paint, rims
                 things ──┐   └─regions at t──────────▶ moving textures
                          └──────────▶ drawn over, by depth ◀── fetch, compose ◀── view at t

The canvas is H x W; the plate is the photo with the margins the path needs.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.camera import CameraPath, pivot_point
from stillmotion.options import Quality
from stillmotion.plan import MotionPlan
from stillmotion.stages.generation.backends.geometry.fill import beyond
from stillmotion.stages.generation.backends.geometry.layers import Layer, count_layers, split_layers
from stillmotion.stages.generation.backends.geometry.lens import BLUR_FROM_PX, exposed, focused
from stillmotion.stages.generation.backends.geometry.mesh import Projection, Seen, draw_mesh, projection
from stillmotion.stages.generation.backends.geometry.reach import Reach, path_reach, path_views
from stillmotion.stages.generation.backends.geometry.sample import (
    Sampling,
    fetch,
    lay_behind,
    mixed_into,
    open_rim,
    open_up,
    prefiltered,
)
from stillmotion.stages.generation.backends.geometry.things import draw_things
from stillmotion.stages.generation.painting.dear import dear_of
from stillmotion.stages.generation.painting.paint import paint, summed
from stillmotion.stages.generation.regions.animator import RegionAnimator
from stillmotion.stages.generation.regions.lifted import Lifted, lift
from stillmotion.types import Float32, Painting, Scene, UInt8, View

_SAMPLING: dict[Quality, Sampling] = {"draft": "linear", "standard": "cubic", "best": "lanczos"}
_SAME_VIEW = 1e-9


@dataclass(slots=True)
class _Desk:
    """A thread's own buffers."""

    textures: tuple[UInt8, ...]  # per layer (h, w, 4); (h, w, 3) where it is the only one
    seen: tuple[Seen, ...]  # per layer
    mixed: Float32  # (H, W, 4) the layers laid over one another
    still: list[bool]  # per layer: the texture holds the layer's own colours but for the rims


@dataclass(frozen=True, slots=True)
class Buffers:
    """A drawn frame and where it came from."""

    frame: UInt8  # (H, W, 3)
    nearness: Float32  # (H, W) 1 / depth
    seen: tuple[Seen, ...]  # per layer, valid until the thread draws again
    front: UInt8 | None  # (H, W, 4) the first layer with its opacity, (H, W, 3) if opaque; None: the photo's own view

    @property
    def opacity(self) -> Float32:
        """(H, W) in [0, 1], of the first layer."""
        if self.front is None or self.front.shape[2] == 3:
            return np.ones(self.nearness.shape, np.float32)
        return (self.front[..., 3] / 255).astype(np.float32)


class Renderer:
    """Draws a scene under a plan at any time. Safe on any number of threads; the same bytes on each."""

    def __init__(self, scene: Scene, plan: MotionPlan, *, seed: int, quality: Quality) -> None:
        self.plan = plan
        self.things: tuple[Lifted, ...] = ()
        self.scene = scene
        if plan.regions:
            self.scene, self.things = lift(scene, plan, seed=seed)
        self.photo = scene.photo
        self.path = CameraPath(plan, scene.fov_deg, pivot=pivot_point(scene, plan.camera.pivot), seed=seed)
        self._sampling = _SAMPLING[quality]
        views = path_views(self.path, plan.canvas)
        self.moves = any(not self.at_rest(view) for view in views)
        reach = path_reach(views, scene.depth, scene.fov_deg) if self.moves else Reach(0, 0, 0, 0, 0.0)
        self.origin = (reach.left, reach.top)
        self.layers, outside, self.paintings = _make_layers(self.scene, reach)
        self.outside = outside
        self._animators = self._animate(seed) if plan.regions else ()
        self._mips: dict[int, tuple[UInt8, ...]] = {}
        self._local = threading.local()

    # ── time and view ────────────────────────────────────────────────────────────────────────────────────────────────

    def at_rest(self, view: View) -> bool:
        """The view is the photo's own."""
        return (
            bool(np.abs(view.world_to_camera - np.eye(4)).max() < _SAME_VIEW)
            and abs(view.fov_deg - self.scene.fov_deg) < _SAME_VIEW
            and view.aperture == 0.0
        )

    def seen_by(self, view: View) -> Projection:
        """The projection of a view."""
        height, width = self.photo.shape[:2]
        return projection(view, fov_deg=self.scene.fov_deg, width=width, height=height, origin=self.origin)

    def frame(self, t: float, *, frame_s: float) -> UInt8:
        """(H, W, 3) the finished frame at time t, with the blur of its shutter; the photo itself at t = 0 at rest."""
        shutter = self.plan.camera.motion_blur
        if shutter > 0 and self.moves and t > 0:
            flow = self._flow_px(t - frame_s / 2, t + frame_s / 2)
            if flow * min(1.0, 2 * shutter) > BLUR_FROM_PX:
                return exposed(lambda at: self.draw(at).frame, t, shutter_s=shutter * frame_s, flow_px=flow * shutter)
        return self.draw(t).frame

    def _flow_px(self, before: float, after: float) -> float:
        """The fastest the picture moves between two times, on a coarse grid."""
        height, width = self.photo.shape[:2]
        u, v = np.meshgrid(np.linspace(0, width - 1, 7), np.linspace(0, height - 1, 5))
        disparity = 1.0 / self.scene.depth[v.astype(np.intp), u.astype(np.intp)].astype(np.float64)
        u, v = u + self.origin[0], v + self.origin[1]
        one, other = self.seen_by(self.path.at(before)), self.seen_by(self.path.at(after))
        x0, y0, _ = one.at(u, v, disparity)
        x1, y1, _ = other.at(u, v, disparity)
        return float(np.percentile(np.hypot(x1 - x0, y1 - y0), 80))

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def draw(self, t: float) -> Buffers:
        """The picture at time t without motion blur, and its buffers."""
        view = self.path.at(t)
        if self.at_rest(view):
            return self._draw_at_rest(t)
        seen_by = self.seen_by(view)
        desk = self._desk()
        self._write(desk, 0, seen_by, t)
        draw_mesh(self.layers[0].mesh, seen_by, desk.seen[0])
        front = fetch(desk.textures[0], desk.seen[0], self._sampling)
        nearness = desk.seen[0].nearness
        frame = self._compose(desk, front, seen_by, nearness, t)
        if self.things:
            draw_things(self.things, frame, nearness, view, fov_deg=self.scene.fov_deg, t=t)
        if view.aperture > 0:
            frame = focused(frame, nearness, view)
        return Buffers(frame, nearness, desk.seen, front)

    def _draw_at_rest(self, t: float) -> Buffers:
        height, width = self.photo.shape[:2]
        nearness = (1.0 / self.scene.depth).astype(np.float32)
        if t == 0 or not self.plan.regions:
            return Buffers(self.photo.copy(), nearness, (), None)
        x, y = self.origin
        frame = self._animators[0].picture(t)[y : y + height, x : x + width].copy()
        if self.things:
            draw_things(self.things, frame, nearness, None, fov_deg=self.scene.fov_deg, t=t)
        return Buffers(frame, nearness, (), None)

    def _desk(self) -> _Desk:
        if not hasattr(self._local, "desk"):
            height, width = self.photo.shape[:2]
            alone = len(self.layers) == 1
            textures = tuple(layer.colour.copy() if alone else _textured(layer) for layer in self.layers)
            seen = tuple(Seen.empty(width, height) for _ in self.layers)
            mixed = np.zeros((height, width, 4), np.float32)
            self._local.desk = _Desk(textures, seen, mixed, still=[True] * len(self.layers))
        desk: _Desk = self._local.desk
        return desk

    def region_flow(self, t: float) -> tuple[Float32, Float32]:
        """Forward displacement (H, W, 2) of the photo's pixels by its regions alone, and how much of each is seen."""
        if not self._animators:
            height, width = self.photo.shape[:2]
            return np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32)
        return self._animators[0].displacement(t)

    def _write(self, desk: _Desk, k: int, seen_by: Projection, t: float) -> None:
        """Bring a layer's texture to time t and this view."""
        layer, picture = self.layers[k], self._picture(k, t, seen_by)
        if picture is not layer.colour or not desk.still[k]:
            desk.textures[k][..., :3] = picture
            desk.still[k] = picture is layer.colour
        if layer.rim is not None:
            open_rim(layer.rim, seen_by, picture, desk.textures[k])

    def _picture(self, layer: int, t: float, seen_by: Projection) -> UInt8:
        """A layer's colours at time t, softened when the view makes them small."""
        animator = self._animators[layer] if layer < len(self._animators) else None
        scale = self._scale(seen_by)
        if animator is not None and not animator.still:
            return prefiltered(animator.picture(t), scale)
        step = math.floor(-math.log2(scale) * 4 + 0.5) if scale < 0.9 else 0
        if step <= 0:
            return self.layers[layer].colour
        if step not in self._mips:  # two threads may both make it; they make the same
            self._mips[step] = tuple(prefiltered(each.colour, 2.0 ** (-step / 4)) for each in self.layers)
        return self._mips[step][layer]

    def _scale(self, seen_by: Projection) -> float:
        """How large the picture's middle is drawn, frame pixels per plate pixel."""
        height, width = self.photo.shape[:2]
        u = np.array([0.35, 0.65, 0.35]) * width
        v = np.array([0.35, 0.35, 0.65]) * height
        d = 1.0 / self.scene.depth[v.astype(np.intp), u.astype(np.intp)].astype(np.float64)
        d[:] = np.median(d)
        x, y, _ = seen_by.at(u + self.origin[0], v + self.origin[1], d)
        area = abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
        return float(np.sqrt(max(area / (0.3 * width * 0.3 * height), 1e-4)))

    def _compose(self, desk: _Desk, front: UInt8, seen_by: Projection, nearness: Float32, t: float) -> UInt8:
        if len(self.layers) == 1:
            return front
        open_tiles = tiles = open_up(front, desk.mixed)
        for k, layer in enumerate(self.layers[1:], start=1):
            if not tiles.any():
                break
            draw_mesh(layer.mesh, seen_by, desk.seen[k], wanted=tiles)
            self._write(desk, k, seen_by, t)
            seen, last = desk.seen[k], k == len(self.layers) - 1
            tiles = lay_behind(
                desk.textures[k], seen.map_x, seen.map_y, seen.nearness, tiles, last, desk.mixed, nearness
            )
        return np.asarray(mixed_into(front, desk.mixed, open_tiles), np.uint8)

    def _animate(self, seed: int) -> tuple[RegionAnimator, ...]:
        front = RegionAnimator(self.scene, self.plan, seed=seed, picture=self.layers[0].colour, origin=self.origin)
        if len(self.layers) == 1 or front.still:
            return (front,)
        back = RegionAnimator(self.scene, self.plan, seed=seed, picture=self.layers[1].colour, origin=self.origin)
        return front, back


def _textured(layer: Layer) -> UInt8:
    """(h, w, 4) colours and opacity of a layer whose silhouettes are closed."""
    opaque = np.full((*layer.colour.shape[:2], 1), 255, np.uint8)
    return np.ascontiguousarray(np.concatenate([layer.colour, opaque], axis=2))


def _make_layers(scene: Scene, reach: Reach) -> tuple[tuple[Layer, ...], NDArray[np.bool_], tuple[Painting, ...]]:
    """The layers of a scene with its margins, (h, w) where the plate lies beyond the photo, and what was painted."""
    margins = (reach.top, reach.bottom, reach.left, reach.right)
    disparity: Float32 = beyond(1.0 / scene.depth, margins)
    outside = np.ones(disparity.shape, np.bool_)
    height, width = scene.depth.shape
    outside[reach.top : reach.top + height, reach.left : reach.left + width] = False
    dear = np.asarray(cv2.copyMakeBorder(dear_of(scene).astype(np.uint8), *margins, cv2.BORDER_CONSTANT) > 0, np.bool_)
    colour: UInt8 = cv2.copyMakeBorder(scene.photo, *margins, cv2.BORDER_REFLECT_101).astype(np.uint8)
    margin = paint(colour, outside, dear=dear, fill="classical")  # the network is soft out there, and slow
    count = count_layers(disparity, reach=reach.shift_px)
    layers = split_layers(margin.picture, disparity, outside, reach=reach.shift_px, count=count, dear=dear)
    behind = tuple(patch for layer in layers for patch in layer.patches)
    return layers, outside, (*summed("beyond", margin.patches), *summed("behind", behind))
