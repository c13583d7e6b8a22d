"""Any clip: every frame in order and once, the length never changed in silence, the unreadable refused in words."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from stillmotion.errors import Cancelled, InputError
from stillmotion.media import video_source
from stillmotion.media.clip import Clip, read_clip
from stillmotion.media.decoding import as_decoded, look
from stillmotion.media.timetable import read_timetable
from stillmotion.types import UInt8

WIDTH, HEIGHT = 96, 64

COUNT = 40
KINDS: list[tuple[str, str, dict[str, str]]] = [
    ("a.mp4", "libx264", {"g": "12", "bf": "2"}),
    ("open.mp4", "libx264", {"x264-params": "open-gop=1:keyint=10:bframes=3"}),
    ("open.mkv", "libx265", {"x265-params": "log-level=error:open-gop=1:keyint=10:bframes=3"}),
    ("a.ts", "libx264", {"g": "12", "bf": "2"}),
    ("a.flv", "libx264", {"g": "12", "bf": "2"}),
    ("a.avi", "mpeg4", {"g": "12", "bf": "2"}),
    ("a.mpg", "mpeg2video", {"g": "12", "bf": "2"}),
    ("a.webm", "libvpx-vp9", {"lag-in-frames": "8", "deadline": "realtime", "cpu-used": "8"}),
    ("vp8.webm", "libvpx", {"lag-in-frames": "8", "auto-alt-ref": "1", "deadline": "realtime"}),
    ("av1.mp4", "libsvtav1", {"preset": "12"}),
    ("raw.h264", "libx264", {"g": "12", "bf": "2"}),
    ("a.mov", "prores_ks", {}),
]


def _closed(clip: Clip) -> Clip:
    clip.frames.frames.close()  # type: ignore[attr-defined] # a generator
    return clip


def _first(path: Path) -> tuple[Clip, UInt8]:
    clip = read_clip(path)
    frame = next(iter(clip.frames))
    return _closed(clip), frame


@pytest.mark.parametrize(("name", "codec", "options"), KINDS)
def test_every_frame_comes_once_and_in_order_forwards_and_backwards(
    clips: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, options: dict[str, str]
) -> None:
    pixels = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    path = clips.write(tmp_path / name, clips.barcodes(COUNT), codec=codec, pixels=pixels, options=options)
    clip = read_clip(path)
    assert clip.frames.count == COUNT
    assert clip.frames.fps == pytest.approx(25, rel=1e-3)
    forwards = [frame.copy() for frame in clip.frames]
    assert [clips.number_of(frame) for frame in forwards] == list(range(COUNT))
    monkeypatch.setattr(video_source, "_HELD_BYTES", 7 * WIDTH * HEIGHT * 3 // 2)  # a few frames at a time
    backwards = list(read_clip(path, backwards=True).frames)
    assert len(backwards) == COUNT
    assert all(np.array_equal(one, other) for one, other in zip(forwards, reversed(backwards), strict=True))


def test_packed_frames_of_old_codecs_come_in_order(clips: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DivX put a B-frame into the packet of the frame before it, and a packet that says "as before" into its place."""
    options = {"bf": "1", "g": "12", "b_strategy": "0"}
    plain = clips.write(tmp_path / "plain.avi", clips.barcodes(21), codec="mpeg4", options=options)
    path, mark, again = tmp_path / "a.avi", b"\0\0\1\xb6", b"\0\0\1\xb6\x50\x4f"
    with av.open(str(plain)) as source, av.open(str(path), "w") as made:
        stream = source.streams.video[0]
        target = made.add_stream_from_template(stream, opaque=True)
        data = [bytes(packet) for packet in source.demux(stream) if packet.size]
        data[0] = data[0].replace(mark, b"\0\0\1\xb2DivX503b1393p" + mark, 1)
        kinds = ["IPB"[packet[packet.find(mark) + 4] >> 6] for packet in data]
        assert "PBPB" in "".join(kinds)
        for number, kind in enumerate(kinds):
            follows = number + 1 < len(kinds) and kinds[number + 1] == "B"
            packet = av.Packet(again if kind == "B" else data[number] + (data[number + 1] if follows else b""))
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = stream.time_base, target, kind == "I"
            made.mux(packet)
    assert clips.numbers_of(read_clip(path).frames) == list(range(21))
    monkeypatch.setattr(video_source, "_HELD_BYTES", 7 * WIDTH * HEIGHT * 3 // 2)
    assert clips.numbers_of(read_clip(path, backwards=True).frames) == list(range(20, -1, -1))


def test_a_variable_rate_is_laid_on_an_even_one_and_the_length_stays(clips: Any, tmp_path: Path) -> None:
    """As a phone does it: 30 a second, every few frames one is missing, and one long gap."""
    steps = [33, 33, 34, 33, 67, 33, 33, 34, 66, 33, 34, 33, 33, 200, 33, 33, 34, 33, 33, 34]
    stamps = np.concatenate([[0], np.cumsum(steps)])
    path = clips.write(
        tmp_path / "a.mkv", clips.barcodes(len(stamps)), rate=30, stamps=stamps.tolist(), options={"bf": "0"}
    )
    clip = read_clip(path)
    assert clip.frames.fps == pytest.approx(30, rel=0.01)
    assert clip.frames.count == pytest.approx((stamps[-1] + 33) / 1000 * clip.frames.fps, abs=1)
    assert any("rate varies" in note and "length stays" in note for note in clip.notes)
    for tick, number in enumerate(clips.numbers_of(clip.frames)):
        assert abs(tick / clip.frames.fps - stamps[number] / 1000) < 0.2 + 0.02
        shown = stamps[number] / 1000 <= (tick + 0.5) / clip.frames.fps + 1e-3
        over = number + 1 == len(stamps) or stamps[number + 1] / 1000 > (tick + 0.5) / clip.frames.fps - 1e-3
        assert shown
        assert over


def test_a_jittery_rate_counts_as_constant_and_loses_no_frame(clips: Any, tmp_path: Path) -> None:
    jitter = np.random.default_rng(1).integers(-6, 7, COUNT)
    stamps = (np.arange(COUNT) * 1000 / 30 + jitter).round().astype(int) + 6
    path = clips.write(tmp_path / "a.mkv", clips.barcodes(COUNT), rate=30, stamps=stamps.tolist(), options={"bf": "0"})
    clip = read_clip(path)
    assert clip.notes == ()
    assert clips.numbers_of(clip.frames) == list(range(COUNT))


def test_a_last_frame_that_is_shown_long_is_held(clips: Any, tmp_path: Path) -> None:
    frames = [Image.fromarray(clips.barcode(number)) for number in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=[100, 100, 100, 1000], loop=0)
    clip = read_clip(tmp_path / "a.gif")
    numbers = clips.numbers_of(clip.frames)
    assert len(numbers) / clip.frames.fps == pytest.approx(1.3, abs=0.1)
    assert numbers[:3] == [0, 1, 2]
    assert set(numbers[3:]) == {3}


def test_where_packets_are_not_pictures_the_pictures_count(clips: Any, tmp_path: Path) -> None:
    """Fields may come in packets of their own; here the timetable names frames that are never shown."""
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(20), options={"g": "5"})
    times = read_timetable(path, Fraction(25))
    step = times.stamps[1] - times.stamps[0]
    doubled = tuple(stamp + half for stamp in times.stamps for half in (0, step // 2))
    wrong = replace(times, stamps=doubled, keys=tuple(2 * key for key in times.keys))
    assert look(path, times).one_each
    assert not look(path, wrong).one_each
    assert as_decoded(path, wrong, None) == times


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30000, 1001), 1000])
def test_film_rates_and_very_high_ones_stay_exact(clips: Any, tmp_path: Path, rate: Fraction | int) -> None:
    clip = read_clip(clips.write(tmp_path / "a.mp4", clips.barcodes(6), rate=rate))
    assert clip.frames.fps == pytest.approx(float(rate), rel=1e-6)
    assert clips.numbers_of(clip.frames) == list(range(6))


def test_one_frame_is_a_clip(clips: Any, tmp_path: Path) -> None:
    assert clips.numbers_of(read_clip(clips.write(tmp_path / "a.mp4", clips.barcodes(1))).frames) == [0]


@pytest.mark.parametrize(
    ("matrix", "turned"),
    [
        ((1, 0, 0, 1), lambda f: f),
        ((0, 1, -1, 0), lambda f: np.rot90(f, -1)),
        ((-1, 0, 0, -1), lambda f: np.rot90(f, 2)),
        ((0, -1, 1, 0), lambda f: np.rot90(f)),
        ((-1, 0, 0, 1), lambda f: f[:, ::-1]),
        ((1, 0, 0, -1), lambda f: f[::-1]),
        ((0, 1, 1, 0), lambda f: f.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda f: f.transpose(1, 0, 2)[::-1, ::-1]),
    ],
)
def test_turned_and_mirrored_clips_stand_upright(
    clips: Any, tmp_path: Path, matrix: tuple[int, ...], turned: Any
) -> None:
    a, b, c, d = (65536 * value for value in matrix)
    path = clips.write(tmp_path / "a.mp4", [clips.barcode(0b0110101)], display_matrix=(a, b, 0, c, d, 0, 0, 0, 1 << 30))
    clip, frame = _first(path)
    expected = turned(clips.barcode(0b0110101))
    assert (clip.frames.height, clip.frames.width) == expected.shape[:2] == frame.shape[:2]
    assert np.abs(frame.astype(int) - expected).mean() < 8
    assert any("mirrored" in note for note in clip.notes) == (np.linalg.det(np.reshape(matrix, (2, 2))) < 0)


@pytest.mark.parametrize("size", [(101, 77), (97, 64), (96, 63)])
def test_odd_sides_lose_a_row_or_a_column_and_it_is_told(clips: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    path = clips.write(tmp_path / "a.mkv", clips.barcodes(2, *size), codec="ffv1", pixels="yuv444p")
    clip, frame = _first(path)
    assert frame.shape == (size[1] // 2 * 2, size[0] // 2 * 2, 3)
    assert any("even sides" in note for note in clip.notes)


def test_pixels_that_are_not_square_are_made_so(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(2), sample_aspect_ratio=Fraction(4, 3))
    clip, frame = _first(path)
    assert frame.shape == (HEIGHT, 128, 3)
    assert any("not square" in note for note in clip.notes)
    assert clips.number_of(frame) == 0


@pytest.mark.parametrize("first", ["top", "bottom"])
def test_interlaced_clips_become_progressive_and_the_order_is_told(clips: Any, tmp_path: Path, first: str) -> None:
    """A bar moves by 8 pixels from field to field: woven fields show a comb, made whole they do not."""
    frames = []
    for number in range(8):
        fields = [np.full((HEIGHT, WIDTH, 3), 30, np.uint8) for _ in range(2)]
        for field, picture in enumerate(fields):
            at = 8 + 4 * (2 * number + field)
            picture[:, at : at + 16] = 220
        early = 0 if first == "top" else 1
        woven = fields[0].copy()
        woven[1 - early :: 2] = fields[1][1 - early :: 2]
        frames.append(woven)
    options = {"x264-params": f"{first[0]}ff=1", "crf": "5", "bf": "0"}
    path = clips.write(tmp_path / "a.mkv", frames, options=options)
    clip = read_clip(path)
    assert any("interlaced" in note and f"{first} field first" in note for note in clip.notes)
    seen = list(clip.frames)
    assert len(seen) == len(frames)
    comb = [np.abs(np.diff(frame[4:-4].mean(axis=2), axis=0)).mean() for frame in seen[2:-2]]
    woven_comb = [np.abs(np.diff(frame[4:-4].mean(axis=2), axis=0)).mean() for frame in frames[2:-2]]
    assert max(comb) < min(woven_comb) / 3


def test_ten_bits_and_full_range_keep_their_colours(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(2), codec="libx265", pixels="yuv420p10le")
    deep, frame = _first(path)
    assert any("10 bits" in note for note in deep.notes)
    assert np.abs(frame.astype(int) - clips.barcode(0))[:, 4:-4].mean() < 6
    full = clips.write(tmp_path / "b.mp4", clips.barcodes(2), pixels="yuvj420p", color_range=2)
    _, frame = _first(full)
    assert abs(int(frame[8, 8, 0]) - 35) <= 3


def test_what_is_transparent_becomes_black_and_it_is_told(clips: Any, tmp_path: Path) -> None:
    frame = np.dstack([np.full((HEIGHT, WIDTH, 3), 200, np.uint8), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    frame[:, : WIDTH // 2, 3] = 0
    for name, codec, pixels in (
        ("a.mov", "qtrle", "argb"),
        ("b.mov", "png", "rgba"),
        ("c.mov", "prores_ks", "yuva444p10le"),
    ):
        clip, shown = _first(clips.write(tmp_path / name, [frame, frame], codec=codec, pixels=pixels))
        assert shown[HEIGHT // 2, 8].max() <= 3, name
        assert abs(int(shown[HEIGHT // 2, -8].min()) - 200) <= 4, name
        assert any("transparent" in note for note in clip.notes)


def test_a_clip_that_starts_late_says_when(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(10), rate=10, stamps=[500 + 100 * i for i in range(10)])
    assert _closed(read_clip(path)).begin == pytest.approx(0.5, abs=0.02)


# ── not whole ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "container", "said"),
    [
        ("a.mp4", {}, "index at its end"), ("fast.mp4", {"movflags": "faststart"}, "of its 60 frames"),
        ("a.mkv", {}, "cut off: it says"), ("a.flv", {}, "cut off: it says"), ("a.avi", {}, "cut off: it says"),
    ],
)  # fmt: skip
def test_a_file_that_is_cut_off_is_refused_in_words(
    clips: Any, tmp_path: Path, name: str, container: dict[str, str], said: str
) -> None:
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    path = clips.write(tmp_path / name, _noise(60), codec=codec, container=container, options={"g": "12"})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with pytest.raises(InputError, match=said) as caught:
        read_clip(path)
    assert "again" in str(caught.value)


def test_a_transport_stream_may_begin_and_end_anywhere_and_it_is_told(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.ts", _noise(60), options={"g": "10", "bf": "0", "sc_threshold": "0"})
    data = path.read_bytes()
    path.write_bytes(data[188 * 30 : 188 * (len(data) // 188 * 6 // 10)])
    clip = read_clip(path)
    frames = list(clip.frames)
    assert 10 < len(frames) == clip.frames.count < 50
    assert any("before its beginning" in note for note in clip.notes)


def test_damage_on_the_way_is_an_error_and_not_a_shorter_clip(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.mov", _noise(40), codec="png", pixels="rgb24")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(bytes(data))
    clip = read_clip(path)
    with pytest.raises(InputError, match="damaged after"):
        list(clip.frames)


def _noise(count: int) -> list[UInt8]:
    """A pattern that costs many bytes and moves."""
    still = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return [np.roll(still, 5 * number, axis=1) for number in range(count)]


def test_what_is_no_clip_is_said_to_be_what_it_is(clips: Any, tmp_path: Path) -> None:
    Image.fromarray(clips.barcode(1)).save(tmp_path / "a.jpg")
    Image.fromarray(clips.barcode(1)).save(tmp_path / "a.png")
    Image.fromarray(clips.barcode(1)).save(tmp_path / "a.webp")
    Image.fromarray(clips.barcode(1)).save(tmp_path / "a.gif")
    (tmp_path / "text.mp4").write_text("This is a letter.\n" * 20)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder").mkdir()
    with av.open(str(tmp_path / "sound.mp4"), "w") as made:
        stream = made.add_stream("aac", rate=48000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), format="flt", layout="mono")
        silence.sample_rate = 48000
        made.mux(stream.encode(silence))
        made.mux(stream.encode(None))
    with av.open(str(tmp_path / "none.mkv"), "w") as made:
        video: Any = made.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        made.start_encoding()
    said = {
        "a.jpg": "still picture", "a.png": "still picture", "a.webp": "still picture", "a.gif": "still picture",
        "text.mp4": "a text file", "empty.mp4": "empty", "folder": "no numbered PNG", "sound.mp4": "sound and no video",
        "none.mkv": "no", "missing.mp4": "There is no video",
    }  # fmt: skip
    for name, words in said.items():
        with pytest.raises(InputError, match=words):
            read_clip(tmp_path / name)
    with pytest.raises(InputError, match="animate"):
        read_clip(tmp_path / "a.jpg")


def test_folders_of_pictures_and_animated_webp_are_clips(clips: Any, tmp_path: Path) -> None:
    frames = [Image.fromarray(clips.barcode(number)) for number in range(6)]
    (tmp_path / "seq").mkdir()
    for number, frame in enumerate(frames):
        frame.save(tmp_path / "seq" / f"frame_{number:03d}.png")
    frames[0].save(
        tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=[40] * 5 + [200], lossless=True
    )
    assert clips.numbers_of(read_clip(tmp_path / "seq").frames) == list(range(6))
    assert clips.numbers_of(read_clip(tmp_path / "seq", backwards=True).frames) == list(range(5, -1, -1))
    clip = read_clip(tmp_path / "a.webp")
    assert clip.frames.count / clip.frames.fps == pytest.approx(0.4, abs=0.05)
    numbers = clips.numbers_of(clip.frames)
    assert numbers[:5] == list(range(5))
    assert clips.numbers_of(read_clip(tmp_path / "a.webp", backwards=True).frames) == numbers[::-1]


# ── threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_closing_the_frames_ends_the_reading_at_once(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(60, 640, 360), options={"preset": "ultrafast"})
    before = threading.active_count()
    clip = read_clip(path)
    next(iter(clip.frames))
    assert threading.active_count() > before
    began = time.perf_counter()
    _closed(clip)
    assert time.perf_counter() - began < 1
    assert not any(thread.name == "reading" for thread in threading.enumerate())


def test_looking_through_a_long_file_can_be_stopped(clips: Any, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        read_clip(clips.write(tmp_path / "a.mp4", clips.barcodes(5)), cancel=stop)


def test_no_file_is_left_open(clips: Any, tmp_path: Path) -> None:
    fds = Path("/proc/self/fd")
    if not fds.is_dir():
        pytest.skip("no /proc here")
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(30))
    clip, _ = _first(path)
    list(read_clip(path, backwards=True).frames)
    assert not [link for link in fds.iterdir() if link.is_symlink() and link.resolve() == clip.info.path.resolve()]
