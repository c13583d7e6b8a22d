"""What stands upright does not lean, and the ground it stands on stays as it is."""

from __future__ import annotations

import numpy as np

from stillmotion.stages.analysis.upright import stand_up
from stillmotion.types import Float32, UInt8

H, W, HORIZON = 120, 180, 48
POLE = slice(80, 96)


def _street() -> tuple[Float32, UInt8, Float32]:
    """A wall over a road, and a pole in front whose head the depth draws towards the wall."""
    rows = np.linspace(0, 1, H, dtype=np.float32)[:, None].repeat(W, axis=1)
    disparity = np.where(rows * H < HORIZON, 0.2, 0.2 + 0.8 * (rows - HORIZON / H) / (1 - HORIZON / H)).astype(
        np.float32
    )
    disparity[:100, POLE] = (0.25 + 0.6 * rows[:100] * H / 100)[:, :16]
    rgb = np.full((H, W, 3), 200, np.uint8)
    rgb[HORIZON:] = 110
    rgb[:100, POLE] = (20, 60, 20)
    upright = (rows * H < HORIZON).astype(np.float32)
    upright[:100, POLE] = 1
    return disparity, rgb, upright


def test_a_pole_is_as_near_at_its_head_as_at_its_foot() -> None:
    disparity, rgb, upright = _street()
    found = stand_up(disparity, rgb, upright)
    lean = np.ptp(disparity[4:96, 88])
    assert np.ptp(found[4:96, 88]) < 0.35 * lean
    assert found[10, 88] > found[10, 60] + 0.15  # and nearer than the wall


def test_what_lies_stays_where_it_was() -> None:
    disparity, rgb, upright = _street()
    found = stand_up(disparity, rgb, upright)
    far_from_pole = np.r_[0:60, 120:W]
    assert np.abs(found - disparity)[HORIZON + 6 :, far_from_pole].max() < 0.06
    assert np.allclose(stand_up(disparity, rgb, np.zeros_like(upright)), disparity, atol=1e-3)
