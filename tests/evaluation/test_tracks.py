"""Points are followed to where closed forms say they went."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.evaluation.picture import grey
from stillmotion.evaluation.tracks import Step, Tracker, corners, follow, local_affine
from stillmotion.types import UInt8


def _zoomed(picture: UInt8, zoom: float, shift: tuple[float, float] = (0, 0)) -> UInt8:
    height, width = picture.shape[:2]
    cx, cy = (width - 1) / 2, (height - 1) / 2
    matrix = np.array([[zoom, 0, cx - zoom * cx + shift[0]], [0, zoom, cy - zoom * cy + shift[1]]])
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def test_points_follow_a_shift_to_a_twentieth_of_a_pixel(photo: UInt8) -> None:
    before, after = grey(photo), grey(_zoomed(photo, 1, (3.4, -1.7)))
    points = corners(before, count=150)
    found, kept = follow(before, after, points)
    assert kept.mean() > 0.9
    assert np.abs(np.median(found[kept] - points[kept], axis=0) - [3.4, -1.7]).max() < 0.05


def test_points_that_leave_the_frame_are_given_up(photo: UInt8) -> None:
    before, after = grey(photo), grey(_zoomed(photo, 1, (-40, 0)))
    points = np.array([[20, 90], [10, 60]], dtype=np.float32)
    _, kept = follow(before, after, points)
    assert not kept.any()


def test_corners_are_spread_over_the_picture_and_stay_inside_the_mask(photo: UInt8) -> None:
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[:, 160:] = 255
    points = corners(grey(photo), count=100, mask=mask)
    assert len(points) > 50
    assert points[:, 0].min() > 155
    everywhere = corners(grey(photo), count=100)
    cells = {(int(x // 80), int(y // 60)) for x, y in everywhere}
    assert len(cells) >= 10


def test_a_blank_picture_has_no_points() -> None:
    blank = np.full((90, 160), 128, np.uint8)
    tracker = Tracker(count=50)
    for _ in range(3):
        step = tracker.step(blank)
    assert len(step.ids) == 0


def test_a_tracker_keeps_its_names_and_finds_new_points_when_they_run_out(photo: UInt8) -> None:
    tracker = Tracker(count=120, refill=0.7)
    tracker.step(grey(photo))
    first = set(tracker.ids.tolist())
    for i in range(1, 25):
        step = tracker.step(grey(_zoomed(photo, 1, (-8 * i, 0))))
    frames, places = tracker.births
    assert first.intersection(step.ids.tolist())
    assert frames.max() > 0
    assert len(places) == len(frames) > 120
    assert np.median(step.after - step.before, axis=0) == pytest.approx([-8, 0], abs=0.1)


def test_a_long_zoom_is_followed_without_wandering(photo: UInt8) -> None:
    tracker = Tracker(count=150)
    frames = 40
    for i in range(frames + 1):
        tracker.step(grey(_zoomed(photo, 1 + 0.25 * i / frames)))
        if i % 8 == 0:
            homography = tracker.settle()
    assert homography is not None
    assert homography[0, 0] == pytest.approx(1.25, abs=0.01)
    born, places = tracker.births
    old = born[tracker.ids] == 0
    centre = np.array([159.5, 89.5])
    wanted = centre + 1.25 * (places[tracker.ids[old]] - centre)
    assert old.sum() > 60
    assert np.median(np.linalg.norm(tracker.points[old] - wanted, axis=1)) < 0.05


def test_a_point_outside_is_carried_on_by_the_affine_motion_of_the_others() -> None:
    rng = np.random.default_rng(1)
    before = rng.uniform(0, 100, (40, 2)).astype(np.float32)
    after = (before * 1.1 + [2, -1]).astype(np.float32)
    step = Step(ids=np.arange(40), before=before, after=after)
    assert local_affine(step, np.array([150.0, -20.0]), reach_px=20) == pytest.approx([167, -23], abs=0.02)
