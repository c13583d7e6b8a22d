"""What things are made of: materials by name, each draw a little different.

"brick wall" ─look(rng)─▶ Material(colour of a palette, pattern, scale, roughness, ...)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stillmotion.training.worlds.palettes import colour
from stillmotion.training.worlds.records import Colour, Material

_KINDS: dict[str, tuple[str, str, float, float, float, dict[str, Any]]] = {
    # name: palette, pattern, scale in metres, bump, roughness, more
    "plaster": ("plaster", "noise", 2.5, 0.12, 0.92, {}),
    "brick wall": ("brick", "bricks", 0.24, 0.5, 0.9, {}),
    "concrete": ("concrete", "noise", 1.8, 0.15, 0.9, {}),
    "stone wall": ("stone", "bricks", 0.6, 0.6, 0.92, {}),
    "planks": ("plaster", "planks", 0.16, 0.4, 0.8, {}),
    "trim": ("trim", "plain", 1.0, 0.0, 0.8, {}),
    "frame": ("frame", "plain", 1.0, 0.0, 0.5, {}),
    "pane": ("dark metal", "plain", 1.0, 0.0, 0.06, {"metallic": 0.35}),
    "roof": ("roof", "tiles", 0.3, 0.6, 0.85, {}),
    "flat roof": ("concrete", "ground", 2.0, 0.3, 0.95, {}),
    "door": ("door", "planks", 0.2, 0.2, 0.6, {}),
    "sign": ("sign", "plain", 1.0, 0.0, 0.5, {}),
    "awning": ("awning", "cloth", 0.02, 0.2, 0.95, {"through": 0.2}),
    "car paint": ("car paint", "plain", 1.0, 0.0, 0.22, {"metallic": 0.25}),
    "bus paint": ("bus paint", "plain", 1.0, 0.0, 0.3, {}),
    "skin": ("skin", "plain", 1.0, 0.0, 0.6, {}),
    "hair": ("hair", "noise", 0.03, 0.4, 0.55, {}),
    "top": ("top", "cloth", 0.015, 0.2, 0.95, {}),
    "bottom": ("bottom", "cloth", 0.015, 0.2, 0.95, {}),
    "shoe": ("shoe", "plain", 1.0, 0.0, 0.55, {}),
    "wood": ("wood", "wood", 0.14, 0.05, 0.5, {}),
    "cloth": ("cloth", "cloth", 0.006, 0.3, 0.97, {}),
    "ceramic": ("ceramic", "plain", 1.0, 0.0, 0.18, {}),
    "stoneware": ("ceramic", "noise", 0.03, 0.1, 0.55, {}),
    "glass bottle": ("glass bottle", "plain", 1.0, 0.0, 0.06, {"metallic": 0.2}),
    "label": ("label", "plain", 1.0, 0.0, 0.8, {}),
    "metal": ("metal", "plain", 1.0, 0.0, 0.32, {"metallic": 0.9}),
    "dark metal": ("dark metal", "plain", 1.0, 0.0, 0.5, {"metallic": 0.4}),
    "plastic": ("plastic", "plain", 1.0, 0.0, 0.3, {}),
    "book": ("book", "noise", 0.06, 0.05, 0.75, {}),
    "paper": ("label", "strata", 0.003, 0.2, 0.95, {}),
    "leaves": ("leaves", "leaf", 0.15, 0.3, 0.7, {"through": 0.4}),
    "autumn leaves": ("autumn", "leaf", 0.15, 0.3, 0.75, {"through": 0.4}),
    "needles": ("needles", "leaf", 0.1, 0.4, 0.8, {"through": 0.15}),
    "grass blades": ("grass", "plain", 0.1, 0.0, 0.75, {"through": 0.4}),
    "dry blades": ("dry grass", "plain", 0.1, 0.0, 0.8, {"through": 0.4}),
    "bark": ("bark", "bark", 0.2, 0.8, 0.95, {}),
    "petal": ("petal", "noise", 0.03, 0.05, 0.7, {"through": 0.35}),
    "heart": ("heart", "noise", 0.004, 0.5, 0.9, {}),
    "lawn": ("grass", "ground", 1.2, 0.4, 0.95, {}),
    "dry ground": ("dry grass", "ground", 1.6, 0.4, 0.95, {}),
    "sand": ("sand", "ground", 0.8, 0.25, 0.97, {}),
    "soil": ("soil", "ground", 0.6, 0.5, 0.97, {}),
    "snow": ("snow", "noise", 1.5, 0.2, 0.7, {}),
    "asphalt": ("asphalt", "ground", 2.5, 0.2, 0.9, {}),
    "paving": ("paving", "tiles", 0.45, 0.25, 0.85, {}),
    "rock": ("stone", "rock", 0.8, 0.7, 0.93, {}),
    "wall paint": ("wall paint", "noise", 2.0, 0.05, 0.9, {}),
    "wax": ("wax", "plain", 1.0, 0.0, 0.5, {"through": 0.2}),
    "sail": ("sail", "cloth", 0.03, 0.1, 0.9, {"through": 0.4}),
    "hull": ("hull", "plain", 1.0, 0.0, 0.35, {}),
    "crust": ("crust", "noise", 0.03, 0.5, 0.75, {}),
    "crumb": ("crumb", "noise", 0.008, 0.6, 0.95, {}),
    "cream": ("cream", "noise", 0.05, 0.1, 0.55, {}),
    "glaze": ("glaze", "plain", 1.0, 0.0, 0.25, {}),
    "berry": ("berry", "noise", 0.006, 0.4, 0.3, {}),
    "drink": ("drink", "plain", 1.0, 0.0, 0.08, {}),
    "horn": ("horn", "noise", 0.05, 0.3, 0.6, {}),
    "wool": ("wool", "noise", 0.06, 1.0, 0.98, {}),
    "banana": ("banana", "noise", 0.03, 0.05, 0.6, {}),
    "apple": ("apple", "noise", 0.02, 0.03, 0.35, {}),
    "pear": ("pear", "noise", 0.015, 0.05, 0.5, {}),
    "orange": ("orange", "noise", 0.003, 0.4, 0.5, {}),
    "lemon": ("lemon", "noise", 0.003, 0.35, 0.5, {}),
    "tomato": ("tomato", "plain", 1.0, 0.0, 0.22, {}),
}


_OFTEN_PLAIN = ("plaster", "wall paint", "concrete")
"""Even paint as often as weathered: patterns cost time, and walls are mostly even."""
_DEPTHS = {
    "wood": (0.55, 0.82),
    "planks": (0.6, 0.85),
    "ground": (0.55, 0.85),
    "rock": (0.45, 0.75),
    "bark": (0.4, 0.7),
    "leaf": (0.5, 0.8),
    "cloth": (0.72, 0.95),
    "tiles": (0.45, 0.8),
    "strata": (0.5, 0.8),
}
"""How much darker the second colour of a pattern is: least and greatest factor."""


def look(rng: np.random.Generator, name: str, **changes: Any) -> Material:
    """A material of this name (a palette's name will do, too), with fields changed at will.

    `changes` are fields of Material, so their types are as many as those.
    """
    palette, pattern, scale, bump, rough, more = _KINDS.get(name, (name, "noise", 0.1, 0.15, 0.8, {}))
    if name in _OFTEN_PLAIN and rng.random() < 0.6:
        pattern, bump = "plain", 0.0
    base = colour(rng, palette)
    deep = rng.uniform(*_DEPTHS.get(pattern, (0.7, 0.93)))
    fields: dict[str, Any] = {
        "colour": rgb(base),
        "second": rgb(base * deep * np.exp(rng.normal(0, 0.05, 3))),
        "pattern": pattern,
        "scale": scale * float(rng.uniform(0.8, 1.25)),
        "bump": bump,
        "roughness": float(np.clip(rough * rng.uniform(0.9, 1.1), 0.04, 1.0)),
        **more,
    }
    return Material(**{**fields, **changes})


def rgb(values: np.ndarray | tuple[float, ...]) -> Colour:
    """Three numbers as a colour."""
    red, green, blue = (float(value) for value in values)
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Looks(Mapping[str, Material]):
    """Materials by slot; a slot that was not named gets the one under "" ."""

    by_slot: dict[str, Material]

    def __getitem__(self, slot: str) -> Material:
        return self.by_slot[slot] if slot in self.by_slot else self.by_slot[""]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_slot)

    def __len__(self) -> int:
        return len(self.by_slot)


def looks(rng: np.random.Generator, **names: str | Material) -> Looks:
    """Materials for slots: names of `look`, or materials; the slot `rest` is for all others."""
    found = {slot: name if isinstance(name, Material) else look(rng, name) for slot, name in names.items()}
    rest = found.pop("rest", Material())
    return Looks({**found, "": rest})
