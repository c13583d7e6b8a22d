"""Videos of every container: the frames, the colours and the record inside, and nothing left when it fails."""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest

from stillmotion.errors import Cancelled, DoesNotFit, InputError
from stillmotion.media.encoding import Codec, Encoding, choose_encoding, exact_rate
from stillmotion.media.probe import probe, read_frames, read_metadata
from stillmotion.media.video import stream_video, write_video
from stillmotion.types import FrameStream, UInt8

WIDTH, HEIGHT, COUNT, FPS = 128, 96, 9, 12.0
CONTAINERS: list[tuple[str, Codec]] = [
    ("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mp4", "av1"), ("a.webm", "vp9"), ("a.webm", "av1"), ("a.mov", "prores"),
    ("a.mkv", "h264"), ("a.gif", "gif"), ("a.webp", "webp"), ("frames", "png"),
]  # fmt: skip


def _frames(count: int = COUNT, width: int = WIDTH, height: int = HEIGHT) -> Iterator[UInt8]:
    """Flat patches of known colours that change slowly."""
    for i in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[: height // 2] = (200, 60 + 4 * i % 128, 40)
        frame[height // 2 :] = (40, 90, 180 - 4 * i % 128)
        yield frame


def _stream(count: int = COUNT) -> FrameStream:
    return FrameStream(frames=_frames(count), width=WIDTH, height=HEIGHT, fps=FPS, count=count)


@pytest.mark.parametrize(("name", "codec"), CONTAINERS)
def test_every_container_holds_the_frames_in_their_colours(tmp_path: Path, name: str, codec: Codec) -> None:
    out = tmp_path / name
    info = write_video(_stream(), out, encoding=Encoding(codec=codec, quality="best"), metadata={"comment": "hello"})
    assert (info.width, info.height, info.frames) == (WIDTH, HEIGHT, COUNT)
    assert info.fps == pytest.approx(FPS, rel=0.02)
    back = list(read_frames(out))
    assert len(back) == COUNT
    slack = 12 if codec == "gif" else 6
    for i, (shown, drawn) in enumerate(zip(back, _frames(), strict=True)):
        for y in (HEIGHT // 4, 3 * HEIGHT // 4):
            assert np.abs(shown[y, WIDTH // 2].astype(int) - drawn[y, WIDTH // 2]).max() <= slack, (i, y)


@pytest.mark.parametrize(("name", "codec"), [c for c in CONTAINERS if c[1] not in ("gif", "webp", "png")])
def test_videos_say_their_colours_and_range(tmp_path: Path, name: str, codec: Codec) -> None:
    write_video(_stream(), tmp_path / name, encoding=Encoding(codec=codec, quality="draft"), metadata={})
    info = probe(tmp_path / name)
    assert (info.primaries, info.transfer, info.matrix, info.range) == ("bt709", "bt709", "bt709", "limited")


def test_other_programs_read_the_same_tags_and_counts(tmp_path: Path) -> None:
    """Straight from FFmpeg's own decoder, not by our probe."""
    write_video(_stream(), tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="standard"), metadata={})
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        assert tags == (1, 1, 1, 1)  # H.273: BT.709, limited
        assert context.pix_fmt == "yuv420p"
        times = [float(picture.time) for picture in container.decode(video=0)]
    assert np.allclose(times, np.arange(COUNT) / FPS, atol=1e-4)
    head = (tmp_path / "a.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # it can be played while it is fetched


def test_white_and_black_keep_to_the_limited_range(tmp_path: Path) -> None:
    frames = [np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in (0, 255)]
    stream = FrameStream(frames=iter(frames), width=WIDTH, height=HEIGHT, fps=FPS, count=2)
    write_video(stream, tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="best"), metadata={})
    with av.open(str(tmp_path / "a.mp4")) as container:
        lumas = [picture.to_ndarray()[:HEIGHT].mean() for picture in container.decode(video=0)]
    assert lumas == pytest.approx([16, 235], abs=1)


@pytest.mark.parametrize("fps", [23.976, 25.0, 29.97, 12.5, 60.0])
def test_rates_are_kept_exactly(tmp_path: Path, fps: float) -> None:
    stream = FrameStream(frames=_frames(4), width=WIDTH, height=HEIGHT, fps=fps, count=4)
    info = write_video(stream, tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
    assert info.rate == exact_rate(fps)
    assert abs(float(info.rate) - fps) < 1e-3


@pytest.mark.parametrize(("name", "codec"), CONTAINERS)
def test_the_record_comes_back_from_every_container(tmp_path: Path, name: str, codec: Codec) -> None:
    record = {"stillmotion": '{"plan": "' + "äß漢" * 50 + '"}', "comment": "The camera pans."}
    write_video(_stream(), tmp_path / name, encoding=Encoding(codec=codec, quality="draft"), metadata=record)
    found = read_metadata(tmp_path / name)
    assert found["stillmotion"] == record["stillmotion"]


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    files = []
    for i in range(3):
        out = tmp_path / f"{i}.mp4"
        write_video(_stream(), out, encoding=Encoding(codec="h264", quality="standard"), metadata={})
        files.append(out.read_bytes())
    assert files[0] == files[1] == files[2]


class _Broken(RuntimeError):
    pass


def test_a_source_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[UInt8]:
        yield from _frames(3)
        raise _Broken

    stream = FrameStream(frames=failing(), width=WIDTH, height=HEIGHT, fps=FPS, count=COUNT)
    with pytest.raises(_Broken):
        write_video(stream, tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames"])
def test_a_stopped_video_leaves_nothing(tmp_path: Path, name: str) -> None:
    cancel = Event()

    def stopping() -> Iterator[UInt8]:
        for i, frame in enumerate(_frames()):
            if i == 4:
                cancel.set()
            yield frame

    stream = FrameStream(frames=stopping(), width=WIDTH, height=HEIGHT, fps=FPS, count=COUNT)
    with pytest.raises(Cancelled):
        write_video(stream, tmp_path / name, encoding=choose_encoding(Path(name), "draft"), metadata={}, cancel=cancel)
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_when_the_new_one_fails(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    stream = FrameStream(frames=iter([np.zeros((10, 10, 3), np.uint8)]), width=WIDTH, height=HEIGHT, fps=FPS, count=1)
    with pytest.raises(ValueError, match="the stream says"):
        write_video(stream, tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
    assert (tmp_path / "a.mp4").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "codec", "words"),
    [("a.gif", "h264", "gif"), ("a.xyz", None, "xyz|not written"), ("no/such/a.mp4", None, "no folder")],
)
def test_what_cannot_be_written_is_said_first(tmp_path: Path, name: str, codec: Codec | None, words: str) -> None:
    def write() -> None:
        encoding = choose_encoding(tmp_path / name, "draft", codec)
        write_video(_stream(), tmp_path / name, encoding=encoding, metadata={})

    with pytest.raises(InputError, match=words):
        write()


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of file sizes there")
@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp", "frames"])
def test_a_disk_that_is_full_is_said_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    import resource

    noise = np.random.default_rng(0).integers(0, 255, (4, 360, 640, 3), dtype=np.uint8)
    stream = FrameStream(frames=(noise[i % 4] for i in range(60)), width=640, height=360, fps=FPS, count=60)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    try:
        with pytest.raises(DoesNotFit):
            write_video(stream, tmp_path / name, encoding=choose_encoding(tmp_path / name, "standard"), metadata={})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_sequence_may_have_names_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "shot_%03d.png"
    info = write_video(_stream(3), out, encoding=Encoding(codec="png", quality="draft"), metadata={"comment": "x"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shot_000.png", "shot_001.png", "shot_002.png"]
    assert (info.frames, info.metadata["comment"]) == (3, "x")
    assert all(np.array_equal(a, b) for a, b in zip(read_frames(out), _frames(3), strict=True))


def test_a_stream_can_be_watched_before_it_ends(tmp_path: Path) -> None:
    file = io.BytesIO()
    sizes: list[int] = []
    stream_video(_stream(24), file, progress=lambda stage, done, total: sizes.append(len(file.getvalue())))
    assert sizes[6] > 0
    assert sizes[-1] > sizes[6]
    (tmp_path / "a.mp4").write_bytes(file.getvalue())
    assert len(list(read_frames(tmp_path / "a.mp4"))) == 24


@pytest.mark.parametrize("data", [b"", b"no video at all", b"RIFF\0\0\0\0WEBPjunk", b"GIF89a"])
def test_what_is_no_video_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(InputError):
        probe(tmp_path / "a.mp4")
    with pytest.raises(InputError, match="no video"):
        probe(tmp_path / "missing.mp4")


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    peaks = []
    for count in (24, 240):
        tracemalloc.start()
        write_video(_stream(count), tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 1_000_000


def test_it_can_be_stopped_while_the_encoder_gives_out_what_it_holds_back(tmp_path: Path) -> None:
    stop = Event()

    def frames() -> Iterator[UInt8]:
        yield from _frames(40)
        stop.set()

    stream = FrameStream(frames=frames(), width=WIDTH, height=HEIGHT, fps=FPS, count=40)
    with pytest.raises(Cancelled):
        write_video(
            stream, tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="best"), metadata={}, cancel=stop
        )
    assert not list(tmp_path.iterdir())
