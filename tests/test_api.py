"""The Python interface: light to import, one option per field, frames as a stream."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event

import numpy as np
import pytest

import stillmotion
from stillmotion.api import Options
from stillmotion.options import AnimateOptions
from stillmotion.pipeline import prepare
from stillmotion.types import UInt8


@pytest.fixture(scope="module")
def picture() -> UInt8:
    y, x = np.mgrid[0:120, 0:200]
    shades = [128 + 100 * np.sin(x / (3 + k)) * np.cos(y / 7) for k in range(3)]
    return np.stack(shades, axis=-1).astype(np.uint8)


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, stillmotion; print([m for m in ('numpy', 'pydantic', 'cv2', 'av', 'numba') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == "[]\n"


def test_every_public_name_is_there() -> None:
    assert all(hasattr(stillmotion, name) for name in stillmotion.__all__)
    assert set(stillmotion.__all__) <= set(dir(stillmotion))
    with pytest.raises(AttributeError, match="no attribute 'animated'"):
        _ = stillmotion.animated


def test_the_options_are_the_fields() -> None:
    assert set(Options.__annotations__) == set(AnimateOptions.model_fields) - {"prompt"}


def test_frames_are_drawn_as_they_are_asked_for_and_the_first_is_the_photo(picture: UInt8) -> None:
    stream = stillmotion.frames(picture, "pan left", size=(160, 96), seconds=0.25)
    assert (stream.width, stream.height, stream.count, stream.fps) == (160, 96, 6, 24)
    frames = list(stream)
    assert len(frames) == 6
    assert all(frame.shape == (96, 160, 3) and frame.dtype == np.uint8 for frame in frames)
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 1


def test_animate_writes_a_video_and_says_what_it_did(picture: UInt8, tmp_path: Path) -> None:
    told: list[str] = []
    video = stillmotion.animate(
        picture, "pan left", out=tmp_path / "a.mp4", size="160x96", seconds=0.25, quality="draft",
        progress=lambda stage, _done, _total: told.append(stage),
    )  # fmt: skip
    assert video.path == tmp_path / "a.mp4"
    assert video.path.exists()
    assert video.manifest["effective"]["frames"] == 6
    assert told[-1] == "finishing"


def test_a_direction_is_a_plan_that_can_be_written_and_explained(picture: UInt8, tmp_path: Path) -> None:
    direction = stillmotion.direct(picture, "pan left", size=(160, 96))
    (tmp_path / "plan.json").write_text(direction.requested.to_json())
    plan = stillmotion.read_plan(tmp_path / "plan.json")
    assert plan == direction.requested
    assert "left" in stillmotion.explain(plan)


def test_an_option_out_of_bounds_or_unknown_is_an_input_error(picture: UInt8) -> None:
    with pytest.raises(stillmotion.InputError, match="fps"):
        stillmotion.animate(picture, fps=500)
    with pytest.raises(stillmotion.InputError, match="speed"):
        stillmotion.animate(picture, speed=2)  # type: ignore[call-arg]


def test_a_cancelled_job_leaves_nothing(picture: UInt8, tmp_path: Path) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(stillmotion.Cancelled):
        stillmotion.animate(picture, "pan left", out=tmp_path / "a.mp4", size=(160, 96), cancel=cancel)
    assert list(tmp_path.iterdir()) == []


def test_what_was_guessed_about_a_region_is_said() -> None:
    picture = np.full((120, 180, 3), (110, 160, 230), np.uint8)
    picture[80:] = (90, 120, 60)
    picture[80:] += np.random.default_rng(0).integers(0, 30, (40, 180, 3), dtype=np.uint8)
    job = prepare(picture, AnimateOptions(prompt="the clouds move left", seconds=1, fps=4))
    assert any("taken to be the sky" in note for note in job.notes)
    assert any("so plain" in note for note in job.notes)
