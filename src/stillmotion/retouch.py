"""A still picture in, a still picture out: mended where a mask says, widened, or rid of what words name.

    inpaint   photo + mask ──────────────────────▶ hole ─┐
    remove    photo + words ─analysis─▶ what is meant ───┼─▶ painted ─▶ picture and what was done
    outpaint  photo on a larger canvas ─▶ what is beyond ┘

Every pixel outside the hole stays what it was in the photo.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion import __version__
from stillmotion.errors import Cancelled, InputError
from stillmotion.media.image import LARGEST_ASPECT, LARGEST_PIXELS, read_photo
from stillmotion.media.picture_file import LOSSY, write_picture
from stillmotion.options import (
    AnimateOptions,
    Fill,
    InpaintOptions,
    OutpaintOptions,
    RemoveOptions,
    read_options,
)
from stillmotion.spellings import read_aspect, read_length
from stillmotion.stages.analysis.brush import read_painted
from stillmotion.stages.analysis.larger import Larger, larger_models
from stillmotion.stages.analysis.named import named
from stillmotion.stages.analysis.scene import analyze
from stillmotion.stages.generation.painting.dear import dear_of
from stillmotion.stages.generation.painting.paint import paint
from stillmotion.stages.motion.canvas import choose_canvas
from stillmotion.types import Float32, Photo, Progress, Scene, UInt8, silent
from stillmotion.vocabulary import canonical_label

MOST_PAINTED = 0.9
"""Share of the picture that may be painted: something has to be there to go on from."""

WHOLE = frozenset({"person", "animal", "bird", "vehicle", "boat"})
"""What is taken away as a whole: where a part of it is found on the photo's subject, the subject is meant."""

_PART = 0.6  # of what was found that lies on the subject
_SAME_SHAPE = 0.005  # an aspect nearer than this to the photo's own asks for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Retouched:
    """A picture and what was done to it."""

    picture: UInt8  # (h, w, 3) sRGB
    told: dict[str, Any]  # JSON-ready: what was done, size, share painted, holes with their fill and seam, seconds
    notes: tuple[str, ...]

    def write(self, out: Path) -> None:
        """Write the picture, over whatever has that name; errors as in `write_picture`."""
        ways = sorted({hole["fill"] for hole in self.told["holes"]})
        about = f"{100 * self.told['painted']:.1f} % of this picture was painted by a program ({', '.join(ways)})."
        write_picture(Path(out), self.picture, software=f"stillmotion {__version__}", about=about)


def inpaint(
    photo: Path | UInt8, mask: Path | NDArray[np.bool_] | UInt8, options: InpaintOptions, *,
    progress: Progress = silent, cancel: Event | None = None,
) -> Retouched:  # fmt: skip
    """Paint where a mask says: a picture of the photo's size, white (or opaque) where to paint; or an array (h, w).

    Raises:
        InputError: the photo or the mask cannot be used; the mask has another size, is empty, or leaves too little.
        WeightsMissing: the fill "learned" was asked for, and its weights are not there or damaged.
        Cancelled: `cancel` was set.
    """
    picture = read_photo(photo)
    hole = _marked(mask, picture)
    hole = _grown(hole, options.grow)
    dear = _dear(picture, progress)
    return _painted("inpaint", picture, picture.pixels, hole, dear, options.fill, progress, cancel)


def remove(
    photo: Path | UInt8, words: str, options: RemoveOptions, *,
    progress: Progress = silent, cancel: Event | None = None,
) -> Retouched:  # fmt: skip
    """Take away what words name ("the person"), and paint what may lie behind it.

    Raises:
        InputError: as `inpaint`; or nothing of that name was found (the message lists what was).
        WeightsMissing: as `inpaint`, or a package that a larger model needs is missing.
        Cancelled: `cancel` was set.
    """
    if not words.strip():
        raise InputError("No words say what to take away.", hint="Name it, e.g. 'the person'.")
    picture = read_photo(photo)
    seeing = AnimateOptions(
        region_model=options.region_model, device=options.device, fetch_models=options.fetch_models
    )  # fmt: skip
    larger = larger_models(seeing)
    scene = _seen(picture, seeing, progress, larger)
    mask, note = _meant(scene, words, larger)
    hole = _grown(_on_photo(mask, scene, picture) > 0.25, options.grow)
    dear = _on_photo(dear_of(scene).astype(np.float32), scene, picture) > 0.5
    done = _painted("remove", picture, picture.pixels, hole, dear, options.fill, progress, cancel)
    seen = (*([note] if note else ()), *scene.notes[len(picture.notes) :])
    return Retouched(picture=done.picture, told=done.told | {"words": words}, notes=(*done.notes, *seen))


def outpaint(
    photo: Path | UInt8, options: OutpaintOptions, *, progress: Progress = silent, cancel: Event | None = None
) -> Retouched:
    """Paint beyond the photo's edges.

    Raises:
        InputError: the photo cannot be used; nothing, or more than can be painted, was asked for.
        WeightsMissing: as `inpaint`.
        Cancelled: `cancel` was set.
    """
    picture = read_photo(photo)
    height, width = picture.pixels.shape[:2]
    left, right, top, bottom = _margins(width, height, options)
    size = (width + left + right, height + top + bottom)
    if size[0] * size[1] > LARGEST_PIXELS or max(size) > LARGEST_ASPECT * min(size):
        raise InputError(
            f"The picture would be {size[0]}x{size[1]} pixels; up to 50 megapixels can be painted, and one side may be "
            f"up to {LARGEST_ASPECT:g} times the other."
        )
    plate, hole, dear = _plate(picture, (left, right, top, bottom), progress)
    done = _painted("outpaint", picture, plate, hole, dear, options.fill, progress, cancel)
    margins = {"left": left, "right": right, "top": top, "bottom": bottom}
    return Retouched(picture=done.picture, told=done.told | {"margins": margins}, notes=done.notes)


def widened(photo: Photo, options: AnimateOptions, *, progress: Progress = silent) -> Photo:
    """The photo, painted beyond its edges to the shape a video is to have, where the wish is not to crop it.

    Raises:
        InputError: the shape is too far from the photo's, or a depth map was given, which covers the photo alone.
    """
    if options.fit == "crop" or (options.size is None and options.aspect is None):
        return photo
    if options.depth is not None:
        raise InputError("A depth map covers the photo alone, not what is painted around it.", hint="Crop instead.")
    height, width = photo.pixels.shape[:2]
    shape = options.aspect if options.size is None else f"{options.size[0]}:{options.size[1]}"
    try:
        sides = _margins(width, height, read_options({"aspect": shape}, OutpaintOptions), same=True)
    except InputError as error:
        raise InputError(error.message, hint="Crop the photo first, or leave out --fit paint.") from error
    if not any(sides):
        return photo
    plate, hole, dear = _plate(photo, sides, progress)
    done = paint(plate, hole, dear=dear, progress=progress)
    fov_deg = photo.fov_deg
    if fov_deg is not None:
        half = math.tan(math.radians(fov_deg) / 2) * plate.shape[1] / width
        fov_deg = 2 * math.degrees(math.atan(half))
    share = 100 * float(hole.mean())
    note = f"{share:.0f} % of the picture lie beyond the photo's edges and were painted."
    return replace(photo, pixels=done.picture, fov_deg=fov_deg, notes=(*photo.notes, note, *done.notes))


def _painted(
    what: str, photo: Photo, plate: UInt8, hole: NDArray[np.bool_], dear: NDArray[np.bool_], fill: Fill,
    progress: Progress, cancel: Event | None,
) -> Retouched:  # fmt: skip
    share = float(hole.mean())
    if share > MOST_PAINTED:
        raise InputError(
            f"{100 * share:.0f} % of the picture would be painted; up to {100 * MOST_PAINTED:.0f} % can be.",
            hint="Leave more of the photo to go on from.",
        )
    if cancel is not None and cancel.is_set():
        raise Cancelled("Stopped before anything was painted.")
    begin = time.perf_counter()
    done = paint(plate, hole, dear=dear & ~hole, fill=fill, progress=progress)
    height, width = plate.shape[:2]
    told = {
        "done": what, "photo": photo.name, "sha256": photo.sha256, "size": [width, height], "painted": share,
        "holes": [patch.told() for patch in done.patches],
        "seconds": round(time.perf_counter() - begin, 3),
    }  # fmt: skip
    return Retouched(picture=done.picture, told=told, notes=(*photo.notes, *done.notes))


def lossy_note(out: Path) -> tuple[str, ...]:
    """What to say where a file does not keep the photo's own pixels exactly."""
    if out.suffix.lower() not in LOSSY:
        return ()
    return ("A JPEG changes every pixel a little; a PNG keeps the photo's own exactly.",)


def _marked(mask: Path | NDArray[np.bool_] | UInt8, photo: Photo) -> NDArray[np.bool_]:
    """(h, w) what a mask marks."""
    height, width = photo.pixels.shape[:2]
    if isinstance(mask, np.ndarray):
        if mask.ndim != 2 or mask.dtype not in (np.bool_, np.uint8):
            raise InputError(
                f"A mask given as an array is bool or uint8 (height, width), found {mask.dtype} {mask.shape}."
            )
        marked = mask if mask.dtype == np.bool_ else mask > 127
    else:
        marked = read_painted(str(mask)) > 0.5
    if marked.shape != (height, width):
        turned = " The photo is turned upright first, as its camera says." if marked.shape == (width, height) else ""
        raise InputError(
            f"The mask is {marked.shape[1]}x{marked.shape[0]} pixels and the photo {width}x{height}.{turned}",
            hint="Paint the mask on the photo, white where to paint, and save it at the same size.",
        )
    if not marked.any():
        raise InputError("The mask marks nothing.", hint="Paint white (or opaque) what is to be painted anew.")
    return np.asarray(marked, np.bool_)


def _seen(photo: Photo, options: AnimateOptions, progress: Progress, larger: Larger | None = None) -> Scene:
    canvas = choose_canvas(photo, options)
    return analyze(photo, width=canvas.width, height=canvas.height, larger=larger, progress=progress)


def _dear(photo: Photo, progress: Progress) -> NDArray[np.bool_]:
    """(h, w) of the photo: what should not be seen twice."""
    scene = _seen(photo, AnimateOptions(), progress)
    return np.asarray(_on_photo(dear_of(scene).astype(np.float32), scene, photo) > 0.5, np.bool_)


def _on_photo(mask: Float32, scene: Scene, photo: Photo) -> Float32:
    """(h, w) of the photo: a mask (H, W) of the canvas; 0 where the canvas does not reach."""
    crop, whole = scene.crop, np.zeros(photo.pixels.shape[:2], np.float32)
    top, left, high, wide = round(crop.y), round(crop.x), round(crop.height), round(crop.width)
    whole[top : top + high, left : left + wide] = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_LINEAR)
    return whole


def _meant(scene: Scene, words: str, larger: Larger | None) -> tuple[Float32, str | None]:
    """(H, W) in [0, 1] what words name, and what is to be said about it."""
    if larger is not None and larger.finds_words:
        found = larger.find(scene.photo, words)
        if found is not None:
            return found.mask, f"'{words}' was found by {found.by}, confidence {found.confidence:.2f}."
    mask, note = named(scene, words)
    inside = float((mask * scene.subject).sum() / max(float(mask.sum()), 1e-6))
    if inside > _PART and canonical_label(words) in WHOLE and float(mask.sum()) < float(scene.subject.sum()):
        return np.maximum(mask, scene.subject), f"'{words}' is taken to be all of the subject of the photo."
    return mask, note


def _grown(hole: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    radius = round(share * max(hole.shape))
    if radius == 0:
        return hole
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(hole.astype(np.uint8), kernel) > 0, np.bool_)


def _plate(
    photo: Photo, sides: tuple[int, int, int, int], progress: Progress
) -> tuple[UInt8, NDArray[np.bool_], NDArray[np.bool_]]:
    """The photo on its larger canvas, what is to be painted of it, and what should not be seen twice."""
    left, right, top, bottom = sides
    height, width = photo.pixels.shape[:2]
    dear = cv2.copyMakeBorder(_dear(photo, progress).astype(np.uint8), top, bottom, left, right, cv2.BORDER_CONSTANT)
    plate = cv2.copyMakeBorder(photo.pixels, top, bottom, left, right, cv2.BORDER_REPLICATE)
    hole = np.ones(plate.shape[:2], np.bool_)
    hole[top : top + height, left : left + width] = False
    return np.asarray(plate, np.uint8), hole, np.asarray(dear > 0, np.bool_)


def _margins(width: int, height: int, options: OutpaintOptions, *, same: bool = False) -> tuple[int, int, int, int]:
    """Pixels at the left, right, top and bottom; none where the shape is the photo's and that is fine (`same`)."""
    asked = (options.left, options.right, options.top, options.bottom)
    if options.aspect is not None:
        if any(asked):
            raise InputError("A shape and single sides were asked for.", hint="Give --aspect, or sides; not both.")
        return _to_shape(width, height, options.aspect, same=same)
    sides = (width, width, height, height)
    left, right, top, bottom = (read_length(text or "0", side) for text, side in zip(asked, sides, strict=True))
    for name, pixels, side in zip(("left", "right", "top", "bottom"), (left, right, top, bottom), sides, strict=True):
        if pixels > side:
            raise InputError(
                f"{name}: {pixels} pixels are more than the photo's own {side}; up to 100% can be painted."
            )
    if not (left or right or top or bottom):
        raise InputError("Nothing is to be painted.", hint="Give --aspect 16:9, or sides such as --left 20%.")
    return left, right, top, bottom


def _to_shape(width: int, height: int, aspect: str, *, same: bool) -> tuple[int, int, int, int]:
    shape = read_aspect(aspect)
    if abs(width / height / shape - 1) < _SAME_SHAPE:
        if same:
            return 0, 0, 0, 0
        raise InputError(f"The photo ({width}x{height}) has the shape {aspect} already.")
    if width / height < shape:
        more = round(height * shape) - width
        found = (more // 2, more - more // 2, 0, 0)
    else:
        more = round(width / shape) - height
        found = (0, 0, more // 2, more - more // 2)
    if more > 2 * (width if found[0] else height):
        raise InputError(
            f"The photo ({width}x{height}) would have to grow more than threefold to become {aspect}.",
            hint="Crop the photo first, or ask for a shape nearer to its own.",
        )
    return found
