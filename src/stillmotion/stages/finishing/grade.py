"""Colour of the finished frames: exposure, saturation, vignette and grain, frame by frame.

Knows `plan.grade`; does not know the scene. A default grade costs nothing: the frames pass as they are.
"""

from __future__ import annotations

import zlib

import cv2
import numpy as np

from stillmotion.plan import Grade
from stillmotion.types import Float32, Float64, FrameStream, UInt8

_LUMA = np.array([0.2126, 0.7152, 0.0722])  # BT.709
_GRAIN_LEVELS = 14.0  # standard deviation of full grain in 8-bit levels, at mid grey
_GRAIN_TILE = 512  # pixels; a larger frame repeats the tile, at another place in every frame
_VIGNETTE_DEPTH = 0.75  # how dark a full vignette makes the corners
_SHOULDER = 0.8  # from this share of white up, raised exposure is rolled off instead of clipped


def graded(frames: FrameStream, grade: Grade, *, seed: int) -> FrameStream:
    """The same frames with the grade applied; grain depends on the seed and the frame's number alone."""
    if grade == Grade():
        return frames
    apply = _Grader(grade, width=frames.width, height=frames.height, seed=seed)
    return FrameStream(
        frames=(apply(frame, number) for number, frame in enumerate(frames)),
        width=frames.width, height=frames.height, fps=frames.fps, count=frames.count,
    )  # fmt: skip


class _Grader:
    """The tables of one video's grade."""

    def __init__(self, grade: Grade, *, width: int, height: int, seed: int) -> None:
        self._curve = exposure_curve(grade.exposure) if grade.exposure else None
        self._matrix = saturation_matrix(grade.saturation) if grade.saturation != 1 else None
        self._vignette = vignette(grade.vignette, width, height) if grade.vignette else None
        self._grain = _Grain(grade.grain, seed) if grade.grain else None

    def __call__(self, frame: UInt8, number: int) -> UInt8:
        """Grade one frame uint8 (H, W, 3)."""
        if self._curve is not None:
            frame = np.asarray(cv2.LUT(frame, self._curve), dtype=np.uint8)
        if self._matrix is not None:
            frame = np.asarray(cv2.transform(frame, self._matrix), dtype=np.uint8)
        if self._vignette is not None:
            frame = np.asarray(cv2.multiply(frame, self._vignette, dtype=cv2.CV_8U), dtype=np.uint8)
        return frame if self._grain is None else self._grain(frame, number)


def exposure_curve(stops: float) -> UInt8:
    """A table (256) that multiplies light by 2**stops; highlights raised towards white bend instead of clipping."""
    light = _to_light(np.arange(256) / 255) * 2.0**stops
    if stops > 0:
        over = np.clip((light - _SHOULDER) / (2.0**stops - _SHOULDER), 0.0, 1.0)  # 1 where the picture was white
        steep = (2.0**stops - _SHOULDER) / (1 - _SHOULDER)  # so that the curve has no corner at the shoulder
        rolled = _SHOULDER + (1 - _SHOULDER) * steep * over / (1 + (steep - 1) * over)
        light = np.where(light > _SHOULDER, rolled, light)
    table: UInt8 = np.rint(255 * _to_srgb(light)).clip(0, 255).astype(np.uint8)
    return table


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


class _Grain:
    """Film grain: soft luminance noise, strongest in the mid tones."""

    def __init__(self, amount: float, seed: int) -> None:
        self._seed = seed
        noise = _stream(seed, "grain").standard_normal((_GRAIN_TILE, _GRAIN_TILE)).astype(np.float32)
        noise = _wrapped_blur(noise)
        self._tile = noise * (amount * _GRAIN_LEVELS / float(noise.std()))
        tone = np.arange(256) / 255
        self._strength: Float32 = (4 * tone * (1 - tone)).astype(np.float32) * 0.8 + np.float32(0.2)

    def __call__(self, frame: UInt8, number: int) -> UInt8:
        height, width = frame.shape[:2]
        down, right = _stream(self._seed, f"grain/{number}").integers(0, _GRAIN_TILE, 2)
        rows = (np.arange(height) + down) % _GRAIN_TILE
        noise = np.take(self._tile[rows], np.arange(right, right + width) % _GRAIN_TILE, axis=1)
        noise *= cv2.LUT(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), self._strength)
        return np.asarray(cv2.add(frame, cv2.merge((noise, noise, noise)), dtype=cv2.CV_8U), dtype=np.uint8)


def _wrapped_blur(noise: Float32) -> Float32:
    """A grain of about a pixel and a half, blurred around the edges so that the tile repeats without a seam."""
    pad = 8
    soft = cv2.GaussianBlur(np.pad(noise, pad, mode="wrap"), (0, 0), 0.7)[pad:-pad, pad:-pad]
    return np.ascontiguousarray(soft, dtype=np.float32)


def _stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each name, from the one seed."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _to_light(srgb: Float64) -> Float64:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _to_srgb(light: Float64) -> Float64:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
