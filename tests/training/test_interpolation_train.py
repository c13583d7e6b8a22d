"""The interpolator's training: its samples are right, its inputs those of the package, its steps repeatable."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.models import interpolator
from stillmotion.stages.finishing.flow import FlowFinder, along, sized
from stillmotion.stages.finishing.interpolate import Between, _enlarged
from stillmotion.training.interpolation.data import (
    SIZE,
    Sample,
    from_photos,
    is_held_out,
    load,
    sample_of,
    save,
    turned,
)

CLIPS = ("steel_0123.mp4", "sam2_0076.mp4", "sam2_0081.mp4", "sam2_0092.mp4", "sam2_0093.mp4", "toys_0138.mp4")


def picture(seed: int, size: tuple[int, int] = (360, 480)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = np.zeros((*size, 3), np.float32)
    for sigma, amount in ((20.0, 40.0), (5.0, 30.0), (1.5, 15.0)):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (*size, 3)).astype(np.float32), (0, 0), sigma)
        out += amount * noise / noise.std()
    return np.clip(out + 128, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def sample() -> Sample:
    rng, (height, width) = np.random.default_rng(0), SIZE
    return from_photos([picture(i) for i in range(4)], rng, FlowFinder(width, height))


def test_clips_are_split_by_the_video_they_are_from() -> None:
    assert [is_held_out(name) for name in CLIPS] == [True, True, False, False, True, False]


def test_the_middle_of_a_made_triplet_is_exact(sample: Sample) -> None:
    wide = picture(9, (SIZE[0], SIZE[1] + 12))
    views = [np.ascontiguousarray(wide[:, x : x + SIZE[1]]) for x in (0, 12, 6)]
    pan = sample_of(views[0], views[1], views[2], 0.5, FlowFinder(SIZE[1], SIZE[0]))
    assert np.abs(pan.motion[20:-20, 20:-20].astype(np.float32) - [-12, 0]).mean() < 0.2
    assert sample.before.shape == sample.after.shape == sample.middle.shape == (*SIZE, 3)
    assert not np.array_equal(sample.before, sample.after)
    assert 0 < sample.t < 1


def test_a_stored_sample_is_read_as_it_was(sample: Sample, tmp_path: Path) -> None:
    save(sample, tmp_path / "0.npz")
    again = load(tmp_path / "0.npz")
    assert np.array_equal(again.middle, sample.middle)
    assert np.array_equal(again.motion, sample.motion)
    assert again.t == sample.t


def test_turning_a_sample_turns_its_motion(sample: Sample) -> None:
    torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")
    from stillmotion.training.interpolation.net import drawn

    cut = (slice(40, 168), slice(100, 228))
    arrays = (sample.before, sample.after, sample.middle, sample.motion, sample.maps)
    square = Sample(*(each[cut] for each in arrays), sample.t)
    errors = []
    for seed in range(12):
        values = turned(square, (128, 128), np.random.default_rng(seed))
        batch = {name: torch.from_numpy(value[None]) for name, value in values.items()}
        nothing = torch.zeros(1, 8, 64, 64)
        found = drawn(batch["before"], batch["after"], batch["motion"], batch["maps"][:, :1], batch["t"], nothing)
        errors.append(float((found - batch["middle"]).abs()[..., 24:-24, 24:-24].mean()))
    assert max(errors) == pytest.approx(min(errors), rel=0.05)


def test_an_untrained_network_draws_what_the_flow_alone_draws(sample: Sample) -> None:
    pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")
    from stillmotion.training.interpolation.train import InterpolationNet, predicted, tensors

    whole = turned_nothing(sample)
    frame = predicted(InterpolationNet(), tensors(whole))[0].detach().permute(1, 2, 0).clamp(0, 1).numpy() * 255
    finder = FlowFinder(SIZE[1], SIZE[0])
    flows = finder(finder.grey(sample.before), finder.grey(sample.after))
    wanted = Between(sample.before, sample.after, flows)(sample.t)
    assert np.abs(frame - wanted).mean() < 1.0


def turned_nothing(sample: Sample) -> dict[str, np.ndarray]:
    """The whole sample as a batch of one."""
    pictures = {name: getattr(sample, name).astype(np.float32) / 255 for name in ("before", "after", "middle", "maps")}
    arrays = pictures | {"motion": sample.motion.astype(np.float32)}
    batch = {name: np.ascontiguousarray(x.transpose(2, 0, 1))[None] for name, x in arrays.items()}
    return batch | {"t": np.full((1, 1, 1, 1), sample.t, np.float32)}


def test_the_package_gives_the_network_what_it_was_trained_with(sample: Sample) -> None:
    torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")
    from stillmotion.training.interpolation import net

    batch = {name: torch.from_numpy(value) for name, value in turned_nothing(sample).items()}
    maps = batch["maps"]
    wanted = net.seen(batch["before"], batch["after"], batch["motion"], maps[:, :1], maps[:, 1:], batch["t"])[0].numpy()
    size = (SIZE[1] // 2, SIZE[0] // 2)
    small = _enlarged(sample.motion.astype(np.float32), size)
    shares = sample.maps.astype(np.float32) / 255
    found = interpolator.seen(
        along(sized(sample.before, size), small, by=-sample.t),
        along(sized(sample.after, size), small, by=1 - sample.t),
        motion=small, share=sized(shares[..., 0], size), known=sized(shares[..., 1], size), t=sample.t,
    )  # fmt: skip
    assert net.FLOW_SCALE == interpolator.FLOW_SCALE
    assert np.abs(found - wanted).mean() < 0.004
    assert np.abs(found[6:] - wanted[6:]).max() < 0.01


def _losses(seed: int, sample: Sample) -> list[float]:
    import torch

    from stillmotion.training.interpolation.train import InterpolationNet, base, losses, predicted, tensors

    torch.manual_seed(seed)
    rng = np.random.default_rng(0)
    drawn = [turned(sample, (64, 64), rng) for _ in range(2)]
    batch = tensors({name: np.stack([each[name] for each in drawn]) for name in drawn[0]})
    net = InterpolationNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-4)
    found = []
    for _ in range(10):
        parts = losses(predicted(net, batch), batch["middle"], base())
        optimizer.zero_grad()
        parts["whole"].backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.3)
        optimizer.step()
        found.append(float(parts["whole"].detach()))
    return found


def test_ten_steps_are_the_same_each_time_and_learn(sample: Sample) -> None:
    pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")
    one, other = _losses(0, sample), _losses(0, sample)
    assert one == pytest.approx(other, rel=1e-4)
    assert one[-1] < one[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the exporter that OpenCV can read
def test_what_is_exported_is_what_was_trained(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")
    pytest.importorskip("onnx", reason="export needs onnx: pip install stillmotion[train]")
    from stillmotion.training.interpolation.export import export
    from stillmotion.training.interpolation.net import InterpolationNet

    torch.manual_seed(0)
    net = InterpolationNet()
    torch.nn.init.normal_(net.last.weight, std=0.1)
    torch.save({"mean": net.state_dict()}, tmp_path / "checkpoint.pt")
    assert export(tmp_path, tmp_path / "net.onnx") < 1e-4
