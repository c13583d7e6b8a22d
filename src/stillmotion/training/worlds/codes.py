"""The truth of a frame as small files, and back: depth, flow, objects, classes as PNG, colour as WebP.

    depth  (H, W) metres     ─ 16 bits of its logarithm, 0: the sky        ─▶ within 1.25e-4 of itself
    flow   (H, W, 2) pixels  ─ 16 bits, 1/32 px, third channel: hidden      ─▶ within 1/64 px up to 1,023 px
    ident  (H, W)            ─ 16 bits                                      ─▶ exact
    label, other, coverage   ─ three channels of 8 bits                     ─▶ exact

Channels are in the order red, green, blue of the file.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import InputError

NEAREST, FARTHEST = 1e-2, 1e5
"""Metres that depth can say."""
STEPS_PER_PX = 32
HIDDEN, BEYOND = 1, 2
"""Bits of a flow's third channel: the other frame does not show it; it goes farther than can be said."""
_LEVELS = 65534
_SPAN = float(np.log(FARTHEST / NEAREST))
_WEBP = 92
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 2, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_FILTERED]


def depth_out(depth: NDArray[np.float32]) -> bytes:
    """(H, W) metres, 0 for the sky, as PNG."""
    place = np.log(np.clip(depth, NEAREST, FARTHEST) / NEAREST) / _SPAN * _LEVELS
    return _png(np.where(depth > 0, 1 + place.round(), 0).astype(np.uint16))


def depth_in(data: bytes) -> NDArray[np.float32]:
    """(H, W) metres, 0 for the sky."""
    values = _read(data)
    found = NEAREST * np.exp((values.astype(np.float64) - 1) / _LEVELS * _SPAN)
    return np.asarray(np.where(values > 0, found, 0), np.float32)


def flow_out(flow: NDArray[np.float32], hidden: NDArray[np.bool_]) -> bytes:
    """(H, W, 2) pixels, and what is hidden (H, W), as PNG."""
    steps = (flow.astype(np.float64) * STEPS_PER_PX).round() + 32768
    beyond = ((steps < 0) | (steps > 65535)).any(axis=-1)
    bits = hidden * HIDDEN + beyond * BEYOND
    return _png(np.dstack([np.clip(steps, 0, 65535), bits]).astype(np.uint16))


def flow_in(data: bytes) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """(H, W, 2) pixels and bits (H, W): HIDDEN, BEYOND."""
    values = _read(data)
    flow = (values[..., :2].astype(np.float32) - 32768) / STEPS_PER_PX
    return np.asarray(flow, np.float32), values[..., 2].astype(np.uint8)


def idents_out(ident: NDArray[np.int32]) -> bytes:
    """(H, W) numbers of objects as PNG.

    Raises:
        InputError: there are more than 16 bits can number.
    """
    if ident.max() > 65535:
        raise InputError(f"Object {ident.max()} cannot be stored.", hint="A world may have at most 65,535 objects.")
    return _png(ident.astype(np.uint16))


def idents_in(data: bytes) -> NDArray[np.int32]:
    """(H, W) numbers of objects."""
    return _read(data).astype(np.int32)


def classes_out(label: NDArray[np.uint8], other: NDArray[np.uint8], coverage: NDArray[np.float32]) -> bytes:
    """Class (H, W), class of the rest of the pixel, share 0 to 1 of the first in it, as PNG."""
    return _png(np.dstack([label, other, (coverage * 255).round().astype(np.uint8)]))


def classes_in(data: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """What `classes_out` wrote."""
    values = _read(data)
    return values[..., 0], values[..., 1], (values[..., 2] / 255.0).astype(np.float32)


def colour_out(picture: NDArray[np.uint8]) -> bytes:
    """(H, W, 3) sRGB as WebP."""
    return cv2.imencode(".webp", picture[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, _WEBP])[1].tobytes()


def colour_in(data: bytes) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB."""
    return _read(data)


def _png(values: np.ndarray) -> bytes:
    return cv2.imencode(".png", values[..., ::-1] if values.ndim == 3 else values, _PNG)[1].tobytes()


def _read(data: bytes) -> NDArray:
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise InputError("A stored picture cannot be read.", hint="Make its shard again.")
    return np.ascontiguousarray(values[..., ::-1] if values.ndim == 3 else values)
