"""Text, a logo and a watermark over the frames. Knows where they stand and when; letters are for `lettering`.

Everything is worked out once: what lies over the frame is a rectangle with colour and opacity, and of a frame only that
rectangle is blended, in the levels of the screen as drawing programs do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numba import njit
from PIL import Image

from stillmotion.errors import InputError
from stillmotion.media.image import read_cutout
from stillmotion.options import Place
from stillmotion.stages.finishing.lettering import choose_face, lettered, wrapped
from stillmotion.types import Float32, FrameStream, UInt8

MARGIN = 0.05  # of the frame's sides: what televisions and players leave free (title-safe)
FADE_S = 0.3  # a text that comes or goes within the clip fades for so long
SMALLEST_LINE_PX = 9  # smaller letters cannot be read
_SHADOW = 0.85  # opacity of the darkness around letters
_MARK_LIGHT, _MARK_DARK = 0.20, 0.16  # opacity of a watermark's letters and of the darkness around them
_MARK_TURN_DEG = 24.0
_MARK_SIZE = 0.055  # height of its line, share of the shorter side
_ONE = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What lies over a part of the frame."""

    x: int
    y: int
    colour: Float32  # (h, w, 3) in levels, times opacity
    opacity: Float32  # (h, w) in [0, 1]


class Text:
    """The step: white letters with a soft darkness around them, readable on any ground.

    `size` is the height of a line as a share of the frame's; `begin` and `end` are seconds (None: the clip's own). A
    text that begins or ends within the clip fades there.

    Raises:
        InputError: see `lettering.choose_face`; the text never shows.
    """

    name = "text"
    look_ahead = 0

    def __init__(
        self, text: str, *, place: Place, size: float, begin: float | None, end: float | None, font: Path | None
    ) -> None:
        if end is not None and end <= (begin or 0):
            raise InputError(f"The text goes at {end:g} s, before it appears at {begin or 0:g} s.")
        self._text, self._place, self._size = text, place, size
        self._begin, self._end = begin, end
        self._face = choose_face(text, font)
        self._told: dict[str, Any] = {"font": self._face.name}

    def __call__(self, frames: FrameStream) -> FrameStream:
        seconds = frames.count / frames.fps
        begin, end = self._begin or 0.0, seconds if self._end is None else self._end
        if begin >= seconds or end > seconds + 1 / frames.fps:
            late = f"begin at {begin:g} s" if begin >= seconds else f"last until {end:g} s"
            raise InputError(f"The text would {late}, the video ends at {seconds:.2f} s.")
        patch = self._set(frames.width, frames.height)
        fades = (FADE_S if begin > 0 else 0.0, FADE_S if self._end is not None and end < seconds else 0.0)
        shown = _shown(begin, min(end, seconds), fades)
        self._told["seconds"] = [round(begin, 3), round(min(end, seconds), 3)]
        return _laid(frames, patch, lambda number: shown((number + 0.5) / frames.fps))

    def told(self) -> dict[str, Any]:
        return self._told

    def _set(self, width: int, height: int) -> Patch:
        pitch = max(SMALLEST_LINE_PX, round(self._size * height))
        font = _font_of_height(self._face.at, pitch)
        room = (width * (1 - 2 * MARGIN), height * (1 - 2 * MARGIN))
        lines = wrapped(self._text, font, room[0])
        self._told |= {"lines": lines, "line_px": pitch, "place": self._place}
        if len(lines) * pitch > room[1]:
            raise InputError(
                f"The text needs {len(lines)} lines of {pitch} pixels; {int(room[1] // pitch)} fit into the picture.",
                hint="Write less, or give a smaller --text-size.",
            )
        across, down = _shares(self._place)
        soft = max(1.0, 0.07 * pitch)  # width of the darkness
        pad = int(np.ceil(4 * soft))
        letters = _unit(lettered(lines, font, pitch=pitch, align=across, pad=pad))
        edge = _unit(lettered(lines, font, pitch=pitch, align=across, pad=pad, stroke=max(1, round(0.035 * pitch))))
        glow = cv2.GaussianBlur(edge, (0, 0), soft)
        dark = _SHADOW * np.maximum(edge * 0.75, 1 - (1 - np.clip(glow, 0, 1)) ** 2)
        opacity = letters + (1 - letters) * dark
        patch = Patch(x=0, y=0, colour=np.repeat(255 * letters[..., None], 3, axis=2), opacity=opacity)
        return _placed(patch, (width, height), (across, down), pad)


class Logo:
    """The step: a picture with its transparency. `size` is its width as a share of the frame's; `opacity` in (0, 1].

    Raises:
        InputError: no picture that can be read.
    """

    name = "logo"
    look_ahead = 0

    def __init__(self, file: Path, *, place: Place, size: float, opacity: float) -> None:
        self._file, self._place, self._size, self._opacity = Path(file), place, size, opacity
        self._pixels = read_cutout(self._file)
        self._told: dict[str, Any] = {"file": self._file.name, "own_size": list(self._pixels.shape[1::-1])}

    def __call__(self, frames: FrameStream) -> FrameStream:
        patch = self._fitted(frames.width, frames.height)
        return _laid(frames, patch, lambda _: self._opacity)

    def told(self) -> dict[str, Any]:
        return self._told

    def _fitted(self, width: int, height: int) -> Patch:
        high, wide = self._pixels.shape[:2]
        size = (max(1, round(self._size * width)), max(1, round(self._size * width * high / wide)))
        if size[1] > height:
            raise InputError(
                f"The logo {self._file.name} would be {size[0]}x{size[1]} pixels, higher than the picture ({height}).",
                hint=f"Give a --logo-size of at most {height * wide / (high * width):.2f}.",
            )
        self._told |= {"size": list(size), "place": self._place, "opacity": self._opacity}
        # premultiplied, so that the colour of what is transparent does not bleed into the edge
        whole = Image.fromarray(self._pixels, "RGBA").convert("RGBa").resize(size, Image.Resampling.BICUBIC)
        values = np.asarray(whole).astype(np.float32)
        opacity = values[..., 3] / 255
        patch = Patch(x=0, y=0, colour=np.minimum(values[..., :3], values[..., 3:]), opacity=opacity)
        return _placed(patch, (width, height), _shares(self._place), 0)


class Watermark:
    """The step: the text in faint rows all over the picture, light letters with a dark rim.

    Raises:
        InputError: see `lettering.choose_face`.
    """

    name = "watermark"
    look_ahead = 0

    def __init__(self, text: str, *, font: Path | None) -> None:
        self._text = " ".join(text.split())
        self._face = choose_face(text, font)
        self._told: dict[str, Any] = {
            "font": self._face.name, "opacity": {"letters": _MARK_LIGHT, "rim": _MARK_DARK},
        }  # fmt: skip

    def __call__(self, frames: FrameStream) -> FrameStream:
        pitch = max(SMALLEST_LINE_PX + 3, round(_MARK_SIZE * min(frames.width, frames.height)))
        self._told["line_px"] = pitch
        return _laid(frames, self._patch(frames.width, frames.height, pitch), lambda _: 1.0)

    def told(self) -> dict[str, Any]:
        return self._told

    def _patch(self, width: int, height: int, pitch: int) -> Patch:
        font = _font_of_height(self._face.at, pitch)
        letters, edge = (
            _over_all(
                _tile(_unit(lettered([self._text], font, pitch=pitch, align=0, pad=round(1.4 * pitch), stroke=stroke))),
                (width, height),
            )
            for stroke in (0, max(1, round(0.06 * pitch)))
        )
        light = _MARK_LIGHT * letters
        opacity = light + (1 - light) * _MARK_DARK * np.maximum(edge - letters, 0)
        return Patch(x=0, y=0, colour=np.repeat(255 * light[..., None], 3, axis=2), opacity=opacity)


# ── where and when ───────────────────────────────────────────────────────────────────────────────────────────────────


def _shares(place: Place) -> tuple[float, float]:
    """How far to the right and down a place is: 0, 0.5 or 1."""
    across = 0.0 if "left" in place else 1.0 if "right" in place else 0.5
    down = 0.0 if "top" in place else 1.0 if "bottom" in place else 0.5
    return across, down


def _placed(patch: Patch, frame: tuple[int, int], shares: tuple[float, float], pad: int) -> Patch:
    """The patch at its place, cut to the frame; `pad` pixels around it may reach into the margin."""
    starts = []
    for side, length, share in zip(frame, patch.opacity.shape[::-1], shares, strict=True):
        body = length - 2 * pad
        margin = max(0, min(round(MARGIN * side), (side - body) // 2))
        starts.append(round(margin + share * (side - body - 2 * margin)) - pad)
    x, y = starts
    cut = (
        slice(max(0, -y), min(patch.opacity.shape[0], frame[1] - y)),
        slice(max(0, -x), min(patch.opacity.shape[1], frame[0] - x)),
    )  # fmt: skip
    return Patch(x=max(x, 0), y=max(y, 0), colour=patch.colour[cut], opacity=patch.opacity[cut])


def _shown(begin: float, end: float, fades: tuple[float, float]) -> Callable[[float], float]:
    """How opaque something is at a time, that fades in and out for the given seconds (less where it is short)."""
    up, down = (min(fade, (end - begin) / 2) for fade in fades)

    def at(t: float) -> float:
        if not begin <= t <= end:
            return 0.0
        rising = (t - begin) / up if up else 1.0
        falling = (end - t) / down if down else 1.0
        return min(rising, falling, 1.0)

    return at


def _font_of_height(at: Callable[[float], Any], pitch: int) -> Any:  # FreeTypeFont
    """The font whose lines are `pitch` pixels high."""
    ascent, descent = at(100.0).getmetrics()
    return at(max(1.0, round(100 * pitch / (ascent + descent), 2)))


def _unit(grey: UInt8) -> Float32:
    return np.asarray(grey, dtype=np.float32) / 255


def _tile(word: Float32) -> Float32:
    """Two rows of a word, the second half a word on, that can be repeated."""
    return np.concatenate([word, np.roll(word, word.shape[1] // 2, axis=1)])


def _over_all(tile: Float32, size: tuple[int, int]) -> Float32:
    """A tile repeated over a frame (width, height), rising to the right."""
    turn = np.deg2rad(_MARK_TURN_DEG)
    back = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0]], np.float64)
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    u, v = back[0, 0] * x + back[0, 1] * y, back[1, 0] * x + back[1, 1] * y
    u, v = (np.mod(part, side).astype(np.float32) for part, side in ((u, tile.shape[1]), (v, tile.shape[0])))
    around = cv2.copyMakeBorder(tile, 2, 3, 2, 3, cv2.BORDER_WRAP)
    return np.clip(cv2.remap(around, u + 2, v + 2, cv2.INTER_CUBIC), 0, 1)


# ── blending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _laid(frames: FrameStream, patch: Patch, shown: Callable[[int], float]) -> FrameStream:
    """The frames with the patch over them, as opaque as `shown` says for each frame's number."""

    def each() -> Iterator[UInt8]:
        ready: tuple[float, Any, Any] = (0.0, None, None)
        for number, frame in enumerate(frames):
            share = shown(number)
            if share <= 0:
                yield frame
                continue
            if ready[0] != share:
                ready = (share, *_fixed(patch, share))
            out = frame.copy()
            height, width = patch.opacity.shape
            _blend(out[patch.y : patch.y + height, patch.x : patch.x + width], ready[1], ready[2])
            yield out

    return replace(frames, frames=each())


def _fixed(patch: Patch, share: float) -> tuple[Float32, Float32]:
    """What is left of the frame (h, w) and what is added (h, w, 3), in 1/32768 of a level."""
    left = np.rint(_ONE * (1 - share * patch.opacity)).clip(0, _ONE).astype(np.uint32)
    added = np.rint(_ONE * share * patch.colour).clip(0, 255 * _ONE).astype(np.uint32)
    return left, added


@njit(cache=True, nogil=True)
def _blend(frame: UInt8, left: Float32, added: Float32) -> None:
    """Blend into a part of a frame that is already our own."""
    for y in range(frame.shape[0]):
        for x in range(frame.shape[1]):
            for c in range(3):
                level = (np.uint32(frame[y, x, c]) * left[y, x] + added[y, x, c] + np.uint32(16384)) >> np.uint32(15)
                frame[y, x, c] = np.uint8(min(level, np.uint32(255)))
