"""VBench's dynamic degree: whether a video counts as moving, and by how much it passes or misses.

Formula (Huang et al. 2024, `dynamic_degree`): frames 1/8 s apart (every round(fps/8)-th); the flow of each pair; the
mean magnitude of its largest 5 %; a pair moves when that exceeds max(1, 8/fps) * 6 * min(H, W) / 256 px; the video is
dynamic when at least round(4 n / 16) of its n frames begin a moving pair. VBench's flow is RAFT; here it is DIS
(Kroeger et al. 2016). Everything is scaled by the shorter side, so the pictures may be shrunk first.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.types import Float32, UInt8

TOP_SHARE = 0.05
SAMPLES_PER_SECOND = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicDegree:
    """How much a video moves."""

    dynamic: bool  # VBench's verdict
    strength: float  # the magnitude reached by a quarter of the pairs over the threshold: dynamic at about 1
    magnitudes: tuple[float, ...]  # top-5 % magnitude of each pair over the threshold


def pair_interval(fps: float) -> int:
    """Frames between the two pictures of a pair."""
    return max(1, round(fps / SAMPLES_PER_SECOND))


def top_magnitude(flow: Float32) -> float:
    """Mean length in px of the largest 5 % of a flow (H, W, 2)."""
    length = np.sort(np.hypot(flow[..., 0], flow[..., 1]).ravel())
    return float(length[-max(1, int(TOP_SHARE * length.size)) :].mean())


def threshold_px(width: int, height: int, *, fps: float) -> float:
    """The magnitude above which a pair of frames moves."""
    return max(1.0, SAMPLES_PER_SECOND / fps) * 6.0 * min(width, height) / 256


def dynamic_degree(relative: list[float]) -> DynamicDegree:
    """The verdict over the pairs of a video; `relative`: top magnitude over threshold of each."""
    if not relative:
        return DynamicDegree(dynamic=False, strength=0.0, magnitudes=())
    needed = max(1, round(4 * (len(relative) + 1) / 16))
    reached = sorted(relative, reverse=True)[min(needed, len(relative)) - 1]
    return DynamicDegree(dynamic=reached > 1, strength=float(reached), magnitudes=tuple(relative))


class Dis:
    """Dense flow by DIS with its memory kept between calls; "fast" for sampling, "medium" for numbers to publish."""

    def __init__(self, *, fine: bool = False) -> None:
        preset = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM if fine else cv2.DISOPTICAL_FLOW_PRESET_FAST
        self._dis = cv2.DISOpticalFlow.create(preset)

    def __call__(self, before: UInt8, after: UInt8) -> Float32:
        """(H, W, 2) forward displacement between two grey pictures (H, W) uint8."""
        return np.asarray(self._dis.calc(before, after, None), dtype=np.float32)  # type: ignore[call-overload]
