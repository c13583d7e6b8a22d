"""Large frames through the autoencoder in tiles: exactly what the whole would give, at the memory of a tile.

A tile is calculated with a border of `HALO` latent cells, more than anything can reach, and the border is thrown away:
no blending, no seam. At the rims of the picture there is no border, as there is none for the whole picture.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from stillmotion.models.vae import HALO, SPACE, VideoVae

Span = tuple[int, int]


def encode_tiled(net: VideoVae, video: Tensor, *, cells: int) -> Tensor:
    """(B, F, 3, H, W) -> mean (B, T, C, H/8, W/8); a tile has `cells` x `cells` latent cells and its border."""
    rows = []
    for (top, bottom), (y0, y1) in spans(video.shape[3] // SPACE, cells):
        row = []
        for (left, right), (x0, x1) in spans(video.shape[4] // SPACE, cells):
            part = video[..., y0 * SPACE : y1 * SPACE, x0 * SPACE : x1 * SPACE]
            row.append(net.encode(part)[0][..., top - y0 : bottom - y0, left - x0 : right - x0])
        rows.append(torch.cat(row, dim=-1))
    return torch.cat(rows, dim=-2)


def decode_tiled(net: VideoVae, latent: Tensor, *, cells: int) -> Tensor:
    """(B, T, C, h, w) -> (B, F, 3, 8 h, 8 w)."""
    rows = []
    for (top, bottom), (y0, y1) in spans(latent.shape[3], cells):
        row = []
        for (left, right), (x0, x1) in spans(latent.shape[4], cells):
            shown = net.decode(latent[..., y0:y1, x0:x1])[0]
            inner = (slice((top - y0) * SPACE, (bottom - y0) * SPACE), slice((left - x0) * SPACE, (right - x0) * SPACE))
            row.append(shown[..., inner[0], inner[1]])
        rows.append(torch.cat(row, dim=-1))
    return torch.cat(rows, dim=-2)


def spans(length: int, cells: int) -> Iterator[tuple[Span, Span]]:
    """Pieces of at most `cells`, each with what it is calculated from: ((begin, end), (begin - halo, end + halo))."""
    for begin in range(0, length, cells):
        end = min(begin + cells, length)
        yield (begin, end), (max(begin - HALO, 0), min(end + HALO, length))
