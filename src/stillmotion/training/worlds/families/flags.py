"""Cloth in the wind: flags on poles, banners, laundry on a line.

rng, spot ─▶ sheet fixed at one edge, uv's first value growing towards the free one ─▶ things that wave
"""

from __future__ import annotations

import numpy as np

from stillmotion.training.worlds.looks import look, looks
from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import box, cylinder, make_mesh, moved, placed, sphere, tube, wall
from stillmotion.training.worlds.records import Deform, Mesh
from stillmotion.training.worlds.stage import Stage


def flag_cloth(rng: np.random.Generator, width: float, height: float) -> Parts:
    """A flag whose hoist is the y axis, its upper edge at y = 0; slots field0 to field2 are its stripes."""
    whole = moved(wall(width, height, 28, 12), x=width / 2, y=height)
    if rng.random() < 0.2:
        return {"field0": whole}
    across = rng.random() < 0.5
    middle = whole.vertices[whole.faces].mean(axis=1)
    share = middle[:, 0] / width if across else middle[:, 1] / height
    stripe = np.clip((share * 3).astype(int), 0, 2)
    return {
        f"field{number}": make_mesh(whole.vertices, whole.normals, whole.uv, whole.faces[stripe == number])
        for number in range(3)
    }


def hanging_cloth(width: float, height: float) -> Mesh:
    """A sheet that hangs from y = 0, fixed at its upper edge."""
    sheet = moved(wall(width, height, 12, 20), y=height)
    return make_mesh(sheet.vertices, sheet.normals, sheet.uv[:, ::-1], sheet.faces)


def breeze(rng: np.random.Generator, reach: float, waves: float) -> Deform:
    """The waving of a sheet of `reach` metres from its fixed edge, with about `waves` waves along it."""
    return Deform(
        kind="flag",
        amount=float(reach * rng.uniform(0.06, 0.14)),
        length=float(reach / waves),
        hz=float(rng.uniform(0.7, 1.8)),
        seed=int(rng.integers(100)),
    )


def add_flagpole(
    stage: Stage, rng: np.random.Generator, spot: tuple[float, float, float], height: float, heading: float
) -> None:
    """A pole at a spot of the ground with a flag that blows towards `heading` (radians to the right of +z)."""
    wide = height * float(rng.uniform(0.16, 0.3))
    tall = wide * float(rng.uniform(0.55, 0.7))
    ident_pole = {
        "metal": cylinder(0.012 * height, height, 10, top=0.007 * height),
        "knob": moved(sphere(0.016 * height, 12), y=-height),
    }
    stage.put(ident_pole, looks(rng, metal="metal", knob="metal"), "other", placed(spot))
    place = placed((spot[0], spot[1] - height * 0.97, spot[2]), (0, heading - np.pi / 2, 0))
    fields = looks(
        rng,
        **{f"field{n}": look(rng, "flag", roughness=0.9, pattern="plain", through=0.35) for n in range(3)},
    )
    stage.put(flag_cloth(rng, wide, tall), fields, "flag", place, breeze(rng, wide, float(rng.uniform(0.9, 2.0))))


def add_banner(
    stage: Stage, rng: np.random.Generator, spot: tuple[float, float, float], height: float, heading: float
) -> None:
    """A banner that hangs from an arm at the top of a post."""
    wide, tall = height * 0.2, height * float(rng.uniform(0.4, 0.55))
    post = {"metal": cylinder(0.035, height, 10)}
    stage.put(post, looks(rng, metal="dark metal"), "other", placed(spot))
    turn = placed((spot[0], spot[1] - height * 0.96, spot[2]), (0, heading, 0))
    arm = moved(box(wide * 1.1, 0.03, 0.03), x=wide * 0.55)
    stage.put(arm, look(rng, "dark metal"), "other", turn)
    cloth = moved(hanging_cloth(wide, tall), x=wide * 0.57)
    stage.put(cloth, look(rng, "sign", roughness=0.9, through=0.25), "flag", turn, breeze(rng, tall, 1.3))


def add_laundry(
    stage: Stage, rng: np.random.Generator, spot: tuple[float, float, float], length: float, heading: float
) -> None:
    """A line between two posts with sheets and towels on it; it runs to the right of one who looks along `heading`."""
    high = float(rng.uniform(1.8, 2.2))
    root = placed(spot, (0, heading, 0))
    posts = {"wood": moved(cylinder(0.04, high + 0.1, 8), x=-length / 2)}
    stage.put(posts, looks(rng, wood="wood"), "other", root)
    stage.put({"wood": moved(posts["wood"], x=length)}, looks(rng, wood="wood"), "other", root)
    share = np.linspace(-0.5, 0.5, 9)
    sag = 0.12 * (1 - (2 * share) ** 2)
    line = tube(np.stack([share * length, -high + sag, 0 * share], -1), 0.006, 4)
    stage.put(line, look(rng, "cream"), "other", root)
    x = -length / 2 + 0.25
    while x < length / 2 - 0.5:
        wide, tall = float(rng.uniform(0.3, 1.3)), float(rng.uniform(0.4, 1.35))
        wide = min(wide, length / 2 - 0.2 - x)
        middle = x + wide / 2
        drop = float(np.interp(middle / length, share, sag))
        striped = {"scale": float(rng.uniform(0.05, 0.2)), "second": (0.7, 0.68, 0.64)} if rng.random() < 0.3 else {}
        where = root @ placed((middle, -high + drop + 0.01, 0.0))
        stage.put(
            hanging_cloth(wide, tall),
            look(rng, "cloth", through=0.3, **striped),
            "cloth",
            where,
            breeze(rng, tall, float(rng.uniform(0.6, 1.2))),
        )
        x += wide + float(rng.uniform(0.05, 0.3))
