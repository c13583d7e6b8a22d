"""Frames to latents and back without torch, by the autoencoder that comes with the package.

    frames ─four at a time▶ latent frames          latent frames ─▶ four frames at a time

A stream in constant memory: a clip's first frame is its first latent frame, every four frames after it are one more.
What a chunk has to know of the one before it is kept here. OpenVINO runs it fastest and is used where it is installed
(`pip install stillmotion[nano]`), then ONNX Runtime; OpenCV, which is always there, runs it too.

Legend: H height, W width, both multiples of 8; C latent channels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import InputError, WeightsMissing
from stillmotion.types import Float32

FOLDER = Path(__file__).parent / "weights"
RUNTIMES = ("openvino", "onnxruntime", "opencv")
"""In the order they are tried."""
_GROUP = 4

Run = Callable[[list[Float32]], list[Float32]]


@dataclass(frozen=True, slots=True)
class Net:
    """One half, loaded: inputs in order to outputs in order; safe to use from several threads."""

    run: Run
    kept: tuple[tuple[int, int], ...]  # channels of each kept frame, and pixels to one of its places, each way


def open_net(path: Path, runtime: str | None = None) -> Net:
    """Load one half in the fastest runtime there is, or in the one that is named.

    Raises:
        WeightsMissing: the file is missing.
    """
    if not path.is_file():
        raise WeightsMissing(f"The weights {path.name} are missing.", hint="Install stillmotion again.")
    return _OPENERS[runtime or fastest_runtime()](path)


def fastest_runtime() -> str:
    """The first of `RUNTIMES` that is installed."""
    return next(name for name in RUNTIMES if name == "opencv" or find_spec(name) is not None)


def _openvino(path: Path) -> Net:
    import openvino

    model = openvino.Core().compile_model(str(path), "CPU", {"PERFORMANCE_HINT": "LATENCY"})

    def run(values: list[Float32]) -> list[Float32]:
        found = model.create_infer_request().infer(dict(enumerate(values)))
        return [np.asarray(found[port]) for port in model.outputs]

    return Net(run, _kept([_own(port.get_names()) for port in model.outputs[1:]]))


def _onnxruntime(path: Path) -> Net:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def run(values: list[Float32]) -> list[Float32]:
        return list(session.run(None, dict(zip(names, values, strict=True))))

    return Net(run, _kept([each.name for each in session.get_outputs()[1:]]))


def _opencv(path: Path) -> Net:
    net, lock = cv2.dnn.readNetFromONNX(str(path)), threading.Lock()
    outputs = list(net.getUnconnectedOutLayersNames())
    inputs = ["frames" if outputs[0] == "latent" else "latent", *(name.removeprefix("next_") for name in outputs[1:])]

    def run(values: list[Float32]) -> list[Float32]:
        with lock:
            for name, value in zip(inputs, values, strict=True):
                net.setInput(value, name)
            return [np.array(each) for each in net.forward(outputs)]

    return Net(run, _kept(outputs[1:]))


_OPENERS: dict[str, Callable[[Path], Net]] = {
    "openvino": _openvino, "onnxruntime": _onnxruntime, "opencv": _opencv,
}  # fmt: skip


def _own(names: set[str]) -> str:
    """The name an output was given, among those a runtime gave it."""
    return next(name for name in names if name.startswith("next_"))


def _kept(names: list[str]) -> tuple[tuple[int, int], ...]:
    """From names such as next_fine_0_96: 96 channels of a quarter ("fine") or an eighth ("coarse") of the size."""
    return tuple((int(name.rsplit("_", 1)[1]), 4 if "fine" in name else 8) for name in names)


class Codec:
    """Both halves. Every call of `encode` or `decode` is one clip."""

    def __init__(self, encoder: Net, decoder: Net) -> None:
        self._encoder, self._decoder = encoder, decoder

    def encode(self, frames: Iterator[Float32]) -> Iterator[Float32]:
        """Frames float32 (H, W, 3) in [0, 1], 1 + 4n of them, to 1 + n latents (C, H/8, W/8).

        Raises:
            InputError: a side is no multiple of 8, or the number of frames is not 1 + 4n.
        """
        group: list[Float32] = []
        kept: list[Float32] = []
        for i, frame in enumerate(frames):
            if i == 0:
                _check(frame)
                kept = _nothing(self._encoder, *frame.shape[:2])
            group += [frame] * (_GROUP if i == 0 else 1)
            if len(group) == _GROUP:
                stacked = np.ascontiguousarray(np.concatenate(group, axis=2).transpose(2, 0, 1)[None], np.float32)
                latent, *kept = self._encoder.run([stacked, *kept])
                group = []
                yield latent[0]
        if group:
            raise InputError(f"A clip to be coded has 1 + 4n frames; the last group has {len(group)} of {_GROUP}.")

    def decode(self, latents: Iterator[Float32]) -> Iterator[Float32]:
        """Latents (C, h, w) to frames float32 (8 h, 8 w, 3) in [0, 1]: one for the first, four for each other."""
        kept: list[Float32] = []
        for i, latent in enumerate(latents):
            if i == 0:
                kept = _nothing(self._decoder, 8 * latent.shape[1], 8 * latent.shape[2])
            shown, *kept = self._decoder.run([np.ascontiguousarray(latent[None], np.float32), *kept])
            four = shown[0].reshape(_GROUP, 3, *shown.shape[2:]).transpose(0, 2, 3, 1)
            for frame in four.mean(axis=0, keepdims=True) if i == 0 else four:
                yield np.clip(frame, 0, 1)


def _nothing(net: Net, height: int, width: int) -> list[Float32]:
    """What is kept before a clip begins."""
    return [np.zeros((1, channels, height // cell, width // cell), np.float32) for channels, cell in net.kept]


def _check(frame: Float32) -> None:
    height, width = frame.shape[:2]
    if height % 8 or width % 8:
        raise InputError(f"Frames to be coded have sides that are multiples of 8; these are {width}x{height}.")


@cache
def codec_of(folder: Path) -> Codec:
    """The autoencoder of a folder, loaded once.

    Raises:
        WeightsMissing: see `open_net`.
    """
    return Codec(open_net(folder / "vae-encoder.onnx"), open_net(folder / "vae-decoder.onnx"))


def codec() -> Codec:
    """The autoencoder that comes with the package; errors as `codec_of`."""
    return codec_of(FOLDER)
