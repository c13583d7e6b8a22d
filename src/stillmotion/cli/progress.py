"""How far a job is, on stderr: a live bar on a terminal, now and then a plain line elsewhere.

Told stage, done and total by the pipeline; knows names of stages as people read them, and clocks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol, Self

import click

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_NAMES = {
    "analysis": "looking at the photo",
    "motion": "directing",
    "generation": "drawing",
    "finishing": "drawing and writing",
    "evaluation": "measuring",
    "painting": "painting",
    "exploring": "exploring",
}
_ORDER = tuple(_NAMES)
_FRAMES = ("generation", "finishing")  # stages that count frames
_COUNTED = (*_FRAMES, "exploring")  # stages whose counts people can follow
_LINE_EVERY_S = 2.0


class Display(Protocol):
    """Shows one job after another; itself a `types.Progress`."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *what: object) -> None: ...
    def __call__(self, stage: str, done: int, total: int) -> None: ...

    def photo(self, name: str, number: int, count: int) -> None:
        """The job of photo `number` of `count` begins."""

    def aside(self) -> AbstractContextManager[None]:
        """Within it the terminal is free for other output."""

    def close(self) -> None:
        """Take the bar off the terminal; nothing is shown afterwards."""


def display(*, quiet: bool = False) -> Display:
    """A bar on a terminal, plain lines when stderr goes elsewhere, nothing when `quiet`."""
    if quiet:
        return _Silent()
    return _Bar() if sys.stderr.isatty() else _Lines()


class Pace:
    """Frames per second and time left of one stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = 0.0
        self._first = 0

    def __call__(self, stage: str, done: int, total: int) -> tuple[float, float]:
        """Units per second since the stage began (0: not known yet), and seconds left."""
        now = time.perf_counter()
        if stage != self._stage or done < self._first:
            self._stage, self._began, self._first = stage, now, done
        spent = now - self._began
        rate = (done - self._first) / spent if spent > 0 and done > self._first else 0.0
        return rate, (total - done) / rate if rate else 0.0


def told(stage: str, rate: float, left: float) -> str:
    """ "38 frames/s, 2 s left" """
    if not rate:
        return ""
    speed = f"{rate:.0f} frames/s, " if stage in _FRAMES else ""
    return f"{speed}{left:.0f} s left" if left < 90 else f"{speed}{left / 60:.0f} min left"


class _Later:
    """Shows the latest stage only: writing and drawing go on at once and tell their counts in turns."""

    def __init__(self) -> None:
        self._rank = 0

    def restart(self) -> None:
        self._rank = 0

    def passes(self, stage: str) -> bool:
        rank = _ORDER.index(stage) if stage in _ORDER else self._rank
        if rank < self._rank:
            return False
        self._rank = rank
        return True


class _Silent:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *what: object) -> None:
        pass

    def __call__(self, stage: str, done: int, total: int) -> None:
        pass

    def photo(self, name: str, number: int, count: int) -> None:
        pass

    def aside(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        pass


class _Lines(_Silent):
    """A line when a stage begins, every other second, and at its end."""

    def __init__(self) -> None:
        self._stage, self._at = "", 0.0
        self._pace, self._later = Pace(), _Later()

    def photo(self, name: str, number: int, count: int) -> None:
        self._stage = ""
        self._later.restart()
        if count > 1:
            click.echo(f"photo {number} of {count}: {name}", err=True)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if not self._later.passes(stage):
            return
        rate, left = self._pace(stage, done, total)
        now = time.perf_counter()
        counted = stage in _COUNTED and done > 0
        if stage == self._stage and (now - self._at < _LINE_EVERY_S) and not (counted and done == total):
            return
        self._stage, self._at = stage, now
        pieces = [_NAMES.get(stage, stage)]
        if counted:
            pieces += [f"{done}/{total}", *filter(None, [told(stage, rate, left)])]
        click.echo("  ".join(pieces), err=True)


class _Bar(_Silent):
    """rich's live bar: the batch above, the stage below."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._rich: RichProgress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[pace]}"),
            console=Console(stderr=True), transient=True, refresh_per_second=8,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._batch: TaskID | None = None
        self._job: TaskID | None = None
        self._pace, self._later = Pace(), _Later()

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.close()

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._rich.stop()
        yield
        self._rich.start()

    def close(self) -> None:
        self._rich.stop()

    def photo(self, name: str, number: int, count: int) -> None:
        self._later.restart()
        if count > 1:
            if self._batch is None:
                self._batch = self._rich.add_task("photos", total=count, pace="")
            self._rich.update(self._batch, completed=number - 1, description=f"photos ({name})")
        if self._job is not None:
            self._rich.reset(self._job, description="reading", total=1)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if not self._later.passes(stage):
            return
        pace = told(stage, *self._pace(stage, done, total))
        if self._job is None:
            self._job = self._rich.add_task("reading", total=max(total, 1), pace="")
        self._rich.update(
            self._job, description=_NAMES.get(stage, stage), completed=done, total=max(total, 1), pace=pace
        )
