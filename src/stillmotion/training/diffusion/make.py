"""Make the shards a transformer learns from: worlds of photos and clips, coded by the autoencoder of the package.

    python -m stillmotion.training.diffusion.make --packed DIR --out DIR [--count 2000] [--held] [--worlds DIR]

`--packed` is the folder that `training.pictures.prepare` wrote; `--held` makes worlds of what is held out; `--worlds`
adds rendered clips (`training.worlds.make`), whose sentence tells the camera's way and what moves. The files
that code them are the shipped ones (`--weights` names others), so no checkpoint of the autoencoder is needed. What a
world is made of depends on the seed and its number alone, so folders of several machines with different seeds can be
joined, and a run that was stopped goes on with another seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from stillmotion.models.vae_codec import FOLDER, RUNTIMES, Codec, open_net
from stillmotion.training.diffusion.shards import BUCKETS, Coded, coded, write
from stillmotion.training.diffusion.worlds import World, followed, there_and_back
from stillmotion.training.pictures import Pictures, shares_of
from stillmotion.training.worlds.store import Store

FRAMES = (1, 9, 17)
SHARES = (0.12, 0.73, 0.15)
"""Of stills and of clips of each length."""
REAL = 0.4
"""Share of clips that are real ones."""
RENDERED = 0.2
"""Share of clips that are rendered, where there are any."""


def world(data: Pictures, shares: np.ndarray, rng: np.random.Generator, rendered: Store | None = None) -> World | None:
    """A world of any kind and bucket; nothing if the photo is too small for it or was refused."""
    size = BUCKETS[int(rng.integers(len(BUCKETS)))]
    frames = int(rng.choice(FRAMES, p=SHARES))
    if rendered is not None and frames > 1 and rng.random() < RENDERED:
        return _rendered(rendered, frames, size, rng)
    if frames > 1 and rng.random() < REAL:
        return followed(data.clips.frames(int(rng.integers(len(data.clips)))), frames, size, rng)
    photo = data.photos.frames(int(rng.choice(len(data.photos), p=shares)))[0]
    if photo.shape[1] < size[0] or photo.shape[0] < size[1]:
        return None
    room = 1 if frames == 1 else float(rng.uniform(1.05, 1.4))  # how much wider the photo is than what is seen of it
    scale = max(room * size[0] / photo.shape[1], room * size[1] / photo.shape[0])
    if scale < 1:
        small = (max(round(photo.shape[1] * scale), size[0]), max(round(photo.shape[0] * scale), size[1]))
        photo = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
    return there_and_back(np.ascontiguousarray(photo), frames, size, rng)


def _rendered(store: Store, frames: int, size: tuple[int, int], rng: np.random.Generator) -> World | None:
    """A part of a rendered clip, followed as a real one is, with the whole's sentence; nothing if it is too short."""
    key = store.keys[int(rng.integers(len(store)))]
    count = store.frames(key)
    if count < frames:
        return None
    clip = np.stack([store.colour(key, k) for k in range(count)])
    return replace(followed(clip, frames, size, rng), sentence=str(store.about(key)["sentence"]))


def worlds(codec: Codec, data: Pictures, *, count: int, seed: int, rendered: Store | None = None) -> Iterator[Coded]:
    """`count` worlds in latents."""
    shares, made, number = shares_of(data.photos), 0, 0
    while made < count:
        found = world(data, shares, np.random.default_rng([seed, number]), rendered)
        number += 1
        if found is not None:
            made += 1
            yield coded(codec, found)


def main() -> None:
    """Make shards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--worlds", type=Path, help="folder of rendered clips")
    parser.add_argument("--weights", type=Path, default=FOLDER)
    parser.add_argument("--runtime", choices=RUNTIMES)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    cv2.setNumThreads(args.threads)
    files = [args.weights / f"vae-{part}.onnx" for part in ("encoder", "decoder")]
    codec = Codec(*(open_net(path, args.runtime) for path in files))
    about = {"vae": sha256(files[0].read_bytes()).hexdigest(), "seed": str(args.seed)}
    data = Pictures.of(args.packed, "_held" if args.held else "")
    rendered = Store(args.worlds) if args.worlds else None
    made = worlds(codec, data, count=args.count, seed=args.seed, rendered=rendered)
    there = write(made, args.out, about=about)
    print(f"{there} samples in {args.out}")  # noqa: T201


if __name__ == "__main__":
    main()
