"""The plan's sentence as vectors: a small encoder over its own words, trained along. Needs torch.

    (B, L) numbers of words (`dit_words`) ─Sentence▶ (B, L, D)

The plan is told in few words that the project itself chose, so a table of words and two layers do what a large language
model does elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillmotion.models.blocks import Feed, SelfAttention, rotary
from stillmotion.models.dit_words import PAD, numbers


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words in the order of their numbers; the first three numbers are no words."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        return 3 + len(self.words)

    def ids(self, sentences: list[str], length: int) -> Tensor:
        """(B, length) int64; see `dit_words.numbers`."""
        return torch.tensor([numbers(sentence, self.words, length) for sentence in sentences])


class Layer(nn.Module):
    """Attention and feed, each after a norm."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.look = SelfAttention(width, heads)
        self.feed = Feed(width, 4)

    def forward(self, x: Tensor, angles: Tensor, mask: Tensor) -> Tensor:
        x = x + self.look(functional.layer_norm(x, x.shape[-1:]), angles, mask)
        return x + self.feed(functional.layer_norm(x, x.shape[-1:]))


class Sentence(nn.Module):
    """(B, L) numbers of words -> (B, L, width of the transformer) and a mask (B, L), true where there is a word."""

    def __init__(self, *, words: int, width: int, depth: int, heads: int, out: int) -> None:
        super().__init__()
        self.pairs = width // heads // 2
        self.table = nn.Embedding(words, width)
        self.layers = nn.ModuleList([Layer(width, heads) for _ in range(depth)])
        self.leave = nn.Linear(width, out)
        nn.init.normal_(self.table.weight, std=0.5)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        mask = ids != PAD
        at = torch.zeros(ids.shape[1], 3, device=ids.device)
        at[:, 1] = at[:, 2] = torch.arange(ids.shape[1], device=ids.device)
        angles = rotary(at, self.pairs)
        x = self.table(ids)
        for layer in self.layers:
            x = layer(x, angles, mask)
        return self.leave(functional.layer_norm(x, x.shape[-1:])), mask
