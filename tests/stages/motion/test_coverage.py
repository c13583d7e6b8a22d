"""Whatever is asked, no frame looks past what is painted; and what was limited is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stillmotion import pipeline
from stillmotion.options import AnimateOptions
from stillmotion.stages.generation.backends.geometry import GeometryBackend

EXAMPLES = Path(__file__).parents[3] / "examples"


def _prepared(photo: str, prompt: str) -> pipeline.Prepared:
    return pipeline.prepare(EXAMPLES / photo, AnimateOptions(prompt=prompt, size=(288, 192), seconds=1, fps=8))


@pytest.mark.parametrize(
    "prompt",
    [
        "pan right 90 degrees", "truck left 100%", "pull out 3x", "orbit left 60 degrees", "pedestal up 80 %",
        "roll clockwise 45 degrees", "push in 70 %", "whip pan left",
    ],
)  # fmt: skip
def test_a_wish_too_far_is_limited_and_told(prompt: str) -> None:
    job = _prepared("coffee.jpg", prompt)
    painted = GeometryBackend().view(job.scene, job.direction.effective, 1.0).painted
    margins = job.direction.effective.canvas.outpaint
    most = max(margins.left, margins.right, margins.top, margins.bottom)
    assert painted.mean() < 0.65
    assert most <= 0.5
    assert job.direction.notes
    assert job.direction.effective != job.direction.requested


@pytest.mark.parametrize("prompt", ["push in slightly", "static", "zoom in"])
def test_a_wish_that_fits_is_left_alone(prompt: str) -> None:
    job = _prepared("astronaut.jpg", prompt)
    assert job.direction.effective.camera.keyframes[-1].position == pytest.approx(
        job.direction.requested.camera.keyframes[-1].position, abs=1e-3
    )


def test_a_photo_without_a_prompt_gets_a_motion_and_a_reason() -> None:
    job = pipeline.prepare(EXAMPLES / "astronaut.jpg", AnimateOptions(size=(288, 192), seconds=1, fps=8))
    assert len(job.direction.effective.camera.keyframes) > 1
    assert any(note.startswith("No prompt was given") for note in job.direction.notes)


def test_a_prompt_without_any_motion_gets_one_and_is_told() -> None:
    job = _prepared("astronaut.jpg", "an astronaut, cinematic, golden hour")
    assert len(job.direction.effective.camera.keyframes) > 1
    assert any("names no motion" in note for note in job.direction.notes)


@pytest.mark.parametrize("kind", ["black", "noise", "text", "gradient"])
def test_pictures_of_nothing_move_safely(kind: str) -> None:
    rng = np.random.default_rng(0)
    picture = np.zeros((200, 300, 3), np.uint8)
    if kind == "noise":
        picture = rng.integers(0, 256, picture.shape).astype(np.uint8)
    elif kind == "text":
        picture[:] = 245
        for y in range(20, 190, 14):
            picture[y : y + 6, 20 : 20 + int(rng.integers(120, 260))] = 20
    elif kind == "gradient":
        picture[:] = np.linspace(0, 255, 300)[None, :, None]
    for prompt in (None, "orbit left", "push in"):
        wish = AnimateOptions(prompt=prompt, seconds=0.5, fps=8, size=(240, 160))
        job = pipeline.prepare(picture, wish)
        frames = list(pipeline.draw(job, wish))
        assert len(frames) == 4
        assert abs(float(frames[-1].mean()) - float(frames[0].mean())) < 12
