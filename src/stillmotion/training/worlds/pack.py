"""A pack of training material that fits a size: photographs, clips and worlds, mixed by weights, in one tar file.

    python -m stillmotion.training.worlds.pack --out FILE.tar --megabytes 45 [--photos DIR] [--clips DIR] [--worlds DIR]
        [--weights photos=0.3,clips=0.2,worlds=0.5] [--side 384] [--seed 0]

    photos ─short side, WebP─▶ photo-FOLDER-NAME.webp     clips ─▶ clip-NAME.mp4     worlds ─▶ their own files

For machines to which little can be carried. Each kind gets its share of the size; what one kind leaves goes to the
others. `credits.csv` says who each photograph and clip is by. What is held out of training never goes in.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import InputError, StillmotionError
from stillmotion.training.pictures import clips_of, photos_of, read_photo
from stillmotion.training.worlds.codes import colour_out
from stillmotion.training.worlds.samples import HELD_FAMILIES
from stillmotion.training.worlds.store import Files, Store, write_shard
from stillmotion.training.worlds.textures import held_back

KINDS = ("photos", "clips", "worlds")
_BLOCK = 512  # bytes: tar pads each file to whole blocks, and a header is one
Source = tuple[Sequence[str], Callable[[str], Files]]
"""Names in the order in which they are wanted, and the files of one."""


def photo_source(root: Path, rng: np.random.Generator, side: int) -> Source:
    """Photographs made smaller; the folders take turns."""
    where = {name: path for name, path in photos_of(root) if not held_back(name)}

    def files(name: str) -> Files:
        stem = name.rsplit(".", 1)[0].replace("/", "-").replace(".", "-")
        return [(f"photo-{stem}.webp", colour_out(read_photo(where[name], side)))]

    return _mixed(list(where), rng), files


def clip_source(root: Path, rng: np.random.Generator) -> Source:
    """Clips as they are."""
    where = dict(clips_of(root)[0])
    return _mixed(list(where), rng), lambda name: [(f"clip-{Path(name).name}", where[name].read_bytes())]


def world_source(root: Path, rng: np.random.Generator) -> Source:
    """Worlds as they are; families and kinds take turns."""
    store = Store(root)
    keys = [key for key in store.keys if key.split("-")[0] not in HELD_FAMILIES]
    return _mixed(keys, rng, lambda key: "-".join(key.split("-")[:2])), store.files


def _mixed(
    names: list[str], rng: np.random.Generator, group: Callable[[str], str] = lambda name: name.split("/")[0]
) -> list[str]:
    """Shuffled, the groups taking turns."""
    groups: dict[str, list[str]] = {}
    for at in rng.permutation(len(names)):
        groups.setdefault(group(names[at]), []).append(names[at])
    turns = [(k, name) for members in groups.values() for k, name in enumerate(members)]
    return [name for _, name in sorted(turns, key=lambda turn: turn[0])]


def size_of(files: Files) -> int:
    """Bytes that files take in a tar file."""
    return sum(_BLOCK + -(-len(data) // _BLOCK) * _BLOCK for _, data in files)


def chosen(sources: dict[str, Source], weights: dict[str, float], room: int) -> dict[str, list[tuple[str, Files]]]:
    """What goes in: each time the kind that is farthest behind its share gives its next one, until nothing fits."""
    found: dict[str, list[tuple[str, Files]]] = {kind: [] for kind in sources}
    used = dict.fromkeys(sources, 0)
    waiting = {kind: iter(names) for kind, (names, _) in sources.items() if weights.get(kind, 0) > 0}
    while waiting:
        kind = min(waiting, key=lambda each: used[each] / weights[each])
        name = next(waiting[kind], None)
        if name is None:
            del waiting[kind]
            continue
        files = sources[kind][1](name)
        size = size_of(files)
        if sum(used.values()) + size > room:
            del waiting[kind]  # the others may still have something small enough
            continue
        found[kind].append((name, files))
        used[kind] += size
    return found


def credits_of(table: Path, names: set[str]) -> list[list[str]]:
    """Rows (file, licence, credit) of a table of credits.

    Raises:
        InputError: a file has none.
    """
    with table.open() as file:
        rows = [[row["file"], row["licence"], row["credit"]] for row in csv.DictReader(file) if row["file"] in names]
    missing = names - {row[0] for row in rows}
    if missing:
        raise InputError(f"{table} has no credit for {len(missing)} files, the first of them {min(missing)}.")
    return sorted(rows)


def pack(
    out: Path, room: int, weights: dict[str, float], *, photos: Path | None, clips: Path | None, worlds: Path | None,
    side: int, seed: int,
) -> dict[str, int]:  # fmt: skip
    """Write a pack of at most `room` bytes; how many of each kind are in it.

    Raises:
        InputError: there is nothing to pack, or nothing fits.
    """
    rng = np.random.default_rng(seed)
    sources: dict[str, Source] = {}
    if photos is not None:
        sources["photos"] = photo_source(photos, rng, side)
    if clips is not None:
        sources["clips"] = clip_source(clips, rng)
    if worlds is not None:
        sources["worlds"] = world_source(worlds, rng)
    found = chosen(sources, weights, int(room * 0.985) - 4 * _BLOCK)  # a little for the credits
    if not any(found.values()):
        raise InputError(f"Nothing fits into {room} bytes.", hint="Give folders and a larger size.")
    rows = []
    for kind, root, name in (("photos", photos, "credits.csv"), ("clips", clips, "clips.csv")):
        if root is not None and found.get(kind):
            rows += credits_of(root / name, {each for each, _ in found[kind]})
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["file", "licence", "credit"], *rows])
    samples = [files for kind in KINDS for _, files in found.get(kind, [])]
    write_shard(out, [*samples, [("credits.csv", text.getvalue().encode())]])
    return {kind: len(each) for kind, each in found.items()}


def weights_of(text: str) -> dict[str, float]:
    """Weights of "photos=0.3,clips=0.2".

    Raises:
        InputError: a kind is not known or a weight is no number above or equal to 0.
    """
    try:
        found = {kind: float(value) for kind, value in (part.split("=") for part in text.split(","))}
    except ValueError as error:
        raise InputError(f"{text!r} is no list of weights.", hint="Say photos=0.3,clips=0.2,worlds=0.5.") from error
    if set(found) - set(KINDS) or min(found.values()) < 0:
        raise InputError(f"{text!r}: kinds are {', '.join(KINDS)}, weights 0 or more.")
    return found


def main() -> None:
    """Write a pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in KINDS:
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--megabytes", type=float, default=45.0)
    parser.add_argument("--weights", default="photos=0.3,clips=0.2,worlds=0.5")
    parser.add_argument("--side", type=int, default=384)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        counts = pack(
            args.out, int(args.megabytes * 1e6), weights_of(args.weights), photos=args.photos, clips=args.clips,
            worlds=args.worlds, side=args.side, seed=args.seed,
        )  # fmt: skip
    except StillmotionError as error:
        raise SystemExit(f"{error} {getattr(error, 'hint', '') or ''}".strip()) from error
    print(f"{counts} in {args.out.stat().st_size / 1e6:.1f} MB")  # noqa: T201


if __name__ == "__main__":
    main()
