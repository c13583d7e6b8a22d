"""The best linear code, where the autoencoder begins: principal components of bands, written into its shortcuts."""

from __future__ import annotations

import torch
from torch import Tensor

from stillmotion.models.vae import BANDS, STILL, VideoVae, haar_kernel, shuffle_down


@torch.no_grad()
def linear_start(net: VideoVae, stills: Tensor, clips: Tensor) -> float:
    """Set the deviation of the bands and both shortcuts.

    From pictures (N, 3, H, W) and groups of four frames (N, 12, H, W), both in [-1, 1]. Components are those of pixels,
    with as much weight on standing as on moving pictures. Returns the share of the variance that the code keeps.
    """
    at_rest = stills.repeat(1, 4, 1, 1)
    groups = torch.cat([at_rest[: len(clips)], clips])
    kernel = haar_kernel()
    bands = torch.nn.functional.conv2d(groups, kernel.float(), stride=4)
    deviation = bands[len(clips) :].std(dim=(0, 2, 3)).clamp(min=1e-3)
    net.set_bands(deviation)
    norm = 1 / kernel.reshape(BANDS, BANDS).norm(dim=1)  # pixel length of a band of one
    length = (norm * deviation.double()).repeat_interleave(4)  # (768,) of a divided band, four cells to a latent cell
    cells = shuffle_down(bands / deviation[:, None, None]).permute(0, 2, 3, 1).reshape(-1, 4 * BANDS).double()
    middle = cells.mean(dim=0)
    scaled = (cells - middle) * length
    values, vectors = torch.linalg.eigh(scaled.T @ scaled / len(scaled))
    channels = net.size.channels
    kept = values.flip(0)[:channels].sqrt()
    basis = vectors.flip(1)[:, :channels]  # (768, C)
    into = (basis * length[:, None] / kept).T
    back = basis * kept / length[:, None]
    net.encoder.shortcut.weight.copy_(into[..., None, None])
    net.encoder.shortcut.bias.copy_(-(into @ middle))
    net.decoder.shortcut.weight.copy_(back[..., None, None])
    net.decoder.shortcut.bias.copy_(middle)
    net.decoder.shortcut.bias[4 * STILL :] = 0
    return float(kept.square().sum() / values.sum())
