"""`python -m benchmarks.look`: what each step of the look costs a frame, beside ffmpeg's filters, in one run.

Prints markdown; `--write` puts it into docs/benchmarks/look.md. Ours is the step alone, in this process; ffmpeg's is a
whole run over raw frames with the filter, less a run without it, in the pixel format the filter likes best, so that
neither pays for conversions. Processor time of all threads counts, which a busy machine changes least.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.__main__ import HARD, ROOT, machine
from stillmotion.plan import Grade
from stillmotion.stages.finishing import lettering
from stillmotion.stages.finishing.colour import Colour
from stillmotion.stages.finishing.fade import Fade
from stillmotion.stages.finishing.grain import Grain
from stillmotion.stages.finishing.join import joined
from stillmotion.stages.finishing.lens_blur import LensBlur
from stillmotion.stages.finishing.letterbox import Letterbox
from stillmotion.stages.finishing.overlay import Logo, Text, Watermark
from stillmotion.types import FrameStream, UInt8

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
FRAMES = 48
FPS = 24.0
FONT = Path(lettering.__file__).with_name("fonts") / "Inter-Medium.ttf"
BYTES_PER_PIXEL = {"rgb24": 3.0, "gbrp": 3.0, "yuv420p": 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One look, ours and theirs."""

    name: str
    ours: Callable[[FrameStream], FrameStream]
    theirs: str | None  # a filter graph; None: ffmpeg has none like it
    pixels: str = "rgb24"  # the format it is given
    pictures: tuple[Path, ...] = ()  # further inputs of the graph


def rows(folder: Path) -> list[Row]:
    """All looks; files that they need are made in the folder."""
    cube, logo, sheet = _cube(folder / "look.cube"), _logo(folder / "logo.png", 192), _logo(folder / "sheet.png", 1280)
    grade = Grade(exposure=0.3, contrast=0.2, temperature=0.2, tint=0.1, saturation=1.2)
    text = "On any ground, readable"
    drawn = f"drawtext=fontfile={FONT}:text='{text}':fontsize=h*0.05:fontcolor=white:borderw=2:x=(w-tw)/2:y=h*0.87"
    return [
        Row(
            name="exposure, contrast, temperature, tint, saturation",
            ours=lambda s: Colour(grade, None, 1.0)(s),
            theirs="curves=all='0/0 0.5/0.55 1/1',colortemperature=temperature=5600,vibrance=0.2", pixels="gbrp",
        ),
        Row(
            name="contrast and saturation only",
            ours=lambda s: Colour(Grade(contrast=0.2, saturation=1.2), None, 1.0)(s),
            theirs="eq=contrast=1.2:saturation=1.2", pixels="yuv420p",
        ),
        Row(
            name="colour table, 33 nodes, tetrahedral", ours=lambda s: Colour(Grade(), cube, 1.0)(s),
            theirs=f"lut3d={cube}:interp=tetrahedral",
        ),
        Row(name="vignette", ours=lambda s: Colour(Grade(vignette=0.5), None, 1.0)(s), theirs="vignette"),
        Row(name="lens blur 0.3", ours=lambda s: LensBlur(amount=0.3)(s), theirs=None),
        Row(name="lens blur 1", ours=lambda s: LensBlur(amount=1.0)(s), theirs=None),
        Row(
            name="letterbox 2.39", ours=lambda s: Letterbox(aspect=2.39)(s),
            theirs="drawbox=0:0:iw:ih*0.128:black:fill,drawbox=0:ih*0.872:iw:ih*0.128:black:fill",
        ),
        Row(
            name="text", theirs=drawn,
            ours=lambda s: Text(text, place="bottom", size=0.06, begin=None, end=None, font=None)(s),
        ),
        Row(
            name="logo", ours=lambda s: Logo(logo, place="top-right", size=0.15, opacity=1.0)(s),
            theirs="overlay=W-w-64:36:format=rgb", pictures=(logo,),
        ),
        Row(
            name="watermark (theirs: one picture over all)", ours=lambda s: Watermark("DRAFT", font=None)(s),
            theirs="overlay=0:0:format=rgb", pictures=(sheet,),
        ),
        Row(name="fade", ours=lambda s: Fade(fade_in=2.0, fade_out=None)(s), theirs=f"fade=in:0:{FRAMES}"),
        Row(
            name="grain", ours=lambda s: Grain(amount=0.3, seed=0)(s), theirs="noise=alls=8:allf=t", pixels="gbrp",
        ),
    ]  # fmt: skip


def _cube(path: Path) -> Path:
    side = np.linspace(0, 1, 33)
    blue, green, red = np.meshgrid(side, side, side, indexing="ij")
    colours = np.stack([red**0.9, 0.9 * green + 0.1 * red, 0.8 * blue + 0.1], axis=-1).reshape(-1, 3)
    path.write_text("LUT_3D_SIZE 33\n" + "".join("{:.6f} {:.6f} {:.6f}\n".format(*colour) for colour in colours))
    return path


def _logo(path: Path, width: int) -> Path:
    picture = np.zeros((width * 9 // 16, width, 4), np.uint8)
    cv2.circle(picture, (width // 2, width * 9 // 32), width // 4, (240, 120, 30, 255), -1, cv2.LINE_AA)
    Image.fromarray(picture).save(path)
    return path


def ours_ms(row: Row, frames: Sequence[UInt8]) -> float:
    """Milliseconds a frame, the first left out (tables are made then)."""
    height, width = frames[0].shape[:2]
    looked = iter(row.ours(FrameStream(frames=iter(frames), width=width, height=height, fps=FPS, count=len(frames))))
    next(looked)
    began = time.process_time()
    for _ in looked:
        pass
    return 1000 * (time.process_time() - began) / (len(frames) - 1)


def theirs_ms(row: Row, frames: Sequence[UInt8], raw: Path, rounds: int) -> float:
    """Milliseconds a frame of ffmpeg's filter: the best run with it, less the best without."""
    height, width = frames[0].shape[:2]
    extra = [word for picture in row.pictures for word in ("-i", str(picture))]
    given = ["-f", "rawvideo", "-pix_fmt", row.pixels, "-s", f"{width}x{height}", "-r", "24", "-i", str(raw)]

    def run(*graph: str) -> float:
        began = _spent_by_children()
        command = ["ffmpeg", "-v", "error", "-nostdin", *given, *extra, *graph, "-f", "null", "-"]
        subprocess.run(command, check=True)
        return _spent_by_children() - began

    both = "[0:v]" + "".join(f"[{number}:v]" for number in range(1, len(row.pictures) + 1))
    runs = [
        (run("-filter_complex", f"{both}{row.theirs}[out]", "-map", "[out]"), run("-map", "0:v")) for _ in range(rounds)
    ]
    return max(0.0, 1000 * (min(one for one, _ in runs) - min(other for _, other in runs)) / len(frames))


def crossfade_ms(frames: Sequence[UInt8]) -> float:
    """Milliseconds a blended frame of two clips that melt into one another all along."""
    height, width = frames[0].shape[:2]
    clips = [
        FrameStream(frames=iter(frames), width=width, height=height, fps=FPS, count=len(frames)) for _ in range(2)
    ]  # fmt: skip
    whole = iter(joined(clips, overlap=(len(frames) - 1) / FPS).frames)
    next(whole)
    began = time.process_time()
    for _ in range(len(frames) - 1):
        next(whole)
    return 1000 * (time.process_time() - began) / (len(frames) - 1)


def _spent_by_children() -> float:
    """Processor seconds of all ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(rounds: int) -> dict[str, list[str]]:
    """The cells of each look, at all sizes: ours and theirs, the best of all rounds."""
    cells: dict[str, list[str]] = {}
    picture = cv2.cvtColor(cv2.imread(str(HARD)), cv2.COLOR_BGR2RGB)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in SIZES.values():
            frame = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
            frames = [np.roll(frame, 2 * number, axis=1) for number in range(FRAMES)]  # a pan: frames differ
            for row in rows(folder):
                own = min(ours_ms(row, frames) for _ in range(rounds))
                other = "–"
                if row.theirs is not None and shutil.which("ffmpeg"):
                    raw = folder / "raw"
                    with raw.open("wb") as file:
                        for one in frames:
                            file.write(one.tobytes()[: int(one.size / 3 * BYTES_PER_PIXEL[row.pixels])])
                    other = f"{theirs_ms(row, frames, raw, rounds):.1f}"
                cells.setdefault(row.name, []).extend([f"{own:.1f}", other])
            own = min(crossfade_ms(frames) for _ in range(rounds))
            cells.setdefault("cross-fade", []).extend([f"{own:.1f}", "–"])
    return cells


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.look", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks/look.md")
    args = parser.parse_args()
    about = machine().replace("make bench", "python -m benchmarks.look")
    version = "not installed"
    if shutil.which("ffmpeg"):
        found = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout
        version = found.split()[2]
    head = "| step | " + " | ".join(f"{size} | ffmpeg {size}" for size in SIZES) + " |"
    table = [head, "|---" * (1 + 2 * len(SIZES)) + "|"]
    table += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in measured(args.rounds).items()]
    how = (
        f"Milliseconds of processor time (all threads) a frame, the best of {args.rounds} rounds; ffmpeg {version}, "
        "each filter in the pixel format it likes best, a run with it less a run without."
    )
    text = "\n\n".join(["# The look", about, how, "\n".join(table)]) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "look.md").write_text(text)


if __name__ == "__main__":
    main()
