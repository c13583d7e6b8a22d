"""Samplers on flows whose ends are known."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.stages.generation.nano.sample import euler, guided, heun, schedule
from stillmotion.types import Float32

SPREAD = 0.5
NOISE = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)


def _gaussian(latent: Float32, time: float) -> Float32:
    """The exact velocity if pictures are normal with mean 2 and deviation 0.5."""
    variance = (1 - time) ** 2 * SPREAD**2 + time**2
    centred = latent - np.float32(2 * (1 - time))
    slope = (time - (1 - time) * SPREAD**2) / variance
    return np.asarray(slope * centred - 2, np.float32)


@pytest.mark.parametrize("sampler", [euler, heun])
def test_noise_becomes_the_picture_that_it_belongs_to(sampler) -> None:
    found = sampler(_gaussian, NOISE, schedule(200, tokens=256, base_tokens=256))
    assert np.abs(found - (2 + SPREAD * NOISE)).max() < 0.02


def test_two_looks_per_step_are_nearer_than_one() -> None:
    times = schedule(8, tokens=256, base_tokens=256)
    wanted = 2 + SPREAD * NOISE
    errors = [np.abs(sampler(_gaussian, NOISE, times) - wanted).mean() for sampler in (euler, heun)]
    assert errors[1] < errors[0] / 2


def test_a_straight_way_needs_one_step() -> None:
    picture = np.float32(3.0)
    found = euler(lambda latent, time: (latent - picture) / np.float32(time), NOISE, (1.0, 0.0))
    assert np.allclose(found, picture, atol=1e-5)


@pytest.mark.parametrize("sampler", [euler, heun])
def test_a_run_that_was_stopped_goes_on_bit_by_bit(sampler) -> None:
    times = schedule(6, tokens=1280, base_tokens=256)
    seen: list[Float32] = []

    def stop(step: int, latent: Float32) -> None:
        seen.append(latent)
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sampler(_gaussian, NOISE, times, after=stop)
    assert np.array_equal(sampler(_gaussian, seen[-1], times[3:]), sampler(_gaussian, NOISE, times))


def test_times_fall_from_noise_to_picture_and_stay_longer_near_noise_for_larger_clips() -> None:
    small, large = (schedule(10, tokens=tokens, base_tokens=256) for tokens in (256, 1280))
    assert small[0] == large[0] == 1
    assert small[-1] == large[-1] == 0
    assert list(large) == sorted(large, reverse=True)
    assert all(b > a for a, b in zip(small[1:-1], large[1:-1], strict=True))


def test_guidance_moves_away_from_what_is_said_without_a_condition() -> None:
    whole, without = np.float32([1, 2]), {"text": np.float32([0, 2]), "guide": np.float32([1, 0])}
    assert np.array_equal(guided(whole, {}, {"text": 0.0}), whole)
    assert guided(whole, without, {"text": 2.0, "guide": 0.5}).tolist() == [3, 3]
