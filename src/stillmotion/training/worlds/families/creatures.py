"""Animals and people in the open: herds on meadows, farms and in snow, birds in flight, butterflies, a park.

rng ─▶ scene kind ─▶ land with plants, creatures on their ways, each where the others are not ─▶ World
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.families.crowd import add_animal, add_person, coat
from stillmotion.training.worlds.families.greenery import strew_flowers, strew_grass
from stillmotion.training.worlds.families.surroundings import (
    Place,
    hang_cloth,
    is_free,
    laid,
    lay_land,
    plant_around,
    rolling_land,
    spot_on,
)
from stillmotion.training.worlds.families.weather import draw_weather
from stillmotion.training.worlds.looks import looks
from stillmotion.training.worlds.meshes.animals import KINDS
from stillmotion.training.worlds.meshes.flyers import bird, butterfly
from stillmotion.training.worlds.meshes.solids import TURN
from stillmotion.training.worlds.motions import along
from stillmotion.training.worlds.records import Material, World
from stillmotion.training.worlds.stage import Stage

HOMES: dict[str, tuple[str, ...]] = {
    "meadow": ("horse", "cow", "sheep", "deer", "dog", "fox"),
    "farm": ("cow", "pig", "sheep", "horse", "dog", "cat"),
    "savanna": ("elephant", "giraffe", "elephant", "giraffe", "deer"),
    "forest": ("deer", "bear", "fox", "deer"),
    "snow": ("fox", "bear", "dog", "deer", "horse"),
    "park": ("dog", "dog", "cat"),
    "beach": ("dog", "horse"),
    "flowers": (),
}
"""Which animals live in which kind of scene."""


def build(rng: np.random.Generator, size: tuple[int, int]) -> World:  # noqa: ARG001  every family has the same face
    """One scene of creatures; `size` (width, height) of the picture does not matter to it."""
    kind = str(rng.choice(list(HOMES), p=[0.2, 0.16, 0.13, 0.12, 0.08, 0.16, 0.05, 0.1]))
    weather = draw_weather(rng, nights=0.05, snows=1.0 if kind == "snow" else 0.0)
    height = rolling_land(rng, float(rng.uniform(0.15, 1.1)), float(rng.uniform(40, 80)))
    animal = str(rng.choice(HOMES[kind])) if HOMES[kind] else ""
    tall = KINDS[animal].shoulder if animal else 0.4
    people = kind in ("park", "beach") or rng.random() < 0.08
    distance = _distance(rng, kind, tall, people)
    eye = (
        float(rng.uniform(0.22, 0.55)) if kind == "flowers" else float(np.clip(tall * rng.uniform(0.6, 1.5), 0.5, 2.4))
    )
    if people:
        eye = float(rng.uniform(1.1, 1.75))
    stage = Stage((0.0, -eye, 0.0), 0.0)
    place = Place(kind, height, weather, distance)
    lay_land(stage, rng, place)
    taken: list[tuple[float, float, float]] = []
    if animal:
        _herd(stage, rng, place, animal, taken)
    if people:
        _people(stage, rng, place, taken)
    if kind == "flowers":
        _close_flowers(stage, rng, place, eye)
    elif rng.random() < 0.3:
        _birds(stage, rng, int(rng.integers(2, 15)))
    hang_cloth(stage, rng, place, taken)
    plant_around(stage, rng, place, taken)
    shallow = rng.random() < 0.4
    fov = float(rng.uniform(36, 62))
    return World(
        family="creatures",
        seed=int(rng.integers(1 << 31)),
        things=stage.seen_things(fov),
        sky=weather.sky,
        pivot=distance,
        eye=eye,
        fov_deg=fov,
        tilt_deg=float(rng.normal() * 2.0) + (float(rng.uniform(-2, 7)) if kind == "flowers" else 1.0),
        fog=weather.fog,
        rain=weather.rain,
        focus=distance if shallow else None,
        aperture=float(rng.uniform(2, 14)) if shallow else 0.0,
        told={"kind": kind, "animal": animal, "hour": weather.hour},
    )


def _distance(rng: np.random.Generator, kind: str, tall: float, people: bool) -> float:
    if kind == "flowers":
        return float(rng.uniform(0.7, 1.6))
    if people:
        return float(np.exp(rng.uniform(np.log(1.9), np.log(7.0))))
    return float(tall * np.exp(rng.uniform(np.log(2.4), np.log(7.0))) + 0.6)


def _herd(
    stage: Stage, rng: np.random.Generator, place: Place, animal: str, taken: list[tuple[float, float, float]]
) -> None:
    """The animal the scene is about, and its companions."""
    shoulder = KINDS[animal].shoulder
    room = shoulder * (0.5 * KINDS[animal].length + 1.0)
    lone = animal in ("bear", "fox", "cat") or rng.random() < 0.3
    count = 1 if lone else int(rng.integers(2, 9))
    heading = float(rng.choice([np.pi / 2, -np.pi / 2, np.pi, 0.3, -2.4, 2.4]) + rng.normal() * 0.35)
    moving = str(rng.choice(["walk", "trot", "stand", "graze"], p=[0.45, 0.15, 0.22, 0.18]))
    same = coat(rng, animal)
    distance = max(place.distance, room + 0.6)
    for number in range(count):
        for _ in range(25):
            spread = 0.0 if number == 0 else 1.0
            x = float(
                rng.normal() * spread * (1.6 + 0.25 * distance) * min(shoulder + 0.4, 2.0)
                - np.sin(heading) * 0.3 * shoulder
            )
            z = float(
                distance + spread * abs(rng.normal()) * 3.5 * (shoulder + 0.5) * (1 if rng.random() < 0.8 else -0.12)
            )
            if z > room + 0.9 and is_free(taken, x, z, room):
                break
        else:
            continue
        taken.append((x, z, room))
        activity = moving if rng.random() < 0.7 else str(rng.choice(["stand", "graze", "walk"]))
        turn = heading + float(rng.normal() * (0.12 if activity in ("walk", "trot") else 0.9))
        run = np.linspace(-3.0, 14.0, 20)
        path = laid(place, x + np.sin(turn) * run, z + np.cos(turn) * run)
        add_animal(stage, rng, animal, activity, path, same if rng.random() < 0.6 else coat(rng, animal), start=3.0)


def _people(stage: Stage, rng: np.random.Generator, place: Place, taken: list[tuple[float, float, float]]) -> None:
    """People who walk, run or stand about, the first of them before the camera."""
    for number in range(int(rng.integers(1, 9))):
        first = number == 0
        for _ in range(25):
            x = float(rng.normal() * (0.15 if first else 0.9 + 0.5 * place.distance))
            z = float(place.distance if first else rng.uniform(max(place.distance * 0.8, 2.0), 26))
            if is_free(taken, x, z, 0.55):
                break
        else:
            continue
        taken.append((x, z, 0.55))
        activity = str(
            rng.choice(["stand", "walk", "run", "wave"], p=[0.45, 0.25, 0.1, 0.2] if first else [0.3, 0.5, 0.15, 0.05])
        )
        toward = float(np.pi + rng.normal() * 0.5)
        heading = (
            toward
            if first or (activity in ("stand", "wave") and rng.random() < 0.5)
            else float(rng.uniform(-np.pi, np.pi))
        )
        if first and activity in ("walk", "run"):
            heading = float(rng.choice([-1, 1]) * rng.uniform(1.2, 1.9))
        add_person(stage, rng, activity, spot_on(place, x, z), heading)


def _birds(stage: Stage, rng: np.random.Generator, count: int) -> None:
    """A flock that crosses the view."""
    heading = float(rng.choice([-1, 1]) * rng.uniform(0.9, 2.2))
    distance, up = float(rng.uniform(7, 28)), float(rng.uniform(0.12, 0.4))
    size = float(rng.uniform(0.3, 0.8))
    colours = looks(
        rng,
        coat="coat bird",
        wing="coat bird",
        mark="coat bird",
        beak="orange",
        eye=Material(colour=(0.01, 0.01, 0.01)),
        leg="orange",
    )
    ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
    speed = float(rng.uniform(4, 9))
    for _ in range(count):
        middle = np.array(
            [
                rng.normal() * 0.22 * distance,
                -up * distance - rng.uniform(0, 0.12) * distance,
                distance + rng.normal() * 0.14 * distance,
            ]
        )
        drift = ahead + np.array([0.0, rng.normal() * 0.04, 0.0])
        stage.put_body(
            bird(rng, size * float(rng.uniform(0.9, 1.1))),
            colours,
            "animal",
            along(np.stack([middle - drift * 4, middle + drift * 40]), speed, 2.0),
        )


def _close_flowers(stage: Stage, rng: np.random.Generator, place: Place, eye: float) -> None:
    """Flowers and grass before the lens, butterflies above."""
    distance = place.distance
    many, close = int(rng.integers(25, 90)), int(rng.integers(6, 20))
    angle = np.concatenate([rng.uniform(-0.75, 0.75, many), rng.uniform(-0.42, 0.42, close)])
    reach = distance * np.concatenate([rng.uniform(0.9, 4.5, many) ** 1.1, rng.uniform(0.55, 1.4, close)])
    spots = laid(place, reach * np.sin(angle), reach * np.cos(angle))
    tall = float(eye * rng.uniform(0.75, 1.15))
    strew_flowers(stage, rng, spots.tolist(), tall, int(rng.integers(1, 4)), float(rng.uniform(0.2, 0.42)))
    x, z = rng.uniform(-5, 5, 220), 0.6 * distance + rng.uniform(0, 1, 220) ** 1.4 * 9
    strew_grass(stage, rng, laid(place, x, z).tolist(), float(tall * rng.uniform(0.3, 0.8)), blades=90)
    for _ in range(int(rng.integers(1, 5))):
        size = float(rng.uniform(0.05, 0.09))
        colours = looks(rng, wing="petal", mark="petal", dark=Material(colour=(0.02, 0.018, 0.016)))
        turn = float(rng.uniform(0, TURN))
        run = np.linspace(-1.0, 5.0, 40)
        middle = np.array([rng.normal() * 0.25 * distance, -rng.uniform(0.3, 0.55), distance * rng.uniform(0.9, 1.6)])
        path = middle + np.stack(
            [np.sin(turn) * run, 0.05 * np.sin(9 * run), np.cos(turn) * run + 0.05 * np.cos(7 * run)], -1
        )
        stage.put_body(butterfly(rng, size), colours, "animal", along(path, float(rng.uniform(0.15, 0.5)), 1.0))
