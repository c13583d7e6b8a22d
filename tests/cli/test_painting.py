"""`inpaint`, `outpaint` and `remove` as the programs that users start."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from stillmotion.media.image import read_photo, write_png

Run = Callable[..., tuple[int, str, str]]


def write_mask(path: Path, size: tuple[int, int], box: tuple[int, int, int, int]) -> Path:
    """A mask of (width, height), white within (left, top, right, bottom)."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[box[1] : box[3], box[0] : box[2]] = 255
    write_png(path, mask)
    return path


def test_inpaint_paints_the_mask_and_nothing_else(run_here: Run, tiny_photo: Path, tmp_path: Path) -> None:
    write_mask(tmp_path / "mask.png", (320, 180), (130, 40, 190, 140))
    code, said, notes = run_here("inpaint", tiny_photo, "--mask", "mask.png", "-o", "out.png", "--json", "-q")
    assert code == 0, notes
    told = json.loads(said)
    assert told["size"] == [320, 180]
    assert told["painted"] == pytest.approx(60 * 100 / (320 * 180))
    assert told["holes"][0]["fill"] in ("learned", "classical")
    made, photo = read_photo(tmp_path / "out.png").pixels, read_photo(tiny_photo).pixels
    outside = np.ones((180, 320), np.bool_)
    outside[40:140, 130:190] = False
    assert (made[outside] == photo[outside]).all()
    assert (made[60:130, 150:170].mean(axis=(0, 1)) - (70, 40, 30)).max() > 20  # the dark thing is gone
    with Image.open(tmp_path / "out.png") as opened:
        exif = opened.getexif()
    assert exif[ExifTags.Base.Software].startswith("stillmotion ")
    assert "painted by a program" in exif[ExifTags.Base.ImageDescription]


def test_a_photo_is_turned_upright_before_it_is_painted(run_here: Run, tiny_photo: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.open(tiny_photo).save(tmp_path / "turned.jpg", exif=exif)
    write_mask(tmp_path / "mask.png", (180, 320), (40, 130, 140, 190))
    code, _, notes = run_here("inpaint", "turned.jpg", "--mask", "mask.png", "-o", "out.png", "-q")
    assert code == 0, notes
    assert read_photo(tmp_path / "out.png").pixels.shape == (320, 180, 3)
    write_mask(tmp_path / "lying.png", (320, 180), (130, 40, 190, 140))
    code, _said, notes = run_here("inpaint", "turned.jpg", "--mask", "lying.png", "-o", "other.png", "-q")
    assert code == 2
    assert "turned upright" in notes


@pytest.mark.parametrize(
    ("flags", "size"), [(("--aspect", "16:6"), (480, 180)), (("--left", "25%", "--top", "20"), (400, 200))]
)
def test_outpaint_keeps_the_photo_and_adds_what_was_asked(
    run_here: Run, tiny_photo: Path, tmp_path: Path, flags: tuple[str, ...], size: tuple[int, int]
) -> None:
    code, said, notes = run_here("outpaint", tiny_photo, *flags, "-o", "out.png", "--json", "-q")
    assert code == 0, notes
    told = json.loads(said)
    made, photo = read_photo(tmp_path / "out.png").pixels, read_photo(tiny_photo).pixels
    assert made.shape == (size[1], size[0], 3)
    left, top = told["margins"]["left"], told["margins"]["top"]
    assert (made[top : top + 180, left : left + 320] == photo).all()


def test_remove_takes_the_thing_away_and_lists_what_it_may_be_called(
    run_here: Run, tiny_photo: Path, tmp_path: Path
) -> None:
    code, said, notes = run_here("remove", tiny_photo, "the unicorn", "-o", "out.png")
    assert code == 2
    assert "'the unicorn' was not found in this photo. Found:" in notes
    assert not (tmp_path / "out.png").exists()
    code, said, notes = run_here("remove", tiny_photo, "the clouds", "-o", "out.png", "-q")
    assert code == 0, notes
    assert "% painted in" in said
    made, photo = read_photo(tmp_path / "out.png").pixels, read_photo(tiny_photo).pixels
    assert 0.002 < float((made != photo).any(axis=2).mean()) < 0.5


def test_what_is_there_is_kept_unless_forced(run_here: Run, tiny_photo: Path, tmp_path: Path) -> None:
    (tmp_path / "out.png").write_text("mine")
    assert run_here("outpaint", tiny_photo, "--left", "10", "-o", "out.png")[0] == 2
    assert (tmp_path / "out.png").read_text() == "mine"
    assert run_here("outpaint", tiny_photo, "--left", "10", "-o", "out.png", "--force", "-q")[0] == 0


def test_a_jpeg_is_said_to_change_every_pixel(run_here: Run, tiny_photo: Path) -> None:
    code, _said, notes = run_here("outpaint", tiny_photo, "--left", "10", "-o", "out.jpg", "-q")
    assert code == 0, notes
    assert "A JPEG changes every pixel a little" in notes


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (("--aspect", "wide"), "'wide' is not a shape"),
        (("--aspect", "9:1"), "0.2 to 5"),
        (("--aspect", "16:0"), "is not a shape"),
        (("--aspect", "16:9"), "has the shape 16:9 already"),
        (("--left", "much"), "'much' is not a length"),
        (("--left", "150%"), "up to 100%"),
        (("--left", "-5"), "out of bounds"),
        (("--left", "400"), "more than the photo's own 320"),
        (("--aspect", "1:1", "--left", "10"), "not both"),
        ((), "Nothing is to be painted"),
        (("--fill", "magic", "--left", "10"), "'magic' is not one of"),
    ],
)
def test_a_bad_wish_is_refused_by_name(run_here: Run, tiny_photo: Path, flags: tuple[str, ...], why: str) -> None:
    code, _said, notes = run_here("outpaint", tiny_photo, *flags, "-o", "out.png")
    assert code == 2
    assert why in notes
    assert "Traceback" not in notes


@pytest.mark.parametrize(
    ("size", "box", "why"),
    [
        ((300, 180), (10, 10, 20, 20), "The mask is 300x180 pixels and the photo 320x180"),
        ((320, 180), (0, 0, 0, 0), "marks nothing"),
        ((320, 180), (0, 0, 320, 180), "100 % of the picture would be painted"),
    ],
)
def test_a_mask_that_cannot_be_used_is_refused(
    run_here: Run, tiny_photo: Path, tmp_path: Path, size: tuple[int, int], box: tuple[int, int, int, int], why: str
) -> None:
    write_mask(tmp_path / "mask.png", size, box)
    code, _said, notes = run_here("inpaint", tiny_photo, "--mask", "mask.png", "-o", "out.png", "-q")
    assert code == 2
    assert why in notes
    assert not (tmp_path / "out.png").exists()


def test_an_ending_that_is_no_picture_is_refused_before_any_work(run_here: Run, tiny_photo: Path) -> None:
    code, _said, notes = run_here("outpaint", tiny_photo, "--left", "10", "-o", "out.mp4")
    assert code == 2
    assert "what kind of picture" in notes
