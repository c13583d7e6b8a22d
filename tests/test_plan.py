"""The plan as people write it: read back as it was, refused by name where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillmotion.errors import InputError
from stillmotion.plan import FORMAT, Camera, CameraKey, Canvas, MotionPlan, parse_plan, read_plan

PLAN = {
    "format": FORMAT,
    "canvas": {"width": 640, "height": 360},
    "camera": {"keyframes": [{"t": 0}, {"t": 5, "position": [0.1, 0, 0.2], "fov_deg": 40}]},
    "regions": [
        {"name": "sea", "mask": {"by": "label", "label": "water"}, "motion": {"kind": "flow", "direction_deg": 180}},
        {"name": "kite", "mask": {"by": "points", "inside": [[0.5, 0.2]]}, "motion": {"kind": "drift"}},
    ],
}


def test_a_plan_comes_back_as_it_was_written() -> None:
    plan = parse_plan(json.dumps(PLAN))
    assert parse_plan(plan.to_json()) == plan
    assert plan.camera.keyframes[-1].fov_deg == 40


@pytest.mark.parametrize("kind", ["flow", "sway", "ripple", "flicker", "drift", "freeze"])
@pytest.mark.parametrize("mask", [{"by": "saliency"}, {"by": "label", "label": "sky"}])
def test_a_region_of_nothing_but_defaults_comes_back(kind: str, mask: dict[str, str]) -> None:
    data = PLAN | {"regions": [{"name": "x", "mask": mask, "motion": {"kind": kind}}]}
    plan = parse_plan(json.dumps(data))
    assert parse_plan(plan.to_json()) == plan


def test_what_holds_its_default_is_not_written() -> None:
    text = MotionPlan(canvas=Canvas(width=640, height=360)).to_json()
    assert json.loads(text) == {"format": FORMAT, "canvas": {"width": 640, "height": 360}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "stillmotion/plan@9"}, "this version reads"),
        ({"wobble": 1}, "wobble"),
        ({"canvas": {"width": 641, "height": 360}}, "canvas.width"),
        ({"canvas": {"width": 640, "height": 360, "fps": 0}}, "canvas.fps"),
        ({"regions": [{"name": "x", "mask": {"by": "magic"}, "motion": {"kind": "flow"}}]}, "magic"),
        ({"regions": [{"name": "x", "mask": {"by": "saliency"}, "motion": {"kind": "explode"}}]}, "explode"),
        ({"camera": {"keyframes": []}}, "keyframes"),
        ({"camera": {"keyframes": [{"t": 2}, {"t": 1}]}}, "rise in time"),
        ({"strength": 9}, "strength"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_plan(json.dumps(PLAN | change))


def test_a_damaged_or_missing_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("{")
    with pytest.raises(InputError, match="not JSON"):
        read_plan(tmp_path / "p.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path / "no.json")


def test_a_plan_cannot_be_changed_behind_ones_back() -> None:
    plan = MotionPlan(canvas=Canvas(width=640, height=360), camera=Camera(keyframes=(CameraKey(t=0),)))
    with pytest.raises(ValueError, match="frozen"):
        plan.strength = 2.0


def test_everything_that_a_plan_may_say_comes_back() -> None:
    """One of each record, also of those that wait for their engines."""
    masks = [
        {"by": "text", "text": "the red boat"}, {"by": "polygon", "points": [[0, 0], [1, 0], [0.5, 1]]},
        {"by": "brush", "png": "mask.png"}, {"by": "depth", "near": 0.5, "far": 2.0}, {"by": "saliency"},
    ]  # fmt: skip
    motions = [
        {"kind": "affine", "mode": "spin", "amount": 30}, {"kind": "freeze"}, {"kind": "ripple", "amplitude": 0.01},
        {"kind": "track", "points": [{"t": 0, "at": [0.5, 0.5]}, {"t": 2, "at": [0.7, 0.4]}], "footprint": "soft"},
        {"kind": "flow", "arrows": [{"at": [0.1, 0.1], "to": [0.2, 0.1]}]},
    ]  # fmt: skip
    data = PLAN | {
        "prompt": "a test", "strength": 0.5, "grade": {"grain": 0.2}, "time": [{"t": 0, "tau": 0}, {"t": 4, "tau": 2}],
        "regions": [
            {"name": f"r{n}", "mask": mask, "motion": motion}
            for n, (mask, motion) in enumerate(zip(masks, motions, strict=True))
        ],
        "portrait": [{"keyframes": [{"t": 1, "yaw": 10, "smile": 0.5}], "breathing": 0.3}],
        "physics": {"bodies": [{"mask": {"by": "saliency"}, "mass": 2}], "particles": [{"kind": "snow"}]},
        "shots": [{"start": 0, "end": 2, "camera": {"keyframes": [{"t": 0}]}}],
        "transitions": [{"at": 2, "kind": "dissolve"}],
        "sound": [{"name": "waves", "t": 1}],
    }  # fmt: skip
    plan = parse_plan(json.dumps(data))
    assert parse_plan(plan.to_json()) == plan
    assert set(data) == set(json.loads(plan.to_json()))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    text = json.dumps(PLAN).replace('"fov_deg": 40', f'"fov_deg": 40, "position": [0, 0, {number}]', 1)
    with pytest.raises(InputError, match="finite"):
        parse_plan(text.replace('"position": [0.1, 0, 0.2], ', ""))


@pytest.mark.parametrize("text", ["[]", "3", "null", '{"canvas": {"width": 640, "height": 360}}'])
def test_what_is_no_plan_at_all_is_said_with_the_format_that_is_read(text: str) -> None:
    with pytest.raises(InputError, match=FORMAT):
        parse_plan(text)


def test_the_place_of_a_mistake_is_told_in_full() -> None:
    data = json.loads(json.dumps(PLAN))
    data["regions"][1]["motion"]["amplitude"] = 7
    with pytest.raises(InputError, match=r"regions\.1\.motion\.drift\.amplitude"):
        parse_plan(json.dumps(data))


@pytest.mark.parametrize(("seconds", "fps", "frames"), [(5, 24, 120), (0.01, 24, 1), (1, 29.97, 30), (2.5, 12, 30)])
def test_a_length_is_a_whole_number_of_frames(seconds: float, fps: float, frames: int) -> None:
    assert Canvas(width=640, height=360, seconds=seconds, fps=fps).frames == frames
