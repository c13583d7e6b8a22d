"""Holding on to a reference: errors do not add up, people do not matter, a turning camera's perspective is found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.stages.finishing.course import START, Pose
from stillmotion.stages.finishing.lock import Lock
from stillmotion.stages.finishing.shake import Small
from stillmotion.types import Float64, UInt8

SIZE = (480, 270)


@pytest.fixture(scope="module")
def scene() -> UInt8:
    noise = np.random.default_rng(0).normal(0, 1, (500, 800)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return np.asarray(np.clip(128 + 50 * soft / soft.std(), 0, 255), np.uint8)


def seen(scene: UInt8, matrix: Float64) -> UInt8:
    """The scene through a map (3, 3) about the middles."""
    middle = np.array([[1, 0, -(scene.shape[1] - 1) / 2], [0, 1, -(scene.shape[0] - 1) / 2], [0, 0, 1]])
    back = np.array([[1, 0, (SIZE[0] - 1) / 2], [0, 1, (SIZE[1] - 1) / 2], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(scene, back @ matrix @ middle, SIZE, flags=cv2.INTER_CUBIC))


def pose(x: float, y: float, turn: float = 0.0) -> Pose:
    return Pose(turn=complex(np.exp(1j * turn)), shift=complex(x, y), bend=np.eye(3))


def test_a_wrong_guess_is_put_right(scene: UInt8) -> None:
    lock = Lock(Small(*SIZE), seen(scene, START.matrix()), START)
    true, guess = pose(9, -5, 0.01), pose(11, -6.5, 0.014)
    found = lock(seen(scene, true.matrix()), guess)
    assert found is not None
    assert abs(found.shift - true.shift) < 0.1
    assert abs(found.turn - true.turn) < 5e-4


def test_a_person_in_front_does_not_move_the_camera(scene: UInt8) -> None:
    frame = seen(scene, START.matrix()).copy()
    person = np.random.default_rng(1).integers(0, 255, (200, 100), np.uint8)
    frame[60:260, 100:200] = person
    lock = Lock(Small(*SIZE), frame, START)
    for number in range(8):
        now = seen(scene, pose(2, 1).matrix()).copy()
        now[60:260, 105 + 4 * number : 205 + 4 * number] = person
        found = lock(now, pose(2.4, 1))
        assert found is not None
        assert abs(found.shift - (2 + 1j)) < 0.1


def test_the_perspective_of_a_camera_that_turns_on_its_stand_comes_in_by_and_by(scene: UInt8) -> None:
    lock = Lock(Small(*SIZE), seen(scene, START.matrix()), START)
    tilted = np.array([[1, 0, 2], [0, 1, -1], [6e-5, -4e-5, 1]])
    frame, rim = seen(scene, tilted), np.array([200.0, 100, 1])
    off = []
    for _ in range(14):
        found = lock(frame, pose(2, -1))
        assert found is not None
        there, true = found.matrix() @ rim, tilted @ rim
        off.append(float(np.abs(there[:2] / there[2] - true[:2] / true[2]).max()))
    assert off[-1] < 0.25
    assert off[-1] < 0.3 * off[0]
    assert np.abs(np.diff(off)).max() < 0.25 * off[0]


def test_what_shows_too_little_of_the_reference_is_gone(scene: UInt8) -> None:
    lock = Lock(Small(*SIZE), seen(scene, START.matrix()), START)
    away = pose(280, 0)
    assert lock(seen(scene, away.matrix()), away) is None
    assert lock.gone


def test_another_place_is_not_taken_for_the_reference(scene: UInt8) -> None:
    lock = Lock(Small(*SIZE), seen(scene, START.matrix()), START)
    assert lock(seen(scene[::-1, ::-1].copy(), START.matrix()), START) is None
    assert not lock.gone
