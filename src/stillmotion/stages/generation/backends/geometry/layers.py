"""A photo with depth, split into surfaces that hide one another: soft at the silhouettes, painted behind.

    plate (photo + margins) ─┬─ layer 0: the photo itself, transparent at its silhouettes once they open
                             ├─ layer 1: what layer 0 hides, at the depth of what lies behind
                             └─ ...      each peeled from the one in front

A silhouette is transparent only as far as it opens: at the photo's own view every layer 0 pixel is opaque and the photo
comes back exactly; where the planned view tears the surface by more than a pixel, its soft edge (`Rim`) takes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.generation.backends.geometry.fill import paint_hidden
from stillmotion.stages.generation.backends.geometry.fringe import Fringe, find_fringe
from stillmotion.stages.generation.backends.geometry.hidden import STEP, find_hidden, sharpen_steps, silhouettes
from stillmotion.stages.generation.backends.geometry.mesh import Mesh, make_mesh
from stillmotion.stages.generation.painting.paint import Patch
from stillmotion.types import Float32, UInt8

MOST_LAYERS = 4
_RING = 4  # pixels on either side of a silhouette
_WINDOW = 9
_BEND_PX = 0.4  # by how many pixels a point may be off, at the end of the move, because quads are flat
_STEP_PX = 4.0  # by how many pixels neighbours part where a surface ends
_SPARE = 8.0  # pixels of reach kept in hand: soft edges and smoothing eat a little


@dataclass(frozen=True, slots=True)
class Rim:
    """The pixels along a layer's silhouettes, and what they are when the silhouette has opened. n pixels."""

    index: NDArray[np.int64]  # (n,) flat plate index
    u: Float32  # (n,) plate x
    v: Float32  # (n,) plate y
    near: Float32  # (n,) disparity of the surface in front
    far: Float32  # (n,) of the one behind
    colour: Float32  # (n, 3) without what shines through from behind
    alpha: Float32  # (n,) in [0, 1]


@dataclass(frozen=True, slots=True)
class Layer:
    """One surface."""

    colour: UInt8  # (h, w, 3)
    mesh: Mesh
    painted: NDArray[np.bool_]  # (h, w) not from the photo
    rim: Rim | None  # None: opaque, nothing lies behind
    patches: tuple[Patch, ...] = ()  # how what lies behind was painted


def count_layers(disparity: Float32, *, reach: float) -> int:
    """How many layers a plan needs: one when nothing can open, else two, more for large moves over separate depths.

    Separate depths are the runs between the valleys of the disparity histogram: below half of the smaller of both
    hills, each hill at least a tenth of the picture.
    """
    if reach * float(disparity.max() - disparity.min()) < 0.75 or not silhouettes(disparity).any():
        return 1
    if reach < 0.06 * disparity.shape[1]:
        return 2
    return int(min(max(2, _hills(disparity)), MOST_LAYERS))


def _hills(disparity: Float32) -> int:
    counts, _ = np.histogram(disparity, bins=64)
    smooth = np.convolve(counts / counts.sum(), np.ones(5) / 5, mode="same")
    hills, mass, peak = 0, 0.0, 0.0
    for i, value in enumerate(smooth):
        mass, peak = mass + float(counts[i]) / counts.sum(), max(peak, float(value))
        rest = float(smooth[i:].max())
        if mass >= 0.1 and value < 0.5 * min(peak, rest):
            hills, mass, peak = hills + 1, 0.0, 0.0
    return hills + (1 if mass >= 0.1 else 0)


def split_layers(
    colour: UInt8, disparity: Float32, painted: NDArray[np.bool_], *,
    reach: float, count: int, dear: NDArray[np.bool_] | None = None,
) -> tuple[Layer, ...]:  # fmt: skip
    """Split a plate (h, w, 3), (h, w) into `count` layers, front to back.

    `reach` is as in `hidden`; what is `dear` (h, w) is not to be seen twice.
    """
    tolerance, step = _BEND_PX / max(reach, 1.0), _STEP_PX / max(reach, 1.0)
    layers: list[Layer] = []
    for k in range(count):
        disparity = sharpen_steps(disparity) if count > 1 else disparity
        fringe = None
        if k == 0 and count > 1:  # what is painted behind has none
            disparity, fringe = find_fringe(colour, disparity)
        hidden = find_hidden(disparity, reach=1.2 * reach + _SPARE) if k < count - 1 else None
        mesh = make_mesh(disparity, tolerance=tolerance, step=step)
        if hidden is None or not hidden.mask.any():
            layers.append(Layer(colour, mesh, painted, None))
            break
        done, paint = paint_hidden(colour, disparity, hidden, dear=dear)
        behind = done.picture
        rim = _rim(colour, disparity, behind)
        rim = rim if fringe is None else _with_fringe(rim, fringe, hidden.mask, colour, disparity, behind)
        layers.append(Layer(colour, mesh, painted, rim, done.patches))
        disparity = np.minimum(hidden.disparity, disparity)
        if k == count - 2:
            disparity = _without_steps(disparity, hidden.mask)
        colour, painted = behind, painted | paint
    return tuple(layers)


def _without_steps(disparity: Float32, where: NDArray[np.bool_]) -> Float32:
    """The last layer is one surface: what little stands out within the paint is smoothed."""
    soft = cv2.GaussianBlur(disparity, (0, 0), 3.0)
    share = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 1.5)
    return np.asarray(disparity + (np.minimum(soft, disparity) - disparity) * share, np.float32)


def _rim(colour: UInt8, disparity: Float32, behind: UInt8) -> Rim:
    """The pixels along silhouettes: matted against what lies behind, transparent at the step itself."""
    width = disparity.shape[1]
    kernel = np.ones((3, 3), np.uint8)
    falls = (disparity - cv2.erode(disparity, kernel)) > STEP  # the last pixels of the surface in front
    rises = (cv2.dilate(disparity, kernel) - disparity) > STEP
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    near, far = cv2.dilate(disparity, window), cv2.erode(disparity, window)
    front = disparity > (near + far) / 2
    from_front, from_back = _distance(falls & front), _distance(rises & ~front)
    ring = np.where(front, from_front, from_back) < _RING
    index = np.flatnonzero(ring & ((near - far) > STEP))
    inside = front & (from_front > _RING)
    picture, front, from_front = colour.reshape(-1, 3)[index], front.ravel()[index], from_front.ravel()[index]
    fore = _further_inside(colour, inside, index)
    matte, clean = _matte(picture.astype(np.float32), fore, behind.reshape(-1, 3)[index].astype(np.float32), from_front)
    alpha = np.where(front, matte, np.clip((from_back.ravel()[index] - 1.0) / 2.0, 0.0, 1.0))
    return Rim(
        index=index, u=(index % width).astype(np.float32), v=(index // width).astype(np.float32),
        near=near.ravel()[index].astype(np.float32), far=far.ravel()[index].astype(np.float32),
        colour=np.where(front[:, None], clean, picture).astype(np.float32), alpha=alpha.astype(np.float32),
    )  # fmt: skip


def _with_fringe(
    rim: Rim, fringe: Fringe, hides: NDArray[np.bool_], colour: UInt8, disparity: Float32, behind: UInt8
) -> Rim:
    """A rim with the pixels that are not solid, where something was painted behind them (`hides`, (h, w))."""
    kept = hides.ravel()[fringe.index]
    index, sure, fore = fringe.index[kept], fringe.sure[kept], fringe.fore[kept]
    at = np.searchsorted(rim.index, index)
    known = (at < len(rim.index)) & (rim.index[np.minimum(at, len(rim.index) - 1)] == index)
    solid = np.ones(len(index), np.float32)  # what the rim itself says; the step itself is always open
    solid[known] = rim.alpha[at[known]]
    alpha = np.where(solid > 0, sure * fringe.alpha[kept] + (1 - sure) * solid, 0)
    picture, back = (each.reshape(-1, 3)[index].astype(np.float32) for each in (colour, behind))
    pure = (picture - (1 - alpha[:, None]) * back) / np.maximum(alpha[:, None], 0.1)
    clean = np.clip(fore + (np.clip(pure, 0, 255) - fore) * alpha[:, None], 0, 255)
    width = disparity.shape[1]
    own = np.ones(len(rim.index), np.bool_)
    own[at[known]] = False
    order = np.argsort(np.concatenate([rim.index[own], index]), kind="stable")

    def joined(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:  # Any: whole numbers and floats
        return np.concatenate([old[own], new.astype(old.dtype)])[order]

    return Rim(
        index=joined(rim.index, index), u=joined(rim.u, index % width), v=joined(rim.v, index // width),
        near=joined(rim.near, disparity.ravel()[index]), far=joined(rim.far, fringe.far[kept]),
        colour=joined(rim.colour, clean), alpha=joined(rim.alpha, alpha),
    )  # fmt: skip


def _distance(where: NDArray[np.bool_]) -> Float32:
    if not where.any():
        return np.full(where.shape, 1e6, np.float32)
    return np.asarray(cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _further_inside(colour: UInt8, inside: NDArray[np.bool_], index: NDArray[np.int64]) -> Float32:
    """(n, 3) the mean colour of the front surface away from its edge, near the pixels at the flat plate index (n,)."""
    weight = inside.astype(np.float32)
    total = cv2.GaussianBlur(colour * weight[..., None], (0, 0), 3.0).reshape(-1, 3)[index]
    share = cv2.GaussianBlur(weight, (0, 0), 3.0).ravel()[index, None]
    own = colour.reshape(-1, 3)[index]
    return np.where(share > 1e-3, total / np.maximum(share, 1e-3), own).astype(np.float32)


def _matte(picture: Float32, fore: Float32, back: Float32, from_front: Float32) -> tuple[Float32, Float32]:
    """(n,) alpha of the front surface near its edge, and (n, 3) its own colour there.

    Two-colour matting: with F the colour further inside and B the painted one behind, alpha is the place of the pixel
    on the line from B to F; where the two look alike only the distance from the edge decides.
    """
    apart = fore - back
    length = (apart * apart).sum(axis=1)
    line = np.clip(((picture - back) * apart).sum(axis=1) / (length + 1.0), 0.0, 1.0)
    sure = length / (length + 30.0**2)
    ramp = np.clip((from_front + 0.5) / 2.5, 0.0, 1.0)
    alpha = sure * np.maximum(line, ramp - 0.6) + (1.0 - sure) * ramp
    alpha = np.minimum(alpha, np.clip(from_front, 0.0, 1.0))  # the step itself is always open
    alpha = np.maximum(alpha, np.clip(from_front - (_RING - 1.0), 0.0, 1.0))
    pure = (picture - (1.0 - alpha[:, None]) * back) / np.maximum(alpha[:, None], 0.1)
    clean = fore + (np.clip(pure, 0, 255) - fore) * alpha[:, None]
    return alpha.astype(np.float32), np.asarray(np.clip(clean, 0, 255), np.float32)
