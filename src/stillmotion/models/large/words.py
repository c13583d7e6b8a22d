"""Where free words are in a picture: CLIPSeg gives masks, Grounding DINO and OWLv2 give boxes.

Knows one picture and one phrase at a time; what a box is cut to is the business of others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.models.large.checkpoint import Checkpoint
from stillmotion.models.large.loading import array, choose_device, explained, load, load_processor, picture
from stillmotion.options import Device
from stillmotion.types import Float32, UInt8

_LEAST = {"grounding-dino": 0.3, "mm-grounding-dino": 0.3, "owlv2": 0.2, "owlvit": 0.1}
"""Score from which on a box counts, as their authors use them."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is, in pixels of the picture."""

    left: float
    top: float
    right: float
    bottom: float
    score: float  # [0, 1]


class WordMasks:
    """A loaded model that turns a phrase into a mask."""

    def __init__(self, checkpoint: Checkpoint, *, device: Device = "auto") -> None:
        """Errors as in `loading.load`."""
        with explained(checkpoint.name):
            from transformers import AutoProcessor, CLIPSegForImageSegmentation
        self.checkpoint = checkpoint
        self._device = choose_device(device)
        self._processor = load_processor(checkpoint, AutoProcessor)
        self._model = load(checkpoint, CLIPSegForImageSegmentation, device=self._device)

    def find(self, rgb: UInt8, phrase: str) -> Float32:
        """(h, w) in [0, 1] how far each place of a picture (H, W, 3) is what the phrase names."""
        with explained(self.checkpoint.name):
            import torch

            seen = self._processor(
                text=[phrase], images=[picture(rgb)], padding=True, truncation=True, return_tensors="pt"
            ).to(self._device)
            with torch.inference_mode():
                logits = self._model(**seen).logits
            found = array(logits.sigmoid())
        return np.asarray(found.reshape(found.shape[-2:]), np.float32)


class WordBoxes:
    """A loaded model that turns a phrase into boxes."""

    def __init__(self, checkpoint: Checkpoint, *, device: Device = "auto") -> None:
        """Errors as in `loading.load`."""
        with explained(checkpoint.name):
            from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor
        self.checkpoint = checkpoint
        self._device = choose_device(device)
        self._processor = load_processor(checkpoint, AutoProcessor)
        self._model = load(checkpoint, AutoModelForZeroShotObjectDetection, device=self._device)

    def find(self, rgb: UInt8, phrase: str) -> tuple[Box, ...]:
        """Boxes of what the phrase names in a picture (H, W, 3), the surest first."""
        kind, size = self.checkpoint.kind, (rgb.shape[0], rgb.shape[1])
        least = _LEAST[kind]
        with explained(self.checkpoint.name):
            import torch

            text = [[phrase]] if kind.startswith("owl") else [f"{phrase.lower().rstrip('.')}."]
            seen = self._processor(text=text, images=picture(rgb), return_tensors="pt").to(self._device)
            with torch.inference_mode():
                out = self._model(**seen)
            post = self._processor.post_process_grounded_object_detection
            if kind.startswith("owl"):
                (found,) = post(out, threshold=least, target_sizes=[size])
            else:
                (found,) = post(out, seen["input_ids"], threshold=least, text_threshold=least, target_sizes=[size])
            scores, corners = array(found["scores"]), array(found["boxes"]).reshape(-1, 4)
        boxes = [_inside(corner, float(score), size) for corner, score in zip(corners, scores, strict=True)]
        return tuple(sorted((box for box in boxes if box is not None), key=lambda box: -box.score))


def _inside(corner: Float32, score: float, size: tuple[int, int]) -> Box | None:
    """A box within the picture; None where it is empty."""
    left, right = (float(np.clip(corner[i], 0, size[1])) for i in (0, 2))
    top, bottom = (float(np.clip(corner[i], 0, size[0])) for i in (1, 3))
    return Box(left, top, right, bottom, score) if right - left >= 2 and bottom - top >= 2 else None
