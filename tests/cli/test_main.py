"""The program as a whole: help, versions, exit codes, broken pipes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stillmotion
from stillmotion.cli.main import COMMANDS, READER_GONE, run

_HEAVY = ("numpy", "cv2", "numba", "av", "PIL", "scipy", "torch")


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    script = (
        "import sys; from stillmotion.cli.main import run; code = run(['--help']); "
        f"print('loaded', [name for name in {_HEAVY!r} if name in sys.modules], code)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == "loaded [] 0"
    assert all(f"  {name} " in told and line in told for name, line in COMMANDS.items())


def test_the_help_of_animate_loads_no_pixels_either() -> None:
    script = (
        "import sys; from stillmotion.cli.main import run; code = run(['animate', '--help']); "
        f"print('loaded', [name for name in {_HEAVY!r} if name in sys.modules], code)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == "loaded [] 0"


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"stillmotion {stillmotion.__version__}\n"


def test_a_command_that_is_misspelt_is_an_error_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["animat", "photo.jpg"]) == 2
    assert "animat" in capsys.readouterr().err


def test_an_error_shows_its_message_and_its_hint_and_gives_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "photo.mp4"
    taken.write_bytes(b"precious")
    assert run(["animate", str(tmp_path / "photo.jpg"), "-o", str(taken)]) == 2
    shown = capsys.readouterr().err
    assert f"Error: {taken} exists already." in shown
    assert "--force" in shown
    assert "Traceback" not in shown


def test_a_name_too_long_for_any_file_is_an_error_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["animate", "x" * 300 + ".jpg"]) == 2
    shown = capsys.readouterr().err
    assert "cannot be used" in shown
    assert "Traceback" not in shown


def test_a_reader_that_leaves_is_no_error_of_ours() -> None:
    command = [sys.executable, "-m", "stillmotion", "moves"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == READER_GONE


def test_what_escapes_as_another_exception_is_shown_whole_and_called_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("by a bug")

    monkeypatch.setattr("stillmotion.cli.env.environment", broken)
    assert run(["env"]) == 1
    shown = capsys.readouterr().err
    assert "ZeroDivisionError: by a bug" in shown
    assert "report it" in shown


def test_env_and_moves_speak_json(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert run(["env", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cores"] >= 1
    assert "geometry" in found["engines"]
    assert ".mp4" in found["codecs"]["h264"]
    assert found["versions"]["stillmotion"] == stillmotion.__version__
    assert run(["moves", "--json"]) == 0
    moves = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"push_in", "orbit_left", "pan_right"} <= {move["name"] for move in moves}
