"""The velocity field of a current: where each place of the region is carried to, in plate pixels per second.

Knows the region's mask and depth; neither time nor colour. Sources: Eulerian motion fields (Holynski et al. 2021); a
sparse set of arrows is made dense by the Laplace equation inside the mask.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numba import njit

from stillmotion.errors import InputError
from stillmotion.plan import Flow
from stillmotion.stages.generation.regions.chance import smooth_field
from stillmotion.stages.generation.regions.plate import Plate, thin
from stillmotion.stages.generation.regions.surface import Surface, fit_surface
from stillmotion.types import Float32

_SOLVE_WIDTH = 128  # cells of the grid the arrows are solved on
_EDDY = 0.09  # size of the eddies, fraction of the canvas width


def velocity(plate: Plate, mask: Float32, flow: Flow, *, chance: np.random.Generator, step: int) -> Float32:
    """(h, w, 2) velocity on the low grid, everywhere (it continues smoothly outside the mask).

    Its mean size inside the mask is `flow.speed` canvas widths per second; turbulence adds eddies of zero mean.
    """
    inside = thin(mask, step)
    surface = fit_surface(plate, mask)
    across = _across(plate, inside, surface, flow, step)
    speed_px = flow.speed * plate.canvas[0]
    field: Float32 = across * np.float32(speed_px / max(_mean_size(across, inside), 1e-6))
    if flow.turbulence > 0:
        field = field + _eddies(plate, inside, surface, step, chance) * np.float32(0.6 * flow.turbulence * speed_px)
        wanted, found = _mean_vector(across, inside), _mean_vector(field, inside)
        length = float(np.hypot(*wanted))
        if length > 0.3 * _mean_size(across, inside):  # a current with one main direction keeps its commanded speed
            goal = wanted * (speed_px / max(_mean_size(across, inside), 1e-6))
            field = field + (goal - found).astype(np.float32)
    return np.ascontiguousarray(field, np.float32)


def _across(plate: Plate, inside: Float32, surface: Surface, flow: Flow, step: int) -> Float32:
    """(h, w, 2) direction and relative size, before eddies."""
    height, width = inside.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) * np.float32(step)
    if flow.arrows:
        return _solved(plate, inside, flow, step)
    nearness = surface.nearness(x, y)
    nearness = nearness / max(float((nearness * inside).sum() / inside.sum()), 1e-6)
    turn = math.radians(flow.direction_deg if flow.direction_deg is not None else 0.0)
    aside = np.stack([math.cos(turn) * nearness, -math.sin(turn) * nearness], axis=-1).astype(np.float32)
    toward = flow.toward_camera
    if toward == 0:
        return aside
    centre_x, centre_y = surface.vanishing
    radial = np.stack([(x - centre_x) * nearness, (y - centre_y) * nearness], axis=-1).astype(np.float32)
    radial /= np.float32(max(_mean_size(radial, inside), 1e-6))
    alone = flow.direction_deg is None
    rest = 0.0 if alone else 1 - abs(toward)
    return (np.float32(math.copysign(1.0, toward) if alone else toward) * radial + np.float32(rest) * aside).astype(
        np.float32
    )


def _solved(plate: Plate, inside: Float32, flow: Flow, step: int) -> Float32:
    """Arrows made dense: each holds along its shaft, the Laplace equation carries them through the mask."""
    scale = _SOLVE_WIDTH / inside.shape[1]
    rows, columns = max(8, round(inside.shape[0] * scale)), _SOLVE_WIDTH
    water = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_AREA) > 0.3
    fixed = np.zeros((rows, columns), bool)
    field = np.zeros((rows, columns, 2), np.float32)
    across = columns / (inside.shape[1] * step)
    down = rows / (inside.shape[0] * step)
    for arrow in flow.arrows:
        (ax, ay), (bx, by) = plate.place(*arrow.at), plate.place(*arrow.to)
        count = max(2, int(np.hypot((bx - ax) * across, (by - ay) * down)) + 1)
        for u in np.linspace(0, 1, count):
            j = int(np.clip((ax + (bx - ax) * u) * across, 0, columns - 1))
            i = int(np.clip((ay + (by - ay) * u) * down, 0, rows - 1))
            field[i, j] = bx - ax, by - ay
            fixed[i, j] = True
    if not fixed.any() or float(np.abs(field).max()) == 0:
        raise InputError("The arrows of a flow have no length; each runs from where the thing is to where it goes.")
    field[~fixed] = field[fixed].mean(axis=0)
    _relax(field, fixed, water | fixed, 400)
    _relax(field, fixed | water, np.ones_like(fixed), 120)
    size = (inside.shape[1], inside.shape[0])
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)


@njit(cache=True, nogil=True)
def _relax(field: Float32, fixed: Float32, domain: Float32, rounds: int) -> None:
    """Solve the Laplace equation in `domain` with `fixed` cells held and no flux through the domain's rim (SOR)."""
    rows, columns = field.shape[0], field.shape[1]
    for _ in range(rounds):
        for i in range(rows):
            for j in range(columns):
                if fixed[i, j] or not domain[i, j]:
                    continue
                count, sum_x, sum_y = 0, np.float32(0), np.float32(0)
                for k in range(4):
                    a = i + (k == 0) - (k == 1)
                    b = j + (k == 2) - (k == 3)
                    if 0 <= a < rows and 0 <= b < columns and domain[a, b]:
                        count += 1
                        sum_x += field[a, b, 0]
                        sum_y += field[a, b, 1]
                if count:
                    field[i, j, 0] += np.float32(1.7) * (sum_x / count - field[i, j, 0])
                    field[i, j, 1] += np.float32(1.7) * (sum_y / count - field[i, j, 1])


def _eddies(plate: Plate, inside: Float32, surface: Surface, step: int, chance: np.random.Generator) -> Float32:
    """(h, w, 2) divergence-free swirls of about unit mean square: the curl of a smooth random potential.

    On a plane that recedes they lie flat, shrink with distance and die out at the horizon, which stays a line.
    """
    cells = _EDDY * plate.canvas[0] / step
    potential = smooth_field(chance, inside.shape, scale=cells, octaves=2)
    down, right = np.gradient(potential)
    swirl = np.stack([down, -right], axis=-1).astype(np.float32)
    swirl /= np.float32(max(float(np.sqrt((swirl**2).sum(-1).mean())), 1e-6))
    if not surface.slanted:
        return swirl
    y, x = np.mgrid[0 : inside.shape[0], 0 : inside.shape[1]].astype(np.float32) * np.float32(step)
    near = surface.nearness(x, y)
    near = np.minimum(near / max(float((near * inside).sum() / inside.sum()), 1e-6), 1.5)
    swirl *= near[..., None]
    swirl[..., 1] *= np.minimum(0.15 + 0.45 * near, 1)
    return swirl.astype(np.float32)


def _mean_size(field: Float32, inside: Float32) -> float:
    return float((np.hypot(field[..., 0], field[..., 1]) * inside).sum() / max(float(inside.sum()), 1e-6))


def _mean_vector(field: Float32, inside: Float32) -> Float32:
    weights = inside[..., None] / max(float(inside.sum()), 1e-6)
    return np.asarray((field * weights).sum(axis=(0, 1)), np.float32)
