"""Pictures to learn from: photos and clips packed once into plain arrays, and crops of them, still or moving.

Crops are drawn by the generator they are given and by nothing else, so a run that is taken up again sees what it would
have seen. Clips are held out by source, never by chance: two clips of one film are not strangers.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from stillmotion.errors import InputError

SHORT_SIDE = 384
"""Photos are kept at most this small: what a crop shows is then sharp."""
NEVER = "general_eval"
HELD_OUT = ("gopro", "mdn", "road")
"""Sources of clips that are only measured on."""
SHARES = {"flowers": 0.25, "grocery": 0.2, "objects": 0.4, "general": 1.0}
"""How often a photo of a folder is drawn; 2 where nothing is said (the sharpest photos)."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Arrays (frames, H, W, 3) uint8 of different shapes, end to end in one file."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, int, int], ...]  # frames, H, W
    starts: tuple[int, ...]  # byte of the first value
    values: np.ndarray  # (bytes,) uint8, mapped

    def __len__(self) -> int:
        return len(self.names)

    def frames(self, index: int) -> np.ndarray:
        """(frames, H, W, 3) without a copy."""
        frames, height, width = self.shapes[index]
        start = self.starts[index]
        return self.values[start : start + frames * height * width * 3].reshape(frames, height, width, 3)


def pack(pictures: list[tuple[str, Path]], out: Path, *, short_side: int = SHORT_SIDE) -> None:
    """Write photos, shrunk to a short side, and clips (name, file) to `out`.bin and `out`.json."""
    index, start = [], 0
    with out.with_suffix(".bin").open("wb") as file:
        for name, path in pictures:
            frames = read_clip(path) if path.suffix == ".mp4" else read_photo(path, short_side)[None]
            file.write(frames.tobytes())
            index.append({"name": name, "shape": frames.shape[:3], "start": start})
            start += frames.size
    out.with_suffix(".json").write_text(json.dumps(index))


def unpack(out: Path) -> Packed:
    """What `pack` wrote."""
    index = json.loads(out.with_suffix(".json").read_text())
    return Packed(
        tuple(each["name"] for each in index),
        tuple(tuple(each["shape"]) for each in index),
        tuple(each["start"] for each in index),
        np.memmap(out.with_suffix(".bin"), np.uint8, "r"),
    )


def read_photo(path: Path, short_side: int = SHORT_SIDE) -> np.ndarray:
    """(H, W, 3) uint8 with at most the given short side."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"{path} is no picture that can be read.")
    scale = short_side / min(bgr.shape[:2])
    if scale < 1:
        size = (round(bgr.shape[1] * scale), round(bgr.shape[0] * scale))
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(bgr[..., ::-1])


def read_clip(path: Path) -> np.ndarray:
    """(frames, H, W, 3) uint8."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def photos_of(root: Path) -> list[tuple[str, Path]]:
    """Every photo that may be learned from, "folder/name"."""
    files = sorted(p for p in root.glob("*/*") if p.suffix in {".jpg", ".png", ".webp"} and p.parent.name != NEVER)
    return [(f"{p.parent.name}/{p.name}", p) for p in files]


def clips_of(root: Path) -> tuple[list[tuple[str, Path]], list[tuple[str, Path]]]:
    """(to learn from, held out)."""
    with (root / "clips.csv").open() as file:
        names = [row["file"] for row in csv.DictReader(file)]
    chosen = [(name, root / name) for name in sorted(names)]
    held = [each for each in chosen if each[0].split("_")[0] in HELD_OUT]
    return [each for each in chosen if each not in held], held


def shares_of(photos: Packed) -> np.ndarray:
    """Chance of each photo, summing to one."""
    shares = np.array([SHARES.get(name.split("/")[0], 2.0) for name in photos.names])
    return shares / shares.sum()


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a run learns from."""

    photos: Packed
    clips: Packed

    @classmethod
    def of(cls, packed: Path, ending: str) -> Pictures:
        """What `prepare` packed: ending "" to learn from, "_held" to measure on."""
        return cls(unpack(packed / f"photos{ending}"), unpack(packed / f"clips{ending}"))


def prepare(data: Path, out: Path) -> None:
    """Pack the folders `data`/photos and `data`/clips; takes two minutes and 5.4 GB."""
    out.mkdir(parents=True, exist_ok=True)
    learn, held = clips_of(data / "clips")
    pack(learn, out / "clips")
    pack(held, out / "clips_held")
    pack(photos_of(data / "photos"), out / "photos")
    measured = [(p.name, p) for p in sorted((data / "photos" / NEVER).iterdir())]
    pack(measured, out / "photos_held", short_side=10**6)  # as they are: shrinking twice makes them easier


# -- crops -----------------------------------------------------------------------------------------------------------


def still_crop(photo: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A square (size, size, 3) of a photo (H, W, 3), shrunk by up to two, perhaps mirrored."""
    short = min(photo.shape[:2])
    side = int(min(size * np.exp(rng.uniform(0, np.log(2.2))), short))
    y, x = (int(rng.integers(0, length - side + 1)) for length in photo.shape[:2])
    crop = photo[y : y + side, x : x + side]
    if side != size:
        crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC)
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def clip_crop(clip: np.ndarray, frames: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(frames, size, size, 3) of a clip, forwards or backwards, at one to three times its speed."""
    stride = int(rng.integers(1, min(3, (len(clip) - 1) // (frames - 1)) + 1))
    start = int(rng.integers(0, len(clip) - (frames - 1) * stride))
    part = clip[start : start + (frames - 1) * stride + 1 : stride]
    short = min(clip.shape[1:3])
    side = int(min(size * np.exp(rng.uniform(0, np.log(1.8))), short))
    y, x = (int(rng.integers(0, length - side + 1)) for length in clip.shape[1:3])
    part = part[:, y : y + side, x : x + side]
    if side != size:
        part = np.stack([cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA) for frame in part])
    part = part[::-1] if rng.random() < 0.5 else part
    return part[:, :, ::-1] if rng.random() < 0.5 else part


def moving_crop(photo: np.ndarray, frames: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(frames, size, size, 3): a photo seen by a camera that shifts, turns and zooms, easing or at one speed.

    Rims are mirrored. `photo` is (H, W, 3).
    """
    short = min(photo.shape[:2])
    scale = min(size * np.exp(rng.uniform(0, np.log(2.0))), 0.9 * short) / size  # photo pixels per pixel
    room = np.array(photo.shape[1::-1]) / 2 - scale * size / 2
    centre = np.array(photo.shape[1::-1]) / 2 + rng.uniform(-1, 1, 2) * np.maximum(room, 0)
    speed = float(np.exp(rng.uniform(np.log(0.1), np.log(3.0))))  # pixels per frame
    angle = rng.uniform(0, 2 * np.pi)
    shift = speed * scale * np.array([np.cos(angle), np.sin(angle)])
    zoom, turn = rng.normal(0, 0.006) * (rng.random() < 0.6), np.deg2rad(rng.normal(0, 0.4)) * (rng.random() < 0.4)
    curve = rng.uniform(0.6, 1.6)
    drawn = []
    for k in range(frames):
        t = (frames - 1) * (k / (frames - 1)) ** curve
        s, a = scale * np.exp(zoom * t), turn * t
        middle = centre + shift * t
        turned = s * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        back = np.c_[turned, middle - turned @ np.full(2, (size - 1) / 2)]  # crop pixel -> photo pixel
        flags = (cv2.INTER_LINEAR if s > 1 else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
        drawn.append(cv2.warpAffine(photo, back, (size, size), flags=flags, borderMode=cv2.BORDER_REFLECT_101))
    return np.stack(drawn)
