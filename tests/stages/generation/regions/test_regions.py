"""Regions move as they are told, stay inside their masks, close in loops, and leave clean places behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stillmotion.media.image import read_photo
from stillmotion.options import AnimateOptions
from stillmotion.plan import Canvas, MotionPlan, RegionMotion
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.generation.regions.animator import RegionAnimator
from stillmotion.stages.generation.regions.ask import asked_of
from stillmotion.stages.generation.regions.lifted import lift
from stillmotion.types import Scene, UInt8

EXAMPLES = Path(__file__).parents[4] / "examples"
WIDTH, HEIGHT, SECONDS = 384, 256, 3.0
BOX = [[0.25, 0.2], [0.75, 0.2], [0.75, 0.8], [0.25, 0.8]]
KINDS: dict[str, dict[str, Any]] = {
    "flow": {"kind": "flow", "direction_deg": 0.0, "speed": 0.04, "turbulence": 0.0},
    "sway": {"kind": "sway", "amplitude": 0.02, "frequency": 0.8},
    "ripple": {"kind": "ripple", "amplitude": 0.01},
    "flicker": {"kind": "flicker", "amplitude": 0.4},
    "drift": {"kind": "drift", "amplitude": 0.03},
    "affine": {"kind": "affine", "mode": "swing", "amount": 8.0},
    "track": {"kind": "track", "points": [{"t": 0, "at": [0.5, 0.5]}, {"t": SECONDS, "at": [0.6, 0.4]}]},
    "soft": {
        "kind": "track", "footprint": "soft",
        "points": [{"t": 0, "at": [0.5, 0.5]}, {"t": SECONDS, "at": [0.53, 0.5]}],
    },
}  # fmt: skip
SURFACES = ("flow", "sway", "ripple", "flicker", "soft")
THINGS = ("drift", "affine", "track")


@pytest.fixture(scope="module")
def scene() -> Scene:
    return analyze(read_photo(EXAMPLES / "coffee.jpg"), width=WIDTH, height=HEIGHT)


def plan_of(*names: str, loop: str = "none", **more: Any) -> MotionPlan:
    regions = tuple(
        RegionMotion.model_validate(
            {"name": name, "mask": {"by": "polygon", "points": BOX}, "motion": KINDS[name] | more, "feather": 0.004}
        )
        for name in names
    )
    return MotionPlan(canvas=Canvas(width=WIDTH, height=HEIGHT, seconds=SECONDS, loop=loop), regions=regions)


def animated(scene: Scene, plan: MotionPlan, seed: int = 0) -> RegionAnimator:
    return RegionAnimator(locate(scene, plan), plan, seed=seed)


def inside(scene: Scene, plan: MotionPlan) -> Any:
    return locate(scene, plan).masks[0]


def flow_between(one: UInt8, other: UInt8) -> Any:
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (one, other)]
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None)


@pytest.mark.parametrize("name", SURFACES)
def test_it_begins_as_the_photo_and_then_moves(scene: Scene, name: str) -> None:
    animator = animated(scene, plan_of(name))
    assert np.array_equal(animator.picture(0.0), scene.photo)
    assert not animator.still
    mask = inside(scene, plan_of(name)) > 0.9
    assert np.abs(animator.picture(1.1).astype(int) - scene.photo)[mask].mean() > 0.5


@pytest.mark.parametrize("name", ["flow", "ripple"])
def test_what_lies_outside_is_not_touched(scene: Scene, name: str) -> None:
    plan = plan_of(name)
    outside = cv2.dilate(inside(scene, plan), np.ones((9, 9))) < 0.002
    changed = np.abs(animated(scene, plan).picture(1.3).astype(int) - scene.photo)
    assert changed[outside].max() == 0


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("loop", ["seamless", "pingpong"])
def test_a_loop_closes_exactly(scene: Scene, name: str, loop: str) -> None:
    animator = animated(scene, plan_of(name, loop=loop))
    assert np.abs(animator.picture(SECONDS).astype(int) - scene.photo).max() <= 2
    between = [np.abs(animator.picture(SECONDS * u).astype(int) - scene.photo).max() for u in (0.2, 0.37, 0.6)]
    assert max(between) > 8


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_current_goes_where_it_is_told_at_its_speed(scene: Scene, degrees: float) -> None:
    plan = plan_of("flow", direction_deg=float(degrees))
    animator = animated(scene, plan)
    mask = cv2.erode(inside(scene, plan), np.ones((25, 25))) > 0.9
    steps = [flow_between(animator.picture(t), animator.picture(t + 0.1))[mask] for t in (0.6, 0.8, 1.0)]
    x, y = np.median(np.concatenate(steps), axis=0) / 0.1 / WIDTH
    wanted = np.array([np.cos(np.radians(degrees)), -np.sin(np.radians(degrees))])
    speed = float(np.hypot(x, y))
    assert float(np.dot([x, y], wanted)) / speed > 0.95
    assert speed == pytest.approx(0.04, rel=0.35)


def test_what_is_anchored_stays_at_its_root(scene: Scene) -> None:
    plan = plan_of("sway")
    flow, _ = animated(scene, plan).displacement(1.4)
    size = np.hypot(flow[..., 0], flow[..., 1])
    middle = size[:, int(0.35 * WIDTH) : int(0.65 * WIDTH)]
    root, top = middle[int(0.74 * HEIGHT) : int(0.79 * HEIGHT)], middle[int(0.22 * HEIGHT) : int(0.3 * HEIGHT)]
    assert root.mean() < 0.15 * top.mean()


def test_light_changes_and_nothing_else(scene: Scene) -> None:
    plan = plan_of("flicker")
    animator = animated(scene, plan)
    mask = inside(scene, plan) > 0.9
    levels = [float(animator.picture(t)[mask].mean()) for t in np.linspace(0.2, 2.8, 14)]
    assert np.std(levels) > 1.0
    flow, _ = animator.displacement(1.0)
    assert not flow.any()


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_leaves_its_place_which_is_painted(scene: Scene, name: str) -> None:
    plan = plan_of(name)
    located = locate(scene, plan)
    bare, things = lift(located, plan, seed=0)
    assert len(things) == 1
    assert np.allclose(things[0].place(0.0), [[1, 0, 0], [0, 1, 0]], atol=1e-9)
    assert not np.allclose(things[0].place(1.3), things[0].place(0.0), atol=0.2)
    mask = located.masks[0]
    far = cv2.dilate(mask, np.ones((31, 31))) < 0.01
    assert np.array_equal(bare.photo[far], scene.photo[far])
    gone = np.abs(bare.photo.astype(int) - scene.photo)[mask > 0.95].mean()
    assert gone > 8  # the cup is not there any more
    assert (bare.depth >= scene.depth - 1e-3).all()  # what lies behind is no nearer


def test_a_thing_on_a_path_reaches_its_points(scene: Scene) -> None:
    plan = plan_of("track")
    (thing,) = lift(locate(scene, plan), plan, seed=0)[1]
    assert thing.place(SECONDS)[:, 2] == pytest.approx([0.1 * WIDTH, -0.1 * HEIGHT], abs=1e-6)


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_comes_home_in_a_loop(scene: Scene, name: str) -> None:
    plan = plan_of(name, loop="seamless")
    (thing,) = lift(locate(scene, plan), plan, seed=0)[1]
    assert np.allclose(thing.place(SECONDS), thing.place(0.0), atol=1e-6)


def test_what_is_frozen_stays_under_what_moves(scene: Scene) -> None:
    moving = plan_of("flow").regions[0]
    frozen = RegionMotion.model_validate(
        {
            "name": "cup",
            "mask": {"by": "polygon", "points": [[0.4, 0.3], [0.6, 0.3], [0.6, 0.6]]},
            "motion": {"kind": "freeze"},
        }
    )
    plan = MotionPlan(canvas=plan_of("flow").canvas, regions=(moving, frozen))
    mask = locate(scene, plan).masks[1] > 0.99
    assert np.array_equal(animated(scene, plan).picture(1.2)[mask], scene.photo[mask])


@pytest.mark.parametrize("name", ["flow", "sway", "ripple", "flicker"])
def test_the_seed_decides_everything_random(scene: Scene, name: str) -> None:
    plan = plan_of(name) if name != "flow" else plan_of(name, turbulence=0.6)
    a, b, c = (animated(scene, plan, seed).picture(1.2) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_arrows_make_a_field_that_follows_them(scene: Scene) -> None:
    arrows = [{"at": [0.35, 0.4], "to": [0.45, 0.4]}, {"at": [0.65, 0.7], "to": [0.65, 0.6]}]
    plan = plan_of("flow", direction_deg=None, arrows=arrows)
    flow, _ = animated(scene, plan).displacement(0.4)
    right, up = flow[int(0.4 * HEIGHT), int(0.4 * WIDTH)], flow[int(0.65 * HEIGHT), int(0.65 * WIDTH)]
    assert right[0] > 2 * abs(right[1])
    assert -up[1] > 2 * abs(up[0])


def test_what_is_asked_can_be_told_in_numbers(scene: Scene) -> None:
    plan = plan_of("flow")
    (asked,) = asked_of(locate(scene, plan), plan, seed=0)
    assert asked.kind == "stream"
    assert asked.velocity == pytest.approx((0.04, 0.0), abs=0.006)


def test_the_whole_program_draws_regions_and_camera_together() -> None:
    from stillmotion import pipeline

    wish = AnimateOptions(prompt="the astronaut drifts, pan right", size=(256, 256), seconds=0.5, fps=8)
    job = pipeline.prepare(EXAMPLES / "astronaut.jpg", wish)
    frames = list(pipeline.draw(job, wish))
    assert len(frames) == 4
    assert np.array_equal(frames[0], job.scene.photo)
