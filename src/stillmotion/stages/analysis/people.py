"""Where heads may be: blobs of the colour of skin, of the shape of a face, with something dark in them.

Knows skin of every lightness by its hue, not who it is nor where they look. A guess that helps the subject's outline; a
learned detector would do better.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.stages.analysis.cues import Cues
from stillmotion.types import Float32, UInt8

_LEAST_AREA = 0.02
_MOST = 8


@dataclass(frozen=True, slots=True)
class Head:
    """An upright ellipse around a face, working pixels."""

    x: float
    y: float
    wide: float  # half the width of the face
    high: float  # half its height, chin to brow

    def inside(self, shape: tuple[int, int], scale: float = 1.0) -> NDArray[np.bool_]:
        """(h, w) the ellipse, `scale` times as large."""
        rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
        return np.asarray(
            ((columns - self.x) / (scale * self.wide)) ** 2 + ((rows - self.y) / (scale * self.high)) ** 2 <= 1, bool
        )


def find_heads(cues: Cues) -> tuple[Head, ...]:
    """Heads, the largest first."""
    skin: UInt8 = _skin(cues).astype(np.uint8)
    side = max(cues.shape)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (side // 90) + 1,) * 2)
    skin = np.asarray(cv2.morphologyEx(skin, cv2.MORPH_CLOSE, kernel))
    skin = np.asarray(cv2.morphologyEx(skin, cv2.MORPH_OPEN, kernel))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(skin, connectivity=4)
    order = (np.argsort(-stats[1:count, cv2.CC_STAT_AREA])[:_MOST] + 1).tolist()
    found = [_head(cues, labels == i) for i in order if stats[i, cv2.CC_STAT_AREA] > _LEAST_AREA * labels.size]
    return tuple(head for head in found if head is not None)


def _skin(cues: Cues) -> NDArray[np.bool_]:
    light, a, b = (cues.lab[..., i] for i in range(3))
    hue = np.degrees(np.arctan2(b, np.maximum(a, 0.1)))
    chroma = np.hypot(a, b)
    return np.asarray(
        (a > 4) & (b > 3) & (hue > 22) & (hue < 74) & (chroma > 8) & (chroma < 46) & (light > 18) & (light < 94), bool
    )


def _head(cues: Cues, blob: NDArray[np.bool_]) -> Head | None:
    """The face of a blob: its upper part where neck and shoulders hang on it."""
    rows = np.flatnonzero(blob.any(axis=1))
    columns = np.flatnonzero(blob.any(axis=0))
    wide, high = len(columns), len(rows)
    if min(wide, high) < 10 or wide > 0.9 * cues.shape[1] or wide > 1.6 * high:
        return None
    top, bottom = int(rows[0]), min(int(rows[-1]), int(rows[0] + 1.5 * wide))
    upper = blob.copy()
    upper[bottom + 1 :] = False
    solid = float(upper.sum()) / (wide * (bottom - top + 1))
    filled = cv2.morphologyEx(upper.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)) > 0
    light = cues.lab[..., 0]
    inner = cv2.erode(filled.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if solid < 0.5 or int(inner.sum()) < 40:
        return None
    features = float(np.std(_detail(light, 0.12 * wide)[inner]))  # eyes, brows and mouth
    if not 3.0 < features < 22 or float(cues.chroma[inner].std()) > 14:
        return None
    weight = upper.astype(np.float64)
    x = float((weight.sum(axis=0) * np.arange(weight.shape[1])).sum() / weight.sum())
    head = Head(x=x, y=(top + bottom) / 2, wide=wide / 2, high=max((bottom - top) / 2, 0.55 * wide))
    face = head.inside(cues.shape, 0.9)
    ring = head.inside(cues.shape, 1.35) & ~head.inside(cues.shape, 1.05)
    ring[bottom + 1 :] = False  # neck and shoulders may be bare
    if float(filled[face].mean()) < 0.72 or float(_skin(cues)[ring].mean()) > 0.4:
        return None
    return head


def _detail(light: Float32, radius: float) -> Float32:
    return np.asarray(light - cv2.GaussianBlur(light, (0, 0), max(radius, 1.0)), np.float32)
