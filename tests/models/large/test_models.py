"""Every kind of larger model is loaded from a real checkpoint and gives maps that fit the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.models.large.checkpoint import find_checkpoint
from stillmotion.models.large.depth import DepthModel
from stillmotion.models.large.kinds import check_depth, region_purpose
from stillmotion.models.large.sam import Ask, Outliner
from stillmotion.models.large.segmentation import Segmenter
from stillmotion.models.large.words import WordBoxes, WordMasks
from stillmotion.types import UInt8

Tiny = Callable[[str], Path]
H, W = 90, 150


@pytest.fixture(scope="module")
def picture() -> UInt8:
    rows, columns = np.mgrid[0:H, 0:W]
    flat = np.stack([rows * 2, columns, (rows * columns) % 256], axis=-1)
    return np.clip(flat, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("kind", "sense"),
    [("depth_anything", "nearness"), ("depth_anything_metres", "metres"), ("dpt", "unknown"), ("zoedepth", "metres")],
)
def test_a_model_of_depth_gives_a_map_of_the_picture_the_same_each_time(
    kind: str, sense: str, tiny: Tiny, picture: UInt8
) -> None:
    model = DepthModel(find_checkpoint(str(tiny(kind))), device="cpu")
    relief = model.look(picture)
    assert relief.sense == sense
    assert relief.values.shape == (H, W)
    assert np.isfinite(relief.values).all()
    np.testing.assert_array_equal(relief.values, model.look(picture).values)


@pytest.mark.parametrize(
    ("kind", "names"),
    [("segformer", ("sky-other-merged", "sea", "potted plant")), ("mask2former", ("sky", "water", "wall-brick"))],
)
def test_a_model_that_names_parts_gives_shares_of_its_classes(
    kind: str, names: tuple[str, ...], tiny: Tiny, picture: UInt8
) -> None:
    seen = Segmenter(find_checkpoint(str(tiny(kind))), device="cpu").look(picture)
    assert seen.names == names
    assert seen.shares.shape[0] == len(names)
    assert 0 <= seen.shares.min() <= seen.shares.max() <= 1
    assert seen.shares.shape[2] >= seen.shares.shape[1]


def test_clipseg_gives_a_mask_that_depends_on_the_words(tiny: Tiny, picture: UInt8) -> None:
    model = WordMasks(find_checkpoint(str(tiny("clipseg"))), device="cpu")
    red, sky = model.find(picture, "red cup"), model.find(picture, "sky")
    assert red.ndim == 2
    assert 0 <= red.min() <= red.max() <= 1
    assert np.abs(red - sky).max() > 1e-6


@pytest.mark.parametrize("kind", ["grounding_dino", "owlv2"])
def test_boxes_of_words_lie_in_the_picture_surest_first(
    kind: str, tiny: Tiny, picture: UInt8, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stillmotion.models.large.words._LEAST", {"grounding-dino": 0.0, "owlv2": 0.0})
    boxes = WordBoxes(find_checkpoint(str(tiny(kind))), device="cpu").find(picture, "Red cup.")
    assert boxes
    assert [box.score for box in boxes] == sorted((box.score for box in boxes), reverse=True)
    for box in boxes:
        assert 0 <= box.left < box.right <= W
        assert 0 <= box.top < box.bottom <= H


@pytest.mark.parametrize("kind", ["sam", "sam2"])
def test_an_outline_is_of_the_size_of_the_picture_and_follows_what_is_asked(
    kind: str, tiny: Tiny, picture: UInt8
) -> None:
    model = Outliner(find_checkpoint(str(tiny(kind))), device="cpu")
    asks = [
        Ask(box=(10, 10, 60, 70), inside=((30.0, 40.0),), outside=()),
        Ask(box=(90, 10, 140, 70), inside=(), outside=()),
        Ask(box=None, inside=((30.0, 40.0), (35.0, 45.0)), outside=((140.0, 5.0),)),
    ]
    masks = [model.outline(picture, ask) for ask in asks]
    for mask, sure in masks:
        assert mask.shape == (H, W)
        assert 0 <= mask.min() <= mask.max() <= 1
        assert 0 <= sure <= 1
    assert np.abs(masks[0][0] - masks[1][0]).max() > 0
    np.testing.assert_array_equal(masks[0][0], model.outline(picture, asks[0])[0])


def test_a_picture_is_prepared_for_sam_as_its_own_processor_prepares_it(tiny: Tiny, picture: UInt8) -> None:
    transformers = pytest.importorskip("transformers")
    sizes = {"longest_edge": 64}
    official = transformers.SamImageProcessor if hasattr(transformers, "SamImageProcessor") else None
    if official is None or "Pil" not in type(official(size=sizes)).__name__:
        official = getattr(transformers, "SamImageProcessorPil", official)
    theirs = official(size=sizes, pad_size={"height": 64, "width": 64})(picture, return_tensors="np")["pixel_values"]
    ours = Outliner(find_checkpoint(str(tiny("sam"))), device="cpu")._prepared(picture)
    assert ours.shape == theirs.shape == (1, 3, 64, 64)
    assert np.abs(ours - theirs).mean() < 0.12  # another filter of enlargement; what is padded is the same
    assert (ours[0, :, 40:] == 0).all()


def test_models_are_sorted_by_what_they_are_good_for(tiny: Tiny) -> None:
    found = {kind: find_checkpoint(str(tiny(kind))) for kind in ("sam2", "clipseg", "owlv2", "segformer", "dpt")}
    assert [region_purpose(found[kind]) for kind in ("sam2", "clipseg", "owlv2", "segformer")] == [
        "outlines", "masks", "boxes", "parts",
    ]  # fmt: skip
    with pytest.raises(InputError, match="finds no regions"):
        region_purpose(found["dpt"])
    with pytest.raises(InputError, match="gives no depth"):
        check_depth(found["clipseg"])
