"""Letters: the right font or a clear refusal, lines that fit, nothing drawn that is no letter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import features

from stillmotion.errors import InputError
from stillmotion.stages.finishing import lettering
from stillmotion.stages.finishing.lettering import choose_face, lettered, wrapped

OWN = Path(lettering.__file__).with_name("fonts") / "Inter-Medium.ttf"


@pytest.mark.parametrize(
    "text", ["Hello", "Grüße aus Köln", "Ça, c'est l'été — 5 €", "Ωμέγα", "Привет, мир", "Tiếng Việt"]
)
def test_letters_of_europe_need_no_font_of_the_system(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_font_folders", lambda: ())
    assert choose_face(text, None).name == "Inter Medium"


def test_a_character_that_no_font_has_is_named_and_not_drawn_as_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_font_folders", lambda: ())
    with pytest.raises(InputError, match=r"(?s)'日' \(U\+65E5\), '本' \(U\+672C\).*--font"):
        choose_face("日本 2026", None)
    with pytest.raises(InputError, match=r"(?s)Inter-Medium.ttf has no '日' \(U\+65E5\).*--font"):
        choose_face("日", OWN)


def test_a_font_of_the_user_is_used(tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttf"
    mine.write_bytes(OWN.read_bytes())
    assert choose_face("Hello", mine).name == "Inter Medium"


def test_a_font_of_the_system_is_found_for_what_ours_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Arial.ttf").write_bytes(b"broken, and passed over")
    (tmp_path / "DejaVuSans.ttf").write_bytes(OWN.read_bytes())
    monkeypatch.setattr(lettering, "_font_folders", lambda: (tmp_path,))
    with pytest.raises(InputError, match="No usual font"):
        choose_face("日", None)
    assert [path.name for path in lettering._system_fonts()] == ["DejaVuSans.ttf", "Arial.ttf"]


@pytest.mark.parametrize(("content", "told"), [(None, "There is no font"), (b"no font", "no font that can be read")])
def test_a_file_that_is_no_font_is_said(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "mine.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        choose_face("Hello", path)


def test_blank_text_and_control_characters_are_refused() -> None:
    with pytest.raises(InputError, match="blank"):
        choose_face(" \n\t ", None)
    with pytest.raises(InputError, match=r"U\+0007"):
        choose_face("ring\a", None)


def test_writing_that_needs_a_layout_engine_is_refused_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: name != "raqm")
    for text in ("שלום", "مرحبا", "नमस्ते"):
        with pytest.raises(InputError, match="libraqm"):
            choose_face(text, None)
    assert choose_face("Hello", None).name == "Inter Medium"


def test_lines_break_at_blanks_within_long_words_and_where_they_are_told_to() -> None:
    font = choose_face("x", None).at(20.0)
    width = font.getlength("one two three")
    assert wrapped("one two three four\n\nfive", font, width + 1) == ["one two three", "four", "", "five"]
    lines = wrapped("a" * 60, font, width)
    assert "".join(lines) == "a" * 60
    assert max(font.getlength(line) for line in lines) <= width
    assert wrapped("wide", font, 1.0) == ["w", "i", "d", "e"]


def test_letters_stand_where_they_are_told_to() -> None:
    font = choose_face("x", None).at(20.0)
    left, middle, right = (lettered(["long line here", "short"], font, pitch=24, align=a, pad=4) for a in (0, 0.5, 1))
    assert left.shape == middle.shape == right.shape
    second = np.s_[4 + 26 :, :]
    begins = [int(np.nonzero(picture[second].any(axis=0))[0][0]) for picture in (left, middle, right)]
    assert begins[0] < begins[1] - 10 < begins[2] - 20
    assert not left[:3].any()
    assert not left[:, :3].any()
    assert not left[:, -3:].any()


def test_a_stroke_makes_letters_fatter() -> None:
    font = choose_face("x", None).at(20.0)
    thin, fat = (lettered(["Hello"], font, pitch=24, align=0, pad=8, stroke=stroke) for stroke in (0, 2))
    assert thin.shape == fat.shape
    assert fat.astype(int).sum() > 1.5 * thin.astype(int).sum()
    assert (fat.astype(int) >= thin.astype(int) - 2).all()
