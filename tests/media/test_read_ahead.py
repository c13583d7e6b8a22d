"""Reading in a thread of its own: in order, bounded, and over when it is told to be."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from threading import Event, Timer

import pytest

from stillmotion.errors import Cancelled, InputError
from stillmotion.media.read_ahead import read_ahead


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "reading"]


def test_items_come_in_order_and_few_are_ahead() -> None:
    given = []

    def source(stop: Event) -> Iterator[int]:
        for number in range(50):
            given.append(number)
            yield number

    taken = []
    for number in read_ahead(source, depth=3):
        taken.append(number)
        time.sleep(0.002)
        assert len(given) <= len(taken) + 3 + 1
    assert taken == list(range(50))
    assert not _threads()


def test_an_error_comes_where_its_item_would_have_come() -> None:
    def source(stop: Event) -> Iterator[int]:
        yield from (1, 2)
        raise InputError("damaged")

    reader = read_ahead(source, depth=4)
    assert [next(reader), next(reader)] == [1, 2]
    with pytest.raises(InputError, match="damaged"):
        next(reader)
    assert not _threads()


def test_closing_it_ends_a_source_that_waits_or_works() -> None:
    ended = Event()

    def source(stop: Event) -> Iterator[int]:
        try:
            yield 1
            while not stop.is_set():
                time.sleep(0.01)
        finally:
            ended.set()

    reader = read_ahead(source, depth=1)
    assert next(reader) == 1
    reader.close()  # type: ignore[attr-defined] # a generator
    assert ended.is_set()
    assert not _threads()


def test_cancelling_does_not_wait_for_an_item_that_takes_long() -> None:
    def source(stop: Event) -> Iterator[int]:
        while not stop.is_set():
            time.sleep(0.01)
        yield 1

    cancel = Event()
    Timer(0.1, cancel.set).start()
    began = time.perf_counter()
    with pytest.raises(Cancelled):
        next(read_ahead(source, depth=1, cancel=cancel))
    assert time.perf_counter() - began < 1
    assert not _threads()
