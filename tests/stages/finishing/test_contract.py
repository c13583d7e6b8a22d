"""The contract of `Step`, on every step of the chain: streaming, honest sizes, nothing written into, the same twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from stillmotion.options import FinishOptions
from stillmotion.plan import Grade
from stillmotion.stages.finishing.chain import chained, steps
from stillmotion.stages.finishing.step import Step
from stillmotion.types import FrameStream, UInt8

SIZE, COUNT, FPS = (96, 64), 20, 12.0

WISHES: dict[str, dict[str, object]] = {
    "deblock": {"deblock": True},
    "denoise": {"denoise": 0.7},
    "deflicker": {"deflicker": True},
    "lock_colour": {"lock_colour": 1.0},
    "stabilize": {"stabilize": True},
    "tripod": {"tripod": True},
    "stabilize with a filled rim": {"stabilize": True, "border": "fill"},
    "retime faster": {"fps": 30.0},
    "retime slower": {"fps": 5.0},
    "slow motion": {"speed": 0.5},
    "ramp": {"speed": "0:1,1:0.5,1.5:2"},
    "learned frames": {"fps": 24.0, "between": "learned"},
    "upscale 2": {"upscale": 2},
    "upscale 4": {"upscale": 4},
    "sharpen": {"sharpen": 0.5},
    "lens blur": {"lens_blur": 0.5},
    "colour": {"exposure": 0.5, "contrast": 0.3, "temperature": 0.2, "tint": -0.2, "saturation": 1.2, "vignette": 0.5},
    "letterbox": {"letterbox": 2.39},
    "text": {"text": "Grüße"},
    "watermark": {"watermark": "draft"},
    "fades": {"fade_in": 0.3, "fade_out": 0.3},
    "grain": {"grain": 0.4},
    "deband": {"deband": True},
}


class Source:
    """A small clip that watches how it is read."""

    def __init__(self, count: int = COUNT) -> None:
        rng = np.random.default_rng(3)
        noise = rng.integers(0, 256, (80, 320, 3), dtype=np.uint8)
        self.picture = cv2.GaussianBlur(noise, (0, 0), 3)
        self.count, self.given, self.closed = count, 0, False

    def stream(self) -> FrameStream:
        return FrameStream(frames=self._each(), width=SIZE[0], height=SIZE[1], fps=FPS, count=self.count)

    def _each(self) -> Iterator[UInt8]:
        try:
            for number in range(self.count):
                left = number + (number * 7) % 3
                frame = np.ascontiguousarray(self.picture[5 : 5 + SIZE[1], left : left + SIZE[0]])
                frame.flags.writeable = False
                self.given += 1
                yield frame
        finally:
            self.closed = True


def chain_of(wish: dict[str, object]) -> tuple[Step, ...]:
    options = FinishOptions.model_validate(wish)
    return steps(options, Grade().changed_by(options), seed=5)


@pytest.fixture(params=WISHES.values(), ids=WISHES.keys())
def made(request: pytest.FixtureRequest) -> Callable[[], tuple[Step, ...]]:
    return lambda: chain_of(request.param)


def test_what_is_said_of_the_stream_is_what_comes_out(made: Callable[[], tuple[Step, ...]]) -> None:
    (step,) = made()
    stream = step(Source().stream())
    frames = list(stream)
    assert len(frames) == stream.count
    assert {frame.shape for frame in frames} == {(stream.height, stream.width, 3)}
    assert {frame.dtype for frame in frames} == {np.dtype(np.uint8)}
    assert json.loads(json.dumps(step.told())) == step.told()


def test_the_same_frames_give_the_same_frames(made: Callable[[], tuple[Step, ...]]) -> None:
    one, other = (list(chained(Source().stream(), made())) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_no_more_frames_are_asked_for_than_the_look_ahead(made: Callable[[], tuple[Step, ...]]) -> None:
    (step,) = made()
    source = Source(count=200)
    frames = iter(step(source.stream()))
    assert source.given == 0
    next(frames)
    assert source.given <= step.look_ahead + 1


def test_a_stream_that_is_closed_closes_its_source(made: Callable[[], tuple[Step, ...]]) -> None:
    source = Source()
    stream = chained(source.stream(), made())
    next(iter(stream))
    stream.frames.close()  # type: ignore[attr-defined] # a generator
    assert source.closed


def test_a_clip_of_one_frame_is_a_clip(made: Callable[[], tuple[Step, ...]]) -> None:
    if made()[0].name == "fade":
        pytest.skip("a fade is longer than one frame, and refused")
    stream = chained(Source(count=1).stream(), made())
    assert len(list(stream)) == stream.count >= 1


def test_nothing_is_done_that_is_not_asked_for() -> None:
    assert chain_of({}) == ()
    source = Source().stream()
    assert chained(source, ()) is source


def test_the_order_is_that_of_the_chain_whatever_was_said_first() -> None:
    found = chain_of({"text": "a", "grain": 0.2, "upscale": 2, "fps": 24.0, "stabilize": True, "deblock": True})
    assert [step.name for step in found] == ["deblock", "stabilize", "retime", "upscale", "grain", "text"]
