"""The blocks and the ringing that a codec left are smoothed, as strongly as the blocks can be seen and no more.

    luma ─▶ steps at the lines of a grid against steps between them ─▶ threshold ─▶ shifted blocks (shifted.py)

A codec's blocks are seen where the picture is smooth: the step over a grid line is compared with the slopes beside it.
The grid may be moved (a crop) or scaled. Knows single frames, and how blocky those before were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.stages.finishing.shifted import SIZE, cleaned
from stillmotion.types import Float64, FrameStream, UInt8

_PERIODS = (8.0, 16 / 3, 32 / 3, 12.0, 16.0, 18.0)  # pixels; 8, and 8 after the usual scalings; 16: macroblocks
_SMOOTH = 12.0  # levels of slope on both sides up to which a place counts as smooth
_RATIOS = (1.12, 1.25, 1.5, 1.7, 4.5, 7.0, 10.0)  # steps at the grid over steps elsewhere; the first is chance
_LEVELS = (0.0, 3.5, 7.5, 9.0, 10.0, 15.0, 17.0)  # the threshold best for H.264, MPEG-4, MPEG-2 and JPEG of that ratio
_TO_RGB = np.array([[1, 1.403, 0], [1, -0.714, -0.344], [1, 0, 1.773]], np.float32)  # OpenCV's, of Y, Cr, Cb
_LEAST = 1.5  # levels: a lower threshold changes nothing that can be seen
_MEMORY = 0.85  # of the measure of the frames before


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is seen of a codec's grid."""

    ratio: float  # steps at the grid's lines over steps elsewhere; 1: no grid
    period: float  # pixels
    offset: tuple[int, int]  # x and y of the first line


class Deblock:
    """The step."""

    name = "deblock"
    look_ahead = 0

    def __init__(self) -> None:
        self._cuts = CutFinder()
        self._frames = self._changed = 0
        self._sum = 0.0
        self._seen: list[tuple[float, float]] = []  # ratio and threshold of each frame
        self._grid: Blocks | None = None

    def __call__(self, frames: FrameStream) -> FrameStream:
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        seen = np.array(self._seen or [(1.0, 0.0)])
        return {
            "frames": self._frames, "changed": self._changed,
            "blockiness": round(float(seen[:, 0].mean()), 3), "threshold_levels": round(float(seen[:, 1].mean()), 2),
            "grid_px": None if self._grid is None else round(self._grid.period, 2),
            "grid_offset": None if self._grid is None else list(self._grid.offset),
            "mean_change_levels": round(self._sum / max(1, self._changed), 3), "cuts": self._cuts.count,
        }  # fmt: skip

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        profiles: tuple[Float64, Float64] | None = None
        for frame in frames:
            ycc = cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb)
            now = profile(ycc[..., 0].T), profile(ycc[..., 0])
            if self._cuts(frame) or profiles is None:
                profiles = now
            else:
                profiles = tuple(_MEMORY * a + (1 - _MEMORY) * b for a, b in zip(profiles, now, strict=True))  # type: ignore[assignment]
            blocks = found(*profiles)
            limit = threshold(blocks)
            self._frames += 1
            self._seen.append((blocks.ratio, limit))
            if limit < _LEAST:
                yield frame
                continue
            self._grid = blocks
            done = smoothed(frame, ycc, limit)
            self._changed += 1
            self._sum += cv2.norm(done, frame, cv2.NORM_L1) / frame.size
            yield done


def threshold(blocks: Blocks) -> float:
    """Levels below which a cosine coefficient is the codec's."""
    return float(np.interp(np.log(blocks.ratio), np.log(_RATIOS), _LEVELS))


def smoothed(frame: UInt8, ycc: UInt8, limit: float) -> UInt8:
    """The frame (H, W, 3) with its luma and colour differences cleaned; colours at half the size, as codecs keep them.

    Only the changes are carried back to RGB, so that where nothing changes nothing is rounded.
    """
    height, width = ycc.shape[:2]
    luma = ycc[..., 0].astype(np.float32)
    change = np.empty((height, width, 3), np.float32)
    change[..., 0] = cleaned(luma, limit) - luma
    small = cv2.resize(ycc[..., 1:], ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    for channel in range(2):
        plane = small[..., channel].astype(np.float32)
        change[..., channel + 1] = cv2.resize(cleaned(plane, limit) - plane, (width, height))
    mended = frame + cv2.transform(change, _TO_RGB)
    return np.asarray(np.rint(np.clip(mended, 0, 255)), dtype=np.uint8)


def profile(luma: UInt8) -> Float64:
    """(W,) mean step between column x - 1 and column x of (H, W), beyond the slopes beside it, where it is smooth."""
    levels = np.ascontiguousarray(luma[:: max(1, luma.shape[0] // 400)]).astype(np.int16)
    if levels.shape[1] < 4 * SIZE:
        return np.zeros(levels.shape[1])
    slope = np.diff(levels, axis=1)
    step = np.abs(2 * slope[:, 1:-1] - slope[:, :-2] - slope[:, 2:])
    smooth = np.abs(slope[:, :-2]) + np.abs(slope[:, 2:]) < _SMOOTH
    mean = (step * smooth).sum(axis=0) / (2 * np.maximum(smooth.sum(axis=0), 1))
    return np.concatenate([[np.nan, np.nan], mean, [np.nan]])


def found(down: Float64, across: Float64) -> Blocks:
    """The grid that stands out most in the steps of rows (H,) and columns (W,)."""
    best = Blocks(ratio=1.0, period=8.0, offset=(0, 0))
    for period in _PERIODS:
        (x, one), (y, other) = _comb(across, period), _comb(down, period)
        ratio = float(np.sqrt(max(one, 0.2) * max(other, 0.2)))
        if ratio > best.ratio * (1 if period == SIZE else 1.3):
            best = Blocks(ratio=ratio, period=period, offset=(x, y))
    return best


def _comb(steps: Float64, period: float) -> tuple[int, float]:
    """Offset of the lines that stand out most, and by how much."""
    if len(steps) < 4 * period:
        return 0, 1.0
    means = []
    for offset in range(int(np.ceil(period))):
        lines = np.rint(np.arange(offset, len(steps) - 1, period)).astype(int)
        means.append(float(np.nanmean(steps[lines])))
    best = int(np.argmax(means))
    return best, means[best] / (float(np.nanmedian(means)) + 0.05)
