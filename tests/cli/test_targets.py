"""Which photo becomes which file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stillmotion.cli.targets import choose_targets, refuse_existing
from stillmotion.errors import InputError


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for name in ("b10.jpg", "b2.png", "notes.txt", ".hidden.jpg"):
        (folder / name).write_bytes(b"x")
    return folder


def test_one_photo_becomes_what_is_named() -> None:
    (target,) = choose_targets(["a.jpg"], "clip.webm", None)
    assert (target.photo, target.out) == (Path("a.jpg"), Path("clip.webm"))


def test_one_photo_without_a_name_keeps_its_own() -> None:
    (target,) = choose_targets(["there/a.jpg"], None, None)
    assert target.out == Path("a.mp4")


@pytest.mark.parametrize(("codec", "name"), [("hevc", "a.mp4"), ("vp9", "a.webm"), ("prores", "a.mov"), ("png", "a")])
def test_the_codec_chooses_the_ending_where_none_is_given(codec: str, name: str) -> None:
    (target,) = choose_targets(["a.jpg"], None, codec)  # type: ignore[arg-type]
    assert target.out == Path(name)


def test_a_folder_with_a_slash_takes_one_photo_too() -> None:
    (target,) = choose_targets(["a.jpg"], "videos/", None)
    assert target.out == Path("videos/a.mp4")


def test_a_folder_of_photos_goes_into_a_folder_in_the_order_people_count(album: Path) -> None:
    targets = choose_targets([str(album)], "videos", None)
    assert [target.out for target in targets] == [Path("videos/b2.mp4"), Path("videos/b10.mp4")]


def test_a_pattern_holds_name_and_number() -> None:
    targets = choose_targets(["x/a.jpg", "y/a.jpg"], "{n}-{name}.gif", None)
    assert [str(target.out) for target in targets] == ["1-a.gif", "2-a.gif"]


def test_two_photos_for_one_file_are_refused_with_a_way_out() -> None:
    with pytest.raises(InputError, match=r"x.a\.jpg and y.a\.jpg would both become") as caught:
        choose_targets([os.path.join("x", "a.jpg"), os.path.join("y", "a.jpg")], "videos", None)  # noqa: PTH118
    assert "{n}" in str(caught.value.hint)


def test_several_photos_do_not_go_into_one_file() -> None:
    with pytest.raises(InputError, match="do not go into the one file"):
        choose_targets(["a.jpg", "b.jpg"], "out.mp4", None)


@pytest.mark.parametrize("there", ["out.mp4", "out.mp4.json"])
def test_a_video_or_its_manifest_is_not_written_over(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_bytes(b"precious")
    with pytest.raises(InputError, match="exists already"):
        refuse_existing(tmp_path / "out.mp4")


def test_pictures_of_a_numbered_sequence_are_not_written_over(tmp_path: Path) -> None:
    refuse_existing(tmp_path / "f_%03d.png")
    (tmp_path / "f_000.png").write_bytes(b"precious")
    with pytest.raises(InputError, match="f_000"):
        refuse_existing(tmp_path / "f_%03d.png")


def test_an_empty_folder_is_free_for_pictures(tmp_path: Path) -> None:
    refuse_existing(tmp_path)
