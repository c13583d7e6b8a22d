"""The camera's words: which phrases name a move, and which canonical move they are in each direction.

Data. `~` before a phrase means that its first word is a verb and may be inflected (pan, pans, panned, panning).
"""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.stages.motion.moves import MOVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """One thing a camera can be told to do; the direction chooses the move."""

    phrases: str  # comma separated
    ways: dict[str, str]  # direction -> names of moves, space separated (together)
    alone: str  # names of moves without a direction; "" where a direction is needed
    note: str = ""  # what to tell the user when `alone` had to guess
    loose: bool = False  # things do it too: "drift", "rise"; the subject of the clause decides
    weak: bool = False  # only a way of saying "camera" when another gesture stands in the clause: "drone"


def _both(left: str, right: str) -> dict[str, str]:
    return {"left": left, "right": right, "clockwise": right, "counter": left, "across": right}


_TRUCK = {"left": "truck_left", "right": "truck_right", "across": "truck_right"}
_PEDESTAL = {"up": "pedestal_up", "down": "pedestal_down", "vertical": "pedestal_up"}
_DOLLY = {"in": "push_in", "out": "pull_out", "near": "pull_out", "far": "push_in"}
_TILT = {"up": "tilt_up", "down": "tilt_down", "vertical": "tilt_up"}
_PAN = {"left": "pan_left", "right": "pan_right", "across": "pan_right"}
_ROLL = {"clockwise": "roll_right", "counter": "roll_left"}
_ORBIT = {
    "left": "orbit_left", "right": "orbit_right", "clockwise": "orbit_left", "counter": "orbit_right",
    "up": "orbit_up", "down": "orbit_down", "over": "orbit_up", "around": "orbit_right", "across": "orbit_right",
}  # fmt: skip
"""Seen from above, a camera that goes clockwise about its subject goes to its own left."""
_AROUND = {"around": "orbit_right"}
_GLIDE = _TRUCK | _PEDESTAL | _DOLLY | _AROUND | {"over": "aerial", "through": "fly_through"} | {
    "clockwise": "orbit_left", "counter": "orbit_right",
}  # fmt: skip

GESTURES: dict[str, Gesture] = {
    # turns
    "pan": Gesture(
        phrases="~pan, panning shot, panoramic, ~pan the camera",
        ways=_PAN | _TILT | _ROLL | {"in": "push_in", "out": "pull_out", "around": "pan_right"},
        alone="pan_right", note="'{word}' names no side; right is taken",
    ),
    "tilt": Gesture(
        phrases="~tilt, ~pitch, ~angle, tilting shot",
        ways=_TILT | _ROLL | {"left": "roll_left", "right": "roll_right", "in": "push_in", "out": "pull_out"},
        alone="tilt_up", note="'{word}' names no direction; up is taken",
    ),
    "turn": Gesture(
        phrases="~turn, ~look, ~gaze, ~swivel, ~yaw, ~pivot, ~swing, ~glance, ~rotate, ~scan, ~survey, ~sweep, sweeping shot, "
        "~swipe, ~peer, ~revolve",
        ways=_PAN | _TILT | _ROLL | _AROUND | {"over": "aerial", "through": "fly_through", "in": "push_in", "out": "pull_out"},
        alone="pan_right", note="'{word}' names no side; right is taken", loose=True,
    ),
    "roll": Gesture(
        phrases="~roll, ~bank, ~twist, ~spin, barrel roll, ~twirl, ~whirl",
        ways=_both("roll_left", "roll_right") | _AROUND, alone="roll_right",
        note="'{word}' names no side; clockwise is taken", loose=True,
    ),
    "dutch": Gesture(
        phrases="dutch, dutch angle, dutch tilt, canted, canted angle, oblique angle, dutch roll, ~cant, dutch angle shot",
        ways={"left": "roll_left", "right": "roll_right"}, alone="dutch",
    ),
    "whip": Gesture(
        phrases="~whip pan, ~swish pan, ~whip, ~swish, ~flick, ~snap pan, whip pan shot, swish tilt",
        ways={"left": "whip_pan_left", "right": "whip_pan_right"}, alone="whip_pan_right",
        note="'{word}' names no side; right is taken",
    ),
    # travel
    "truck": Gesture(
        phrases="~truck, ~strafe, ~crab, slider, slider shot, trucking shot, lateral tracking shot, lateral tracking, "
        "sideways tracking shot, lateral move, ~sidestep, lateral slide, horizontal slide",
        ways=_GLIDE, alone="truck_right", note="'{word}' names no side; right is taken",
    ),
    "track": Gesture(phrases="~track, tracking shot, track shot, tracking camera", ways=_GLIDE, alone="follow"),
    "side track": Gesture(
        phrases="~side track, side tracking, side tracking shot, side tracking camera, parallax, parallax effect, 3d parallax, "
        "2.5d, 3d effect, depth effect, parallax effect 3d, parallax motion, 3d, parallax shot",
        ways={"left": "side_track_left", "right": "side_track_right", "in": "push_in", "out": "pull_out"},
        alone="side_track_right", note="'{word}' names no side; right is taken", weak=True,
    ),
    "follow": Gesture(
        phrases="~follow, ~chase, ~trail, ~pursue, follow shot, following shot, chase cam",
        ways={"left": "side_track_left", "right": "side_track_right", "in": "follow", "up": "tilt_up", "down": "tilt_down"},
        alone="follow",
    ),
    "lead": Gesture(phrases="~lead, leading shot", ways={"left": "side_track_left", "right": "side_track_right"}, alone="lead"),
    "pedestal": Gesture(
        phrases="~pedestal, ~ped, ~boom, pedestal shot, boom shot", ways=_GLIDE, alone="pedestal_up",
        note="'{word}' names no direction; up is taken",
    ),
    "rise": Gesture(
        phrases="~rise, ~rise up, ~raise, ~ascend, ~lift, ~climb, ~elevate, ~levitate",
        ways={"left": "pedestal_up truck_left", "right": "pedestal_up truck_right", "up": "pedestal_up", "over": "crane_up",
              "in": "pedestal_up push_in", "out": "pedestal_up pull_out", "through": "pedestal_up"},
        alone="pedestal_up", loose=True,
    ),
    "sink": Gesture(
        phrases="~lower, ~descend, ~sink, ~drop, ~fall, ~come down, ~dip",
        ways={"left": "pedestal_down truck_left", "right": "pedestal_down truck_right", "down": "pedestal_down",
              "in": "pedestal_down push_in", "out": "pedestal_down pull_out"},
        alone="pedestal_down", loose=True,
    ),
    "crane": Gesture(
        phrases="~crane, ~jib, crane shot, jib shot, jib arm, crane arm, crane move, crane movement",
        ways=_GLIDE | {"up": "crane_up", "down": "crane_down", "over": "crane_up"},
        alone="crane_up", note="'{word}' names no direction; up is taken",
    ),
    "push": Gesture(
        phrases="~push, ~approach, ~advance, ~creep, ~inch, ~close in, ~come closer, ~get closer, ~draw nearer, ~draw closer, "
        "~move in, ~come in, ~edge, ~go in, ~step closer, ~draw near, ~march, push shot, pushing shot, ~go closer, "
        "~get nearer, ~near, ~ease in on, ~ease closer, ~close, ~move closer, ~plunge, ~delve, ~tighten",
        ways=_GLIDE | {"through": "through_object"}, alone="push_in",
    ),
    "dolly": Gesture(
        phrases="~dolly, dolly shot, ~dolly move, dolly track, dolly move", ways=_GLIDE, alone="push_in",
        note="'{word}' names no direction; in is taken",
    ),
    "pull": Gesture(
        phrases="~pull, ~retreat, ~withdraw, ~recede, ~retract, ~step back, ~back away, ~back up, ~back off, ~back out, "
        "~move back, pull back shot, ~draw back, ~move away, ~widen, ~pull back, pullback, ~fall back, ~ease back, ~back",
        ways=_GLIDE | {"near": "push_in"}, alone="pull_out",
    ),
    "glide": Gesture(
        phrases="~move, ~go, ~travel, ~glide, ~float, ~drift, ~shift, ~slide, ~cruise, ~sail, ~hover, ~walk, ~come, "
        "~proceed, ~run, ~step, ~flow, ~meander, ~wander, ~ease, ~navigate, ~traverse, ~stroll, ~weave, ~pass, ~journey, ~skim",
        ways=_GLIDE, alone="push_in", note="'{word}' names no direction for the camera; forward is taken", loose=True,
    ),
    "car grip": Gesture(
        phrases="car grip, car mount, car mounted, dash cam, dashcam, hood mount, vehicle mount, car mounted camera, "
        "camera mounted on a car", ways={}, alone="car_grip",
    ),
    "through object": Gesture(
        phrases="through object, through the keyhole, ~push through, ~pass through, ~punch through, ~go through, through shot, "
        "~burst through, ~move through the window", ways={}, alone="through_object",
    ),
    # lens
    "zoom": Gesture(
        phrases="~zoom, ~magnify, ~enlarge, zooming shot, zoom effect, zoom shot, ~scale up",
        ways={"in": "push_zoom_in", "out": "push_zoom_out", "left": "push_zoom_in pan_left", "right": "push_zoom_in pan_right",
              "up": "push_zoom_in tilt_up", "down": "push_zoom_in tilt_down", "through": "push_zoom_in"},
        alone="push_zoom_in",
    ),
    "lens zoom": Gesture(
        phrases="optical zoom, lens zoom, digital zoom, pure zoom, flat zoom, ~lens zoom, ~optical zoom, true zoom, "
        "~optically zoom, ~flat zoom, 2d zoom, ~zoom the lens",
        ways={"in": "zoom_in", "out": "zoom_out"}, alone="zoom_in",
    ),
    "crash zoom": Gesture(
        phrases="~crash zoom, ~snap zoom, smash zoom, ~whip zoom, punch in, ~punch in, shock zoom, ~crash in, ~snap in, ~punch out, "
        "~crash zoom in, jump zoom, quick zoom punch, ~slam in, ~slam zoom, bang zoom",
        ways={"in": "crash_zoom_in", "out": "crash_zoom_out"}, alone="crash_zoom_in",
    ),
    "dolly zoom": Gesture(
        phrases="~dolly zoom, ~zolly, vertigo, vertigo effect, vertigo shot, hitchcock, hitchcock zoom, hitchcock effect, "
        "hitchcock shot, trombone, trombone shot, ~contra zoom, jaws shot, jaws effect, reverse tracking zoom, dolly zoom effect, "
        "dolly zoom shot, push pull, push pull effect, counter zoom, hitchcock style zoom, zolly shot, vertigo zoom, "
        "hitchcock dolly zoom, dolly counter zoom, vertigo style shot, trombone zoom",
        ways={"in": "dolly_zoom_in", "out": "dolly_zoom_out"}, alone="dolly_zoom_in",
    ),
    "earth zoom": Gesture(
        phrases="earth zoom, earth zoom out, google earth zoom, cosmic zoom, zoom out to space, zoom to space, earth zoom effect, "
        "zoom out into space", ways={}, alone="earth_zoom",
    ),
    "ken burns": Gesture(
        phrases="ken burns, ken burns effect, ken burns style, ken burns pan",
        ways={"left": "push_zoom_in pan_left", "right": "push_zoom_in pan_right", "in": "push_zoom_in pan_right",
              "out": "push_zoom_out pan_right"},
        alone="push_zoom_in pan_right",
    ),
    # orbits and paths
    "orbit": Gesture(
        phrases="~orbit, ~arc, ~circle, ~encircle, orbital, orbiting shot, arc shot, orbit shot, circular, circling shot, "
        "orbital shot, ~wrap around, ~curve, ~go around, ~come around, circular motion, arcing shot, orbital move, orbital motion, "
        "~move in a circle, in a circle, in an arc, circular tracking shot, semi circle, ~half circle, circular dolly, roundabout",
        ways=_ORBIT | {"in": "orbit_right push_in", "out": "orbit_right pull_out"},
        alone="orbit_right", note="'{word}' names no side; right is taken",
    ),
    "orbit 360": Gesture(
        phrases="full circle, full orbit, full rotation, all the way around, complete circle, full turn, complete orbit, "
        "360 shot, 360 view, 360 rotation, 360 spin, 360 orbit, full revolution, three sixty, complete revolution",
        ways={"left": "orbit_360", "right": "orbit_360", "around": "orbit_360"}, alone="orbit_360",
    ),
    "turntable": Gesture(
        phrases="turntable, turn table, lazy susan, product spin, rotating platform, product turntable, rotating pedestal, "
        "turntable rotation, turntable shot", ways={}, alone="turntable",
    ),
    "spiral": Gesture(
        phrases="~spiral, ~corkscrew, helix, spiral shot, helical, spiralling, ~spiral down",
        ways={"in": "spiral_in", "out": "spiral_out", "up": "spiral_out", "down": "spiral_in", "around": "spiral_in"},
        alone="spiral_in",
    ),
    "bullet time": Gesture(phrases="bullet time, matrix effect, matrix shot, bullet time effect, matrix style", ways={}, alone="bullet_time"),
    "snorricam": Gesture(
        phrases="snorricam, snorri cam, body mounted camera, body mounted, chest cam, chest mounted, body mount rig",
        ways={}, alone="snorricam",
    ),
    "fly": Gesture(
        phrases="~fly, ~soar, flythrough, fly through, ~fly through, flight, ~flyover, flying shot, flying camera",
        ways=_GLIDE | {"in": "fly_through", "over": "aerial", "up": "aerial", "out": "pull_out", "down": "crane_down",
                       "far": "fly_through"},
        alone="fly_through", loose=True,
    ),
    "fly over": Gesture(
        phrases="~fly over, flyover, fly over shot, ~soar over, ~glide over, ~fly above, ~soar above, ~float over, ~fly by, "
        "~sweep over, ~skim over, ~pass over, ~hover over", ways={"in": "aerial"}, alone="aerial",
    ),
    "fpv": Gesture(
        phrases="fpv, racing drone, fpv drone, fpv shot, fpv flight, ~dive, ~swoop, drone dive, fpv style, ~nosedive, fpv dive",
        ways={"down": "fpv", "in": "fpv", "through": "fpv", "over": "fpv"}, alone="fpv",
    ),
    "aerial": Gesture(
        phrases="aerial, aerial shot, drone, drone shot, drone footage, helicopter shot, aerial drone, aerial drone shot, "
        "aerial footage, drone flight, quadcopter, drone camera, drone flyover, aerial flyover, drone style, aerial move",
        ways={"over": "aerial", "up": "aerial", "in": "aerial"}, alone="aerial", weak=True,
    ),
    "reveal": Gesture(
        phrases="drone reveal, reveal shot, pull back reveal, aerial reveal, ~reveal, reveal, ~unveil, ~disclose",
        ways={"up": "crane_up", "in": "push_in", "left": "truck_left", "right": "truck_right"},
        alone="drone_reveal", weak=True,
    ),
    "bolt": Gesture(
        phrases="bolt cam, bolt arm, robo arm, robot arm, robotic arm, bolt camera, motion control arm, high speed robot, bolt, "
        "robot arm shot, cinebot", ways={}, alone="bolt_arm",
    ),
    "tiny planet": Gesture(phrases="tiny planet, little planet, tiny planet effect", ways={}, alone="tiny_planet"),
    "elevator": Gesture(
        phrases="elevator, elevator shot, elevator doors, lift shot, elevator move, elevator ride",
        ways={"up": "elevator", "down": "pedestal_down"}, alone="elevator",
    ),
    # focus
    "rack focus": Gesture(
        phrases="~rack focus, rack focus shot, focus rack, ~pull focus, focus pull, ~shift focus, focus shift, focus shifts, "
        "~change focus, focus transition, ~refocus, focus change, focus moves, focus changes, ~rack, focus racks, focus pulls, "
        "focus transitions, ~switch focus, focus shifting, ~focus, focus goes, focus drifts, focus slides, focus travels",
        ways={"near": "rack_focus_near", "far": "rack_focus_far", "in": "rack_focus_near"}, alone="rack_focus_far",
    ),
    "shallow": Gesture(
        phrases="bokeh, shallow depth of field, shallow focus, blurred background, ~blur the background, background blur, "
        "depth of field, dof, portrait mode, defocused background, shallow dof, blurry background, soft background, "
        "selective focus, background goes blurry, background blurs, background melts, out of focus background, ~defocus the background",
        ways={}, alone="shallow_focus",
    ),
    # texture
    "handheld": Gesture(
        phrases="handheld, hand held, documentary style, documentary, found footage, home video, amateur footage, camcorder, "
        "phone footage, cinema verite, handheld camera, handheld shot, handheld feel, hand held camera, hand held shot, "
        "handheld movement, handheld sway, hand held feel, handheld motion, vlog style, handheld effect, natural hand movement, "
        "smartphone footage, handheld documentary, documentary handheld, camera sway, ~sway, ~bob, handheld wobble",
        ways={}, alone="handheld", loose=True,
    ),
    "shake": Gesture(
        phrases="shaky, ~shake, camera shake, shaky cam, earthquake, jitter, jittery, ~tremble, ~vibrate, vibration, vibrations, "
        "~rumble, ~jolt, wobble, ~wobble, wobbly, shakycam, tremor, tremors, ~judder, turbulence, ~rattle, shakiness, ~jitter, "
        "shaky camera, camera shaking", ways={}, alone="shake", loose=True,
    ),
    "breathing": Gesture(
        phrases="breathing camera, camera breathing, floating camera, camera breathes, breathing effect, breathing camera effect, "
        "~breathe, floaty camera, floaty, idle camera, idle camera motion", ways={}, alone="breathing", loose=True,
    ),
    # stillness
    "static": Gesture(
        phrases="static, locked off, locked, lock off, tripod, fixed, stationary, still camera, motionless, unmoving, immobile, "
        "locked down, ~stay still, ~remain still, ~hold still, ~stay put, ~stand still, ~stay fixed, ~keep still, ~stay in place, "
        "~remain in place, ~stay static, ~remain static, ~remain fixed, ~stay locked, ~remain locked, static shot, fixed camera, "
        "fixed shot, stable, tripod shot, locked off shot, ~lock, static camera, static frame, still shot, ~lock off, ~lock down, "
        "locked camera, lockdown, ~stay motionless, ~remain motionless, ~remain stationary, ~stay stationary, frozen camera, "
        "~stay steady, ~remain steady, ~stay perfectly still, ~remain perfectly still, ~stay completely still, ~not move, "
        "~remain completely still, perfectly still, completely still, completely static, fixed frame, static angle, sticks, "
        "~stay exactly where it is, ~stay where it is, ~keep steady, motionless camera, ~stand, on a tripod, on sticks",
        ways={}, alone="static",
    ),
    "hold": Gesture(phrases="~hold, ~pause, ~stop, ~wait, ~rest, ~stay, ~linger, ~remain, ~halt, ~dwell", ways={}, alone="static", loose=True),
    # time
    "slow motion": Gesture(
        phrases="slow motion, slow mo, slomo, slowed down, super slow motion, in slow motion, in slow mo, ultra slow motion, slowmo",
        ways={}, alone="slow_motion",
    ),
    "timelapse": Gesture(
        phrases="time lapse, timelapse, sped up, fast forward, fast motion, in time lapse, as a time lapse, time lapse style, "
        "time lapse effect", ways={}, alone="timelapse",
    ),
    "hyperlapse": Gesture(phrases="hyper lapse, hyperlapse", ways={"in": "hyperlapse"}, alone="hyperlapse"),
    "speed ramp": Gesture(
        phrases="speed ramp, speed ramping, speed ramps, ~ramp speed, ~ramp the speed, velocity edit, ~speed ramp, ramped speed, "
        "time ramp, time ramping, speed ramp effect", ways={}, alone="speed_ramp",
    ),
    # framing
    "low angle": Gesture(phrases="low angle, low angle shot, low angle view, from a low angle, from low angle", ways={}, alone="low_angle"),
    "ground level": Gesture(
        phrases="ground level, ground level shot, worm eye view, worms eye view, worm eye, worms eye, floor level, from ground level",
        ways={}, alone="ground_level",
    ),
    "high angle": Gesture(phrases="high angle, high angle shot, high angle view, from a high angle, from high angle", ways={}, alone="high_angle"),
    "overhead": Gesture(
        phrases="overhead, overhead shot, overhead view, top down, top down view, top down shot, bird eye view, birds eye view, "
        "bird eye, birds eye, top shot, god eye view", ways={}, alone="overhead",
    ),
    "eye level": Gesture(phrases="eye level, eye level shot, at eye level", ways={}, alone="eye_level"),
    "pov": Gesture(phrases="pov, pov shot, first person, first person view, point of view shot, first person pov, pov style", ways={}, alone="pov"),
    "selfie": Gesture(phrases="selfie, selfie shot, selfie video, selfie style, selfie stick", ways={}, alone="selfie"),
    "over the shoulder": Gesture(
        phrases="over the shoulder, over the shoulder shot, ots, over shoulder, over her shoulder, over his shoulder",
        ways={}, alone="over_the_shoulder",
    ),
}  # fmt: skip

SUBSTITUTES: dict[tuple[str, str], str] = {
    ("pan", "tilt_up"): "'pan up' is called tilt: the camera tilts up",
    ("pan", "tilt_down"): "'pan down' is called tilt: the camera tilts down",
    ("pan", "push_in"): "'pan in' is called push in: the camera moves in",
    ("pan", "pull_out"): "'pan out' is called pull out: the camera moves back",
    ("tilt", "roll_left"): "'tilt left' is called roll: the camera rolls counter-clockwise",
    ("tilt", "roll_right"): "'tilt right' is called roll: the camera rolls clockwise",
    ("truck", "pedestal_up"): "'truck up' is called pedestal: the camera rises",
    ("truck", "pedestal_down"): "'truck down' is called pedestal: the camera sinks",
    (
        "zoom",
        "push_zoom_in",
    ): "'zoom in' is a push-in with a mild zoom, which shows the depth; 'lens zoom' moves the lens alone",
    (
        "zoom",
        "push_zoom_out",
    ): "'zoom out' is a pull-out with a mild zoom, which shows the depth; 'lens zoom' moves the lens alone",
    ("ken burns", "push_zoom_in"): "'Ken Burns' is a push-in with a mild zoom while panning",
}
"""(gesture, move) -> what to say because the words mean something else in cinema."""

OVERLAYS = frozenset(name for name, spec in MOVES.items() if spec.family in ("texture", "time", "framing", "focus"))
"""Moves that lie over the others and never wait for their turn, unless "then" says so."""
