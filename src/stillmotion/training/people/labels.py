"""What the teachers said, read back: pictures with their faces and bodies as arrays.

Knows which labels to believe; what they are used for is the business of the samples.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stillmotion.errors import InputError
from stillmotion.models.people_points import FACE, eyes_and_mouth
from stillmotion.training.people.label import WITHOUT_PEOPLE
from stillmotion.training.pictures import Pictures

SURE, TOGETHER = 0.8, 0.08
"""Points of a face are learned from where its presence is at least this and two looks are at most this far apart."""
HELD_FILMS = ("clips/steel",)
"""Begin the names of films that people are not learned from: the clips held out of every training show hardly any."""
MISTAKES = "mistakes.jsonl"
"""What `mine` found, beside the labels."""
_NOSE = FACE.slice("nose").start + 5
_LEFT_EAR, _RIGHT_EAR = FACE.slice("oval").start + 8, FACE.slice("oval").start + 28  # where the oval meets the ears
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
    mistakes: tuple[tuple[float, float, float, float], ...] = ()  # x, y, width, height: a finder took it for a face


def read_labels(folder: Path, packed: Path, *, held: bool = False) -> list[Labelled]:
    """Every labelled picture, and some that are known to hold nobody, in a fixed order.

    Args:
        packed: the folder that `training.pictures.prepare` wrote.
        held: what is only measured on: photos and clips held out of every training, and films held out of this one.

    Raises:
        InputError: there are no labels in the folder.
    """
    learned = Pictures.of(packed, "")
    found = _read(sorted(folder.glob("labels-*.jsonl")), learned)
    if not found:
        raise InputError(f"{folder} holds no labels.", hint="Run stillmotion.training.people.label first.")
    apart = [each for each in found if each.name.startswith(HELD_FILMS)]
    if held:
        held_out = _read(sorted(folder.glob("labels_held-*.jsonl")), Pictures.of(packed, "_held"))
        return sorted([*apart, *held_out], key=lambda each: each.name)
    nobody = np.zeros((0, 4))
    empty = [i for i, name in enumerate(learned.photos.names) if name.split("/")[0] in WITHOUT_PEOPLE]
    found = [each for each in found if not each.name.startswith(HELD_FILMS)]
    found += [
        Labelled(learned.photos.frames(i)[0], f"photos/{learned.photos.names[i]}/0", (), nobody, ())
        for i in empty[::_KEPT_EMPTY]
    ]
    mistakes = _mistakes(folder / MISTAKES)
    found = [replace(each, mistakes=mistakes.get(each.name, ())) for each in found]
    return sorted(found, key=lambda each: each.name)


def _mistakes(file: Path) -> dict[str, tuple[tuple[float, float, float, float], ...]]:
    lines = (json.loads(text) for text in file.read_text().splitlines()) if file.exists() else ()
    return {line["picture"]: tuple(tuple(box) for box in line["boxes"]) for line in lines}


def _read(files: list[Path], packed: Pictures) -> list[Labelled]:
    found = []
    for line in (json.loads(text) for file in files for text in file.read_text().splitlines()):
        pack = packed.photos if line["pack"] == "photos" else packed.clips
        faces = tuple(
            Face(
                np.array(each["points"], np.float64), np.array(each["visible"], np.float32),
                each["presence"] >= SURE and each["apart"] <= TOGETHER,
            ) for each in line["faces"]
        )  # fmt: skip
        rgb = pack.frames(line["number"])[line["frame"]]
        found.append(
            Labelled(
                rgb,
                f"{line['pack']}/{pack.names[line['number']]}/{line['frame']}", faces,
                np.array(line["perhaps"], np.float64).reshape(-1, 4),
                tuple(within(rgb, with_face(np.array(body, np.float64), faces)) for body in line["bodies"]),
            )
        )  # fmt: skip
    return found


def within(rgb: np.ndarray, body: np.ndarray) -> np.ndarray:
    """A body (17, 3) that is not sure of what is outside of the picture, where the teacher guesses."""
    inside = ((body[:, :2] >= 0) & (body[:, :2] < rgb.shape[1::-1])).all(axis=1)
    return np.c_[body[:, :2], body[:, 2] * inside]


def with_face(body: np.ndarray, faces: tuple[Face, ...]) -> np.ndarray:
    """A body (17, 3) with the nose, eyes and ears of the sure face they lie nearest to, which knows them better.

    The teacher of bodies is off by a good part of a face where a head fills the picture.
    """
    head, trust = body[:3, :2], body[:3, 2]
    if float(trust.max()) < 0.2:
        return body
    at = np.average(head, axis=0, weights=trust)
    for face in faces:
        low, high = face.points.min(axis=0), face.points.max(axis=0)
        if face.sure and (low < at).all() and (at < high).all():
            out = body.copy()
            marks = eyes_and_mouth(face.points)
            places = [face.points[_NOSE], marks[1], marks[0], face.points[_LEFT_EAR], face.points[_RIGHT_EAR]]
            seen = [1.0, 1.0, 1.0, face.visible[_LEFT_EAR], face.visible[_RIGHT_EAR]]
            for k, (place, sure) in enumerate(zip(places, seen, strict=True)):
                if sure > 0.5:
                    out[k] = (*place, max(float(body[k, 2]), 0.8))
            return out
    return body
