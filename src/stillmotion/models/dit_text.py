"""The plan's sentence as vectors: a vocabulary of its own words and a small encoder, trained along. Needs torch.

    "The camera pans right by 9°, in 3 s." ─split▶ the camera pans right by 9 ° , in 3 s . ─ids▶ ─Sentence▶ (B, L, D)

The plan is told in few words that the project itself chose, so a table of words and two layers do what a large language
model does elsewhere. Numbers are read digit by digit. Words that are not in the vocabulary are one and the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillmotion.models.blocks import Feed, SelfAttention, rotary

PAD, NOTHING, UNKNOWN = 0, 1, 2
"""Beyond the end; no sentence at all; a word nobody knows."""
SIGNS = tuple("0123456789.,%°'/-")
_PIECE = re.compile(r"[a-z]+|[0-9.,%°'/-]")


def split(sentence: str) -> list[str]:
    """Lower-case words, digits and signs."""
    return _PIECE.findall(sentence.lower())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words in the order of their numbers; the first three numbers are no words."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        return 3 + len(self.words)

    def ids(self, sentences: list[str], length: int) -> Tensor:
        """(B, length) int64; a sentence that is too long is cut, an empty one is `NOTHING`."""
        known = {word: 3 + i for i, word in enumerate(self.words)}
        rows = torch.full((len(sentences), length), PAD)
        for row, sentence in zip(rows, sentences, strict=True):
            numbers = [known.get(piece, UNKNOWN) for piece in split(sentence)][:length] or [NOTHING]
            row[: len(numbers)] = torch.tensor(numbers)
        return rows


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
