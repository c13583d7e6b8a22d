"""The sound of clips beside a video: copied untouched where nothing changes in time, else decoded, edited, encoded.

    clips ─▶ samples of each ─▶ cross-faded, joined ─▶ faded ─▶ encoded ─┐
    video ─────────────────────────────── packets copied ────────────────┴▶ one file, in order of time

Knows packets and what containers hold; what is done to samples is in `sound_samples`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import av.error
import numpy as np

from stillmotion.errors import Cancelled
from stillmotion.media.encoding import FORMATS
from stillmotion.media.sound_samples import RATE, Samples, Sound, Track, audio_frame, silence

__all__ = ["Track", "add_sound", "has_sound"]

_MP4 = ("aac", "mp3", "ac3", "eac3", "alac", "opus")
_COPIED = {
    ".mp4": _MP4, ".m4v": ("aac", "ac3", "eac3", "alac"), ".webm": ("opus", "vorbis"),
    ".mov": ("aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"),
    ".mkv": (*_MP4, "vorbis", "flac", "dts", "truehd", "mp2", "pcm_s16le", "pcm_s24le"),
}  # fmt: skip
"""File ending -> the codecs that players expect in it."""
_ENCODERS = {".webm": "libopus"}  # elsewhere AAC
_BIT_RATE = 192_000
_OWN_TAGS = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")  # the new file has its own


def has_sound(path: Path) -> bool:
    """Whether a file holds sound that can be decoded."""
    try:
        with av.open(str(path)) as container:
            return any(stream.codec_context is not None for stream in container.streams.audio)
    except (av.error.FFmpegError, OSError):
        return False  # a folder of pictures, say


def add_sound(
    video: Path, tracks: Sequence[Track], out: Path, *,
    suffix: str, overlap: float = 0.0, fade_in: float = 0.0, fade_out: float = 0.0, cancel: Event | None = None,
) -> str:  # fmt: skip
    """Write the pictures of `video` and the sound of the tracks, one after another, to `out`; returns what was done.

    A clip without sound is silent for its length. The sound is as long as the pictures of its track; what it has before
    and after them is left out.

    Args:
        suffix: the container by its file ending.
        overlap: seconds by which each track is cross-faded into the next, with equal power.
        fade_in, fade_out: seconds.

    Raises:
        InputError: a sound track cannot be decoded.
        Cancelled: `cancel` was set.
    """
    alone = len(tracks) == 1 and tracks[0].untouched and fade_in == fade_out == 0
    copied = _codec(tracks[0].path) if alone else None
    options = {"movflags": "use_metadata_tags+faststart"} if suffix in (".mp4", ".m4v", ".mov") else {}
    with av.open(str(video)) as pictures, av.open(str(out), "w", format=FORMATS[suffix], options=options) as made:
        made.metadata.update({key: text for key, text in pictures.metadata.items() if key.lower() not in _OWN_TAGS})
        source = pictures.streams.video[0]
        shown = _of(
            _added(made, source, tagged=bool(options)),
            _dated(packet for packet in pictures.demux(source) if packet.size),
        )
        if copied is not None and copied in _COPIED[suffix]:
            with av.open(str(tracks[0].path)) as container:
                sound = container.streams.audio[0]
                heard = _of(_added(made, sound, tagged=False), _shifted(container, sound, tracks[0]))
                _mux(made, shown, heard, cancel)
            return f"copied ({copied})"
        encoder = _ENCODERS.get(suffix, "aac")
        stream: Any = made.add_stream(encoder, rate=RATE, layout="stereo")
        stream.bit_rate = _BIT_RATE
        with tempfile.TemporaryDirectory(prefix="stillmotion-") as scratch:
            sounds = [
                Sound(track, Path(scratch) / str(i), cancel) if has_sound(track.path) else None
                for i, track in enumerate(tracks)
            ]
            total = sum(round(track.seconds * RATE) for track in tracks) - round(overlap * RATE) * (len(tracks) - 1)
            blocks = _faded(_joined([*map(_blocks, sounds, tracks)], overlap), total, fade_in, fade_out)
            _mux(made, shown, _encoded(blocks, stream), cancel)
    return _told(encoder, sum(sound.damaged for sound in sounds if sound is not None))


def _told(encoder: str, damaged: int) -> str:
    more = f"; {damaged} damaged packets are silent" if damaged else ""
    return f"encoded ({encoder}, stereo, {_BIT_RATE // 1000} kb/s{more})"


def _added(made: Any, source: Any, *, tagged: bool) -> Any:
    """A stream like that one for its packets."""
    target = made.add_stream_from_template(source, opaque=True)
    if tagged:  # four letters that players look for (hvc1, apcn), which the template leaves out
        target.codec_context.codec_tag = source.codec_context.codec_tag
    return target


def _codec(path: Path) -> str | None:
    """The codec of the first sound track; none where its packets do not say when they are heard."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        first = next((packet for packet in _up_to_damage(container.demux(stream)) if packet.size), None)
        return None if first is None or first.pts is None else str(stream.codec_context.codec.canonical_name)


# ── packets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of(target: Any, packets: Iterator[Any]) -> Iterator[Any]:
    for packet in packets:
        packet.stream = target
        yield packet


def _up_to_damage(packets: Iterator[Any]) -> Iterator[Any]:
    """Packets until the file cannot be followed any more."""
    with suppress(av.error.FFmpegError):
        yield from packets


def _dated(packets: Iterator[Any]) -> Iterator[Any]:
    """Packets with times of decoding: Matroska leaves out the first ones where pictures are reordered."""
    undated: list[Any] = []
    for packet in packets:
        if packet.dts is None:
            undated.append(packet)
            continue
        for back, early in enumerate(reversed(undated), 1):
            early.dts = packet.dts - back * max(1, packet.duration or 0)
        yield from undated
        undated.clear()
        yield packet
    for packet in undated:  # so short a clip that none is dated
        packet.dts = packet.pts
        yield packet


def _shifted(container: Any, sound: Any, track: Track) -> Iterator[Any]:
    """The packets that are heard with the pictures, counted from the first picture on."""
    shift, last = round(Fraction(track.begin) / sound.time_base), -(1 << 62)
    for packet in _up_to_damage(container.demux(sound)):
        if not packet.size or packet.pts is None or packet.pts <= last:
            continue
        last = packet.pts
        packet.pts -= shift
        packet.dts = packet.pts
        if (packet.pts + (packet.duration or 0)) * sound.time_base <= 0:
            continue
        if packet.pts * sound.time_base >= track.seconds:
            return
        yield packet


def _mux(made: Any, shown: Iterator[Any], heard: Iterator[Any], cancel: Event | None) -> None:
    """Both kinds of packets in order of time, so that neither has to wait in memory."""
    picture, sound = next(shown, None), next(heard, None)
    while picture is not None or sound is not None:
        if cancel is not None and cancel.is_set():
            raise Cancelled("The video was stopped on request.")
        if sound is None or (picture is not None and _time(picture) <= _time(sound)):
            made.mux(picture)
            picture = next(shown, None)
        else:
            made.mux(sound)
            sound = next(heard, None)


def _time(packet: Any) -> float:
    return float(packet.dts * packet.time_base)


def _encoded(blocks: Iterator[Samples], stream: Any) -> Iterator[Any]:
    at = 0
    for block in blocks:
        if len(block):
            frame = audio_frame(block)
            frame.pts, at = at, at + len(block)
            yield from stream.encode(frame)
    yield from stream.encode(None)


# ── samples of several tracks ────────────────────────────────────────────────────────────────────────────────────────


def _blocks(sound: Sound | None, track: Track) -> Iterator[Samples]:
    return silence(round(track.seconds * RATE)) if sound is None else sound.blocks()


def _joined(tracks: Sequence[Iterator[Samples]], overlap: float) -> Iterator[Samples]:
    """One after another; the end of each and the beginning of the next are mixed with equal power."""
    count = round(overlap * RATE)
    angle = ((np.arange(count) + 0.5) / max(count, 1) * np.pi / 2)[:, None]
    tail: Samples = np.zeros((0, 2), np.int16)
    for number, track in enumerate(tracks):
        if number and count:
            head = _first(track, count)
            mixed = tail * np.cos(angle) + head[:count] * np.sin(angle)
            yield np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
            tail = head[count:]
        for block in track:
            tail = np.concatenate([tail, block])
            yield tail[: max(0, len(tail) - count)]
            tail = tail[max(0, len(tail) - count) :]
    yield tail


def _first(track: Iterator[Samples], count: int) -> Samples:
    """Whole blocks from its beginning, at least as many samples."""
    blocks = [np.zeros((0, 2), np.int16)]
    while sum(map(len, blocks)) < count and (block := next(track, None)) is not None:
        blocks.append(block)
    return np.concatenate(blocks)


def _faded(blocks: Iterator[Samples], total: int, fade_in: float, fade_out: float) -> Iterator[Samples]:
    at = 0
    for block in blocks:
        place = at + np.arange(len(block))
        at += len(block)
        gain = np.ones(len(block))
        if fade_in:
            gain = np.minimum(gain, place / (fade_in * RATE))
        if fade_out:
            gain = np.minimum(gain, (total - place) / (fade_out * RATE))
        yield block if gain.min(initial=1.0) >= 1 else np.rint(block * np.clip(gain, 0, 1)[:, None]).astype(np.int16)
