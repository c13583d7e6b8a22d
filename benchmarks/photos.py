"""Many photos, each understood once and directed often, and a log of rows that a stopped run goes on from.

Knows how to prepare; what is asked and measured is `obedience` and `calibration`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from stillmotion.media.image import photo_files, read_photo
from stillmotion.options import AnimateOptions
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.motion.canvas import choose_canvas
from stillmotion.stages.motion.direct import direct
from stillmotion.types import Direction, Photo, Scene

Row = dict[str, Any]  # one result, JSON-ready


@dataclass(frozen=True, slots=True)
class Understood:
    """A photo and its scene at one canvas size."""

    photo: Photo
    scene: Scene
    size: tuple[int, int]

    def directed(self, **wish: Any) -> tuple[Scene, Direction, AnimateOptions]:  # fields of AnimateOptions
        """The scene with its masks, and the direction of a wish at this photo's size.

        Raises:
            InputError: the photo does not show what the wish names.
        """
        options = AnimateOptions.model_validate({"size": self.size} | wish)
        direction = direct(self.scene, choose_canvas(self.photo, options), options)
        return locate(self.scene, direction.effective), direction, options


def understand(path: Path, *, long_side: int) -> Understood:
    """Read and analyse a photo at a size with its own shape."""
    photo = read_photo(path)
    height, width = photo.pixels.shape[:2]
    scale = long_side / max(width, height)
    size = max(64, 2 * round(width * scale / 2)), max(64, 2 * round(height * scale / 2))
    return Understood(photo, analyze(photo, width=size[0], height=size[1], depth=None), size)


def options_of(doc: str | None) -> argparse.ArgumentParser:
    """The options that every run over photos has."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photos of any kind")
    parser.add_argument("--limit", type=int, help="only so many photos, spread over the folder")
    parser.add_argument("--long-side", type=int, default=480, help="of the videos, pixels")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--log", type=Path, required=True, help="rows as JSON lines; a stopped run goes on from it")
    parser.add_argument("--write", action="store_true", help="write the page in docs/benchmarks")
    return parser


def over_photos(work: Callable[[Path, int], list[Row]], args: argparse.Namespace) -> list[Row]:
    """The rows of all photos; those in the log are not made again. `work` takes a photo and the long side."""
    files = list(photo_files(args.photos))
    if args.limit is not None and args.limit < len(files):
        files = [files[i * len(files) // args.limit] for i in range(args.limit)]
    rows = [json.loads(line) for line in args.log.read_text().splitlines()] if args.log.exists() else []
    done = {row["photo"] for row in rows}
    todo = [file for file in files if file.name not in done]
    names = {file.name for file in files}
    rows = [row for row in rows if row["photo"] in names]
    began = time.monotonic()
    with (
        multiprocessing.get_context("spawn").Pool(args.processes, _one_thread) as pool,
        args.log.open("a") as log,
    ):
        for number, found in enumerate(pool.imap_unordered(_Job(work, args.long_side), todo), 1):
            rows += found
            log.write("".join(json.dumps(row) + "\n" for row in found))
            log.flush()
            print(f"{number}/{len(todo)} photos, {time.monotonic() - began:.0f} s", flush=True)
    return rows


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Path, int], list[Row]]
    long_side: int

    def __call__(self, photo: Path) -> list[Row]:
        return [{"photo": photo.name} | row for row in self.work(photo, self.long_side)]


def _one_thread() -> None:
    """A worker process has one core and leaves the others to its neighbours."""
    cv2.setNumThreads(1)
    os.nice(10)
