"""Faces and bodies of a scene: who is there, who is not, and what is written down of them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import WeightsMissing
from stillmotion.media.image import read_photo
from stillmotion.models.people_points import BODY, FACE
from stillmotion.models.scene import scene_network
from stillmotion.stages.analysis import people_seen
from stillmotion.stages.analysis.crop import choose_crop
from stillmotion.stages.analysis.overview import write_analysis
from stillmotion.stages.analysis.people_seen import find_people, heads_with_hair
from stillmotion.stages.analysis.scene import analyze, chosen_crop
from stillmotion.types import Photo, Scene, UInt8

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def photo() -> Photo:
    return read_photo(EXAMPLES / "astronaut.jpg")


@pytest.fixture(scope="module")
def scene(photo: Photo) -> Scene:
    return analyze(photo, width=512, height=512)


def test_the_astronaut_has_one_face_and_one_body_that_belong_together(scene: Scene) -> None:
    (face,) = scene.faces
    assert face.confidence > 0.5
    assert abs(face.turn_deg) < 15
    assert face.landmarks.shape == (FACE.count, 2)
    x, y, width, height = face.box
    assert 150 < x < 200 < 235 < x + width < 290
    assert 30 < y < 100 < 150 < y + height < 220
    (body,) = scene.bodies
    assert body.face == 0
    assert body.visibility[BODY.index("left_shoulder")] > 0.3


def test_people_are_written_down_with_the_names_of_their_points(scene: Scene, tmp_path: Path) -> None:
    found = write_analysis(scene, tmp_path)
    assert found["faces"] == [pytest.approx(scene.faces[0].confidence, abs=1e-3)]
    people = json.loads((tmp_path / "people.json").read_text())
    first, last = people["landmarks"]["right_eye"]
    eye = np.array(people["faces"][0]["landmarks"][first:last])
    assert np.abs(eye.mean(axis=0) - (197, 108)).max() < 12  # looked up in the photo
    assert people["points"] == list(BODY)
    assert len(people["bodies"][0]["points"]) == len(people["bodies"][0]["visibility"]) == 17
    assert people["size"] == [512, 512]


def test_two_people_have_two_faces(photo: Photo) -> None:
    half = photo.pixels[:, 60:420]
    faces, bodies = find_people(np.hstack([half, np.ascontiguousarray(half[:, ::-1])]), None)
    assert len(faces) == 2
    assert sorted(body.face for body in bodies if body.face is not None) == [0, 1]
    middles = sorted(face.box[0] + face.box[2] / 2 for face in faces)
    assert middles == pytest.approx([161, 559], abs=20)


def test_shoulders_are_found_below_a_face_without_a_mask_of_the_person(photo: Photo) -> None:
    _, (body,) = find_people(photo.pixels, None)
    left, right = (body.points[BODY.index(f"{side}_shoulder")] for side in ("left", "right"))
    assert 60 < right[0] < 150 < 270 < left[0] < 350  # looked up in the photo
    assert 170 < left[1] < 330


def test_what_is_cut_off_of_a_face_is_not_visible(photo: Photo) -> None:
    left = np.ascontiguousarray(photo.pixels[:, 225:])  # the middle of the face is at 221
    for face in find_people(left, None)[0]:
        outside = face.landmarks[:, 0] < 0
        assert (face.visibility[outside] == 0).all()


@pytest.mark.parametrize("name", ["noise", "stripes", "page", "gradient", "coffee", "rocket"])
def test_nobody_is_sure_to_be_where_nobody_is(name: str) -> None:
    rng = np.random.default_rng(0)
    page: UInt8 = np.full((400, 300, 3), 245, np.uint8)
    for row in range(30, 380, 18):
        cv2.putText(page, "some words of a text", (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    pictures = {
        "noise": rng.integers(0, 256, (240, 320, 3)).astype(np.uint8),
        "stripes": np.tile(np.array([[0], [255]], np.uint8).repeat(20, 0), (8, 300))[..., None].repeat(3, 2),
        "page": page,
        "gradient": np.linspace(0, 255, 300, dtype=np.uint8)[None, :, None].repeat(200, 0).repeat(3, 2),
    }
    picture = pictures[name] if name in pictures else read_photo(EXAMPLES / f"{name}.jpg").pixels
    faces, bodies = find_people(picture, scene_network().look(picture))
    assert all(face.confidence < 0.6 for face in faces)
    assert all(body.confidence < 0.6 for body in bodies)


@pytest.mark.parametrize(("width", "height"), [(512, 384), (640, 360), (800, 320)])
def test_no_crop_cuts_a_head_off(photo: Photo, width: int, height: int) -> None:
    ((_, y, _, high),) = heads_with_hair(photo.pixels)
    crop = chosen_crop(photo, width / height)
    assert crop.y <= max(y, 0) + 2
    assert crop.y + crop.height >= y + high - 2
    assert not heads_with_hair(np.full((90, 90, 3), 99, np.uint8))


def test_of_heads_that_do_not_fit_the_dearest_stays() -> None:
    even = np.ones((8, 8), np.float32)
    heads = ((300.0, 10.0, 80.0, 60.0), (20.0, 10.0, 80.0, 60.0))
    crop = choose_crop(even, photo_size=(400, 100), aspect=1.0, heads=heads)
    assert crop.x <= 300
    assert crop.x + crop.width >= 380


def test_of_a_head_larger_than_the_crop_the_middle_stays() -> None:
    crop = choose_crop(
        np.ones((8, 8), np.float32), photo_size=(100, 400), aspect=2.0, heads=((10.0, 20.0, 80.0, 90.0),)
    )
    assert 35 <= crop.y <= 45


def test_without_the_weights_nobody_is_seen(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise WeightsMissing("The weights are missing.", hint="Install again.")

    monkeypatch.setattr(people_seen, "people_networks", missing)
    assert find_people(photo.pixels, None) == ((), ())
