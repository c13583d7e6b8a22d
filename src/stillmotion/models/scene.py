"""The scene network: disparity and regions of a picture, from weights that come with the package.

Run by OpenCV: no further dependency, 15 ms a look on two cores. Trained by `training/scene`; its card is
weights/scene.md.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from stillmotion.errors import WeightsMissing
from stillmotion.types import Float32, UInt8

WEIGHTS = Path(__file__).parent / "weights" / "scene.onnx"
NAME = "scene-2"
SHORT_SIDE = 192
_LONGEST = 512
CLASSES = (
    "other", "sky", "water", "waterfall", "tree", "grass", "flower", "plant", "ground", "road", "sand", "mountain",
    "rock", "building", "wall", "floor", "ceiling", "window", "person", "animal", "vehicle", "boat", "flag", "cloth",
    "furniture", "food", "lamp",
)  # fmt: skip
"""The channels of the second output, in order."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the network sees. h, w are about half of the size it looked at."""

    disparity: Float32  # (h, w), larger is nearer, free of scale and shift
    shares: Float32  # (C, h, w) in [0, 1], summing to one over the classes

    def share(self, name: str) -> Float32:
        """(h, w) share of one class."""
        return np.asarray(self.shares[CLASSES.index(name)])


class SceneNetwork:
    """The loaded network; safe to use from several threads."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """
        Raises:
            WeightsMissing: the file is not there.
        """
        if not weights.is_file():
            raise WeightsMissing(f"The weights {weights.name} are missing.", hint="Install stillmotion again.")
        self._net = cv2.dnn.readNetFromONNX(str(weights))
        self._lock = threading.Lock()

    def look(self, rgb: UInt8) -> Sight:
        """Look at a picture uint8 (H, W, 3) of any size."""
        height, width = rgb.shape[:2]
        scale = min(SHORT_SIDE / min(height, width), _LONGEST / max(height, width))
        size = (_blocks(width * scale), _blocks(height * scale))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        looks = []
        with self._lock:
            for picture in (small, small[:, ::-1]):
                blob = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
                self._net.setInput(blob)
                disparity, shares = self._net.forward(["disparity", "classes"])
                looks.append((np.array(disparity[0, 0]), np.array(shares[0])))
        (d0, s0), (d1, s1) = looks
        return Sight((d0 + d1[:, ::-1]) / 2, (s0 + s1[..., ::-1]) / 2)


def _blocks(side: float) -> int:
    return max(64, round(side / 32) * 32)


@cache
def scene_network() -> SceneNetwork:
    """The network that comes with the package, loaded once."""
    return SceneNetwork()
