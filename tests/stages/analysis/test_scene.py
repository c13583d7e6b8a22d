"""A photo becomes a scene: depth, sky, subject and parts that a user can rely on, and say where they are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError, WeightsMissing
from stillmotion.media.image import read_depth, read_photo, write_png
from stillmotion.plan import Canvas, MotionPlan, RegionMotion
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.overview import write_analysis
from stillmotion.stages.analysis.scene import analyze
from stillmotion.types import Scene, UInt8

EXAMPLES = Path(__file__).parents[3] / "examples"
W, H = 320, 208


@pytest.fixture(scope="module")
def coffee() -> Scene:
    return analyze(read_photo(EXAMPLES / "coffee.jpg"), width=W, height=H)


@pytest.fixture(scope="module")
def astronaut() -> Scene:
    return analyze(read_photo(EXAMPLES / "astronaut.jpg"), width=256, height=256)


def _beach() -> UInt8:
    """A blue sky over a sea over sand."""
    rng = np.random.default_rng(0)
    picture = np.zeros((240, 360, 3), np.float32)
    rows = np.linspace(0, 1, 240)[:, None]
    picture[:] = np.array([120, 170, 235]) + 40 * rows[..., None] * np.array([1, 0.7, 0.2])
    picture[110:170] = np.array([30, 90, 130])
    picture[170:] = np.array([205, 180, 140])
    picture[110:] += rng.normal(0, 6, (130, 360, 1))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["coffee", "astronaut"])
def test_a_scene_is_whole(name: str, request: pytest.FixtureRequest) -> None:
    scene: Scene = request.getfixturevalue(name)
    shape = scene.photo.shape[:2]
    assert scene.depth.shape == scene.sky.shape == scene.subject.shape == shape
    assert np.isfinite(scene.depth).all()
    assert scene.depth.min() > 0.05
    x, y = scene.pivot
    assert scene.depth[round(y), round(x)] == pytest.approx(1, abs=0.25)  # the subject is at 1
    assert 0 <= scene.confidence <= 1


def test_a_depth_map_of_eight_bits_has_no_terraces_and_keeps_its_steps(tmp_path: Path) -> None:
    ramp = np.linspace(60, 120, 300)[None].repeat(200, axis=0)
    ramp[60:140, 100:200] += 100
    write_png(tmp_path / "d.png", np.round(ramp).astype(np.uint8))
    photo = np.full((200, 300, 3), 128, np.uint8)
    photo[60:140, 100:200] = 30
    write_png(tmp_path / "p.png", photo)
    near = 1 / analyze(read_photo(tmp_path / "p.png"), width=300, height=200, depth=tmp_path / "d.png").depth
    assert len(np.unique(near[20, 20:280].round(5))) > 200
    assert near[100, 150] - near[100, 80] > 0.5 * np.ptp(near)


def test_a_depth_map_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 96).astype(np.uint16)[None].repeat(64, axis=0)
    write_png(tmp_path / "d.png", ramp)
    scene = analyze(read_photo(EXAMPLES / "coffee.jpg"), width=W, height=H, depth=tmp_path / "d.png")
    assert scene.depth_source == "file:d.png"
    middle = 1 / scene.depth[H // 2]
    assert np.corrcoef(middle, np.arange(W))[0, 1] > 0.999  # brighter is nearer


def test_a_map_of_another_shape_is_stretched_and_that_is_said(tmp_path: Path) -> None:
    write_png(tmp_path / "d.png", np.tile(np.arange(100, dtype=np.uint8), (100, 1)))
    scene = analyze(read_photo(EXAMPLES / "coffee.jpg"), width=W, height=H, depth=tmp_path / "d.png")
    assert any("stretched" in note for note in scene.notes)


def test_a_missing_map_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no depth map"):
        analyze(read_photo(EXAMPLES / "coffee.jpg"), width=W, height=H, depth=tmp_path / "no.png")


def test_the_sky_is_behind_everything() -> None:
    scene = analyze(read_photo(_beach()), width=W, height=208)
    assert scene.sky[:60].mean() > 0.8
    assert scene.sky[-40:].mean() < 0.1
    assert np.median(scene.depth[:60]) > 1.5 * np.median(scene.depth[-40:])


@pytest.mark.parametrize(("size", "aspect"), [((160, 288), "9:16"), ((288, 160), "16:9"), ((224, 224), "1:1")])
def test_a_crop_keeps_the_subject(size: tuple[int, int], aspect: str) -> None:
    photo = np.full((300, 700, 3), 190, np.uint8)
    cv2.circle(photo, (560, 150), 70, (200, 40, 30), -1)
    cv2.circle(photo, (560, 150), 30, (250, 210, 60), -1)
    scene = analyze(read_photo(photo), width=size[0], height=size[1])
    left, right = scene.crop.x, scene.crop.x + scene.crop.width
    assert left <= 500, aspect
    assert right >= 620, aspect


def _plan(mask: dict[str, object], width: int = W, height: int = H) -> MotionPlan:
    region = RegionMotion.model_validate({"name": "it", "mask": mask, "motion": {"kind": "ripple"}, "feather": 0.0})
    return MotionPlan(canvas=Canvas(width=width, height=height), regions=(region,))


def test_a_polygon_is_where_it_is_drawn(coffee: Scene) -> None:
    mask = locate(coffee, _plan({"by": "polygon", "points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]})).masks[0]
    assert mask[:, : W // 2 - 3].min() > 0.99
    assert mask[:, W // 2 + 3 :].max() < 0.01


def test_a_brush_is_stretched_to_the_canvas(coffee: Scene, tmp_path: Path) -> None:
    painted = np.zeros((26, 40), np.uint8)
    painted[:13] = 255
    write_png(tmp_path / "b.png", painted)
    mask = locate(coffee, _plan({"by": "brush", "png": str(tmp_path / "b.png")})).masks[0]
    assert mask[: H // 2 - 12].mean() > 0.95
    assert mask[H // 2 + 12 :].mean() < 0.05
    with pytest.raises(InputError):
        locate(coffee, _plan({"by": "brush", "png": str(tmp_path / "no.png")}))
    write_png(tmp_path / "square.png", np.full((20, 20), 255, np.uint8))
    with pytest.raises(InputError, match="20x20"):
        locate(coffee, _plan({"by": "brush", "png": str(tmp_path / "square.png")}))


def test_a_brush_painted_on_the_photo_is_cropped_with_it(tmp_path: Path) -> None:
    tall = analyze(read_photo(EXAMPLES / "coffee.jpg"), width=128, height=160)
    at = tall.crop.x + tall.crop.width / 2  # the middle of what is shown, in pixels of the photo
    painted = np.zeros((200, 300), np.uint8)
    painted[:, : round(at / 2)] = 255
    write_png(tmp_path / "b.png", painted)
    mask = locate(tall, _plan({"by": "brush", "png": str(tmp_path / "b.png")})).masks[0]
    assert mask[:, :52].mean() > 0.95
    assert mask[:, 76:].mean() < 0.05


def test_points_grow_to_what_they_lie_on() -> None:
    photo = np.full((208, 320, 3), (60, 120, 60), np.uint8)
    cv2.circle(photo, (220, 100), 45, (220, 60, 40), -1)
    scene = analyze(read_photo(photo), width=W, height=H)
    inside = {"by": "points", "inside": [[220 / 320, 100 / 208]], "outside": [[0.1, 0.1]]}
    mask = locate(scene, _plan(inside)).masks[0] > 0.5
    disc = np.zeros((H, W), np.uint8)
    cv2.circle(disc, (220, 100), 45, 1, -1)
    overlap = (mask & (disc > 0)).sum() / (mask | (disc > 0)).sum()
    assert overlap > 0.8


def test_a_range_of_depth_is_a_mask(tmp_path: Path) -> None:
    write_png(tmp_path / "d.png", np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1)))
    scene = analyze(read_photo(EXAMPLES / "coffee.jpg"), width=W, height=H, depth=tmp_path / "d.png")
    mask = locate(scene, _plan({"by": "depth", "near": 0.1, "far": 1.0})).masks[0]
    assert mask[:, -30:].mean() > 0.9
    assert mask[:, :30].mean() < 0.1
    with pytest.raises(InputError, match="near must be the smaller"):
        locate(scene, _plan({"by": "depth", "near": 2, "far": 1}))


def test_what_is_not_there_is_told_with_what_is(astronaut: Scene) -> None:
    with pytest.raises(InputError, match=r"'waterfall' was not found.*Found: "):
        locate(astronaut, _plan({"by": "label", "label": "waterfall"}, 256, 256))
    with pytest.raises(WeightsMissing, match="open-vocabulary"):
        locate(astronaut, _plan({"by": "text", "text": "the left glove"}, 256, 256))


def test_what_was_seen_is_written_down(astronaut: Scene, tmp_path: Path) -> None:
    told = write_analysis(astronaut, tmp_path)
    depth = cv2.imread(str(tmp_path / "depth.png"), cv2.IMREAD_UNCHANGED)
    assert depth.dtype == np.uint16
    assert np.corrcoef(read_depth(tmp_path / "depth.png").ravel(), (1 / astronaut.depth).ravel())[0, 1] > 0.99
    assert json.loads((tmp_path / "scene.json").read_text()) == told
    assert cv2.imread(str(tmp_path / "overview.png")).shape[0] > 100
    assert told["regions"]
