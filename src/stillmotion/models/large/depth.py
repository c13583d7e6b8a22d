"""Depth by a larger model: Depth Anything, DPT and MiDaS, ZoeDepth, Depth Pro, GLPN.

Knows pictures and values; whether these grow with nearness or with distance is told where the model says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from stillmotion.models.large.checkpoint import Checkpoint
from stillmotion.models.large.loading import array, choose_device, explained, load, load_processor, picture
from stillmotion.options import Device
from stillmotion.types import Float32, UInt8

Sense = Literal["nearness", "metres", "unknown"]
_METRES = frozenset({"zoedepth", "depth_pro", "glpn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """A depth map as a model gives it."""

    values: Float32  # (H, W)
    sense: Sense  # nearness: larger is nearer, free of scale and shift; unknown: either


class DepthModel:
    """A loaded model."""

    def __init__(self, checkpoint: Checkpoint, *, device: Device = "auto") -> None:
        """
        Raises:
            InputError: the files are damaged, or do not belong together.
            WeightsMissing: a package is not installed.
            DoesNotFit: not enough memory.
        """
        with explained(checkpoint.name):
            from transformers import AutoImageProcessor, AutoModelForDepthEstimation
        self.checkpoint = checkpoint
        self._device = choose_device(device)
        self._processor = load_processor(checkpoint, AutoImageProcessor)
        self._model = load(checkpoint, AutoModelForDepthEstimation, device=self._device)

    def look(self, rgb: UInt8) -> Relief:
        """Look at a picture uint8 (H, W, 3).

        Raises:
            InputError: the model cannot be run on it.
            DoesNotFit: not enough memory.
        """
        size = (rgb.shape[0], rgb.shape[1])
        with explained(self.checkpoint.name):
            import torch

            seen = self._processor(images=picture(rgb), return_tensors="pt").to(self._device)
            with torch.inference_mode():
                out = self._model(**seen)
            if self.checkpoint.kind == "depth_pro":  # it gives nearness, and the focal length that makes it metres
                (found,) = self._processor.post_process_depth_estimation(out, target_sizes=[size])
                values = array(found["predicted_depth"])
            else:
                values = array(out.predicted_depth)
        padded = self.checkpoint.kind == "zoedepth" and self._processor.do_pad
        return Relief(values=_at_size(np.squeeze(values), size, padded=padded), sense=sense_of(self.checkpoint))


def _at_size(values: Float32, size: tuple[int, int], *, padded: bool) -> Float32:
    """(h, w) -> (H, W) = `size`. ZoeDepth pads a picture by 3 sqrt(side / 2) pixels on each side before it looks."""
    pad_y, pad_x = (int(np.sqrt(side / 2) * 3) if padded else 0 for side in size)
    whole = (size[1] + 2 * pad_x, size[0] + 2 * pad_y)
    large = cv2.resize(values, whole, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large[pad_y : pad_y + size[0], pad_x : pad_x + size[1]], np.float32)


def sense_of(checkpoint: Checkpoint) -> Sense:
    """What the values of a model mean. MiDaS and the depth of DINOv2 share one kind and mean opposite things."""
    told = checkpoint.config.get("depth_estimation_type")
    if checkpoint.kind in _METRES or told == "metric":
        return "metres"
    if checkpoint.kind == "depth_anything":
        return "nearness"
    return "unknown"
