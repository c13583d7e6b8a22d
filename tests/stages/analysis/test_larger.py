"""What a user's own models see becomes the scene: its depth, its parts, the words of its plan; and it is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stillmotion import pipeline
from stillmotion.cli.main import run
from stillmotion.errors import InputError, WeightsMissing
from stillmotion.media.image import read_photo
from stillmotion.models.large.checkpoint import find_checkpoint
from stillmotion.models.large.depth import Relief, Sense
from stillmotion.models.large.sam import Ask
from stillmotion.options import AnimateOptions, read_options
from stillmotion.plan import Canvas, LabelMask, MotionPlan, RegionMotion, Ripple, TextMask
from stillmotion.stages.analysis.cues import look
from stillmotion.stages.analysis.depth import FAR_SHARE, Hints
from stillmotion.stages.analysis.larger import Larger, larger_models
from stillmotion.stages.analysis.larger_depth import LargerDepth, of_metres
from stillmotion.stages.analysis.larger_regions import label_of, outline, parts_of
from stillmotion.stages.analysis.masks import locate
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.analysis.subject import Subject
from stillmotion.types import Crop, Float32, Scene, UInt8

Tiny = Callable[[str], Path]
COFFEE = Path(__file__).parents[3] / "examples" / "coffee.jpg"
W, H = 320, 208


def _models(**asked: object) -> Larger:
    found = larger_models(read_options({"device": "cpu", **asked}, AnimateOptions))
    assert found is not None
    return found


def _analyzed(larger: Larger | None) -> Scene:
    return analyze(read_photo(COFFEE), width=W, height=H, larger=larger)


# ── asking for them ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_looked_for_where_no_model_is_named() -> None:
    assert larger_models(read_options({}, AnimateOptions)) is None


def test_what_cannot_be_meant_is_refused_before_any_work(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leave one of them out"):
        larger_models(read_options({"depth": tmp_path / "d.png", "depth_model": str(tiny("dpt"))}, AnimateOptions))
    with pytest.raises(InputError, match="gives no depth"):
        _models(depth_model=str(tiny("clipseg")))
    with pytest.raises(InputError, match="do the same"):
        _models(region_model=(str(tiny("sam")), str(tiny("sam2"))))
    with pytest.raises(WeightsMissing, match="not on this machine"):
        _models(region_model=("nobody/nothing",))


# ── depth ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["depth_anything", "zoedepth"])
def test_the_depth_of_a_scene_is_that_of_the_model(kind: str, tiny: Tiny) -> None:
    scene = _analyzed(_models(depth_model=str(tiny(kind))))
    assert scene.depth_source == f"tiny-{kind}"
    assert f"Depth by tiny-{kind} (licence apache-2.0)." in scene.notes
    assert np.isfinite(scene.depth).all()
    assert scene.depth.min() > 0.05


class _Ramp:
    """A model of which only its values matter: they grow from top to bottom of the picture."""

    def __init__(self, tiny: Tiny, sense: Sense, values: Float32) -> None:
        self.checkpoint, self._relief = find_checkpoint(str(tiny("dpt"))), Relief(values=values, sense=sense)

    def look(self, rgb: UInt8) -> Relief:
        return self._relief


def _hints(picture: UInt8) -> Hints:
    cues = look(picture)
    none = np.zeros(cues.shape, np.float32)
    subject = Subject(matte=none, trust=0.0, saliency=none, portrait=False)
    whole = Crop(x=0, y=0, width=W, height=H, whole=(W, H))
    return Hints(cues=cues, sky=none, subject=subject, crop=whole, photo_size=(W, H))


@pytest.mark.parametrize(("sense", "turned"), [("nearness", False), ("unknown", True)])
def test_a_map_of_distances_is_turned_over_where_our_own_estimate_says_the_opposite(
    sense: Sense, turned: bool, tiny: Tiny
) -> None:
    down = np.linspace(0, 1, H, dtype=np.float32)[:, None].repeat(W, axis=1)
    picture = np.full((H, W, 3), 128, np.uint8)
    found = LargerDepth(_Ramp(tiny, sense, down), 1 - down).estimate(picture, _hints(picture))
    assert (found.disparity[0, 0] > found.disparity[-1, 0]) == turned
    assert ("turned over" in "".join(found.notes)) == turned
    assert (found.disparity.min(), found.disparity.max()) == (0, 1)


def test_metres_keep_their_proportions_until_very_far() -> None:
    metres = np.array([[2.0, 2.0, 4.0, 8.0, 1000.0]], np.float32)
    near = of_metres(metres) * (1 - FAR_SHARE) + FAR_SHARE
    np.testing.assert_allclose(near[0, :4] / near[0, 0], [1, 1, 0.5, 0.25], rtol=1e-3)
    assert near[0, 4] == pytest.approx(FAR_SHARE)


def test_a_map_that_says_nothing_is_said_and_one_that_is_broken_is_refused(tiny: Tiny) -> None:
    picture = np.full((H, W, 3), 128, np.uint8)
    flat = np.ones((H, W), np.float32)
    found = LargerDepth(_Ramp(tiny, "nearness", flat), None).estimate(picture, _hints(picture))
    assert found.confidence < 0.5
    assert "sees no depth" in found.notes[0]
    with pytest.raises(InputError, match="not finite"):
        LargerDepth(_Ramp(tiny, "nearness", flat * np.nan), None).estimate(picture, _hints(picture))


# ── regions ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("sky-other-merged", "sky"), ("sea", "water"), ("potted plant", "foliage"), ("wall-brick", "wall"),
        ("windowpane", "window"), ("door; double door", "door"), ("hot dog", "food"), ("traffic light", "lamp"),
        ("bed", "bed"), ("floor-wood", "ground"), ("../../etc", None), ("bed (../x)", "bed"),
        ("chair", None), ("background", None), ("", None), ("LABEL_0", "label 0"),
    ],
)  # fmt: skip
def test_names_of_models_become_our_words(name: str, label: str | None) -> None:
    assert label_of(name) == label


@pytest.fixture
def sea(tiny: Tiny, tmp_path: Path) -> Path:
    """A model that sees the sea everywhere."""
    transformers = pytest.importorskip("transformers")
    folder = Path(shutil.copytree(tiny("segformer"), tmp_path / "sea"))
    model = transformers.SegformerForSemanticSegmentation.from_pretrained(folder)
    model.decode_head.classifier.bias.data[1] += 20
    model.save_pretrained(folder)
    return folder


def test_parts_a_model_names_replace_our_own_and_what_it_knows_but_does_not_see_is_gone(sea: Path) -> None:
    ours = {region.name for region in _analyzed(None).regions}
    scene = _analyzed(_models(region_model=(str(sea),)))
    parts = {region.name: region for region in scene.regions}
    assert parts["water"].mask.mean() > 0.95
    assert not {"sky", "foliage"} & parts.keys()
    assert ours - {"sky", "foliage", "water"} <= parts.keys()
    assert "Regions by sea (licence apache-2.0)." in scene.notes


def test_a_part_is_found_where_its_share_is_and_small_ones_only_of_things() -> None:
    share = np.zeros((26, 40), np.float32)
    share[5:8, 5:8] = 0.9  # under one percent
    photo = np.full((H, W, 3), 128, np.uint8)
    (bird,) = parts_of({"bird": share, "sand": 0.3 * share}, photo)
    assert bird.name == "bird"
    assert bird.confidence == pytest.approx(0.9, abs=0.01)
    assert bird.mask[52, 52] > 0.9
    assert bird.mask[150, 200] == 0


class _Disc:
    """Outlines a disc, whatever is asked."""

    def __init__(self, x: float, y: float, radius: float) -> None:
        rows, columns = np.mgrid[0:H, 0:W]
        self.mask = (np.hypot(columns - x, rows - y) < radius).astype(np.float32)
        self.asked: list[Ask] = []

    def outline(self, rgb: UInt8, ask: Ask) -> tuple[Float32, float]:
        self.asked.append(ask)
        return self.mask, 1.0


def test_an_outline_is_taken_where_it_agrees_with_what_was_found_and_else_left() -> None:
    photo = np.full((H, W, 3), 60, np.uint8)
    lead = np.zeros((H, W), np.float32)
    lead[60:140, 110:190] = 1
    near, off = _Disc(150, 100, 44), _Disc(40, 40, 30)
    better = outline(lead, near, photo)
    assert np.abs((better > 0.5) - near.mask).mean() < 0.01
    (ask,) = near.asked
    assert ask.box == (110, 60, 190, 140)
    np.testing.assert_array_equal(outline(lead, off, photo), lead)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def everywhere(tiny: Tiny, tmp_path: Path) -> Path:
    """A model that finds every phrase in the whole picture."""
    transformers = pytest.importorskip("transformers")
    folder = Path(shutil.copytree(tiny("clipseg"), tmp_path / "everywhere"))
    model = transformers.CLIPSegForImageSegmentation.from_pretrained(folder)
    last = model.decoder.transposed_convolution
    last = last[-1] if hasattr(last, "__getitem__") else last
    last.weight.data *= 0
    last.bias.data[:] = 9
    model.save_pretrained(folder)
    return folder


def _plan(mask: TextMask | LabelMask, name: str = "thing") -> MotionPlan:
    canvas = Canvas(width=W, height=H, fps=8, seconds=0.5)
    return MotionPlan(canvas=canvas, regions=(RegionMotion(name=name, mask=mask, motion=Ripple()),))


@pytest.mark.parametrize("mask", [TextMask(text="the red saucer"), LabelMask(label="saucer")])
def test_a_word_that_we_do_not_know_is_found_by_the_model(mask: TextMask | LabelMask, everywhere: Path) -> None:
    scene = _analyzed(None)
    with pytest.raises((InputError, WeightsMissing)):
        locate(scene, _plan(mask))
    found = locate(scene, _plan(mask), larger=_models(region_model=(str(everywhere),)))
    assert found.masks[0].mean() > 0.95
    assert any("was found by everywhere" in note for note in found.notes)


def test_what_the_model_does_not_find_is_looked_for_by_our_own_means_or_told(everywhere: Path) -> None:
    transformers = pytest.importorskip("transformers")
    model = transformers.CLIPSegForImageSegmentation.from_pretrained(everywhere)
    last = model.decoder.transposed_convolution
    last = last[-1] if hasattr(last, "__getitem__") else last
    last.bias.data[:] = -9
    model.save_pretrained(everywhere)
    scene, larger = _analyzed(None), _models(region_model=(str(everywhere),))
    located = locate(scene, _plan(LabelMask(label="subject")), larger=larger)
    np.testing.assert_array_equal(
        located.masks[0] > 0.5, locate(scene, _plan(LabelMask(label="subject"))).masks[0] > 0.5
    )
    with pytest.raises(InputError, match="'the red saucer' was not found in this photo by everywhere"):
        locate(scene, _plan(TextMask(text="the red saucer")), larger=larger)


@pytest.mark.parametrize("kinds", [("grounding_dino",), ("grounding_dino", "sam"), ("owlv2", "sam2")])
def test_boxes_are_cut_to_things_with_or_without_a_model_that_outlines(
    kinds: tuple[str, ...], tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stillmotion.models.large.words._LEAST", {"grounding-dino": 0.0, "owlv2": 0.0})
    found = _models(region_model=tuple(str(tiny(kind)) for kind in kinds)).find(_analyzed(None).photo, "red cup")
    assert found is not None
    assert found.mask.shape == (H, W)
    assert 0 <= found.mask.min() <= found.mask.max() <= 1
    assert found.by == f"tiny-{kinds[0]}"


# ── from start to end ────────────────────────────────────────────────────────────────────────────────────────────────


def test_analyze_writes_what_the_models_see_and_says_whose_they_are(
    tiny: Tiny, everywhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(
        [
            "analyze", str(COFFEE), "-o", str(tmp_path / "seen"), "--size", f"{W}x{H}", "--json",
            "--depth-model", str(tiny("depth_anything")), "--region-model", str(tiny("mask2former")),
            "--region-model", str(everywhere), "--region-model", str(tiny("sam2")), "--device", "cpu",
            "--find", "Red/Saucer!",
        ]
    )  # fmt: skip
    assert code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["depth"]["source"] == "tiny-depth_anything"
    for does in ("Depth by tiny-depth_anything", "Regions by tiny-mask2former", "Outlines by tiny-sam2", "Words found"):
        assert any(note.startswith(does) for note in told["notes"])
    assert (tmp_path / "seen" / "region-red saucer.png").is_file()


def test_words_without_a_model_for_them_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", str(COFFEE), "-o", str(tmp_path), "--size", f"{W}x{H}", "--find", "spoon"]) == 2
    assert "--region-model" in capsys.readouterr().err


def test_a_video_says_which_models_made_it_and_is_made_again_with_them(
    tiny: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, first, again = str(tiny("depth_anything")), tmp_path / "first.mp4", tmp_path / "again.mp4"
    wish = read_options(
        {"prompt": "push in", "size": (W, H), "seconds": 0.5, "fps": 8, "depth_model": model, "fetch_models": True},
        AnimateOptions,
    )
    video = pipeline.animate(COFFEE, first, wish)
    assert video.manifest["models"] == [
        {"name": "tiny-depth_anything", "kind": "depth_anything", "licence": "apache-2.0", "revision": None}
    ]
    assert "Depth by tiny-depth_anything (licence apache-2.0)." in video.manifest["notes"]
    assert not {"fetch_models", "device"} & video.manifest["requested"]["options"].keys()  # they are of this machine
    assert run(["remake", str(first), "--photo", str(COFFEE), "-o", str(again)]) == 0
    assert json.loads((tmp_path / "again.mp4.json").read_text())["models"] == video.manifest["models"]
