"""Parts with the names a larger model knows: SegFormer, UPerNet, Mask2Former, MaskFormer, OneFormer and their like.

Knows shares of classes under the model's own names; which of our words they are is the analysis' business.
"""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.models.large.checkpoint import Checkpoint
from stillmotion.models.large.kinds import WHOLE
from stillmotion.models.large.loading import array, choose_device, explained, load, load_processor, picture
from stillmotion.options import Device
from stillmotion.types import Float32, UInt8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What is where."""

    names: tuple[str, ...]  # C classes, as the model calls them
    shares: Float32  # (C, h, w) in [0, 1]; may sum to less than one where nothing is seen


class Segmenter:
    """A loaded model."""

    def __init__(self, checkpoint: Checkpoint, *, device: Device = "auto") -> None:
        """Errors as in `loading.load`."""
        with explained(checkpoint.name):
            import transformers
        self.checkpoint = checkpoint
        self._device = choose_device(device)
        self._whole = checkpoint.architecture.endswith(WHOLE)
        auto = transformers.AutoModelForUniversalSegmentation if self._whole else (
            transformers.AutoModelForSemanticSegmentation
        )  # fmt: skip
        self._asked = checkpoint.kind == "oneformer"  # it wants to be told its task in words
        reader = transformers.AutoProcessor if self._asked else transformers.AutoImageProcessor
        self._processor = load_processor(checkpoint, reader)
        self._model = load(checkpoint, auto, device=self._device)

    def look(self, rgb: UInt8) -> Shares:
        """Look at a picture uint8 (H, W, 3); errors as in `DepthModel.look`.

        Of models that find masks by queries, the share of a class at a place is the sum over queries of the class's
        probability times the mask's (Cheng et al., "Per-Pixel Classification is Not All You Need", NeurIPS 2021).
        """
        with explained(self.checkpoint.name):
            import torch

            task = {"task_inputs": ["semantic"]} if self._asked else {}
            seen = self._processor(images=picture(rgb), return_tensors="pt", **task).to(self._device)
            with torch.inference_mode():
                out = self._model(**seen)
                if self._whole:
                    classes = out.class_queries_logits.softmax(dim=-1)[0, :, :-1]  # the last one is "nothing"
                    masks = out.masks_queries_logits.sigmoid()[0]
                    shares = torch.einsum("qc,qhw->chw", classes, masks).clamp(0, 1)
                else:
                    shares = out.logits.softmax(dim=1)[0]
            names = self._model.config.id2label
            return Shares(names=tuple(str(names[i]) for i in range(len(shares))), shares=array(shares))
