"""The video autoencoder: shapes, one frame is a picture, nothing looks ahead, chunks and tiles leave no trace."""

from __future__ import annotations

import sys

import pytest

torch = pytest.importorskip("torch", reason="networks need torch: pip install stillmotion[train]")


@pytest.fixture(scope="module")
def vae():
    from stillmotion.models.vae import SIZES, VideoVae

    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = VideoVae(SIZES["test"]).eval()
    with torch.no_grad():
        for p in net.parameters():  # what starts at zero must not hide a mistake
            p.add_(0.05 * torch.randn_like(p))
    return net


def _clip(frames: int, size: int = 32, seed: int = 0):
    return torch.rand((1, frames, 3, size, size), generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_the_package_of_networks_does_not_need_torch() -> None:
    import subprocess

    code = "import sys, stillmotion.models; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_bands_of_haar_lose_nothing(vae) -> None:
    from stillmotion.models.vae import BANDS, haar_kernel

    kernel = haar_kernel().reshape(BANDS, BANDS)
    assert torch.allclose(kernel @ torch.linalg.inv(kernel), torch.eye(BANDS, dtype=torch.float64), atol=1e-12)
    gram = kernel @ kernel.T
    assert torch.allclose(gram, torch.diag(gram.diagonal()), atol=1e-12)  # bands are independent of one another


@torch.no_grad()
def test_seventeen_frames_are_five_latent_frames_an_eighth_of_the_size(vae) -> None:
    mean, log_variance, _ = vae.encode(_clip(17))
    assert mean.shape == log_variance.shape == (1, 5, vae.size.channels, 4, 4)
    assert vae.decode(mean)[0].shape == (1, 17, 3, 32, 32)


@torch.no_grad()
def test_a_picture_is_a_clip_of_one_frame(vae) -> None:
    clip = _clip(1)
    as_clip, _, _ = vae.encode(clip)
    as_picture, _ = vae.encode_still(clip[:, 0])
    assert torch.allclose(as_clip[:, 0], as_picture, atol=1e-5)
    assert torch.allclose(vae.decode(as_clip)[0][:, 0], vae.decode_still(as_picture), atol=1e-5)


@torch.no_grad()
def test_what_comes_later_changes_nothing_before(vae) -> None:
    one, other = _clip(9), _clip(9)
    other[:, 5:] = _clip(4, seed=1)
    latent_one, latent_other = vae.encode(one)[0], vae.encode(other)[0]
    assert torch.equal(latent_one[:, :2], latent_other[:, :2])
    assert not torch.allclose(latent_one[:, 2], latent_other[:, 2])
    assert torch.equal(vae.decode(latent_one)[0][:, :5], vae.decode(latent_other)[0][:, :5])


@torch.no_grad()
@pytest.mark.parametrize("cuts", [(1, 5, 9, 13), (1,), (9,)])
def test_a_clip_in_chunks_has_the_bytes_of_the_whole(vae, cuts: tuple[int, ...]) -> None:
    clip = _clip(17)
    whole = vae.encode(clip)[0]
    parts, kept = [], None
    for part in clip.tensor_split(cuts, dim=1):
        mean, _, kept = vae.encode(part, kept)
        parts.append(mean)
    assert torch.equal(torch.cat(parts, dim=1), whole)
    shown, kept = [], None
    for part in whole.split(2, dim=1):
        video, kept = vae.decode(part, kept)
        shown.append(video)
    assert torch.equal(torch.cat(shown, dim=1), vae.decode(whole)[0])


@torch.no_grad()
def test_training_all_at_once_sees_what_frame_by_frame_sees(vae) -> None:
    clip = _clip(9)
    steady = vae.encode(clip)[0]
    vae.train()
    try:
        at_once = vae.encode(clip)[0]
        shown = vae.decode(at_once)[0]
    finally:
        vae.eval()
    assert torch.allclose(at_once, steady, atol=1e-5)
    assert torch.allclose(shown, vae.decode(steady)[0], atol=1e-4)


@torch.no_grad()
def test_tiles_leave_no_seam() -> None:
    from stillmotion.models.vae import SIZES, VideoVae
    from stillmotion.models.vae_tiles import decode_tiled, encode_tiled

    torch.manual_seed(0)
    net = VideoVae(SIZES["test"]).eval()
    for p in net.parameters():
        p.add_(0.05 * torch.randn_like(p))
    clip = _clip(5, size=256)
    mean, _, _ = net.encode(clip)
    tiled = encode_tiled(net, clip, cells=8)
    assert torch.allclose(tiled, mean, atol=1e-5)
    assert torch.allclose(decode_tiled(net, mean, cells=8), net.decode(mean)[0], atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("name", ["nano", "test"])
def test_a_value_reaches_no_further_than_the_border_of_a_tile(name: str) -> None:
    from stillmotion.models.vae import HALO, SIZES, VideoVae

    torch.manual_seed(0)
    net = VideoVae(SIZES[name]).eval()
    for p in net.parameters():
        p.add_(0.05 * torch.randn_like(p))
    side = 2 * HALO + 3
    latent = torch.zeros(1, net.size.channels, side, side)
    touched = latent.clone()
    touched[..., side // 2, side // 2] = 5
    apart = (net.decode_still(touched) - net.decode_still(latent)).abs().amax(dim=(0, 1)) > 0
    rows = torch.nonzero(apart.any(dim=1)).flatten() // 8
    assert side // 2 - HALO <= rows.min()
    assert rows.max() <= side // 2 + HALO


def test_the_named_size_is_small_enough() -> None:
    from stillmotion.models.vae import SIZES, VideoVae, parameters_of

    assert parameters_of(VideoVae(SIZES["nano"])) < 8e6


def test_the_normal_latent_comes_back(vae) -> None:
    latent = torch.randn(2, 3, vae.size.channels, 4, 4)
    vae.middle.fill_(0.3)
    vae.spread.fill_(2.0)
    assert torch.allclose(vae.plain(vae.normal(latent)), latent, atol=1e-6)


def test_the_judge_of_patches_sees_no_further_than_a_patch() -> None:
    from stillmotion.models.vae_judge import Judge

    torch.manual_seed(0)
    judge = Judge(8).eval()
    one = torch.zeros(1, 3, 128, 128)
    other = one.clone()
    other[..., 64, 64] = 1
    with torch.no_grad():
        changed = ((judge(one) - judge(other)).abs() > 0).nonzero()[:, 2:]
    assert judge(one).shape == (1, 1, 16, 16)
    assert int(changed.max() - changed.min()) <= 5
