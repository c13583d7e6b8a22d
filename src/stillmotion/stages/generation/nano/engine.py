"""READ FIRST: the engine behind the seam of `generation/backend.py`.

    Scene, plan ─guide▶ full and small frames ─encode▶ guide latents ┐
                                        photo's latent, sentence ────┴─draw_latents▶ latents ─decode▶ small frames
    known pixels: the geometry's full frames; where it had to paint: corrected by the network's small ones

Free, it draws every frame but the first from the photo and the sentence alone, at the network's size, enlarged. Frames
leave as soon as their window is drawn; no more than one window of full frames is in memory.

Legend: F frames, T latent frames, (w, h) the network's size.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event

import numpy as np

from stillmotion.camera import frame_times
from stillmotion.errors import Cancelled
from stillmotion.models.dit_net import DitNet, dit_net
from stillmotion.models.vae_codec import FOLDER, Codec, codec_of
from stillmotion.options import Quality
from stillmotion.plan import MotionPlan
from stillmotion.stages.generation.backends.geometry.engine import check_drawable
from stillmotion.stages.generation.backends.geometry.renderer import Renderer
from stillmotion.stages.generation.nano.checkpoint import Checkpoint
from stillmotion.stages.generation.nano.compose import corrected, enlarged
from stillmotion.stages.generation.nano.denoise import Shape, Told, draw_latents, mixed
from stillmotion.stages.generation.nano.guide import GROUP, Shot, cells, shots, shrunk, small_size
from stillmotion.types import Float32, FrameStream, Progress, Scene, UInt8

Coded = tuple[Float32, list[Shot]]
"""A latent frame (C, h, w) of the guide, and the frames it was made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the engine draws; see the options of the same names."""

    steps: int = 4
    guidance: float = 0.0
    hold: float = 0.9
    free: bool = False
    noise: tuple[tuple[int, float], ...] = ()  # seeds and weights whose squares make 1; none: the job's seed
    tell: tuple[tuple[float, str], ...] = ()  # shares, which make 1, and sentences; none: the plan's own
    checkpoint: Path | None = None
    weights: Path | None = None  # folder


@dataclass(slots=True)
class Guide:
    """The guide of one scene, plan, seed and quality: made by the first clip that is drawn whole, used by the next."""

    coded: list[Coded] = field(default_factory=list)
    decoded: list[Float32] = field(default_factory=list)  # (h, w, 3) of every frame


class NanoBackend:
    """Draws by latent diffusion; see `generation/backend.py` for the contract."""

    def __init__(self, manner: Manner | None = None, sentence: str = "", *, guide: Guide | None = None) -> None:
        """`guide`: kept for several short clips that differ in noise, sentences and hold alone."""
        self._manner, self._sentence, self._kept = manner or Manner(), sentence, guide

    def draw(
        self, scene: Scene, plan: MotionPlan, *, seed: int, quality: Quality, progress: Progress, cancel: Event
    ) -> FrameStream:
        """The frames of a plan whose `strength` is folded in.

        Raises:
            InputError: the plan asks for a kind of motion that is not drawn, or the checkpoint is of another job.
            WeightsMissing: a network's file or the runtime is missing or damaged.
            Cancelled: while iterating, once `cancel` is set; looked at before every step and every frame.
        """
        check_drawable(plan, engine="nano")
        folder = self._manner.weights or FOLDER
        net, codec = dit_net(folder), codec_of(folder)
        times = frame_times(plan.canvas).tolist()
        checkpoint = Checkpoint(self._manner.checkpoint, self._job(scene, plan, seed, quality, net))
        checkpoint.load()  # a file of another job is refused before anything is drawn
        clip = _Clip(scene, plan, times, self._manner, net, codec, self._kept, progress, cancel)
        height, width = scene.photo.shape[:2]
        told = tuple((net.text(sentence), share) for share, sentence in self._manner.tell or ((1.0, self._sentence),))
        frames = clip.frames(told, seed, quality, checkpoint)
        return FrameStream(frames=frames, width=width, height=height, fps=plan.canvas.fps, count=len(times))

    def _job(self, scene: Scene, plan: MotionPlan, seed: int, quality: Quality, net: DitNet) -> str:
        """A hash of all that decides the frames."""
        manner = {name: value for name, value in asdict(self._manner).items() if name not in ("checkpoint", "weights")}
        told = json.dumps([plan.to_json(), seed, quality, manner, self._sentence, net.about.sha256])
        return sha256(told.encode() + scene.photo.tobytes() + scene.depth.tobytes()).hexdigest()


class _Clip:
    """One job: the guide is drawn as the windows ask for it, and waits here until its frames are composed."""

    def __init__(
        self, scene: Scene, plan: MotionPlan, times: list[float], manner: Manner, net: DitNet, codec: Codec,
        kept: Guide | None, progress: Progress, cancel: Event,
    ) -> None:  # fmt: skip
        self._scene, self._plan, self._manner, self._kept = scene, plan, manner, kept
        self._net, self._codec, self._progress, self._cancel = net, codec, progress, cancel
        self._times = times + [times[-1]] * (-(len(times) - 1) % GROUP)
        self._count = len(times)
        height, width = scene.photo.shape[:2]
        self._size = small_size(width, height)
        self._shots: deque[Shot] = deque()  # drawn, not composed yet
        self._fresh: list[Shot] = []  # of the latent frame that is being coded
        self._guides: deque[Float32] = deque()  # coded, not decoded yet
        self._made: list[Coded] = []  # all of it, where it is kept

    def frames(self, told: Told, seed: int, quality: Quality, checkpoint: Checkpoint) -> Iterator[UInt8]:
        """The full frames in order."""
        self._progress("generation", 0, self._count)
        self._stop()
        coded = self._coded(seed, quality)
        begin = self._guide(coded)
        rest = (lambda k: begin if k == 0 else self._guide(coded)) if not self._manner.free else (lambda _: None)
        shape = Shape(self._manner.steps, self._manner.guidance, mixed(self._manner.noise or ((seed, 1.0),)))
        latents = draw_latents(
            self._net, begin[0], rest, told, count=1 + (len(self._times) - 1) // GROUP, shape=shape,
            checkpoint=checkpoint, stepped=self._stepped,
        )  # fmt: skip
        drawn = self._codec.decode(latents)
        made = self._freely(drawn) if self._manner.free else self._led(drawn)
        for done in range(1, self._count + 1):
            self._stop()
            frame = next(made)
            self._progress("generation", done, self._count)
            yield frame
        checkpoint.clear()

    def _led(self, drawn: Iterator[Float32]) -> Iterator[UInt8]:
        guides = self._decoded()
        for frame in drawn:
            yield corrected(self._shots.popleft(), frame, next(guides))

    def _decoded(self) -> Iterator[Float32]:
        """The guide's frames as the autoencoder gives them back."""
        if self._kept is not None and self._kept.decoded:
            yield from self._kept.decoded
            return
        made = []
        for frame in self._codec.decode(self._guides.popleft() for _ in self._times):
            if self._kept is not None:
                made.append(frame)
                if len(made) == self._count:
                    self._kept.coded, self._kept.decoded = self._made, made
            yield frame

    def _freely(self, drawn: Iterator[Float32]) -> Iterator[UInt8]:
        next(drawn)
        yield self._scene.photo
        height, width = self._scene.photo.shape[:2]
        for frame in drawn:
            yield enlarged(frame, width, height)

    def _still(self) -> Iterator[Float32]:
        self._fresh = [Shot(self._scene.photo, np.zeros(self._size[::-1], np.float32))]
        yield shrunk(self._scene.photo, self._size)

    def _small(self, seed: int, quality: Quality) -> Iterator[Float32]:
        renderer = Renderer(self._scene, self._plan, seed=seed, quality=quality)
        for shot in shots(renderer, self._times, frame_s=1.0 / self._plan.canvas.fps, size=self._size):
            self._stop()
            self._fresh.append(shot)
            yield shrunk(shot.frame, self._size)

    def _coded(self, seed: int, quality: Quality) -> Iterator[Coded]:
        """The guide, latent frame by latent frame; free, the photo alone."""
        if self._kept is not None and self._kept.decoded:
            yield from self._kept.coded
            return
        for latent in self._codec.encode(self._still() if self._manner.free else self._small(seed, quality)):
            shots, self._fresh = self._fresh, []
            if self._kept is not None:
                self._made.append((latent, shots))
            yield latent, shots

    def _guide(self, coded: Iterator[Coded]) -> tuple[Float32, Float32]:
        """The next latent frame of the guide (C, h, w), and how far it is to be believed (4, h, w)."""
        latent, fresh = next(coded)
        self._shots += fresh
        self._guides.append(latent)
        return latent, cells([1 - (1 - self._manner.hold) * shot.paint for shot in fresh])

    def _stop(self) -> None:
        if self._cancel.is_set():
            raise Cancelled("Stopped: no further frame is drawn.")

    def _stepped(self, frames: int, steps: int) -> None:
        self._stop()
        total = 1 + (len(self._times) - 1) // GROUP
        self._progress("denoising", min(frames * self._manner.steps + steps, total * self._manner.steps),
                       total * self._manner.steps)  # fmt: skip
