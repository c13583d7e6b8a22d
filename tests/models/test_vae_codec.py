"""The autoencoder that comes with the package: clips and pictures as streams, in every runtime that is installed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.errors import InputError, WeightsMissing
from stillmotion.models.vae_codec import FOLDER, Codec, codec, open_net


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    """Nine frames of smooth blots that drift, (9, 64, 96, 3) in [0, 1]."""
    noise = np.random.default_rng(0).random((64, 112, 3), np.float32)
    wide = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 1, cv2.NORM_MINMAX)
    return np.stack([wide[:, t : t + 96] for t in range(9)])


def _psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


def test_a_clip_comes_back_nearly_as_it_was(clip: np.ndarray) -> None:
    latents = list(codec().encode(iter(clip)))
    assert [latent.shape[1:] for latent in latents] == [(8, 12)] * 3
    back = np.stack(list(codec().decode(iter(latents))))
    assert back.shape == clip.shape
    assert _psnr(clip, back) > 30


def test_a_picture_is_coded_as_the_first_frame_of_a_clip_is(clip: np.ndarray) -> None:
    alone = list(codec().encode(iter(clip[:1])))
    first = next(codec().encode(iter(clip)))
    assert len(alone) == 1
    assert np.array_equal(alone[0], first)
    assert len(list(codec().decode(iter(alone)))) == 1


def test_latents_are_of_the_scale_that_diffusion_expects(clip: np.ndarray) -> None:
    latents = np.stack(list(codec().encode(iter(clip))))
    assert np.abs(latents).max() < 12
    assert 0.1 < latents.std() < 3


def test_frames_that_cannot_be_coded_are_refused(clip: np.ndarray) -> None:
    with pytest.raises(InputError, match="multiples of 8; these are 95x64"):
        next(codec().encode(iter(clip[:, :, :95])))
    with pytest.raises(InputError, match="the last group has 2 of 4"):
        list(codec().encode(iter(clip[:3])))


def test_streams_can_be_coded_side_by_side(clip: np.ndarray) -> None:
    own = Codec(*(open_net(FOLDER / f"vae-{part}.onnx") for part in ("encoder", "decoder")))
    one, other = own.encode(iter(clip)), own.encode(iter(clip[::-1]))
    mixed = [(next(one), next(other)) for _ in range(3)]
    assert all(np.array_equal(a, b) for (a, _), b in zip(mixed, own.encode(iter(clip)), strict=True))


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_every_runtime_says_nearly_the_same(clip: np.ndarray, runtime: str) -> None:
    pytest.importorskip(runtime)
    found = []
    for name in (runtime, "opencv"):
        both = Codec(*(open_net(FOLDER / f"vae-{part}.onnx", name) for part in ("encoder", "decoder")))
        found.append(np.stack(list(both.decode(both.encode(iter(clip))))))
    assert np.abs(found[0] - found[1]).max() < 0.03  # OpenVINO calculates in bfloat16 where the processor has it


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"vae-encoder\.onnx"):
        open_net(tmp_path / "vae-encoder.onnx")
