"""The vocabulary of camera moves: every canonical word, how far it goes by itself, and what it does to the camera.

Knows no prompt (`words`, `grammar`), no photo and no clip length (`compose`). Sources of the words: the field's camera
vocabulary (VBench, Luma's concepts, CameraBench, Higgsfield's named shots).

    Move(name, amount, scale, ...)  ──MOVES[name].stops(amount)──▶  Stop, Stop, ...   (offsets over the move's own time)

Signs: pan right, tilt up and a camera rolling clockwise are positive; position is (right, down, forward).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stillmotion.plan import Ease
from stillmotion.stages.motion import shapes
from stillmotion.stages.motion.shapes import Stops

Unit = Literal["deg", "pivot", "factor", "hands", "blur", "speed", "none"]
"""deg: degrees. pivot: the distance to the subject is 1. factor: of the focal length (or of the subject's size).
hands: 1 is a calm hand. blur: largest blur circle as a fraction of the width. speed: how fast time runs, 1 as it is."""

Family = Literal["still", "turn", "travel", "lens", "orbit", "path", "focus", "texture", "time", "framing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSpec:
    """One canonical move."""

    name: str
    family: Family
    description: str  # one line; the docs' table is made of them
    unit: Unit
    amount: float  # by default, for a move of `seconds`
    most: float  # largest amount that still is this move
    stops: Stops  # amount -> offsets over the move's time; empty: the pose stays
    seconds: float = 5.0  # natural length; `brief` moves take just this, others what the clip has left
    brief: bool = False
    ease: Ease = "ease-in-out"
    opposite: str | None = None  # the move that cancels it at the same time
    handheld: tuple[float, float] | None = None  # amplitude per unit of amount, upper edge of the band in Hz
    time: Literal["even", "dip", "crawl"] | None = None  # bends time: all of it; the middle; to a crawl
    opening: bool = False  # the last stop is the opening view instead of a move


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move that is asked for."""

    name: str  # a key of MOVES
    amount: float | None = None  # a number given by the user, in the move's unit; None: the move's own
    scale: float = 1.0  # multiplies the move's own amount: "slightly" < 1 < "dramatic"
    seconds: float | None = None  # how long it takes; None: natural
    start: float | None = None  # when it starts; None: after the one before
    ease: Ease | None = None  # None: the move's own
    together: bool = False  # True: "while", with the one before; False: "then", after it


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────

# fmt: off
_SPECS = (
    MoveSpec(
        name="static", family="still", unit="none", amount=0, most=0, stops=shapes.stay, seconds=1.0, brief=True,
        description="locked off: the camera does not move",
    ),
    # turns: the camera stays where it is
    MoveSpec(
        name="pan_left", family="turn", unit="deg", amount=8, most=180, stops=shapes.turn(pan=-1),
        opposite="pan_right", description="turns left; the picture slides right",
    ),
    MoveSpec(
        name="pan_right", family="turn", unit="deg", amount=8, most=180, stops=shapes.turn(pan=1),
        opposite="pan_left", description="turns right; the picture slides left",
    ),
    MoveSpec(
        name="tilt_up", family="turn", unit="deg", amount=6, most=90, stops=shapes.turn(tilt=1), opposite="tilt_down",
        description="looks up; the picture slides down",
    ),
    MoveSpec(
        name="tilt_down", family="turn", unit="deg", amount=6, most=90, stops=shapes.turn(tilt=-1),
        opposite="tilt_up", description="looks down; the picture slides up",
    ),
    MoveSpec(
        name="roll_left", family="turn", unit="deg", amount=6, most=360, stops=shapes.turn(roll=-1),
        opposite="roll_right", description="rolls counter-clockwise; the picture turns clockwise",
    ),
    MoveSpec(
        name="roll_right", family="turn", unit="deg", amount=6, most=360, stops=shapes.turn(roll=1),
        opposite="roll_left", description="rolls clockwise; the picture turns counter-clockwise",
    ),
    MoveSpec(
        name="dutch", family="turn", unit="deg", amount=9, most=45, stops=shapes.turn(roll=1), seconds=2.0,
        brief=True, description="leans over into a canted (Dutch) angle",
    ),
    MoveSpec(
        name="whip_pan_left", family="turn", unit="deg", amount=40, most=180, stops=shapes.turn(pan=-1), seconds=0.38,
        brief=True, opposite="whip_pan_right", description="whips to the left with blur, as far as the photo reaches",
    ),
    MoveSpec(
        name="whip_pan_right", family="turn", unit="deg", amount=40, most=180, stops=shapes.turn(pan=1), seconds=0.38,
        brief=True, opposite="whip_pan_left", description="whips to the right with blur, as far as the photo reaches",
    ),
    # travel: near things move more than far things
    MoveSpec(
        name="truck_left", family="travel", unit="pivot", amount=0.12, most=1, stops=shapes.travel(right=-1),
        opposite="truck_right", description="glides to the left; near things pass faster than far ones",
    ),
    MoveSpec(
        name="truck_right", family="travel", unit="pivot", amount=0.12, most=1, stops=shapes.travel(right=1),
        opposite="truck_left", description="glides to the right; near things pass faster than far ones",
    ),
    MoveSpec(
        name="pedestal_up", family="travel", unit="pivot", amount=0.09, most=1, stops=shapes.travel(down=-1),
        opposite="pedestal_down", description="rises straight up, level",
    ),
    MoveSpec(
        name="pedestal_down", family="travel", unit="pivot", amount=0.09, most=1, stops=shapes.travel(down=1),
        opposite="pedestal_up", description="sinks straight down, level",
    ),
    MoveSpec(
        name="crane_up", family="travel", unit="pivot", amount=0.16, most=1, stops=shapes.crane(1),
        opposite="crane_down", description="rises on an arm and looks down as it does",
    ),
    MoveSpec(
        name="crane_down", family="travel", unit="pivot", amount=0.16, most=1, stops=shapes.crane(-1),
        opposite="crane_up", description="sinks on an arm and looks up as it does",
    ),
    MoveSpec(
        name="push_in", family="travel", unit="pivot", amount=0.22, most=0.8, stops=shapes.travel(forward=1),
        opposite="pull_out", description="moves toward the subject (dolly in)",
    ),
    MoveSpec(
        name="pull_out", family="travel", unit="pivot", amount=0.16, most=2, stops=shapes.travel(forward=-1),
        opposite="push_in", description="moves away from the subject (dolly out)",
    ),
    MoveSpec(
        name="side_track_left", family="travel", unit="pivot", amount=0.2, most=1, stops=shapes.side_track(-1),
        opposite="side_track_right", description="glides left while holding the subject in its place",
    ),
    MoveSpec(
        name="side_track_right", family="travel", unit="pivot", amount=0.2, most=1, stops=shapes.side_track(1),
        opposite="side_track_left", description="glides right while holding the subject in its place",
    ),
    MoveSpec(
        name="follow", family="travel", unit="pivot", amount=0.16, most=0.8, stops=shapes.travel(forward=1),
        handheld=(3.0, 2.0), opposite="lead",
        description="walks after the subject; a subject in a photo stays, so the camera comes nearer with a light step",
    ),
    MoveSpec(
        name="lead", family="travel", unit="pivot", amount=0.12, most=2, stops=shapes.travel(forward=-1),
        handheld=(3.0, 2.0), opposite="follow", description="walks backwards before the subject with a light step",
    ),
    MoveSpec(
        name="car_grip", family="travel", unit="pivot", amount=0.2, most=0.8, stops=shapes.travel(forward=1),
        handheld=(3.0, 9.0), ease="linear", description="fixed to a moving car: forward with the tremble of the road",
    ),
    MoveSpec(
        name="through_object", family="travel", unit="pivot", amount=0.45, most=0.8, stops=shapes.travel(forward=1),
        ease="ease-in", description="pushes on into what is in front, as far as one photo carries",
    ),
    # lens: no parallax
    MoveSpec(
        name="zoom_in", family="lens", unit="factor", amount=1.25, most=8, stops=shapes.zoom(1), opposite="zoom_out",
        description="narrows the lens only: everything grows alike, no parallax",
    ),
    MoveSpec(
        name="zoom_out", family="lens", unit="factor", amount=1.15, most=8, stops=shapes.zoom(-1), opposite="zoom_in",
        description="widens the lens only: everything shrinks alike, no parallax",
    ),
    MoveSpec(
        name="push_zoom_in", family="lens", unit="factor", amount=1.28, most=8, stops=shapes.push_zoom(1),
        opposite="push_zoom_out", description="what 'zoom in' usually means: moves in, with a mild zoom",
    ),
    MoveSpec(
        name="push_zoom_out", family="lens", unit="factor", amount=1.18, most=8, stops=shapes.push_zoom(-1),
        opposite="push_zoom_in", description="what 'zoom out' usually means: moves out, with a mild zoom",
    ),
    MoveSpec(
        name="crash_zoom_in", family="lens", unit="factor", amount=1.7, most=8, stops=shapes.zoom(1), seconds=0.5,
        brief=True, ease="exponential", opposite="crash_zoom_out",
        description="zooms in with a bang, in half a second",
    ),
    MoveSpec(
        name="crash_zoom_out", family="lens", unit="factor", amount=1.2, most=8, stops=shapes.zoom(-1), seconds=0.5,
        brief=True, ease="exponential", opposite="crash_zoom_in",
        description="zooms out with a bang, in half a second",
    ),
    MoveSpec(
        name="dolly_zoom_in", family="lens", unit="pivot", amount=0.25, most=0.8, stops=shapes.vertigo(1),
        opposite="dolly_zoom_out",
        description="moves in while zooming out: the subject keeps its size, the background recedes (vertigo)",
    ),
    MoveSpec(
        name="dolly_zoom_out", family="lens", unit="pivot", amount=0.3, most=4, stops=shapes.vertigo(-1),
        opposite="dolly_zoom_in",
        description="moves out while zooming in: the subject keeps its size, the background closes in (vertigo)",
    ),
    MoveSpec(
        name="earth_zoom", family="lens", unit="pivot", amount=0.4, most=4, stops=shapes.travel(forward=-1),
        ease="exponential", description="falls back fast as if to orbit; one photo carries only its beginning",
    ),
    # orbits: the subject keeps its place
    MoveSpec(
        name="orbit_left", family="orbit", unit="deg", amount=12, most=90, stops=shapes.orbit(azimuth=-1),
        opposite="orbit_right", description="circles left about the subject",
    ),
    MoveSpec(
        name="orbit_right", family="orbit", unit="deg", amount=12, most=90, stops=shapes.orbit(azimuth=1),
        opposite="orbit_left", description="circles right about the subject",
    ),
    MoveSpec(
        name="orbit_up", family="orbit", unit="deg", amount=8, most=60, stops=shapes.orbit(elevation=1),
        opposite="orbit_down", description="arcs up over the subject",
    ),
    MoveSpec(
        name="orbit_down", family="orbit", unit="deg", amount=8, most=60, stops=shapes.orbit(elevation=-1),
        opposite="orbit_up", description="arcs down under the subject",
    ),
    MoveSpec(
        name="orbit_360", family="orbit", unit="deg", amount=24, most=360, stops=shapes.orbit(azimuth=1),
        description="a full circle is asked for; one photo carries about a tenth of it",
    ),
    MoveSpec(
        name="turntable", family="orbit", unit="deg", amount=20, most=360, stops=shapes.orbit(azimuth=-1),
        description="the subject turns as on a lazy Susan (the camera circles left)",
    ),
    MoveSpec(
        name="spiral_in", family="orbit", unit="deg", amount=14, most=60, stops=shapes.spiral(1),
        opposite="spiral_out", description="circles and closes in",
    ),
    MoveSpec(
        name="spiral_out", family="orbit", unit="deg", amount=10, most=60, stops=shapes.spiral(-1),
        opposite="spiral_in", description="circles and draws away",
    ),
    MoveSpec(
        name="bullet_time", family="orbit", unit="deg", amount=18, most=90, stops=shapes.bullet_time, time="crawl",
        description="time slows to a crawl while the camera sweeps round",
    ),
    MoveSpec(
        name="snorricam", family="orbit", unit="deg", amount=5, most=20, stops=shapes.snorricam, handheld=(0.12, 3.0),
        description="strapped to the subject: the subject stays, the world swings",
    ),
    # paths: several stops on one curve; amount scales the whole
    MoveSpec(
        name="fly_through", family="path", unit="pivot", amount=0.45, most=0.8, stops=shapes.fly_through,
        description="flies deep into the scene on a gentle curve",
    ),
    MoveSpec(
        name="fpv", family="path", unit="pivot", amount=0.5, most=0.8, stops=shapes.fpv,
        description="a racing drone's dive, banking into its curves",
    ),
    MoveSpec(
        name="aerial", family="path", unit="pivot", amount=0.22, most=1, stops=shapes.aerial,
        description="rises and drifts forward, looking slightly down",
    ),
    MoveSpec(
        name="drone_reveal", family="path", unit="pivot", amount=0.2, most=1, stops=shapes.drone_reveal,
        description="backs away and rises to show the whole place",
    ),
    MoveSpec(
        name="bolt_arm", family="path", unit="pivot", amount=0.3, most=0.8, stops=shapes.bolt_arm, seconds=3.0,
        description="a robot arm: a fast swing, a dead stop, a fast dive",
    ),
    MoveSpec(
        name="tiny_planet", family="path", unit="deg", amount=20, most=360, stops=shapes.tiny_planet,
        description="turns and rises as over a little planet; one photo carries a hint of it",
    ),
    MoveSpec(
        name="elevator", family="path", unit="pivot", amount=0.12, most=1, stops=shapes.travel(down=-1),
        ease="linear", description="a lift going up, level and even",
    ),
    # focus
    MoveSpec(
        name="rack_focus_near", family="focus", unit="blur", amount=0.014, most=0.1, stops=shapes.focus(3.0, 0.75),
        opposite="rack_focus_far", description="focus comes from the distance to the foreground",
    ),
    MoveSpec(
        name="rack_focus_far", family="focus", unit="blur", amount=0.014, most=0.1, stops=shapes.focus(0.75, 3.0),
        opposite="rack_focus_near", description="focus goes from the foreground to the distance",
    ),
    MoveSpec(
        name="focus_pull", family="focus", unit="blur", amount=0.014, most=0.1, stops=shapes.focus(3.0, 1.0),
        description="focus finds the subject",
    ),
    MoveSpec(
        name="shallow_focus", family="focus", unit="blur", amount=0.012, most=0.1, stops=shapes.shallow, seconds=1.5,
        brief=True, description="the background melts into bokeh, the subject stays sharp",
    ),
    # texture: on top of every other move
    MoveSpec(
        name="handheld", family="texture", unit="hands", amount=1.0, most=5, stops=shapes.stay, handheld=(1.0, 2.0),
        description="held by a calm hand",
    ),
    MoveSpec(
        name="shake", family="texture", unit="hands", amount=2.5, most=5, stops=shapes.stay, handheld=(1.0, 7.0),
        description="shaken",
    ),
    MoveSpec(
        name="breathing", family="texture", unit="hands", amount=0.8, most=5, stops=shapes.stay, handheld=(1.0, 0.6),
        description="floats as if breathing",
    ),
    # time
    MoveSpec(
        name="slow_motion", family="time", unit="speed", amount=0.5, most=1, stops=shapes.stay, time="even",
        description="what moves in the scene moves slower; the camera keeps its pace",
    ),
    MoveSpec(
        name="timelapse", family="time", unit="speed", amount=4.0, most=60, stops=shapes.stay, time="even",
        description="what moves in the scene moves faster; the camera keeps its pace",
    ),
    MoveSpec(
        name="hyperlapse", family="time", unit="speed", amount=4.0, most=60, stops=shapes.hyperlapse, time="even",
        ease="linear", description="a timelapse on the move: forward, with time running fast",
    ),
    MoveSpec(
        name="speed_ramp", family="time", unit="speed", amount=0.3, most=1, stops=shapes.stay, time="dip",
        description="everything runs fast, slows down in the middle, and runs fast again",
    ),
    # framing: the opening view instead of a move
    MoveSpec(
        name="low_angle", family="framing", unit="deg", amount=5, most=30, stops=shapes.orbit(elevation=-1),
        opening=True, opposite="high_angle",
        description="opens from lower than the photo was taken, as far as one photo carries",
    ),
    MoveSpec(
        name="ground_level", family="framing", unit="deg", amount=7, most=30, stops=shapes.orbit(elevation=-1),
        opening=True, description="opens from as low as one photo carries",
    ),
    MoveSpec(
        name="high_angle", family="framing", unit="deg", amount=5, most=30, stops=shapes.orbit(elevation=1),
        opening=True, opposite="low_angle",
        description="opens from higher than the photo was taken, as far as one photo carries",
    ),
    MoveSpec(
        name="overhead", family="framing", unit="deg", amount=8, most=30, stops=shapes.orbit(elevation=1),
        opening=True, description="opens from as high as one photo carries; it cannot look straight down",
    ),
    MoveSpec(
        name="eye_level", family="framing", unit="none", amount=0, most=0, stops=shapes.stay, opening=True,
        description="the photo's own height",
    ),
    MoveSpec(
        name="pov", family="framing", unit="hands", amount=0.8, most=5, stops=shapes.stay, handheld=(1.0, 1.5),
        description="through somebody's eyes: the photo's own view, held by a calm head",
    ),
    MoveSpec(
        name="selfie", family="framing", unit="hands", amount=1.3, most=5, stops=shapes.stay, handheld=(1.0, 2.5),
        description="at arm's length: the photo's own view, held by an outstretched arm",
    ),
    MoveSpec(
        name="over_the_shoulder", family="framing", unit="pivot", amount=0.05, most=0.3, stops=shapes.side_track(1),
        opening=True, description="the photo's own view from a little to the side; nobody is added in front",
    ),
)
# fmt: on

MOVES: dict[str, MoveSpec] = {spec.name: spec for spec in _SPECS}


def moves_table() -> list[dict[str, str]]:
    """The vocabulary as rows for people: name, family, amount with its unit, description."""
    signs = {
        "deg": "°", "pivot": " of the subject's distance", "factor": "x", "hands": " hands", "blur": " of the width",
    }  # fmt: skip
    return [
        {
            "name": spec.name,
            "family": spec.family,
            "amount": "" if spec.unit == "none" else f"{spec.amount:g}{signs.get(spec.unit, 'x')}",
            "description": spec.description,
        }
        for spec in MOVES.values()
    ]
