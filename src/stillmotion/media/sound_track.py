"""The sound of clips beside a video: copied untouched where nothing changes in time, else decoded, edited, encoded.

    clips ─▶ decoded to a scratch file ─▶ time-stretched, turned round, faded, joined ─▶ encoded ─┐
    video ─────────────────────────────── packets copied ────────────────────────────────────────┴▶ one file

Speech and music keep their pitch at a constant speed (WSOLA, FFmpeg's atempo); in a speed ramp the pitch follows the
speed, as on a tape. Knows samples and packets, no pictures.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
import av.filter
import numpy as np

from stillmotion.errors import InputError
from stillmotion.media.encoding import FORMATS
from stillmotion.types import Float64

RATE = 48_000
_BLOCK = 1 << 15
_COPIED = {
    ".mp4": ("aac", "mp3", "ac3", "eac3", "alac"), ".m4v": ("aac", "mp3", "ac3"), ".mkv": ("aac", "mp3", "ac3", "eac3",
    "opus", "vorbis", "flac", "pcm_s16le"), ".mov": ("aac", "mp3", "ac3", "alac", "pcm_s16le"), ".webm": ("opus", "vorbis"),
}  # fmt: skip
_ENCODERS = {".webm": "libopus"}  # elsewhere AAC
_BIT_RATE = 192_000

Samples = np.ndarray[Any, np.dtype[np.int16]]  # (n, 2) at RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The sound of one clip and how its time is changed."""

    path: Path
    begin: float  # seconds of the clip's own time at which the pictures begin
    seconds: float  # length it is given, as long as its pictures
    tempo: float = 1.0  # constant speed; the pitch stays
    source_time: Callable[[Float64], Float64] | None = None  # seconds of the result -> of the clip, for a speed ramp
    backwards: bool = False

    @property
    def untouched(self) -> bool:
        """Whether the sound goes through as it is."""
        return self.tempo == 1 and self.source_time is None and not self.backwards


def has_sound(path: Path) -> bool:
    """Whether a file holds sound that can be decoded."""
    try:
        with av.open(str(path)) as container:
            return bool(container.streams.audio)
    except av.error.FFmpegError:
        return False  # a folder of pictures, say


def add_sound(
    video: Path, tracks: Sequence[Track], out: Path, *,
    suffix: str, overlap: float = 0.0, fade_in: float = 0.0, fade_out: float = 0.0,
) -> str:  # fmt: skip
    """Write the pictures of `video` and the sound of the tracks, one after another, to `out`; returns what was done.

    Args:
        suffix: the container by its file ending.
        overlap: seconds by which each track is cross-faded into the next.
        fade_in, fade_out: seconds.

    Raises:
        InputError: a sound track cannot be decoded.
    """
    alone = len(tracks) == 1 and tracks[0].untouched and fade_in == fade_out == 0
    options = {"movflags": "use_metadata_tags+faststart"} if suffix in (".mp4", ".m4v", ".mov") else {}
    with av.open(str(video)) as pictures, av.open(str(out), "w", format=FORMATS[suffix], options=options) as made:
        made.metadata.update(pictures.metadata)
        source = pictures.streams.video[0]
        target = made.add_stream_from_template(source)
        if alone and _codec(tracks[0].path) in _COPIED[suffix]:
            _copy(pictures, source, target, made, tracks[0])
            return f"copied ({_codec(tracks[0].path)})"
        encoder = _ENCODERS.get(suffix, "aac")
        sound = made.add_stream(encoder, rate=RATE, layout="stereo")
        sound.bit_rate = _BIT_RATE
        for packet in _packets(pictures, source):
            packet.stream = target
            made.mux(packet)
        with tempfile.TemporaryDirectory(prefix="stillmotion-") as scratch:
            joined = _joined([_edited(track, Path(scratch) / str(i)) for i, track in enumerate(tracks)], overlap)
            total = sum(round(track.seconds * RATE) for track in tracks) - round(overlap * RATE) * (len(tracks) - 1)
            _encode(_faded(joined, total, fade_in, fade_out), sound, made)
        return f"encoded ({encoder}, {_BIT_RATE // 1000} kb/s)"


def _codec(path: Path) -> str:
    with av.open(str(path)) as container:
        return str(container.streams.audio[0].codec_context.codec.canonical_name)


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    return (packet for packet in container.demux(stream) if packet.dts is not None)


def _copy(pictures: Any, source: Any, target: Any, made: Any, track: Track) -> None:
    """Both kinds of packets in order of time; the sound keeps its distance to the pictures."""
    with av.open(str(track.path)) as container:
        sound = container.streams.audio[0]
        sound_target = made.add_stream_from_template(sound)
        shift = round(track.begin / sound.time_base)
        waiting = _packets(pictures, source)
        picture = next(waiting, None)
        for packet in _packets(container, sound):
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            if packet.pts + (packet.duration or 0) <= 0:
                continue  # before the first picture
            if packet.pts * sound.time_base >= track.seconds:
                break
            while picture is not None and picture.dts * source.time_base <= packet.dts * sound.time_base:
                picture.stream = target
                made.mux(picture)
                picture = next(waiting, None)
            packet.stream = sound_target
            made.mux(packet)
        while picture is not None:
            picture.stream = target
            made.mux(picture)
            picture = next(waiting, None)


def _edited(track: Track, scratch: Path) -> Iterator[Samples]:
    """Blocks of the track, exactly as long as it shall be; silence where it has none."""
    samples = _decoded(track, scratch)
    if track.source_time is not None:
        blocks = _ramped(samples, track)
    elif track.backwards:
        blocks = (samples[max(0, end - _BLOCK) : end][::-1] for end in range(len(samples), 0, -_BLOCK))
    else:
        blocks = (samples[start : start + _BLOCK] for start in range(0, len(samples), _BLOCK))
    if track.tempo != 1:
        blocks = _stretched(blocks, track.tempo)
    return _exactly(blocks, round(track.seconds * RATE))


def _decoded(track: Track, scratch: Path) -> Samples:
    """All samples from the first picture on, in a file that is mapped into memory."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
    with scratch.open("wb") as file:
        if has_sound(track.path):
            try:
                with av.open(str(track.path)) as container:
                    for number, frame in enumerate(container.decode(audio=0)):
                        if number == 0:
                            ahead = round((float(frame.time or 0) - track.begin) * RATE)
                            file.write(b"\0" * 4 * max(0, ahead))
                            skip = 4 * max(0, -ahead)
                        for piece in resampler.resample(frame):
                            data = piece.to_ndarray().tobytes()
                            file.write(data[skip:])
                            skip = max(0, skip - len(data))
                    for piece in resampler.resample(None):
                        file.write(piece.to_ndarray().tobytes())
            except av.error.FFmpegError as error:
                raise InputError(
                    f"The sound of {track.path} is damaged: {error}", hint="--mute leaves it out."
                ) from error
    if scratch.stat().st_size < 4:
        return np.zeros((0, 2), np.int16)
    return np.memmap(scratch, dtype=np.int16, mode="r").reshape(-1, 2)


def _ramped(samples: Samples, track: Track) -> Iterator[Samples]:
    assert track.source_time is not None
    for start in range(0, round(track.seconds * RATE), _BLOCK):
        at = track.source_time((start + np.arange(_BLOCK)) / RATE) * RATE
        low = int(np.clip(at.min() - 1, 0, len(samples)))
        part = np.asarray(samples[low : int(np.clip(at.max() + 2, 0, len(samples)))], dtype=np.float64)
        if len(part) == 0:
            yield np.zeros((_BLOCK, 2), np.int16)
            continue
        places = low + np.arange(len(part))
        sides = [np.interp(at, places, part[:, side], right=0.0) for side in (0, 1)]
        yield np.stack(sides, axis=1).astype(np.int16)


def _stretched(blocks: Iterator[Samples], tempo: float) -> Iterator[Samples]:
    graph = av.filter.Graph()
    last = graph.add_abuffer(sample_rate=RATE, format="s16", layout="stereo", time_base=f"1/{RATE}")  # type: ignore[arg-type]
    left = tempo
    while left != 1:
        factor = min(max(left, 0.5), 2.0)  # beyond these one filter drops samples
        node = graph.add("atempo", f"{factor:.9f}")
        last.link_to(node)
        last, left = node, 1.0 if abs(left / factor - 1) < 1e-9 else left / factor
    sink = graph.add("abuffersink")
    last.link_to(sink)
    graph.configure()
    at = 0
    for block in blocks:
        frame = _audio_frame(block)
        frame.pts, at = at, at + len(block)
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Samples]:
    while True:
        try:
            yield graph.pull().to_ndarray().reshape(-1, 2)
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _exactly(blocks: Iterator[Samples], count: int) -> Iterator[Samples]:
    """As many samples: cut, or silence at the end."""
    left = count
    for block in blocks:
        if left <= 0:
            return
        yield block[:left]
        left -= min(left, len(block))
    while left > 0:
        yield np.zeros((min(left, _BLOCK), 2), np.int16)
        left -= _BLOCK


def _joined(tracks: Sequence[Iterator[Samples]], overlap: float) -> Iterator[Samples]:
    """One after another, cross-faded with equal power."""
    count = round(overlap * RATE)
    tail: Samples = np.zeros((0, 2), np.int16)
    angle = (np.arange(count) + 0.5) / max(count, 1) * np.pi / 2
    for number, track in enumerate(tracks):
        head: list[Samples] = []
        if number and count:
            have = 0
            while have < count and (block := next(track, None)) is not None:
                head.append(block)
                have += len(block)
            start = np.concatenate(head) if head else np.zeros((count, 2), np.int16)
            mixed = tail * np.cos(angle)[:, None] + start[:count] * np.sin(angle)[:, None]
            yield np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
            tail = start[count:]
        last = number == len(tracks) - 1
        for block in track:
            tail = np.concatenate([tail, block])
            if len(tail) > count:
                yield tail[: len(tail) - count]
                tail = tail[len(tail) - count :]
        if last or not count:
            yield tail
            tail = tail[:0]


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


def _encode(blocks: Iterator[Samples], stream: Any, made: Any) -> None:
    at = 0
    for block in blocks:
        if len(block) == 0:
            continue
        frame = _audio_frame(block)
        frame.pts, at = at, at + len(block)
        made.mux(stream.encode(frame))
    made.mux(stream.encode(None))


def _audio_frame(block: Samples) -> Any:  # av's AudioFrame
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = RATE
    return frame
