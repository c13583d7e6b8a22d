"""`finish` as the program that users start."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.media.encoding import Encoding
from stillmotion.media.probe import probe
from stillmotion.media.video import write_video
from stillmotion.types import FrameStream

Cli = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]


def write_clip(path: Path, *, size: tuple[int, int] = (96, 64), count: int = 12) -> Path:
    width, height = size
    noise = np.random.default_rng(1).integers(0, 256, (height, width + 2 * count, 3), dtype=np.uint8)
    picture = cv2.GaussianBlur(noise, (0, 0), 2)
    frames = (np.ascontiguousarray(picture[:, 2 * number : 2 * number + width]) for number in range(count))
    stream = FrameStream(frames=frames, width=width, height=height, fps=12, count=count)
    write_video(stream, path, encoding=Encoding(codec="h264", quality="draft"), metadata={})
    return path


def test_the_chain_of_the_help_runs_and_tells_what_every_step_did(cli: Cli, tmp_path: Path) -> None:
    write_clip(tmp_path / "in.mp4")
    flags = ("--fps", "24", "--stabilize", "--deflicker", "--upscale", "2")
    done = cli("finish", "in.mp4", "-o", "out.mp4", *flags, "--json", "-q")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    steps = [step["step"] for step in told["manifest"]["finishing"]]
    assert steps == ["deflicker", "stabilize", "retime", "upscale"]
    info = probe(tmp_path / "out.mp4")
    assert (info.width, info.height, info.fps, info.frames) == (192, 128, 24, 24)


def test_people_read_one_line_per_step(cli: Cli, tmp_path: Path) -> None:
    write_clip(tmp_path / "in.mp4")
    done = cli("finish", "in.mp4", "-o", "out.mp4", "--letterbox", "2.39", "--grain", "0.2")
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first.startswith("out.mp4  1 s, 96x64, 12 fps")
    assert [line.split(":")[0].strip() for line in lines][:2] == ["grain", "letterbox"]


def test_a_video_that_is_there_is_kept_unless_forced(cli: Cli, tmp_path: Path) -> None:
    write_clip(tmp_path / "in.mp4")
    (tmp_path / "out.mp4").write_text("mine")
    assert cli("finish", "in.mp4", "-o", "out.mp4").returncode == 2
    assert (tmp_path / "out.mp4").read_text() == "mine"
    assert cli("finish", "in.mp4", "-o", "out.mp4", "--force").returncode == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--upscale", "3"), "'3' is not one of"),
        (("--speed", "fast"), "is no speed"),
        (("--denoise", "7"), "less than or equal to 1"),
        (("--between", "magic"), "'magic' is not one of"),
        (("--lut", "no.cube"), "no.cube"),
    ],
)
def test_a_bad_flag_is_refused_by_name(cli: Cli, tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    write_clip(tmp_path / "in.mp4")
    done = cli("finish", "in.mp4", "-o", "out.mp4", *flags)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_clip_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a video at all, but long enough to be read as something")
    (tmp_path / "empty.mp4").write_bytes(b"")
    for name in ("text.mp4", "empty.mp4", "missing.mp4"):
        done = cli("finish", name, "-o", "out.mp4")
        assert done.returncode == 2, done.stderr
        assert name in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_a_signal_stops_a_slow_step_with_130_and_leaves_nothing(start: Start, tmp_path: Path) -> None:
    write_clip(tmp_path / "in.mp4", size=(640, 360), count=60)
    with start("finish", "in.mp4", "-o", "out.mp4", "--upscale", "4") as process:
        assert process.stderr is not None
        while "writing" not in process.stderr.readline():
            assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - began < 5  # a second, and what a busy machine adds
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]
