"""Samples of made worlds for the scene network: depth, edges and classes that are exact.

    Store ─▶ colour, depth in metres, classes ─▶ Sample, trusted everywhere

A photo's labels are a teacher's: smooth, wrong at edges and now and then altogether. Here both are known, so the edges
of depth, the perspective of ground and rooms and the order of things are learned from these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.scene.data import Sample
from stillmotion.training.worlds.store import Store, View

_NEAREST = 99.5  # percentile of disparity beyond which nearness is no longer told apart
_EIGHTH = 8


def sample_of(view: View) -> Sample:
    """A frame of a world as a labelled photo; sides are cut to multiples of eight."""
    height, width = (side // _EIGHTH * _EIGHTH for side in view.depth.shape)
    depth, label = view.depth[:height, :width], view.label[:height, :width]
    near = np.where(depth > 0, 1 / np.maximum(depth, 1e-3), 0).astype(np.float32)  # the sky is farthest
    near = np.minimum(near, np.percentile(near, _NEAREST))
    half = np.ascontiguousarray(near[1::2, 1::2]), np.ascontiguousarray(label[1::2, 1::2])
    told = (half[1] != NAMES.index("other")).astype(np.float32)  # what has no class of its own says nothing
    cells = label.reshape(height // _EIGHTH, _EIGHTH, width // _EIGHTH, _EIGHTH)
    shares = np.stack([(cells == k).mean(axis=(1, 3)) for k in range(len(NAMES))], axis=2)
    return Sample(
        np.ascontiguousarray(view.colour[:height, :width]), half[0], half[1], told, np.ones_like(half[0]),
        np.round(255 * shares).astype(np.uint8), exact=True,
    )  # fmt: skip


def samples_of(folder: Path) -> Iterator[Sample]:
    """The first frame of every sample of a folder of worlds; the windows of a house are part of it, as teachers say."""
    store = Store(folder)
    window, building = NAMES.index("window"), NAMES.index("building")
    for key in store.keys:
        view = store.view(key, 0)
        if store.about(key)["family"] == "streets":
            view = replace(view, label=np.where(view.label == window, building, view.label).astype(np.uint8))
        yield sample_of(view)
