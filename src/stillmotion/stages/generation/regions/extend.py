"""Continue the colours of a region smoothly beyond its rim, so that what moves at the rim finds its own colours
there.
"""

from __future__ import annotations

import numpy as np

from stillmotion.models.smooth import continued
from stillmotion.types import Float32, UInt8


def extend(picture: UInt8, inside: Float32) -> UInt8:
    """The picture with everything outside `inside` replaced by a smooth continuation of what is inside.

    Args:
        picture: (H, W, 3); inside: (H, W) in [0, 1], soft rims are read as mixed and replaced for the most part.
    """
    sure = np.clip((inside - 0.6) / 0.35, 0, 1).astype(np.float32)
    return np.asarray(np.clip(continued(picture.astype(np.float32), sure) + 0.5, 0, 255), np.uint8)
