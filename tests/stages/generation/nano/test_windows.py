"""Windows of a long clip: every frame drawn once, in order, anchored to the first and to the one before."""

from __future__ import annotations

import pytest

from stillmotion.stages.generation.nano.guide import small_size
from stillmotion.stages.generation.nano.windows import LONGEST, windows


@pytest.mark.parametrize("count", [1, 2, 5, 6, 8, 9, 31])
def test_every_latent_frame_but_the_photo_is_drawn_once_and_in_order(count: int) -> None:
    found = windows(count)
    assert [k for window in found for k in window.new] == list(range(1, count))
    assert all(len(window.frames) <= LONGEST for window in found)


def test_every_window_sees_the_photo_and_the_end_of_the_one_before() -> None:
    first, *others = windows(12)
    assert first.frames == (0, 1, 2, 3, 4)
    assert first.known == 1
    for window in others:
        assert window.known == 2
        assert window.frames[:2] == (0, window.new[0] - 1)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (64, 64), (4096, 1024), (640, 480)])
def test_the_networks_size_has_the_shape_of_the_canvas_and_whole_tokens(width: int, height: int) -> None:
    w, h = small_size(width, height)
    assert w % 16 == h % 16 == 0
    assert max(w, h) <= 384
    assert w / h == pytest.approx(width / height, rel=0.15)
