"""A photo small enough to be drawn many times."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.media.image import write_png


@pytest.fixture(scope="session")
def small_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sky, ground, and something dark that stands before them."""
    random = np.random.default_rng(4)
    picture = np.empty((64, 96, 3), np.uint8)
    picture[:32] = np.linspace((90, 140, 220), (180, 200, 230), 32)[:, None]
    ground = random.integers(60, 150, (32, 96, 1)) * np.array([0.8, 1.0, 0.5])
    picture[32:] = cv2.GaussianBlur(ground, (0, 0), 1.5).astype(np.uint8)
    cv2.rectangle(picture, (40, 17), (55, 46), (70, 40, 30), -1)
    path = tmp_path_factory.mktemp("photo") / "field.png"
    write_png(path, picture)
    return path
