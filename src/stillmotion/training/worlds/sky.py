"""Light from far away as maps: what the sky looks like in every direction, and what a surface gets from it.

    Sky ─radiance─▶ (64, 128, 3) by direction ─irradiance─▶ (16, 32, 3) by normal          and the sun beside it

By day the sky is that of Preetham, Shirley, Smits (A Practical Analytic Model for Daylight, SIGGRAPH 1999) and the sun
is what Rayleigh's and Angstrom's laws leave of it. Maps are latitude and longitude: row 0 looks straight up, column 0
to -z, the middle column to +z (ahead). Units are kilolux (irradiance) and kilolux per steradian.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.training.worlds.records import Sky

ROWS, COLUMNS = 64, 128
_PEREZ = np.array(
    [
        [[0.1787, -1.4630], [-0.3554, 0.4275], [-0.0227, 5.3251], [0.1206, -2.5771], [-0.0670, 0.3703]],
        [[-0.0193, -0.2592], [-0.0665, 0.0008], [-0.0004, 0.2125], [-0.0641, -0.8989], [-0.0033, 0.0452]],
        [[-0.0167, -0.2608], [-0.0950, 0.0092], [-0.0079, 0.2102], [-0.0441, -1.6537], [-0.0109, 0.0529]],
    ]
)  # Y, x, y; slope and offset in turbidity
_ZENITH_X = np.array([
    [0.00166, -0.00375, 0.00209, 0.0], [-0.02903, 0.06377, -0.03202, 0.00394], [0.11693, -0.21196, 0.06052, 0.25886]
])  # fmt: skip
_ZENITH_Y = np.array([
    [0.00275, -0.00610, 0.00317, 0.0], [-0.04214, 0.08970, -0.04153, 0.00516], [0.15346, -0.26756, 0.06670, 0.26688]
])  # fmt: skip
_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
_SUN = 105.0  # kilolux above the air
_WAVELENGTHS = np.array([0.65, 0.55, 0.45])  # micrometres


@dataclass(frozen=True, slots=True)
class Light:
    """What lights a world from far away."""

    radiance: NDArray[np.float32]  # (ROWS, COLUMNS, 3), without the sun's disc and without clouds
    irradiance: NDArray[np.float32]  # (16, 32, 3) by normal
    direction: NDArray[np.float32]  # (3,) to the sun, moon or key light
    sun: NDArray[np.float32]  # (3,) kilolux on a surface that faces it
    cloud: NDArray[np.float32]  # (3,) radiance of a lit cloud


def light_of(sky: Sky) -> Light:
    """The light of a sky or a room."""
    up = np.sin(sky.sun_elevation)
    flat = np.cos(sky.sun_elevation)
    direction = np.array([flat * np.sin(sky.sun_azimuth), -up, flat * np.cos(sky.sun_azimuth)])
    rays = _directions(ROWS, COLUMNS)
    if sky.kind == "day":
        radiance, sun = _preetham(rays, direction, sky.turbidity), _sun(sky.sun_elevation, sky.turbidity)
        hidden = float(np.clip((sky.clouds - 0.7) / 0.2, 0, 1))
        flux = float((sun * max(up, 0)).mean() + np.pi * radiance[: ROWS // 2].mean())
        overcast = flux / (2.2 * np.pi) * (1 - 2 * rays[..., 1:2]) / 2 * np.array([0.98, 1.0, 1.03])
        radiance = radiance * (1 - hidden) + np.maximum(overcast, 0) * hidden
        sun = sun * (1 - 0.97 * hidden)
    elif sky.kind == "night":
        height = np.clip(-rays[..., 1:2], 0, 1)
        radiance = 0.0025 * (np.array([0.35, 0.5, 1.0]) + (1 - height) ** 4 * np.array([1.2, 0.9, 0.8]))
        sun = 0.012 * np.array([0.75, 0.85, 1.0])
    elif sky.kind == "room":
        radiance = np.broadcast_to(np.asarray(sky.ambient) / np.pi, rays.shape) * (1 - 0.25 * rays[..., 1:2])
        sun = np.asarray(sky.key)
    else:
        if sky.panorama is None:
            raise ValueError("A sky of kind 'panorama' needs one.")
        radiance, sun = cv2.resize(sky.panorama, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.zeros(3)
    radiance = np.asarray(radiance, np.float64)
    if sky.kind in {"day", "night"}:
        above = -rays[: ROWS // 2, :, 1:2]
        weight = _solid(ROWS, COLUMNS)[: ROWS // 2, :, None]
        got = (radiance[: ROWS // 2] * above * weight).sum(axis=(0, 1)) + sun * max(up, 0)
        radiance[ROWS // 2 :] = got * np.asarray(sky.ground) / np.pi
    cloud = (sun * 0.75 + np.pi * radiance[: ROWS // 2].mean(axis=(0, 1))) / np.pi
    return Light(*(np.asarray(each, np.float32) for each in (radiance, _irradiance(radiance), direction, sun, cloud)))


def _directions(rows: int, columns: int) -> np.ndarray:
    """(rows, columns, 3) unit vectors of a map's pixels."""
    latitude = np.pi * (0.5 - (np.arange(rows) + 0.5) / rows)[:, None]
    longitude = 2 * np.pi * ((np.arange(columns) + 0.5) / columns - 0.5)[None]
    parts = (
        np.cos(latitude) * np.sin(longitude),
        -np.sin(latitude) + 0 * longitude,
        np.cos(latitude) * np.cos(longitude),
    )
    return np.stack(parts, axis=-1)


def _solid(rows: int, columns: int) -> np.ndarray:
    """(rows, columns) steradians of a map's pixels."""
    latitude = np.pi * (0.5 - (np.arange(rows) + 0.5) / rows)[:, None]
    return np.broadcast_to(np.cos(latitude) * (np.pi / rows) * (2 * np.pi / columns), (rows, columns))


def _preetham(rays: np.ndarray, sun: np.ndarray, turbidity: float) -> np.ndarray:
    """Radiance (..., 3) of the upper half; the lower half repeats the horizon."""
    theta_sun = float(np.clip(np.arccos(np.clip(-sun[1], -1, 1)), 0, np.radians(88)))
    cosine = np.clip(-rays[..., 1], 0.02, 1)
    gamma = np.arccos(np.clip(rays @ sun, -1, 1))
    a, b, c, d, e = (_PEREZ @ [turbidity, 1.0]).T  # each (3,): Y, x, y

    def perez(cos_theta: np.ndarray | float, angle: np.ndarray | float) -> np.ndarray:
        cos_theta, angle = np.asarray(cos_theta)[..., None], np.asarray(angle)[..., None]
        return (1 + a * np.exp(b / cos_theta)) * (1 + c * np.exp(d * angle) + e * np.cos(angle) ** 2)

    powers = np.array([theta_sun**3, theta_sun**2, theta_sun, 1.0])
    airs = np.array([turbidity**2, turbidity, 1.0])
    chi = (4 / 9 - turbidity / 120) * (np.pi - 2 * theta_sun)
    bright = max((4.0453 * turbidity - 4.9710) * np.tan(chi) - 0.2155 * turbidity + 2.4192, 0.05)
    zenith = np.array([bright, airs @ _ZENITH_X @ powers, airs @ _ZENITH_Y @ powers])
    found = zenith * perez(cosine, gamma) / perez(1.0, theta_sun)
    y, cx, cy = np.maximum(found[..., 0], 1e-3), found[..., 1], np.maximum(found[..., 2], 1e-3)
    xyz = np.stack([cx / cy * y, y, (1 - cx - cy) / cy * y], axis=-1)
    return np.asarray(np.maximum(xyz @ _TO_RGB.T, 0))


def _sun(elevation: float, turbidity: float) -> np.ndarray:
    """(3,) kilolux on a surface that faces the sun: what the air lets through."""
    degrees = max(np.degrees(elevation), 0.0)
    air = 1 / (np.sin(np.radians(degrees)) + 0.50572 * (degrees + 6.07995) ** -1.6364)  # Kasten, Young 1989
    beta = 0.04608 * turbidity - 0.04586
    depth = 0.008735 * _WAVELENGTHS**-4.08 + beta * _WAVELENGTHS**-1.3
    return np.asarray(_SUN * np.exp(-air * depth))


def _irradiance(radiance: np.ndarray) -> np.ndarray:
    """(16, 32, 3): integral over the half space of each normal."""
    rows, columns = 16, 32
    small = cv2.resize(radiance, (columns, rows), interpolation=cv2.INTER_AREA)
    rays, normals = _directions(rows, columns).reshape(-1, 3), _directions(rows, columns).reshape(-1, 3)
    weights = np.maximum(normals @ rays.T, 0) * _solid(rows, columns).reshape(-1)
    return np.asarray((weights @ small.reshape(-1, 3)).reshape(rows, columns, 3))
