"""What was understood of a photo, as files a person can look at.

    depth.png      16 bit grey, nearer is brighter          sky.png, subject.png, region-NAME.png    masks, 8 bit grey
    overview.png   photo | depth in colours                 scene.json                               the summary
                   regions | relief by slanted light

Knows the scene; finds nothing new in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import InputError
from stillmotion.media.staging import staged, writing_failed
from stillmotion.types import Float32, Scene, UInt8

_PANEL = 640  # pixels of the long side of a panel
_COLOURS: dict[str, tuple[int, int, int]] = {
    "sky": (110, 170, 255), "clouds": (225, 232, 255), "water": (20, 100, 245), "waterfall": (90, 230, 240),
    "foliage": (30, 140, 40), "grass": (150, 215, 60), "tree": (20, 180, 110), "ground": (170, 120, 70),
    "fire": (255, 90, 20), "lamp": (255, 225, 60), "subject": (240, 40, 150),
}  # fmt: skip
_OTHER_COLOUR = (190, 190, 190)
_UNSEEN = frozenset({"background"})  # all but the subject: it would hide the rest


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
    pictures = _pictures(scene)
    summary = _summary(scene, tuple(pictures))
    contents = {name: _png(picture) for name, picture in pictures.items()}
    contents["scene.json"] = (json.dumps(summary, indent=2) + "\n").encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with staged(*(folder / name for name in contents)) as parts:
            for part, data in zip(parts, contents.values(), strict=True):
                part.write_bytes(data)
    except OSError as error:
        raise writing_failed(folder, error) from error
    return summary


def _pictures(scene: Scene) -> dict[str, UInt8 | NDArray[np.uint16]]:
    """File name -> picture."""
    nearness = 1 / scene.depth
    pictures: dict[str, UInt8 | NDArray[np.uint16]] = {
        "depth.png": np.round(_unit(nearness) * 65535).astype(np.uint16),
        "sky.png": _grey(scene.sky),
        "subject.png": _grey(scene.subject),
    }
    for region in scene.regions:
        pictures[f"region-{region.name}.png"] = _grey(region.mask)
    pictures["overview.png"] = draw_overview(scene)
    return pictures


def _summary(scene: Scene, files: tuple[str, ...]) -> dict[str, Any]:  # Any: JSON
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
        "regions": [
            {"name": r.name, "share": round(float(r.mask.mean()), 4), "confidence": round(r.confidence, 3)}
            for r in scene.regions
        ],
        "notes": list(scene.notes),
        "files": [*files, "scene.json"],
    }


# ── the overview picture ─────────────────────────────────────────────────────────────────────────────────────────────


def draw_overview(scene: Scene) -> UInt8:
    """Four panels in one picture (h, w, 3): photo with its pivot, depth, regions, relief."""
    height, width = scene.depth.shape
    scale = min(1.0, _PANEL / max(height, width))
    size = (max(32, round(width * scale)), max(32, round(height * scale)))
    photo = np.asarray(cv2.resize(scene.photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    nearness = np.asarray(cv2.resize(_unit(1 / scene.depth), size, interpolation=cv2.INTER_AREA), np.float32)
    marked = photo.copy()
    x, y = (round(v * s) for v, s in zip(scene.pivot, (size[0] / width, size[1] / height), strict=True))
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.drawMarker(marked, (x, y), colour, cv2.MARKER_CROSS, max(12, size[0] // 30), thick, cv2.LINE_AA)
    turbo = cv2.cvtColor(cv2.applyColorMap(_grey(nearness), cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    panels = [
        _titled(marked, f"photo, {width}x{height}, {scene.fov_deg:.0f} deg"),
        _titled(np.asarray(turbo, np.uint8), f"depth: {scene.depth_source}, confidence {scene.confidence:.2f}"),
        _titled(_coloured(scene, photo), "regions"),
        _titled(_relief(nearness), "relief"),
    ]
    return np.asarray(np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])]), np.uint8)


def _coloured(scene: Scene, photo: UInt8) -> UInt8:
    """The regions in colours over a dim photo, each named at its middle with its share."""
    size = (photo.shape[1], photo.shape[0])
    out = 0.45 * cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB).astype(np.float32)
    names = []
    for region in sorted(scene.regions, key=lambda r: -float(r.mask.mean())):
        if region.name in _UNSEEN:
            continue
        mask = np.asarray(cv2.resize(region.mask, size, interpolation=cv2.INTER_AREA), np.float32)
        colour = np.array(_COLOURS.get(region.name, _OTHER_COLOUR), np.float32)
        out = out * (1 - 0.5 * mask[..., None]) + 0.5 * mask[..., None] * colour
        names.append((f"{region.name} {100 * float(mask.mean()):.0f}%", _middle(mask)))
    picture = np.clip(out, 0, 255).astype(np.uint8)
    taken: list[int] = []
    for name, (x, y) in names:
        while any(abs(y - other) < 18 for other in taken):
            y += 18
        taken.append(y)
        _write(picture, name, (x, y))
    return np.asarray(picture)


def _middle(mask: Float32) -> tuple[int, int]:
    """The place deepest inside a mask."""
    solid = np.pad((mask > 0.5).astype(np.uint8), 1)
    deep = cv2.distanceTransform(solid, cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(np.argmax(deep)), deep.shape)
    return int(x), int(y)


def _relief(nearness: Float32) -> UInt8:
    """The surface lit from the upper left."""
    smooth = cv2.GaussianBlur(nearness, (0, 0), 1.0)
    strength = 0.06 * max(nearness.shape)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) * strength / 8
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1) * strength / 8
    facing = (0.5 * dx + 0.6 * dy + 0.62) / np.sqrt(dx * dx + dy * dy + 1)
    return cv2.cvtColor(_grey(np.asarray(np.clip(facing, 0, 1), np.float32)), cv2.COLOR_GRAY2RGB).astype(np.uint8)


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
    coded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture)[1]
    return coded.tobytes()
