"""What all cells of an exploration share, and how a spot becomes a job of the engine 'nano'.

    photo, wish ─▶ Ground(scene, one plan or two) ─spot▶ plan between, noise, sentences ─▶ Job ─▶ frames

Led by the geometry, the network is told the sentence of the plan between; free, it is told both prompts' sentences by
share, as there nothing else would change evenly on the way. Knows no grid and no file that is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from threading import Event

import numpy as np

from stillmotion import __version__, pipeline
from stillmotion.errors import InputError
from stillmotion.exploration.record import Cell, Source
from stillmotion.media.image import read_photo
from stillmotion.models.dit_net import dit_net
from stillmotion.models.vae_codec import FOLDER, codec_of, fastest_runtime
from stillmotion.options import AnimateOptions
from stillmotion.plan import MotionPlan
from stillmotion.retouch import widened
from stillmotion.stages.analysis.larger import Larger, larger_models
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.finishing.manifest import file_sha256
from stillmotion.stages.generation.backend import nano
from stillmotion.stages.generation.backends.geometry.engine import check_drawable
from stillmotion.stages.generation.nano.engine import Guide
from stillmotion.stages.generation.nano.guide import small_size
from stillmotion.stages.generation.nano.navigate import BOUNDS, Spot
from stillmotion.stages.motion.blend import blend
from stillmotion.stages.motion.canvas import choose_canvas
from stillmotion.stages.motion.direct import carry_out, direct
from stillmotion.stages.motion.explain import explain
from stillmotion.stages.motion.grammar import parse
from stillmotion.types import Direction, FrameStream, Photo, Progress, Scene, UInt8, silent

SECONDS, FPS = 2.0, 8.0
"""Of a cell where nothing is asked: 16 frames, which the network draws in one window."""
MOST_STRENGTH = BOUNDS["strength"][1]
"""Times its own that a plan may move, as everywhere."""
_KEPT_FRAMES = 256  # of guides, 1.2 MB each


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all cells share."""

    photo: Photo
    scene: Scene  # at the size that is drawn
    larger: Larger | None
    plans: tuple[MotionPlan, ...]  # as requested, on the canvas that is drawn
    options: AnimateOptions  # the wish
    notes: tuple[str, ...]
    guides: dict[str, Guide] = field(default_factory=dict)  # of the plans drawn last, which other cells may share

    @property
    def draft(self) -> tuple[int, int]:
        """Width and height of what is drawn."""
        return self.plans[0].canvas.width, self.plans[0].canvas.height

    @property
    def seconds(self) -> float:
        """Length of a clip."""
        return self.plans[0].canvas.seconds

    def source(self, weights: dict[str, str]) -> Source:
        """What goes into the record; `weights` are `weights_of` their folder."""
        depth = self.options.depth
        return Source(
            version=__version__, photo_name=self.photo.name, photo_sha256=self.photo.sha256,
            depth_sha256=None if depth is None else file_sha256(depth), weights=weights, runtime=fastest_runtime(),
            options=self.options, draft=self.draft, plans=self.plans,
        )  # fmt: skip

    def job(self, spot: Spot) -> Job:
        """What is drawn at a spot."""
        plan, fov_deg = self._at(spot, spot.between), self.scene.fov_deg
        effective, notes = carry_out(plan, self.scene)
        sentence = explain(effective, fov_deg=fov_deg)
        direction = Direction(requested=plan, effective=effective, notes=notes, sentence=sentence)
        scene = locate(self.scene, effective, larger=self.larger)
        canvas = effective.canvas
        settled = {
            "engine": "nano", "prompt": None, "plan": None, "strength": None, "aspect": None,
            "size": (canvas.width, canvas.height), "seconds": canvas.seconds, "fps": canvas.fps,
            "noise": ",".join(f"{seed}:{weight:.6g}" for seed, weight in spot.noise),
            "tell": self._told(spot, sentence), "guidance": spot.guidance, "hold": spot.hold,
        }  # fmt: skip
        prepared = pipeline.Prepared(
            photo=self.photo, scene=scene, direction=direction, timings={},
            models=self.larger.checkpoints if self.larger else (),
        )  # fmt: skip
        options = self.options.model_copy(update=settled)
        return Job(prepared=prepared, options=options, guide=self._guide(effective))

    def _guide(self, plan: MotionPlan) -> Guide:
        """One for each plan, as many as are not too long to keep."""
        key = plan.to_json()
        guide = self.guides.pop(key, None) or Guide()
        while len(self.guides) >= max(1, _KEPT_FRAMES // plan.canvas.frames):
            self.guides.pop(next(iter(self.guides)))
        self.guides[key] = guide
        return guide

    def _at(self, spot: Spot, between: float) -> MotionPlan:
        plan = blend(self.plans[0], self.plans[-1], between, fov_deg=self.scene.fov_deg)
        return plan.model_copy(update={"strength": min(plan.strength * spot.strength, MOST_STRENGTH)})

    def _told(self, spot: Spot, sentence: str) -> tuple[str, ...]:
        """As `AnimateOptions.tell` has it."""
        if not self.options.free or spot.between in (0.0, 1.0):
            return (f"1:{sentence}",)
        ends = [carry_out(self._at(spot, end), self.scene)[0] for end in (0.0, 1.0)]
        told = [explain(end, fov_deg=self.scene.fov_deg) for end in ends]
        if told[0] == told[1]:
            return (f"1:{told[0]}",)
        return f"{1 - spot.between:.6g}:{told[0]}", f"{spot.between:.6g}:{told[1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One result, before it is drawn."""

    prepared: pipeline.Prepared
    options: AnimateOptions
    guide: Guide

    def frames(self, *, progress: Progress = silent, cancel: Event) -> FrameStream:
        """Its frames, drawn as they are asked for; errors as in `Backend.draw`."""
        direction, options = self.prepared.direction, self.options
        return nano(options, direction.sentence, guide=self.guide).draw(
            self.prepared.scene, direction.effective,
            seed=options.seed, quality=options.quality, progress=progress, cancel=cancel,
        )  # fmt: skip

    def shown(self, second: float | None) -> int:
        """The number of the frame at a second; of the last one without it."""
        canvas = self.prepared.direction.effective.canvas
        return canvas.frames - 1 if second is None else min(round(second * canvas.fps), canvas.frames - 1)

    def cell(self, number: int, spot: Spot, film: Iterable[UInt8]) -> Cell:
        """What the record says of it, once `film` was drawn of it."""
        digest = sha256()
        for frame in film:
            digest.update(np.ascontiguousarray(frame).data)
        return Cell(
            number=number, spot=spot, tell=self.options.tell, sentence=self.prepared.direction.sentence,
            sha256=digest.hexdigest(),
        )  # fmt: skip


def new_ground(photo: Path | UInt8, options: AnimateOptions, to: str | None, *, progress: Progress) -> Ground:
    """The ground of a first grid or walk: `to` is a second prompt, or the name of a plan file.

    Raises:
        InputError: the photo, a plan or a prompt cannot be used.
    """
    picture = widened(read_photo(photo), options, progress=progress)
    asked = options.model_copy(
        update={"seconds": options.seconds or _usual_seconds(options), "fps": options.fps or FPS, "fit": "crop"}
    )
    whole = choose_canvas(picture, asked)
    if (
        options.plan is not None and options.size is None and options.aspect is None
    ):  # the record does not name the file
        options = options.model_copy(update={"size": (whole.width, whole.height), "fit": "crop"})
    draft = asked.model_copy(update={"size": small_size(whole.width, whole.height), "aspect": None})
    larger = larger_models(options)
    scene = _scene(picture, small_size(whole.width, whole.height), options, larger, progress)
    first = direct(scene, choose_canvas(picture, draft), draft)
    plans, notes = [first.requested], [*picture.notes, *scene.notes, *first.notes]
    if to is not None:
        canvas = first.requested.canvas
        words = {"plan": Path(to), "prompt": None} if to.lower().endswith(".json") else {"plan": None, "prompt": to}
        second = direct(
            scene, canvas, draft.model_copy(update={**words, "seconds": canvas.seconds, "loop": canvas.loop})
        )
        plans.append(second.requested.model_copy(update={"canvas": canvas}))
        notes += second.notes
    for plan in plans:  # what cannot be drawn is found out before anything is
        check_drawable(plan, engine="nano")
        notes += locate(scene, carry_out(plan, scene)[0], larger=larger).notes
    return Ground(
        photo=picture, scene=scene, larger=larger, plans=tuple(plans), options=options,
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def old_ground(
    photo: Path | UInt8, record: Source, options: AnimateOptions, *,
    whole: bool, fps: float | None = None, progress: Progress,
) -> Ground:  # fmt: skip
    """The ground of an exploration that was made before, at the size of its cells, or of the `whole` wish.

    `options` are the record's with what this machine has (weights, depth map) and, for the whole, another size.

    Raises:
        InputError: the photo, the depth map or the weights are not those of the record.
    """
    picture = read_photo(photo)
    if picture.sha256 != record.photo_sha256:
        raise InputError(
            f"This is not the photo of the exploration: that was {record.photo_name}, SHA-256 "
            f"{record.photo_sha256[:12]}..., this is {picture.sha256[:12]}...."
        )
    _check_depth(record, options)
    _check_weights(record, options.weights or FOLDER)
    picture = widened(picture, options, progress=progress)
    size = record.draft
    if whole:
        canvas = choose_canvas(picture, options.model_copy(update={"fit": "crop"}))
        size = (canvas.width, canvas.height)
    larger = larger_models(options)
    scene = _scene(picture, size, options, larger, progress)
    changed = {"width": size[0], "height": size[1]} | ({"fps": fps} if fps else {})
    plans = tuple(plan.model_copy(update={"canvas": plan.canvas.model_copy(update=changed)}) for plan in record.plans)
    return Ground(
        photo=picture, scene=scene, larger=larger, plans=plans, options=options, notes=(*picture.notes, *scene.notes)
    )


def weights_of(folder: Path) -> dict[str, str]:
    """File name -> SHA-256 of the networks in a folder, each of which can be loaded.

    Raises:
        WeightsMissing: one is missing or damaged; says which.
    """
    net = dit_net(folder)
    codec_of(folder)
    return {"dit.onnx": net.about.sha256} | {
        name: file_sha256(folder / name) for name in ("vae-encoder.onnx", "vae-decoder.onnx")
    }


def _check_weights(record: Source, folder: Path) -> None:
    for name, found in weights_of(folder).items():
        if found != record.weights.get(name):
            raise InputError(
                f"The weights in {folder} are not those of the exploration: {name} is {found[:12]}..., it was "
                f"{str(record.weights.get(name))[:12]}....",
                hint="Name the folder with the same weights by --weights.",
            )


def _check_depth(record: Source, options: AnimateOptions) -> None:
    if record.depth_sha256 is None:
        if options.depth is not None:
            raise InputError("The exploration was made without a depth map; leave out --depth.")
        return
    if options.depth is None or file_sha256(options.depth) != record.depth_sha256:
        raise InputError(f"{options.depth} is not the depth map of the exploration.", hint="Give it with --depth.")


def _scene(
    photo: Photo, size: tuple[int, int], options: AnimateOptions, larger: Larger | None, progress: Progress
) -> Scene:
    scene = analyze(photo, width=size[0], height=size[1], depth=options.depth, larger=larger, progress=progress)
    return replace(scene, notes=tuple(note for note in scene.notes if note not in photo.notes))


def _usual_seconds(options: AnimateOptions) -> float | None:
    """`SECONDS`, unless a plan or the words of a prompt say how long."""
    if options.plan is not None:
        return None
    words = options.prompt if options.planner is None else None
    said = parse(words, seconds=SECONDS, aspect=1.0).seconds if words else None
    return said or SECONDS
