"""The thing the photo is about: its matte, and how far the matte can be trusted.

Knows colours and what stands out; whether the thing is a person or a cup it does not know. A matte that cannot be
trusted is not used for a cut in depth.

Source: saliency, then GrabCut (Rother, Kolmogorov, Blake 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues, work_size
from stillmotion.stages.analysis.people import Head, find_heads
from stillmotion.types import Float32, UInt8

TRUSTED = 0.5
"""Trust from which on a matte is cut out."""

_SIDE = 7 / 12  # of the working side: as much as an outline needs that is soft anyway
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands out, at working size."""

    matte: Float32  # (h, w) in [0, 1]; a guess even where it is not trusted
    trust: float  # [0, 1]
    saliency: Float32  # (h, w) in [0, 1]
    portrait: bool  # a head that fills a good part of the picture belongs to it

    @property
    def found(self) -> bool:
        """Whether the matte may be cut out."""
        return self.trust >= TRUSTED


def find_subject(cues: Cues, sky: Float32, saliency: Float32) -> Subject:
    """The subject of a picture from its saliency (h, w)."""
    empty = Subject(matte=np.zeros(cues.shape, np.float32), trust=0.0, saliency=saliency, portrait=False)
    heads = find_heads(cues)
    saliency = _with_heads(saliency, heads)
    if float(saliency.max()) < 0.2:
        return empty
    width, height = work_size(cues.shape[1], cues.shape[0], side=round(_SIDE * max(cues.shape)))
    small = np.asarray(cv2.resize(cues.rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    stands_out = cv2.resize(saliency, (width, height), interpolation=cv2.INTER_AREA)
    above = cv2.resize(sky, (width, height), interpolation=cv2.INTER_AREA)
    bodies = [cv2.resize(m, (width, height), interpolation=cv2.INTER_AREA) > 0.5 for m in _bodies(cues.shape, heads)]
    cut = _cut(small, stands_out, above, bodies)
    solid = _solid(cut, stands_out)
    if not solid.any():
        return empty
    trust = _trust(cues, solid, stands_out)
    soft = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 0.8)
    matte = cv2.resize(soft, cues.shape[::-1], interpolation=cv2.INTER_CUBIC)
    portrait = any(matte[round(min(h.y, len(matte) - 1)), round(h.x)] > 0.5 for h in heads)
    return Subject(
        matte=np.asarray(np.clip(matte, 0, 1), np.float32), trust=trust, saliency=saliency, portrait=portrait
    )


def _with_heads(saliency: Float32, heads: tuple[Head, ...]) -> Float32:
    """Heads stand out to people, whatever their colours."""
    out = saliency.copy()
    for head in heads:
        out = np.where(head.inside(saliency.shape, 1.1), np.maximum(out, 0.75), out).astype(np.float32)
    return np.asarray(np.maximum(saliency, cv2.GaussianBlur(out, (0, 0), 2.0)), np.float32)


def _bodies(shape: tuple[int, int], heads: tuple[Head, ...]) -> tuple[UInt8, UInt8]:
    """Where heads with hair, neck and shoulders surely are, and where they may be; (h, w) of 0 and 1 each."""
    sure: UInt8 = np.zeros(shape, np.uint8)
    likely: UInt8 = np.zeros(shape, np.uint8)
    for head in heads:
        sure |= head.inside(shape, 0.85).astype(np.uint8)
        chin, bottom = head.y + 0.9 * head.high, min(head.y + 5.5 * head.high, shape[0])
        x, w = head.x, head.wide
        likely |= (
            Head(x=x, y=head.y - 0.25 * head.high, wide=1.35 * w, high=1.35 * head.high).inside(shape).astype(np.uint8)
        )
        body = [(x - 0.9 * w, chin), (x + 0.9 * w, chin), (x + 2.3 * w, chin + 0.9 * head.high), (x + 2.4 * w, bottom),
                (x - 2.4 * w, bottom), (x - 2.3 * w, chin + 0.9 * head.high)]  # fmt: skip
        cv2.fillPoly(likely, [np.round(body).astype(np.int32)], 1)
        core = [(x - 0.5 * w, chin), (x + 0.5 * w, chin), (x + 0.9 * w, bottom), (x - 0.9 * w, bottom)]
        if chin < 0.9 * shape[0]:
            cv2.fillPoly(sure, [np.round(core).astype(np.int32)], 1)
    return sure, likely


def _cut(small: UInt8, saliency: Float32, sky: Float32, bodies: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """GrabCut from what stands out most and least; `bodies` are sure and likely for the heads found."""
    sure, likely = bodies
    level = _otsu(saliency)
    trimap = np.where(saliency > level, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[saliency > 0.5 + 0.5 * level] = cv2.GC_FGD
    trimap[likely] = np.maximum(trimap[likely], cv2.GC_PR_BGD)
    trimap[(saliency < 0.3 * level) & ~likely | (sky > 0.5)] = cv2.GC_BGD
    trimap[likely & (trimap == cv2.GC_PR_BGD)] = cv2.GC_PR_FGD
    trimap[sure] = cv2.GC_FGD
    trimap[:2] = cv2.GC_BGD
    if not (trimap == cv2.GC_BGD).any() or not np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD)).any():
        return np.zeros(saliency.shape, bool)
    cv2.setRNGSeed(1)  # GrabCut's mixture starts from k-means
    model = np.zeros((1, 65), np.float64)
    cv2.grabCut(small, trimap, (0, 0, 1, 1), model, model.copy(), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _otsu(saliency: Float32) -> float:
    """The level that parts what stands out from the rest."""
    level, _ = cv2.threshold((255 * saliency).astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.clip(level / 255, 0.2, 0.7))


def _solid(cut: NDArray[np.bool_], saliency: Float32) -> NDArray[np.bool_]:
    """The pieces that matter, without specks, threads and small holes."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    opened = cv2.morphologyEx(cut.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    opened = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    weight = np.bincount(labels.ravel(), weights=(saliency * opened).ravel(), minlength=len(stats))
    weight[0] = 0
    kept = np.asarray(weight >= 0.3 * max(float(weight.max()), 1e-6)) & (weight > 0)
    solid = kept[labels].astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < 0.03 * max(int(solid.sum()), 1)
    small[0] = False
    solid[small[labels] & (solid == 0)] = 1
    return np.asarray(solid > 0, bool)


def _trust(cues: Cues, solid: NDArray[np.bool_], saliency: Float32) -> float:
    """[0, 1]: product of size, rim on edges, colours of its own, compactness, freedom from the border."""
    height, width = solid.shape
    area = float(solid.mean())
    size = _ramp(area, 0.002, 0.008) * _ramp(0.72 - area, 0.0, 0.14)
    if size == 0:
        return 0.0
    edge = cv2.resize(cues.edge, (width, height), interpolation=cv2.INTER_AREA)
    mask = solid.astype(np.uint8)
    inner = mask - cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1)
    rim = (inner > 0) | ((cv2.dilate(mask, np.ones((3, 3), np.uint8)) - mask) > 0)
    on_edge = float(edge[rim].mean()) / max(float(np.median(edge)) + 0.35 * float(edge.mean()), 0.5)
    lab = cv2.resize(cues.lab, (width, height), interpolation=cv2.INTER_AREA)
    apart = _separation(lab, solid)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = sum(cv2.contourArea(cv2.convexHull(c)) for c in contours)
    solidity = float(mask.sum()) / max(hull, 1.0)
    sides = [float(solid[:, 0].mean()), float(solid[:, -1].mean()), float(solid[0].mean())]
    border = 1.0 - 0.9 * _ramp(max(sides), 0.25, 0.7) if min(sides[0], sides[1]) < 0.15 else 0.3
    contrast = float(saliency[solid].mean()) - float(saliency[~solid].mean())
    parts = (
        size,
        0.3 + 0.7 * _ramp(on_edge, 1.0, 2.0),
        0.2 + 0.8 * _ramp(apart, 0.35, 0.75),
        0.4 + 0.6 * _ramp(solidity, 0.35, 0.6),
        border,
        0.3 + 0.7 * _ramp(contrast, 0.15, 0.4),
    )
    return float(np.prod(parts))


def _separation(lab: Float32, solid: NDArray[np.bool_]) -> float:
    """1 - overlap of the colour histograms inside and in the surroundings."""
    scaled = np.clip(lab / (100, 160, 160) + (0, 0.5, 0.5), 0, 0.999)
    bins = (scaled * (12, 16, 16)).astype(int)
    index = (bins[..., 0] * 16 + bins[..., 1]) * 16 + bins[..., 2]
    inside = np.bincount(index[solid], minlength=12 * 256).astype(np.float64)
    outside = np.bincount(index[~solid], minlength=12 * 256).astype(np.float64)
    return 1.0 - float(np.minimum(inside / max(inside.sum(), 1), outside / max(outside.sum(), 1)).sum())


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
