"""Cuts: another scene is one; a pan, a flash and a thing that passes are none."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.stages.finishing.cuts import CutFinder
from stillmotion.types import UInt8

WIDTH, HEIGHT = 192, 128


def scene(seed: int, width: int = WIDTH) -> UInt8:
    """A picture with coarse and fine things."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((HEIGHT, width, 3), np.float32)
    for sigma, amount in ((20.0, 60.0), (5.0, 40.0), (1.5, 25.0)):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, width, 3)).astype(np.float32), (0, 0), sigma)
        picture += amount * noise / noise.std()
    return np.asarray(np.clip(picture + 128, 0, 255), dtype=np.uint8)


def cuts(frames: list[UInt8]) -> list[int]:
    find = CutFinder()
    return [number for number, frame in enumerate(frames) if find(frame)]


def test_another_scene_is_a_cut_and_only_its_first_frame() -> None:
    one, other = scene(0), scene(1)
    find = CutFinder()
    assert [find(frame) for frame in (one, one, other, other, one)] == [False, False, True, False, True]
    assert find.count == 2


def test_a_fast_pan_is_no_cut() -> None:
    wide = scene(2, 600)
    assert cuts([np.ascontiguousarray(wide[:, x : x + WIDTH]) for x in range(0, 400, 16)]) == []


def test_a_flash_and_a_fade_are_no_cuts() -> None:
    picture = scene(3)
    bright = np.clip(picture.astype(np.float32) * 1.3 + 50, 0, 255).astype(np.uint8)
    faded = [np.asarray(picture * share, dtype=np.uint8) for share in np.linspace(1, 0.2, 12)]
    assert cuts([picture, bright, picture, *faded]) == []


def test_a_thing_that_comes_in_is_no_cut() -> None:
    behind, front = scene(4), scene(5)
    frames = []
    for x in range(0, 90, 10):
        frame = behind.copy()
        frame[30:100, :x] = front[30:100, WIDTH - x :]
        frames.append(frame)
    assert cuts(frames) == []


def test_noise_is_no_cut() -> None:
    rng = np.random.default_rng(0)
    picture = scene(6).astype(np.float32)
    frames = [np.clip(picture + rng.normal(0, 12, picture.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    assert cuts(frames) == []


def test_from_black_to_a_picture_is_a_cut() -> None:
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert cuts([black, black, scene(7), scene(7)]) == [2]
