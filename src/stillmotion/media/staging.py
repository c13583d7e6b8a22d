"""Results appear whole or not at all: written under a temporary name beside the target, then renamed.

Knows names and renames; does not know what is written.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillmotion.errors import DoesNotFit, InputError

_LIVE: set[Path] = set()  # temporary names in use, for `abandon`
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@contextmanager
def staged(*targets: Path, place: bool = True) -> Iterator[tuple[Path, ...]]:
    """Temporary names to write to, one per target; on leaving they take the targets' places in order.

    A part may be written as a file or made a folder. A folder replaces a target folder whole; where the target's name
    is a pattern (name_%05d.png), the files of the folder are moved there one by one. When the block or a rename fails,
    everything temporary is removed and what was renamed already is taken back. With `place=False` nothing is kept.
    """
    parts = tuple(target.with_name(f".{target.name}.{os.getpid()}.part") for target in targets)
    placed: list[Path] = []
    _LIVE.update(parts)
    try:
        for part in parts:
            remove(part)
        yield parts
        for part, target in zip(parts, targets, strict=True):
            if place:
                _place(part, target, placed)
    except BaseException:
        for path in placed:
            remove(path)
        raise
    finally:
        for part in parts:
            remove(part)
        _LIVE.difference_update(parts)


def abandon() -> None:
    """Remove everything temporary at once: for a process that ends while one of its threads still writes."""
    for part in tuple(_LIVE):
        remove(part)


def _place(part: Path, target: Path, placed: list[Path]) -> None:
    if part.is_dir() and "%" in target.name:
        for file in sorted(part.iterdir()):
            placed += [file.replace(target.with_name(file.name))]  # at once, to be taken back when the next one fails
        return
    if target.is_dir():
        remove(target)
    placed.append(part.replace(target))


def remove(path: Path) -> None:
    """Delete a file or a whole folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Write bytes to a file that appears whole or not at all.

    Raises:
        InputError: the folder is missing or cannot be written to.
        DoesNotFit: the disk is full.
    """
    path = Path(path)
    try:
        with staged(path) as (part,):
            part.write_bytes(data)
    except OSError as error:
        raise writing_failed(path, error) from error


def writing_failed(path: Path | str, error: OSError) -> InputError | DoesNotFit:
    """What to tell a user when the system refuses to write."""
    if error.errno in _FULL:
        return DoesNotFit(f"{path} does not fit: {error.strerror}.", hint="Free some space or write to another disk.")
    return InputError(f"{path} cannot be written: {error.strerror or error}.")
