"""How the light of two frames differs where they show the same: tone curves and a coarse field. Knows two thumbnails.

    thumbs A, B ─flow on pictures without light─▶ pairs of levels (a, b) of the same places
        curve D: b - a over the level (a + b) / 2, per channel, robust       exposure, gamma, contrast, white balance
        field G: what is left of the luma, relative, in a coarse grid        lamps, bands, shadows of a shutter

Levels are fitted over the middle of the two, never over one of them: noise and small errors of the flow then cancel
instead of looking like a loss of contrast, and the change back is exactly the change forth with its sign turned. What
enters, leaves or is covered fits no curve and is left out by its residual (Tukey's weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from stillmotion.evaluation.dynamic_degree import Dis
from stillmotion.stages.finishing.flow import agreement, along, grid
from stillmotion.types import Float32, Float64, UInt8

SIDE = 160  # pixels: longer side of a thumbnail
KNOTS = 9
LEVELS: Float32 = (255 * np.linspace(0, 1, KNOTS) ** 2).astype(np.float32)  # close together in the dark, as light is
FIELD = (16, 10)  # cells down and across; bands of a rolling shutter lie across
CLIPPED = (3.0, 252.0)  # levels beyond which a pixel no longer says how bright it was
_PLACES = np.float32((KNOTS - 1) / np.sqrt(255))
_PLAIN_SIGMA = 5.0  # pixels of a thumbnail
_STEEP = 10.0  # levels of change per pixel at which a pixel counts half: there an error of the flow is one of tone
_BEND = 0.02  # how much a curve resists bending where many levels speak; where none does it goes on straight
_TILT = 0.002
_UNLIKE = np.float32(32)  # levels of `plain` by which a place and its match may differ
_OFF = 6.0  # levels: the least residual at which a pixel is left out
_CELL_NOISE = 0.1  # of a usual cell's weight: how much a cell leans on those around it
LIFT = 12.0  # levels added before a relative change is taken: black is not without light
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True)
class Thumb:
    """What is kept of a frame to compare its light with others'."""

    rgb: Float32  # (h, w, 3) levels
    plain: UInt8  # (h, w) without local mean and contrast: the same in any light
    sure: Float32  # (h, w) in (0, 1]: small at steep edges
    lost: float  # share of pixels at white or black


@dataclass(frozen=True, slots=True)
class Change:
    """The change of light from one frame to another."""

    curve: Float32  # (3, KNOTS) levels to add at the levels LEVELS, which are the middle of before and after
    field: Float32  # FIELD relative change at the place in the first frame
    field_back: Float32  # FIELD relative change of the way back, at the place in the second frame
    colour: float  # log of the change of saturation that the curves leave
    seen: Float32  # (KNOTS,) share of the pixels near each level
    share: float  # [0, 1] of the thumbnail that was found in both and fits
    lift: float  # mean change of luma, levels
    rest: float  # mean change that neither curve nor field explains, levels

    def back(self) -> Change:
        """The change from the other frame to the one."""
        return Change(
            -self.curve, self.field_back, self.field, -self.colour, self.seen, self.share, -self.lift, self.rest
        )

    def added(self) -> Float32:
        """(3, KNOTS) levels to add at the levels LEVELS of the first frame."""
        out = np.empty((3, KNOTS), np.float32)
        for channel, change in enumerate(self.curve):
            before = np.maximum.accumulate(LEVELS - change / 2)
            out[channel] = np.interp(LEVELS, before, change)
        return out


class Thumbs:
    """Makes and compares the thumbnails of one video.

    With `soft` pixels of blur, texture that a camera resolves as it comes nearer does not count as contrast.
    """

    def __init__(self, width: int, height: int, *, soft: float = 0.0) -> None:
        self._soft = soft
        scale = min(1.0, SIDE / max(width, height))
        self.size = (max(24, round(width * scale)), max(24, round(height * scale)))
        self._dis = Dis()
        self._x, self._y = grid(self.size[1], self.size[0])

    def __call__(self, frame: UInt8) -> Thumb:
        """The thumbnail of a frame (H, W, 3)."""
        rgb: Float32 = cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA).astype(np.float32)
        luma = np.log2(rgb @ _LUMA + 8)
        luma -= cv2.GaussianBlur(luma, (0, 0), _PLAIN_SIGMA)
        contrast = np.sqrt(cv2.GaussianBlur(luma * luma, (0, 0), _PLAIN_SIGMA)) + 0.03
        plain = np.clip(np.rint(128 + 48 * luma / contrast), 0, 255).astype(np.uint8)
        if self._soft:
            rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), self._soft), dtype=np.float32)
        grey = rgb.mean(axis=2)
        steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8))
        lost = float(((grey < CLIPPED[0]) | (grey > CLIPPED[1])).mean())
        return Thumb(rgb, plain, np.asarray(1 / (1 + (steep / _STEEP) ** 2), np.float32), lost)

    def compare(self, one: Thumb, other: Thumb) -> Change:
        """The change of light from one thumbnail to another of the same scene."""
        flow = self._dis(one.plain, other.plain)
        back = self._dis(other.plain, one.plain)
        x, y = self._x + flow[..., 0], self._y + flow[..., 1]
        there = cv2.remap(other.rgb, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        sure = np.minimum(one.sure, cv2.remap(other.sure, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        sure *= agreement(flow, back)
        there_plain = along(other.plain, flow)
        sure *= np.exp(-np.square(cv2.blur(cv2.absdiff(one.plain, there_plain), (5, 5)) / _UNLIKE))
        sure[(x < 0) | (y < 0) | (x > self.size[0] - 1) | (y > self.size[1] - 1)] = 0
        return _change(one.rgb, there, sure, x, y)


def _change(one: Float32, there: Float32, sure: Float32, x: Float32, y: Float32) -> Change:
    weight = sure.copy()
    curve = np.zeros((3, KNOTS), np.float32)
    light: Float32 = np.zeros(sure.shape, np.float32)
    seen = np.full(KNOTS, 1 / KNOTS)
    for again in range(3):
        own, beside, pull, seen = _counted(one, there, weight, light)
        if seen.sum() > 0.002 * sure.size:
            curve = _fitted(own, beside, pull)
        cells, sums = _fields(one, there, curve, weight, light, x, y)
        field = _spread(cells[0], cells[1])
        if again < 2:
            light = cv2.resize(field, (sure.shape[1], sure.shape[0]), interpolation=cv2.INTER_LINEAR)
            _weigh(one, there, curve, light, sure, weight, np.float32(1 - again))
    pairs = max(sums[0], 1e-6)
    return Change(
        curve=curve, field=field, field_back=_spread(cells[2], cells[3]),
        colour=0.5 * float(np.log((sums[3] + 4 * pairs) / (sums[2] + 4 * pairs))),
        seen=np.asarray(seen / max(float(seen.sum()), 1e-6), np.float32),
        share=float(weight.sum()) / sure.size, lift=_lift(one, there, sure, max(float(sure.sum()), 1e-6)),
        rest=float(sums[1] / pairs),
    )  # fmt: skip


def _spread(total: Float64, weighted: Float64) -> Float32:
    """The field FIELD from the sums of its cells: cells that know little take from those around them."""
    least = _CELL_NOISE * (total.mean() + 1e-6)
    near = cv2.GaussianBlur(total, (3, 3), 0.7)
    value = cv2.GaussianBlur(weighted, (3, 3), 0.7)
    wide = cv2.GaussianBlur(weighted, (0, 0), 2) / (cv2.GaussianBlur(total, (0, 0), 2) + least)
    return np.asarray((value + least * wide) / (near + least), np.float32)


def _lift(one: Float32, there: Float32, sure: Float32, inside: float) -> float:
    return float(((there - one) @ _LUMA * sure).sum()) / inside


def _fitted(own: Float64, beside: Float64, pull: Float64) -> Float32:
    """The three curves from the sums of their hat functions."""
    bend = np.diff(np.eye(KNOTS), n=2, axis=0)
    tilt = np.diff(np.eye(KNOTS), axis=0)
    out = np.empty((3, KNOTS), np.float32)
    for channel in range(3):
        total = own[channel].sum() + 1e-6
        matrix = np.diag(own[channel]) + np.diag(beside[channel], 1) + np.diag(beside[channel], -1)
        matrix = matrix / total + _BEND * bend.T @ bend + _TILT * tilt.T @ tilt + 1e-7 * np.eye(KNOTS)
        out[channel] = np.linalg.solve(matrix, pull[channel] / total)
    return out


@njit(cache=True, nogil=True)
def _counted(
    one: Float32, there: Float32, weight: Float32, light: Float32
) -> tuple[Float64, Float64, Float64, Float64]:
    """Sums for the least squares of each channel's curve, and the weight near each level."""
    own, beside, pull = np.zeros((3, KNOTS)), np.zeros((3, KNOTS - 1)), np.zeros((3, KNOTS))
    seen = np.zeros(KNOTS)
    for row in range(weight.shape[0]):
        for column in range(weight.shape[1]):
            w = weight[row, column]
            if w <= 0:
                continue
            for channel in range(3):
                a, b = one[row, column, channel], there[row, column, channel]
                if min(a, b) < CLIPPED[0] or max(a, b) > CLIPPED[1]:
                    continue
                knot = min(int(np.sqrt((a + b) / 2) * _PLACES), KNOTS - 2)
                right = ((a + b) / 2 - LEVELS[knot]) / (LEVELS[knot + 1] - LEVELS[knot])
                left = 1 - right
                own[channel, knot] += w * left * left
                own[channel, knot + 1] += w * right * right
                beside[channel, knot] += w * left * right
                change = b - a - light[row, column] * ((a + b) / 2 + LIFT)
                pull[channel, knot] += w * left * change
                pull[channel, knot + 1] += w * right * change
                seen[knot] += w * left
                seen[knot + 1] += w * right
    return own, beside, pull, seen


@njit(cache=True, nogil=True)
def _left(a: np.float32, b: np.float32, curve: Float32, channel: int) -> np.float32:
    """The change from a to b that a curve does not explain."""
    knot = min(int(np.sqrt((a + b) / 2) * _PLACES), KNOTS - 2)
    right = ((a + b) / 2 - LEVELS[knot]) / (LEVELS[knot + 1] - LEVELS[knot])
    return np.float32(b - a - (1 - right) * curve[channel, knot] - right * curve[channel, knot + 1])


@njit(cache=True, nogil=True)
def _weigh(
    one: Float32, there: Float32, curve: Float32, light: Float32, sure: Float32, weight: Float32, lenient: np.float32
) -> None:
    """Weights by how well each pixel fits the curves; the field may still explain a part, hence `lenient`."""
    height, width = sure.shape
    off = np.zeros((height, width), np.float32)
    counts = np.zeros(256)
    for row in range(height):
        for column in range(width):
            worst = np.float32(0)
            for channel in range(3):
                a, b = one[row, column, channel], there[row, column, channel]
                if min(a, b) >= CLIPPED[0] and max(a, b) <= CLIPPED[1]:
                    worst = max(worst, abs(_left(a, b, curve, channel) - light[row, column] * ((a + b) / 2 + LIFT)))
            off[row, column] = worst
            counts[min(int(worst), 255)] += sure[row, column]
    half, median = counts.sum() / 2, 0
    while median < 255 and counts[: median + 1].sum() < half:
        median += 1
    limit = max(_OFF, 3.0 * (median + 0.5)) * (1 + 2 * lenient)
    for row in range(height):
        for column in range(width):
            share = off[row, column] / limit
            weight[row, column] = 0 if share >= 1 else sure[row, column] * (1 - share * share) ** 2


@njit(cache=True, nogil=True)
def _fields(
    one: Float32, there: Float32, curve: Float32, weight: Float32, light: Float32, x: Float32, y: Float32
) -> tuple[Float64, Float64]:
    """What the curves leave of the luma.

    Returns sums over cells (4, FIELD): weight and weighted rest at the first frame, the same at the second, turned; and
    (weight, what the light leaves too, colour before, colour after).
    """
    height, width = weight.shape
    down, across = FIELD
    cells = np.zeros((4, down, across))
    sums = np.zeros(4)
    toned = np.zeros((2, 3), np.float32)
    for row in range(height):
        for column in range(width):
            w = weight[row, column]
            if w <= 0:
                continue
            luma, rest = np.float32(0), np.float32(0)
            clipped = False
            for channel in range(3):
                a, b = one[row, column, channel], there[row, column, channel]
                clipped = clipped or min(a, b) < CLIPPED[0] or max(a, b) > CLIPPED[1]
                luma += _LUMA[channel] * (a + b) / 2
                rest += _LUMA[channel] * _left(a, b, curve, channel)
            if clipped:
                continue
            sums[0] += w
            sums[1] += w * abs(rest - light[row, column] * (luma + LIFT))
            for channel in range(3):  # both are brought half way to the other by the curves
                a, b = one[row, column, channel], there[row, column, channel]
                half = (b - a - _left(a, b, curve, channel)) / 2
                toned[0, channel], toned[1, channel] = a + half, b - half
            mean_a, mean_b = toned[0].mean(), toned[1].mean()
            for channel in range(3):
                sums[2] += w * (toned[0, channel] - mean_a) ** 2
                sums[3] += w * (toned[1, channel] - mean_b) ** 2
            amount = w * (luma + LIFT)  # bright pixels tell a relative change better
            i, j = row * down // height, column * across // width
            cells[0, i, j] += amount * (luma + LIFT)
            cells[1, i, j] += amount * rest
            i, j = int(y[row, column]) * down // height, int(x[row, column]) * across // width
            cells[2, i, j] += amount * (luma + LIFT)
            cells[3, i, j] -= amount * rest
    return cells, sums


def relit(frame: UInt8, curve: Float32 | None, light: Float32 | None, *, colour: float = 0.0) -> UInt8:
    """The frame (H, W, 3) with its tone changed.

    Args:
        curve: (3, KNOTS) levels to add at LEVELS.
        light: FIELD relative change of the light.
        colour: log of the factor of saturation.
    """
    table = np.repeat(np.arange(256, dtype=np.float32)[:, None], 3, axis=1)
    if curve is not None:
        added = np.stack([np.interp(np.arange(256), LEVELS, each) for each in curve], axis=1).astype(np.float32)
        table += cv2.GaussianBlur(added, (1, 49), 8, borderType=cv2.BORDER_REPLICATE)
        table = np.maximum.accumulate(table, axis=0)
    if light is None and not colour:
        whole = np.clip(np.rint(table), 0, 255).astype(np.uint8)
        return np.asarray(cv2.LUT(frame, whole[None]), dtype=np.uint8)
    levels: Float32 = np.asarray(cv2.LUT(frame, table[None]), dtype=np.float32)
    if light is not None:
        gain = cv2.resize(
            cv2.GaussianBlur(light, (3, 3), 0.6), (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_CUBIC
        )
        levels += gain[..., None] * (levels + LIFT)
    if colour:
        factor = np.float32(np.exp(colour))
        levels = cv2.transform(levels, factor * np.eye(3, dtype=np.float32) + (1 - factor) * _LUMA)
    return np.asarray(np.rint(np.clip(levels, 0, 255)), dtype=np.uint8)


def believed(change: Change) -> float:
    """How far a change can be believed, in [0, 1]: much of the picture found again, little left over."""
    return min(1.0, change.share / 0.2) ** 2 / (1 + (change.rest / 3) ** 2)
