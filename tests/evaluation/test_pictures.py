"""PSNR, SSIM, Lab and sizes against scikit-image and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.color import rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from stillmotion.errors import InputError
from stillmotion.evaluation.fidelity import PERFECT_DB, psnr, psnr_luma, ssim
from stillmotion.evaluation.picture import lab, luma, shrunk_size
from stillmotion.types import UInt8


@pytest.fixture(scope="module")
def noisy(photo: UInt8) -> UInt8:
    noise = np.random.default_rng(3).normal(0, 6, photo.shape)
    return np.clip(photo + noise, 0, 255).astype(np.uint8)


def test_psnr_is_that_of_scikit_image(photo: UInt8, noisy: UInt8) -> None:
    assert psnr(photo, noisy) == pytest.approx(peak_signal_noise_ratio(photo, noisy), abs=1e-9)


def test_luma_psnr_of_a_shift_by_five_levels_is_its_closed_form() -> None:
    dark, light = np.full((20, 30, 3), 100, np.uint8), np.full((20, 30, 3), 105, np.uint8)
    assert psnr_luma(dark, light) == pytest.approx(20 * np.log10(255 / 5), abs=1e-9)


def test_identical_pictures_are_perfect(photo: UInt8) -> None:
    assert psnr(photo, photo) == PERFECT_DB
    assert psnr_luma(photo, photo) == PERFECT_DB
    assert ssim(photo, photo) == pytest.approx(1)


def test_ssim_is_that_of_scikit_image_with_the_window_of_the_paper(photo: UInt8, noisy: UInt8) -> None:
    theirs = structural_similarity(
        luma(photo), luma(noisy), data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(photo, noisy) == pytest.approx(theirs, abs=1e-6)


def test_lab_is_that_of_scikit_image(photo: UInt8) -> None:
    apart = np.abs(lab(photo) - rgb2lab(photo))
    assert apart.max() < 0.6
    assert apart.mean() < 0.1


def test_pictures_of_two_sizes_are_refused(photo: UInt8) -> None:
    with pytest.raises(InputError, match="resize one"):
        psnr(photo, photo[:-2])


def test_shrinking_keeps_the_shape_and_never_enlarges() -> None:
    assert shrunk_size(1280, 720, long_side=640) == (640, 360)
    assert shrunk_size(720, 1280, long_side=640) == (360, 640)
    assert shrunk_size(320, 180, long_side=640) == (320, 180)
