"""From four samples a pixel to one truth a pixel, and what is hidden from one frame to the next. Knows no graphics.

A pixel belongs to the object with most of its samples (of equals, the nearest); its depth and flow are the means over
those samples, so they are never mixtures of two surfaces. `coverage` says how soft the edge is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

FAR_AWAY = 1e5
"""Flow, in pixels, of what is behind the camera at the other time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One rendered frame and all that is known of it. H, W pixels."""

    colour: NDArray[np.float32]  # (H, W, 3) linear in [0, 1], toned
    depth: NDArray[np.float32]  # (H, W) z in metres; 0: the sky
    forward: NDArray[np.float32]  # (H, W, 2) pixels to the next frame
    backward: NDArray[np.float32]  # (H, W, 2) pixels to the frame before
    ident: NDArray[np.int32]  # (H, W) number of the object; 0: the sky
    label: NDArray[np.uint8]  # (H, W) class
    other: NDArray[np.uint8]  # (H, W) class of the rest of the samples; the same where there is none
    coverage: NDArray[np.float32]  # (H, W) share of the samples that are of `ident`, 0.25 to 1
    world_to_camera: NDArray[np.float64]  # (4, 4) metres; the camera of t = 0 is the origin of an untilted world
    fov_deg: float
    time: float


@njit(cache=True, nogil=True)
def resolved(flow, truth):  # type: ignore[no-untyped-def]
    """Samples (2 H, 2 W, 4) of flow and of depth, object, class, emission -> per pixel.

    Returns depth (H, W), flow (H, W, 4) in pixels, ident, label, other (H, W), coverage (H, W).
    """
    height, width = truth.shape[0] // 2, truth.shape[1] // 2
    depth = np.zeros((height, width), np.float32)
    moved = np.zeros((height, width, 4), np.float32)
    ident = np.zeros((height, width), np.int32)
    label = np.zeros((height, width), np.uint8)
    other = np.zeros((height, width), np.uint8)
    coverage = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            best, votes, near = 0, 0, np.float32(0)
            for a in range(4):
                mine = truth[2 * y + a // 2, 2 * x + a % 2]
                count = 0
                for b in range(4):
                    if truth[2 * y + b // 2, 2 * x + b % 2, 1] == mine[1]:
                        count += 1
                nearer = mine[0] > 0 and (near == 0 or mine[0] < near)
                if count > votes or (count == votes and nearer):
                    best, votes, near = a, count, mine[0]
            chosen = truth[2 * y + best // 2, 2 * x + best % 2]
            other[y, x] = np.uint8(chosen[2])
            for b in range(4):
                row, column = 2 * y + b // 2, 2 * x + b % 2
                if truth[row, column, 1] == chosen[1]:
                    depth[y, x] += truth[row, column, 0] / votes
                    for k in range(4):
                        moved[y, x, k] += flow[row, column, k] / (2 * votes)
                else:
                    other[y, x] = np.uint8(truth[row, column, 2])
            ident[y, x], label[y, x] = np.int32(chosen[1]), np.uint8(chosen[2])
            coverage[y, x] = votes / np.float32(4)
    return depth, moved, ident, label, other, coverage


@njit(cache=True, nogil=True)
def halved(colour):  # type: ignore[no-untyped-def]
    """(2 H, 2 W, 4) of any float -> (H, W, 3) float32, the mean of each four."""
    height, width = colour.shape[0] // 2, colour.shape[1] // 2
    out = np.empty((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            for k in range(3):
                out[y, x, k] = 0.25 * (
                    np.float32(colour[2 * y, 2 * x, k]) + np.float32(colour[2 * y, 2 * x + 1, k])
                    + np.float32(colour[2 * y + 1, 2 * x, k]) + np.float32(colour[2 * y + 1, 2 * x + 1, k])
                )  # fmt: skip
    return out


def sky_flow(
    now: np.ndarray, then: np.ndarray, lens: tuple[float, float], lens_then: tuple[float, float],
    drift: np.ndarray, shape: tuple[int, int],
) -> np.ndarray:  # fmt: skip
    """(H, W, 2) pixels that the sky moves between two views (world to camera), clouds a kilometre up drifting (3,)."""
    height, width = shape
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    x, y = 2 * columns / width - 1, 2 * rows / height - 1
    rays = np.stack([x / lens[0], y / lens[1], np.ones_like(x)], axis=-1) @ now[:3, :3]  # camera to world
    up = np.maximum(-rays[..., 1:2], 1e-4 * np.linalg.norm(rays, axis=-1, keepdims=True))
    at = np.where(rays[..., 1:2] < 0, rays * 1000 / up + drift, rays)
    camera = at @ then[:3, :3].T
    z = np.maximum(camera[..., 2], 1e-6)
    there = np.stack(
        [(camera[..., 0] / z * lens_then[0] + 1) * width / 2, (camera[..., 1] / z * lens_then[1] + 1) * height / 2], -1
    )
    return np.asarray(there - np.stack([columns, rows], axis=-1), np.float32)


def hidden(one: Frame, other: Frame, *, forward: bool) -> NDArray[np.bool_]:
    """(H, W) pixels of `one` that `other`, the next frame (or the one before), does not show.

    Where they go must be inside the picture, be the same object, and come back to where they were.
    """
    flow, back = (one.forward, other.backward) if forward else (one.backward, other.forward)
    height, width = one.depth.shape
    rows, columns = np.mgrid[0:height, 0:width]
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    u, v = (np.clip(np.rint(each), 0, top - 1).astype(np.intp) for each, top in ((x, width), (y, height)))
    apart = np.hypot(*np.moveaxis(back[v, u] + flow, -1, 0))
    same = one.ident == other.ident[v, u]
    return np.asarray(~(inside & same & (apart < 1.0 + 0.02 * np.hypot(flow[..., 0], flow[..., 1]))))
