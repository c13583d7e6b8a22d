"""Upscaling as a step: sizes, no seams, still parts that stay still, nothing across time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.models.upscaler import REACH, upscaler
from stillmotion.stages.finishing.upscale import Tiles, Upscale
from stillmotion.types import FrameStream, UInt8


def _frame(height: int, width: int, seed: int = 0) -> UInt8:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5))


def _stream(frames: list[UInt8]) -> FrameStream:
    height, width = frames[0].shape[:2]
    return FrameStream(frames=iter(frames), width=width, height=height, fps=25.0, count=len(frames))


@pytest.mark.parametrize("factor", [2, 4])
def test_the_size_is_known_before_a_frame_is_drawn_and_kept(factor: int) -> None:
    found = Upscale(factor=factor)(_stream([_frame(31, 45)]))  # type: ignore[arg-type]
    assert (found.width, found.height, found.count) == (45 * factor, 31 * factor, 1)
    (frame,) = found
    assert frame.shape == (31 * factor, 45 * factor, 3)
    assert frame.dtype == np.uint8


def test_tiles_meet_without_a_seam() -> None:
    frame = _frame(150, 262)
    tiles = Tiles(262, 150, 2, upscaler())
    assert tiles.count == 4
    around = cv2.copyMakeBorder(frame, REACH, REACH, REACH, REACH, cv2.BORDER_REFLECT_101)
    found, _ = tiles(frame)
    whole = upscaler().enlarge(np.asarray(around), 2)
    assert np.abs(found.astype(int) - whole).max() <= 1  # a rounding, where sums are taken in another order
    assert (found != whole).mean() < 1e-3


def test_what_does_not_change_is_not_drawn_again_and_is_the_same_to_the_bit() -> None:
    first = _frame(160, 280)
    second = first.copy()
    second[10:20, 10:20] = 255
    step = Upscale(factor=2)
    one, other, last = list(step(_stream([first, second, second])))
    told = step.told()
    assert (told["tiles_drawn"], told["tiles_unchanged"]) == (4 + 1, 3 + 4)
    assert (one[200:, 300:] == other[200:, 300:]).all()
    assert (other == last).all()
    alone = next(iter(Upscale(factor=2)(_stream([second]))))
    assert (other == alone).all()


def test_frames_are_told_by_themselves_alone_and_are_not_written_into() -> None:
    frames = [_frame(40, 60, seed) for seed in range(3)]
    kept = [frame.copy() for frame in frames]
    given_out = list(Upscale(factor=2)(_stream(frames)))
    copies = [frame.copy() for frame in given_out]
    alone = [next(iter(Upscale(factor=2)(_stream([frame])))) for frame in frames]
    for a, b in ((given_out, alone), (frames, kept), (given_out, copies)):
        assert all((x == y).all() for x, y in zip(a, b, strict=True))


def test_a_result_that_is_too_large_is_refused_at_once_with_a_way_out() -> None:
    frames = FrameStream(frames=iter(()), width=4098, height=100, fps=25.0, count=1)
    with pytest.raises(InputError, match=r"8196x200.*8192") as found:
        Upscale(factor=2)(frames)
    assert "smaller" in str(found.value)


def test_the_number_of_threads_changes_nothing() -> None:
    frame = _frame(64, 96)
    before = cv2.getNumThreads()
    try:
        found = []
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            found.append(next(iter(Upscale(factor=2)(_stream([frame])))))
    finally:
        cv2.setNumThreads(before)
    assert (found[0] == found[1]).all()
