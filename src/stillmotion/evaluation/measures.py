"""The numbers a video gets: their names, units and which way is better. Knows no frames.

A measure that could not be taken is None, and says nothing for or against the video.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple


class Kind(NamedTuple):
    """How to read a measure."""

    unit: str
    better: Literal["lower", "higher"]
    about: str


def _measure(
    unit: str, better: Literal["lower", "higher"], about: str
) -> Any:  # dataclasses.field is untyped by nature
    return field(default=None, metadata={"kind": Kind(unit, better, about)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMeasures:
    """What a region did by itself."""

    name: str
    kind: str
    direction_err: float | None  # degrees between commanded and measured motion
    speed_ratio: float | None  # measured over commanded
    track_err: float | None  # ObjMC in percent of the frame width, for a region on a path
    speed: float | None  # measured, percent of the frame width per second (rms for a swing; levels for light)
    plain: bool = False  # it shows too little for anyone to see it move, and nothing is said about its motion


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Numbers over time, for plots: (seconds, value) pairs."""

    path_wanted: tuple[tuple[float, float], ...] = ()  # percent of the width the points should have gone
    path_found: tuple[tuple[float, float], ...] = ()  # and have gone
    path_err: tuple[tuple[float, float], ...] = ()
    step: tuple[tuple[float, float], ...] = ()  # levels from frame to frame
    luma: tuple[tuple[float, float], ...] = ()  # mean level of each frame
    colour: tuple[tuple[float, float], ...] = ()  # Lab distance from frame 0
    strength: tuple[tuple[float, float], ...] = ()  # dynamic degree of each pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """All that was measured of one video."""

    frames: int
    width: int
    height: int
    fps: float
    commands: tuple[str, ...]  # VBench's camera commands that a viewer sees
    dynamic: bool | None  # VBench's dynamic degree
    length_err: float | None = _measure("%", "lower", "length of the video against the plan's")
    first_psnr: float | None = _measure("dB", "higher", "first frame against the photo, all channels")
    first_psnr_luma: float | None = _measure("dB", "higher", "first frame against the photo, luma")
    first_ssim: float | None = _measure("", "higher", "first frame against the photo, structural similarity")
    camera_rule: float | None = _measure(
        "", "higher", "1: the commanded camera directions are seen (VBench's rule, LK tracks)"
    )
    dynamic_strength: float | None = _measure("", "higher", "motion over VBench's dynamic threshold (dynamic above 1)")
    path_err: float | None = _measure("% width", "lower", "tracked points from where the plan takes them")
    path_ratio: float | None = _measure("", "lower", "the same over the way they should have gone")
    rot_err: float | None = _measure("rad", "lower", "camera rotation error, summed over 16 frames")
    trans_err: float | None = _measure("", "lower", "camera position error, scale-free, summed over 16 frames")
    cam_mc: float | None = _measure("", "lower", "camera pose error, scale-free, summed over 16 frames")
    warp_err: float | None = _measure("", "lower", "warping error between neighbouring frames (Lai), images in 0..1")
    flicker: float | None = _measure(
        "", "higher", "VBench's temporal flickering score; means something for static scenes"
    )
    pumping: float | None = _measure("levels", "lower", "unsteady light from frame to frame")
    jump: float | None = _measure("x", "lower", "largest step over the steps around it: cuts and flashes")
    drift: float | None = _measure("Lab/s", "lower", "colour drift away from the first frame")
    drift_contrast: float | None = _measure("%/s", "lower", "contrast drift")
    drift_sharpness: float | None = _measure("%/s", "lower", "sharpness drift")
    loop_seam: float | None = _measure("x", "lower", "step from the last frame to the first over the steps beside it")
    jitter: float | None = _measure("px", "lower", "change of the frame centre's shift from step to step")
    roughness: float | None = _measure("px", "lower", "the part of it that no smooth move explains")
    jerk: float | None = _measure("width/s3", "lower", "third derivative of the centre's path")
    stability: float | None = _measure("", "higher", "share of slow motion (DIFRINT)")
    stretch: float | None = _measure("%", "lower", "estimated share of the frame stretched more than 1.5 times")
    holes: float | None = _measure("%", "lower", "estimated share of the frame that is an unfilled hole")
    regions: tuple[RegionMeasures, ...] = ()
    curves: Curves = Curves()
    notes: tuple[str, ...] = ()

    def values(self) -> dict[str, float]:
        """The measures that could be taken, by name; those of regions as `region.NAME.MEASURE`."""
        found = {name: value for name in KINDS if (value := getattr(self, name)) is not None}
        for region in self.regions:
            for name in ("direction_err", "speed_ratio", "track_err"):
                value = getattr(region, name)
                if value is not None:
                    found[f"region.{region.name}.{name}"] = value
        return found

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, without the curves (heterogeneous by nature)."""
        record = dataclasses.asdict(self)
        del record["curves"]
        return {name: _rounded(value) for name, value in record.items() if value is not None}


KINDS: dict[str, Kind] = {f.name: f.metadata["kind"] for f in dataclasses.fields(Measures) if "kind" in f.metadata}
"""Every scalar measure and how to read it."""


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {name: _rounded(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    return value
