"""`plan`, `explain`, `analyze`, `preview`, `remake` and `demo` as the program that users start."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.media.image import write_png
from stillmotion.media.video import probe, read_frames
from stillmotion.plan import read_plan

Cli = Callable[..., subprocess.CompletedProcess[str]]
TINY = ("--size", "160x90", "--seconds", "0.5")


def _ok(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert done.returncode == 0, done.stderr
    return done


def test_a_plan_is_written_explained_and_carried_out(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    told = _ok(cli("plan", tiny_photo, "-p", "pan right 5 degrees", "-o", "plan.json", *TINY)).stdout
    plan = read_plan(tmp_path / "plan.json")
    assert plan.camera.keyframes[-1].rotation_deg[1] == pytest.approx(5)
    assert "right" in told
    assert "right" in _ok(cli("explain", "plan.json")).stdout
    _ok(cli("animate", tiny_photo, "--plan", "plan.json", "-o", "out.mp4", "--quality", "draft"))
    assert probe(tmp_path / "out.mp4").frames == 12


def test_a_plan_without_a_file_goes_to_stdout_as_json(cli: Cli, tiny_photo: Path) -> None:
    done = _ok(cli("plan", tiny_photo, *TINY))
    assert json.loads(done.stdout)["format"] == "stillmotion/plan@1"
    assert done.stderr.strip()


def test_a_plan_that_is_there_is_kept(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("mine")
    done = cli("plan", tiny_photo, "-p", "pan left", "-o", "plan.json", *TINY)
    assert done.returncode == 2
    assert (tmp_path / "plan.json").read_text() == "mine"


def test_a_prompt_is_explained_without_a_photo(cli: Cli) -> None:
    done = _ok(cli("explain", "-p", "pan left 20 degrees over 3 s and floop", "--json"))
    told = json.loads(done.stdout)
    assert "left" in told["sentence"]
    assert any("floop" in note for note in told["notes"])
    assert told["plan"]["camera"]["keyframes"]


def test_explain_wants_one_thing(cli: Cli) -> None:
    assert cli("explain").returncode == 2
    assert cli("explain", "plan.json", "-p", "pan left").returncode == 2


def test_a_damaged_plan_is_refused_by_its_place(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"format": "stillmotion/plan@1", "canvas": {"width": 161, "height": 90}}')
    done = cli("explain", "plan.json")
    assert done.returncode == 2
    assert "canvas.width" in done.stderr


def test_what_is_seen_in_a_photo_is_written_down(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    done = _ok(cli("analyze", tiny_photo, "-o", "seen", "--size", "160x90", "--json"))
    assert json.loads(done.stdout)["folder"] == "seen"
    depths = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (tmp_path / "seen").glob("*depth*.png")]
    assert any(depth is not None and depth.dtype == np.uint16 and depth.shape == (90, 160) for depth in depths)


def test_a_preview_is_small_and_says_how_fast_it_was_drawn(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    done = _ok(cli("preview", tiny_photo, "-p", "pan left", "--seconds", "0.25", "-o", "draft.mp4", "--json"))
    told = json.loads(done.stdout)
    assert told["frames"] == 6
    assert told["frames_per_second"] > 0
    info = probe(tmp_path / "draft.mp4")
    assert (info.width, info.height) == (told["width"], told["height"])
    assert min(info.width, info.height) <= 360


def test_a_preview_streams_to_stdout_in_every_form(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    import os
    import sys

    frames = {}
    for form in ("y4m", "raw", "mp4"):
        command = [sys.executable, "-m", "stillmotion", "preview", str(tiny_photo), "-p", "pan left", "-o", "-"]
        done = subprocess.run([*command, "--format", form, *TINY], capture_output=True, env=os.environ, check=True)
        frames[form] = done.stdout
    assert frames["y4m"].startswith(b"YUV4MPEG2 W160 H90 F24:1 ")
    assert frames["y4m"].count(b"FRAME\n") == 12
    assert len(frames["raw"]) == 12 * 160 * 90 * 3
    (tmp_path / "s.mp4").write_bytes(frames["mp4"])
    assert probe(tmp_path / "s.mp4").frames == 12
    (tmp_path / "s.y4m").write_bytes(frames["y4m"])
    raw = np.frombuffer(frames["raw"], np.uint8).reshape(12, 90, 160, 3)
    for shown, drawn in zip(read_frames(tmp_path / "s.y4m").frames, raw, strict=True):
        assert np.abs(shown.astype(int) - drawn).mean() < 4


def test_a_preview_needs_somewhere_to_go(cli: Cli, tiny_photo: Path) -> None:
    done = cli("preview", tiny_photo)
    assert done.returncode == 2
    assert "--window" in done.stderr


def test_a_window_without_a_player_says_what_to_install(
    cli: Cli, tiny_photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    done = cli("preview", tiny_photo, "--window")
    assert done.returncode == 2
    assert "ffplay" in done.stderr


def test_a_video_is_made_again_from_itself(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    _ok(cli("animate", tiny_photo, "-p", "shaky handheld push in", "--seed", "5", "-o", "once.mp4", *TINY))
    (tmp_path / "once.mp4.json").unlink()
    _ok(cli("remake", "once.mp4", "--photo", tiny_photo, "-o", "again.mp4"))
    once, again = (list(read_frames(tmp_path / name).frames) for name in ("once.mp4", "again.mp4"))
    assert len(once) == 12
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


def test_another_photo_is_refused_for_a_remake(cli: Cli, tiny_photo: Path, tmp_path: Path) -> None:
    _ok(cli("animate", tiny_photo, "-p", "pan left", "-o", "once.mp4", "--quality", "draft", *TINY))
    write_png(tmp_path / "other.png", np.full((90, 160, 3), 128, np.uint8))
    done = cli("remake", "once.mp4", "--photo", "other.png", "-o", "again.mp4")
    assert done.returncode == 2
    assert "field.png" in done.stderr
    assert not (tmp_path / "again.mp4").exists()


def test_the_demo_needs_no_argument(cli: Cli, tmp_path: Path) -> None:
    _ok(cli("demo"))
    assert probe(tmp_path / "out" / "demo.mp4").seconds == pytest.approx(5, abs=0.05)
