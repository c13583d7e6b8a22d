"""Single objects of a table and groups of them, dressed: what `table` lays out.

kind ─rng─▶ Item(parts, materials, labels, radius, height)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.looks import Looks, look, looks
from stillmotion.training.worlds.meshes.food import banana, bread, cake, ring_cake, round_fruit
from stillmotion.training.worlds.meshes.furniture import floor_lamp
from stillmotion.training.worlds.meshes.nature import flower, potted_plant
from stillmotion.training.worlds.meshes.parts import Parts, bounds, gather, parts_transformed
from stillmotion.training.worlds.meshes.solids import TURN, box, cylinder, moved, placed, transformed
from stillmotion.training.worlds.meshes.things import book as a_book
from stillmotion.training.worlds.meshes.things import (
    bottle,
    bowl,
    candle,
    cup,
    cutlery,
    jar,
    plate,
    rounded_box,
    toy_blocks,
    toy_duck,
    vase,
)
from stillmotion.training.worlds.meshes.vehicles import car
from stillmotion.training.worlds.records import Material


@dataclass(frozen=True, slots=True)
class Item:
    """Something that stands on a table at its own origin."""

    parts: Parts
    materials: Looks
    labels: Mapping[str, str]
    radius: float  # metres of table that it takes, about its origin
    kind: str


def item(kind: str, parts: Parts, materials: Looks, labels: Mapping[str, str]) -> Item:
    """An item with the room its parts take."""
    least, most = bounds(parts)
    radius = float(max(np.hypot(x, z) for x in (least[0], most[0]) for z in (least[2], most[2])))
    wide = float(max(most[0], -least[0], most[2], -least[2]))
    return Item(parts, materials, labels, min(radius, wide * 1.2), kind)


OTHER = {"": "other"}
FOOD = {"": "food"}
FRUITS = ("apple", "pear", "orange", "lemon", "tomato", "banana")


def one_fruit(rng: np.random.Generator, kind: str) -> Item:
    """A fruit of a kind of FRUITS."""
    parts = banana(rng) if kind == "banana" else round_fruit(rng, kind, float(rng.uniform(0.065, 0.085)))
    return item(kind, parts, looks(rng, stalk="bark", rest=kind), FOOD)


def drink(rng: np.random.Generator) -> Item:
    """A cup or mug, mostly on its saucer."""
    parts = cup(rng, float(rng.uniform(0.07, 0.11)), bool(rng.random() < 0.8))
    ceramic = look(rng, str(rng.choice(["ceramic", "stoneware"])))
    if rng.random() < 0.4:
        saucer = plate(rng, 0.15)
        parts = gather([*saucer.items(), *((slot, moved(mesh, y=-0.006)) for slot, mesh in parts.items())])
    return item("cup", parts, looks(rng, ceramic=ceramic, drink="drink"), OTHER)


def served(rng: np.random.Generator) -> Item:
    """A plate with something to eat on it."""
    dish = plate(rng, float(rng.uniform(0.18, 0.26)))
    choice = int(rng.integers(4))
    if choice == 0:
        food = cake(rng, 0.18, 0.87)
        food = parts_transformed(food, placed((-0.04, 0, 0)))
    elif choice == 1:
        food = ring_cake(rng, float(rng.uniform(0.08, 0.1)))
    elif choice == 2:
        food = gather(
            [
                ("crust", transformed(bread(rng, 0.1)["crust"], placed((x, 0, 0.01), (0, rng.uniform(0, TURN), 0))))
                for x in (-0.05, 0.045)
            ]
        )
    else:
        food = parts_transformed(round_fruit(rng, "apple", 0.07), placed((0.02, 0, 0)))
    lifted = {f"food {slot}": moved(mesh, y=-0.0065) for slot, mesh in food.items()}
    names = {
        "crumb": "crumb",
        "cream": "cream",
        "fruit": "berry",
        "glaze": "glaze",
        "crust": "crust",
        "apple": "apple",
        "stalk": "bark",
    }
    materials = looks(rng, ceramic="ceramic", **{f"food {slot}": look(rng, name) for slot, name in names.items()})
    return item("plate", {**dish, **lifted}, materials, {"ceramic": "other", "": "food"})


def fruit_bowl(rng: np.random.Generator) -> Item:
    """A bowl of fruit."""
    width = float(rng.uniform(0.22, 0.3))
    dish = bowl(rng, width)
    kinds = [str(kind) for kind in rng.choice(FRUITS[:5], 2)]
    pieces: list[tuple[str, Parts]] = []
    spots = [
        (0.27 * width * np.cos(a), -0.075, 0.27 * width * np.sin(a))
        for a in TURN * np.arange(5) / 5 + rng.uniform(0, 1)
    ]
    spots += [(0.03, -0.125, 0.0), (-0.035, -0.12, 0.02)]
    for spot in spots:
        kind = kinds[int(rng.integers(2))]
        one = round_fruit(rng, kind, float(rng.uniform(0.068, 0.08)))
        pieces.append(
            (kind, parts_transformed(one, placed(spot, (rng.normal() * 0.3, rng.uniform(0, TURN), rng.normal() * 0.3))))
        )
    pairs = [(kind if slot == kind else slot, mesh) for kind, parts in pieces for slot, mesh in parts.items()]
    parts = gather([*dish.items(), *pairs])
    materials = looks(
        rng,
        ceramic=str(rng.choice(["ceramic", "stoneware", "wood"])),
        stalk="bark",
        **{kind: kind for kind in set(kinds)},
    )
    return item("bowl", parts, materials, {"ceramic": "other", "": "food"})


def bouquet(rng: np.random.Generator) -> Item:
    """Flowers in a vase."""
    tall = float(rng.uniform(0.14, 0.28))
    pot = vase(rng, tall)
    mouth = float(np.abs(pot["ceramic"].vertices[pot["ceramic"].vertices[:, 1] < -0.97 * tall, 0]).max())
    kinds = int(rng.integers(1, 4))
    pieces: list[tuple[str, Parts]] = [("", pot)]
    designs = [flower(rng, tall * rng.uniform(0.9, 1.25), float(rng.uniform(0.045, 0.11))) for _ in range(kinds)]
    for number in range(int(rng.integers(3, 12))):
        lean = rng.normal(size=2) * 0.22
        spot = (0.4 * mouth * np.sin(lean[1]), -0.55 * tall, -0.4 * mouth * np.sin(lean[0]))
        stem = parts_transformed(designs[number % kinds], placed(spot, (lean[0], rng.uniform(0, TURN), lean[1])))
        pieces.append((str(number % kinds), stem))
    pairs = [(slot + name if slot == "petal" else slot, mesh) for name, parts in pieces for slot, mesh in parts.items()]
    petals = {f"petal{number}": "petal" for number in range(3)}
    materials = looks(
        rng,
        ceramic=str(rng.choice(["ceramic", "stoneware", "glass bottle"])),
        stem="leaves",
        leaf="leaves",
        heart="heart",
        **petals,
    )
    return item("bouquet", gather(pairs), materials, {"ceramic": "other", "": "flower"})


def container(rng: np.random.Generator) -> Item:
    """A bottle or a jar."""
    parts = (
        bottle(rng, float(rng.uniform(0.2, 0.32))) if rng.random() < 0.6 else jar(rng, float(rng.uniform(0.09, 0.16)))
    )
    filled = look(
        rng, str(rng.choice(["glass bottle", "berry", "drink", "glaze"])), pattern="plain", bump=0.0, roughness=0.07
    )
    return item(
        "bottle",
        parts,
        looks(rng, glass=filled, label="label", cap=str(rng.choice(["metal", "plastic", "dark metal"]))),
        OTHER,
    )


def books(rng: np.random.Generator) -> Item:
    """A pile of books, or one."""
    pieces, level = [], 0.0
    count = int(rng.integers(1, 5))
    for number in range(count):
        one = a_book(rng, float(rng.uniform(0.18, 0.25)) * (1.0 - 0.06 * number))
        turn = placed((rng.normal() * 0.008, -level, rng.normal() * 0.008), (0, rng.normal() * 0.15, 0))
        level += float(-one["cover"].vertices[:, 1].min())
        pieces += [
            (slot + str(number) if slot == "cover" else slot, transformed(mesh, turn)) for slot, mesh in one.items()
        ]
    return item(
        "books", gather(pieces), looks(rng, paper="paper", **{f"cover{n}": "book" for n in range(count)}), OTHER
    )


def pens(rng: np.random.Generator) -> Item:
    """A pot with pens."""
    pieces = [("pot", mesh) for mesh in vase(rng, 0.1).values()]
    for number in range(int(rng.integers(3, 8))):
        lean = placed(
            (rng.normal() * 0.008, -0.03, rng.normal() * 0.008), (rng.normal() * 0.16, 0, rng.normal() * 0.16)
        )
        pieces.append((f"pen{number % 4}", transformed(cylinder(0.004, float(rng.uniform(0.12, 0.17)), 8), lean)))
    return item("pens", gather(pieces), looks(rng, pot="stoneware", **{f"pen{n}": "plastic" for n in range(4)}), OTHER)


def laptop(rng: np.random.Generator) -> Item:
    """An open laptop whose screen looks to -z."""
    case, keys = rounded_box(0.32, 0.014, 0.22, 0.006), moved(box(0.28, 0.002, 0.11), y=-0.0135, z=0.02)
    hinge = placed((0.0, -0.014, 0.108), (-0.32, 0.0, 0.0))
    lid, screen = (
        transformed(rounded_box(0.32, 0.21, 0.008, 0.003), hinge),
        transformed(moved(box(0.3, 0.18, 0.002), y=-0.018, z=-0.0045), hinge),
    )
    pad = moved(box(0.09, 0.001, 0.06), y=-0.0138, z=-0.07)
    parts = gather([("case", case), ("case", lid), ("keys", keys), ("keys", pad), ("screen", screen)])
    shine = Material(
        colour=(0.5, 0.62, 0.8), second=(0.9, 0.92, 0.95), pattern="tiles", scale=0.05, emission=0.12, roughness=0.1
    )
    return item(
        "laptop", parts, looks(rng, case="metal", keys=Material(colour=(0.03, 0.03, 0.03)), screen=shine), OTHER
    )


def toy(rng: np.random.Generator) -> Item:
    """Blocks, a duck, or a small car."""
    choice = rng.random()
    if choice < 0.4:
        parts = toy_blocks(rng, float(rng.uniform(0.03, 0.05)), int(rng.integers(1, 6)))
        return item(
            "blocks", parts, looks(rng, **{f"block{n}": str(rng.choice(["plastic", "wood"])) for n in range(4)}), OTHER
        )
    if choice < 0.6:
        yellow = look(rng, "lemon", pattern="plain", bump=0.0, roughness=0.3)
        return item(
            "duck",
            toy_duck(float(rng.uniform(0.07, 0.11))),
            looks(rng, body=yellow, beak="orange", eye=Material(colour=(0.01, 0.01, 0.01), roughness=0.1)),
            OTHER,
        )
    return item("car", toy_car(rng), toy_car_looks(rng), {"": "other"})


def toy_car(rng: np.random.Generator) -> Parts:
    """A car of ten centimetres with its wheels on."""
    one = car(rng, str(rng.choice(["saloon", "hatch", "suv", "van"])))
    pieces = list(one.body.items())
    for centre in one.centres:
        turn = placed(centre, (0, np.pi if centre[0] < 0 else 0, 0))
        pieces += [(slot, transformed(mesh, turn)) for slot, mesh in one.wheel.items()]
    return parts_transformed(gather(pieces), placed(scale=float(rng.uniform(0.02, 0.03))))


def toy_car_looks(rng: np.random.Generator) -> Looks:
    """Bright paint, black wheels."""
    black = Material(colour=(0.02, 0.02, 0.02), roughness=0.6)
    return looks(
        rng,
        paint="plastic",
        glass="pane",
        trim=black,
        tyre=black,
        rim="metal",
        hub="metal",
        light="cream",
        rear="berry",
        rest="trim",
    )


def sweets(rng: np.random.Generator) -> Item:
    """A cake, whole or cut."""
    parts = cake(rng, float(rng.uniform(0.16, 0.24)), float(rng.choice([0.0, rng.uniform(0.1, 0.4)])))
    return item("cake", parts, looks(rng, crumb="crumb", cream="cream", fruit="berry"), FOOD)


def loaf(rng: np.random.Generator) -> Item:
    """A loaf on its board."""
    long = float(rng.uniform(0.2, 0.3))
    board = rounded_box(long * 1.3, 0.018, long * 0.8, 0.006)
    parts = gather([("board", board), *((slot, moved(mesh, y=-0.0175)) for slot, mesh in bread(rng, long).items())])
    return item("loaf", parts, looks(rng, board="wood", crust="crust"), {"board": "other", "": "food"})


def knife_and_fork(rng: np.random.Generator) -> Item:
    """One piece of cutlery."""
    return item("cutlery", cutlery(rng, str(rng.choice(["knife", "fork", "spoon"]))), looks(rng, rest="metal"), OTHER)


def candle_light(rng: np.random.Generator) -> Item:
    """A burning candle."""
    flame = Material(colour=(1.0, 0.62, 0.2), emission=1.2, roughness=1.0)
    return item(
        "candle",
        candle(rng, float(rng.uniform(0.06, 0.2))),
        looks(rng, wax="wax", flame=flame, wick=Material(colour=(0.02, 0.02, 0.02))),
        OTHER,
    )


def house_plant(rng: np.random.Generator) -> Item:
    """A small plant in a pot."""
    parts = potted_plant(rng, float(rng.uniform(0.2, 0.4)))
    return item("plant", parts, looks(rng, pot="stoneware", earth="soil", leaf="leaves"), {"pot": "other", "": "plant"})


def desk_lamp(rng: np.random.Generator) -> Item:
    """A table lamp that is on."""
    parts = parts_transformed(floor_lamp(rng, 1.6), placed(scale=float(rng.uniform(0.22, 0.3))))
    glow = Material(colour=(1.0, 0.8, 0.55), emission=0.25, roughness=0.9, through=0.5)
    return item(
        "lamp",
        parts,
        looks(rng, metal="metal", shade=glow, bulb=Material(colour=(1.0, 0.85, 0.6), emission=1.0)),
        {"": "lamp"},
    )


MAKERS: dict[str, Callable[[np.random.Generator], Item]] = {
    "cup": drink,
    "plate": served,
    "fruit bowl": fruit_bowl,
    "bouquet": bouquet,
    "container": container,
    "books": books,
    "pens": pens,
    "laptop": laptop,
    "toy": toy,
    "sweets": sweets,
    "loaf": loaf,
    "cutlery": knife_and_fork,
    "candle": candle_light,
    "plant": house_plant,
    "lamp": desk_lamp,
    "fruit": lambda rng: one_fruit(rng, str(rng.choice(FRUITS))),
    "vase": lambda rng: item(
        "vase",
        vase(rng, float(rng.uniform(0.12, 0.3))),
        looks(rng, ceramic=str(rng.choice(["ceramic", "stoneware"]))),
        OTHER,
    ),
}
"""What can stand on a table, by name."""
