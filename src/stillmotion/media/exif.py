"""What EXIF says about the lens: the horizontal field of view of the upright picture.

Knows EXIF tags and the 35 mm convention; does not open files.
"""

from __future__ import annotations

import math

from PIL import ExifTags, Image

_FULL_FRAME_DIAGONAL_MM = math.hypot(36, 24)  # CIPA DCG-001: the 35 mm equivalent compares diagonals
_PLAUSIBLE_EQUIVALENT_MM = (5.0, 1200.0)
_PLAUSIBLE_SENSOR_MM = (1.0, 60.0)
_PLAUSIBLE_FOV_DEG = (2.0, 150.0)
_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0}  # FocalPlaneResolutionUnit: inch, centimetre, millimetre
_TURNED = (5, 6, 7, 8)  # orientations that swap width and height


def field_of_view(exif: Image.Exif, stored_size: tuple[int, int]) -> float | None:
    """The horizontal field of view in degrees of the upright picture, or None where EXIF is silent or absurd.

    `stored_size` is (width, height) as stored, before the orientation is applied.
    """
    tags = exif.get_ifd(ExifTags.IFD.Exif)
    width, height = stored_size
    if exif.get(ExifTags.Base.Orientation) in _TURNED:
        width, height = height, width
    angle = _from_equivalent(tags, width / math.hypot(width, height))
    if angle is None:
        angle = _from_sensor(tags, width / max(stored_size))
    return angle


def _from_equivalent(tags: dict[int, object], share_of_diagonal: float) -> float | None:
    focal_mm = _number(tags.get(ExifTags.Base.FocalLengthIn35mmFilm))
    if focal_mm is None or not _PLAUSIBLE_EQUIVALENT_MM[0] <= focal_mm <= _PLAUSIBLE_EQUIVALENT_MM[1]:
        return None
    return _angle(_FULL_FRAME_DIAGONAL_MM * share_of_diagonal, focal_mm)


def _from_sensor(tags: dict[int, object], share_of_long_side: float) -> float | None:
    focal_mm = _number(tags.get(ExifTags.Base.FocalLength))
    pixels_per_unit = _number(tags.get(ExifTags.Base.FocalPlaneXResolution))
    wide = _number(tags.get(ExifTags.Base.ExifImageWidth))
    high = _number(tags.get(ExifTags.Base.ExifImageHeight))
    unit_mm = _UNIT_MM.get(int(_number(tags.get(ExifTags.Base.FocalPlaneResolutionUnit)) or 2))
    if focal_mm is None or pixels_per_unit is None or wide is None or unit_mm is None:
        return None
    long_side_mm = max(wide, high or 0.0) / pixels_per_unit * unit_mm
    if not _PLAUSIBLE_SENSOR_MM[0] <= long_side_mm <= _PLAUSIBLE_SENSOR_MM[1]:
        return None
    return _angle(long_side_mm * share_of_long_side, focal_mm)


def _angle(across_mm: float, focal_mm: float) -> float | None:
    degrees = math.degrees(2 * math.atan(across_mm / (2 * focal_mm)))
    return degrees if _PLAUSIBLE_FOV_DEG[0] <= degrees <= _PLAUSIBLE_FOV_DEG[1] else None


def _number(value: object) -> float | None:
    """A positive finite number, or None: EXIF holds rationals with zero denominators, strings and tuples."""
    if isinstance(value, tuple | list) and len(value) == 1:
        value = value[0]
    try:
        number = float(value)  # type: ignore[arg-type]  # anything may stand in a tag; what is no number is ignored
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and number > 0 else None
