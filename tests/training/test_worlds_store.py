"""Worlds on disk: what the codes lose, shards, samples by number, and packs."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.training.worlds import codes
from stillmotion.training.worlds.make import Task, chosen, make_shard, tasks_of
from stillmotion.training.worlds.pack import pack, weights_of
from stillmotion.training.worlds.samples import FAMILIES, HELD_FAMILIES, Wanted, made
from stillmotion.training.worlds.store import Store, write_shard
from stillmotion.training.worlds.textures import gather

SMALL = (80, 64)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two folders of noisy pictures, with credits."""
    rng, rows = np.random.default_rng(0), [["file", "width", "height", "licence", "credit"]]
    for folder in ("barns", "ships"):
        (tmp_path / "photos" / folder).mkdir(parents=True)
        for k in range(12):
            picture = cv2.resize(rng.integers(0, 256, (70, 90, 3), np.uint8), (540, 520))
            cv2.imwrite(str(tmp_path / "photos" / folder / f"{k}.png"), picture)
            rows.append([f"{folder}/{k}.png", "540", "520", "CC0-1.0", f"the {folder} club"])
    with (tmp_path / "photos" / "credits.csv").open("w") as file:
        csv.writer(file).writerows(rows)
    return tmp_path / "photos"


def test_stored_depth_is_within_an_eighth_of_a_thousandth_and_the_sky_stays_the_sky() -> None:
    depth = np.geomspace(0.02, 9e4, 64 * 48, dtype=np.float32).reshape(48, 64)
    depth[:4] = 0
    back = codes.depth_in(codes.depth_out(depth))
    assert (back[:4] == 0).all()
    assert np.abs(back[4:] / depth[4:] - 1).max() < 1.25e-4


def test_stored_flow_is_within_a_sixtyfourth_of_a_pixel_and_says_what_is_hidden_or_too_far() -> None:
    flow = np.random.default_rng(0).normal(0, 90, (48, 64, 2)).astype(np.float32)
    flow[0, 0] = (1e6, 0)
    hidden = np.zeros((48, 64), bool)
    hidden[5, 7] = True
    back, bits = codes.flow_in(codes.flow_out(flow, hidden))
    assert np.abs(back - flow)[bits & codes.BEYOND == 0].max() <= 1 / 64
    assert bits[0, 0] == codes.BEYOND
    assert bits[5, 7] == codes.HIDDEN
    assert (bits != 0).sum() == 2


def test_objects_and_classes_come_back_exactly_and_too_many_objects_are_refused() -> None:
    rng = np.random.default_rng(0)
    ident = rng.integers(0, 65536, (8, 9)).astype(np.int32)
    label, other = (rng.integers(0, 27, (8, 9)).astype(np.uint8) for _ in range(2))
    share = rng.choice([0.25, 0.5, 0.75, 1.0], (8, 9)).astype(np.float32)
    assert (codes.idents_in(codes.idents_out(ident)) == ident).all()
    a, b, c = codes.classes_in(codes.classes_out(label, other, share))
    assert (a == label).all()
    assert (b == other).all()
    assert np.abs(c - share).max() < 0.003
    with pytest.raises(InputError, match="65,535"):
        codes.idents_out(ident + 70000)


def test_a_sample_of_two_frames_is_read_as_it_was_made_and_is_the_same_when_made_again(tmp_path: Path) -> None:
    wanted = Wanted(family="occluders", kind="clip", number=3, seed=0, size=SMALL, frames=2)
    files, spent, frames = made(wanted, None)
    write_shard(tmp_path / "one.tar", [files])
    write_shard(tmp_path / "two.tar", [made(wanted, None)[0]])
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    assert frames == 2
    assert spent.draw > 0
    store = Store(tmp_path / "one.tar")
    about, first, last = store.about(wanted.key), store.view(wanted.key, 0), store.view(wanted.key, 1)
    assert store.frames(wanted.key) == 2
    assert first.colour.shape == (64, 80, 3)
    assert first.backward is None
    assert first.forward is not None
    assert last.forward is None
    assert about["sentence"].endswith(".")
    assert np.shape(about["world_to_camera"]) == (2, 4, 4)
    assert about["plan"]["canvas"]["width"] == 80
    assert {str(number) for number in np.unique(first.ident)} <= set(about["labels"])


def test_shards_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    before = tasks_of(("rooms", "table"), {"still": 40, "clip": 2}, seed=0, out=tmp_path)
    assert len(before) == 6
    before[0].path.touch()
    assert tasks_of(("rooms", "table"), {"still": 40, "clip": 2}, seed=0, out=tmp_path) == before[1:]


def test_a_shard_tells_what_it_cost_and_wears_photographs(tmp_path: Path, photos: Path) -> None:
    gather(photos, held=False, tiles=6, wholes=6).save(tmp_path / "textures.npz")
    task = Task(family="occluders", kind="still", index=0, count=1, seed=5, out=tmp_path)
    line = make_shard(task, tmp_path / "textures.npz")
    assert line["samples"] == 1
    assert line["bytes"] == task.path.stat().st_size
    assert Store(tmp_path).keys == ("occluders-still-5-000000",)


def test_families_of_the_test_set_are_refused_for_training() -> None:
    assert set(chosen("all", held=False)) == set(FAMILIES) - set(HELD_FAMILIES)
    assert chosen("all", held=True) == FAMILIES
    with pytest.raises(InputError, match="kept for the test set"):
        chosen(HELD_FAMILIES[0], held=False)
    with pytest.raises(InputError, match="no family 'moon'"):
        chosen("moon", held=True)


def test_a_pack_fits_its_size_and_names_who_the_pictures_are_by(tmp_path: Path, photos: Path) -> None:
    files = [(f"rooms-still-0-{k:06d}.json", json.dumps({"k": k}).encode() * 900) for k in range(40)]
    (tmp_path / "worlds").mkdir()
    write_shard(tmp_path / "worlds" / "rooms.tar", [[each] for each in files])
    out = tmp_path / "pack.tar"
    half = {"photos": 0.5, "worlds": 0.5}
    counts = pack(out, 150_000, half, photos=photos, clips=None, worlds=tmp_path / "worlds", side=96, seed=0)
    assert 100_000 < out.stat().st_size <= 150_000
    assert min(counts.values()) > 2
    with tarfile.open(out) as tar:
        names = tar.getnames()
        rows = list(csv.DictReader(io.TextIOWrapper(tar.extractfile("credits.csv"))))  # type: ignore[arg-type]
    assert sum(name.startswith("photo-") for name in names) == counts["photos"] == len(rows)
    assert {row["credit"] for row in rows} == {"the barns club", "the ships club"}


@pytest.mark.parametrize("text", ["photos", "photos=much", "stars=1", "clips=-1"])
def test_weights_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        weights_of(text)
