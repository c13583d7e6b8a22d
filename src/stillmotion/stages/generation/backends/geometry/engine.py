"""The geometry engine behind the seam of `generation/backend.py`: a stream of frames, or one view with its buffers."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import numpy as np

from stillmotion.camera import frame_times
from stillmotion.errors import Cancelled, InputError
from stillmotion.options import Quality
from stillmotion.plan import MotionPlan
from stillmotion.stages.generation.backends.geometry.exact import exact_view
from stillmotion.stages.generation.backends.geometry.renderer import Renderer
from stillmotion.types import Drawn, Float64, FrameStream, Progress, Scene, UInt8

_AHEAD = 2  # frames per worker that may wait to be taken: memory stays flat however long the video
_MOST_WORKERS = 16


class GeometryBackend:
    """Draws the camera and every moving region; see `generation/backend.py` for the contract."""

    def draw(
        self, scene: Scene, plan: MotionPlan, *, seed: int, quality: Quality, progress: Progress, cancel: Event
    ) -> FrameStream:
        """The frames of a plan whose `strength` is folded in.

        Raises:
            InputError: the plan asks for a kind of motion that this engine does not draw.
            Cancelled: while iterating, once `cancel` is set.
        """
        check_drawable(plan)
        renderer = Renderer(scene, plan, seed=seed, quality=quality)
        times = frame_times(plan.canvas)
        height, width = scene.photo.shape[:2]
        frames = _drawn(renderer, times, plan.canvas.fps, progress=progress, cancel=cancel)
        return FrameStream(
            frames=frames, width=width, height=height, fps=plan.canvas.fps, count=len(times), painted=renderer.paintings
        )

    def view(self, scene: Scene, plan: MotionPlan, t: float, *, seed: int = 0, quality: Quality = "standard") -> Drawn:
        """The exact view at time t with its flow, visibility, depth, paint and stretch.

        Raises:
            InputError: as `draw`.
        """
        check_drawable(plan)
        return exact_view(Renderer(scene, plan, seed=seed, quality=quality), t)


def check_drawable(plan: MotionPlan, *, engine: str = "geometry") -> None:
    """A plan has nothing but camera and regions.

    Raises:
        InputError: it has more; names it.
    """
    asked = {
        "portrait": plan.portrait, "physics": plan.physics, "shots": plan.shots, "transitions": plan.transitions,
    }  # fmt: skip
    unknown = [name for name, value in asked.items() if value]
    if unknown:
        raise InputError(
            f"The engine {engine!r} does not draw {' and '.join(unknown)} yet; it draws camera and regions.",
            hint="Leave that out of the prompt or the plan.",
        )


def _drawn(renderer: Renderer, times: Float64, fps: float, *, progress: Progress, cancel: Event) -> Iterator[UInt8]:
    """Frames in order, drawn ahead on all cores, a bounded number at a time."""
    workers = min(_MOST_WORKERS, os.cpu_count() or 1, len(times))
    total = len(times)
    progress("generation", 0, total)
    with ThreadPoolExecutor(workers, thread_name_prefix="draw") as pool:
        waiting: deque[Future[UInt8]] = deque()
        upcoming = iter(np.asarray(times).tolist())

        def submit() -> None:
            t = next(upcoming, None)
            if t is not None:
                waiting.append(pool.submit(_one, renderer, t, 1.0 / fps, cancel))

        try:
            for _ in range(workers * _AHEAD):
                submit()
            for done in range(1, total + 1):
                frame = waiting.popleft().result()
                submit()
                progress("generation", done, total)
                yield frame
        finally:
            for future in waiting:
                future.cancel()


def _one(renderer: Renderer, t: float, frame_s: float, cancel: Event) -> UInt8:
    if cancel.is_set():
        raise Cancelled("Stopped: no further frame is drawn.")
    return renderer.frame(t, frame_s=frame_s)
