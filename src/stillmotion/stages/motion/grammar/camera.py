"""A clause about the camera becomes moves. Knows the words of one clause; order and length are settled in `parse`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stillmotion.stages.motion.grammar.camera_words import GESTURES, OVERLAYS, SUBSTITUTES, Gesture
from stillmotion.stages.motion.grammar.clauses import Clause, Number
from stillmotion.stages.motion.grammar.lexicon import Item
from stillmotion.stages.motion.moves import MOVES, Move, MoveSpec

LASTING = frozenset({"over", "in", "within", "for", "during", "lasting", "throughout", "takes", ""})
"""Words before a time that make it a length; after others ("after", "at", "from") it is a beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a clause tells the camera."""

    moves: tuple[Move, ...] = ()
    denied: frozenset[str] = frozenset()  # moves that shall not happen
    still: bool = False  # the camera shall not move
    gesture: str = ""  # the last one, which a direction alone may repeat
    notes: tuple[str, ...] = ()


def gestures_of(clause: Clause) -> list[tuple[Item, list[str]]]:
    """The clause's camera verbs with the directions said with each."""
    found = [(verb, ways) for verb, ways in zip(clause.verbs, clause.ways_of, strict=True) if verb.entry.camera]
    strong = [pair for pair in found if not GESTURES[pair[0].entry.camera].weak]
    if not strong:
        return found[:1]
    ways = [way for verb, said in found if (verb, said) not in strong for way in said]
    strong[0][1].extend(ways)
    return strong


def camera_of(clause: Clause) -> Told:
    """The moves of a clause whose subject is the camera; all of them run together."""
    gestures = gestures_of(clause)
    if clause.negated:
        return _denied(clause, gestures)
    if not gestures:
        frozen = any("freeze" in verb.entry.things for verb in clause.verbs)
        return Told(moves=(Move(name="static"),)) if frozen else Told()
    moves: list[Move] = []
    notes: list[str] = []
    for verb, ways in gestures:
        names, said = names_of(verb.entry.camera, verb.text, ways or _shared(clause, gestures))
        notes += said
        moves += [_move(name, clause, notes) for name in names if name not in {move.name for move in moves}]
    return Told(moves=tuple(moves), gesture=gestures[-1][0].entry.camera, notes=tuple(notes))


def _shared(clause: Clause, gestures: Sequence[tuple[Item, list[str]]]) -> list[str]:
    """Directions of a clause with one gesture count for it, wherever they stand."""
    return clause.ways if len(gestures) == 1 else []


def names_of(gesture: str, word: str, ways: Sequence[str]) -> tuple[list[str], list[str]]:
    """The moves that a gesture is in these directions, and what to tell the user about the choice."""
    spec = GESTURES[gesture]
    fitting = [way for way in ways if way in spec.ways]
    names = list(dict.fromkeys(name for way in fitting for name in spec.ways[way].split()))
    names = _most_telling(names, fitting, spec)
    notes = [SUBSTITUTES[gesture, name] + "." for name in names if (gesture, name) in SUBSTITUTES]
    if names:
        return names, notes
    if spec.note:
        notes.append(spec.note.format(word=word) + ".")
    return spec.alone.split(), notes


def _most_telling(names: list[str], ways: list[str], spec: Gesture) -> list[str]:
    """ "Forward through the gate" is a flight through, not that and a push: the last of in, over, through, around."""
    along = [way for way in ways if way in ("in", "over", "through", "around", "across", "far", "near", "vertical")]
    if len(along) < 1 or len(ways) < 2:
        return names
    sides = [way for way in ways if way not in along]
    chosen = [*sides, *along[-1:]] if not sides or along[-1] not in ("across", "vertical", "around") else sides
    return list(dict.fromkeys(name for way in chosen for name in spec.ways[way].split()))


def _move(name: str, clause: Clause, notes: list[str]) -> Move:
    spec = MOVES[name]
    amount = next((a for n in clause.numbers if (a := _amount(spec, n)) is not None), None)
    seconds = next((n.value for n in clause.numbers if n.unit == "s" and n.lead in LASTING), None)
    start = next((n.value for n in clause.numbers if n.unit == "s" and n.lead not in LASTING), None)
    bare = [number for number in clause.numbers if number.unit in ("", "frames")]
    notes += [f"The number {number.value:g} has no unit that says something; write °, %, x or s." for number in bare]
    return Move(
        name=name, amount=amount, scale=clause.amount * clause.speed, seconds=seconds, start=start, ease=clause.ease
    )


def _amount(spec: MoveSpec, number: Number) -> float | None:
    """A number in the move's own unit."""
    value = number.value
    if spec.unit == "deg" and number.unit == "deg":
        return value
    if spec.unit == "pivot" and number.unit == "%":
        return value / 100
    if spec.unit == "factor" and number.unit in ("x", "%"):
        factor = value if number.unit == "x" else 1 + value / 100
        return factor if spec.amount > 1 or factor <= 0 else 1 / factor if factor > 1 else factor
    if spec.unit in ("pivot", "speed") and number.unit == "x" and value > 0:
        return 1 - 1 / value if spec.unit == "pivot" and value > 1 else value
    return None


def _denied(clause: Clause, gestures: Sequence[tuple[Item, list[str]]]) -> Told:
    """Nothing of this: "no zoom", "do not move the camera"."""
    names: set[str] = set()
    still = clause.camera and not gestures
    for verb, _ in gestures:
        spec = GESTURES[verb.entry.camera]
        family = MOVES[spec.alone.split()[0]].family if spec.alone else ""
        named = {value.split()[0] for value in (*spec.ways.values(), spec.alone) if value}
        all_names = {name for name in named if MOVES[name].family == family}
        if all_names <= OVERLAYS:
            continue  # "no shake": nothing shakes that is not told to
        if (spec.loose and verb.entry.camera != "hold") or verb.entry.camera == "track":
            still = True
        elif verb.entry.camera not in ("static", "hold"):
            names |= all_names
    if clause.motion and (clause.camera or not gestures):
        still = True
    return Told(denied=frozenset(names), still=still)
