"""Holes are filled with what belongs there, and nothing else is touched."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.errors import WeightsMissing
from stillmotion.models.inpainter import WEIGHTS
from stillmotion.models.smooth import continued
from stillmotion.stages.generation.painting import learned
from stillmotion.stages.generation.painting.holes import find_holes
from stillmotion.stages.generation.painting.judge import judged, seam
from stillmotion.stages.generation.painting.learned import squares
from stillmotion.stages.generation.painting.paint import paint
from stillmotion.types import UInt8

WAYS = ("classical", *(("learned",) if WEIGHTS.is_file() else ()))


def stripes(height: int = 160, width: int = 240) -> UInt8:
    """Grass-like noise below, a smooth sky above, and a dark post."""
    rng = np.random.default_rng(2)
    picture = np.empty((height, width, 3), np.float32)
    picture[: height // 2] = np.linspace((90, 140, 220), (180, 200, 230), height // 2)[:, None]
    noise = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.0)
    picture[height // 2 :] = np.array([70, 120, 50]) + 60 * noise[height // 2 :, :, None]
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def box(shape: tuple[int, ...], top: int, bottom: int, left: int, right: int) -> np.ndarray:
    hole = np.zeros(shape[:2], np.bool_)
    hole[top:bottom, left:right] = True
    return hole


@pytest.mark.parametrize("way", WAYS)
def test_every_pixel_outside_the_hole_stays_bit_for_bit(way: str) -> None:
    picture = stripes()
    hole = box(picture.shape, 50, 110, 90, 140)
    done = paint(picture, hole, fill=way)  # type: ignore[arg-type]
    assert (done.picture[~hole] == picture[~hole]).all()
    assert [patch.way for patch in done.patches] == [way]


@pytest.mark.parametrize("way", WAYS)
def test_what_stands_in_a_hole_does_not_matter(way: str) -> None:
    picture = stripes()
    hole = box(picture.shape, 50, 110, 90, 140)
    other = picture.copy()
    other[hole] = (255, 0, 255)
    one, two = (paint(each, hole, fill=way).picture for each in (picture, other))  # type: ignore[arg-type]
    assert (one == two).all()


@pytest.mark.parametrize("way", WAYS)
def test_sky_is_painted_as_sky_and_grass_as_grass(way: str) -> None:
    picture = stripes()
    hole = box(picture.shape, 40, 120, 100, 130)
    made = paint(picture, hole, fill=way).picture.astype(np.float32)  # type: ignore[arg-type]
    assert np.abs(made[44:64, 100:130].mean(axis=(0, 1)) - picture[44:64].mean(axis=(0, 1))).max() < 25
    assert np.abs(made[96:116, 100:130].mean(axis=(0, 1)) - picture[96:116].mean(axis=(0, 1))).max() < 25


def test_patches_have_the_grain_of_what_they_continue() -> None:
    picture = stripes()
    hole = box(picture.shape, 100, 140, 90, 150)
    made = paint(picture, hole, fill="classical").picture.astype(np.float32)
    assert made[hole].std() > 0.6 * picture[90:150].astype(np.float32).std()


def test_beyond_the_frame_a_pattern_goes_on() -> None:
    tile = np.zeros((20, 20, 3), np.uint8)
    tile[:10, :10] = tile[10:, 10:] = 220
    picture = np.tile(tile, (8, 12, 1))
    hole = box(picture.shape, 0, 160, 200, 240)
    made = paint(picture, hole, fill="classical").picture.astype(np.float32)
    assert np.abs(made - picture)[hole].mean() < 45  # nothing known of it would be 110
    assert made[hole].std() > 80


def test_a_thing_in_front_does_not_bleed_into_what_is_behind_it() -> None:
    picture = stripes()
    cover = box(picture.shape, 0, 160, 120, 180)
    picture[cover] = (230, 20, 20)
    hole = box(picture.shape, 20, 140, 105, 120)
    for way in WAYS:
        made = paint(picture, hole, cover=cover, fill=way).picture.astype(np.float32)  # type: ignore[arg-type]
        redness = (made[..., 0] - made[..., 2])[hole]
        assert float(np.percentile(redness, 90)) < 60
        assert (made[cover] == (230, 20, 20)).all()


@pytest.mark.parametrize("way", WAYS)
def test_a_hole_deep_behind_something_wide_is_not_black(way: str) -> None:
    picture = np.full((400, 900, 3), 200, np.uint8)
    cover = box(picture.shape, 0, 400, 0, 880)  # only a strip far away is known
    hole = box(picture.shape, 180, 260, 100, 240)
    picture[cover] = 30
    made = paint(picture, hole, cover=cover & ~hole, fill=way).picture  # type: ignore[arg-type]
    assert made[hole].min() > 150


def test_a_hole_that_borders_on_nothing_known_has_the_callers_fill() -> None:
    picture = np.full((300, 300, 3), 200, np.uint8)
    hole, cover = box(picture.shape, 100, 160, 100, 160), box(picture.shape, 60, 200, 60, 200)
    own = np.full_like(picture, 90)
    done = paint(picture, hole, cover=cover & ~hole, fill="classical", own=("mine", own))
    assert (done.picture[hole] == 90).all()
    assert done.patches[0].way == "mine"


def test_what_is_dear_is_not_seen_twice() -> None:
    picture = stripes()
    face = box(picture.shape, 100, 130, 200, 230)
    picture[face] = (250, 180, 140)
    hole = box(picture.shape, 95, 135, 40, 90)
    made = paint(picture, hole, dear=face, fill="classical").picture.astype(np.float32)
    assert ((made[..., 0] > 200)[hole]).mean() < 0.02


def test_the_same_holes_are_painted_the_same_again() -> None:
    picture = stripes()
    hole = box(picture.shape, 50, 110, 90, 140)
    assert (paint(picture, hole).picture == paint(picture, hole).picture).all()


def test_many_specks_are_few_holes() -> None:
    hole = np.zeros((200, 300), np.bool_)
    hole[::12, ::12] = True
    found = find_holes(hole)
    assert 0 < len(found) <= 24
    assert sum(int(each.inside.sum()) for each in found) == int(hole.sum())


def test_nothing_to_paint_and_nothing_to_go_on_from_leave_the_picture_as_it_is() -> None:
    picture = stripes()
    for hole in (np.zeros(picture.shape[:2], np.bool_), np.ones(picture.shape[:2], np.bool_)):
        done = paint(picture, hole)
        assert (done.picture == picture).all()
        assert done.patches == ()


def test_a_hole_at_the_rim_of_a_tiny_picture_is_painted() -> None:
    picture = stripes(20, 24)
    hole = box(picture.shape, 0, 20, 0, 9)
    for way in WAYS:
        assert paint(picture, hole, fill=way).patches[0].way == way  # type: ignore[arg-type]


def test_the_judge_prefers_the_truth_to_a_smear_and_to_a_hard_edge() -> None:
    picture = stripes()
    hole = box(picture.shape, 60, 120, 90, 140)
    true = picture.astype(np.float32)
    smear = np.where(hole[..., None], continued(true, (~hole).astype(np.float32)), true).astype(np.float32)
    edge = np.where(hole[..., None], np.clip(true + 60, 0, 255), true).astype(np.float32)
    best, *others = (judged("classical", each, hole, ~hole).score for each in (true, smear, edge))
    assert best < min(others)
    assert seam(edge, hole, ~hole) > 2 > 1.3 > seam(true, hole, ~hole)


def test_squares_cover_a_long_hole_and_are_few() -> None:
    hole = box((1000, 1600), 100, 900, 700, 740)
    side, corners = squares(hole, looks=4)
    assert 1 < len(corners) <= 4
    seen = np.zeros_like(hole)
    for top, left in corners:
        seen[max(top, 0) : top + side, max(left, 0) : left + side] = True
    assert (seen | ~hole).all()


def test_without_weights_holes_are_filled_classically_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise WeightsMissing("The weights inpainter.onnx are missing.")

    monkeypatch.setattr(learned, "inpainter", missing)
    picture = stripes()
    hole = box(picture.shape, 50, 110, 90, 140)
    done = paint(picture, hole)
    assert [patch.way for patch in done.patches] == ["classical"]
    assert "inpainter.onnx" in done.notes[0]
    with pytest.raises(WeightsMissing):
        paint(picture, hole, fill="learned")


def test_damaged_weights_are_named_with_their_hash(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    damaged = tmp_path / "inpainter.onnx"
    damaged.write_bytes(b"not a network")
    monkeypatch.setattr(learned, "WEIGHTS", damaged)
    monkeypatch.setattr(learned, "inpainter", lambda: learned.Inpainter(damaged))
    with pytest.raises(WeightsMissing, match=r"damaged \(sha256 [0-9a-f]{16}"):
        learned.network()
