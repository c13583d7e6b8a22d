"""What the scene network changes in the video: an orbit over photos, with it and with the weightless estimate.

    python -m benchmarks.scene_effect PHOTO_DIR [--most 30] [--move orbit_right] [--sheets DIR] --write

Of the last frame: the share of pixels the photo did not show, and the shares and sizes of stretch. Prints markdown;
`--write` puts it into docs/benchmarks/scene-effect.md; `--sheets` writes pictures to look at.
"""

from __future__ import annotations

import argparse
from dataclasses import astuple, dataclass
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.media.image import read_photo
from stillmotion.options import AnimateOptions
from stillmotion.plan import Canvas, MotionPlan
from stillmotion.stages.analysis import scene as analysis
from stillmotion.stages.generation.backends.geometry import GeometryBackend
from stillmotion.stages.motion.canvas import choose_canvas
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.coverage import solve
from stillmotion.stages.motion.moves import Move
from stillmotion.types import Drawn, Float32, Photo, Scene, UInt8

ROOT = Path(__file__).parent.parent
_ROWS = 6  # photos on a sheet
_TALL, _WIDE = 190, 300  # of a picture on a sheet


@dataclass(frozen=True, slots=True)
class Effect:
    """Of one last frame."""

    relief: float  # range of disparity between the 2nd and the 98th percentile, of the nearest
    moved: float  # 95th percentile of how far pixels went, % of the width, the median motion taken off
    painted: float  # % of pixels the photo did not show
    stretched: float  # % of the shown pixels stretched more than 1.5 times
    stretch: float  # 99th percentile


def without_weights() -> None:
    """Stands for the network of an installation that has no weights."""
    raise WeightsMissing("The weights are left out on purpose.", hint="This is a measurement.")


def understood(photo: Photo, canvas: Canvas, *, learned: bool) -> Scene:
    """The scene of a photo, by the network or by cues alone."""
    if learned:
        return analysis.analyze(photo, width=canvas.width, height=canvas.height)
    with mock.patch.object(analysis, "scene_network", without_weights):
        return analysis.analyze(photo, width=canvas.width, height=canvas.height)


def last_view(scene: Scene, canvas: Canvas, move: str) -> Drawn:
    """The end of a move, its reach fitted to the scene as in a job."""
    camera, time, _ = compose([Move(name=move)], canvas, fov_deg=scene.fov_deg)
    plan = solve(MotionPlan(canvas=canvas, camera=camera, time=time), scene)[0]
    return GeometryBackend().view(scene, plan, 1.0)


def effect(scene: Scene, drawn: Drawn) -> Effect:
    """Measure one last frame."""
    near = 1 / scene.depth
    low, high = np.percentile(near, (2, 98))
    seen = drawn.painted < 0.5
    stretch = drawn.stretch[seen]
    apart = np.linalg.norm(drawn.flow - np.median(drawn.flow, axis=(0, 1)), axis=2)
    return Effect(
        relief=float((high - low) / near.max()),
        moved=100 * float(np.percentile(apart, 95)) / drawn.frame.shape[1],
        painted=100 * float((~seen).mean()),
        stretched=100 * float((stretch > 1.5).mean()),
        stretch=float(np.percentile(stretch, 99)),
    )


def tile(picture: UInt8) -> UInt8:
    """A picture at the size of a sheet's tile."""
    width = round(picture.shape[1] * _TALL / picture.shape[0])
    small = cv2.resize(picture, (width, _TALL), interpolation=cv2.INTER_AREA)[:, :_WIDE]
    return np.asarray(np.pad(small, ((0, 3), (0, _WIDE + 2 - small.shape[1]), (0, 0))), np.uint8)


def coloured(depth: Float32) -> UInt8:
    """Near red, far blue."""
    near = 1 / depth
    return np.asarray(
        cv2.applyColorMap((255 * near / near.max()).astype(np.uint8), cv2.COLORMAP_TURBO)[..., ::-1], np.uint8
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scene_effect", description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--most", type=int, default=30)
    parser.add_argument("--move", default="orbit_right")
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    files = sorted(p for p in args.photos.iterdir() if p.suffix.lower() in (".webp", ".jpg", ".jpeg", ".png"))
    files = files[:: max(1, len(files) // args.most)][: args.most]
    found: dict[bool, list[Effect]] = {False: [], True: []}
    rows: list[UInt8] = []
    for file in files:
        photo = read_photo(file)
        canvas = choose_canvas(photo, AnimateOptions(seconds=3, fps=8))
        row = [tile(photo.pixels)]
        for learned, effects in found.items():
            scene = understood(photo, canvas, learned=learned)
            drawn = last_view(scene, canvas, args.move)
            effects.append(effect(scene, drawn))
            row += [tile(coloured(scene.depth)), tile(drawn.frame)]
        rows.append(np.hstack(row))
    if args.sheets is not None:
        args.sheets.mkdir(parents=True, exist_ok=True)
        for i in range(0, len(rows), _ROWS):
            cv2.imwrite(str(args.sheets / f"{args.move}_{i // _ROWS}.png"), np.vstack(rows[i : i + _ROWS])[..., ::-1])
    text = table(found, args.move)
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "scene-effect.md").write_text(text)


def table(found: dict[bool, list[Effect]], move: str) -> str:
    """As markdown."""
    lines = [
        "# What the scene network changes in the video", "",
        f"`{move}` over {len(found[True])} photos; of the last frame, mean (median, greatest).", "",
        "| depth | relief | parallax, % of the width | not in the photo, % | stretched, % | stretch, 99th percentile |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for learned, effects in found.items():
        values = np.array([astuple(one) for one in effects])
        cells = [f"{v.mean():.2f} ({np.median(v):.2f}, {v.max():.2f})" for v in values.T]
        lines.append(f"| {'scene network' if learned else 'weightless'} | {' | '.join(cells)} |")
    lines += [
        "",
        "Relief: range of disparity, of the nearest. Parallax: 95th percentile of motion against the median motion. "
        "Stretched: more than 1.5 times. A flatter map has fewer pixels to invent: read them beside the parallax.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
