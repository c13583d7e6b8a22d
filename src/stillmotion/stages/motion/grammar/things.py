"""Clauses about parts of the photo become regions: each part once, its wishes merged. Knows words, no picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stillmotion.plan import Freeze, LabelMask, Mask, Motion, RegionMotion, SaliencyMask, Track
from stillmotion.stages.motion.grammar.clauses import Clause, Noun
from stillmotion.stages.motion.grammar.thing_words import SORTS, TRACK, TRACKED, Manner, build, track

_HEADINGS: dict[str, tuple[float, float]] = {
    "left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, 1.0), "down": (0.0, -1.0), "across": (1.0, 0.0),
    "vertical": (0.0, 1.0),
}  # fmt: skip
_TOWARD = {"near": 1.0, "far": -1.0, "in": 1.0, "out": -1.0}
_TURNS = {"clockwise": 1, "counter": -1}
_ACTORS = frozenset({"person", "animal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing that one part of the photo shall do."""

    noun: Noun
    verb: str  # base form; "" where none was said
    classes: frozenset[str]
    manner: Manner
    after: bool  # "then": after what it does before
    walks: bool = False  # a verb of going without a direction


def asks_of(clause: Clause, nouns: Sequence[Noun]) -> list[Ask]:
    """What a clause asks of these parts."""
    verbs = [verb for verb in clause.verbs if verb.entry.things]
    manner = manner_of(clause)
    first = verbs[0] if verbs else None
    classes = first.entry.things if first else frozenset({"default"})
    if clause.negated:
        classes, first = frozenset({"freeze"}), None
    walks = "move" in classes and not manner.directed and not classes & {"bob", "sway", "freeze", "rise", "fall"}
    return [
        Ask(
            noun=noun, verb=first.entry.base if first else "", classes=classes, manner=manner,
            after=clause.joiner == "then", walks=walks,
        )
        for noun in nouns
    ]  # fmt: skip


def manner_of(clause: Clause) -> Manner:
    """How: adverbs, directions and numbers of a clause."""
    right, up, toward, turn = 0.0, 0.0, 0.0, 0
    for way in clause.ways:
        x, y = _HEADINGS.get(way, (0.0, 0.0))
        right, up, toward = right + x, up + y, toward + _TOWARD.get(way, 0.0)
        turn = _TURNS.get(way, turn)
    number = next((n for n in clause.numbers if n.unit in ("deg", "%")), None)
    return Manner(
        amount=clause.amount, speed=clause.speed, heading=(right, up), toward=max(-1.0, min(1.0, toward)), turn=turn,
        value=number.value if number else None, unit=number.unit if number else "",
    )  # fmt: skip


def regions_of(asks: Sequence[Ask], *, seconds: float, aspect: float, notes: list[str]) -> tuple[RegionMotion, ...]:
    """One region for each part that moves, in the order they were named."""
    by_part: dict[str, list[Ask]] = {}
    for ask in asks:
        by_part.setdefault(ask.noun.label, []).append(ask)
    regions = [r for each in by_part.values() if (r := _region(each, seconds, aspect, notes)) is not None]
    return tuple(regions)


def _region(asks: list[Ask], seconds: float, aspect: float, notes: list[str]) -> RegionMotion | None:
    noun = asks[0].noun
    motion: Motion | None = None
    steps: list[tuple[frozenset[str], Manner]] = []
    for ask in asks:
        if noun.label in _ACTORS and (ask.walks or ask.classes == {"flicker"}):
            notes.append(
                f"The {noun.word} cannot {ask.verb}: limbs and lids are not moved. A direction slides it along."
            )
            continue
        if noun.label == "snow" and ask.classes & {"fall", "move", "flow", "swirl"}:
            notes.append("Falling snow is not drawn: only what lies in the photo moves.")
            continue
        built = build(noun.label, noun.word, ask.verb, ask.classes, ask.manner)
        if built == TRACK:
            classes = ask.classes & TRACKED or frozenset({"move"})
            if steps and not ask.after:
                steps[-1] = _at_once(steps[-1], (classes, ask.manner))
            else:
                steps.append((classes, ask.manner))
        elif isinstance(built, str) or built is None:
            notes.append(f"How the {noun.word} should {ask.verb or 'move'} is not known; it stays as it is.")
        elif motion is not None and motion != built:
            notes.append(f"The {noun.word} can do one thing only: '{ask.verb or 'move'}' is left out.")
        else:
            motion = built
    if steps:
        if motion is not None and not isinstance(motion, Freeze):
            notes.append(f"The {noun.word} leaves its place, so it does nothing else.")
        motion = track(steps, seconds=seconds, aspect=aspect)
    return None if motion is None else RegionMotion(name=noun.word, mask=mask_of(noun.label), motion=motion)


def _at_once(one: tuple[frozenset[str], Manner], other: tuple[frozenset[str], Manner]) -> tuple[frozenset[str], Manner]:
    """Two ways of going at the same time: their directions add up."""

    def heading(classes: frozenset[str], m: Manner) -> tuple[float, float]:
        if m.directed:
            return m.heading
        return (0.0, 1.0) if "rise" in classes else (0.0, -1.0) if "fall" in classes else (0.0, 0.0)

    (x0, y0), (x1, y1) = heading(*one), heading(*other)
    both = replace(
        one[1], heading=(x0 + x1, y0 + y1), toward=one[1].toward or other[1].toward, turn=one[1].turn or other[1].turn,
        amount=max(one[1].amount, other[1].amount), speed=max(one[1].speed, other[1].speed),
    )  # fmt: skip
    return one[0] | other[0], both


def mask_of(label: str) -> Mask:
    """Where a part is looked for."""
    return SaliencyMask() if label == "subject" else LabelMask(label=label)


def can_move(label: str) -> bool:
    """Whether the vocabulary knows how such a part moves."""
    return label in SORTS


def is_track(motion: Motion) -> bool:
    """The thing leaves its place."""
    return isinstance(motion, Track)
