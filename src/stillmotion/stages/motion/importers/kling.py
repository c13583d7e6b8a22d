"""Kling's `camera_control` as moves of ours. Its names are not cinema's: its "pan" looks up and down, its "tilt" turns
left and right, and its zoom is in where it is negative (a narrower view).
"""

from __future__ import annotations

from collections.abc import Mapping

from stillmotion.errors import InputError
from stillmotion.stages.motion.importers.sliders import Slider, moves_of_sliders
from stillmotion.stages.motion.moves import Move

_SLIDERS = {
    "horizontal": Slider(below="truck_left", above="truck_right"),
    "vertical": Slider(below="pedestal_down", above="pedestal_up"),
    "pan": Slider(below="tilt_down", above="tilt_up"),
    "tilt": Slider(below="pan_left", above="pan_right"),
    "roll": Slider(below="roll_left", above="roll_right"),
    "zoom": Slider(below="zoom_in", above="zoom_out"),
}
_TYPES = {
    "down_back": ("pedestal_down", "pull_out"),
    "forward_up": ("push_in", "pedestal_up"),
    "right_turn_forward": ("pan_right", "push_in"),
    "left_turn_forward": ("pan_left", "push_in"),
}
_LONG_NAMES = {"horizontal_movement": "horizontal", "vertical_movement": "vertical"}


def read_kling(control: Mapping[str, object]) -> tuple[Move, ...]:
    """Moves of `{"type": "simple", "config": {"pan": -3, ...}}`, or of a type without sliders.

    Raises:
        InputError: an unknown type or slider, a value beyond ±10, or more than one slider away from zero (the product
            takes one).
    """
    kind = control.get("type", "simple")
    unknown = set(control) - {"type", "config"}
    if unknown:
        raise InputError(f"Kling's camera_control has no {sorted(unknown)}; it has 'type' and 'config'.")
    if isinstance(kind, str) and kind in _TYPES:
        return tuple(Move(name=name, together=i > 0) for i, name in enumerate(_TYPES[kind]))
    config = control.get("config") or {}
    if kind != "simple" or not isinstance(config, Mapping):
        allowed = ", ".join(["simple", *_TYPES])
        raise InputError(f"Kling's camera_control is of type {kind!r}; there is {allowed}.")
    values = {_LONG_NAMES.get(str(name), str(name)): value for name, value in config.items()}
    moves = moves_of_sliders(values, _SLIDERS, product="Kling")
    if len(moves) > 1:
        raise InputError(
            f"Kling moves one slider at a time; {', '.join(k for k, v in values.items() if v)} are not zero."
        )
    return moves
