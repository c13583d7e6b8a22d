"""Masks and depth steps lie on the photo's own edges, and always in the same places."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.stages.analysis.joint import Guide
from stillmotion.stages.analysis.refine import _REACH, _medians
from stillmotion.stages.analysis.scene import analyze
from stillmotion.types import Float32, Photo, UInt8

EDGE = 0.53  # of the width


def two_halves(width: int, height: int) -> UInt8:
    """Dark left of the edge, light right of it."""
    picture: UInt8 = np.full((height, width, 3), (40, 50, 60), np.uint8)
    picture[:, round(EDGE * width) :] = (200, 190, 170)
    return picture


def test_a_blurred_mask_is_drawn_with_its_rim_on_the_edge_of_the_photo() -> None:
    ramp = np.clip((np.arange(100) - 50) / 6 + 0.5, 0, 1).astype(np.float32)  # 3 % off the edge, 6 % soft
    mask: Float32 = np.repeat(ramp[None], 60, axis=0)
    drawn = Guide(two_halves(800, 480), two_halves(100, 60)).mask(mask)
    assert drawn.shape == (480, 800)
    edge = round(EDGE * 800)
    rise = np.diff(drawn, axis=1)
    assert (rise.argmax(axis=1) == edge - 1).all()
    assert float(rise[:, edge - 1].min()) > 0.3


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_mask_of_nothing_or_all_stays_one(level: float) -> None:
    mask: Float32 = np.full((30, 50), level, np.float32)
    assert (Guide(two_halves(333, 217), two_halves(50, 30)).mask(mask) == level).all()


def test_the_median_weighs_neighbours_by_how_alike_they_are() -> None:
    rng = np.random.default_rng(4)
    levels = rng.integers(0, 256, (23, 31), np.uint8)
    rgb = rng.integers(0, 256, (23, 31, 3), np.uint8)
    found = _medians(levels, rgb, np.ones(levels.shape, np.bool_))
    for y, x in ((0, 0), (11, 15), (22, 30), (5, 29)):
        part = np.s_[max(0, y - _REACH) : y + _REACH + 1, max(0, x - _REACH) : x + _REACH + 1]
        apart = rgb[part].astype(float).reshape(-1, 3) - rgb[y, x]
        weight = np.exp(-(apart**2).sum(axis=1) / (2 * 20.0**2))
        values = levels[part].ravel()
        order = np.argsort(values, kind="stable")
        held = np.cumsum(weight[order])
        assert found[y, x] == values[order][np.searchsorted(held, held[-1] / 2)]


def test_the_same_photo_has_the_same_depth_every_time() -> None:
    rng = np.random.default_rng(0)
    pixels = two_halves(400, 300)
    pixels[100:200, 80:180] = rng.integers(0, 256, (100, 100, 3), np.uint8)
    photo = Photo(pixels=pixels, fov_deg=None, name="halves", sha256="", notes=())
    first, second = (analyze(photo, width=320, height=240) for _ in range(2))
    np.testing.assert_array_equal(first.depth, second.depth)
    np.testing.assert_array_equal(first.subject, second.subject)
