"""Progress on stderr: lines where there is no terminal, and the numbers in them."""

from __future__ import annotations

import pytest

from stillmotion.cli.progress import Pace, display, told


def test_lines_tell_each_stage_once_and_the_last_frame(capsys: pytest.CaptureFixture[str]) -> None:
    with display() as show:
        show.photo("a.jpg", 1, 1)
        show("analysis", 0, 1)
        show("analysis", 1, 1)
        for done in range(1, 4):
            show("generation", done, 3)
            show("finishing", done, 3)
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[0] == "looking at the photo"
    assert [line.split("  ")[:2] for line in lines if line.startswith("drawing and writing")] == [
        ["drawing and writing", "1/3"], ["drawing and writing", "3/3"],
    ]  # fmt: skip
    assert not any(line.startswith("drawing  2") for line in lines)  # the later stage has the word


def test_a_batch_says_which_photo_it_is_at(capsys: pytest.CaptureFixture[str]) -> None:
    with display() as show:
        show.photo("b.jpg", 2, 3)
    assert capsys.readouterr().err == "photo 2 of 3: b.jpg\n"


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with display(quiet=True) as show:
        show.photo("b.jpg", 2, 3)
        show("finishing", 1, 1)
    assert capsys.readouterr().err == ""


def test_the_pace_is_not_known_at_the_first_frame() -> None:
    pace = Pace()
    assert pace("finishing", 1, 10) == (0.0, 0.0)
    rate, left = pace("finishing", 4, 10)
    assert rate > 0
    assert left == pytest.approx(6 / rate)


@pytest.mark.parametrize(
    ("stage", "rate", "left", "text"),
    [
        ("finishing", 38.4, 2.4, "38 frames/s, 2 s left"),
        ("finishing", 1.0, 600.0, "1 frames/s, 10 min left"),
        ("analysis", 3.0, 5.0, "5 s left"),
        ("finishing", 0.0, 0.0, ""),
    ],
)
def test_the_pace_in_words(stage: str, rate: float, left: float, text: str) -> None:
    assert told(stage, rate, left) == text
