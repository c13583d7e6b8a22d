"""Plans between two plans: what an eye would expect half way."""

from __future__ import annotations

import pytest

from stillmotion.camera import CameraPath
from stillmotion.plan import Canvas, MotionPlan
from stillmotion.stages.motion.blend import blend
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.grammar import parse

FOV = 50.0


def plan(prompt: str, *, loop: str = "none") -> MotionPlan:
    canvas = Canvas.model_validate({"width": 320, "height": 192, "fps": 8, "seconds": 2, "loop": loop})
    parsed = parse(prompt, seconds=2, aspect=320 / 192)
    camera, time, _ = compose(parsed.moves, canvas, fov_deg=FOV)
    return MotionPlan(prompt=prompt, canvas=canvas, camera=camera, time=time, regions=parsed.regions)


def test_at_its_ends_a_blend_is_the_plan_itself() -> None:
    a, b = plan("slow push in"), plan("pan left, the clouds move right")
    assert blend(a, b, 0.0, fov_deg=FOV) is a
    assert blend(a, b, 1.0, fov_deg=FOV) is b


@pytest.mark.parametrize("loop", ["none", "seamless", "pingpong"])
@pytest.mark.parametrize(
    ("one", "two"),
    [("slow push in", "pan left 10 degrees"), ("pan right", "orbit left, then crane up"), ("zoom in", "hold still")],
)
def test_half_way_the_camera_is_between_both_at_all_times(one: str, two: str, loop: str) -> None:
    a, b = plan(one, loop=loop), plan(two, loop=loop)
    between = CameraPath(blend(a, b, 0.5, fov_deg=FOV), FOV)
    ends = [CameraPath(each, FOV) for each in (a, b)]
    reach = max(abs(end.rig(t) - end.rig(0.0)).max() for end in ends for t in (1.0, 2.0))
    for t in (0.0, 0.3, 1.0, 1.5, 2.0):
        wanted = (ends[0].rig(t) + ends[1].rig(t)) / 2
        assert abs(between.rig(t) - wanted).max() < 0.02 * reach + 1e-6


def test_clouds_that_drift_left_and_right_rest_half_way() -> None:
    a, b = plan("the clouds move left"), plan("the clouds move right")
    speeds = [blend(a, b, share, fov_deg=FOV).regions[0].motion for share in (0.0, 0.25, 0.5, 0.75)]
    left, slower, still, right = ((m.speed, m.direction_deg) for m in speeds)  # type: ignore[union-attr]
    assert slower[0] == pytest.approx(left[0] / 2, abs=1e-6)
    assert abs(slower[1]) == pytest.approx(180)
    assert still[0] == 0
    assert right[1] == pytest.approx(0)


def test_a_region_of_one_plan_alone_fades() -> None:
    a, b = plan("pan left"), plan("pan left, the clouds move right")
    (cloud,) = blend(a, b, 0.25, fov_deg=FOV).regions
    assert cloud.motion.speed == pytest.approx(b.regions[0].motion.speed / 4)  # type: ignore[union-attr]


def test_a_blend_is_a_plan_that_can_be_written_and_read() -> None:
    found = blend(plan("handheld pan left, slow motion"), plan("orbit right, the water ripples"), 0.4, fov_deg=FOV)
    assert MotionPlan.model_validate_json(found.to_json()) == found
