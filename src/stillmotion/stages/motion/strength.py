"""Strength folded into a plan: every amount of motion times one number. Knows no photo and no path."""

from __future__ import annotations

from stillmotion.camera import key_of_rig, log_focal, rig_of_key
from stillmotion.plan import (
    Affine,
    Camera,
    Drift,
    Flicker,
    Flow,
    Motion,
    MotionPlan,
    RegionMotion,
    Ripple,
    Sway,
    Track,
    TrackPoint,
)
from stillmotion.stages.motion.parts import FORWARD, LENS, NEARNESS, VERTIGO

_AMOUNT: dict[type, str] = {
    Flow: "speed", Sway: "amplitude", Ripple: "amplitude", Flicker: "amplitude", Drift: "amplitude", Affine: "amount",
}  # fmt: skip
_CLOSEST = 0.8  # forward travel beyond this share of the subject's distance would fly through it


def fold_strength(plan: MotionPlan, fov_deg: float) -> tuple[MotionPlan, list[str]]:
    """The plan at strength 1 that moves as much as `plan` at its own, and notes on amounts that met their bounds."""
    strength, notes = plan.strength, list[str]()
    if strength == 1.0:
        return plan, notes
    regions = tuple(_region(region, strength, notes) for region in plan.regions)
    folded = {"strength": 1.0, "camera": _camera(plan.camera, strength, fov_deg, notes), "regions": regions}
    return plan.model_copy(update=folded), notes


def _camera(camera: Camera, strength: float, fov_deg: float, notes: list[str]) -> Camera:
    """Every key's offset from the photo's view, times the strength; what is in focus stays in focus."""
    keys = []
    lens = log_focal(fov_deg)
    for key in camera.keyframes:
        rig = rig_of_key(key, fov_deg)
        near = rig[NEARNESS]
        rig[LENS] = lens + (rig[LENS] - lens) * strength
        rig[:LENS] *= strength
        rig[LENS + 1 :] *= strength
        rig[NEARNESS] = near
        for channel in (FORWARD, VERTIGO):
            rig[channel] = min(rig[channel], max(_CLOSEST, rig[channel] / strength)) if strength else 0.0
        keys.append(key_of_rig(key.t, rig, fov_deg, ease=key.ease))
    amplitude = camera.handheld.amplitude * strength
    if amplitude > 5:
        notes.append(f"handheld {amplitude:.2g} limited to 5.")
    hand = camera.handheld.model_copy(update={"amplitude": min(amplitude, 5.0)})
    return camera.model_copy(update={"keyframes": tuple(keys), "handheld": hand})


def _region(region: RegionMotion, strength: float, notes: list[str]) -> RegionMotion:
    motion = region.motion
    if isinstance(motion, Track):
        return region.model_copy(update={"motion": _track(motion, strength)})
    name = _AMOUNT.get(type(motion))
    if name is None:
        return region
    wished = getattr(motion, name) * strength
    most = _upper_bound(type(motion), name)
    if wished > most:
        notes.append(f"{region.name}: {name} {wished:.3g} limited to {most:g}.")
    return region.model_copy(update={"motion": motion.model_copy(update={name: min(wished, most)})})


def _track(track: Track, strength: float) -> Track:
    """The same path from the same beginning, shorter or longer."""
    x0, y0 = track.points[0].at
    points = tuple(
        TrackPoint(t=p.t, at=(x0 + (p.at[0] - x0) * strength, y0 + (p.at[1] - y0) * strength)) for p in track.points
    )
    return track.model_copy(
        update={
            "points": points,
            "scale_to": min(track.scale_to**strength, 10.0),
            "turn_deg": track.turn_deg * strength,
        }
    )


def _upper_bound(kind: type[Motion], name: str) -> float:
    for bound in kind.model_fields[name].metadata:
        if hasattr(bound, "le"):
            return float(bound.le)
    return float("inf")
