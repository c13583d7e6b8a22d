"""Frames read in a thread of their own, a few ahead of where they are used: reading overlaps with the work on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

from stillmotion.errors import Cancelled

Item = TypeVar("Item")
_WAIT_S = 0.1  # how often a waiting side looks whether the other one is still there


def read_ahead(source: Callable[[Event], Iterator[Item]], *, depth: int, cancel: Event | None = None) -> Iterator[Item]:
    """What the source gives, at most `depth` items ahead; it begins with the first one asked for.

    An error of the source is raised where its item would have come. When the reader is closed, the event that the
    source was given is set, the source is closed in its thread, and the thread has ended.

    Raises:
        Cancelled: `cancel` was set while the next item was waited for.
    """
    line: Queue[Item | _End] = Queue(maxsize=depth)
    stop = Event()
    thread = Thread(target=_fill, args=(source, line, stop), name="reading", daemon=True)
    thread.start()
    try:
        while True:
            item = _next(line, thread, cancel)
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stop.set()
        while thread.is_alive():
            _empty(line)
            thread.join(_WAIT_S)


class _End:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _fill(source: Callable[[Event], Iterator[Item]], line: Queue[Item | _End], stop: Event) -> None:
    items = source(stop)
    try:
        for item in items:
            if not _put(line, item, stop):
                return
        _put(line, _End(), stop)
    except BaseException as error:  # noqa: BLE001 # raised again on the other side
        _put(line, _End(error), stop)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _put(line: Queue[Item], item: Item, stop: Event) -> bool:
    while not stop.is_set():
        try:
            line.put(item, timeout=_WAIT_S)
        except Full:
            continue
        return True
    return False


def _next(line: Queue[Item], thread: Thread, cancel: Event | None) -> Item:
    while True:
        try:
            return line.get(timeout=_WAIT_S)
        except Empty:
            if cancel is not None and cancel.is_set():
                raise Cancelled("Reading was stopped on request.") from None
            if not thread.is_alive() and line.empty():
                raise RuntimeError("the reading thread has ended without a word") from None


def _empty(line: Queue[Item]) -> None:
    while not line.empty():
        line.get_nowait()
