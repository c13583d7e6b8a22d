"""Photo -> Scene: the part that fills the canvas, its depth, its sky, its subject and its regions.

    photo ─ crop ─┬▶ cues ──────────┬▶ sky ─┬▶ disparity ─▶ refined, enlarged ─┬▶ depth in pivot units
                  └▶ network's sight ┤       └▶ subject ────────────────────────┴▶ regions
                                     └▶ faces, bodies

The scene network looks at the picture; where its weights are not at hand, cues alone have to do (`weightless`). Both
work on a small copy; their masks are enlarged along the edges of the photo. What does not need one another runs side
by side, on two cores.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.models.scene import Sight, scene_network
from stillmotion.stages.analysis.crop import choose_crop, take
from stillmotion.stages.analysis.cues import Cues, look
from stillmotion.stages.analysis.depth import DepthEstimator, FileDepth, Hints, depth_of
from stillmotion.stages.analysis.joint import Guide
from stillmotion.stages.analysis.larger import Larger
from stillmotion.stages.analysis.learned import (
    BETTER_THAN_CUES,
    LearnedDepth,
    learned_regions,
    learned_sky,
    learned_subject,
    whole_sky,
)
from stillmotion.stages.analysis.people_seen import find_people, heads_with_hair
from stillmotion.stages.analysis.refine import push_sky, refine
from stillmotion.stages.analysis.regions import find_regions
from stillmotion.stages.analysis.saliency import find_saliency
from stillmotion.stages.analysis.sky import find_sky
from stillmotion.stages.analysis.subject import Subject, find_subject
from stillmotion.stages.analysis.thin import thin_things
from stillmotion.stages.analysis.weightless import WeightlessDepth, is_drawing
from stillmotion.types import Crop, Face, Float32, Photo, Progress, Region, Scene, UInt8, silent

USUAL_FOV_DEG = 50.0
"""Field of view across the longer side of a photo that does not tell its own."""

_GLANCE = 1024  # longer side of what the crop is chosen by: heads in it
_GLANCE_SIDE = 256  # and what stands out, which need not be known so well
_STEPS = 5


def analyze(
    photo: Photo, *, width: int, height: int, depth: Path | None = None, crop: Crop | None = None,
    larger: Larger | None = None, progress: Progress = silent,
) -> Scene:  # fmt: skip
    """Understand a photo at the size of a canvas.

    Args:
        width, height: of the canvas in pixels.
        depth: a map of the whole photo, nearer is brighter; None: estimated.
        crop: the part of the photo to show; None: the largest of the canvas' shape, keeping the subject.
        larger: models of the user's own, asked before ours.

    Raises:
        InputError: the depth map or a model of the user's cannot be used, or the crop is not inside the photo.
        WeightsMissing: a package that such a model needs is not installed.
        DoesNotFit: not enough memory for it.
    """
    progress("analysis", 0, _STEPS)
    part = crop or chosen_crop(photo, width / height)
    picture = take(photo.pixels, part, width=width, height=height)
    with _beside() as beside:
        looking = beside.submit(_sight, picture)
        people = beside.submit(lambda: find_people(picture, looking.result()))
        cues = look(picture)
        guide = Guide(picture, cues.rgb)
        sight = looking.result()
        progress("analysis", 1, _STEPS)
        sky = _sky(cues, sight)
        finding = beside.submit(_subject, cues, sky, sight)
        shares = larger.shares(picture) if larger else {}
        sky = larger.sky(shares, cues) if larger and "sky" in shares else sky
        progress("analysis", 2, _STEPS)
        estimator = _estimator(depth, sight, cues, larger, lambda: people.result()[0])
        photo_size = (photo.pixels.shape[1], photo.pixels.shape[0])
        hints = Hints(cues=cues, sky=sky, subject=finding.result, crop=part, photo_size=photo_size)
        found = estimator.estimate(picture, hints)
        progress("analysis", 3, _STEPS)
        disparity = refine(found.disparity, picture, cues, guide)
        disparity, sky_full, thin = _before_sky(disparity, picture, guide, sky, believed=depth is not None)
        subject = finding.result()
        matte = guide.mask(subject.matte) if subject.found else np.zeros((height, width), np.float32)
        matte = np.asarray(np.minimum(matte, 1 - sky_full), np.float32)
        if larger and subject.found:
            matte = larger.outlined(matte, picture)
        progress("analysis", 4, _STEPS)
        regions = _regions(cues, guide, disparity, sky, subject, sight, thin, beside)
        if larger:
            regions = larger.regions(shares, regions, matte, picture)
        pivot, pivot_disparity = _pivot(disparity, matte, sky_full, subject.saliency)
        faces, bodies = people.result()
    scene = Scene(
        photo=picture, depth=depth_of(disparity, pivot_disparity), sky=sky_full, subject=matte, regions=regions,
        faces=faces, bodies=bodies,
        fov_deg=_field_of_view(photo, part), pivot=pivot, crop=part, masks=(), depth_source=estimator.name,
        confidence=found.confidence, notes=(*photo.notes, *(larger.notes if larger else ()), *found.notes),
    )  # fmt: skip
    progress("analysis", _STEPS, _STEPS)
    return scene


def _beside() -> ThreadPoolExecutor:
    """Threads for what can be looked for at the same time."""
    return ThreadPoolExecutor(2, thread_name_prefix="analysis")


def _sight(picture: UInt8) -> Sight | None:
    """What the scene network sees; None where it was not installed with its weights."""
    try:
        return scene_network().look(picture)
    except WeightsMissing:
        return None


def _sky(cues: Cues, sight: Sight | None) -> Float32:
    if sight is None:
        return find_sky(cues)
    sky = learned_sky(sight, cues)
    return whole_sky(sight, cues, sky, find_sky(cues)) if sky.any() else sky


def _subject(cues: Cues, sky: Float32, sight: Sight | None) -> Subject:
    saliency = find_saliency(cues, sky)
    learned = None if sight is None else learned_subject(sight, cues, saliency)
    return learned or find_subject(cues, sky, saliency)


def _estimator(
    depth: Path | None, sight: Sight | None, cues: Cues, larger: Larger | None, faces: Callable[[], tuple[Face, ...]]
) -> DepthEstimator:
    if depth is not None:
        return FileDepth(depth)
    own = None if sight is None else sight.disparity
    if larger and (theirs := larger.depth(own)):
        return theirs
    return WeightlessDepth() if sight is None or is_drawing(cues) else LearnedDepth(sight, faces)


def chosen_crop(photo: Photo, aspect: float) -> Crop:
    """The part of a photo that fills a canvas of this shape: it keeps the subject, and heads whole if that can be."""
    height, width = photo.pixels.shape[:2]
    whole = choose_crop(np.ones((8, 8), np.float32), photo_size=(width, height), aspect=aspect)
    if (whole.width, whole.height) == (width, height):
        return whole
    step = math.ceil(max(width, height) / _GLANCE)  # means of whole blocks of pixels are taken fastest
    size = (width // step, height // step)
    blocks = photo.pixels[: size[1] * step, : size[0] * step]
    small = np.asarray(cv2.resize(blocks, size, interpolation=cv2.INTER_AREA), np.uint8)
    with _beside() as beside:
        looking, heads = beside.submit(_sight, small), beside.submit(heads_with_hair, small)
        cues = look(small, side=_GLANCE_SIDE)
        sight = looking.result()
        subject = _subject(cues, _sky(cues, sight), sight)
    weight = np.asarray(subject.saliency + (2.0 * subject.matte if subject.found else 0), np.float32)
    dear = [(x * step, y * step, w * step, h * step) for x, y, w, h in heads.result()]
    return choose_crop(weight, photo_size=(width, height), aspect=aspect, heads=dear)


def _field_of_view(photo: Photo, crop: Crop) -> float:
    """Horizontal, of the crop, in degrees."""
    height, width = photo.pixels.shape[:2]
    across = width if photo.fov_deg is not None else max(width, height)
    focal_px = 0.5 * across / math.tan(math.radians(photo.fov_deg or USUAL_FOV_DEG) / 2)
    return 2 * math.degrees(math.atan(0.5 * crop.width / focal_px))


def _before_sky(
    disparity: Float32, picture: UInt8, guide: Guide, sky: Float32, *, believed: bool
) -> tuple[Float32, Float32, Float32]:  # fmt: skip
    """The disparity with the sky behind everything and thin things before it, the sky without them, and where they are
    (H, W each). A disparity that is `believed` is left as it is.
    """
    if not sky.any():
        none: Float32 = np.zeros(disparity.shape, np.float32)
        return disparity, none, none
    full = guide.mask(sky)
    thin, with_thin = thin_things(picture, full, disparity)
    full = np.asarray(full * (1 - thin), np.float32)
    if believed:
        return disparity, full, thin
    return push_sky(with_thin, full) if _sky_is_far(with_thin, full) else with_thin, full, thin


def _sky_is_far(disparity: Float32, sky: Float32) -> bool:
    """Whether the map agrees that the sky is behind everything; a user's map may not."""
    step = _step(disparity)
    disparity, sky = disparity[::step, ::step], sky[::step, ::step]
    inside, outside = sky > 0.8, sky < 0.2
    if not inside.any() or not outside.any():
        return False
    return float(np.median(disparity[inside])) <= float(np.percentile(disparity[outside], 25))


def _step(field: Float32) -> int:
    """Pixels from one to the next of those that tell enough of a whole field."""
    return max(1, int(max(field.shape)) // 640)


def _pivot(disparity: Float32, matte: Float32, sky: Float32, saliency: Float32) -> tuple[tuple[float, float], float]:
    """The point that turns go about and the disparity that is depth 1 there."""
    step = _step(disparity)
    disparity, matte, sky = (field[::step, ::step] for field in (disparity, matte, sky))
    height, width = disparity.shape
    weight = matte
    if float(matte.mean()) < 2e-5:
        weight = np.asarray(cv2.resize(saliency, (width, height), interpolation=cv2.INTER_LINEAR) + 0.02, np.float32)
        rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
        weight = weight * np.exp(-2 * (columns**2 + (rows - 0.15) ** 2)) * (1 - sky)
        if float(weight.sum()) < 1e-3:  # sky all over
            weight = np.ones_like(disparity)
    total = float(weight.sum())
    x = float((weight.sum(axis=0) * np.arange(width)).sum()) / total
    y = float((weight.sum(axis=1) * np.arange(height)).sum()) / total
    at_pivot = _weighted_median(disparity, weight)
    x, y = _nearest_at(disparity, (x, y), at_pivot, weight)
    return (step * x, step * y), at_pivot


def _weighted_median(values: Float32, weight: Float32) -> float:
    mass, edges = np.histogram(values, bins=512, range=(0, 1), weights=weight)
    held = np.cumsum(mass)
    i = int(np.searchsorted(held, held[-1] / 2))
    return float(edges[i] + edges[i + 1]) / 2


def _nearest_at(disparity: Float32, point: tuple[float, float], level: float, weight: Float32) -> tuple[float, float]:
    """The place nearest to `point` that has this disparity (or as nearly as there is) and belongs to the subject."""
    step = max(1, max(disparity.shape) // 320)
    rows, columns = np.mgrid[0 : disparity.shape[0] : step, 0 : disparity.shape[1] : step].astype(np.float32)
    values, held = disparity[::step, ::step], weight[::step, ::step]
    far = np.hypot(columns - point[0], rows - point[1]) / max(disparity.shape)
    cost = far + 8 * np.maximum(np.abs(values - level) - 0.01, 0) + (held < 0.25 * float(held.max()))
    i = int(np.argmin(cost))
    return float(columns.ravel()[i]), float(rows.ravel()[i])


def _regions(
    cues: Cues, guide: Guide, disparity: Float32, sky: Float32, subject: Subject, sight: Sight | None, thin: Float32,
    beside: Executor,
) -> tuple[Region, ...]:  # fmt: skip
    """The parts found at working size, their masks enlarged: the network's, and what it has no name for by cues."""
    enlarge = partial(_enlarged, guide=guide, thin=thin)
    seen = learned_regions(sight, cues) if sight is not None else []
    of_seen = beside.map(enlarge, seen)
    small = np.asarray(cv2.resize(disparity, cues.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    matte = subject.matte if subject.found else np.zeros(cues.shape, np.float32)
    by_cues = find_regions(cues.rgb, small, sky, matte, cues=cues, trust=subject.trust)
    taken = {region.name for region in seen} | (BETTER_THAN_CUES if sight is not None else frozenset())
    of_cues = beside.map(enlarge, [region for region in by_cues if region.name not in taken])
    return (*of_seen, *of_cues)


def _enlarged(region: Region, *, guide: Guide, thin: Float32) -> Region:
    """A part with its mask at the size of the photo, the sky and its clouds without what is thin before them."""
    mask = guide.mask(region.mask)
    if region.name in ("sky", "clouds"):
        mask = np.asarray(mask * (1 - thin), np.float32)
    return replace(region, mask=mask)
