"""A finished video: the file and its manifest appear together, and say what was asked and what was made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import stillmotion
from stillmotion.errors import InputError, NotAsPlanned
from stillmotion.media.probe import read_frames
from stillmotion.stages.finishing.manifest import manifest_path, read_manifest, remake_request
from stillmotion.types import Video

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
