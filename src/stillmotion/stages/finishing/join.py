"""Clips one after the other, melting into one another. Knows several streams and one frame of each at a time.

    first   ───────────▶╲
                         ╳  `overlap`: both are read in step and blended, nothing is kept
    second            ──▶╱──────────▶╲ ...

The first clip's frame and rate are those of the whole; the others are fitted into them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from stillmotion.errors import InputError
from stillmotion.types import FrameStream, UInt8

_ALIKE = 1e-5  # relative difference of rates that counts as none


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where a clip is in the whole; parts overlap by the cross-fade."""

    begin_s: float
    seconds: float  # on the common rate
    begin: int  # frame of the whole
    count: int  # frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Clips as one."""

    frames: FrameStream
    parts: tuple[Part, ...]  # one for each clip
    notes: tuple[str, ...]  # what had to be changed to fit


def joined(clips: Sequence[FrameStream], *, overlap: float) -> Joined:
    """One stream of clips in order, each melting into the next over `overlap` seconds (0: a cut).

    A clip of another size is scaled into the first one's frame, with bars where its shape differs; one of another rate
    is laid on the first one's by holding or leaving out frames: it lasts as long as before.

    Levels are blended, not light: equal steps of a level look about equal, while in blended light the brighter clip is
    there at once and the darker one never quite.

    Raises:
        InputError: a clip is not longer than the cross-fades at its ends together.
    """
    if not clips:
        raise InputError("There is no clip to join.")
    width, height, fps = clips[0].width, clips[0].height, clips[0].fps
    melting = round(overlap * fps)
    if overlap > 0:
        melting = max(1, melting)
    notes = tuple(note for number, clip in enumerate(clips, 1) for note in _differences(clip, clips[0], number))
    fitted = [_on_rate(_in_frame(clip, width, height), fps) for clip in clips]
    _check(fitted, melting, fps)
    parts: list[Part] = []
    begin = 0
    for clip in fitted:
        parts.append(Part(begin_s=begin / fps, seconds=clip.count / fps, begin=begin, count=clip.count))
        begin += clip.count - melting
    count = parts[-1].begin + parts[-1].count
    frames = FrameStream(frames=_each(fitted, melting), width=width, height=height, fps=fps, count=count)
    return Joined(frames=frames, parts=tuple(parts), notes=notes)


def _check(clips: Sequence[FrameStream], melting: int, fps: float) -> None:
    for number, clip in enumerate(clips, 1):
        ends = (number > 1) + (number < len(clips))
        if clip.count <= ends * melting:
            raise InputError(
                f"Clip {number} lasts {clip.count / fps:.2f} s, and {ends} cross-fade{'s' * (ends > 1)} of "
                f"{melting / fps:.2f} s {'need' if ends > 1 else 'needs'} more.",
                hint=f"Choose a cross-fade shorter than {clip.count / fps / ends:.2f} s.",
            )


def _each(clips: Sequence[FrameStream], melting: int) -> Iterator[UInt8]:
    sources = [iter(clip) for clip in clips]
    for number, (clip, source) in enumerate(zip(clips, sources, strict=True)):
        last = number == len(clips) - 1
        alone = clip.count - (number > 0) * melting - (not last) * melting
        yield from islice(source, alone)
        if not last:
            for step in range(1, melting + 1):
                yield _blend(next(source), next(sources[number + 1]), step / (melting + 1))


def _blend(leaving: UInt8, coming: UInt8, share: float) -> UInt8:
    return np.asarray(cv2.addWeighted(leaving, 1 - share, coming, share, 0), dtype=np.uint8)


def _differences(clip: FrameStream, first: FrameStream, number: int) -> Iterator[str]:
    if (clip.width, clip.height) != (first.width, first.height):
        width, height = _inside(clip, first.width, first.height)
        scaled = "" if (width, height) == (clip.width, clip.height) else f", scaled to {width}x{height}"
        bars = "" if (width, height) == (first.width, first.height) else ", with bars beside it"
        own = f"{clip.width}x{clip.height} pixels"
        yield f"Clip {number} has {own} and was put into the first one's frame{scaled}{bars}."
    if not _same_rate(clip.fps, first.fps):
        what = "left out" if clip.fps > first.fps else "held"
        yield f"Clip {number} has {clip.fps:g} frames per second; frames were {what} to make {first.fps:g}."


def _same_rate(one: float, other: float) -> bool:
    return abs(one - other) <= _ALIKE * other


def _inside(clip: FrameStream, width: int, height: int) -> tuple[int, int]:
    """The largest size of the clip's shape within the frame; a difference of a pixel counts as none."""
    scale = min(width / clip.width, height / clip.height)
    fitted = (max(1, round(clip.width * scale)), max(1, round(clip.height * scale)))
    return width if width - fitted[0] <= 1 else fitted[0], height if height - fitted[1] <= 1 else fitted[1]


def _in_frame(clip: FrameStream, width: int, height: int) -> FrameStream:
    if (clip.width, clip.height) == (width, height):
        return clip
    size = _inside(clip, width, height)
    smaller = size[0] < clip.width or size[1] < clip.height
    by = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    left, top = (width - size[0]) // 4 * 2, (height - size[1]) // 4 * 2  # even, for the halved colour of video files

    def each() -> Iterator[UInt8]:
        for frame in clip:
            whole = np.zeros((height, width, 3), np.uint8)
            whole[top : top + size[1], left : left + size[0]] = cv2.resize(frame, size, interpolation=by)
            yield whole

    return FrameStream(frames=each(), width=width, height=height, fps=clip.fps, count=clip.count)


def _on_rate(clip: FrameStream, fps: float) -> FrameStream:
    """The clip at another rate: at each time the frame that was shown then."""
    if _same_rate(clip.fps, fps):
        return FrameStream(frames=clip.frames, width=clip.width, height=clip.height, fps=fps, count=clip.count)
    count = max(1, round(clip.count / clip.fps * fps))

    def each() -> Iterator[UInt8]:
        source = iter(clip)
        at, frame = 0, next(source)
        for number in range(count):
            wanted = min(int((number + 0.5) / fps * clip.fps), clip.count - 1)  # half a tick on: no ties
            while at < wanted:
                at, frame = at + 1, next(source)
            yield frame

    return FrameStream(frames=each(), width=clip.width, height=clip.height, fps=fps, count=count)
