"""`explore` as the program that users start: sheets, records, refusals, interruption."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stillmotion.media.image import read_photo
from stillmotion.media.video import probe

Run = Callable[..., tuple[int, str, str]]
SHORT = ("--seconds", "0.5", "--steps", "1", "--free", "-q")


def test_from_a_prompt_to_a_chosen_cell_at_full_size(
    run_here: Run, tiny_photo: Path, restless: Path, tmp_path: Path
) -> None:
    own = ("--weights", restless, "-q")
    code, said, notes = run_here(
        "explore", tiny_photo, "-p", "pan left", "--grid", "2x1", "-o", "a.png", "--size", "96x64", *SHORT, *own
    )
    assert code == 0, notes
    assert said.startswith("a.png  2 cells of 96x64; record a.png.json")
    assert read_photo(tmp_path / "a.png").pixels.shape[1] > 2 * 96
    code, said, notes = run_here(
        "explore", tiny_photo, "--from", "a.png", "--cells", "1,2", "--grid", "2x1", "-o", "b.png", "--json", *own
    )
    assert code == 0, notes
    told = json.loads(said)
    assert (told["step"], told["generation"], told["record"]) == (0.5, 1, "b.png.json")
    assert [seed for seed, _ in told["cells"][0]["noise"]] == [0, 1]
    code, said, notes = run_here(
        "explore",
        tiny_photo,
        "--from",
        "b.png.json",
        "--cells",
        "1,2",
        "--walk",
        "--walk-frames",
        "4",
        "-o",
        "w.webm",
        *own,
    )
    assert code == 0, notes
    assert "4 frames of 96x64, steps of" in said
    assert probe(tmp_path / "w.webm").frames == 4
    asked = ("explore", tiny_photo, "--from", "b.png", "--render", "2", "-o", "c.mp4", "--json")
    code, said, notes = run_here(*asked, *own)
    assert code == 0, notes
    assert json.loads(said)["cell"] == 2
    assert (probe(tmp_path / "c.mp4").width, probe(tmp_path / "c.mp4").frames) == (96, 4)


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (("--grid", "9x9"), "a grid of 9x9 cells; there may be 1 to 64"),
        (("--grid", "0x2"), "0x2 cells"),
        (("--grid", "many"), "write COLUMNSxROWS"),
        (("--across", "colour"), "'colour' cannot be changed across or down"),
        (("--across", "guidance=0:40"), "guidance goes from 0 to 10"),
        (("--across", "guidance=high"), "write NAME=FIRST:LAST"),
        (("--across", "prompt"), "Give it by --to"),
        (("--down", "noise"), "Give it by --to-seed"),
        (("--to", "pan right", "--across", "seed", "--down", "guidance"), "Add --across prompt"),
        (("--across", "hold", "--down", "hold"), "would both change hold"),
        (("--across", "hold", "--free"), "nothing to hold on to"),
        (("--to-seed", "3", "--seed", "3"), "is the seed that it starts from"),
        (("--walk",), "no video; a walk is one"),
        (("--walk", "-o", "w.mp4"), "A walk needs somewhere to go"),
        (("--cells", "3"), "Name its sheet or record by --from"),
        (("--render", "3"), "Name its sheet or record by --from"),
        (("--cells", "three"), "numbers of cells such as 3 or 3,7"),
        (("--from", "nothing.png"), "Give --cells, or --render"),
        (("--from", "nothing.png", "--cells", "1"), "--prompt: what is explored stands in the record"),
        (("-o", "out.bmp"), "out.bmp"),
        (("-o", "no/folder/a.png"), "There is no folder"),
        (("--weights", "nowhere"), "The weights of the engine 'nano' are not in nowhere"),
        (("--noise", "3:x"), "write SEED:WEIGHT"),
    ],
)
def test_what_cannot_be_explored_is_said_before_any_work(
    run_here: Run, tiny_photo: Path, restless: Path, tmp_path: Path, flags: tuple[str, ...], why: str
) -> None:
    out = () if "-o" in flags else ("-o", "a.png")
    own = () if "--weights" in flags else ("--weights", str(restless))
    code, _said, notes = run_here("explore", tiny_photo, "-p", "pan left", *out, *own, *flags)
    assert (code, "Traceback" in notes) == (3 if "nowhere" in flags else 2, False)
    assert why in notes
    assert list(tmp_path.iterdir()) == []


def test_going_on_needs_a_record_that_is_there(run_here: Run, tiny_photo: Path, tmp_path: Path) -> None:
    code, _, notes = run_here("explore", tiny_photo, "--from", "nothing.png", "--cells", "1", "-o", "a.png")
    assert code == 2
    assert "The record nothing.png.json cannot be read" in notes


def test_what_is_there_is_kept_unless_forced(run_here: Run, tiny_photo: Path, restless: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("mine")
    code, _, notes = run_here("explore", tiny_photo, "-p", "pan left", "-o", "a.png", "--weights", restless)
    assert code == 2
    assert "exists already" in notes
    assert (tmp_path / "a.png").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_stops_with_130_and_leaves_nothing(
    start: Callable[..., object], tiny_photo: Path, restless: Path, tmp_path: Path
) -> None:
    flags = ("-p", "pan left", "--free", "--weights", restless, "-o", "a.png", "--grid", "8x8", "--seconds", "4")
    with start("explore", tiny_photo, *flags) as job:  # type: ignore[attr-defined]
        while "exploring" not in job.stderr.readline():
            time.sleep(0.01)
        job.send_signal(signal.SIGINT)
        _, notes = job.communicate(timeout=60)
    assert job.returncode == 130
    assert "Stopped." in notes
    assert list(tmp_path.iterdir()) == []
