"""Runway's camera sliders as moves of ours. They may be combined; "static" stands for all of them at zero."""

from __future__ import annotations

from collections.abc import Mapping

from stillmotion.errors import InputError
from stillmotion.stages.motion.importers.sliders import Slider, moves_of_sliders
from stillmotion.stages.motion.moves import Move

_SLIDERS = {
    "horizontal": Slider(below="truck_left", above="truck_right"),
    "vertical": Slider(below="pedestal_down", above="pedestal_up"),
    "pan": Slider(below="pan_left", above="pan_right"),
    "tilt": Slider(below="tilt_down", above="tilt_up"),
    "zoom": Slider(below="push_zoom_out", above="push_zoom_in"),
    "roll": Slider(below="roll_left", above="roll_right"),
}


def read_runway(controls: Mapping[str, object]) -> tuple[Move, ...]:
    """Moves of `{"horizontal": 2, "zoom": -1.5, ...}` (any case), all at once.

    Raises:
        InputError: an unknown slider, a value beyond ±10, or "static" beside a slider that is not at zero.
    """
    values = {name.lower(): value for name, value in controls.items()}
    static = values.pop("static", False)
    moves = moves_of_sliders(values, _SLIDERS, product="Runway")
    if static and moves != (Move(name="static"),):
        raise InputError("Runway's 'static' is set beside sliders that are not at zero; use one or the other.")
    return moves
