"""The networks of people that come with the package: faces and bodies are where people see them, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stillmotion.errors import WeightsMissing
from stillmotion.media.image import read_photo
from stillmotion.models.crops import cut, inverse, moved, square_matrix
from stillmotion.models.people import PeopleNetworks, people_networks, read_heat
from stillmotion.models.people_points import BODY, FACE, eyes_and_mouth, turn_of, upright_square
from stillmotion.types import Float64, UInt8

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def portrait() -> UInt8:
    return read_photo(EXAMPLES / "astronaut.jpg").pixels


def test_a_crop_shows_what_its_square_holds_and_points_come_back() -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[80:84, 150:154] = 255
    for size in (40, 120):
        matrix = square_matrix((160.0, 90.0), 60.0, 0.4, size)
        crop = cut(picture, matrix, (size, size))
        y, x = np.argwhere(crop[..., 0] > crop.max() / 2).mean(axis=0) + 0.5
        back = moved(np.array([x, y]), inverse(matrix))
        assert np.abs(back - (152, 82)).max() < 0.7


def test_a_crop_outside_of_the_picture_is_black() -> None:
    picture = np.full((50, 50, 3), 200, np.uint8)
    assert cut(picture, square_matrix((500.0, 20.0), 30.0, 0.0, 32), (32, 32)).max() == 0


def test_heat_is_read_between_its_cells() -> None:
    rows, columns = np.mgrid[0:32, 0:32] + 0.5
    heat = 0.8 * np.exp(-0.5 * ((rows - 10.3) ** 2 + (columns - 20.8) ** 2) / 1.2**2)
    points, high = read_heat(heat[None].astype(np.float32))
    assert np.abs(points[0] - (4 * 20.8, 4 * 10.3)).max() < 0.8
    assert high[0] == pytest.approx(0.8, abs=0.05)


def _face(turn: float) -> Float64:
    """Points of a face that is nothing but eyes and a mouth, turned."""
    points = np.zeros((FACE.count, 2))
    for name, at in (("right_iris", (-30, -20)), ("left_iris", (30, -20)), ("outer_lips", (0, 30))):
        points[FACE.slice(name)] = at
    c, s = np.cos(turn), np.sin(turn)
    return points @ np.array([[c, s], [-s, c]]) + (100, 80)


@pytest.mark.parametrize("turn", [-1.2, 0.0, 0.5, 3.0])
def test_a_face_knows_how_it_is_turned(turn: float) -> None:
    face = _face(turn)
    assert turn_of(eyes_and_mouth(face)) == pytest.approx(turn, abs=0.02)
    _, centre, side = upright_square(face)
    assert side == pytest.approx(1.4 * 60, rel=0.01)
    assert np.hypot(centre[0] - 100, centre[1] - 80) < 10


def test_the_astronaut_has_one_face_with_eyes_where_they_are(portrait: UInt8) -> None:
    found = people_networks().find(portrait)
    assert found
    assert found[0].confidence > 0.6
    assert all(other.confidence < 0.4 for other in found[1:])
    mapped = people_networks().map_face(portrait, found[0])
    right, left, mouth = eyes_and_mouth(mapped.points)
    assert np.hypot(*(right - (197, 108))) < 10  # looked up in the photo
    assert np.hypot(*(left - (244, 110))) < 10
    assert np.hypot(*(mouth - (221, 156))) < 12
    assert mapped.presence > 0.7
    assert mapped.visible.mean() > 0.8


def test_a_small_face_is_still_where_it_is(portrait: UInt8) -> None:
    shrunk: UInt8 = np.zeros((512, 768, 3), np.uint8)
    small = cut(portrait, square_matrix((256.0, 256.0), 512.0, 0.0, 220), (220, 220))
    shrunk[200:420, 100:320] = small
    found = people_networks().find(shrunk)
    assert found
    x, y, width, height = found[0].box
    assert np.hypot(x + width / 2 - (100 + 221 * 220 / 512), y + height / 2 - (200 + 125 * 220 / 512)) < 14


def test_the_astronaut_has_shoulders_on_the_right_sides(portrait: UInt8) -> None:
    body = people_networks().map_body(portrait, (230.0, 260.0), 520.0)
    left, right, nose = (BODY.index(name) for name in ("left_shoulder", "right_shoulder", "nose"))
    assert min(body.confidence[[left, right, nose]]) > 0.3
    assert body.points[right, 0] < body.points[nose, 0] < body.points[left, 0]
    assert body.points[nose, 1] < min(body.points[left, 1], body.points[right, 1])


@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_things_have_no_faces(name: str) -> None:
    assert all(face.confidence < 0.6 for face in people_networks().find(read_photo(EXAMPLES / f"{name}.jpg").pixels))


@pytest.mark.parametrize("size", [(64, 64), (40, 900), (700, 30)])
def test_pictures_of_every_shape_and_of_nothing_hold_nobody(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    for picture in (noise, np.zeros((*size, 3), np.uint8), np.full((*size, 3), 255, np.uint8)):
        assert people_networks().find(picture, least=0.6) == []


def test_missing_weights_are_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="missing"):
        PeopleNetworks(tmp_path)
