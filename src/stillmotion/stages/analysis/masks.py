"""Where the plan's regions are on this photo: one soft mask per region.

Knows masks and pictures; of the motions it knows only who gives way to whom:

    freeze  >  things lifted out (drift, affine, track)  >  sway  >  surfaces (flow, ripple)

A region takes what it covers from the regions right of it, and a later region from an earlier one of its own rank.
Regions with the same mask act together, and flicker (light) neither takes nor gives way, except to freeze.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from stillmotion.errors import InputError, WeightsMissing
from stillmotion.evaluation.picture import grey
from stillmotion.evaluation.regions import is_plain
from stillmotion.plan import (
    BrushMask,
    DepthMask,
    LabelMask,
    Mask,
    MotionPlan,
    PointsMask,
    PolygonMask,
    RegionMotion,
    SaliencyMask,
    TextMask,
)
from stillmotion.stages.analysis.brush import read_brush
from stillmotion.stages.analysis.larger import Larger
from stillmotion.stages.analysis.named import named
from stillmotion.stages.analysis.rims import soften
from stillmotion.stages.analysis.strokes import grow
from stillmotion.types import Float32, Scene, UInt8
from stillmotion.vocabulary import canonical_label

_RANK = {"freeze": 0, "drift": 1, "affine": 1, "track": 1, "sway": 2, "flow": 3, "ripple": 3, "flicker": 4}
_SEEN_BY_TEXTURE = frozenset({"flow", "ripple"})
_ROLES = frozenset({"subject", "background"})  # words for what a thing is in the picture, not for what it is
_LEAVING = frozenset({"drift", "affine", "track"})
_LARGE = 0.2  # share of the picture from which on it is said
_LEAST = 2e-5  # share of the picture below which a mask is as good as empty


def locate(scene: Scene, plan: MotionPlan, *, larger: Larger | None = None) -> Scene:
    """The scene with one soft (H, W) mask in [0, 1] per `plan.regions`, in order.

    Rims follow the photo's colour edges within the region's `feather`, and overlaps are settled as told above. Words
    and points are asked of the user's own models first, where `larger` holds some that can answer.

    Raises:
        InputError: a name that is not in this photo (the message lists what is), a brush picture that cannot be read, a
            mask outside the picture, or one that other regions cover wholly.
        WeightsMissing: free words, which need an open-vocabulary model.
    """
    if not plan.regions:
        return replace(scene, masks=()) if scene.masks else scene
    found = []
    notes: list[str] = []
    for region in plan.regions:
        mask, note = _find(scene, region, larger)
        if float(mask.mean()) < _LEAST:
            raise InputError(f"The mask of the region '{region.name}' covers nothing of the picture.")
        feather = region.feather * scene.photo.shape[1]
        found.append(soften(mask, scene.photo, feather_px=feather))
        notes += [note] if note else []
        if region.motion.kind in _SEEN_BY_TEXTURE and is_plain(grey(scene.photo), found[-1] > 0.5):
            notes.append(f"'{region.name}' is so plain here that it can hardly be seen to move.")
        share = float(found[-1].mean())
        if region.motion.kind in _LEAVING and share > _LARGE:
            notes.append(f"'{region.name}' fills {100 * share:.0f} % of the picture: what it uncovers is invented.")
    return replace(scene, masks=_settled(plan.regions, found), notes=(*scene.notes, *notes))


def _settled(regions: tuple[RegionMotion, ...], masks: list[Float32]) -> tuple[Float32, ...]:
    """The masks with each place left to the regions that win it."""
    settled = []
    for i, (region, mask) in enumerate(zip(regions, masks, strict=True)):
        mine = mask.copy()
        for j, (other, theirs) in enumerate(zip(regions, masks, strict=True)):
            if j != i and _gives_way(region, other, later=j > i):
                mine *= 1 - theirs
        if float(mine.mean()) < _LEAST:
            raise InputError(
                f"The region '{region.name}' is wholly covered by other regions of the plan, so it could not move.",
                hint="Leave one of them out, or give them masks that do not cover one another.",
            )
        settled.append(mine)
    return tuple(settled)


def _gives_way(region: RegionMotion, other: RegionMotion, *, later: bool) -> bool:
    mine, theirs = _RANK[region.motion.kind], _RANK[other.motion.kind]
    if theirs == 0:
        return mine > 0
    if "flicker" in (region.motion.kind, other.motion.kind) or region.mask == other.mask:
        return False
    return theirs < mine or (theirs == mine and later and mine > 0)


# ── one finder per way to say where ──────────────────────────────────────────────────────────────────────────────────


def _find(scene: Scene, region: RegionMotion, larger: Larger | None) -> tuple[Float32, str | None]:
    """The hard or soft mask, and a note where something had to be guessed or a model of the user's was asked."""
    mask = region.mask
    if larger is not None:
        found = _by_model(scene, region, mask, larger)
        if found is not None:
            return found
    return _FINDERS[type(mask)](scene, mask)


def _by_model(scene: Scene, region: RegionMotion, mask: Mask, larger: Larger) -> tuple[Float32, str] | None:
    """The mask of words or points as the user's models see it; None: they are not asked, or find nothing."""
    if isinstance(mask, PointsMask):
        grown = larger.grown(scene.photo, inside=mask.inside, outside=mask.outside)
        return None if grown is None else (grown, f"'{region.name}' was outlined by the model given for it.")
    if not isinstance(mask, LabelMask | TextMask) or not larger.finds_words:
        return None
    if isinstance(mask, TextMask):
        phrase = mask.text
    elif canonical_label(mask.label) in _ROLES:
        return None
    else:  # the word of the prompt says more than its label: "river" rather than "water"
        phrase = region.name if canonical_label(region.name) == mask.label else mask.label
    found = larger.find(scene.photo, phrase)
    if found is None and isinstance(mask, TextMask):
        names = " and ".join(each.name for each in larger.checkpoints)
        raise InputError(
            f"'{phrase}' was not found in this photo by {names}.",
            hint="Use other words, or say where it is with a label, a polygon, points or a brush mask.",
        )
    if found is None:
        return None
    share = 100 * float(found.mask.mean())
    return found.mask, (
        f"'{phrase}' was found by {found.by}: {share:.1f} % of the picture, confidence {found.confidence:.2f}."
    )


def _by_label(scene: Scene, mask: LabelMask) -> tuple[Float32, str | None]:
    return named(scene, mask.label)


def _by_text(_scene: Scene, mask: TextMask) -> tuple[Float32, str | None]:
    raise WeightsMissing(
        f"Finding '{mask.text}' by free words needs an open-vocabulary model, and none was given.",
        hint="Give one with --region-model (CLIPSeg, Grounding DINO, OWLv2; pip install 'stillmotion[models]'), or say "
        "where it is with a label, a polygon, points or a brush mask.",
    )


def _by_polygon(scene: Scene, mask: PolygonMask) -> tuple[Float32, str | None]:
    height, width = scene.photo.shape[:2]
    points = np.clip(np.array(mask.points, np.float64), -4, 5) * (width, height) - 0.5
    drawn: UInt8 = np.zeros((height, width), np.uint8)
    fixed = np.round(points * 16).astype(np.int32)
    cv2.fillPoly(drawn, [fixed], (255,), lineType=cv2.LINE_AA, shift=4)
    if float(drawn.mean()) / 255 < _LEAST:
        raise InputError("A polygon mask covers nothing of the picture; its points are fractions of the canvas.")
    return drawn.astype(np.float32) / np.float32(255), None


def _by_brush(scene: Scene, mask: BrushMask) -> tuple[Float32, str | None]:
    height, width = scene.photo.shape[:2]
    return read_brush(mask.png, width=width, height=height, crop=scene.crop), None


def _by_points(scene: Scene, mask: PointsMask) -> tuple[Float32, str | None]:
    return grow(scene.photo, scene.depth, inside=mask.inside, outside=mask.outside), None


def _by_saliency(scene: Scene, _mask: SaliencyMask) -> tuple[Float32, str | None]:
    return named(scene, "subject")


def _by_depth(scene: Scene, mask: DepthMask) -> tuple[Float32, str | None]:
    """Between two depths, with rims a tenth of their disparity soft."""
    if mask.near >= mask.far:
        raise InputError(f"A depth mask runs from near {mask.near} to far {mask.far}; near must be the smaller one.")
    disparity = 1 / scene.depth
    nearest, farthest = 1 / mask.near, 1 / mask.far
    rim = 0.1 * (nearest - farthest)
    above = np.clip((disparity - farthest) / rim + 0.5, 0, 1)
    below = np.clip((nearest - disparity) / rim + 0.5, 0, 1)
    found = (above * below).astype(np.float32)
    if float(found.mean()) < _LEAST:
        low, high = (float(v) for v in np.percentile(scene.depth, (1, 99)))
        raise InputError(
            f"Nothing of the photo lies between the depths {mask.near:g} and {mask.far:g}; "
            f"it runs from {low:.2f} to {high:.2f}."
        )
    return found, None


_FINDERS: dict[type, Callable[[Scene, Any], tuple[Float32, str | None]]] = {  # Any: each takes its own kind of mask
    LabelMask: _by_label,
    TextMask: _by_text,
    PolygonMask: _by_polygon,
    BrushMask: _by_brush,
    PointsMask: _by_points,
    SaliencyMask: _by_saliency,
    DepthMask: _by_depth,
}
