"""A current carried through a region without end: the photo moved along a steady field, renewed in turns.

Two phases of the same current run half a cycle apart, each from half a cycle before the photo to half a cycle after it.
Each phase returns to the photo while the other one is seen, so the picture never stretches far, and a clip whose length
is a whole number of cycles closes exactly.

    phase A   -C/2 ──── 0 (the photo) ──── +C/2 │ -C/2 ──
    phase B    0 ──── +C/2 │ -C/2 ──── 0 ──── +C/2 ────
    seen          A ╲╱ B          B ╲╱ A                    the change-over differs from place to place

Where a phase would fetch from outside the region, the other one (which fetches downstream) is preferred. Sources:
Eulerian integration and symmetric blending (Holynski et al. 2021); the contrast of the mix is held as in
histogram-preserving blending (Heitz and Neyret 2018), corrected for how alike the two phases are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.plan import Flow
from stillmotion.stages.generation.regions.chance import smooth_field, stream
from stillmotion.stages.generation.regions.current import velocity
from stillmotion.stages.generation.regions.plate import Plate, thin
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.types import Float32, UInt8

_NODES = 8  # stored displacements on either side of the photo
_TRAVEL = 0.085  # how far a cycle carries, fraction of the canvas width
_SHORTEST, _LONGEST = 1.2, 4.5  # seconds
_ONE_WAY = 0.012  # a clip that carries less than this is not renewed at all
_CHANGE = 0.13  # half the duration of a change-over, in cycles
_SCATTER = 0.10  # how far change-overs differ from place to place, in cycles
_SCATTER_SIZE = 0.06  # size of what changes over together, fraction of the canvas width
_MOST_GAIN = 1.35


@dataclass(frozen=True, slots=True)
class Phases:
    """A current at one time, on the low grid."""

    first: Float32  # (h, w, 2) where the first phase fetches from, as displacement in plate pixels
    second: Float32  # (h, w, 2)
    share: Float32  # (h, w) of the first phase in [0, 1]
    gain: Float32  # (h, w) on contrast
    level: Float32  # (h, w, 3) the mixed low frequencies


class Current:
    """The current of one region: everything that does not depend on time, made once."""

    def __init__(
        self, plate: Plate, mask: Float32, flow: Flow, source: UInt8, *, rhythm: Rhythm, seed: int, name: str, step: int
    ) -> None:
        self.rhythm = rhythm
        field = velocity(plate, mask, flow, chance=stream(seed, f"{name}/eddies"), step=step)
        self.cycle = _cycle(flow.speed, rhythm)
        self.path = _trajectories(field, 0.5 * self.cycle, step)
        self.inside = thin(mask, step)
        self.soft = thin(cv2.GaussianBlur(source, (0, 0), 2.2 * step).astype(np.float32), step)
        cells = _SCATTER_SIZE * plate.canvas[0] / step
        scatter = smooth_field(stream(seed, f"{name}/scatter"), self.inside.shape, scale=cells, octaves=2)
        self.scatter = np.clip(_SCATTER * 0.6 * scatter, -_SCATTER, _SCATTER).astype(np.float32)
        self.alike = self._likeness(source, mask, step)
        self.step = step

    def at(self, t: float) -> Phases:
        """Both phases at time t and how they are mixed."""
        turn = self.rhythm.run(t) / self.cycle
        first, second = _wrapped(turn), _wrapped(turn + 0.5)
        share = self._share(turn)
        there, back = self.fetch(first), self.fetch(second)
        ahead, behind = self._valid(there), self._valid(back)
        weight = share * (ahead + 0.02)
        other = (1 - share) * (behind + 0.02)
        share = weight / np.maximum(weight + other, 1e-6)
        rest = 1 - share
        power = share * share + rest * rest + 2 * self.alike * share * rest
        gain = np.clip(1 / np.sqrt(np.maximum(power, 1e-3)), 1, _MOST_GAIN)
        level = (
            _sample(self.soft, there, self.step) * share[..., None]
            + _sample(self.soft, back, self.step) * rest[..., None]
        )
        return Phases(
            first=there, second=back, share=share.astype(np.float32), gain=gain.astype(np.float32),
            level=level.astype(np.float32),
        )  # fmt: skip

    def fetch(self, turn: float) -> Float32:
        """(h, w, 2) backward displacement of a phase `turn` cycles (-0.5 to 0.5) after the photo."""
        position = (turn + 0.5) * 2 * _NODES
        k = int(np.clip(np.floor(position), 0, 2 * _NODES - 1))
        u = np.float32(position - k)
        return np.asarray(self.path[k] * (1 - u) + self.path[k + 1] * u, np.float32)

    def carried(self, t: float) -> tuple[Float32, Float32]:
        """(h, w, 2) forward displacement of the photo's own places at t, and (h, w) how much of them is seen there."""
        turn = self.rhythm.run(t) / self.cycle
        share = self._share(turn)
        forward, later = self.fetch(-_wrapped(turn)), self.fetch(-_wrapped(turn + 0.5))
        first = share >= 0.5
        return np.where(first[..., None], forward, later).astype(np.float32), np.where(first, share, 1 - share)

    def _share(self, turn: float) -> Float32:
        """(h, w) of the first phase by the clock alone: 1 around the photo, 0 where it jumps back."""
        if not np.isfinite(self.cycle):
            return np.ones_like(self.scatter)
        away = abs(_wrapped(turn))
        u = np.clip((away - (0.25 + self.scatter) + _CHANGE) / (2 * _CHANGE), 0, 1)
        return np.asarray(1 - u * u * (3 - 2 * u), np.float32)

    def _valid(self, fetch: Float32) -> Float32:
        """(h, w) in [0, 1]: the phase fetches from inside the region; beyond the plate counts a third."""
        height, width = self.inside.shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        share = np.float32(1 / self.step)
        found = cv2.remap(
            self.inside, x + fetch[..., 0] * share, y + fetch[..., 1] * share, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=(0.33,),
        )  # fmt: skip
        return np.asarray(found, np.float32)

    def _likeness(self, source: UInt8, mask: Float32, step: int) -> float:
        """Correlation of the fine detail of the two phases at change-over, where they lie half a cycle apart."""
        grey = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = grey - cv2.GaussianBlur(grey, (0, 0), 2.2 * step)
        fine, weight = fine[::2, ::2], mask[::2, ::2]
        size = (weight.shape[1], weight.shape[0])
        y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        seen = []
        for turn in (0.25, -0.25):
            fetch = cv2.resize(self.fetch(turn), size, interpolation=cv2.INTER_LINEAR) * np.float32(0.5)
            seen.append(
                cv2.remap(fine, x + fetch[..., 0], y + fetch[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            )
        both = float((seen[0] * seen[1] * weight).sum())
        alone = float((seen[0] ** 2 * weight).sum()) * float((seen[1] ** 2 * weight).sum())
        return float(np.clip(both / max(alone**0.5, 1e-6), 0, 1))


def _cycle(speed: float, rhythm: Rhythm) -> float:
    """Seconds of one cycle: about as long as the current takes for a short way, dividing a clip that closes."""
    if not rhythm.closes and speed * rhythm.seconds < _ONE_WAY:
        return 4.5 * rhythm.seconds
    return rhythm.period(float(np.clip(_TRAVEL / max(speed, 1e-4), _SHORTEST, _LONGEST)))


def _wrapped(turn: float) -> float:
    """A number of cycles in [-0.5, 0.5)."""
    return float(turn - np.floor(turn + 0.5))


def _trajectories(field: Float32, half: float, step: int) -> Float32:
    """(2 N + 1, h, w, 2) backward displacement at times from -half to +half seconds, plate pixels.

    B(p, t + dt) = (q - p) + B(q, t) with q one midpoint step up the current from p; the middle entry is zero.
    """
    nodes = np.zeros((2 * _NODES + 1, *field.shape), np.float32)
    inner = max(1, int(np.ceil(half / _NODES * float(np.abs(field).max()) / (1.5 * step))))
    dt = half / _NODES / inner
    for sign in (1, -1):
        hop = _hop(field * np.float32(-sign), dt, step)
        moved = np.zeros_like(field)
        for k in range(1, _NODES + 1):
            for _ in range(inner):
                moved = hop + _sample(moved, hop, step)
            nodes[_NODES + sign * k] = moved
    return nodes


def _hop(field: Float32, dt: float, step: int) -> Float32:
    middle = field * np.float32(0.5 * dt)
    return _sample(field, middle, step) * np.float32(dt)


def _sample(field: Float32, fetch: Float32, step: int) -> Float32:
    """A low-grid field read at its own nodes moved by `fetch` plate pixels; continued as it is at the border."""
    height, width = field.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    share = np.float32(1 / step)
    read = cv2.remap(
        field, x + fetch[..., 0] * share, y + fetch[..., 1] * share, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(read, np.float32)
