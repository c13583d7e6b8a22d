"""The geometry engine: a photo with depth, seen from elsewhere. Plain CPU, no weights.

Scene ─layers─▶ photo over what it hides ─mesh─▶ where each pixel of the new view comes from ─sample─▶ frame
         └─fill: what it hides, painted once             └─▶ exact flow, visibility, depth (`GeometryBackend.view`)
"""

from stillmotion.stages.generation.backends.geometry.engine import GeometryBackend

__all__ = ["GeometryBackend"]
