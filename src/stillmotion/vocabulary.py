"""The words for the parts of a photo: one canonical label each, and what people call it.

Pure data, shared by the prompt grammar (which turns a noun into a `LabelMask`) and by the scene's analysis (which finds
the part). It knows neither pictures nor motion. A label of more than one word is written as people write it; plurals
are found by rule, so only odd ones are listed.
"""

from __future__ import annotations

import re

_TABLE = """
sky: heavens, firmament, night sky, aurora, northern lights, star, milky way
clouds: cloud, cloudscape, cloud cover, storm clouds, overcast, cumulus, cirrus, thunderhead
water: sea, ocean, lake, river, stream, creek, brook, pond, pool, wave, surf, swell, tide, canal, harbour, harbor,
    bay, lagoon, water surface, fjord, puddle, reflection, foam, sea foam, rapids, swimming pool, ripple, breakers,
    seawater, whitewater, current, estuary, reservoir, shallows, loch
waterfall: falls, water fall, cascade, cataract, fountain, spray
fire: flame, bonfire, campfire, fireplace, blaze, torch, candle, candle flame, candlelight, ember
smoke: steam, vapour, vapor, mist, fog, haze, fumes, smog, plume, exhaust, dust cloud, breath
foliage: leaf, leaves, bush, shrub, hedge, plant, vegetation, greenery, fern, ivy, vine, canopy, jungle, undergrowth
tree: branch, palm, palm tree, pine, oak, willow, birch, forest, woods, woodland, twig, bough, treetop, cherry tree
grass: meadow, lawn, field, reed, wheat, crop, corn, barley, rye, straw, grassland, pasture, prairie, lavender field
flower: blossom, petal, rose, tulip, daisy, sunflower, bloom, poppy, bouquet, lily, orchid, dandelion, lavender
ground: floor, soil, earth, terrain, dirt, mud, land
road: street, path, pavement, sidewalk, lane, asphalt, highway, trail, footpath
sand: beach, dune, desert, shore, seashore, coast
snow: ice, snowfield, glacier, snowdrift, frost
mountain: hill, peak, ridge, cliff, range, volcano, valley, hillside, summit
rock: stone, boulder, pebble, reef
building: house, tower, church, cathedral, castle, skyscraper, city, skyline, temple, cottage, barn, hut, palace,
    chimney, facade, façade, architecture, bridge, lighthouse, windmill, cabin, cityscape, village, town, roof,
    rooftop, ruin, monument, shop
wall: brick wall, fence
window: window pane, glass pane
person: people, man, men, woman, women, girl, boy, child, children, kid, lady, gentleman, figure, human, model,
    baby, couple, crowd, astronaut, dancer, rider, face, body, head, portrait, bride, groom, guy, toddler,
    pedestrian, hiker, runner, cyclist, surfer, skier, player, his face, her face, walker, fisherman, farmer, king,
    queen, mother, father, grandmother, grandfather, musician, singer, worker, swimmer, tourist
hair: beard, locks, ponytail, braid, mane, fringe, curls, bangs, strands
animal: dog, cat, horse, cow, sheep, goat, lion, tiger, bear, elephant, deer, fox, wolf, wolves, rabbit, squirrel,
    monkey, fish, whale, dolphin, shark, turtle, frog, snake, lizard, insect, butterfly, bee, kitten, puppy,
    giraffe, zebra, camel, pig, mouse, mice, creature, fur, koala, panda, pony, jellyfish, dragonfly, spider, snail
vehicle: car, lorry, bus, buses, van, taxi, cab, motorcycle, motorbike, bicycle, bike, scooter, train, tram, plane,
    airplane, aeroplane, aircraft, jet, helicopter, tractor, traffic, rocket, spaceship, spacecraft, ufo,
    automobile, wagon, wheel, carriage, cart, locomotive, shuttle
boat: ship, sailboat, sail boat, yacht, canoe, kayak, ferry, raft, gondola, vessel, sail, dinghy, buoy
flag: banner, pennant, bunting, windsock
curtain: drape, cloth, fabric, dress, skirt, veil, scarf, cape, gown, clothes, clothing, laundry, robe, silk,
    ribbon, shirt, coat, cloak, tablecloth, sheet, tent, awning, kimono, sari, jacket
balloon: hot air balloon, hot-air balloon, airship, blimp, kite, zeppelin, paraglider, parachute
ball: football, soccer ball, basketball, sphere, marble, globe, tennis ball
bird: gull, seagull, eagle, pigeon, duck, swan, goose, geese, parrot, budgie, sparrow, owl, hawk, flock, crow,
    penguin, chicken, hen, heron, hummingbird, wing, feather, peacock, flamingo
food: meal, dish, cake, bread, fruit, apple, soup, tea, coffee, cup, mug, plate, bowl, drink, glass of wine, wine,
    beer, noodles, pizza, orange, vegetable
lamp: light, lantern, street lamp, streetlamp, streetlight, street light, bulb, light bulb, neon, neon sign, neon
    lights, sign, headlight, chandelier, city lights, fairy lights, christmas lights, string lights, spotlight, led,
    screen, firefly, string of lights, glow, lampshade
subject: main subject, it, object, main object, hero, product, the thing, foreground, foreground object, centre
    object, center object, foreground subject, protagonist, toy, statue, sculpture, bottle, vase, watch, shoe,
    sneaker, chair, robot, phone, bag, perfume bottle, guitar, piano, book, clock, doll, figurine, jewel, ring,
    necklace
background: backdrop, surroundings, scenery, landscape, distance, everything else, rest, the rest, rest of the
    image, behind, environment, horizon
"""


def _read_table(text: str) -> dict[str, frozenset[str]]:
    """Entries of "label: name, name, ..."; an indented line goes on with the entry above it."""
    entries = re.sub(r"\n +", " ", text.strip()).splitlines()
    pairs = (entry.partition(": ") for entry in entries)
    return {label: frozenset(names.split(", ")) for label, _, names in pairs}


LABELS: dict[str, frozenset[str]] = _read_table(_TABLE)
"""Canonical label -> what else it is called, lower case, without articles."""

WIDER: dict[str, str] = {
    "clouds": "sky", "waterfall": "water", "tree": "foliage", "grass": "foliage", "flower": "foliage", "hair": "person",
    "sand": "ground", "road": "ground", "snow": "ground", "rock": "ground", "wall": "building", "window": "building",
}  # fmt: skip
"""Label -> the part of a photo that contains it, where there is one: clouds are looked for in the sky."""

_LABEL_OF: dict[str, str] = {word: label for label, words in LABELS.items() for word in (label, *words)}
_ARTICLE = re.compile(r"^(?:the|a|an|all|all the|some|her|his|their|its|my|our|this|that|these|those)\s+")


def singular(word: str) -> str:
    """The singular of an English noun by its ending; a word without a plural ending as it is."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def canonical_label(word: str) -> str | None:
    """The label of a noun or short noun phrase ("the waves" -> "water"), or None where the vocabulary has none.

    Articles, possessives, case, plurals and adjectives before the noun do not matter: "a tall Palm Tree" is "tree".
    """
    name = " ".join(word.lower().replace("_", " ").split())
    while (bare := _ARTICLE.sub("", name)) != name:
        name = bare
    parts = name.split(" ")
    for first in range(len(parts)):
        tail = " ".join(parts[first:])
        found = _LABEL_OF.get(tail) or _LABEL_OF.get(singular(tail))
        if found:
            return found
    return None
