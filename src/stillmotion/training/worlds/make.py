"""Make worlds: shards of stills and clips with exact truth.

    python -m stillmotion.training.worlds.make --photos DIR --out DIR --family all|NAME[,NAME] --stills N --clips N
        [--seed S] [--processes P] [--held]

`--stills` and `--clips` count samples of each family, rounded up to whole shards. Shards that are there are kept, so a
run that was ended goes on, and a second run with greater counts adds to the first. What a sample shows depends on seed
and number alone. `--held` makes the test set: photographs that no other world uses, numbers of its own, and the
families that are kept out of training. What was made and what it cost is added to OUT/made.jsonl, a line a shard;
OUT/README.md is the set's card.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2

from stillmotion.errors import InputError, StillmotionError
from stillmotion.training.worlds.card import write_card
from stillmotion.training.worlds.samples import FAMILIES, HELD_FAMILIES, Kind, Spent, Wanted, made
from stillmotion.training.worlds.store import Files, write_shard
from stillmotion.training.worlds.textures import Bank, gather

PER_SHARD: dict[Kind, int] = {"still": 20, "clip": 2}
HELD_SEED = 1_000_000
"""Added to the seed of a test set."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One shard."""

    family: str
    kind: Kind
    index: int
    count: int  # samples in it
    seed: int
    out: Path

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.out / f"{self.family}-{self.kind}-{self.index:05d}.tar"


def tasks_of(families: tuple[str, ...], counts: dict[Kind, int], *, seed: int, out: Path) -> list[Task]:
    """The shards that are not there yet; families and kinds advance together, so that it can be ended at any time."""
    found: list[tuple[float, Task]] = []
    for kind, count in counts.items():
        each = PER_SHARD[kind]
        shards = -(-count // each)
        for index in range(shards):
            found += [
                (index / shards, Task(family=name, kind=kind, index=index, count=each, seed=seed, out=out))
                for name in families
            ]
    found.sort(key=lambda turn: turn[0])
    return [task for _, task in found if not task.path.exists()]


def make_shard(task: Task, bank_file: Path) -> dict[str, object]:
    """Make one shard and tell what it cost, also in made.jsonl."""
    cv2.setNumThreads(1)
    bank, spent, frames, refused = _bank(bank_file), [], 0, 0
    start, samples = time.perf_counter(), []
    for k in range(task.count):
        number = task.index * PER_SHARD[task.kind] + k
        wanted = Wanted(family=task.family, kind=task.kind, number=number, seed=task.seed)
        try:
            files, cost, count = made(wanted, bank)
        except StillmotionError as error:
            _log.warning("%s", error)
            refused += 1
            continue
        samples.append(files)
        spent.append(cost)
        frames += count
    write_shard(task.path, samples)
    line = _line(task, samples, spent, frames, refused, time.perf_counter() - start)
    with (task.out / "made.jsonl").open("a") as file:  # short lines: appending them is one step
        file.write(json.dumps(line) + "\n")
    return line


def _line(
    task: Task, samples: list[Files], spent: list[Spent], frames: int, refused: int, wall: float
) -> dict[str, object]:
    return {
        "shard": task.path.name, "family": task.family, "kind": task.kind, "samples": len(samples), "frames": frames,
        "refused": refused, "bytes": task.path.stat().st_size, "wall_s": round(wall, 1),
        **{f"{name}_s": round(sum(getattr(each, name) for each in spent), 2) for name in ("build", "draw", "take")},
    }  # fmt: skip


@cache
def _bank(file: Path) -> Bank:
    return Bank.load(file)


def make(
    photos: Path,
    out: Path,
    families: tuple[str, ...],
    counts: dict[Kind, int],
    *,
    seed: int,
    processes: int,
    held: bool,
) -> int:
    """Make what is missing; how many shards were made."""
    out.mkdir(parents=True, exist_ok=True)
    bank = out / "textures.npz"
    if not bank.exists():
        gather(photos, held=held).save(bank)
    tasks = tasks_of(families, counts, seed=seed + (HELD_SEED if held else 0), out=out)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(make_shard, task, bank) for task in tasks]
        for done, future in enumerate(as_completed(running), 1):
            if (error := future.exception()) is not None:
                _log.error("%d of %d: a shard failed and is left for the next run", done, len(tasks), exc_info=error)
                continue
            _log.info("%d of %d: %s", done, len(tasks), future.result())
    if (out / "made.jsonl").exists():
        write_card(out, photos, held=held)
    return len(tasks)


def chosen(names: str, *, held: bool) -> tuple[str, ...]:
    """The families of a wish.

    Raises:
        InputError: there is no such family, or it is kept out of training.
    """
    if names == "all":
        return FAMILIES if held else tuple(name for name in FAMILIES if name not in HELD_FAMILIES)
    found = tuple(names.split(","))
    for name in found:
        if name not in FAMILIES:
            raise InputError(f"There is no family {name!r}.", hint=f"Families: all, {', '.join(FAMILIES)}.")
        if name in HELD_FAMILIES and not held:
            raise InputError(f"The family {name!r} is kept for the test set.", hint="Make it with --held.")
    return found


def main() -> None:
    """Make worlds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--family", default="all")
    parser.add_argument("--stills", type=int, default=0)
    parser.add_argument("--clips", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--held", action="store_true")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.setdefault("LP_NUM_THREADS", "1")  # threads of Mesa's renderer in each process
    counts: dict[Kind, int] = {"still": args.stills, "clip": args.clips}
    try:
        families = chosen(args.family, held=args.held)
        make(args.photos, args.out, families, counts, seed=args.seed, processes=args.processes, held=args.held)
    except StillmotionError as error:
        raise SystemExit(f"{error} {getattr(error, 'hint', '')}".strip()) from error


if __name__ == "__main__":
    main()
