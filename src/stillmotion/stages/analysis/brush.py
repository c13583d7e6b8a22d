"""A painted mask as a picture: from a PNG file or a data URI to a soft (H, W) mask.

Knows picture bytes only; where the mask came from and what shall move under it are not its business.
"""

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from stillmotion.errors import InputError
from stillmotion.types import Crop, Float32

_MAX_PIXELS = 50_000_000


_SAME_SHAPE = 0.03  # relative; small pictures are rounded to whole pixels


def read_brush(png: str, *, width: int, height: int, crop: Crop) -> Float32:
    """Read a painted mask and lay it on the canvas; white (or opaque) moves.

    A picture of the canvas' shape covers the canvas; one of the whole photo's shape is cropped as the photo is.

    Args:
        png: a path, or `data:image/png;base64,...`.

    Returns:
        (height, width) float32 in [0, 1].

    Raises:
        InputError: as `read_painted`, or of neither shape.
    """
    called = _called(png)
    painted = _shown(read_painted(png), width / height, crop, called)
    shrinking = width * height < painted.size
    stretched = cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
    return np.clip(stretched, 0, 1).astype(np.float32)


def read_painted(png: str) -> Float32:
    """Read how much each place of a painted mask is marked, at its own size: (h, w) float32 in [0, 1].

    A picture whose alpha varies is read by its alpha times its brightness when it has any brightness, and by its alpha
    alone when it is painted in one dark colour; any other picture by its brightness.

    Args:
        png: a path, or `data:image/png;base64,...`.

    Raises:
        InputError: no such file, not a picture, larger than 50 megapixels, or nothing painted on it.
    """
    called = _called(png)
    try:
        with Image.open(io.BytesIO(_bytes_of(png))) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise InputError(
                    f"The brush mask ({called}) is {picture.width} x {picture.height}; at most 50 megapixels are read."
                )
            painted = _painted(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputError(
            f"The brush mask ({called}) is not a picture that can be read: {error}",
            hint="Save it as a PNG in which what is meant is white.",
        ) from error
    if float(painted.max()) < 0.05:
        raise InputError(
            f"The brush mask ({called}) is black all over: it marks nothing.",
            hint="Paint what is meant white (or opaque on a transparent picture).",
        )
    return painted


def _called(png: str) -> str:
    return "the data URI" if png.startswith("data:") else f"the file {png}"


def _shown(painted: Float32, aspect: float, crop: Crop, called: str) -> Float32:
    """The part of the mask that is on the canvas."""
    high, wide = painted.shape
    if abs(wide / high / aspect - 1) < _SAME_SHAPE:
        return painted
    whole_wide, whole_high = crop.whole
    if abs(wide / high / (whole_wide / whole_high) - 1) >= _SAME_SHAPE:
        raise InputError(
            f"The brush mask ({called}) is {wide}x{high}; it has the shape neither of the photo "
            f"({whole_wide}x{whole_high}) nor of the video (width {aspect:.3g} times its height).",
            hint="Paint it on the photo, at any size.",
        )
    across, down = wide / whole_wide, high / whole_high
    left, top = round(crop.x * across), round(crop.y * down)
    right, bottom = round((crop.x + crop.width) * across), round((crop.y + crop.height) * down)
    return painted[top : max(bottom, top + 1), left : max(right, left + 1)]


def _bytes_of(png: str) -> bytes:
    if not png.startswith("data:"):
        path = Path(png)
        if not path.is_file():
            raise InputError(f"There is no brush mask file {png}.", hint="Give a path to a PNG or a data URI.")
        return path.read_bytes()
    head, comma, body = png.partition(",")
    if not comma or not head.endswith(";base64"):
        raise InputError(
            f"The brush mask's data URI begins {head[:40]!r}; it must be data:image/png;base64, and then the picture."
        )
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise InputError(f"The brush mask's data URI is not valid base64: {error}.") from error


def _painted(picture: Image.Image) -> Float32:
    """(h, w) float32 in [0, 1]: how much each place of the picture is painted."""
    if picture.mode.startswith("I;16"):
        return (np.asarray(picture, dtype=np.float32) / 65535).astype(np.float32)
    if picture.mode in ("I", "F"):
        values = np.asarray(picture, dtype=np.float32)
        return (values / max(float(values.max()), 1.0)).astype(np.float32)
    grey = np.asarray(picture.convert("RGB").convert("L"), dtype=np.float32) / 255
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return grey.astype(np.float32)
    rgba = np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
    alpha = rgba[..., 3]
    if float(alpha.min()) > 0.996:
        return grey.astype(np.float32)
    bright = grey[alpha > 0.5]
    if bright.size and float(bright.max()) > 0.5 and float(bright.min()) < 0.1:
        return (alpha * grey).astype(np.float32)
    return alpha.astype(np.float32)
