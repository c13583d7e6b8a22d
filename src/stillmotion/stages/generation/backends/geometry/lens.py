"""What a real lens and shutter add: depth of field and motion blur, both in linear light. Knows no layers."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from stillmotion.stages.generation.backends.geometry.sample import from_light, to_light
from stillmotion.types import Float32, UInt8, View

BLUR_FROM_PX = 12.0  # flow per frame from which on the shutter is seen
_MOST_INSTANTS = 8
_LEVELS = 6
_LIGHT, _BYTE = to_light(), from_light()


def focused(frame: UInt8, nearness: Float32, view: View) -> UInt8:
    """Blur (H, W, 3) by each pixel's distance from the plane in focus; `nearness` (H, W) is 1 / depth.

    Circle of confusion of a thin lens, c = aperture * |1 - focus * nearness|, at most the aperture (a fraction of the
    width). Blurred things in front spread over what is sharp behind them; sharp things keep their edges.
    """
    width = frame.shape[1]
    largest = view.aperture * width
    if largest < 0.5:
        return frame
    offset = (nearness * np.float32(view.focus) - 1.0).astype(np.float32)
    circle = np.minimum(np.abs(offset), 1.0) * np.float32(largest)
    spread = max(3, 2 * int(largest / 2) + 1)
    in_front = cv2.dilate(np.where(offset > 0, circle, 0), np.ones((spread, spread), np.uint8))
    circle = np.maximum(circle, cv2.blur(in_front, (spread, spread)))
    light = _LIGHT[frame]
    out = light.copy()
    sizes = np.concatenate([[0.0], np.geomspace(1.5, max(largest, 1.6), _LEVELS)])
    below = light
    for k in range(1, len(sizes)):
        if k > 1 and not bool((circle > sizes[k - 1]).any()):
            break
        disc = _disc(light, float(sizes[k]))
        share = np.clip((circle - sizes[k - 1]) / (sizes[k] - sizes[k - 1]), 0, 1)[..., None].astype(np.float32)
        out = np.where(share > 0, below + (disc - below) * share, out)
        below = disc
    return _bytes(out)


def _disc(light: Float32, diameter: float) -> Float32:
    """The picture blurred by a disc with soft rim."""
    radius = diameter / 2
    size = 2 * int(np.ceil(radius)) + 1
    centre = size // 2
    y, x = np.mgrid[0:size, 0:size] - centre
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return np.asarray(cv2.filter2D(light, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101), np.float32)


def _bytes(light: Float32) -> UInt8:
    return np.asarray(_BYTE[np.clip(np.rint(light * 4095.0), 0, 4095).astype(np.uint16)], np.uint8)


def exposed(draw: Callable[[float], UInt8], t: float, *, shutter_s: float, flow_px: float) -> UInt8:
    """The mean, in light, of what `draw` shows while the shutter is open around t; `flow_px` sets how often to look."""
    count = int(min(max(2.0, np.ceil(flow_px / 5.0)), _MOST_INSTANTS))
    total: Float32 | None = None
    for k in range(count):
        light = _LIGHT[draw(t + shutter_s * ((k + 0.5) / count - 0.5))]
        total = light if total is None else total + light
    assert total is not None
    return _bytes((total / count).astype(np.float32))
