"""Where the plan's regions are on this photo: one soft mask per region.

Knows masks and pictures; knows nothing of how a region moves.
"""

from __future__ import annotations

from stillmotion.plan import MotionPlan
from stillmotion.types import Scene


def locate(scene: Scene, plan: MotionPlan) -> Scene:
    """The scene with one soft mask per `plan.regions`, in order."""
    if not plan.regions:
        return scene
    raise NotImplementedError("regions are located in the next commit")
