"""The video autoencoder: 1 + 4n frames to 1 + n latent frames an eighth of the size, causal in time. Needs torch.

    frames ─Haar▶ bands (192, H/4, W/4) ─Encoder▶ mean, log variance ─draw▶ latent (C, H/8, W/8)
                           └─ linear shortcut ──────┘
    frames ◀Haar─ bands ◀Decoder────────── latent
                    └─ linear shortcut ──────┘

It knows nothing of losses, files or other runtimes (see `training/diffusion`).

A two-level Haar transform takes 4 x 4 pixels of 4 frames to 192 bands at once, so every convolution runs at a quarter
of the size and a quarter of the rate (Cosmos tokenizer, arXiv 2501.03575, has the same front end). The first frame is
taken as standing still for four frames: a picture is the clip n = 0. The linear shortcuts start as principal
components, so that the network begins at the best linear code and learns what is better than linear.

Nothing here looks across a whole picture (no normalisation over places, no attention): a tile with a border of `HALO`
cells gives the values of the whole picture, and the past reaches a frame only through one kept frame per block.

Legend: B batch, T latent frames, F frames, H height, W width, C latent channels. Pictures are in [-1, 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SPACE = 8
"""Pixels per latent cell, each way."""
TIME = 4
"""Frames per latent frame after the first."""
HALO = 10
"""Latent cells around a tile that decide its values: more than the reach of either half."""
STILL = 48
"""Bands of a picture at rest: the first of all 192."""
BANDS = STILL * TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class VaeSize:
    """What decides the shape of the network."""

    channels: int  # C
    encoder: tuple[int, int]  # width at a quarter and at an eighth of the size
    encoder_blocks: tuple[int, int]
    decoder: tuple[int, int]
    decoder_blocks: tuple[int, int]


SIZES: dict[str, VaeSize] = {
    "nano": VaeSize(channels=24, encoder=(96, 160), encoder_blocks=(2, 3), decoder=(128, 192), decoder_blocks=(4, 5)),
    "test": VaeSize(channels=4, encoder=(16, 16), encoder_blocks=(1, 1), decoder=(16, 16), decoder_blocks=(1, 1)),
}

Cache = list[Tensor]
"""One kept frame (B, width, h, w) per block: what a chunk has to know of the one before it."""


def haar_matrix() -> Tensor:
    """(4, 4): mean, slow difference and two fast differences of four neighbours."""
    rows = [[1, 1, 1, 1], [1, 1, -1, -1], [2, -2, 0, 0], [0, 0, 2, -2]]
    return torch.tensor(rows, dtype=torch.float64) / 4


def haar_kernel() -> Tensor:
    """(192, 12, 4, 4): bands of 4 frames x 3 colours x 4 x 4 pixels; band = (time, down, across, colour)."""
    one = haar_matrix()
    kernel = torch.einsum("ai,bj,ck,de->abcdiejk", one, one, one, torch.eye(3, dtype=torch.float64))
    return kernel.reshape(BANDS, TIME * 3, 4, 4)


class Block(nn.Module):
    """x + now(h) + past(h one frame before), h = SiLU(3 x 3 convolution of x)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.look = nn.Conv2d(width, width, 3, 1, 1)
        self.now = nn.Conv2d(width, width, 1)
        self.past = nn.Conv2d(width, width, 1, bias=False)
        nn.init.kaiming_normal_(self.look.weight)
        nn.init.zeros_(self.look.bias)
        nn.init.normal_(self.now.weight, std=0.3 / width**0.5)
        nn.init.zeros_(self.now.bias)
        nn.init.zeros_(self.past.weight)

    def forward(self, x: Tensor, frames: int, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """x: (T B, width, h, w), `before`: (B, width, h, w) or nothing -> the same shapes."""
        h = functional.silu(self.look(x))
        y = x + self.now(h)
        if frames == 1:
            return (y if before is None else y + self.past(before)), h
        batch = h.shape[0] // frames
        first = torch.zeros_like(h[:batch]) if before is None else before.to(h.dtype)
        return y + self.past(torch.cat([first, h[:-batch]])), h[-batch:]


class Column(nn.Module):
    """Blocks of one width in a row."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(width) for _ in range(blocks)])

    def forward(self, x: Tensor, frames: int, before: Cache | None) -> tuple[Tensor, Cache]:
        kept = []
        for i, block in enumerate(self.blocks):
            x, last = block(x, frames, before[i] if before else None)
            kept.append(last)
        return x, kept


def shuffle_down(x: Tensor) -> Tensor:
    """(N, c, h, w) -> (N, 4 c, h/2, w/2)."""
    return functional.pixel_unshuffle(x, 2)


def halved(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """A 1 x 1 convolution with `weight` (o, 4 c, 1, 1) of `shuffle_down(x)`, in one step that every runtime has."""
    return functional.conv2d(x, weight.reshape(len(weight), -1, 2, 2), bias, stride=2)


class Encoder(nn.Module):
    """Bands (T B, 48 or 192, H/4, W/4) to mean and log variance (T B, C, H/8, W/8) each."""

    def __init__(self, size: VaeSize) -> None:
        super().__init__()
        wide, deep = size.encoder
        self.enter = nn.Conv2d(BANDS, wide, 3, 1, 1)
        self.wide = Column(wide, size.encoder_blocks[0])
        self.down = nn.Conv2d(4 * wide, deep, 1)
        self.deep = Column(deep, size.encoder_blocks[1])
        self.leave = nn.Conv2d(deep, 2 * size.channels, 3, 1, 1)
        self.shortcut = nn.Conv2d(4 * BANDS, size.channels, 1)
        nn.init.zeros_(self.leave.weight)
        with torch.no_grad():
            self.leave.bias[size.channels :] = -8.0
            self.leave.bias[: size.channels] = 0.0

    def forward(self, bands: Tensor, frames: int, before: Cache | None) -> tuple[Tensor, Tensor, Cache]:
        found, linear, kept = self.seen(bands, frames, before)
        mean, log_variance = self.leave(found).chunk(2, dim=1)
        return mean + linear, log_variance.clamp(-20, 4), kept

    def mean(self, bands: Tensor, before: Cache) -> tuple[Tensor, Cache]:
        """The mean of one latent frame alone, which is all that is shipped."""
        found, linear, kept = self.seen(bands, 1, before)
        count = len(self.leave.bias) // 2
        return functional.conv2d(found, self.leave.weight[:count], self.leave.bias[:count], padding=1) + linear, kept

    def seen(self, bands: Tensor, frames: int, before: Cache | None) -> tuple[Tensor, Tensor, Cache]:
        """What mean and variance are made of, what the shortcut says, what is kept."""
        split = len(self.wide.blocks)
        still = bands.shape[1] == STILL
        enter, shortcut = self.enter.weight, self.shortcut.weight
        if still:
            enter, shortcut = enter[:, :STILL], shortcut[:, : 4 * STILL]
        x = functional.conv2d(bands, enter, self.enter.bias, padding=1)
        x, kept = self.wide(x, frames, before[:split] if before else None)
        x, kept_deep = self.deep(
            halved(x, self.down.weight, self.down.bias), frames, before[split:] if before else None
        )
        linear = halved(bands, shortcut, self.shortcut.bias)
        return functional.silu(x), linear, kept + kept_deep


class Decoder(nn.Module):
    """Latent (T B, C, H/8, W/8) to bands (T B, 48 or 192, H/4, W/4)."""

    def __init__(self, size: VaeSize) -> None:
        super().__init__()
        wide, deep = size.decoder
        self.enter = nn.Conv2d(size.channels, deep, 3, 1, 1)
        self.deep = Column(deep, size.decoder_blocks[1])
        self.up = nn.Conv2d(deep, 4 * wide, 1)
        self.wide = Column(wide, size.decoder_blocks[0])
        self.leave = nn.Conv2d(wide, BANDS, 3, 1, 1)
        self.shortcut = nn.Conv2d(size.channels, 4 * BANDS, 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, latent: Tensor, frames: int, before: Cache | None, *, still: bool) -> tuple[Tensor, Cache]:
        bands, split = STILL if still else BANDS, len(self.deep.blocks)
        x, kept = self.deep(self.enter(latent), frames, before[:split] if before else None)
        x, kept_wide = self.wide(functional.pixel_shuffle(self.up(x), 2), frames, before[split:] if before else None)
        x = functional.conv2d(functional.silu(x), self.leave.weight[:bands], self.leave.bias[:bands], padding=1)
        linear = functional.conv2d(latent, self.shortcut.weight[: 4 * bands], self.shortcut.bias[: 4 * bands])
        return x + functional.pixel_shuffle(linear, 2), kept + kept_wide


class VideoVae(nn.Module):
    """See the module. Latents are free of scale until `normal` is set after training."""

    analysis: Tensor
    synthesis: Tensor
    middle: Tensor
    spread: Tensor

    def __init__(self, size: VaeSize) -> None:
        super().__init__()
        self.size = size
        self.encoder = Encoder(size)
        self.decoder = Decoder(size)
        self.register_buffer("analysis", torch.empty(BANDS, TIME * 3, 4, 4))
        self.register_buffer("synthesis", torch.empty(TIME * 3 * 16, BANDS, 1, 1))
        self.register_buffer("middle", torch.zeros(size.channels))
        self.register_buffer("spread", torch.ones(size.channels))
        self.set_bands(torch.ones(BANDS))

    def set_bands(self, deviation: Tensor) -> None:
        """Bands are divided by their usual deviation (192,) on the way in and multiplied by it on the way out."""
        kernel = haar_kernel()
        flat = kernel.reshape(BANDS, BANDS)
        back = (flat / flat.square().sum(dim=1, keepdim=True)).T  # its inverse, for its rows are orthogonal
        scale = deviation.double()
        self.analysis.copy_(kernel / scale[:, None, None, None])
        self.synthesis.copy_((back * scale)[:, :, None, None])

    # -- pictures ------------------------------------------------------------------------------------------------

    def encode_still(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, H, W) -> mean, log variance, each (N, C, H/8, W/8). The same as a clip of one frame, but cheaper."""
        kernel = self.analysis[:STILL].unflatten(1, (TIME, 3)).sum(dim=1)  # at rest for four frames
        mean, log_variance, _ = self.encoder(_exact(pictures, kernel, stride=4), 1, None)
        return mean, log_variance

    def decode_still(self, latent: Tensor) -> Tensor:
        """(N, C, H/8, W/8) -> (N, 3, H, W)."""
        bands, _ = self.decoder(latent, 1, None, still=True)
        return functional.pixel_shuffle(_exact(bands, self.synthesis[:STILL, :STILL]), 4)

    # -- clips ---------------------------------------------------------------------------------------------------

    def encode(self, video: Tensor, before: Cache | None = None) -> tuple[Tensor, Tensor, Cache]:
        """(B, F, 3, H, W) -> mean, log variance, each (B, T, C, H/8, W/8), and what the next chunk has to know.

        F is 1 + 4n for the beginning of a clip and 4n for a chunk that goes on. Out of training a latent frame is made
        at a time, so that a clip gives the same bytes however it is cut; in training all at once.
        """
        if before is None:
            video = torch.cat([video[:, :1].expand(-1, TIME - 1, -1, -1, -1), video], dim=1)
        groups = video.unflatten(1, (-1, TIME)).flatten(2, 3)  # (B, T, 12, H, W)
        if self.training:
            return self._encode(groups, before)
        means, log_variances, kept = [], [], before
        for t in range(groups.shape[1]):
            mean, log_variance, kept = self._encode(groups[:, t : t + 1], kept)
            means.append(mean)
            log_variances.append(log_variance)
        return torch.cat(means, dim=1), torch.cat(log_variances, dim=1), kept or []

    def _encode(self, groups: Tensor, before: Cache | None) -> tuple[Tensor, Tensor, Cache]:
        frames = groups.shape[1]
        folded = groups.transpose(0, 1).flatten(0, 1).contiguous(memory_format=torch.channels_last)  # (T B, 12, H, W)
        bands = _exact(folded, self.analysis, stride=4)
        mean, log_variance, kept = self.encoder(bands, frames, before)
        return _batch_first(mean, frames), _batch_first(log_variance, frames), kept

    def decode(self, latent: Tensor, before: Cache | None = None) -> tuple[Tensor, Cache]:
        """(B, T, C, H/8, W/8) -> (B, F, 3, H, W) and what the next chunk has to know; F and bytes as in `encode`."""
        if self.training:
            return self._decode(latent, before)
        videos, kept = [], before
        for t in range(latent.shape[1]):
            video, kept = self._decode(latent[:, t : t + 1], kept)
            videos.append(video)
        return torch.cat(videos, dim=1), kept or []

    def _decode(self, latent: Tensor, before: Cache | None) -> tuple[Tensor, Cache]:
        batch, frames = latent.shape[:2]
        folded = latent.transpose(0, 1).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        bands, kept = self.decoder(folded, frames, before, still=False)
        parts = []
        if before is None:  # the first frame is made of the bands at rest alone
            first = _exact(bands[:batch, :STILL], self.synthesis[:STILL, :STILL])
            parts.append(functional.pixel_shuffle(first, 4)[:, None])
            bands, frames = bands[batch:], frames - 1
        if frames:
            groups = _exact(bands, self.synthesis)  # (T B, 4 frames x 3 colours x 16 pixels, H/4, W/4)
            groups = functional.pixel_shuffle(groups, 4).unflatten(1, (TIME, 3))  # (T B, 4, 3, H, W)
            parts.append(_batch_first(groups, frames).flatten(1, 2))  # (B, 4 T, 3, H, W)
        return torch.cat(parts, dim=1), kept

    # -- the scale that diffusion sees ---------------------------------------------------------------------------

    def normal(self, latent: Tensor) -> Tensor:
        """(..., C, h, w) of mean 0 and deviation 1 per channel."""
        return (latent - self.middle[:, None, None]) / self.spread[:, None, None]

    def plain(self, normal: Tensor) -> Tensor:
        """The inverse of `normal`."""
        return normal * self.spread[:, None, None] + self.middle[:, None, None]


def _exact(x: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """The fixed transform in full precision, whatever the rest is calculated in: rounding would be grain."""
    with torch.autocast(x.device.type, enabled=False):
        return functional.conv2d(x.float(), kernel, stride=stride)


def _batch_first(x: Tensor, frames: int) -> Tensor:
    """(T B, ...) -> (B, T, ...)."""
    return x.unflatten(0, (frames, -1)).transpose(0, 1)


def parameters_of(net: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(p.numel() for p in net.parameters())
