"""The words around the verbs: how much, how fast, which way, in what order, and what is only description.

Data. Phrases are comma separated; a scale of 1 is the move's own amount, and speeds multiply in the same way.
"""

from __future__ import annotations

from stillmotion.plan import Ease

AMOUNTS: dict[float, str] = {
    0.3: "barely, hardly, imperceptibly, imperceptible, barely perceptible, barely noticeable, minimal, minimally, "
    "very faint, almost no, a hint of, hint of, a whisper of",
    0.5: "subtle, subtly, slight, slightly, tiny, faint, faintly, delicate, delicately, understated, ever so slightly, "
    "a touch, a touch of, a tad, just a touch, micro",
    0.65: "gentle, gently, soft, softly, small, a little, a bit, a little bit, a bit of, somewhat, mild, mildly, light, "
    "lightly, modest, modestly, restrained, short, a small amount, tenderly, peacefully, serenely, not too much, not much",
    1.0: "moderate, moderately, medium, normal, normally, regular, natural, naturally, average",
    1.3: "noticeable, noticeably, clearly, visibly, visible, good, considerable, considerably, longer, deep, deeply, wide, "
    "widely, full, fully, quite a bit, significant, significantly",
    1.6: "strong, strongly, big, large, heavy, heavily, hard, a lot, much, far, powerful, powerfully, pronounced, bold, "
    "boldly, sweeping, grand, broad, all the way, long, forceful, forcefully, energetic, energetically, lively, vigorous",
    1.9: "dramatic, dramatically, intense, intensely, huge, massive, massively, epic, vigorously, fierce, fiercely, "
    "aggressive, aggressively, majestically, turbulent",
    2.3: "extreme, extremely large, wild, wildly, violent, violently, crazy, insane, insanely, enormous, furiously, "
    "maximum, ultra dramatic",
}
"""Scale of the amount -> words."""

SPEEDS: dict[float, str] = {
    0.6: "slow, slowly, slower, leisurely, unhurried, unhurriedly, lazy, lazily, languid, languidly, sluggish, gradual, "
    "gradually, at a slow pace, calm, calmly, creeping, patient, patiently, dreamy, dreamily, meditative, relaxed, "
    "at low speed, low speed, slow paced, slow moving, slowing, measured pace, graceful, gracefully",
    1.0: "steady, steadily, at medium speed, medium speed, at a steady pace, steady pace, evenly, normal speed, at normal speed",
    1.5: "quick, quickly, fast, faster, swift, swiftly, brisk, briskly, speedy, speedily, at speed, at high speed, high speed, "
    "quicker, fast paced, dynamic, dynamically, energetic pace, fast moving, hurried",
    1.9: "rapid, rapidly, sudden, suddenly, abrupt, abruptly, snappy, sharp, sharply, very quickly, lightning fast, "
    "at full speed, hyper fast, frantic, frantically, breakneck, explosive, explosively",
}
"""Scale of the speed -> words."""

EASES: dict[Ease, str] = {
    "linear": "linear, linearly, constant speed, at constant speed, at a constant speed, constant, uniform speed, mechanical",
    "ease-in": "ease in, easing in, accelerating, accelerate, accelerates, speeding up, speeds up, with acceleration, "
    "gathering speed, picking up speed, building momentum",
    "ease-out": "ease out, easing out, decelerating, decelerate, decelerates, slowing down, slows down, slow down, "
    "settling, settles, coming to rest, comes to rest, coming to a stop, comes to a stop, slow to a stop",
    "ease-in-out": "smooth, smoothly, ease in out, ease in and out, eased, easing, fluid, fluidly, seamless motion, silky, "
    "glassy, with ease, ease, buttery, butter smooth",
    "exponential": "exponential, exponentially",
    "elastic": "elastic, bouncy, springy, with a bounce, overshoot, rubbery",
}

STRONGER = (
    "very, really, super, extremely, incredibly, so, quite, ultra, highly, exceptionally, truly, remarkably, extra"
)
"""Words that push the next word further from the middle: "very slow" is slower, "very strong" is stronger."""

WEAKER = "not too, not so, not very, fairly, rather, pretty, relatively, slightly more"
"""Words that pull the next word back to the middle."""

WAYS: dict[str, str] = {
    "left": "left, to the left, leftward, leftwards, to left, toward the left, towards the left, from right to left, "
    "right to left, from the right, toward left, towards left, left side, to the left side, to the left hand side, to its left, "
    "to his left, to her left, lateral left, laterally left, leftways",
    "right": "right, to the right, rightward, rightwards, to right, toward the right, towards the right, from left to right, "
    "left to right, from the left, toward right, towards right, to the right side, to the right hand side, to its right, "
    "to his right, to her right, lateral right, laterally right",
    "up": "up, upward, upwards, from bottom to top, bottom to top, from the bottom to the top, skyward, skywards, "
    "from below, to the top, toward the top, from the bottom up, toward the sky, towards the sky, into the sky, to the sky, "
    "into the air, heavenward, up into the sky, vertically up, vertically upward, toward the ceiling, from the ground up",
    "down": "down, downward, downwards, from top to bottom, top to bottom, from the top to the bottom, from above, "
    "to the bottom, toward the bottom, from the top down, toward the ground, towards the ground, to the ground, "
    "to the floor, toward the floor, towards the floor, down to the ground, vertically down, earthward",
    "in": "in, into, inward, inwards, forward, forwards, ahead, closer, nearer, close, in closer, straight ahead, "
    "into the scene, into the frame, into the picture, into the image, up close, in close, closer and closer, onward, "
    "inside, through the scene, into the distance, onto, in on, in toward, in towards, closer in, deeper",
    "out": "out, outward, outwards, back, backward, backwards, away, farther, further away, out wide, farther away, "
    "further back, further out, away from it, off, out of the scene, back out, back away, away from the scene, rearward",
    "near": "toward the camera, towards the camera, toward the viewer, towards the viewer, toward us, towards us, "
    "toward the lens, towards the lens, to the camera, at the camera, toward camera, towards camera, to the viewer, "
    "in our direction, toward me, towards me, at us, to the lens, to camera, to shore, toward the shore, towards the shore, "
    "onto the shore, ashore, on the shore, downstream, toward the beach, towards the beach, to the foreground, "
    "toward the foreground, towards the foreground, out of the screen",
    "far": "away from the camera, away from the viewer, away from us, off into the distance, upstream, to the background, "
    "toward the horizon, towards the horizon, to the horizon, away from camera, out to sea, toward the background, "
    "into the background, away from the lens, from the camera",
    "clockwise": "clockwise, cw, clock wise",
    "counter": "counterclockwise, anticlockwise, counter clockwise, anti clockwise, ccw, counter clock wise",
    "around": "around, round",
    "over": "over, above, overhead pass",
    "through": "through",
    "across": "across, sideways, laterally, side to side, from side to side, sideward, sidewards, horizontally, "
    "left and right, right and left, across the frame, across the screen, across the picture, across the scene, lateral",
    "vertical": "vertically, up and down, vertical",
}
"""Direction -> phrases. `near` and `far` are along the view for a thing; `in` and `out` for the camera."""

ROLES: dict[str, str] = {
    "then": "then, and then, after that, after this, afterwards, afterward, followed by, next, finally, lastly, later, subsequently, "
    "before, and finally, ending with, ends with, ending on, ending in, ends on, ends in, end with, end on, and after that, "
    "thereafter, eventually, at last, concluding with, to finish, at the end, in the end, as a final move, transitioning to, "
    "transitions to, transition to, transitioning into, transitions into, transition into, leading into, turning into, "
    "changing to, changes to, switching to, switches to, before finally, and next, and lastly",
    "after": "after",
    "with": "with, while, as, whilst, plus, at the same time, simultaneously, meanwhile, and at the same time, while at the same time, "
    "combined with, together with, along with, accompanied by, mixed with, when, whereas, where, and also, alongside, "
    "in combination with, paired with, coupled with, as well as, featuring, including, during which, all while, added to",
    "and": "and, also",
    "but": "but, however, yet, only, just, instead, except, except for, other than, apart from, besides",
    "not": "not, no, without, never, avoid, avoiding, zero, without any, lacking, free of, free from, stop, nothing, none, nor, "
    "no longer, do not let, absence of, instead of, rather than, not any, minus, no more, exclude, excluding",
    "camera": "camera, cam, the camera, shot, lens, view, viewpoint, perspective, we, viewer, frame, camerawork, camera work, "
    "point of view, framing, cameraman, operator, vantage point, viewfinder, cinematography, camera angle, our view",
    "prep": "on, at, of, across, under, behind, from, onto, against, along, near, beside, between, below, toward, towards, "
    "to, for, by, past, within, beneath, like, amid, among, upon, beyond, via, about, underneath, alongside of, next to, "
    "in front of, on top of, throughout, in the direction of, off of, inside of, out of, outside, amongst, opposite",
    "be": "is, are, be, being, been, was, were, has, have, having, gets, get, getting, becomes, become, becoming, start, starts, "
    "starting, begin, begins, beginning, begin to, begins to, starts to, start to, continue, continues, continuing, keeps on, "
    "start with, starts with, starting with, begin with, begins with, beginning with, opening with, opens with, open with, "
    "can, could, should, would, will, may, might, must, shall, does, do, did, want, wants, would like, like to, seems, seem, "
    "appears, appear, needs, need, "
    "tries, going to, about to, slowly begins to",
    "make": "make, makes, making, let, lets, letting, animate, animates, animating, animated, bring, brings, bringing, "
    "cause, causes, causing, give, gives, giving, add, adds, adding, apply, create, creates, creating, perform, performs, "
    "performing, do a, execute, executes, generate, show, shows, showing, set, put, use, uses, using, simulate, try, enable, "
    "include, includes, execute a, drive, introduce, introduces, introducing, produce, render, have the, make it, apply a",
    "one": "the, a, an, some, her, his, their, its, my, our, your, this, that, these, those, all, each, every, both, another, one, other, "
    "many, several, few, any, same, whole, entire, single, first, last, two, three, four, five, six",
    "person": "she, he, they, him, them, himself, herself, themselves, someone, somebody, everyone",
    "it": "it, itself",
    "wind": "wind, winds, breeze, breezes, gust, gusts, gale, draft, draught, airflow, air, windy, breezy, airstream, storm",
    "around it": "everything else, the rest, rest of the image, rest of the picture, rest of the photo, rest of the scene, "
    "rest of the frame, all else, everything, anything, anything else, everything around, rest, other parts, all the rest",
    "picture": "image, photo, picture, photograph, scene, still, the scene, the whole scene, whole image, "
    "whole picture, entire scene, entire image, shot itself",
    "motion": "movement, movements, motion, motions, animation, moving, dynamics, action, camera movement",
}
"""What a small word does in the sentence -> phrases."""

LOOPS: dict[str, str] = {
    "seamless": "seamless loop, seamlessly looping, loop seamlessly, loops seamlessly, looping seamlessly, perfect loop, "
    "perfectly looping, loops perfectly, loop perfectly, looping, loop, loops, looped, endless loop, infinite loop, seamless, "
    "seamlessly, endlessly, cinemagraph, never ending, endless, infinitely, in a loop, on a loop, loopable, on loop, repeat forever, "
    "continuous loop, forever, gif loop, seamless looping, infinite, perpetual, perpetually, living photo, loop forever",
    "pingpong": "ping pong, pingpong, boomerang, back and forth, there and back, forth and back, and back again, to and fro, "
    "ping pong loop, boomerang loop, boomerang effect, bounce loop, back and forth loop, reverse loop, forward and reverse, and reverse, "
    "boomerang style, then return to the start, returns to the start, return to the start, returning to the start, "
    "and return, and returns, then returns to the start",
}

CLIP = "video, clip, movie, film, animation, footage, sequence, long, in length, duration, length, lasting, runtime, total, " \
    "in total, seconds long, overall, gif, lasts, reel, story"  # fmt: skip
"""Words that make a time the length of the whole clip."""

WHOLE = "throughout, whole time, entire time, the whole time, the entire time, for the whole clip, the whole clip, " \
    "over the whole clip, all the time, all along, over the whole duration, for the entire video, during the whole shot"  # fmt: skip

LIGHT = "steady light, constant light, consistent light, consistent lighting, steady lighting, constant lighting, stable lighting, " \
    "stable light, even lighting, even light, no flicker, no flickering, without flicker, without flickering, flicker free, " \
    "lighting stays constant, lighting remains constant, light stays constant, light remains constant, lighting stays the same, " \
    "light stays the same, lighting remains the same, light remains the same, lighting stays consistent, uniform lighting, " \
    "lighting remains consistent, lighting does not change, light does not change, unchanging light, unchanging lighting, " \
    "temporally consistent, temporal consistency, no flashing, consistent exposure, constant exposure, light stays steady, " \
    "lighting stays steady, light remains steady, lighting remains steady, steady exposure, lighting is constant, " \
    "lighting is steady, lighting is consistent, lights stay steady, lights do not flicker, light does not flicker, " \
    "lighting is stable, the light is steady, the light is constant, stable exposure, fixed exposure, fixed lighting"  # fmt: skip
"""A wish that the light may not flicker, which holds anyway: nothing flickers that is not told to."""
