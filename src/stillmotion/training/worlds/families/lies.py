"""How the land lies about a camera in the mountains: heights, where woods, snow and rock begin, a lake, a road.

rng ─kind─▶ relief(x, z) ─moved so that the camera stands well─▶ Lie, height 0 being the ground under the camera
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.training.worlds.terrain import Height, Waves, waves

KINDS = ("valley", "slope", "heights", "hills", "wood")


@dataclass(frozen=True, slots=True)
class Lake:
    """Still water in an ellipse; metres."""

    x: float
    z: float
    across: float
    along: float
    level: float  # height of the water


@dataclass(frozen=True, slots=True)
class Road:
    """The line of a road; the ground under it is made level across."""

    points: np.ndarray  # (k, 3) x, y (down), z
    half: float  # metres
    look: str  # asphalt, or the name of what a path is made of


@dataclass(frozen=True, slots=True)
class Lie:
    """One landscape without what stands on it."""

    kind: str
    eye: float  # metres of the camera above the ground
    tilt: float  # degrees that the camera looks down
    pivot: float
    far: float  # metres that are built
    height: Height
    clumps: Height  # where trees stand together, -1 to 1
    foot: float  # metres above which the land counts as mountain
    tree_line: float
    snow_line: float
    steep: float  # rise per metre of bare rock
    wooded: float  # 0 to 1
    firs: float  # chance that the woods are of firs
    near_trees: tuple[int, int]
    lake: Lake | None
    road: Road | None

    def dry(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Where neither water nor road lies."""
        free = np.hypot(x, z) > 3.0
        if self.lake is not None:
            free &= _from_middle(self.lake, x, z) > 1.2
        if self.road is not None:
            line = np.interp(z, self.road.points[:, 2], self.road.points[:, 0])
            free &= np.abs(x - line) > self.road.half + 2.2
        return np.asarray(free)


def draw_lie(rng: np.random.Generator) -> Lie:
    """A landscape of some kind."""
    kind = str(rng.choice(KINDS, p=[0.3, 0.2, 0.2, 0.18, 0.12]))
    eye = float(
        rng.uniform(1.5, 2.2) if rng.random() < 0.65 or kind == "wood" else np.exp(rng.uniform(np.log(2.5), np.log(22)))
    )
    relief, rise = {"valley": _valley, "slope": _hillside, "heights": _heights, "hills": _hills, "wood": _rolling}[
        kind
    ](rng)
    near = waves(rng, longest=float(rng.uniform(9, 18)), octaves=3)
    bumps = float(rng.uniform(0.05, 0.3))
    low = float(relief(np.zeros(1), np.zeros(1), np.zeros(1))[0])

    def ground(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        away = np.hypot(x, z)
        high = relief(x, z, away) - low + bumps * near(x, z) * np.clip((away - 2) / 12, 0, 1)
        return np.asarray(np.minimum(high, 0.25 * eye + 0.45 * np.maximum(away - 4, 0)))

    lake = _lake(rng, ground) if kind in ("valley", "hills") and rng.random() < 0.45 else None
    shore = ground if lake is None else _with_lake(ground, lake)
    road = _road(rng, shore, lake, eye) if kind != "heights" and rng.random() < 0.5 else None
    bare = rng.random() < 0.25 and kind in ("valley", "slope", "heights")
    tree_line = float(rng.uniform(0.3, 0.65) * rise)
    steep_views = {"heights": 3.5, "slope": 0.5}.get(kind, -2.5)
    distance = rng.uniform(7, 16) if kind == "wood" else rng.uniform(12, 45) * max(1.0, (eye / 3) ** 0.5)
    return Lie(
        kind, eye, steep_views + 3.0 * float(np.log(eye)), float(distance), 12000.0 if kind == "heights" else 9000.0,
        shore if road is None else _with_road(shore, road), waves(rng, longest=190.0, octaves=4, gain=0.6),
        foot=0.06 * rise, tree_line=0.0 if bare and kind == "heights" else tree_line,
        snow_line=float(rng.uniform(0.45, 1.3) * rise), steep=float(rng.uniform(0.75, 1.1)),
        wooded=0.0 if bare else float(rng.uniform(0.85, 1.0) if kind == "wood" else rng.uniform(0.3, 0.85)),
        firs=0.3 if kind == "hills" else 0.75, near_trees=(14, 28) if kind == "wood" else (0, 3) if bare else (0, 10),
        lake=lake, road=road,
    )  # fmt: skip


def _valley(rng: np.random.Generator) -> tuple[Waves, float]:
    """A floor that winds away between two walls, and a wall at its end."""
    half, wall = float(rng.uniform(30, 140)), float(rng.uniform(300, 1300))
    rise = wall * float(rng.uniform(0.28, 0.55))
    end, bend = float(rng.uniform(600, 2600)), float(rng.uniform(20, 160))
    length, phase = float(rng.uniform(200, 600)), float(rng.uniform(0, 6.28))
    offset = float(rng.uniform(-0.6, 0.6)) * half
    crest = waves(rng, longest=wall * float(rng.uniform(0.6, 1.1)), octaves=8, gain=0.4, ridged=True)
    wide = waves(rng, longest=110.0, octaves=3)

    def relief(x: np.ndarray, z: np.ndarray, away: np.ndarray | None = None) -> np.ndarray:
        middle = offset + bend * (np.sin(z / length + phase) - np.sin(phase))
        side = np.maximum(np.abs(x - middle) - half, 0) / wall
        s = np.minimum(np.hypot(side, np.maximum(z - end, 0) / (1.6 * wall)), 2.0)
        floor = 1.2 * wide(x, z) * np.clip(np.hypot(x, z) / 60, 0, 1)
        return np.asarray(floor + rise * s**1.2 * (0.35 + 0.75 * (0.5 + 0.5 * crest(x, z, away))))

    return relief, rise


def _hillside(rng: np.random.Generator) -> tuple[Waves, float]:
    """A valley seen from its side."""
    relief, rise = _valley(rng)
    spots = np.stack([rng.uniform(-900, 900, 300), rng.uniform(0, 600, 300)], -1)
    return _moved(relief, _best(relief, spots, rng, rise, lowest=0.12)), rise


def _heights(rng: np.random.Generator) -> tuple[Waves, float]:
    """Crest behind crest, seen from a high one."""
    wide = float(rng.uniform(1500, 4000))
    rise = wide * float(rng.uniform(0.14, 0.26))
    crest = waves(rng, longest=wide, octaves=7, gain=0.45, ridged=True)

    def relief(x: np.ndarray, z: np.ndarray, away: np.ndarray | None = None) -> np.ndarray:
        return np.asarray(rise * (0.5 + 0.9 * crest(x, z, away)))

    spots = rng.uniform(-9000, 9000, (300, 2))
    return _moved(relief, _best(relief, spots, rng, rise, lowest=0.3)), rise


def _hills(rng: np.random.Generator) -> tuple[Waves, float]:
    """Rolling land with a range of mountains far behind, or none."""
    rolling, tall = waves(rng, longest=float(rng.uniform(250, 700)), octaves=4, gain=0.4), float(rng.uniform(8, 34))
    crest = waves(rng, longest=2600.0, octaves=8, gain=0.4, ridged=True)
    range_ = float(rng.choice([0.0, rng.uniform(300, 1200)]))
    begins = float(rng.uniform(1800, 4500))

    def relief(x: np.ndarray, z: np.ndarray, away: np.ndarray | None = None) -> np.ndarray:
        behind = np.clip((np.hypot(x, z) - begins) / 2500, 0, 1)
        return np.asarray(
            tall * rolling(x, z, away) + range_ * behind * (0.25 + 0.75 * (0.5 + 0.5 * crest(x, z, away)))
        )

    spots = rng.uniform(-300, 300, (60, 2))
    best = _best(relief, spots, rng, 4 * tall, lowest=0.0)
    return _moved(relief, best), max(range_, 6 * tall)


def _rolling(rng: np.random.Generator) -> tuple[Waves, float]:
    """The floor of a wood."""
    rolling, tall = waves(rng, longest=float(rng.uniform(60, 160)), octaves=4, gain=0.42), float(rng.uniform(1.0, 7.0))
    return (lambda x, z, away=None: np.asarray(tall * rolling(x, z, away))), 200.0


def _best(relief: Waves, spots: np.ndarray, rng: np.random.Generator, rise: float, lowest: float) -> np.ndarray:
    """(3,) x, z and heading of the spot from which most land lies below what is ahead, and is itself not too steep."""
    headings = rng.uniform(0, 2 * np.pi, len(spots))
    away = np.array([6, 14, 30, 70, 150, 350, 700, 1200, 2200])[None, :, None]
    angle = headings[:, None, None] + np.array([-0.5, -0.15, 0.2, 0.5])[None, None]
    x, z = spots[:, 0, None, None] + away * np.sin(angle), spots[:, 1, None, None] + away * np.cos(angle)
    here = relief(spots[:, 0], spots[:, 1])
    seen = (relief(x, z) - here[:, None, None]) / (away + 4)  # tangent of the elevation
    score = np.clip(4 * seen, -2, 2).mean(axis=(1, 2)) + 14.0 * np.clip(seen.max(axis=1) - 0.14, 0, None).mean(axis=1)
    score = (
        score
        + 3.0 * (here < lowest * rise)
        + 2.0 * np.abs(seen[:, :2]).max(axis=(1, 2))
        + 6.0 * np.clip(seen[:, :5].max(axis=(1, 2)) - 0.04, 0, None)
    )
    pick = int(np.argmin(score))
    return np.array([*spots[pick], headings[pick]])


def _moved(relief: Waves, to: np.ndarray) -> Waves:
    """The same land seen from x, z, looking along a heading."""
    x0, z0, turn = to
    sine, cosine = np.sin(turn), np.cos(turn)
    return lambda x, z, away=None: relief(x0 + x * cosine + z * sine, z0 - x * sine + z * cosine, away)


def _lake(rng: np.random.Generator, ground: Height) -> Lake:
    across, along = float(rng.uniform(18, 90)), float(rng.uniform(25, 160))
    x, z = float(rng.uniform(-0.6, 0.6)) * across, float(rng.uniform(6, 40)) + along
    angle = np.linspace(0, 2 * np.pi, 24)
    rim = ground(x + 1.1 * across * np.cos(angle), z + 1.1 * along * np.sin(angle))
    return Lake(x, z, across, along, min(float(np.percentile(rim, 15)), -0.25))


def _from_middle(lake: Lake, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """1 on the shore of the ellipse."""
    return np.asarray(np.hypot((x - lake.x) / lake.across, (z - lake.z) / lake.along))


def _with_lake(ground: Height, lake: Lake) -> Height:
    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        r = _from_middle(lake, x, z)
        angle = np.arctan2(z - lake.z, x - lake.x)
        r = r / (1 + 0.1 * np.sin(3 * angle + 1) + 0.05 * np.sin(7 * angle))
        bank = np.clip((r - 1.0) / 0.6, 0, 1)
        rim = lake.level + 0.15 + 0.5 * np.clip(r - 1, 0, None) * 6
        outside = rim + (np.maximum(ground(x, z), lake.level + 0.2) - rim) * bank * bank * (3 - 2 * bank)
        bed = lake.level + 0.15 - 9.0 * np.clip(1 - r, 0, 1)
        return np.asarray(np.where(r < 1, bed, outside))

    return height


def _road(rng: np.random.Generator, ground: Height, lake: Lake | None, eye: float) -> Road | None:
    half, look = (
        (3.0, "asphalt") if rng.random() < 0.5 else (float(rng.uniform(0.6, 1.5)), str(rng.choice(["sand", "soil"])))
    )
    side = float(rng.choice([-1, 1]))
    begin = side * (half + float(rng.uniform(0.5, 6)) if eye > 1.5 and rng.random() < 0.7 else 0.0)
    z = np.concatenate([np.linspace(-14, 60, 75), np.geomspace(61, 420, 90)])
    swing, length = float(rng.uniform(2, 18)), float(rng.uniform(45, 130))
    phase, drift = float(rng.uniform(0, 6.28)), float(rng.uniform(-0.35, 0.35))
    ramp = np.clip(z / 60, 0, 1)
    x = begin + ramp * (swing * (np.sin(z / length * 2 * np.pi + phase) - np.sin(phase)) + drift * z)
    if lake is not None and (_from_middle(lake, x, z) < 1.25).any():
        return None
    high = ground(x, z)
    soft = np.convolve(np.pad(high, 6, mode="edge"), np.ones(13) / 13, mode="valid")
    return Road(np.stack([x, -soft, z], -1), half, look)


def _with_road(ground: Height, road: Road) -> Height:
    run = road.points

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        own = ground(x, z)
        away = np.abs(x - np.interp(z, run[:, 2], run[:, 0]))
        level = np.interp(z, run[:, 2], -run[:, 1]) - 0.06 - 0.003 * np.abs(z)
        share = np.clip((away - road.half - 0.6) / (2.0 + 2.0 * road.half + 0.02 * np.abs(z)), 0, 1)
        share = np.where((z < run[0, 2]) | (z > run[-1, 2]), 1.0, share * share * (3 - 2 * share))
        return np.asarray(level + (own - level) * share)

    return height


__all__ = ["KINDS", "Lake", "Lie", "Road", "draw_lie"]
