"""Frames as YUV4MPEG2: uncompressed video that players and FFmpeg read from a pipe.

Knows the format; does not know who reads. Limited range BT.709, 4:2:0, as everywhere in `media`.
"""

from __future__ import annotations

from threading import Event
from typing import IO

import numpy as np

from stillmotion.errors import Cancelled
from stillmotion.media.colour import ToYuv
from stillmotion.media.encoding import exact_rate
from stillmotion.types import FrameStream, Progress, silent


def write_yuv4mpeg(
    frames: FrameStream, file: IO[bytes], *, progress: Progress = silent, cancel: Event | None = None
) -> None:
    """Write the frames (even width and height) to a pipe or file as they are drawn.

    Raises:
        Cancelled: `cancel` was set.
        BrokenPipeError: the reader has closed its end.
    """
    rate = exact_rate(frames.fps)
    size = f"W{frames.width} H{frames.height} F{rate.numerator}:{rate.denominator}"
    file.write(f"YUV4MPEG2 {size} Ip A1:1 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=LIMITED\n".encode())
    convert = ToYuv("yuv420p")
    for number, frame in enumerate(frames, 1):
        if cancel is not None and cancel.is_set():
            raise Cancelled("The stream was stopped on request.")
        file.write(b"FRAME\n")
        file.write(np.ascontiguousarray(convert(frame).to_ndarray()).tobytes())
        file.flush()
        progress("finishing", number, len(frames))
