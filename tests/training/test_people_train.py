"""The networks of people in training: labels stay on their pictures, runs repeat and go on, files equal networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")

from stillmotion.models.people import FINDER_STEP, read_heat  # noqa: E402
from stillmotion.models.people_points import BODY, FACE, eyes_and_mouth  # noqa: E402
from stillmotion.training.loop import Length  # noqa: E402
from stillmotion.training.people.labels import Face, Labelled  # noqa: E402
from stillmotion.training.people.samples import Pool, body_sample, face_crop, finder_sample  # noqa: E402
from stillmotion.training.people.train import Kind, base, train  # noqa: E402

KINDS: tuple[Kind, ...] = ("finder", "face", "body")
RIGHT, LEFT, MOUTH = (255, 60, 60), (60, 255, 60), (60, 60, 255)


def _drawn() -> Labelled:
    """A grey picture with a face of three coloured dots, and a body below it whose wrists are two of them."""
    rgb = np.full((240, 320, 3), 90, np.uint8)
    points = np.zeros((FACE.count, 2))
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    points[:] = (160, 100)
    points[FACE.slice("oval")] = np.stack([160 + 40 * np.sin(angles), 100 - 50 * np.cos(angles)], axis=1)
    for name, at, colour in (
        ("right_iris", (140, 85), RIGHT), ("left_iris", (180, 85), LEFT), ("outer_lips", (160, 125), MOUTH)
    ):  # fmt: skip
        points[FACE.slice(name)] = at
        rgb[at[1] - 5 : at[1] + 5, at[0] - 5 : at[0] + 5] = colour
    body = np.zeros((len(BODY), 3))
    for name, at in (
        ("nose", (160, 100)), ("right_shoulder", (120, 160)), ("left_shoulder", (200, 160)),
        ("right_hip", (130, 225)), ("left_hip", (190, 225)), ("right_wrist", (140, 85)), ("left_wrist", (180, 85)),
    ):  # fmt: skip
        body[BODY.index(name)] = (*at, 0.9)
    return Labelled(rgb, "drawn", (Face(points, np.ones(FACE.count, np.float32), True),), np.zeros((0, 4)), (body,))


def _pool() -> Pool:
    nothing = Labelled(np.full((200, 200, 3), 120, np.uint8), "nothing", (), np.zeros((0, 4)), ())
    return Pool.of([_drawn(), nothing])


def _is(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return int(np.argmax(pixel)) == int(np.argmax(colour)) and int(pixel.max()) > 150


def test_points_of_a_face_stay_on_it_and_change_sides_in_the_mirror() -> None:
    pool, mirrored = _pool(), 0
    for seed in range(24):
        crop, points, _ = face_crop(pool.pictures[0], pool.pictures[0].faces[0], np.random.default_rng(seed))
        right, left, mouth = eyes_and_mouth(points).astype(int)
        assert _is(crop[mouth[1], mouth[0]], MOUTH)
        swapped = _is(crop[right[1], right[0]], LEFT)  # a mirrored person's right eye is the other one
        mirrored += swapped
        assert _is(crop[left[1], left[0]], RIGHT if swapped else LEFT)
    assert 4 < mirrored < 20


def test_the_heat_of_a_body_stays_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stillmotion.training.people.samples.developed", lambda crop, rng: crop)
    pool, seen = _pool(), 0
    for seed in range(40):
        crop, heat = body_sample(pool, np.random.default_rng(seed))
        points, high = read_heat(heat)
        wrists = [BODY.index("right_wrist"), BODY.index("left_wrist")]
        if high[wrists].min() < 0.7:  # covered, outside, or nobody
            continue
        pixels = [crop[int(y), int(x)] for x, y in points[wrists]]
        assert {int(p.argmax()) for p in pixels} == {0, 1}
        seen += 1
    assert seen > 8


def test_the_finder_is_told_where_faces_are_and_what_to_leave_open() -> None:
    pool, faces = _pool(), 0
    for seed in range(30):
        _, target = finder_sample(pool, np.random.default_rng(seed))
        for j, i in zip(*np.nonzero(target[0] == 1), strict=True):
            size = FINDER_STEP * np.exp(target[3:5, j, i])
            eyes, mouth = target[5:9, j, i].reshape(2, 2), target[9:11, j, i]
            assert 6 < size.max() < 260
            assert np.linalg.norm(eyes - mouth, axis=1).min() > 0.25  # in sizes of the face
            assert target[-2, j, i] == target[-1, j, i] == 1
            faces += 1
    assert faces > 8
    doubtful = Labelled(pool.pictures[0].rgb, "doubtful", (), np.array([[0.0, 0, 320, 240]]), ())
    _, target = finder_sample(Pool.of([doubtful, pool.pictures[1], _drawn()]), np.random.default_rng(5))
    assert target.shape[0] == 13


@pytest.mark.parametrize("kind", KINDS)
def test_ten_steps_are_the_same_each_time_and_go_on_after_a_stop(kind: Kind, tmp_path: Path) -> None:
    config = base(kind)
    config = type(config)(kind=kind, pace=config.pace, batch=3, seed=1)

    def run(folder: str, steps: int) -> list[float]:
        (tmp_path / folder).mkdir(exist_ok=True)
        length = Length(steps=steps, minutes=10, tell=100, keep=5, look=100)
        return train(config, _pool(), _pool(), tmp_path / folder, length, check_batches=0)

    whole = run("whole", 10)
    assert whole[-1] < whole[0]
    assert run("again", 10) == pytest.approx(whole, rel=1e-4)
    run("parts", 5)
    assert run("parts", 10) == pytest.approx(whole[5:], rel=0.15)  # the rate of the first steps depends on the length


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the exporter announces its successor
@pytest.mark.parametrize("kind", KINDS)
def test_the_file_that_is_shipped_gives_what_the_network_gives(kind: Kind, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from stillmotion.training.people.export import export

    length = Length(steps=1, minutes=10, tell=100, keep=1, look=100)
    config = base(kind)
    train(
        type(config)(kind=kind, pace=config.pace, batch=2, seed=1), _pool(), _pool(), tmp_path, length, check_batches=0
    )
    out = tmp_path / "out.onnx"
    assert export(kind, tmp_path, out) < 2e-3
    assert out.stat().st_size < 2e6


def test_a_run_begins_with_what_the_scene_network_knows() -> None:
    pytest.importorskip("onnx")
    from stillmotion.models.scene import WEIGHTS
    from stillmotion.training.loop import fresh
    from stillmotion.training.people.net import FaceFinder
    from stillmotion.training.people.train import begin, restored

    state = fresh(FaceFinder(), base("finder").pace)
    begin(state, WEIGHTS, _pool())
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    scene = restored(WEIGHTS, [picture])
    with torch.no_grad():
        wanted = scene.down[1](scene.down[0](scene.stem((picture - 0.45) / 0.25)))
        assert torch.allclose(state.mean.trunk(picture)[1], wanted, atol=1e-3)
