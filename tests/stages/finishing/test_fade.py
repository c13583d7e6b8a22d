"""Fades begin and end in black, are even to the eye, and fit into the clip."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.stages.finishing.fade import Fade, dimmed
from stillmotion.types import FrameStream

FPS = 10.0


def _clip(count: int, level: int = 255) -> FrameStream:
    frame = np.full((4, 6, 3), level, np.uint8)
    return FrameStream(frames=iter([frame] * count), width=6, height=4, fps=FPS, count=count)


def _levels(fade: Fade, count: int, level: int = 255) -> list[int]:
    return [int(frame[0, 0, 0]) for frame in fade(_clip(count, level))]


def test_it_comes_up_from_black_evenly_and_stays() -> None:
    assert _levels(Fade(fade_in=0.5, fade_out=None), 8) == [0, 51, 102, 153, 204, 255, 255, 255]


def test_it_goes_down_to_black_at_the_very_end() -> None:
    assert _levels(Fade(fade_in=None, fade_out=0.3), 6) == [255, 255, 255, 170, 85, 0]


def test_both_may_fill_the_clip_but_not_overlap() -> None:
    levels = _levels(Fade(fade_in=0.5, fade_out=0.5), 10)
    assert levels[0] == levels[-1] == 0
    assert levels == levels[::-1]
    with pytest.raises(InputError, match=r"1\.00 s, too little for fade-in 0\.6 s and fade-out 0\.5 s"):
        Fade(fade_in=0.6, fade_out=0.5)(_clip(10))
    with pytest.raises(InputError, match=r"too little for fade-out 2 s"):
        Fade(fade_in=None, fade_out=2.0)(_clip(10))


def test_light_is_dimmed_alike_everywhere_so_colours_stay() -> None:
    table = dimmed(0.5).astype(float)
    levels = np.array([90, 140, 200, 255])
    light = ((table[levels] / 255 + 0.055) / 1.055) ** 2.4 / ((levels / 255 + 0.055) / 1.055) ** 2.4
    assert np.ptp(light) / light.mean() < 0.05


def test_frames_that_are_not_dimmed_are_passed_on() -> None:
    stream = _clip(5)
    assert Fade(fade_in=None, fade_out=None)(stream) is stream
    source = [np.full((4, 6, 3), level, np.uint8) for level in range(5)]
    found = Fade(fade_in=0.1, fade_out=None)(FrameStream(frames=iter(source), width=6, height=4, fps=FPS, count=5))
    assert all(one is other for one, other in list(zip(found, source, strict=True))[1:])


def test_it_tells_how_many_frames() -> None:
    step = Fade(fade_in=0.3, fade_out=0.04)
    list(step(_clip(9)))
    assert step.told() == {"in_frames": 3, "out_frames": 1}
