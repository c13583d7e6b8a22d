"""Grain is grey, even, of its seed, and strongest where film shows it."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.stages.finishing.grain import Grain
from stillmotion.types import FrameStream

WIDTH, HEIGHT = 160, 90


def _flat(level: int, count: int = 3) -> FrameStream:
    frames = (np.full((HEIGHT, WIDTH, 3), level, np.uint8) for _ in range(count))
    return FrameStream(frames=frames, width=WIDTH, height=HEIGHT, fps=12, count=count)


def test_no_grain_leaves_the_stream_as_it_is() -> None:
    stream = _flat(100)
    assert Grain(amount=0.0, seed=0)(stream) is stream


def test_grain_comes_from_the_seed_and_is_new_in_every_frame() -> None:
    first, again, other = (list(Grain(amount=0.5, seed=seed)(_flat(128))) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], other[0])


def test_grain_is_grey_even_and_strongest_in_the_mid_tones() -> None:
    found = {level: next(iter(Grain(amount=1.0, seed=0)(_flat(level)))).astype(int) for level in (20, 128, 235)}
    assert (found[128][..., 0] == found[128][..., 2]).all()
    assert abs(found[128].mean() - 128) < 0.5
    assert found[128].std() == pytest.approx(14, rel=0.15)
    assert found[20].std() < 0.6 * found[128].std()
    assert found[235].std() < 0.6 * found[128].std()


def test_a_frame_larger_than_the_tile_is_grainy_everywhere() -> None:
    wide = FrameStream(frames=iter([np.full((64, 1200, 3), 128, np.uint8)]), width=1200, height=64, fps=12, count=1)
    frame = next(iter(Grain(amount=1.0, seed=0)(wide))).astype(int)
    assert min(frame[:, left : left + 100].std() for left in range(0, 1200, 100)) > 11
