"""The engine 'nano': what it keeps, what it draws, where it stops and goes on, and what it says of bad weights."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from stillmotion.errors import Cancelled, InputError, WeightsMissing
from stillmotion.plan import Camera, CameraKey, Canvas, MotionPlan
from stillmotion.stages.generation.backends.geometry import GeometryBackend
from stillmotion.stages.generation.nano.engine import Manner, NanoBackend
from stillmotion.types import FrameStream, Scene

TRUCK = (CameraKey(t=0.0), CameraKey(t=1.0, position=(0.1, 0.0, 0.0)))


def plan(seconds: float = 1.0) -> MotionPlan:
    canvas = Canvas(width=192, height=128, fps=8, seconds=seconds)
    return MotionPlan(canvas=canvas, camera=Camera(keyframes=TRUCK))


def stream(scene: Scene, manner: Manner, *, seed: int = 0, seconds: float = 1.0, **given: object) -> FrameStream:
    told = {"quality": "standard", "progress": lambda *_: None, "cancel": Event(), **given}
    return NanoBackend(manner).draw(scene, plan(seconds), seed=seed, **told)  # type: ignore[arg-type]


def test_a_network_that_believes_the_guide_changes_nothing(two_planes: Scene, nano_weights: Path) -> None:
    told = {"quality": "standard", "progress": lambda *_: None, "cancel": Event()}
    wanted = list(GeometryBackend().draw(two_planes, plan(), seed=0, **told))  # type: ignore[arg-type]
    found = list(stream(two_planes, Manner(weights=nano_weights)))
    assert len(found) == 8
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(found, wanted, strict=True)) <= 1


def test_free_it_draws_every_frame_but_the_first(two_planes: Scene, nano_weights: Path) -> None:
    found = list(stream(two_planes, Manner(weights=nano_weights, free=True)))
    assert np.array_equal(found[0], two_planes.photo)
    assert np.abs(found[1].astype(int) - two_planes.photo).mean() > 3


def test_a_job_that_was_stopped_between_steps_goes_on_to_the_same_bits(
    two_planes: Scene, nano_weights: Path, tmp_path: Path
) -> None:
    whole = list(stream(two_planes, Manner(weights=nano_weights, free=True, steps=3)))
    manner = Manner(weights=nano_weights, free=True, steps=3, checkpoint=tmp_path / "state.npz")
    cancel = Event()

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "denoising" and done == 5:  # the second step of the first window
            cancel.set()

    with pytest.raises(Cancelled):
        list(stream(two_planes, manner, progress=stop, cancel=cancel))
    assert (tmp_path / "state.npz").exists()
    rest = list(stream(two_planes, manner))
    assert all(np.array_equal(a, b) for a, b in zip(rest, whole, strict=True))
    assert not (tmp_path / "state.npz").exists()


def test_a_checkpoint_of_another_job_is_refused(two_planes: Scene, nano_weights: Path, tmp_path: Path) -> None:
    manner = Manner(weights=nano_weights, free=True, checkpoint=tmp_path / "state.npz")
    frames = iter(stream(two_planes, manner))
    next(frames), next(frames)
    with pytest.raises(InputError, match="another job"):
        stream(two_planes, manner, seed=1)
    (tmp_path / "state.npz").write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match="no checkpoint"):
        stream(two_planes, manner)


def test_missing_and_damaged_weights_are_named_with_their_hash(
    two_planes: Scene, nano_weights: Path, tmp_path: Path
) -> None:
    with pytest.raises(WeightsMissing, match=r"dit\.json"):
        stream(two_planes, Manner(weights=tmp_path / "nowhere"))
    shutil.copytree(nano_weights, tmp_path / "damaged")
    (tmp_path / "damaged" / "dit.onnx").write_bytes(b"half of it")
    with pytest.raises(WeightsMissing, match=r"dit\.onnx.*sha256"):
        stream(two_planes, Manner(weights=tmp_path / "damaged"))
    (tmp_path / "damaged" / "dit.onnx").unlink()
    with pytest.raises(WeightsMissing, match=r"dit\.onnx.*sha256"):
        stream(two_planes, Manner(weights=tmp_path / "damaged"))
