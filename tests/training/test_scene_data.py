"""What the scene network is fed: labels stay on their pictures through every change."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.training.scene.classes import CLASSES, NAMES, ade_table
from stillmotion.training.scene.data import Sample, augmented, batch_of, blob, pasted


def _sample(seed: int = 0) -> Sample:
    """A picture whose red is its disparity and whose green is its class."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((8, 10)).astype(np.float32)
    disparity = np.kron(coarse, np.ones((20, 20), np.float32))
    classes = (np.kron(coarse, np.ones((20, 20))) * 20).astype(np.uint8)
    full = np.kron(coarse, np.ones((40, 40), np.float32))
    rgb = np.stack([255 * full, np.floor(full * 20) * 10, 0 * full], axis=2).astype(np.uint8)
    one = np.ones_like(disparity)
    level = np.kron(coarse, np.ones((5, 5), np.float32))
    shares = np.dstack([255 * level] + [255 * (1 - level) / 6] * 6)
    return Sample(rgb, disparity, classes, one, one, np.round(shares).astype(np.uint8), exact=False)


@pytest.mark.parametrize("seed", range(6))
def test_labels_stay_on_their_picture(seed: int) -> None:
    out = augmented(_sample(), (256, 320), np.random.default_rng(seed))
    assert out.rgb.shape == (256, 320, 3)
    red = out.rgb[::2, ::2, 0].astype(np.float32) / 255
    assert np.median(np.abs(red - out.disparity)) < 0.03
    coarse = cv2.resize(red, (40, 32), interpolation=cv2.INTER_AREA)
    assert np.median(np.abs(coarse - out.shares[..., 0] / 255)) < 0.03


def test_what_is_pasted_is_nearer_than_what_it_covers() -> None:
    under = _sample(1)
    out = pasted(under, _sample(2), np.random.default_rng(3))
    changed = out.disparity != under.disparity
    assert 0.005 < changed.mean() < 0.6
    assert np.percentile(out.disparity[changed], 20) > np.percentile(under.disparity[changed], 80)


def test_a_blob_is_neither_nothing_nor_everything() -> None:
    for seed in range(10):
        share = blob((128, 160), np.random.default_rng(seed)).mean()
        assert 0.003 < share < 0.7


def test_a_batch_has_the_shapes_of_the_network() -> None:
    batch = batch_of([_sample(i) for i in range(3)], (256, 320), np.random.default_rng(0))
    assert batch["rgb"].shape == (3, 3, 256, 320)
    assert batch["rgb"].dtype == np.float32
    assert batch["disparity"].shape == batch["classes"].shape == (3, 128, 160)
    assert batch["shares"].shape == (3, 32, 40, 7)
    assert np.allclose(batch["shares"].sum(axis=3), 1, atol=0.03)


def test_every_class_of_the_teacher_has_one_place() -> None:
    table = ade_table()
    assert len(table) == 151
    members = [member for group in CLASSES.values() for member in group]
    assert len(members) == len(set(members))
    assert max(table) == len(NAMES) - 1
