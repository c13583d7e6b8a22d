"""The rim: what neighbours saw is put where it belongs, toned to fit, and the rest is continued without black."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.stages.finishing.rim import Rim
from stillmotion.types import Float64, UInt8

SIZE = (320, 180)


def moved(x: float, y: float) -> Float64:
    return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])


@pytest.fixture(scope="module")
def scene() -> UInt8:
    noise = np.random.default_rng(0).normal(0, 1, (300, 480, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.asarray(np.clip(128 + 40 * soft / soft.std(), 30, 225), np.uint8)


def window(scene: UInt8, x: int, y: int) -> UInt8:
    """What a frame shows whose middle is there."""
    top, left = (300 - 180) // 2 + y, (480 - 320) // 2 + x
    return np.ascontiguousarray(scene[top : top + 180, left : left + 320])


def test_a_frame_that_was_not_moved_is_as_it_was(scene: UInt8) -> None:
    frame = window(scene, 0, 0)
    filled = Rim(*SIZE)(frame, moved(0, 0), moved(0, 0), [])
    assert np.array_equal(filled.picture, frame)
    assert filled.from_frames == filled.continued == 0


def test_what_neighbours_saw_is_shown_where_it_belongs(scene: UInt8) -> None:
    frame, other, truth = window(scene, 12, -6), window(scene, -14, 8), window(scene, 0, 0)
    filled = Rim(*SIZE)(frame, moved(12, -6), moved(0, 0), [(other, moved(-14, 8))])
    assert np.abs(filled.picture[8:-8, 8:-8].astype(int) - truth[8:-8, 8:-8]).mean() < 2
    strip = np.s_[20:-20, :10]
    assert np.abs(filled.picture[strip].astype(int) - truth[strip]).mean() < 4
    assert filled.from_frames > 0.05
    assert filled.continued < 0.01


def test_a_neighbour_of_other_brightness_and_a_little_off_joins_without_a_seam(scene: UInt8) -> None:
    frame, truth = window(scene, 12, 0), window(scene, 0, 0)
    other = np.clip(window(scene, -12, 0).astype(int) + 18, 0, 255).astype(np.uint8)
    filled = Rim(*SIZE)(frame, moved(12, 0), moved(0, 0), [(other, moved(-9.5, 1.5))])
    strip = np.s_[20:-20, :10]
    assert np.abs(filled.picture[strip].astype(int) - truth[strip]).mean() < 8


def test_where_nobody_looked_the_picture_goes_on(scene: UInt8) -> None:
    frame = window(scene, 14, 0)
    filled = Rim(*SIZE)(frame, moved(14, 0), moved(0, 0), [])
    assert filled.from_frames == 0
    assert 0.03 < filled.continued < 0.06
    assert int(filled.picture.min()) >= 20
    seam = np.abs(filled.picture[:, 13].astype(int) - filled.picture[:, 14]).mean()
    assert seam < 12


def test_what_was_continued_stays_where_it_was(scene: UInt8) -> None:
    rim = Rim(*SIZE)
    first = rim(window(scene, 14, 0), moved(14, 0), moved(0, 0), []).picture
    second = rim(window(scene, 18, 0), moved(18, 0), moved(0, 0), []).picture
    assert np.abs(first[:, :8].astype(int) - second[:, :8]).mean() < 1


def test_no_frame_is_written_into(scene: UInt8) -> None:
    frame, other = window(scene, 10, 4), window(scene, -10, 0)
    before = frame.copy(), other.copy()
    Rim(*SIZE)(frame, moved(10, 4), moved(0, 0), [(other, moved(-10, 0))])
    assert np.array_equal(frame, before[0])
    assert np.array_equal(other, before[1])
