"""Teachers look at packed photos and at some frames of clips once; what they say is kept, one line of JSON a picture.

    python -m stillmotion.training.people.label --packed DIR --teachers DIR --out DIR [--held] [--part 0 --parts 2]

A line: which picture; faces (points, visibility, presence, how far two looks disagree); candidates that may be faces
and are neither taught nor denied; bodies (points and trust). Bodies are looked for below faces and where the scene
network sees people. Resumable: pictures that have a line are not looked at again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from stillmotion.models.people import overlap
from stillmotion.models.scene import scene_network
from stillmotion.stages.analysis.people_seen import people_boxes
from stillmotion.training.people.points import SIGMAS
from stillmotion.training.people.teachers import BodyTeacher, FaceTeachers, TaughtBody, TaughtFace
from stillmotion.training.pictures import Pictures

FRAME_STEP = 8
"""Every which frame of a clip is looked at."""
WITHOUT_PEOPLE = ("flowers", "grocery", "objects")
"""Folders of photos that are not looked at."""
_FACE, _PERHAPS, _BOLD = 0.5, 0.1, 0.8
_APART = 0.15
_MOST_CANDIDATES = 24


def pictures_of(packed: Pictures) -> Iterator[tuple[str, int, int, np.ndarray]]:
    """Which pack ("photos" or "clips"), its number there, frame, (H, W, 3)."""
    for i, name in enumerate(packed.photos.names):
        if name.split("/")[0] not in WITHOUT_PEOPLE:
            yield "photos", i, 0, packed.photos.frames(i)[0]
    for i in range(len(packed.clips)):
        frames = packed.clips.frames(i)
        for k in range(0, len(frames), FRAME_STEP):
            yield "clips", i, k, frames[k]


def faces_of(rgb: np.ndarray, teachers: FaceTeachers) -> tuple[list[TaughtFace], list[np.ndarray]]:
    """Faces, the surest first, and boxes of what may be one."""
    found, perhaps = list[TaughtFace](), list[np.ndarray]()
    for candidate in teachers.candidates(rgb)[:_MOST_CANDIDATES]:
        face = teachers.mesh(rgb, candidate)
        if face is not None and face.presence > _FACE and face.apart < _APART:
            found.append(face)
        elif candidate[0] > _BOLD or (face is not None and face.presence > _PERHAPS):
            perhaps.append(candidate[1:5])
    kept: list[TaughtFace] = []
    for face in sorted(found, key=lambda f: f.apart - f.presence):
        if all(overlap(tuple(box_of(face.points)), tuple(box_of(other.points))) < 0.3 for other in kept):
            kept.append(face)
    return kept, perhaps


def box_of(points: np.ndarray) -> np.ndarray:
    """x, y, width, height around points (n, 2)."""
    low, high = points.min(axis=0), points.max(axis=0)
    return np.concatenate([low, high - low])


def bodies_of(rgb: np.ndarray, faces: list[TaughtFace], teacher: BodyTeacher) -> list[TaughtBody]:
    """Bodies below faces and of people that the scene network sees; each once."""
    regions = []
    for face in faces:
        x, y, width, height = box_of(face.points)
        regions += [((x + width / 2, y + k * height), 2.4 * k * height) for k in (1.6, 3.5)]
    people = people_boxes(scene_network().look(np.ascontiguousarray(rgb)), rgb)
    regions += [((x + w / 2, y + h / 2), 1.25 * max(w, h)) for x, y, w, h in people]
    found = [body for centre, side in regions if (body := teacher.body(rgb, centre, side)) is not None]
    kept: list[TaughtBody] = []
    for body in sorted(found, key=lambda b: -float(b.trust.sum())):
        if all(likeness(body, other) < 0.4 for other in kept):
            kept.append(body)
    return kept


def likeness(a: TaughtBody, b: TaughtBody) -> float:
    """Object key point similarity of COCO, over the points both are sure of."""
    both = (a.trust > 0.2) & (b.trust > 0.2)
    if not both.any():
        return 0.0
    box = box_of(a.points[a.trust > 0.2])
    area = max(float(box[2] * box[3]), 1.0)
    apart = ((a.points - b.points) ** 2).sum(axis=1) / (2 * area * (2 * SIGMAS) ** 2)
    return float(np.exp(-apart[both]).mean())


def line_of(pack: str, number: int, frame: int, rgb: np.ndarray, teachers: tuple[FaceTeachers, BodyTeacher]) -> Any:
    """What is kept of one picture; JSON."""
    faces, perhaps = faces_of(rgb, teachers[0])
    bodies = bodies_of(rgb, faces, teachers[1])
    return {
        "pack": pack, "number": number, "frame": frame,
        "faces": [
            {"points": face.points.round(1).tolist(), "visible": face.visible.round(2).tolist(),
             "presence": round(face.presence, 3), "apart": round(face.apart, 4)} for face in faces
        ],
        "perhaps": [box.round(1).tolist() for box in perhaps],
        "bodies": [np.c_[body.points.round(1), body.trust.round(3)].tolist() for body in bodies],
    }  # fmt: skip


def main() -> None:
    """Label what was packed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--teachers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held", action="store_true", help="what is only measured on")
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    ending = "_held" if args.held else ""
    teachers = (
        FaceTeachers(args.teachers / "tfjs"), BodyTeacher(args.teachers / "movenet_single_pose_lightning_ptq.tflite")
    )  # fmt: skip
    args.out.mkdir(parents=True, exist_ok=True)
    target = args.out / f"labels{ending}-{args.part}-of-{args.parts}.jsonl"
    done = len(target.read_text().splitlines()) if target.exists() else 0
    mine = list(pictures_of(Pictures.of(args.packed, ending)))[args.part :: args.parts]
    with target.open("a") as file:
        for i, (pack, number, frame, rgb) in enumerate(mine[done:], done):
            file.write(json.dumps(line_of(pack, number, frame, np.ascontiguousarray(rgb), teachers)) + "\n")
            file.flush()
            if i % 50 == 0:
                print(i, len(mine), flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    main()
