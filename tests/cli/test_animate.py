"""`animate` as the program that users start: results, refusals, batches, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stillmotion.media.video import probe, read_frames

Cli = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
TINY = ("--size", "160x90", "--seconds", "0.5", "--quality", "draft")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_photo_and_a_sentence_become_a_video_with_its_manifest(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    done = cli("animate", tiny_photo, "-p", "pan left", "-o", "out.mp4", *TINY)
    assert done.returncode == 0, done.stderr
    assert _names(tmp_path) == ["out.mp4", "out.mp4.json"]
    assert done.stdout.startswith("out.mp4  0.5 s, 160x90, 24 fps, h264, ")
    assert "left" in done.stdout
    info = probe(tmp_path / "out.mp4")
    assert (info.width, info.height, info.frames, info.fps) == (160, 90, 12, 24)
    first, *_, last = read_frames(tmp_path / "out.mp4").frames
    assert np.abs(first.astype(int) - last).mean() > 1


def test_json_is_one_object_on_stdout_and_nothing_else(cli: Cli, tiny_photo: Path) -> None:
    done = cli("animate", tiny_photo, "-p", "pan left and floop", "-o", "out.mp4", "--json", *TINY)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    assert told["video"] == "out.mp4"
    assert told["photo"] == str(tiny_photo)
    assert told["manifest"]["effective"]["width"] == 160
    assert any("floop" in note for note in told["notes"])
    assert "drawing" in done.stderr


def test_an_unknown_word_is_a_warning_on_stderr(cli: Cli, tiny_photo: Path) -> None:
    done = cli("animate", tiny_photo, "-p", "pan left and floop", "-o", "out.mp4", "-q", *TINY)
    assert done.returncode == 0
    assert any(line.startswith("Note: ") and "floop" in line for line in done.stderr.splitlines())


def test_a_dry_run_tells_the_plan_and_writes_nothing(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    done = cli("animate", tiny_photo, "-p", "pan left", "-o", "out.mp4", "--dry-run", *TINY)
    assert done.returncode == 0, done.stderr
    assert '"format": "stillmotion/plan@1"' in done.stdout
    assert "160x90, 24 fps, 0.5 s, 12 frames" in done.stdout
    assert _names(tmp_path) == []
    data = json.loads(cli("animate", tiny_photo, "-p", "pan left", "--dry-run", "--json", *TINY).stdout)
    assert data["effective"]["canvas"]["width"] == 160
    assert data["sentence"]


def test_what_is_there_is_written_over_only_by_force(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"precious")
    refused = cli("animate", tiny_photo, "-o", "out.mp4", *TINY)
    assert refused.returncode == 2
    assert "exists already" in refused.stderr
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"
    assert cli("animate", tiny_photo, "-p", "pan left", "-o", "out.mp4", "--force", *TINY).returncode == 0
    assert probe(tmp_path / "out.mp4").frames == 12


def test_one_bad_photo_does_not_stop_the_others(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (album / "a.png").write_bytes(tiny_photo.read_bytes())
    (album / "b.jpg").write_text("not a picture")
    (album / "c.png").write_bytes(tiny_photo.read_bytes()[:2000])
    (album / "d.png").write_bytes(tiny_photo.read_bytes())
    done = cli("animate", album, "-p", "pan left", "-o", "videos", "--json", *TINY)
    assert done.returncode == 2
    assert _names(tmp_path / "videos") == ["a.mp4", "a.mp4.json", "d.mp4", "d.mp4.json"]
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in result for result in results] == [False, True, True, False]
    assert results[1]["error"]["kind"] == "InputError"
    assert "photo 4 of 4: d.png" in done.stderr
    assert "2 of 4 photos were done; these were not:" in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-o", "no/such/folder/out.mp4"), "There is no folder"),
        (("-o", "out.avi"), "which is not written"),
        (("-o", "out.gif", "--codec", "h264"), "can hold gif, not h264"),
        (("--plan", "none.json"), "There is no plan"),
        (("--engine", "magic"), "no engine 'magic'"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    cli: Cli, tiny_photo: Path, tmp_path: Path, args: tuple[str, ...], said: str
) -> None:
    done = cli("animate", tiny_photo, *args, *TINY)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert _names(tmp_path) == []


def test_a_missing_photo_is_named(cli: Cli) -> None:
    done = cli("animate", "nowhere.jpg", "-o", "out.mp4")
    assert done.returncode == 2
    assert "Error: There is no photo nowhere.jpg." in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_drawing_stops_with_130_and_leaves_nothing(
    start: Start, tiny_photo: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with start(
        "animate", tiny_photo, "-p", "pan left", "-o", "out.mp4", "--size", "640x360", "--seconds", "600"
    ) as process:
        assert process.stderr is not None
        while "drawing" not in process.stderr.readline():
            assert process.poll() is None
        time.sleep(0.3)
        process.send_signal(number)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert _names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_on_a_terminal_there_is_a_bar_that_goes_away(tiny_photo: Path, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "stillmotion",
        "animate",
        str(tiny_photo),
        "-p",
        "pan left",
        "-o",
        "out.mp4",
        *TINY,
    ]
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(command, cwd=tmp_path, stderr=theirs, stdout=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end has closed
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    assert process.returncode == 0
    assert "━".encode() in shown
    assert b"\x1b[?25h" in shown  # the cursor is back
