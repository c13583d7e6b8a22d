"""The diffusion transformer: from noisy latents and what is known to the velocity towards the picture. Needs torch.

    noisy ──────────────────────────────┬─────guess────────────────┐
    first frame, guide, validity ───────┴─patches▶ tokens ─blocks▶ + ─▶ velocity
                                                     ▲    ▲
                           time of the noise ────────┘    └── sentence, reference picture

It knows nothing of the noise schedule, of samplers or of pixels (DiT, arXiv 2212.09748; factorised attention as in
Latte, arXiv 2401.03048). What is known of a clip is one record, `Conditions`; each of the four can be absent.

Legend: B batch, T latent frames, C latent channels, h x w latent cells, S = h w / 4 tokens per frame, D width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillmotion.models.blocks import Block, Modulation, enter, ready, rotary
from stillmotion.models.dit_guess import follow, guess
from stillmotion.models.dit_text import Sentence
from stillmotion.models.dit_words import NOTHING, PAD
from stillmotion.models.vae import TIME

PATCH = 2
"""Latent cells of a token, each way; one latent frame."""
REFERENCE_PATCH = 4
TEXT, REFERENCE, FIRST, GUIDE = range(4)
"""Columns of `Conditions.has`."""
_WAVES = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class DitSize:
    """What decides the shape of the network."""

    channels: int  # C
    width: int  # D
    depth: int
    heads: int
    ratio: int  # of the feed
    words: int  # most numbers of words
    sentence: int  # L, most words of a sentence
    text_width: int
    text_depth: int
    text_heads: int


SIZES: dict[str, DitSize] = {
    "test": DitSize(
        channels=4, width=48, depth=2, heads=2, ratio=2, words=64, sentence=12, text_width=16, text_depth=1,
        text_heads=2,
    ),
    "mini": DitSize(
        channels=24, width=192, depth=5, heads=4, ratio=4, words=2048, sentence=96, text_width=96, text_depth=1,
        text_heads=4,
    ),
    "nano": DitSize(
        channels=24, width=384, depth=7, heads=6, ratio=4, words=2048, sentence=96, text_width=128, text_depth=2,
        text_heads=4,
    ),
    "1b": DitSize(
        channels=24, width=1536, depth=21, heads=24, ratio=4, words=4096, sentence=128, text_width=512, text_depth=4,
        text_heads=8,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is known of the clip. Latents are normal (mean 0, deviation 1)."""

    text: Tensor  # (B, L) numbers of words
    reference: Tensor  # (B, C, h, w) latent of a picture that shows the things, any place and size
    first: Tensor  # (B, C, h, w) latent of frame 0
    guide: Tensor  # (B, T, C, h, w) latent of the plan as the geometry draws it
    valid: (
        Tensor  # (B, T, 4, h, w) in [0, 1]: share of a cell, in each of its frames, where the guide is to be believed
    )
    has: Tensor  # (B, 4) bool: text, reference, first, guide; what is absent has no influence whatever it holds

    def without(self, lost: Tensor) -> Conditions:
        """The same, with those absent that are true in (B, 4) or (4,)."""
        return replace(self, has=self.has & ~lost)


class Dit(nn.Module):
    """See the module. Every block begins as the identity and the last layer as nothing: what is left is the guess."""

    def __init__(self, size: DitSize) -> None:
        super().__init__()
        self.size = size
        width = size.width
        self.pairs = width // size.heads // 2
        known = 3 * size.channels + TIME + 1
        self.enter = nn.Linear(known * PATCH**2, width)
        self.reference = nn.Linear(size.channels * REFERENCE_PATCH**2 + 2 * 8, width)
        self.sentence = Sentence(
            words=size.words, width=size.text_width, depth=size.text_depth, heads=size.text_heads, out=width
        )
        self.none = nn.Parameter(torch.zeros(width))  # stands for an absent reference
        self.time = nn.Sequential(nn.Linear(2 * _WAVES, width), nn.SiLU(), nn.Linear(width, width))
        self.signal = nn.Linear(width, (Block.MODULATED + 3) * width)
        self.blocks = nn.ModuleList([Block(width, size.heads, size.ratio) for _ in range(size.depth)])
        self.leave = nn.Linear(width, size.channels * PATCH**2)
        ready(self)
        for layer in (self.signal, self.leave, *(block.cross.leave for block in self.blocks)):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, noisy: Tensor, time: Tensor, known: Conditions) -> Tensor:
        """noisy (B, T, C, h, w), time (B,) in [0, 1] with 1 all noise -> velocity noise - picture, (B, T, C, h, w).

        h and w are even.
        """
        t, (h, w) = noisy.shape[1], noisy.shape[3:]
        first, guide, valid, told, led = self._known(known)
        about, likely, error = follow(noisy, time, guess(first, guide, valid, told, led))
        beside = [_at_start(first, t), guide, valid, _at_start(told * torch.ones_like(first[:, :, :1]), t)]
        x = torch.cat([about, *beside], dim=2)  # (B, T, 3 C + 5, h, w)
        x = self.enter(patches(x, PATCH))  # (B, T, S, D)
        context, mask = self._context(known)
        seen = functional.silu(self.time(waves(time).to(x.dtype)))
        signal = self.signal(seen).unflatten(1, (Block.MODULATED + 3, -1))  # (B, 9 + 3, D)
        angles = places(t, h // PATCH, w // PATCH, self.pairs, noisy.device)  # (T, S, P)
        for block in self.blocks:
            x = block(x, signal[:, : Block.MODULATED], angles, context, mask, h // PATCH)
        shift, scale, gate = signal[:, Block.MODULATED :, None, None].unbind(dim=1)
        x = self.leave(enter(x, Modulation(shift, scale, gate)))
        return likely + error * unpatched(x, h // PATCH, PATCH)

    def _known(self, known: Conditions) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """First frame (B, 1, C, h, w), guide, validity, zero where absent; if first and guide are there (B, 1, ...)."""
        told = _where(known.has[:, FIRST], 5).to(known.first.dtype)
        there = _where(known.has[:, GUIDE], 5).to(known.guide.dtype)
        return known.first[:, None] * told, known.guide * there, known.valid * there, told, there

    def _context(self, known: Conditions) -> tuple[Tensor, Tensor]:
        """Tokens of the sentence and of the reference, (B, L, D), and which of them there are, (B, L)."""
        silent = torch.full_like(known.text, PAD)
        silent[:, 0] = NOTHING
        text, text_mask = self.sentence(torch.where(_where(known.has[:, TEXT], 2), known.text, silent))
        h, w = known.reference.shape[2:]
        padded = functional.pad(known.reference, (0, -w % REFERENCE_PATCH, 0, -h % REFERENCE_PATCH))
        cut = patches(padded, REFERENCE_PATCH)
        rows, columns = (side // REFERENCE_PATCH for side in padded.shape[2:])
        at = _spots(rows, columns, cut)
        picture = self.reference(torch.cat([cut, at.expand(cut.shape[0], -1, -1)], dim=2))
        there = _where(known.has[:, REFERENCE], 3)
        picture = torch.where(there, picture, self.none.to(picture.dtype))
        only = torch.arange(rows * columns, device=picture.device) == 0  # of the picture's shape exporters lose sight
        picture_mask = known.has[:, REFERENCE, None] | only
        return torch.cat([text.to(picture.dtype), picture], dim=1), torch.cat([text_mask, picture_mask], dim=1)


def _at_start(x: Tensor, frames: int) -> Tensor:
    """(B, 1, ...) -> (B, T, ...), zero after the first frame."""
    return torch.cat([x, torch.zeros_like(x).expand(-1, frames - 1, -1, -1, -1)], dim=1)


def patches(x: Tensor, side: int) -> Tensor:
    """(..., C, h, w) -> (..., h w / side^2, C side^2): squares of cells, row by row."""
    cut, n = x.unflatten(-1, (-1, side)).unflatten(-3, (-1, side)), x.ndim - 3  # (..., C, y, p, x, q)
    return cut.permute(*range(n), n + 1, n + 3, n, n + 2, n + 4).flatten(-3).flatten(-3, -2)


def unpatched(x: Tensor, rows: int, side: int) -> Tensor:
    """The way back from `patches`, for so many rows of squares."""
    cut, n = x.unflatten(-1, (-1, side, side)).unflatten(-4, (rows, -1)), x.ndim - 2  # (..., y, x, C, p, q)
    return cut.permute(*range(n), n + 2, n, n + 3, n + 1, n + 4).flatten(-2).flatten(-3, -2)


def _where(has: Tensor, dims: int) -> Tensor:
    """(B,) -> (B, 1, ...)."""
    return has.reshape(-1, *[1] * (dims - 1))


def waves(time: Tensor) -> Tensor:
    """(B,) in [0, 1] -> (B, 256) sines and cosines."""
    rates = torch.exp(-math.log(1e4) * torch.arange(_WAVES, dtype=torch.float32, device=time.device) / _WAVES)
    phases = 1000 * time.float()[:, None] * rates
    return torch.cat([phases.cos(), phases.sin()], dim=1)


def places(frames: int, rows: int, columns: int, pairs: int, device: torch.device) -> Tensor:
    """Rotary angles (T, S, P) of the tokens of a clip; down and across are counted from the middle."""
    t, y, x = torch.meshgrid(
        torch.arange(frames, device=device, dtype=torch.float32),
        torch.arange(rows, device=device, dtype=torch.float32) - (rows - 1) / 2,
        torch.arange(columns, device=device, dtype=torch.float32) - (columns - 1) / 2,
        indexing="ij",
    )
    at = torch.stack([t, y, x], dim=-1).reshape(-1, 3)
    return rotary(at, pairs).unflatten(0, (frames, rows * columns))


def _spots(rows: int, columns: int, like: Tensor) -> Tensor:
    """(rows columns, 16): sines and cosines of where in its picture a patch of the reference is."""
    y, x = torch.meshgrid(
        (torch.arange(rows, device=like.device) + 0.5) / rows,
        (torch.arange(columns, device=like.device) + 0.5) / columns,
        indexing="ij",
    )
    angles = torch.pi * torch.stack([y, x], dim=-1).reshape(-1, 2, 1) * 2.0 ** torch.arange(4, device=like.device)
    return torch.cat([angles.flatten(1).sin(), angles.flatten(1).cos()], dim=1).to(like.dtype)
