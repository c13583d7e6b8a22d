"""Where things are at time t: driving, walking, falling, bouncing, rolling, swinging, all in closed form.

    parameters ─▶ Motion: seconds ─▶ 4x4 matrix from the axes of the thing to the world (x right, y down, z forward)

Closed form means that any instant can be asked for in any order, which is what exact flow between two frames needs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from stillmotion.training.worlds.meshes.solids import placed

Motion = Callable[[float], np.ndarray]
GRAVITY = 9.81  # metres a second squared


def at_rest(matrix: np.ndarray) -> Motion:
    """A thing that stays where it is."""
    return lambda _: matrix


def along(path: np.ndarray, speed: float, start: float = 0.0) -> Motion:
    """Something that follows a path (k, 3) at `speed` m/s, its +z forward, `start` metres along it at t = 0.

    Beyond its ends the path goes straight on. Corners are rounded by looking half a metre ahead and behind.
    """
    points = np.asarray(path, float)
    step = np.diff(points, axis=0)
    length = np.linalg.norm(step, axis=1)
    run = np.concatenate([[0.0], np.cumsum(length)])

    def place(distance: float) -> np.ndarray:
        if distance <= 0:
            return points[0] + step[0] / length[0] * distance
        if distance >= run[-1]:
            return points[-1] + step[-1] / length[-1] * (distance - run[-1])
        return np.array([np.interp(distance, run, points[:, axis]) for axis in range(3)])

    def pose(t: float) -> np.ndarray:
        distance = start + speed * t
        behind, ahead = place(distance - 0.5), place(distance + 0.5)
        direction = ahead - behind
        rise = math.atan2(-direction[1], math.hypot(direction[0], direction[2]))
        return placed((behind + ahead) / 2, (rise, math.atan2(direction[0], direction[2]), 0.0))

    return pose


def dropped(
    ground: float, height: float, velocity: Sequence[float], start: Sequence[float], radius: float, bounce: float = 0.55
) -> Motion:
    """A ball thrown from `height` above the ground (y = `ground`) that bounces, losing speed each time.

    `velocity` is its x and z speed (m/s), `start` its x and z place, `bounce` the share of speed kept at each hit.
    It turns as if it rolled. From the fourth hit on it rolls along the ground and slows down.
    """
    first = math.sqrt(2 * max(height, 1e-6) / GRAVITY)
    hits = [first]
    up = GRAVITY * first * bounce
    for _ in range(3):
        hits.append(hits[-1] + 2 * up / GRAVITY)
        up *= bounce

    def above(t: float) -> float:
        if t < first:
            return height - GRAVITY * t * t / 2
        speed = GRAVITY * first
        for begin, end in itertools.pairwise(hits):
            speed *= bounce
            if t < end:
                since = t - begin
                return speed * since - GRAVITY * since * since / 2
        return 0.0

    speed_x, speed_z = velocity

    def pose(t: float) -> np.ndarray:
        free, slide = min(t, hits[-1]), max(t - hits[-1], 0.0)
        going = free + 1.2 * (1.0 - math.exp(-slide / 1.2))
        x, z = start[0] + speed_x * going, start[1] + speed_z * going
        return rolled((x, ground - radius - max(above(t), 0.0), z), speed_x * going / radius, speed_z * going / radius)

    return pose


def rolled(centre: Sequence[float], turn_x: float, turn_z: float) -> np.ndarray:
    """A ball at a centre that has rolled by these arcs (radians of its own radius) along x and z."""
    angle = math.hypot(turn_x, turn_z)
    matrix = np.eye(4)
    matrix[:3, 3] = centre
    if angle > 1e-9:
        axis = np.array([turn_z, 0.0, -turn_x]) / angle  # y is down: rolling to +z turns the top (-y) to +z
        k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
        matrix[:3, :3] = np.eye(3) - math.sin(angle) * k + (1 - math.cos(angle)) * (k @ k)
    return matrix


def rolling(start: Sequence[float], velocity: Sequence[float], radius: float, slowing: float = 0.0) -> Motion:
    """A ball on level ground (y of `start`) with x and z speed `velocity`, slowed by `slowing` 1/s (0: not at all)."""

    def pose(t: float) -> np.ndarray:
        going = t if slowing <= 0 else (1.0 - math.exp(-slowing * t)) / slowing
        dx, dz = velocity[0] * going, velocity[1] * going
        return rolled((start[0] + dx, start[1] - radius, start[2] + dz), dx / radius, dz / radius)

    return pose


def tossed(start: Sequence[float], velocity: Sequence[float], spin: Sequence[float], lift: float = 0.0) -> Motion:
    """Something in free flight: thrown with a velocity (3,) m/s, tumbling by `spin` (3,) rad/s about its own axes.

    `lift` is the share of gravity that the air carries (a leaf, a feather: near 1).
    """

    def pose(t: float) -> np.ndarray:
        fall = np.array([0.0, 0.5 * GRAVITY * (1.0 - lift) * t * t, 0.0])
        return placed(np.asarray(start) + np.asarray(velocity) * t + fall, [rate * t for rate in spin])

    return pose


def swinging(matrix: np.ndarray, amount: float, period: float, phase: float = 0.0) -> Motion:
    """Something that hangs at the origin of `matrix` and swings about its own z axis by `amount` radians."""
    return lambda t: matrix @ placed(turn=(0.0, 0.0, amount * math.sin(2 * math.pi * t / period + phase)))


def spinning(matrix: np.ndarray, rate: float, axis: int = 1) -> Motion:
    """Something that turns steadily about its own axis (0 x, 1 y, 2 z), radians a second."""

    def pose(t: float) -> np.ndarray:
        turn = [0.0, 0.0, 0.0]
        turn[axis] = rate * t
        return matrix @ placed(turn=turn)

    return pose


def bobbing(matrix: np.ndarray, height: float, roll: float, period: float, phase: float = 0.0) -> Motion:
    """Something that rides on small waves: it rises by `height` metres and rolls by `roll` radians."""

    def pose(t: float) -> np.ndarray:
        angle = 2 * math.pi * t / period + phase
        ride = placed(
            (0.0, height * math.sin(angle), 0.0),
            (0.6 * roll * math.cos(0.8 * angle), 0.0, roll * math.sin(angle + 1.0)),
        )
        return matrix @ ride

    return pose
