"""The whole job against the floor and the peers: 5 s of 1280x720 at 24 fps from a PNG, start to finish.

Every row of the table is a whole process measured in turn with the others, so the ratios hold although the machine's
own speed drifts. The encoder alone, fed the same frames from memory, is the floor.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.peers import FPS, FRAMES, HEIGHT, SECONDS, WIDTH, Peer, absent, peers
from benchmarks.process import Run, median_runs, run
from stillmotion.evaluation.fidelity import psnr, psnr_luma
from stillmotion.evaluation.measure import measure as measure_video
from stillmotion.media.probe import read_frames

ZOOM_PLAN = """{
  "format": "stillmotion/plan@1",
  "canvas": {"width": %d, "height": %d, "fps": %d, "seconds": %d},
  "camera": {"keyframes": [{"t": 0.0, "fov_deg": 50.0}, {"t": %d, "fov_deg": %.6f, "ease": "linear"}]}
}"""

ENCODER_ALONE = """
import sys
from pathlib import Path
import numpy as np
from stillmotion.media.image import read_photo
from stillmotion.media.encoding import Encoding
from stillmotion.media.video import write_video
from stillmotion.types import FrameStream
photo, out, count, fps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
pixels = read_photo(photo).pixels
height, width = pixels.shape[:2]
shifted = [np.roll(pixels, i, axis=1) for i in range(8)]
frames = (shifted[i % 8] for i in range(count))
stream = FrameStream(frames=frames, width=width, height=height, fps=fps, count=count)
write_video(stream, out, encoding=Encoding(codec="h264", quality="standard"), metadata={})
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One way to make the clip, measured."""

    name: str
    run: Run
    psnr_rgb: float | None
    psnr_luma: float | None
    jitter_px: float | None


def measure(
    photo: Path, depth: Path, hard: Path, peers_python: Path | None, *, rounds: int
) -> tuple[list[Row], dict[str, str]]:
    """All rows for one photo (a 1280x720 PNG) and its depth map, and why some ways have none; ours also for a `hard`
    photo of that size, with many silhouettes.
    """
    with tempfile.TemporaryDirectory() as folder:
        outs = Path(folder)
        commands = {peer.name: (peer, peer.command(photo, depth, outs / f"{i}.mp4"), outs / f"{i}.mp4")
                    for i, peer in enumerate(_ours(outs, hard) + peers(peers_python))}  # fmt: skip
        jobs = {name: (lambda c=command, e=peer.env: run(c, env=e)) for name, (peer, command, _) in commands.items()}
        runs, failed = median_runs(jobs, rounds=rounds)
        rows = [
            _row(peer, runs[name], hard if name == HARD else photo, out)
            for name, (peer, _, out) in commands.items()
            if name in runs
        ]
        return rows, failed | dict.fromkeys(absent(peers_python), "not installed here")


HARD = "stillmotion, orbit, photo with many silhouettes"


def _ours(folder: Path, hard: Path) -> list[Peer]:
    plan = folder / "zoom.json"
    narrowed = float(np.degrees(2 * np.arctan(np.tan(np.radians(25.0)) / 1.2)))
    plan.write_text(ZOOM_PLAN % (WIDTH, HEIGHT, FPS, SECONDS, SECONDS, narrowed))
    size = ["--size", f"{WIDTH}x{HEIGHT}", "--fps", str(FPS), "--seconds", str(SECONDS), "--force"]
    program = [sys.executable, "-m", "stillmotion", "animate"]
    return [
        Peer("encoder alone (floor)",
             lambda p, d, o: [sys.executable, "-c", ENCODER_ALONE, str(p), str(o), str(FRAMES), str(FPS)], {}, False),
        Peer("stillmotion, orbit (own depth)",
             lambda p, d, o: [*program, str(p), "-p", "orbit left", "-o", str(o), *size], {}, False),
        Peer(HARD, lambda _, d, o: [*program, str(hard), "-p", "orbit left", "-o", str(o), *size], {}, False),
        Peer("stillmotion, orbit (given depth)",
             lambda p, d, o: [*program, str(p), "-p", "orbit left", "--depth", str(d), "-o", str(o), *size], {}, False),
        Peer("stillmotion, linear zoom",
             lambda p, d, o: [*program, str(p), "--plan", str(plan), "-o", str(o), "--force"], {}, True),
    ]  # fmt: skip


def _row(peer: Peer, measured: Run, photo: Path, out: Path) -> Row:
    frames = list(read_frames(out))
    source = cv2.cvtColor(cv2.imread(str(photo), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    if peer.name.startswith("encoder"):
        return Row(peer.name, measured, psnr(frames[0], source), psnr_luma(frames[0], source), None)
    jitter = measure_video(frames, fps=FPS).jitter if peer.zooms else None
    return Row(peer.name, measured, psnr(frames[0], source), psnr_luma(frames[0], source), jitter)


def table(rows: list[Row]) -> str:
    """The rows as a markdown table, with the wall time as a ratio to the clip's length and to our orbit."""
    ours = next(row for row in rows if row.name.startswith("stillmotion, orbit")).run.wall_s
    lines = [
        "| way | wall s | x clip length | x our orbit | CPU s | peak MB | first PSNR rgb / luma | jitter px rms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        psnr = f"{row.psnr_rgb:.1f} / {row.psnr_luma:.1f}"
        jitter = "-" if row.jitter_px is None else f"{row.jitter_px:.3f}"
        cells = [row.name, f"{row.run.wall_s:.2f}", f"{row.run.wall_s / SECONDS:.2f}", f"{row.run.wall_s / ours:.2f}",
                 f"{row.run.cpu_s:.1f}", f"{row.run.peak_mb:.0f}", psnr, jitter]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
