"""The frame and its time from the photo's shape and the options. Knows no scene and no motion.

What it settles is not a snapped wish but a choice where nothing was asked: a size that is given is kept to the pixel.
"""

from __future__ import annotations

from stillmotion.options import LONGEST_SIDE, SHORTEST_SIDE, AnimateOptions
from stillmotion.plan import Canvas, Margins, MotionPlan
from stillmotion.stages.motion.files import canvas_of_file
from stillmotion.types import Photo

_BLOCK = 16
_LARGE = 256  # smaller sides are only made even: a block is too much of them
LONG_SIDE, SHORT_SIDE = 1280, 720  # of a video whose size is not given


def choose_canvas(photo: Photo, options: AnimateOptions) -> Canvas:
    """The canvas of a job: the plan file's where one is given, then the options, then the photo's own shape.

    Without a size it has the photo's shape (or the aspect asked for) to within a block, fits into 1280x720 or
    720x1280, is made of whole blocks of 16 pixels, as encoders are, and is no larger than the photo itself, but at
    least 64 pixels on a side.

    Raises:
        InputError: the plan file cannot be read.
    """
    base, length = canvas_of_file(options.plan, fps=options.fps) if options.plan else (None, None)
    height, width = photo.pixels.shape[:2]
    if options.size is not None:
        size = options.size
    elif options.aspect is not None:
        wide, high = (int(side) for side in options.aspect.split(":"))
        size = _fit(width, height, wide / high)
    else:
        size = (base.width, base.height) if base else _fit(width, height, width / height)
    return Canvas(
        width=size[0],
        height=size[1],
        fps=options.fps or (base.fps if base else 24.0),
        seconds=options.seconds or length or 5.0,
        loop=options.loop or (base.loop if base else "none"),
        outpaint=base.outpaint if base else Margins(),
    )


def canvas_notes(plan: MotionPlan, options: AnimateOptions, *, crop_width: float) -> list[str]:
    """What about the frame differs from what was asked, or may surprise: cropping, enlarging, whole frames."""
    canvas, notes = plan.canvas, []
    if crop_width and canvas.width > 1.02 * crop_width:
        notes.append(
            f"The photo gives {round(crop_width)} pixels across for a picture of {canvas.width}: it is enlarged "
            f"{canvas.width / crop_width:.2g} times and cannot be as sharp as its size."
        )
    exact = canvas.seconds * canvas.fps
    if abs(canvas.frames - exact) > 1e-6:
        notes.append(
            f"{canvas.seconds:g} s at {canvas.fps:g} frames per second are {canvas.frames} whole frames, "
            f"{canvas.frames / canvas.fps:.4g} s."
        )
    if options.size and options.aspect:
        size = f"{options.size[0]}x{options.size[1]}"
        notes.append(f"The size {size} is kept; the aspect {options.aspect} gives way to it.")
    return notes


def _fit(width: int, height: int, shape: float) -> tuple[int, int]:
    """The largest size in blocks of this shape (width / height) inside the photo and the bounds, 64 at least."""
    crop_width = min(float(width), height * shape)
    long_side, short_side = max(crop_width, crop_width / shape), min(crop_width, crop_width / shape)
    scale = min(1.0, LONG_SIDE / long_side, SHORT_SIDE / short_side)
    if scale == 1.0 and shape == width / height:
        return _blocks(width), _blocks(height)
    return _blocks(crop_width * scale), _blocks(crop_width / shape * scale)


def _blocks(side: float) -> int:
    block = _BLOCK if side >= _LARGE else 2
    return min(max(block * int(side / block + 0.01), SHORTEST_SIDE), LONGEST_SIDE)
