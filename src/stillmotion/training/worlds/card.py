"""The card of a set of worlds: what is in it, how it was made, what it cost, whose photographs it wears.

    OUT/made.jsonl, OUT/textures.npz, PHOTOS/credits.csv ─write_card─▶ OUT/README.md

Run again at will: `python -m stillmotion.training.worlds.card --photos DIR --out DIR`.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

from stillmotion.media.staging import write_file
from stillmotion.training.worlds.samples import FAMILIES, HELD_FAMILIES
from stillmotion.training.worlds.textures import Bank

_HEAD = """# Made worlds{which}

Scenes drawn by a program, with exact truth at every pixel. Made by `python -m stillmotion.training.worlds.make`; what a
sample shows depends on its seed and number alone. Shards are tar files in WebDataset's layout; a sample is a JSON file
and, for each frame, colour (WebP), depth (metres, 16 bits of the logarithm), object numbers, classes with the share of
the pixel, flow to the next and from it back (1/32 px) with what each hides. The JSON holds the camera of each frame,
the motion plan and its sentence, the family's choices, and what the camera did to the colours (exposure, white balance,
blur of lens and motion, noise, vignette, codec). Depth, flow and masks are those of the pinhole in the middle of the
exposure, and of the opaque world: smoke, steam and rain are drawn over it.

{held}
"""
_TRAIN = (
    "Kept out of this set, for tests: the families {families}, and one photograph in ten with all of `general_eval`."
)
_TEST = "A test set: never train on it. It wears photographs that no other set wears, and holds all families."


def table(out: Path) -> str:
    """Samples, frames and seconds by family, from made.jsonl."""
    sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in (out / "made.jsonl").read_text().splitlines():
        shard = json.loads(line)
        found = sums[shard["kind"], shard["family"]]
        for name, value in shard.items():
            if isinstance(value, int | float):
                found[name] += value
        if "draw_s" in shard:
            found["timed_samples"] += shard["samples"]
            found["timed_frames"] += shard["frames"]
    lines = [
        "| family | kind | samples | frames | build s a sample | draw s a frame | take and write s a frame | "
        "all s a frame | MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (kind, family), s in sorted(sums.items(), reverse=True):
        whole = s["build_s"] + s["draw_s"] + s["take_s"]
        frames, samples = max(s["timed_frames"], 1), max(s["timed_samples"], 1)
        lines.append(
            f"| {family} | {kind} | {s['samples']:.0f} | {s['frames']:.0f} | {s['build_s'] / samples:.2f} | "
            f"{s['draw_s'] / frames:.2f} | {s['take_s'] / frames:.2f} | {whole / frames:.2f} | {s['bytes'] / 1e6:.0f} |"
        )
    totals = ", ".join(
        f"{sum(s['samples'] for (k, _), s in sums.items() if k == kind):.0f} {kind}s" for kind in ("still", "clip")
    )
    return "\n".join([*lines, "", f"Together: {totals}."])


def credit_lines(photos: Path, names: tuple[str, ...]) -> list[str]:
    """Lines of credit and terms, the largest sources first; photographs without an entry are counted."""
    wanted, counts = set(names), Counter[str]()
    listed = photos / "credits.csv"
    if listed.exists():
        with listed.open() as file:
            for row in csv.DictReader(file):
                if row["file"] in wanted:
                    counts[f"{row['credit']}: {row['licence']}"] += 1
                    wanted.discard(row["file"])
    if wanted:
        counts["no credit is listed"] += len(wanted)
    return [f"- {line} ({count})" for line, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def write_card(out: Path, photos: Path, *, held: bool) -> None:
    """Write OUT/README.md."""
    kept = ", ".join(name for name in FAMILIES if name in HELD_FAMILIES)
    head = _HEAD.format(which=": the test set" if held else "", held=_TEST if held else _TRAIN.format(families=kept))
    bank = Bank.load(out / "textures.npz")
    parts = [head, "## Amounts and time", table(out), "Seconds are of one processor, with whatever ran beside it."]
    parts += ["## Photographs on surfaces", "\n".join(credit_lines(photos, bank.sources))]
    write_file(out / "README.md", ("\n\n".join(parts) + "\n").encode())


def main() -> None:
    """Write a card again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held", action="store_true")
    args = parser.parse_args()
    write_card(args.out, args.photos, held=args.held)


if __name__ == "__main__":
    main()
