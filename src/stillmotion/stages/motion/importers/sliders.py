"""Sliders from -10 to 10 as moves of ours. Knows no product: each brings its own table of names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from stillmotion.errors import InputError
from stillmotion.stages.motion.moves import Move

MOST = 10.0
_OWN_AMOUNT = 5.0  # the slider value at which a move goes as far as it does by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """What a slider does below and above zero: names of moves."""

    below: str
    above: str


def moves_of_sliders(values: Mapping[str, object], sliders: Mapping[str, Slider], *, product: str) -> tuple[Move, ...]:
    """All moves at once; sliders at zero do nothing, and all at zero is a static camera.

    Raises:
        InputError: a slider that the product does not have, or a value that is no number from -10 to 10.
    """
    moves: list[Move] = []
    for name, value in values.items():
        if name not in sliders:
            raise InputError(f"{product} has no slider {name!r}.", hint=f"There is {', '.join(sliders)}.")
        amount = slider_value(name, value, product=product)
        if amount:
            move = sliders[name].above if amount > 0 else sliders[name].below
            moves.append(Move(name=move, scale=abs(amount) / _OWN_AMOUNT, together=bool(moves)))
    return tuple(moves) or (Move(name="static"),)


def slider_value(name: str, value: object, *, product: str) -> float:
    """The number a slider stands at.

    Raises:
        InputError: no number from -10 to 10.
    """
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not -MOST <= number <= MOST:
        raise InputError(f"{product}'s slider {name!r} is at {value!r}; it goes from -10 to 10.")
    return number
