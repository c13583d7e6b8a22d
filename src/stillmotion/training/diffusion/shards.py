"""Worlds as latents on disk: tar files of one .npz per sample (WebDataset's layout), read in any order by an index.

    worlds ─Codec▶ latents ─write▶ shards/00000.tar, index.json ─Shards.batch(step)▶ latents and conditions

A batch depends on seed, step and worker alone, so a run goes on to the sample. Samples of one shape make a batch: the
shapes are the aspect buckets, with stills among them.

Legend: B batch, T latent frames, C latent channels, h x w latent cells.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillmotion.models.dit import FIRST, REFERENCE, TEXT, Conditions
from stillmotion.models.dit_text import Vocabulary
from stillmotion.models.vae import SPACE, TIME
from stillmotion.models.vae_codec import Codec
from stillmotion.training.diffusion.worlds import World

BUCKETS = ((192, 192), (256, 160), (160, 256))
"""Width and height of what a run learns from: small, so that a processor sees many of them."""
PER_SHARD = 64


@dataclass(frozen=True, slots=True)
class Coded:
    """A world in latents."""

    truth: np.ndarray  # (T, C, h, w) float16, normal
    guide: np.ndarray  # (T, C, h, w) float16, normal
    valid: np.ndarray  # (T, 4, h, w) uint8, 255: wholly
    sentence: str


def coded(codec: Codec, world: World) -> Coded:
    """Encode a world."""
    truth, guide = (
        np.stack(list(codec.encode(frame.astype(np.float32) / 255 for frame in clip))).astype(np.float16)
        for clip in (world.truth, world.guide)
    )
    return Coded(truth, guide, validity(world.valid), world.sentence)


def validity(valid: np.ndarray) -> np.ndarray:
    """(F, H, W) uint8 -> (T, 4, h, w) uint8, per cell and frame; the first frame stands for four."""
    frames = np.concatenate([np.repeat(valid[:1], TIME - 1, axis=0), valid])
    f, h, w = frames.shape
    cells = frames.reshape(f, h // SPACE, SPACE, w // SPACE, SPACE).mean(axis=(2, 4))
    return np.asarray(cells.reshape(f // TIME, TIME, h // SPACE, w // SPACE).round(), np.uint8)


def write(samples: Iterator[Coded], out: Path, *, about: dict[str, str]) -> int:
    """Write shards and their index; goes on after the shards that are there. Returns how many samples there are."""
    out.mkdir(parents=True, exist_ok=True)
    there = (out / "index.json").exists()
    entries: list[dict] = json.loads((out / "index.json").read_text())["samples"] if there else []
    shard = len(list(out.glob("*.tar")))
    waiting: list[Coded] = []
    for sample in samples:
        waiting.append(sample)
        if len(waiting) == PER_SHARD:
            entries += _write_shard(waiting, out / f"{shard:05d}.tar")
            (out / "index.json").write_text(json.dumps({"about": about, "samples": entries}))
            waiting, shard = [], shard + 1
    if waiting:
        entries += _write_shard(waiting, out / f"{shard:05d}.tar")
    (out / "index.json").write_text(json.dumps({"about": about, "samples": entries}))
    return len(entries)


def _write_shard(samples: list[Coded], path: Path) -> list[dict]:
    entries = []
    with tarfile.open(path, "w") as tar:
        for i, sample in enumerate(samples):
            data = io.BytesIO()
            np.savez(data, truth=sample.truth, guide=sample.guide, valid=sample.valid)
            member = tarfile.TarInfo(f"{path.stem}{i:05d}.npz")
            member.size = data.tell()
            data.seek(0)
            start = tar.offset + 512  # a header of one block
            tar.addfile(member, data)
            entries.append(
                {
                    "shard": path.name, "start": start, "size": member.size, "sentence": sample.sentence,
                    "shape": [sample.truth.shape[0], *sample.truth.shape[2:]],
                }
            )  # fmt: skip
    return entries


class Shards:
    """Samples of a folder by bucket."""

    def __init__(self, folder: Path, words: Vocabulary, *, sentence: int) -> None:
        self.folder, self.words, self.length = folder, words, sentence
        buckets = defaultdict(list)
        for entry in json.loads((folder / "index.json").read_text())["samples"]:
            buckets[tuple(entry["shape"])].append(entry)
        self.buckets = [buckets[shape] for shape in sorted(buckets)]

    def batch(self, step: int, *, seed: int, rank: int, tokens: int) -> tuple[Tensor, Conditions]:
        """Latents (B, T, C, h, w) and what is known of them; B is such that a batch has about `tokens` tokens.

        All workers draw from the same bucket at a step, each its own samples.
        """
        sizes = np.array([len(bucket) for bucket in self.buckets], np.float64)
        bucket = self.buckets[int(np.random.default_rng([seed, step]).choice(len(sizes), p=sizes / sizes.sum()))]
        t, h, w = bucket[0]["shape"]
        count = max(1, min(tokens // (t * h * w // 4), len(bucket)))
        rng = np.random.default_rng([seed, step, rank])
        chosen = [bucket[i] for i in rng.choice(len(bucket), count, replace=False)]
        return self.joined([(self.read(entry), entry["sentence"]) for entry in chosen])

    def read(self, entry: dict) -> dict[str, np.ndarray]:
        """The arrays of a sample."""
        with (self.folder / entry["shard"]).open("rb") as file:
            file.seek(entry["start"])
            with np.load(io.BytesIO(file.read(entry["size"]))) as arrays:
                return dict(arrays)

    def joined(self, samples: list[tuple[dict[str, np.ndarray], str]]) -> tuple[Tensor, Conditions]:
        """A batch. A still has no first frame, and its reference is the picture with its holes."""
        truth, guide = (
            torch.from_numpy(np.stack([s[name] for s, _ in samples])).float() for name in ("truth", "guide")
        )
        valid = torch.from_numpy(np.stack([s["valid"] for s, _ in samples])).float() / 255
        still = truth.shape[1] == 1
        has = torch.ones(len(truth), 4, dtype=torch.bool)
        has[:, FIRST] = not still
        has[:, REFERENCE] = not still
        has[:, TEXT] = torch.tensor([bool(sentence) for _, sentence in samples])
        text = self.words.ids([sentence for _, sentence in samples], self.length)
        first = guide[:, 0] if still else truth[:, 0]
        return truth, Conditions(text=text, reference=first, first=first, guide=guide, valid=valid, has=has)
