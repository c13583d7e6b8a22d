"""Holes to learn from, of the kinds that a photo in motion has. Knows no picture.

thing    what is taken away, or stands in front: the surface behind it is to be painted
strip    what a camera uncovers along a silhouette; the thing beside it is often unknown, too
margin   what lies beyond the frame
strokes  wires, scratches, what a person brushed over
"""

from __future__ import annotations

import cv2
import numpy as np

KINDS = {"thing": 0.25, "strip": 0.4, "margin": 0.15, "strokes": 0.2}
_LEAST, _MOST = 0.01, 0.3  # share of the piece


def hole(size: int, rng: np.random.Generator) -> np.ndarray:
    """(size, size) bool, true where nothing is known; never empty, never all."""
    while True:
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        found = _DRAWN[kind](size, rng)
        if _LEAST < found.mean() < _MOST:
            return found


def thing(size: int, rng: np.random.Generator) -> np.ndarray:
    """One or two bodies of a few round and straight parts."""
    canvas = np.zeros((size, size), np.uint8)
    for _ in range(int(rng.integers(1, 3))):
        centre = rng.uniform(-0.05, 1.05, 2) * size
        extent = size * np.exp(rng.uniform(np.log(0.05), np.log(0.25)))
        for _ in range(int(rng.integers(1, 6))):
            middle = centre + rng.normal(0, 0.6, 2) * extent
            axes = extent * np.exp(rng.normal(-0.3, 0.5, 2))
            if rng.random() < 0.6:
                box = (middle.tolist(), (2 * axes).tolist(), float(rng.uniform(0, 180)))
                cv2.ellipse(canvas, box, 1, -1)
            else:
                turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
                corners = middle + axes * np.stack([np.cos(turns), np.sin(turns)], axis=1)
                cv2.fillPoly(canvas, [corners.astype(np.int32)], 1)
    return canvas.astype(np.bool_)


def strip(size: int, rng: np.random.Generator) -> np.ndarray:
    """What a thing that is shifted leaves behind it, with or without the thing."""
    body = thing(size, rng)
    shift = size * np.exp(rng.uniform(np.log(0.02), np.log(0.12)))
    angle = rng.uniform(0, 2 * np.pi)
    matrix = np.array([[1, 0, shift * np.cos(angle)], [0, 1, shift * np.sin(angle)]])
    moved = cv2.warpAffine(body.astype(np.uint8), matrix, (size, size)).astype(np.bool_)
    return body | moved if rng.random() < 0.25 else body & ~moved


def margin(size: int, rng: np.random.Generator) -> np.ndarray:
    """One to four sides, straight or wavy."""
    found = np.zeros((size, size), np.bool_)
    for side in rng.choice(4, int(rng.choice([1, 1, 2, 3, 4])), replace=False):
        depth = size * np.exp(rng.uniform(np.log(0.03), np.log(0.22)))
        slope = rng.normal(0, 0.06) * (rng.random() < 0.5)
        edge = depth + slope * (np.arange(size) - size / 2)
        found |= np.rot90(np.arange(size) < edge[:, None], int(side))
    return found


def strokes(size: int, rng: np.random.Generator) -> np.ndarray:
    """A few bent lines."""
    canvas = np.zeros((size, size), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        at, angle = rng.uniform(0, size, 2), rng.uniform(0, 2 * np.pi)
        width = max(2, round(size * float(np.exp(rng.uniform(np.log(0.02), np.log(0.1))))))
        for _ in range(int(rng.integers(2, 9))):
            angle += rng.normal(0, 0.7)
            then = at + size * rng.uniform(0.05, 0.2) * np.array([np.cos(angle), np.sin(angle)])
            cv2.line(canvas, at.astype(int).tolist(), then.astype(int).tolist(), 1, width)
            at = then
    return canvas.astype(np.bool_)


_DRAWN = {"thing": thing, "strip": strip, "margin": margin, "strokes": strokes}
