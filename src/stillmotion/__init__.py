"""stillmotion: direct a still image.

    import stillmotion

    video = stillmotion.animate("photo.jpg", "slow push in, then orbit left", out="out.mp4")
    for frame in stillmotion.frames("photo.jpg", "crane up", size=(640, 360)):
        ...  # uint8 (360, 640, 3)
    print(stillmotion.direct("photo.jpg").sentence)

Nothing heavy is loaded until one of these names is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "AnimateOptions", "Cancelled", "Direction", "DoesNotFit", "FinishOptions", "FrameStream", "InputError",
    "MotionPlan", "NotAsPlanned", "StillmotionError", "Video", "WeightsMissing", "__version__", "animate", "direct",
    "explain", "explore", "explore_more", "explore_walk", "finish", "frames", "inpaint", "outpaint", "read_plan",
    "remove", "render_cell", "verify",
]  # fmt: skip

if TYPE_CHECKING:
    from stillmotion.api import animate, direct, explain, finish, frames, inpaint, outpaint, remove, verify
    from stillmotion.api_explore import explore, explore_more, explore_walk, render_cell
    from stillmotion.errors import Cancelled, DoesNotFit, InputError, NotAsPlanned, StillmotionError, WeightsMissing
    from stillmotion.options import AnimateOptions, FinishOptions
    from stillmotion.plan import MotionPlan, read_plan
    from stillmotion.types import Direction, FrameStream, Video

_HOME = {
    **dict.fromkeys(
        ("animate", "direct", "explain", "finish", "frames", "inpaint", "outpaint", "remove", "verify"), "api"
    ),
    **dict.fromkeys(("explore", "explore_more", "explore_walk", "render_cell"), "api_explore"),
    **dict.fromkeys(
        ("Cancelled", "DoesNotFit", "InputError", "NotAsPlanned", "StillmotionError", "WeightsMissing"), "errors"
    ),
    **dict.fromkeys(("AnimateOptions", "FinishOptions"), "options"),
    **dict.fromkeys(("MotionPlan", "read_plan"), "plan"),
    **dict.fromkeys(("Direction", "FrameStream", "Video"), "types"),
}
"""Public name -> the module it lives in."""


def __getattr__(name: str) -> Any:  # Any: a function, class or record, by name
    if name not in _HOME:
        raise AttributeError(f"module 'stillmotion' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"stillmotion.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
