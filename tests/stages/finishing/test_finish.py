"""A finished video: the file and its manifest appear together, and say what was asked and what was made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import stillmotion
from stillmotion.errors import InputError, NotAsPlanned
from stillmotion.media.encoding import Encoding
from stillmotion.media.probe import probe, read_frames
from stillmotion.media.video import write_video
from stillmotion.stages.finishing.manifest import (
    RECORD_KEY,
    file_sha256,
    manifest_path,
    read_manifest,
    remake_request,
)
from stillmotion.types import FrameStream, Video

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Video:
    out = tmp_path_factory.mktemp("video") / "a.mp4"
    return stillmotion.animate(
        EXAMPLES / "coffee.jpg", "pan right 60 degrees", out=out, size=(192, 128), seconds=0.5, fps=12, seed=7
    )


def test_the_manifest_tells_what_was_asked_and_what_was_made(made: Video) -> None:
    told = json.loads(manifest_path(made.path).read_text())
    assert told == made.manifest
    assert told["requested"]["plan"]["prompt"] == "pan right 60 degrees"
    asked = told["requested"]["plan"]["camera"]["keyframes"][-1]["rotation_deg"][1]
    drawn = told["effective"]["plan"]["camera"]["keyframes"][-1]["rotation_deg"][1]
    assert asked == 60
    assert 0 < drawn < 60
    assert any("limited" in note for note in told["notes"])
    assert told["effective"]["frames"] == 6
    assert {"reading", "analysis", "motion", "generation", "finishing"} <= set(told["timings_s"])
    assert told["peak_memory_mb"] > 10
    assert told["measured"]["path_err"] < 0.5
    assert told["photo"]["name"] == "coffee.jpg"


def test_the_manifest_says_which_fill_painted_what(made: Video) -> None:
    beyond = [each for each in made.manifest["painted"] if each["where"] == "beyond"]
    assert beyond
    assert all(each["fill"] in {"classical", "learned"} and each["holes"] >= 1 for each in beyond)
    assert 0 < sum(each["share"] for each in beyond) < 0.7


def test_the_video_carries_its_own_plan(made: Video) -> None:
    request = remake_request(made.path)
    assert request.options.seed == 7
    assert request.effective.camera.keyframes[-1].rotation_deg[1] < 60
    assert request.photo_sha256 == made.manifest["photo"]["sha256"]


def test_the_first_frame_is_the_photo(made: Video) -> None:
    first = next(iter(read_frames(made.path)))
    assert made.manifest["measured"]["first_psnr_luma"] > 60
    assert first.shape == (128, 192, 3)


def test_a_requirement_that_fails_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotAsPlanned, match="drift"):
        stillmotion.animate(
            EXAMPLES / "coffee.jpg", "pan left", out=tmp_path / "a.mp4", size=(192, 128), seconds=0.5, fps=12,
            require=["drift<0"],
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_grade_changes_the_colours_and_says_so(tmp_path: Path) -> None:
    plan = {
        "format": "stillmotion/plan@1", "canvas": {"width": 192, "height": 128, "seconds": 0.5, "fps": 8},
        "grade": {"exposure": 1.0, "saturation": 0.0},
    }  # fmt: skip
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    stream = stillmotion.frames(EXAMPLES / "coffee.jpg", plan=tmp_path / "plan.json")
    plain = stillmotion.frames(EXAMPLES / "coffee.jpg", "static", size=(192, 128), seconds=0.5, fps=8)
    graded, photo = next(iter(stream)), next(iter(plain))
    assert graded.mean() > photo.mean() + 20
    assert np.abs(graded[..., 0].astype(int) - graded[..., 2]).max() <= 3


def test_a_foreign_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4.json").write_text("{}")
    with pytest.raises(InputError, match="no manifest"):
        read_manifest(tmp_path / "a.mp4")


def test_times_add_up_and_nothing_temporary_stays(made: Video) -> None:
    told = made.manifest
    assert told["total_s"] == pytest.approx(sum(told["timings_s"].values()), abs=1e-3)
    assert all(seconds >= 0 for seconds in told["timings_s"].values())
    assert sorted(path.name for path in made.path.parent.iterdir()) == ["a.mp4", "a.mp4.json"]


def test_the_manifest_describes_the_file_as_another_reader_finds_it(made: Video) -> None:
    told, found = made.manifest["file"], probe(made.path)
    assert (told["width"], told["height"], told["frames"]) == (found.width, found.height, found.frames)
    assert (told["codec"], told["primaries"], told["range"]) == ("h264", "bt709", "limited")
    assert told["bytes"] == made.path.stat().st_size
    assert made.manifest["photo"]["sha256"] == file_sha256(EXAMPLES / "coffee.jpg")


def test_a_video_without_a_record_cannot_be_remade(tmp_path: Path) -> None:
    frames = (np.zeros((64, 64, 3), np.uint8) for _ in range(2))
    stream = FrameStream(frames=frames, width=64, height=64, fps=8, count=2)
    write_video(stream, tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
    with pytest.raises(InputError, match="does not say how it was made"):
        remake_request(tmp_path / "a.mp4")


@pytest.mark.parametrize("text", ["{", '{"format": "stillmotion/record@1"}', "[]"])
def test_a_damaged_record_is_said(tmp_path: Path, text: str) -> None:
    frames = (np.zeros((64, 64, 3), np.uint8) for _ in range(2))
    stream = FrameStream(frames=frames, width=64, height=64, fps=8, count=2)
    encoding = Encoding(codec="h264", quality="draft")
    write_video(stream, tmp_path / "a.mp4", encoding=encoding, metadata={RECORD_KEY: text})
    with pytest.raises(InputError, match="damaged"):
        remake_request(tmp_path / "a.mp4")
