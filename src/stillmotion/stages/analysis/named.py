"""A word, looked up among the parts that were found in the photo.

Knows the vocabulary and the scene's regions; it finds nothing new in the picture.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from stillmotion.errors import InputError
from stillmotion.types import Float32, Scene
from stillmotion.vocabulary import WIDER, canonical_label

_LEAST = 0.001  # share of the picture from which on a part counts as found
_THINGS = frozenset({"person", "animal", "vehicle", "boat", "balloon", "ball", "bird", "food", "flower"})
"""Labels that a photo's subject may carry: where no part has the name, the subject is taken for it, and it is said."""


def named(scene: Scene, word: str) -> tuple[Float32, str | None]:
    """The mask of what a word names in this photo, and a note where it is a guess.

    A wider part answers for a narrower one (sky for clouds) and narrower parts for a wider one (tree and grass for
    foliage).

    Returns:
        (H, W) float32 in [0, 1].

    Raises:
        InputError: it was not found; the message lists what was, with its share of the picture.
    """
    parts = _parts(scene)
    label = canonical_label(word) or word.strip().lower()
    if label in parts:
        return parts[label], None
    narrower = [mask for name, mask in parts.items() if WIDER.get(name) == label]
    if narrower:
        return _union(narrower), None
    wider = WIDER.get(label)
    if wider in parts and label != "hair":
        return parts[wider], f"'{word}' was not found by itself; it is taken to be the {wider}."
    if label in _THINGS and "subject" in parts:
        return parts["subject"], f"'{word}' is taken to be the subject of the photo."
    raise InputError(
        f"'{word}' was not found in this photo. Found: {_listed(parts)}.",
        hint="Use one of these names, or say where it is with a polygon, points or a brush mask.",
    )


def _parts(scene: Scene) -> dict[str, Float32]:
    """Label -> mask of everything found, the largest share first."""
    parts: dict[str, Float32] = {}
    for region in scene.regions:
        name = canonical_label(region.name) or region.name
        parts[name] = np.maximum(parts[name], region.mask) if name in parts else region.mask
    parts.setdefault("sky", scene.sky)
    parts["subject"] = scene.subject
    if float(scene.subject.mean()) >= _LEAST:
        parts.setdefault("background", (1 - scene.subject).astype(np.float32))
    found = {name: mask for name, mask in parts.items() if float(mask.mean()) >= _LEAST}
    return dict(sorted(found.items(), key=lambda item: -float(item[1].mean())))


def _union(masks: list[Float32]) -> Float32:
    return reduce(np.maximum, masks).astype(np.float32)


def _listed(parts: dict[str, Float32]) -> str:
    if not parts:
        return "nothing that has a name"
    return ", ".join(f"{name} ({_percent(float(mask.mean()))})" for name, mask in parts.items())


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"
