"""Whether the truth of made worlds is true, and what it costs: flow against colour, depth against closed form, codes.

    python -m benchmarks.worlds [--textures FILE] [--made DIR] [--clips 12] [--write]

Without `--textures` (what `training.worlds.make` left beside its shards) worlds wear patterns alone. `--made` is a
folder of shards whose `made.jsonl` says what each cost. Prints markdown; `--write` puts it into
docs/benchmarks/worlds.md.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import cv2
import numpy as np

from stillmotion.training.worlds import codes
from stillmotion.training.worlds.card import table
from stillmotion.training.worlds.looks import look
from stillmotion.training.worlds.meshes.solids import box, grid, moved, wall
from stillmotion.training.worlds.realism import encoded
from stillmotion.training.worlds.records import Sky, Thing, World, fixed
from stillmotion.training.worlds.render import Renderer
from stillmotion.training.worlds.samples import FAMILIES, Wanted, drawn_from
from stillmotion.training.worlds.textures import Bank
from stillmotion.training.worlds.truth import Frame, hidden

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "worlds.md"
SIZE = (256, 256)
HEAD = """Made worlds (training/worlds) are drawn by OpenGL 3.3, here by Mesa's software renderer (llvmpipe) on a
processor. Truth comes from the same vertices as the picture. This page asks whether the two agree. How worlds are made
and used: [the guide](../guide/worlds.md)."""
TIME_WORDS = """Seconds are of one processor thread. Where other work ran beside it, its thread shared a core, which
makes them larger than they would be alone. The first frames of a process hold some seconds in which shaders are
compiled."""
FLOW_HEAD = """Each frame of three-frame clips at 256 x 256 against the next one fetched back by its own flow (bicubic),
on the colours as drawn, before a camera's faults are added. Left out: what the next frame does not show, and one pixel
about the rims of things. What remains is resampling of fine detail, light that changes (mirrors, flicker, shine),
shadows that move, and whatever is drawn over the world (smoke, steam, rain: `puffs`), whose motion the flow does not
tell."""


def warped(one: Frame, other: Frame) -> tuple[float, float]:
    """Decibels between a frame and the next one fetched back by the first one's flow, and the share that is compared.

    Left out: what the next frame does not show, and a pixel around it, where the fetching would mix two things.
    """
    rows, columns = np.mgrid[0 : one.depth.shape[0], 0 : one.depth.shape[1]].astype(np.float32)
    at = (columns + one.forward[..., 0], rows + one.forward[..., 1])
    back = cv2.remap(encoded(other.colour), *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    gone = hidden(one, other, forward=True) | (one.coverage < 1)
    rim = cv2.remap((other.coverage < 1).astype(np.float32), *at, cv2.INTER_LINEAR) > 0
    seen = ~(cv2.dilate((gone | rim).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    error = np.square(back - encoded(one.colour))[seen].mean() if seen.any() else np.nan
    return float(-10 * np.log10(max(error, 1e-10))), float(seen.mean())


def flow_table(bank: Bank | None, clips: int) -> str:
    """Flow of each family against its own colour."""
    lines = [
        "| family | mean dB | worst clip dB | clips under 35 dB | share compared | mean flow px | puffs left in |",
        "|---|---|---|---|---|---|---|",
    ]
    for family in FAMILIES:
        found, puffs = [], 0
        for number in range(clips):
            wanted = Wanted(family=family, kind="clip", number=number, seed=7_000, size=SIZE, frames=3)
            drawn, _ = drawn_from(wanted, bank)
            puffs += bool(drawn.world.puffs or drawn.world.rain)
            pairs = [warped(a, b) for a, b in zip(drawn.frames[:-1], drawn.frames[1:], strict=True)]
            speed = np.mean([np.clip(np.hypot(*np.moveaxis(f.forward, -1, 0)), 0, 256).mean() for f in drawn.frames])
            found.append((*np.mean(pairs, axis=0), speed))
        values = np.array(found)
        under = int((values[:, 0] < 35).sum())
        lines.append(
            f"| {family} | {values[:, 0].mean():.1f} | {values[:, 0].min():.1f} | {under} of {clips} | "
            f"{values[:, 1].mean():.0%} | {values[:, 2].mean():.1f} | {puffs} of {clips} |"
        )
    return "\n".join(lines)


def box_world() -> tuple[World, dict[str, float]]:
    """A room of known planes about the camera: floor, ceiling, two side walls, a back wall, a box on the floor."""
    half, high, far, eye = 2.0, 1.1, 6.0, 1.4
    rng = np.random.default_rng(0)
    paint = look(rng, "wall paint")

    def thing(mesh, label):  # type: ignore[no-untyped-def]
        return Thing(mesh=mesh, material=paint, label=label, places=fixed(np.eye(4)))

    left, right = (grid(14.0, 14.0), grid(14.0, 14.0))  # level sheets, turned upright below
    upright = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    sides = []
    for sheet, x in ((left, -half), (right, half)):
        turned = sheet.vertices @ upright.T + np.array([x, 0, 0], np.float32)
        sides.append(
            type(sheet)(
                turned.astype(np.float32), (sheet.normals @ upright.T).astype(np.float32), sheet.uv, sheet.faces
            )
        )
    things = (
        thing(moved(grid(20.0, 20.0), y=eye), "floor"), thing(moved(grid(20.0, 20.0), y=-high), "ceiling"),
        thing(moved(wall(20.0, 10.0), y=5.0, z=far), "wall"), *(thing(side, "wall") for side in sides),
        thing(moved(box(0.8, 0.5, 0.8), x=0.3, y=eye, z=3.4), "other"),
    )  # fmt: skip
    world = World(family="box", seed=0, things=things, sky=Sky(kind="room"), pivot=3.0, eye=eye, fov_deg=70.0)
    return world, {"half": half, "high": high, "far": far, "eye": eye}


def closed_form(frame: Frame, sides: dict[str, float]) -> np.ndarray:
    """(H, W) depth of the same room by arithmetic: each pixel's four samples, the nearest plane of each."""
    height, width = frame.depth.shape
    rows, columns = (np.mgrid[0 : 2 * height, 0 : 2 * width] + 0.5) / 2
    across = np.tan(np.radians(frame.fov_deg) / 2)
    x = (2 * columns / width - 1) * across
    y = (2 * rows / height - 1) * across * height / width
    with np.errstate(divide="ignore"):
        planes = [
            np.where(x != 0, sides["half"] / np.abs(x), np.inf),
            np.where(y > 0, sides["eye"] / y, np.inf), np.where(y < 0, -sides["high"] / y, np.inf),
            np.full_like(x, sides["far"]),
        ]  # fmt: skip
        low = np.array([-0.1, sides["eye"] - 0.5, 3.0])
        most = np.array([0.7, sides["eye"], 3.8])
        enter, leave = np.full_like(x, 3.0), np.full_like(x, 3.8)
        for ray, a, b in ((x, low[0], most[0]), (y, low[1], most[1])):
            enter = np.maximum(enter, np.minimum(a / ray, b / ray))
            leave = np.minimum(leave, np.maximum(a / ray, b / ray))
    planes.append(np.where(enter <= leave, enter, np.inf))
    return np.min(planes, axis=0).reshape(height, 2, width, 2).mean(axis=(1, 3))


def depth_words() -> str:
    """Depth of the room against closed form."""
    world, sides = box_world()
    frame = next(iter(Renderer(384, 288).draw(world, np.zeros(1), step=1 / 24)))
    inside = frame.coverage == 1
    off = (np.abs(frame.depth - closed_form(frame, sides)) / frame.depth)[inside]
    return (
        f"A room of five planes and a box, 384 x 288; {inside.mean():.1%} of the pixels lie wholly on one thing. Of "
        f"these, depth differs from closed form by {np.percentile(off, 99.9):.1e} of itself at the 99.9th percentile; "
        f"{int((off > 1e-4).sum())} of {off.size} differ by more than 1e-4 (a sample on the very edge of the box)."
    )


def camera_words(bank: Bank | None, clips: int) -> str:
    """Flow of what stands still against depth and cameras: where a pixel's point is in the next camera."""
    found = []
    for number in range(clips):
        wanted = Wanted(family="rooms", kind="clip", number=number, seed=7_000, size=SIZE, frames=2)
        drawn, _ = drawn_from(wanted, bank)
        one, other = drawn.frames
        resting = [thing.ident for thing in drawn.world.things if thing.moves or thing.deform is not None]
        still = (one.coverage == 1) & (one.depth > 0) & ~np.isin(one.ident, resting)
        found.append(np.hypot(*np.moveaxis(one.forward - seen_from(one, other), -1, 0))[still])
    off = np.concatenate(found)
    return (
        f"What stands still in {clips} rooms, its flow against its depth seen from the next camera: "
        f"{np.median(off):.4f} px apart in the middle, {np.percentile(off, 99):.3f} px at the 99th percentile."
    )


def seen_from(one: Frame, other: Frame) -> np.ndarray:
    """(H, W, 2) pixels from where each pixel's point is in `one` to where it is in `other`."""
    height, width = one.depth.shape
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    focal, after = (width / 2 / np.tan(np.radians(each.fov_deg) / 2) for each in (one, other))
    z = one.depth.astype(np.float64)
    point = np.stack([(columns - width / 2) / focal * z, (rows - height / 2) / focal * z, z, np.ones_like(z)], -1)
    there = point @ (other.world_to_camera @ np.linalg.inv(one.world_to_camera)).T
    at = there[..., :2] / np.maximum(there[..., 2:3], 1e-6) * after + np.array([width, height]) / 2
    return np.asarray(at - np.stack([columns, rows], -1))


def code_words(bank: Bank | None) -> str:
    """What storing costs in exactness and bytes."""
    wanted = Wanted(family="rooms", kind="clip", number=1, seed=7_000, size=SIZE, frames=2)
    frames = drawn_from(wanted, bank)[0].frames
    depths = np.abs(np.log(codes.depth_in(codes.depth_out(frames[0].depth)) / frames[0].depth))[frames[0].depth > 0]
    data = codes.flow_out(frames[0].forward, hidden(frames[0], frames[1], forward=True))
    flow, bits = codes.flow_in(data)
    off = np.abs(flow - frames[0].forward)[bits & codes.BEYOND == 0].max()
    return (
        f"Depth as 16 bits of its logarithm: at most {np.exp(depths.max()) - 1:.2e} of itself off. Flow as 16 bits "
        f"of 1/32 px: at most {off:.4f} px off, up to 1,023 px; what goes farther is marked. The rest is exact."
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worlds", description=__doc__)
    parser.add_argument("--textures", type=Path)
    parser.add_argument("--made", type=Path)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    os.environ.setdefault("LP_NUM_THREADS", "1")
    bank = Bank.load(args.textures) if args.textures else None
    parts = [
        "# Made worlds: is their truth true, and what do they cost",
        HEAD,
        "## Flow",
        FLOW_HEAD,
        flow_table(bank, args.clips),
    ]
    parts += ["## Depth and camera", depth_words(), camera_words(bank, args.clips), "## Storing", code_words(bank)]
    if args.made:
        parts += ["## Amounts and time", table(args.made), TIME_WORDS]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if args.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
