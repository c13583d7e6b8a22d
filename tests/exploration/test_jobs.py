"""Grids, walks, more like this and full size, by a network that draws its noise."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from threading import Event

import numpy as np
import pytest

import stillmotion
from stillmotion import pipeline
from stillmotion.errors import Cancelled, InputError, WeightsMissing
from stillmotion.exploration.record import Exploration, read_exploration
from stillmotion.exploration.results import Explored
from stillmotion.media.image import read_photo
from stillmotion.media.video import probe, read_frames
from stillmotion.stages.finishing.manifest import remake_request
from stillmotion.types import Direction

CELL = {"seconds": 0.5, "fps": 8.0, "steps": 2}


def explored(photo: Path, weights: Path, prompt: str = "pan left", **asked: object) -> Explored:
    return stillmotion.explore(photo, prompt, weights=weights, **{"free": True, **CELL, **asked})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def six(small_photo: Path, restless: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sheet of six cells, seeds 7 to 12."""
    out = tmp_path_factory.mktemp("six") / "six.png"
    explored(small_photo, restless, grid=(3, 2), seed=7, out=out)
    return out


def hashed(frames: list[np.ndarray]) -> str:
    return sha256(b"".join(np.ascontiguousarray(frame).tobytes() for frame in frames)).hexdigest()


def test_a_sheet_shows_every_cell_and_its_record_lies_beside_it(six: Path) -> None:
    record = read_exploration(six)
    assert [cell.number for cell in record.cells] == [1, 2, 3, 4, 5, 6]
    assert [cell.spot.noise[0][0] for cell in record.cells] == [7, 8, 9, 10, 11, 12]
    assert len({cell.sha256 for cell in record.cells}) == 6
    width, height = record.source.draft
    sheet = read_photo(six).pixels
    assert sheet.shape[1] > 3 * width
    assert sheet.shape[0] > 2 * height


def test_animate_draws_a_cell_again_bit_by_bit(six: Path, small_photo: Path, restless: Path) -> None:
    record = read_exploration(six)
    cell = record.cells[2]
    again = stillmotion.frames(
        small_photo, "pan left", engine="nano", free=True, size=record.source.draft, weights=restless, seed=9, **CELL
    )
    assert hashed(list(again)) == cell.sha256


def test_led_cells_share_a_guide_and_are_still_drawn_as_animate_draws_them(small_photo: Path, restless: Path) -> None:
    made = explored(small_photo, restless, "pan left", free=False, strength=3, grid=(2, 1), hold=0.2)
    assert made.record.cells[0].sha256 != made.record.cells[1].sha256
    again = stillmotion.frames(
        small_photo, "pan left", engine="nano", noise="1", strength=3, hold=0.2, size=made.record.source.draft,
        weights=restless, **CELL,
    )  # fmt: skip
    assert hashed(list(again)) == made.record.cells[1].sha256


def test_the_same_wish_gives_the_same_grid_and_another_seed_another(
    six: Path, small_photo: Path, restless: Path
) -> None:
    again = explored(small_photo, restless, grid=(3, 2), seed=7)
    assert again.record.to_json() == read_exploration(six).to_json()
    other = explored(small_photo, restless, grid=(2, 1), seed=11)
    assert [cell.sha256 for cell in other.record.cells] == [cell.sha256 for cell in again.record.cells[4:]]


def test_more_like_this_goes_on_from_what_was_liked_again_and_again(
    six: Path, small_photo: Path, restless: Path, tmp_path: Path
) -> None:
    record, told = read_exploration(six), {"weights": restless, "grid": (2, 2)}
    more = stillmotion.explore_more(small_photo, six, [2], out=tmp_path / "more.png", **told)  # type: ignore[arg-type]
    assert more.record.cells[0].sha256 == record.cells[1].sha256
    assert more.record.generation == 1
    again = stillmotion.explore_more(small_photo, tmp_path / "more.png", [3], **told)  # type: ignore[arg-type]
    assert again.record.step == more.record.step / 2
    assert again.record.cells[0].sha256 == more.record.cells[2].sha256
    other = stillmotion.explore_more(small_photo, tmp_path / "more.png", [3], seed=1, **told)  # type: ignore[arg-type]
    assert other.record.cells[1].sha256 != again.record.cells[1].sha256
    far, near = (
        np.mean([np.abs(a.astype(int) - made.pictures[0]).mean() for a in made.pictures[1:]]) for made in (more, again)
    )
    assert near < 0.8 * far


def test_cells_between_two_prompts_draw_the_plan_between_and_hear_both(small_photo: Path, restless: Path) -> None:
    made = explored(small_photo, restless, "pan left", to="pan right", grid=(3, 1), free=False, strength=2).record
    assert "left" in made.cells[0].sentence
    assert "stands still" in made.cells[1].sentence
    assert "right" in made.cells[2].sentence
    free = explored(small_photo, restless, "pan left", to="pan right", grid=(3, 1)).record
    assert [len(cell.tell) for cell in free.cells] == [1, 2, 1]
    assert free.cells[1].tell[0].startswith("0.5:The camera pans left")


def test_half_way_between_two_prompts_a_free_clip_lies_between_both(small_photo: Path, restless: Path) -> None:
    a, half, b = explored(small_photo, restless, "pan left", to="push in", grid=(3, 1)).pictures
    ends = np.abs(a.astype(int) - b).mean()
    assert max(np.abs(a.astype(int) - half).mean(), np.abs(b.astype(int) - half).mean()) < 0.75 * ends


def test_a_walk_is_even_and_ends_at_both_cells(six: Path, small_photo: Path, restless: Path, tmp_path: Path) -> None:
    record, out = read_exploration(six), tmp_path / "walk.mp4"
    walked = stillmotion.explore_walk(
        small_photo, before=six, cells=[1, 4], walk_frames=7, out=out, weights=restless, quality="best"
    )
    assert probe(out).frames == 7
    assert max(walked.steps) < 1.5 * min(walked.steps)
    ends = [walked.record.cells[0], walked.record.cells[-1]]
    assert [cell.spot for cell in ends] == [record.cells[0].spot, record.cells[3].spot]
    first, *_, last = read_frames(out).frames
    assert np.abs(first.astype(int) - last).mean() > 5
    middle = stillmotion.explore_more(
        small_photo, out, [4], weights=restless, grid=(1, 1)
    )  # on from where one walked by
    assert middle.record.cells[0].spot == walked.record.cells[3].spot


def test_a_cell_is_rendered_at_the_size_of_the_wish_or_another_and_remade_from_its_own_metadata(
    small_photo: Path, restless: Path, tmp_path: Path
) -> None:
    sheet, out = tmp_path / "sheet.png", tmp_path / "cell.mp4"
    explored(small_photo, restless, grid=(2, 1), size=(128, 96), out=sheet)
    video = stillmotion.render_cell(small_photo, sheet, 2, out=out, weights=restless)
    info = probe(out)
    assert (info.width, info.height, info.frames) == (128, 96, 4)
    assert video.manifest["requested"]["options"]["noise"] == "1:1"
    again = remake_request(out)
    direction = Direction(requested=again.plan, effective=again.effective, notes=(), sentence="")
    job = pipeline.prepare_again(read_photo(small_photo), direction, again.options)
    pipeline.render(job, tmp_path / "again.mp4", again.options)
    for one, two in zip(read_frames(out).frames, read_frames(tmp_path / "again.mp4").frames, strict=True):
        assert np.array_equal(one, two)
    bigger = stillmotion.render_cell(small_photo, sheet, 2, out=tmp_path / "b.mp4", size=(160, 106), weights=restless)
    assert bigger.manifest["effective"]["width"] == 160


def test_clips_and_a_moving_sheet_play_the_cells(small_photo: Path, restless: Path, tmp_path: Path) -> None:
    made = explored(small_photo, restless, grid=(2, 1), out=tmp_path / "sheet.mp4", clips=tmp_path / "clips")
    assert sorted(path.name for path in (tmp_path / "clips").iterdir()) == ["cell-1.mp4", "cell-2.mp4"]
    assert probe(tmp_path / "clips" / "cell-2.mp4").frames == 4
    first, *_, last = read_frames(tmp_path / "sheet.mp4").frames
    assert first.shape == made.sheet.shape
    assert np.abs(first.astype(int) - last).mean() > 3


def test_led_by_a_plan_without_hidden_places_all_cells_are_the_same_and_that_is_said(
    small_photo: Path, restless: Path
) -> None:
    made = explored(small_photo, restless, "hold still", free=False, grid=(2, 1))
    assert any("Cells 1, 2 are the same to the bit" in note for note in made.notes)


@pytest.mark.parametrize(("to", "said"), [("the flag waves", "flag"), ("she smiles", "portrait")])
def test_a_second_prompt_that_cannot_be_drawn_is_refused_before_the_first_cell(
    small_photo: Path, restless: Path, to: str, said: str
) -> None:
    told: list[str] = []
    with pytest.raises(InputError, match=said):
        explored(small_photo, restless, to=to, progress=lambda stage, _done, _total: told.append(stage))
    assert "exploring" not in told


def test_another_photo_other_weights_and_unknown_cells_are_refused(
    six: Path, small_photo: Path, restless: Path, tmp_path: Path
) -> None:
    other = np.full((64, 96, 3), 90, np.uint8)
    with pytest.raises(InputError, match="not the photo of the exploration"):
        stillmotion.explore_more(other, six, [1], weights=restless)
    with pytest.raises(InputError, match="cells 1 to 6"):
        stillmotion.explore_more(small_photo, six, [7], weights=restless)
    with pytest.raises(WeightsMissing, match=r"dit\.json"):
        stillmotion.explore_more(small_photo, six, [1], weights=tmp_path)
    text = six.with_name("six.png.json").read_text()
    hash_of = read_exploration(six).source.weights["dit.onnx"]
    (tmp_path / "x.json").write_text(text.replace(hash_of, "0" * 64))
    with pytest.raises(InputError, match=r"not those of the exploration: dit\.onnx"):
        stillmotion.explore_more(small_photo, tmp_path / "x.json", [1], weights=restless)


def test_a_record_is_read_as_it_was_written_and_a_damaged_one_is_named(six: Path, tmp_path: Path) -> None:
    record = read_exploration(six)
    (tmp_path / "x.json").write_text(record.to_json())
    assert read_exploration(tmp_path / "x.json") == record
    for text, said in (("{}", "no record of an exploration"), ("[", "cannot be read"), ("[]", "no record")):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(InputError, match=said):
            read_exploration(tmp_path / "x.json")
    (tmp_path / "x.json").write_text(record.to_json().replace('"noise"', '"sound"'))
    with pytest.raises(InputError, match="damaged: KeyError"):
        read_exploration(tmp_path / "x.json")


def test_a_stopped_exploration_writes_nothing(small_photo: Path, restless: Path, tmp_path: Path) -> None:
    cancel = Event()

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "exploring" and done == 1:
            cancel.set()

    with pytest.raises(Cancelled):
        explored(
            small_photo,
            restless,
            grid=(2, 1),
            out=tmp_path / "s.png",
            clips=tmp_path / "c",
            progress=stop,
            cancel=cancel,
        )
    assert list(tmp_path.iterdir()) == []


def test_the_record_says_where_a_walk_and_a_grid_differ(six: Path) -> None:
    record: Exploration = read_exploration(six)
    assert (record.kind, record.columns, record.step, record.moving) == ("grid", 3, 1.0, ())
