"""Sound at another speed with its pitch kept, and each beat exactly where its picture is.

WSOLA (Verhelst and Roelands 1993): overlapping pieces are laid out by their middles, each from where it goes on best
from the one before. What is new is what happens at an onset (a beat, a step, a clap):

    onset e of the source ─▶ e / speed of the result
    pieces that end before it          hold nothing of what begins there
    pieces around it                   are copied so that it falls there, to the sample
    pieces that begin behind it        hold nothing of what was before

FFmpeg's atempo, measured on short beeps, has them 10 to 130 ms early, the earlier the slower. Knows samples, no files.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import njit

from stillmotion.types import Float32, Float64

Samples = np.ndarray[Any, np.dtype[np.int16]]  # (n, 2)

_HOP = 1024  # samples at 48 kHz: 21 ms
_PIECE = 2 * _HOP
_REACH = 720  # samples a piece may be off its place: 15 ms, one period of 67 Hz
_COARSE = 4  # samples between the places that are tried first
_NEARNESS = 0.05  # what the rim of the reach costs, in correlation
_FRAME = 240  # samples whose energy is taken together: 5 ms
_BEFORE = 8  # frames an onset is compared with
_RISE = 8.0  # times the energy before it
_QUIET = 2e5  # energy of a frame that is no sound yet


def stretched(blocks: Iterator[Samples], speed: float) -> Iterator[Samples]:
    """Blocks at `speed` times their speed; as many samples as before, divided by it, and a piece more."""
    source = _Source(blocks, apart=round(_PIECE * max(1.0, speed) * 1.5))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_PIECE) / _PIECE))[:, None]
    half: Float64 = np.zeros((_HOP, 2))
    follows, number = -_HOP, 0
    while True:
        nominal = round(speed * number * _HOP) - _HOP
        if source.over(nominal):
            yield _whole(half)
            return
        low, high = source.reach(nominal, (number - 1) * _HOP, speed)
        first = min(low, follows)
        part = source.part(first, max(high, follows) + _PIECE)
        start = low
        if number and low < high:
            mono = part.astype(np.float32).sum(axis=1)
            start = first + int(_best(mono, follows - first, low - first, high - first, nominal - first))
        piece = part[start - first : start - first + _PIECE] * window
        if number:
            yield _whole(half + piece[:_HOP])
        half, follows, number = piece[_HOP:], start + _HOP, number + 1


def _whole(values: Float64) -> Samples:
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


class _Source:
    """Any part of a stream of samples, as long as the parts move on, with silence around; and its onsets."""

    def __init__(self, blocks: Iterator[Samples], *, apart: int) -> None:
        self._blocks, self._apart = blocks, apart
        self._held: Samples = np.zeros((4 * _PIECE, 2), np.int16)
        self._first = -len(self._held)
        self._end: int | None = None
        self._onsets: list[int] = []
        self._energies: Float64 = np.full(_BEFORE, _QUIET)
        self._heard = 0  # samples that were looked through for onsets

    def over(self, place: int) -> bool:
        """Whether a piece from here has its middle behind the last sample."""
        self._load(place + 6 * _PIECE)
        return self._end is not None and place + _HOP > self._end

    def part(self, low: int, high: int) -> Samples:
        """Samples from `low` to before `high`."""
        self._load(high)
        if low - self._first > 1 << 17:
            kept = low - self._first - 4 * _PIECE
            self._held, self._first = self._held[kept:], self._first + kept
        return self._held[low - self._first : high - self._first]

    def reach(self, nominal: int, begin: int, speed: float) -> tuple[int, int]:
        """Where a piece may begin that starts at sample `begin` of the result."""
        low, high = nominal - _REACH, nominal + _REACH
        next_one = bisect_right(self._onsets, begin * speed)
        if next_one:  # it begins behind this onset
            low = max(low, self._onsets[next_one - 1])
            high = max(low + _COARSE, high)
        if next_one < len(self._onsets):
            onset = self._onsets[next_one]
            ahead = round(onset / speed) - begin  # samples of the piece before it
            if ahead < _PIECE:
                return onset - ahead, onset - ahead
            high = min(high, onset - _PIECE)
            low = min(low, high - _COARSE)
        return low, high

    def _load(self, high: int) -> None:
        pieces = [self._held]
        last = self._first + len(self._held)
        while last < high:
            block = next(self._blocks, None) if self._end is None else None
            if block is None:
                self._end = last if self._end is None else self._end
                block = np.zeros((high - last, 2), np.int16)
            pieces.append(block)
            last += len(block)
        if len(pieces) > 1:
            self._held = np.concatenate(pieces)
            self._listen()

    def _listen(self) -> None:
        """Find the onsets in what is new: much more energy of the higher tones than shortly before."""
        mono = self._held[self._heard - self._first - 1 :].astype(np.float64).sum(axis=1)
        frames = (len(mono) - 1) // _FRAME
        sharp = np.diff(mono)[: frames * _FRAME].reshape(frames, _FRAME)
        energies = np.concatenate([self._energies, np.square(sharp).sum(axis=1)])
        for frame in range(frames):
            before = max(energies[frame : frame + _BEFORE].mean(), _QUIET)
            at = self._heard + frame * _FRAME
            if energies[frame + _BEFORE] > _RISE * before and (not self._onsets or at - self._onsets[-1] > self._apart):
                level = np.abs(sharp[frame])
                self._onsets.append(at + int(np.argmax(level > level.max() / 4)))
        self._energies = energies[-_BEFORE:]
        self._heard += frames * _FRAME


@njit(cache=True, nogil=True)
def _best(mono: Float32, follows: int, low: int, high: int, nominal: int) -> int:
    """Where between `low` and `high` the piece begins that goes on best from `follows`, rather near `nominal`."""
    best, score = low, -9.0
    for place in range(low, high + 1, _COARSE):
        found = _alike(mono, follows, place, nominal, _COARSE)
        if found > score:
            best, score = place, found
    middle, score = best, -9.0
    for place in range(max(low, middle - _COARSE), min(high, middle + _COARSE) + 1):
        found = _alike(mono, follows, place, nominal, 1)
        if found > score:
            best, score = place, found
    return best


@njit(cache=True, nogil=True)
def _alike(mono: Float32, follows: int, place: int, nominal: int, step: int) -> float:
    """Correlation of what follows with the piece at `place`, less the distance to the nominal place."""
    product = one = other = 1e-3
    for i in range(0, _HOP, step):
        a, b = mono[follows + i], mono[place + i]
        product += a * b
        one += a * a
        other += b * b
    off = (place - nominal) / _REACH
    return float(product / np.sqrt(one * other) - _NEARNESS * off * off)
