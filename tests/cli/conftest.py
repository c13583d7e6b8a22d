from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stillmotion.cli.main import run

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # the suite was started in the background of a shell: programs it starts would not hear Ctrl-C either
    signal.signal(signal.SIGINT, signal.default_int_handler)

Cli = Callable[..., subprocess.CompletedProcess[str]]
RunHere = Callable[..., tuple[int, str, str]]
Start = Callable[..., subprocess.Popen[str]]


def _command(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "stillmotion", *map(str, args)]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Runs the real program in a folder of its own."""

    def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            _command(*args), cwd=tmp_path, env=_environment(), capture_output=True, text=True, timeout=300, check=False
        )

    return run


@pytest.fixture
def run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunHere:
    """Runs commands within this process, in a folder of its own: exit code, what is said, what is noted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def started(*args: str | Path) -> tuple[int, str, str]:
        code = run([str(each) for each in args])
        said = capsys.readouterr()
        return code, said.out, said.err

    return started


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts the real program in a folder of its own and does not wait for it."""

    def begin(*args: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            _command(*args), cwd=tmp_path, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return begin


def _environment() -> dict[str, str]:
    return os.environ | {"NO_COLOR": "1"}


@pytest.fixture(scope="session")
def tiny_photo(landscape: Callable[..., Path]) -> Path:
    """A small landscape: sky, ground with texture, and a dark thing standing in it."""
    return landscape(320, 180, ((140, 50), (180, 130)))
