"""What `--plan FILE` may be: a plan of ours, or motion written for another product. Tells them apart; knows no scene.

stillmotion/plan@1   JSON with "format"                         Kling    JSON with "type" and "config"
camera text          rows of RealEstate10K (not JSON)           Runway   JSON with its sliders' names
motion brush         JSON with "dynamic_masks", or a list of painted regions with sliders
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from stillmotion.errors import InputError
from stillmotion.plan import FORMAT, BrushMask, Camera, Canvas, MotionPlan, RegionMotion, parse_plan
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.importers.brush import carried, read_brush_sliders, read_trajectories
from stillmotion.stages.motion.importers.kling import read_kling
from stillmotion.stages.motion.importers.realestate10k import read_camera_text
from stillmotion.stages.motion.importers.runway import read_runway
from stillmotion.types import Crop

_DEFAULT_FPS = 24.0
_ANY_FOV_DEG = 50.0


def canvas_of_file(path: Path, *, fps: float | None) -> tuple[Canvas | None, float | None]:
    """The canvas a plan file brings (None: it brings none), and its length in seconds (None: it has none of its own).

    Raises:
        InputError: the file cannot be read.
    """
    text = _text(path)
    if _is_camera_text(text, path):
        return None, read_camera_text(text, fps=fps or _DEFAULT_FPS, fov_deg=_ANY_FOV_DEG)[1]
    data = _json(text, path)
    if isinstance(data, Mapping) and "format" in data:
        canvas = parse_plan(text, source=str(path)).canvas
        return canvas, canvas.seconds
    return None, None


def plan_of_file(path: Path, canvas: Canvas, *, fov_deg: float, crop: Crop) -> tuple[MotionPlan, tuple[str, ...]]:
    """The plan that a file describes, on this canvas that shows `crop` of a photo with this field of view, and notes on
    its reading. Masks in files beside it become part of the plan.

    Raises:
        InputError: the file cannot be read or carried out; says which form it was taken for.
    """
    text = _text(path)
    if _is_camera_text(text, path):
        camera, _ = read_camera_text(text, fps=canvas.fps, fov_deg=fov_deg)
        plan = MotionPlan(canvas=canvas, camera=camera)
        return plan, (f"{path.name} was read as RealEstate10K camera text: {len(camera.keyframes)} keyframes.",)
    data = _json(text, path)
    if isinstance(data, Mapping) and "format" in data:
        plan = parse_plan(text, source=str(path))
        regions = tuple(_with_mask(region, path.parent) for region in plan.regions)
        return plan.model_copy(update={"canvas": canvas, "regions": regions}), ()
    if isinstance(data, list) or (isinstance(data, Mapping) and "dynamic_masks" in data):
        regions = _brushes(data, canvas, crop, path.parent)
        plan = MotionPlan(canvas=canvas, camera=Camera(), regions=regions)
        return plan, (f"{path.name} was read as a motion brush with {len(regions)} regions.",)
    if not isinstance(data, Mapping):
        raise InputError(f"{path} holds {type(data).__name__}; a plan is an object with the format {FORMAT!r}.")
    control = data.get("camera_control", data)
    if not isinstance(control, Mapping):
        raise InputError(f"camera_control of {path} is {control!r}; it must be an object.")
    kling = bool({"type", "config"} & set(control))
    moves = read_kling(control) if kling else read_runway(control)
    camera, time, notes = compose(moves, canvas, fov_deg=fov_deg)
    product = "Kling's camera control" if kling else "Runway's sliders"
    said = ", ".join(move.name.replace("_", " ") for move in moves)
    return MotionPlan(canvas=canvas, camera=camera, time=time), (f"{path.name} was read as {product}: {said}.", *notes)


def _brushes(
    data: Mapping[str, object] | Sequence[Mapping[str, object]], canvas: Canvas, crop: Crop, folder: Path
) -> tuple[RegionMotion, ...]:
    if isinstance(data, Mapping):
        return read_trajectories(data, seconds=canvas.seconds, crop=crop, folder=folder)
    return read_brush_sliders(data, folder=folder)


def _with_mask(region: RegionMotion, folder: Path) -> RegionMotion:
    if not isinstance(region.mask, BrushMask):
        return region
    mask = carried(region.mask, folder, called=f"the region '{region.name}'")
    return region.model_copy(update={"mask": mask})


def _is_camera_text(text: str, path: Path) -> bool:
    return path.suffix.lower() != ".json" and not text.lstrip().startswith(("{", "["))


def _text(path: Path) -> str:
    if not path.exists():
        raise InputError(f"There is no plan {path}.", hint="`stillmotion plan PHOTO -o plan.json` writes one.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text, and so no plan: byte {error.start} is not UTF-8.") from error
    except OSError as error:
        raise InputError(f"The plan {path} cannot be read: {error.strerror or error}.") from error


def _json(text: str, path: Path) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path} is not JSON: {error}") from error
