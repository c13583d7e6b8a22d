"""The motion plan, `stillmotion/plan@1`: what shall move, as plain data between the wish and the pixels.

It is the one record that people edit, so it is pydantic (validated, `extra="forbid"`, JSON), while the records the
stages hand on are dataclasses in `types.py`. It knows no photo: depths are in pivot units, places are fractions of the
canvas, angles are degrees and times are seconds, so that one plan can be tried on many photos.

    canvas    size, rate, length, loop                camera   keyframes, pivot, handheld, depth of field
    regions   a mask and one kind of motion each      portrait faces          physics   bodies, wind, particles
    shots, transitions, time, sound, grade            strength scales all amounts
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stillmotion.errors import InputError
from stillmotion.options import LONGEST_SIDE, SHORTEST_SIDE, FinishingOptions, Loop

FORMAT: Final = "stillmotion/plan@1"

Vec2 = tuple[float, float]
Vec3 = tuple[float, float, float]
Ease = Literal["linear", "ease-in", "ease-out", "ease-in-out", "exponential", "elastic"]
Seconds = Annotated[float, Field(ge=0, le=600)]
Share = Annotated[float, Field(ge=0, le=1)]
Point = Annotated[Vec2, Field(description="x, y as fractions of the canvas width and height, (0, 0) top left")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Margins(_Record):
    """How far beyond the photo may be painted, as fractions of its width (left, right) and height (top, bottom)."""

    left: Annotated[float, Field(ge=0, le=1)] = 0.06
    right: Annotated[float, Field(ge=0, le=1)] = 0.06
    top: Annotated[float, Field(ge=0, le=1)] = 0.06
    bottom: Annotated[float, Field(ge=0, le=1)] = 0.06


class Canvas(_Record):
    """The frame and its time: even size in pixels, rate in frames per second, length in seconds."""

    width: Annotated[int, Field(ge=SHORTEST_SIDE, le=LONGEST_SIDE, multiple_of=2)]
    height: Annotated[int, Field(ge=SHORTEST_SIDE, le=LONGEST_SIDE, multiple_of=2)]
    fps: Annotated[float, Field(ge=1, le=120)] = 24.0
    seconds: Annotated[float, Field(gt=0, le=600)] = 5.0
    loop: Loop = "none"
    outpaint: Margins = Margins()

    @property
    def frames(self) -> int:
        """Number of frames: the length rounded to whole frames, at least one. A loop never repeats its first frame."""
        return max(1, round(self.seconds * self.fps))


class CameraKey(_Record):
    """The camera at one time. All zeros is the photo's own view.

    The camera first turns about the pivot by `orbit_deg`, then moves by `position` along the axes it then has (the
    photo's own axes when there is no orbit), so that an orbit never changes what the pivot looks like, and turns in
    place by `rotation_deg`.
    """

    t: Seconds
    position: Annotated[Vec3, Field(description="right, down, forward in pivot units (the subject is at 1)")] = (
        0.0,
        0.0,
        0.0,
    )
    rotation_deg: Annotated[Vec3, Field(description="tilt (up +), pan (right +), roll (clockwise camera +)")] = (
        0.0,
        0.0,
        0.0,
    )
    orbit_deg: Annotated[Vec2, Field(description="azimuth (camera goes right +), elevation (up +) about the pivot")] = (
        0.0,
        0.0,
    )
    vertigo: Annotated[
        float,
        Field(
            gt=-8, lt=0.95, description="further travel forward, the lens taking back what it does to the pivot's size"
        ),
    ] = 0.0
    fov_deg: Annotated[float | None, Field(gt=1, lt=170, description="horizontal; None: the photo's own")] = None
    focus: Annotated[float | None, Field(gt=0, description="depth in focus, pivot units; None: the pivot (1)")] = None
    aperture: Annotated[
        float, Field(ge=0, le=0.2, description="largest blur circle, fraction of the width; 0: all sharp")
    ] = 0.0
    ease: Annotated[Ease, Field(description="how this key is approached from the one before")] = "ease-in-out"


class Handheld(_Record):
    """Band-limited noise on all six degrees of freedom."""

    amplitude: Annotated[float, Field(ge=0, le=5, description="1 = a calm person holding a phone")] = 0.0
    hz: Annotated[float, Field(ge=0.1, le=12, description="upper edge of the band")] = 2.0


class Camera(_Record):
    """The path of the camera."""

    keyframes: tuple[CameraKey, ...] = (CameraKey(t=0.0),)
    interpolation: Annotated[
        Literal["ease", "spline"],
        Field(description="ease: each segment by its own easing; spline: one smooth curve through all keys"),
    ] = "ease"
    pivot: Annotated[
        Point | None, Field(description="the point orbits turn about and depth 1 refers to; None: the subject")
    ] = None
    handheld: Handheld = Handheld()
    motion_blur: Annotated[
        float, Field(ge=0, le=1, description="shutter as a fraction of the frame time; 0: never")
    ] = 0.5
    framing: Annotated[
        str | None, Field(description="name of the opening view other than the photo's own, e.g. low_angle")
    ] = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.keyframes:
            raise ValueError("camera.keyframes is empty; one key at t = 0 is a static camera")
        times = [key.t for key in self.keyframes]
        if any(b <= a for a, b in pairwise(times)):
            raise ValueError(f"camera.keyframes must rise in time, found {times}")
        return self


# ── where: the mask of a region ──────────────────────────────────────────────────────────────────────────────────────


class LabelMask(_Record):
    """A word of the scene's vocabulary: sky, clouds, water, tree, person, subject, ..."""

    by: Literal["label"] = "label"
    label: str


class TextMask(_Record):
    """Free words for an open-vocabulary model."""

    by: Literal["text"] = "text"
    text: str


class PolygonMask(_Record):
    """A closed outline."""

    by: Literal["polygon"] = "polygon"
    points: Annotated[tuple[Point, ...], Field(min_length=3)]


class BrushMask(_Record):
    """A painted picture (PNG, white moves) of the photo's shape or the canvas'; `data:image/png;base64,...` or a path.

    In a plan file a path counts from the folder of the file.
    """

    by: Literal["brush"] = "brush"
    png: str


class PointsMask(_Record):
    """Points or strokes on the thing, grown to its outline."""

    by: Literal["points"] = "points"
    inside: Annotated[tuple[Point, ...], Field(min_length=1)]
    outside: tuple[Point, ...] = ()


class SaliencyMask(_Record):
    """The subject of the photo."""

    by: Literal["saliency"] = "saliency"


class DepthMask(_Record):
    """Everything between two depths, in pivot units."""

    by: Literal["depth"] = "depth"
    near: Annotated[float, Field(gt=0)]
    far: Annotated[float, Field(gt=0)]


Mask = Annotated[
    LabelMask | TextMask | PolygonMask | BrushMask | PointsMask | SaliencyMask | DepthMask, Field(discriminator="by")
]


# ── how: one kind of motion each ─────────────────────────────────────────────────────────────────────────────────────


class Arrow(_Record):
    """A hint: here the thing moves this way."""

    at: Point
    to: Point


class Flow(_Record):
    """A steady current carried through the region (water, clouds, smoke, fire): Eulerian motion."""

    kind: Literal["flow"] = "flow"
    direction_deg: Annotated[float | None, Field(description="on the picture: 0 right, 90 up, 180 left, 270 down")] = (
        None
    )
    toward_camera: Annotated[float, Field(ge=-1, le=1, description="1 comes nearer, -1 goes away")] = 0.0
    speed: Annotated[float, Field(ge=0, le=1, description="fraction of the canvas width per second")] = 0.03
    turbulence: Share = 0.2
    arrows: Annotated[tuple[Arrow, ...], Field(max_length=5)] = ()


class Sway(_Record):
    """Anchored swinging with travelling gusts (trees, grass, hair, flags, curtains)."""

    kind: Literal["sway"] = "sway"
    direction_deg: float = 0.0
    amplitude: Annotated[float, Field(ge=0, le=0.2, description="at the free end, fraction of the canvas width")] = (
        0.008
    )
    frequency: Annotated[float, Field(gt=0, le=8, description="Hz of the slowest swing")] = 0.4
    turbulence: Share = 0.5
    anchor: Literal["bottom", "top", "left", "right", "center"] = "bottom"


class Ripple(_Record):
    """Waves of a water surface seen by refraction."""

    kind: Literal["ripple"] = "ripple"
    direction_deg: float | None = None
    amplitude: Annotated[float, Field(ge=0, le=0.05, description="fraction of the canvas width")] = 0.004
    wavelength: Annotated[
        float, Field(gt=0, le=1, description="fraction of the canvas width, at the pivot's depth")
    ] = 0.05
    frequency: Annotated[float, Field(gt=0, le=8)] = 0.7
    turbulence: Share = 0.5


class Flicker(_Record):
    """Light that changes: lamps, candles, neon, fire glow."""

    kind: Literal["flicker"] = "flicker"
    amplitude: Annotated[float, Field(ge=0, le=1, description="peak change of linear light")] = 0.2
    frequency: Annotated[float, Field(gt=0, le=15)] = 3.0
    turbulence: Share = 0.7


class Drift(_Record):
    """Slow wandering of the whole thing about its place: boats, balloons, floating objects."""

    kind: Literal["drift"] = "drift"
    direction_deg: float = 90.0
    amplitude: Annotated[float, Field(ge=0, le=0.5, description="fraction of the canvas width")] = 0.01
    frequency: Annotated[float, Field(gt=0, le=4)] = 0.25
    turbulence: Share = 0.3


class Affine(_Record):
    """Spin, swing, pulse or slide of a whole thing about its anchor."""

    kind: Literal["affine"] = "affine"
    mode: Literal["spin", "swing", "pulse", "slide"]
    amount: Annotated[
        float, Field(description="spin: deg per second; swing: deg; pulse: share of size; slide: fraction of width")
    ]
    frequency: Annotated[float, Field(gt=0, le=8)] = 0.5
    direction_deg: float = 0.0
    anchor: Point | None = None


class TrackPoint(_Record):
    """Where the thing is at a time."""

    t: Seconds
    at: Point


class Track(_Record):
    """The thing follows a path; the place it leaves is painted."""

    kind: Literal["track"] = "track"
    points: Annotated[tuple[TrackPoint, ...], Field(min_length=2)]
    footprint: Literal["rigid", "soft"] = "rigid"
    scale_to: Annotated[float, Field(gt=0, le=10)] = 1.0
    turn_deg: float = 0.0
    ease: Ease = "ease-in-out"


class Freeze(_Record):
    """Stays as it is, whatever moves around it."""

    kind: Literal["freeze"] = "freeze"


Motion = Annotated[Flow | Sway | Ripple | Flicker | Drift | Affine | Track | Freeze, Field(discriminator="kind")]


class RegionMotion(_Record):
    """One moving region: where, how, and how softly it ends."""

    name: Annotated[str, Field(description="what the user called it; shown by explain")]
    mask: Mask
    motion: Motion
    feather: Annotated[float, Field(ge=0, le=0.2, description="softness of the mask's rim, fraction of the width")] = (
        0.008
    )


# ── the rest of the product: written and validated now, drawn by the engines that can ────────────────────────────────


class PortraitKey(_Record):
    """A face at one time, in LivePortrait's names and ranges."""

    t: Seconds
    yaw: Annotated[float, Field(ge=-25, le=25)] = 0.0
    pitch: Annotated[float, Field(ge=-15, le=15)] = 0.0
    roll: Annotated[float, Field(ge=-15, le=15)] = 0.0
    smile: Annotated[float, Field(ge=-0.3, le=1.3)] = 0.0
    blink: Annotated[float, Field(ge=0, le=39)] = 0.0
    gaze: Annotated[Vec2, Field(description="x within ±30, y within ±63")] = (0.0, 0.0)
    mouth: Annotated[float, Field(ge=-90, le=120)] = 0.0
    brow: Annotated[float, Field(ge=-30, le=30)] = 0.0


class Portrait(_Record):
    """One face of the photo."""

    face: Annotated[int, Field(ge=0)] = 0
    keyframes: Annotated[tuple[PortraitKey, ...], Field(min_length=1)]
    breathing: Share = 0.0


class Body(_Record):
    """A rigid body cut from the photo."""

    mask: Mask
    mass: Annotated[float, Field(gt=0)] = 1.0
    friction: Share = 0.5
    elasticity: Share = 0.3
    velocity: Vec2 = (0.0, 0.0)
    spin_deg: float = 0.0
    fixed: bool = False


class Particles(_Record):
    """Small things in the air."""

    kind: Literal["snow", "rain", "dust", "embers", "smoke"]
    amount: Share = 0.5
    wind: Vec2 = (0.0, 0.0)


class Physics(_Record):
    """What obeys nature."""

    gravity: Vec2 = (0.0, 980.0)
    wind: Vec2 = (0.0, 0.0)
    bodies: tuple[Body, ...] = ()
    particles: tuple[Particles, ...] = ()
    water: bool = False


class Shot(_Record):
    """A piece of a storyboard."""

    start: Seconds
    end: Seconds
    camera: Camera


class Transition(_Record):
    """How one shot becomes the next."""

    at: Seconds
    kind: Literal["cut", "dissolve", "wipe", "fade"] = "cut"
    seconds: Annotated[float, Field(ge=0, le=10)] = 0.5


class TimeKey(_Record):
    """At video time `t` the plan stands at `tau`; between keys time runs smoothly and never backwards."""

    t: Seconds
    tau: Seconds


class SoundCue(_Record):
    """A sound and when it starts."""

    name: str
    t: Seconds = 0.0
    gain_db: Annotated[float, Field(ge=-60, le=12)] = 0.0


class Grade(_Record):
    """Colour of the finished video."""

    exposure: Annotated[float, Field(ge=-3, le=3, description="stops")] = 0.0
    contrast: Annotated[float, Field(ge=-1, le=1, description="about mid grey; -1 flat")] = 0.0
    temperature: Annotated[float, Field(ge=-1, le=1, description="cooler to warmer")] = 0.0
    tint: Annotated[float, Field(ge=-1, le=1, description="greener to more magenta")] = 0.0
    saturation: Annotated[float, Field(ge=0, le=2)] = 1.0
    vignette: Share = 0.0
    grain: Share = 0.0

    def changed_by(self, options: FinishingOptions) -> Grade:
        """This grade with what the options say of it themselves: a user's control beats the plan."""
        said = {name: getattr(options, name) for name in type(self).model_fields}
        return self.model_copy(update={name: value for name, value in said.items() if value is not None})


class MotionPlan(_Record):
    """All of it. `strength` scales every amount of motion when the plan is carried out."""

    format: Literal["stillmotion/plan@1"] = FORMAT
    prompt: Annotated[str | None, Field(description="the sentence it was written from")] = None
    canvas: Canvas
    camera: Camera = Camera()
    regions: tuple[RegionMotion, ...] = ()
    portrait: tuple[Portrait, ...] = ()
    physics: Physics | None = None
    shots: tuple[Shot, ...] = ()
    transitions: tuple[Transition, ...] = ()
    time: tuple[TimeKey, ...] = ()
    sound: tuple[SoundCue, ...] = ()
    grade: Grade = Grade()
    strength: Annotated[float, Field(ge=0, le=3)] = 1.0

    def to_json(self) -> str:
        """The plan as indented JSON, without the fields that hold their defaults."""
        data = {"format": FORMAT} | self.model_dump(mode="json", exclude_defaults=True)
        for region, told in zip(self.regions, data.get("regions", ()), strict=True):
            told["mask"] = {
                "by": region.mask.by,
                **told.get("mask", {}),
            }  # what kind it is must not go with the defaults
            told["motion"] = {"kind": region.motion.kind, **told.get("motion", {})}
        bodies = self.physics.bodies if self.physics else ()
        for body, told in zip(bodies, data.get("physics", {}).get("bodies", ()), strict=True):
            told["mask"] = {"by": body.mask.by, **told.get("mask", {})}
        return json.dumps(data, indent=2) + "\n"


def parse_plan(text: str, *, source: str = "plan") -> MotionPlan:
    """Read a plan from JSON text.

    Raises:
        InputError: not JSON, another format, an unknown field or kind, or a value out of range; names the place.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{source} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise InputError(f"{source} says format {found!r}; this version reads {FORMAT!r}.")
    try:
        return MotionPlan.model_validate(data)
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'plan'}: {e['msg']}" for e in error.errors(include_url=False)]
        raise InputError(f"{source} cannot be carried out:\n" + "\n".join(lines)) from error


def read_plan(path: Path) -> MotionPlan:
    """Read a plan file; errors as in `parse_plan`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The plan {path} cannot be read: {error}") from error
    return parse_plan(text, source=str(path))
