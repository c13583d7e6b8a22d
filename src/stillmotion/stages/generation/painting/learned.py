"""The fill of the network: a hole looked at in one or several overlapping squares, then given the photo's fine texture.

    hole ─squares that cover it─▶ 256 x 256 each ─network─▶ averaged where they overlap ─▶ + texture of the surroundings

Every square is scaled to the network's size, so that the hole is a small part of what it sees. Knows the network's
face, not what is in it.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import WeightsMissing
from stillmotion.models.inpainter import SIDE, WEIGHTS, Inpainter, inpainter
from stillmotion.models.smooth import continued
from stillmotion.stages.generation.painting.holes import thickness
from stillmotion.stages.generation.painting.texture import with_texture
from stillmotion.types import Float32, UInt8

NAME = "learned"
LOOKS = 6
"""Squares that one hole may be looked at in."""

_WIDER = 3.0  # a square is at least this many times as wide as the hole is thick
_ONE = 1.4  # times that: a hole that fits in so much is looked at once
_INNER = 0.7  # the part of a square in which a hole pixel counts as seen well
_LEAST_KNOWN = 0.04  # of a square: with less to go by the smooth continuation of all around is as good
_BLUR = 1.1  # pixels of the network's size by which its fill is blurred
_MOST_BLUR = 3.0  # pixels: what is coarser is no texture but things, and would be seen again and again


def network() -> Inpainter:
    """The network that comes with the package.

    Raises:
        WeightsMissing: its weights are not there, or damaged; says which file that is, by its hash.
    """
    try:
        return inpainter()
    except cv2.error as error:
        found = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
        raise WeightsMissing(
            f"The weights {WEIGHTS.name} are damaged (sha256 {found[:16]}..., {WEIGHTS.stat().st_size} bytes).",
            hint="Install stillmotion again, or let holes be filled classically.",
        ) from error


def learned_fill(
    picture: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_], dear: NDArray[np.bool_], *, net: Inpainter,
    looks: int = LOOKS,
) -> Float32:  # fmt: skip
    """(h, w, 3) what the network makes of a picture (h, w, 3) whose hole is `inside` (h, w), with texture in the hole.

    Nothing but what is `known` (h, w) is looked at; no texture is taken from what is `dear` (h, w).
    """
    found, blur_px = shapes(picture, inside, known, net=net, looks=looks)
    return with_texture(found, picture, inside, known & ~dear, blur_px=blur_px)


def shapes(
    picture: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_], *, net: Inpainter, looks: int = LOOKS
) -> tuple[Float32, float]:
    """(h, w, 3) what the network makes of a picture, as in `learned_fill`, without texture; pixels of its blur."""
    height, width = known.shape
    side, corners = squares(inside, looks=looks)
    total, weights = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    for top, left in corners:
        cut = slice(max(top, 0), min(top + side, height)), slice(max(left, 0), min(left + side, width))
        if known[cut].sum() < _LEAST_KNOWN * side**2:
            continue  # it would have to invent all of it
        seen = _looked_at(picture, known, top, left, side, net)[cut[0].start - top : cut[0].stop - top,
                                                                cut[1].start - left : cut[1].stop - left]  # fmt: skip
        weight = _window(cut, (top, left), side)
        total[cut] += seen * weight[..., None]
        weights[cut] += weight
    rest = picture.astype(np.float32)
    if (inside & (weights == 0)).any():
        rest = continued(rest, known.astype(np.float32))
    found = np.where((weights > 0)[..., None], total / np.maximum(weights, 1e-6)[..., None], rest)
    return found.astype(np.float32), min(_BLUR * side / SIDE, _MOST_BLUR)


def squares(inside: NDArray[np.bool_], *, looks: int = LOOKS) -> tuple[int, list[tuple[int, int]]]:
    """The side in pixels of squares that cover a hole (h, w), and (top, left) of each, at most `looks`."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    extent = int(max(rows[-1] - rows[0], columns[-1] - columns[0])) + 1
    side = max(SIDE, round(_WIDER * thickness(inside)))
    whole = round(1.5 * extent)
    while True:
        if whole <= _ONE * side:
            side = max(side, whole)
            middle = (int(rows[0] + rows[-1]) // 2, int(columns[0] + columns[-1]) // 2)
            return side, [_placed(middle, side, inside.shape)]
        corners = _cover(inside, side, looks)
        if corners is not None:
            return side, corners
        side = round(1.25 * side)


def _cover(inside: NDArray[np.bool_], side: int, looks: int) -> list[tuple[int, int]] | None:
    """Squares of this side that see every place of the hole well; None: more than `looks` would be needed."""
    left_over = inside.copy()
    corners: list[tuple[int, int]] = []
    reach = int(_INNER * side / 2)
    while left_over.any():
        if len(corners) == looks:
            return None
        y = int(np.flatnonzero(left_over.any(axis=1))[0])
        x = int(np.flatnonzero(left_over[y])[0])
        near = left_over[y : y + 2 * reach, max(0, x - reach) : x + reach]  # first row: nothing lies above
        middle = (y + reach, max(0, x - reach) + round(float(np.flatnonzero(near.any(axis=0)).mean())))
        middle = (middle[0], int(np.clip(middle[1], x - reach + 1, x + reach - 1)))
        top, left = _placed(middle, side, inside.shape)
        corners.append((top, left))
        at = (top + side // 2, left + side // 2)
        box = [slice(max(0, a - reach - 1), a + reach + 1) for a in at]
        for axis, (start, size) in enumerate(
            zip((top, left), inside.shape, strict=True)
        ):  # the picture's rim is seen well
            low = 0 if start <= 0 else box[axis].start
            high = size if start + side >= size else box[axis].stop
            box[axis] = slice(low, high)
        left_over[box[0], box[1]] = False
    return corners


def _placed(middle: tuple[int, int], side: int, shape: tuple[int, ...]) -> tuple[int, int]:
    """(top, left) of a square about a place, moved into the picture where it fits; about the picture where not."""
    top, left = (
        (size - side) // 2 if side >= size else int(np.clip(at - side // 2, 0, size - side))
        for at, size in zip(middle, shape, strict=True)
    )
    return top, left


def _looked_at(
    picture: UInt8, known: NDArray[np.bool_], top: int, left: int, side: int, net: Inpainter
) -> Float32:  # fmt: skip
    """(side, side, 3) what the network makes of a square; what lies beyond the picture is not known to it."""
    height, width = known.shape
    cut = slice(max(top, 0), min(top + side, height)), slice(max(left, 0), min(left + side, width))
    piece = np.zeros((side, side, 3), np.float32)
    weight = np.zeros((side, side), np.float32)
    inner = slice(cut[0].start - top, cut[0].stop - top), slice(cut[1].start - left, cut[1].stop - left)
    piece[inner] = picture[cut] * known[cut][..., None]
    weight[inner] = known[cut]
    small = cv2.resize(piece, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    share = cv2.resize(weight, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    small = small / np.maximum(share, 1e-3)[..., None]
    hole = share < 0.5
    found = net.fill(np.clip(np.rint(small), 0, 255).astype(np.uint8), np.asarray(hole, np.bool_))
    return np.asarray(cv2.resize(found, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _window(cut: tuple[slice, slice], corner: tuple[int, int], side: int) -> Float32:
    """How much a square's places count: less towards its rim."""
    ramps = []
    for part, start in zip(cut, corner, strict=True):
        at = np.arange(part.start, part.stop) - start + 0.5
        ramps.append(np.clip(np.minimum(at, side - at) / (0.3 * side), 0.01, 1))
    return np.outer(*ramps).astype(np.float32)
