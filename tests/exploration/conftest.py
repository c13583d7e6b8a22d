"""A photo small enough to be drawn many times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_photo(landscape: Callable[..., Path]) -> Path:
    """Sky, ground, and something dark that stands before them."""
    return landscape(96, 64, ((40, 17), (55, 46)))
