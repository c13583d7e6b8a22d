"""How a picture must be turned and mirrored to be seen as it was meant: a file's display matrix.

    (x', y') = (a x + c y, b x + d y)     ISO/IEC 14496-12, 8.3.2; a, b, c, d in 1/65536

Knows matrices and pictures, no files. Angles between the right ones are taken to the nearest.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from stillmotion.types import UInt8


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One of the eight ways to lay a rectangle down: sides swapped first, then mirrored."""

    swapped: bool
    mirrored_x: bool
    mirrored_y: bool

    def __call__(self, frame: UInt8) -> UInt8:
        """The frame (h, w, 3) upright, (w, h, 3) where the sides are swapped; a view."""
        turned = frame.transpose(1, 0, 2) if self.swapped else frame
        return turned[:: -1 if self.mirrored_y else 1, :: -1 if self.mirrored_x else 1]

    @property
    def mirrors(self) -> bool:
        """Whether writing would be read from right to left without it."""
        return self.swapped ^ self.mirrored_x ^ self.mirrored_y

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height after it."""
        return (height, width) if self.swapped else (width, height)


def turn_of(picture: Any) -> Turn:  # Any: av's VideoFrame, whose side data is not typed
    """The turn that a decoded picture asks for."""
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Turn(swapped=False, mirrored_x=False, mirrored_y=False)
    a, b, _, c, d = struct.unpack("5i", bytes(matrix)[:20])
    if np.hypot(b, c) > np.hypot(a, d):
        return Turn(swapped=True, mirrored_x=c < 0, mirrored_y=b < 0)
    return Turn(swapped=False, mirrored_x=a < 0, mirrored_y=d < 0)
