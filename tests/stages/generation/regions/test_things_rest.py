"""A thing that is about to leave looks like the photo; it does not pop out of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from stillmotion import pipeline
from stillmotion.options import AnimateOptions
from stillmotion.plan import Canvas, MotionPlan

COFFEE = Path(__file__).parents[4] / "examples" / "coffee.jpg"


def test_the_first_step_of_a_thing_is_as_small_as_its_way(tmp_path: Path) -> None:
    cup = {"by": "polygon", "points": [[0.25, 0.05], [0.75, 0.05], [0.75, 0.65], [0.25, 0.65]]}
    motion = {"kind": "track", "points": [{"t": 0, "at": [0.5, 0.4]}, {"t": 2, "at": [0.7, 0.4]}]}
    region = {"name": "cup", "mask": cup, "feather": 0.04, "motion": motion}
    canvas = Canvas(width=256, height=176, fps=12, seconds=2)
    plan = MotionPlan.model_validate({"canvas": canvas.model_dump(), "regions": [region]})
    (tmp_path / "plan.json").write_text(plan.to_json())
    options = AnimateOptions(plan=tmp_path / "plan.json")
    frames = [f.astype(np.float32) for f in pipeline.draw(pipeline.prepare(COFFEE, options), options)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(frames)]
    assert steps[0] < 0.3 * max(steps)
    assert steps[0] < 1.5 * steps[1] + 0.1
