"""Any Pillow picture -> opaque 8-bit sRGB, with a note for every change a person might notice.

Knows modes, bit depths, ICC profiles and alpha; knows no files and no EXIF.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from stillmotion.types import UInt8

_PALE = 200.0  # mean of the visible pixels above which a transparent picture is laid on black, to stay visible
_PROFILE_MODES = {"RGB": ("RGB",), "GRAY": ("L",), "CMYK": ("CMYK",), "Lab": ("LAB",)}
_STRIP = 64  # rows
_DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")


def to_srgb(image: Image.Image) -> tuple[UInt8, tuple[str, ...]]:
    """The pixels as uint8 (h, w, 3) sRGB and the notes of what was changed.

    Alpha is composited over white (over black where the picture itself is almost white). Deep grey is scaled to its
    full range, never clipped.
    """
    notes: list[str] = []
    profile = image.info.get("icc_profile")
    image = _eight_bit(image, notes)
    alpha = _alpha(image)
    if image.mode in ("P", "PA", "1", "LA", "La", "RGBa", "RGBA", "RGBX", "HSV", "YCbCr"):
        image = image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")
    image = _apply_profile(image, profile, notes)
    pixels = _array(image)
    if alpha is not None:
        pixels = _composite(pixels, alpha, notes)
    return np.ascontiguousarray(pixels), tuple(notes)


def _array(image: Image.Image) -> UInt8:
    """(h, w, 3) of an RGB picture, in strips: all at once takes 30 ms more for 12 megapixels, and two more copies."""
    pixels: UInt8 = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _STRIP):
        bottom = min(top + _STRIP, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _eight_bit(image: Image.Image, notes: list[str]) -> Image.Image:
    if image.mode not in _DEEP_MODES:
        return image
    with np.errstate(invalid="ignore"):  # a damaged file may hold signalling NaNs
        values = np.asarray(image).astype(np.float64)
    values[~np.isfinite(values)] = 0.0
    low, high = float(values.min()), float(values.max())
    if image.mode == "F":
        top = 1.0 if high <= 1 else 255.0 if high <= 255 else high
    else:
        top = 65535.0 if image.mode.startswith("I;16") or high <= 65535 else high
    bottom = min(low, 0.0)
    if bottom < 0 or top not in (1.0, 255.0, 65535.0):
        notes.append(f"The grey values run from {low:g} to {high:g}; they were scaled to black and white.")
    return Image.fromarray(np.rint((values - bottom) * (255 / (top - bottom))).astype(np.uint8))


def _alpha(image: Image.Image) -> UInt8 | None:
    """The alpha channel, or None where every pixel is opaque."""
    if not image.has_transparency_data:
        return None
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    return None if int(alpha.min()) == 255 else alpha


def _composite(pixels: UInt8, alpha: UInt8, notes: list[str]) -> UInt8:
    weight = alpha[..., None].astype(np.float32) / 255
    visible = float(weight.sum()) * 3
    pale = visible > 0 and float((pixels * weight).sum()) / visible > _PALE
    notes.append(f"The photo has transparent parts; they were filled with {'black' if pale else 'white'}.")
    ground = 0.0 if pale else 255.0
    filled: UInt8 = np.rint(pixels * weight + ground * (1 - weight)).astype(np.uint8)
    return filled


def _apply_profile(image: Image.Image, profile: object, notes: list[str]) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        converted = _through_profile(image, profile, notes)
        if converted is not None:
            return converted
    if image.mode == "CMYK":
        notes.append("The photo is CMYK without a usable colour profile; its colours are approximate.")
    if image.mode == "LAB":
        lab = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
        return _transformed(image, lab)
    return image if image.mode == "RGB" else image.convert("RGB")


def _through_profile(image: Image.Image, data: bytes, notes: list[str]) -> Image.Image | None:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        space = profile.profile.xcolor_space.strip()
        name = ImageCms.getProfileDescription(profile).strip()
        if image.mode == "RGB" and name.lower().startswith("srgb"):
            return image
        if image.mode not in _PROFILE_MODES.get(space, ()):
            notes.append(f"The colour profile is for {space}, the photo is {image.mode}; the profile was ignored.")
            return None
        transform = ImageCms.buildTransform(
            profile, ImageCms.createProfile("sRGB"), image.mode, "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )  # fmt: skip
        return _transformed(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        notes.append(f"The colour profile is broken ({error}); the photo was read as sRGB.")
        return None


def _transformed(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    if result is None:  # only when asked to work in place
        raise ValueError("the colour transform gave nothing back")
    return result
