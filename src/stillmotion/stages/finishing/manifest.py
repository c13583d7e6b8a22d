"""What a finished video says of itself: the record in its metadata, and the manifest beside it.

    record    small, inside the file: all that is needed to make the video again (`remake`)
    manifest  the record and what was measured on the way: times, memory, the file as it turned out

Knows plans, options and clocks; does not encode.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stillmotion import __version__
from stillmotion.errors import InputError
from stillmotion.media.encoding import Codec
from stillmotion.media.video import VideoInfo, read_metadata
from stillmotion.options import AnimateOptions
from stillmotion.plan import MotionPlan, parse_plan
from stillmotion.types import Direction, Photo

RECORD_FORMAT = "stillmotion/record@1"
MANIFEST_FORMAT = "stillmotion/manifest@1"
RECORD_KEY = "stillmotion"

Json = dict[str, Any]  # heterogeneous by nature


@dataclass(frozen=True, slots=True, kw_only=True)
class RemakeRecord:
    """What it takes to make a video again."""

    plan: MotionPlan  # as it was requested
    effective: MotionPlan  # as it was drawn
    options: AnimateOptions  # seed, engine and quality among them; `plan` is None: the plan stands above
    codec: Codec
    photo_name: str
    photo_sha256: str  # of the photo's bytes
    depth_sha256: str | None  # of the user's depth map, if there was one
    version: str  # that made the video; another version may draw other pixels


def record(photo: Photo, direction: Direction, options: AnimateOptions, codec: Codec) -> Json:
    """The record of a video, ready for JSON."""
    depth = options.depth
    return {
        "format": RECORD_FORMAT,
        "version": __version__,
        "photo": {"name": photo.name, "sha256": photo.sha256},
        "depth": None if depth is None else {"name": depth.name, "sha256": file_sha256(depth)},
        "options": options.model_dump(mode="json", exclude_none=True, exclude={"plan", "fetch_models", "device"}),
        "codec": codec,
        "sentence": direction.sentence,
        "requested": _plan_json(direction.requested),
        "effective": _plan_json(direction.effective),
    }


def remake_request(path: Path) -> RemakeRecord:
    """Read what it takes to make a video again from the video's own metadata.

    Raises:
        InputError: no video, not one of ours, or its record is damaged.
    """
    text = read_metadata(path).get(RECORD_KEY)
    if text is None:
        raise InputError(f"{path} does not say how it was made; only videos written by stillmotion do.")
    try:
        found = json.loads(text)
        if found["format"] != RECORD_FORMAT:
            raise InputError(f"{path} holds a {found['format']}; this version reads {RECORD_FORMAT}.")
        return RemakeRecord(
            plan=parse_plan(json.dumps(found["requested"]), source=f"the plan in {path.name}"),
            effective=parse_plan(json.dumps(found["effective"]), source=f"the plan in {path.name}"),
            options=AnimateOptions.model_validate(found["options"] | {"fetch_models": False}),
            codec=found["codec"],
            photo_name=found["photo"]["name"],
            photo_sha256=found["photo"]["sha256"],
            depth_sha256=None if found["depth"] is None else found["depth"]["sha256"],
            version=found["version"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"The record in {path} is damaged: {error}") from error


def manifest(
    made: Json,
    *,
    photo: Photo,
    direction: Direction,
    options: AnimateOptions,
    info: VideoInfo,
    spent_s: dict[str, float],
) -> Json:
    """The manifest of a video: its record `made`, the file `info`, and the seconds of every stage."""
    drawing_s = spent_s.get("generation", 0.0) + spent_s.get("finishing", 0.0)
    wish = direction.requested.canvas
    picture = {"width": photo.pixels.shape[1], "height": photo.pixels.shape[0], "fov_deg": photo.fov_deg}
    return {
        "format": MANIFEST_FORMAT,
        "version": made["version"],
        "sentence": made["sentence"],
        "notes": [*photo.notes, *direction.notes],
        "photo": made["photo"] | picture,
        "depth": made["depth"],
        "requested": {
            "options": made["options"],
            "width": wish.width, "height": wish.height, "fps": wish.fps, "seconds": wish.seconds, "loop": wish.loop,
            "plan": made["requested"],
        },
        "effective": {
            "engine": options.engine, "quality": options.quality, "seed": options.seed, "codec": made["codec"],
            "width": info.width, "height": info.height, "fps": info.fps, "seconds": info.seconds, "frames": info.frames,
            "loop": direction.effective.canvas.loop,
            "plan": made["effective"],
        },
        "timings_s": {stage: round(seconds, 4) for stage, seconds in spent_s.items()},
        "total_s": round(sum(spent_s.values()), 4),
        "frames_per_second": round(info.frames / drawing_s, 2) if drawing_s > 0 else None,
        "peak_memory_mb": peak_memory_mb(),
        "versions": versions(),
        "file": asdict(info) | {"path": info.path.name, "rate": str(info.rate), "metadata": sorted(info.metadata)},
    }  # fmt: skip


def read_manifest(path: Path) -> Json:
    """The manifest beside a video (give the video or the manifest).

    Raises:
        InputError: there is none, or it is not one.
    """
    beside = path if path.suffix == ".json" else manifest_path(path)
    try:
        found = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The manifest {beside} cannot be read: {error}") from error
    if not isinstance(found, dict) or found.get("format") != MANIFEST_FORMAT:
        raise InputError(f"{beside} is no manifest of this version ({MANIFEST_FORMAT}).")
    return found


def manifest_path(video: Path) -> Path:
    """Where the manifest of a video lies: beside it, with .json added."""
    return video.with_name(f"{video.name}.json")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def versions() -> dict[str, str]:
    """What a result may depend on."""
    import av
    import cv2
    import numpy as np

    return {
        "stillmotion": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "pyav": av.__version__,
        "libavcodec": ".".join(map(str, av.library_versions["libavcodec"])),
    }


def peak_memory_mb() -> float | None:
    """The largest resident memory of this process so far in MiB, or None where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def _plan_json(plan: MotionPlan) -> Json:
    data: Json = json.loads(plan.to_json())
    return data
