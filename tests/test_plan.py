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
