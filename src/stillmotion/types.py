"""The records that cross a stage boundary.

    file ─▶ Photo ─analysis▶ Scene ─motion▶ Direction(MotionPlan) ─generation▶ FrameStream ─finishing▶ Video

H height, W width in pixels of the *canvas* (the output frame); pixel (0, 0) has its centre at coordinate (0, 0).
Camera: pinhole, OpenCV axes (x right, y down, z forward); the world is the camera at t = 0; a pose is world-to-camera;
depth is z > 0 in pivot units (the subject at 1). The plan is in `plan.py`, its camera at a time t in `camera.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from stillmotion.plan import MotionPlan

UInt8 = NDArray[Any]
Float32 = NDArray[Any]
Float64 = NDArray[Any]
"""Arrays of the dtype they are named after. The name is for people: the stubs of NumPy and OpenCV lose it on the
way.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture as read: upright, sRGB, opaque."""

    pixels: UInt8  # (h, w, 3), sRGB, EXIF orientation and ICC profile applied
    fov_deg: float | None  # horizontal field of view from EXIF, if it is there
    name: str  # file name for messages and metadata
    sha256: str  # of the file's bytes (of the pixels, for a photo given as an array)
    notes: tuple[str, ...]  # what had to be changed on reading: alpha composited, profile missing, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """The part of the photo that fills the canvas, in photo pixels."""

    x: float
    y: float
    width: float
    height: float
    whole: tuple[int, int]  # width and height of the photo

    def point(self, at: tuple[float, float]) -> tuple[float, float]:
        """Where a point in fractions of the photo is in fractions of the canvas; outside [0, 1] where it is cut off."""
        width, height = self.whole
        return (at[0] * width - self.x) / self.width, (at[1] * height - self.y) / self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A named part of the scene."""

    name: str  # a word of the scene's vocabulary: sky, ground, subject, water, tree, ...
    mask: Float32  # (H, W) in [0, 1], soft rim
    confidence: float  # [0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face, where it is and how sure that is. Coordinates are pixels and may lie outside of the picture."""

    box: tuple[float, float, float, float]  # x, y, width, height, around all its points
    landmarks: Float32  # (154, 2), the groups of `models.people_points.FACE`
    visibility: Float32  # (154,) in [0, 1]: inside the picture, not behind the head itself nor behind anything else
    turn_deg: float  # in the picture, clockwise: 0 is upright
    confidence: float  # [0, 1], that it is a face and its landmarks are right


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The key points of a person."""

    box: tuple[float, float, float, float]  # x, y, width, height, around the points that are sure
    points: Float32  # (17, 2) pixels, the order of `models.people_points.BODY`
    visibility: Float32  # (17,) in [0, 1]: how sure each point is
    face: int | None  # index in `Scene.faces`, if it has one of them
    confidence: float  # [0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is known of the photo, at canvas size."""

    photo: UInt8  # (H, W, 3) the photo cropped and resampled to the canvas: this is frame 0
    depth: Float32  # (H, W) z in pivot units, finite, > 0; sky is far but finite
    sky: Float32  # (H, W) in [0, 1]
    subject: Float32  # (H, W) matte in [0, 1]; all zero where no subject stands out
    regions: tuple[Region, ...]
    faces: tuple[Face, ...]  # the surest first
    bodies: tuple[Body, ...]  # the surest first
    fov_deg: float  # horizontal field of view of the canvas
    pivot: tuple[float, float]  # (x, y) canvas pixel of the subject's pivot point, where depth is about 1
    crop: Crop
    masks: tuple[Float32, ...]  # (H, W) in [0, 1], one per `plan.regions` in order; filled by analysis.masks.locate
    depth_source: str  # "weightless", "file:NAME", or the name of a network
    confidence: float  # [0, 1], how far the depth can be trusted: limits how far the camera dares to go
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The camera at one instant."""

    world_to_camera: Float64  # (4, 4)
    fov_deg: float  # horizontal
    focus: float  # depth in focus, pivot units
    aperture: float  # largest blur circle as a fraction of the canvas width; 0: pinhole


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """A wish made concrete: what was asked, what will be done, and why they differ."""

    requested: MotionPlan  # as written by the user or the prompt
    effective: MotionPlan  # strength folded in (1.0), coverage solved: what the backend draws
    notes: tuple[str, ...]  # unknown words, resolved contradictions, limited amounts
    sentence: str  # the effective plan in one plain sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Painting:
    """Holes of one kind that one way of painting filled before a video was drawn."""

    where: str  # "beyond" the photo's edge, or "behind" what stands in front
    fill: str  # the way: "learned", "classical", "smooth"
    holes: int
    share: float  # of the photo with its margins
    seam: float  # the strongest: change across a border over the change beside it; 1 is no seam


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStream:
    """Frames of known size, rate and count, drawn as they are asked for. It can be iterated once."""

    frames: Iterator[UInt8]  # (H, W, 3) sRGB each
    width: int
    height: int
    fps: float
    count: int
    painted: tuple[Painting, ...] = ()  # what was painted before the first frame, where an engine tells it

    def __iter__(self) -> Iterator[UInt8]:
        return self.frames

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One exact view of a scene: the picture and the buffers it came from."""

    frame: UInt8  # (H, W, 3)
    flow: Float32  # (H, W, 2) forward displacement of each *photo* pixel to this view, canvas pixels, x then y
    visible: Float32  # (H, W) in [0, 1]: photo pixel can be seen in this view (inside the frame, not covered)
    depth: Float32  # (H, W) z of this view, pivot units
    painted: Float32  # (H, W) in [0, 1]: share of this frame's pixel that the photo did not show
    stretch: Float32  # (H, W) largest singular value of d(frame)/d(photo) where the photo shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A finished file."""

    path: Path
    manifest: dict[str, Any]  # JSON-ready: requested, effective, timings, sizes, measures (heterogeneous by nature)


class Progress(Protocol):
    """Told how far a stage is. Called often and from one thread; must return quickly."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """A Progress that says nothing."""
