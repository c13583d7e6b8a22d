"""Clips whose truth is known: photos set in motion by the geometry engine, and real clips, with guide and validity.

    wide photo ─plan A: turns, zooms─▶ truth (real pixels)   its middle ─plan B: travels─▶ what a camera cannot know
    clip ─frames─▶ truth                                    flow from frame 0 ─▶ guide, and where it can be believed

There and back: the photo's pixels are carried to where plan B takes the camera, and fetched from there into its own
view again. What was hidden or outside over there is a hole here whose true content is known (AdaMPI, arXiv 2205.11733);
what is not a hole has been resampled twice, as guides are. Frame 0 is the photo itself, as in every plan. Pixels are
carried one by one: layers and paint, which the geometry engine makes for every scene, would be most of the time.

Legend: F frames, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.camera import CameraPath, intrinsics, pivot_point
from stillmotion.errors import StillmotionError
from stillmotion.options import AnimateOptions
from stillmotion.pipeline import Prepared, prepare
from stillmotion.plan import Camera, CameraKey, Canvas, MotionPlan
from stillmotion.stages.generation.backends.geometry.mesh import projection
from stillmotion.stages.motion.explain import explain

FPS = 8.0
TRAVELS = (
    "truck left", "truck right", "push in", "pull out", "pedestal up", "pedestal down", "orbit left", "orbit right",
    "truck left and push in", "orbit right and pedestal up", "pull out and truck right",
)  # fmt: skip
_REACH = 0.35  # of the flow between two passes, pixels times this: how far they may disagree
_NEARER = 1.03  # a surface this much nearer hides a pixel
_FILLS = ("left", "grey", "telea")


@dataclass(frozen=True, slots=True)
class World:
    """One clip to learn from."""

    truth: np.ndarray  # (F, H, W, 3) uint8
    guide: np.ndarray  # (F, H, W, 3) uint8; anything where it is not valid
    valid: np.ndarray  # (F, H, W) uint8, 255: wholly
    sentence: str  # "" where nobody knows what moves


def there_and_back(photo: np.ndarray, frames: int, size: tuple[int, int], rng: np.random.Generator) -> World | None:
    """A world of a photo (h, w, 3) larger than `size` (W, H); nothing where the engine has to refuse it.

    One frame is a still: the photo with the holes of one view.
    """
    width, height = size
    y, x = (
        int(rng.integers(0, whole - part + 1)) for whole, part in zip(photo.shape[:2], (height, width), strict=True)
    )
    seconds, strength = max(frames, 2) / FPS, float(np.exp(rng.uniform(np.log(0.5), np.log(2.0))))
    wish = AnimateOptions(prompt=str(rng.choice(TRAVELS)), seconds=seconds, fps=FPS, size=size, strength=strength)
    try:
        job = prepare(np.ascontiguousarray(photo[y : y + height, x : x + width]), wish)
    except StillmotionError:
        return None
    travel, way = job.direction.effective, str(rng.choice(_FILLS))
    if frames == 1:
        back, seen = _fetched(job, seconds)
        return World(job.scene.photo[None], _filled(back, seen, way)[None], seen[None], "")
    turn = _turn(travel.canvas, job.scene.fov_deg, photo.shape[1::-1], (x, y), rng)
    truth, guide, valid = [], [], []
    for t in np.arange(frames) / FPS:
        back, seen = _fetched(job, float(t))
        plane = _plane(turn, job.scene.fov_deg, float(t))
        shown = _carried(seen, plane, size, 0)
        from_photo = plane @ np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]], np.float64)
        truth.append(_carried(photo, from_photo, size, None))
        guide.append(_filled(_carried(back, plane, size, None), shown, way))
        valid.append(shown)
    return World(np.stack(truth), np.stack(guide), np.stack(valid), explain(turn, fov_deg=job.scene.fov_deg))


def _turn(
    canvas: Canvas, fov_deg: float, whole: tuple[int, ...], corner: tuple[int, int], rng: np.random.Generator
) -> MotionPlan:
    """A camera that turns and zooms on the spot and never sees beyond the photo of which the canvas is a part."""
    tilt, pan, roll = rng.normal(0, 1, 3) * (4.0, 6.0, 2.0) * (rng.random(3) < (0.6, 0.7, 0.3))
    zoom = float(np.clip(rng.normal(0, 0.2), -0.4, 0.4)) * (rng.random() < 0.6)
    for scale in 0.75 ** np.arange(16):
        turned = (float(tilt * scale), float(pan * scale), float(roll * scale))
        key = CameraKey(t=canvas.seconds, rotation_deg=turned, fov_deg=fov_deg * float(np.exp(-zoom * scale)))
        plan = MotionPlan(canvas=canvas, camera=Camera(keyframes=(CameraKey(t=0.0, fov_deg=fov_deg), key)))
        corners = np.array([[0, 0, 1], [canvas.width, 0, 1], [0, canvas.height, 1], [canvas.width, canvas.height, 1]])
        seen = corners @ np.linalg.inv(_plane(plan, fov_deg, canvas.seconds)).T
        at = seen[:, :2] / seen[:, 2:] + corner
        if (at >= 0).all() and (at <= np.array(whole) - 1).all():
            return plan
    return MotionPlan(canvas=canvas)


def _plane(plan: MotionPlan, fov_deg: float, t: float) -> np.ndarray:
    """(3, 3): where pixels of frame 0 are at time t, for a camera that only turns and zooms."""
    view, canvas = CameraPath(plan, fov_deg).at(t), plan.canvas
    now, before = (intrinsics(fov, canvas.width, canvas.height) for fov in (view.fov_deg, fov_deg))
    return np.asarray(now @ view.world_to_camera[:3, :3] @ np.linalg.inv(before))


def _fetched(job: Prepared, t: float) -> tuple[np.ndarray, np.ndarray]:
    """The view at time t fetched back into the photo's (H, W, 3), and where that is right (H, W) uint8."""
    scene, photo = job.scene, job.scene.photo
    height, width = photo.shape[:2]
    if t == 0:
        return photo, np.full((height, width), 255, np.uint8)
    plan = job.direction.effective
    view = CameraPath(plan, scene.fov_deg, pivot=pivot_point(scene, plan.camera.pivot)).at(t)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    seen_by = projection(view, fov_deg=scene.fov_deg, width=width, height=height, origin=(0, 0))
    x, y, z = seen_by.at(columns, rows, 1.0 / scene.depth.astype(np.float64))
    inside = (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5) & (z > 0)
    at = np.rint(y).clip(0, height - 1).astype(np.intp) * width + np.rint(x).clip(0, width - 1).astype(np.intp)
    order = np.argsort(-z[inside], kind="stable")  # the nearest comes last and stays
    owner = np.full(height * width, -1, np.intp)
    owner[at[inside][order]] = np.flatnonzero(inside)[order]
    nearest = np.where(owner >= 0, z.reshape(-1)[owner], np.inf).reshape(height, width).astype(np.float32)
    whole = cv2.erode(nearest, np.ones((3, 3), np.uint8))  # no cracks where a surface is seen larger
    seen = inside & (whole.reshape(-1)[at] > z / _NEARER)
    moved = np.stack([x - columns, y - rows], axis=2)
    part = (moved - np.rint(moved)).astype(np.float32)  # resampled there and back
    across, down = columns.astype(np.float32), rows.astype(np.float32)
    there = cv2.remap(
        photo, across - part[..., 0], down - part[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    back = cv2.remap(
        there, across + part[..., 0], down + part[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    before = photo.reshape(-1, 3)[owner[at]]  # of what stands in front
    right = cv2.erode(seen.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(right[..., None] > 0, back, before), right * 255


def _carried(picture: np.ndarray, plane: np.ndarray, size: tuple[int, int], beyond: int | None) -> np.ndarray:
    rim = cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT
    smooth = cv2.INTER_LINEAR if picture.ndim == 2 else cv2.INTER_CUBIC
    return cv2.warpPerspective(picture, plane, size, flags=smooth, borderMode=rim, borderValue=beyond or 0)


def _filled(guide: np.ndarray, valid: np.ndarray, way: str) -> np.ndarray:
    """Holes as they are left, grey, or filled classically: what stands in them must not matter."""
    holes = (valid < 128).astype(np.uint8)
    if way == "grey":
        return np.where(holes[..., None] > 0, np.uint8(127), guide)
    return cv2.inpaint(guide, holes, 3, cv2.INPAINT_TELEA) if way == "telea" and 0 < holes.mean() < 0.3 else guide


def followed(clip: np.ndarray, frames: int, size: tuple[int, int], rng: np.random.Generator) -> World:
    """A world of a real clip (F, H, W, 3): frame 0 carried along by the flow, believed where both ways agree."""
    stride = int(rng.integers(1, max(1, min(3, (len(clip) - 1) // max(frames - 1, 1))) + 1))
    start = int(rng.integers(0, len(clip) - (frames - 1) * stride))
    part = _cut(clip[start : start + (frames - 1) * stride + 1 : stride], size, rng)
    flows = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in part]
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    guide, valid = [part[0]], [np.full(part[0].shape[:2], 255, np.uint8)]
    still = np.zeros((size[1], size[0], 2), np.float32)
    for k in range(1, frames):
        back, forth = (flows.calc(*pair, still.copy()) for pair in ((grey[k], grey[0]), (grey[0], grey[k])))
        at = (columns + back[..., 0], rows + back[..., 1])
        returned = back + cv2.remap(forth, *at, cv2.INTER_LINEAR)
        inside = (at[0] >= 0) & (at[0] <= size[0] - 1) & (at[1] >= 0) & (at[1] <= size[1] - 1)
        right = inside & (np.hypot(*np.moveaxis(returned, 2, 0)) < 0.5 + _REACH * np.hypot(back[..., 0], back[..., 1]))
        guide.append(cv2.remap(part[0], *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))
        valid.append(cv2.erode(right.astype(np.uint8), np.ones((3, 3), np.uint8)) * 255)
    return World(part, np.stack(guide), np.stack(valid), "")


def _cut(part: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(F, H, W, 3): the largest part of the shape of `size`, anywhere, scaled."""
    height, width = part.shape[1:3]
    scale = min(width / size[0], height / size[1])
    w, h = round(size[0] * scale), round(size[1] * scale)
    y, x = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return np.stack([cv2.resize(frame[y : y + h, x : x + w], size, interpolation=how) for frame in part])
