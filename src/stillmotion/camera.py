"""The camera of a plan at any time t: easing, splines, orbit, handheld, loops -> View.

Knows no picture and no depth. Used by the motion stage (to solve coverage), by every backend and by the measures.

               loop, plan.time        keyframes             orbit, position, rotation
    t (video) ────────────────▶ tau ───────────▶ rig ──┬──────────────────────────────▶ world-to-camera, fov, focus
        └───────────────────────────────▶ handheld ────┘

A rig is the twelve numbers of a key: position right, down, forward; tilt, pan, roll; azimuth, elevation; vertigo; log
focal length; nearness of the focus (1 / depth); aperture. The lens is interpolated in log focal length, so that a zoom
grows at an even pace, and focus in nearness, so that blur changes at an even pace.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Protocol
from zlib import crc32

import numpy as np

from stillmotion.curves import EASES, Curve, smoothstep
from stillmotion.errors import InputError
from stillmotion.plan import CameraKey, Canvas, Ease, Handheld, MotionPlan, TimeKey, Vec2, Vec3
from stillmotion.types import Float64, Scene, View

CALM_TURN_DEG = (0.2, 0.25, 0.15)  # rms of tilt, pan, roll of a calm hand
CALM_TRAVEL = (0.004, 0.004, 0.002)  # rms of right, down, forward, pivot units
_RAMP_S = 1.2  # handheld starts from nothing: frame 0 is the photo
_SAME_TIME = 1e-9


def intrinsics(fov_deg: float, width: int, height: int) -> Float64:
    """The 3x3 pinhole matrix of a horizontal field of view; pixel centres lie on whole coordinates."""
    focal_px = 0.5 * width / math.tan(math.radians(fov_deg) / 2)
    return np.array([[focal_px, 0, (width - 1) / 2], [0, focal_px, (height - 1) / 2], [0, 0, 1]], dtype=np.float64)


def rotation(tilt_deg: float, pan_deg: float, roll_deg: float) -> Float64:
    """Camera-to-world rotation: pan about y (right +), then tilt about x (up +), then roll about z (clockwise +)."""
    a, b, c = math.radians(tilt_deg), math.radians(pan_deg), math.radians(roll_deg)
    ca, sa, cb, sb, cc, sc = math.cos(a), math.sin(a), math.cos(b), math.sin(b), math.cos(c), math.sin(c)
    return np.array(
        [
            [cb * cc + sb * sa * sc, -cb * sc + sb * sa * cc, sb * ca],
            [ca * sc, ca * cc, -sa],
            [-sb * cc + cb * sa * sc, sb * sc + cb * sa * cc, cb * ca],
        ]
    )


def angles(camera_to_world: Float64) -> Vec3:
    """(tilt, pan, roll) in degrees of a 3x3 camera-to-world rotation: the inverse of `rotation`, tilt in [-90, 90]."""
    r = camera_to_world
    tilt = math.asin(min(1.0, max(-1.0, -float(r[1, 2]))))
    if abs(r[1, 2]) > 1 - 1e-12:  # looking straight up or down: pan and roll are one turn; call it pan
        return math.degrees(tilt), math.degrees(math.atan2(-r[2, 0], r[0, 0])), 0.0
    return math.degrees(tilt), math.degrees(math.atan2(r[0, 2], r[2, 2])), math.degrees(math.atan2(r[1, 0], r[1, 1]))


def pivot_point(scene: Scene, at: Vec2 | None = None) -> Vec3:
    """The world point that orbits turn about: the scene's pivot pixel at depth 1, or (`plan.camera.pivot`) what the
    photo shows at `at`, given as fractions of the width and height, at its own depth.
    """
    height, width = scene.depth.shape
    k = intrinsics(scene.fov_deg, width, height)
    if at is None:
        (x, y), depth = scene.pivot, 1.0
    else:
        x, y = (min(max(share, 0.0), 1.0) * (side - 1) for share, side in zip(at, (width, height), strict=True))
        depth = float(scene.depth[round(y), round(x)])
    return (x - float(k[0, 2])) / float(k[0, 0]) * depth, (y - float(k[1, 2])) / float(k[1, 1]) * depth, depth


def frame_times(canvas: Canvas) -> Float64:
    """Video time of every frame in seconds, (N,): i / fps. A loop's end is not among them."""
    return np.arange(canvas.frames, dtype=np.float64) / canvas.fps


class Clock:
    """Plan time tau of video time t: the loop, then `plan.time`. Never backwards but for a pingpong's way back."""

    def __init__(self, canvas: Canvas, keys: tuple[TimeKey, ...] = ()) -> None:
        """
        Raises:
            InputError: the times of `keys` do not rise, or their tau falls.
        """
        self.length, self._loop = canvas.seconds, canvas.loop
        self._curve = _time_curve(keys, periodic=canvas.loop == "seamless" and len(keys) > 1)
        self.end = self.unwrapped(canvas.seconds)
        """tau where the plan ends (seamless: where it meets its beginning)."""

    def at(self, t: float) -> float:
        """tau at video time t in seconds; t beyond the video goes round in a loop and stands still otherwise."""
        return self.unwrapped(self.wrap(t))

    def wrap(self, t: float) -> float:
        """Video time folded into the video: a loop goes round, a pingpong swings there and back in one length."""
        if self._loop == "seamless":
            return t % self.length
        if self._loop == "pingpong":
            return self.length * (1.0 - math.cos(2.0 * math.pi * t / self.length)) / 2.0
        return min(max(t, 0.0), self.length)

    def unwrapped(self, t: float) -> float:
        """tau at video time t by `plan.time` alone, before the loop folds it."""
        if self._curve is None:
            return t
        first, last = float(self._curve.times[0]), float(self._curve.times[-1])
        inside = min(max(t, first), last)
        tau = float(self._curve.at(inside)[0])
        return tau if t == inside else max(0.0, tau + (t - inside))  # beyond the keys time runs as always


class _Path(Protocol):
    """A rig as a function of tau."""

    def at(self, t: float) -> Float64: ...


class CameraPath:
    """A plan's camera as a function of time."""

    def __init__(
        self, plan: MotionPlan, fov_deg: float, *, pivot: tuple[float, float, float] = (0.0, 0.0, 1.0), seed: int = 0
    ) -> None:
        """`plan.strength` must be folded in already (1.0). `fov_deg` is the photo's own; `pivot` is the world point
        that orbits turn about (`pivot_point`); `seed` is the job's, for handheld.

        Raises:
            InputError: `plan.time` runs backwards.
        """
        self.clock = Clock(plan.canvas, plan.time)
        self._pivot = np.asarray(pivot, dtype=np.float64)
        self._half_width = math.tan(math.radians(fov_deg) / 2)
        self._path = _path(plan, fov_deg, period=self.clock.end)
        self._hand = _Hand(plan.camera.handheld, plan.canvas, seed) if plan.camera.handheld.amplitude else None

    def rig(self, tau: float) -> Float64:
        """The twelve numbers (12,) of the camera at plan time tau, without handheld."""
        return self._path.at(tau)

    def at(self, t: float) -> View:
        """The view at video time t in seconds: any real number, also between frames."""
        rig = self._path.at(self.clock.at(t))
        move, turn = rig[0:3], rig[3:6]
        if self._hand is not None:
            noise = self._hand.at(t)
            move, turn = move + noise[0:3], turn + noise[3:6]
        away = float(self._pivot[2] - rig[2])
        lens = max(1.0 - float(rig[8]) / max(away, 1e-3), 0.02)
        orbit = rotation(
            -float(rig[7]), -float(rig[6]), 0.0
        )  # going right while facing the pivot turns the camera left
        offset = move - self._pivot
        offset[2] += rig[8]
        center = self._pivot + orbit @ offset
        facing = orbit @ rotation(float(turn[0]), float(turn[1]), float(turn[2]))
        pose = np.eye(4)
        pose[:3, :3] = facing.T
        pose[:3, 3] = -facing.T @ center
        fov = 2.0 * math.degrees(math.atan(1.0 / (math.exp(float(rig[9])) * lens)))
        return View(world_to_camera=pose, fov_deg=fov, focus=1.0 / float(rig[10]), aperture=max(0.0, float(rig[11])))


def log_focal(fov_deg: float) -> float:
    """Log of the focal length in half widths."""
    return -math.log(math.tan(math.radians(fov_deg) / 2))


def rig_of_key(key: CameraKey, fov_deg: float) -> Float64:
    """The twelve numbers (12,) of a key on a photo of this field of view."""
    lens = log_focal(key.fov_deg or fov_deg)
    return np.array(
        [*key.position, *key.rotation_deg, *key.orbit_deg, key.vertigo, lens, 1.0 / (key.focus or 1.0), key.aperture]
    )


def key_of_rig(t: float, rig: Float64, fov_deg: float, *, ease: Ease = "ease-in-out") -> CameraKey:
    """The key at plan time t of twelve numbers (12,), rounded to what an eye could ever see; undoes `rig_of_key`."""
    n = [round(float(x), 6) + 0.0 for x in rig]
    lens, near = float(rig[9]), float(rig[10])
    fov = 2.0 * math.degrees(math.atan(math.exp(-lens)))
    return CameraKey(
        t=round(t, 6),
        position=(n[0], n[1], n[2]),
        rotation_deg=(n[3], n[4], n[5]),
        orbit_deg=(n[6], n[7]),
        vertigo=n[8],
        fov_deg=None if abs(lens - log_focal(fov_deg)) < 1e-7 else min(max(round(fov, 6), 1.01), 169.9),
        focus=None if abs(near - 1.0) < 1e-6 else round(1.0 / max(near, 1e-3), 6),
        aperture=min(max(n[11], 0.0), 0.2),
        ease=ease,
    )


class _Eased:
    """Each segment by its own easing; holds before the first and after the last key."""

    def __init__(self, times: list[float], rigs: Float64, keys: list[CameraKey]) -> None:
        self._times, self._rigs = np.asarray(times), rigs
        self._eases = [EASES[key.ease] for key in keys]

    def at(self, t: float) -> Float64:
        last = len(self._times) - 1
        i = int(np.searchsorted(self._times, t, side="right"))
        if i == 0 or i > last:
            return np.asarray(self._rigs[min(i, last)])
        u = (t - self._times[i - 1]) / (self._times[i] - self._times[i - 1])
        start = self._rigs[i - 1]
        return np.asarray(start + (self._rigs[i] - start) * self._eases[i](float(u)))


class _Held:
    """A curve that holds its ends."""

    def __init__(self, curve: Curve) -> None:
        self._curve, self._first, self._last = curve, float(curve.times[0]), float(curve.times[-1])

    def at(self, t: float) -> Float64:
        return self._curve.at(min(max(t, self._first), self._last))


def _path(plan: MotionPlan, fov_deg: float, *, period: float) -> _Path:
    """The rig over tau. In a seamless loop the first key comes again at `period`, where no key stands there yet."""
    keys = list(plan.camera.keyframes)
    times = [key.t for key in keys]
    loop = plan.canvas.loop == "seamless"
    if loop and len(keys) > 1 and times[0] == 0.0 and times[-1] < period - _SAME_TIME:
        keys.append(keys[0])
        times.append(period)
    rigs = np.array([rig_of_key(key, fov_deg) for key in keys])
    if plan.camera.interpolation == "ease" or len(keys) == 1:
        return _Eased(times, rigs, keys)
    closed = loop and np.allclose(rigs[0], rigs[-1], atol=1e-9)
    linear = keys[1].ease == keys[-1].ease == "linear"
    return _Held(Curve(times, rigs, ends="periodic" if closed else "free" if linear else "rest"))


def _time_curve(keys: tuple[TimeKey, ...], *, periodic: bool) -> Curve | None:
    if not keys:
        return None
    times, taus = [key.t for key in keys], [key.tau for key in keys]
    if any(b <= a for a, b in pairwise(times)):
        raise InputError(f"plan.time must rise in t, found {times}.")
    if any(b < a for a, b in pairwise(taus)):
        raise InputError(
            f"plan.time must not run backwards, found tau {taus}; use the loop 'pingpong' for there and back."
        )
    if len(keys) == 1:
        times, taus = [times[0], times[0] + 1.0], [taus[0], taus[0] + 1.0]
    return Curve(times, np.array(taus)[:, None], ends="periodic" if periodic else "free")


class _Hand:
    """Band-limited noise on six degrees of freedom, zero at t = 0; sums of sines, whole periods in a loop."""

    def __init__(self, handheld: Handheld, canvas: Canvas, seed: int) -> None:
        random = np.random.default_rng(np.random.SeedSequence([seed, crc32(b"camera.handheld")]))
        low = min(0.5, handheld.hz / 2)
        self._loops = canvas.loop != "none"
        self._ramp = min(_RAMP_S, canvas.seconds / 2)
        waves = 10
        hertz = np.geomspace(low, handheld.hz, waves)[:, None] * random.uniform(0.94, 1.06, (waves, 6))
        hertz = np.clip(hertz, low, handheld.hz)
        if self._loops:
            hertz = np.maximum(np.round(hertz * canvas.seconds), 1.0) / canvas.seconds
        size = hertz**-0.8  # hands move slowly far and quickly little
        size *= math.sqrt(2.0) * handheld.amplitude / np.sqrt((size**2).sum(axis=0))
        self._size = size * np.array([*CALM_TRAVEL, *CALM_TURN_DEG])  # (waves, 6)
        self._omega = 2.0 * math.pi * hertz
        self._phase = random.uniform(0.0, 2.0 * math.pi, (waves, 6))
        self._start = (self._size * np.sin(self._phase)).sum(axis=0)  # a loop cannot ramp, so it is moved to zero

    def at(self, t: float) -> Float64:
        """Offsets (6,): right, down, forward in pivot units; tilt, pan, roll in degrees."""
        noise = (self._size * np.sin(self._omega * t + self._phase)).sum(axis=0)
        if self._loops:
            return np.asarray(noise - self._start)
        return np.asarray(noise * smoothstep(min(max(t / self._ramp, 0.0), 1.0)))
