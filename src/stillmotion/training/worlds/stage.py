"""Where a family puts its things: from parts, materials and motions to the things of a world, seen by one camera.

    Stage(eye point, heading) ─put / put_many / put_body / put_vehicle─▶ things ─▶ World

A family lays out its scene about an origin of its own, the ground at y = 0. The stage turns and shifts everything so
that the camera is the origin and looks along +z, as a world wants it.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from stillmotion.training.worlds.meshes.figures import Body, limb_matrices
from stillmotion.training.worlds.meshes.parts import Parts
from stillmotion.training.worlds.meshes.solids import placed
from stillmotion.training.worlds.meshes.vehicles import Vehicle
from stillmotion.training.worlds.motions import Motion
from stillmotion.training.worlds.records import Deform, Lamp, Material, Mesh, Thing, fixed

Labels = str | Mapping[str, str]
_NEAR = 3.0  # metres within which a thing is kept wherever it is: its shadow may be seen
_TINY = 0.0012  # radians of half its size


class Stage:
    """The things of one scene, gathered one after the other."""

    def __init__(self, eye: Sequence[float], heading: float) -> None:
        """A camera at `eye` (of the layout; y < 0 is above the ground), looking `heading` radians right of +z."""
        self._view = placed(turn=(0.0, -heading, 0.0)) @ placed([-eye[0], 0.0, -eye[2]])
        self._view[1, 3] = -eye[1]
        self.things: list[Thing] = []
        self.lamps: list[Lamp] = []
        self._ident = 0

    def seen(self, point: Sequence[float]) -> np.ndarray:
        """A point (3,) of the layout in the camera's axes."""
        return np.asarray((self._view @ [*point, 1.0])[:3])

    def next_ident(self) -> int:
        """A new number for an object of several parts."""
        self._ident += 1
        return self._ident

    def put(
        self,
        parts: Parts | Mesh,
        materials: Mapping[str, Material] | Material,
        labels: Labels,
        where: np.ndarray | Motion,
        deform: Deform | Mapping[str, Deform] | None = None,
        casts: bool = True,
    ) -> None:
        """One object of all its parts, at rest under a 4x4 matrix or moving."""
        slots = parts if isinstance(parts, dict) else {"": parts}
        ident = self.next_ident()
        for slot, mesh in slots.items():
            material = materials if isinstance(materials, Material) else materials[slot]
            bend = deform.get(slot) if isinstance(deform, Mapping) else deform
            self._add(mesh, material, _label(labels, slot), where, ident, bend, casts)

    def put_many(
        self, parts: Parts, materials: Mapping[str, Material], labels: Labels, matrices: Sequence[np.ndarray],
        tints: np.ndarray | None = None, deform: Deform | Mapping[str, Deform] | None = None, casts: bool = True,
    ) -> None:  # fmt: skip
        """Copies of an object at rest; each copy is an object of its own where it has one part only."""
        if not len(matrices):
            return
        stack = [self._view @ matrix for matrix in matrices]
        colours = None if tints is None else np.asarray(tints, np.float32)
        for slot, mesh in parts.items():
            bend = deform.get(slot) if isinstance(deform, Mapping) else deform
            thing = Thing(
                mesh=mesh, material=materials[slot], label=_label(labels, slot), places=fixed(*stack), deform=bend,
                tints=colours, casts=casts,
            )  # fmt: skip
            self.things.append(thing)

    def put_body(self, body: Body, materials: Mapping[str, Material], label: str, root: np.ndarray | Motion) -> None:
        """A figure whose limbs swing, its root at rest or moving."""
        go: Motion = root if callable(root) else lambda _: root
        ident = self.next_ident()
        pose = functools.lru_cache(maxsize=8)(lambda t: [go(t) @ matrix for matrix in limb_matrices(body, t)])
        for number, limb in enumerate(body.limbs):
            for slot, mesh in limb.parts.items():
                self._add(mesh, materials[slot], label, _of_limb(pose, number), ident, None, True)

    def put_vehicle(
        self, vehicle: Vehicle, materials: Mapping[str, Material], where: np.ndarray | Motion, speed: float = 0.0
    ) -> None:
        """A car whose wheels turn as it drives at `speed` m/s."""
        ident = self.next_ident()
        go: Motion = where if callable(where) else lambda _: where
        for slot, mesh in vehicle.body.items():
            self._add(mesh, materials[slot], "vehicle", where, ident, None, True)

        def wheels(t: float) -> np.ndarray:
            turn = -speed * t / vehicle.radius
            root = self._view @ go(t)
            stack = [root @ _wheel_matrix(centre, turn) for centre in vehicle.centres]
            return np.stack(stack).astype(np.float32)

        for slot, mesh in vehicle.wheel.items():
            thing = Thing(
                mesh=mesh, material=materials[slot], label="vehicle", places=wheels, ident=ident, moves=speed != 0.0
            )
            self.things.append(thing)

    def shine(self, point: Sequence[float], light: tuple[float, float, float], flicker: float = 0.0) -> None:
        """A lamp at a point of the layout, `light` in kilolux at one metre."""
        x, y, z = (float(value) for value in self.seen(point))
        self.lamps.append(Lamp(position=(x, y, z), colour=light, flicker=flicker))

    def nearest_lamps(self, count: int = 8) -> tuple[Lamp, ...]:
        """The lamps that matter most to what the camera sees."""
        ahead = [lamp for lamp in self.lamps if lamp.position[2] > -6.0]
        return tuple(sorted(ahead, key=lambda lamp: math.dist(lamp.position, (0.0, 0.0, 6.0)))[:count])

    def seen_things(self, fov_deg: float, spare_deg: float = 32.0) -> tuple[Thing, ...]:
        """What matters to a picture of this width that may still turn by `spare_deg`: all that is near, or in view.

        Copies out of view, and whole things out of view, are left out; so is what is far too small to see.
        """
        edge = math.radians(fov_deg / 2 + spare_deg)
        kept: list[Thing] = []
        balls: dict[int, tuple[np.ndarray, float]] = {}
        for thing in self.things:
            centre, radius = balls.get(id(thing.mesh)) or balls.setdefault(id(thing.mesh), _ball(thing.mesh))
            stack = np.concatenate([thing.places(t) for t in ((0.0, 1.5) if thing.moves else (0.0,))])
            places = stack[:, :3, :3] @ centre + stack[:, :3, 3]
            reach = radius * np.linalg.norm(stack[:, :3, 0], axis=1)
            distance = np.maximum(np.linalg.norm(places, axis=1), 1e-3)
            beside = np.arctan2(np.abs(places[:, 0]), places[:, 2]) - np.arcsin(np.clip(reach / distance, 0, 1)) < edge
            near = distance < reach + _NEAR
            which = (beside & (reach / distance > _TINY)) | near
            if which.all() or (thing.moves and which.any()):
                kept.append(thing)
            elif which.any():
                tints = None if thing.tints is None else thing.tints[which]
                kept.append(dataclasses.replace(thing, places=fixed(*stack[which]), tints=tints))
        return tuple(kept)

    def _add(
        self,
        mesh: Mesh,
        material: Material,
        label: str,
        where: np.ndarray | Motion,
        ident: int,
        deform: Deform | None,
        casts: bool,
    ) -> None:
        places = self._moving(where) if callable(where) else fixed(self._view @ where)
        self.things.append(
            Thing(
                mesh=mesh, material=material, label=label, places=places, ident=ident, deform=deform, casts=casts,
                moves=callable(where),
            )
        )  # fmt: skip

    def _moving(self, motion: Motion) -> Callable[[float], np.ndarray]:
        view = self._view
        return lambda t: (view @ motion(t))[None].astype(np.float32)


def _ball(mesh: Mesh) -> tuple[np.ndarray, float]:
    """The middle (3,) of a mesh and how far it reaches from there."""
    least, most = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    return (least + most) / 2, float(np.linalg.norm(most - least) / 2)


def _label(labels: Labels, slot: str) -> str:
    if isinstance(labels, str):
        return labels
    return labels.get(slot, labels.get("", "other"))


def _of_limb(pose: Callable[[float], list[np.ndarray]], number: int) -> Motion:
    return lambda t: pose(t)[number]


def _wheel_matrix(centre: np.ndarray, turn: float) -> np.ndarray:
    """A wheel at its centre; on the left side its outside looks to -x."""
    rolled = placed(centre, (turn, 0.0, 0.0))
    return rolled @ placed(turn=(0.0, math.pi, 0.0)) if centre[0] < 0 else rolled
