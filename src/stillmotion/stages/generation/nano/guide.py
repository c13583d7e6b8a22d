"""The plan as the geometry draws it: full frames, and small ones with their validity for the network.

    Renderer ─▶ frame (H, W), where it is paint ─▶ small frame (h, w), valid (h, w) ─▶ 8 x 8 cells

Legend: H x W canvas, h x w the network's pixels (multiples of 16), F frames, T latent frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.stages.generation.backends.geometry.exact import painted
from stillmotion.stages.generation.backends.geometry.renderer import Renderer
from stillmotion.types import Float32, UInt8

CELL, GROUP = 8, 4
"""Pixels of a latent cell each way; frames of a latent frame."""
_STEP = 16  # of the network's sides: a token is two cells
_AREA = 256 * 256
_LONGEST = 384


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame of the guide."""

    frame: UInt8  # (H, W, 3)
    paint: Float32  # (h, w) in [0, 1]: share of a pixel that the photo does not show


def small_size(width: int, height: int) -> tuple[int, int]:
    """Width and height for the network: the canvas, or its shape with about 256 x 256 pixels and no side above 384."""
    scale = min(1.0, (_AREA / (width * height)) ** 0.5, _LONGEST / max(width, height))
    w, h = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height))
    return w, h


def shots(renderer: Renderer, times: list[float], *, frame_s: float, size: tuple[int, int]) -> Iterator[Shot]:
    """The guide, frame by frame; `size` is (w, h)."""
    for t in times:
        share = painted(renderer, renderer.draw(t))
        paint = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
        yield Shot(renderer.frame(t, frame_s=frame_s), np.asarray(paint, np.float32))


def shrunk(picture: UInt8, size: tuple[int, int]) -> Float32:
    """(H, W, 3) uint8 -> (h, w, 3) in [0, 1]."""
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def cells(valid: list[Float32]) -> Float32:
    """(h, w) of each of the frames of a latent frame, four or the first alone -> (4, h / 8, w / 8)."""
    four = np.stack(valid * (GROUP if len(valid) == 1 else 1))
    f, h, w = four.shape
    return np.asarray(four.reshape(f, h // CELL, CELL, w // CELL, CELL).mean(axis=(2, 4)), np.float32)
