"""A contact sheet: pictures in a grid, each with its number and a line about it. Knows pictures and words only.

title
[1      ] [2      ]
caption   caption
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillmotion.stages.finishing.lettering import choose_face, lettered, wrapped
from stillmotion.types import UInt8

_GROUND, _INK, _TITLE = 22, (200, 200, 200), (240, 240, 240)
_GAP = 10  # pixels between cells and at the rim
_LINE = 1.35  # of the size of the letters
_TITLE_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is written at a cell."""

    number: int
    caption: str


class Sheet:
    """A grid for pictures (h, w, 3) of one size; filled as often as one likes, so that it can be a video, too."""

    def __init__(self, labels: Sequence[Label], columns: int, *, title: str, size: tuple[int, int]) -> None:
        """`size` is the width and height of a picture; the sheet itself has even sides."""
        self._labels, self._columns, self._size = labels, columns, size
        width, height = size
        self._letters = max(11, round(0.05 * width))
        rows = -(-len(labels) // columns)
        across = columns * (width + _GAP) + _GAP
        self._face = choose_face(title + " ".join(label.caption for label in labels) + "0123456789", None)
        top = self._written(title, 1.15 * self._letters, across - 2 * _GAP, _TITLE_LINES)
        captions = [self._written(label.caption, self._letters, width, 2) for label in labels]
        under = max(caption.shape[0] for caption in captions)
        self._first = (_GAP + top.shape[0] + _GAP // 2, _GAP)
        self._pitch = (height + under + _GAP, width + _GAP)
        whole = (self._first[0] + rows * self._pitch[0], across)
        self._ground = np.full((*(side + side % 2 for side in whole), 3), _GROUND, np.uint8)
        _lay(self._ground, top, (_GAP, _GAP), _TITLE)
        for index, caption in enumerate(captions):
            y, x = self._corner(index)
            _lay(self._ground, caption, (y + height, x), _INK)
        font = self._face.at(1.5 * self._letters)
        self._badges = [
            lettered([str(label.number)], font, pitch=1, align=0.5, pad=round(0.3 * self._letters)) for label in labels
        ]

    def filled(self, pictures: Sequence[UInt8]) -> UInt8:
        """The sheet with these pictures, in the order of the labels."""
        sheet, (width, height) = self._ground.copy(), self._size
        for index, (picture, badge) in enumerate(zip(pictures, self._badges, strict=True)):
            y, x = self._corner(index)
            sheet[y : y + height, x : x + width] = picture
            spot = sheet[y : y + badge.shape[0], x : x + badge.shape[1]]
            spot[:] = spot // 3
            _lay(sheet, badge, (y, x), (255, 255, 255))
        return sheet

    def _corner(self, index: int) -> tuple[int, int]:
        row, column = divmod(index, self._columns)
        return self._first[0] + row * self._pitch[0], self._first[1] + column * self._pitch[1]

    def _written(self, text: str, size: float, width: int, most: int) -> UInt8:
        """A text as grey, no wider than `width`; what would take more than `most` lines ends in dots."""
        font = self._face.at(size)
        lines = wrapped(text, font, width - 8)
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1].rstrip()[:-2] + "..."]
        return lettered(lines, font, pitch=round(_LINE * size), align=0.0, pad=2)[:, :width]


def _lay(ground: UInt8, grey: UInt8, corner: tuple[int, int], ink: tuple[int, int, int]) -> None:
    """Paint with ink where it is not black, as far as the ground goes."""
    y, x = corner
    part = ground[y : y + grey.shape[0], x : x + grey.shape[1]]
    share = grey[: part.shape[0], : part.shape[1], None].astype(np.float32) / 255
    part[:] = np.rint(part * (1 - share) + np.asarray(ink, np.float32) * share).astype(np.uint8)
