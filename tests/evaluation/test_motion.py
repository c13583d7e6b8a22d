"""Regions, tracks, shape, smoothness and stabilisation against closed forms."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.evaluation.regions import (
    direction_error_deg,
    is_plain,
    own_motion,
    plan_vector,
    principal_axis,
    speed_ratio,
)
from stillmotion.evaluation.shape import (
    estimated_hole_share,
    estimated_stretch_share,
    painted_share,
    stretch_of,
    stretch_share,
)
from stillmotion.evaluation.smoothness import centre_shift, jerk, jitter, roughness, similarity
from stillmotion.evaluation.stabilisation import cropping, distortion, stabilisation, stability
from stillmotion.evaluation.tracking import obj_mc
from stillmotion.evaluation.tracks import Step
from stillmotion.types import Drawn, UInt8


def test_the_track_error_is_the_mean_distance_of_what_was_seen() -> None:
    commanded = np.zeros((3, 2, 2))
    tracked = commanded + np.array([3, 4])
    assert obj_mc(commanded, tracked) == pytest.approx(5)
    tracked[0, 0] = np.nan
    assert obj_mc(commanded, tracked) == pytest.approx(5)
    with pytest.raises(InputError, match="No commanded point"):
        obj_mc(commanded, np.full_like(tracked, np.nan))
    with pytest.raises(InputError, match="pair up"):
        obj_mc(commanded, tracked[:1])


def test_directions_of_the_plan_are_those_of_the_picture() -> None:
    assert plan_vector(90, 2) == pytest.approx([0, -2])
    assert plan_vector(180, 1) == pytest.approx([-1, 0])


def test_direction_errors_are_angles() -> None:
    right = np.array([1.0, 0])
    assert direction_error_deg(right, np.array([0, 2.0])) == pytest.approx(90)
    assert direction_error_deg(right, np.array([-1, 0.0])) == pytest.approx(180)
    assert direction_error_deg(right, np.array([-1, 0.0]), axis_only=True) == pytest.approx(0)
    assert direction_error_deg(right, np.zeros(2)) == 180
    assert speed_ratio(right, np.array([0, 0.5])) == 0.5
    assert speed_ratio(np.zeros(2), np.array([0, 0.5])) == math.inf


def test_a_region_is_freed_from_the_motion_of_the_camera() -> None:
    carried = np.random.default_rng(0).normal(0, 3, (50, 2))
    moved = carried + np.array([2, -1])
    moved[:10] += 40
    assert own_motion(moved, carried) == pytest.approx([2, -1])


def test_the_axis_of_a_swing_is_found_with_its_speed() -> None:
    t = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    swing = np.outer(np.cos(t), [3, 4])
    axis = principal_axis(swing)
    assert np.linalg.norm(axis) == pytest.approx(5 / math.sqrt(2))
    assert direction_error_deg(np.array([3.0, 4.0]), axis, axis_only=True) == pytest.approx(0, abs=1e-6)


def _drawn(stretch: np.ndarray, painted: float = 0.0) -> Drawn:
    shape = stretch.shape
    return Drawn(
        frame=np.zeros((*shape, 3), np.uint8),
        flow=np.zeros((*shape, 2), np.float32),
        visible=np.ones(shape, np.float32),
        depth=np.ones(shape, np.float32),
        painted=np.full(shape, painted, np.float32),
        stretch=stretch,
    )


def test_exact_buffers_give_their_shares() -> None:
    stretch = np.ones((10, 10), np.float32)
    stretch[0] = 1.8
    assert stretch_share(_drawn(stretch)) == pytest.approx(0.1)
    assert stretch_share(_drawn(stretch), zoom=1.5) == 0
    assert painted_share(_drawn(stretch, 0.25)) == pytest.approx(0.25)


def test_stretch_of_a_linear_flow_is_its_singular_value() -> None:
    y, x = np.mgrid[0:60, 0:80].astype(np.float32)
    back = np.stack([x * (1 / 1.6 - 1), y * (1 / 1.2 - 1)], axis=-1)  # the frame is the photo stretched 1.6 by 1.2
    stretch, zoom = stretch_of(back)
    assert stretch[30, 40] == pytest.approx(1.6, abs=0.01)
    assert zoom == pytest.approx(1.6, abs=0.01)
    turned = np.stack([-y * 0.5 - 0.0 * x, x * 0.5], axis=-1)
    assert stretch_of(turned)[0][30, 40] == pytest.approx(1 / math.hypot(1, 0.5), abs=0.01)


def test_a_rubber_band_is_found_beside_a_plain_zoom() -> None:
    columns = np.concatenate([np.linspace(0, 30, 40), np.linspace(30, 34, 40), np.linspace(34, 64, 40)])
    back = np.zeros((50, 120, 2), np.float32)
    back[..., 0] = columns - np.arange(120)
    assert estimated_stretch_share(back) == pytest.approx(1 / 3, abs=0.08)
    y, x = np.mgrid[0:50, 0:120].astype(np.float32)
    zoom = np.stack([-0.4 * x, -0.4 * y], axis=-1)
    assert estimated_stretch_share(zoom) < 0.01


def test_a_clear_sky_is_too_plain_to_be_seen_moving_and_a_street_is_not(photo: UInt8) -> None:
    picture = photo[..., 1].copy()
    picture[:60] = np.linspace(120, 140, 60)[:, None]
    mask = np.zeros_like(picture)
    mask[:50] = 255
    assert is_plain(picture, mask)
    assert is_plain(picture, np.zeros_like(mask))
    assert not is_plain(picture, 255 - mask)


def test_a_grey_hole_is_found_where_the_photo_has_texture(photo: UInt8) -> None:
    frame = photo.copy()
    frame[40:100, 100:200] = 128
    still = np.zeros((*photo.shape[:2], 2), np.float32)
    assert estimated_hole_share(photo, photo, still) == 0
    assert estimated_hole_share(photo, frame, still) == pytest.approx(60 * 100 / photo[..., 0].size, rel=0.3)


def test_jitter_of_an_alternating_shift_is_its_change() -> None:
    shifts = [np.array([0.1 * (-1) ** i, 0]) for i in range(20)]
    assert jitter(shifts) == pytest.approx(0.2)
    assert roughness(shifts) > 0.04
    assert jitter([np.array([0.3, 0.1])] * 5) == pytest.approx(0)


def test_an_eased_move_is_not_rough() -> None:
    shifts = [np.array([np.sin(np.pi * i / 60), 0]) for i in range(60)]
    assert roughness(shifts) < 1e-3


def test_jerk_of_a_cubic_path_is_its_third_derivative() -> None:
    fps, width = 24.0, 640
    path = np.array([[(i / fps) ** 3 * width, 0] for i in range(30)])
    assert jerk(list(np.diff(path, axis=0)), fps=fps, width=width) == pytest.approx(6, rel=1e-6)


def test_a_similarity_is_found_and_its_centre_shift_told() -> None:
    before = np.random.default_rng(4).uniform(0, 300, (60, 2)).astype(np.float32)
    matrix = np.array([[1.02, -0.01, 3], [0.01, 1.02, -2]])
    after = (before @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    after[:10] += 30
    found = similarity(Step(ids=np.arange(60), before=before, after=after))
    assert found == pytest.approx(matrix, abs=1e-3)
    centre = np.array([159.5, 89.5])
    assert centre_shift(matrix, width=320, height=180) == pytest.approx(matrix[:, :2] @ centre + matrix[:, 2] - centre)


def test_stabilisation_scores_are_those_of_the_formulas() -> None:
    zoomed = np.diag([1.25, 1.25, 1])
    squeezed = np.diag([1.0, 0.8, 1])
    assert cropping([zoomed, np.eye(3)]) == pytest.approx((0.8 + 1) / 2)
    assert distortion([zoomed, squeezed]) == pytest.approx(0.8)
    slow, fast = [], []
    for i in range(64):
        for steps, waves in ((slow, 1), (fast, 20)):
            step = np.eye(3)
            step[:2, 2] = np.sin(2 * np.pi * waves * i / 64), 0
            angle = 0.01 * np.sin(2 * np.pi * waves * i / 64)
            step[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            steps.append(step)
    assert stability(slow) > 0.95
    assert stability(fast) < 0.4


def test_a_cropped_twin_is_scored_from_its_frames(photo: UInt8) -> None:
    big = cv2.resize(photo, (640, 360), interpolation=cv2.INTER_CUBIC)
    shaky = [np.roll(big, s, axis=1) for s in (0, 3, -2, 4, 0, -3, 2, 1, 0, -1, 2, 0)]
    zoom = np.array([[1.2, 0, -64], [0, 1.2, -36]], dtype=np.float64)
    stable = [cv2.warpAffine(big, zoom, (640, 360)) for _ in shaky]
    score = stabilisation(iter(shaky), iter(stable))
    assert score.cropping == pytest.approx(1 / 1.2, abs=0.01)
    assert score.distortion > 0.98
    assert score.stability == pytest.approx(1, abs=0.05)
    with pytest.raises(InputError, match="length"):
        stabilisation(iter(shaky), iter(stable[:3]))
