"""Pairs for the upscaler: luma of photographs, and the same made small, and mostly poor, as video is.

Half of the pairs are only made small (area, bicubic with anti-aliasing, a Gauss); the other half go twice through blur,
resizing, noise and a codec (Wang et al., Real-ESRGAN, 2021), with H.264 beside JPEG, and gentler: what is asked for is
what was there, not what might have been.
"""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

HELD_OUT = 40  # every so many photos are kept for validation
SHARP = ("budgie", "elementary", "mdn", "immich", "azure")
PLAIN = ("general",)
_MARGIN = 8  # small pixels around a pair that are degraded with it and then cut off
_DOWN = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)


def find(folder: Path, names: Sequence[str]) -> list[Path]:
    """The photos of some folders, in order."""
    return [path for name in names for path in sorted((folder / name).glob("*.webp"))]


def split(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """(training, validation) files."""
    return [p for i, p in enumerate(paths) if i % HELD_OUT], paths[::HELD_OUT]


def read(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    return np.asarray(Image.open(path).convert("RGB"))


def luma(rgb: np.ndarray) -> np.ndarray:
    """(H, W) of (H, W, 3), in the same units: what JPEG calls Y."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)[..., 0])


def enlarged(small: np.ndarray, factor: int) -> np.ndarray:
    """(factor h, factor w) float32 by OpenCV's bicubic: what the network's residual is added to."""
    size = (small.shape[1] * factor, small.shape[0] * factor)
    return np.asarray(cv2.resize(small.astype(np.float32), size, interpolation=cv2.INTER_CUBIC))


def clean(rgb: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Made small, (width, height), and nothing else."""
    how = int(rng.integers(3))
    if how == 0:
        return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))
    if how == 1:
        kernel = Image.Resampling.BICUBIC if rng.random() < 0.7 else Image.Resampling.LANCZOS
        return np.asarray(Image.fromarray(rgb).resize(size, kernel))
    factor = rgb.shape[1] / size[0]
    soft = cv2.GaussianBlur(rgb, (0, 0), factor * float(rng.uniform(0.15, 0.4)))
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_AREA))


def degraded(rgb: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Made small, (width, height), by a path that spoils it twice."""
    factor = rgb.shape[1] / size[0]
    out = _blurred(rgb, factor * 0.5, rng) if rng.random() < 0.7 else rgb
    part = factor ** -float(rng.uniform(0.0, 1.15))  # how much of the shrinking the first round does
    middle = (max(16, round(rgb.shape[1] * part)), max(16, round(rgb.shape[0] * part)))
    out = cv2.resize(out, middle, interpolation=int(rng.choice(_DOWN)))
    out = _noisy(out, 12, rng) if rng.random() < 0.5 else out
    out = _jpeg(out, int(rng.integers(45, 96)), rng) if rng.random() < 0.5 else out
    if rng.random() < 0.4:
        out = _blurred(out, 0.5 * max(1.0, out.shape[1] / size[0]), rng)
    sinc = rng.random() < 0.25
    out = cv2.resize(out, size, interpolation=cv2.INTER_AREA if out.shape[1] > size[0] else int(rng.choice(_DOWN)))
    out = _noisy(out, 6, rng) if rng.random() < 0.35 else out
    out = _ringing(out, rng) if sinc else out
    last = rng.random()
    if last < 0.4:
        return h264(out, int(rng.integers(16, 33)))
    return _jpeg(out, int(rng.integers(50, 97)), rng) if last < 0.75 else np.asarray(out)


def pair(rgb: np.ndarray, factor: int, side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Luma uint8 (side, side) and (factor side, factor side) of a random place of a photo."""
    whole = (side + 2 * _MARGIN) * factor
    part = max(float(rng.uniform(0.55, 1.0)), whole / min(rgb.shape[:2]))  # a smaller photo is a sharper one
    part = 1.0 if rng.random() < 0.4 else min(1.0, part)
    reach = min(int(np.ceil(whole / part)), *rgb.shape[:2])
    y, x = (int(rng.integers(length - reach + 1)) for length in rgb.shape[:2])
    large = rgb[y : y + reach, x : x + reach]
    if reach != whole:
        large = cv2.resize(large, (whole, whole), interpolation=cv2.INTER_AREA if reach > whole else cv2.INTER_CUBIC)
    turned = np.rot90(large, int(rng.integers(4)))
    large = np.ascontiguousarray(turned[:, ::-1] if rng.random() < 0.5 else turned)
    size = (side + 2 * _MARGIN, side + 2 * _MARGIN)
    small = clean(large, size, rng) if rng.random() < 0.5 else degraded(large, size, rng)
    m = _MARGIN
    return luma(small)[m:-m, m:-m], luma(large)[m * factor : -m * factor, m * factor : -m * factor]


def batch_of(
    photos: Sequence[np.ndarray], factor: int, side: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:  # fmt: skip
    """`luma` (N, 1, side, side) in [-0.5, 0.5] and `residual` (N, 1, factor side, factor side) to be learned."""
    pairs = [pair(photo, factor, side, rng) for photo in photos]
    wanted = [(large - enlarged(small, factor)) / 255 for small, large in pairs]
    given = [small.astype(np.float32) / 255 - 0.5 for small, _ in pairs]
    return {"luma": np.stack(given)[:, None], "residual": np.stack(wanted)[:, None].astype(np.float32)}


def _blurred(rgb: np.ndarray, most: float, rng: np.random.Generator) -> np.ndarray:
    """Through a Gauss, of one width or of two and turned."""
    one, other = rng.uniform(0.2, 0.3 + most, 2)
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), float(one)))
    angle, y, x = float(rng.uniform(0, np.pi)), *np.mgrid[-5:6, -5:6]
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    kernel = np.exp(-0.5 * ((u / one) ** 2 + (v / other) ** 2))
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101))


def _noisy(rgb: np.ndarray, most: float, rng: np.random.Generator) -> np.ndarray:
    """With noise of the sensor's kind or of none, the same in all channels now and then."""
    shape = (*rgb.shape[:2], 1) if rng.random() < 0.4 else rgb.shape
    noise = rng.standard_normal(shape, dtype=np.float32) * np.float32(rng.uniform(0.5, most))
    if rng.random() < 0.5:
        noise = noise * np.sqrt(rgb.astype(np.float32) / 128 + 0.05)
    return np.clip(np.rint(rgb + noise), 0, 255).astype(np.uint8)


def _ringing(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Through an ideal low-pass, which rings."""
    cut = float(rng.uniform(np.pi * 0.6, np.pi))
    x = np.arange(-6, 7)
    line = np.sinc(x * cut / np.pi)
    return np.asarray(cv2.sepFilter2D(rgb, -1, line / line.sum(), line / line.sum(), borderType=cv2.BORDER_REFLECT_101))


def _jpeg(rgb: np.ndarray, quality: int, rng: np.random.Generator) -> np.ndarray:
    """Through JPEG, its blocks beginning anywhere."""
    y, x = rng.integers(0, 8, 2).tolist()
    moved = cv2.copyMakeBorder(rgb, y, 0, x, 0, cv2.BORDER_REFLECT_101)
    done, data = cv2.imencode(".jpg", moved, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[y:, x:] if done else rgb


def h264(rgb: np.ndarray, crf: int) -> np.ndarray:
    """Through H.264, as one frame; an odd last row and column stay."""
    height, width = (side // 2 * 2 for side in rgb.shape[:2])
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"crf": str(crf), "preset": "veryfast", "tune": "fastdecode", "bf": "0"}
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[:height, :width]), format="rgb24")
        out.mux(stream.encode(frame))
        out.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as source:
        read_back = next(source.decode(video=0)).to_ndarray(format="rgb24")
    found = rgb.copy()
    found[:height, :width] = read_back
    return found


class Loader:
    """Endless batches (factor, batch), made by a thread beside the training; one in four for the factor 4."""

    def __init__(
        self, photos: Sequence[np.ndarray], weights: np.ndarray, *, batch: int, side: int, seed: int, threads: int = 1
    ) -> None:
        self._queue: queue.Queue[tuple[int, dict[str, np.ndarray]]] = queue.Queue(maxsize=6)
        for k in range(threads):
            rng = np.random.default_rng([seed, k])
            work = (photos, weights / weights.sum(), batch, side, rng)
            threading.Thread(target=self._work, args=work, daemon=True).start()

    def _work(
        self, photos: Sequence[np.ndarray], shares: np.ndarray, batch: int, side: int, rng: np.random.Generator
    ) -> None:
        while True:
            factor = 4 if rng.random() < 0.25 else 2
            chosen = [photos[i] for i in rng.choice(len(photos), batch, p=shares)]
            self._queue.put((factor, batch_of(chosen, factor, side, rng)))

    def __next__(self) -> tuple[int, dict[str, np.ndarray]]:
        return self._queue.get()
