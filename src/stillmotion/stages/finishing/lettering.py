"""Words as a picture: which font can write them, where lines break, and their shape in grey. Knows no frames or colour.

The font is the user's, or Inter, which comes along (Latin, Greek and Cyrillic letters), or the first of the usual fonts
of this system that has all the characters. A character that no font has is named; empty boxes are never drawn.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from stillmotion.errors import InputError
from stillmotion.types import UInt8

Font = ImageFont.FreeTypeFont
_OWN = Path(__file__).with_name("fonts") / "Inter-Medium.ttf"
_NOBODY = "\U0010fffe"  # no font has it: what is drawn for it stands for "missing"
_PROBE_PX = 32
_JOINING = {"R", "AL", "AN"}  # directions of Hebrew, Arabic and their digits
_SHAPED = (
    "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA",
    "TIBETAN", "MYANMAR", "KHMER", "THAI", "LAO",
)  # fmt: skip
_USUAL = (  # in the order in which they are tried
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc", "segoeui.ttf",
    "Arial Unicode.ttf", "FreeSans.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "PingFang.ttc",
    "Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "msyh.ttc", "YuGothM.ttc", "malgun.ttf", "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf", "NotoSansArabic-Regular.ttf", "NotoNaskhArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf", "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "Nirmala.ttf",
    "LeelawUI.ttf", "seguisym.ttf", "NotoSansSymbols2-Regular.ttf",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A font that has every character of a text."""

    name: str  # family and style
    at: Callable[[float], Font]  # the font at a size in pixels


def choose_face(text: str, font: Path | None) -> Face:
    """The font for a text: the given file, our own, or one of the system's.

    Raises:
        InputError: no text; the file is no font or lacks characters; no font has them; the script needs a layout engine
            that this installation of Pillow lacks.
    """
    _check_text(text)
    if font is not None:
        face = _file_face(Path(font))
        missing = _missing(face, text)
        if missing:
            raise InputError(
                f"The font {Path(font).name} has no {_named(missing)}.",
                hint="Give another --font, or leave it out to have one looked for.",
            )
        return face
    nowhere = set(text)
    for path in chain((_OWN,), _system_fonts()):
        try:
            face = _file_face(path)
            missing = _missing(face, text)
        except InputError:  # a broken font of the system is not the user's business
            continue
        if not missing:
            return face
        nowhere &= set(missing)
    what = (
        _named(sorted(nowhere)) if nowhere else "all the characters of the text (each is in some font, but not in one)"
    )
    raise InputError(
        f"No usual font of this system has {what}.",
        hint="Give a file that has them by --font (.ttf, .otf); fonts of emoji in colour cannot be used.",
    )


def _check_text(text: str) -> None:
    if not text.strip():
        raise InputError("The text is blank; write something, or leave the option out.")
    odd = sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") and c not in "\n\t\r"})
    if odd:
        raise InputError(
            f"The text has characters that cannot be written: {', '.join(f'U+{ord(c):04X}' for c in odd)}."
        )
    if features.check("raqm"):
        return
    for c in text:
        if unicodedata.bidirectional(c) in _JOINING or unicodedata.name(c, "").startswith(_SHAPED):
            raise InputError(
                f"'{c}' belongs to a script whose letters change with their neighbours or run from right to left; this "
                "installation of Pillow has no libraqm to set it.",
                hint="Install a Pillow with libraqm (the wheels for Linux, macOS and Windows have it).",
            )


def _file_face(path: Path) -> Face:
    if not path.is_file():
        raise InputError(f"There is no font {path}.", hint="Name a .ttf or .otf file.")
    if not features.check("freetype2"):
        raise InputError("This installation of Pillow cannot draw fonts (no FreeType).", hint="Install Pillow's wheel.")
    try:
        name = " ".join(str(part) for part in ImageFont.truetype(path, _PROBE_PX).getname() if part)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no font that can be read: {error}.", hint="Name a .ttf or .otf file.") from error
    return Face(name=name or path.stem, at=lru_cache(maxsize=32)(lambda size: ImageFont.truetype(path, size)))


def _system_fonts() -> Iterator[Path]:
    """The usual fonts that are here, in their order; looked for when the first is asked for."""
    found: dict[str, Path] = {}
    for folder in _font_folders():
        for where, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                found.setdefault(name.lower(), Path(where) / name)
    yield from (found[name.lower()] for name in _USUAL if name.lower() in found)


def _font_folders() -> tuple[Path, ...]:
    home = Path("~").expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts", home / "AppData/Local/Microsoft/Windows/Fonts"
    if sys.platform == "darwin":
        return Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"
    return Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"


def _missing(face: Face, text: str) -> list[str]:
    """Characters of the text that the font has no shape for."""
    font = face.at(_PROBE_PX)
    nothing = _shape(font, _NOBODY)
    return sorted(c for c in set(unicodedata.normalize("NFC", text)) if _needs_shape(c) and _shape(font, c) == nothing)


def _needs_shape(c: str) -> bool:
    return not (c.isspace() or unicodedata.category(c) == "Cf" or "\ufe00" <= c <= "\ufe0f")


def _shape(font: Font, c: str) -> tuple[tuple[int, int], bytes]:
    try:
        mask = font.getmask(c, mode="L")
    except OSError as error:  # a font whose outlines are broken
        raise InputError(f"The font {font.getname()[0]} is broken: {error}.") from error
    return mask.size, bytes(mask)


def _named(characters: list[str]) -> str:
    told = ", ".join(f"'{c}' (U+{ord(c):04X})" for c in characters[:8])
    return told + (f" and {len(characters) - 8} more" if len(characters) > 8 else "")


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def wrapped(text: str, font: Font, width: float) -> list[str]:
    """The lines of a text, none wider than `width` pixels: broken at blanks, and within a word that is too long.

    A line break in the text is kept.
    """
    return [line for part in unicodedata.normalize("NFC", text).splitlines() for line in _broken(part, font, width)]


def _broken(part: str, font: Font, width: float) -> Iterator[str]:
    line = ""
    for word in part.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and font.getlength(line) > width:
            fits = _fitting(line, font, width)
            yield line[:fits]
            line = line[fits:]
    yield line


def _fitting(word: str, font: Font, width: float) -> int:
    """How many characters of a word fit, at least one; an accent stays with its letter."""
    fits = 1
    while fits < len(word) and font.getlength(word[: fits + 1]) <= width:
        fits += 1
    while fits > 1 and fits < len(word) and unicodedata.combining(word[fits]):
        fits -= 1
    return fits


def lettered(lines: list[str], font: Font, *, pitch: int, align: float, pad: int, stroke: float = 0.0) -> UInt8:
    """The lines as grey (h, w) of 0 to 255, `pitch` pixels from line to line and `pad` around them.

    `align`: 0 left, 0.5 middle, 1 right. `stroke` pixels are added around every letter.
    """
    boxes = [font.getbbox(line, anchor="ls") for line in lines]
    left = min(0, *(int(np.floor(box[0])) for box in boxes))
    width = max(1, *(int(np.ceil(box[2])) for box in boxes)) - left
    ascent, descent = font.getmetrics()
    height = pitch * (len(lines) - 1) + ascent + descent
    picture = Image.new("L", (width + 2 * pad, height + 2 * pad))
    draw = ImageDraw.Draw(picture)
    for number, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        x = pad - left + align * (width + left - box[2])
        draw.text(
            (round(x), pad + ascent + number * pitch), line, font=font, fill=255, anchor="ls", stroke_width=stroke
        )
    return np.asarray(picture)
