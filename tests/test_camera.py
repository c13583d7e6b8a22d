"""The camera of a plan: what moves where on the picture, when, and how loops and hands behave."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from stillmotion.camera import (
    CameraPath,
    Clock,
    angles,
    frame_times,
    intrinsics,
    key_of_rig,
    log_focal,
    pivot_point,
    rig_of_key,
    rotation,
)
from stillmotion.errors import InputError
from stillmotion.plan import Camera, CameraKey, Canvas, Handheld, MotionPlan, TimeKey
from stillmotion.types import Crop, Float64, Scene, View

FOV, WIDTH, HEIGHT = 50.0, 640, 360
PIVOT = (0.1, -0.05, 1.0)


def _canvas(**changes: Any) -> Canvas:  # Any: fields of Canvas
    return Canvas.model_validate({"width": WIDTH, "height": HEIGHT, "fps": 24, "seconds": 4} | changes)


def _path(
    *keys: CameraKey, canvas: Canvas | None = None, time: tuple[TimeKey, ...] = (), seed: int = 0, **camera: Any
) -> CameraPath:  # Any: fields of Camera
    plan = MotionPlan(canvas=canvas or _canvas(), camera=Camera(keyframes=keys, **camera), time=time)
    return CameraPath(plan, FOV, pivot=PIVOT, seed=seed)


def _seen(view: View, point: tuple[float, float, float]) -> Float64:
    """The pixel (x, y) where a world point is seen."""
    there = view.world_to_camera @ np.array([*point, 1.0])
    pixel = intrinsics(view.fov_deg, WIDTH, HEIGHT) @ there[:3]
    return np.asarray(pixel[:2] / pixel[2])


def _end(**key: Any) -> View:  # Any: fields of CameraKey
    return _path(CameraKey(t=0), CameraKey(t=4, **key)).at(4.0)


def test_the_photo_itself_is_seen_at_the_beginning() -> None:
    view = _path(CameraKey(t=0), CameraKey(t=4, position=(0.3, 0.2, 0.1), rotation_deg=(5, 9, 3), fov_deg=30)).at(0.0)
    assert np.array_equal(view.world_to_camera, np.eye(4))
    assert view.fov_deg == pytest.approx(FOV)
    assert (view.focus, view.aperture) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("key", "x", "y"),
    [
        ({"position": (0.1, 0, 0)}, -1, 0),  # truck right: the picture goes left
        ({"position": (0, -0.1, 0)}, 0, 1),  # pedestal up: the picture goes down
        ({"rotation_deg": (0, 5, 0)}, -1, 0),  # pan right
        ({"rotation_deg": (5, 0, 0)}, 0, 1),  # tilt up
    ],
)
def test_the_picture_goes_against_the_camera(key: dict[str, tuple[float, ...]], x: int, y: int) -> None:
    middle = (0.0, 0.0, 1.0)
    moved = _seen(_end(**key), middle) - _seen(_end(), middle)
    assert np.sign(np.round(moved, 6)).tolist() == [x, y]


def test_a_truck_moves_the_subject_by_its_share_of_the_focal_length() -> None:
    moved = _seen(_end(position=(0.1, 0, 0)), (0, 0, 1)) - _seen(_end(), (0, 0, 1))
    assert moved[0] == pytest.approx(-0.1 * intrinsics(FOV, WIDTH, HEIGHT)[0, 0])
    far = _seen(_end(position=(0.1, 0, 0)), (0, 0, 10)) - _seen(_end(), (0, 0, 10))
    assert far[0] == pytest.approx(moved[0] / 10)


@pytest.mark.parametrize("key", [{"position": (0, 0, 0.2)}, {"fov_deg": 40}])
def test_pushing_in_and_zooming_in_make_things_larger(key: dict[str, Any]) -> None:
    before, after = (_seen(_end(**k), (0.2, 0.1, 1)) - _seen(_end(**k), (-0.2, -0.1, 1)) for k in ({}, key))
    assert (after / before > 1.1).all()


def test_a_clockwise_camera_turns_the_picture_the_other_way() -> None:
    right = _seen(_end(rotation_deg=(0, 0, 10)), (0.3, 0, 1))
    assert right[1] < (HEIGHT - 1) / 2  # what was at the right has gone up


@pytest.mark.parametrize("orbit", [(25, 0), (0, 12), (-20, 8)])
def test_an_orbit_keeps_the_pivot_in_its_place(orbit: tuple[float, float]) -> None:
    view = _end(orbit_deg=orbit)
    assert np.allclose(_seen(view, PIVOT), _seen(_end(), PIVOT), atol=1e-9)
    before, after = (np.linalg.norm(np.linalg.inv(v.world_to_camera)[:3, 3] - PIVOT) for v in (_end(), view))
    assert after == pytest.approx(before)


def test_an_orbit_to_the_right_brings_the_camera_right_and_up_goes_up() -> None:
    center = np.linalg.inv(_end(orbit_deg=(10, 10)).world_to_camera)[:3, 3]
    assert center[0] > 0
    assert center[1] < 0


def test_a_dolly_zoom_keeps_the_subject_and_changes_what_is_behind() -> None:
    near = [np.linalg.norm(_seen(_end(vertigo=v), (0.2, 0, 1)) - _seen(_end(vertigo=v), (0, 0, 1))) for v in (0, 0.4)]
    far = [np.linalg.norm(_seen(_end(vertigo=v), (0.2, 0, 6)) - _seen(_end(vertigo=v), (0, 0, 6))) for v in (0, 0.4)]
    assert near[1] == pytest.approx(near[0])
    assert far[1] < 0.75 * far[0]


@pytest.mark.parametrize("turn", [(0, 0, 0), (10, 20, 30), (-40, 170, -80), (89, 3, 0)])
def test_angles_undo_a_rotation(turn: tuple[float, float, float]) -> None:
    assert angles(rotation(*turn)) == pytest.approx(turn, abs=1e-9)


def test_looking_straight_up_still_gives_the_same_rotation() -> None:
    turned = rotation(90, 20, 30)
    assert np.allclose(rotation(*angles(turned)), turned, atol=1e-9)


def test_a_key_comes_back_from_its_twelve_numbers() -> None:
    key = CameraKey(t=2, position=(0.1, -0.2, 0.3), rotation_deg=(1, 2, 3), orbit_deg=(4, 5), vertigo=0.2, fov_deg=35,
                    focus=2.0, aperture=0.01, ease="linear")  # fmt: skip
    back = key_of_rig(2, rig_of_key(key, FOV), FOV, ease="linear")
    assert np.allclose(rig_of_key(back, FOV), rig_of_key(key, FOV), atol=1e-5)
    assert key_of_rig(0, rig_of_key(CameraKey(t=0), FOV), FOV) == CameraKey(t=0)


def test_a_zoom_grows_at_an_even_pace() -> None:
    path = _path(CameraKey(t=0), CameraKey(t=4, fov_deg=20, ease="linear"))
    focal = [math.exp(log_focal(path.at(t).fov_deg)) for t in (0.0, 1.0, 2.0, 3.0, 4.0)]
    assert np.allclose(np.diff(np.log(focal)), np.diff(np.log(focal))[0])


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_frames_stand_at_whole_multiples_of_the_frame_time() -> None:
    times = frame_times(_canvas(fps=25, seconds=2))
    assert len(times) == 50
    assert times[0] == 0
    assert times[-1] == pytest.approx(49 / 25)


def test_the_camera_holds_before_its_first_and_after_its_last_key() -> None:
    path = _path(CameraKey(t=1), CameraKey(t=2, position=(0.1, 0, 0)))
    assert np.array_equal(path.at(0.5).world_to_camera, np.eye(4))
    assert np.array_equal(path.at(3.0).world_to_camera, path.at(2.0).world_to_camera)


@pytest.mark.parametrize("interpolation", ["ease", "spline"])
def test_a_path_never_goes_beyond_its_keys(interpolation: str) -> None:
    keys = [CameraKey(t=t, position=(x, 0, 0)) for t, x in ((0, 0), (1, 0.2), (2, 0.2), (3, -0.1))]
    path = _path(*keys, interpolation=interpolation)
    xs = np.array([path.rig(float(t))[0] for t in np.linspace(0, 3, 200)])
    assert xs.max() <= 0.2 + 1e-12
    assert xs.min() >= -0.1 - 1e-12
    assert np.allclose(xs[67:133], 0.2, atol=1e-9)  # between two equal keys it stands still


def test_a_seamless_loop_comes_home() -> None:
    keys = [CameraKey(t=0), CameraKey(t=1, position=(0.1, 0, 0)), CameraKey(t=3, position=(0, 0.1, 0))]
    path = _path(*keys, canvas=_canvas(loop="seamless"), interpolation="spline")
    assert np.allclose(path.at(4.0).world_to_camera, np.eye(4))
    h = 1e-3
    after = path.at(h).world_to_camera - path.at(0.0).world_to_camera
    before = path.at(0.0).world_to_camera - path.at(4.0 - h).world_to_camera
    assert np.allclose(after / h, before / h, atol=2e-3)


def test_a_pingpong_goes_there_and_back_in_one_length() -> None:
    clock = Clock(_canvas(loop="pingpong"))
    assert clock.at(0.0) == 0
    assert clock.at(2.0) == pytest.approx(4.0)
    for t in (0.3, 0.9, 1.7):
        assert clock.at(t) == pytest.approx(clock.at(4.0 - t))


def test_time_can_be_slowed_and_never_runs_backwards() -> None:
    clock = Clock(_canvas(), (TimeKey(t=0, tau=0), TimeKey(t=3, tau=1), TimeKey(t=4, tau=4)))
    taus = [clock.at(float(t)) for t in np.linspace(0, 4, 100)]
    assert (np.diff(taus) >= 0).all()
    assert clock.at(3.0) == pytest.approx(1.0)
    with pytest.raises(InputError, match="backwards"):
        Clock(_canvas(), (TimeKey(t=0, tau=2), TimeKey(t=3, tau=1)))
    with pytest.raises(InputError, match="rise in t"):
        Clock(_canvas(), (TimeKey(t=1, tau=0), TimeKey(t=1, tau=1)))


# ── hands and pivots ─────────────────────────────────────────────────────────────────────────────────────────────────


def _shake(seed: int, amplitude: float = 1.0, **canvas: Any) -> Float64:  # Any: fields of Canvas
    path = _path(CameraKey(t=0), canvas=_canvas(**canvas), seed=seed, handheld=Handheld(amplitude=amplitude, hz=2.0))
    return np.array([path.at(t).world_to_camera[:3].ravel() for t in np.arange(0, 4, 1 / 24)])


def test_a_hand_begins_at_the_photo_and_obeys_the_seed() -> None:
    assert np.allclose(_shake(1)[0], np.eye(4)[:3].ravel())
    assert np.array_equal(_shake(1), _shake(1))
    assert not np.allclose(_shake(1)[40], _shake(2)[40])


def test_a_stronger_hand_moves_further() -> None:
    calm, wild = (np.abs(_shake(3, amplitude)[:, 3]).max() for amplitude in (1.0, 3.0))
    assert wild == pytest.approx(3 * calm, rel=0.2)
    assert 0.001 < calm < 0.03


def test_a_hand_in_a_loop_comes_home() -> None:
    path = _path(CameraKey(t=0), canvas=_canvas(loop="seamless"), handheld=Handheld(amplitude=1.0))
    assert np.allclose(path.at(4.0).world_to_camera, np.eye(4), atol=1e-9)
    assert not np.allclose(path.at(1.3).world_to_camera, np.eye(4), atol=1e-4)


def _scene() -> Scene:
    depth = np.full((HEIGHT, WIDTH), 2.0, np.float32)
    depth[:, : WIDTH // 2] = 4.0
    nothing = np.zeros((HEIGHT, WIDTH), np.float32)
    return Scene(
        photo=np.zeros((HEIGHT, WIDTH, 3), np.uint8), depth=depth, sky=nothing, subject=nothing, regions=(),
        faces=(), bodies=(),
        fov_deg=FOV, pivot=(400.0, 100.0), masks=(),
        crop=Crop(x=0, y=0, width=WIDTH, height=HEIGHT, whole=(WIDTH, HEIGHT)),
        depth_source="test", confidence=1.0, notes=(),
    )  # fmt: skip


def test_a_pivot_lies_where_the_photo_shows_it() -> None:
    scene, still = _scene(), _end()
    assert np.allclose(_seen(still, pivot_point(scene)), (400, 100))
    assert pivot_point(scene)[2] == 1.0
    chosen = pivot_point(scene, (0.25, 0.5))
    assert chosen[2] == 4.0
    assert np.allclose(_seen(still, chosen), (0.25 * (WIDTH - 1), 0.5 * (HEIGHT - 1)))
