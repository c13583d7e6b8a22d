"""A painted picture becomes a file: PNG, JPEG, WebP or TIFF, with a word in it about what was done.

Knows formats; not what a picture shows. The file appears whole or not at all.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from stillmotion.errors import InputError
from stillmotion.media.staging import write_file
from stillmotion.types import UInt8

_SAVED: dict[str, dict[str, Any]] = {  # Any: Pillow's own words
    ".png": {"format": "PNG", "compress_level": 4},
    ".jpg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    ".jpeg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    ".webp": {"format": "WEBP", "lossless": True, "method": 2},
    ".tif": {"format": "TIFF", "compression": "tiff_deflate"},
    ".tiff": {"format": "TIFF", "compression": "tiff_deflate"},
}
_LARGEST = {"JPEG": 65_535, "WEBP": 16_383}
LOSSY = frozenset({".jpg", ".jpeg"})
"""Endings of files that do not keep every pixel as it was."""


def check_picture(out: Path, *, size: tuple[int, int] | None = None) -> None:
    """Raises InputError where a picture of (width, height) could not be written to `out`."""
    saved = _SAVED.get(out.suffix.lower())
    if saved is None:
        raise InputError(
            f"'{out.name}' does not say what kind of picture to write.",
            hint=f"Let the name end with one of {', '.join(_SAVED)}.",
        )
    if not out.absolute().parent.is_dir():
        raise InputError(f"There is no folder {out.parent}.")
    most = _LARGEST.get(saved["format"])
    if size is not None and most is not None and max(size) > most:
        raise InputError(
            f"A {saved['format']} file has up to {most} pixels a side; this picture is {size[0]}x{size[1]}."
        )


def write_picture(out: Path, pixels: UInt8, *, software: str, about: str) -> None:
    """Write pixels (h, w, 3) sRGB to `out`; its ending decides the format. All but JPEG keep every pixel.

    Raises:
        InputError: as `check_picture`, or the folder cannot be written to.
        DoesNotFit: the disk is full.
    """
    check_picture(out, size=(pixels.shape[1], pixels.shape[0]))
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = software
    exif[ExifTags.Base.ImageDescription] = about
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, exif=exif, **_SAVED[out.suffix.lower()])
    write_file(out, held.getvalue())
