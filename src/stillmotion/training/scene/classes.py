"""The classes of the scene network, and which classes of ADE20K and of Pascal VOC each is made of. Data only."""

from __future__ import annotations

CLASSES: dict[str, tuple[int, ...]] = {
    "other": (),
    "sky": (3,),
    "water": (22, 27, 57, 61, 110, 129),
    "waterfall": (105, 114),
    "tree": (5, 73),
    "grass": (10, 30),
    "flower": (67,),
    "plant": (18,),
    "ground": (14, 92, 95),
    "road": (7, 12, 53, 55),
    "sand": (47,),
    "mountain": (17, 69),
    "rock": (35,),
    "building": (2, 26, 49, 52, 62, 79, 80, 85, 141),
    "wall": (1,),
    "floor": (4, 29),
    "ceiling": (6,),
    "window": (9, 64),
    "person": (13,),
    "animal": (127,),
    "vehicle": (21, 81, 84, 91, 103, 117, 128),
    "boat": (77, 104),
    "flag": (150,),
    "cloth": (19, 82, 87, 93, 107, 115, 132),
    "furniture": (
        8, 11, 15, 16, 20, 24, 25, 32, 33, 34, 36, 40, 43, 44, 45, 46, 51, 56, 58, 63, 65, 66, 70, 71, 72, 74, 76,
        78, 98, 100, 111, 119, 42,
    ),
    "food": (121,),
    "lamp": (37, 83, 86, 88, 135),
}  # fmt: skip
"""Name -> indices of ADE20K's 151 classes (0 is "others"); the order is that of the network's channels."""

NAMES = tuple(CLASSES)

VOC: dict[int, str] = {
    1: "vehicle", 2: "vehicle", 3: "animal", 4: "boat", 6: "vehicle", 7: "vehicle", 8: "animal", 10: "animal",
    12: "animal", 13: "animal", 14: "vehicle", 15: "person", 16: "plant", 17: "animal", 19: "vehicle",
}  # fmt: skip
"""Index of Pascal VOC's 21 classes -> name."""

THINGS = ("person", "animal", "vehicle", "boat", "flower", "food", "plant", "flag", "lamp")
"""What is cut out and pasted elsewhere to teach sharp edges."""


MERGED: dict[str, tuple[str, ...]] = {
    "sky": ("sky",),
    "water": ("water", "waterfall"),
    "vegetation": ("tree", "grass", "flower", "plant"),
    "ground": ("ground", "road", "sand", "floor"),
    "mountain": ("mountain", "rock"),
    "building": ("building", "wall", "ceiling", "window"),
    "person": ("person",),
    "animal": ("animal",),
    "vehicle": ("vehicle", "boat"),
    "things": ("furniture", "lamp", "cloth", "flag", "food"),
    "other": ("other",),
}
"""What moves alike: name -> classes. Teachers tell these apart well; the finer ones they often confuse."""


def merged_table() -> list[int]:
    """Merged class of each channel of the network."""
    return [next(i for i, members in enumerate(MERGED.values()) if name in members) for name in NAMES]


def ade_table() -> list[int]:
    """Channel of the network for each of ADE20K's 151 classes; what is in none is "other"."""
    table = [0] * 151
    for channel, members in enumerate(CLASSES.values()):
        for member in members:
            table[member] = channel
    return table
