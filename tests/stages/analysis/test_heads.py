"""Heads: one distance from ear to ear, and what is beside them stays behind."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.media.image import read_photo
from stillmotion.stages.analysis.heads import find_heads_of, hold_heads
from stillmotion.stages.analysis.scene import analyze
from stillmotion.types import Float32, Scene

ASTRONAUT = Path(__file__).parents[3] / "src" / "stillmotion" / "demo" / "astronaut.jpg"


@pytest.fixture(scope="module")
def scene() -> Scene:
    return analyze(read_photo(ASTRONAUT), width=512, height=512)


def _around(field: Float32, x: int, y: int) -> float:
    return float(np.median(field[y - 2 : y + 3, x - 2 : x + 3]))


def test_hair_at_both_sides_is_as_far_as_the_face(scene: Scene) -> None:
    near = 1 / scene.depth
    face = _around(near, 226, 110)
    for x, y in ((168, 85), (226, 35), (286, 85)):  # hair: left, top, right
        assert abs(_around(near, x, y) - face) < 0.03


def test_the_wall_between_jaw_and_collar_is_as_far_as_the_wall(scene: Scene) -> None:
    near = 1 / scene.depth
    wall, face = _around(near, 320, 60), _around(near, 226, 110)
    for x, y in ((280, 160), (322, 165), (140, 150)):
        assert _around(near, x, y) - wall < 0.4 * (face - wall)


def test_the_wall_above_a_head_does_not_come_along(scene: Scene) -> None:
    near = 1 / scene.depth
    face, above = _around(near, 226, 110), _around(near, 250, 4)
    assert face - above > 0.1


def test_the_same_photo_gives_the_same_depth(scene: Scene) -> None:
    again = analyze(read_photo(ASTRONAUT), width=512, height=512)
    assert (again.depth == scene.depth).all()


def test_where_there_is_no_face_there_is_no_head() -> None:
    nobody = np.zeros((60, 80), np.float32)
    assert find_heads_of((), np.zeros((60, 80, 3), np.uint8), nobody, 1.0) is None


def test_a_face_too_small_to_part_is_left_alone(scene: Scene) -> None:
    rgb = np.asarray(cv2.resize(scene.photo, (384, 384), interpolation=cv2.INTER_AREA), np.uint8)
    assert find_heads_of(scene.faces, rgb, np.ones((384, 384), np.float32), 0.05) is None


def test_a_leaning_map_becomes_level_within_the_head_only(scene: Scene) -> None:
    rgb = np.asarray(cv2.resize(scene.photo, (384, 384), interpolation=cv2.INTER_AREA), np.uint8)
    person = next(r.mask for r in scene.regions if r.name == "person")
    person = np.asarray(cv2.resize(person, (384, 384), interpolation=cv2.INTER_AREA), np.float32)
    heads = find_heads_of(scene.faces, rgb, person, 0.75)
    assert heads is not None
    leaning = np.linspace(0.3, 0.7, 384, dtype=np.float32)[None, :].repeat(384, axis=0)
    held = hold_heads(leaning, heads, person)
    inside, untouched = heads.head > 0.95, (heads.head == 0) & (heads.behind == 0)
    assert float(np.ptp(held[inside])) < 0.06 < float(np.ptp(leaning[inside]))
    assert np.allclose(held[untouched], leaning[untouched])
