"""The larger models a user has: found before any work begins, loaded when first asked.

    --depth-model  ──────────────────────────────▶ depth (`larger_depth`)
    --region-model  kinds that name parts ───────▶ regions, sky   ┐
                    kinds that find words ───────▶ words of plans ├ (`larger_regions`)
                    kinds that outline ──────────▶ rims of things ┘

Knows which model does what, and loads what it takes only where a user names one: who does not, does not wait for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from stillmotion.errors import InputError
from stillmotion.models.large.checkpoint import Checkpoint, find_checkpoint
from stillmotion.models.large.kinds import DOES, Purpose, check_depth, region_purpose
from stillmotion.options import AnimateOptions, Device
from stillmotion.plan import Vec2
from stillmotion.types import Float32, Region, UInt8

if TYPE_CHECKING:
    from stillmotion.models.large.sam import Outliner
    from stillmotion.models.large.segmentation import Segmenter
    from stillmotion.models.large.words import WordBoxes, WordMasks
    from stillmotion.stages.analysis.cues import Cues
    from stillmotion.stages.analysis.larger_depth import LargerDepth


class Larger:
    """Models of one job; at most one for each purpose. Errors of loading as in `models.large.loading.load`."""

    def __init__(self, depth: Checkpoint | None, regions: Sequence[Checkpoint], *, device: Device) -> None:
        """
        Raises:
            InputError: a model of a kind that is of no use here, or two for the same purpose.
        """
        self._device: Device = device
        self._of: dict[Purpose, Checkpoint] = {}
        if depth is not None:
            check_depth(depth)
            self._of["depth"] = depth
        for checkpoint in regions:
            purpose = region_purpose(checkpoint)
            if purpose in self._of:
                raise InputError(f"{self._of[purpose].name} and {checkpoint.name} do the same; leave one of them out.")
            self._of[purpose] = checkpoint

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """All of them."""
        return tuple(self._of.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What they are and under which licence: one sentence each."""
        return tuple(checkpoint.sentence(DOES[purpose]) for purpose, checkpoint in self._of.items())

    @property
    def finds_words(self) -> bool:
        """Whether one of them finds free words."""
        return not self._of.keys().isdisjoint(("masks", "boxes"))

    def depth(self, own: Float32 | None) -> LargerDepth | None:
        """The model for depth, if there is one; `own` as in `LargerDepth`."""
        if "depth" not in self._of:
            return None
        from stillmotion.models.large.depth import DepthModel
        from stillmotion.stages.analysis.larger_depth import LargerDepth

        return LargerDepth(DepthModel(self._of["depth"], device=self._device), own)

    @cached_property
    def parts(self) -> Segmenter | None:
        """Names the parts it knows."""
        if "parts" not in self._of:
            return None
        from stillmotion.models.large.segmentation import Segmenter

        return Segmenter(self._of["parts"], device=self._device)

    @cached_property
    def masks(self) -> WordMasks | None:
        """Finds words as masks."""
        if "masks" not in self._of:
            return None
        from stillmotion.models.large.words import WordMasks

        return WordMasks(self._of["masks"], device=self._device)

    @cached_property
    def boxes(self) -> WordBoxes | None:
        """Finds words as boxes."""
        if "boxes" not in self._of:
            return None
        from stillmotion.models.large.words import WordBoxes

        return WordBoxes(self._of["boxes"], device=self._device)

    @cached_property
    def outliner(self) -> Outliner | None:
        """Outlines what a box or points lie on."""
        if "outlines" not in self._of:
            return None
        from stillmotion.models.large.sam import Outliner

        return Outliner(self._of["outlines"], device=self._device)

    # ── what the analysis asks ───────────────────────────────────────────────────────────────────────────────────────

    def shares(self, photo: UInt8) -> dict[str, Float32]:
        """Label -> (h, w) share of a picture (H, W, 3), of every label the model for parts knows; empty without one."""
        if self.parts is None:
            return {}
        from stillmotion.stages.analysis.larger_regions import by_label

        return by_label(self.parts.look(photo))

    def sky(self, shares: dict[str, Float32], cues: Cues) -> Float32:
        """(h, w) at working size."""
        from stillmotion.stages.analysis.larger_regions import sky_of

        return sky_of(shares["sky"], cues)

    def outlined(self, matte: Float32, photo: UInt8) -> Float32:
        """A mask (H, W) of things with the outlines that the model for them gives; as it is without one."""
        if self.outliner is None:
            return matte
        from stillmotion.stages.analysis.larger_regions import outline

        return outline(matte, self.outliner, photo)

    def regions(
        self, shares: dict[str, Float32], own: tuple[Region, ...], matte: Float32, photo: UInt8
    ) -> tuple[Region, ...]:
        """The parts of a picture: those of the models, and of our own those that they have no word for."""
        from stillmotion.stages.analysis.larger_regions import larger_regions

        return larger_regions(shares, own, matte, photo, self.outliner)

    def find(self, photo: UInt8, phrase: str) -> Found | None:
        """What free words name; None where no model finds words, or it finds no such thing."""
        from stillmotion.stages.analysis.larger_regions import find_word

        return find_word(photo, phrase, boxes=self.boxes, masks=self.masks, outliner=self.outliner)

    def grown(self, photo: UInt8, *, inside: tuple[Vec2, ...], outside: tuple[Vec2, ...]) -> Float32 | None:
        """(H, W) what points (fractions of the canvas) lie on; None without a model for outlines."""
        if self.outliner is None:
            return None
        from stillmotion.stages.analysis.larger_regions import grow_points

        return grow_points(self.outliner, photo, inside=inside, outside=outside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where free words are."""

    mask: Float32  # (H, W) in [0, 1]
    confidence: float  # [0, 1]
    by: str  # name of the model


def larger_models(options: AnimateOptions) -> Larger | None:
    """The models of a wish, found but not loaded; None where it names none.

    Raises:
        InputError: a name or a kind that cannot be used.
        WeightsMissing: not on this machine.
    """
    if options.depth_model is None and not options.region_model:
        return None
    if options.depth_model is not None and options.depth is not None:
        raise InputError("--depth gives a map and --depth-model would make one; leave one of them out.")
    fetch = options.fetch_models
    depth = None if options.depth_model is None else find_checkpoint(options.depth_model, fetch=fetch)
    regions = [find_checkpoint(name, fetch=fetch) for name in options.region_model]
    return Larger(depth, regions, device=options.device)
