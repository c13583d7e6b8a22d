"""The thing a box or points lie on, outlined: Segment Anything and its second version.

Prepares the picture itself, in the few lines that takes: the preparation of the second version needs torchvision.

Sources: Kirillov et al., "Segment Anything", ICCV 2023; Ravi et al., "SAM 2", 2024.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from stillmotion.models.large.checkpoint import Checkpoint
from stillmotion.models.large.loading import array, choose_device, explained, load
from stillmotion.options import Device
from stillmotion.types import Float32, UInt8

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing to outline, in pixels of the picture."""

    box: tuple[float, float, float, float] | None  # left, top, right, bottom
    inside: tuple[Point, ...]  # (x, y)
    outside: tuple[Point, ...]


class Outliner:
    """A loaded model that holds one picture at a time."""

    def __init__(self, checkpoint: Checkpoint, *, device: Device = "auto") -> None:
        """Errors as in `loading.load`."""
        with explained(checkpoint.name):
            from transformers import AutoModelForMaskGeneration
        self.checkpoint = checkpoint
        self._device = choose_device(device)
        self._model = load(checkpoint, AutoModelForMaskGeneration, device=self._device)
        self._side = int(self._model.config.vision_config.image_size)
        self._mean, self._std = _colours(checkpoint)
        self._seen: tuple[UInt8, Any] | None = None  # Any: embeddings as the model gives them

    def outline(self, rgb: UInt8, ask: Ask) -> tuple[Float32, float]:
        """(H, W) in [0, 1] of one thing in a picture (H, W, 3), and how sure the model is of it in [0, 1]."""
        height, width = rgb.shape[:2]
        scale = self._scale(height, width)
        with explained(self.checkpoint.name):
            import torch

            prompts: dict[str, Any] = {"multimask_output": ask.box is None}
            points = [*ask.inside, *ask.outside]
            if points:
                labels = [1] * len(ask.inside) + [0] * len(ask.outside)
                at = np.array(points, np.float32) * scale
                prompts["input_points"] = torch.from_numpy(at[None, None]).to(self._device)
                prompts["input_labels"] = torch.tensor([[labels]], device=self._device)
            if ask.box is not None:
                box = np.array(ask.box, np.float32).reshape(2, 2) * scale
                prompts["input_boxes"] = torch.from_numpy(box.reshape(1, 1, 4)).to(self._device)
            with torch.inference_mode():
                out = self._model(image_embeddings=self._look(rgb), **prompts)
            masks, sure = array(out.pred_masks)[0, 0], array(out.iou_scores)[0, 0]
        best = int(np.argmax(sure))
        return self._at_size(masks[best], height, width), float(np.clip(sure[best], 0, 1))

    def _look(self, rgb: UInt8) -> Any:  # Any: embeddings as the model gives them
        """What the model makes of a picture; made once for all that is asked of the same one."""
        import torch

        if self._seen is None or self._seen[0] is not rgb:
            blob = torch.from_numpy(self._prepared(rgb)).to(self._device)
            with torch.inference_mode():
                self._seen = (rgb, self._model.get_image_embeddings(blob))
        return self._seen[1]

    def _scale(self, height: int, width: int) -> Float32:
        """(2,) of x and y: the first version keeps the shape and pads, the second stretches to a square."""
        if self.checkpoint.kind == "sam":
            return np.full(2, self._side / max(height, width), np.float32)
        return np.array([self._side / width, self._side / height], np.float32)

    def _prepared(self, rgb: UInt8) -> Float32:
        """(1, 3, side, side)"""
        height, width = rgb.shape[:2]
        x, y = self._scale(height, width)
        size = (max(1, round(width * float(x))), max(1, round(height * float(y))))
        way = cv2.INTER_AREA if max(x, y) < 1 else cv2.INTER_LINEAR
        small = cv2.resize(rgb, size, interpolation=way).astype(np.float32) / 255
        padded = np.zeros((self._side, self._side, 3), np.float32)
        padded[: size[1], : size[0]] = (small - self._mean) / self._std
        return np.ascontiguousarray(padded.transpose(2, 0, 1)[None])

    def _at_size(self, logits: Float32, height: int, width: int) -> Float32:
        """A mask's logits (h, w) of the square -> (H, W) in [0, 1]."""
        x, y = self._scale(height, width)
        rows = max(1, round(logits.shape[0] * height * float(y) / self._side))
        columns = max(1, round(logits.shape[1] * width * float(x) / self._side))
        large = cv2.resize(logits[:rows, :columns], (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(1 / (1 + np.exp(-np.clip(large, -30, 30))), np.float32)


def _colours(checkpoint: Checkpoint) -> tuple[Float32, Float32]:
    """Mean and spread of colours that the model was trained with."""
    path = checkpoint.folder / "preprocessor_config.json"
    told: dict[str, Any] = {}
    if path.is_file():
        with explained(checkpoint.name):
            told = json.loads(path.read_text(encoding="utf-8"))
    mean, std = (told.get(name) or usual for name, usual in (("image_mean", _MEAN), ("image_std", _STD)))
    return np.array(mean, np.float32), np.array(std, np.float32)
