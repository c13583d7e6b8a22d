"""The shard beside the tests: what it says of depth, flow and camera agrees with geometry."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.worlds.samples import FAMILIES
from stillmotion.training.worlds.store import Store

SAMPLE = Path(__file__).parents[1] / "data" / "worlds" / "sample.tar"
AT_REST = ("wall", "floor", "ceiling", "furniture", "ground", "road", "building", "rock", "mountain")


@pytest.fixture(scope="module")
def store() -> Store:
    return Store(SAMPLE)


def keys(store: Store, kind: str) -> list[str]:
    return [key for key in store.keys if f"-{kind}-" in key]


def test_every_family_is_there_still_and_moving(store: Store) -> None:
    for kind in ("still", "clip"):
        assert {key.split("-")[0] for key in keys(store, kind)} == set(FAMILIES)
    assert SAMPLE.stat().st_size < 8e6


def test_depths_and_classes_are_ones_that_exist(store: Store) -> None:
    for key in store.keys:
        view = store.view(key)
        assert view.colour.shape[:2] == view.depth.shape == view.label.shape
        assert np.isfinite(view.depth).all()
        assert (view.depth >= 0).all()
        assert max(view.label.max(), view.other.max()) < len(NAMES)
        assert ((view.depth == 0) == (view.label == NAMES.index("sky"))).mean() > 0.995
        assert 0.25 <= view.coverage.min() <= view.coverage.max() == 1


@pytest.mark.parametrize("family", ["rooms", "streets", "mountains"])
def test_what_stands_still_moves_through_the_picture_as_camera_and_depth_say(store: Store, family: str) -> None:
    for key in (k for k in store.keys if k.startswith(family)):
        about, n = store.about(key), store.frames(key)
        for k, then in pairwise(range(n)):
            view = store.view(key, k)
            assert view.forward is not None
            at_rest = np.isin(view.label, [NAMES.index(name) for name in AT_REST]) & (view.coverage == 1)
            expected = reprojected(view.depth, about, k, then)
            apart = np.hypot(*np.moveaxis(expected - view.forward[0], -1, 0))[at_rest & (view.depth > 0)]
            assert np.median(apart) < 0.03  # pixels: what the files round to
            assert np.percentile(apart, 90) < 0.3


def reprojected(depth: np.ndarray, about: dict, now: int, then: int) -> np.ndarray:
    """Flow (H, W, 2) of a world at rest, from depth and the two cameras."""
    height, width = depth.shape
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    across = [1 / np.tan(np.radians(about["fov_deg"][k]) / 2) for k in (now, then)]
    x, y = 2 * columns / width - 1, 2 * rows / height - 1
    rays = np.stack([x / across[0], y / (across[0] * width / height), np.ones_like(x)], axis=-1)
    there, here = (np.array(about["world_to_camera"][k]) for k in (then, now))
    way = there @ np.linalg.inv(here)
    seen = (rays * depth[..., None]) @ way[:3, :3].T + way[:3, 3]
    z = np.maximum(seen[..., 2], 1e-6)
    to_x = (seen[..., 0] / z * across[1] + 1) * width / 2
    to_y = (seen[..., 1] / z * across[1] * width / height + 1) * height / 2
    return np.stack([to_x - columns, to_y - rows], axis=-1)


def test_flow_takes_the_frames_of_clips_nearer_to_the_next_ones(store: Store) -> None:
    apart = []  # with flow, without
    for key in keys(store, "clip"):
        for k, then in pairwise(range(store.frames(key))):
            view, after = store.view(key, k), store.colour(key, then).astype(np.float32)
            assert view.forward is not None
            flow, bits = view.forward
            rows, columns = np.mgrid[0 : flow.shape[0], 0 : flow.shape[1]].astype(np.float32)
            back = cv2.remap(after, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR)
            mine = view.colour.astype(np.float32)
            apart.append([np.abs(each - mine)[bits == 0].mean() for each in (back, after)])
    with_flow, without = np.array(apart).T
    assert (with_flow < without + 0.5).all()  # a camera at rest: only noise and what mirrors
    assert with_flow.sum() < 0.6 * without.sum()  # the rest is noise of the camera, and water that mirrors


def test_each_clip_tells_its_plan_in_words(store: Store) -> None:
    for key in keys(store, "clip"):
        about = store.about(key)
        assert about["sentence"].startswith("The camera")
        assert about["plan"]["canvas"]["fps"] > 0
        assert len(about["times"]) == store.frames(key) == len(about["world_to_camera"])
