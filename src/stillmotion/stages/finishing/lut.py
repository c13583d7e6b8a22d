"""Colour tables of other programs: .cube files, one- and three-dimensional. Knows the file and single colours; no time.

    text ─▶ keywords, rows of three numbers ─▶ ColourTable ─▶ per channel 256 entries (1D)
                                                          └▶ tetrahedra between the nodes (3D)

N nodes on a side. Sources: Adobe, Cube LUT specification 1.0 (2013), and the input ranges that DaVinci Resolve writes;
tetrahedral interpolation after Sakamoto 1981, which keeps greys grey where trilinear interpolation tints them.
"""

from __future__ import annotations

import stat
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numba import njit

from stillmotion.errors import InputError
from stillmotion.types import Float32, Float64, UInt8

LARGEST_1D, LARGEST_3D = 65536, 128  # nodes on a side
LARGEST_BYTES = 256 << 20
_SIZES = {"LUT_1D_SIZE": LARGEST_1D, "LUT_3D_SIZE": LARGEST_3D}
_RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")
_VIDEO_RANGES = ("LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE")
_DOMAINS = ("DOMAIN_MIN", "DOMAIN_MAX")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourTable:
    """What a .cube file says. Colours are shares of full scale, of the values a file stores (not of light)."""

    title: str  # as written in the file, or its name
    low: Float64  # (3,) colour of the first node
    high: Float64  # (3,) colour of the last node; beyond them a colour counts as theirs
    nodes: Float32  # (N, 3) one row for each level of the three channels, or (N, N, N, 3) with blue, green, red indices


class LookUp:
    """Puts frames through a table. Each colour is worked out when it is first seen, and remembered (up to 64 MB)."""

    def __init__(self, table: ColourTable, strength: float) -> None:
        """`strength` in (0, 1]: the share of the table's colour, the rest is the frame's own."""
        self._levels = _levels(table, strength) if table.nodes.ndim == 2 else None
        if self._levels is None:
            nodes = len(table.nodes)
            self._nodes = np.ascontiguousarray(table.nodes.reshape(-1, 3))
            self._below, self._share = _places(table, nodes)
            self._size, self._strength = np.uint32(nodes), np.float32(strength)
            self._known = np.zeros(1 << 24, np.uint32)

    def __call__(self, frame: UInt8) -> UInt8:
        """A new frame (H, W, 3)."""
        if self._levels is not None:
            return np.asarray(cv2.LUT(frame, self._levels), dtype=np.uint8)
        out = np.empty(frame.shape, np.uint8)
        _look_up(frame, self._known, self._nodes, self._size, self._below, self._share, self._strength, out)
        return out


def _levels(table: ColourTable, strength: float) -> UInt8:
    """(1, 256, 3): what a one-dimensional table makes of each level."""
    level = np.arange(256) / 255
    nodes = table.nodes.astype(np.float64)
    found = [
        np.interp(level, np.linspace(table.low[c], table.high[c], len(nodes)), nodes[:, c]) for c in range(3)
    ]  # fmt: skip
    mixed = (1 - strength) * level[:, None] + strength * np.stack(found, axis=1)
    return np.asarray(np.rint(255 * mixed).clip(0, 255)[None], dtype=np.uint8)


def _places(table: ColourTable, nodes: int) -> tuple[Float32, Float32]:
    """For each channel and level (3, 256): where the node below it is in the flat table (uint32), and how far from that
    node to the next it is, in [0, 1].
    """
    level = np.arange(256)[:, None] / 255
    place = ((level - table.low) / (table.high - table.low)).clip(0, 1) * (nodes - 1)
    below = np.minimum(place.astype(np.int64), nodes - 2)
    steps = np.array([1, nodes, nodes * nodes])
    return np.ascontiguousarray((below * steps).T, np.uint32), np.ascontiguousarray((place - below).T, np.float32)


@njit(cache=True, nogil=True)
def _look_up(
    frame: UInt8, known: Float32, nodes: Float32, size: np.uint32, below: Float32, share: Float32,
    strength: np.float32, out: UInt8,
) -> None:  # fmt: skip
    """Fill `out`; `known` holds 1 << 24 | the new colour at the place of the old one, or 0 where it is not known."""
    for y in range(frame.shape[0]):
        for x in range(frame.shape[1]):
            r, g, b = frame[y, x, 0], frame[y, x, 1], frame[y, x, 2]
            key = (np.uint32(b) << np.uint32(16)) | (np.uint32(g) << np.uint32(8)) | np.uint32(r)
            found = known[key]
            if found == 0:
                found = _between(r, g, b, nodes, size, below, share, strength)
                known[key] = found
            out[y, x, 0] = np.uint8(found >> np.uint32(16))
            out[y, x, 1] = np.uint8(found >> np.uint32(8))
            out[y, x, 2] = np.uint8(found)


@njit(cache=True, nogil=True)
def _between(
    r: np.uint8, g: np.uint8, b: np.uint8, nodes: Float32, size: np.uint32, below: Float32, share: Float32,
    strength: np.float32,
) -> np.uint32:  # fmt: skip
    """A colour between the four nodes of its tetrahedron, packed. From the node below, the way goes along the channel
    that is farthest on, then the next, then the last, to the node above.
    """
    red, green, blue = np.uint32(1), size, size * size
    u, v, w = share[0, r], share[1, g], share[2, b]
    most, least = max(u, v, w), min(u, v, w)
    middle = u + v + w - most - least
    first = below[0, r] + below[1, g] + below[2, b]
    fourth = first + red + green + blue
    second = first + (red if u == most else green if v == most else blue)
    third = fourth - (blue if w == least else green if v == least else red)
    own = (np.float32(r), np.float32(g), np.float32(b))
    packed = np.uint32(1)
    for c in range(3):
        found = (
            (np.float32(1) - most) * nodes[first, c] + (most - middle) * nodes[second, c]
            + (middle - least) * nodes[third, c] + least * nodes[fourth, c]
        )  # fmt: skip
        value = own[c] + strength * (np.float32(255) * found - own[c])
        level = np.uint32(min(max(value, np.float32(0)), np.float32(255)) + np.float32(0.5))
        packed = (packed << np.uint32(8)) | level
    return packed


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_cube(path: Path) -> ColourTable:
    """Read a .cube file: 1D with 2 to 65536 nodes, 3D with 2 to 128 on a side.

    Raises:
        InputError: missing, no text, or not a whole table; names the line and what is wrong with it.
    """
    path = Path(path)
    lines = _text(path).splitlines()
    reading = _Reading(name=path.name)
    for number, line in enumerate(lines, 1):
        reading.take(number, line.strip())
    return reading.whole()


def _text(path: Path) -> str:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"The colour table {path} is no plain file.", hint="Name a .cube file.")
        if found.st_size > LARGEST_BYTES:
            raise InputError(f"The colour table {path} has {found.st_size >> 20} MiB; up to 256 MiB are read.")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a name that no file can have
        raise InputError(f"There is no colour table {path}.") from error
    except OSError as error:
        raise InputError(f"The colour table {path} cannot be read: {error.strerror}.") from error
    if b"\0" in data[:4096]:
        raise InputError(f"{path} is no text; a colour table is a .cube file.", hint="Export the look as .cube.")
    return data.decode("utf-8-sig", errors="replace")


@dataclass(kw_only=True)
class _Reading:
    """A file as far as it has been read."""

    name: str
    title: str = ""
    size: int = 0  # nodes on a side; 0 until it is said
    keyword: str = ""  # that said the size
    low: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    high: list[float] = field(default_factory=lambda: [1.0, 1.0, 1.0])
    colours: array[float] = field(default_factory=lambda: array("d"))  # of the rows, one after the other
    last: int = 0  # line of the last row

    def wrong(self, number: int, what: str, hint: str | None = None) -> InputError:
        return InputError(f"The colour table {self.name} is broken in line {number}: {what}", hint=hint)

    def take(self, number: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        if line[0] in "+-.0123456789" or line[:3].lower() in ("nan", "inf"):
            self._row(number, line)
        else:
            word, *rest = (line if line.startswith("TITLE") else line.partition("#")[0]).split(None, 1)
            self._keyword(number, word, "".join(rest))

    def _row(self, number: int, line: str) -> None:
        self.last = number
        self.colours.extend(self._numbers(number, line.partition("#")[0].split(), 3, "a colour"))
        if self.size and len(self.colours) > 3 * self._wanted():
            raise self.wrong(
                number, f"{self.keyword} {self.size} means {self._wanted()} colours, and this is one more."
            )

    def _keyword(self, number: int, word: str, rest: str) -> None:
        values = rest.split()
        if word == "TITLE":
            self.title = rest.strip().strip('"')
        elif word in _SIZES:
            self._sized(number, word, values)
        elif word in _DOMAINS:
            found = self._numbers(number, values, 3, word)
            self.low, self.high = (found, self.high) if word == "DOMAIN_MIN" else (self.low, found)
        elif word in _RANGES:
            low, high = self._numbers(number, values, 2, word)
            self.low, self.high = [low] * 3, [high] * 3
        elif word in _VIDEO_RANGES:
            hint = "Export it for full range (0 to 255)."
            raise self.wrong(number, f"{word} means that it is for levels from 16 to 235.", hint=hint)
        else:
            raise self.wrong(
                number, f"'{word[:40]}' is no word of a .cube file.",
                hint="It holds TITLE, LUT_1D_SIZE or LUT_3D_SIZE, DOMAIN_MIN, DOMAIN_MAX and rows of three numbers.",
            )  # fmt: skip

    def _sized(self, number: int, word: str, values: list[str]) -> None:
        if self.size:
            both = f"{self.keyword} {self.size} stands before it; a table has one size"
            raise self.wrong(
                number, f"{word} {' '.join(values)}, but {both}.",
                hint="A 3D table with a 1D one before it is to be exported as a 3D table alone.",
            )  # fmt: skip
        largest = _SIZES[word]
        if len(values) != 1 or not values[0].isascii() or not values[0].isdigit() or not 2 <= int(values[0]) <= largest:
            raise self.wrong(number, f"{word} '{' '.join(values)}' is no whole number from 2 to {largest}.")
        self.size, self.keyword = int(values[0]), word

    def _numbers(self, number: int, values: list[str], count: int, what: str) -> list[float]:
        if len(values) != count:
            raise self.wrong(number, f"{what} has {count} numbers, found {len(values)}: '{' '.join(values)[:60]}'.")
        try:
            found = [float(value) for value in values]
        except ValueError:
            raise self.wrong(number, f"'{' '.join(values)[:60]}' are not {count} numbers.") from None
        if not all(-1e6 < value < 1e6 for value in found):  # NaN fails both comparisons
            raise self.wrong(number, f"'{' '.join(values)[:60]}' are not numbers that a colour can have.")
        return found

    def _wanted(self) -> int:
        return self.size if self.keyword == "LUT_1D_SIZE" else self.size**3

    def whole(self) -> ColourTable:
        if not self.size:
            hint = "It begins with LUT_1D_SIZE or LUT_3D_SIZE and a number."
            raise InputError(f"The colour table {self.name} does not say its size; it is no .cube file.", hint=hint)
        if len(self.colours) != 3 * self._wanted():
            raise self.wrong(
                max(self.last, 1),
                f"it ends after {len(self.colours) // 3} colours; {self.keyword} {self.size} means {self._wanted()}.",
                hint="The file is cut off, or its size is wrong: export it again.",
            )
        if not all(low < high for low, high in zip(self.low, self.high, strict=True)):
            raise InputError(
                f"The colour table {self.name} goes from {self.low} to {self.high}; each channel's last value must be "
                "above its first."
            )
        nodes: Float32 = np.array(self.colours, dtype=np.float32).reshape(-1, 3)
        if self.keyword == "LUT_3D_SIZE":
            nodes = nodes.reshape(self.size, self.size, self.size, 3)
        low, high = np.array(self.low), np.array(self.high)
        return ColourTable(title=self.title or Path(self.name).stem, low=low, high=high, nodes=nodes)
