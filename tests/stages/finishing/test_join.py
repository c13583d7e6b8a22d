"""Joined clips keep their order, length and shape, and melt without holding anything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.stages.finishing.join import joined
from stillmotion.types import FrameStream, UInt8

FPS = 10.0


def _clip(count: int, level: int, *, size: tuple[int, int] = (16, 8), fps: float = FPS) -> FrameStream:
    """Frames whose green is the level and whose blue is their number."""

    def each() -> Iterator[UInt8]:
        for number in range(count):
            frame = np.full((size[1], size[0], 3), level, np.uint8)
            frame[..., 2] = number % 256
            yield frame

    return FrameStream(frames=each(), width=size[0], height=size[1], fps=fps, count=count)


def _greens(frames: FrameStream) -> list[int]:
    return [int(frame[4, 8, 1]) for frame in frames]


def test_without_an_overlap_clips_follow_one_another() -> None:
    whole = joined([_clip(3, 10), _clip(2, 200), _clip(4, 90)], overlap=0)
    assert whole.frames.count == 9
    assert [(part.begin, part.count) for part in whole.parts] == [(0, 3), (3, 2), (5, 4)]
    assert whole.notes == ()
    assert _greens(whole.frames) == [10] * 3 + [200] * 2 + [90] * 4


def test_clips_melt_evenly_over_the_overlap() -> None:
    whole = joined([_clip(6, 0), _clip(7, 200), _clip(5, 100)], overlap=0.3)
    assert whole.frames.count == 12
    assert [(part.begin_s, part.seconds) for part in whole.parts] == [(0.0, 0.6), (0.3, 0.7), (0.7, 0.5)]
    assert _greens(whole.frames) == [0, 0, 0, 50, 100, 150, 200, 175, 150, 125, 100, 100]


def test_one_clip_is_itself() -> None:
    whole = joined([_clip(3, 10)], overlap=0.2)
    assert _greens(whole.frames) == [10] * 3


def test_an_overlap_needs_longer_clips() -> None:
    with pytest.raises(InputError, match=r"Clip 1 lasts 0\.30 s, and 1 cross-fade of 0\.30 s needs more"):
        joined([_clip(3, 0), _clip(9, 0)], overlap=0.3)
    with pytest.raises(InputError, match=r"(?s)Clip 2 lasts 0\.60 s, and 2 cross-fades of 0\.30 s need.*than 0\.30 s"):
        joined([_clip(9, 0), _clip(6, 0), _clip(9, 0)], overlap=0.3)
    with pytest.raises(InputError, match="no clip"):
        joined([], overlap=0)


def test_nothing_is_read_before_it_is_needed_and_nothing_is_held() -> None:
    given = [0, 0]

    def counted(clip: FrameStream, which: int) -> FrameStream:
        def each() -> Iterator[UInt8]:
            for frame in clip:
                given[which] += 1
                yield frame

        return FrameStream(frames=each(), width=clip.width, height=clip.height, fps=clip.fps, count=clip.count)

    whole = joined([counted(_clip(10, 0), 0), counted(_clip(10, 200), 1)], overlap=0.4)
    assert given == [0, 0]
    source = iter(whole.frames)
    seen = []
    for _ in range(whole.frames.count):
        next(source)
        seen.append(tuple(given))
    assert seen[0] == (1, 0)
    assert seen[5] == (6, 0)
    assert seen[6] == (7, 1)
    assert seen[9] == (10, 4)
    assert seen[-1] == (10, 10)


def test_a_clip_of_another_rate_keeps_its_length() -> None:
    whole = joined([_clip(5, 0), _clip(40, 100, fps=20.0), _clip(6, 50, fps=5.0)], overlap=0)
    assert [part.seconds for part in whole.parts] == [0.5, 2.0, 1.2]
    numbers = [int(frame[0, 0, 2]) for frame in whole.frames]
    assert numbers[5:25] == list(range(1, 40, 2))
    assert numbers[25:] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert "Clip 2 has 20 frames per second; frames were left out" in whole.notes[0]
    assert "Clip 3 has 5 frames per second; frames were held" in whole.notes[1]


@pytest.mark.parametrize(("fps", "count"), [(23.976, 48), (29.97, 61), (7.0, 3), (120.0, 999)])
def test_the_count_that_is_said_is_the_count_that_comes(fps: float, count: int) -> None:
    whole = joined([_clip(5, 0), _clip(count, 100, fps=fps)], overlap=0.1)
    assert len(list(whole.frames)) == whole.frames.count
    assert whole.parts[1].seconds == pytest.approx(count / fps, abs=0.5 / FPS + 1e-9)


def test_a_clip_of_another_shape_is_fitted_with_bars() -> None:
    whole = joined([_clip(2, 10), _clip(2, 200, size=(8, 8)), _clip(2, 90, size=(32, 16))], overlap=0)
    frames = list(whole.frames)
    assert {frame.shape for frame in frames} == {(8, 16, 3)}
    assert frames[2][4, :, 1].tolist() == [0] * 4 + [200] * 8 + [0] * 4
    assert (frames[4][..., 1] == 90).all()
    assert whole.notes == (
        "Clip 2 has 8x8 pixels and was put into the first one's frame, with bars beside it.",
        "Clip 3 has 32x16 pixels and was put into the first one's frame, scaled to 16x8.",
    )
