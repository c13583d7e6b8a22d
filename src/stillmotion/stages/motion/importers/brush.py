"""Motion brushes as regions of ours, in the two forms in use.

    trajectories   {"static_mask": PNG, "dynamic_masks": [{"mask": PNG, "trajectories": [{"x": px, "y": px}, ...]}]}
    sliders        [{"mask": PNG, "horizontal": -10..10, "vertical": -10..10, "proximity": -10..10, "ambient": 0..10}]

A PNG is a path, a `data:image/png;base64,...` or, as the product wants it, bare base64; the keys `mask_url` and
`static_mask_url` are read alike. Trajectories are in pixels of the photo and its masks, which are of one size, counted
from the *bottom* left corner, and evenly spread over the clip. Pictures in files become part of the plan, so that it is
whole without them.
"""

from __future__ import annotations

import base64
import binascii
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from stillmotion.errors import InputError
from stillmotion.plan import BrushMask, Flow, Freeze, Motion, RegionMotion, Sway, Track, TrackPoint
from stillmotion.stages.motion.importers.sliders import MOST, slider_value
from stillmotion.types import Crop

_MOST_REGIONS = 6
_FASTEST = 0.12  # of a slider at its end, fraction of the width per second
_BARE = {"iVBORw0KGgo": "png", "/9j/": "jpeg"}  # how base64 of these pictures begins
_SLIDERS = ("horizontal", "vertical", "proximity", "ambient")


def read_trajectories(
    data: Mapping[str, object], *, seconds: float, crop: Crop, folder: Path
) -> tuple[RegionMotion, ...]:
    """Regions of the form with trajectories, for a clip of `seconds` that shows `crop` of the photo; paths of masks
    count from `folder`.

    Raises:
        InputError: no mask or one that is no picture, a trajectory of fewer than two points or outside its mask, or
            more than six masks; names the mask.
    """
    masks = data.get("dynamic_masks", [])
    if not isinstance(masks, Sequence) or isinstance(masks, str) or len(masks) > _MOST_REGIONS:
        raise InputError(f"A motion brush has a list of at most {_MOST_REGIONS} dynamic_masks.")
    regions = []
    for i, item in enumerate(masks, start=1):
        points = item.get("trajectories") if isinstance(item, Mapping) else None
        if not isinstance(points, Sequence) or isinstance(points, str) or len(points) < 2:
            raise InputError(f"Dynamic mask {i} has no trajectory of two points or more.")
        mask = _mask(item, "mask", i, folder)
        motion = Track(points=_track(points, i, _size(mask, i), seconds, crop), ease="linear")
        regions.append(RegionMotion(name=f"brush {i}", mask=mask, motion=motion))
    still = {key for key in ("static_mask", "static_mask_url") if data.get(key)}
    if still:
        regions.append(RegionMotion(name="static brush", mask=_mask(data, "static_mask", 0, folder), motion=Freeze()))
    if not regions:
        raise InputError("The motion brush has no masks.")
    return tuple(regions)


def read_brush_sliders(brushes: Sequence[Mapping[str, object]], *, folder: Path) -> tuple[RegionMotion, ...]:
    """Regions of the form with sliders: what is painted flows the way they point, at a pace that grows with them;
    with "ambient" alone it stirs in its place. Paths of masks count from `folder`.

    Raises:
        InputError: no mask, an unknown slider, a value beyond ±10, all at zero, or more than six brushes.
    """
    if not 1 <= len(brushes) <= _MOST_REGIONS:
        raise InputError(f"A motion brush has 1 to {_MOST_REGIONS} painted regions; found {len(brushes)}.")
    regions = []
    for i, brush in enumerate(brushes, start=1):
        unknown = set(brush) - {*_SLIDERS, "mask", "mask_url"}
        if unknown:
            raise InputError(f"Brush {i} has {sorted(unknown)}; it may have mask, {', '.join(_SLIDERS)}.")
        values = [slider_value(name, brush.get(name, 0), product="The brush") for name in _SLIDERS]
        motion = _motion(values, i)
        regions.append(RegionMotion(name=f"brush {i}", mask=_mask(brush, "mask", i, folder), motion=motion))
    return tuple(regions)


def _motion(values: Sequence[float], i: int) -> Motion:
    across, up, nearer, ambient = values
    if not any(values):
        raise InputError(f"All sliders of brush {i} are at zero; nothing would move.")
    pace = max(math.hypot(across, up), abs(nearer)) / MOST
    if pace == 0:
        return Sway(amplitude=0.012 * abs(ambient) / MOST, turbulence=0.8, anchor="center")
    direction = math.degrees(math.atan2(up, across)) % 360 if across or up else None
    turbulence = min(1.0, 0.1 + abs(ambient) / MOST)
    return Flow(
        direction_deg=direction, toward_camera=nearer / MOST, speed=min(1.0, pace) * _FASTEST, turbulence=turbulence
    )


def carried(mask: BrushMask, folder: Path, *, called: str) -> BrushMask:
    """The mask with its picture inside; a path counts from `folder`.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    if mask.png.startswith("data:"):
        return mask
    path = folder / mask.png
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The mask of {called} cannot be read: {path}: {error.strerror or error}.",
            hint="Paths in a plan file count from the folder of the file.",
        ) from error
    return BrushMask(png=f"data:image/png;base64,{base64.b64encode(data).decode()}")


def _track(
    points: Sequence[object], i: int, size: tuple[int, int], seconds: float, crop: Crop
) -> tuple[TrackPoint, ...]:  # fmt: skip
    width, height = size
    found = []
    for k, point in enumerate(points):
        x, y = (point.get("x"), point.get("y")) if isinstance(point, Mapping) else (None, None)
        if not isinstance(x, int | float) or not isinstance(y, int | float):
            raise InputError(f"Point {k + 1} of dynamic mask {i} is {point!r}; it must have numbers x and y in pixels.")
        if not (0 <= x <= width and 0 <= y <= height):
            raise InputError(
                f"Point {k + 1} of dynamic mask {i} is at ({x:g}, {y:g}), outside its mask of {width}x{height} pixels.",
                hint="The mask must be as large as the photo; y counts from its bottom edge.",
            )
        found.append(TrackPoint(t=seconds * k / (len(points) - 1), at=crop.point((x / width, 1 - y / height))))
    return tuple(found)


def _mask(item: Mapping[str, object], key: str, i: int, folder: Path) -> BrushMask:
    png = item.get(key) or item.get(f"{key}_url")
    if not isinstance(png, str) or not png:
        raise InputError(f"Brush {i} has no {key!r}: give a PNG file or a data URI.")
    if png.startswith(("http://", "https://")):
        raise InputError(f"The {key} of brush {i} is a web address; nothing is fetched. Save it as a PNG file first.")
    bare = next((kind for start, kind in _BARE.items() if png.startswith(start)), None)
    mask = BrushMask(png=png if bare is None else f"data:image/{bare};base64,{png}")
    return carried(mask, folder, called=f"brush {i}" if i else "the static brush")


def _size(mask: BrushMask, i: int) -> tuple[int, int]:
    """Width and height of a mask's picture in pixels."""
    from PIL import Image, UnidentifiedImageError

    try:
        data = base64.b64decode(mask.png.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(data)) as picture:
            return picture.size
    except (OSError, UnidentifiedImageError, SyntaxError, binascii.Error) as error:
        raise InputError(f"The mask of brush {i} is not a picture that can be read: {error}") from error
