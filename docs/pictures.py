"""Make the pictures of the README: real output of the program on the photos that come with it.

    python docs/pictures.py          writes docs/pictures/*.webp and *.png

Each moving one is one call of `stillmotion.animate`; the prompts below are all there is to it. The others show a photo
painted out to another shape, and what a network can learn from a made world.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

import stillmotion
from stillmotion import pipeline
from stillmotion.media.image import read_photo
from stillmotion.media.probe import read_frames
from stillmotion.options import AnimateOptions
from stillmotion.training.inpainting.holes import strokes, thing
from stillmotion.training.worlds.store import Store

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "pictures"
PHOTOS = {
    "rocket": ROOT / "examples" / "rocket.jpg",
    "astronaut": ROOT / "examples" / "astronaut.jpg",
    "coffee": ROOT / "examples" / "coffee.jpg",
    "chelsea": ROOT / "examples" / "chelsea.jpg",
}
FILLS = ("classical", "learned", "auto")
SHOTS = {
    "push": ("astronaut", "slow push in, then orbit left", (288, 288)),
    "sky": ("rocket", "push in slightly, the sky moves left", (432, 288)),
    "orbit": ("coffee", "slow orbit left", (432, 288)),
    "vertigo": ("chelsea", "dolly zoom", (432, 288)),
}


def main() -> None:
    """Write them all."""
    OUT.mkdir(exist_ok=True)
    (ROOT / "out").mkdir(exist_ok=True)
    for name, (photo, prompt, size) in SHOTS.items():
        video = stillmotion.animate(
            PHOTOS[photo], prompt, out=OUT / f"{name}.webp", size=size, seconds=3, fps=12, loop="pingpong"
        )
        print(f"{video.path.name}: {prompt} ({video.path.stat().st_size // 1000} kB)")
        video.path.with_name(f"{video.path.name}.json").unlink()
    wide = stillmotion.outpaint(PHOTOS["coffee"], aspect="21:9", out=ROOT / "out" / "wide.png")
    save("outpaint", np.asarray(wide.picture))
    save("painted", painted())
    save("nano", clips())
    save("walk", walk())
    save("worlds", worlds())
    sheet(ROOT / "out" / "sheet.png")


def save(name: str, picture: np.ndarray) -> None:
    """A still picture (h, w, 3) of the README."""
    cv2.imwrite(str(OUT / f"{name}.webp"), picture[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 82])
    print(f"{name}.webp ({(OUT / f'{name}.webp').stat().st_size // 1000} kB)")


def painted() -> np.ndarray:
    """Holes in a cup, a cat and a rocket, and a person to be removed; filled by patches, by the network, as judged."""
    rng, rows = np.random.default_rng(3), list[np.ndarray]()
    for photo, draw in (("coffee", strokes), ("chelsea", thing), ("rocket", thing)):
        pixels = read_photo(PHOTOS[photo]).pixels
        hole = cv2.resize(draw(256, rng).astype(np.uint8), pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        marked = np.where(hole[..., None] > 0, np.uint8(255), pixels)
        rows.append(row([marked, *(stillmotion.inpaint(pixels, hole * 255, fill=way).picture for way in FILLS)]))
    person = read_photo(PHOTOS["astronaut"]).pixels
    rows.append(row([person, *(stillmotion.remove(person, "the person", fill=way).picture for way in FILLS)]))
    return np.vstack(rows)


def clips() -> np.ndarray:
    """A plan drawn by geometry, by the engine nano, and by nano without a guide: five frames of each."""
    rows = list[np.ndarray]()
    for engine, free in (("geometry", False), ("nano", False), ("nano", True)):
        options = AnimateOptions(
            prompt="orbit left 16 degrees", size=(384, 256), seconds=17 / 8, fps=8, engine=engine, free=free
        )
        frames = list(pipeline.stream(pipeline.prepare(PHOTOS["coffee"], options), options))
        rows.append(np.hstack([frames[round(k * (len(frames) - 1) / 4)] for k in range(5)]))
    return cv2.resize(np.vstack(rows), None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)


def walk() -> np.ndarray:
    """Six frames, an even way apart, of a walk between two wishes in the latents of nano."""
    path = ROOT / "out" / "walk.mp4"
    stillmotion.explore_walk(
        PHOTOS["chelsea"], "push in", to="orbit left 15 degrees", out=path, walk_frames=24, engine="nano",
        size=(384, 256), seconds=17 / 8, fps=8,
    )  # fmt: skip
    frames = list(read_frames(path))
    shown = [frames[round(k * (len(frames) - 1) / 5)] for k in range(6)]
    return np.hstack([cv2.resize(each, (240, 160), interpolation=cv2.INTER_AREA) for each in shown])


def row(pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures side by side, all of one height."""
    return np.hstack([cv2.resize(each, (300, 200), interpolation=cv2.INTER_AREA) for each in pictures])


def worlds() -> np.ndarray:
    """Stills of the sample of worlds: colour, and below it depth (near is warm)."""
    store, columns = Store(ROOT / "tests" / "data" / "worlds"), list[np.ndarray]()
    for family in ("coast", "mountains", "streets", "rooms", "table", "creatures"):
        still = next(key for key in store.keys if family in key and "still" in key)
        view = store.view(still, 0)
        near = np.clip(
            np.where(view.depth > 0, np.percentile(view.depth[view.depth > 0], 8) / np.maximum(view.depth, 1e-3), 0),
            0,
            1,
        )
        depth = cv2.applyColorMap((255 * near).astype(np.uint8), cv2.COLORMAP_TURBO)[..., ::-1]
        pair = [cv2.resize(np.asarray(each), (256, 192), interpolation=cv2.INTER_AREA) for each in (view.colour, depth)]
        columns.append(np.vstack(pair))
    return np.hstack(columns)


def sheet(path: Path) -> None:
    """A contact sheet: each shot at its beginning, middle and end."""
    rows = []
    for photo, prompt, (width, height) in SHOTS.values():
        options = AnimateOptions(prompt=prompt, size=(width, height), seconds=2, fps=8)
        frames = list(pipeline.stream(pipeline.prepare(PHOTOS[photo], options), options))
        row = np.hstack([frames[0], frames[len(frames) // 2], frames[-1]])
        rows.append(cv2.resize(row, (1296, round(row.shape[0] * 1296 / row.shape[1])), interpolation=cv2.INTER_AREA))
    cv2.imwrite(str(path), np.vstack(rows)[..., ::-1])


if __name__ == "__main__":
    sys.exit(main())
