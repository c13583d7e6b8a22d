"""What hides what: silhouettes, paint behind them, the number of layers."""

from __future__ import annotations

import numpy as np

from stillmotion.stages.generation.backends.geometry.hidden import find_hidden, sharpen_steps
from stillmotion.stages.generation.backends.geometry.layers import count_layers, split_layers
from stillmotion.stages.generation.backends.geometry.mesh import make_mesh

SHAPE = (96, 160)


def step(near: float = 1.0, far: float = 0.25) -> np.ndarray:
    disparity = np.full(SHAPE, far, np.float32)
    disparity[:, 60:100] = near
    return disparity


def test_a_surface_hides_as_wide_a_strip_as_the_camera_can_open() -> None:
    hidden = find_hidden(step(), reach=20.0)
    strip = hidden.mask[48]
    assert not strip[:60].any()
    assert not strip[100:].any()
    assert 12 <= strip[60:80].sum() <= 15  # 20 px per unit of disparity over a step of 0.75
    assert np.allclose(hidden.disparity[48, 60:70], 0.25, atol=0.02)


def test_a_slope_hides_nothing() -> None:
    slope = np.tile(np.linspace(0.2, 1.0, SHAPE[1], dtype=np.float32), (SHAPE[0], 1))
    assert not find_hidden(slope, reach=60.0).mask.any()
    assert count_layers(slope, reach=60.0) == 1


def test_a_blurred_step_becomes_sharp() -> None:
    soft = step()
    soft[:, 58:62] = np.array([0.4, 0.6, 0.8, 0.95], np.float32)
    values = np.unique(sharpen_steps(soft).round(4))
    assert values.tolist() == [0.25, 1.0]


def test_large_moves_over_separate_depths_get_more_layers_than_small_ones() -> None:
    disparity = np.full(SHAPE, 0.1, np.float32)
    disparity[:, 50:110] = 0.5
    disparity[:, 70:90] = 1.0
    assert count_layers(disparity, reach=0.2) == 1
    assert count_layers(disparity, reach=5.0) == 2
    assert count_layers(disparity, reach=30.0) == 3


def test_behind_the_front_layer_lies_the_colour_and_depth_of_the_far_side_only() -> None:
    disparity = step()
    colour = np.where(disparity[..., None] > 0.5, (250, 30, 30), (30, 60, 200)).astype(np.uint8)
    front, back = split_layers(colour, disparity, np.zeros(SHAPE, np.bool_), reach=20.0, count=2)
    assert np.array_equal(front.colour, colour)
    assert np.abs(back.colour[48, 58:72].astype(int) - (30, 60, 200)).max() < 10
    assert back.painted[48, 61:70].all()
    assert not back.painted[48, :50].any()
    assert np.abs(back.mesh.disparity[48, 61:70] - 0.25).max() < 0.05
    assert back.rim is None


def test_the_soft_edge_is_closed_inside_and_open_at_the_step() -> None:
    disparity = step()
    colour = np.where(disparity[..., None] > 0.5, (250, 30, 30), (30, 60, 200)).astype(np.uint8)
    front, _ = split_layers(colour, disparity, np.zeros(SHAPE, np.bool_), reach=20.0, count=2)
    assert front.rim is not None
    alpha = np.ones(SHAPE, np.float32)
    alpha.ravel()[front.rim.index] = front.rim.alpha
    row = alpha[48, 52:72]
    assert row.min() == 0.0
    assert (row[11:] == 1.0).all()
    assert (row[:3] == 1.0).all()


def test_flat_parts_are_few_big_quads_and_bent_ones_are_fine() -> None:
    mesh = make_mesh(step(), tolerance=0.002, step=0.01)
    assert 0.0 < (mesh.parts == 8).mean() < 0.3
    plane = np.fromfunction(lambda y, x: 0.2 + 0.001 * x + 0.002 * y, SHAPE).astype(np.float32)
    assert (make_mesh(plane, tolerance=1e-5, step=0.01).parts == 1).all()
