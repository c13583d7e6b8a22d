"""A walk: a few looks tell how fast results change where, then every frame is drawn an equal step further on.

    corners ─look here and there▶ distances ─evened▶ places ─a clip each▶ one frame of each

Distances are those of what is shown, as the autoencoder sees it: root mean square of latents of deviation 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from threading import Event

import numpy as np

from stillmotion.exploration.ground import Ground
from stillmotion.exploration.record import Cell
from stillmotion.models.vae_codec import FOLDER, codec_of
from stillmotion.stages.generation.nano.guide import shrunk, small_size
from stillmotion.stages.generation.nano.navigate import Spot, evened, path
from stillmotion.types import Float32, Progress, UInt8

_LOOKS = 3  # frames of a walk for each look


class Way:
    """From corner to corner."""

    def __init__(
        self, ground: Ground, corners: Sequence[Spot], *, at: float | None, progress: Progress, cancel: Event
    ) -> None:
        """`at` is the second of each clip that is shown; None: its end."""
        self._ground, self._corners, self._at = ground, corners, at
        self._progress, self._cancel = progress, cancel
        self._codec = codec_of(ground.options.weights or FOLDER)
        self._done = self._total = 0

    def gone(self, count: int) -> tuple[list[UInt8], tuple[Cell, ...], tuple[float, ...]]:
        """`count` frames, their cells, and the distance from each frame to the next."""
        legs = len(self._corners) - 1
        looks = np.linspace(0, legs, max(2 * legs + 1, -(-count // _LOOKS))).tolist()
        self._done, self._total = 0, len(looks) + count - 2
        seen = {place: self._look(place) for place in looks}
        places = evened(looks, distances([seen[place][2] for place in looks]), count)
        found = [seen[place] if place in seen else self._look(place) for place in places]
        cells = tuple(replace(cell, number=number) for number, (cell, _, _) in enumerate(found, 1))
        return [frame for _, frame, _ in found], cells, tuple(distances([latent for _, _, latent in found]))

    def _look(self, place: float) -> tuple[Cell, UInt8, Float32]:
        self._progress("exploring", self._done, self._total)
        self._done += 1
        leg = min(int(place), len(self._corners) - 2)
        spot = path(self._corners[leg], self._corners[leg + 1], place - leg)
        job = self._ground.job(spot)
        frames = iter(job.frames(cancel=self._cancel))
        frame = [next(frames) for _ in range(job.shown(self._at) + 1)][-1]
        (latent,) = self._codec.encode(iter([shrunk(frame, small_size(frame.shape[1], frame.shape[0]))]))
        self._progress("exploring", self._done, self._total)
        return job.cell(1, spot, [frame]), frame, latent


def distances(latents: Sequence[Float32]) -> list[float]:
    """From each to the next."""
    return [float(np.sqrt(np.mean((b - a) ** 2))) for a, b in pairwise(latents)]
