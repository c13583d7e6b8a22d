"""What a camera makes of light: blur of the lens and of motion, exposure, white balance, noise, rims, a codec's grain.

    linear frames ─motion blur─▶ lens blur ─▶ vignette ─▶ exposure, white balance ─▶ noise ─▶ sRGB ─codec─▶ uint8

Changes colour alone: depth, flow and masks stay those of the pinhole at the middle of the exposure. One `Taken` is
drawn for a scene and kept with it, so that what was done can be read off.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.training.worlds.truth import Frame

_RINGS = 4  # steps of lens blur between sharp and the widest
_TAPS = 7  # samples along a pixel's way while the shutter is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How pictures were taken."""

    exposure: float  # stops
    balance: tuple[float, float, float]  # factors of red, green, blue
    vignette: float  # 0 to 1: share of light lost in the corners
    shot: float  # variance of noise per linear light
    read: float  # standard deviation of noise in the dark, linear
    shutter: float  # share of the time between frames that it is open
    focus: float | None  # metres; None: all is sharp
    aperture: float  # pixels of blur per 1000 of width at infinite distance
    sharpening: float  # 0 to 1: as phones do
    codec: Literal["none", "jpeg", "h264"]
    quality: int  # of JPEG (100 is best) or crf of H.264 (0 is best)
    seed: int


def draw_taken(rng: np.random.Generator, *, moving: bool, focus: float | None, aperture: float) -> Taken:
    """A camera in somebody's hands; every third one is a good one with nothing to complain of."""
    good = rng.random() < 0.33
    warm, tint = rng.normal(0, 0.03 if good else 0.09), rng.normal(0, 0.01 if good else 0.03)
    noisy = 0.0 if good else float(10 ** rng.uniform(-4.6, -2.6))
    coded = rng.random() < (0.5 if good else 0.85)
    return Taken(
        exposure=float(rng.normal(0, 0.12 if good else 0.35)),
        balance=(float(np.exp(warm)), float(np.exp(tint)), float(np.exp(-warm))),
        vignette=float(rng.uniform(0, 0.1 if good else 0.4)),
        shot=noisy,
        read=0.4 * float(np.sqrt(noisy)) * float(rng.uniform(0.1, 0.5)),
        shutter=float(rng.uniform(0.2, 0.6)) if moving and rng.random() < 0.6 else 0.0,
        focus=focus,
        aperture=aperture,
        sharpening=float(rng.uniform(0, 0.5)) if rng.random() < 0.4 else 0.0,
        codec=("h264" if moving else "jpeg") if coded else "none",
        quality=int(rng.integers(17, 30)) if moving else int(rng.integers(62, 97)),
        seed=int(rng.integers(1 << 31)),
    )


def encoded(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light in [0, 1] as sRGB in [0, 1]."""
    safe = np.clip(linear, 0, 1)
    return np.asarray(
        np.where(safe <= 0.0031308, 12.92 * safe, 1.055 * np.maximum(safe, 1e-6) ** (1 / 2.4) - 0.055), np.float32
    )


def clean(frame: Frame) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB as it was drawn."""
    return np.asarray((encoded(frame.colour) * 255).round(), np.uint8)


def taken(frames: Sequence[Frame], how: Taken) -> list[NDArray[np.uint8]]:
    """(H, W, 3) sRGB of each frame as this camera would have it."""
    rng = np.random.default_rng(how.seed)
    pictures = [_developed(_seen(frame, how), how, rng) for frame in frames]
    if how.codec == "jpeg":
        return [_jpeg(picture, how.quality) for picture in pictures]
    return _h264(pictures, how.quality) if how.codec == "h264" else pictures


def _seen(frame: Frame, how: Taken) -> np.ndarray:
    light = frame.colour
    if how.shutter > 0:
        light = _moved(light, frame, how.shutter)
    if how.focus is not None and how.aperture > 0:
        light = _blurred(light, frame.depth, how.focus, how.aperture)
    return light


def _moved(light: np.ndarray, frame: Frame, shutter: float) -> np.ndarray:
    """Light gathered along each pixel's way: half of it before, half of it after the frame."""
    height, width = frame.depth.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    ways = [np.clip(flow, -0.25 * width, 0.25 * width) for flow in (frame.backward, frame.forward)]
    if max(float(np.abs(way).max()) for way in ways) * shutter < 0.5:
        return light
    total = np.zeros_like(light)
    for share in (np.linspace(-0.5, 0.5, _TAPS) * shutter).tolist():
        way = ways[0] if share < 0 else ways[1]
        step = abs(share) * cv2.blur(way, (5, 5))  # a moving rim smears over what it passes
        total += cv2.remap(
            light, columns - step[..., 0], rows - step[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    return total / _TAPS


def _blurred(light: np.ndarray, depth: np.ndarray, focus: float, aperture: float) -> np.ndarray:
    """Blur by the thin lens: as wide as |1 - focus / depth| x aperture; steps of blur, the nearest drawn last.

    A sharp thing does not bleed into what is blurred behind it: each step blurs only what is of it.
    """
    far = np.where(depth > 0, depth, 1e6)
    wide = (1 - focus / far) * aperture * light.shape[1] / 1000  # signed radius: behind is positive
    out, weight = np.zeros_like(light), np.zeros((*light.shape[:2], 1), np.float32)
    edges = np.linspace(-1, 1, 2 * _RINGS + 2) * max(float(np.abs(wide).max()), 1e-3)
    for low, high in reversed(list(pairwise(edges))):  # the farthest first
        mine = ((wide >= low) & (wide <= high)).astype(np.float32)
        if not mine.any():
            continue
        radius = abs(low + high) / 2
        if radius < 0.35:
            layer, cover = light * mine[..., None], mine
        else:
            disc = _disc(radius)
            layer, cover = cv2.filter2D(light * mine[..., None], -1, disc), cv2.filter2D(mine, -1, disc)
        out = layer + out * (1 - cover[..., None])
        weight = cover[..., None] + weight * (1 - cover[..., None])
    return out / np.maximum(weight, 1e-3)  # where two steps of one surface meet, neither covers wholly


def _disc(radius: float) -> np.ndarray:
    """A soft-rimmed disc that sums to one."""
    reach = int(np.ceil(radius))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1).astype(np.float32)
    return np.asarray(disc / disc.sum())


def _developed(light: np.ndarray, how: Taken, rng: np.random.Generator) -> NDArray[np.uint8]:
    height, width = light.shape[:2]
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    rim = 1 - how.vignette * ((rows**2 + columns**2) / 2)
    light = light * rim[..., None] * np.exp2(how.exposure) * np.asarray(how.balance)
    if how.shot > 0:
        light = light + rng.normal(size=light.shape) * np.sqrt(how.shot * np.maximum(light, 0) + how.read**2)
    picture = encoded(np.asarray(light, np.float32))
    if how.sharpening > 0:
        picture = picture + how.sharpening * (picture - cv2.GaussianBlur(picture, (0, 0), 1.0))
    return np.asarray((np.clip(picture, 0, 1) * 255).round(), np.uint8)


def _jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    back = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
    assert back is not None  # it was written just now
    return np.asarray(back[..., ::-1], np.uint8)


def _h264(pictures: list[NDArray[np.uint8]], crf: int) -> list[NDArray[np.uint8]]:
    """The clip written and read again; one thread, so that the same clip comes out the same."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": str(crf), "preset": "fast", "threads": "1"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        out.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as back:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in back.decode(video=0)]
