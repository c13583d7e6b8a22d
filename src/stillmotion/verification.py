"""A video held against its plan: what the plan leads one to expect, measured, judged.

    photo ─analyze▶ Scene ─┐
    plan ──────────────────┴▶ Expected ─┐
    video ─────frames───────────────────┴▶ Measures ─▶ findings ─▶ passed or not

Stands under `pipeline`, which uses it: what `animate` measures on the way is the same at a smaller size.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stillmotion.camera import CameraPath, pivot_point
from stillmotion.errors import InputError, NotAsPlanned
from stillmotion.evaluation.expected import Expected, ExpectedRegion
from stillmotion.evaluation.judge import Finding, Tolerances, judge, require
from stillmotion.evaluation.measure import MEASURING_SIDE, measure
from stillmotion.evaluation.measures import Measures
from stillmotion.evaluation.observe import LOOK_SIDE, Observer
from stillmotion.evaluation.picture import shrink, shrunk_size
from stillmotion.media.image import read_photo
from stillmotion.media.probe import read_frames
from stillmotion.media.video import close
from stillmotion.plan import MotionPlan
from stillmotion.stages.analysis.larger import Larger, larger_models
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.finishing.manifest import remake_request
from stillmotion.stages.generation.regions.ask import asked_of
from stillmotion.stages.motion.direct import carry_out
from stillmotion.types import Float64, FrameStream, Photo, Progress, Scene, UInt8, silent

_BEHIND = 4  # frames by which measuring may lag behind writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found."""

    plan: MotionPlan
    measures: Measures
    findings: tuple[Finding, ...]
    expected: Expected

    @property
    def passed(self) -> bool:
        """Every measure is within its tolerance."""
        return all(finding.passed for finding in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The measures that are not."""
        return tuple(finding for finding in self.findings if not finding.passed)


def expect(
    scene: Scene, plan: MotionPlan, *, seed: int = 0, side: int = MEASURING_SIDE, first: UInt8 | None = None
) -> Expected:
    """What a plan leads one to expect of its video.

    `plan` is effective (strength folded in), `scene.masks` are located. `first` replaces the photo as the first frame,
    for callers who measure small copies.
    """
    canvas = plan.canvas
    width, height = shrunk_size(canvas.width, canvas.height, long_side=side)
    path = CameraPath(plan, scene.fov_deg, pivot=pivot_point(scene, plan.camera.pivot), seed=seed)
    depth = cv2.resize(scene.depth, (width, height), interpolation=cv2.INTER_AREA)
    grade = plan.grade
    rest = path.at(0.0)
    at_rest = bool(np.abs(rest.world_to_camera - np.eye(4)).max() < 1e-6) and rest.aperture == 0
    return Expected(
        width=width, height=height, fps=canvas.fps, seconds=canvas.seconds, frames=canvas.frames,
        first=(scene.photo if first is None else first) if at_rest else None,
        depth=np.asarray(depth, np.float32), fov_deg=scene.fov_deg, view_at=path.at,
        regions=_regions(scene, plan, width, height, seed), loop=canvas.loop != "none",
        graded=grade != type(grade)(),
    )  # fmt: skip


def _regions(scene: Scene, plan: MotionPlan, width: int, height: int, seed: int) -> tuple[ExpectedRegion, ...]:
    scale = np.diag([width / plan.canvas.width, height / plan.canvas.height, 1.0])
    found = []
    for asked in asked_of(scene, plan, seed=seed):
        place = asked.place
        mask = cv2.resize(asked.mask, (width, height), interpolation=cv2.INTER_AREA)

        def small(t: float, place: object = place) -> Float64:
            full = np.eye(3)
            full[:2] = place(t)  # type: ignore[operator]
            return np.asarray((scale @ full @ np.linalg.inv(scale))[:2])

        found.append(
            ExpectedRegion(
                name=asked.name, kind=asked.kind, mask=np.asarray(mask, np.float32), velocity=asked.velocity,
                place=None if place is None else small,
            )
        )  # fmt: skip
    return tuple(found)


def verify(
    video: Path, *, photo: Path | None, plan: MotionPlan | None = None, depth: Path | None = None,
    seed: int | None = None, tolerances: Tolerances | None = None, progress: Progress = silent,
) -> Verification:  # fmt: skip
    """Measure a video of any system against a plan.

    Without a plan, the one that the video carries in its own metadata counts. Without a photo, the video's first frame
    stands for it.

    Raises:
        InputError: the video, photo or plan cannot be read, or there is no plan.
        WeightsMissing: the video was made with a larger model that is not on this machine.
    """
    frames = read_frames(video)
    plan, seed, larger = _plan_of(video, plan, seed)
    picture = read_photo(photo) if photo is not None else _first_frame(video, frames)
    canvas = plan.canvas
    scene = analyze(picture, width=canvas.width, height=canvas.height, depth=depth, larger=larger, progress=progress)
    effective, _ = carry_out(plan, scene)
    scene = locate(scene, effective, larger=larger)
    expected = expect(scene, effective, seed=seed)
    total = len(frames)
    measures = measure(_told(frames, progress), fps=frames.fps, expected=expected, count=total)
    findings = tuple(judge(measures, expected, tolerances))
    return Verification(plan=effective, measures=measures, findings=findings, expected=expected)


def _plan_of(video: Path, plan: MotionPlan | None, seed: int | None) -> tuple[MotionPlan, int, Larger | None]:
    """The plan, the seed, and the larger models that a video was made with."""
    if plan is not None:
        return plan, seed or 0, None
    try:
        made = remake_request(video)
    except InputError as error:
        raise InputError(f"{video.name} carries no plan of its own.", hint="Give the plan with --plan FILE.") from error
    larger = larger_models(made.options.model_copy(update={"depth": None}))
    return made.effective, made.options.seed if seed is None else seed, larger


def _first_frame(video: Path, frames: FrameStream) -> Photo:
    first = next(iter(read_frames(video)))
    assert frames.width == first.shape[1]
    return Photo(pixels=first, fov_deg=None, name=video.name, sha256="", notes=())


def _told(frames: FrameStream, progress: Progress) -> Iterator[UInt8]:
    """The frames, each decoded while the one before is measured."""
    total, source, done = len(frames), iter(frames), 0
    with ThreadPoolExecutor(1, thread_name_prefix="decode") as pool:
        ahead = pool.submit(next, source, None)
        while (frame := ahead.result()) is not None:
            ahead = pool.submit(next, source, None)
            yield frame
            done += 1
            progress("measuring", done, total)


class Watch:
    """Measures frames while they pass by (see `evaluation.observe`)."""

    def __init__(self, expected: Expected, require: Sequence[str]) -> None:
        self._expected, self._require = expected, list(require)
        self._observer = Observer(fps=expected.fps, count=expected.frames, expected=expected)
        self._eye = ThreadPoolExecutor(1, thread_name_prefix="watch")
        self._pending: deque[Future[None]] = deque()

    def frames(self, frames: FrameStream) -> FrameStream:
        """The same frames, looked at in a thread of its own, which may lag a little."""

        def each() -> Iterator[UInt8]:
            try:
                for frame in frames:
                    while len(self._pending) >= _BEHIND:
                        self._pending.popleft().result()
                    self._pending.append(self._eye.submit(self._observer.see, frame))
                    yield frame
            finally:
                close(frames)

        return replace(frames, frames=each())

    def result(self) -> dict[str, Any]:
        """What was measured, ready for JSON.

        Raises:
            NotAsPlanned: a requirement does not hold.
        """
        while self._pending:
            self._pending.popleft().result()
        measures = self._observer.result()
        findings = require(measures, self._require) if self._require else judge(measures, self._expected)
        failed = [finding for finding in findings if not finding.passed]
        if self._require and failed:
            raise NotAsPlanned(
                "The video does not hold what was required: " + "; ".join(map(str, failed)) + ".",
                hint="Nothing was written. Ask for less motion (--strength), or require less.",
            )
        return {"passed": not failed, "failed": [str(finding) for finding in failed], **measures.to_json()}


def watching(scene: Scene, plan: MotionPlan, *, seed: int, require: Sequence[str] = ()) -> Watch:
    """A watch over the frames of a plan drawn on a scene."""
    first = shrink(scene.photo, long_side=LOOK_SIDE)
    return Watch(expect(scene, plan, seed=seed, side=LOOK_SIDE, first=first), require)
