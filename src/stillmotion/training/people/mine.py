"""What the finder takes for faces where the teachers see none: things to teach the map of a face what a face is not.

    python -m stillmotion.training.people.mine --packed DIR --labels DIR [--finder FILE.onnx]

Writes `mistakes.jsonl` beside the labels: the name of a picture and boxes in it. Runs learn from it if it is there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from stillmotion.models.people import FACE_FINDER, FaceFinder, overlap
from stillmotion.training.people.label import box_of
from stillmotion.training.people.labels import MISTAKES, Labelled, read_labels

LEAST = 0.25
"""Confidence of a mistake that is worth learning from."""
_EVERY = {"photos": 1, "clips": 4}
"""Every which labelled picture is looked at: frames of a clip make the same mistakes."""


def mistakes_of(picture: Labelled, finder: FaceFinder) -> list[tuple[float, float, float, float]]:
    """Boxes x, y, width, height of found faces that touch no face of the teachers and nothing they doubt."""
    found = finder.find(np.ascontiguousarray(picture.rgb), least=LEAST)
    known = [*(box_of(face.points) for face in picture.faces), *picture.perhaps]
    return [face.box for face in found if not any(overlap(face.box, tuple(box)) for box in known)]


def main() -> None:
    """Look at every picture that is learned from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--finder", type=Path, default=FACE_FINDER)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    finder, count = FaceFinder(args.finder), 0
    with (args.labels / MISTAKES).open("w") as file:
        for i, picture in enumerate(read_labels(args.labels, args.packed)):
            if i % _EVERY[picture.name.split("/")[0]] == 0 and (boxes := mistakes_of(picture, finder)):
                file.write(json.dumps({"picture": picture.name, "boxes": np.round(boxes, 1).tolist()}) + "\n")
                count += len(boxes)
    print(f"{count} mistakes")  # noqa: T201


if __name__ == "__main__":
    main()
