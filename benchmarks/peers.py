"""What else can move a photo on a CPU: each peer as a command line that writes an MP4 of the same size and length.

All get the same PNG, 1280x720 at 24 fps, libx264 veryfast crf 18 in yuv420p. A peer that is not installed is left out
of the table, by name. ffmpeg is looked for on PATH; MoviePy and DepthFlow in the interpreter named by `--peers-python`
or the environment variable STILLMOTION_PEERS_PYTHON.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, FPS, SECONDS = 1280, 720, 24, 5
FRAMES = FPS * SECONDS
ENCODE = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"]

MOVIEPY = """
import sys
from moviepy import ImageClip, CompositeVideoClip
photo, out, seconds, fps = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
clip = ImageClip(photo).with_duration(seconds)
zoom = clip.resized(lambda t: 1 + 0.2 * t / seconds).with_position("center")
CompositeVideoClip([zoom], size=clip.size).write_videofile(
    out, fps=fps, codec="libx264", preset="veryfast", ffmpeg_params=["-crf", "18"], logger=None
)
"""

DEPTHFLOW = """
import sys
from depthflow.examples.presets import Orbital
Orbital(backend="headless").cli.meta(sys.argv[1:])
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to make the clip: `command(photo, depth, out)`."""

    name: str
    command: Callable[[Path, Path, Path], list[str]]
    env: dict[str, str]
    zooms: bool  # a linear 1.0 -> 1.2 zoom, so that its jitter can be measured


def _ffmpeg(filters: str) -> Callable[[Path, Path, Path], list[str]]:
    def command(photo: Path, depth: Path, out: Path) -> list[str]:
        still = ["-loop", "1", "-framerate", str(FPS), "-t", str(SECONDS), "-i", str(photo)]
        return ["ffmpeg", "-y", "-v", "error", *still, "-vf", filters, *ENCODE, "-frames:v", str(FRAMES), str(out)]

    return command


def _ffmpeg_still(filters: str) -> Callable[[Path, Path, Path], list[str]]:
    def command(photo: Path, depth: Path, out: Path) -> list[str]:
        return ["ffmpeg", "-y", "-v", "error", "-i", str(photo), "-vf", filters, *ENCODE, str(out)]

    return command


def _perspective() -> str:
    """A linear zoom by ffmpeg's perspective filter: the corners of the source move inwards with the frame number."""
    inset = f"(1-1/(1+0.2*on/{FRAMES}))/2"
    left, right, top, bottom = f"W*{inset}", f"W*(1-{inset})", f"H*{inset}", f"H*(1-{inset})"
    corners = [left, top, right, top, left, bottom, right, bottom]
    places = ":".join(f"{axis}{i // 2}='{value}'" for i, value in enumerate(corners) for axis in ["xy"[i % 2]])
    return f"perspective={places}:interpolation=cubic:eval=frame"


def peers(peers_python: Path | None) -> list[Peer]:
    """Every peer that is installed here."""
    found: list[Peer] = []
    if shutil.which("ffmpeg"):
        center = f"x='iw/2-(iw/zoom/2)':y='ih/2-(ih/zoom/2)':d={FRAMES}:s={WIDTH}x{HEIGHT}:fps={FPS}"
        zoom = f"zoompan=z='1+0.2*on/{FRAMES}':{center}"
        found.append(Peer("ffmpeg zoompan", _ffmpeg_still(zoom), {}, True))
        found.append(
            Peer("ffmpeg 4x upscale + zoompan", _ffmpeg_still(f"scale=iw*4:ih*4:flags=bicubic,{zoom}"), {}, True)
        )
        found.append(Peer("ffmpeg perspective, cubic", _ffmpeg(_perspective()), {}, True))
    if peers_python is not None and _has(peers_python, "moviepy"):
        found.append(
            Peer(
                "MoviePy resize",
                lambda photo, depth, out: [
                    str(peers_python),
                    "-c",
                    MOVIEPY,
                    str(photo),
                    str(out),
                    str(SECONDS),
                    str(FPS),
                ],
                {},
                True,
            )
        )
    if peers_python is not None and _has(peers_python, "depthflow"):
        size = ["-w", str(WIDTH), "-h", str(HEIGHT), "-f", str(FPS), "-t", str(SECONDS)]
        found.append(
            Peer(
                "DepthFlow Orbital (software GL)",
                lambda photo, depth, out: [
                    *(str(peers_python), "-c", DEPTHFLOW, "input", "-i", str(photo), "-d", str(depth)),
                    *("h264", "--preset", "veryfast", "--crf", "18", "main", "-o", str(out), *size),
                ],
                {"LIBGL_ALWAYS_SOFTWARE": "1"},
                False,
            )
        )
    return found


def absent(peers_python: Path | None) -> list[str]:
    """The names of the peers that are not installed here."""
    there = {"ffmpeg": shutil.which("ffmpeg") is not None} | {
        name: peers_python is not None and _has(peers_python, name.lower()) for name in ("MoviePy", "DepthFlow")
    }
    return [name for name, found in there.items() if not found]


def _has(python: Path, module: str) -> bool:
    return subprocess.run([str(python), "-c", f"import {module}"], capture_output=True, check=False).returncode == 0
