"""Colour tables: what a .cube file says is what the frames get, and a broken one is told by its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.stages.finishing.lut import LookUp, read_cube
from stillmotion.types import Float64, UInt8

Change = Callable[[Float64], Float64]


def _cube(size: int, change: Change = lambda colour: colour, head: str = "", end: str = "\n") -> str:
    """A 3D table, red fastest, of what `change` makes of colours (N, 3)."""
    side = np.linspace(0, 1, size)
    blue, green, red = np.meshgrid(side, side, side, indexing="ij")
    rows = change(np.stack([red, green, blue], axis=-1).reshape(-1, 3))
    lines = [head, f"LUT_3D_SIZE {size}", *(" ".join(f"{value:.7f}" for value in row) for row in rows)]
    return end.join(line for line in lines if line) + end


def _written(folder: Path, text: str) -> Path:
    path = folder / "look.cube"
    path.write_bytes(text.encode())
    return path


@pytest.fixture
def noise() -> UInt8:
    return np.random.default_rng(2).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [2, 3, 17, 33])
def test_a_table_that_changes_nothing_changes_nothing(tmp_path: Path, noise: UInt8, size: int) -> None:
    table = read_cube(_written(tmp_path, _cube(size)))
    assert np.array_equal(LookUp(table, 1.0)(noise), noise)
    assert np.array_equal(LookUp(table, 0.3)(noise), noise)


def test_a_straight_change_comes_out_exactly(tmp_path: Path, noise: UInt8) -> None:
    mix = np.array([[0.5, 0.2, 0.1], [0.1, 0.6, 0.0], [0.2, 0.1, 0.6]])
    table = read_cube(_written(tmp_path, _cube(5, lambda colour: colour @ mix + 0.05)))
    wanted = np.rint((noise / 255 @ mix + 0.05).clip(0, 1) * 255)
    assert np.abs(LookUp(table, 1.0)(noise) - wanted).max() <= 1
    assert (np.abs(LookUp(table, 1.0)(noise) - wanted) == 0).mean() > 0.99


def test_greys_stay_grey_between_the_nodes(tmp_path: Path) -> None:
    table = read_cube(_written(tmp_path, _cube(4, lambda colour: colour**2.2)))
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    found = LookUp(table, 1.0)(greys).astype(int)
    assert (np.ptp(found, axis=2) == 0).all()
    assert (np.diff(found[0, :, 0]) >= 0).all()


def test_it_is_the_tetrahedral_blend_of_four_nodes(tmp_path: Path, noise: UInt8) -> None:
    rng = np.random.default_rng(5)
    table = read_cube(_written(tmp_path, _cube(6, lambda colour: rng.random(colour.shape))))
    found = LookUp(table, 1.0)(noise[:4, :8])
    wanted = [[_by_hand(table.nodes, colour) for colour in row] for row in noise[:4, :8] / 255]
    assert np.abs(found - 255 * np.array(wanted)).max() <= 0.51


def _by_hand(nodes: Float64, colour: Float64) -> Float64:
    place = colour * (len(nodes) - 1)
    below = np.minimum(place.astype(int), len(nodes) - 2)
    share = place - below
    value, at = nodes[tuple(below[::-1])].astype(float), below.copy()
    for channel in np.argsort(-share):  # step by step towards the node above, the farthest channel first
        step = at.copy()
        step[channel] += 1
        value = value + share[channel] * (nodes[tuple(step[::-1])] - nodes[tuple(at[::-1])])
        at = step
    return value


def test_strength_is_how_much_of_the_table_is_used(tmp_path: Path, noise: UInt8) -> None:
    table = read_cube(_written(tmp_path, _cube(2, lambda colour: 1 - colour)))
    half = LookUp(table, 0.5)(noise).astype(int)
    assert np.abs(half - 127.5).max() <= 0.51
    assert np.array_equal(LookUp(table, 1.0)(noise), 255 - noise)


def test_each_channel_of_a_one_dimensional_table_has_its_own_curve(tmp_path: Path) -> None:
    table = read_cube(_written(tmp_path, "LUT_1D_SIZE 3\n0 1 0\n0.5 0.5 0\n1 0 1\n"))
    frame = np.array([[[0, 0, 0], [64, 64, 64], [128, 128, 128], [255, 255, 255]]], np.uint8)
    assert LookUp(table, 1.0)(frame)[0].tolist() == [[0, 255, 0], [64, 191, 0], [128, 127, 1], [255, 0, 255]]


def test_comments_blanks_windows_line_ends_and_a_title_are_read(tmp_path: Path, noise: UInt8) -> None:
    head = '\ufeffTITLE "Film # 3"\r\n# made by hand\r\n\r\nDOMAIN_MIN 0 0 0\r\nDOMAIN_MAX\t1.0 1.0 1.0 # all'
    table = read_cube(_written(tmp_path, _cube(2, head=head, end="\r\n")))
    assert table.title == "Film # 3"
    assert np.array_equal(LookUp(table, 1.0)(noise), noise)


@pytest.mark.parametrize("head", ["DOMAIN_MIN 0.2 0.2 0.2\nDOMAIN_MAX 0.8 0.8 0.8", "LUT_3D_INPUT_RANGE 0.2 0.8"])
def test_a_domain_says_which_colours_the_first_and_last_nodes_are(tmp_path: Path, head: str) -> None:
    table = read_cube(_written(tmp_path, _cube(2, head=head)))
    frame = np.array([[[0, 51, 102], [128, 204, 255]]], np.uint8)
    assert LookUp(table, 1.0)(frame)[0].tolist() == [[0, 0, 85], [128, 255, 255]]


def test_values_beyond_black_and_white_are_held_there(tmp_path: Path, noise: UInt8) -> None:
    table = read_cube(_written(tmp_path, _cube(2, lambda colour: 3 * colour - 1)))
    assert np.abs(LookUp(table, 1.0)(noise) - np.clip(3.0 * noise - 255, 0, 255)).max() <= 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 7, "line 8.*ends after 7 colours.*means 8"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 9, "line 10.*one more"),
        ("LUT_3D_SIZE 2\n0 0 0\n0 zero 0\n", "line 3.*not 3 numbers"),
        ("LUT_3D_SIZE 2\n0 0 0\n0 nan 0\n", "line 3.*not numbers that a colour can have"),
        ("LUT_3D_SIZE 2\n0 0 0\ninf 0 0\n", "line 3"),
        ("LUT_3D_SIZE 2\n0 0\n", "line 2.*3 numbers, found 2"),
        ("LUT_3D_SIZE 2\n0,5 0 0\n", "line 2"),
        ("TITLE x\n0 0 0\n", "does not say its size"),
        ("", "does not say its size"),
        ("LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n", "line 2.*one size"),
        ("LUT_3D_SIZE 1\n", "line 1.*from 2 to 128"),
        ("LUT_3D_SIZE 129\n", "line 1.*from 2 to 128"),
        ("LUT_3D_SIZE two\n", "line 1.*from 2 to 128"),
        ("LUT_1D_SIZE 65537\n", "line 1.*from 2 to 65536"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 1 1\n", "line 2.*DOMAIN_MAX has 3 numbers"),
        ("DOMAIN_MIN 1 0 0\n" + _cube(2), "last value must be above its first"),
        ("LUT_IN_VIDEO_RANGE\nLUT_3D_SIZE 2\n", "(?s)line 1.*16 to 235.*full range"),
        ("<html>\n", "line 1.*no word of a .cube"),
        ("LUT_3D_SIZE 2\0", "no text"),
    ],
)
def test_a_broken_file_is_told_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_cube(_written(tmp_path, text))


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no colour table"):
        read_cube(tmp_path / "missing.cube")
    with pytest.raises(InputError, match="no plain file"):
        read_cube(tmp_path)
