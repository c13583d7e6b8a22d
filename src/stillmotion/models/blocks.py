"""The parts of the diffusion transformer: rotary positions, attention, modulation, one block. Needs torch.

They know shapes and nothing of videos, noise or text.

Legend: B batch, T latent frames, S tokens per frame, N tokens in a row, L tokens of the context, D width, H heads,
P = D / H / 2 pairs of numbers that turn together.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

AXES = (1, 2, 2)
"""How the pairs of a head are shared out over time, down, across; in fifths."""


def rotary(positions: Tensor, pairs: int, base: float = 100.0) -> Tensor:
    """Angles (N, P) of places (N, 3) in time, down, across (Su et al., arXiv 2104.09864, for three axes).

    A short base: a clip is tens of tokens a side, not thousands of words long.
    """
    shares = [pairs * part // sum(AXES) for part in AXES]
    shares[-1] += pairs - sum(shares)
    angles = []
    for axis, count in enumerate(shares):
        if not count:
            continue
        slowness = base ** (-torch.arange(count, dtype=torch.float32, device=positions.device) / count)
        angles.append(positions[:, axis, None].float() * slowness)
    return torch.cat(angles, dim=1)


def turned(x: Tensor, angles: Tensor) -> Tensor:
    """x (..., H, N, 2 P) with every pair turned by its angle (N, P); in a form that runtimes know and fuse."""
    both = torch.cat([angles, angles], dim=-1)
    one, other = x.chunk(2, dim=-1)
    return x * both.cos().to(x.dtype) + torch.cat([-other, one], dim=-1) * both.sin().to(x.dtype)


def heads(x: Tensor, count: int) -> Tensor:
    """(..., N, D) -> (..., N, H, D / H)."""
    return x.unflatten(-1, (count, -1))


def attended(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Heads (B, H, N, D / H), already scaled, look at (B, H, L, D / H) -> (B, N, D); mask (B, L)."""
    hidden = None if mask is None else torch.where(mask, 0.0, -1e4).to(q.dtype)[:, None, None]
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=hidden, scale=1.0).transpose(1, 2).flatten(2)


class HeadNorm(nn.Module):
    """Every head's vector to length one times a learned scale: keeps attention calm in low precision."""

    def __init__(self, size: int, factor: float = 1.0) -> None:
        """`factor` goes on top of what is learned."""
        super().__init__()
        self.scale, self.factor = nn.Parameter(torch.ones(size)), factor

    def forward(self, x: Tensor) -> Tensor:
        long = x.float()  # written out: exporters do not know rms_norm
        long = long * torch.rsqrt(long.square().mean(dim=-1, keepdim=True) + 1e-6)
        return long.to(x.dtype) * (self.factor * self.scale).to(x.dtype)


class SelfAttention(nn.Module):
    """(B, N, D) -> (B, N, D)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, size = heads, width // heads
        self.enter = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)
        self.norm_q, self.norm_k = HeadNorm(size, size**-0.5), HeadNorm(size)

    def forward(self, x: Tensor, angles: Tensor, mask: Tensor | None = None) -> Tensor:
        """Angles (N, P); mask (B, N) is true for tokens that may be looked at."""
        q, k, v = (heads(part, self.heads) for part in self.enter(x).chunk(3, dim=-1))  # (B, N, H, D / H)
        q = turned(self.norm_q(q).transpose(1, 2), angles)
        k = turned(self.norm_k(k).transpose(1, 2), angles)
        return self.leave(attended(q, k, v.transpose(1, 2), mask))


class CrossAttention(nn.Module):
    """(B, N, D) looks at (B, L, D)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, size = heads, width // heads
        self.ask = nn.Linear(width, width)
        self.answer = nn.Linear(width, 2 * width)
        self.leave = nn.Linear(width, width)
        self.norm_q, self.norm_k = HeadNorm(size, size**-0.5), HeadNorm(size)

    def forward(self, x: Tensor, context: Tensor, mask: Tensor) -> Tensor:
        """Mask (B, L) is true for tokens that may be looked at."""
        q = self.norm_q(heads(self.ask(x), self.heads)).transpose(1, 2)
        k, v = (heads(part, self.heads) for part in self.answer(context).chunk(2, dim=-1))
        return self.leave(attended(q, self.norm_k(k).transpose(1, 2), v.transpose(1, 2), mask))


class Feed(nn.Module):
    """Two layers, token by token."""

    def __init__(self, width: int, ratio: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width, ratio * width)
        self.leave = nn.Linear(ratio * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(functional.gelu(self.enter(x), approximate="tanh"))


class Near(nn.Module):
    """(B, T, S, D) plus what the eight tokens around each, in its own frame, add channel by channel; zero at first.

    Neighbours agree long before attention has learned whom to look at (Mix-FFN of SANA, arXiv 2410.10629).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.look = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        nn.init.zeros_(self.look.weight)

    def forward(self, x: Tensor, rows: int) -> Tensor:
        """S = rows x columns, row by row."""
        frame = x.unflatten(-2, (rows, -1)).flatten(0, 1).permute(0, 3, 1, 2)  # (B T, D, rows, columns)
        return x + self.look(frame).permute(0, 2, 3, 1).flatten(1, 2).unflatten(0, (x.shape[0], -1))


class Modulation(NamedTuple):
    """What the time of the noise does to one part of a block; each (B, 1, 1, D)."""

    shift: Tensor
    scale: Tensor
    gate: Tensor


def modulations(values: Tensor) -> list[Modulation]:
    """(B, 3 k, D) -> k of them."""
    parts = [each[:, None, None] for each in values.unbind(dim=1)]
    return [Modulation(*parts[i : i + 3]) for i in range(0, len(parts), 3)]


def enter(x: Tensor, by: Modulation) -> Tensor:
    """Normalised, scaled and shifted."""
    return functional.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + by.scale) + by.shift


class Block(nn.Module):
    """Attention within a frame, along time, to the context; then the feed. The identity before it has learned.

    The modulation is a table of the block's own on top of what all blocks share (PixArt, arXiv 2310.00426): a layer of
    its own for every block would be a third of all parameters.
    """

    MODULATED = 9

    def __init__(self, width: int, heads: int, ratio: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(self.MODULATED, width))
        self.space = SelfAttention(width, heads)
        self.time = SelfAttention(width, heads)
        self.cross = CrossAttention(width, heads)
        self.near = Near(width)
        self.feed = Feed(width, ratio)

    def forward(self, x: Tensor, signal: Tensor, angles: Tensor, context: Tensor, mask: Tensor, rows: int) -> Tensor:
        """x (B, T, S, D), signal (B, 9, D), angles (T, S, P), context (B, L, D), mask (B, L) -> (B, T, S, D).

        S is so many rows of tokens.
        """
        space, time, feed = modulations(signal + self.table)
        batch = x.shape[0]
        y = self.space(enter(x, space).flatten(0, 1), angles[0])  # frames are the batch
        x = x + space.gate * y.reshape_as(x)
        y = self.time(enter(x, time).transpose(1, 2).flatten(0, 1), angles[:, 0])  # places are the batch
        x = x + time.gate * y.unflatten(0, (batch, -1)).transpose(1, 2)
        y = functional.layer_norm(x, x.shape[-1:], eps=1e-6).flatten(1, 2)
        x = x + self.cross(y, context, mask).reshape_as(x)  # every frame looks at the same
        return x + feed.gate * self.feed(self.near(enter(x, feed), rows))  # (B, T, S, D)


def ready(net: nn.Module) -> None:
    """Write out how the linear layers begin: small and even, biases at zero."""
    for part in net.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
