"""The diffusion transformer as it is run: a file, what is told of it, and one function. Needs no torch.

    noisy latents, time, what is known ─dit.onnx▶ velocity

OpenVINO runs it (`pip install stillmotion[nano]`), or ONNX Runtime, or else OpenCV, which is always there. The file's
hash is checked before it is loaded.

Legend: T latent frames, C latent channels, h x w latent cells (even), L words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import InputError, WeightsMissing
from stillmotion.models.dit_words import numbers
from stillmotion.models.vae_codec import FOLDER, Run, fastest_runtime, open_net
from stillmotion.types import Float32

INPUTS = ("noisy", "time", "text", "reference", "first", "guide", "valid", "has")
"""Of the file, in order."""
CONDITIONS = ("text", "reference", "first", "guide")
"""What can be absent, in the order of `Known.has`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a clip; latents have mean 0 and deviation 1."""

    text: Float32  # (L,) int64 numbers of words
    reference: Float32  # (C, h, w)
    first: Float32  # (C, h, w)
    guide: Float32  # (T, C, h, w)
    valid: Float32  # (T, 4, h, w) in [0, 1]
    has: Float32  # (4,) 1 or 0: text, reference, first, guide

    def without(self, name: str) -> Known:
        """The same with one condition absent."""
        has = self.has.copy()
        has[CONDITIONS.index(name)] = 0
        return replace(self, has=has)


@dataclass(frozen=True, slots=True)
class About:
    """What is told of a file."""

    sha256: str
    channels: int
    sentence: int  # L
    base_tokens: int  # of a clip whose times are not shifted
    words: tuple[str, ...]


class DitNet:
    """A loaded file."""

    def __init__(self, run: Run, about: About) -> None:
        self._run, self.about = run, about

    @classmethod
    def open(cls, folder: Path = FOLDER, *, runtime: str | None = None) -> DitNet:
        """Load `folder`/dit.onnx.

        Raises:
            WeightsMissing: a file or the runtime is missing, or a file is damaged; says which.
        """
        about = _about(folder)
        path = folder / "dit.onnx"
        _check(path, about.sha256)
        name = runtime or fastest_runtime()
        return cls(_opencv(path) if name == "opencv" else open_net(path, name).run, about)

    def text(self, sentence: str) -> Float32:
        """(L,) numbers of a sentence's words."""
        return np.array(numbers(sentence, self.about.words, self.about.sentence), np.int64)

    def velocity(self, noisy: Float32, time: float, known: Known) -> Float32:
        """Noise - picture (T, C, h, w) of noisy latents (T, C, h, w) at a time in [0, 1], 1 is noise."""
        given = [
            noisy,
            np.asarray(time, np.float32),
            known.text,
            known.reference,
            known.first,
            known.guide,
            known.valid,
            known.has,
        ]
        values = [np.ascontiguousarray(each)[None] for each in given]
        values[1] = values[1].reshape(1)
        (found,) = self._run([each if each.dtype == np.int64 else each.astype(np.float32) for each in values])
        return np.asarray(found[0], np.float32)


def _opencv(path: Path) -> Run:
    try:
        net = cv2.dnn.readNetFromONNX(str(path))
    except cv2.error as error:
        raise WeightsMissing(
            f"OpenCV cannot run {path.name} ({error}), and neither OpenVINO nor ONNX Runtime is installed.",
            hint="pip install stillmotion[nano]",
        ) from error

    def run(values: list[Float32]) -> list[Float32]:
        for name, value in zip(INPUTS, values, strict=True):
            net.setInput(value, name)
        return [np.array(net.forward())]

    return run


@cache
def dit_net(folder: Path) -> DitNet:
    """`DitNet.open`, once per folder."""
    return DitNet.open(folder)


def _about(folder: Path) -> About:
    path = folder / "dit.json"
    if not path.is_file():
        raise WeightsMissing(
            f"The weights of the engine 'nano' are not in {folder}: there is no dit.json.",
            hint="They come with the source tree, not with the installed package; name their folder by --weights.",
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return About(
            sha256=str(told["sha256"]), channels=int(told["channels"]), sentence=int(told["sentence"]),
            base_tokens=int(told["base_tokens"]), words=tuple(told["words"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} does not tell what it should of the weights beside it ({error}).") from error


def _check(path: Path, wanted: str) -> None:
    if not path.is_file():
        raise WeightsMissing(
            f"The weights {path.name} are not in {path.parent} (sha256 {wanted[:16]}...).",
            hint="They come with the source tree, not with the installed package; name their folder by --weights.",
        )
    found = sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise WeightsMissing(
            f"The weights {path.name} are damaged: sha256 {found[:16]}..., it should be {wanted[:16]}....",
            hint="Fetch the file again.",
        )
