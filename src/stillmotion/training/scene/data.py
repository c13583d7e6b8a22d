"""Batches for the scene network: stored labels, heavily augmented, and cut-outs pasted in front with exact edges."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from stillmotion.training.scene.classes import NAMES, THINGS

HELD_OUT = 25  # every so many photos are kept for validation, in a folder `held` of their own


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo and its labels; see `label.label`."""

    rgb: np.ndarray  # (h, w, 3) uint8
    disparity: np.ndarray  # (h/2, w/2) float32
    classes: np.ndarray  # (h/2, w/2) uint8
    sure: np.ndarray  # (h/2, w/2) float32 in [0, 1]
    trust: np.ndarray  # (h/2, w/2) float32 in [0, 1]
    shares: np.ndarray  # (h/8, w/8, classes) uint8, 255: wholly
    exact: bool  # known, not what a teacher says


def load(path: Path) -> Sample:
    """A stored label."""
    with np.load(path) as z:
        return Sample(
            z["rgb"], z["disparity"].astype(np.float32), z["classes"], z["sure"].astype(np.float32) / 255,
            z["trust"].astype(np.float32) / 255, z["shares"], exact=False,
        )  # fmt: skip


def split(folder: Path) -> tuple[list[Path], list[Path]]:
    """(training, validation) files of a folder that `label` wrote."""
    return sorted(folder.glob("*.npz")), sorted((folder / "held").glob("*.npz"))


def batch_of(samples: list[Sample], size: tuple[int, int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Augmented samples as (N, 3, H, W) float32 in [0, 1] and labels (N, H/2, W/2), shares (N, H/8, W/8, C) in
    [0, 1], and whether each is exact (N,); `size` is (H, W).
    """
    drawn = [augmented(sample, size, rng) for sample in samples]
    for i, sample in enumerate(drawn):
        if rng.random() < 0.2:
            drawn[i] = pasted(sample, drawn[int(rng.integers(len(drawn)))], rng)
    return {
        "rgb": np.stack([_looks(s.rgb, rng) for s in drawn]).transpose(0, 3, 1, 2),
        "disparity": np.stack([s.disparity for s in drawn]), "classes": np.stack([s.classes for s in drawn]),
        "sure": np.stack([s.sure for s in drawn]), "trust": np.stack([s.trust for s in drawn]),
        "shares": np.stack([s.shares for s in drawn]).astype(np.float32) / 255,
        "exact": np.array([s.exact for s in drawn], np.float32),
    }  # fmt: skip


def augmented(sample: Sample, size: tuple[int, int], rng: np.random.Generator) -> Sample:
    """A random view of a sample: scale, shape, tilt, place, mirror."""
    height, width = size
    h, w = sample.rgb.shape[:2]
    least = max(height / h, width / w)
    scale = least * float(rng.uniform(1.0, 1.6)) if rng.random() < 0.8 else least
    squeeze = float(np.exp(rng.normal(0, 0.06)))
    turn = float(rng.normal(0, 3)) if rng.random() < 0.3 else 0.0
    scale *= 1 + abs(np.sin(np.radians(turn)))
    sx, sy = scale * max(squeeze, 1), scale * max(1 / squeeze, 1)
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    slack_x, slack_y = max(sx * w - width, 0) / 2, max(sy * h - height, 0) / 2
    tx = width / 2 + rng.uniform(-slack_x, slack_x) * 0.95
    ty = height / 2 + rng.uniform(-slack_y, slack_y) * 0.95
    flip = -1.0 if rng.random() < 0.5 else 1.0
    m = np.array([[flip * c * sx, -s * sy], [flip * s * sx, c * sy]])
    shift = np.array([tx, ty]) - m @ [w / 2, h / 2]  # of points; pixels have their centres at a half

    def warp(picture: np.ndarray, part: int, how: int) -> np.ndarray:
        """A map that is `part` times smaller than the photo, as it is in the view."""
        fit = m * [w / picture.shape[1] / part, h / picture.shape[0] / part]  # sides are rounded
        matrix = np.column_stack([fit, shift / part + fit @ [0.5, 0.5] - 0.5])
        return cv2.warpAffine(
            picture, matrix, (width // part, height // part), flags=how, borderMode=cv2.BORDER_REFLECT_101
        )

    shrinks = how_large(m) < 0.8
    rgb = sample.rgb if not shrinks else cv2.GaussianBlur(sample.rgb, (0, 0), 0.5 / how_large(m))
    fours = (np.ascontiguousarray(sample.shares[..., i : i + 4]) for i in range(0, sample.shares.shape[2], 4))
    shares = [warp(four, 8, cv2.INTER_LINEAR) for four in fours]  # OpenCV takes no more channels at once
    of_depth = cv2.INTER_NEAREST if sample.exact else cv2.INTER_LINEAR  # exact edges stay steps
    return Sample(
        warp(rgb, 1, cv2.INTER_LINEAR), warp(sample.disparity, 2, of_depth), warp(sample.classes, 2, cv2.INTER_NEAREST),
        warp(sample.sure, 2, cv2.INTER_LINEAR), warp(sample.trust, 2, cv2.INTER_LINEAR), np.dstack(shares),
        exact=sample.exact,
    )  # fmt: skip


def how_large(m: np.ndarray) -> float:
    """Scale of a 2 x 2 map."""
    return float(np.sqrt(abs(np.linalg.det(m))))


def pasted(under: Sample, donor: Sample, rng: np.random.Generator) -> Sample:
    """A thing of `donor` in front of `under`: its edge is known exactly, and so is what is nearer."""
    mask = np.isin(donor.classes, [NAMES.index(name) for name in THINGS]) & (donor.sure > 0.5)
    if mask.mean() < 0.02 or mask.mean() > 0.5 or rng.random() < 0.25:
        mask = blob(mask.shape, rng)
    height, width = under.rgb.shape[:2]
    dx, dy = int(rng.integers(-width // 5, width // 5 + 1)) // 8 * 8, int(rng.integers(0, height // 5 + 1)) // 8 * 8
    flat = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7)
    alpha = _moved(cv2.resize(flat, (width, height), interpolation=cv2.INTER_CUBIC), dx, dy, 0.0)
    alpha = np.clip((alpha - 0.5) * 3 + 0.5, 0, 1)[..., None]
    rgb = under.rgb + (_moved(donor.rgb, dx, dy, 0) - under.rgb.astype(np.float32)) * alpha
    inside = _moved(flat, dx // 2, dy // 2, 0.0) > 0.5
    if not inside.any():
        return under
    behind = under.disparity[inside]
    relief = _moved(donor.disparity, dx // 2, dy // 2, float(donor.disparity.min()))
    spread = float(np.percentile(under.disparity, 95) - np.percentile(under.disparity, 5)) + 1e-3
    own = relief - float(np.median(relief[inside]))
    own = np.clip(own / (float(np.abs(own[inside]).max()) + 1e-3), -1, 1) * 0.12 * spread
    level = float(np.percentile(behind, 95)) + spread * float(rng.uniform(0.15, 0.6))
    classes = np.where(inside, _moved(donor.classes, dx // 2, dy // 2, 0), under.classes)
    return Sample(
        np.clip(rgb, 0, 255).astype(np.uint8), np.where(inside, level + own, under.disparity).astype(np.float32),
        classes.astype(np.uint8),
        np.where(inside, _moved(donor.sure, dx // 2, dy // 2, 0.0), under.sure).astype(np.float32),
        np.where(inside, 1.0, under.trust).astype(np.float32),
        _shares_pasted(under.shares, donor.shares, inside, dx // 8, dy // 8), exact=under.exact,
    )  # fmt: skip


def _shares_pasted(under: np.ndarray, donor: np.ndarray, inside: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """Shares where a thing covers part of each cell."""
    cover = cv2.resize(inside.astype(np.float32), under.shape[1::-1], interpolation=cv2.INTER_AREA)[..., None]
    moved = np.roll(donor, (dy, dx), axis=(0, 1))  # what comes in at the other side is not inside
    return np.round(under + (moved.astype(np.float32) - under) * cover).astype(np.uint8)


def blob(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(h, w) bool: a random smooth outline."""
    height, width = shape
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.ones(48)
    for k in range(2, 7):
        radius += rng.normal(0, 0.22 / k) * np.cos(k * angle + rng.uniform(0, 6.3))
    size = rng.uniform(0.12, 0.32) * min(shape)
    x = width * rng.uniform(0.3, 0.7) + size * radius * np.cos(angle) * rng.uniform(0.6, 1.4)
    y = height * rng.uniform(0.4, 0.8) + size * radius * np.sin(angle) * rng.uniform(0.6, 1.6)
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.stack([x, y], axis=1).astype(np.int32)], 1)
    return mask.astype(bool)


def _moved(picture: np.ndarray, dx: int, dy: int, fill: float) -> np.ndarray:
    matrix = np.array([[1.0, 0, dx], [0, 1.0, dy]])
    return cv2.warpAffine(
        picture, matrix, picture.shape[1::-1], flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(fill,) * 3,
    )  # fmt: skip


def _looks(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(h, w, 3) float32 in [0, 1]: light, colour, blur, noise and JPEG at random."""
    if rng.random() < 0.1:
        done, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        rgb = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)) if done else rgb
    x: np.ndarray = rgb.astype(np.float32) / 255
    if rng.random() < 0.6:
        x = x ** float(np.exp(rng.normal(0, 0.25))) * np.exp(rng.normal(0, 0.1, 3)).astype(np.float32)
        grey = x.mean(axis=2, keepdims=True)
        x = grey + (x - grey) * float(rng.uniform(0.5, 1.4) if rng.random() < 0.9 else 0.0)
        x = (x - 0.5) * float(rng.uniform(0.75, 1.25)) + 0.5 + float(rng.normal(0, 0.05))
    if rng.random() < 0.1:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), float(rng.uniform(0.4, 1.6))))
    if rng.random() < 0.15:
        x = x + rng.normal(0, rng.uniform(0.005, 0.05), x.shape).astype(np.float32)
    return np.clip(x, 0, 1).astype(np.float32)


class Loader:
    """Endless batches, made by threads beside the training; `share` of each is `made`, the rest photos."""

    def __init__(
        self, samples: list[Sample], *, batch: int, size: tuple[int, int], seed: int, threads: int = 1,
        made: list[Sample] | None = None, share: float = 0.0,
    ) -> None:  # fmt: skip
        self._queue: queue.Queue[dict[str, np.ndarray]] = queue.Queue(maxsize=4)
        count = round(share * batch) if made else 0
        self._parts = [(samples, batch - count), (made or [], count)]
        for k in range(threads):
            rng = np.random.default_rng([seed, k])
            threading.Thread(target=self._work, args=(size, rng), daemon=True).start()

    def _work(self, size: tuple[int, int], rng: np.random.Generator) -> None:
        while True:
            drawn = [(pool, rng.choice(len(pool), min(count, len(pool)), replace=False)) for pool, count in self._parts]
            self._queue.put(batch_of([pool[i] for pool, at in drawn for i in at], size, rng))

    def __next__(self) -> dict[str, np.ndarray]:
        return self._queue.get()
