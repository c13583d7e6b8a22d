"""What the teachers said, read back: pictures with their faces and bodies as arrays.

Knows which labels to believe; what they are used for is the business of the samples.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stillmotion.errors import InputError
from stillmotion.training.people.label import WITHOUT_PEOPLE
from stillmotion.training.pictures import Pictures

SURE, TOGETHER = 0.8, 0.08
"""Points of a face are learned from where its presence is at least this and two looks are at most this far apart."""
_KEPT_EMPTY = 6  # every which picture of the folders without people is used


@dataclass(frozen=True, slots=True)
class Face:
    """A labelled face."""

    points: np.ndarray  # (154, 2) pixels of the picture
    visible: np.ndarray  # (154,) in [0, 1]
    sure: bool  # the points can be learned from


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and what is in it."""

    rgb: np.ndarray  # (H, W, 3) uint8, mapped
    name: str
    faces: tuple[Face, ...]
    perhaps: np.ndarray  # (n, 4) x, y, width, height of what may be a face
    bodies: tuple[np.ndarray, ...]  # (17, 3) each: x, y, trust


def read_labels(folder: Path, packed: Pictures, *, held: bool = False) -> list[Labelled]:
    """Every labelled picture, and some that are known to hold nobody, in a fixed order.

    Raises:
        InputError: there are no labels in the folder.
    """
    found = []
    files = sorted(folder.glob("labels_held-*.jsonl" if held else "labels-*.jsonl"))
    if not files:
        raise InputError(f"{folder} holds no labels.", hint="Run stillmotion.training.people.label first.")
    for file in files:
        for text in file.read_text().splitlines():
            line = json.loads(text)
            pack = packed.photos if line["pack"] == "photos" else packed.clips
            faces = tuple(
                Face(
                    np.array(each["points"], np.float64), np.array(each["visible"], np.float32),
                    each["presence"] >= SURE and each["apart"] <= TOGETHER,
                ) for each in line["faces"]
            )  # fmt: skip
            found.append(
                Labelled(
                    pack.frames(line["number"])[line["frame"]],
                    f"{line['pack']}/{pack.names[line['number']]}/{line['frame']}", faces,
                    np.array(line["perhaps"], np.float64).reshape(-1, 4),
                    tuple(np.array(body, np.float64) for body in line["bodies"]),
                )
            )  # fmt: skip
    nobody = np.zeros((0, 4))
    empty = [i for i, name in enumerate(packed.photos.names) if name.split("/")[0] in WITHOUT_PEOPLE]
    found += [
        Labelled(packed.photos.frames(i)[0], f"photos/{packed.photos.names[i]}/0", (), nobody, ())
        for i in empty[::_KEPT_EMPTY]
    ]
    return sorted(found, key=lambda each: each.name)
