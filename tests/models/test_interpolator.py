"""The interpolator that comes with the package: what it gives, and that frames are drawn with it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import WeightsMissing
from stillmotion.models.interpolator import Correction, Interpolator, interpolator
from stillmotion.stages.finishing.flow import FlowFinder
from stillmotion.stages.finishing.interpolate import Between
from stillmotion.stages.finishing.retime import Retime
from stillmotion.types import FrameStream, UInt8


def picture(width: int, height: int, seed: int = 0) -> UInt8:
    """A picture with coarse and fine things."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width, 3), np.float32)
    for sigma, amount in ((20.0, 40.0), (5.0, 30.0), (1.5, 15.0)):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (height, width, 3)).astype(np.float32), (0, 0), sigma)
        out += amount * noise / noise.std()
    return np.asarray(np.clip(out + 128, 0, 255), dtype=np.uint8)


def corrected(width: int, height: int) -> Correction:
    frame, half = picture(width, height), np.full((height, width), 0.5, np.float32)
    still = np.zeros((height, width, 2), np.float32)
    return interpolator().correct(frame, frame, motion=still, share=half, known=half + 0.5, t=0.5)


@pytest.mark.parametrize(("width", "height"), [(224, 128), (16, 16), (97, 51)])
def test_it_looks_at_every_size(width: int, height: int) -> None:
    found = corrected(width, height)
    assert found.to_before.shape == found.to_after.shape == (height, width, 2)
    assert found.logit.shape == (height, width)
    assert found.colour.shape == (height, width, 3)
    assert all(np.isfinite(part).all() for part in (found.to_before, found.to_after, found.logit, found.colour))


def test_it_hardly_changes_what_stands_still() -> None:
    found = corrected(160, 96)
    assert float(np.abs(found.to_before).mean()) < 0.2
    assert float(np.abs(found.colour).mean()) < 1.5


def test_the_same_frames_give_the_same_on_any_number_of_threads() -> None:
    usual = cv2.getNumThreads()
    wanted = corrected(128, 80).colour
    try:
        for threads in (1, 3):
            cv2.setNumThreads(threads)
            assert np.array_equal(corrected(128, 80).colour, wanted)
    finally:
        cv2.setNumThreads(usual)


@pytest.mark.parametrize(("width", "height"), [(160, 120), (162, 98), (1400, 96)])
def test_a_pan_drawn_with_it_is_where_it_should_be(width: int, height: int) -> None:
    wide = picture(width + 8, height)
    before, after, wanted = (np.ascontiguousarray(wide[:, x : x + width]) for x in (0, 8, 4))
    finder = FlowFinder(width, height)
    flows = finder(finder.grey(before), finder.grey(after))
    drawn = Between(before, after, flows, network=interpolator())(0.5)
    inner = (slice(8, -8), slice(12, -12))
    assert drawn.shape == before.shape
    assert float(np.abs(drawn[inner].astype(float) - wanted[inner]).mean()) < 3


def test_the_step_draws_with_it_and_says_so() -> None:
    wide = picture(110, 64)
    frames = [np.ascontiguousarray(wide[:, 4 * i : 4 * i + 96]) for i in range(3)]
    step = Retime(fps=20, speed=None, how="learned")
    stream = FrameStream(frames=iter(frames), width=96, height=64, fps=10, count=3)
    drawn = list(step(stream))
    assert len(drawn) == 6
    assert drawn[2] is frames[1]
    assert step.told()["by"] == "learned (interpolator-1)"
    assert step.told()["drawn_between"] == 2


def test_missing_weights_are_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="missing"):
        Interpolator(tmp_path / "interpolator.onnx")


def test_a_tiny_picture_depends_on_nothing_that_was_in_memory_before() -> None:
    found = set()
    for _ in range(8):
        rubbish = [np.full(size, np.nan, np.float32) for size in range(16, 40_000, 300)]
        del rubbish[::2]
        del rubbish
        found.add(Interpolator().correct(*_tiny()[:2], **_tiny()[2]).colour.tobytes())
    assert len(found) == 1


def _tiny() -> tuple[UInt8, UInt8, dict[str, np.ndarray | float]]:
    half = np.full((16, 16), 0.5, np.float32)
    frame = picture(16, 16)
    return frame, frame, {"motion": np.zeros((16, 16, 2), np.float32), "share": half, "known": half + 0.5, "t": 0.5}
