"""Photographs on made things: tiles without a seam, nothing held back slips in, only looks change."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.training.worlds.meshes.solids import box, wall
from stillmotion.training.worlds.records import Material, Sky, Thing, World, fixed
from stillmotion.training.worlds.textures import SIDE, Bank, dress, evenness, gather, held_back, softened, without_seams


def speckled(rng: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """Detail everywhere, under light that falls off to one side."""
    rough = cv2.GaussianBlur(rng.normal(0, 60, (side, side, 3)), (0, 0), 1.5) * 2
    return np.clip(rough + np.linspace(60, 190, side)[:, None], 0, 255).astype(np.uint8)


@pytest.fixture
def bank() -> Bank:
    rng = np.random.default_rng(0)
    tiles = rng.integers(0, 255, (4, SIDE, SIDE, 3), dtype=np.uint8)
    return Bank(tiles, tiles[:2], np.ones(2, np.float32), ("a/1.jpg",))


def test_the_rims_of_a_tile_fit_each_other_as_well_as_its_inside_does() -> None:
    patch = speckled(np.random.default_rng(1))
    tile = without_seams(patch).astype(float)
    across_rim = np.abs(tile[:, 0] - tile[:, -1]).mean()
    down_rim = np.abs(tile[0] - tile[-1]).mean()
    inside = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(patch[0].astype(float) - patch[-1]).mean() > 3 * inside  # the light had a seam
    assert max(across_rim, down_rim) < 1.3 * inside


def test_a_tile_keeps_the_contrast_of_its_photograph() -> None:
    patch = speckled(np.random.default_rng(2))
    fine = [
        x - cv2.GaussianBlur(x, (0, 0), 6) for x in (patch.astype(np.float32), without_seams(patch).astype(np.float32))
    ]
    assert fine[1].std() == pytest.approx(fine[0].std(), rel=0.12)


def test_detail_everywhere_is_preferred_to_one_thing_on_plain_ground() -> None:
    even = speckled(np.random.default_rng(3))
    lonely = np.full_like(even, 120)
    lonely[40:100, 40:100] = even[40:100, 40:100]
    assert evenness(even) > evenness(lonely) > evenness(np.full_like(even, 120)) - 1


def test_a_bank_never_shares_a_photograph_with_the_one_that_is_held_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    (tmp_path / "general").mkdir()
    for k in range(24):
        cv2.imwrite(str(tmp_path / "general" / f"{k:03d}.jpg"), speckled(rng, 300))
    learn, held = (gather(tmp_path, held=held, tiles=40, wholes=40) for held in (False, True))
    assert not set(learn.sources) & set(held.sources)
    assert all(held_back(name) for name in held.sources)
    assert len(learn.sources) + len(held.sources) == 24


def test_a_bank_reads_back_as_it_was_saved(bank: Bank, tmp_path: Path) -> None:
    bank.save(tmp_path / "bank.npz")
    again = Bank.load(tmp_path / "bank.npz")
    assert np.array_equal(again.tiles, bank.tiles)
    assert again.sources == bank.sources


def test_a_folder_without_photographs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No photographs"):
        gather(tmp_path, held=False)


def test_a_picture_frame_gets_a_photograph_and_geometry_stays(bank: Bank) -> None:
    things = (
        Thing(mesh=wall(1, 1), material=Material(once=True), label="other", places=fixed(np.eye(4))),
        Thing(mesh=box(1, 1, 1), material=Material(water=True), label="water", places=fixed(np.eye(4))),
    )
    world = World(family="rooms", seed=0, things=things, sky=Sky(), pivot=1.0, eye=1.0)
    dressed = dress(world, bank, np.random.default_rng(0))
    assert dressed.things[0].material.texture is not None
    assert dressed.things[1].material == things[1].material
    assert all(a.mesh is b.mesh and a.label == b.label for a, b in zip(dressed.things, things, strict=True))


def test_the_same_numbers_dress_a_world_in_the_same_way(bank: Bank) -> None:
    things = tuple(
        Thing(mesh=box(1, 1, 1), material=Material(pattern="rock"), label="rock", places=fixed(np.eye(4)))
        for _ in range(20)
    )
    world = World(family="coast", seed=0, things=things, sky=Sky(), pivot=1.0, eye=1.0)
    one, other = (dress(world, bank, np.random.default_rng(5)) for _ in range(2))
    carried = [thing.material.texture for thing in one.things]
    assert any(each is not None for each in carried)
    for a, b in zip(carried, (thing.material.texture for thing in other.things), strict=True):
        assert (a is None) == (b is None)
        assert a is None or np.array_equal(a, b)


def test_a_softened_tile_keeps_its_mean_and_loses_its_colour() -> None:
    tile = speckled(np.random.default_rng(6))
    soft = softened(tile, 0.3, 0.0)
    assert soft.mean() == pytest.approx(tile.mean(), abs=1)
    assert np.ptp(soft.astype(int), axis=2).max() <= 1
    assert soft.std() < 0.5 * tile.std()
