"""What one moving region adds to a 720p frame: drawn with and without it, side by side in one run.

Part of `python -m benchmarks`; alone: `python -m benchmarks.regions`.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from stillmotion.media.image import read_photo
from stillmotion.plan import Camera, CameraKey, Canvas, MotionPlan, RegionMotion
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.generation.backends.geometry.renderer import Renderer

PHOTO = Path(__file__).parent.parent / "examples" / "coffee.jpg"
BOX = {"by": "polygon", "points": [[0, 0], [1, 0], [1, 0.5], [0, 0.5]]}
KINDS: dict[str, dict[str, object]] = {
    "flow": {"kind": "flow", "direction_deg": 0}, "sway": {"kind": "sway"}, "ripple": {"kind": "ripple"},
    "flicker": {"kind": "flicker"}, "drift": {"kind": "drift"},
    "spin": {"kind": "affine", "mode": "spin", "amount": 30},
}  # fmt: skip
ROUNDS = 12


def table() -> str:
    """The table as markdown."""
    scene = analyze(read_photo(PHOTO), width=1280, height=720)
    canvas = Canvas(width=1280, height=720)
    camera = Camera(keyframes=(CameraKey(t=0), CameraKey(t=5, position=(0.05, 0, 0.05))))
    plans = {"no region": MotionPlan(canvas=canvas, camera=camera)}
    for name, motion in KINDS.items():
        region = RegionMotion.model_validate({"name": name, "mask": BOX, "motion": motion})
        plans[name] = MotionPlan(canvas=canvas, camera=camera, regions=(region,))
    renderers = {}
    for name, plan in plans.items():
        located = locate(scene, plan)
        began = time.perf_counter()
        renderers[name] = (Renderer(located, plan, seed=0, quality="standard"), time.perf_counter() - began)
    times: dict[str, list[float]] = {name: [] for name in plans}
    for k in range(ROUNDS + 1):
        for name, (renderer, _) in renderers.items():
            began = time.perf_counter()
            renderer.draw(0.4 + 0.3 * k)
            if k:
                times[name].append(time.perf_counter() - began)
    base = float(np.median(times["no region"]))
    lines = [
        "| half the frame moves by | ms a frame, one thread | added | x the frame without | setting up, s |",
        "|---|---|---|---|---|",
    ]
    for name, values in times.items():
        ms = 1000 * float(np.median(values))
        cells = f"{ms:.1f} | {ms - 1000 * base:+.1f} | {ms / 1000 / base:.2f} | {renderers[name][1]:.2f}"
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
