"""All moving regions of a plan, evaluated at any time t in the photo's own plane, before the camera projects it.

    surfaces (flow, ripple, sway)  ─▶  light (flicker)  ─▶  freeze   =  the picture at t, on the scene's still surface
    lifted things (drift, affine, track) are taken out of the scene and drawn over it by `lifted.py`

Knows no camera and no layers: a backend asks for its picture at t and projects that.
"""

from __future__ import annotations

import numpy as np

from stillmotion.plan import Flicker, MotionPlan, RegionMotion
from stillmotion.stages.generation.regions.chance import stream
from stillmotion.stages.generation.regions.flicker import Light, make_light
from stillmotion.stages.generation.regions.kernels import lay, shine
from stillmotion.stages.generation.regions.light import DECODE, ENCODE
from stillmotion.stages.generation.regions.painter import SurfacePainter, is_surface
from stillmotion.stages.generation.regions.plate import box_of, make_plate
from stillmotion.stages.generation.regions.rhythm import tempo
from stillmotion.types import Float32, Scene, UInt8


class RegionAnimator:
    """The moving picture of a scene whose camera stands still.

    `picture` (h, w, 3) is the photo with whatever was painted around it; the photo begins at `origin` (x, y) in it. By
    default it is the scene's photo itself.
    """

    def __init__(
        self, scene: Scene, plan: MotionPlan, *, seed: int,
        picture: UInt8 | None = None, origin: tuple[int, int] = (0, 0),
    ) -> None:  # fmt: skip
        self.clock, self.rhythm = tempo(plan)
        self.plate = make_plate(scene, picture=scene.photo if picture is None else picture, origin=origin)
        named = [
            (f"regions/{i}/{r.name}", r, m) for i, (r, m) in enumerate(zip(plan.regions, scene.masks, strict=True))
        ]
        self.painters = [
            SurfacePainter(self.plate, self.plate.spread(mask), group, rhythm=self.rhythm, seed=seed)
            for mask, group in _grouped([n for n in named if is_surface(n[1].motion)])
        ]
        self.lights = [
            _light(self, name, region, self.plate.spread(mask), seed) for name, region, mask in named
            if region.motion.kind == "flicker"
        ]  # fmt: skip
        self.frozen = self._frozen([mask for _, region, mask in named if region.motion.kind == "freeze"])

    @property
    def still(self) -> bool:
        """Nothing of the picture moves: `picture(t)` is the plate at every t."""
        return not self.painters and not self.lights

    def picture(self, t: float) -> UInt8:
        """(h, w, 3) the plate at time t in seconds; the plate itself, bit for bit, at t = 0. Safe on any thread."""
        if self.still or t == 0:
            return self.plate.picture
        tau = self.clock.at(t)
        out = self.plate.picture.copy()
        for painter in self.painters:
            painter.paint(tau, out)
        for light in self.lights:
            box = light.box
            shine(light.at(tau), _LIGHT_STEP, box.top, box.left, DECODE, ENCODE, out[box.cut])
        if self.frozen is not None:
            kept = box_of(self.frozen)
            if kept is not None:
                lay(self.plate.picture[kept.cut], out[kept.cut].copy(), self.frozen[kept.cut], out[kept.cut])
        return out

    def displacement(self, t: float) -> tuple[Float32, Float32]:
        """(H, W, 2) where each photo pixel has gone by time t, canvas pixels, and (H, W) how much of it is seen."""
        (width, height), (x, y) = self.plate.canvas, self.plate.origin
        flow, seen = np.zeros((*self.plate.shape, 2), np.float32), np.ones(self.plate.shape, np.float32)
        for painter in self.painters:
            painter.carry(self.clock.at(t), flow, seen)
        if self.frozen is not None:
            flow *= 1 - self.frozen[..., None]
        cut = (slice(y, y + height), slice(x, x + width))
        return np.ascontiguousarray(flow[cut]), np.ascontiguousarray(seen[cut])

    def _frozen(self, masks: list[Float32]) -> Float32 | None:
        if not masks or self.still:
            return None
        return self.plate.spread(np.asarray(np.max(masks, axis=0), np.float32))


_LIGHT_STEP = 4


def _light(animator: RegionAnimator, name: str, region: RegionMotion, mask: Float32, seed: int) -> Light:
    assert isinstance(region.motion, Flicker)
    return make_light(
        animator.plate, mask, region.motion, rhythm=animator.rhythm, chance=stream(seed, name), step=_LIGHT_STEP
    )


def _grouped(
    named: list[tuple[str, RegionMotion, Float32]],
) -> list[tuple[Float32, list[tuple[str, RegionMotion]]]]:
    """Regions with the same mask act together; sway, which moves whole things, comes after the surfaces behind it."""
    groups: list[tuple[Float32, list[tuple[str, RegionMotion]]]] = []
    for name, region, mask in sorted(named, key=lambda n: n[1].motion.kind == "sway"):
        for _, group in groups:
            if group[0][1].mask == region.mask and ("sway" in (region.motion.kind, group[0][1].motion.kind)) is (
                region.motion.kind == group[0][1].motion.kind == "sway"
            ):
                group.append((name, region))
                break
        else:
            groups.append((mask, [(name, region)]))
    return groups
