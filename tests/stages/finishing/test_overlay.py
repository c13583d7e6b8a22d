"""Text, logo and watermark: readable on any ground, at their place and time, with clean edges."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from stillmotion.errors import InputError
from stillmotion.media.encoding import choose_encoding
from stillmotion.media.probe import read_frames
from stillmotion.media.video import write_frames
from stillmotion.options import Place
from stillmotion.stages.finishing.overlay import MARGIN, Logo, Text, Watermark
from stillmotion.stages.finishing.step import Step
from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT, FPS = 320, 180, 10.0


def _ground(level: int, count: int = 1) -> FrameStream:
    frame = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    frame.flags.writeable = False
    return FrameStream(frames=iter([frame] * count), width=WIDTH, height=HEIGHT, fps=FPS, count=count)


def _text(
    text: str = "Hello", *, place: Place = "bottom", size: float = 0.15, begin: float | None = None,
    end: float | None = None,
) -> Text:  # fmt: skip
    return Text(text, place=place, size=size, begin=begin, end=end, font=None)


def _first(step: Step, level: int = 128) -> UInt8:
    return next(iter(step(_ground(level))))


@pytest.mark.parametrize("level", [0, 60, 128, 200, 255])
def test_letters_are_white_and_stand_out_from_any_ground(level: int) -> None:
    frame = _first(_text(), level)[..., 1].astype(int)
    white = frame >= 250
    assert frame.max() == 255
    letters = white & (cv2.boxFilter((frame < 150).astype(np.float32), -1, (9, 9)) > 0.05)
    assert letters.sum() > 60  # white right beside dark


@pytest.mark.parametrize(
    ("place", "across", "down"),
    [("top-left", 0, 0), ("top", 0.5, 0), ("top-right", 1, 0), ("left", 0, 0.5), ("middle", 0.5, 0.5),
     ("right", 1, 0.5), ("bottom-left", 0, 1), ("bottom", 0.5, 1), ("bottom-right", 1, 1)],
)  # fmt: skip
def test_text_stands_at_its_place_within_the_margins(place: Place, across: float, down: float) -> None:
    y, x = np.nonzero(_first(_text(place=place), 0)[..., 1] > 60)
    low_x, high_x, low_y, high_y = (MARGIN * WIDTH, WIDTH * (1 - MARGIN), MARGIN * HEIGHT, HEIGHT * (1 - MARGIN))
    assert low_x - 2 <= x.min() < x.max() <= high_x + 2
    assert low_y - 2 <= y.min() < y.max() <= high_y + 2
    if across == 0:
        assert x.min() < low_x + 8
    if across == 1:
        assert x.max() > high_x - 8
    if across == 0.5:
        assert (x.min() + x.max()) / 2 == pytest.approx(WIDTH / 2, abs=3)
    assert (y.min() + y.max()) / 2 == pytest.approx(low_y + 13 + down * (high_y - low_y - 26), abs=12)


def test_long_text_is_wrapped_and_too_much_is_refused() -> None:
    step = _text("the quick brown fox jumps over the lazy dog")
    _first(step)
    assert len(step.told()["lines"]) > 1
    with pytest.raises(InputError, match=r"(?s)needs \d+ lines of 27 pixels; 6 fit.*--text-size"):
        _text("word " * 99)(_ground(0))


def test_text_appears_and_goes_softly_at_its_times() -> None:
    frames = list(_text(begin=1.0, end=2.0)(_ground(0, 30)))
    bright = [int(frame.max()) for frame in frames]
    assert bright[:10] == [0] * 10
    assert bright[20:] == [0] * 10
    assert 0 < bright[10] < bright[11] < bright[13] == 255
    assert 255 == bright[16] > bright[18] > bright[19] > 0


def test_text_without_times_stands_all_along() -> None:
    assert {int(frame.max()) for frame in _text()(_ground(0, 4))} == {255}


def test_text_that_would_never_show_is_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"begin at 5 s, the video ends at 3\.00 s"):
        _text(begin=5.0)(_ground(0, 30))
    with pytest.raises(InputError, match=r"last until 3\.5 s, the video ends at 3\.00 s"):
        _text(end=3.5)(_ground(0, 30))
    with pytest.raises(InputError, match=r"goes at 1 s, before it appears at 2 s"):
        _text(begin=2.0, end=1.0)


def test_text_on_a_tiny_picture_is_as_small_as_can_be_read_and_says_so() -> None:
    step = _text("Hi", size=0.06)
    frame = np.zeros((36, 64, 3), np.uint8)
    out = next(iter(step(FrameStream(frames=iter([frame]), width=64, height=36, fps=FPS, count=1))))
    assert step.told()["line_px"] == 9
    assert out.max() > 200


# ── logo ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _saved(folder: Path, pixels: UInt8, name: str = "logo.png") -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def _disc() -> UInt8:
    """A red disc; what is transparent around it is pure green."""
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[..., 1] = 255
    y, x = np.mgrid[:200, :200] - 99.5
    inside = np.hypot(x, y) < 95
    pixels[inside] = (255, 0, 0, 255)
    return pixels


def _logo(path: Path, *, place: Place = "top-left", size: float = 0.25, opacity: float = 1.0) -> Logo:
    return Logo(path, place=place, size=size, opacity=opacity)


def test_a_logo_has_its_colour_size_and_place(tmp_path: Path) -> None:
    frame = _first(_logo(_saved(tmp_path, _disc())), 40)
    left, top = round(MARGIN * WIDTH), round(MARGIN * HEIGHT)
    assert frame[top + 40, left + 40].tolist() == [255, 0, 0]
    assert frame[top, left].tolist() == [40, 40, 40]  # a corner of the picture, outside the disc
    x = np.nonzero(frame[top + 40, :, 0] > 147)[0]
    assert (x.min(), x.max()) == (left + 2, left + 77)


@pytest.mark.parametrize("size", [0.05, 0.25, 0.5])
def test_what_is_transparent_does_not_bleed_into_the_edge(tmp_path: Path, size: float) -> None:
    frame = _first(_logo(_saved(tmp_path, _disc()), size=size), 0)
    assert frame[..., 1].max() <= 1
    assert frame[..., 0].max() == 255


def test_opacity_blends(tmp_path: Path) -> None:
    frame = _first(_logo(_saved(tmp_path, _disc()), opacity=0.5), 100)
    top, left = round(MARGIN * HEIGHT), round(MARGIN * WIDTH)
    assert frame[top + 40, left + 40].tolist() == [178, 50, 50]


@pytest.mark.parametrize(("name", "mode"), [("logo.webp", "RGBA"), ("logo.png", "LA"), ("logo.png", "P")])
def test_transparency_of_other_kinds_of_file_is_kept(tmp_path: Path, name: str, mode: str) -> None:
    image = Image.fromarray(_disc())
    path = tmp_path / name
    if name.endswith("webp"):
        image.save(path, lossless=True, exact=True)
    else:
        image.convert(mode).save(path)
    frame = _first(_logo(path), 40)
    top, left = round(MARGIN * HEIGHT), round(MARGIN * WIDTH)
    assert frame[top, left].tolist() == [40, 40, 40]
    assert frame[top + 40, left + 40].tolist() != [40, 40, 40]


def test_an_opaque_picture_is_laid_on_as_it_is_and_may_be_small(tmp_path: Path) -> None:
    path = _saved(tmp_path, np.full((8, 8, 3), (10, 200, 30), np.uint8))
    frame = _first(_logo(path, place="middle", size=0.1), 255)
    assert frame[HEIGHT // 2, WIDTH // 2].tolist() == [10, 200, 30]


def test_a_logo_that_cannot_be_is_refused(tmp_path: Path) -> None:
    tall = _saved(tmp_path, np.zeros((300, 30, 3), np.uint8), "tall.png")
    with pytest.raises(InputError, match=r"(?s)would be 320x3200 pixels, higher than the picture.*at most 0\.06"):
        _logo(tall, size=1.0)(_ground(0))
    with pytest.raises(InputError, match="wholly transparent"):
        _logo(_saved(tmp_path, np.zeros((9, 9, 4), np.uint8), "empty.png"))
    with pytest.raises(InputError, match="There is no picture"):
        _logo(tmp_path / "missing.png")
    (tmp_path / "logo.svg").write_text("<svg/>")
    with pytest.raises(InputError):
        _logo(tmp_path / "logo.svg")


# ── watermark ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_watermark_is_faint_everywhere_and_seen_on_any_ground(level: int) -> None:
    change = np.abs(_first(Watermark("DRAFT", font=None), level)[..., 1].astype(int) - level)
    assert 20 <= change.max() <= 60
    for rows in np.array_split(change, 3):
        for part in np.array_split(rows, 3, axis=1):
            assert (part > 12).mean() > 0.005


def test_a_watermark_survives_the_encoder(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ground = cv2.resize(rng.integers(40, 216, (9, 16, 3), dtype=np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC)

    def stream() -> FrameStream:
        return FrameStream(frames=iter([ground] * 6), width=640, height=360, fps=FPS, count=6)

    out = tmp_path / "marked.mp4"
    marked = Watermark("DRAFT", font=None)(stream())
    write_frames(marked, out, out, encoding=choose_encoding(out, "draft"), metadata={})
    mark = next(iter(Watermark("DRAFT", font=None)(stream()))).astype(float)[..., 1] - ground[..., 1]
    seen = list(read_frames(out))[3].astype(float)[..., 1] - ground[..., 1]
    assert np.corrcoef(mark.ravel(), seen.ravel())[0, 1] > 0.8


def test_the_frames_that_come_in_are_never_written_into(tmp_path: Path) -> None:
    for step in (_text(), _logo(_saved(tmp_path, _disc())), Watermark("draft", font=None)):
        source = list(_ground(77))
        stream = FrameStream(frames=iter(source), width=WIDTH, height=HEIGHT, fps=FPS, count=1)
        assert next(iter(step(stream))) is not source[0]
        assert (source[0] == 77).all()
