"""How well faces and bodies are seen: against the teachers, on photos and films that were not learned from; time, size.

    python -m benchmarks.people --packed DIR --labels DIR [--sheet FILE.png] [--write]

`--packed` and `--labels` are what training/pictures and training/people/label wrote. Everything is measured through the
shipped files and through the analysis as it runs. Prints markdown; `--write` puts it into docs/benchmarks/people.md
between its two marks.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from stillmotion.models.people import (
    BODY_SIDE,
    FACE_SIDE,
    FINDER_MEAN,
    FINDER_SIDE,
    FOLDER,
    FoundFace,
    overlap,
    people_networks,
)
from stillmotion.models.people_points import eyes_and_mouth, upright_square
from stillmotion.models.scene import scene_network
from stillmotion.stages.analysis.people_seen import find_people
from stillmotion.stages.analysis.people_shown import draw_people
from stillmotion.training.people.label import box_of
from stillmotion.training.people.labels import Face, Labelled, read_labels
from stillmotion.training.people.points import SIGMAS
from stillmotion.types import Float64, UInt8

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "people.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
_SAME = 0.4  # intersection over union
_LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8)
_ALIKE = 0.3  # object key point similarity


# -- faces -----------------------------------------------------------------------------------------------------------


Boxes = list[tuple[float, tuple[float, float, float, float]]]
"""Confidence and box of what was found in a picture."""


def by_finder(picture: Labelled) -> Boxes:
    """What the first network alone says."""
    return [(face.confidence, face.box) for face in people_networks().find(np.ascontiguousarray(picture.rgb))]


def by_analysis(picture: Labelled) -> Boxes:
    """What the scene holds."""
    return [(face.confidence, face.box) for face in find_people(np.ascontiguousarray(picture.rgb), None)[0]]


def finding(
    pictures: list[Labelled], found: list[Boxes], least: float, smallest: float
) -> tuple[float, float, int, int]:
    """Recall, precision, how many faces there are, and how many were found wrongly.

    Faces of less than `smallest` pixels at the finder's size are not asked for; doubtful ones are neither right nor
    wrong.
    """
    hit = wanted = right = told = 0
    for picture, every in zip(pictures, found, strict=True):
        sure = [box for confidence, box in every if confidence >= least]
        scale = FINDER_SIDE / max(picture.rgb.shape[:2])
        boxes = [tuple(box_of(face.points)) for face in picture.faces]
        asked = [box for box in boxes if max(box[2:]) * scale >= smallest]
        hit += sum(any(overlap(box, other) >= _SAME for other in sure) for box in asked)
        wanted += len(asked)
        open_to = [*boxes, *(tuple(box) for box in picture.perhaps)]
        for box in sure:
            true = any(overlap(other, box) >= _SAME for other in boxes)
            if true or not any(_touches(other, box) for other in open_to):
                told, right = told + 1, right + true
    return hit / max(wanted, 1), right / max(told, 1), wanted, told - right


def _touches(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(across, 0) * max(down, 0) > 0.15 * min(a[2] * a[3], b[2] * b[3])


def landmark_errors(pictures: list[Labelled]) -> tuple[list[float], list[float], list[float], list[bool]]:
    """Of the sure faces that are found: mean distance to the teacher's points in distances of the eyes; the same for
    the mean face put there; share of points whose visibility agrees; whether the face is nearly frontal.
    """
    ours, mean, agree, frontal = [], [], [], []
    shape = mean_face(pictures)
    for picture, face in ((p, f) for p in pictures for f in p.faces if f.sure):
        found = _found_as(picture, face)
        if found is None:
            continue
        first = people_networks().map_face(picture.rgb, found)
        mapped = people_networks().map_crop(picture.rgb, *upright_square(first.points))
        right, left, mouth = eyes_and_mouth(face.points)
        between = float(np.hypot(*(right - left)))
        size = max(between, 0.55 * float(np.hypot(*((right + left) / 2 - mouth))))  # in profile the eyes meet
        ours.append(float(np.linalg.norm(mapped.points - face.points, axis=1).mean()) / size)
        mean.append(float(np.linalg.norm(_placed(shape, found) - face.points, axis=1).mean()) / size)
        agree.append(float(((mapped.visible > 0.5) == (face.visible > 0.5)).mean()))
        frontal.append(between > 0.8 * float(np.hypot(*((right + left) / 2 - mouth))))
    return ours, mean, agree, frontal


def _found_as(picture: Labelled, face: Face) -> FoundFace | None:
    found = people_networks().find(np.ascontiguousarray(picture.rgb))
    box = tuple(box_of(face.points))
    best = max(found, key=lambda f: overlap(box, f.box), default=None)
    return best if best is not None and overlap(box, best.box) >= _SAME else None


def mean_face(pictures: list[Labelled]) -> Float64:
    """(154, 2) in crops' sides from the middle: what one would say without looking."""
    shapes = []
    for face in (f for p in pictures for f in p.faces if f.sure):
        turn, centre, side = upright_square(face.points)
        c, s = np.cos(turn), np.sin(turn)
        shapes.append((face.points - centre) @ np.array([[c, -s], [s, c]]) / side)
    return np.asarray(np.mean(shapes, axis=0))


def _placed(shape: Float64, found: FoundFace) -> Float64:
    """The mean face with its eyes and mouth where the finder sees them (a similarity, least squares)."""
    here, there = eyes_and_mouth(shape), found.marks
    a, b = here - here.mean(axis=0), there - there.mean(axis=0)
    weight = (a**2).sum()
    c, s = (a * b).sum() / weight, (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / weight
    return (shape - here.mean(axis=0)) @ np.array([[c, s], [-s, c]]) + there.mean(axis=0)


# -- bodies ----------------------------------------------------------------------------------------------------------


def bodies_found(pictures: list[Labelled]) -> tuple[float, float, int, int, int]:
    """Recall and precision of the analysis' bodies (similarity to one of the teacher's from `_ALIKE` on), how many it
    tells where the teacher sees some, and how many in how many pictures with neither a body, a face nor a doubt.
    """
    hit = wanted = right = told = wrong = empty = 0
    for picture in pictures:
        rgb = np.ascontiguousarray(picture.rgb)
        _, seen = find_people(rgb, scene_network().look(rgb))
        asked = [body for body in picture.bodies if (body[:, 2] > 0.3).sum() >= 6 and _length(body) > 40]
        wanted += len(asked)
        hit += sum(any(similarity(own.points, body) >= _ALIKE for own in seen) for body in asked)
        if picture.bodies:
            told += len(seen)
            right += sum(any(similarity(own.points, body) >= _ALIKE for body in picture.bodies) for own in seen)
        elif not picture.faces and not len(picture.perhaps):
            wrong, empty = wrong + len(seen), empty + 1
    return hit / max(wanted, 1), right / max(told, 1), told, wrong, empty


def body_errors(pictures: list[Labelled]) -> dict[str, list[float]]:
    """Of the teacher's bodies, each given its square: share of its sure points within a fifth of the head-to-hip (or
    eye-to-shoulder) length, object key point similarity, and the similarity of the analysis' own best body.
    """
    told: dict[str, list[float]] = {"PCK@0.2": [], "OKS": [], "OKS, found by itself": []}
    for picture in pictures:
        rgb = np.ascontiguousarray(picture.rgb)
        wanted = [body for body in picture.bodies if (body[:, 2] > 0.3).sum() >= 6 and _length(body) > 40]
        if not wanted:
            continue
        _, seen = find_people(rgb, scene_network().look(rgb))
        for body in wanted:
            sure = body[:, 2] > 0.3
            x, y, w, h = box_of(body[sure, :2])
            mapped = people_networks().map_body(rgb, (x + w / 2, y + h / 2), 1.38 * max(w, h))
            apart = np.linalg.norm(mapped.points - body[:, :2], axis=1)[sure]
            told["PCK@0.2"].append(float((apart < 0.2 * _trunk(body)).mean()))
            told["OKS"].append(similarity(mapped.points, body))
            told["OKS, found by itself"].append(max((similarity(b.points, body) for b in seen), default=0.0))
    return told


def _length(body: Float64) -> float:
    return float(max(box_of(body[body[:, 2] > 0.3, :2])[2:]))


def _trunk(body: Float64) -> float:
    """Length of the trunk, shoulders to hips; where hips are not sure, of one and a half times the shoulders' width."""
    if body[11:13, 2].min() > 0.3 and body[5:7, 2].min() > 0.3:
        return float(np.linalg.norm(body[5:7, :2].mean(axis=0) - body[11:13, :2].mean(axis=0)))
    return 0.5 * _length(body)


def similarity(points: Float64, body: Float64) -> float:
    """Object key point similarity of COCO over the teacher's sure points."""
    sure = body[:, 2] > 0.3
    area = 0.53 * float(np.prod(box_of(body[sure, :2])[2:]))  # of a person within its box
    apart = ((points - body[:, :2]) ** 2).sum(axis=1) / (2 * max(area, 1.0) * (2 * SIGMAS) ** 2)
    return float(np.exp(-apart[sure]).mean())


# -- time ------------------------------------------------------------------------------------------------------------


def median_ms(work: Callable[[], object], times: int = 30) -> float:
    """Milliseconds of processor time of one call, the median: others may use the machine."""
    work()
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return 1000 * float(np.median(spent))


def openvino_ms(file: str, height: int, width: int) -> float | None:
    """The same of OpenVINO on one thread, if it is installed."""
    try:
        import openvino
    except ImportError:
        return None
    core = openvino.Core()
    model = core.read_model(str(FOLDER / file))
    model.reshape([1, 3, height, width])
    net = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 1})
    picture = np.random.default_rng(0).random((1, 3, height, width), np.float32)
    return median_ms(lambda: net(picture))


def times(picture: UInt8) -> list[str]:
    """A table of what each part costs on a photo with a face."""
    networks = people_networks()
    found = networks.find(picture)[0]
    scale = FINDER_MEAN / float(np.sqrt(picture.shape[0] * picture.shape[1]))
    height, width = (int(np.ceil(side * scale / 32)) * 32 for side in picture.shape[:2])
    parts = (
        ("face-finder.onnx", "once a photo", lambda: networks.find(picture), (height, width)),
        ("face-map.onnx", "twice a face", lambda: networks.map_face(picture, found), (FACE_SIDE, FACE_SIDE)),
        ("body-map.onnx", "twice a person", lambda: networks.map_body(picture, (230, 260), 520), (BODY_SIDE,) * 2),
    )
    rows = ["| | bytes | called | OpenCV, ms | OpenVINO, network alone, ms |", "|---|---|---|---|---|"]
    cv2.setNumThreads(1)
    for file, called, work, size in parts:
        other = openvino_ms(file, *size)
        told = "not installed" if other is None else f"{other:.1f}"
        rows.append(f"| {file} | {(FOLDER / file).stat().st_size:,} | {called} | {median_ms(work):.1f} | {told} |")
    sight = scene_network().look(picture)
    rows.append(f"| all, of a portrait | | | {median_ms(lambda: find_people(picture, sight)):.1f} | |")
    return rows


# -- the page --------------------------------------------------------------------------------------------------------


def report(sets: dict[str, list[Labelled]], portrait: UInt8) -> str:
    """Every table, as markdown."""
    out = ["### Faces: finding", ""]
    out += ["| | | confidence from | recall | precision | faces asked for | wrong |", "|---|---|---|---|---|---|---|"]
    empty, wrong = 0, dict.fromkeys(_LEVELS, 0)
    for name, pictures in sets.items():
        for way, look in (("finder alone", by_finder), ("analysis", by_analysis)):
            found = [look(picture) for picture in pictures]
            for least in _LEVELS if look is by_analysis else _LEVELS[:2]:
                recall, precision, asked, false = finding(pictures, found, least, 9.0)
                out.append(f"| {name} | {way} | {least} | {recall:.2f} | {precision:.2f} | {asked} | {false} |")
        nobody = [every for p, every in zip(pictures, found, strict=True) if not p.faces and not len(p.perhaps)]
        empty += len(nobody)
        for least in _LEVELS:
            wrong[least] += sum(confidence >= least for every in nobody for confidence, _ in every)
    told = ", ".join(f"{count} from {least}" for least, count in wrong.items())
    out += ["", f"In {empty} pictures in which the teachers see no face and doubt none, the analysis says: {told}."]
    out += ["", "### Faces: points", ""]
    out += [
        "| | faces | median | mean | 90th percentile | frontal, median | turned, median | mean face, median | seen |"
    ]
    out += ["|---|---|---|---|---|---|---|---|---|"]
    for name, pictures in sets.items():
        ours, mean, agree, front = (np.array(v) for v in landmark_errors(pictures))
        if len(ours):
            halves = [f"{np.median(part):.3f}" if len(part) else "-" for part in (ours[front], ours[~front])]
            out.append(
                f"| {name} | {len(ours)} | {np.median(ours):.3f} | {ours.mean():.3f} | {np.percentile(ours, 90):.3f} | "
                f"{halves[0]} | {halves[1]} | {np.median(mean):.3f} | {agree.mean():.2f} |"
            )
    out += ["", "### Bodies", "", "| | bodies | PCK@0.2 | OKS | OKS, found by itself | recall | precision | told |"]
    out += ["|---|---|---|---|---|---|---|---|"]
    none_there = list[str]()
    for name, pictures in sets.items():
        errors = body_errors(pictures)
        if errors["OKS"]:
            means = " | ".join(f"{np.mean(values):.2f}" for values in errors.values())
            recall, precision, count, *none = bodies_found(pictures)
            out.append(f"| {name} | {len(errors['OKS'])} | {means} | {recall:.2f} | {precision:.2f} | {count} |")
            none_there.append(f"{none[0]} in {none[1]} {name}")
    everywhere = ", ".join(none_there)
    out += ["", f"Where the teachers see no body and no face and doubt none, bodies are told: {everywhere}."]
    out += ["", "### Processor time, one thread", "", *times(portrait)]
    return "\n".join(out) + "\n"


def sheet(pictures: list[Labelled], most: int = 60) -> UInt8:
    """What is found, drawn; teachers' faces as grey boxes."""
    tiles = []
    for picture in pictures:
        rgb = np.ascontiguousarray(picture.rgb)
        faces, bodies = find_people(rgb, scene_network().look(rgb))
        if not (faces or bodies or picture.faces):
            continue
        scale = 400 / max(rgb.shape[:2])
        size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
        small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        for face in picture.faces:
            x, y, w, h = (int(v * scale) for v in box_of(face.points))
            cv2.rectangle(small, (x - 2, y - 2), (x + w + 2, y + h + 2), (170, 170, 170), 1)
        draw_people(small, faces, bodies, scale)
        tile: UInt8 = np.zeros((400, 400, 3), np.uint8)
        tile[: size[1], : size[0]] = small
        tiles.append(tile)
    tiles = tiles[:most] + [np.zeros((400, 400, 3), np.uint8)] * (-len(tiles[:most]) % 6)
    return np.vstack([np.hstack(tiles[k : k + 6]) for k in range(0, len(tiles), 6)])


def main() -> None:
    """Measure, print, perhaps write."""
    from stillmotion.media.image import read_photo

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    held = read_labels(args.labels, args.packed, held=True)
    sets = {
        "held-out photos": [p for p in held if p.name.startswith("photos/")],
        "held-out clips": [p for p in held if p.name.startswith("clips/")],
    }
    if args.sheet:
        found = [*sets["held-out photos"], *sets["held-out clips"][::4]]
        cv2.imwrite(str(args.sheet), sheet(found)[..., ::-1])
    text = report(sets, read_photo(ROOT / "examples" / "astronaut.jpg").pixels)
    print(text)
    if args.write:
        page = PAGE.read_text()
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
