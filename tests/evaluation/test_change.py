"""Flicker, cuts, drift, loops and warping errors against closed forms."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from stillmotion.evaluation.drift import Drift, aligned, distance, look, per_second, without_parallax
from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.evaluation.flicker import jump, pumping, step_size, temporal_flickering
from stillmotion.evaluation.loop import loop_seam, loop_step
from stillmotion.evaluation.picture import grey
from stillmotion.evaluation.warping import pair_error, visible, warp
from stillmotion.types import UInt8


def test_flickering_is_vbenchs_formula() -> None:
    frames = [np.full((8, 8, 3), level, np.uint8) for level in (100, 110, 100, 104)]
    steps = [step_size(a, b) for a, b in pairwise(frames)]
    assert steps == [10, 10, 4]
    assert temporal_flickering(steps) == pytest.approx((255 - 8) / 255)
    assert temporal_flickering([]) == 1


def test_light_that_rises_steadily_does_not_pump_and_light_that_alternates_does() -> None:
    assert pumping(np.linspace(80, 160, 30).tolist()) == pytest.approx(0, abs=1e-9)
    assert pumping([100, 102] * 10) == pytest.approx(4)


def test_a_cut_stands_out_of_the_steps_and_a_smooth_burst_does_not() -> None:
    assert jump([3, 3, 3, 40, 3, 3, 3]) == (pytest.approx(40 / 3), 4)
    burst = [0.2, 0.4, 1, 2, 4, 7, 9, 9, 7, 4, 2, 1, 0.4, 0.2]
    assert jump(burst)[0] < 2.5
    assert jump([0.5, 0.6, 0.5, 0.4])[0] < 1


def test_a_flash_stands_out_too() -> None:
    assert jump([3, 3, 3, 30, 30, 3, 3, 3])[0] > 5


def test_a_loop_that_closes_has_a_seam_of_one() -> None:
    assert loop_seam(6.1, [6.0, 6.1, 6.2]) == pytest.approx(1)
    assert loop_seam(24.4, [6.0, 6.1, 6.2]) == pytest.approx(4)
    assert loop_seam(0.0, [0.0, 0.0]) == 0


def test_the_end_of_a_swing_is_fast_and_that_is_no_seam() -> None:
    swing = 30 * np.abs(np.cos(np.linspace(0, np.pi, 21)))
    assert loop_seam(30.0, list(swing)) == pytest.approx(1, abs=0.01)


def test_a_small_thing_that_jumps_back_is_a_step_as_large_as_itself() -> None:
    one = np.full((90, 160, 3), 100, np.uint8)
    other = one.copy()
    other[10:40, 20:44] += 50  # 5 % of the picture
    assert loop_step(one, other) == pytest.approx(50)
    assert loop_step(one, one) == 0


def test_a_colour_that_wanders_two_units_a_second_is_said_to(photo: UInt8) -> None:
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    times, found = [0.5, 1.0, 2.0], []
    for t in times:
        wandered = lab.copy()
        wandered[..., 1] += 2 * t
        frame = np.clip(cv2.cvtColor(wandered, cv2.COLOR_LAB2RGB) * 255 + 0.5, 0, 255).astype(np.uint8)
        found.append(distance(look(frame), look(photo)))
    rate = per_second(times, found)
    assert rate.colour == pytest.approx(2, abs=0.15)
    assert rate.contrast < 1


def test_contrast_and_sharpness_drift_are_the_logarithms_of_their_ratios(photo: UInt8) -> None:
    original = look(photo)
    blurred = look(cv2.GaussianBlur(photo, (0, 0), 1.5))
    assert distance(blurred, original).sharpness > 80
    assert per_second([0.0], [Drift(colour=1, contrast=1, sharpness=1)]).colour == 0
    grey_wedge = np.repeat(np.linspace(60, 200, 200).astype(np.uint8)[None, :, None], 3, axis=2).repeat(20, axis=0)
    flatter = (130 + (grey_wedge.astype(float) - 130) * 0.5).round().astype(np.uint8)
    ratio = np.std(cv2.cvtColor(flatter, cv2.COLOR_RGB2LAB)[..., 0]) / np.std(
        cv2.cvtColor(grey_wedge, cv2.COLOR_RGB2LAB)[..., 0]
    )
    assert distance(look(flatter), look(grey_wedge)).contrast == pytest.approx(-100 * np.log(ratio), abs=1.5)


def test_a_zoom_is_no_drift_once_the_frames_are_aligned(photo: UInt8) -> None:
    zoom = np.array([[1.3, 0, -40], [0, 1.3, -20], [0, 0, 1]])
    now = cv2.warpPerspective(photo, zoom, (320, 180), flags=cv2.INTER_CUBIC)
    reference, overlap = aligned(photo, now, zoom)
    drift = distance(look(now, overlap), look(reference, overlap))
    assert drift.colour < 0.1
    assert drift.sharpness < 1
    assert distance(look(now), look(photo)).sharpness > 10


def test_the_warping_error_of_a_whole_shift_is_nothing_and_of_noise_its_variance() -> None:
    rng = np.random.default_rng(0)
    smooth = cv2.GaussianBlur(rng.uniform(0, 255, (60, 80, 3)).astype(np.float32), (0, 0), 2)
    one = smooth.astype(np.uint8)
    other = np.roll(one, 4, axis=1)
    flow = np.zeros((60, 80, 2), np.float32)
    flow[..., 0] = 4
    assert pair_error(one, other, flow, -flow) == pytest.approx(0, abs=1e-12)
    noisy = np.clip(one.astype(int) + rng.integers(-1, 2, one.shape), 0, 255).astype(np.uint8)
    still = np.zeros_like(flow)
    assert pair_error(one, noisy, still, still) == pytest.approx((2 / 3) / 255**2, rel=0.05)


def test_what_is_covered_or_leaves_the_frame_is_not_counted() -> None:
    flow = np.zeros((40, 60, 2), np.float32)
    flow[:, :, 0] = 5
    assert not visible(flow, -flow)[:, 55:].any()
    assert visible(flow, -flow)[:, :55].all()
    back = -flow
    back[10:20, 20:30] = 7  # does not return
    seen = visible(flow, back)
    assert not seen[12:18, 18:23].any()


def test_an_estimated_flow_explains_a_small_zoom_down_to_the_resampling(photo: UInt8) -> None:
    zoom = np.array([[1.02, 0, -3.2], [0, 1.02, -1.8]])
    after = cv2.warpAffine(photo, zoom, (320, 180), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    dis = Dis()
    forward, back = dis(grey(photo), grey(after)), dis(grey(after), grey(photo))
    error = pair_error(photo, after, forward, back)
    assert error is not None
    assert error < 1e-3
    moved, inside = warp(after.astype(np.float32), forward)
    assert inside.mean() > 0.9
    assert moved.shape == photo.shape


def test_a_thing_that_comes_nearer_than_what_is_around_it_is_no_drift(photo: UInt8) -> None:
    now = photo.copy()
    part = photo[40:100, 80:180]
    now[34:106, 70:190] = cv2.resize(part, (120, 72), interpolation=cv2.INTER_CUBIC)
    before = distance(look(now), look(photo)).colour
    after = distance(look(now), look(without_parallax(photo, now, Dis()))).colour
    assert after < 0.6 * before
