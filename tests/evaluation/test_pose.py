"""Poses and paths are found again from points whose place is known, and errors are those of the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stillmotion.camera import rotation
from stillmotion.errors import InputError
from stillmotion.evaluation.path import path_from_tracks
from stillmotion.evaluation.pose import locate, still_view
from stillmotion.evaluation.projection import project, sample, see_depth, unproject
from stillmotion.evaluation.trajectory import rotation_angle, trajectory_error
from stillmotion.types import Float64, View

from .conftest import view

SIZE = {"width": 640, "height": 360}


@pytest.fixture(scope="module")
def world() -> Float64:
    rng = np.random.default_rng(5)
    pixels = rng.uniform([20, 20], [620, 340], (250, 2))
    return unproject(pixels, rng.uniform(0.7, 3.0, 250), still_view(50), **SIZE)


def test_projecting_what_was_unprojected_gives_the_pixel_back(world: Float64) -> None:
    at = view(right=0.1, pan=4, fov=45)
    pixels, z = project(world, at, **SIZE)
    assert unproject(pixels, z, at, **SIZE) == pytest.approx(world)


def test_a_truck_to_the_right_moves_near_points_further_left() -> None:
    points = np.array([[0.0, 0, 1], [0.0, 0, 2]])
    pixels, _ = project(points, view(right=0.1), **SIZE)
    focal = 320 / math.tan(math.radians(25))
    assert pixels[:, 0] - 319.5 == pytest.approx([-0.1 * focal, -0.05 * focal])


@pytest.mark.parametrize(
    "true",
    [
        view(right=0.15, down=-0.05, forward=0.2, pan=3, roll=-2),
        view(pan=20),
        view(fov=40),
        view(tilt=-6, fov=60, right=0.1),
    ],
)
def test_a_pose_is_found_from_noisy_points_with_outliers(world: Float64, true: View) -> None:
    rng = np.random.default_rng(8)
    pixels, _ = project(world, true, **SIZE)
    pixels += rng.normal(0, 0.2, pixels.shape)
    pixels[:40] += rng.uniform(-60, 60, (40, 2))
    guess = View(world_to_camera=np.eye(4), fov_deg=true.fov_deg, focus=1.0, aperture=0.0)
    fit = locate(world, pixels, **SIZE, guess=guess)
    assert fit is not None
    assert rotation_angle(fit.view.world_to_camera[:3, :3], true.world_to_camera[:3, :3]) < 1e-3
    assert np.linalg.norm(fit.view.world_to_camera[:3, 3] - true.world_to_camera[:3, 3]) < 2e-3
    assert 0.75 < fit.agreeing < 0.95


def test_the_field_of_view_is_found_with_the_pose_and_told_from_a_step_forward(world: Float64) -> None:
    for true in (view(fov=44), view(forward=0.12)):
        pixels, _ = project(world, true, **SIZE)
        fit = locate(world, pixels, **SIZE, guess=still_view(50), find_fov=True)
        assert fit is not None
        assert fit.view.fov_deg == pytest.approx(true.fov_deg, abs=0.01)
        assert np.linalg.norm(fit.view.world_to_camera - true.world_to_camera) < 1e-3


def test_too_few_points_give_no_pose(world: Float64) -> None:
    assert locate(world[:5], np.zeros((5, 2)), **SIZE, guess=still_view(50)) is None


def _tracks(world: Float64, views: list[View], noise: float = 0.1) -> Float64:
    rng = np.random.default_rng(2)
    tracks = np.stack([project(world, at, **SIZE)[0] for at in views])
    return tracks + rng.normal(0, noise, tracks.shape) * (np.arange(len(views)) > 0)[:, None, None]


def test_without_a_scene_a_pan_with_a_zoom_is_a_camera_that_stays_in_its_place(world: Float64) -> None:
    views = [view(pan=i, fov=50 - i) for i in range(8)]
    path = path_from_tracks(_tracks(world, views), start_fov_deg=50, **SIZE)
    assert not path.moved
    assert path.fovs_deg[-1] == pytest.approx(43, abs=0.1)
    error = trajectory_error([v.world_to_camera for v in views], path.poses)
    assert error.rot_err < 0.01
    assert error.trans_err == 0


def test_without_a_scene_an_arc_is_found_up_to_its_scale(world: Float64) -> None:
    views = [view(right=0.03 * i, forward=0.02 * i, pan=-1.2 * i) for i in range(16)]
    path = path_from_tracks(_tracks(world, views), start_fov_deg=50, fovs_deg=[50.0] * 16, **SIZE)
    assert path.moved
    error = trajectory_error([v.world_to_camera for v in views], path.poses)
    assert error.rot_err < 0.05
    assert error.trans_err < 0.2
    assert np.linalg.norm(path.poses[-1][:3, 3]) == pytest.approx(1, abs=0.1)


def test_without_tracks_there_is_no_path() -> None:
    with pytest.raises(InputError, match="2 frames"):
        path_from_tracks(np.zeros((1, 3, 2)), start_fov_deg=50, **SIZE)


def test_the_errors_are_those_of_the_formulas() -> None:
    poses = [np.eye(4) for _ in range(4)]
    for i, pose in enumerate(poses):
        pose[:3, 3] = [0.1 * i, 0, 0]
    turned = [pose.copy() for pose in poses]
    turned[2][:3, :3] = rotation(0, 10, 0).T
    turned[3][:3, 3] = [0.3, 0.3, 0]  # longest step 0.3 √2
    found = trajectory_error(poses, turned)
    assert found.rot_err == pytest.approx(math.radians(10))
    unit = np.sqrt(2)
    steps = [abs(1 / 3 - 1 / 3 / unit), abs(2 / 3 - 2 / 3 / unit), math.hypot(1 - 1 / unit, 1 / unit)]
    assert found.trans_err == pytest.approx(sum(steps))
    turn = np.linalg.norm(turned[2][:3, :3] - np.eye(3))
    assert found.cam_mc == pytest.approx(steps[0] + math.hypot(turn, steps[1]) + steps[2])


def test_a_path_is_no_distance_from_itself_in_any_world_and_scale() -> None:
    poses = [view(right=0.1 * i, pan=3 * i).world_to_camera for i in range(5)]
    moved = [pose @ view(down=1, tilt=40).world_to_camera for pose in poses]
    same = trajectory_error(poses, moved)
    assert same.rot_err == pytest.approx(0, abs=1e-6)
    assert same.trans_err == pytest.approx(0, abs=1e-9)


def test_a_camera_that_stays_has_no_translation_error_from_noise() -> None:
    still, shaking = [np.eye(4)] * 3, [np.eye(4) for _ in range(3)]
    shaking[1][:3, 3] = 1e-4
    assert trajectory_error(still, shaking).trans_err == 0


def test_depth_seen_from_elsewhere_keeps_the_nearer_thing() -> None:
    depth = np.full((90, 160), 4.0, np.float32)
    depth[30:60, 60:100] = 1.0
    seen = see_depth(depth, view(right=0.2), 50, width=160, height=90)
    focal = 80 / math.tan(math.radians(25))
    shift = round(0.2 * focal)
    assert seen[45, 80 - shift] == pytest.approx(1, abs=0.01)
    assert seen[5, 80] == pytest.approx(4, abs=0.01)
    assert np.isfinite(seen).all()


def test_sampling_between_pixels_is_bilinear() -> None:
    picture = np.array([[0, 1], [2, 3]], np.float32)
    assert sample(picture, np.array([[0.5, 0.5], [1.0, 0.25], [9, 9]])) == pytest.approx([1.5, 1.5, 3])
