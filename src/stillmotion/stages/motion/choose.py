"""A tasteful motion for a photo nobody said anything about. Knows the scene's parts, not its pictures' meaning.

    flat art          a slow Ken Burns zoom toward the subject
    subject stands    a gentle orbit with a push, toward the side where there is more room
    sky over land     a slow rise with a push; a glide where the photo is wide
    anything else     a slow push in
and water ripples, falls fall, fire and foliage move, clouds drift, where the scene is sure to have them.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.plan import Canvas, Flicker, Flow, LabelMask, Motion, RegionMotion, Ripple, Sway
from stillmotion.stages.motion.moves import Move
from stillmotion.types import Region, Scene

_FLAT = 1.25  # ratio of far to near below which a photo counts as flat
_SURE, _LEAST, _MOST = 0.55, 0.02, 0.85  # a part's confidence and share of the picture
_SUBJECT = (0.05, 0.6)  # share of the picture of a subject that is worth circling
_MOVING: dict[str, Motion] = {
    "water": Ripple(amplitude=0.003),
    "waterfall": Flow(direction_deg=270, speed=0.08, turbulence=0.3),
    "fire": Flicker(amplitude=0.25, frequency=4),
    "smoke": Flow(direction_deg=90, speed=0.02, turbulence=0.4),
    "clouds": Flow(direction_deg=0, speed=0.01, turbulence=0.1),
    "tree": Sway(amplitude=0.003, frequency=0.35),
    "foliage": Sway(amplitude=0.003, frequency=0.45),
    "grass": Sway(amplitude=0.003, frequency=0.5),
}


def choose(scene: Scene, canvas: Canvas) -> tuple[tuple[Move, ...], tuple[RegionMotion, ...], str]:
    """The moves of the camera, the regions that move, and why, as a clause."""
    moves, camera_words = _camera(scene, canvas)
    regions = _regions(scene)
    moving = " and ".join(region.name for region in regions)
    also = f"; the {moving} {'move' if len(regions) > 1 else 'moves'} by nature" if regions else ""
    return moves, regions, f"{camera_words}{also}."


def _camera(scene: Scene, canvas: Canvas) -> tuple[tuple[Move, ...], str]:
    subject, sky = float(scene.subject.mean()), float(scene.sky.mean())
    height, width = scene.depth.shape
    pivot_x = scene.pivot[0] / width
    near, far = np.percentile(scene.depth[:: max(1, height // 90), :: max(1, width // 160)], [5, 95])
    if far < _FLAT * near:
        side = "pan_right" if pivot_x > 0.5 else "pan_left"
        drift = 10.0 * abs(pivot_x - 0.5)
        moves = [Move(name="zoom_in", amount=1.16)]
        if drift > 0.5:
            moves.append(Move(name=side, amount=drift, together=True))
        return tuple(moves), "the picture is flat, so a slow zoom goes toward its subject"
    if _SUBJECT[0] < subject < _SUBJECT[1] and sky < 0.5:
        orbit = "orbit_right" if pivot_x < 0.5 else "orbit_left"
        moves = [Move(name=orbit, scale=0.65), Move(name="push_in", scale=0.4, together=True)]
        return tuple(moves), "a subject stands out, so the camera goes round it gently and comes a little nearer"
    if sky > 0.12:
        if canvas.width > 1.9 * canvas.height:
            truck = "truck_right" if pivot_x >= 0.5 else "truck_left"
            return (Move(name=truck, scale=0.8),), "a wide view under the sky, so the camera glides along it"
        moves = [Move(name="push_in", scale=0.65), Move(name="pedestal_up", scale=0.5, together=True)]
        return tuple(moves), "there is sky over land, so the camera rises slowly and moves in"
    return (Move(name="push_in", scale=0.75),), "a slow push in suits most photos"


def _regions(scene: Scene) -> tuple[RegionMotion, ...]:
    """What moves by nature and is surely there, three at most, the largest first."""
    found: list[tuple[float, Region, Motion]] = []
    for region in scene.regions:
        share = float(region.mask.mean())
        if region.confidence < _SURE or not _LEAST < share < _MOST:
            continue
        if region.name in _MOVING:
            found.append((share, region, _MOVING[region.name]))
        elif region.name == "sky" and _clouded(scene):
            found.append((share, region, _MOVING["clouds"]))
    found.sort(key=lambda item: -item[0])
    return tuple(
        RegionMotion(name=region.name, mask=LabelMask(label=region.name), motion=motion)
        for _, region, motion in found[:3]
    )


def _clouded(scene: Scene) -> bool:
    """Whether the sky has something in it that can be seen to drift."""
    inside = scene.sky > 0.9
    if inside.mean() < _LEAST:
        return False
    grey = cv2.cvtColor(scene.photo, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    width = scene.photo.shape[1]
    structure = cv2.GaussianBlur(grey, (0, 0), max(1.0, width / 300)) - cv2.GaussianBlur(grey, (0, 0), width / 30)
    return float(structure[inside].std()) > 0.02
