"""Sharpening: steeper edges, no halos, no more noise."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stillmotion.stages.finishing.sharpen import Sharpen, sharpened
from stillmotion.types import FrameStream, UInt8


def _edge() -> UInt8:
    """A soft edge from 60 to 190."""
    frame = np.full((48, 96, 3), 60, np.uint8)
    frame[:, 48:] = 190
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), 1.5))


def _noise(sigma: float) -> UInt8:
    noise = np.random.default_rng(0).normal(128, sigma, (96, 128, 1))
    return np.asarray(np.clip(noise, 0, 255).repeat(3, axis=2), dtype=np.uint8)


@pytest.mark.parametrize("amount", [0.3, 1.0])
def test_an_edge_gets_steeper_and_its_sides_stay_where_they_were(amount: float) -> None:
    edge = _edge()
    sharp, _, _ = sharpened(edge, amount)
    assert (sharp.min(), sharp.max()) == (edge.min(), edge.max())
    assert np.diff(sharp[24, :, 0].astype(int)).max() > np.diff(edge[24, :, 0].astype(int)).max()


def test_flat_noise_is_not_made_stronger_but_texture_is() -> None:
    noise = _noise(4)
    sharp, told, _ = sharpened(noise, 0.6)
    assert sharp.std() < 1.05 * noise.std()
    assert told > 1
    texture = noise.copy()
    texture[:, 64:] = cv2.GaussianBlur(_noise(60), (0, 0), 1.0)[:, 64:]
    sharp, _, _ = sharpened(texture, 0.6)
    assert sharp[:, 72:].std() > 1.05 * texture[:, 72:].std()
    assert sharp[:, :56].std() < 1.05 * texture[:, :56].std()


def test_more_is_sharper() -> None:
    frame = np.asarray(cv2.GaussianBlur(_noise(60), (0, 0), 1.2))
    edges = [cv2.Laplacian(sharpened(frame, amount)[0], cv2.CV_32F).std() for amount in (0.1, 0.4, 1.0)]
    assert edges == sorted(edges)
    assert edges[0] > cv2.Laplacian(frame, cv2.CV_32F).std()


def test_colours_keep_their_differences() -> None:
    frame = _edge()
    frame[..., 1] //= 2
    sharp, _, _ = sharpened(frame, 0.5)
    moved = sharp.astype(int) - frame
    assert np.ptp(moved, axis=2).max() <= 1


def test_a_stream_keeps_its_size_and_its_frames_and_tells_what_changed() -> None:
    given = [_edge(), np.full((48, 96, 3), 7, np.uint8)]
    kept = [frame.copy() for frame in given]
    step = Sharpen(amount=0.5)
    found = step(FrameStream(frames=iter(given), width=96, height=48, fps=25.0, count=2))
    first, second = list(found)
    assert (found.width, found.height, found.count) == (96, 48, 2)
    assert all((frame == before).all() for frame, before in zip(given, kept, strict=True))
    assert (second == 7).all()
    assert first.dtype == np.uint8
    assert step.told()["change"] > 0


def test_a_frame_of_one_pixel_goes_through() -> None:
    pixel = np.full((1, 1, 3), 200, np.uint8)
    assert (sharpened(pixel, 1.0)[0] == pixel).all()
