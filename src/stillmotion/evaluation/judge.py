"""Measures held against tolerances: the defaults of a plan, or what a user requires. Knows numbers only."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stillmotion.errors import InputError
from stillmotion.evaluation.expected import Expected
from stillmotion.evaluation.measures import KINDS, Measures, RegionMeasures

Sense = Literal["<", "<=", ">", ">="]
_COMPARE: dict[Sense, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_REQUIREMENT = re.compile(r"\s*([A-Za-z][\w.\- ]*?)\s*(<=|>=|<|>)\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*%?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """How far a video may be from its plan and still count as carrying it out.

    They are wide enough for a video of another engine that follows the plan and narrow enough for every kind of wrong
    video that has been tried (backwards, standing, flickering, wandering in colour, at another speed, mirrored).
    """

    length_err: float = 5.0  # percent
    first_psnr_luma: float = 24.0  # dB at least
    camera_rule: float = 1.0  # at least
    path_floor: float = 0.4  # percent of the width that points may always be off
    path_ratio: float = 0.3  # of their way, beyond that
    path_sure: float = 0.1  # percent of the width: so near to their way, all points overrule the camera rule's four
    rot_err: float = 0.4  # rad over 16 frames
    trans_err: float = 4.0  # over 16 frames; where the camera leaves its place
    pumping: float = 1.0  # levels
    jump: float = 4.0
    drift: float = 1.0  # Lab per second
    drift_contrast: float = 4.0  # percent per second
    drift_sharpness: float = 20.0  # percent per second
    warp_err: float = 4e-3
    loop_seam: float = 1.6
    holes: float = 2.5  # percent
    stretch: float = 8.0  # percent
    roughness: float = 0.5  # px for each 640 px of width
    region_direction: float = 45.0  # degrees
    region_slow: float = 0.3  # measured over commanded speed
    region_fast: float = 3.0
    region_track: float = 2.0  # percent of the width
    region_still: float = 1.0  # percent of the width per second


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One measure held against one limit."""

    measure: str
    value: float | None  # None: it could not be measured
    sense: Sense  # the value must be this ...
    limit: float  # ... than the limit
    passed: bool

    def __str__(self) -> str:
        value = "not measurable" if self.value is None else f"{self.value:.4g}"
        return f"{self.measure} {value}, {'within' if self.passed else 'not'} {self.sense} {self.limit:.4g}"


def holds(measure: str, value: float | None, sense: Sense, limit: float) -> Finding:
    """A finding; what could not be measured does not hold."""
    passed = value is not None and _COMPARE[sense](value, limit)
    return Finding(measure=measure, value=value, sense=sense, limit=limit, passed=passed)


def judge(measures: Measures, expected: Expected, tolerances: Tolerances | None = None) -> list[Finding]:
    """The measures that say whether a video carries its plan out, each against its tolerance.

    A measure that could not be taken is left out, and so is the camera rule, which follows four points that may slip,
    where hundreds of points are all but exactly on their way. Worst news first is not promised: the order is that of
    the measures.
    """
    t = tolerances or Tolerances()
    sure = measures.path_err is not None and measures.path_err < t.path_sure
    wide = max(1.0, measures.width / 640)
    wanted: list[tuple[str, Sense, float]] = [
        ("length_err", "<=", t.length_err),
        ("camera_rule", ">=", t.camera_rule),
        ("rot_err", "<=", t.rot_err),
        ("trans_err", "<=", t.trans_err),
        ("warp_err", "<=", t.warp_err),
        ("jump", "<=", t.jump),
        ("roughness", "<=", t.roughness * wide),
    ]
    if not expected.graded:
        wanted.append(("first_psnr_luma", ">=", t.first_psnr_luma))
    if not any(region.kind == "light" for region in expected.regions):
        wanted.append(("pumping", "<=", t.pumping))
    if not any(region.kind == "path" for region in expected.regions):  # what leaves its place leaves other things there
        wanted += [("holes", "<=", t.holes), ("stretch", "<=", t.stretch)]
    if not any(region.kind in ("light", "path") for region in expected.regions):  # what moves away changes the look
        wanted += [(name, "<=", getattr(t, name)) for name in ("drift", "drift_contrast", "drift_sharpness")]
    if expected.loop:
        wanted.append(("loop_seam", "<=", t.loop_seam))
    found = [
        holds(name, value, sense, limit)
        for name, sense, limit in wanted
        if (value := getattr(measures, name)) is not None and not (sure and name == "camera_rule")
    ]
    if measures.path_err is not None:
        way = measures.path_err / measures.path_ratio if measures.path_ratio else 0.0
        found.append(holds("path_err", measures.path_err, "<=", max(t.path_floor, t.path_ratio * way)))
    for region in measures.regions:
        found += _judge_region(region, t)
    order = {name: i for i, name in enumerate(KINDS)}
    return sorted(found, key=lambda finding: order.get(finding.measure, len(order)))


def _judge_region(region: RegionMeasures, t: Tolerances) -> list[Finding]:
    name, found = f"region.{region.name}", []
    if region.kind == "still":
        return [] if region.speed is None else [holds(f"{name}.speed", region.speed, "<=", t.region_still)]
    if region.track_err is not None:
        found.append(holds(f"{name}.track_err", region.track_err, "<=", t.region_track))
    if region.speed_ratio is not None:
        found.append(holds(f"{name}.speed_ratio", region.speed_ratio, ">=", t.region_slow))
        if region.kind == "stream":
            found.append(holds(f"{name}.speed_ratio", region.speed_ratio, "<=", t.region_fast))
    moves = region.speed_ratio is None or region.speed_ratio >= t.region_slow
    if region.direction_err is not None and moves:  # the direction of what does not move is noise
        found.append(holds(f"{name}.direction_err", region.direction_err, "<=", t.region_direction))
    return found


def parse_requirement(text: str) -> tuple[str, Sense, float]:
    """Read "drift<2", "first_psnr >= 40" or "region.sky.direction_err < 20".

    Raises:
        InputError: not of this form, or no measure has this name.
    """
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        raise InputError(
            f"'{text}' is not a requirement.",
            hint="Write a measure, <, <=, > or >=, and a number: 'drift<2', 'first_psnr>=40'.",
        )
    name, sense, limit = match[1], match[2], float(match[3])
    if name not in KINDS and not re.fullmatch(r"region\..+\.(direction_err|speed_ratio|track_err|speed)", name):
        raise InputError(
            f"There is no measure '{name}' to require; there is {', '.join(KINDS)}, and region.NAME.direction_err, "
            ".speed_ratio, .track_err."
        )
    return name, _SENSES[sense], limit


_SENSES: dict[str, Sense] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


def require(measures: Measures, requirements: list[str]) -> list[Finding]:
    """Hold measures against a user's requirements; one that could not be measured does not hold.

    Raises:
        InputError: as `parse_requirement`.
    """
    values = measures.values()
    return [holds(name, values.get(name), sense, limit) for name, sense, limit in map(parse_requirement, requirements)]
