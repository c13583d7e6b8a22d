"""How a video is written: the ending of the file names the container, the container offers codecs, quality sets them.

Tables of data, and the checks that can be made before the first frame is drawn; writes nothing.

    .mp4 h264 hevc av1     .webm vp9 av1     .mov prores h264 hevc     .mkv h264 hevc av1 vp9
    .gif     .webp     name_%05d.png or a folder: PNG sequence
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

from stillmotion.errors import InputError
from stillmotion.media.staging import staged, writing_failed
from stillmotion.options import Quality

Codec = Literal["h264", "hevc", "av1", "vp9", "prores", "gif", "webp", "png"]
CODECS: tuple[Codec, ...] = get_args(Codec)

CONTAINERS: dict[str, tuple[Codec, ...]] = {
    ".mp4": ("h264", "hevc", "av1"),
    ".m4v": ("h264", "hevc"),
    ".mov": ("prores", "h264", "hevc"),
    ".webm": ("vp9", "av1"),
    ".mkv": ("h264", "hevc", "av1", "vp9"),
    ".gif": ("gif",),
    ".webp": ("webp",),
    ".png": ("png",),
    "": ("png",),  # a folder of numbered pictures
}
"""File ending -> the codecs it can hold, the first one by default."""

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".webm": "webm", ".mkv": "matroska"}
"""File ending -> FFmpeg's name of the container, where its muxer makes the whole file."""

_NUMBERED = re.compile(r"%0?\d*d")
_NTSC = Fraction(1000, 1001)
_GIF_FASTEST = 50.0  # a GIF counts hundredths of a second, and browsers slow down whatever is shown for less than two


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """What the finished frames are written as."""

    codec: Codec
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One codec as FFmpeg knows it."""

    encoder: str
    pixel_format: str
    tag: str | None  # four letters that players look for, where FFmpeg's own choice is refused by some
    options: dict[Quality, dict[str, str]]


# Measured on slow zooms over photos at 1280x720 (2 cores; CPU seconds for 120 frames, luma PSNR of the first frame):
#   h264  superfast 23: 0.6 s, 44-47 dB    veryfast 18: 1.0 s, 46-49 dB    medium 16: 3.5 s, 50-52 dB
#   hevc  superfast 23: 2.2 s              superfast 19: 2.4 s, 47-49 dB   medium 17: 4.6 s, 50-51 dB
#   av1   12/35: 0.8 s, 44-46 dB           10/24: 0.9 s, 47-48 dB          6/18: 3.2 s, 47-49 dB
#   vp9   8/36: 5 s                        5/26: 6 s, 50 dB                2/18: 10 s, 52 dB
_VP9 = {"deadline": "good", "b": "0", "row-mt": "1", "tile-columns": "2"}
_X265 = {"x265-params": "log-level=error"}
RECIPES: dict[Codec, Recipe] = {
    "h264": Recipe(
        encoder="libx264", pixel_format="yuv420p", tag=None,
        options={
            "draft": {"preset": "superfast", "crf": "23"},
            "standard": {"preset": "veryfast", "crf": "18"},
            "best": {"preset": "medium", "crf": "16"},
        },
    ),
    "hevc": Recipe(
        encoder="libx265", pixel_format="yuv420p", tag="hvc1",
        options={
            "draft": _X265 | {"preset": "superfast", "crf": "23"},
            "standard": _X265 | {"preset": "superfast", "crf": "19"},
            "best": _X265 | {"preset": "medium", "crf": "17"},
        },
    ),
    "av1": Recipe(
        encoder="libsvtav1", pixel_format="yuv420p", tag=None,
        options={
            "draft": {"preset": "12", "crf": "35"},
            "standard": {"preset": "10", "crf": "24"},
            "best": {"preset": "6", "crf": "18"},
        },
    ),
    "vp9": Recipe(
        encoder="libvpx-vp9", pixel_format="yuv420p", tag=None,
        options={
            "draft": _VP9 | {"cpu-used": "8", "crf": "36"},
            "standard": _VP9 | {"cpu-used": "5", "crf": "26"},
            "best": _VP9 | {"cpu-used": "2", "crf": "18"},
        },
    ),
    "prores": Recipe(
        encoder="prores_ks", pixel_format="yuv422p10le", tag=None,
        options={"draft": {"profile": "1"}, "standard": {"profile": "2"}, "best": {"profile": "3"}},
    ),
    "gif": Recipe(
        encoder="gif", pixel_format="pal8", tag=None,
        options={
            "draft": {"dither": "none"},
            "standard": {"dither": "sierra3"},
            "best": {"dither": "sierra3"},
        },
    ),
    "webp": Recipe(
        encoder="libwebp_anim", pixel_format="bgra", tag=None,
        options={
            "draft": {"quality": "65", "compression_level": "0"},
            "standard": {"quality": "82", "compression_level": "2"},
            "best": {"quality": "93", "compression_level": "4"},
        },
    ),
    "png": Recipe(
        encoder="png", pixel_format="rgb24", tag=None,
        options={
            "draft": {"compress_level": "1"},
            "standard": {"compress_level": "3"},
            "best": {"compress_level": "6"},
        },
    ),
}  # fmt: skip


def choose_encoding(path: Path, quality: Quality, codec: Codec | None = None) -> Encoding:
    """The encoding of a file name: the codec asked for, or the usual one of its container.

    Raises:
        InputError: an ending that is not written, a codec its container cannot hold, or that this PyAV build lacks.
    """
    offered = CONTAINERS.get(_ending(path))
    if offered is None:
        known = " ".join(ending for ending in CONTAINERS if ending)
        raise InputError(f"{path.name} ends in {path.suffix}, which is not written; there is {known}, or a folder.")
    chosen = codec or offered[0]
    if chosen not in offered:
        holders = " ".join(ending or "a folder" for ending, codecs in CONTAINERS.items() if chosen in codecs)
        raise InputError(f"{path.name} can hold {', '.join(offered)}, not {chosen}; that goes into {holders}.")
    _check_available(chosen)
    return Encoding(codec=chosen, quality=quality)


def check_output(
    path: Path, encoding: Encoding, *, size: tuple[int, int] | None = None, fps: float | None = None
) -> None:
    """Find out before heavy work whether a video can be written here; leaves nothing behind.

    `size` is (width, height), `fps` frames per second, where they are known already.

    Raises:
        InputError: as `choose_encoding`; or the folder is missing or cannot be written to, another thing stands in the
            way, an odd size for a codec with halved chroma, or a rate the container cannot say.
    """
    choose_encoding(path, encoding.quality, encoding.codec)
    if path.suffix.lower() == ".png" and not is_numbered(path):
        raise InputError(f"One PNG cannot hold a video; write {path.stem}_%05d.png, or a folder name.")
    if encoding.codec != "png" and path.is_dir():
        raise InputError(f"{path} is a folder; a video needs a file name.")
    if encoding.codec == "png" and not is_numbered(path):
        _check_folder(path)
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}; make it first.")
    try:
        with staged(path, place=False) as (part,):
            part.touch()
    except OSError as error:
        raise writing_failed(path, error) from error
    if size is not None:
        _check_size(encoding.codec, size)
    if encoding.codec == "gif" and fps is not None and fps > _GIF_FASTEST:
        raise InputError(f"A GIF cannot show {fps:g} frames per second; it goes up to {_GIF_FASTEST:g}.")


def exact_rate(fps: float) -> Fraction:
    """The exact rate behind a rounded one: 23.976 is 24000/1001, 29.97 is 30000/1001, 12.5 is 25/2."""
    whole = round(fps / float(_NTSC))
    if abs(float(whole * _NTSC) - fps) < 1e-3:
        return whole * _NTSC
    return Fraction(fps).limit_denominator(1000)


def is_numbered(path: Path) -> bool:
    """Whether the name holds a place for the frame number, as in name_%05d.png."""
    return path.suffix.lower() == ".png" and _NUMBERED.search(path.name) is not None


def _ending(path: Path) -> str:
    return "" if path.is_dir() and path.suffix.lower() not in CONTAINERS else path.suffix.lower()


def _check_available(codec: Codec) -> None:
    import av

    if RECIPES[codec].encoder not in av.codecs_available:
        raise InputError(
            f"This build of PyAV has no {RECIPES[codec].encoder}, so {codec} cannot be written.",
            hint="Install the wheel of PyAV from PyPI, or choose another codec.",
        )


def _check_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; give a folder for PNGs, or a name with an ending such as .mp4.")
    if path.is_dir():
        strange = [found.name for found in path.iterdir() if not re.fullmatch(r"frame_\d+\.png", found.name)]
        if strange:
            raise InputError(f"The folder {path} holds other things ({strange[0]}, ...); choose a new or an empty one.")


def _check_size(codec: Codec, size: tuple[int, int]) -> None:
    width, height = size
    halved_height = RECIPES[codec].pixel_format.startswith("yuv420")
    halved_width = halved_height or RECIPES[codec].pixel_format.startswith("yuv422")
    if (halved_width and width % 2) or (halved_height and height % 2):
        raise InputError(f"{codec} stores colour at half size and needs even sides; found {width}x{height}.")
