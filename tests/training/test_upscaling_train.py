"""Training of the upscaler where torch is installed: pairs that fit, losses that fall, a file that says the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")


def _photo(side: int = 400) -> np.ndarray:
    noise = np.random.default_rng(2).integers(0, 256, (side, side + 40, 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 3).astype(np.float32)
    return np.clip((soft - 128) * 6 + 128, 0, 255).astype(np.uint8)


def _losses(seed: int) -> list[float]:
    from stillmotion.training.upscaling.data import batch_of
    from stillmotion.training.upscaling.net import Shape, UpscaleNet
    from stillmotion.training.upscaling.train import base, losses, tensors

    torch.manual_seed(seed)
    net = UpscaleNet(Shape(width=8, depth=2, fold=1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    batch = tensors(batch_of([_photo()] * 4, 2, 24, np.random.default_rng(0)))
    config = dataclasses.replace(base(), rim=2)
    found = []
    for _ in range(10):
        parts = losses(net(batch["luma"], 2), batch["residual"], config, 2)
        optimizer.zero_grad()
        parts["whole"].backward()
        optimizer.step()
        found.append(float(parts["whole"].detach()))
    return found


def test_ten_steps_are_the_same_each_time_and_learn() -> None:
    one, other = _losses(0), _losses(0)
    assert one == pytest.approx(other, rel=1e-4)
    assert one[-1] < 0.98 * one[0]


@pytest.mark.parametrize("factor", [2, 4])
def test_a_pair_shows_the_same_place(factor: int) -> None:
    from stillmotion.training.upscaling.data import enlarged, pair

    rng = np.random.default_rng(0)
    for _ in range(12):
        small, large = pair(_photo(), factor, 32, rng)
        assert small.shape == (32, 32)
        assert large.shape == (32 * factor, 32 * factor)
        wanted = large.astype(np.float32)[8:-8, 8:-8]
        apart = {
            (x, y): float(np.square(np.roll(enlarged(small, factor), (y, x), (0, 1))[8:-8, 8:-8] - wanted).mean())
            for x in (-factor, 0, factor)
            for y in (-factor, 0, factor)
        }
        assert min(apart, key=lambda shift: apart[shift]) == (0, 0)


@pytest.mark.filterwarnings("ignore:You are using the legacy")
@pytest.mark.filterwarnings("ignore:The feature will be removed")
def test_the_exported_network_says_the_same_in_opencv(tmp_path: Path) -> None:
    from stillmotion.training.upscaling.export import export
    from stillmotion.training.upscaling.net import Shape, UpscaleNet

    torch.manual_seed(0)
    for fold in (1, 2):
        apart = export(UpscaleNet(Shape(width=8, depth=2, fold=fold)).eval(), tmp_path / f"{fold}.onnx")
        assert max(apart.values()) < 1e-5
