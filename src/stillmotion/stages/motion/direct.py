"""The motion stage: a wish becomes a plan, and the plan becomes one that this photo can carry.

plan file ──┐
prompt ─────┼─▶ requested ─▶ strength folded in ─▶ loop closed ─▶ coverage solved ─▶ effective ─▶ one sentence
(nothing) ──┘    options beat the plan file and the prompt
"""

from __future__ import annotations

from pathlib import Path

from stillmotion.errors import InputError
from stillmotion.options import AnimateOptions
from stillmotion.plan import Canvas, MotionPlan
from stillmotion.stages.motion.canvas import canvas_notes
from stillmotion.stages.motion.choose import choose
from stillmotion.stages.motion.compose import closed, compose
from stillmotion.stages.motion.coverage import solve
from stillmotion.stages.motion.explain import explain
from stillmotion.stages.motion.files import plan_of_file
from stillmotion.stages.motion.grammar import Parsed, parse
from stillmotion.stages.motion.moves import MOVES
from stillmotion.stages.motion.strength import fold_strength
from stillmotion.types import Direction, Scene


def direct(scene: Scene, canvas: Canvas, options: AnimateOptions) -> Direction:
    """Settle what will move.

    `canvas` is `choose_canvas`'s; a prompt may still set its length and loop where the options do not. Without a plan
    file and a prompt a tasteful motion is chosen from the scene.

    Raises:
        InputError: the plan file cannot be carried out, or nothing in the prompt was understood.
    """
    if options.plan is not None:
        requested, notes = _from_file(scene, canvas, options, options.plan)
    elif options.prompt is not None and options.prompt.strip():
        requested, notes = _from_prompt(scene, canvas, options, options.prompt)
    else:
        requested, notes = _chosen(scene, canvas, options, because="No prompt was given")
    requested = requested.model_copy(update={"grade": requested.grade.changed_by(options)})
    effective, said = carry_out(requested, scene)
    about_canvas = canvas_notes(effective, options, crop_width=scene.crop.width)
    return Direction(
        requested=requested,
        effective=effective,
        notes=_once([*notes, *said, *about_canvas]),
        sentence=explain(effective, fov_deg=scene.fov_deg),
    )


def carry_out(requested: MotionPlan, scene: Scene) -> tuple[MotionPlan, tuple[str, ...]]:
    """The plan as it will be drawn on this scene, and notes on what differs from what was requested."""
    folded, notes = fold_strength(requested, scene.fov_deg)
    effective, said = solve(closed(folded, scene.fov_deg), scene)
    return effective, (*notes, *said)


def _from_file(scene: Scene, canvas: Canvas, options: AnimateOptions, path: Path) -> tuple[MotionPlan, list[str]]:
    plan, said = plan_of_file(path, canvas, fov_deg=scene.fov_deg, crop=scene.crop)
    notes = list(said)
    if options.prompt:
        notes.append("The prompt is not used: the plan file says what moves.")
    strength = plan.strength if options.strength is None else options.strength
    return plan.model_copy(update={"strength": strength}), notes


def _from_prompt(scene: Scene, canvas: Canvas, options: AnimateOptions, prompt: str) -> tuple[MotionPlan, list[str]]:
    parsed = _read(prompt, canvas, options)
    notes = list(parsed.notes)
    if parsed.unknown:
        notes.append(f"Not understood, and so without effect: {', '.join(parsed.unknown)}.")
    if parsed.free:
        chosen, why = _chosen(scene, canvas, options, because="The prompt names no motion of its own")
        return chosen.model_copy(update={"prompt": prompt}), [*notes, *why]
    if not (parsed.moves or parsed.regions or parsed.portrait):
        words = ", ".join(parsed.unknown) if parsed.unknown else prompt.strip()
        raise InputError(
            f"Nothing in the prompt says what shall move: {words!r} is not understood as motion.",
            hint="Say how the camera or a part of the photo moves, e.g. 'slow push in, the water ripples'; "
            f"camera moves are {', '.join(name.replace('_', ' ') for name in MOVES)}.",
        )
    if parsed.portrait:
        notes.append("The prompt asks for motion of a face, which only a portrait engine can draw.")
    if parsed.seconds is not None and options.seconds is None:
        canvas = canvas.model_copy(update={"seconds": parsed.seconds})
    if parsed.loop is not None and options.loop is None:
        canvas = canvas.model_copy(update={"loop": parsed.loop})
    camera, time, said = compose(parsed.moves, canvas, fov_deg=scene.fov_deg)
    plan = MotionPlan(
        prompt=prompt, canvas=canvas, camera=camera, time=time, regions=parsed.regions, portrait=parsed.portrait,
        strength=1.0 if options.strength is None else options.strength,
    )  # fmt: skip
    return plan, [*notes, *said]


def _read(prompt: str, canvas: Canvas, options: AnimateOptions) -> Parsed:
    if options.planner is not None:
        from stillmotion.stages.motion.planner import ask

        return ask(prompt, url=options.planner, model=options.planner_model, seconds=canvas.seconds)
    return parse(prompt, seconds=canvas.seconds, aspect=canvas.width / canvas.height)


def _chosen(scene: Scene, canvas: Canvas, options: AnimateOptions, *, because: str) -> tuple[MotionPlan, list[str]]:
    moves, regions, why = choose(scene, canvas)
    camera, time, said = compose(moves, canvas, fov_deg=scene.fov_deg)
    strength = 1.0 if options.strength is None else options.strength
    plan = MotionPlan(canvas=canvas, camera=camera, time=time, regions=regions, strength=strength)
    return plan, [f"{because}: {why}", *said]


def _once(notes: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
