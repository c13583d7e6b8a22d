"""The scene network that comes with the package: what it gives, and that it sees the plainest things."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stillmotion.errors import WeightsMissing
from stillmotion.media.image import read_photo
from stillmotion.models.scene import CLASSES, SceneNetwork, scene_network
from stillmotion.stages.analysis.scene import analyze
from stillmotion.training.scene.classes import NAMES

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_classes_are_those_it_was_trained_with() -> None:
    assert CLASSES == NAMES


@pytest.mark.parametrize("size", [(512, 512), (300, 64), (64, 640), (97, 131)])
def test_it_looks_at_pictures_of_every_shape(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 128, np.uint8)
    sight = scene_network().look(picture)
    assert sight.disparity.shape == sight.shares.shape[1:]
    assert sight.shares.shape[0] == len(CLASSES)
    assert np.isfinite(sight.disparity).all()
    assert np.abs(sight.shares.sum(axis=0) - 1).max() < 1e-3


def test_the_same_picture_is_seen_the_same() -> None:
    picture = read_photo(EXAMPLES / "coffee.jpg").pixels
    one, other = scene_network().look(picture), scene_network().look(picture)
    assert np.array_equal(one.disparity, other.disparity)


def test_a_mirrored_picture_is_seen_mirrored() -> None:
    picture = read_photo(EXAMPLES / "astronaut.jpg").pixels
    one, other = scene_network().look(picture), scene_network().look(np.ascontiguousarray(picture[:, ::-1]))
    assert np.abs(one.disparity - other.disparity[:, ::-1]).max() < 1e-3


def test_missing_weights_are_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="missing"):
        SceneNetwork(tmp_path / "scene.onnx")


def test_the_analysis_uses_it_and_says_so() -> None:
    scene = analyze(read_photo(EXAMPLES / "astronaut.jpg"), width=320, height=320)
    assert scene.depth_source == "scene-2"
    assert 0 < scene.confidence <= 1
