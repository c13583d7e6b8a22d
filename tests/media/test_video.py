"""Videos of every container: the frames, the colours and the record inside, and nothing left when it fails."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from stillmotion.errors import Cancelled, InputError
from stillmotion.media.encoding import Codec, Encoding, choose_encoding
from stillmotion.media.probe import probe, read_frames, read_metadata
from stillmotion.media.video import write_video
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


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    peaks = []
    for count in (24, 240):
        tracemalloc.start()
        write_video(_stream(count), tmp_path / "a.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 1_000_000
