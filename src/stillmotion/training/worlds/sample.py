"""The small shard that lies beside the tests: one still of two views and one short clip of each family.

    python -m stillmotion.training.worlds.sample --photos DIR --out FILE.tar [--folders mdn,budgie] [--seed S]

`--folders` names the folders of photographs whose terms allow them to be passed on.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from stillmotion.training.worlds.samples import FAMILIES, Wanted, made
from stillmotion.training.worlds.store import write_shard
from stillmotion.training.worlds.textures import gather

STILL, CLIP = (192, 144), (128, 128)
CLIP_FRAMES = 5


def main() -> None:
    """Make the sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folders", default="mdn,budgie,elementary,immich")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    os.environ.setdefault("LP_NUM_THREADS", "1")
    bank = gather(args.photos, held=False, folders=args.folders.split(","), tiles=64, wholes=64)
    wanted = []
    for family in FAMILIES:
        wanted.append(Wanted(family=family, kind="still", number=0, seed=args.seed, size=STILL, frames=2))
        wanted.append(Wanted(family=family, kind="clip", number=0, seed=args.seed, size=CLIP, frames=CLIP_FRAMES))
    write_shard(args.out, [made(each, bank)[0] for each in wanted])
    print(f"{len(wanted)} samples, {args.out.stat().st_size / 1e6:.1f} MB, photographs: {', '.join(bank.sources)}")  # noqa: T201


if __name__ == "__main__":
    main()
