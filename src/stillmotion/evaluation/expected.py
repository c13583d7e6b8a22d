"""What a plan leads one to expect of its video, as plain numbers the measures can be held against.

Knows no plan, no scene and no backend: whoever has them builds an `Expected` from them. All pictures but `first` have
the measuring size, `width` x `height`; lengths of region motion are fractions of its width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stillmotion.types import Float32, Float64, UInt8, View

RegionKind = Literal["stream", "swing", "path", "light", "alive", "still"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRegion:
    """What one region of the photo shall do by itself, beside the camera.

    stream   goes on steadily with `velocity`
    swing    to and fro along `velocity`, whose length is the rms speed
    path     goes where `place` says
    light    changes its brightness
    alive    moves, in no direction that could be said beforehand; the length of `velocity` is about how fast
    still    does not move by itself
    """

    name: str
    kind: RegionKind
    mask: Float32  # (h, w) in [0, 1], in the photo
    velocity: tuple[float, float]  # frame widths per second, x right, y down
    place: Callable[[float], Float64] | None  # path: time in s -> (2, 3) map of photo pixels at measuring size


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a video shall be."""

    width: int  # measuring size
    height: int
    fps: float
    seconds: float
    frames: int
    first: UInt8 | None  # (H, W, 3) the photo at canvas size; None: the video does not begin with it
    depth: Float32 | None  # (h, w) of the photo, pivot units; None: the scene is not known
    fov_deg: float  # horizontal, of the photo
    view_at: Callable[[float], View]  # time in s -> the camera
    regions: tuple[ExpectedRegion, ...]
    loop: bool  # the end shall meet the beginning
    graded: bool  # colours are changed on purpose: the first frame is not the photo's colours
