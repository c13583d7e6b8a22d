"""`finish` on real files: pictures and sound come out as long, as large and as placed as they should be."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

import stillmotion
from stillmotion.errors import InputError
from stillmotion.media.encoding import Encoding
from stillmotion.media.probe import probe, read_frames
from stillmotion.media.video import write_video
from stillmotion.stages.finishing.manifest import manifest_path
from stillmotion.types import FrameStream, UInt8

FPS, COUNT, SIZE, RATE = 10.0, 20, (128, 96), 48_000


def picture(number: int) -> UInt8:
    """Grey that gets brighter, with a white block that moves two pixels a frame."""
    frame = np.full((SIZE[1], SIZE[0], 3), 40 + 4 * number, np.uint8)
    frame[30:60, 10 + 2 * number : 30 + 2 * number] = 230
    return frame


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    stream = FrameStream(frames=map(picture, range(COUNT)), width=SIZE[0], height=SIZE[1], fps=FPS, count=COUNT)
    write_video(stream, path, encoding=Encoding(codec="h264", quality="best"), metadata={})
    return path


@pytest.fixture(scope="module")
def loud(clip: Path) -> Path:
    """The same clip with a beep from 1.0 to 1.1 s."""
    path = clip.with_name("loud.mp4")
    with av.open(str(clip)) as source, av.open(str(path), "w") as made:
        pictures = made.add_stream_from_template(source.streams.video[0])
        sound = made.add_stream("aac", rate=RATE, layout="mono")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                made.mux(packet)
        time = np.arange(2 * RATE) / RATE
        wave = np.where((time >= 1.0) & (time < 1.1), 0.5 * np.sin(2 * np.pi * 1000 * time), 0.0).astype(np.float32)
        for at in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, at : at + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            made.mux(sound.encode(frame))
        made.mux(sound.encode(None))
    return path


def beep(path: Path) -> tuple[float, float]:
    """When the sound of a file begins and ends to be loud, in seconds after its first picture."""
    with av.open(str(path)) as container:
        start = float((container.streams.video[0].start_time or 0) * container.streams.video[0].time_base)
        found, rate = [], container.streams.audio[0].rate
        for frame in container.decode(audio=0):
            level = np.abs(frame.to_ndarray().astype(np.float64)).reshape(-1, frame.samples).max(axis=0)
            level /= 32768 if frame.format.name.startswith("s16") else 1
            at = float(frame.time) - start + np.flatnonzero(level > 0.1) / rate
            found += at.tolist()
    return min(found), max(found)


def middle(frame: UInt8) -> int:
    return int(frame[5, 5, 0])


def test_a_clip_without_wishes_is_the_clip_again(clip: Path, tmp_path: Path) -> None:
    video = stillmotion.finish(clip, out=tmp_path / "a.mp4", quality="best")
    before, after = list(read_frames(clip)), list(read_frames(video.path))
    assert len(after) == COUNT
    assert max(float(np.abs(a.astype(int) - b.astype(int)).mean()) for a, b in zip(before, after, strict=True)) < 1.5
    assert probe(video.path).fps == FPS
    assert json.loads(manifest_path(video.path).read_text()) == video.manifest
    assert video.manifest["finishing"] == []


def test_the_sound_is_copied_and_stays_where_it_was(loud: Path, tmp_path: Path) -> None:
    video = stillmotion.finish(loud, out=tmp_path / "a.mp4", fps=20)
    assert video.manifest["effective"]["frames"] == 2 * COUNT
    assert video.manifest["effective"]["sound"].startswith("copied")
    assert beep(video.path) == pytest.approx(beep(loud), abs=0.01)


@pytest.mark.parametrize(("speed", "heard"), [(0.5, (2.0, 2.2)), (2.0, (0.5, 0.55))])
def test_the_sound_follows_a_change_of_speed(
    loud: Path, tmp_path: Path, speed: float, heard: tuple[float, float]
) -> None:
    video = stillmotion.finish(loud, out=tmp_path / "a.mp4", speed=speed, between="blend")
    assert probe(video.path).seconds == pytest.approx(2 / speed, abs=0.11)
    assert beep(video.path) == pytest.approx(heard, abs=0.05)


def test_reversed_pictures_have_reversed_sound(loud: Path, tmp_path: Path) -> None:
    video = stillmotion.finish(loud, out=tmp_path / "a.mp4", reverse=True)
    frames = list(read_frames(video.path))
    assert middle(frames[0]) == pytest.approx(middle(picture(COUNT - 1)), abs=4)
    assert middle(frames[-1]) == pytest.approx(middle(picture(0)), abs=4)
    assert beep(video.path) == pytest.approx((0.9, 1.0), abs=0.03)


def test_a_ramp_slows_down_where_it_says(loud: Path, tmp_path: Path) -> None:
    video = stillmotion.finish(loud, out=tmp_path / "a.mp4", speed="0:1,1:0.5", between="blend")
    seconds = probe(video.path).seconds
    assert seconds == pytest.approx(2 * np.log(2) + 2, abs=0.15)  # ∫ ds / v over both halves
    assert beep(video.path)[0] == pytest.approx(2 * np.log(2), abs=0.05)


def test_joined_clips_melt_into_one_another(loud: Path, tmp_path: Path) -> None:
    video = stillmotion.finish(loud, out=tmp_path / "a.mp4", join=[loud], crossfade=0.5)
    assert probe(video.path).seconds == pytest.approx(3.5, abs=0.11)
    assert beep(video.path) == pytest.approx((1.0, 2.6), abs=0.03)
    frames = list(read_frames(video.path))
    assert middle(frames[17]) == pytest.approx((middle(picture(17)) + middle(picture(2))) / 2, abs=14)


def test_mute_and_pictures_without_sound_say_so(loud: Path, tmp_path: Path) -> None:
    quiet = stillmotion.finish(loud, out=tmp_path / "a.mp4", mute=True)
    assert quiet.manifest["effective"]["sound"] == "left out"
    with av.open(str(quiet.path)) as container:
        assert not container.streams.audio
    moving = stillmotion.finish(loud, out=tmp_path / "a.gif")
    assert "holds none" in moving.manifest["effective"]["sound"]


def test_the_record_inside_names_the_clip_and_the_wish(clip: Path, tmp_path: Path) -> None:
    video = stillmotion.finish(clip, out=tmp_path / "a.mkv", grain=0.3, seed=4)
    record = json.loads(probe(video.path).metadata["stillmotion-finish"])
    assert record["options"] == {"grain": 0.3, "seed": 4}
    assert record["clip"]["name"] == "clip.mp4"
    assert video.manifest["finishing"][0]["step"] == "grain"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"crossfade": 1.0}, "needs a second clip"),
        ({"speed": "0:1,1:2", "join": ["clip"]}, "several are joined"),
        ({"fade_out": 30.0}, "fade"),
        ({"lut": "no.cube"}, "no.cube"),
        ({"logo": "no.png"}, "no.png"),
        ({"join": ["clip"], "crossfade": 5.0}, "5"),
        ({"speed": "fast"}, "is no speed"),
        ({"speed": 100}, "speeds go from"),
        ({"upscale": 3}, "upscale"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_nothing_is_left(
    clip: Path, tmp_path: Path, wish: dict[str, object], said: str
) -> None:
    if wish.get("join"):
        wish = wish | {"join": [clip]}
    with pytest.raises(InputError, match=said):
        stillmotion.finish(clip, out=tmp_path / "a.mp4", **wish)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_clip_is_not_written_over_itself(clip: Path) -> None:
    before = clip.read_bytes()
    with pytest.raises(InputError, match="written over"):
        stillmotion.finish(clip, out=clip)
    assert clip.read_bytes() == before


def test_a_photo_is_animated_with_the_same_steps(tmp_path: Path) -> None:
    photo = Path(__file__).parents[3] / "examples" / "coffee.jpg"
    video = stillmotion.animate(
        photo, "push in", out=tmp_path / "a.mp4", size=(160, 96), seconds=0.5, fps=12, contrast=0.2, upscale=2,
        letterbox=2.0,
    )  # fmt: skip
    info = probe(video.path)
    assert (info.width, info.height, info.frames) == (320, 192, 6)
    assert [each["step"] for each in video.manifest["finishing"]] == ["upscale", "colour", "letterbox"]
    assert video.manifest["effective"]["plan"]["grade"]["contrast"] == 0.2
    first = next(iter(read_frames(video.path)))
    assert first[:14].mean() < 3
