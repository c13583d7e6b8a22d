"""The path and the crop: every corner inside the frame, no more than the room, and no drift in long pans."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.stages.finishing.course import START, Course, Placement, Pose
from stillmotion.types import Float64

SIZE = (640, 360)


def hand(count: int, *, shake: float = 5.0, pan: complex = 0j, turn: float = 0.006, seed: int = 0) -> list[Pose]:
    """Where a trembling camera looks, frame by frame."""
    random = np.random.default_rng(seed)
    poses = []
    for number in range(count):
        angle, zoom = random.normal(0, turn), random.normal(0, turn / 2)
        shift = complex(*random.normal(0, shake, 2)) - pan * number
        poses.append(Pose(turn=np.exp(zoom + 1j * angle), shift=shift, bend=np.eye(3)))
    return poses


def placed(
    poses: list[Pose], *, room: float = 0.1, stand: bool = False, crop: bool = True, ahead: int = 30
) -> list[Placement]:
    course, found = Course(*SIZE, room=room, stand=stand, crop=crop), []
    for pose in poses:
        course.add(pose)
        if len(course) > ahead:
            found.append(course.settle())
    while len(course):
        found.append(course.settle())
    return found


def corners_in_the_frame(placement: Placement) -> Float64:
    """How far beyond the frame's rim the worst corner of the picture looks, px."""
    half = (np.array(SIZE) - 1) / 2
    corners = np.array([[x, y, 1] for x in (-1, 1) for y in (-1, 1)]) * [*half, 1]
    seen = corners @ np.linalg.inv(placement.matrix).T
    return np.asarray((np.abs(seen[:, :2] / seen[:, 2:]) - half).max())


@pytest.mark.parametrize("shake", [0.5, 6.0, 40.0])
@pytest.mark.parametrize("stand", [False, True])
def test_every_corner_of_every_picture_is_inside_its_frame(shake: float, stand: bool) -> None:
    found = placed(hand(70, shake=shake), stand=stand)
    assert len(found) == 70
    assert max(corners_in_the_frame(placement) for placement in found) < 0.01


@pytest.mark.parametrize("room", [0.02, 0.1, 0.3])
def test_no_more_is_cropped_than_the_room_allows(room: float) -> None:
    found = placed(hand(60, shake=60), room=room)
    assert max(placement.zoom for placement in found) <= 1 / (1 - 2 * room) + 1e-6


def test_a_small_shake_is_cropped_little_and_evenly() -> None:
    zooms = [placement.zoom for placement in placed(hand(70, shake=1.0, turn=0.001))]
    assert max(zooms) < 1.05
    assert np.ptp(zooms) < 0.005


def test_a_long_pan_does_not_drift_and_is_not_fought() -> None:
    poses = hand(200, shake=3, pan=12 + 2j)
    found = placed(poses)
    views = [placement.matrix @ pose.matrix() for placement, pose in zip(found, poses, strict=True)]
    looks = np.array([-view[:2, 2] / view[0, 0] for view in views])
    speed = np.diff(looks, axis=0)
    assert np.abs(speed.mean(axis=0) - (12, 2)).max() < 0.3
    assert np.abs(np.diff(speed, axis=0)).max() < 0.6


def test_a_camera_that_rolls_over_is_followed() -> None:
    poses = [Pose(turn=np.exp(0.03j * number), shift=0j, bend=np.eye(3)) for number in range(100)]
    found = placed(poses)
    assert max(corners_in_the_frame(placement) for placement in found) < 0.01
    assert max(placement.zoom for placement in found) < 1.2


def test_what_should_stand_stands() -> None:
    poses = [START, *hand(50, shake=4, turn=0.002)]
    found = placed(poses, stand=True)
    views = [placement.matrix @ pose.matrix() / placement.zoom for placement, pose in zip(found, poses, strict=True)]
    assert max(np.abs(view[:2, 2]).max() for view in views) < 0.05


def test_filling_does_not_zoom() -> None:
    assert {placement.zoom for placement in placed(hand(40), crop=False)} == {1.0}


def test_the_bend_of_a_homography_is_kept_inside_the_room_too() -> None:
    poses = hand(40, shake=8)
    bend = np.array([[1, 0.004, 1], [0, 1.004, -1], [1e-5, -1e-5, 1]])
    found = placed([Pose(turn=pose.turn, shift=pose.shift, bend=bend) for pose in poses], stand=True)
    assert max(corners_in_the_frame(placement) for placement in found) < 0.01
