"""A video as numbered PNG pictures; the first one carries the rate and the metadata.

Knows file names and PNG text; does not know what the frames show.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from stillmotion.errors import InputError
from stillmotion.media.encoding import RECIPES, Encoding, exact_rate, is_numbered
from stillmotion.types import FrameStream

RATE_KEY = "stillmotion:fps"
_FOLDER_PATTERN = "frame_%05d.png"
_PERCEPTUAL = b"\0"  # rendering intent of the sRGB chunk


def write_sequence(
    frames: FrameStream, part: Path, path: Path, *, encoding: Encoding, metadata: dict[str, str]
) -> None:
    """Write the pictures into a new folder `part`, named by the pattern in `path` or else frame_00000.png and so on."""
    pattern = path.name if is_numbered(path) else _FOLDER_PATTERN
    level = int(RECIPES["png"].options[encoding.quality]["compress_level"])
    part.mkdir()
    for index, frame in enumerate(frames):
        text = PngInfo()
        text.add(b"sRGB", _PERCEPTUAL)
        if index == 0:
            for key, value in {RATE_KEY: str(exact_rate(frames.fps)), **metadata}.items():
                text.add_itxt(key, value)
        Image.fromarray(frame).save(part / (pattern % index), format="PNG", compress_level=level, pnginfo=text)


def sequence_files(path: Path) -> tuple[Path, ...]:
    """The pictures of a folder, or of a pattern such as name_%05d.png, in order.

    Raises:
        InputError: there are none.
    """
    if is_numbered(path):
        name = re.compile(re.sub(r"%0?\d*d", r"\\d+", re.escape(path.name)))
        found = [file for file in path.absolute().parent.iterdir() if name.fullmatch(file.name)]
    else:
        found = [file for file in path.iterdir() if re.fullmatch(r"\D*\d+\.png", file.name)]
    if not found:
        raise InputError(f"{path} holds no numbered PNG pictures.")
    return tuple(sorted(found, key=lambda file: int(re.findall(r"\d+", file.stem)[-1])))


def sequence_text(first: Path) -> tuple[Fraction | None, dict[str, str]]:
    """The rate and the metadata in the first picture; no rate where another program wrote it."""
    with Image.open(first, formats=("PNG",)) as image:
        image.load()
        text = {key: str(value) for key, value in getattr(image, "text", {}).items()}
    rate = text.pop(RATE_KEY, None)
    return (None if rate is None else Fraction(rate)), text
