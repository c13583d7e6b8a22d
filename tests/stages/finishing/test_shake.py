"""How the camera moved: known motions are found, and things that move in the picture are not taken for the camera."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.stages.finishing.shake import ShakeMeter
from stillmotion.types import UInt8

SIZE = (320, 180)


def texture(seed: int, width: int = 480, height: int = 300, *, contrast: float = 60.0) -> UInt8:
    """A picture full of corners."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.asarray(np.clip(128 + contrast * soft / soft.std(), 0, 255), np.uint8)


def seen(scene: UInt8, x: float, y: float, turn: float = 0.0, zoom: float = 1.0) -> UInt8:
    """The scene from a camera moved by that; things move the other way."""
    a = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    at = (np.array(scene.shape[1::-1]) - 1) / 2 + (x, y)
    matrix = np.hstack([a, ((np.array(SIZE) - 1) / 2 - a @ at)[:, None]])
    return np.asarray(cv2.warpAffine(scene, matrix, SIZE, flags=cv2.INTER_CUBIC))


@pytest.mark.parametrize(
    ("x", "y", "turn", "zoom"), [(3.5, -2.25, 0, 1), (0, 0, 0.03, 1), (1, 2, -0.02, 1.03), (25, 9, 0, 1)]
)
def test_a_known_motion_is_found(x: float, y: float, turn: float, zoom: float) -> None:
    scene, meter = texture(0), ShakeMeter(*SIZE)
    assert meter(seen(scene, 0, 0)) == (1, 0)
    found = meter(seen(scene, x, y, turn, zoom))
    assert found is not None
    assert np.angle(found[0]) == pytest.approx(turn, abs=5e-4)
    assert abs(found[0]) == pytest.approx(zoom, abs=1e-3)
    expected = -zoom * np.exp(1j * turn) * (x + 1j * y)
    assert abs(found[1] - expected) < 0.1


def test_frames_larger_than_the_copies_are_told_in_their_own_pixels() -> None:
    scene = texture(1)
    meter = ShakeMeter(1280, 720)
    meter(np.asarray(cv2.resize(seen(scene, 0, 0), (1280, 720), interpolation=cv2.INTER_CUBIC)))
    found = meter(np.asarray(cv2.resize(seen(scene, 2, 1), (1280, 720), interpolation=cv2.INTER_CUBIC)))
    assert found is not None
    assert abs(found[1] - (-8 - 4j)) < 0.4


def test_a_busy_thing_that_crosses_the_picture_is_not_the_camera() -> None:
    scene, thing, meter = texture(2), texture(3), ShakeMeter(*SIZE)
    path = []
    for number in range(12):
        frame = seen(scene, 0.5 * number, 0).copy()
        left = 10 + 12 * number
        frame[30:150, left : left + 110] = thing[:120, :110]
        found = meter(frame)
        path.append(found[1] if found else np.nan)
    assert np.abs(np.array(path[1:]) + 0.5).max() < 0.1


def test_a_car_on_a_plain_road_is_not_the_camera_even_while_the_light_changes() -> None:
    road, car, meter = texture(4, contrast=2.5), texture(5), ShakeMeter(*SIZE)
    for number in range(14):
        frame = seen(road, 0, 0).copy()
        top = 180 - 10 * number
        frame[max(top, 0) : top + 70, 120:190] = car[max(-top, 0) : 70, :70][: 180 - max(top, 0)]
        light = (frame.astype(np.float32) + 1.5 * number).clip(0, 255).astype(np.uint8)
        found = meter(light)
        assert found is None or abs(found[1]) < 0.3, number


def test_of_plain_frames_nothing_is_said() -> None:
    meter = ShakeMeter(*SIZE)
    plain = np.full((180, 320, 3), 90, np.uint8)
    meter(plain)
    assert meter(plain) is None


def test_a_flash_does_not_move_the_camera() -> None:
    scene, meter = texture(6), ShakeMeter(*SIZE)
    for brighter in (0, 40, 0):
        found = meter(np.clip(seen(scene, 0, 0).astype(int) + brighter, 0, 255).astype(np.uint8))
        assert found is None or abs(found[1]) < 0.1


def test_the_same_frames_give_the_same_motions() -> None:
    scene = texture(7)
    frames = [seen(scene, x, 2 * np.sin(x), 0.01 * np.sin(x)) for x in range(6)]
    one, other = ShakeMeter(*SIZE), ShakeMeter(*SIZE)
    assert [one(frame) for frame in frames] == [other(frame) for frame in frames]
