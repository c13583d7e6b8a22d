"""What a denoising that was stopped goes on from: one file, whole or not there, that knows which job it belongs to.

It holds the latent frames that are done, the window being drawn, its latent, and how many steps that has taken. All
else (guide, noise) is made again from the job itself, so the frames are the same bits as without the stop.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stillmotion.errors import InputError
from stillmotion.media.staging import write_file
from stillmotion.types import Float32


@dataclass(frozen=True, slots=True)
class State:
    """How far a job is."""

    done: Float32  # (n, C, h, w) latent frames that are finished
    steps: int  # of the window that comes next
    latent: Float32  # (T, C, h, w) of that window after these steps; empty if there are none


class Checkpoint:
    """A file for one job; with no file it keeps nothing."""

    def __init__(self, path: Path | None, job: str) -> None:
        self._path, self._job = path, job

    def load(self) -> State | None:
        """What was kept; nothing if there is no file.

        Raises:
            InputError: the file is of another job, or no such file at all.
        """
        if self._path is None or not self._path.exists():
            return None
        try:
            with np.load(self._path) as kept:
                job, state = str(kept["job"]), State(kept["done"], int(kept["steps"]), kept["latent"])
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{self._path} is no checkpoint of stillmotion.", hint="Name another file.") from error
        if job != self._job:
            raise InputError(
                f"{self._path} is the checkpoint of another job: photo, plan, seed, options or weights differ.",
                hint="Give what was given then, or remove the file.",
            )
        return state

    def save(self, state: State) -> None:
        """Keep it in place of what was there."""
        if self._path is not None:
            data = io.BytesIO()
            np.savez(data, job=self._job, done=state.done, steps=state.steps, latent=state.latent)
            write_file(self._path, data.getvalue())

    def clear(self) -> None:
        """The job is done."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
