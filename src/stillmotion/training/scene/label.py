"""Teachers look at photos once; what they say is kept: disparity and classes with their confidence.

    python -m stillmotion.training.scene.label --teachers DIR --out DIR PHOTO_DIR...

    photos in random order ─ every 25th by name ▶ held/NAME.npz, all looks
                           └ the others ───────▶ NAME.npz, two looks each (a second of one core)

Depth: the mean log disparity of two scales; where they disagree the label counts less. Classes: the ADE20K network
merged to ours, with animals, people and boats from the VOC network where it is the surer one. The sky is set to be
farthest. Photos held out are looked at in the mirror as well. Needs OpenVINO for the teachers; resumable: what is there
is not made again, and a run that was ended is a fair sample.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stillmotion.training.scene.classes import NAMES, VOC, ade_table
from stillmotion.training.scene.data import HELD_OUT

SIDE = 320  # short side of the stored photo
LABEL_SHARE = 2  # labels are this much smaller
_SCALES = (288, 384)
_SPREAD = 0.6
"""A teacher's log disparity comes without its spread; this is a usual one."""


class Teachers:
    """The networks that label."""

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        import openvino

        core = openvino.Core()
        core.set_property({"CACHE_DIR": ""})
        options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        self._core, self._options = core, options
        self._depth = core.read_model(str(folder / "tiefenrausch_float.onnx"))
        ade = _before_enlarging(core.read_model(str(folder / "deeplab_ade20k.tflite")))
        self._ade = core.compile_model(ade, "CPU", options)
        self._voc = core.compile_model(str(folder / "deeplabv3_mnv2_pascal_quant.tflite"), "CPU", options)
        self._sized: dict[tuple[int, int], Any] = {}
        self._table = np.array(ade_table())

    def disparity(self, rgb: np.ndarray, *, quick: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """(h, w) log disparity of zero median and unit spread, and (h, w) how far the looks disagree; `quick` looks
        once at each scale, at the larger one in the mirror.
        """
        height, width = rgb.shape[:2]
        looks = []
        for side in _SCALES:
            scale = side / min(height, width)
            size = (max(64, round(width * scale / 64) * 64), max(64, round(height * scale / 64) * 64))
            small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
            for flip in (False,) if side == _SCALES[0] else (True,) if quick else (False, True):
                picture = small[:, ::-1] if flip else small
                out = self._depth_at(size)(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))[0][0, 0]
                out = out[:, ::-1] if flip else out
                out = cv2.resize(np.ascontiguousarray(out), (width, height), interpolation=cv2.INTER_LINEAR)
                middle = np.median(out)
                looks.append((out - middle) / max(float(np.abs(out - middle).mean()), 1e-4))
        return np.mean(looks, axis=0), np.std(looks, axis=0)

    def _depth_at(self, size: tuple[int, int]) -> Any:
        if size not in self._sized:
            if len(self._sized) > 40:
                self._sized.clear()
            model = self._depth.clone()
            model.reshape([1, 3, size[1], size[0]])
            self._sized[size] = self._core.compile_model(model, "CPU", self._options)
        return self._sized[size]

    def shares(self, rgb: np.ndarray, *, quick: bool = False) -> np.ndarray:
        """(129, 129, classes) share of each class, whatever the shape of the photo; `quick` looks once."""
        square = cv2.resize(rgb, (513, 513), interpolation=cv2.INTER_AREA)
        share = self._ade_of(square)
        share = share if quick else (share + self._ade_of(square[:, ::-1])[:, ::-1]) / 2
        merged = np.zeros((*share.shape[:2], len(NAMES)), np.float32)
        for ade, ours in enumerate(self._table):
            merged[..., ours] += share[..., ade]
        voc = np.asarray(self._voc(square[None])[0])
        voc = voc[0] if voc.ndim == 3 else voc.reshape(voc.shape[-3:]).argmax(axis=-1)
        voc = cv2.resize(voc.astype(np.uint8), share.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        for index, name in VOC.items():
            weight = 0.9 if name == "animal" else 0.35
            merged[..., NAMES.index(name)] += weight * (voc == index)
        return np.asarray(merged / merged.sum(axis=2, keepdims=True))

    def _ade_of(self, square: np.ndarray) -> np.ndarray:
        x = square.astype(np.float32) / 127.5 - 1
        logits = np.asarray(self._ade(np.ascontiguousarray(x[None]))[0][0])
        logits = logits - logits.max(axis=2, keepdims=True)
        share = np.exp(logits)
        return share / share.sum(axis=2, keepdims=True)


def _before_enlarging(model: Any) -> Any:
    """A segmentation network without its last step, which enlarges the logits and takes two thirds of its time."""
    import openvino

    last = model.get_results()[0].input_value(0).get_node()
    if last.get_type_name() != "Interpolate":
        raise ValueError(f"The last step of the network is {last.get_type_name()}, not an enlargement.")
    return openvino.Model([last.input_value(0)], model.get_parameters(), "logits")


def label(rgb: np.ndarray, teachers: Teachers, *, quick: bool = False) -> dict[str, np.ndarray]:
    """What is stored of one photo: `rgb` (h, w, 3), at half the size disparity, classes and confidences, and at an
    eighth the shares of all classes.
    """
    scale = SIDE / min(rgb.shape[:2])
    size = (round(rgb.shape[1] * scale / 2) * 2, round(rgb.shape[0] * scale / 2) * 2)
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    log, spread = teachers.disparity(rgb, quick=quick)
    shares = teachers.shares(rgb, quick=quick)
    half = (size[0] // LABEL_SHARE, size[1] // LABEL_SHARE)
    log = cv2.resize(log, half, interpolation=cv2.INTER_AREA)
    fine = cv2.resize(shares, half, interpolation=cv2.INTER_LINEAR)
    classes, sure = fine.argmax(axis=2).astype(np.uint8), fine.max(axis=2)
    spread = cv2.resize(spread, half, interpolation=cv2.INTER_AREA)
    disparity = np.exp(np.clip(log, -3, 3) * _SPREAD)
    sky = (classes == NAMES.index("sky")) & (sure > 0.6)
    disparity[sky] = np.minimum(disparity[sky], np.percentile(disparity, 1) * 0.8)
    return {
        "rgb": small, "disparity": disparity.astype(np.float16), "classes": classes,
        "sure": (255 * sure).astype(np.uint8), "trust": (255 * np.exp(-2 * spread)).astype(np.uint8),
        "shares": stored_shares(shares, size),
    }  # fmt: skip


def stored_shares(shares: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Shares of classes at an eighth of a photo of `size`, as bytes."""
    eighth = (round(size[0] / 8), round(size[1] / 8))
    one_by_one = (np.ascontiguousarray(shares[..., i]) for i in range(shares.shape[2]))
    small = np.dstack([cv2.resize(share, eighth, interpolation=cv2.INTER_AREA) for share in one_by_one])
    return np.asarray(np.round(255 * small), np.uint8)


def main() -> None:
    """Label photos of the folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--teachers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most", type=int, default=10**9, help="photos to learn from")
    parser.add_argument("--all-held", action="store_true", help="nothing is to learn from: a set to measure with")
    args = parser.parse_args()
    cv2.setNumThreads(args.threads)
    teachers = Teachers(args.teachers, threads=args.threads)
    (args.out / "held").mkdir(parents=True, exist_ok=True)
    names = {f"{folder.name}_{photo.stem}": photo for folder in args.folders for photo in photos_of(folder)}
    held = sorted(names) if args.all_held else sorted(names)[::HELD_OUT]
    others = sorted(set(names) - set(held))
    random.Random(0).shuffle(others)
    for i, name in enumerate([*held, *others[: args.most]]):
        target = args.out / ("held" if i < len(held) else ".") / f"{name}.npz"
        bgr = None if target.exists() else cv2.imread(str(names[name]), cv2.IMREAD_COLOR)
        if bgr is None or min(bgr.shape[:2]) < 96 or max(bgr.shape[:2]) > 3.2 * min(bgr.shape[:2]):
            continue
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, **label(np.ascontiguousarray(bgr[..., ::-1]), teachers, quick=i >= len(held)))  # type: ignore[arg-type]
        part.rename(target)
        if i % 50 == 0:
            print(i, len(held), len(others), flush=True)  # noqa: T201 - progress


def photos_of(folder: Path) -> list[Path]:
    """The photos of a folder and of those in it."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".webp", ".jpg", ".jpeg", ".png"))


if __name__ == "__main__":
    main()
