"""Colours that drift are held to the first frame's; what comes into the picture is not painted over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError
from stillmotion.evaluation.drift import distance, look
from stillmotion.evaluation.flicker import pumping
from stillmotion.stages.finishing.lock_colour import LockColour
from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT, COUNT = 128, 80, 40


def picture(width: int, seed: int, middle: float) -> UInt8:
    rng = np.random.default_rng(seed)
    blobs = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, width, 3)).astype(np.float32), (0, 0), 4)
    return np.clip(middle + 4 * (blobs - blobs.mean()), 20, 220).astype(np.uint8)


@pytest.fixture(scope="module")
def calm() -> list[UInt8]:
    wide = picture(WIDTH + COUNT, 1, 110)
    return [np.ascontiguousarray(wide[:, n : n + WIDTH]) for n in range(COUNT)]


def drifted(frame: UInt8, part: float) -> UInt8:
    """Warmer, lighter, flatter."""
    levels = frame * np.array([1 + 0.2 * part, 1 + 0.1 * part, 1 - 0.1 * part])
    return np.rint(np.clip(120 + (levels - 120) * (1 - 0.15 * part), 0, 255)).astype(np.uint8)


def through(frames: list[UInt8], strength: float = 1.0) -> tuple[list[UInt8], dict[str, object]]:
    step = LockColour(strength=strength)
    stream = FrameStream(frames=iter(frames), width=WIDTH, height=HEIGHT, fps=24, count=len(frames))
    return list(step(stream)), step.told()


def apart(one: UInt8, other: UInt8) -> float:
    return distance(look(one), look(other)).colour


def test_a_calm_clip_passes_as_the_same_bytes(calm: list[UInt8]) -> None:
    frames, told = through(calm)
    assert all(one is other for one, other in zip(frames, calm, strict=True))
    assert told["changed"] == 0


def test_a_slow_drift_is_taken_back(calm: list[UInt8]) -> None:
    spoiled = [drifted(frame, number / (COUNT - 1)) for number, frame in enumerate(calm)]
    frames, told = through(spoiled)
    assert apart(frames[-1], calm[-1]) < 0.2 * apart(spoiled[-1], calm[-1])
    assert pumping([float(f.mean()) for f in frames]) < pumping([float(f.mean()) for f in spoiled]) + 0.2
    assert isinstance(told["largest_correction_lab"], float)
    assert told["largest_correction_lab"] > 3


def test_half_the_strength_takes_half_of_the_drift(calm: list[UInt8]) -> None:
    spoiled = [drifted(frame, number / (COUNT - 1)) for number, frame in enumerate(calm)]
    half, _ = through(spoiled, strength=0.5)
    assert apart(half[-1], calm[-1]) == pytest.approx(0.5 * apart(spoiled[-1], calm[-1]), rel=0.25)


def test_a_pan_to_another_light_is_no_drift() -> None:
    dark, light = picture(WIDTH, 2, 70), picture(3 * WIDTH, 3, 170)
    wide = np.concatenate([dark, light], axis=1)
    pan = [np.ascontiguousarray(wide[:, 4 * n : 4 * n + WIDTH]) for n in range(60)]
    frames, told = through(pan)
    changes = [cv2.norm(a, b, cv2.NORM_L1) / a.size for a, b in zip(frames, pan, strict=True)]
    assert max(changes) < 2.0
    assert isinstance(told["references_handed_on"], int)
    assert told["references_handed_on"] >= 1


def test_each_scene_has_its_own_first_frame(calm: list[UInt8]) -> None:
    other = picture(WIDTH, 8, 160)
    frames, told = through([*calm[:20], *[other] * 20])
    assert told["cuts"] == 1
    assert frames[20] is other
    assert frames[-1] is other


@pytest.mark.parametrize("strength", [0.0, 1.2, -1.0])
def test_a_strength_out_of_bounds_is_refused(strength: float) -> None:
    with pytest.raises(InputError, match="above 0"):
        LockColour(strength=strength)
