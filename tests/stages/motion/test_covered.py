"""No move, however strong, looks past what is painted round the photo: in closed form, on flat scenes."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.camera import CameraPath, frame_times, pivot_point, rig_of_key
from stillmotion.plan import Canvas, MotionPlan
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.direct import carry_out
from stillmotion.stages.motion.moves import MOVES, Move
from stillmotion.types import Crop, Float64, Scene, View

WIDTH, HEIGHT, FOV = 192, 108, 55.0
ROOM_PX = 1.0  # the solver looks between frames and to a quarter of a pixel


def flat(depth: float) -> Scene:
    """A wall at one depth."""
    nothing = np.zeros((HEIGHT, WIDTH), np.float32)
    return Scene(
        photo=np.full((HEIGHT, WIDTH, 3), 128, np.uint8), depth=np.full((HEIGHT, WIDTH), depth, np.float32),
        sky=nothing, subject=nothing, regions=(), faces=(), bodies=(), fov_deg=FOV,
        pivot=((WIDTH - 1) / 2, (HEIGHT - 1) / 2),
        crop=Crop(x=0, y=0, width=WIDTH, height=HEIGHT, whole=(WIDTH, HEIGHT)), masks=(),
        depth_source="test", confidence=1.0, notes=(),
    )  # fmt: skip


def seen_on_wall(view: View, depth: float) -> Float64:
    """Photo pixels (4, 2) of the wall that the corners of a view look at; far outside where they miss the wall."""
    focal = 0.5 * WIDTH / np.tan(np.radians(view.fov_deg) / 2)
    corners = np.array([[x * WIDTH / 2, y * HEIGHT / 2, focal] for x in (-1, 1) for y in (-1, 1)])
    turn, shift = view.world_to_camera[:3, :3], view.world_to_camera[:3, 3]
    eye, rays = -turn.T @ shift, corners @ turn
    far = (depth - eye[2]) / rays[:, 2]
    hits = eye + far[:, None] * rays
    own = 0.5 * WIDTH / np.tan(np.radians(FOV) / 2)
    places = hits[:, :2] / depth * own + [WIDTH / 2, HEIGHT / 2]
    return np.where((far > 0)[:, None], places, 1e6)


def rigs(plan: MotionPlan) -> Float64:
    return np.array([rig_of_key(key, FOV) for key in plan.camera.keyframes])


@pytest.mark.parametrize("loop", ["none", "seamless"])
@pytest.mark.parametrize("name", sorted(MOVES))
def test_no_frame_of_any_move_looks_past_the_painted_margin(name: str, loop: str) -> None:
    canvas = Canvas.model_validate({"width": WIDTH, "height": HEIGHT, "fps": 12, "seconds": 2, "loop": loop})
    camera, time, _ = compose([Move(name=name, scale=2.0)], canvas, fov_deg=FOV)
    scene = flat(1.0)
    asked = MotionPlan(canvas=canvas, camera=camera, time=time)
    plan, notes = carry_out(asked, scene)
    path = CameraPath(plan, FOV, pivot=pivot_point(scene, plan.camera.pivot))
    room = plan.canvas.outpaint
    low = np.array([-room.left * WIDTH, -room.top * HEIGHT]) - ROOM_PX
    high = np.array([WIDTH * (1 + room.right), HEIGHT * (1 + room.bottom)]) + ROOM_PX
    seen = np.array([seen_on_wall(path.at(float(t)), 1.0) for t in frame_times(plan.canvas)])
    assert (seen > low).all()
    assert (seen < high).all()
    widest = max(room.left, room.right, room.top, room.bottom)
    assert widest <= 0.2
    if not notes:  # whatever is not as asked is said, unless it is too little to see
        before, after = rigs(asked), rigs(plan)
        assert np.abs(after - before).max() <= 0.005 + 0.02 * np.abs(before).max()
