"""`python -m benchmarks.long_clip`: ten minutes of 1080p with sound, read and written anew; does the memory stay flat?

A moving pattern is encoded once for ten seconds and its packets repeated, so that making the clip takes no time. Then,
in turns: FFmpeg's own transcode with the same encoder settings, and ours (read_clip, write_frames, add_sound), of one
minute and of ten.
`--command 'stillmotion finish {clip} -o {out} --deflicker'` measures a command of your own beside them.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.filter
import numpy as np

from benchmarks.process import Run, run

WIDTH, HEIGHT, FPS, PART_S, RATE = 1920, 1080, 24, 10, 48_000
MOST_MB = 1500

OURS = """
import sys
from pathlib import Path
from stillmotion.media.clip import read_clip
from stillmotion.media.encoding import choose_encoding
from stillmotion.media.sound_track import Track, add_sound
from stillmotion.media.video import write_frames
clip, out, tempo, backwards = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "backwards"
found = read_clip(clip, backwards=backwards)
mute = out.with_name("mute_" + out.name)
write_frames(found.frames, mute, out, encoding=choose_encoding(out, "standard"), metadata={})
seconds = found.frames.count / found.frames.fps
track = Track(path=clip, begin=found.begin, seconds=seconds / tempo, tempo=tempo, backwards=backwards)
add_sound(mute, [track], out, suffix=out.suffix)
"""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_clip", description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--command", help="a command of your own, with {clip} and {out}")
    parser.add_argument("--no-ffmpeg", action="store_true", help="ours alone")
    parser.add_argument("--all", action="store_true", help="also backwards, and with the sound stretched")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peer = None if args.no_ffmpeg else shutil.which("ffmpeg")
        print(measured(Path(folder), args.minutes, args.command, peer, everything=args.all))


def measured(
    folder: Path, minutes: list[float], command: str | None, peer: str | None, *, everything: bool = False
) -> str:
    """The table in markdown: each way for each length."""
    rows = ["| way | minutes | wall s | x its length | x FFmpeg | CPU s | peak MB |", "|---" * 7 + "|"]
    part = make_part(folder / "part.mp4")
    for length in minutes:
        clip, out = repeated(part, folder / f"{length:g}.mp4", round(length * 60 / PART_S)), folder / "out.mp4"
        ours = [sys.executable, "-c", OURS, str(clip), str(out)]
        ways = {"ffmpeg": transcode(peer, clip, out)} if peer else {}
        ways["read and written"] = [*ours, "1", "forwards"]
        if everything:
            ways |= {"backwards": [*ours, "1", "backwards"], "sound at half speed": [*ours, "0.5", "forwards"]}
        if command is not None:
            ways[command] = [word.format(clip=clip, out=out) for word in shlex.split(command)]
        floor: Run | None = None
        for name, words in ways.items():
            found = run(words)
            out.unlink(missing_ok=True)
            floor = found if name == "ffmpeg" else floor
            ratio = "-" if floor is None else f"{found.wall_s / floor.wall_s:.2f}"
            rows.append(
                f"| {name} | {length:g} | {found.wall_s:.0f} | {found.wall_s / length / 60:.2f} | {ratio} | "
                f"{found.cpu_s:.0f} | {found.peak_mb:.0f} |"
            )
        clip.unlink()
    return f"{WIDTH}x{HEIGHT} at {FPS}; the memory must stay under {MOST_MB} MB.\n\n" + "\n".join(rows)


def transcode(peer: str, clip: Path, out: Path) -> list[str]:
    """FFmpeg with the settings of our standard quality."""
    return [peer, "-v", "error", "-y", "-i", str(clip), "-c:v", "libx264", "-preset", "veryfast", "-crf", "18",
            "-pix_fmt", "yuv420p", "-c:a", "copy", "-movflags", "+faststart", str(out)]  # fmt: skip


def make_part(path: Path) -> Path:
    """Ten seconds of a moving pattern with a chord."""
    graph = av.filter.Graph()
    pattern, shape = graph.add("testsrc2", f"size={WIDTH}x{HEIGHT}:rate={FPS}"), graph.add("format", "yuv420p")
    sink = graph.add("buffersink")
    pattern.link_to(shape)
    shape.link_to(sink)
    graph.configure()
    t = np.arange(PART_S * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * t) for pitch in (220, 277, 330)) / 4
    with av.open(str(path), "w") as made:
        video: Any = made.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20", "g": "240"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound: Any = made.add_stream("aac", rate=RATE, layout="stereo")
        for number in range(PART_S * FPS):
            picture: Any = sink.pull()
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            made.mux(video.encode(picture))
        samples = np.repeat((chord * 20_000).astype(np.int16), 2).reshape(1, -1)
        block = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        block.sample_rate = RATE
        made.mux(sound.encode(block))
        made.mux([*video.encode(None), *sound.encode(None)])
    return path


def repeated(part: Path, path: Path, times: int) -> Path:
    """The same packets again and again, without encoding."""
    with av.open(str(path), "w") as made:
        targets: dict[int, Any] = {}
        for number in range(times):
            with av.open(str(part)) as source:
                for stream in source.streams:
                    if stream.index not in targets:
                        targets[stream.index] = made.add_stream_from_template(stream, opaque=True)
                for packet in source.demux():
                    if packet.size and 0 <= packet.pts * packet.time_base < PART_S:
                        shift = round(number * PART_S / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = targets[packet.stream_index]
                        made.mux(packet)
    return path


if __name__ == "__main__":
    main()
