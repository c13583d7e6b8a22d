"""A job can be stopped, whatever it is doing, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stillmotion.cli.job import run_job
from stillmotion.errors import InputError

_STUBBORN = """
import sys, time
from pathlib import Path
from stillmotion.cli.job import run_job
from stillmotion.media.staging import staged

def work(cancel):
    with staged(Path(sys.argv[1])) as (part,):
        part.write_bytes(b"half")
        print("busy", flush=True)
        {wait}

run_job(work)
print("went on")
"""
_DEAF = "time.sleep(60)"
_OBEDIENT = "cancel.wait(60)\n        raise RuntimeError('stopped')"


def test_a_job_gives_its_result_and_its_error() -> None:
    assert run_job(lambda cancel: (cancel.is_set(), 7)) == (False, 7)

    def fails(_: object) -> None:
        raise InputError("no such thing")

    with pytest.raises(InputError, match="no such thing"):
        run_job(fails)


def test_the_handlers_of_before_are_back_after_a_job() -> None:
    before = signal.getsignal(signal.SIGINT)
    run_job(lambda _: None)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("wait", [_DEAF, _OBEDIENT], ids=["deaf", "obedient"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_job_with_130_and_removes_what_was_half_written(
    tmp_path: Path, number: signal.Signals, wait: str
) -> None:
    script = _STUBBORN.format(wait=wait)
    command = [sys.executable, "-c", script, str(tmp_path / "out.mp4")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert err == "Stopped.\n"
    assert list(tmp_path.iterdir()) == []
