"""Samples of the interpolator: two frames, one between, and the motion that flow finds; from clips and from photos.

    python -m stillmotion.training.interpolation.data --clips DIR --photos DIR --out DIR

Clips are split by the video they are from, so that none that is measured on is a neighbour of one that is trained on.
Photos become triplets with an exact middle: a moving camera, and textured cut-outs that move in front.
"""

from __future__ import annotations

import argparse
import queue
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from stillmotion.stages.finishing.flow import FlowFinder
from stillmotion.stages.finishing.interpolate import Between
from stillmotion.training.scene.data import blob

SIZE = (256, 448)  # height, width of all samples
GAPS = (2, 2, 2, 4, 4, 6, 8)
PHOTOS = ("azure", "budgie", "elementary", "general", "immich", "mdn")
_LEAST = 1.0  # levels two frames must differ by on the mean; most pairs that stand still teach nothing


def is_held_out(name: str) -> bool:
    """Whether a clip is kept for measuring: film, insects, the road, and two of four hand-held videos."""
    family, _, number = Path(name).stem.partition("_")
    return family in ("steel", "bee", "road") or (family == "sam2" and not 81 <= int(number) <= 92)


@dataclass(frozen=True, slots=True)
class Sample:
    """Two frames, one between, and what the classical way says about it."""

    before: np.ndarray  # (H, W, 3) uint8
    after: np.ndarray  # (H, W, 3) uint8
    middle: np.ndarray  # (H, W, 3) uint8
    motion: np.ndarray  # (H, W, 2) float16 from before to after, of what is at each place at t
    maps: np.ndarray  # (H, W, 2) uint8: share of the first frame, motion known
    t: float


def sample_of(before: np.ndarray, after: np.ndarray, middle: np.ndarray, t: float, finder: FlowFinder) -> Sample:
    """With the motion that flow finds."""
    course = Between(before, after, finder(finder.grey(before), finder.grey(after))).course(t)
    maps = np.rint(255 * np.dstack([course.share, course.known])).astype(np.uint8)
    return Sample(before, after, middle, course.motion.astype(np.float16), maps, t)


def save(sample: Sample, path: Path) -> None:
    """Store it; a file that is there is whole."""
    part = path.with_suffix(".part.npz")
    np.savez(
        part, before=sample.before, after=sample.after, middle=sample.middle, motion=sample.motion, maps=sample.maps,
        t=np.float64(sample.t),
    )  # fmt: skip
    part.rename(path)


def load(path: Path) -> Sample:
    """A stored sample."""
    with np.load(path) as z:
        return Sample(z["before"], z["after"], z["middle"], z["motion"], z["maps"], float(z["t"]))


def frames_of(path: Path) -> list[np.ndarray]:
    """All frames (H, W, 3) of a short clip."""
    video = cv2.VideoCapture(str(path))
    found: list[np.ndarray] = []
    while True:
        there, frame = video.read()
        if not there:
            return found
        found.append(np.ascontiguousarray(cv2.resize(frame, SIZE[::-1], interpolation=cv2.INTER_AREA)[..., ::-1]))


def from_clip(frames: list[np.ndarray], rng: np.random.Generator, finder: FlowFinder) -> Sample | None:
    """A pair at a random distance and a frame between."""
    gap = int(rng.choice(GAPS))
    if len(frames) <= gap:
        return None
    start, inner = int(rng.integers(len(frames) - gap)), int(rng.integers(1, gap))
    before, after = frames[start], frames[start + gap]
    if cv2.absdiff(before, after).mean() < _LEAST and rng.random() < 0.9:
        return None
    return sample_of(before, after, frames[start + inner], inner / gap, finder)


def from_photos(photos: list[np.ndarray], rng: np.random.Generator, finder: FlowFinder) -> Sample:
    """A camera moves over a photo, cut-outs of others move in front; exact at any time."""
    t = float(rng.choice([0.5, 0.5, 0.25, 0.75, rng.uniform(0.1, 0.9)]))
    pick = [photos[i] for i in rng.choice(len(photos), 4, replace=False)]
    reach = float(np.exp(rng.uniform(np.log(2), np.log(40))))
    ground = _Path(rng, reach, scale=max(SIZE[0] / pick[0].shape[0], SIZE[1] / pick[0].shape[1]) * 1.25)
    layers = []
    for other in pick[1 : 1 + int(rng.integers(1, 4))]:
        scale = max(SIZE[0] / other.shape[0], SIZE[1] / other.shape[1])
        layers.append((other, blob(other.shape[:2], rng).astype(np.float32), _Path(rng, reach * 1.3, scale=scale)))
    frames = []
    for time in (0.0, 1.0, t):
        picture = ground.moved(pick[0], time).astype(np.float32)
        for other, mask, path in layers:
            alpha = cv2.GaussianBlur(path.moved(mask, time, fill=True), (0, 0), 0.7)[..., None]
            picture += alpha * (path.moved(other, time) - picture)
        frames.append(np.rint(picture).astype(np.uint8))
    return sample_of(frames[0], frames[1], frames[2], t, finder)


class _Path:
    """A perspective map from a picture to the frame whose corners move evenly from time 0 to time 1."""

    def __init__(self, rng: np.random.Generator, reach: float, *, scale: float) -> None:
        self._scale = scale
        angle, speed = rng.uniform(0, 2 * np.pi), rng.uniform(0, reach)
        shift = speed * np.array([np.cos(angle), np.sin(angle)])
        turn, grow = np.radians(rng.normal(0, reach * 0.08)), np.exp(rng.normal(0, reach * 0.003))
        self._corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [SIZE[1] / 2, SIZE[0] / 2]
        spin = grow * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        self._moves = self._corners @ spin.T - self._corners + shift + rng.normal(0, reach * 0.08, (4, 2))

    def moved(self, picture: np.ndarray, time: float, *, fill: bool = False) -> np.ndarray:
        """The picture in the frame at this time; outside it is mirrored, or empty."""
        height, width = picture.shape[:2]
        middle = np.array([width / 2, height / 2])
        source = middle + self._corners / self._scale
        target = np.array([SIZE[1] / 2, SIZE[0] / 2]) + self._corners + (time - 0.5) * self._moves
        matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
        border = cv2.BORDER_CONSTANT if fill else cv2.BORDER_REFLECT_101
        return np.asarray(
            cv2.warpPerspective(picture, matrix, SIZE[::-1], flags=cv2.INTER_CUBIC, borderMode=border)
        ).clip(0, 1 if fill else 255)


def turned(sample: Sample, size: tuple[int, int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A random window (H, W) of a sample, mirrored, turned or played backwards; channels first."""
    height, width = size
    top = int(rng.integers(0, sample.before.shape[0] - height + 1))
    left = int(rng.integers(0, sample.before.shape[1] - width + 1))
    window = (slice(top, top + height), slice(left, left + width))
    before, after, middle = (x[window].astype(np.float32) / 255 for x in (sample.before, sample.after, sample.middle))
    motion, maps, t = sample.motion[window].astype(np.float32), sample.maps[window].astype(np.float32) / 255, sample.t
    if rng.random() < 0.5:
        before, after, motion, t = after, before, -motion, 1 - t
        maps = np.dstack([1 - maps[..., 0], maps[..., 1]])
    arrays: list[np.ndarray] = [before, after, middle, motion, maps]
    if rng.random() < 0.5:
        arrays = [x[:, ::-1] for x in arrays]
        arrays[3] = arrays[3] * np.array([-1, 1], np.float32)
    if rng.random() < 0.5:
        arrays = [x[::-1] for x in arrays]
        arrays[3] = arrays[3] * np.array([1, -1], np.float32)
    if height == width and rng.random() < 0.5:
        arrays = [x.swapaxes(0, 1) for x in arrays]
        arrays[3] = arrays[3][..., ::-1]
    order = rng.permutation(3)
    for i in range(3):
        arrays[i] = arrays[i][..., order]
    names = ("before", "after", "middle", "motion", "maps")
    batch = {name: np.ascontiguousarray(x.transpose(2, 0, 1)) for name, x in zip(names, arrays, strict=True)}
    return batch | {"t": np.full((1, 1, 1), t, np.float32)}


class Loader:
    """Endless batches of stored samples, made by a thread beside the training; sees files that are added meanwhile."""

    def __init__(self, folder: Path, *, batch: int, size: tuple[int, int], seed: int) -> None:
        self._queue: queue.Queue[dict[str, np.ndarray]] = queue.Queue(maxsize=3)
        rng = np.random.default_rng(seed)
        threading.Thread(target=self._work, args=(folder, batch, size, rng), daemon=True).start()

    def _work(self, folder: Path, batch: int, size: tuple[int, int], rng: np.random.Generator) -> None:
        made = 0
        files: list[Path] = []
        while True:
            if made % 50 == 0:
                files = sorted(path for path in folder.glob("*.npz") if ".part" not in path.name)
            made += 1
            drawn = [turned(load(files[i]), size, rng) for i in rng.integers(len(files), size=batch)]
            self._queue.put({name: np.stack([each[name] for each in drawn]) for name in drawn[0]})

    def __next__(self) -> dict[str, np.ndarray]:
        return self._queue.get()


def main() -> None:
    """Store samples, of clips and of photos by turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=2400)
    parser.add_argument("--held-out", action="store_true", help="of the clips kept for measuring, without photos")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng, finder = np.random.default_rng(0), FlowFinder(SIZE[1], SIZE[0])
    families: dict[str, list[Path]] = {}
    for path in sorted(args.clips.glob("*.mp4")):
        if is_held_out(path.name) == args.held_out:
            families.setdefault(path.stem.partition("_")[0], []).append(path)
    names = [name for name in sorted(families) for _ in range(min(4, 1 + len(families[name]) // 8))]
    files = [path for folder in PHOTOS for path in sorted((args.photos / folder).glob("*.*"))]
    number = 0
    while number < args.count:
        if args.held_out or rng.random() < 0.7:
            family = families[names[int(rng.integers(len(names)))]]
            frames = frames_of(family[int(rng.integers(len(family)))])
            found = [from_clip(frames, rng, finder) for _ in range(3)]
        else:
            photos = [np.asarray(cv2.imread(str(files[i]))) for i in rng.choice(len(files), 6, replace=False)]
            found = [from_photos([np.ascontiguousarray(x[..., ::-1]) for x in photos], rng, finder) for _ in range(3)]
        for sample in found:
            if sample is not None:
                save(sample, args.out / f"{number:05d}.npz")
                number += 1


if __name__ == "__main__":
    main()
