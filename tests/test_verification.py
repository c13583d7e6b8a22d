"""A right video passes; each kind of wrong one is caught, and the measure that names the fault says so."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from stillmotion import pipeline
from stillmotion.evaluation.expected import Expected
from stillmotion.evaluation.judge import judge
from stillmotion.evaluation.measure import measure
from stillmotion.options import AnimateOptions
from stillmotion.types import UInt8
from stillmotion.verification import expect, watching

EXAMPLES = Path(__file__).parent.parent / "examples"
FPS = 12.0


@dataclass(frozen=True)
class Made:
    """A right video in memory, and what was expected of it."""

    frames: list[UInt8]
    expected: Expected
    job: pipeline.Prepared


def _made(photo: str, prompt: str, **options: object) -> Made:
    wish = AnimateOptions.model_validate({"prompt": prompt, "size": (384, 256), "fps": FPS, "seconds": 2.5} | options)
    job = pipeline.prepare(EXAMPLES / photo, wish)
    frames = list(pipeline.draw(job, wish))
    return Made(frames, expect(job.scene, job.direction.effective, seed=wish.seed), job)


def _failures(frames: list[UInt8], expected: Expected) -> set[str]:
    measures = measure(frames, fps=FPS, expected=expected, count=len(frames))
    return {finding.measure for finding in judge(measures, expected) if not finding.passed}


@pytest.fixture(scope="module")
def panned() -> Made:
    return _made("coffee.jpg", "pan right 8 degrees")


@pytest.mark.parametrize(
    ("photo", "prompt"),
    [
        ("coffee.jpg", "pan left"), ("coffee.jpg", "tilt up"), ("coffee.jpg", "tilt down"), ("coffee.jpg", "zoom in"),
        ("coffee.jpg", "zoom out"), ("coffee.jpg", "static"), ("astronaut.jpg", "push in"),
        ("chelsea.jpg", "truck right"), ("astronaut.jpg", "orbit left"), ("coffee.jpg", "roll clockwise"),
    ],
)  # fmt: skip
def test_a_right_video_passes(photo: str, prompt: str) -> None:
    made = _made(photo, prompt)
    assert _failures(made.frames, made.expected) == set()


Spoil = Callable[[list[UInt8]], list[UInt8]]


def _brighter(frame: UInt8, by: float) -> UInt8:
    return np.clip(frame.astype(np.float32) + by, 0, 255).astype(np.uint8)


def _jumps(frames: list[UInt8]) -> list[UInt8]:
    """The same way, but all of it at once in the middle."""
    half = len(frames) // 2
    return [frames[0]] * half + [frames[-1]] * (len(frames) - half)


@pytest.mark.parametrize(
    ("fault", "spoil", "measures"),
    [
        ("backwards", lambda f: f[::-1], {"camera_rule", "rot_err", "path_err"}),
        ("standing", lambda f: [f[0]] * len(f), {"camera_rule", "path_err"}),
        ("flickering", lambda f: [_brighter(x, 14 * (i % 2)) for i, x in enumerate(f)], {"pumping"}),
        (
            "drifting in colour",
            lambda f: [_brighter(x, np.array([3.0 * i, 0, -3.0 * i])) for i, x in enumerate(f)],  # type: ignore[arg-type]
            {"drift"},
        ),
        ("mirrored", lambda f: [x[:, ::-1] for x in f], {"first_psnr_luma", "path_err"}),
        ("at another pace", _jumps, {"path_err", "jump"}),
        ("at twice the speed", lambda f: f[::2] + [f[-1]] * (len(f) - len(f[::2])), {"path_err"}),
        ("too short", lambda f: f[: len(f) // 2], {"length_err"}),
        ("of another photo", lambda f: [255 - x for x in f], {"first_psnr_luma"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_wrong_video_is_caught_by_the_measure_that_names_it(
    panned: Made, fault: str, spoil: Spoil, measures: set[str]
) -> None:
    assert not _failures(panned.frames, panned.expected)
    spoiled = [np.ascontiguousarray(frame) for frame in spoil(panned.frames)]
    assert _failures(spoiled, panned.expected) & measures, fault


def test_the_other_direction_is_not_what_was_asked(panned: Made) -> None:
    other = _made("coffee.jpg", "pan left 8 degrees")
    assert "camera_rule" in _failures(other.frames, panned.expected)


def test_four_points_that_slip_do_not_overrule_all_that_are_on_their_way(panned: Made) -> None:
    measures = measure(panned.frames, fps=FPS, expected=panned.expected, count=len(panned.frames))
    assert measures.path_err is not None
    for path_err, judged in ((0.05, False), (0.3, True)):
        slipped = replace(measures, camera_rule=0.0, path_err=path_err)
        failed = {finding.measure for finding in judge(slipped, panned.expected) if not finding.passed}
        assert ("camera_rule" in failed) == judged


def test_a_region_that_goes_the_wrong_way_is_caught() -> None:
    region = {"name": "table", "mask": {"by": "polygon", "points": [[0, 0], [0.35, 0], [0.2, 0.6], [0, 0.6]]}}
    plans = [_region_plan(region, degrees) for degrees in (0.0, 180.0)]
    right, wrong = (_made_of(plan) for plan in plans)
    assert _failures(right.frames, right.expected) == set()
    assert "region.table.direction_err" in _failures(wrong.frames, right.expected)


def _region_plan(region: dict[str, object], degrees: float) -> str:
    motion = {"kind": "flow", "direction_deg": degrees, "speed": 0.05, "turbulence": 0.0}
    return _plan(region | {"motion": motion})


def _plan(region: dict[str, object]) -> str:
    return json.dumps(
        {
            "format": "stillmotion/plan@1",
            "canvas": {"width": 384, "height": 256, "fps": FPS, "seconds": 2.5},
            "regions": [region],
        }
    )


def _made_of(plan: str, photo: str = "coffee.jpg") -> Made:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(plan)
        wish = AnimateOptions(plan=path)
        job = pipeline.prepare(EXAMPLES / photo, wish)
        frames = list(pipeline.draw(job, wish))
    return Made(frames, expect(job.scene, job.direction.effective), job)


CUP = {"by": "polygon", "points": [[0.3, 0.2], [0.75, 0.2], [0.75, 0.85], [0.3, 0.85]]}


@pytest.mark.parametrize(
    ("motion", "measure"),
    [
        ({"kind": "sway", "amplitude": 0.03, "frequency": 0.8}, "region.cup.speed_ratio"),
        ({"kind": "affine", "mode": "slide", "amount": 0.1, "direction_deg": 0.0}, "region.cup.track_err"),
        ({"kind": "flicker", "amplitude": 0.5, "frequency": 2.0}, "region.cup.speed_ratio"),
    ],
    ids=["sway", "slide", "flicker"],
)  # fmt: skip
def test_a_region_that_stands_still_is_caught(motion: dict[str, object], measure: str) -> None:
    made = _made_of(_plan({"name": "cup", "mask": CUP, "motion": motion}))
    assert not [name for name in _failures(made.frames, made.expected) if name.startswith("region")]
    still = [made.frames[0]] * len(made.frames)
    assert measure in _failures(still, made.expected)


def test_a_loop_that_does_not_close_is_caught() -> None:
    made = _made("coffee.jpg", "orbit left", loop="seamless")
    assert _failures(made.frames, made.expected) == set()
    cut = made.frames[: len(made.frames) * 3 // 8]  # it goes out and does not come back
    assert "loop_seam" in _failures(cut, made.expected)


def test_what_is_measured_on_the_way_agrees_with_what_is_measured_afterwards(panned: Made) -> None:
    watch = watching(panned.job.scene, panned.job.direction.effective, seed=0)
    for frame in panned.frames:
        watch._observer.see(frame)
    told = watch.result()
    assert told["passed"]
    assert told["camera_rule"] == 1.0
    assert told["path_err"] < 0.2
