"""The one seam of the finishing chain: a change to a stream of frames that can say what it did."""

from __future__ import annotations

from typing import Any, Protocol

from stillmotion.types import FrameStream


class Step(Protocol):
    """One change.

    Contract (tests/stages/finishing/test_contract.py runs it on every step): a frame is asked of the source only when
    it is needed, and no more than `look_ahead` frames are held beyond the one given out; size,
    rate and count of what is returned are right before the first frame is drawn; frames are new arrays or passed on
    untouched, never written into; the same frames give the same frames. What a step cannot do with these frames it says
    at once, by InputError, not at the first frame. A step is used once.
    """

    name: str
    look_ahead: int  # frames

    def __call__(self, frames: FrameStream) -> FrameStream: ...

    def told(self) -> dict[str, Any]:
        """What it changed, ready for JSON; whole once the stream has ended."""
