"""Surfaces out of photographs: patches that look alike all over, made tileable, and which things get them.

    photos ─candidates─▶ even patches ─without seams─▶ Bank ─dress(world)─▶ world whose materials carry some of them

A family never knows a photograph: it says colour and pattern, and `dress` lays photographs over some of its materials
afterwards. One photograph in ten, and those that nobody may learn from, are held back for the worlds of the test set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.errors import InputError
from stillmotion.media.staging import staged
from stillmotion.training.pictures import NEVER, photos_of, read_photo
from stillmotion.training.worlds.records import Material, Thing, World

SIDE = 256
"""Pixels of a tile."""
_PATTERNS = {
    "plain": 0.05, "noise": 0.25, "ground": 0.25, "rock": 0.35, "bark": 0.3, "wood": 0.12, "cloth": 0.2, "strata": 0.3,
}  # fmt: skip
"""How often a material of a pattern is given a photograph."""
_BARE = frozenset(
    {
        "sky",
        "water",
        "person",
        "animal",
        "vehicle",
        "lamp",
        "tree",
        "plant",
        "flower",
        "food",
        "waterfall",
        "ceiling",
        "window",
    }
)
"""What looks wrong with another thing's photograph on it."""
_CALM = frozenset({"wall", "floor", "furniture", "building", "road", "cloth"})
"""What people choose: only the calm half of the tiles, and half as often."""


@dataclass(frozen=True)
class Bank:
    """Pictures for surfaces; k tiles, n whole photographs of the same side."""

    tiles: NDArray[np.uint8]  # (k, SIDE, SIDE, 3) sRGB, without a seam
    photos: NDArray[np.uint8]  # (n, SIDE, SIDE, 3) sRGB, squeezed to a square
    shapes: NDArray[np.float32]  # (n,) width / height of each photograph
    sources: tuple[str, ...]  # names of all photographs that went in

    @cached_property
    def calmest(self) -> NDArray[np.intp]:
        """Numbers of the tiles with the least contrast: one half."""
        contrast = [tile[::4, ::4].astype(np.float32).std(axis=(0, 1)).mean() for tile in self.tiles]
        return np.argsort(contrast)[: max(1, len(contrast) // 2)]

    def save(self, path: Path) -> None:
        """Keep it in one file."""
        with staged(path) as (part,), part.open("wb") as file:
            np.savez(file, tiles=self.tiles, photos=self.photos, shapes=self.shapes, sources=np.array(self.sources))

    @classmethod
    def load(cls, path: Path) -> Bank:
        """What `save` wrote."""
        with np.load(path) as arrays:
            return cls(arrays["tiles"], arrays["photos"], arrays["shapes"], tuple(arrays["sources"].tolist()))


def held_back(name: str) -> bool:
    """Whether a photograph ("folder/file") serves the test set alone."""
    return name.split("/")[0] == NEVER or crc32(name.encode()) % 10 == 0


def gather(
    photos: Path, *, held: bool, folders: Sequence[str] | None = None, tiles: int = 320, wholes: int = 320
) -> Bank:
    """The bank of a folder of folders of photographs: of those held back, or of all others.

    Raises:
        InputError: there is no photograph to be had.
    """
    named = photos_of(photos)
    if held:
        named += [(f"{NEVER}/{path.name}", path) for path in sorted((photos / NEVER).glob("*.*"))]
    chosen = [(n, p) for n, p in named if held_back(n) == held and (folders is None or n.split("/")[0] in folders)]
    if not chosen:
        raise InputError(f"No photographs in the folders of {photos}.", hint="Give a folder of folders of pictures.")
    rng = np.random.default_rng(0)
    found: list[tuple[float, str, np.ndarray]] = []
    squares: list[tuple[str, float, np.ndarray]] = []
    keep = 1.0 if folders is not None else min(1.0, 3 * wholes / len(chosen))
    for name, path in chosen:
        photo = read_photo(path, 2 * SIDE)
        if min(photo.shape[:2]) < SIDE:
            continue
        found += [(evenness(patch), name, patch) for patch in _patches(photo, rng)]
        if len(found) > 4 * tiles:  # the rest will not be wanted
            found = _spread(found, tiles)
        if rng.random() < keep and len(squares) < wholes:
            squares.append((name, photo.shape[1] / photo.shape[0], _square(photo)))
    best = _spread(found, tiles)
    sources = tuple(sorted({name for _, name, _ in best} | {name for name, _, _ in squares}))
    return Bank(
        np.stack([without_seams(patch) for _, _, patch in best]), np.stack([square for _, _, square in squares]),
        np.array([shape for _, shape, _ in squares], np.float32), sources,
    )  # fmt: skip


def _patches(photo: np.ndarray, rng: np.random.Generator, count: int = 4) -> list[np.ndarray]:
    height, width = photo.shape[:2]
    found = []
    for _ in range(count):
        side = int(rng.integers(SIDE * 5 // 8, SIDE + 1))
        y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        found.append(cv2.resize(photo[y : y + side, x : x + side], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))
    return found


def _square(photo: np.ndarray) -> np.ndarray:
    return cv2.resize(photo, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _spread(found: list[tuple[float, str, np.ndarray]], count: int) -> list[tuple[float, str, np.ndarray]]:
    """The most even patches, at most two of a photograph."""
    taken: dict[str, int] = {}
    best: list[tuple[float, str, np.ndarray]] = []
    for each in sorted(found, key=lambda one: -one[0]):
        if taken.get(each[1], 0) < 2 and len(best) < count:
            taken[each[1]] = taken.get(each[1], 0) + 1
            best.append(each)
    return best


def evenness(patch: np.ndarray) -> float:
    """How much a patch (SIDE, SIDE, 3) looks like a surface: detail everywhere, the same in all its sixteenths.

    Detail that is there at all counts against the spread of the sixteenths' means and of their detail.
    """
    light = cv2.cvtColor(patch, cv2.COLOR_RGB2LAB).astype(np.float32)
    fine = light[..., 0] - cv2.GaussianBlur(light[..., 0], (0, 0), 6)
    cells = light.reshape(4, SIDE // 4, 4, SIDE // 4, 3).mean(axis=(1, 3))
    detail = np.sqrt((fine**2).reshape(4, SIDE // 4, 4, SIDE // 4).mean(axis=(1, 3)))
    if detail.mean() < 3.0:  # plain patches make no texture
        return -1e3
    spread = float(cells.reshape(16, 3).std(axis=0).sum())
    return float(-spread / 12 - 2.0 * detail.std() / detail.mean() + 0.02 * min(float(detail.mean()), 14.0))


def without_seams(patch: np.ndarray) -> np.ndarray:
    """The patch (h, w, 3) so that its copies fit side by side: it fades into itself, shifted by half, at its rims.

    Where two pictures mix, their contrast about the mean is kept up (Heitz, Neyret, By-Example Noise, 2018).
    """
    flat = patch.astype(np.float32)
    smooth = cv2.GaussianBlur(flat, (0, 0), patch.shape[0] / 5, borderType=cv2.BORDER_REFLECT)
    flat = flat - smooth + flat.mean(axis=(0, 1))  # without the light that fell on it
    middle = flat.mean(axis=(0, 1))
    flat = flat - middle
    for axis in (0, 1):
        length = flat.shape[axis]
        at = np.abs((np.arange(length) + 0.5) / length - 0.5) * 2  # 0 in the middle, 1 at the rims
        mine = np.clip((1 - at) / 0.35, 0, 1)
        mine = (mine * mine * (3 - 2 * mine)).reshape([-1 if k == axis else 1 for k in range(3)])
        mixed = mine * flat + (1 - mine) * np.roll(flat, length // 2, axis)
        flat = mixed / np.sqrt(mine**2 + (1 - mine) ** 2)
    return np.asarray(np.clip(flat + middle, 0, 255).round(), np.uint8)


def dress(world: World, bank: Bank, rng: np.random.Generator) -> World:
    """The world with photographs on some of its materials, and in all frames for pictures."""
    changed: dict[int, Material] = {}
    things = []
    for thing in world.things:
        key = id(thing.material)
        if key not in changed:
            changed[key] = _dressed(thing, bank, rng)
        things.append(replace(thing, material=changed[key]))
    return replace(world, things=tuple(things))


def _dressed(thing: Thing, bank: Bank, rng: np.random.Generator) -> Material:
    material = thing.material
    if material.texture is not None:
        return material
    if material.once:
        return replace(
            material, texture=bank.photos[int(rng.integers(len(bank.photos)))], own_colours=True, colour=(0.9, 0.9, 0.9)
        )
    chance = _PATTERNS.get(material.pattern, 0.0) * (0.5 if thing.label in _CALM else 1.0)
    if thing.label in _BARE or material.water or material.emission > 0 or rng.random() > chance:
        return material
    tile = float(np.clip(material.scale * rng.uniform(0.8, 2.5), 0.15, 6.0))
    own = bool(rng.random() < 0.25) and thing.label not in _CALM
    order = bank.calmest if thing.label in _CALM else np.arange(len(bank.tiles))
    texture = bank.tiles[int(rng.choice(order))]
    if own:
        return replace(material, texture=texture, tile=tile, own_colours=True, colour=(0.85, 0.85, 0.85))
    share = (0.35, 0.08) if thing.label in _CALM else (0.8, 0.4)
    return replace(material, texture=softened(texture, *share), tile=tile)


def softened(tile: NDArray[np.uint8], contrast: float, colour: float) -> NDArray[np.uint8]:
    """The tile (h, w, 3) with these shares of its contrast in light and in colour: relief for a material of its own."""
    flat = tile.astype(np.float32)
    light = flat.mean(axis=2, keepdims=True)
    soft = light.mean() + contrast * (light - light.mean()) + colour * (flat - light)
    return np.asarray(np.clip(soft, 0, 255).round(), np.uint8)
