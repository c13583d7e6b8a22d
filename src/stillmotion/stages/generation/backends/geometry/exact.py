"""One view with what is exactly known about it: flow, visibility, depth, paint, stretch. (H, W) are canvas pixels."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.stages.generation.backends.geometry.mesh import Seen
from stillmotion.stages.generation.backends.geometry.renderer import Buffers, Renderer
from stillmotion.types import Drawn, Float32, UInt8

_NEARER = 1.03  # a surface this much nearer hides the photo pixel behind it


def exact_view(renderer: Renderer, t: float) -> Drawn:
    """The view of a renderer at time t. Flow and visibility follow the photo's own surface (and its moving regions)."""
    drawn = renderer.draw(t)
    height, width = renderer.photo.shape[:2]
    moved, seen_region = renderer.region_flow(t)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = columns + moved[..., 0] + renderer.origin[0], rows + moved[..., 1] + renderer.origin[1]
    disparity = 1.0 / renderer.scene.depth.astype(np.float64)
    x, y, z = renderer.seen_by(renderer.path.at(t)).at(u, v, disparity)
    flow = np.stack([x - columns, y - rows], axis=2).astype(np.float32)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1) & (z > 0)
    there = cv2.remap(drawn.nearness, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    hidden = there * z > _NEARER
    return Drawn(
        frame=drawn.frame.copy(),
        flow=flow,
        visible=(inside & ~hidden).astype(np.float32) * seen_region,
        depth=(1.0 / np.maximum(drawn.nearness, 1e-6)).astype(np.float32),
        painted=painted(renderer, drawn),
        stretch=_stretch(drawn),
    )


def painted(renderer: Renderer, drawn: Buffers) -> Float32:
    """(H, W) in [0, 1]: share of a frame's pixel that the photo did not show. The thread draws nothing in between."""
    if drawn.front is None:
        return np.zeros(renderer.photo.shape[:2], np.float32)
    opaque = drawn.opacity
    share = opaque * _fetched(renderer.outside.astype(np.uint8), drawn.seen[0])
    left = 1.0 - opaque
    if len(renderer.layers) > 1 and bool((left > 0).any()):
        # layers further back than the second add too little to be told apart here
        share = share + left * _fetched(renderer.layers[1].painted.astype(np.uint8), drawn.seen[1])
    return np.asarray(np.clip(share, 0, 1), np.float32)


def _fetched(mask: UInt8, seen: Seen) -> Float32:
    return np.asarray(
        cv2.remap(mask.astype(np.float32), seen.map_x, seen.map_y, cv2.INTER_LINEAR, borderValue=1.0), np.float32
    )


def _stretch(drawn: Buffers) -> Float32:
    """Largest singular value of d(frame)/d(photo), from the backward map's Jacobian; 1 where paint shows."""
    if drawn.front is None:
        return np.ones(drawn.nearness.shape, np.float32)
    seen = drawn.seen[0]
    a, b = np.gradient(seen.map_x.astype(np.float64), axis=1), np.gradient(seen.map_x.astype(np.float64), axis=0)
    c, d = np.gradient(seen.map_y.astype(np.float64), axis=1), np.gradient(seen.map_y.astype(np.float64), axis=0)
    total = a * a + b * b + c * c + d * d
    det = np.abs(a * d - b * c)
    smallest = np.sqrt(np.maximum((total - np.sqrt(np.maximum(total**2 - 4 * det**2, 0))) / 2, 1e-8))
    shown = drawn.opacity > 0.5
    return np.where(shown, np.minimum(1.0 / smallest, 100.0), 1.0).astype(np.float32)
