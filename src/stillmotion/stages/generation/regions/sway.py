"""Anchored swinging in the wind: trees, grass, hair, flags, curtains.

No network and no physics step: each frequency is a damped oscillator's answer to wind (stochastic motion textures,
Chuang et al. 2005); displacement grows with the square of the distance to the anchor, gusts travel along the wind, and
higher frequencies move smaller parts.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from stillmotion.plan import Sway
from stillmotion.stages.generation.regions.chance import smooth_field
from stillmotion.stages.generation.regions.modal import Modes, make_modes
from stillmotion.stages.generation.regions.plate import Plate, thin
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.stages.generation.regions.surface import fit_surface
from stillmotion.types import Float32

_PARTIALS = (1.0, 1.37, 1.9, 2.6, 3.5, 4.8, 6.3)  # multiples of the slowest swing
_DAMPING = 0.9  # of the oscillator, in multiples of its own frequency
_GUST_SPEED = 0.45  # canvas widths per second
_CLUSTER = 0.09  # width of what swings together at the slowest frequency, fraction of the canvas width


def sway_modes(
    plate: Plate, mask: Float32, sway: Sway, *, rhythm: Rhythm, chance: np.random.Generator, step: int, meadow: bool
) -> Modes:
    """The swing of everything under the mask; fades smoothly over a margin outside it, so that nothing tears.

    `meadow`: the mask holds many small things with a root each (grass, flowers), not one that is held at its side.
    """
    width_px = plate.canvas[0]
    reach = sway.amplitude * width_px
    envelope = thin(_envelope(mask, reach), step) * _freedom(plate, mask, sway, step, meadow)
    answers = _answers(sway.turbulence)
    peak = reach / (1.6 * math.sqrt(sum(a * a for a in answers)))
    turn = math.radians(sway.direction_deg)
    shape = envelope.shape
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32) * np.float32(step)
    along = (x * math.cos(turn) - y * math.sin(turn)) / width_px
    amplitudes, phases, frequencies = [], [], []
    for partial, answer in zip(_PARTIALS, answers, strict=True):
        frequency = sway.frequency * partial
        cells = max(_CLUSTER * width_px / step / partial, 2.5)
        local = smooth_field(chance, shape, scale=cells)
        lean = smooth_field(chance, shape, scale=cells) * np.float32(0.35 + 0.65 * sway.turbulence)
        lean = lean * np.float32(min(1.0, 0.35 * partial))  # small parts flutter in all directions
        vigour = np.maximum(1 + np.float32(0.5 * sway.turbulence) * smooth_field(chance, shape, scale=cells * 2), 0.2)
        size = envelope * vigour * np.float32(peak * answer)
        direction = turn + lean
        amplitudes.append(np.stack([np.cos(direction) * size, -np.sin(direction) * size, 0 * size], axis=-1))
        travel = -2 * math.pi * rhythm.whole(frequency) * along / _GUST_SPEED
        phases.append(travel + local * np.float32(0.5 + 1.6 * sway.turbulence) + chance.uniform(0, 2 * math.pi))
        frequencies.append(frequency)
    return make_modes(amplitudes, phases, frequencies, rhythm)


def _answers(turbulence: float) -> list[float]:
    """How strongly each partial answers: oscillator response times the wind's falling spectrum, gustier with
    turbulence.
    """
    response = [1 / math.hypot(1 - p * p, _DAMPING * p) for p in _PARTIALS]
    wind = [p ** (-1.6 + 0.7 * turbulence) for p in _PARTIALS]
    answers = [r * w for r, w in zip(response, wind, strict=True)]
    return [a / answers[0] for a in answers]


def _envelope(mask: Float32, reach: float) -> Float32:
    """The mask grown by the reach and faded over three times the reach: the slope stays under a half, nothing folds."""
    radius = max(1, round(reach))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    grown = cv2.dilate(mask, kernel)
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), max(1.0, 0.9 * reach)), np.float32)


def _freedom(plate: Plate, mask: Float32, sway: Sway, step: int, meadow: bool) -> Float32:
    """(h, w) in [0, 1]: 0 at the anchor, 1 at the free end, growing with the square of the distance.

    On a plane that recedes (a meadow) each blade has its own root: near ones swing further than far ones.
    """
    inside = thin(mask, step)
    y, x = np.mgrid[0 : inside.shape[0], 0 : inside.shape[1]].astype(np.float32)
    surface = fit_surface(plate, mask)
    if meadow and surface.slanted and sway.anchor == "bottom":
        near = surface.nearness(x * step, y * step)
        top = max(float(np.percentile(near[inside > 0.5], 90)) if (inside > 0.5).any() else 1.0, 1e-6)
        return np.clip(near / top, 0, 1.2).astype(np.float32)
    if sway.anchor == "center":
        weight = max(float(inside.sum()), 1e-6)
        away = np.hypot(x - float((x * inside).sum()) / weight, y - float((y * inside).sum()) / weight)
    else:
        away = _from_side(inside, sway.anchor)
    far = float(np.percentile(away[inside > 0.5], 98)) if (inside > 0.5).any() else 1.0
    return np.asarray(np.clip(away / max(far, 1.0), 0, 1.1) ** 2, np.float32)


def _from_side(inside: Float32, anchor: str) -> Float32:
    """(h, w) distance in cells from the mask's own edge on the anchor's side, smoothed along that side."""
    turned = {"bottom": inside, "top": inside[::-1], "left": inside[:, ::-1].T, "right": inside.T}[anchor]
    solid = turned > 0.5
    rows = np.arange(solid.shape[0], dtype=np.float32)[:, None]
    lowest = np.where(solid, rows, -1).max(axis=0)
    known = lowest >= 0
    if not known.any():
        return np.zeros_like(inside)
    columns = np.arange(len(lowest))
    line = np.interp(columns, columns[known], lowest[known]).astype(np.float32)[None]
    sigma = max(1.0, 0.06 * len(lowest))
    root = np.maximum(cv2.GaussianBlur(line, (0, 0), sigma), 0)
    away = np.clip(root - rows, 0, None)
    back = {"bottom": away, "top": away[::-1], "left": away.T[:, ::-1], "right": away.T}[anchor]
    return np.ascontiguousarray(back, np.float32)
