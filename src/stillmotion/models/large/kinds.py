"""Which kind of model (`model_type` of config.json) is good for what. Pure data; needs no package."""

from __future__ import annotations

from typing import Literal

from stillmotion.errors import InputError
from stillmotion.models.large.checkpoint import Checkpoint

Purpose = Literal["depth", "parts", "masks", "boxes", "outlines"]

DEPTH = ("depth_anything", "dpt", "zoedepth", "depth_pro", "glpn", "prompt_depth_anything")
MASKS = ("clipseg",)
BOXES = ("grounding-dino", "mm-grounding-dino", "owlv2", "owlvit")
OUTLINES = ("sam", "sam2", "sam2_video", "edgetam", "edgetam_video")
WHOLE = ("ForUniversalSegmentation", "ForInstanceSegmentation")
"""Endings of the classes that name parts by queries."""
PLACES = ("ForSemanticSegmentation",)
"""Endings of the classes that name every place."""

DOES: dict[Purpose, str] = {
    "depth": "Depth", "parts": "Regions", "masks": "Words found", "boxes": "Words found", "outlines": "Outlines",
}  # fmt: skip
"""How a note about a model begins."""


def check_depth(checkpoint: Checkpoint) -> None:
    """Raise InputError where a checkpoint is no model of depth."""
    if checkpoint.kind not in DEPTH or "Segmentation" in checkpoint.architecture:
        raise InputError(
            f"{checkpoint.name} is a model of kind {checkpoint.kind!r}, which gives no depth.",
            hint=f"--depth-model takes {', '.join(DEPTH)}.",
        )


def region_purpose(checkpoint: Checkpoint) -> Purpose:
    """What a model of regions is for.

    Raises:
        InputError: nothing here.
    """
    if checkpoint.kind in OUTLINES:
        return "outlines"
    if checkpoint.kind in MASKS:
        return "masks"
    if checkpoint.kind in BOXES:
        return "boxes"
    if checkpoint.architecture.endswith((*WHOLE, *PLACES)):
        return "parts"
    raise InputError(
        f"{checkpoint.name} is a model of kind {checkpoint.kind!r} ({checkpoint.architecture or 'no class named'}), "
        "which finds no regions.",
        hint=f"--region-model takes {', '.join((*MASKS, *BOXES, *OUTLINES))}, and models for semantic or universal "
        "segmentation (SegFormer, UPerNet, Mask2Former, OneFormer, ...).",
    )
