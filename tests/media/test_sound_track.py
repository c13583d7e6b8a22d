"""Sound beside pictures: a flash and a beep every second stay together, whatever is done to time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import numpy as np
import pytest

from stillmotion.errors import Cancelled, InputError
from stillmotion.media.clip import read_clip
from stillmotion.media.encoding import choose_encoding
from stillmotion.media.sound_samples import RATE
from stillmotion.media.sound_track import Track, add_sound, has_sound
from stillmotion.media.video import write_frames
from stillmotion.types import FrameStream, UInt8

TOGETHER_S = 0.010


def _retimed(frames: FrameStream, speed: float, fps: float | None = None) -> FrameStream:
    """Frames held or left out: the first frame that is white stays where it was."""
    fps = fps or frames.fps
    count = round(frames.count / frames.fps / speed * fps)

    def each() -> Iterator[UInt8]:
        source = list(frames)
        for tick in range(count):
            yield source[min(int(tick / fps * speed * frames.fps + 1e-6), len(source) - 1)]

    return replace(frames, frames=each(), count=count, fps=fps)


def _finished(
    clip: Path, out: Path, *, speed: float = 1.0, fps: float | None = None, backwards: bool = False, **more: float
) -> str:
    found = read_clip(clip, backwards=backwards)
    stream = found.frames if speed == 1 and fps is None else _retimed(found.frames, speed, fps)
    mute = out.with_name(f"mute_{out.name}")
    write_frames(stream, mute, out, encoding=choose_encoding(out, "draft"), metadata={"comment": "kept"})
    seconds = found.frames.count / found.frames.fps / speed
    track = Track(path=clip, begin=found.begin, seconds=seconds, tempo=speed, backwards=backwards)
    return add_sound(mute, [track], out, suffix=out.suffix, **more)


def _off(clips: Any, path: Path) -> UInt8:
    """How far each flash is from its beep, seconds."""
    flashes, beeps = clips.flashes(path), clips.beeps(path)
    assert len(flashes) == len(beeps) > 1
    return np.abs(flashes - beeps)


def test_sound_is_copied_packet_by_packet_where_time_does_not_change(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4")
    assert _finished(clip, tmp_path / "out.mp4") == "copied (aac)"
    assert _off(clips, tmp_path / "out.mp4").max() < TOGETHER_S
    assert _packets(tmp_path / "out.mp4") == _packets(clip)[-len(_packets(tmp_path / "out.mp4")) :]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.metadata["comment"] == "kept"


def _packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize("fps", [60.0, 15.0])
def test_another_rate_leaves_the_sound_as_it_is(clips: Any, tmp_path: Path, fps: float) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4")
    assert _finished(clip, tmp_path / "out.mp4", fps=fps) == "copied (aac)"
    assert _off(clips, tmp_path / "out.mp4").max() < TOGETHER_S


@pytest.mark.parametrize("speed", [0.5, 0.8, 2.0])
def test_at_another_speed_beeps_stay_with_flashes_and_keep_their_pitch(
    clips: Any, tmp_path: Path, speed: float
) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4")
    assert _finished(clip, tmp_path / "out.mp4", speed=speed, fps=60.0).startswith("encoded")
    beeps = clips.beeps(tmp_path / "out.mp4")
    assert np.abs(beeps - np.array([1, 2, 3]) / speed).max() < TOGETHER_S
    assert np.abs(clips.flashes(tmp_path / "out.mp4") - beeps).max() < TOGETHER_S + 1 / 60
    begin, samples = clips.heard(tmp_path / "out.mp4")
    start = round((beeps[0] - begin) * RATE)
    beep = samples[start : start + round(0.04 * RATE / speed)]
    spectrum = np.abs(np.fft.rfft(beep * np.hanning(len(beep)), 1 << 15))
    assert np.argmax(spectrum) * RATE / (1 << 15) == pytest.approx(1000, rel=0.03)
    assert len(samples) / RATE == pytest.approx(4 / speed, abs=0.05)


def test_in_a_ramp_every_beep_is_where_its_picture_is(clips: Any, tmp_path: Path) -> None:
    """Speed rises from 0.5 to 1.5 over 4 s of the result: source time t/2 + t²/8."""
    clip = clips.flash_and_beep(tmp_path / "a.mp4")
    found = read_clip(clip)
    mute = tmp_path / "m.mp4"
    write_frames(found.frames, mute, mute, encoding=choose_encoding(mute, "draft"), metadata={})
    track = Track(path=clip, begin=found.begin, seconds=4.0, source_time=lambda t: t / 2 + t * t / 8)
    add_sound(mute, [track], tmp_path / "out.mp4", suffix=".mp4")
    expected = [-2 + np.sqrt(4 + 8 * second) for second in (1, 2, 3)]
    assert np.abs(clips.beeps(tmp_path / "out.mp4") - expected).max() < TOGETHER_S


def test_backwards_the_beeps_end_where_they_began(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4", sound_to=5.5)  # sound goes on after the pictures
    _finished(clip, tmp_path / "out.mp4", backwards=True)
    assert np.abs(clips.beeps(tmp_path / "out.mp4") - np.array([0.95, 1.95, 2.95])).max() < TOGETHER_S
    assert np.abs(clips.flashes(tmp_path / "out.mp4") - (np.array([1, 2, 3]) - 1 / 30)).max() < 1e-3


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_sound_that_begins_or_ends_elsewhere_stays_in_sync(clips: Any, tmp_path: Path, speed: float) -> None:
    files = {
        "late sound": clips.flash_and_beep(tmp_path / "a.mp4", sound_from=0.3),
        "late pictures": clips.flash_and_beep(tmp_path / "b.mp4", pictures_from=0.5, sound_to=4.5),
        "long sound": clips.flash_and_beep(tmp_path / "c.mkv", sound_to=6.0),
        "short sound": clips.flash_and_beep(tmp_path / "d.mp4", sound_to=2.5),
        "neither at zero": clips.flash_and_beep(tmp_path / "e.ts", pictures_from=0.2, sound_from=0.1, sound_to=4.2),
    }
    for name, clip in files.items():
        out = tmp_path / f"out_{clip.stem}.mp4"
        _finished(clip, out, speed=speed)
        flashes, beeps = clips.flashes(out), clips.beeps(out)
        near = np.abs(beeps[beeps < 3.9 / speed][:, None] - flashes).min(axis=1)
        assert near.max() < TOGETHER_S, name
        with av.open(str(out)) as container:
            pictures, sound = container.streams.video[0], container.streams.audio[0]
            assert float(sound.duration * sound.time_base) < float(pictures.duration * pictures.time_base) + 0.05, name


@pytest.mark.parametrize(("layout", "rate"), [("mono", 44_100), ("5.1", 48_000), ("stereo", 22_050)])
@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_any_layout_and_rate_is_kept_in_sync(clips: Any, tmp_path: Path, layout: str, rate: int, ending: str) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4", seconds=3.0, layout=layout, rate=rate)
    said = _finished(clip, tmp_path / f"out{ending}")
    assert said == ("copied (aac)" if ending == ".mp4" else "encoded (libopus, stereo, 192 kb/s)")
    assert _off(clips, tmp_path / f"out{ending}").max() < TOGETHER_S


@pytest.mark.parametrize(
    ("name", "sound", "ending", "said"),
    [
        ("a.mkv", "flac", ".mp4", "encoded (aac"), ("a.mkv", "flac", ".mkv", "copied (flac)"),
        ("a.mkv", "libopus", ".webm", "copied (opus)"), ("a.mov", "pcm_s16le", ".mov", "copied (pcm_s16le)"),
        ("a.mov", "pcm_s16le", ".mp4", "encoded (aac"), ("a.ts", "aac", ".mp4", "copied (aac)"),
        ("a.mp4", "ac3", ".mkv", "copied (ac3)"),
    ],
)  # fmt: skip
def test_what_a_container_cannot_hold_is_encoded(
    clips: Any, tmp_path: Path, name: str, sound: str, ending: str, said: str
) -> None:
    clip = clips.flash_and_beep(tmp_path / name, seconds=3.0, sound=sound)
    assert _finished(clip, tmp_path / f"out{ending}").startswith(said)
    assert _off(clips, tmp_path / f"out{ending}").max() < TOGETHER_S


def test_joined_clips_melt_into_one_another_and_a_silent_one_is_silent(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4", seconds=3.0)
    silent = clips.write(tmp_path / "s.mp4", clips.barcodes(30), rate=10)
    found = read_clip(clip)
    mute = tmp_path / "m.mp4"
    write_frames(found.frames, mute, mute, encoding=choose_encoding(mute, "draft"), metadata={})
    tracks = [Track(path=path, begin=0.0, seconds=3.0) for path in (clip, silent, clip)]
    add_sound(mute, tracks, tmp_path / "out.mkv", suffix=".mkv", overlap=0.5)
    begin, samples = clips.heard(tmp_path / "out.mkv")
    assert begin + len(samples) / RATE == pytest.approx(8.0, abs=0.05)
    assert np.abs(clips.beeps(tmp_path / "out.mkv") - [1, 2, 6, 7]).max() < TOGETHER_S


def test_fades_change_the_level_and_nothing_else(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mov", sound="pcm_s16le")
    _finished(clip, tmp_path / "out.mp4", fade_in=2.0, fade_out=2.0)
    begin, samples = clips.heard(tmp_path / "out.mp4")
    peaks = [np.abs(samples[round((s - begin) * RATE) : round((s + 0.05 - begin) * RATE)]).max() for s in (1, 2, 3)]
    assert peaks[1] / peaks[0] == pytest.approx(2, rel=0.1)
    assert peaks[1] / peaks[2] == pytest.approx(2, rel=0.1)


def test_sound_with_gaps_in_its_clock_is_silent_there_and_in_sync_after(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "whole.mkv", sound="pcm_s16le")
    with av.open(str(clip)) as whole, av.open(str(tmp_path / "a.mkv"), "w") as made:
        targets = [made.add_stream_from_template(stream, opaque=True) for stream in whole.streams]
        for packet in whole.demux():
            if packet.size and not (packet.stream.type == "audio" and 1.3 < packet.pts * packet.time_base < 1.7):
                packet.stream = targets[packet.stream_index]
                made.mux(packet)
    _finished(tmp_path / "a.mkv", tmp_path / "out.webm")
    assert _off(clips, tmp_path / "out.webm").max() < TOGETHER_S


def test_damaged_sound_is_silent_there_told_and_in_sync_after(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mkv", sound="flac")
    data = bytearray(clip.read_bytes())
    for packet in _packets(clip)[16:20]:
        at = data.find(packet)
        data[at : at + len(packet)] = bytes(len(packet))
    clip.write_bytes(bytes(data))
    assert "damaged packets are silent" in _finished(clip, tmp_path / "out.mp4")
    assert _off(clips, tmp_path / "out.mp4").max() < TOGETHER_S


def test_sound_of_which_nothing_can_be_decoded_is_refused(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mkv", seconds=2.0, sound="flac")
    data = bytearray(clip.read_bytes())
    for packet in _packets(clip):
        at = data.find(packet)
        data[at : at + len(packet)] = bytes(len(packet))
    clip.write_bytes(bytes(data))
    with pytest.raises(InputError, match="cannot be decoded"):
        _finished(clip, tmp_path / "out.mp4")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("o.mp4", "h264"), ("o.mp4", "hevc"), ("o.mp4", "av1"), ("o.mov", "prores"), ("o.mkv", "h264"),
        ("o.webm", "vp9"),
    ],
)  # fmt: skip
def test_the_pictures_beside_it_stay_as_they_were(clips: Any, tmp_path: Path, name: str, codec: Any) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4", seconds=1.0)
    found = read_clip(clip)
    out, mute = tmp_path / name, tmp_path / f"mute_{name}"
    write_frames(found.frames, mute, out, encoding=choose_encoding(out, "draft", codec), metadata={})
    add_sound(mute, [Track(path=clip, begin=0.0, seconds=1.0)], out, suffix=out.suffix)
    assert _pictures(mute) == _pictures(out)


def _pictures(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        rate = container.streams.video[0].average_rate
        said = [context.codec_tag, context.color_trc, context.color_range, rate]
        return said + [
            (round(float(p.time), 3), p.to_ndarray(format="gray").tobytes()) for p in container.decode(video=0)
        ]


def test_it_stops_when_cancelled(clips: Any, tmp_path: Path) -> None:
    clip = clips.flash_and_beep(tmp_path / "a.mp4", seconds=1.0)
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        add_sound(clip, [Track(path=clip, begin=0.0, seconds=1.0)], tmp_path / "o.mp4", suffix=".mp4", cancel=stop)


def test_pictures_alone_have_no_sound(clips: Any, tmp_path: Path) -> None:
    assert not has_sound(clips.write(tmp_path / "a.mp4", clips.barcodes(3)))
    assert not has_sound(tmp_path)
    assert has_sound(clips.flash_and_beep(tmp_path / "b.mp4", seconds=1.0))


def test_a_sound_track_without_packets_is_silent(clips: Any, tmp_path: Path) -> None:
    plain = clips.write(tmp_path / "plain.mkv", clips.barcodes(10), rate=10, options={"bf": "0"})
    clip = tmp_path / "a.mkv"
    with av.open(str(plain)) as source, av.open(str(clip), "w") as made:
        target = made.add_stream_from_template(source.streams.video[0], opaque=True)
        made.add_stream("aac", rate=RATE, layout="stereo")
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = target
                made.mux(packet)
    assert _finished(clip, tmp_path / "out.mp4").startswith("encoded")
    _, samples = clips.heard(tmp_path / "out.mp4")
    assert np.abs(samples).max() < 1e-3


def test_the_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """Half a minute of sound has 5.8 MB; turned round and stretched, a few blocks of it are held."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as made:
        video: Any = made.add_stream("libx264", rate=1, options={"bf": "0"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        sound: Any = made.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        block = np.random.default_rng(0).integers(-5000, 5000, (1, RATE * 2), dtype=np.int16)
        for second in range(30):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8), format="rgb24")
            picture.pts, picture.time_base = second, Fraction(1)
            made.mux(video.encode(picture))
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, second * RATE, Fraction(1, RATE)
            made.mux(sound.encode(frame))
        made.mux([*video.encode(None), *sound.encode(None)])
    track = Track(path=path, begin=0.0, seconds=15.0, tempo=2.0, backwards=True)
    add_sound(path, [replace(track, seconds=1.0)], tmp_path / "warm.mkv", suffix=".mkv")
    tracemalloc.start()
    add_sound(path, [track], tmp_path / "out.mkv", suffix=".mkv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4.5e6
