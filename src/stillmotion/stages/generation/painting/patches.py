"""Where each place of a hole finds its like in the photo: found from coarse to fine, patch by patch.

    smallest size: filled from the border inwards ─▶ match ─▶ vote ─▶ ... ─▶ twice the size: pixels taken anew ─▶ ...

A match is the offset to a wholly known patch that looks like the one about this place; a vote gives each place the mean
colour that the matches of all patches over it propose. At the next size the pixels themselves are taken again, so that
nothing blurs. Sources: space-time completion (Wexler et al., PAMI 2007); PatchMatch (Barnes et al., SIGGRAPH 2009).

Legend: h, w a size; R half a patch.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.models.smooth import SWEEPS, continued
from stillmotion.types import Float32

R = 3
_SMALLEST = 20  # pixels of the shorter side at which it begins
_TRIES = 2  # matches between votes
_GUESSED = 0.4  # what a place of the hole counts in a comparison, against one that is known
_PICKY = 0.5  # of the usual difference: how much worse a patch may be and still have a say
_VOTES = 5  # at the smallest size; fewer as it grows
_ACROSS, _DOWN = 12.0, 80.0  # squared levels that an offset as long as the picture costs: the world is layered
_GUIDED = 1.0  # of the squared difference from the smooth continuation: sky is painted where sky goes on
_DEAR = 3000.0  # squared levels that a place costs which should not be seen twice


def likeness(
    picture: Float32, known: NDArray[np.bool_], inside: NDArray[np.bool_], dear: Float32
) -> NDArray[np.int32] | None:
    """(h, w, 2) for each place in and about the hole the offset (y, x) to its like; anything elsewhere.

    Args:
        picture: (h, w, 3), looked at only where `known` (h, w).
        inside: (h, w) the hole; what is neither known nor inside is left out of all comparisons.
        dear: (h, w) in [0, 1] what should not be seen twice: a face, a sign.

    Returns:
        None where no patch of the picture is wholly known.
    """
    sizes = _sizes(known.shape)
    offsets: NDArray[np.int32] | None = None
    for k, size in enumerate(sizes):
        sure = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
        wanted = (cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0) & ~sure
        sources = cv2.erode(sure.astype(np.uint8), np.ones((2 * R + 1, 2 * R + 1), np.uint8), borderValue=0) > 0
        if not sources.any():
            continue
        shares = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
        seen = cv2.resize(picture * known[..., None], size, interpolation=cv2.INTER_AREA).reshape(*sure.shape, 3)
        seen = np.asarray(seen / np.maximum(shares, 1e-3), np.float32)
        smooth = continued(seen, sure.astype(np.float32), sweeps=SWEEPS)
        guide = np.asarray(cv2.blur(smooth, (2 * R + 1, 2 * R + 1)), np.float32)
        price = _DEAR * np.asarray(cv2.resize(dear, size, interpolation=cv2.INTER_AREA), np.float32)
        if offsets is None:
            colour, offsets = smooth.copy(), _anywhere(sources)
            _peeled(colour, sure, wanted, sources, price, guide, offsets)
        else:
            offsets = _grown(offsets, sources)
            colour = np.where(wanted[..., None], _copied(seen, offsets), seen).astype(np.float32)
        for turn in range(max(1, _VOTES - k)):
            score = _matched(colour, sure, wanted, sources, price, guide, offsets, _TRIES, 7919 * k + turn + 1)
            if not np.isfinite(score).any():
                break
            usual = float(np.quantile(score[np.isfinite(score)], 0.6))
            _voted(colour, wanted, offsets, score, _PICKY * (usual + 1.0))
    return offsets


def _sizes(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """(width, height) from the smallest to the whole."""
    height, width = shape
    sizes = [(width, height)]
    while min(sizes[-1]) / 2 >= _SMALLEST:
        sizes.append((round(sizes[-1][0] / 2), round(sizes[-1][1] / 2)))
    return sizes[::-1]


def _anywhere(sources: NDArray[np.bool_]) -> NDArray[np.int32]:
    rows, columns = np.nonzero(sources)
    picked = np.random.default_rng(0).integers(0, len(rows), sources.shape)
    y, x = np.indices(sources.shape)
    return np.stack([rows[picked] - y, columns[picked] - x], axis=2).astype(np.int32)


def _grown(offsets: NDArray[np.int32], sources: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The offsets of the next smaller size at this one; where they now lead to no source, anywhere."""
    height, width = sources.shape
    y, x = np.indices(sources.shape)
    small = offsets[np.minimum(y * offsets.shape[0] // height, offsets.shape[0] - 1),
                    np.minimum(x * offsets.shape[1] // width, offsets.shape[1] - 1)]  # fmt: skip
    scale = np.array([height / offsets.shape[0], width / offsets.shape[1]])
    grown = np.rint(small * scale).astype(np.int32)
    there_y, there_x = y + grown[..., 0], x + grown[..., 1]
    good = (there_y >= 0) & (there_y < height) & (there_x >= 0) & (there_x < width)
    good &= sources[np.clip(there_y, 0, height - 1), np.clip(there_x, 0, width - 1)]
    return np.where(good[..., None], grown, _anywhere(sources)).astype(np.int32)


def _copied(picture: Float32, offsets: NDArray[np.int32]) -> Float32:
    """(h, w, 3) what the offsets lead to."""
    y, x = np.indices(offsets.shape[:2])
    there = np.clip(y + offsets[..., 0], 0, picture.shape[0] - 1), np.clip(x + offsets[..., 1], 0, picture.shape[1] - 1)
    return np.asarray(picture[there], np.float32)


@njit(cache=True, nogil=True)
def _extra(price, guide, y, x, sy, sx):  # type: ignore[no-untyped-def]
    """What a place costs as a source whatever the patches look like."""
    far = np.float64(max(price.shape[0], price.shape[1]))
    total = price[sy, sx] + (_DOWN * abs(sy - y) + _ACROSS * abs(sx - x)) / far
    for c in range(3):
        d = guide[y, x, c] - guide[sy, sx, c]
        total += _GUIDED / 3 * d * d
    return total


@njit(cache=True, nogil=True)
def _peeled(colour, sure, wanted, sources, price, guide, offsets):  # type: ignore[no-untyped-def]
    """Fill `colour` from the border inwards, each place with the best of all sources by what is there already."""
    height, width = sure.shape
    there = sure.copy()
    going = True
    while going:
        before = there.copy()
        going = False
        for y in range(height):
            for x in range(width):
                if before[y, x] or not wanted[y, x]:
                    continue
                beside = False
                for dy in range(-1, 2):
                    for dx in range(-1, 2):
                        if 0 <= y + dy < height and 0 <= x + dx < width and before[y + dy, x + dx]:
                            beside = True
                if not beside:
                    continue
                best = np.inf
                for sy in range(R, height - R):
                    for sx in range(R, width - R):
                        if not sources[sy, sx]:
                            continue
                        total, count = 0.0, 0
                        for dy in range(-R, R + 1):
                            for dx in range(-R, R + 1):
                                ny, nx = y + dy, x + dx
                                if 0 <= ny < height and 0 <= nx < width and before[ny, nx]:
                                    count += 1
                                    for c in range(3):
                                        d = colour[ny, nx, c] - colour[sy + dy, sx + dx, c]
                                        total += d * d
                        total = total / (3 * max(count, 1)) + _extra(price, guide, y, x, sy, sx)
                        if total < best:
                            best = total
                            offsets[y, x, 0], offsets[y, x, 1] = sy - y, sx - x
                if best < np.inf:
                    for c in range(3):
                        colour[y, x, c] = colour[y + offsets[y, x, 0], x + offsets[y, x, 1], c]
                there[y, x] = True
                going = True


@njit(cache=True, nogil=True)
def _apart(colour, trust, y, x, sy, sx, limit):  # type: ignore[no-untyped-def]
    """Mean squared difference of two patches, weighted by `trust` at the first; past `limit` it is given up."""
    height, width = colour.shape[:2]
    total, weight = 0.0, 1e-9
    for dy in range(-R, R + 1):
        if y + dy < 0 or y + dy >= height:
            continue
        for dx in range(-R, R + 1):
            if x + dx < 0 or x + dx >= width or trust[y + dy, x + dx] == 0:
                continue
            share = trust[y + dy, x + dx]
            weight += share
            for c in range(3):
                d = colour[y + dy, x + dx, c] - colour[sy + dy, sx + dx, c]
                total += share * d * d
        if total > limit * 3 * (2 * R + 1) ** 2:
            return total
    return total / (3 * weight)


@njit(cache=True, nogil=True)
def _matched(colour, sure, wanted, sources, price, guide, offsets, tries, seed):  # type: ignore[no-untyped-def]
    """(h, w) the difference of each place's best match, with `offsets` improved in place."""
    height, width = sure.shape
    far = np.float64(max(height, width))
    score = np.full((height, width), np.inf)
    state = np.uint64(seed)
    near = np.zeros((height, width), np.bool_)
    trust = np.where(sure, 1.0, np.where(wanted, _GUESSED, 0.0))
    for y in range(height):
        for x in range(width):
            if wanted[y, x]:
                for ny in range(max(0, y - R), min(height, y + R + 1)):
                    for nx in range(max(0, x - R), min(width, x + R + 1)):
                        near[ny, nx] = True
    for y in range(height):
        for x in range(width):
            if near[y, x]:
                oy, ox = offsets[y, x, 0], offsets[y, x, 1]
                score[y, x] = _apart(colour, trust, y, x, y + oy, x + ox, np.inf)
                score[y, x] += _extra(price, guide, y, x, y + oy, x + ox)
    for turn in range(tries):
        step = 1 if turn % 2 == 0 else -1
        for i in range(height):
            y = i if step == 1 else height - 1 - i
            for j in range(width):
                x = j if step == 1 else width - 1 - j
                if not near[y, x]:
                    continue
                best, by, bx = score[y, x], offsets[y, x, 0], offsets[y, x, 1]
                for side in range(2):
                    ny, nx = (y - step, x) if side == 0 else (y, x - step)
                    if 0 <= ny < height and 0 <= nx < width and near[ny, nx]:
                        oy, ox = offsets[ny, nx, 0], offsets[ny, nx, 1]
                        sy, sx = y + oy, x + ox
                        if (oy != by or ox != bx) and 0 <= sy < height and 0 <= sx < width and sources[sy, sx]:
                            found = _apart(colour, trust, y, x, sy, sx, best)
                            found += _extra(price, guide, y, x, sy, sx)
                            if found < best:
                                best, by, bx = found, oy, ox
                radius = far
                while radius >= 1.0:
                    state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                    a = (np.float64((state >> np.uint64(40)) & np.uint64(0xFFFF)) / 32768.0 - 1.0) * radius
                    b = (np.float64((state >> np.uint64(24)) & np.uint64(0xFFFF)) / 32768.0 - 1.0) * radius
                    sy, sx = y + by + int(a), x + bx + int(b)
                    if 0 <= sy < height and 0 <= sx < width and sources[sy, sx]:
                        oy, ox = sy - y, sx - x
                        found = _apart(colour, trust, y, x, sy, sx, best)
                        found += _extra(price, guide, y, x, sy, sx)
                        if found < best:
                            best, by, bx = found, oy, ox
                    radius *= 0.5
                score[y, x], offsets[y, x, 0], offsets[y, x, 1] = best, by, bx
    return score


@njit(cache=True, nogil=True)
def _voted(colour, wanted, offsets, score, scale):  # type: ignore[no-untyped-def]
    """Give every place that is wanted the mean of what the patches over it propose, the likest counting most."""
    height, width = wanted.shape
    out = colour.copy()
    for y in range(height):
        for x in range(width):
            if not wanted[y, x]:
                continue
            total, weight = np.zeros(3), 1e-12
            for py in range(max(0, y - R), min(height, y + R + 1)):
                for px in range(max(0, x - R), min(width, x + R + 1)):
                    sy, sx = y + offsets[py, px, 0], x + offsets[py, px, 1]
                    if not np.isfinite(score[py, px]) or sy < 0 or sy >= height or sx < 0 or sx >= width:
                        continue
                    share = np.exp(-score[py, px] / scale)
                    weight += share
                    for c in range(3):
                        total[c] += share * colour[sy, sx, c]
            if weight > 1e-9:
                for c in range(3):
                    out[y, x, c] = total[c] / weight
    colour[:] = out
