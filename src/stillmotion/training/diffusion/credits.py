"""Who the pictures are by that a network learned from, one line each, for its card.

python -m stillmotion.training.diffusion.credits --data DIR --out FILE.md
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from stillmotion.training.pictures import clips_of, photos_of

HEAD = """# Who the photographs and clips are by that the video autoencoder learned from

One line each: credit and terms as their publishers state them, and how many photographs or clips.
"""


def credits(data: Path) -> list[str]:
    """Lines of markdown, the largest sources first."""
    photos = {name for name, _ in photos_of(data / "photos")}
    clips = {name for name, _ in clips_of(data / "clips")[0]}
    counts: Counter[str] = Counter()
    for table, wanted in ((data / "photos" / "credits.csv", photos), (data / "clips" / "clips.csv", clips)):
        with table.open() as file:
            for row in csv.DictReader(file):
                if row["file"] in wanted:
                    counts[f"{row['credit']}: {row['licence']}"] += 1
                    wanted.discard(row["file"])
        if wanted:
            raise SystemExit(f"{table} has no credit for {len(wanted)} files, the first of them {min(wanted)}")
    return [f"- {line} ({count})" for line, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.write_text(HEAD + "\n" + "\n".join(credits(args.data)) + "\n")


if __name__ == "__main__":
    main()
