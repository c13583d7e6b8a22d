"""People, animals and cars dressed and set on their way.

rng ─▶ Body with materials ─▶ on a stage, walking along a path or standing still
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.looks import Looks, look, looks
from stillmotion.training.worlds.meshes.animals import quadruped
from stillmotion.training.worlds.meshes.people import person
from stillmotion.training.worlds.meshes.solids import placed
from stillmotion.training.worlds.meshes.vehicles import Vehicle, bus, car
from stillmotion.training.worlds.motions import along
from stillmotion.training.worlds.records import Material
from stillmotion.training.worlds.stage import Stage


def clothes(rng: np.random.Generator) -> Looks:
    """Somebody's skin, hair and clothes."""
    skin = look(rng, "skin")
    dark = Material(colour=(0.02, 0.018, 0.018), roughness=0.25)
    stripes = {"scale": float(rng.uniform(0.03, 0.09)), "second": look(rng, "top").colour} if rng.random() < 0.2 else {}
    shirt = look(rng, "top", **stripes)
    return looks(
        rng,
        skin=skin,
        hair="hair",
        top=shirt,
        bottom="bottom",
        shoe="shoe",
        dress="top",
        hat="cloth",
        bag="top",
        eye=dark,
        rest="top",
    )


def add_person(
    stage: Stage,
    rng: np.random.Generator,
    activity: str,
    spot: tuple[float, float, float],
    heading: float,
    height: float | None = None,
) -> None:
    """Somebody at a spot (x, y, z of the ground) who looks `heading` radians to the right of +z and walks that way."""
    body = person(rng, activity, height, far=float(np.linalg.norm(stage.seen(spot))) > 14.0)
    if body.speed <= 0:
        stage.put_body(body, clothes(rng), "person", placed(spot, (0, heading, 0)))
        return
    ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
    path = np.stack([np.asarray(spot), np.asarray(spot) + ahead])
    stage.put_body(body, clothes(rng), "person", along(path, body.speed * rng.uniform(0.95, 1.03)))


def coat(rng: np.random.Generator, kind: str) -> Looks:
    """The coat of an animal of this kind."""
    fur = look(
        rng, "wool" if kind == "sheep" else f"coat {kind}", pattern="noise", scale=0.35, bump=0.35, roughness=0.85
    )
    if kind in ("cow", "giraffe", "horse", "dog", "cat") and rng.random() < {"giraffe": 1.0, "cow": 0.7}.get(
        kind, 0.25
    ):
        other = look(rng, "hair") if kind != "giraffe" else Material(colour=(0.14, 0.06, 0.025))
        fur = look(
            rng,
            f"coat {kind}",
            pattern="noise",
            scale=0.5 if kind != "giraffe" else 0.4,
            second=other.colour,
            bump=0.2,
            roughness=0.85,
        )
    dark = Material(colour=(0.02, 0.017, 0.016), roughness=0.35)
    face = look(rng, "hair") if kind == "sheep" and rng.random() < 0.5 else fur
    return looks(
        rng,
        coat=face,
        wool=look(rng, "wool"),
        mark="hair",
        eye=Material(colour=(0.012, 0.01, 0.01), roughness=0.08),
        nose=dark,
        hoof=dark,
        horn="horn",
        rest=fur,
    )


def add_animal(
    stage: Stage,
    rng: np.random.Generator,
    kind: str,
    activity: str,
    path: np.ndarray,
    materials: Looks | None = None,
    start: float = 0.0,
) -> None:
    """An animal that follows a path (k, 3), or stands `start` metres along it."""
    body = quadruped(rng, kind, activity)
    stage.put_body(body, materials or coat(rng, kind), "animal", along(path, body.speed, start))


def vehicle_looks(rng: np.random.Generator, night: bool, big: bool = False) -> Looks:
    """Paint, glass, lamps of a car; its lamps burn at night."""
    glow = 1.0 if night else 0.0
    return looks(
        rng,
        paint="bus paint" if big else "car paint",
        glass=Material(colour=(0.03, 0.035, 0.04), roughness=0.05, metallic=0.3),
        trim=Material(colour=(0.025, 0.025, 0.026), roughness=0.7),
        tyre=Material(colour=(0.02, 0.02, 0.02), roughness=0.9),
        rim=Material(colour=(0.25, 0.25, 0.26), roughness=0.4, metallic=0.7),
        hub=Material(colour=(0.45, 0.45, 0.46), roughness=0.3, metallic=0.8),
        light=Material(colour=(0.85, 0.85, 0.8), roughness=0.15, emission=2.0 * glow),
        rear=Material(colour=(0.45, 0.02, 0.015), roughness=0.2, emission=0.5 * glow),
        plate=Material(colour=(0.75, 0.74, 0.68), roughness=0.5),
    )


def any_vehicle(rng: np.random.Generator, buses: float = 0.06) -> tuple[Vehicle, bool]:
    """A car of some kind, or with chance `buses` a bus (then True)."""
    if rng.random() < buses:
        return bus(rng), True
    return car(rng, str(rng.choice(["saloon", "estate", "hatch", "suv", "van"], p=[0.25, 0.2, 0.27, 0.18, 0.1]))), False
