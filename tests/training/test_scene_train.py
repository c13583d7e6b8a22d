"""The training loop where torch is installed: the same seed gives the same losses, and they fall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")

SAMPLE = Path(__file__).parents[1] / "data" / "worlds" / "sample.tar"


def _losses(seed: int) -> list[float]:
    from stillmotion.training.scene.classes import NAMES
    from stillmotion.training.scene.net import SceneNet
    from stillmotion.training.scene.train import CONFIGS, losses, tensors

    torch.manual_seed(seed)
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 1, 32, dtype=np.float32)[None, :, None].repeat(32, axis=2)
    picture = np.repeat(np.repeat(ramp, 2, 1), 2, 2)[:, None].repeat(3, axis=1)
    picture = (picture + rng.normal(0, 0.01, picture.shape)).astype(np.float32)
    one = np.ones_like(ramp)
    classes = (ramp * 3).astype(np.uint8)
    shares = np.eye(len(NAMES), dtype=np.float32)[classes[:, ::4, ::4]]
    labels = {
        "disparity": ramp,
        "classes": classes,
        "sure": one,
        "trust": one,
        "shares": shares,
        "exact": np.zeros(1, np.float32),
    }
    batch = tensors({"rgb": picture} | labels)
    net = SceneNet(len(NAMES))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    found = []
    for _ in range(10):
        disparity, logits = net(batch["rgb"])
        parts = losses(disparity, logits, batch, CONFIGS["base"])
        optimizer.zero_grad()
        parts["whole"].backward()
        optimizer.step()
        found.append(float(parts["whole"].detach()))
    return found


def test_ten_steps_are_the_same_each_time_and_learn() -> None:
    one, other = _losses(0), _losses(0)
    assert one == pytest.approx(other, rel=1e-4)
    assert one[-1] < 0.9 * one[0]


def test_a_shipped_file_learns_on_from_what_it_says() -> None:
    import cv2

    from stillmotion.models.scene import WEIGHTS
    from stillmotion.training.scene.warm import restored

    torch.manual_seed(0)
    photo = torch.rand(1, 3, 96, 128)
    net = restored(WEIGHTS, [torch.rand(4, 3, 96, 128) for _ in range(2)])
    shipped = cv2.dnn.readNetFromONNX(str(WEIGHTS))
    shipped.setInput(photo.numpy())
    disparity, classes = shipped.forward(["disparity", "classes"])
    with torch.no_grad():
        found = net.eval()(photo)
        assert np.abs(found[0].numpy() - disparity).max() < 1e-4
        assert np.abs(found[1].softmax(dim=1).numpy() - classes).max() < 1e-4
        trained = net.train()(torch.rand(4, 3, 96, 128))[0]  # by the batch's own statistics, as training does
        assert 0.5 < float(trained.std() / found[0].std()) < 2


def test_a_made_world_is_a_sample_with_exact_edges() -> None:
    from stillmotion.training.scene.classes import NAMES
    from stillmotion.training.scene.made import samples_of

    for sample in samples_of(SAMPLE):
        height, width = sample.disparity.shape
        assert sample.rgb.shape == (2 * height, 2 * width, 3)
        assert sample.shares.shape == (height // 4, width // 4, len(NAMES))
        sky = sample.classes == NAMES.index("sky")
        assert not sky.any() or sample.disparity[sky].max() <= sample.disparity[~sky].min()
        assert (np.abs(sample.shares.sum(axis=2, dtype=int) - 255) <= len(NAMES) // 2).all()
        assert (sample.sure[sample.classes == NAMES.index("other")] == 0).all()


def test_a_run_starts_from_a_file_and_mixes_photos_with_worlds(tmp_path) -> None:
    from dataclasses import replace

    from stillmotion.models.scene import WEIGHTS
    from stillmotion.training.loop import Length
    from stillmotion.training.scene.made import samples_of
    from stillmotion.training.scene.train import CONFIGS, train

    made = list(samples_of(SAMPLE))
    for i, sample in enumerate(made[:4]):
        fields = {name: getattr(sample, name) for name in ("rgb", "classes", "shares")}
        maps = {name: (255 * getattr(sample, name)).astype(np.uint8) for name in ("sure", "trust")}
        np.savez(tmp_path / f"{i}.npz", disparity=sample.disparity, **fields, **maps)
    config = replace(CONFIGS["sharp"], batch=4, height=96, width=128)
    files, length = sorted(tmp_path.glob("*.npz")), Length(steps=3, minutes=1e9, tell=100, keep=100, look=100)
    warm = train(config, files, files, tmp_path, length, made=made, start=WEIGHTS)
    (tmp_path / "checkpoint.pt").unlink()
    cold = train(config, files, files, tmp_path, length, made=made)
    assert warm[0] < 0.8 * cold[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the exporter that OpenCV can read
def test_a_run_mixed_with_a_file_lies_between_them_and_what_is_written_is_checked(tmp_path) -> None:
    import cv2

    from stillmotion.models.scene import WEIGHTS
    from stillmotion.training.scene.export import export
    from stillmotion.training.scene.warm import restored

    run = restored(WEIGHTS, [torch.rand(2, 3, 64, 64)])
    run.disparity[-1].bias.data += 1
    torch.save({"mean": run.state_dict()}, tmp_path / "checkpoint.pt")
    differences = [
        export(tmp_path, tmp_path / "middle.onnx", before=WEIGHTS, share=0.25),
        export(tmp_path, tmp_path / "other.onnx"),
    ]
    assert all(value < 1e-3 for each in differences for value in each.values())
    found = []
    for file in (WEIGHTS, tmp_path / "middle.onnx", tmp_path / "other.onnx"):
        net = cv2.dnn.readNetFromONNX(str(file))
        net.setInput(np.full((1, 3, 64, 64), 0.5, np.float32))
        found.append(np.log(np.expm1(net.forward("disparity"))))  # what softplus was given
    assert found[1] - found[0] == pytest.approx(0.25, abs=0.01)
    assert found[2] - found[0] == pytest.approx(1, abs=0.01)


def test_every_class_is_in_one_merged_class() -> None:
    from stillmotion.training.scene.classes import MERGED, NAMES, merged_table

    assert sorted(name for members in MERGED.values() for name in members) == sorted(NAMES)
    assert list(MERGED)[merged_table()[NAMES.index("tree")]] == "vegetation"


def test_photos_held_out_are_not_learned_from(tmp_path) -> None:
    from stillmotion.training.scene.data import split

    (tmp_path / "held").mkdir()
    for name in ("a.npz", "b.npz", "held/c.npz"):
        (tmp_path / name).touch()
    files, checks = split(tmp_path)
    assert [each.name for each in files] == ["a.npz", "b.npz"]
    assert [each.name for each in checks] == ["c.npz"]
