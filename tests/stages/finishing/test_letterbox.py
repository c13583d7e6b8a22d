"""Bars leave a picture of the wanted shape, and say which it became."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.stages.finishing.letterbox import Letterbox, bars
from stillmotion.types import FrameStream


def _white(width: int, height: int) -> FrameStream:
    frame = np.full((height, width, 3), 255, np.uint8)
    frame.flags.writeable = False
    return FrameStream(frames=iter([frame, frame]), width=width, height=height, fps=12, count=2)


@pytest.mark.parametrize(
    ("size", "aspect", "picture"),
    [
        ((1280, 720), 2.39, (1280, 536)),
        ((1280, 720), 4 / 3, (960, 720)),
        ((1920, 1080), 1.85, (1920, 1036)),
        ((720, 1280), 1.0, (720, 720)),
        ((720, 1280), 0.5, (640, 1280)),
        ((64, 64), 5, (64, 12)),
    ],
)
def test_the_picture_that_is_left_has_the_shape(size: tuple[int, int], aspect: float, picture: tuple[int, int]) -> None:
    step = Letterbox(aspect=aspect)
    stream = step(_white(*size))
    frame = next(iter(stream))
    assert (stream.width, stream.height) == size
    lit = frame[..., 0] == 255
    assert (int(lit.any(axis=0).sum()), int(lit.any(axis=1).sum())) == picture
    assert np.array_equal(frame, frame[::-1, ::-1])
    told = step.told()
    assert told["picture"] == list(picture)
    assert told["aspect"] == pytest.approx(picture[0] / picture[1], abs=1e-4)


def test_a_frame_that_has_the_shape_already_is_passed_on() -> None:
    stream = _white(1280, 720)
    assert Letterbox(aspect=16 / 9)(stream) is stream


def test_bars_are_even_and_never_the_whole_picture() -> None:
    for width, height, aspect in ((853, 479, 2.0), (64, 64, 0.21), (6, 6, 5.0), (1, 1, 3.0)):
        across, down = bars(width, height, aspect)
        assert across % 2 == down % 2 == 0
        assert 2 * across < width
        assert 2 * down < height
