from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.media.image import write_png

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # the suite was started in the background of a shell: programs it starts would not hear Ctrl-C either
    signal.signal(signal.SIGINT, signal.default_int_handler)

Cli = Callable[..., subprocess.CompletedProcess[str]]
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
def tiny_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small landscape: sky, ground with texture, and a dark thing standing in it."""
    random = np.random.default_rng(4)
    picture = np.empty((180, 320, 3), np.uint8)
    picture[:90] = np.linspace((90, 140, 220), (180, 200, 230), 90)[:, None]
    ground = random.integers(60, 150, (90, 320, 1)) * np.array([0.8, 1.0, 0.5])
    picture[90:] = cv2.GaussianBlur(ground, (0, 0), 1.5).astype(np.uint8)
    cv2.rectangle(picture, (140, 50), (180, 130), (70, 40, 30), -1)
    path = tmp_path_factory.mktemp("photo") / "field.png"
    write_png(path, picture)
    return path
