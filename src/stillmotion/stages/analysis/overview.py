"""What was understood of a photo, as files a person can look at and other programs can read.

    depth.png      16 bit grey, nearer is brighter          overview.png   photo | depth in colours
    regions.png    one colour and value per part                           parts | slices by depth
    regions.json   names, shares, confidence of the values  scene.json     the summary
    people.json    faces and bodies with their points
    sky.png, subject.png, region-NAME.png, layer-N.png      mattes, 8 bit grey; slices with alpha, nearest first

Knows the scene; finds nothing new in it.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stillmotion.errors import InputError
from stillmotion.media.staging import staged, writing_failed
from stillmotion.stages.analysis.labels import Labels, colour_of, label_map
from stillmotion.stages.analysis.people_shown import draw_people, people_json
from stillmotion.stages.analysis.slices import Slice, cut_slices
from stillmotion.types import Float32, Scene, UInt8

_PANEL = 640  # pixels of the long side of a panel


def write_analysis(scene: Scene, folder: Path) -> dict[str, Any]:  # Any: JSON
    """Write the analysis of a scene into a folder, made if it is missing; all files appear, or none.

    Returns:
        The summary, as scene.json holds it.

    Raises:
        InputError: the folder cannot be made or written to.
        DoesNotFit: the disk is full.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; the analysis is written into a folder.")
    labels = label_map(scene.regions, (scene.depth.shape[0], scene.depth.shape[1]))
    slices = cut_slices(scene.depth)
    contents = _pictures(scene, labels, slices)
    parts_json = _regions_json(scene, labels)
    contents["regions.json"] = _json(parts_json)
    contents["people.json"] = _json(people_json(scene))
    summary = _summary(scene, parts_json["regions"], slices, (*contents, "scene.json"))
    contents["scene.json"] = _json(summary)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with staged(*(folder / name for name in contents)) as parts:
            for part, data in zip(parts, contents.values(), strict=True):
                part.write_bytes(data)
    except OSError as error:
        raise writing_failed(folder, error) from error
    return summary


def _pictures(scene: Scene, labels: Labels, slices: tuple[Slice, ...]) -> dict[str, bytes]:
    """File name -> a PNG."""
    pictures: dict[str, UInt8 | NDArray[np.uint16]] = {
        "depth.png": np.round(_unit(1 / scene.depth) * 65535).astype(np.uint16),
        "sky.png": _grey(scene.sky),
        "subject.png": _grey(scene.subject),
    }
    for region in scene.regions:
        pictures[f"region-{region.name}.png"] = _grey(region.mask)
    for number, part in enumerate(slices, 1):
        pictures[f"layer-{number}.png"] = np.dstack([scene.photo, _grey(part.alpha)])
    pictures["overview.png"] = draw_overview(scene, labels, slices)
    contents = {name: _png(picture) for name, picture in pictures.items()}
    return {**contents, "regions.png": _palette_png(labels)}


def _regions_json(scene: Scene, labels: Labels) -> dict[str, Any]:
    """What the values of regions.png stand for. `share` is of the picture; parts may cover one another."""
    values = {name: value for value, name in enumerate(labels.names, 1)}
    return {
        "map": "regions.png",
        "nothing": 0,
        "regions": [
            {
                "name": region.name, "value": values.get(region.name),
                "colour": list(colour_of(region.name)) if region.name in values else None,
                "share": round(float(region.mask.mean()), 4), "confidence": round(region.confidence, 3),
                "matte": f"region-{region.name}.png",
            }
            for region in scene.regions
        ],
    }  # fmt: skip


def _summary(
    scene: Scene, regions: list[dict[str, Any]], slices: tuple[Slice, ...], files: tuple[str, ...]
) -> dict[str, Any]:
    height, width = scene.depth.shape
    return {
        "size": [width, height],
        "crop": [scene.crop.x, scene.crop.y, scene.crop.width, scene.crop.height],
        "fov_deg": round(scene.fov_deg, 2),
        "pivot": [round(scene.pivot[0] / width, 4), round(scene.pivot[1] / height, 4)],
        "depth": {
            "source": scene.depth_source,
            "confidence": round(scene.confidence, 3),
            "nearest": round(float(scene.depth.min()), 3),
            "farthest": round(float(scene.depth.max()), 3),
        },
        "sky_share": round(float(scene.sky.mean()), 4),
        "subject_share": round(float(scene.subject.mean()), 4),
        "regions": [{key: part[key] for key in ("name", "share", "confidence")} for part in regions],
        "faces": [round(face.confidence, 3) for face in scene.faces],
        "bodies": [round(body.confidence, 3) for body in scene.bodies],
        "layers": [
            {
                "file": f"layer-{number}.png", "near": round(part.near, 3), "far": round(part.far, 3),
                "share": round(float(part.alpha.mean()), 4),
            }
            for number, part in enumerate(slices, 1)
        ],
        "notes": list(scene.notes),
        "files": sorted(files),
    }  # fmt: skip


# ── the overview picture ─────────────────────────────────────────────────────────────────────────────────────────────


def draw_overview(scene: Scene, labels: Labels, slices: tuple[Slice, ...]) -> UInt8:
    """Four panels in one picture (h, w, 3): photo with its pivot and its people, depth, parts, slices."""
    height, width = scene.depth.shape
    scale = min(1.0, _PANEL / max(height, width))
    size = (max(32, round(width * scale)), max(32, round(height * scale)))
    photo = np.asarray(cv2.resize(scene.photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    nearness = np.asarray(cv2.resize(_unit(1 / scene.depth), size, interpolation=cv2.INTER_AREA), np.float32)
    marked = photo.copy()
    draw_people(marked, scene.faces, scene.bodies, size[0] / width)
    x, y = (round(v * s) for v, s in zip(scene.pivot, (size[0] / width, size[1] / height), strict=True))
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.drawMarker(marked, (x, y), colour, cv2.MARKER_CROSS, max(12, size[0] // 30), thick, cv2.LINE_AA)
    turbo = cv2.cvtColor(cv2.applyColorMap(_grey(nearness), cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    panels = [
        _titled(marked, f"photo, {width}x{height}, {scene.fov_deg:.0f} deg"),
        _titled(np.asarray(turbo, np.uint8), f"depth: {scene.depth_source}, confidence {scene.confidence:.2f}"),
        _titled(_coloured(labels, photo), "regions"),
        _titled(_exploded(photo, slices), f"{len(slices)} slices by depth, the nearer the brighter"),
    ]
    return np.asarray(np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])]), np.uint8)


def _coloured(labels: Labels, photo: UInt8) -> UInt8:
    """The parts in colours over a dim photo, each named at its middle with its share."""
    size = (photo.shape[1], photo.shape[0])
    values = np.asarray(cv2.resize(labels.values, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    table: UInt8 = np.zeros((256, 3), np.uint8)
    for value, name in enumerate(labels.names, 1):
        table[value] = colour_of(name)
    grey = cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    picture = np.asarray(cv2.addWeighted(grey, 0.45, table[values], 0.5, 0), np.uint8)
    taken: list[int] = []
    shares = np.bincount(values.ravel(), minlength=256) / values.size
    for value in sorted(range(1, len(labels.names) + 1), key=lambda v: -float(shares[v])):
        if shares[value] == 0:
            continue
        x, y = _middle(np.asarray(values == value, np.float32))
        while any(abs(y - other) < 18 for other in taken):
            y += 18
        taken.append(y)
        _write(picture, f"{labels.names[value - 1]} {100 * float(shares[value]):.0f}%", (x, y))
    return picture


def _exploded(photo: UInt8, slices: tuple[Slice, ...]) -> UInt8:
    """The slices in bright to dark tones of the photo, with a line where one ends."""
    size = (photo.shape[1], photo.shape[0])
    out = np.zeros(photo.shape, np.float32)
    for number, part in enumerate(slices):
        alpha = np.asarray(cv2.resize(part.alpha, size, interpolation=cv2.INTER_AREA), np.float32)[..., None]
        out += alpha * photo * np.float32(1.0 - 0.75 * number / max(len(slices) - 1, 1))
        edge = cv2.morphologyEx((alpha[..., 0] > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
        out[edge > 0] = (255, 220, 60)
    return np.clip(out, 0, 255).astype(np.uint8)


def _middle(mask: Float32) -> tuple[int, int]:
    """The place deepest inside a mask."""
    solid = np.pad((mask > 0.5).astype(np.uint8), 1)
    deep = cv2.distanceTransform(solid, cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(np.argmax(deep)), deep.shape)
    return int(x), int(y)


def _titled(panel: UInt8, title: str) -> UInt8:
    """A panel with a strip above it that says what it is."""
    strip: UInt8 = np.full((24, panel.shape[1], 3), 24, np.uint8)
    cv2.putText(strip, title, (6, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (235, 235, 235), 1, cv2.LINE_AA)
    return np.asarray(np.vstack([strip, panel]), np.uint8)


def _write(picture: UInt8, text: str, at: tuple[int, int]) -> None:
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
    x = int(np.clip(at[0] - wide // 2, 2, max(2, picture.shape[1] - wide - 2)))
    y = int(np.clip(at[1] + high // 2, high + 2, max(high + 2, picture.shape[0] - 4)))
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, thick, cv2.LINE_AA)


def _unit(values: Float32) -> Float32:
    low, high = float(values.min()), float(values.max())
    return np.asarray((values - low) / max(high - low, 1e-9), np.float32)


def _grey(values: Float32) -> UInt8:
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _png(picture: UInt8 | NDArray[np.uint16]) -> bytes:
    channels = picture.shape[2] if picture.ndim == 3 else 1
    swap = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    return cv2.imencode(".png", cv2.cvtColor(picture, swap[channels]) if channels > 1 else picture)[1].tobytes()


def _palette_png(labels: Labels) -> bytes:
    """The label map as a palette picture: its values are the labels, and people see colours."""
    picture = Image.fromarray(labels.values, mode="P")
    picture.putpalette([0, 0, 0, *(level for name in labels.names for level in colour_of(name))])
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


def _json(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=2) + "\n").encode()
