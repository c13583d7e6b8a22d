"""READ FIRST: a picture painted where it has holes, each by the fill that fits it best.

    picture, holes ─▶ one hole with its surroundings ─┬─ classical ─▶ blended ─┐
                                                      └─ learned ───▶ blended ─┴─▶ judge ─▶ into the picture

Everything outside the holes stays bit for bit what it was. Knows no camera and no depth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import WeightsMissing
from stillmotion.options import Fill
from stillmotion.stages.generation.painting import classical, learned
from stillmotion.stages.generation.painting.blend import RIM, blended
from stillmotion.stages.generation.painting.classical import classical_fill
from stillmotion.stages.generation.painting.holes import Hole, find_holes, ring
from stillmotion.stages.generation.painting.judge import judged, seam
from stillmotion.stages.generation.painting.learned import LOOKS, learned_fill, network
from stillmotion.stages.generation.regions.plate import Box
from stillmotion.types import Float32, Painting, Progress, UInt8, silent

BORDERED = 0.1
"""Of the border of a hole: where less of it is known the caller's own fill, which may know more, is taken."""

_WORTH = (0.01, 0.3)  # shares of the picture: where the caller has a fill, only such holes are worth another's time
_THICK = 0.04  # of the longer side: where the caller has a fill, thinner holes are painted in one way only
_REACH = 32  # pixels beyond a hole that matter once it is filled

Way = Callable[[UInt8, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]], Float32]
"""A piece (h, w, 3); its hole, what is known, what should not be seen twice (h, w) -> (h, w, 3) the hole filled."""


@dataclass(frozen=True, slots=True)
class Patch:
    """What was done with one hole."""

    box: Box  # the hole with the surroundings it was painted by
    share: float  # of the picture
    way: str  # "learned", "classical" or the caller's
    seam: float  # change across its border over the change beside it; 1 is no seam

    def told(self) -> dict[str, Any]:
        """Ready for JSON; the box as left, top, right, bottom."""
        box = [self.box.left, self.box.top, self.box.right, self.box.bottom]
        return {"box": box, "share": round(self.share, 6), "fill": self.way, "seam": round(self.seam, 3)}


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture without holes."""

    picture: UInt8  # (H, W, 3)
    patches: tuple[Patch, ...]  # the largest hole first
    notes: tuple[str, ...]


def paint(
    picture: UInt8, hole: NDArray[np.bool_], *,
    cover: NDArray[np.bool_] | None = None, dear: NDArray[np.bool_] | None = None,
    fill: Fill = "auto", own: tuple[str, UInt8] | None = None, looks: int = LOOKS, progress: Progress = silent,
) -> Painted:  # fmt: skip
    """Paint the holes of a picture.

    Args:
        picture: (H, W, 3) sRGB; what it has in its holes is not looked at.
        hole: (H, W) where to paint.
        cover: (H, W) what must not be looked at either, and is not painted: a thing in front.
        dear: (H, W) what should not be seen twice: people, signs.
        fill: by the network, classically, or for each hole whichever the judge prefers.
        own: a way's name and the picture (H, W, 3) filled by it, which is laid into the holes for which no other is
            worth its time: small and huge ones, and those that hardly border on anything known. Thin holes are then
            painted by the network alone.
        looks: squares that the network may look at for one hole: time is about 0.1 s each.
        progress: told of each hole.

    Raises:
        WeightsMissing: the fill "learned" was asked for and its weights are not there, or damaged.
    """
    known = ~hole if cover is None else ~(hole | cover)
    if not hole.any() or not known.any():
        return Painted(picture, (), ())
    ways, notes = _ways(fill, looks)
    out, patches = picture.copy(), list[Patch]()
    dear = np.zeros_like(hole) if dear is None else dear
    found = find_holes(hole)
    if own is not None:
        found, rest = _worth(found, known)
        patches += _laid(*own, out, rest, known)
    for done, each in enumerate(found):
        progress("painting", done, len(found))
        each = each if known[each.box.cut].any() else _whole(each, hole.shape)
        cut = each.box.cut
        thin = own is not None and each.thickness < _THICK * max(hole.shape)
        tried = dict(list(ways.items())[:1]) if thin else ways
        way, edge, best = _best(picture[cut], each.inside, known[cut], dear[cut], tried)
        out[cut][each.inside] = best
        patches.append(Patch(each.box, float(each.inside.sum() / hole.size), way, edge))
    progress("painting", len(found), len(found))
    return Painted(out, tuple(sorted(patches, key=lambda patch: -patch.share)), notes)


def summed(where: str, patches: Sequence[Patch]) -> tuple[Painting, ...]:
    """What each way of painting filled, the most first."""
    ways = {patch.way: [each for each in patches if each.way == patch.way] for patch in patches}
    found = [
        Painting(where=where, fill=way, holes=len(of), share=round(sum(each.share for each in of), 6),
                 seam=round(max(each.seam for each in of), 3))
        for way, of in ways.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: -each.share))


def _worth(holes: Sequence[Hole], known: NDArray[np.bool_]) -> tuple[tuple[Hole, ...], tuple[Hole, ...]]:
    """The holes that are worth another's time than the caller's fill, and the rest."""
    least, most = (share * known.size for share in _WORTH)
    worth = [least <= each.inside.sum() <= most and _bordered(each, known) for each in holes]
    chosen, rest = (tuple(each for each, is_worth in zip(holes, worth, strict=True) if is_worth == wanted)
                    for wanted in (True, False))  # fmt: skip
    return chosen, rest


def _bordered(hole: Hole, known: NDArray[np.bool_]) -> bool:
    """Whether enough of what lies around a hole is known for a fill to go by."""
    around = ring(hole.inside, ~hole.inside, RIM)
    return bool((around & known[hole.box.cut]).sum() >= BORDERED * around.sum())


def _laid(name: str, filled: UInt8, out: UInt8, holes: Sequence[Hole], known: NDArray[np.bool_]) -> list[Patch]:
    """Lay the caller's own picture (H, W, 3) into some holes of `out`, blended."""
    if not holes:
        return []
    where = np.zeros(known.shape, np.bool_)
    for each in holes:
        where[each.box.cut] |= each.inside
    laid = blended(np.asarray(filled, np.float32), out, where, known)
    out[where] = np.clip(np.rint(laid[where]), 0, 255).astype(np.uint8)
    patches = []
    for each in holes:
        near, inside = _near(each.inside), each.inside
        cut = laid[each.box.cut][near], inside[near], known[each.box.cut][near]
        patches.append(Patch(each.box, float(inside.sum() / known.size), name, seam(*cut)))
    return patches


def _ways(fill: Fill, looks: int) -> tuple[dict[str, Way], tuple[str, ...]]:
    """The ways that are at hand, by name, and what has to be said about it."""

    if fill == "classical":
        return {classical.NAME: classical_fill}, ()
    try:
        by_network = partial(learned_fill, net=network(), looks=looks)
    except WeightsMissing as error:
        if fill == "learned":
            raise
        return {classical.NAME: classical_fill}, (f"{error.message} Holes were filled classically.",)
    if fill == "learned":
        return {learned.NAME: by_network}, ()
    return {learned.NAME: by_network, classical.NAME: classical_fill}, ()


def _best(
    piece: UInt8, inside: NDArray[np.bool_], known: NDArray[np.bool_], dear: NDArray[np.bool_], ways: Mapping[str, Way]
) -> tuple[str, float, UInt8]:
    """The name of the way that the judge prefers, its seam, and the colours (n, 3) of the hole's pixels, blended."""
    with ThreadPoolExecutor(max(1, len(ways)), thread_name_prefix="paint") as pool:
        begun = {name: pool.submit(way, piece, inside, known, dear) for name, way in ways.items()}
    fills = {name: each.result() for name, each in begun.items()}
    near = _near(inside)
    piece, inside, known = piece[near], inside[near], known[near]
    laid = {name: blended(fill[near], piece, inside, known) for name, fill in fills.items()}
    if len(laid) == 1:
        ((best, only),) = laid.items()
        edge = seam(only, inside, known)
    else:
        verdicts = {name: judged(name, each, inside, known) for name, each in laid.items()}
        best = min(verdicts, key=lambda name: verdicts[name].score)
        edge = verdicts[best].seam
    return best, edge, np.clip(np.rint(laid[best][inside]), 0, 255).astype(np.uint8)


def _near(inside: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns of a hole (h, w) and of what it is blended with and judged by."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return (
        slice(max(0, rows[0] - _REACH), rows[-1] + 1 + _REACH),
        slice(max(0, columns[0] - _REACH), columns[-1] + 1 + _REACH),
    )


def _whole(hole: Hole, shape: tuple[int, ...]) -> Hole:
    """The same hole in a box that is the whole picture (H, W)."""
    where = np.zeros(shape, np.bool_)
    where[hole.box.cut] = hole.inside
    return Hole(Box(0, shape[0], 0, shape[1]), where, hole.thickness)
