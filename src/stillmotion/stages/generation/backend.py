"""The one seam of the generation stage: what draws the frames of a plan."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Protocol

from stillmotion.errors import InputError
from stillmotion.options import AnimateOptions, Quality
from stillmotion.plan import MotionPlan
from stillmotion.spellings import read_noise, read_shares
from stillmotion.types import FrameStream, Progress, Scene

if TYPE_CHECKING:
    from stillmotion.stages.generation.nano.engine import Guide, NanoBackend


class Backend(Protocol):
    """Draws the frames of a plan.

    Contract (tests/stages/generation/test_contract.py runs it on every registered backend): frame 0 is the photo; the
    same seed gives the same bytes on any thread count; `progress("generation", done, total)` rises to its total; after
    `cancel` is set no further frame is drawn and iterating raises `Cancelled`; a kind of motion that the backend cannot
    draw raises `InputError` naming it, before the first frame.
    """

    def draw(
        self, scene: Scene, plan: MotionPlan, *, seed: int, quality: Quality, progress: Progress, cancel: Event
    ) -> FrameStream: ...


def _geometry(_options: AnimateOptions, _sentence: str) -> Backend:
    from stillmotion.stages.generation.backends.geometry import GeometryBackend

    return GeometryBackend()


def nano(options: AnimateOptions, sentence: str, *, guide: Guide | None = None) -> NanoBackend:
    """The engine 'nano', with a guide that is kept from clip to clip."""
    from stillmotion.stages.generation.nano.engine import Manner, NanoBackend

    manner = Manner(
        steps=options.steps, guidance=options.guidance, hold=options.hold, free=options.free,
        noise=read_noise(options.noise) if options.noise else (), tell=read_shares(options.tell),
        checkpoint=options.checkpoint, weights=options.weights,
    )  # fmt: skip
    return NanoBackend(manner, sentence, guide=guide)


_BACKENDS: dict[str, Callable[[AnimateOptions, str], Backend]] = {"geometry": _geometry, "nano": nano}
"""Engine name -> what makes it; modules load when asked for."""


def engines() -> tuple[str, ...]:
    """The names `--engine` takes."""
    return tuple(_BACKENDS)


def backend(name: str, options: AnimateOptions | None = None, *, sentence: str = "") -> Backend:
    """The backend of an engine's name, with the options it knows and the plan told in one sentence.

    Raises:
        InputError: no engine has this name.
    """
    if name not in _BACKENDS:
        raise InputError(f"There is no engine {name!r}; there is {', '.join(_BACKENDS)}.")
    return _BACKENDS[name](options or AnimateOptions(), sentence)
