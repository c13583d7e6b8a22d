"""The grammar: a sentence becomes camera moves, moving regions, a portrait, a length and a loop.

    sentence ─tokens▶ words ─lexicon▶ items ─clauses▶ clauses ─who?▶ camera | thing | face | "how" of the one before

The rules, stated once:
    "then" puts things one after another, a new sentence about the camera too; everything else runs together
    a clause without a subject goes on with the subject before it, where its verb fits
    what is negated does not happen; a denied camera stands still
    one time for the only thing that is said is the length of the clip ("for 8 s"); "over 3 s" is the move's own
    nothing moves that is not named
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stillmotion.options import Loop
from stillmotion.plan import Portrait, RegionMotion
from stillmotion.stages.motion.grammar.camera import LASTING, Told, camera_of, gestures_of, names_of
from stillmotion.stages.motion.grammar.camera_words import GESTURES, OVERLAYS
from stillmotion.stages.motion.grammar.clauses import Clause, Noun, clauses_of
from stillmotion.stages.motion.grammar.face_words import ALWAYS, Beat, beat, perform
from stillmotion.stages.motion.grammar.lexicon import read
from stillmotion.stages.motion.grammar.thing_words import ALIVE, DEFAULT_VERB, SORTS
from stillmotion.stages.motion.grammar.things import Ask, asks_of, manner_of, regions_of
from stillmotion.stages.motion.grammar.tokens import tokenize
from stillmotion.stages.motion.moves import MOVES, Move

_NOT_A_FACE = frozenset({"move", "swing", "raise", "lift", "lower", "drop", "rotate", "pivot", "swivel", "twist"})
_ROOTED = frozenset(label for label, sort in SORTS.items() if sort == "rooted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a sentence asks for."""

    moves: tuple[Move, ...] = ()
    regions: tuple[RegionMotion, ...] = ()
    portrait: tuple[Portrait, ...] = ()
    seconds: float | None = None  # length of the clip, if it was said
    loop: Loop | None = None
    notes: tuple[str, ...] = ()  # choices made where the words left them open
    unknown: tuple[str, ...] = ()  # words that nobody understood, in order
    free: bool = False  # "animate this photo": any motion will do


@dataclass(slots=True)
class _Said:
    """What has been understood so far."""

    moves: list[Move] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    beats: list[list[Beat]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    still: bool = False
    last: str = ""  # who acted last: camera, thing, face
    gesture: str = ""
    nouns: list[Noun] = field(default_factory=list)  # who acted last, where it was a thing
    waiting: list[Noun] = field(default_factory=list)  # "clouds and ...": subjects of the next clause
    described: list[Noun] = field(default_factory=list)
    pending: Clause | None = None  # a "how" before anything it could be about
    times: list[tuple[float, str]] = field(default_factory=list)  # seconds, word before: of the whole clip, perhaps
    free: bool = False
    notes: list[str] = field(default_factory=list)


def parse(prompt: str, *, seconds: float, aspect: float) -> Parsed:
    """Read a sentence. Never raises: what is not understood is told in `unknown`.

    `seconds` is the clip's length unless the sentence says another; `aspect` is its width / height.
    """
    clauses = clauses_of(read(tokenize(prompt)))
    said = _Said()
    for i, clause in enumerate(clauses):
        _take(clause, clauses[i + 1] if i + 1 < len(clauses) else None, said)
    loop: Loop | None = next((c.loop for c in clauses if c.loop), None)
    _default_for_described(said, bool(loop) or any(c.make or c.motion or c.clip for c in clauses))
    length = _length(clauses, said)
    whole = length or seconds
    regions = regions_of(_positive(said), seconds=whole, aspect=aspect, notes=said.notes)
    unknown = tuple(dict.fromkeys(word for clause in clauses for word in clause.unknown))
    return Parsed(
        moves=_moves(said),
        regions=regions,
        portrait=(perform(said.beats, seconds=whole),) if said.beats else (),
        seconds=length, loop=loop, notes=tuple(dict.fromkeys(said.notes)), unknown=unknown,
        free=not (said.moves or regions or said.beats) and (said.free or bool(clauses and not unknown)),
    )  # fmt: skip


def _take(clause: Clause, following: Clause | None, said: _Said) -> None:
    who = _who(clause, said)
    if who == "how":
        _take_how(clause, said)
        return
    if said.pending is not None:
        clause.amount *= said.pending.amount
        clause.speed *= said.pending.speed
        clause.ease = clause.ease or said.pending.ease
        clause.numbers = clause.numbers or said.pending.numbers
        said.pending = None
    if who == "camera":
        _take_camera(clause, camera_of(clause), said)
    elif who == "face":
        _take_face(clause, said)
    elif who == "thing":
        _take_thing(clause, said)
    elif who == "free":
        said.free = True
    elif clause.only and clause.actors and not clause.negated:  # "nothing moves but the flames"
        said.asks += asks_of(clause, clause.actors)
        said.last, said.nouns = "thing", clause.actors
    elif clause.joiner == "and" and clause.actors and said.last == "thing" and said.asks:
        said.asks += [replace(said.asks[-1], noun=noun) for noun in clause.actors]  # "animate the fire and smoke"
    elif clause.nouns:
        joined = following is not None and following.joiner in ("and", ",") and not clause.negated
        actors = [noun for noun in clause.actors if noun.label != "subject" or clause.joiner == "and"]
        said.waiting = [*said.waiting, *actors] if joined else []
        said.described += actors


# ── who a clause is about ────────────────────────────────────────────────────────────────────────────────────────────


def _who(clause: Clause, said: _Said) -> str:
    """camera, thing, face, how (of the clause before), free (any motion will do), or "" for a description."""
    if clause.modifies:
        return "how"
    if _is_camera(clause):
        return "camera"
    if _is_face(clause, said):
        return "face"
    things = [verb for verb in clause.verbs if verb.entry.things]
    gestures = gestures_of(clause)
    if clause.rest and any("freeze" in verb.entry.things for verb in clause.verbs):
        return "camera" if not said.moves else ""
    if clause.actors:
        return _who_with_actors(clause, things, gestures)
    if clause.wind or ((clause.person or clause.pronoun) and things):
        return "thing" if said.nouns or clause.person or clause.pronoun else ""
    if gestures and not clause.picture:
        loose = all(GESTURES[verb.entry.camera].loose for verb, _ in gestures)
        return "thing" if loose and said.last == "thing" and said.nouns and things else "camera"
    if things and said.nouns and not clause.picture:
        return "thing"
    if gestures:
        return "camera"
    if clause.motion and clause.negated:
        return "camera"
    return "free" if clause.make or clause.picture or clause.motion or clause.rest else ""


def _is_camera(clause: Clause) -> bool:
    if not clause.camera:
        return False
    passive = clause.nouns and clause.first_noun_at < clause.first_verb_at < clause.camera_at
    return not (passive and any(verb.entry.things for verb in clause.verbs))


def _is_face(clause: Clause, said: _Said) -> bool:
    faces = [verb for verb in clause.verbs if verb.entry.face]
    if not faces:
        return False
    someone = clause.person or any(noun.label == "person" for noun in clause.actors)
    if clause.face:
        return True
    if any(verb.entry.face in ALWAYS or verb.entry.face == "blink" for verb in faces):
        return someone or not clause.actors
    if not someone and not (said.last == "face" and not clause.actors):
        return False
    return any(verb.entry.base.split(" ")[0] not in _NOT_A_FACE for verb in faces) and not any(
        "sway" in verb.entry.things and verb.entry.face == "shake" for verb in faces
    )


def _who_with_actors(clause: Clause, things: list, gestures: list) -> str:  # type: ignore[type-arg]
    verb_first = clause.first_verb_at < clause.first_noun_at
    if verb_first and gestures:
        loose = all(GESTURES[verb.entry.camera].loose for verb, _ in gestures)
        held = not clause.nouns[0].placed and things
        return "thing" if loose and held else "camera"
    if things:
        return "thing"
    if gestures:
        return "camera"
    if clause.make or clause.motion:
        return "thing"
    if clause.wind and any(noun.label in _ROOTED for noun in clause.nouns):
        return "thing"
    return ""


# ── taking it ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _take_camera(clause: Clause, told: Told, said: _Said) -> None:
    after = (
        clause.joiner == "then"
        or (clause.joiner == "." and said.last == "camera" and clause.camera)
        or (clause.joiner in (",", ".", "start") and _takes_turns(told.moves, said.moves))
    )
    for k, move in enumerate(told.moves):
        together = bool(said.moves) and not (after and k == 0)
        said.moves.append(replace(move, together=together))
    said.denied |= told.denied
    said.still |= told.still
    said.notes += told.notes
    bends_time = all(MOVES[move.name].family == "time" for move in told.moves)
    said.described += [noun for noun in clause.nouns if bends_time or not noun.placed]
    if told.moves or told.still:
        said.last, said.gesture = "camera", told.gesture or said.gesture
    if not told.moves and clause.numbers and not clause.negated:
        _take_times(clause, said)


def _takes_turns(moves: Sequence[Move], before: Sequence[Move]) -> bool:
    """What cannot happen at the same time, and is listed, happens in turn: "push in, hold, pull out"."""
    if not moves or not before:
        return False
    last = before[-1].name
    return (
        (
            last == "static"
            or moves[0].name == "static"
            or MOVES[last].opposite == moves[0].name
            or last == moves[0].name
        )
        and last not in OVERLAYS
        and moves[0].name not in OVERLAYS
    )


def _take_thing(clause: Clause, said: _Said) -> None:
    nouns = _actors(clause, said)
    if clause.wind and not nouns:
        said.notes.append("The wind needs something to move: name it, e.g. 'the leaves sway'.")
        return
    said.asks += asks_of(clause, nouns)
    said.nouns, said.last, said.waiting = nouns, "thing", []


def _actors(clause: Clause, said: _Said) -> list[Noun]:
    if clause.wind and clause.nouns:
        rooted = [noun for noun in clause.nouns if noun.label in _ROOTED]
        return rooted or clause.actors
    if clause.actors:
        together = said.waiting if clause.joiner in ("and", ",") else []
        first = clause.actors if clause.first_noun_at > clause.first_verb_at else clause.actors[:1]
        return [*together, *(clause.actors if _listed(clause) else first[:1])]
    if clause.person:
        return [Noun(label="person", word="person", placed=False)]
    if said.nouns:
        return said.nouns
    return [Noun(label="subject", word="subject", placed=False)] if clause.pronoun else []


def _listed(clause: Clause) -> bool:
    return clause.make and len(clause.actors) > 1


def _take_face(clause: Clause, said: _Said) -> None:
    verbs = [verb for verb in clause.verbs if verb.entry.face]
    found = [b for verb in verbs if (b := beat(verb.entry.face, clause.face, tuple(clause.ways), clause.amount))]
    if clause.negated:
        return
    if clause.joiner == "then" or not said.beats:
        said.beats.append(found)
    else:
        said.beats[-1] += found
    said.last = "face"


def _take_how(clause: Clause, said: _Said) -> None:
    """Adverbs, directions and times without a verb: they go on with what was said before, or wait for what comes."""
    _take_times(clause, said)
    if said.last == "camera" and said.gesture and clause.ways and not clause.negated:
        names, _ = names_of(said.gesture, "", clause.ways)
        fitting = [way for way in clause.ways if way in GESTURES[said.gesture].ways]
        for name in names if fitting else []:
            base = said.moves[-1] if said.moves else Move(name=name)
            said.moves.append(replace(base, name=name, amount=None, together=clause.joiner != "then"))
        return
    if said.last == "thing" and said.asks and not clause.negated:
        how = manner_of(clause)
        ask = said.asks[-1]
        x, y = ask.manner.heading
        manner = replace(
            ask.manner, amount=ask.manner.amount * how.amount, speed=ask.manner.speed * how.speed,
            heading=(x + how.heading[0], y + how.heading[1]), toward=ask.manner.toward or how.toward,
        )  # fmt: skip
        said.asks[-1] = replace(ask, manner=manner, walks=ask.walks and not manner.directed)
        return
    if said.last == "camera" and said.moves:
        last = said.moves[-1]
        said.moves[-1] = replace(last, scale=last.scale * clause.amount * clause.speed, ease=clause.ease or last.ease)
        return
    said.pending = clause


def _take_times(clause: Clause, said: _Said) -> None:
    said.times += [(n.value, "clip" if clause.clip else n.lead) for n in clause.numbers if n.unit == "s"]


# ── what it comes to ─────────────────────────────────────────────────────────────────────────────────────────────────


def _default_for_described(said: _Said, wished: bool) -> None:
    """A prompt that only names things ("gentle waves", "cinemagraph of a waterfall") means that they move."""
    camera = [move for move in said.moves if MOVES[move.name].family != "time"]
    if camera or said.asks or said.beats or said.still:
        return
    alive = [noun for noun in said.described if noun.label in ALIVE or (wished and noun.label in DEFAULT_VERB)]
    how = said.pending or Clause(joiner="start")
    for noun in dict.fromkeys(alive):
        said.asks += asks_of(how, [noun])


def _length(clauses: list[Clause], said: _Said) -> float | None:
    """The clip's length: a time that is said of the clip, or the only time where one thing happens, or all of them."""
    for clause in clauses:
        for number in clause.numbers:
            if number.unit == "s" and clause.clip:
                said.moves = [replace(m, seconds=None if m.seconds == number.value else m.seconds) for m in said.moves]
                return number.value
    if said.times:
        return next((value for value, lead in said.times if lead in LASTING), None)
    thing_times = [
        n.value for c in clauses for n in c.numbers if n.unit == "s" and n.lead == "for" and not gestures_of(c)
    ]
    if thing_times:
        return max(thing_times)
    path = [move for move in said.moves if move.name not in OVERLAYS]
    leads = [n.lead for c in clauses for n in c.numbers if n.unit == "s"]
    if len(leads) == 1 and leads[0] == "for" and not any(not move.together for move in path[1:]):
        value = next((move.seconds for move in said.moves if move.seconds is not None), None)
        said.moves = [replace(move, seconds=None) for move in said.moves]
        return value
    steps: list[float | None] = []
    for move in path:
        if move.together and steps:
            steps[-1] = max(steps[-1] or 0.0, move.seconds or 0.0) or None
        else:
            steps.append(move.seconds)
    if len(steps) > 1 and all(steps):
        return sum(step for step in steps if step)
    return None


def _moves(said: _Said) -> tuple[Move, ...]:
    moves = [move for move in said.moves if move.name not in said.denied]
    moving = [move for move in moves if move.name not in OVERLAYS and move.name != "static"]
    if not moving and (said.still or said.denied) and not any(move.name == "static" for move in moves):
        moves.append(Move(name="static", together=bool(moves)))
    if moving and said.still:
        said.notes.append("The camera is told to stand still and to move; it moves as said.")
    return tuple(_joined(moves, said.notes))


_AT_ONCE: dict[frozenset[str], str] = {
    frozenset({"push_in", "push_zoom_out"}): "dolly_zoom_in", frozenset({"push_in", "zoom_out"}): "dolly_zoom_in",
    frozenset({"pull_out", "push_zoom_in"}): "dolly_zoom_out", frozenset({"pull_out", "zoom_in"}): "dolly_zoom_out",
    frozenset({"fpv", "fly_through"}): "fpv", frozenset({"aerial", "fly_through"}): "aerial",
    frozenset({"aerial", "fpv"}): "fpv", frozenset({"drone_reveal", "pull_out"}): "drone_reveal",
    frozenset({"handheld", "shake"}): "shake",
}  # fmt: skip
"""Two moves at the same time that are one move with a name of its own."""


def _joined(moves: Sequence[Move], notes: list[str]) -> list[Move]:
    """Pairs that have a name of their own become it; the first move of all follows nothing."""
    out: list[Move] = []
    for move in moves:
        name = _AT_ONCE.get(frozenset({out[-1].name, move.name})) if out and move.together else None
        if name is None:
            out.append(move)
            continue
        if name.startswith("dolly_zoom"):
            notes.append("Travel one way and zoom the other at the same time is a dolly zoom.")
        out[-1] = replace(out[-1], name=name, scale=max(out[-1].scale, move.scale), amount=None)
    if out and out[0].together:
        out[0] = replace(out[0], together=False)
    return out


def _positive(said: _Said) -> list[Ask]:
    """A part that is told not to move needs a region only beside others that do."""
    moving = [ask for ask in said.asks if "freeze" not in ask.classes]
    said_so = [ask for ask in said.asks if ask.verb]
    return said.asks if moving or said_so else []
