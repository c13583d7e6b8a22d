"""The regions of a scene as one picture: every place belongs to the most particular part that covers it.

Knows masks and names. Parts may cover one another (a road is ground, a person is the subject); of those, things win
over the subject, the subject over surfaces, and the smaller over the larger.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from stillmotion.types import Region, UInt8

NOTHING = 0
"""The value of places that belong to no part."""

_ROLES = frozenset({"background"})  # all but the subject: it says nothing of its own
_THINGS = frozenset(
    {
        "person", "hair", "animal", "bird", "vehicle", "boat", "balloon", "ball", "flag", "curtain", "food", "flower",
        "lamp", "fire", "window",
    }
)  # fmt: skip
_COLOURS: dict[str, tuple[int, int, int]] = {
    "sky": (110, 170, 255), "clouds": (225, 232, 255), "water": (20, 100, 245), "waterfall": (90, 230, 240),
    "foliage": (30, 140, 40), "grass": (150, 215, 60), "tree": (20, 180, 110), "ground": (170, 120, 70),
    "fire": (255, 90, 20), "lamp": (255, 225, 60), "subject": (240, 40, 150), "person": (250, 120, 120),
    "animal": (200, 110, 240), "building": (150, 150, 175), "wall": (205, 195, 175), "road": (95, 95, 105),
    "vehicle": (255, 170, 40), "mountain": (125, 105, 140), "rock": (110, 100, 90), "flower": (255, 130, 210),
    "sand": (235, 210, 150), "boat": (130, 60, 20), "window": (150, 205, 225), "food": (200, 60, 40),
    "curtain": (160, 40, 90), "flag": (220, 30, 60),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """A label map and what its values stand for."""

    values: UInt8  # (H, W) index of a part from 1 on; `NOTHING` where there is none
    names: tuple[str, ...]  # the part of each value, beginning with 1


def label_map(regions: tuple[Region, ...], shape: tuple[int, int]) -> Labels:
    """Label every place (H, W) = `shape` by the part that covers more than half of it; the surest part has value 1."""
    named = tuple(region for region in regions if region.name not in _ROLES)
    order = sorted(range(len(named)), key=lambda i: (_rank(named[i].name), -float(named[i].mask.mean())))
    values: UInt8 = np.full(shape, NOTHING, np.uint8)
    for i in order:
        values[named[i].mask > 0.5] = i + 1
    return Labels(values=values, names=tuple(region.name for region in named))


def _rank(name: str) -> int:
    """What is painted over what."""
    return 2 if name in _THINGS else 1 if name == "subject" else 0


def colour_of(name: str) -> tuple[int, int, int]:
    """The sRGB colour in which a part is shown: always the same for one name."""
    if name in _COLOURS:
        return _COLOURS[name]
    turn = (sum(name.encode()) * 0.381966) % 1.0
    red, green, blue = (round(255 * v) for v in colorsys.hsv_to_rgb(turn, 0.45, 0.85))
    return red, green, blue
