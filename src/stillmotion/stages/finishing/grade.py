"""A plan's grade on a stream of frames: colour, then grain. A default grade costs nothing."""

from __future__ import annotations

from stillmotion.plan import Grade
from stillmotion.stages.finishing.colour import Colour
from stillmotion.stages.finishing.grain import Grain
from stillmotion.types import FrameStream


def graded(frames: FrameStream, grade: Grade, *, seed: int) -> FrameStream:
    """The same frames with the grade applied; grain depends on the seed and the frame's number alone."""
    return Grain(amount=grade.grain, seed=seed)(Colour(grade=grade, lut=None, lut_strength=1.0)(frames))
