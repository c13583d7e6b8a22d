"""Runs of the latent diffusion where torch is installed: they learn, alike each time, and go on to the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")
pytest.importorskip("einops", reason="training needs einops: pip install stillmotion[train]")


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def pictures():
    """Four photos and two clips of smooth noise."""
    import cv2

    from stillmotion.training.diffusion.data import Packed, Pictures

    def packed(count: int, frames: int) -> Packed:
        rng = np.random.default_rng(count)
        made = []
        for _ in range(count):
            wide = cv2.GaussianBlur(rng.integers(0, 256, (96, 96 + frames, 3), dtype=np.uint8), (0, 0), 3)
            wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
            made.append(np.stack([wide[:, t : t + 96] for t in range(frames)]))
        values = np.concatenate([each.ravel() for each in made])
        shape = (frames, 96, 96)
        starts = tuple(i * made[0].size for i in range(count))
        return Packed(tuple(f"general/{i}" for i in range(count)), (shape,) * count, starts, values)

    return Pictures(packed(4, 1), packed(2, 25))


def _length(steps: int):
    from stillmotion.training.diffusion.loop import Length

    return Length(steps=steps, minutes=1e9, tell=100, keep=100, look=100)


def test_ten_steps_of_the_autoencoder_are_the_same_each_time_and_learn(pictures, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.loop import Team, go
    from stillmotion.training.diffusion.vae_run import CONFIGS, begin, draw, losses

    config, runs = CONFIGS["test"], []
    batch = draw(config, pictures, np.random.default_rng(0))
    for name in ("one", "other"):
        state = begin(config, pictures)

        def of_step(step: int, net=state.net):
            return losses(net, batch, config, None, torch.Generator().manual_seed(step))

        team = Team(0, 1, tmp_path)
        runs.append(go(state, of_step, config.pace, _length(10), team=team, checkpoint=tmp_path / f"{name}.pt"))
    assert runs[0] == pytest.approx(runs[1], rel=1e-5)
    assert runs[0][-1] < 0.95 * runs[0][0]


def test_an_autoencoder_run_that_was_stopped_goes_on_to_the_sample(pictures, tmp_path: Path) -> None:
    from stillmotion.training.diffusion.vae_run import CONFIGS, train

    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
    whole = train(_even(CONFIGS["test"]), pictures, None, tmp_path / "whole", _length(6))
    first = train(_even(CONFIGS["test"]), pictures, None, tmp_path / "halves", _length(3))
    second = train(_even(CONFIGS["test"]), pictures, None, tmp_path / "halves", _length(6))
    assert first + second == whole


def _even(config):
    """The rate does not depend on where the run ends."""
    from dataclasses import replace

    return replace(config, pace=replace(config.pace, least_rate=config.pace.rate))


def test_the_linear_start_gives_smooth_pictures_back(pictures) -> None:
    from stillmotion.training.diffusion.vae_check import check
    from stillmotion.training.diffusion.vae_run import CONFIGS, begin

    found = check(begin(CONFIGS["test"], pictures).mean, pictures, every=1, side=96)
    assert found["still_psnr"] > 22


def test_a_photo_set_in_motion_moves_and_a_clip_keeps_its_length(pictures) -> None:
    from stillmotion.training.diffusion.data import clip_crop, moving_crop

    rng = np.random.default_rng(0)
    moved = moving_crop(pictures.photos.frames(0)[0], 9, 32, rng)
    assert moved.shape == clip_crop(pictures.clips.frames(0), 9, 32, rng).shape == (9, 32, 32, 3)
    assert np.abs(moved[0].astype(int) - moved[-1]).mean() > 1
