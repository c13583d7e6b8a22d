"""Camera moves of worlds, made by the same grammar and planner as a user's, so that plan and sentence are known.

rng ─▶ words ("slow orbit left, pedestal up") ─parse, compose, strength─▶ MotionPlan, and its canonical sentence
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillmotion.plan import Canvas, MotionPlan
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.explain import explain
from stillmotion.stages.motion.grammar import parse
from stillmotion.stages.motion.strength import fold_strength
from stillmotion.training.worlds.records import World

MOVES = (
    "truck left", "truck right", "push in", "pull out", "pedestal up", "pedestal down", "orbit left", "orbit right",
    "pan left", "pan right", "tilt up", "tilt down", "roll clockwise", "zoom in", "zoom out", "dolly zoom", "static",
)  # fmt: skip
CHANCES = np.array([9, 9, 12, 8, 4, 2, 9, 9, 6, 6, 3, 3, 1, 4, 3, 2, 10], float)
_WITH = (0.35, 0.2)  # chance of a second move at the same time; of a hand that holds the camera


def moved(world: World, rng: np.random.Generator, *, size: tuple[int, int], frames: int, fps: float) -> World:
    """The world with a camera that moves for that many frames; `size` is (width, height)."""
    canvas = Canvas(width=size[0], height=size[1], fps=fps, seconds=frames / fps)
    words = [str(rng.choice(MOVES, p=CHANCES / CHANCES.sum()))]
    if words[0] != "static" and rng.random() < _WITH[0]:
        other = str(rng.choice(MOVES[:12]))
        if other.split()[0] != words[0].split()[0]:
            words.append(other)
    prompt = " and ".join(words) + (", handheld" if rng.random() < _WITH[1] else "")
    parsed = parse(prompt, seconds=canvas.seconds, aspect=size[0] / size[1])
    camera, clock, _ = compose(parsed.moves, canvas, fov_deg=world.fov_deg)
    strength = float(np.exp(rng.uniform(np.log(0.4), np.log(1.5))))
    plan = MotionPlan(prompt=prompt, canvas=canvas, camera=camera, time=clock, strength=strength)
    plan, _ = fold_strength(plan, world.fov_deg)
    return replace(world, plan=plan, told=world.told | {"prompt": prompt})


def sentence(world: World) -> str:
    """What the camera of a world does, in the plan's own words; "" for a still."""
    return explain(world.plan, fov_deg=world.fov_deg) if world.plan is not None else ""
