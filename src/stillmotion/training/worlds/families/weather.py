"""Hour, sky, air and season of an outdoor scene, drawn together so that they fit.

rng ─▶ Weather(sky, fog, rain, night, season, snow) with the light that goes with it
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.records import Sky


@dataclass(frozen=True, slots=True)
class Weather:
    """What it is like outside."""

    sky: Sky
    fog: float  # share of light lost per metre
    rain: float  # 0 to 1
    snow: float  # 0 to 1: how much lies on what faces up
    night: bool
    season: str  # summer, autumn, winter
    hour: str  # day, low sun, dusk, overcast, night: for the record


def draw_weather(rng: np.random.Generator, nights: float = 0.14, snows: float = 0.1) -> Weather:
    """The weather of one scene; `nights` and `snows` are the shares of scenes with them."""
    kind = str(rng.choice(["night", "dusk", "overcast", "low sun", "day"], p=[nights, 0.07, 0.17, 0.22, 0.54 - nights]))
    snow = float(rng.uniform(0.5, 1.0)) if rng.random() < snows else 0.0
    season = "winter" if snow > 0 else str(rng.choice(["summer", "autumn"], p=[0.82, 0.18]))
    low, high = {
        "night": (0.3, 1.0),
        "dusk": (0.02, 0.09),
        "overcast": (0.4, 1.1),
        "low sun": (0.12, 0.42),
        "day": (0.42, 1.2),
    }[kind]
    clouds = float(rng.uniform(0.88, 1.0)) if kind == "overcast" else float(rng.uniform(0.0, 0.65))
    misty = rng.random()
    fog = float(rng.uniform(0.003, 0.014) if misty < 0.08 else 10 ** rng.uniform(-4.2, -2.8))
    sky = Sky(
        kind="night" if kind == "night" else "day",
        sun_elevation=float(rng.uniform(low, high)),
        sun_azimuth=float(rng.uniform(-np.pi, np.pi)),
        turbidity=float(rng.uniform(2.0, 6.0)),
        clouds=clouds,
        cloud_speed=float(rng.uniform(4.0, 25.0)),
        wind=float(rng.uniform(-np.pi, np.pi)),
        ground=(0.75, 0.77, 0.8) if snow > 0 else (0.18, 0.16, 0.13),
        seed=int(rng.integers(1 << 30)),
    )
    rain = float(rng.uniform(0.3, 1.0)) if kind == "overcast" and snow == 0 and rng.random() < 0.35 else 0.0
    return Weather(sky, fog, rain, snow, kind == "night", season, kind)
