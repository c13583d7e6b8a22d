"""Which photos, and which file each becomes.

Knows files and names; opens none of them.

    one photo      -o out.mp4   -o frames (a folder of PNGs)   -o videos/ (videos/NAME.mp4)
    more, folder   -o videos (videos/NAME.mp4)   -o 'videos/{name}.webm'   -o '{n}.gif'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stillmotion.errors import InputError
from stillmotion.media.encoding import CONTAINERS, Codec, is_numbered
from stillmotion.media.image import photo_files
from stillmotion.stages.finishing.manifest import manifest_path

_DEFAULT = ".mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One photo and the video it becomes."""

    photo: Path
    out: Path


def choose_targets(photos: Sequence[str], out: str | None, codec: Codec | None) -> tuple[Target, ...]:
    """The photos behind files and folders, each with its own output.

    Raises:
        InputError: a folder without photos, or two photos for one output.
    """
    files = [file for given in map(Path, photos) for file in (photo_files(given) if given.is_dir() else (given,))]
    several = len(files) > 1 or any(Path(given).is_dir() for given in photos)
    pattern = _pattern(out, codec, several=several)
    digits = len(str(len(files)))
    targets = tuple(
        Target(photo=file, out=Path(_filled(pattern, name=file.stem, number=f"{n:0{digits}d}")))
        for n, file in enumerate(files, 1)
    )
    _refuse_twins(targets)
    return targets


def refuse_existing(out: Path) -> None:
    """Raises InputError where something stands that a new video would replace."""
    there = [path for path in (out, manifest_path(out)) if path.exists() and not _empty_folder(path)]
    if is_numbered(out) and not there:
        there = sorted(out.absolute().parent.glob(out.name.replace(_place_of_number(out.name), "[0-9]*")))
    if there:
        raise InputError(f"{there[0]} exists already.", hint="Give another name, or --force to write over it.")


def make_folder(out: Path) -> None:
    """Make the folder of a batch's videos; a single video's folder must be there, as a typing error is more likely."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {out.parent} cannot be made: {error.strerror}.") from error


def _pattern(out: str | None, codec: Codec | None, *, several: bool) -> str:
    ending = _ending(codec)
    if out is None:
        return "{name}" + ending
    if "{name}" in out or "{n}" in out:
        return out
    if out.endswith(("/", "\\")) or (several and Path(out).suffix.lower() not in CONTAINERS):
        return str(Path(out) / ("{name}" + ending))
    if not several:
        return out
    if Path(out).suffix == "" or Path(out).is_dir():
        return str(Path(out) / ("{name}" + ending))
    raise InputError(
        f"Several photos do not go into the one file {out}.",
        hint="Give a folder, or a pattern such as 'videos/{name}.mp4'.",
    )


def _ending(codec: Codec | None) -> str:
    if codec is None:
        return _DEFAULT
    if codec == "png":
        return ""  # a folder of numbered pictures
    holders = [ending for ending, codecs in CONTAINERS.items() if codec in codecs]
    return next((ending for ending in holders if CONTAINERS[ending][0] == codec), holders[0])


def _filled(pattern: str, *, name: str, number: str) -> str:
    return pattern.replace("{name}", name).replace("{n}", number)


def _refuse_twins(targets: tuple[Target, ...]) -> None:
    twins = [out for out, count in Counter(target.out for target in targets).items() if count > 1]
    if not twins:
        return
    names = " and ".join(str(target.photo) for target in targets if target.out == twins[0])
    raise InputError(
        f"{names} would both become {twins[0]}.", hint="Put {n}, the photo's number, into the name: '{n}-{name}.mp4'."
    )


def _empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _place_of_number(name: str) -> str:
    begin = name.index("%")
    return name[begin : name.index("d", begin) + 1]
