"""A mast before the sky belongs to what it stands on; a bird belongs to nothing, and clouds are no wires."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.stages.analysis.thin import thin_things
from stillmotion.types import Float32, UInt8

H, W = 200, 320


def _roofs() -> tuple[UInt8, Float32, Float32]:
    """A house below a sky with soft clouds, and the sky's mask and disparity as they are without thin things."""
    rng = np.random.default_rng(3)
    clouds = cv2.GaussianBlur(rng.normal(0, 1, (H, W)).astype(np.float32), (0, 0), 14)
    photo = np.clip(190 + 250 * clouds, 120, 250)[..., None].repeat(3, axis=2).astype(np.uint8)
    photo[140:] = (120, 60, 40)
    sky = np.zeros((H, W), np.float32)
    sky[:140] = 1
    return photo, sky, np.where(sky > 0, 0.0, 0.6).astype(np.float32)


def test_a_mast_is_as_near_as_the_roof_it_stands_on() -> None:
    photo, sky, disparity = _roofs()
    photo[40:140, 100:102] = 30
    mask, found = thin_things(photo, sky, disparity)
    assert mask[45:135, 100:102].min() > 0.8
    assert np.allclose(found[45:135, 100:102], 0.6)
    elsewhere = np.delete(mask[:138], np.s_[92:110], axis=1)
    assert elsewhere.max() < 0.05


def test_birds_and_clouds_are_left_in_the_sky() -> None:
    photo, sky, disparity = _roofs()
    photo[60:63, 200:206] = 20
    mask, found = thin_things(photo, sky, disparity)
    assert mask.max() == 0
    assert found is disparity
