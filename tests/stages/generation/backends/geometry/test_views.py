"""What a viewer sees: which way things go, what opens up, and what the exact buffers say of it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from stillmotion.plan import Camera, CameraKey, MotionPlan
from stillmotion.stages.generation.backends.geometry import GeometryBackend
from stillmotion.types import Drawn, Scene, UInt8

PlanOf = Callable[..., MotionPlan]
Draw = Callable[..., list[UInt8]]
NEAR, FAR = (64, 96), (20, 30)  # y, x on the disc and on the wall


def view(scene: Scene, plan_of: PlanOf, **key: object) -> Drawn:
    plan = plan_of(CameraKey(t=0.0), CameraKey.model_validate({"t": 1.0, **key}))
    return GeometryBackend().view(scene, plan, 1.0)


def measured(before: UInt8, after: UInt8, place: tuple[int, int]) -> tuple[float, float]:
    """Displacement of what is seen around a place, by Lucas-Kanade."""
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, after)]
    point = np.array([[place[1], place[0]]], np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-4)
    there, found, _ = cv2.calcOpticalFlowPyrLK(*grey, point, None, winSize=(15, 15), maxLevel=3, criteria=stop)
    assert found.all()
    dx, dy = (there - point)[0]
    return float(dx), float(dy)


@pytest.mark.parametrize(
    ("key", "near", "far"),
    [
        ({"position": (0.03, 0, 0)}, (-1, 0), (-0.25, 0)),  # truck right: near things go left, far ones less
        ({"position": (0, -0.03, 0)}, (0, 1), (0, 0.25)),  # pedestal up: things go down
        ({"rotation_deg": (0, 1.5, 0)}, (-1, 0), (-1, 0)),  # pan right: all goes left alike
        ({"rotation_deg": (1.5, 0, 0)}, (0, 1), (0, 1)),  # tilt up: all goes down alike
    ],
)
def test_things_go_where_the_camera_move_sends_them(
    two_planes: Scene, plan_of: PlanOf, key: dict[str, object], near: tuple[float, float], far: tuple[float, float]
) -> None:
    drawn = view(two_planes, plan_of, **key)
    for place, way in ((NEAR, near), (FAR, far)):
        seen = np.array(measured(two_planes.photo, drawn.frame, place))
        told = drawn.flow[place]
        assert seen == pytest.approx(told, abs=0.2)
        size = float(np.hypot(*measured(two_planes.photo, drawn.frame, NEAR)))
        assert seen / size == pytest.approx(way, abs=0.15)


def test_a_push_in_makes_the_near_grow_more_than_the_far(two_planes: Scene, plan_of: PlanOf) -> None:
    flow = view(two_planes, plan_of, position=(0, 0, 0.2)).flow
    centre = np.array([95.5, 63.5])

    def growth(y: int, x: int) -> float:
        return float(flow[y, x, 0] / (x - centre[0]))

    assert growth(64, 115) == pytest.approx(1 / 0.8 - 1, abs=0.01)
    assert growth(64, 20) == pytest.approx(1 / 0.95 - 1, abs=0.01)


def test_an_orbit_leaves_the_pivot_where_it_is(two_planes: Scene, plan_of: PlanOf) -> None:
    flow = view(two_planes, plan_of, orbit_deg=(12.0, 0.0)).flow
    assert np.abs(flow[63:65, 95:97]).max() < 0.5
    assert np.abs(flow[20, 30]).max() > 5


def test_the_flow_buffer_carries_the_photo_to_the_frame(two_planes: Scene, plan_of: PlanOf) -> None:
    drawn = view(two_planes, plan_of, position=(0.08, 0.02, 0.1), rotation_deg=(1, -2, 3))
    y, x = np.mgrid[:128, :192].astype(np.float32)
    there = cv2.remap(drawn.frame, x + drawn.flow[..., 0], y + drawn.flow[..., 1], cv2.INTER_CUBIC)
    sure = cv2.erode(drawn.visible, np.ones((7, 7))) > 0.5
    assert sure.mean() > 0.5
    assert np.abs(there.astype(int) - two_planes.photo)[sure].mean() < 2


def test_what_opens_behind_a_thing_is_painted_like_the_wall_and_told_as_painted(plan_of: PlanOf) -> None:
    y, x = np.mgrid[:128, :192]
    disc = np.hypot(x - 96, y - 64) < 30
    photo = np.where(disc[..., None], (220, 40, 40), (40, 90, 200)).astype(np.uint8)
    drawn = view(_with(photo, np.where(disc, 1.0, 4.0)), plan_of, position=(0.1, 0, 0))
    opened = drawn.painted[:, 60:150] > 0.9
    assert opened.sum() > 200
    painted = drawn.frame[:, 60:150][opened].astype(int)
    assert np.abs(painted - (40, 90, 200)).max(axis=1).mean() < 12
    red = (drawn.frame[..., 0] > 130).sum()
    assert red == pytest.approx(disc.sum(), rel=0.03)  # the disc neither smears nor leaves a ghost


def _with(photo: UInt8, depth: np.ndarray) -> Scene:
    from stillmotion.types import Crop

    nothing = np.zeros(depth.shape, np.float32)
    return Scene(
        photo=photo, depth=depth.astype(np.float32), sky=nothing, subject=nothing, regions=(),
        faces=(), bodies=(), fov_deg=50.0,
        pivot=(95.5, 63.5), crop=Crop(x=0, y=0, width=192, height=128, whole=(192, 128)), masks=(), depth_source="test",
        confidence=1.0, notes=(),
    )  # fmt: skip


def test_a_covered_photo_pixel_is_not_visible_and_a_wall_seen_straight_is_not_stretched(
    two_planes: Scene, wall: Scene, plan_of: PlanOf
) -> None:
    drawn = view(two_planes, plan_of, position=(0.15, 0, 0))
    assert drawn.visible[64, 58] == 0.0  # wall just left of the disc, which moved over it
    assert drawn.visible[64, 96] == 1.0
    straight = view(wall, plan_of, position=(0, 0, 0.2))
    assert np.median(straight.stretch) == pytest.approx(1.25, abs=0.01)
    assert straight.painted.max() == 0.0


def test_no_frame_pixel_is_left_empty_even_far_beyond_the_photo(two_planes: Scene, plan_of: PlanOf, draw: Draw) -> None:
    bright = _with(np.full((128, 192, 3), 200, np.uint8), two_planes.depth)
    for key in ({"position": (0.8, 0.3, -0.5)}, {"rotation_deg": (15, 25, 40)}, {"fov_deg": 80.0}):
        frame = draw(bright, plan_of(CameraKey(t=0), CameraKey.model_validate({"t": 0.5, **key})))[-1]
        assert frame.min() > 190


def test_a_slow_zoom_moves_in_even_steps_far_below_a_pixel(wall: Scene, plan_of: PlanOf, draw: Draw) -> None:
    plan = plan_of(CameraKey(t=0), CameraKey(t=2, fov_deg=48.0, ease="linear"), seconds=2, fps=12)
    place = (30, 40)
    shift = np.array([measured(wall.photo, frame, place) for frame in draw(wall, plan)])
    steps = np.diff(shift, axis=0)[1:]
    assert np.abs(steps).mean() < 0.2
    assert (np.diff(steps, axis=0)).std() < 0.03


def test_a_seamless_loop_would_go_on_with_its_first_frame(two_planes: Scene, plan_of: PlanOf) -> None:
    plan = plan_of(CameraKey(t=0), CameraKey(t=0.5, position=(0.05, 0, 0)), loop="seamless")
    engine = GeometryBackend()
    first, end = engine.view(two_planes, plan, 0.0).frame, engine.view(two_planes, plan, 1.0).frame
    assert np.array_equal(first, end)


def test_a_zoom_out_does_not_alias(plan_of: PlanOf, draw: Draw) -> None:
    y, x = np.mgrid[:128, :192]
    checks = np.where(((x + y) % 2)[..., None] > 0, 255, 0).repeat(3, axis=2).astype(np.uint8)
    frame = draw(_with(checks, np.ones((128, 192))), plan_of(CameraKey(t=0), CameraKey(t=0.875, fov_deg=90.0)))[-1]
    assert frame[40:90, 60:130].std() < 12  # pixel-wide checks at half size are grey, not moire


def test_depth_of_field_blurs_what_is_out_of_focus_only(two_planes: Scene, plan_of: PlanOf) -> None:
    drawn = view(two_planes, plan_of, focus=1.0, aperture=0.06)

    def detail(picture: UInt8, place: tuple[int, int]) -> float:
        y, x = place
        return float(picture[y - 10 : y + 10, x - 10 : x + 10].std())

    assert detail(drawn.frame, NEAR) == pytest.approx(detail(two_planes.photo, NEAR), rel=0.05)
    assert detail(drawn.frame, FAR) < 0.85 * detail(two_planes.photo, FAR)


def test_a_whip_pan_is_blurred_by_the_shutter_and_a_slow_pan_is_not(wall: Scene, plan_of: PlanOf, draw: Draw) -> None:
    def last(degrees: float, shutter: float) -> UInt8:
        plan = plan_of(CameraKey(t=0), CameraKey(t=1, rotation_deg=(0, degrees, 0), ease="linear"))
        camera = Camera(keyframes=plan.camera.keyframes, motion_blur=shutter)
        return draw(wall, plan.model_copy(update={"camera": camera}))[4]

    grain = [np.diff(last(50, shutter)[:, 60:130].astype(float), axis=1).std() for shutter in (0.5, 0.0)]
    assert grain[0] < 0.6 * grain[1]
    assert np.array_equal(last(2, 0.5), last(2, 0.0))
