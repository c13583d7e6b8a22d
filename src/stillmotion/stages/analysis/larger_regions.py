"""Regions of larger models in the terms of a scene: parts by name, free words, outlines.

Knows masks and names; a name that our vocabulary has no word for is kept as the model says it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.models.large.sam import Ask, Outliner, Point
from stillmotion.models.large.segmentation import Shares
from stillmotion.models.large.words import Box, WordBoxes, WordMasks
from stillmotion.stages.analysis.cues import Cues
from stillmotion.stages.analysis.larger import Found, Larger
from stillmotion.stages.analysis.rims import soften
from stillmotion.types import Float32, Region, Scene, UInt8
from stillmotion.vocabulary import canonical_label

THINGS = frozenset(
    {
        "subject", "person", "hair", "animal", "bird", "vehicle", "boat", "balloon", "ball", "flag", "food", "flower",
        "lamp", "curtain",
    }
)  # fmt: skip
"""Parts that have an outline; those of surfaces lie where they lie."""

_ALSO = {
    "windowpane": "window", "ceiling": "wall", "fireplace": "fireplace", "hot dog": "food", "pool table": "pool table",
    "clouds": "clouds", "sidewalk": "road", "vegetation": "foliage", "terrain": "grass",
}  # fmt: skip
_NO_PART = frozenset({"subject", "background", "other", "nothing", "void", "unlabeled", "unknown"})
_SURE, _LEAST, _LEAST_THING, _LEAST_SKY = 0.5, 0.003, 0.0005, 0.01
_LONG_SIDE = 360  # pixels in which a box is cut to what is in it
_MOST_PIECES = 6
_AGREED = 0.5  # overlap (of the union) from which on an outline is of the thing it was asked for
_FEATHER, _FEATHER_WORDS = 0.004, 0.012  # of the width: how far rims may move to the photo's edges
_LEAST_WORD = 0.4  # the surest place must be this sure


def label_of(name: str) -> str | None:
    """Our word for a class of a model ("sky-other-merged" -> "sky"), its own in plain letters, or None: no part."""
    first = re.split(r"[;,/(]", name.lower())[0].strip().replace("_", " ")
    for text in (first.replace("-", " "), first.split("-")[0]):
        plain = _plain(text)
        label = _ALSO.get(plain) or canonical_label(plain)
        if label is not None:
            return None if label in _NO_PART else label
    plain = _plain(first.removesuffix("-merged").removesuffix("-stuff"))
    return None if not plain or plain in _NO_PART else plain


def _plain(text: str) -> str:
    """Letters, digits and single spaces: it names files too."""
    return " ".join(re.sub(r"[^a-z0-9 ]+", " ", text.lower()).split())[:40].strip()


def by_label(seen: Shares) -> dict[str, Float32]:
    """Label -> (h, w) share of all classes that it stands for, of every label the model knows."""
    found: dict[str, Float32] = {}
    for name, share in zip(seen.names, seen.shares, strict=True):
        label = label_of(name)
        if label is not None:
            found[label] = found[label] + share if label in found else share
    return found


def parts_of(shares: dict[str, Float32], photo: UInt8) -> list[Region]:
    """The labels that cover enough of a picture (H, W, 3), their masks (H, W), surest first."""
    found = []
    for label, share in shares.items():
        solid = share > _SURE
        if float(solid.mean()) < (_LEAST_THING if label in THINGS else _LEAST):
            continue
        mask = np.clip((_fitted(share, photo) - 0.3) / 0.4, 0, 1).astype(np.float32)
        sure = round(min(float(share[solid].mean()), 0.98), 3)
        mask = soften(mask, photo, feather_px=_FEATHER * photo.shape[1])
        found.append(Region(name=label, mask=mask, confidence=sure))
    return sorted(found, key=lambda region: -region.confidence)


def sky_of(share: Float32, cues: Cues) -> Float32:
    """(h, w) at working size from a share of any size; all zero where there is hardly any."""
    share = np.asarray(cv2.resize(share, cues.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    if float((share > _SURE).mean()) < _LEAST_SKY:
        return np.zeros(cues.shape, np.float32)
    return np.asarray(np.clip((share - 0.25) / 0.5, 0, 1), np.float32)


def larger_regions(
    shares: dict[str, Float32], own: tuple[Region, ...], matte: Float32, photo: UInt8, outliner: Outliner | None
) -> tuple[Region, ...]:
    """The model's parts, of our own those it has no word for (of the others it knows better), things outlined.

    `shares` as `by_label` makes them, `matte` (H, W) the subject's, which may have been outlined already.
    """
    seen = parts_of(shares, photo)
    found = [*seen, *(region for region in own if region.name not in shares)]
    given = {"subject": matte, "background": np.asarray(1 - matte, np.float32)}
    found = [replace(each, mask=given[each.name]) if each.name in given else each for each in found]
    if outliner is None:
        return tuple(found)
    return tuple(
        replace(each, mask=outline(each.mask, outliner, photo)) if each.name in THINGS - {"subject"} else each
        for each in found
    )


def outline(lead: Float32, outliner: Outliner, photo: UInt8) -> Float32:
    """A mask (H, W) with each of its pieces replaced by what the model outlines there, where the two agree."""
    solid = (lead > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    order = (np.argsort(-stats[1:count, cv2.CC_STAT_AREA])[:_MOST_PIECES] + 1).tolist()
    out = lead.copy()
    for i in order:
        left, top, wide, high, area = (int(v) for v in stats[i])
        if area < _LEAST_THING * lead.size:
            continue
        piece = labels == i
        inner = cv2.distanceTransform(np.pad(piece.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = (int(v) for v in np.unravel_index(int(np.argmax(inner)), inner.shape))
        ask = Ask(box=(left, top, left + wide, top + high), inside=((float(x), float(y)),), outside=())
        mask, _ = outliner.outline(photo, ask)
        theirs = mask > 0.5
        if float((theirs & piece).sum()) < _AGREED * float((theirs | piece).sum()):
            continue
        near = cv2.dilate(piece.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        fine = soften(mask, photo, feather_px=_FEATHER * photo.shape[1])
        out = np.where(near, fine, np.maximum(out, fine)).astype(np.float32)
    return np.asarray(out, np.float32)


def find_word(
    photo: UInt8, phrase: str, *, boxes: WordBoxes | None, masks: WordMasks | None, outliner: Outliner | None
) -> Found | None:
    """The place of what free words name in a picture (H, W, 3), by boxes where there is a model for them."""
    width = photo.shape[1]
    if boxes is not None and (found := boxes.find(photo, phrase)[:_MOST_PIECES]):
        mask = np.max([_in_box(outliner, photo, box) for box in found], axis=0)
        mask = soften(np.asarray(mask, np.float32), photo, feather_px=_FEATHER * width)
        return Found(mask=mask, confidence=found[0].score, by=boxes.checkpoint.name)
    if masks is not None and float((seen := masks.find(photo, phrase)).max()) >= _LEAST_WORD:
        mask = np.clip((_fitted(seen, photo) - 0.25) / 0.3, 0, 1).astype(np.float32)
        mask = soften(mask, photo, feather_px=_FEATHER_WORDS * width)
        return Found(mask=mask, confidence=float(seen[seen >= _LEAST_WORD].mean()), by=masks.checkpoint.name)
    return None


def with_words(scene: Scene, phrases: Sequence[str], larger: Larger | None) -> Scene:
    """The scene with a region for each phrase that was found in it.

    Raises:
        InputError: there is no model that finds words.
    """
    if phrases and (larger is None or not larger.finds_words):
        raise InputError(
            f"Looking for '{phrases[0]}' needs a model that knows free words.",
            hint="Give one with --region-model: CLIPSeg, Grounding DINO or OWLv2.",
        )
    regions, notes = list(scene.regions), list(scene.notes)
    for phrase in phrases:
        assert larger is not None
        found = larger.find(scene.photo, phrase)
        name = _plain(phrase)
        if found is None or not name:
            notes.append(f"'{phrase}' was not found.")
            continue
        regions = [region for region in regions if region.name != name]
        regions.append(Region(name=name, mask=found.mask, confidence=round(found.confidence, 3)))
    return replace(scene, regions=tuple(regions), notes=tuple(notes))


def grow_points(
    outliner: Outliner, photo: UInt8, *, inside: tuple[Point, ...], outside: tuple[Point, ...]
) -> Float32:  # fmt: skip
    """(H, W) what the inside points (fractions of the canvas) lie on, without what the outside points lie on."""
    height, width = photo.shape[:2]
    at = [tuple((x * width - 0.5, y * height - 0.5) for x, y in points) for points in (inside, outside)]
    mask, _ = outliner.outline(photo, Ask(box=None, inside=at[0], outside=at[1]))
    return soften(mask, photo, feather_px=_FEATHER * width)


def _in_box(outliner: Outliner | None, photo: UInt8, box: Box) -> Float32:
    """(H, W) the thing in a box: outlined by a model, or cut out by its colours (GrabCut)."""
    if outliner is not None:
        return outliner.outline(photo, Ask(box=(box.left, box.top, box.right, box.bottom), inside=(), outside=()))[0]
    height, width = photo.shape[:2]
    scale = min(1.0, _LONG_SIDE / max(height, width))
    small = cv2.resize(
        photo, (max(2, round(width * scale)), max(2, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    left, top = (
        min(round(v * scale), limit - 2) for v, limit in zip((box.left, box.top), small.shape[1::-1], strict=True)
    )
    right, bottom = max(left + 2, round(box.right * scale)), max(top + 2, round(box.bottom * scale))
    trimap = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    trimap[top:bottom, left:right] = cv2.GC_PR_FGD
    inner = trimap == cv2.GC_PR_FGD
    if inner.mean() < 0.98:  # a box that is the picture has no outside to learn from
        cv2.setRNGSeed(1)
        model = np.zeros((1, 65), np.float64)
        cv2.grabCut(small, trimap, (0, 0, 1, 1), model, model.copy(), 4, cv2.GC_INIT_WITH_MASK)
    cut = np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD))
    cut = cut if cut.sum() > 0.1 * inner.sum() else inner  # nothing of its own colour: all of the box
    soft = cv2.GaussianBlur(cut.astype(np.float32), (0, 0), 0.7)
    return np.clip(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)


def _fitted(share: Float32, photo: UInt8) -> Float32:
    return np.asarray(cv2.resize(share, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
