"""One job that can be stopped: Ctrl-C or SIGTERM ends the process within a second and leaves nothing behind.

    main thread   waits, hears signals ──set──▶ cancel
    worker        does the job, looks at cancel between frames ──▶ result or error

The work is done in a second thread because Python hears signals in the main thread only, and only between two of its
own instructions, while a single call into OpenCV or the compiler may take seconds. A worker that does not stop in time
is ended with the process. Knows nothing of pictures.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Generic, TypeVar

from stillmotion.errors import Cancelled
from stillmotion.media.staging import abandon

Result = TypeVar("Result")

_PATIENCE_S = 0.7  # for the worker to stop by itself and tidy up


def run_job(work: Callable[[threading.Event], Result], *, on_stop: Callable[[], None] | None = None) -> Result:
    """Do `work(cancel)` and return what it returns, or raise what it raises.

    On SIGINT or SIGTERM `cancel` is set; as soon as the work has stopped, and after 0.7 s at the latest, `on_stop` is
    called and the process ends with exit code 130.
    """
    cancel = threading.Event()
    outcome: _Outcome[Result] = _Outcome()
    worker = threading.Thread(target=outcome.of, args=(work, cancel), name="job", daemon=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        cancel.set()

    heard = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        worker.start()
        while worker.is_alive() and not cancel.is_set():
            worker.join(0.1)
        if cancel.is_set():
            worker.join(_PATIENCE_S)
            _end(on_stop)
        return outcome.get()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Outcome(Generic[Result]):
    """What became of the work."""

    def __init__(self) -> None:
        self._result: list[Result] = []
        self._error: BaseException | None = None

    def of(self, work: Callable[[threading.Event], Result], cancel: threading.Event) -> None:
        try:
            self._result.append(work(cancel))
        except BaseException as error:  # noqa: BLE001 raised again in the main thread
            self._error = error

    def get(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._result[0]


def _end(on_stop: Callable[[], None] | None) -> None:
    """End the process, whatever its threads are doing."""
    abandon()
    if on_stop is not None:
        on_stop()
    try:
        print("Stopped.", file=sys.stderr, flush=True)  # noqa: T201
        sys.stdout.flush()
    except OSError:
        pass
    os._exit(Cancelled.exit_code)
