"""Coverage is solved, not hoped: a plan is bent until no frame shows what the photo cannot give, and says so.

    views of the path ─▶ too wide a gap, too large a growth? ─▶ smaller amounts
                      ─▶ past the photo's ends? ─▶ 1 the margin that is painted anyway   2 a longer lens, ramping in
                                                  3 a wider margin   4 smaller amounts

Never the direction, and never a jump: all of it is in the keyframes. Where nothing moves, nothing is changed. A move
out of the picture (pull out, zoom out, dolly zoom) is not answered by a longer lens, which would undo it.

A rig is the twelve numbers of `stillmotion.camera`, here as offsets from the photo's own view.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from stillmotion.camera import CameraPath, Clock, key_of_rig, log_focal, pivot_point, rig_of_key
from stillmotion.plan import CameraKey, Canvas, Handheld, Margins, MotionPlan
from stillmotion.stages.motion.limits import limit_notes
from stillmotion.stages.motion.parts import FORWARD, LENS, VERTIGO
from stillmotion.stages.motion.reach import Reach
from stillmotion.types import Float64, Scene, View

# longest lens, margin; in this order
# what is painted out there is guessed: a longer lens first, up to where it looks like a zoom of its own
_INWARD = ((1.0, 0.0), (1.06, 0.0), (1.10, 0.0), (1.16, 0.0), (1.18, 0.10), (1.20, 0.14))
_ROLLING = (*_INWARD, (1.25, 0.12), (1.35, 0.12))  # a picture that turns hides how it grows
_OUTWARD = ((1.0, 0.0), (1.0, 0.12), (1.0, 0.16), (1.0, 0.20))
_MARGINS = (0.06, 0.08, 0.10, 0.12, 0.14, 0.16, 0.18, 0.20)
_LARGEST_GROWTH = 3.0
_STEADY = 0.055  # what a trembling hand may need of the margin
_DEPTHWISE = [FORWARD, VERTIGO, LENS]
_LATERAL = [0, 1, 3, 4, 5, 6, 7]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """What is done to a path: shares of its amounts that are kept, and the lens at its farthest."""

    depthwise: float = 1.0  # (0, 1] of what goes into or out of the picture
    lateral: float = 1.0  # (0, 1] of what goes sideways or turns
    lens: float = 1.0  # >= 1


def solve(plan: MotionPlan, scene: Scene) -> tuple[MotionPlan, tuple[str, ...]]:
    """The plan that the photo can carry, and a note for each amount that is less, or different, than asked.

    `plan.strength` must be folded in already (1.0).
    """
    path = _BentPath(plan, scene)
    hand = plan.camera.handheld
    if path.still and not hand.amplitude:
        return plan, ()
    reach = Reach(scene)
    steadied, pad = _steadied(hand, reach, loops=plan.canvas.loop != "none")
    whole = _limited(Bend(), lambda bend: path.torn(bend, reach, scene.confidence))
    bend, margins = _covering(whole, path, reach, pad)
    canvas = plan.canvas.model_copy(update={"outpaint": margins})
    camera = plan.camera.model_copy(update={"keyframes": path.keys(bend), "handheld": steadied})
    solved = plan.model_copy(update={"canvas": canvas, "camera": camera})
    wished, kept = path.rigs(Bend()), path.rigs(replace(bend, lens=1.0))
    return solved, tuple(limit_notes(plan, solved, wished, kept, torn=whole != Bend(), lens=bend.lens))


class _BentPath:
    """A plan's path, bent at will."""

    def __init__(self, plan: MotionPlan, scene: Scene) -> None:
        self.plan, self._fov, self._pivot = plan, scene.fov_deg, pivot_point(scene, plan.camera.pivot)
        self._own = np.zeros(12)
        self._own[LENS], self._own[10] = log_focal(scene.fov_deg), 1.0
        self._keys = plan.camera.keyframes
        self._offsets = np.array([rig_of_key(key, scene.fov_deg) for key in self._keys]) - self._own  # (keys, 12)
        away = _departure(self._offsets)
        self.still = bool(away.max() < 1e-6)
        self._ramp = away / max(float(away.max()), 1e-9)
        size = self._offsets[:, LENS] - np.log(np.maximum(1.0 - self._offsets[:, FORWARD], 0.05))
        shrinking = -float(size.min()) > max(0.01, 0.25 * float(away.max()))
        outward = bool(shrinking or np.abs(self._offsets[:, VERTIGO]).max() > 1e-6)
        roll = float(np.radians(np.abs(self._offsets[:, 5]).max()))
        self.cures = _OUTWARD if outward else _ROLLING if roll > 0.5 * float(away.max()) else _INWARD
        self._moments = self._sampled()

    def rigs(self, bend: Bend) -> Float64:
        """Offsets (keys, 12) of the bent path."""
        rigs = self._offsets.copy()
        widening = rigs[:, LENS] < 0
        rigs[:, LENS] *= np.where(widening, bend.depthwise, 1.0)
        rigs[:, [FORWARD, VERTIGO]] *= bend.depthwise
        rigs[:, _LATERAL] *= bend.lateral
        rigs[:, LENS] += math.log(bend.lens) * self._ramp
        return np.asarray(rigs)

    def keys(self, bend: Bend) -> tuple[CameraKey, ...]:
        """The keyframes of the bent path; untouched where it is not bent."""
        if bend == Bend():
            return self._keys
        rigs = self.rigs(bend) + self._own
        return tuple(
            key_of_rig(key.t, rig, self._fov, ease=key.ease) for key, rig in zip(self._keys, rigs, strict=True)
        )

    def views(self, bend: Bend) -> list[View]:
        """The bent path's views, without handheld, close enough together that nothing happens between them."""
        camera = self.plan.camera.model_copy(update={"keyframes": self.keys(bend), "handheld": Handheld()})
        level = self.plan.model_copy(update={"camera": camera, "time": (), "canvas": self._level_canvas()})
        path = CameraPath(level, self._fov, pivot=self._pivot)
        return [path.at(t) for t in self._moments]

    def torn(self, bend: Bend, reach: Reach, confidence: float) -> bool:
        """Whether a gap opens wider, or a thing grows larger, than the eye forgives at this confidence in the depth."""
        views = self.views(bend)
        return reach.tear(views) > 0.05 + 0.05 * confidence or reach.growth(views) > _LARGEST_GROWTH

    def _level_canvas(self) -> Canvas:
        canvas = self.plan.canvas
        end = max(Clock(canvas, self.plan.time).end, 0.04)
        loop = "seamless" if canvas.loop == "seamless" else "none"
        return canvas.model_copy(update={"seconds": end * (1 + 1e-9) if loop == "none" else end, "loop": loop})

    def _sampled(self) -> list[float]:
        """Plan times at every key and several between."""
        end = max(Clock(self.plan.canvas, self.plan.time).end, 0.04)
        times = sorted({0.0, *(min(key.t, end) for key in self._keys), end})
        moments: list[float] = []
        for a, b in pairwise(times):
            count = min(max(math.ceil(8 * (b - a)), 4 if len(times) < 60 else 2), 40)
            moments += list(np.linspace(a, b, count, endpoint=False))
        return [*moments, end * (1 - 1e-9)]


def _departure(offsets: Float64) -> Float64:
    """How far each key is from the photo's view (keys,), in about half-widths of the picture."""
    return np.asarray(
        np.linalg.norm(offsets[:, 0:3], axis=1)
        + np.radians(np.linalg.norm(offsets[:, 3:8], axis=1))
        + np.abs(offsets[:, VERTIGO])
        + np.abs(offsets[:, LENS])
    )


def _covering(start: Bend, path: _BentPath, reach: Reach, pad: float) -> tuple[Bend, Margins]:
    """The mildest cure: lens and margins before amounts."""
    own = path.plan.canvas.outpaint
    for lens, margin in path.cures:
        margins = _at_least(own, margin)

        def fails(bend: Bend, margins: Margins = margins) -> bool:
            return not reach.covered(path.views(bend), margins, pad=pad)

        if not fails(replace(start, lens=lens)):
            bend = _shortest_lens(replace(start, lens=lens), fails)
            break
    else:
        bend = _limited(replace(start, lens=lens), fails)
    return bend, _tightened(own, margins, lambda m: reach.covered(path.views(bend), m, pad=pad))


def _limited(start: Bend, fails: Callable[[Bend], bool]) -> Bend:
    """The largest shares at which `fails` is false: of one kind of amounts, of the other, or of both alike, whichever
    keeps most of the motion.
    """
    if not fails(start):
        return start

    def kept(depthwise: float, lateral: float) -> Bend:
        return replace(start, depthwise=start.depthwise * depthwise, lateral=start.lateral * lateral)

    both = _largest(lambda s: not fails(kept(s, s)))
    deep = _largest(lambda s: not fails(kept(both + (1 - both) * s, both)))
    deep = both + (1 - both) * deep
    wide = _largest(lambda s: not fails(kept(deep, both + (1 - both) * s)))
    choices = [(deep, both + (1 - both) * wide)]
    choices += [(1.0, _largest(lambda s: not fails(kept(1.0, s)))), (_largest(lambda s: not fails(kept(s, 1.0))), 1.0)]
    safe = [choice for choice in choices if min(choice) > 0.0 and not fails(kept(*choice))]
    return kept(*max(safe or [(both, both)], key=lambda choice: choice[0] * choice[1]))


def _largest(holds: Callable[[float], bool]) -> float:
    """The largest share in [0, 1] at which `holds`, to half a percent; 0 is taken to hold."""
    if holds(1.0):
        return 1.0
    low, high = 0.0, 1.0
    while high - low > 0.005:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _shortest_lens(bend: Bend, fails: Callable[[Bend], bool]) -> Bend:
    if bend.lens == 1.0 or not fails(replace(bend, lens=1.0)):
        return replace(bend, lens=1.0)
    saved = _largest(lambda s: not fails(replace(bend, lens=bend.lens ** (1 - s))))
    return replace(bend, lens=bend.lens ** (1 - saved))


def _at_least(own: Margins, margin: float) -> Margins:
    return Margins(**{side: max(getattr(own, side), margin) for side in Margins.model_fields})


def _tightened(own: Margins, margins: Margins, covered: Callable[[Margins], bool]) -> Margins:
    """The margins with each side only as wide as it must be, and no narrower than the plan's own."""
    for side in Margins.model_fields:
        most, least = getattr(margins, side), getattr(own, side)
        for size in (least, *(m for m in _MARGINS if least < m < most)):
            smaller = margins.model_copy(update={side: size})
            if covered(smaller):
                margins = smaller
                break
    return margins


def _steadied(hand: Handheld, reach: Reach, *, loops: bool) -> tuple[Handheld, float]:
    """The hand, held steadier where the margin is too narrow for it, and how far it carries (fraction of the width)."""
    pad = reach.trembling(hand, loops=loops)
    if pad <= _STEADY:
        return hand, pad
    return hand.model_copy(update={"amplitude": round(hand.amplitude * _STEADY / pad, 4)}), _STEADY
