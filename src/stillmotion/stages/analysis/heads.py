"""Heads in a disparity map: each at one distance, gently rounded, and apart from what lies behind it.

    faces ─▶ an upright square of each ─cut out by colour▶ head and shoulders ─┬▶ head: the distance of its face
                                                                               └▶ behind: the distance of what is around

A learned disparity ends in a wide slope around a head and sinks towards hair; what is seen between jaw and shoulder
comes along. Cut out by GrabCut (Rother, Kolmogorov, Blake, 2004) from what faces and the person's share say. h, w
working size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.models.crops import cut, inverse, square_matrix
from stillmotion.models.people_points import FACE
from stillmotion.types import Face, Float32, Float64, UInt8

_MOST, _LEAST = 4, 0.035  # heads; size of a face, of the picture's long side
_ROOM = 3.4  # side of a square, in sizes of the face
_FINE, _SIDE = 0.55, 48  # pixels of a square for one of the picture; least side
_PIXELS = 9000  # of all squares together: what it may cost
_GRID = 4  # what lies around is looked for on a grid this much coarser
_UP = 0.2  # of a face: how far above its middle the middle of the square is
_ROUNDS = 1  # of cutting out
_ALIKE = 0.09  # share of its lightness that background may differ by from what is around: dark things look alike
_ROUND = 0.02  # of the range of disparity: how much nearer a nose is than the rim of the head
_SLOPE, _BLEEDS = 0.3, 0.45  # sizes of a face over which a map falls off around a head, most of it and all
_LEAN = 0.5  # of how much farther a head is seen than the chest below it: maps let people lean back
_NECK = 0.75  # sizes of a face below its middle from which on a neck goes over into shoulders


@dataclass(frozen=True, slots=True)
class Heads:
    """Where heads are; all (h, w) in [0, 1]."""

    head: Float32  # hair, face, neck; fades out towards the shoulders
    front: Float32  # heads and what hangs together with them
    behind: Float32  # near a head, and sure to be no part of anybody
    middles: tuple[tuple[float, float, float], ...]  # x, y, size of each face


def find_heads_of(faces: tuple[Face, ...], rgb: UInt8, person: Float32, scale: float) -> Heads | None:
    """Heads of a small picture (h, w, 3); None where no face is large enough.

    Args:
        person: (h, w) how far each place belongs to a person.
        scale: size of the small picture over the size of the one that the faces were found in.
    """
    least = _LEAST * max(rgb.shape[:2])
    large = [f for f in faces if max(f.box[2:]) * scale >= least]
    large = sorted(large, key=lambda f: -f.box[2] * f.box[3])[:_MOST]
    shape = rgb.shape[:2]
    head, front, behind = (np.zeros(shape, np.float32) for _ in range(3))
    middles = []
    for face in large:
        found = _cut_out(face, rgb, person, scale, round((_PIXELS / len(large)) ** 0.5))
        if found is None:
            continue
        front, head, behind = (np.maximum(a, b) for a, b in zip((front, head, behind), found[:3], strict=True))
        middles.append(found[3])
    if not middles:
        return None
    return Heads(head, front, np.asarray(behind * (1 - np.maximum(front, head)), np.float32), tuple(middles))


def hold_heads(disparity: Float32, heads: Heads, person: Float32) -> Float32:
    """Disparity (h, w) with each head at one distance and what is beside it as far away as what is around."""
    behind = _behind(disparity, heads, person)
    out = disparity + heads.behind * (np.minimum(behind, disparity) - disparity)
    rows, columns = np.mgrid[0 : disparity.shape[0], 0 : disparity.shape[1]].astype(np.float32)
    level, total = np.zeros_like(disparity), np.zeros_like(disparity)
    for x, y, size in heads.middles:
        right, down = (columns - x) / size, (rows - y) / size
        away = np.hypot(right, down)
        share = np.exp(-2 * away**2) + 1e-6
        at = _distance_of(disparity, heads.front > 0.5, right, down) + _ROUND * (0.3 - np.minimum(away, 1.0) ** 2)
        level += share * at
        total += share
    return np.asarray(np.clip(out + heads.head * (level / total - out), 0, 1), np.float32)


def _distance_of(disparity: Float32, front: NDArray[np.bool_], right: Float32, down: Float32) -> float:
    """Of the head at the middle of `right` and `down` (h, w; sizes of its face)."""
    face = (np.hypot(right, down) < 0.3) & front
    chest = (np.abs(right) < 0.5) & (np.abs(down - 1.4) < 0.3) & front
    if not face.any():
        return float(disparity[np.unravel_index(np.argmin(np.hypot(right, down)), disparity.shape)])
    at = float(np.median(disparity[face]))
    return at + _LEAN * max(float(np.median(disparity[chest])) - at, 0.0) if chest.any() else at


def _cut_out(
    face: Face, rgb: UInt8, person: Float32, scale: float, most: int
) -> tuple[Float32, Float32, Float32, tuple[float, float, float]] | None:
    """Head and shoulders of one face, its head alone, and around the head: (h, w) in [0, 1] each; then its middle.

    `most` is the longest side of its square.
    """
    oval = face.landmarks[FACE.slice("oval")].astype(np.float64) * scale
    turn = np.radians(face.turn_deg)
    middle, size = (oval.min(axis=0) + oval.max(axis=0)) / 2, float(np.ptp(oval, axis=0).max())
    up = np.array([np.sin(turn), -np.cos(turn)])
    side = max(_SIDE, min(round(_FINE * _ROOM * size), most))
    matrix = square_matrix(tuple(middle + _UP * size * up), _ROOM * size, turn, side)
    picture = cut(rgb, matrix, (side, side))
    share = _square(person, matrix, side)
    inside = _square(np.ones(person.shape, np.float32), matrix, side) > 0.5
    oval = oval @ matrix[:, :2].T + matrix[:, 2]
    x, y = _axes(oval, side)
    front = _grabbed(picture, share, inside, oval, (x, y))
    if front is None:
        return None
    behind = (1 - front) * _is_behind(picture, share, front, (x, y), side / _ROOM)
    away = cv2.distanceTransform((front < 0.5).astype(np.uint8), cv2.DIST_L2, 3) * _ROOM / side
    behind *= np.clip((_BLEEDS + 0.2 - away) / 0.2, 0, 1) * np.clip((1.1 - y) / 0.2, 0, 1)
    behind *= np.clip((np.hypot(x / 0.52, (y + 0.15) / 0.65) - 1) / 0.2, 0, 1)  # so near to a face all is head
    hair = np.clip((1.15 - np.hypot(x / 0.8, (y + 0.15) / 0.9)) / 0.3, 0, 1)  # in doubt, what is around a face is hair
    head = np.maximum(front, (1 - behind) * hair) * np.clip((_NECK + 0.35 - y) / 0.35, 0, 1)
    front = front * np.clip((1.45 - np.maximum(y, np.abs(x) - 0.2)) / 0.5, 0, 1)  # no body ends with its square
    front, head, behind = (_back(each.astype(np.float32), matrix, rgb.shape[:2]) for each in (front, head, behind))
    return front, head, behind, (float(middle[0]), float(middle[1]), size)


def _axes(oval: Float64, side: int) -> tuple[Float32, Float32]:
    """Right and down from the middle of the face, in sizes of it, of every pixel of the square."""
    x, y = (oval.min(axis=0) + oval.max(axis=0)) / 2
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    return _ROOM * (columns - x) / side, _ROOM * (rows - y) / side


def _grabbed(
    picture: UInt8, share: Float32, inside: NDArray[np.bool_], oval: Float64, at: tuple[Float32, Float32]
) -> Float32 | None:
    """Head and shoulders in a square, (side, side) in [0, 1]; None where colours do not tell them apart."""
    x, y = at
    hair = (x / 0.85) ** 2 + ((y + 0.15) / 0.95) ** 2 < 1
    below = (y > 0.3) & (np.abs(x) < 0.35 + 1.1 * np.maximum(y - 0.55, 0))
    maybe = (hair | below) & (share > 0.15)
    mask = np.where(maybe, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    mask[(np.hypot(x, y + 0.1) > 1.35) & (y < 0.5) | (share < 0.04)] = cv2.GC_BGD
    face: UInt8 = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(face, cv2.convexHull(oval.astype(np.int32)), (1,))
    face = np.asarray(cv2.erode(face, np.ones((5, 5), np.uint8)))
    mask[face > 0] = cv2.GC_FGD
    mask[~inside] = cv2.GC_BGD
    if not (mask[inside] == cv2.GC_BGD).any() or not (mask == cv2.GC_FGD).any():
        return None
    cv2.setRNGSeed(0)  # its clusters begin by chance
    cv2.grabCut(picture, mask, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    front = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    front = np.asarray(cv2.morphologyEx(front, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))) | face
    _, labels = cv2.connectedComponents(front, connectivity=4)
    label = int(np.bincount(labels[face > 0]).argmax())
    own = _filled(np.asarray(labels == label, np.uint8))
    return np.asarray(cv2.GaussianBlur(own.astype(np.float32), (0, 0), 0.8), np.float32)


def _is_behind(picture: UInt8, share: Float32, front: Float32, at: tuple[Float32, Float32], unit: float) -> Float32:
    """(side, side) in [0, 1]: sure to be no part of the person, by what its share says or by a colour that is all
    around; a jacket as dark as the room is not.
    """
    x, y = at
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.float32)
    sure = ((front < 0.1) & (share < 0.25)).astype(np.float32)
    seen = cv2.GaussianBlur(sure, (0, 0), 0.5 * unit)[..., None]
    mean = cv2.GaussianBlur(soft * sure[..., None], (0, 0), 0.5 * unit) / np.maximum(seen, 1e-4)
    apart = np.linalg.norm(soft - mean, axis=2) / (mean.max(axis=2) + 10)
    alike = np.clip(2 - apart / _ALIKE, 0, 1) * (seen[..., 0] > 0.01)
    body = (y > 0.45) & (np.abs(x) < 0.6 + 1.1 * np.maximum(y - 0.55, 0))
    nobody = np.clip((0.3 - share) / 0.15, 0, 1)
    out = np.where(body, alike, np.maximum(alike * np.clip((0.75 - share) / 0.15, 0, 1), nobody))
    return np.asarray(cv2.morphologyEx(out.astype(np.float32), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.float32)


def _filled(front: UInt8) -> UInt8:
    """(side, side) of 0 and 1 with small holes filled."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - front, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < 0.02 * front.size
    small[0] = False
    return np.asarray(front | small[labels[...]] * (front == 0), np.uint8) if count > 1 else front


def _square(field: Float32, matrix: Float64, side: int) -> Float32:
    by_centres = np.c_[matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ (0.5, 0.5) - 0.5]
    return np.asarray(cv2.warpAffine(field, by_centres, (side, side), flags=cv2.INTER_LINEAR), np.float32)


def _back(field: Float32, matrix: Float64, shape: tuple[int, int]) -> Float32:
    back = inverse(matrix)
    by_centres = np.c_[back[:, :2], back[:, 2] + back[:, :2] @ (0.5, 0.5) - 0.5]
    return np.asarray(cv2.warpAffine(field, by_centres, shape[::-1], flags=cv2.INTER_LINEAR), np.float32)


def _behind(disparity: Float32, heads: Heads, person: Float32) -> Float32:
    """(h, w) disparity of what lies around heads, from where no head bleeds into it and colours are alike."""
    size = max(size for _, _, size in heads.middles) / _GRID
    small = (max(1, disparity.shape[1] // _GRID), max(1, disparity.shape[0] // _GRID))
    near, front, people = (cv2.resize(f, small, interpolation=cv2.INTER_AREA) for f in (disparity, heads.front, person))
    reach = 2 * round(_SLOPE * size) + 1
    fat = cv2.dilate(front, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    weight = np.asarray((1 - fat) * np.clip(1 - 2 * people, 0.0, 1) + 1e-5 * (1 - front), np.float32)
    total, known = np.zeros_like(weight), np.full_like(weight, 1e-9)
    for sigma, trust in ((0.4 * size, 1.0), (1.2 * size, 0.05)):
        total += trust * cv2.GaussianBlur(near * weight, (0, 0), max(sigma, 0.5))
        known += trust * cv2.GaussianBlur(weight, (0, 0), max(sigma, 0.5))
    return np.asarray(cv2.resize(total / known, disparity.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
