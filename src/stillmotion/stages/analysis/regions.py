"""Named parts of a photo, by classical cues: colour, texture, place, streaks, bright spots.

Knows what sky, clouds, water, green things, ground, fire and lamps usually look like; names are those of the
vocabulary. Conservative: a part that is not there must not be found, for a motion asked of it is then refused with a
list of what is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues, look
from stillmotion.types import Float32, Region, UInt8
from stillmotion.vocabulary import LABELS

_LEAST = 0.003  # share of the picture a part must have; lamps and fire may be smaller
_LEAST_LIGHT = 0.0003


@dataclass(frozen=True, slots=True)
class View:
    """What the finders look at. h, w working size."""

    cues: Cues
    disparity: Float32  # (h, w) in [0, 1]
    sky: Float32  # (h, w)
    subject: Float32  # (h, w)
    horizontal: Float32  # (n,) of each piece: share of its gradient that runs down the picture
    open: NDArray[np.bool_]  # (n,) pieces mostly outside sky and subject
    skyline: float  # fraction of the height where the sky ends; 0 without a sky


Finder = Callable[[View], tuple[Float32, float] | None]
"""-> (h, w) mask and confidence, or None where there is no such thing."""


def find_regions(
    rgb: UInt8, disparity: Float32, sky: Float32, subject: Float32, *, cues: Cues | None = None, trust: float = 0.8
) -> tuple[Region, ...]:
    """The parts of a picture, surest first.

    Args:
        rgb: (h, w, 3); disparity, sky, subject: (h, w) in [0, 1].
        cues: those of `rgb`, where they are known already.
        trust: how far the subject's matte is trusted.
    """
    shape = rgb.shape[:2]
    cues = cues or look(rgb)
    small = [
        np.asarray(cv2.resize(m, cues.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
        for m in (disparity, sky, subject)
    ]
    view = _view(cues, small[0], small[1], small[2])
    found = [Region(name=name, mask=mask, confidence=sure) for name, mask, sure in _given(view, trust)]
    for name, finder in FINDERS.items():
        seen = finder(view)
        least = _LEAST_LIGHT if name in ("lamp", "fire") else _LEAST
        if seen is not None and float(seen[0].mean()) >= least:
            found.append(Region(name=name, mask=_fitted(seen[0], (shape[0], shape[1])), confidence=seen[1]))
    assert all(region.name in LABELS for region in found)
    return tuple(sorted(found, key=lambda region: -region.confidence))


def _given(view: View, trust: float) -> list[tuple[str, Float32, float]]:
    """Sky, subject and background, which were found before."""
    given = []
    if float(view.sky.mean()) >= _LEAST:
        given.append(("sky", view.sky, 0.8))
    if float(view.subject.mean()) >= 0.0005:
        given.append(("subject", view.subject, trust))
        given.append(("background", np.asarray(1 - view.subject, np.float32), trust))
    return given


def _fitted(mask: Float32, shape: tuple[int, int]) -> Float32:
    if mask.shape == shape:
        return mask
    return np.asarray(np.clip(cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR), 0, 1), np.float32)


def _view(cues: Cues, disparity: Float32, sky: Float32, subject: Float32) -> View:
    light = cv2.GaussianBlur(cues.lab[..., 0], (0, 0), 0.7)
    down = np.abs(cv2.Sobel(light, cv2.CV_32F, 0, 1))
    across = np.abs(cv2.Sobel(light, cv2.CV_32F, 1, 0))
    inside = cv2.erode(1 - _borders(cues.pieces), np.ones((2, 2), np.uint8)).astype(np.float32)
    n = len(cues.table.area)
    index = cues.pieces.ravel()
    total_down = np.bincount(index, weights=(down * inside).ravel(), minlength=n)
    total_across = np.bincount(index, weights=(across * inside).ravel(), minlength=n)
    taken = np.bincount(index, weights=np.maximum(sky, subject).ravel(), minlength=n) / np.bincount(index, minlength=n)
    solid = sky > 0.5
    last = np.where(solid.any(axis=0), sky.shape[0] - 1 - np.argmax(solid[::-1], axis=0), 0)
    reaching = last[last > 0]
    skyline = float(np.median(reaching)) / sky.shape[0] if len(reaching) > 0.2 * sky.shape[1] else 0.0
    return View(
        cues=cues, disparity=disparity, sky=sky, subject=subject, open=np.asarray(taken < 0.5, bool), skyline=skyline,
        horizontal=np.asarray((total_down + 0.5) / (total_down + total_across + 1), np.float32),
    )  # fmt: skip


def _borders(pieces: NDArray[np.int32]) -> UInt8:
    border: UInt8 = np.zeros(pieces.shape, np.uint8)
    border[:, 1:] |= (pieces[:, 1:] != pieces[:, :-1]).astype(np.uint8)
    border[1:] |= (pieces[1:] != pieces[:-1]).astype(np.uint8)
    return border


# ── the finders ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _clouds(view: View) -> tuple[Float32, float] | None:
    """Within the sky: paler than the blue, or uneven in a grey or coloured sky."""
    inside = view.sky > 0.6
    if float(inside.mean()) < 0.02:
        return None
    light, b = view.cues.lab[..., 0], view.cues.lab[..., 2]
    blue = float(np.percentile(b[inside], 8))
    spread = float(np.percentile(light[inside], 95) - np.percentile(light[inside], 5))
    if blue < -12:
        pale = np.clip((b - (0.72 * blue + 2)) / max(-0.45 * blue, 4), 0, 1)
        mask = cv2.GaussianBlur(pale.astype(np.float32), (0, 0), 1.5) * view.sky
        rough = float(view.cues.texture[inside & (pale > 0.5)].mean()) if (inside & (pale > 0.5)).any() else 0.0
        if float((mask > 0.5).sum()) < 0.04 * float(inside.sum()) or rough < 0.12:
            return None
        return np.asarray(mask, np.float32), 0.6
    detail = light - cv2.GaussianBlur(light, (0, 0), 0.06 * max(light.shape))
    uneven = float(np.std(detail[inside]))
    if spread < 8 or uneven < 1.5:
        return None
    return view.sky, 0.5


def _water(view: View) -> tuple[Float32, float] | None:
    """Level, streaked across, of the colour of water or of the sky above it."""
    t, cues = view.cues.table, view.cues
    like = _water_colour(view)
    flat = _ramp(view.horizontal, 0.5, 0.68)
    calm = _ramp(0.5 - t.texture, 0, 0.4)  # a mirror has no streaks
    low = _ramp(t.y, max(0.28, view.skyline - 0.02), max(0.4, view.skyline + 0.08))
    smooth = _ramp(5.5 - t.texture, 0, 2.5)
    score = like * np.maximum(flat, 0.6 * calm) * low * smooth * view.open
    strong = score > 0.45
    if float(t.area[strong].sum()) < 0.02:
        return None
    chosen = _spread(cues, strong, (score > 0.2) & view.open)
    mask = chosen[cues.pieces]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = (stats[:, cv2.CC_STAT_AREA] > 0.012 * mask.size) & (stats[:, cv2.CC_STAT_WIDTH] > 0.18 * mask.shape[1])
    kept[0] = False
    mask = kept[labels]
    if float(mask.mean()) < 0.02:
        return None
    return _soft(mask), float(np.clip(0.35 + 0.5 * np.average(score[strong], weights=t.area[strong]), 0, 0.8))


def _water_colour(view: View) -> Float32:
    """(n,) in [0, 1]: blue, teal or grey-green, or the colour of the sky it mirrors."""
    t = view.cues.table
    light, a, b = t.lab[:, 0], t.lab[:, 1], t.lab[:, 2]
    blue = _ramp(-b, 2, 9) * _ramp(14 - a, 0, 6) * _ramp(light, 4, 12)
    teal = _ramp(-a, 4, 10) * _ramp(6 - b, 0, 5) * _ramp(light, 8, 16)
    like = np.maximum(blue, teal)
    solid = view.sky > 0.6
    if float(solid.mean()) > 0.04:
        samples = view.cues.lab[solid][:: max(1, int(solid.sum()) // 40)]
        off = (t.lab[:, None] - samples[None]) * (0.35, 1.0, 1.0)  # a mirror is darker than what it shows
        like = np.maximum(like, 0.9 * _ramp(14 - np.linalg.norm(off, axis=-1).min(axis=1), 0, 9))
    return np.asarray(like, np.float32)


def _waterfall(view: View) -> tuple[Float32, float] | None:
    """White streaks down the picture, taller than wide."""
    t, cues = view.cues.table, view.cues
    white = (
        _ramp(t.lab[:, 0], 58, 72) * _ramp(12 - np.hypot(t.lab[:, 1], t.lab[:, 2]), 0, 6) * _ramp(4 - t.lab[:, 2], 0, 3)
    )
    score = white * _ramp(0.42 - view.horizontal, 0, 0.1) * _ramp(t.texture, 0.5, 1.1) * view.open
    mask = (score > 0.4)[cues.pieces]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    tall = stats[:, cv2.CC_STAT_HEIGHT] > 1.3 * stats[:, cv2.CC_STAT_WIDTH]
    kept = (
        tall & (stats[:, cv2.CC_STAT_HEIGHT] > 0.25 * mask.shape[0]) & (stats[:, cv2.CC_STAT_AREA] > 0.008 * mask.size)
    )
    kept[0] = False
    return (_soft(kept[labels]), 0.4) if kept.any() else None


def _green(view: View) -> Float32:
    """(n,) in [0, 1]: as green as plants are, outside sky; the subject may be a plant."""
    t = view.cues.table
    light, a, b = t.lab[:, 0], t.lab[:, 1], t.lab[:, 2]
    in_sky = np.bincount(view.cues.pieces.ravel(), weights=view.sky.ravel(), minlength=len(t.area)) / (
        t.area * view.cues.pieces.size
    )
    return np.asarray(
        _ramp(-a, 3, 9) * _ramp(b, 4, 11) * _ramp(b + 0.9 * a, -2, 3) * _ramp(light, 4, 10) * (in_sky < 0.5), np.float32
    )


def _foliage(view: View) -> tuple[Float32, float] | None:
    """Green with fine detail."""
    return _of_pieces(view, _green(view) * _ramp(view.cues.table.texture, 0.15, 0.6), least=0.02, sure=0.6)


def _grass(view: View) -> tuple[Float32, float] | None:
    """Green in the lower part, even, reaching the lower border or lying level."""
    t = view.cues.table
    low = _ramp(t.y, max(0.5, view.skyline), max(0.68, view.skyline + 0.15))
    level = np.maximum(_ramp(t.bottom, 0.02, 0.1), _ramp(view.horizontal, 0.5, 0.62))
    return _of_pieces(view, _green(view) * low * level * view.open, least=0.03, sure=0.5)


def _tree(view: View) -> tuple[Float32, float] | None:
    """Green with much detail, standing up: above the lower third, or against the sky."""
    t = view.cues.table
    high = _ramp(0.72 - t.y, 0, 0.2)
    return _of_pieces(view, _green(view) * high * _ramp(t.texture, 0.7, 1.6) * view.open, least=0.02, sure=0.45)


def _ground(view: View) -> tuple[Float32, float] | None:
    """What lies below the skyline at the lower border and is neither water nor subject. Needs a sky to be told."""
    if view.skyline <= 0 or view.skyline > 0.85:
        return None
    t = view.cues.table
    low = _ramp(t.y, view.skyline + 0.02, view.skyline + 0.15)
    score = low * (1 - np.maximum(_water_colour(view) * _ramp(view.horizontal, 0.5, 0.68), 0)) * view.open
    touching = (t.bottom > 0.02) & (score > 0.4)
    mask = _spread(view.cues, touching, score > 0.4)[view.cues.pieces]
    return (_soft(mask), 0.45) if float(mask.mean()) > 0.05 else None


def _fire(view: View) -> tuple[Float32, float] | None:
    """Bright saturated orange with a paler core, in a picture that is darker."""
    lab = view.cues.lab
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    dark = float(np.median(light)) < 42
    flame = (light > 52) & (b > 34) & (a > 4) & (b > 0.75 * a)
    core = (light > 86) & (b > 6)
    if not dark or float((flame & (view.sky < 0.3)).mean()) < 0.0008:
        return None
    near_core = cv2.dilate(core.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    _, labels = cv2.connectedComponents((flame | core).astype(np.uint8), connectivity=8)
    kept = np.unique(labels[flame & near_core & (view.sky < 0.3)])
    mask = np.isin(labels, kept[kept > 0]) & (view.sky < 0.3)
    if not mask.any() or float(mask.mean()) > 0.35 or float((mask & core).sum()) < 0.03 * float(mask.sum()):
        return None
    around = cv2.dilate(mask.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    fall = float(light[mask].mean()) - float(light[around & ~mask].mean())
    return (_soft(mask), 0.5) if fall > 25 else None


def _lamp(view: View) -> tuple[Float32, float] | None:
    """Small spots much brighter than what is around them, in a dark picture."""
    light = view.cues.lab[..., 0]
    if float(np.median(light)) > 45:
        return None
    around = cv2.GaussianBlur(light, (0, 0), 0.025 * max(light.shape))
    spots = (light > 72) & (light - around > 22) & (view.sky < 0.4)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(spots.astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    box = stats[:, cv2.CC_STAT_WIDTH] * stats[:, cv2.CC_STAT_HEIGHT]
    kept = (area >= 3) & (area < 0.008 * light.size) & (area > 0.3 * box)
    kept[0] = False
    if not kept.any():
        return None
    return _soft(cv2.dilate(kept[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0), 0.45


FINDERS: dict[str, Finder] = {
    "clouds": _clouds, "water": _water, "waterfall": _waterfall, "foliage": _foliage, "grass": _grass, "tree": _tree,
    "ground": _ground, "fire": _fire, "lamp": _lamp,
}  # fmt: skip


# ── pieces to masks ──────────────────────────────────────────────────────────────────────────────────────────────────


def _of_pieces(view: View, score: Float32, *, least: float, sure: float) -> tuple[Float32, float] | None:
    """The pieces that score, where they are at least this share of the picture."""
    t = view.cues.table
    strong = score > 0.45
    if float(t.area[strong].sum()) < least:
        return None
    chosen = _spread(view.cues, strong, score > 0.22)
    sureness = sure * (0.6 + 0.4 * float(np.average(score[strong], weights=t.area[strong])))
    return _soft(chosen[view.cues.pieces]), sureness


def _spread(cues: Cues, strong: NDArray[np.bool_], weak: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) the strong pieces and the weak ones connected to them."""
    _, labels = cv2.connectedComponents((strong | weak)[cues.pieces].astype(np.uint8), connectivity=8)
    kept = np.unique(labels[strong[cues.pieces]])
    mask = np.isin(labels, kept[kept > 0])
    held = np.bincount(cues.pieces.ravel(), weights=mask.ravel(), minlength=len(strong))
    return np.asarray((held > 0) & (strong | weak), bool)


def _soft(mask: NDArray[np.bool_]) -> Float32:
    return np.asarray(np.clip(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8), 0, 1), np.float32)


def _ramp(value: Float32 | NDArray[np.float64], low: float, high: float) -> Float32:
    """0 below `low`, 1 above `high`, linear between."""
    return np.asarray(np.clip((value - low) / (high - low), 0, 1), np.float32)
