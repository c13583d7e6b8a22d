"""What the renderer says about a world against what is known of it: depth, flow, objects, light, and the same again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.worlds.camera import moved, sentence
from stillmotion.training.worlds.families import coast, mountains
from stillmotion.training.worlds.meshes.solids import box, grid, placed, wall
from stillmotion.training.worlds.puffs import fire, smoke
from stillmotion.training.worlds.records import Deform, Material, Sky, Thing, World, fixed
from stillmotion.training.worlds.render import Renderer
from stillmotion.training.worlds.truth import Frame, hidden

SIZE = (96, 72)
STEP = 1 / 12
GREY = Material(colour=(0.4, 0.38, 0.35), second=(0.15, 0.2, 0.3), pattern="noise", scale=0.9)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(*SIZE)


def world(*things: Thing, **changes: object) -> World:
    sky = Sky(sun_elevation=0.8, sun_azimuth=2.4, clouds=0.0)
    return replace(World(family="test", seed=3, things=things, sky=sky, pivot=5.0, eye=1.5), **changes)  # type: ignore[arg-type]


def board(depth: float, **changes: object) -> Thing:
    """A wall that fills the view."""
    sheet = placed((0, 20, depth))
    thing = Thing(mesh=wall(60, 40, 8, 8), material=GREY, label="wall", places=fixed(sheet))
    return replace(thing, **changes)  # type: ignore[arg-type]


def cube(x: float, z: float, side: float = 1.0) -> Thing:
    return Thing(mesh=box(side, side, side), material=GREY, label="furniture", places=fixed(placed((x, 1.5, z))))


def floor() -> Thing:
    return Thing(mesh=grid(60, 60, 30, 30), material=GREY, label="floor", places=fixed(placed((0, 1.5, 20))))


def frames(renderer: Renderer, scene: World, count: int = 1) -> list[Frame]:
    return list(renderer.draw(scene, np.arange(count) * STEP, step=STEP))


def fetched(one: Frame, other: Frame) -> tuple[np.ndarray, np.ndarray]:
    """The other frame fetched back by the first one's flow, and where that can be judged."""
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    x, y = columns + one.forward[..., 0], rows + one.forward[..., 1]
    back = cv2.remap(other.colour, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    rim = cv2.remap((other.coverage < 1).astype(np.float32), x, y, cv2.INTER_LINEAR) > 0
    lost = (hidden(one, other, forward=True) | (one.coverage < 1) | rim).astype(np.uint8)
    return back, cv2.dilate(lost, np.ones((3, 3), np.uint8)) == 0


def decibels(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    return float(-10 * np.log10(max(np.square(one - other)[where].mean(), 1e-12)))


def test_a_wall_is_as_far_as_it_stands_and_the_floor_recedes_as_geometry_says(renderer: Renderer) -> None:
    frame = frames(renderer, world(floor(), board(18.0)))[0]
    rows = np.arange(SIZE[1]) + 0.5
    down = (2 * rows / SIZE[1] - 1) * np.tan(np.radians(25)) * SIZE[1] / SIZE[0]  # of 50 degrees across
    with np.errstate(divide="ignore"):
        expected = np.where(1.5 / down > 0, 1.5 / down, np.inf)
    upper, lower = expected > 20, expected < 14
    assert frame.depth[rows < 0.4 * SIZE[1]] == pytest.approx(18.0, rel=1e-5)
    middle = frame.depth[:, SIZE[0] // 2]
    assert middle[~upper & lower] == pytest.approx(
        expected[~upper & lower], rel=2e-3
    )  # the mean of two rows of samples
    assert frame.label[2, 2] == NAMES.index("wall")
    assert frame.label[-3, 2] == NAMES.index("floor")


def test_a_camera_that_moves_sees_what_its_flow_says(renderer: Renderer) -> None:
    scene = world(floor(), board(14.0), cube(-1.2, 5.0), cube(1.4, 7.0))
    scene = moved(scene, np.random.default_rng(0), size=SIZE, frames=4, fps=12)
    one, other = frames(renderer, scene, 2)
    back, seen = fetched(one, other)
    assert seen.mean() > 0.6
    assert np.abs(one.forward).max() > 0.2
    assert decibels(one.colour, back, seen) > 38
    assert sentence(scene) != ""


def test_backward_flow_undoes_forward_flow(renderer: Renderer) -> None:
    scene = moved(world(floor(), board(14.0), cube(0.3, 5.0)), np.random.default_rng(4), size=SIZE, frames=4, fps=12)
    one, other = frames(renderer, scene, 2)
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    back = cv2.remap(other.backward, columns + one.forward[..., 0], rows + one.forward[..., 1], cv2.INTER_LINEAR)
    _, seen = fetched(one, other)
    assert np.abs(back + one.forward)[seen].max() < 0.05


@pytest.mark.parametrize("kind", ["sway", "flag", "wave"])
def test_what_bends_is_where_its_flow_says(renderer: Renderer, kind: str) -> None:
    bend = Deform(kind=kind, amount=0.1 if kind == "wave" else 0.2, length=3.0, hz=0.5)  # type: ignore[arg-type]
    fine = replace(GREY, scale=1.2, emission=60.0)  # its own light: shade that changes is not to be judged here
    if kind == "wave":
        matt = replace(floor(), deform=bend, material=fine)
    else:
        sheet = placed((0.0, 1.5, 4.5), (0, 0.7, 0))
        matt = Thing(mesh=wall(3, 2.6, 30, 26), material=fine, label="cloth", places=fixed(sheet), deform=bend)
    one, other = frames(renderer, world(matt, board(18.0), sky=Sky(kind="night")), 2)
    back, seen = fetched(one, other)
    moving = seen & (one.depth < 6) & (np.hypot(*np.moveaxis(one.forward, -1, 0)) > 0.05)
    assert moving.sum() > 100
    assert decibels(one.colour, back, moving) > 35
    assert decibels(one.colour, other.colour, moving) < decibels(one.colour, back, moving) - 3


def test_parts_of_one_object_share_a_number_and_copies_do_not(renderer: Renderer) -> None:
    pair = replace(cube(0, 6), places=fixed(placed((-1.5, 1.5, 6)), placed((1.5, 1.5, 6))))
    whole = (replace(cube(-0.5, 5, 0.5), ident=1), replace(cube(0.5, 5, 0.5), ident=1))
    apart, together = (frames(renderer, world(*things))[0] for things in ((pair,), whole))
    assert len(np.unique(apart.ident)) == 3  # the sky, and two
    assert len(np.unique(together.ident)) == 2


def test_soft_edges_tell_how_much_of_a_pixel_is_what(renderer: Renderer) -> None:
    frame = frames(renderer, world(cube(0.013, 5.0), board(18.0)))[0]
    edge = frame.coverage < 1
    assert 20 < edge.sum() < 0.2 * edge.size
    assert (frame.label != frame.other)[edge].all()
    assert (frame.label == frame.other)[~edge].all()


def test_a_thing_in_the_sun_casts_a_shadow(renderer: Renderer) -> None:
    bright = frames(renderer, world(floor(), replace(cube(0, 5), casts=False)))[0]
    shaded = frames(renderer, world(floor(), cube(0, 5)))[0]
    ground = (bright.label == NAMES.index("floor")) & (bright.coverage == 1)
    share = (shaded.colour.sum(-1) / bright.colour.sum(-1))[ground]
    assert (share < 0.7).sum() > 30
    assert np.median(share) == pytest.approx(1.0, abs=0.02)


def test_smoke_hides_and_fire_shines_but_the_truth_stays_that_of_what_is_behind(renderer: Renderer) -> None:
    rng = np.random.default_rng(0)
    clear = world(floor(), board(9.0), sky=Sky(kind="night"))
    plain = frames(renderer, clear)[0]
    for puffs in ((smoke(rng, (0, 1, 5), size=0.5, rise=0.8, wind=(0, 0)),), fire(rng, (0, 1.4, 4), size=1.2)):
        frame = frames(renderer, replace(clear, puffs=puffs))[0]
        assert (np.abs(frame.colour - plain.colour).max(-1) > 0.03).sum() > 50
        np.testing.assert_array_equal(frame.depth, plain.depth)
        np.testing.assert_array_equal(frame.forward, plain.forward)


def test_puffs_are_born_and_die_unseen() -> None:
    puffs = smoke(np.random.default_rng(1), (0, 0, 5), size=0.4, rise=1.0, wind=(1, 0))
    states = np.stack([puffs.at(t) for t in np.arange(0, 12, 0.02)])
    jumped = np.abs(np.diff(states[..., 1], axis=0)) > 0.5  # back to the source
    assert jumped.any()
    assert states[:-1][jumped][:, 7].max() < 0.01


@pytest.mark.parametrize("family", [coast, mountains])
def test_landscapes_are_the_same_again_and_stand_on_their_ground(renderer: Renderer, family) -> None:  # type: ignore[no-untyped-def]
    def one(seed: int) -> tuple[World, Iterator[Frame]]:
        scene = family.build(np.random.default_rng(seed), SIZE)
        return scene, renderer.draw(scene, np.zeros(1), step=STEP)

    for seed in (1, 2):
        (scene, drawn), (_, again) = one(seed), one(seed)
        first, second = next(drawn), next(again)
        np.testing.assert_array_equal(first.colour, second.colour)
        np.testing.assert_array_equal(first.ident, second.ident)
        land = first.ident > 0
        assert land.mean() > 0.15
        assert first.depth[land].min() > 0.3
        assert np.isfinite(first.colour).all()
        assert 0.03 < first.colour.mean() < 0.8
        assert scene.family == family.__name__.split(".")[-1]
