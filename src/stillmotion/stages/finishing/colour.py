"""Colour of the finished frames: exposure, white, contrast, saturation, a colour table, vignette.

    levels ─▶ light × exposure × white ─▶ contrast ─▶ one table of 256 entries a channel
           ─▶ saturation (3x3) ─▶ .cube table ─▶ vignette

Knows a grade and single frames; does not know the scene. A grade that changes nothing costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stillmotion.plan import Grade
from stillmotion.stages.finishing.lut import LookUp, read_cube
from stillmotion.types import Float32, Float64, FrameStream, UInt8

_LUMA = np.array([0.2126, 0.7152, 0.0722])  # BT.709
_VIGNETTE_DEPTH = 0.75  # how dark a full vignette makes the corners
_SHOULDER = 0.8  # from this share of white up, raised exposure is rolled off instead of clipped
_MID_GREY = 0.4613  # sRGB value of 18 % of the light
_DAYLIGHT = (0.1978, 0.3122)  # u, v of D65 (CIE 1960)
_MIRED = 1e6 / 6504
_MIRED_REACH = 80.0  # from 6504 K to 4277 K (warm) and 13550 K (cool)
_TINT_REACH = 0.02  # of u, v, at right angles to the line of the black bodies
_WATCHED = 8  # every so many pixels count for what is told


class Colour:
    """The step. `grade` without its grain; `lut` is a .cube file of which the share `lut_strength` in (0, 1] is used.

    Raises:
        InputError: the colour table cannot be used.
    """

    name = "colour"
    look_ahead = 0

    def __init__(self, grade: Grade, lut: Path | None, lut_strength: float) -> None:
        self._grade = grade
        self._table = None if lut is None else read_cube(lut)
        self._look_up = None if self._table is None else LookUp(self._table, lut_strength)
        self._lut, self._lut_strength = lut, lut_strength
        curved = grade.exposure or grade.contrast or grade.temperature or grade.tint
        self._curves = tone_curves(grade) if curved else None
        self._matrix = saturation_matrix(grade.saturation) if grade.saturation != 1 else None
        self._vignette: Float32 | None = None
        self._before, self._after = _Tally(), _Tally()

    def __call__(self, frames: FrameStream) -> FrameStream:
        if self._grade.vignette:
            self._vignette = vignette(self._grade.vignette, frames.width, frames.height)
        elif self._curves is None and self._matrix is None and self._table is None:
            return frames
        return replace(frames, frames=self._each(frames))

    def told(self) -> dict[str, Any]:
        grade, table = self._grade, self._table
        told: dict[str, Any] = {"exposure_stops": grade.exposure, "contrast_slope": 1 + grade.contrast}
        told |= {"saturation": grade.saturation, "darkest_corner": round(1 - _VIGNETTE_DEPTH * grade.vignette, 3)}
        if grade.temperature or grade.tint:
            told["white_gains"] = np.round(white_gains(grade.temperature, grade.tint), 3).tolist()
        if table is not None and self._lut is not None:
            told["lut"] = {
                "file": self._lut.name, "title": table.title, "nodes": list(table.nodes.shape[:-1]),
                "strength": self._lut_strength,
            }  # fmt: skip
        return told | {"before": self._before.told(), "after": self._after.told()}

    def _each(self, frames: FrameStream) -> Iterator[UInt8]:
        for frame in frames:
            self._before.take(frame)
            graded = self._graded(frame)
            self._after.take(graded)
            yield graded

    def _graded(self, frame: UInt8) -> UInt8:
        if self._curves is not None:
            frame = np.asarray(cv2.LUT(frame, self._curves), dtype=np.uint8)
        if self._matrix is not None:
            frame = np.asarray(cv2.transform(frame, self._matrix), dtype=np.uint8)
        if self._look_up is not None:
            frame = self._look_up(frame)
        if self._vignette is not None:
            frame = np.asarray(cv2.multiply(frame, self._vignette, dtype=cv2.CV_8U), dtype=np.uint8)
        return frame


class _Tally:
    """Mean level and clipped share of the frames that passed."""

    def __init__(self) -> None:
        self._sum, self._clipped, self._pixels = np.zeros(3), 0, 0

    def take(self, frame: UInt8) -> None:
        seen = frame[::_WATCHED, ::_WATCHED]
        self._sum += seen.sum(axis=(0, 1))
        self._clipped += int((seen == 255).any(axis=2).sum())
        self._pixels += seen.shape[0] * seen.shape[1]

    def told(self) -> dict[str, Any]:
        count = max(self._pixels, 1)
        return {"mean_rgb": np.round(self._sum / count, 2).tolist(), "clipped_share": round(self._clipped / count, 5)}


def tone_curves(grade: Grade) -> UInt8:
    """Tables (1, 256, 3) of a grade's exposure, white and contrast; what a gain raises to white is rolled off."""
    stops = grade.exposure + np.log2(white_gains(grade.temperature, grade.tint))
    curves = np.stack([contrasted(_exposed(float(by)), grade.contrast) for by in stops], axis=1)
    return np.asarray(np.rint(255 * curves).clip(0, 255)[None], dtype=np.uint8)


def exposure_curve(stops: float) -> UInt8:
    """A table (256) that multiplies light by 2**stops; highlights raised towards white bend instead of clipping."""
    return np.asarray(np.rint(255 * _exposed(stops)).clip(0, 255), dtype=np.uint8)


def _exposed(stops: float) -> Float64:
    """The 256 levels under 2**stops times the light, as shares of white."""
    light = to_light(np.arange(256) / 255) * 2.0**stops
    if stops > 0:
        over = np.clip((light - _SHOULDER) / (2.0**stops - _SHOULDER), 0.0, 1.0)  # 1 where the picture was white
        steep = (2.0**stops - _SHOULDER) / (1 - _SHOULDER)  # so that the curve has no corner at the shoulder
        rolled = _SHOULDER + (1 - _SHOULDER) * steep * over / (1 + (steep - 1) * over)
        light = np.where(light > _SHOULDER, rolled, light)
    return to_srgb(light)


def contrasted(values: Float64, contrast: float) -> Float64:
    """Values in [0, 1] about mid grey, where the slope becomes 1 + contrast.

    More contrast is an S that reaches black and white without a corner; less draws all tones evenly towards mid grey,
    at -1 onto it. Both keep the order of tones.
    """
    if contrast <= 0:
        return _MID_GREY + (values - _MID_GREY) * (1 + contrast) if contrast else values
    below = _MID_GREY * np.clip(values / _MID_GREY, 0, 1) ** (1 + contrast)
    above = 1 - (1 - _MID_GREY) * np.clip((1 - values) / (1 - _MID_GREY), 0, 1) ** (1 + contrast)
    return np.where(values < _MID_GREY, below, above)


def white_gains(temperature: float, tint: float) -> Float64:
    """Factors (3,) on red, green and blue light that turn grey towards another white; the luma of grey is kept.

    The white moves from D65 along the line of black bodies by up to 80 mired (Krystek 1985), and across it by up to
    0.02 of u, v (CIE 1960): equal steps look about equal.
    """
    warm = np.array(_black_body(_MIRED + temperature * _MIRED_REACH)) - _black_body(_MIRED)
    along = np.array(_black_body(_MIRED + 1)) - _black_body(_MIRED - 1)
    across = np.array([along[1], -along[0]]) / np.hypot(*along)
    u, v = np.array(_DAYLIGHT) + warm + tint * _TINT_REACH * across
    x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    return _linear_rgb(x, y) / _linear_rgb(*_xy_of_daylight())


def _xy_of_daylight() -> tuple[float, float]:
    u, v = _DAYLIGHT
    return 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)


def _linear_rgb(x: float, y: float) -> Float64:
    """Linear sRGB (3,) of a chromaticity with luminance 1 (IEC 61966-2-1)."""
    matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    return np.asarray(matrix @ np.array([x / y, 1.0, (1 - x - y) / y]))


def _black_body(mired: float) -> tuple[float, float]:
    """u, v (CIE 1960) of a black body of 1e6 / mired kelvin; Krystek's fractions, good to 1e-4 from 1000 to 15000 K."""
    k = 1e6 / mired
    u = (0.860117757 + 1.54118254e-4 * k + 1.28641212e-7 * k * k) / (1 + 8.42420235e-4 * k + 7.08145163e-7 * k * k)
    v = (0.317398726 + 4.22806245e-5 * k + 4.20481691e-8 * k * k) / (1 - 2.89741816e-5 * k + 1.61456053e-7 * k * k)
    return u, v


def saturation_matrix(saturation: float) -> Float32:
    """A (3, 3) matrix on RGB that scales colour about the luma: 0 is grey, 1 unchanged."""
    return np.asarray(saturation * np.eye(3) + (1 - saturation) * np.ones((3, 1)) * _LUMA, dtype=np.float32)


def vignette(amount: float, width: int, height: int) -> Float32:
    """Factors (H, W, 3) that darken towards the corners by the cosine-fourth law of a lens."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (2 * x - (width - 1)) / width, (2 * y - (height - 1)) / height
    radius2 = (x * x + y * y) / 2  # 1 in the corners
    corner = 1 - _VIGNETTE_DEPTH * amount
    tangent2 = corner**-0.5 - 1  # cos^4 = 1 / (1 + tan^2)^2
    return np.repeat((1 / (1 + tangent2 * radius2) ** 2)[..., None], 3, axis=2).astype(np.float32)


def to_light(srgb: Float64) -> Float64:
    """Linear light of sRGB values, both in [0, 1] (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def to_srgb(light: Float64) -> Float64:
    """sRGB values of linear light."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
