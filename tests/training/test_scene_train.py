"""The training loop where torch is installed: the same seed gives the same losses, and they fall."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")


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
    labels = {"disparity": ramp, "classes": classes, "sure": one, "trust": one, "shares": shares}
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
