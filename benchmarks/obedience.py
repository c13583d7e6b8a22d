"""`python -m benchmarks.obedience --photos FOLDER --log rows.jsonl`: does the video do what the sentence says?

Every photo gets the seven camera commands of VBench-I2V in VBench's own words, one loop, and a sentence for each thing
that could move by itself; a sentence about a thing that is not in the photo is refused by the program and not counted.
The videos are encoded, read back and measured (`stillmotion.evaluation`), so that the codec's errors count.

    camera rule   VBench's: the command is among those seen by the four edge tracks (LK instead of CoTracker)
    direction     of a region's own motion, right within 45 degrees (an axis for what sways); a region too plain for
                  anyone to see it move is not counted, and what else cannot be measured counts as wrong
    warping       E_warp over the floor: the photo as a flat picture on the same camera path (Lanczos), same encoder and
                  measure, which has no depth, no hidden places and nothing painted
"""

from __future__ import annotations

import platform
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np

from benchmarks.photos import Row, Understood, options_of, over_photos, understand
from stillmotion.camera import CameraPath, frame_times, intrinsics, pivot_point
from stillmotion.errors import InputError
from stillmotion.evaluation.camera_rule import COMMANDS
from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.evaluation.judge import judge
from stillmotion.evaluation.measure import measure
from stillmotion.evaluation.measures import Measures
from stillmotion.evaluation.picture import grey
from stillmotion.evaluation.warping import pair_error
from stillmotion.media.encoding import choose_encoding
from stillmotion.media.probe import read_frames
from stillmotion.media.video import write_video
from stillmotion.plan import Canvas, Flow, MotionPlan, PolygonMask, RegionMotion
from stillmotion.stages.generation.backend import backend
from stillmotion.types import FrameStream, Scene, UInt8, silent
from stillmotion.verification import expect

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "obedience.md"
SECONDS, FPS = 2.5, 12.0
RIGHT_DEG = 45.0


@dataclass(frozen=True, slots=True)
class Command:
    """One sentence and what is looked at."""

    kind: str  # camera, region or loop
    name: str  # in the table; for the camera VBench's name of the command
    prompt: str
    loop: str = "none"
    patch_deg: float | None = None  # region: a current this way in a fixed patch of the picture, instead of the prompt


CAMERA = (
    Command("camera", "pan_left", "camera pans left"),
    Command("camera", "pan_right", "camera pans right"),
    Command("camera", "tilt_up", "camera tilts up"),
    Command("camera", "tilt_down", "camera tilts down"),
    Command("camera", "zoom_in", "camera zooms in"),
    Command("camera", "zoom_out", "camera zooms out"),
    Command("camera", "static", "camera static"),
)
REGIONS = (
    Command("region", "clouds left", "the clouds move left", "seamless"),
    Command("region", "clouds right, camera zooms in", "camera zooms in, the clouds move right"),
    Command("region", "water right", "the water flows right", "seamless"),
    Command("region", "water left, camera pans right", "camera pans right, the water flows left"),
    Command("region", "trees sway", "the trees sway in the wind", "seamless"),
    Command("region", "grass sways", "the grass sways"),
    Command("region", "subject moves right", "the subject moves right"),
    Command("region", "patch flows left", "", "seamless", 180.0),
    Command("region", "patch flows up", "", "none", 90.0),
)
PATCH = ((0.25, 0.5), (0.75, 0.5), (0.8, 0.95), (0.2, 0.95))
LOOP = Command("loop", "orbit", "orbit left", "seamless")


def work(path: Path, long_side: int) -> list[Row]:
    """All rows of one photo."""
    known = understand(path, long_side=long_side)
    with tempfile.TemporaryDirectory() as folder:
        return [row for command in (*CAMERA, LOOP, *REGIONS) for row in _rows(known, command, Path(folder) / "v.mp4")]


def _rows(known: Understood, command: Command, out: Path) -> Iterator[Row]:
    wish: Row = {"prompt": command.prompt}
    if command.patch_deg is not None:
        wish = {"plan": out.with_suffix(".json")}
        wish["plan"].write_text(_patch_plan(known, command.patch_deg))
    try:
        scene, direction, options = known.directed(**wish, seconds=SECONDS, fps=FPS, loop=command.loop, seed=0)
    except InputError:
        return  # the photo does not show it
    plan = direction.effective
    frames = backend(options.engine).draw(scene, plan, seed=0, quality=options.quality, progress=silent, cancel=Event())
    expected, seen = expect(scene, plan, seed=0), _through_file(frames, out)
    found = measure(seen, fps=FPS, expected=expected, count=plan.canvas.frames)
    row: Row = {"kind": command.kind, "command": command.name, "seen": found.commands, **_numbers(found)}
    row["failed"] = [finding.measure for finding in judge(found, expected) if not finding.passed]
    if command.kind == "camera":
        row["warp_ratio"] = warping_error(seen) / max(warping_error(_through_file(_flat(scene, plan), out)), 1e-9)
    row["regions"] = found.to_json()["regions"]
    row["loop"], row["depth"] = plan.canvas.loop, scene.depth_source
    yield row


def _patch_plan(known: Understood, direction_deg: float) -> str:
    width, height = known.size
    motion = Flow(direction_deg=direction_deg, speed=0.05)
    region = RegionMotion(name="patch", mask=PolygonMask(points=PATCH), motion=motion)
    canvas = Canvas(width=width, height=height, fps=FPS, seconds=SECONDS)
    return MotionPlan(canvas=canvas, regions=(region,)).to_json()


def _numbers(found: Measures) -> dict[str, float | None]:
    names = ("rot_err", "trans_err", "path_err", "first_psnr_luma", "drift", "dynamic_strength")
    return {name: getattr(found, name) for name in names} | {"loop_seam": found.loop_seam}


def warping_error(frames: list[UInt8]) -> float:
    """E_warp of eight pairs spread over a video."""
    dis, errors = Dis(fine=True), []
    for i in np.linspace(0, len(frames) - 2, 8).round().astype(int):
        before, after = grey(frames[i]), grey(frames[i + 1])
        errors.append(pair_error(frames[i], frames[i + 1], dis(before, after), dis(after, before)))
    return float(np.mean([error for error in errors if error is not None]))


def _through_file(frames: FrameStream, out: Path) -> list[UInt8]:
    """The frames as a viewer gets them."""
    out.unlink(missing_ok=True)
    write_video(frames, out, encoding=choose_encoding(out, "standard"), metadata={})
    return list(read_frames(out))


def _flat(scene: Scene, plan: MotionPlan) -> FrameStream:
    """The photo as a flat picture at the subject's depth, seen by the plan's camera."""
    canvas = plan.canvas
    size = canvas.width, canvas.height
    path = CameraPath(plan, scene.fov_deg, pivot=pivot_point(scene, plan.camera.pivot), seed=0)
    back = np.linalg.inv(intrinsics(scene.fov_deg, *size))
    times = frame_times(canvas)

    def each() -> Iterator[UInt8]:
        for t in times:
            view = path.at(float(t))
            pose = view.world_to_camera
            plane = pose[:3, :3] + np.outer(pose[:3, 3], [0.0, 0.0, 1.0])
            homography = intrinsics(view.fov_deg, *size) @ plane @ back
            yield np.asarray(
                cv2.warpPerspective(
                    scene.photo, homography, size, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT_101
                ),
                dtype=np.uint8,
            )

    return FrameStream(frames=each(), width=size[0], height=size[1], fps=canvas.fps, count=len(times))


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────


def page(rows: list[Row], long_side: int) -> str:
    """The results in markdown."""
    photos = {row["photo"] for row in rows}
    camera = [row for row in rows if row["kind"] == "camera"]
    things = [row | thing for row in rows if row["kind"] == "region" for thing in row["regions"]]
    return "\n\n".join(
        [
            "# Obedience",
            f"{len(photos)} photos that nothing in the program was trained on, {len(rows)} videos of "
            f"{SECONDS:g} s at {FPS:g} frames per second, {long_side} px long, H.264; made by "
            f"`python -m benchmarks.obedience` ({platform.machine()}). Measured in the files, after encoding.",
            "## Against the targets",
            _targets(rows, camera, things),
            "## Camera commands",
            "VBench's seven, in its own words. RotErr and TransErr are sums over 16 frames (radians; scale-free), "
            "E_warp is over its floor: the photo as a flat picture on the same camera path, same encoder and measure.",
            _camera_table(camera),
            "## Regions",
            "Only where the program finds the thing in the photo; where it is too plain for anyone to see it move (a "
            "clear sky), it is listed and not counted. Right: within 45 degrees of the commanded direction, or the "
            "commanded axis for what sways; a thing on a path is right within 2 % of the width. What else could not "
            "be measured counts as wrong. The patch is a fixed part of every picture, so that every photo has one.",
            _region_table(things),
        ]
    ) + "\n"  # fmt: skip


def _targets(rows: list[Row], camera: list[Row], things: list[Row]) -> str:
    rule = _share([row["command"] in row["seen"] for row in camera])
    told = [thing for thing in things if thing["kind"] in ("stream", "swing") and not thing["plain"]]
    direction = _share([_right(thing) for thing in told])
    seams = _values([row for row in rows if row["loop"] != "none"], "loop_seam")
    lines = ["| measure | median | 95 % of the videos below | target |", "|---|---|---|---|"]
    lines += [
        f"| camera rule | {rule} | | at least 99 % |",
        f"| region direction | {direction} | | at least 95 % |",
        f"| RotErr | {_spread(_values(camera, 'rot_err'))} | under 0.1 |",
        f"| TransErr, where the camera leaves its place | {_spread(_moving(camera))} | under 0.3 |",
        f"| E_warp over its floor | {_spread(_values(camera, 'warp_ratio'))} | at most 1.2 |",
        f"| loop seam | {_spread(seams)} | at most 1.2 |",
    ]
    return "\n".join(lines)


def _camera_table(camera: list[Row]) -> str:
    lines = [
        "| command | videos | rule | RotErr | TransErr | points off, % width | E_warp over floor | judged right |",
        "|---" * 8 + "|",
    ]
    for name in COMMANDS:
        rows = [row for row in camera if row["command"] == name]
        cells = [_median(_values(rows, key)) for key in ("rot_err", "trans_err", "path_err", "warp_ratio")]
        rule, judged = _share([name in row["seen"] for row in rows]), _share([not row["failed"] for row in rows])
        lines.append(f"| {name} | {len(rows)} | {rule} | " + " | ".join(cells) + f" | {judged} |")
    return (
        "\n".join(lines) + '\n\nNumbers are medians; "judged right" is `stillmotion verify`\'s verdict on all measures.'
    )


def _region_table(things: list[Row]) -> str:
    lines = [
        "| command | too plain | others | right | not measurable | degrees off | speed over asked | path error, % |",
        "|---" * 8 + "|",
    ]
    for command in REGIONS:
        rows = [thing for thing in things if thing["command"] == command.name]
        if not rows:
            continue
        plain = sum(thing["plain"] for thing in rows)
        rows = [thing for thing in rows if not thing["plain"]]
        unknown = sum(not _told(thing) for thing in rows)
        cells = [_median(_values(rows, key)) for key in ("direction_err", "speed_ratio", "track_err")]
        lines.append(
            f"| {command.name} | {plain} | {len(rows)} | {_share([_right(thing) for thing in rows])} | {unknown} | "
            + " | ".join(cells) + " |"
        )  # fmt: skip
    return "\n".join(lines)


def _told(thing: Row) -> bool:
    return thing.get("direction_err") is not None or thing.get("track_err") is not None


def _right(thing: Row) -> bool:
    if thing.get("track_err") is not None:
        return bool(thing["track_err"] <= 2.0)
    return thing.get("direction_err") is not None and bool(thing["direction_err"] <= RIGHT_DEG)


def _moving(camera: list[Row]) -> list[float]:
    return [value for value in _values(camera, "trans_err") if value > 0]


def _values(rows: Iterable[Row], key: str) -> list[float]:
    return [float(row[key]) for row in rows if row.get(key) is not None]


def _share(right: list[bool]) -> str:
    return f"{100 * sum(right) / len(right):.1f} % ({sum(right)}/{len(right)})" if right else "–"


def _median(values: list[float]) -> str:
    return f"{statistics.median(values):.2g}" if values else "–"


def _spread(values: list[Any]) -> str:
    return f"{np.median(values):.2g} | {np.quantile(values, 0.95):.2g}" if values else "– | –"


def main() -> None:
    """Measure and print."""
    args = options_of(__doc__).parse_args()
    text = page(over_photos(work, args), args.long_side)
    print(text)
    if args.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
