"""What every engine promises; see `generation/backend.py`."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from stillmotion.errors import Cancelled, InputError
from stillmotion.options import AnimateOptions
from stillmotion.plan import Camera, CameraKey, Canvas, MotionPlan, Physics, Portrait, PortraitKey
from stillmotion.stages.generation.backend import Backend, backend, engines
from stillmotion.types import Scene

TRUCK = (CameraKey(t=0.0), CameraKey(t=1.0, position=(0.1, 0.0, 0.0)))


def plan(**fields: object) -> MotionPlan:
    canvas = Canvas(width=192, height=128, fps=8, seconds=1)
    return MotionPlan.model_validate({"canvas": canvas, "camera": Camera(keyframes=TRUCK), **fields})


@pytest.fixture(params=engines())
def engine(request: pytest.FixtureRequest, nano_weights: Path) -> Backend:
    return backend(request.param, AnimateOptions(weights=nano_weights))


def frames(engine: Backend, scene: Scene, wish: MotionPlan, **given: object) -> list[np.ndarray]:
    told = {"seed": 0, "quality": "standard", "progress": lambda *_: None, "cancel": Event(), **given}
    return list(engine.draw(scene, wish, **told))  # type: ignore[arg-type]


def test_frame_0_is_the_photo_and_the_last_is_not(engine: Backend, two_planes: Scene) -> None:
    drawn = frames(engine, two_planes, plan())
    assert np.array_equal(drawn[0], two_planes.photo)
    assert np.abs(drawn[-1].astype(int) - two_planes.photo).mean() > 3


def test_the_stream_says_its_size_rate_and_count_before_it_is_drawn(engine: Backend, two_planes: Scene) -> None:
    stream = engine.draw(two_planes, plan(), seed=0, quality="draft", progress=lambda *_: None, cancel=Event())
    assert (stream.width, stream.height, stream.fps, len(stream)) == (192, 128, 8.0, 8)
    assert [frame.shape for frame in stream] == [(128, 192, 3)] * 8


def test_the_same_seed_gives_the_same_bytes_on_one_thread_and_on_many(
    engine: Backend, two_planes: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = plan(camera=Camera(keyframes=TRUCK, handheld={"amplitude": 2.0}))
    many = frames(engine, two_planes, wish, seed=5)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    one = frames(engine, two_planes, wish, seed=5)
    other = frames(engine, two_planes, wish, seed=6)
    assert all(np.array_equal(a, b) for a, b in zip(one, many, strict=True))
    assert not np.array_equal(one[-1], other[-1])


def test_progress_rises_to_its_total(engine: Backend, two_planes: Scene) -> None:
    told: list[tuple[str, int, int]] = []
    frames(engine, two_planes, plan(), progress=lambda *said: told.append(said))
    done = [d for stage, d, _ in told if stage == "generation"]
    assert done == sorted(done)
    assert told[-1] == ("generation", 8, 8)


def test_nothing_is_drawn_after_cancel(engine: Backend, two_planes: Scene) -> None:
    cancel = Event()
    stream = iter(engine.draw(two_planes, plan(), seed=0, quality="draft", progress=lambda *_: None, cancel=cancel))
    next(stream)
    cancel.set()
    with pytest.raises(Cancelled):
        for _ in stream:
            pass


def test_motion_that_an_engine_cannot_draw_is_named_before_the_first_frame(engine: Backend, two_planes: Scene) -> None:
    wish = plan(portrait=(Portrait(keyframes=(PortraitKey(t=0.0),)),), physics=Physics())
    with pytest.raises(InputError, match="portrait and physics"):
        frames(engine, two_planes, wish)


def test_an_engine_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"'warp-drive'.*geometry"):
        backend("warp-drive")
