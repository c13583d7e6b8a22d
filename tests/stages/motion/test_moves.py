"""Every word of the camera does what a cinematographer means by it, loops close, and strength scales it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.camera import CameraPath, frame_times, rotation
from stillmotion.errors import InputError
from stillmotion.plan import Canvas, MotionPlan
from stillmotion.stages.motion.compose import closed, compose
from stillmotion.stages.motion.files import plan_of_file
from stillmotion.stages.motion.importers.kling import read_kling
from stillmotion.stages.motion.importers.realestate10k import read_camera_text, write_camera_text
from stillmotion.stages.motion.importers.runway import read_runway
from stillmotion.stages.motion.moves import MOVES, Move
from stillmotion.stages.motion.strength import fold_strength
from stillmotion.types import Crop, Float64, View

FOV = 55.0
CANVAS = Canvas(width=640, height=360, fps=24, seconds=4)
WHOLE = Crop(x=0, y=0, width=640, height=360, whole=(640, 360))


def plan_of(*moves: Move, canvas: Canvas = CANVAS) -> MotionPlan:
    camera, time, _ = compose(moves, canvas, fov_deg=FOV)
    return closed(MotionPlan(canvas=canvas, camera=camera, time=time), FOV)


def views(plan: MotionPlan) -> list[View]:
    path = CameraPath(plan, FOV)
    return [path.at(float(t)) for t in frame_times(plan.canvas)]


def shift(view: View, depth: float = 1.0) -> Float64:
    """Where the picture's middle at a depth goes, in half widths: right and down."""
    seen = view.world_to_camera[:3, :3] @ np.array([0, 0, depth]) + view.world_to_camera[:3, 3]
    return seen[:2] / seen[2] / np.tan(np.radians(view.fov_deg) / 2)


def size(view: View, depth: float = 1.0) -> float:
    """How large a thing at a depth is, against the photo."""
    z = float((view.world_to_camera[:3, :3] @ np.array([0, 0, depth]) + view.world_to_camera[:3, 3])[2])
    return depth / z * np.tan(np.radians(FOV) / 2) / np.tan(np.radians(view.fov_deg) / 2)


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [
        ("pan_left", 0, 1), ("pan_right", 0, -1), ("tilt_up", 1, 1), ("tilt_down", 1, -1), ("truck_left", 0, 1),
        ("truck_right", 0, -1), ("pedestal_up", 1, 1), ("pedestal_down", 1, -1), ("whip_pan_left", 0, 1),
        ("whip_pan_right", 0, -1),
    ],
)  # fmt: skip
def test_the_picture_goes_the_other_way_than_the_camera(name: str, axis: int, sign: int) -> None:
    moved = shift(views(plan_of(Move(name=name)))[-1])
    assert sign * moved[axis] > 0.02
    assert abs(moved[1 - axis]) < 0.01


@pytest.mark.parametrize(
    ("name", "grows"),
    [
        ("push_in", True), ("pull_out", False), ("zoom_in", True), ("zoom_out", False), ("push_zoom_in", True),
        ("crash_zoom_in", True), ("through_object", True), ("earth_zoom", False), ("fly_through", True),
    ],
)  # fmt: skip
def test_what_comes_nearer_grows(name: str, grows: bool) -> None:
    found = size(views(plan_of(Move(name=name)))[-1])
    assert found > 1.05 if grows else found < 0.97


@pytest.mark.parametrize(("name", "sign"), [("orbit_left", 1), ("orbit_right", -1)])
def test_an_orbit_keeps_its_pivot_in_place_and_parts_near_from_far(name: str, sign: int) -> None:
    last = views(plan_of(Move(name=name)))[-1]
    assert np.abs(shift(last, 1.0)).max() < 1e-6
    assert sign * shift(last, 0.6)[0] > 0.01  # near things go against the far ones
    assert sign * shift(last, 3.0)[0] < -0.01


@pytest.mark.parametrize(("name", "sign"), [("roll_right", 1), ("roll_left", -1)])
def test_a_camera_that_rolls_clockwise_turns_the_picture_counter_clockwise(name: str, sign: int) -> None:
    pose = views(plan_of(Move(name=name)))[-1].world_to_camera[:3, :3]
    assert sign * np.degrees(np.arctan2(pose[0, 1], pose[0, 0])) > 2
    assert np.allclose(pose.T, rotation(0, 0, np.degrees(np.arctan2(pose[0, 1], pose[0, 0]))))


@pytest.mark.parametrize("name", ["dolly_zoom_in", "dolly_zoom_out"])
def test_a_dolly_zoom_keeps_its_subject_as_large_as_it_is(name: str) -> None:
    plan = plan_of(Move(name=name))
    assert all(size(view) == pytest.approx(1, abs=1e-6) for view in views(plan))
    far = [size(view, 4.0) for view in views(plan)]
    assert abs(far[-1] - 1) > 0.1


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_begins_at_the_photo_and_goes_smoothly(name: str) -> None:
    plan = plan_of(Move(name=name))
    seen = views(plan)
    if not MOVES[name].opening:
        assert np.abs(seen[0].world_to_camera - np.eye(4)).max() < 1e-6
    poses = np.array([v.world_to_camera[:3].ravel() for v in seen])
    jolts = np.abs(np.diff(poses, n=2, axis=0)).max(axis=1)
    pace = np.abs(np.diff(poses, axis=0)).max() + 1e-9
    shaken = MOVES[name].handheld is not None
    assert jolts.max() < (0.95 if shaken else 0.6) * pace + 1e-6  # no step from one frame to the next


@pytest.mark.parametrize("loop", ["seamless", "pingpong"])
@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_closes_in_a_loop(name: str, loop: str) -> None:
    canvas = CANVAS.model_copy(update={"loop": loop})
    path = CameraPath(plan_of(Move(name=name), canvas=canvas), FOV)
    first, after = path.at(0.0), path.at(canvas.seconds)
    assert np.abs(first.world_to_camera - after.world_to_camera).max() < 2e-3
    assert first.fov_deg == pytest.approx(after.fov_deg, abs=0.05)


def test_a_number_is_kept_exactly() -> None:
    last = views(plan_of(Move(name="pan_right", amount=20, seconds=3)))[-1]
    assert np.degrees(np.arctan2(last.world_to_camera[2, 0], last.world_to_camera[2, 2])) == pytest.approx(20, abs=0.01)


def test_then_comes_after_and_while_at_the_same_time() -> None:
    after = views(plan_of(Move(name="push_in"), Move(name="pan_left")))
    quarter = after[len(after) // 4]
    assert size(quarter) > 1.03
    assert abs(shift(quarter)[0]) < 0.01
    both = views(plan_of(Move(name="push_in"), Move(name="pan_left", together=True)))
    middle = both[len(both) // 2]
    assert size(middle) > 1.03
    assert shift(middle)[0] > 0.03


def test_of_two_opposites_at_once_the_later_one_wins_and_it_is_said() -> None:
    camera, _, notes = compose([Move(name="pan_left"), Move(name="pan_right", together=True)], CANVAS, fov_deg=FOV)
    assert camera.keyframes[-1].rotation_deg[1] > 0
    assert any("contradicts" in note for note in notes)


def test_strength_scales_how_far_everything_goes() -> None:
    far = []
    for strength in (0.5, 1.0, 2.0):
        plan = plan_of(Move(name="truck_right")).model_copy(update={"strength": strength})
        folded, _ = fold_strength(plan, FOV)
        far.append(abs(float(shift(views(folded)[-1])[0])))
    assert far[0] < far[1] < far[2]
    assert far[2] == pytest.approx(4 * far[0], rel=0.05)


# ── motion from elsewhere ────────────────────────────────────────────────────────────────────────────────────────────


def test_camera_text_comes_back_as_the_same_path() -> None:
    plan = plan_of(Move(name="push_in"), Move(name="pan_left"))
    text = write_camera_text(plan, FOV)
    assert len(text.splitlines()) == plan.canvas.frames
    camera, seconds = read_camera_text(text, fps=24, fov_deg=FOV)
    assert seconds == pytest.approx(plan.canvas.seconds, abs=0.05)
    again = MotionPlan(canvas=plan.canvas, camera=camera)
    for a, b in zip(views(plan), views(again), strict=True):
        assert np.abs(a.world_to_camera - b.world_to_camera).max() < 5e-3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 1 1 0.5 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1\n", "Line 1 .* 18 numbers"),
        ("0 1 1 .5 .5 0 0 1 0 0 0 0 1 0 0 0 0 1 0\n1 a b c\n", "Line 2 .* not numbers"),
        ("0 1 1 .5 .5 0 0 2 0 0 0 0 1 0 0 0 0 1 0\n", "Line 1 .* no pose"),
        ("name-of-a-video\n", "no rows"),
    ],
)
def test_a_damaged_camera_text_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_camera_text(text, fps=24, fov_deg=FOV)


def test_sliders_of_others_get_cinemas_names() -> None:
    assert read_kling({"type": "simple", "config": {"pan": 5}})[0].name == "tilt_up"
    assert read_kling({"type": "simple", "config": {"tilt": -5}})[0].name == "pan_left"
    assert read_kling({"type": "simple", "config": {"zoom": -5}})[0].name == "zoom_in"
    assert [move.name for move in read_runway({"Pan": -2, "Zoom": 3})] == ["pan_left", "push_zoom_in"]
    with pytest.raises(InputError, match="one slider at a time"):
        read_kling({"config": {"pan": 1, "roll": 2}})
    with pytest.raises(InputError, match="from -10 to 10"):
        read_runway({"pan": 11})
    with pytest.raises(InputError, match="no slider 'spin'"):
        read_runway({"spin": 1})


def _painted() -> str:
    mask = np.zeros((180, 320), np.uint8)  # half as large as the canvas: its own pixels count
    mask[20:60, 30:90] = 255
    return base64.b64encode(cv2.imencode(".png", mask)[1].tobytes()).decode()


def _read(tmp_path: Path, data: object, crop: Crop = WHOLE) -> tuple[MotionPlan, tuple[str, ...]]:
    path = tmp_path / "wish.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return plan_of_file(path, CANVAS, fov_deg=FOV, crop=crop)


@pytest.mark.parametrize("start", ["", "data:image/png;base64,"])
def test_a_motion_brush_counts_in_pixels_of_its_mask_from_the_bottom(tmp_path: Path, start: str) -> None:
    mask = start + _painted()
    dynamic = {"mask": mask, "trajectories": [{"x": 80, "y": 135}, {"x": 160, "y": 90}, {"x": 160, "y": 180}]}
    plan, notes = _read(tmp_path, {"static_mask": mask, "dynamic_masks": [dynamic]})
    track, freeze = (region.motion for region in plan.regions)
    assert (track.kind, freeze.kind) == ("track", "freeze")
    assert [point.t for point in track.points] == [0, 2, 4]
    assert [point.at for point in track.points] == [(0.25, 0.25), (0.5, 0.5), (0.5, 0.0)]
    assert all(region.mask.png.startswith("data:image/png;base64,iVBOR") for region in plan.regions)
    assert any("motion brush" in note for note in notes)


def test_a_trajectory_drawn_on_the_photo_follows_its_crop(tmp_path: Path) -> None:
    middle = Crop(x=80, y=0, width=160, height=180, whole=(320, 180))
    dynamic = {"mask": _painted(), "trajectories": [{"x": 80, "y": 135}, {"x": 160, "y": 90}]}
    plan, _ = _read(tmp_path, {"dynamic_masks": [dynamic]}, middle)
    assert [point.at for point in plan.regions[0].motion.points] == [(0.0, 0.25), (0.5, 0.5)]


def test_masks_beside_a_plan_file_are_found_from_anywhere_and_kept(tmp_path: Path) -> None:
    (tmp_path / "sky.png").write_bytes(base64.b64decode(_painted()))
    plan, _ = _read(tmp_path, [{"mask": "sky.png", "ambient": 4}])
    assert plan.regions[0].mask.png.endswith(_painted())
    own = plan.to_json().replace(plan.regions[0].mask.png, "sky.png")
    assert _read(tmp_path, own)[0].regions == plan.regions


def test_painted_sliders_become_currents(tmp_path: Path) -> None:
    mask = _painted()
    up, stirs = (
        r.motion for r in _read(tmp_path, [{"mask": mask, "vertical": 5}, {"mask": mask, "ambient": 4}])[0].regions
    )
    assert (up.kind, up.direction_deg) == ("flow", 90)
    assert (stirs.kind, stirs.anchor) == ("sway", "center")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([{"mask": "a.png"}], "at zero"),
        ([{"horizontal": 3}], "no 'mask'"),
        ([{"mask": "https://a/b.png", "ambient": 1}], "nothing is fetched"),
        ([{"mask": "a.png", "wind": 1}], "wind"),
        ({"dynamic_masks": []}, "no masks"),
        ({"dynamic_masks": [{"mask": "gone.png", "trajectories": [{"x": 1, "y": 1}] * 2}]}, "cannot be read"),
        ({"dynamic_masks": [{"mask": _painted(), "trajectories": [{"x": 1, "y": 1}]}]}, "two points"),
        ({"dynamic_masks": [{"mask": _painted(), "trajectories": [{"x": 9, "y": 9}, {"x": 999, "y": 9}]}]}, "320x180"),
        ({"dynamic_masks": [{"mask": _painted(), "trajectories": [{"x": 9, "y": 9}, {"x": "left"}]}]}, "Point 2"),
        ('{"type": "simple",\n"config": {"pan": 1},,}', "line 2"),
        ("7", "holds int"),
        ({"camera_control": 3}, "must be an object"),
        ({"type": "fly_away"}, "fly_away"),
        ('{"format": "stillmotion/plan@1", "canvas": {"width": 64, "height": 64, "seconds": NaN}}', "canvas.seconds"),
    ],
)
def test_a_damaged_file_is_refused_by_its_place(tmp_path: Path, data: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        _read(tmp_path, data)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no plan"):
        plan_of_file(tmp_path / "gone.json", CANVAS, fov_deg=FOV, crop=WHOLE)
    (tmp_path / "photo.json").write_bytes(b"\x89PNG\xff")
    with pytest.raises(InputError, match="is not text"):
        plan_of_file(tmp_path / "photo.json", CANVAS, fov_deg=FOV, crop=WHOLE)
