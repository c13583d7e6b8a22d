"""Worlds on disk: tar files in WebDataset's layout, a sample's files side by side under one key.

    key.json                 seed, camera, plan and its sentence, choices of the family, how it was taken
    key.00.colour.webp       as the camera took it        key.00.depth.png     metres
    key.00.object.png        numbers                      key.00.class.png     class, the other class, share
    key.00.forward.png       to frame 01, and what it hides      key.01.backward.png     to frame 00

A still of two views is two frames that are far apart in time. A shard is there whole or not at all.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import InputError
from stillmotion.media.staging import staged
from stillmotion.training.worlds.codes import (
    classes_in,
    classes_out,
    colour_in,
    colour_out,
    depth_in,
    depth_out,
    flow_in,
    flow_out,
    idents_in,
    idents_out,
)
from stillmotion.training.worlds.truth import Frame, hidden

Files = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One stored frame."""

    colour: NDArray[np.uint8]  # (H, W, 3) sRGB
    depth: NDArray[np.float32]  # (H, W) metres, 0: the sky
    ident: NDArray[np.int32]  # (H, W)
    label: NDArray[np.uint8]  # (H, W) class
    other: NDArray[np.uint8]  # (H, W) the other class of a pixel on an edge
    coverage: NDArray[np.float32]  # (H, W) share of `label`'s object
    forward: tuple[NDArray[np.float32], NDArray[np.uint8]] | None  # (H, W, 2) px, bits of `codes`; None: the last
    backward: tuple[NDArray[np.float32], NDArray[np.uint8]] | None  # None: the first


def files_of(key: str, about: dict[str, Any], frames: Sequence[Frame], pictures: Sequence[NDArray[np.uint8]]) -> Files:
    """The files of one sample; `about` is what else is known of it, as JSON can say it."""
    files = [(f"{key}.json", json.dumps(about, sort_keys=True).encode())]
    for k, (frame, picture) in enumerate(zip(frames, pictures, strict=True)):
        files += [
            (f"{key}.{k:02d}.colour.webp", colour_out(picture)),
            (f"{key}.{k:02d}.depth.png", depth_out(frame.depth)),
            (f"{key}.{k:02d}.object.png", idents_out(frame.ident)),
            (f"{key}.{k:02d}.class.png", classes_out(frame.label, frame.other, frame.coverage)),
        ]
        if k + 1 < len(frames):
            gone = hidden(frame, frames[k + 1], forward=True)
            files.append((f"{key}.{k:02d}.forward.png", flow_out(frame.forward, gone)))
        if k > 0:
            new = hidden(frame, frames[k - 1], forward=False)
            files.append((f"{key}.{k:02d}.backward.png", flow_out(frame.backward, new)))
    return files


def write_shard(path: Path, samples: Iterable[Files]) -> None:
    """Write samples one after the other; the same samples give the same bytes."""
    with staged(path) as (part,), tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as tar:
        for files in samples:
            for name, data in files:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


class Store:
    """The samples of a folder of shards, or of one shard."""

    def __init__(self, place: Path) -> None:
        """
        Raises:
            InputError: there are no shards.
        """
        shards = sorted(place.glob("*.tar")) if place.is_dir() else [place]
        self._at: dict[str, dict[str, tuple[Path, int, int]]] = {}
        for shard in shards:
            if not shard.exists():
                continue
            with tarfile.open(shard) as tar:
                for member in tar:
                    key, kind = member.name.split(".", 1)
                    self._at.setdefault(key, {})[kind] = (shard, member.offset_data, member.size)
        if not self._at:
            raise InputError(f"{place} holds no worlds.", hint="Make them: python -m stillmotion.training.worlds.make")
        self.keys = tuple(self._at)

    def __len__(self) -> int:
        return len(self.keys)

    def about(self, key: str) -> dict[str, Any]:
        """What is known of a sample."""
        found: dict[str, Any] = json.loads(self._data(key, "json"))
        return found

    def frames(self, key: str) -> int:
        """How many frames a sample has."""
        return sum(kind.endswith(".depth.png") for kind in self._at[key])

    def bytes_of(self, key: str) -> int:
        """How large a sample is."""
        return sum(size for _, _, size in self._at[key].values())

    def files(self, key: str) -> Files:
        """A sample's files as they are."""
        return [(f"{key}.{kind}", self._data(key, kind)) for kind in self._at[key]]

    def colour(self, key: str, k: int = 0) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB of frame `k` alone."""
        return colour_in(self._data(key, f"{k:02d}.colour.webp"))

    def view(self, key: str, k: int = 0) -> View:
        """Frame `k` of a sample with all its truth."""
        label, other, coverage = classes_in(self._data(key, f"{k:02d}.class.png"))
        forward, backward = (
            flow_in(self._data(key, kind)) if (kind := f"{k:02d}.{way}.png") in self._at[key] else None
            for way in ("forward", "backward")
        )
        return View(
            colour=self.colour(key, k), depth=depth_in(self._data(key, f"{k:02d}.depth.png")),
            ident=idents_in(self._data(key, f"{k:02d}.object.png")), label=label, other=other, coverage=coverage,
            forward=forward, backward=backward,
        )  # fmt: skip

    def _data(self, key: str, kind: str) -> bytes:
        if kind not in self._at.get(key, {}):
            raise InputError(f"There is no {kind} of sample {key}.")
        shard, start, size = self._at[key][kind]
        with shard.open("rb") as file:
            file.seek(start)
            return file.read(size)
