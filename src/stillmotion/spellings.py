"""Options that are written as words: shapes, lengths, speeds, axes of a grid, mixes of seeds, sentences with shares.

Text in, numbers out; a ValueError says what is wrong and how to write it.
"""

from __future__ import annotations

import math
from typing import Literal

Axis = Literal["seed", "prompt", "noise", "guidance", "hold", "strength"]
AXES: dict[Axis, tuple[tuple[float, float], float, float]] = {
    "seed": ((0, 0), 0, 0), "prompt": ((0, 1), 0, 1), "noise": ((0, 1), 0, 1), "guidance": ((0, 3), 0, 10),
    "hold": ((0.9, 0), 0, 1), "strength": ((0.5, 2), 0, 3),
}  # fmt: skip
"""What `explore` may change: first and last value by default, and the bounds of both."""


def read_aspect(text: str) -> float:
    """Width over height of "16:9" or "2.39".

    Raises:
        ValueError: not such a shape, or none from 1:5 to 5:1.
    """
    wide, colon, high = text.strip().replace("x", ":").partition(":")
    try:
        shape = float(wide) / float(high if colon else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(
            f"'{text}' is not a shape; write WIDTH:HEIGHT such as 16:9, or a number such as 2.39"
        ) from error
    if not 0.2 <= shape <= 5:
        raise ValueError(f"the shape '{text}' is {shape:.3g} times as wide as high; it may be 0.2 to 5 times")
    return shape


def read_length(text: str, side: int) -> int:
    """Pixels of "20%" of a side, or of "200" or "200px".

    Raises:
        ValueError: neither of both, or less than 0 or more than the side itself.
    """
    bare = text.strip().lower()
    number, share = (bare[:-1], True) if bare.endswith("%") else (bare.removesuffix("px"), False)
    try:
        amount = float(number)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a length; write a share such as 20%, or pixels such as 200") from error
    if not 0 <= amount < 1e6 or (share and amount > 100):
        raise ValueError(f"'{text}' is out of bounds; up to 100% can be painted at one side")
    return round(amount * side / 100 if share else amount)


def read_speed(text: str) -> tuple[tuple[float, float], ...]:
    """Seconds and speeds of "0.5" or "0:1,2:0.25,3:1".

    Raises:
        ValueError: neither.
    """
    keys = [part.split(":") for part in text.split(",")]
    try:
        if len(keys) == 1 and len(keys[0]) == 1:
            return ((0.0, float(keys[0][0])),)
        return tuple((float(second), float(speed)) for second, speed in keys)
    except ValueError as error:
        raise ValueError(f"'{text}' is no speed; write 0.5, or SECOND:SPEED,... such as 0:1,2:0.25,3:1") from error


def read_sides(text: str, what: str) -> tuple[int, int]:
    """Two whole numbers of "1280x720".

    Args:
        what: it is if it is not that: "not a size; write ...".

    Raises:
        ValueError: not two whole numbers.
    """
    across, cross, down = text.lower().replace("×", "x").partition("x")
    if not (cross and across.strip().isdigit() and down.strip().isdigit()):
        raise ValueError(f"'{text}' is {what}")
    return int(across), int(down)


def read_axis(text: str) -> tuple[Axis, float, float]:
    """What a row or a column changes, and its first and last value, of "guidance=0:4" or "seed".

    Raises:
        ValueError: no such axis, or values out of its bounds.
    """
    name, equals, span = text.partition("=")
    axis = next((each for each in AXES if each == name.strip().lower()), None)
    if axis is None:
        raise ValueError(f"'{name}' cannot be changed across or down; {', '.join(AXES)} can")
    usual, low, high = AXES[axis]
    if not equals:
        return axis, *usual
    first, colon, last = span.partition(":")
    try:
        values = (float(first), float(last))
    except ValueError as error:
        raise ValueError(f"'{text}' is no axis; write NAME=FIRST:LAST such as guidance=0:4") from error
    if axis == "seed" or not (colon and all(low <= value <= high for value in values)):
        what = "every column or row has the next seed" if axis == "seed" else f"{axis} goes from {low:g} to {high:g}"
        raise ValueError(f"'{text}': {what}")
    return axis, *values


def read_noise(text: str) -> tuple[tuple[int, float], ...]:
    """Seeds and weights of "7:0.8,11:0.6" or "7"; the weights are scaled so that their squares make 1.

    Raises:
        ValueError: not such a mix, a seed twice, or weights that are all zero.
    """
    parts = [part.partition(":") for part in text.split(",")]
    try:
        pairs = [(int(seed), float(weight if colon else 1)) for seed, colon, weight in parts]
    except ValueError as error:
        raise ValueError(f"'{text}' is no mix of seeds; write SEED:WEIGHT,... such as 7:0.8,11:0.6") from error
    length = math.sqrt(sum(weight * weight for _, weight in pairs))
    if not 1e-6 < length < 1e6 or any(not 0 <= seed < 2**32 for seed, _ in pairs):
        raise ValueError(f"'{text}': seeds go from 0 to 2^32 - 1, and not all weights may be 0")
    if len({seed for seed, _ in pairs}) < len(pairs):
        raise ValueError(f"'{text}' names a seed twice")
    return tuple((seed, weight / length) for seed, weight in pairs)


def read_shares(texts: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """Shares and sentences of "0.3:The camera pans right."; the shares are scaled to make 1. One needs no share.

    Raises:
        ValueError: one of several has no share above 0.
    """
    found = []
    for text in texts:
        share, colon, sentence = text.partition(":")
        try:
            pair = (float(share), sentence.strip()) if colon else (1.0, text.strip())
        except ValueError:
            pair = (1.0, text.strip())
        if not (0 < pair[0] < 1e6 and pair[1]) or (len(texts) > 1 and pair[1] == text.strip()):
            raise ValueError(f"'{text}' is no sentence with its share; write SHARE:SENTENCE such as '0.3:It snows.'")
        found.append(pair)
    total = sum(share for share, _ in found)
    return tuple((share / total, sentence) for share, sentence in found)
