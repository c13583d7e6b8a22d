"""One sentence that says what the plan does, whoever wrote it."""

import pytest

from stillmotion.plan import (
    Affine,
    Camera,
    CameraKey,
    Canvas,
    Flow,
    Handheld,
    LabelMask,
    MotionPlan,
    RegionMotion,
    TimeKey,
    Track,
    TrackPoint,
)
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.explain import explain
from stillmotion.stages.motion.moves import MOVES, Move

CANVAS = Canvas(width=640, height=360, seconds=4)
SKY = LabelMask(label="sky")


def _plan(*keys: CameraKey, **more: object) -> MotionPlan:
    camera = Camera(keyframes=keys or (CameraKey(t=0),), **more.pop("camera", {}))  # type: ignore[arg-type]
    return MotionPlan(canvas=more.pop("canvas", CANVAS), camera=camera, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ({"rotation_deg": (0, 12, 0)}, "pans right by 12°"),
        ({"rotation_deg": (-7, 0, 0)}, "tilts down by 7°"),
        ({"rotation_deg": (0, 0, -5)}, "rolls counter-clockwise by 5°"),
        ({"position": (0, 0, 0.2)}, "pushes in by 20 % of the subject's distance"),
        ({"position": (-0.1, 0, 0)}, "trucks left by 10 %"),
        ({"position": (0, -0.1, 0)}, "pedestals up by 10 %"),
        ({"orbit_deg": (-20, 0)}, "orbits left by 20°"),
        ({"vertigo": 0.2}, "dolly-zooms in by 20 %"),
        ({"fov_deg": 25.0}, "zooms in to"),
    ],
)
def test_each_way_a_camera_moves_has_its_word(key: dict[str, object], words: str) -> None:
    assert words in explain(_plan(CameraKey(t=0), CameraKey(t=4, **key)), fov_deg=50)


def test_a_camera_that_does_nothing_stands_still() -> None:
    assert explain(_plan()) == "The camera stands still, in 4 s."


def test_one_move_after_another_is_told_in_order_with_its_time() -> None:
    pushed = CameraKey(t=1, position=(0, 0, 0.2))
    turned = CameraKey(t=4, position=(0, 0, 0.2), rotation_deg=(0, -9, 0))
    sentence = explain(_plan(CameraKey(t=0), pushed, turned))
    assert sentence.index("pushes in") < sentence.index("then pans left by 9°")
    assert "over 1.0 s" in sentence


def test_moves_at_once_are_told_together() -> None:
    both = CameraKey(t=4, position=(0.1, 0, 0), rotation_deg=(0, -5, 0))
    assert "trucks right by 10 % of the subject's distance and pans left by 5°" in explain(_plan(CameraKey(t=0), both))


def test_a_loop_goes_back() -> None:
    loop = CANVAS.model_copy(update={"loop": "seamless"})
    sentence = explain(_plan(CameraKey(t=0), CameraKey(t=2, position=(0, 0, 0.2)), CameraKey(t=4), canvas=loop))
    assert "and back" in sentence
    assert "looping without a seam" in sentence


def test_hands_framing_time_and_strength_are_told() -> None:
    camera = {"handheld": Handheld(amplitude=3.0), "framing": "low_angle"}
    slow = (TimeKey(t=0, tau=0), TimeKey(t=4, tau=2))
    sentence = explain(_plan(camera=camera, time=slow, strength=0.5))
    for words in ("unsteady hand", "from a low angle", "time at 0.5 times", "0.5 times the strength"):
        assert words in sentence


def test_regions_are_told_by_their_names_with_the_verb_in_the_right_number() -> None:
    clouds = RegionMotion(name="clouds", mask=SKY, motion=Flow(direction_deg=180, speed=0.05))
    wheel = RegionMotion(name="wheel", mask=SKY, motion=Affine(mode="spin", amount=-90))
    path = (TrackPoint(t=0, at=(0.2, 0.8)), TrackPoint(t=4, at=(0.4, 0.6)))
    boat = RegionMotion(name="her boat", mask=SKY, motion=Track(points=path))
    sentence = explain(_plan(regions=(clouds, wheel, boat)))
    assert "the clouds flow left at 5 % of the width a second" in sentence
    assert "the wheel spins counter-clockwise at 90° a second" in sentence
    assert "her boat moves up and right by 28 % of the width" in sentence


@pytest.mark.parametrize("loop", ["none", "seamless", "pingpong"])
def test_every_move_can_be_told_in_one_sentence(loop: str) -> None:
    canvas = CANVAS.model_copy(update={"loop": loop})
    for name in MOVES:
        camera, time, _ = compose([Move(name=name)], canvas, fov_deg=55)
        sentence = explain(MotionPlan(canvas=canvas, camera=camera, time=time), fov_deg=55)
        assert sentence.endswith(".")
        assert ("stands still" in sentence) == (len(camera.keyframes) == 1), name
