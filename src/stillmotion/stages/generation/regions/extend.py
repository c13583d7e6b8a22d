"""Continue the colours of a region smoothly beyond its rim, so that what moves at the rim finds its own colours
there.
"""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.types import Float32, UInt8


def extend(picture: UInt8, inside: Float32) -> UInt8:
    """The picture with everything outside `inside` replaced by a smooth continuation of what is inside.

    Source: push-pull (Gortler et al. 1996, "The Lumigraph"): weighted pyramid down, filled from coarse to fine.

    Args:
        picture: (H, W, 3); inside: (H, W) in [0, 1], soft rims are read as mixed and replaced for the most part.
    """
    sure = np.clip((inside - 0.6) / 0.35, 0, 1).astype(np.float32)
    colours: list[Float32] = [picture.astype(np.float32) * sure[..., None]]
    weights: list[Float32] = [sure]
    while min(weights[-1].shape) > 2:
        colours.append(np.asarray(cv2.pyrDown(colours[-1])))
        weights.append(np.asarray(cv2.pyrDown(weights[-1])))
    filled = colours[-1] / np.maximum(weights[-1], 1e-6)[..., None]
    for colour, weight in zip(reversed(colours[:-1]), reversed(weights[:-1]), strict=True):
        size = (weight.shape[1], weight.shape[0])
        above = cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR)
        trust = np.minimum(weight * 4, 1)[..., None]
        own = colour / np.maximum(weight, 1e-6)[..., None]
        filled = own * trust + above * (1 - trust)
    return np.asarray(np.clip(filled + 0.5, 0, 255), np.uint8)
