"""What of a scene should not be seen twice: who looks at a painted picture finds a second face before all else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillmotion.types import Scene

_ONCE = frozenset({"person", "hair", "animal", "bird", "vehicle", "boat", "balloon", "ball", "flag", "lamp"})


def dear_of(scene: Scene) -> NDArray[np.bool_]:
    """(H, W) the subject, people, animals and single things."""
    found = scene.subject > 0.3
    for region in scene.regions:
        if region.name in _ONCE:
            found = found | (region.mask > 0.3)
    return np.asarray(found, np.bool_)
