"""Photos and maps as files: the only place that opens still pictures.

    file ─▶ is it a plain file? ─▶ what do its first bytes say? ─▶ size from the header ─▶ decode ─▶ upright sRGB

Knows formats, orientation and bombs; does not know what a picture shows.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from stillmotion.errors import DoesNotFit, InputError
from stillmotion.media.exif import field_of_view
from stillmotion.media.pixels import to_srgb
from stillmotion.media.sniff import HEIF_BRANDS, brand, foreign_kind
from stillmotion.media.staging import write_file
from stillmotion.types import Float32, Photo, UInt8

SMALLEST_SIDE = 64
LARGEST_PIXELS = 50_000_000
LARGEST_ASPECT = 10.0
LARGEST_BYTES = 1 << 30

PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".avif", ".heic", ".heif", ".hif", ".tif", ".tiff",
    ".bmp", ".gif",
)  # fmt: skip
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "PPM")
_ANIMATED = "The file is an animation; its first picture was taken."
_READS = "A photo is a JPEG, PNG, WebP, AVIF, HEIC, TIFF, BMP or GIF file."

# what Pillow and its plugins raise on damaged bytes
_DAMAGED = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, AttributeError, ArithmeticError,
    RuntimeError, AssertionError, struct.error, zlib.error,
)  # fmt: skip


def read_photo(source: Path | UInt8) -> Photo:
    """Read a photo upright, in sRGB and opaque.

    `source` is a file, or pixels uint8 (h, w, 3) sRGB. Of an animation the first picture is read.

    Raises:
        InputError: missing, not a plain file, unreadable, empty, no photo, damaged, smaller than 64 px on a side,
            larger than 50 megapixels, or more than 10 times longer than wide.
    """
    if isinstance(source, np.ndarray):
        return _photo_of_array(source)
    source = Path(source)
    data = _read_bytes(source, "photo")
    with _listening() as heard:
        image = _open(data, source)
        _check_size(image.size, source.name)
        animated = bool(getattr(image, "is_animated", False)) and image.format not in ("MPO", "HEIF")
        exif, exif_notes = _exif(image)
        _decode(image, source)
    pixels, colour_notes = to_srgb(image)
    return Photo(
        pixels=_upright(pixels, exif.get(ExifTags.Base.Orientation)),
        fov_deg=field_of_view(exif, image.size),
        name=source.name,
        sha256=hashlib.sha256(data).hexdigest(),
        notes=exif_notes + colour_notes + (_ANIMATED,) * animated + _complaints(heard),
    )


def read_cutout(path: Path) -> UInt8:
    """Read a picture with its transparency, upright: uint8 (h, w, 4), sRGB and alpha (255 where it has none).

    For what is laid over frames, so it may be small.

    Raises:
        InputError: as `read_photo`, but for its size: up to 50 megapixels of any shape; or wholly transparent.
    """
    path = Path(path)
    data = _read_bytes(path, "picture")
    with _listening():
        image = _open(data, path)
        if image.width * image.height > LARGEST_PIXELS:
            raise InputError(f"{path.name} has {image.width}x{image.height} pixels; up to 50 megapixels can be read.")
        exif, _ = _exif(image)
        _decode(image, path)
    bare, alpha = image, np.full((image.height, image.width), 255, np.uint8)
    if image.has_transparency_data:
        whole = image.convert("RGBA")
        alpha = np.asarray(whole.getchannel("A"))
        bare = whole.convert("RGB") if image.mode not in ("LA", "La") else image.convert("L")  # a profile fits its mode
    if not alpha.any():
        raise InputError(f"{path.name} is wholly transparent; there is nothing to see.")
    pixels, _ = to_srgb(bare)
    return _upright(np.dstack([pixels, alpha]), exif.get(ExifTags.Base.Orientation))


def read_depth(path: Path) -> Float32:
    """Read a depth map as disparity float32 (h, w) in [0, 1], larger is nearer.

    8- and 16-bit grey is taken at its full scale; a floating-point TIFF outside [0, 1] is scaled from its smallest to
    its largest value. A colour file is taken if its channels agree.

    Raises:
        InputError: as `read_photo`; or coloured (false colours cannot be undone), or with values that are not finite.
    """
    path = Path(path)
    data = _read_bytes(path, "depth map")
    with _listening():
        image = _open(data, path)
        if image.width * image.height > LARGEST_PIXELS:
            raise InputError(
                f"{path.name} has {image.width}x{image.height} pixels; a depth map has up to 50 megapixels."
            )
        _decode(image, path)
    if image.mode in ("1", "P", "PA", "LA", "RGBA", "CMYK", "YCbCr"):
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    values = np.asarray(image).astype(np.float32)
    if values.ndim == 3:
        values = _grey_of_colour(values, path.name)
    if image.mode == "F" or image.mode == "I":
        return _unit_range(values, path.name)
    return values / np.float32(65535 if image.mode.startswith("I;16") else 255)


def write_png(path: Path, array: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Write a PNG of 8 or 16 bits: grey (h, w), RGB (h, w, 3) or RGBA (h, w, 4). It appears whole or not at all.

    Raises:
        InputError: the folder is missing or cannot be written to.
        DoesNotFit: the disk is full.
    """
    channels = array.shape[2:]
    if array.dtype not in (np.uint8, np.uint16) or array.ndim not in (2, 3) or channels not in ((), (3,), (4,)):
        raise ValueError(f"a PNG holds uint8 or uint16 (h, w), (h, w, 3) or (h, w, 4), not {array.dtype} {array.shape}")
    order = {(): None, (3,): cv2.COLOR_RGB2BGR, (4,): cv2.COLOR_RGBA2BGRA}[channels]
    ok, coded = cv2.imencode(".png", array if order is None else cv2.cvtColor(array, order))
    if not ok:
        raise ValueError(f"OpenCV could not encode a PNG of {array.shape}")
    write_file(path, coded.tobytes())


def photo_files(folder: Path) -> tuple[Path, ...]:
    """The photos directly in a folder, hidden files left out, in the order a person would count them (2 before 10).

    Raises:
        InputError: the folder is missing or holds no photo.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    visible = (path for path in folder.iterdir() if not path.name.startswith("."))
    found = [path for path in visible if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file()]
    if not found:
        raise InputError(f"The folder {folder} holds no photo.", hint=_READS)
    return tuple(sorted(found, key=_counting_order))


def _counting_order(path: Path) -> list[tuple[int, str]]:
    return [
        (int(piece or 0), "") if n % 2 else (0, piece) for n, piece in enumerate(re.split(r"(\d+)", path.name.lower()))
    ]


# ── from the file to a decoded picture ───────────────────────────────────────────────────────────────────────────────


def _read_bytes(path: Path, what: str) -> bytes:
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise InputError(f"{path} is a folder, not a {what}.")
        if not stat.S_ISREG(found.st_mode):  # a pipe or a device could block for ever
            raise InputError(f"{path} is not a plain file; a {what} is read from a file.")
        if found.st_size > LARGEST_BYTES:
            raise InputError(f"{path} is larger than 1 GiB; that is no {what}.")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a name that no file can have
        raise InputError(f"There is no {what} {path}.") from error
    except OSError as error:
        raise InputError(f"The {what} {path} cannot be read: {error.strerror}.") from error
    if not data:
        raise InputError(f"The {what} {path} is empty (0 bytes).")
    return data


def _open(data: bytes, path: Path) -> Image.Image:
    """A lazily opened picture: header read, pixels not yet."""
    kind = foreign_kind(data[:1024])
    if kind is not None:
        raise InputError(f"{path} is {kind}, not a photo.", hint=_READS)
    formats: tuple[str, ...] = _FORMATS
    if brand(data) in HEIF_BRANDS:
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats = ("HEIF", "AVIF")
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"{path} claims to be far larger than the 50 megapixels that can be read: {error}") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path} is no photo that can be read, or its beginning is damaged.", hint=_READS) from error
    except _DAMAGED as error:
        raise InputError(f"{path} is damaged: {error}") from error


@contextmanager
def _listening() -> Iterator[list[warnings.WarningMessage]]:
    """Hear what Pillow has to say about a file; a warning of a bomb counts as an error."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield heard


def _complaints(heard: list[warnings.WarningMessage]) -> tuple[str, ...]:
    return (f"The file is a little damaged: {str(heard[0].message).strip()}",) if heard else ()


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > LARGEST_PIXELS:
        found = f"{width}x{height} pixels ({width * height / 1e6:.0f} megapixels)"
        raise InputError(f"{name} has {found}; up to 50 megapixels can be read.", hint="Scale the photo down.")
    if min(size) < SMALLEST_SIDE:
        raise InputError(f"{name} has {width}x{height} pixels; each side needs at least {SMALLEST_SIDE}.")
    if max(size) > LARGEST_ASPECT * min(size):
        raise InputError(
            f"{name} has {width}x{height} pixels; one side may be up to {LARGEST_ASPECT:g} times the other.",
            hint="Crop the photo to the part that should move.",
        )


def _decode(image: Image.Image, path: Path) -> None:
    try:
        image.load()
    except MemoryError as error:
        raise DoesNotFit(f"{path} needs more memory than there is.") from error
    except _DAMAGED as error:
        raise InputError(f"{path} is damaged or cut off: {error}", hint="Copy or download the file again.") from error


def _exif(image: Image.Image) -> tuple[Image.Exif, tuple[str, ...]]:
    try:
        exif = image.getexif()
        exif.get_ifd(ExifTags.IFD.Exif)
    except _DAMAGED:
        return Image.Exif(), ("The camera data (EXIF) is broken and was ignored.",)
    return exif, ()


def _upright(pixels: UInt8, orientation: Any) -> UInt8:  # Any: a damaged tag may hold whatever
    """Undo the EXIF orientation (1 to 8; anything else is taken as upright)."""
    if orientation not in range(2, 9):
        return pixels
    turned = pixels.swapaxes(0, 1) if orientation >= 5 else pixels
    flip_rows, flip_columns = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    return np.ascontiguousarray(turned[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1])


def _photo_of_array(pixels: UInt8) -> Photo:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise InputError(f"A photo given as an array is uint8 (height, width, 3), found {pixels.dtype} {pixels.shape}.")
    _check_size((pixels.shape[1], pixels.shape[0]), "The array")
    pixels = np.ascontiguousarray(pixels)
    digest = hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()
    return Photo(pixels=pixels, fov_deg=None, name="array", sha256=digest, notes=())


def _grey_of_colour(values: Float32, name: str) -> Float32:
    if float(np.abs(values - values[..., :1]).mean()) > 2:
        raise InputError(
            f"The depth map {name} is coloured; a depth map is grey, nearer is brighter.",
            hint="Save the raw depth instead of a false-colour picture of it.",
        )
    grey: Float32 = values[..., 0]
    return grey


def _unit_range(values: Float32, name: str) -> Float32:
    if not np.isfinite(values).all():
        raise InputError(f"The depth map {name} holds values that are not finite numbers.")
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return values
    return (values - low) / np.float32(max(high - low, 1e-12))
