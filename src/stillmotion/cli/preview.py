"""`stillmotion preview`: a small draft, seen or piped on while it is drawn.

draw 360p draft ─▶ FILE (any video ending)  |  - (YUV4MPEG2, raw RGB or MP4 to stdout)  |  a player's window
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from stillmotion.cli.flags import read_wish, wish_flags
from stillmotion.cli.job import run_job
from stillmotion.cli.progress import Display, display
from stillmotion.errors import Cancelled, InputError
from stillmotion.options import AnimateOptions

if TYPE_CHECKING:
    from stillmotion.pipeline import Prepared
    from stillmotion.types import FrameStream

_SHORT_SIDE = 360
_PLAYERS = {
    "ffplay": ("ffplay", "-loglevel", "error", "-window_title", "stillmotion", "-autoexit", "-i", "-"),
    "mpv": ("mpv", "--really-quiet", "--title=stillmotion", "--keep-open=yes", "-"),
    "vlc": ("vlc", "--quiet", "--demux", "rawvid", "-"),
}
_FORMATS = ("y4m", "raw", "mp4")


@click.command("preview")
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("-o", "--out", metavar="FILE", help="A video file, or - for stdout.")
@click.option(
    "--window", is_flag=True, help=f"Show it in a player: {', '.join(_PLAYERS)}, the first that is installed."
)
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="y4m", show_default=True,
    help="On stdout: y4m for players and FFmpeg, raw 8-bit RGB, or mp4 in fragments.",
)  # fmt: skip
@wish_flags(leave_out=("quality",))
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--json", "as_json", is_flag=True, help="How fast it was drawn as one JSON object.")
def command(
    photo: Path, out: str | None, window: bool, form: str, force: bool, as_json: bool, **flags: Any
) -> None:  # flags: AnimateOptions
    """Watch a small draft while it is drawn.

    The short side has 360 pixels, unless --size says otherwise.

    \b
    stillmotion preview beach.jpg -p "orbit left" --window
    stillmotion preview beach.jpg -p "orbit left" -o draft.mp4
    stillmotion preview beach.jpg -p "orbit left" -o - | mpv -
    """
    from stillmotion.cli import report
    from stillmotion.cli.targets import refuse_existing

    if window == (out is not None):
        raise InputError("A preview goes to --window, to a file with -o FILE, or to stdout with -o -.")
    if as_json and out == "-":
        raise InputError("With -o - the video goes to stdout; --json has no place there.")
    to_file = out not in (None, "-")
    if to_file and not force:
        refuse_existing(Path(str(out)))
    sink = _file(Path(str(out))) if to_file else _window() if window else _stdout(form)
    options = read_wish(flags, quality="draft")
    with display() as show:
        told = run_job(lambda cancel: _preview(photo, options, sink, show, cancel, to_file=to_file), on_stop=show.close)
    if as_json:
        report.say_json(told)
    else:
        line = f"{told['frames']} frames of {told['width']}x{told['height']}"
        if not window:  # a player takes frames when it shows them
            line += f", {told['frames_per_second']:.0f} frames/s"
        click.echo(f"{told['sentence']}\n{line}", err=True)
        report.say_notes(told["notes"])


Sink = Callable[["FrameStream", "Prepared", AnimateOptions, Display, Event], None]
"""Where the frames of a preview go."""


def _preview(
    photo: Path, options: AnimateOptions, sink: Sink, show: Display, cancel: Event, *, to_file: bool
) -> dict[str, Any]:
    from stillmotion import pipeline
    from stillmotion.media.image import read_photo
    from stillmotion.retouch import widened
    from stillmotion.stages.motion.canvas import choose_canvas

    picture = widened(read_photo(photo), options, progress=show)
    options = options.model_copy(update={"fit": "crop"})
    if options.size is None:
        canvas = choose_canvas(picture, options)
        options = options.model_copy(update={"size": draft_size(canvas.width, canvas.height)})
    job = pipeline.prepare(picture, options, progress=show)
    draw = pipeline.draw if to_file else pipeline.stream  # a file is graded when it is finished
    frames = draw(job, options, progress=show, cancel=cancel)
    watch = _Watch()
    sink(replace(frames, frames=watch(frames)), job, options, show, cancel)
    return {
        "photo": str(photo),
        "sentence": job.direction.sentence,
        "notes": list(job.notes),
        "width": frames.width, "height": frames.height, "fps": frames.fps, "frames": watch.count,
        "frames_per_second": round(watch.count / max(watch.seconds, 1e-9), 1),
        "seconds_to_first_frame": round(watch.first, 3),
    }  # fmt: skip


def draft_size(width: int, height: int) -> tuple[int, int]:
    """The size of a preview: the short side at 360, both even; never larger than what it is a preview of."""
    from stillmotion.options import SHORTEST_SIDE

    scale = min(1.0, _SHORT_SIDE / min(width, height))
    return max(SHORTEST_SIDE, 2 * round(width * scale / 2)), max(SHORTEST_SIDE, 2 * round(height * scale / 2))


class _Watch:
    """Counts frames and the seconds from asking for the first to having passed on the last."""

    def __init__(self) -> None:
        self.count, self.seconds, self.first = 0, 0.0, 0.0

    def __call__(self, frames: FrameStream) -> Any:  # Any: a generator of frames, closed by whoever reads it
        began = time.perf_counter()
        try:
            for frame in frames:
                self.first = self.first or time.perf_counter() - began
                self.count += 1
                yield frame
                self.seconds = time.perf_counter() - began
        finally:
            frames.frames.close() if hasattr(frames.frames, "close") else None


def _file(path: Path) -> Sink:
    from stillmotion.media.encoding import check_output, choose_encoding

    encoding = choose_encoding(path, "draft")
    check_output(path, encoding)

    def write(frames: FrameStream, job: Prepared, options: AnimateOptions, show: Display, cancel: Event) -> None:
        from stillmotion.stages.finishing.finish import finish

        finish(
            frames, path, job.photo, job.direction, options, encoding=encoding, timings=job.timings, progress=show,
            cancel=cancel,
        )  # fmt: skip

    return write


def _stdout(form: str) -> Sink:
    if sys.stdout.isatty():
        raise InputError("A video does not go to a terminal.", hint="Pipe it on: `... -o - | mpv -`, or use --window.")

    def write(frames: FrameStream, _job: Prepared, _options: AnimateOptions, show: Display, cancel: Event) -> None:
        _stream(frames, sys.stdout.buffer, form, show, cancel)

    return write


def _window() -> Sink:
    player = next((line for name, line in _PLAYERS.items() if shutil.which(name)), None)
    if player is None:
        raise InputError(
            "There is no player for --window on this machine.",
            hint=f"Install {' or '.join(_PLAYERS)} (FFmpeg brings ffplay), or write a file with -o.",
        )

    def show_it(frames: FrameStream, _job: Prepared, _options: AnimateOptions, show: Display, cancel: Event) -> None:
        from stillmotion.media.yuv4mpeg import write_yuv4mpeg

        with subprocess.Popen(player, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            try:
                write_yuv4mpeg(frames, process.stdin, progress=show, cancel=cancel)
            except BrokenPipeError:
                show.close()  # the window was closed: the preview has been seen
            finally:
                process.stdin.close() if not process.stdin.closed else None
        if process.returncode and not cancel.is_set():
            raise InputError(f"{player[0]} ended with code {process.returncode}.", hint="Write a file with -o instead.")

    return show_it


def _stream(frames: FrameStream, file: BinaryIO, form: str, show: Display, cancel: Event) -> None:
    from stillmotion.media.video import stream_video
    from stillmotion.media.yuv4mpeg import write_yuv4mpeg

    if form == "mp4":
        stream_video(frames, file, progress=show, cancel=cancel)
    elif form == "y4m":
        write_yuv4mpeg(frames, file, progress=show, cancel=cancel)
    else:
        for number, frame in enumerate(frames, 1):
            if cancel.is_set():
                raise Cancelled("The stream was stopped on request.")
            file.write(frame.tobytes())
            show("finishing", number, len(frames))
