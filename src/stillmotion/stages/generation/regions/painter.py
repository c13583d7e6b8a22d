"""Surfaces that move in place: one painter per mask lays its currents, swings and waves over the picture at rest."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.plan import Flow, LabelMask, Motion, RegionMotion, Ripple, Sway, Track
from stillmotion.stages.generation.regions.chance import stream
from stillmotion.stages.generation.regions.extend import extend
from stillmotion.stages.generation.regions.flow import Current
from stillmotion.stages.generation.regions.kernels import lay, mix_phases, raise_field, raise_map, shine
from stillmotion.stages.generation.regions.light import DECODE, ENCODE
from stillmotion.stages.generation.regions.modal import Modes
from stillmotion.stages.generation.regions.plate import Plate, box_of
from stillmotion.stages.generation.regions.pull import Pull, make_pull
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.stages.generation.regions.ripple import ripple_modes
from stillmotion.stages.generation.regions.sway import sway_modes
from stillmotion.types import Float32, UInt8


def is_surface(motion: Motion) -> bool:
    """Whether a motion changes the picture in place, rather than taking a thing out of it."""
    return isinstance(motion, Flow | Ripple | Sway) or (isinstance(motion, Track) and motion.footprint == "soft")


class SurfacePainter:
    """All surface motions that share one mask."""

    def __init__(
        self, plate: Plate, mask: Float32, regions: list[tuple[str, RegionMotion]], *, rhythm: Rhythm, seed: int
    ) -> None:
        """`regions` are (stream name, region) pairs with one mask (H, W) in plate coordinates."""
        kinds = [region.motion.kind for _, region in regions]
        width = plate.canvas[0]
        self.step = max(1, round(width / (640 if "ripple" in kinds else 320)))
        self.laid = "flow" in kinds or "ripple" in kinds
        source = extend(plate.picture, mask) if self.laid else plate.picture
        self.source = source
        self.currents: list[Current] = []
        self.modes: list[Modes | Pull] = []
        for name, region in regions:
            self._add(plate, mask, name, region, rhythm=rhythm, seed=seed)
        reach = 0 if self.laid else round(5 * max(_amplitude(r.motion) for _, r in regions) * width)
        box = box_of(mask, margin=reach)
        self.box = box
        self.mask = np.ascontiguousarray(mask[box.cut]) if box else mask[:0]
        self.rest = np.ascontiguousarray(source[box.cut]) if box else source[:0]
        if not self.laid:
            self.mask = np.ones_like(self.mask)

    def _add(self, plate: Plate, mask: Float32, name: str, region: RegionMotion, *, rhythm: Rhythm, seed: int) -> None:
        motion, step = region.motion, self.step
        if isinstance(motion, Flow):
            self.currents.append(
                Current(plate, mask, motion, self.source, rhythm=rhythm, seed=seed, name=name, step=step)
            )
        elif isinstance(motion, Sway):
            meadow = isinstance(region.mask, LabelMask) and region.mask.label in ("grass", "flower")
            chance = stream(seed, name)
            self.modes.append(sway_modes(plate, mask, motion, rhythm=rhythm, chance=chance, step=step, meadow=meadow))
        elif isinstance(motion, Ripple):
            self.modes.append(ripple_modes(plate, mask, motion, rhythm=rhythm, chance=stream(seed, name), step=step))
        elif isinstance(motion, Track):
            self.modes.append(make_pull(plate, mask, motion, rhythm=rhythm, step=step))

    def paint(self, t: float, out: UInt8) -> None:
        """Draw the region as it is at time t into `out` (the plate's shape)."""
        box = self.box
        if box is None:
            return
        shift = self._shift(t)
        target = out[box.cut]
        if self.currents:
            self._paint_current(t, shift, target)
        elif shift is not None:
            lay(self._fetch(shift), self.rest, self.mask, target)
        if shift is not None and self.laid and self.modes:
            gain = np.ascontiguousarray(1 + shift[..., 2])
            shine(gain, self.step, box.top, box.left, DECODE, ENCODE, target)

    def _shift(self, t: float) -> Float32 | None:
        """(h, w, 3) displacement and light of all swings and waves."""
        if not self.modes:
            return None
        return np.asarray(sum(modes.at(t) for modes in self.modes), np.float32)

    def _paint_current(self, t: float, shift: Float32 | None, target: UInt8) -> None:
        assert self.box is not None
        for current in self.currents:
            phases = current.at(t)
            first, second = phases.first, phases.second
            if shift is not None:
                first, second = first + shift[..., :2], second + shift[..., :2]
            most, least = float(phases.share.max()), float(phases.share.min())
            seen = self._fetch(first) if most > 0.004 else None
            other = self._fetch(second) if least < 0.996 else None
            if seen is None or other is None:
                only = seen if seen is not None else other
                assert only is not None
                lay(only, self.rest, self.mask, target)
            else:
                mix_phases(
                    seen, other, phases.level, phases.share, phases.gain, self.step, self.box.top, self.box.left,
                    self.rest, self.mask, target,
                )  # fmt: skip

    def _fetch(self, displacement: Float32) -> UInt8:
        """(H, W, 3) of the box, read from the source at its own places moved by the low-grid displacement."""
        assert self.box is not None
        box = self.box
        coordinates = np.empty((box.bottom - box.top, box.right - box.left, 2), np.float32)
        raise_map(np.ascontiguousarray(displacement[..., :2]), self.step, box.top, box.left, coordinates)
        moved = cv2.remap(self.source, coordinates, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)  # type: ignore[call-overload]
        return np.asarray(moved, np.uint8)

    def carry(self, t: float, flow: Float32, seen: Float32) -> None:
        """Add where the plate's pixels have gone by time t to `flow` (H, W, 2), and lessen `seen` (H, W) of those
        lost.
        """
        box = self.box
        if box is None:
            return
        moved, shown = self._carried(t)
        both = np.ascontiguousarray(np.concatenate([moved, shown[..., None]], axis=2), np.float32)
        raised = np.empty((box.bottom - box.top, box.right - box.left, 3), np.float32)
        raise_field(both, self.step, box.top, box.left, raised)
        flow[box.cut] += raised[..., :2] * self.mask[..., None]
        seen[box.cut] *= 1 - (1 - raised[..., 2]) * self.mask

    def _carried(self, t: float) -> tuple[Float32, Float32]:
        """(h, w, 2) forward displacement of the plate's own places and (h, w) how much of them is seen, low grid.

        To first order in the swing of sway and ripple, whose displacement is small beside its scale.
        """
        shift = self._shift(t)
        moved = -shift[..., :2] if shift is not None else None
        seen = None
        for current in self.currents:
            forward, shown = current.carried(t)
            moved = forward if moved is None else moved + forward
            seen = shown if seen is None else seen * shown
        assert moved is not None
        return moved.astype(np.float32), np.asarray(np.ones(moved.shape[:2]) if seen is None else seen, np.float32)


def _amplitude(motion: Motion) -> float:
    """How far a motion carries its region beyond the mask, as a fraction of the width."""
    if isinstance(motion, Track):
        (x0, y0) = motion.points[0].at
        return max(float(np.hypot(p.at[0] - x0, p.at[1] - y0)) for p in motion.points)
    return motion.amplitude if isinstance(motion, Sway) else 0.0
