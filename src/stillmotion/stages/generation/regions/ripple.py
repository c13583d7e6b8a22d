"""Waves of a water surface seen by refraction: travelling waves on the plane of the water, shrinking with depth.

Displacement follows the slope of the waves, light their facing; wave length and speed are those of deep water (short
waves are slower). Source: reference on water surfaces as sums of travelling waves with refraction by their gradient.
"""

from __future__ import annotations

import math

import numpy as np

from stillmotion.plan import Ripple
from stillmotion.stages.generation.regions.chance import smooth_field
from stillmotion.stages.generation.regions.modal import Modes, make_modes
from stillmotion.stages.generation.regions.plate import Plate, thin
from stillmotion.stages.generation.regions.rhythm import Rhythm
from stillmotion.stages.generation.regions.surface import fit_surface
from stillmotion.types import Float32

_LENGTHS = (1.0, 1.45, 0.71, 0.53, 0.4, 0.31)  # multiples of the wave length
_SHARES = (1.0, 0.6, 0.75, 0.55, 0.4, 0.3)  # multiples of the amplitude
_UPRIGHT_SQUEEZE = 2.5  # rows of a surface without a known slant count as this much ground
_LIGHT = 0.045  # change of light of a wave of the default amplitude
_LEAST_PX = 5.0  # shorter waves than this are not drawn


def ripple_modes(
    plate: Plate, mask: Float32, ripple: Ripple, *, rhythm: Rhythm, chance: np.random.Generator, step: int
) -> Modes:
    """The waves of the water under the mask."""
    inside = thin(mask, step)
    y, x = np.mgrid[0 : inside.shape[0], 0 : inside.shape[1]].astype(np.float32) * np.float32(step)
    right, ahead, scale = _ground(plate, mask, x, y)
    heading = math.radians(ripple.direction_deg if ripple.direction_deg is not None else 270.0)
    length = ripple.wavelength * plate.canvas[0] / plate.focal_px
    total = math.sqrt(sum(s * s for s in _SHARES))
    amplitudes, phases, frequencies = [], [], []
    for share, multiple in zip(_SHARES, _LENGTHS, strict=True):
        turn = heading + chance.normal() * (0.15 + 0.75 * ripple.turbulence)
        wander = smooth_field(chance, inside.shape, scale=0.12 * plate.canvas[0] / step) * (1.2 * ripple.turbulence)
        phase = 2 * math.pi / (length * multiple) * (right * math.cos(turn) + ahead * math.sin(turn)) + wander
        down, along = np.gradient(phase.astype(np.float64), float(step))
        steep = np.hypot(along, down) + 1e-9
        drawn = np.clip((2 * math.pi / steep - _LEAST_PX) / _LEAST_PX, 0, 1)
        size = np.minimum(scale, 1.6) * drawn * (ripple.amplitude * plate.canvas[0] * share / total)
        light = drawn * (_LIGHT * ripple.amplitude / 0.004 * share / total)
        # towards the camera a slope shifts what is seen up and down; sideways it does so less
        sideways, upright = 0.6 * along / steep, np.sign(down + 1e-9) * np.sqrt((down / steep) ** 2 + 0.15)
        amplitudes.append(np.stack([sideways * size, upright * size, light], axis=-1).astype(np.float32))
        late = np.zeros(3, np.float32)
        late[2] = 0.5 * math.pi  # light follows the face of the wave, displacement its height
        start = chance.uniform(0, 2 * math.pi)
        phases.append((-(phase[..., None] + start) + late).astype(np.float32))
        frequencies.append(ripple.frequency / math.sqrt(multiple))
    return make_modes(amplitudes, phases, frequencies, rhythm)


def _ground(plate: Plate, mask: Float32, x: Float32, y: Float32) -> tuple[Float32, Float32, Float32]:
    """Coordinates to the right and ahead on the water's plane, in pivot units, and the scale of things there."""
    surface = fit_surface(plate, mask)
    centre_x, centre_y = plate.centre
    if not surface.slanted:
        return (x - centre_x) / plate.focal_px, -_UPRIGHT_SQUEEZE * (y - centre_y) / plate.focal_px, np.ones_like(x)
    near = surface.nearness(x, y)
    return (x - centre_x) / (plate.focal_px * near), 1 / near, near
