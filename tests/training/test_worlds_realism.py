"""What a camera does to a made frame: blur where it belongs, noise as asked, the same again for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.training.worlds.realism import Taken, clean, draw_taken, encoded, taken
from stillmotion.training.worlds.truth import Frame

H, W = 64, 96
PLAIN = Taken(
    exposure=0.0, balance=(1.0, 1.0, 1.0), vignette=0.0, shot=0.0, read=0.0, shutter=0.0, focus=None, aperture=0.0,
    sharpening=0.0, codec="none", quality=90, seed=0,
)  # fmt: skip


def chequered() -> Frame:
    """Left half 2 m away and still, right half 20 m away and moving 8 px a frame; fine chequers all over."""
    rows, columns = np.mgrid[0:H, 0:W]
    colour = np.repeat((((rows // 2 + columns // 2) % 2) * 0.6 + 0.1)[..., None], 3, axis=2).astype(np.float32)
    right = columns >= W // 2
    flow = np.zeros((H, W, 2), np.float32)
    flow[right, 0] = 8.0
    return Frame(
        colour=colour, depth=np.where(right, 20.0, 2.0).astype(np.float32), forward=flow, backward=-flow,
        ident=right.astype(np.int32) + 1, label=np.zeros((H, W), np.uint8), other=np.zeros((H, W), np.uint8),
        coverage=np.ones((H, W), np.float32), world_to_camera=np.eye(4), fov_deg=50.0, time=0.0,
    )  # fmt: skip


def contrast(picture: np.ndarray, side: str) -> float:
    part = picture[:, : W // 2 - 10] if side == "left" else picture[:, W // 2 + 10 : -10]
    return float(part.astype(float).std())


def test_a_camera_with_nothing_to_complain_of_shows_what_was_drawn() -> None:
    frame = chequered()
    assert np.array_equal(taken([frame], PLAIN)[0], clean(frame))


def test_srgb_ends_and_middle_are_where_the_standard_puts_them() -> None:
    assert encoded(np.array([0.0, 0.21404114, 1.0], np.float32)) == pytest.approx([0.0, 0.5, 1.0], abs=1e-4)


def test_lens_blur_spares_what_is_in_focus() -> None:
    sharp = clean(chequered())
    blurred = taken([chequered()], replace(PLAIN, focus=2.0, aperture=40.0))[0]
    assert contrast(blurred, "left") > 0.97 * contrast(sharp, "left")
    assert contrast(blurred, "right") < 0.4 * contrast(sharp, "right")


def test_blur_neither_darkens_nor_brightens_the_picture() -> None:
    blurred = taken([chequered()], replace(PLAIN, focus=6.0, aperture=60.0))[0]
    linear = (blurred[8:-8, 8:-8].astype(float) / 255) ** 2.2
    assert linear.mean() == pytest.approx(chequered().colour.mean(), rel=0.06)


def test_motion_blur_smears_what_moves_and_nothing_else() -> None:
    sharp = clean(chequered())
    smeared = taken([chequered()], replace(PLAIN, shutter=0.5))[0]
    assert contrast(smeared, "left") == pytest.approx(contrast(sharp, "left"), rel=0.01)
    assert contrast(smeared, "right") < 0.6 * contrast(sharp, "right")


def test_one_stop_more_doubles_linear_light() -> None:
    frame = replace(chequered(), colour=np.full((H, W, 3), 0.2, np.float32))
    brighter = taken([frame], replace(PLAIN, exposure=1.0))[0]
    assert brighter.mean() / 255 == pytest.approx(float(encoded(np.array([0.4], np.float32))[0]), abs=0.01)


def test_noise_is_as_strong_as_it_says() -> None:
    frame = replace(chequered(), colour=np.full((H, W, 3), 0.5, np.float32))
    noisy = taken([frame], replace(PLAIN, shot=8e-4))[0].astype(float) / 255
    linear = np.where(noisy <= 0.04045, noisy / 12.92, ((noisy + 0.055) / 1.055) ** 2.4)
    assert linear.std() == pytest.approx(np.sqrt(8e-4 * 0.5), rel=0.08)


@pytest.mark.parametrize("codec", ["jpeg", "h264"])
def test_a_codec_keeps_the_number_and_the_size_of_frames(codec: str) -> None:
    frames = [chequered() for _ in range(3)]
    pictures = taken(frames, replace(PLAIN, codec=codec, quality=28 if codec == "h264" else 70))
    assert [p.shape for p in pictures] == [(H, W, 3)] * 3
    assert np.abs(pictures[0].astype(float) - clean(frames[0])).mean() < 12


@pytest.mark.parametrize("moving", [False, True])
def test_the_same_seed_takes_the_same_pictures(moving: bool) -> None:
    how = draw_taken(np.random.default_rng(3), moving=moving, focus=2.0, aperture=5.0)
    one, other = (taken([chequered(), chequered()], how) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
