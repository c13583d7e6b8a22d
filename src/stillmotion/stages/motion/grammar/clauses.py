"""A sentence as clauses: who, does what, how, which way, how much, and how the clause is tied to the one before.

    items ─▶ segments (cut at marks, "then", "while", "and", "but") ─▶ clauses, each with the roles of its words settled

A word may be noun, verb, adverb or direction at once ("wave", "light", "back"); its neighbours decide here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from stillmotion.options import Loop
from stillmotion.plan import Ease
from stillmotion.stages.motion.grammar.lexicon import Item, lexicon
from stillmotion.vocabulary import singular

Joiner = Literal["start", "then", "with", "and", ",", ".", "but"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """A part of the photo that is spoken of."""

    label: str
    word: str  # as said
    placed: bool  # after a preposition: where something is, not who does it


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number with its unit and the word before it."""

    value: float
    unit: str
    lead: str  # "over", "for", "after", "at", ...


@dataclass(slots=True, kw_only=True)
class Clause:
    """What one stretch of the sentence says."""

    joiner: Joiner
    text: str = ""
    camera: bool = False  # the camera is named
    picture: bool = False  # the whole picture is
    rest: bool = False  # everything else is
    person: bool = False  # she, he, they
    pronoun: bool = False  # it
    wind: bool = False
    motion: bool = False  # "movement", "motion" as a noun
    make: bool = False  # animate, make, let
    negated: bool = False
    only: bool = False
    nouns: list[Noun] = field(default_factory=list)
    face: str = ""  # head, eyes, ...
    verbs: list[Item] = field(default_factory=list)
    first_verb_at: int = 99  # position among the clause's items
    first_noun_at: int = 99
    camera_at: int = 99
    ways: list[str] = field(default_factory=list)
    ways_of: list[list[str]] = field(default_factory=list)  # per verb: the directions said with it
    amount: float = 1.0
    speed: float = 1.0
    ease: Ease | None = None
    numbers: list[Number] = field(default_factory=list)
    clip: bool = False
    loop: Loop | None = None
    unknown: list[str] = field(default_factory=list)

    @property
    def actors(self) -> list[Noun]:
        """Who does it: nouns that no preposition places, or any."""
        free = [noun for noun in self.nouns if not noun.placed]
        return free or (self.nouns if not self.verbs or self.first_noun_at < self.first_verb_at else [])

    @property
    def modifies(self) -> bool:
        """It says how, how long or which way, but not what."""
        said = self.verbs or self.nouns or self.camera or self.motion or self.face or self.wind or self.picture
        return not said


_JOIN: dict[str, Joiner] = {"then": "then", "after": "then", "with": "with", "and": "and", "but": "but"}
_GENTLE_PUSH = 1.5  # exponent of "very"
_NAMED = frozenset({"not", "camera", "picture", "around it", "person", "it", "motion"})
_ONLY = frozenset({"only", "just", "except", "except for", "other than", "apart from", "besides"})


def clauses_of(items: Sequence[Item]) -> list[Clause]:
    """The clauses of a sentence in order; empty ones are dropped."""
    found: list[Clause] = []
    joiner: Joiner = "start"
    only = False
    part: list[Item] = []
    for i, item in enumerate([*items, None]):
        if item is not None and item.entry.role == "not" and any(each.is_verb for each in part):
            found.append(_clause(part, joiner))  # "push in without shaking"
            found[-1].only, part, joiner, only = only, [item], "and", False
            continue
        cut = _cut(item, items[i + 1] if item is not None and i + 1 < len(items) else None, part)
        if cut is None:
            assert item is not None
            part.append(item)
            continue
        if part:
            clause = _clause(part, joiner)
            clause.only = only
            found.append(clause)
            part, only = [], False
            joiner = cut
        elif _stronger(cut, joiner):
            joiner = cut
        denied = bool(found) and found[-1].negated
        only = only or (item is not None and (item.text in _ONLY or (item.text == "but" and denied)))
    return found


def _cut(item: Item | None, following: Item | None, part: list[Item]) -> Joiner | None:
    """What kind of border an item is between two clauses; None: it belongs to one."""
    if item is None:
        return "."
    if item.mark:
        return "," if item.text == "," else "."
    role = item.entry.role
    if role == "after" and following is not None and following.number is not None and following.number.unit == "s":
        return None  # "after 2 s" is a time
    if item.text == "to" or role not in _JOIN:
        return None
    if role == "and" and part and _only_words(part) and following is not None and _is_adverb(following):
        return None  # "slowly and gently"
    return _JOIN[role]


def _stronger(new: Joiner, old: Joiner) -> bool:
    order = ["start", ",", ".", "and", "but", "with", "then"]
    return order.index(new) > order.index(old)


def _only_words(part: list[Item]) -> bool:
    return _is_adverb(part[-1])


def _is_adverb(item: Item) -> bool:
    entry = item.entry
    return bool(entry.amount or entry.speed or entry.ease) and not (entry.label or item.is_verb)


def _clause(items: list[Item], joiner: Joiner) -> Clause:
    clause = Clause(joiner=joiner, text=" ".join(item.text for item in items))
    degree, placed, lead = 0, False, ""
    amounts: list[tuple[float, bool, int]] = []  # scale, of the speed, degree
    for i, item in enumerate(items):
        kind = _kind(items, i, clause)
        entry = item.entry
        if item.text in ("over", "in") and i + 1 < len(items) and _is_time(items[i + 1]):
            kind = "none"  # "over 3 s", "in 2 s"
        if kind == "number":
            assert item.number is not None
            clause.numbers.append(Number(value=item.number.value or 0.0, unit=item.number.unit, lead=lead))
        elif kind == "unknown":
            clause.unknown.append(item.text)
        elif kind == "noun":
            clause.nouns.append(Noun(label=_label(item), word=item.text, placed=placed))
            clause.first_noun_at = min(clause.first_noun_at, i)
            placed = False
        elif kind == "verb":
            clause.ways_of.append([] if clause.verbs else list(clause.ways))
            clause.verbs.append(item)
            clause.first_verb_at = min(clause.first_verb_at, i)
            placed = False
        elif kind == "way":
            clause.ways.append(entry.way)
            if clause.verbs:
                clause.ways_of[-1].append(entry.way)
            placed = True
        elif kind == "adverb":
            if entry.amount:
                amounts.append((entry.amount, False, degree))
            elif entry.speed:
                amounts.append((entry.speed, True, degree))
            if entry.ease:
                clause.ease = entry.ease  # type: ignore[assignment]
        elif kind == "role":
            placed = _take_role(clause, item, i) or (placed and entry.role == "one")
        elif kind == "face":
            clause.face = item.text
        elif kind == "loop":
            clause.loop = entry.loop  # type: ignore[assignment]
        elif kind == "clip":
            clause.clip = True
        degree = entry.degree if entry.degree else 0 if kind != "role" else degree
        lead = item.text if kind in ("role", "none") or entry.role in ("prep", "after") else ""
    for scale, is_speed, pushed in amounts:
        value = scale**_GENTLE_PUSH if pushed > 0 else scale**0.5 if pushed < 0 else scale
        if is_speed:
            clause.speed *= value
        else:
            clause.amount *= value
    return clause


def _kind(items: list[Item], i: int, clause: Clause) -> str:
    """The one role that a word plays here."""
    item = items[i]
    entry = item.entry
    if item.number is not None:
        return "number"
    if not item.known:
        return "unknown"
    does = bool(entry.camera or entry.things)
    if entry.role in _NAMED or (entry.role == "wind" and not (clause.nouns and item.is_verb)):
        return "role"
    if entry.role == "make" and not does:
        return "role"
    noun, verb = bool(_label(item)), item.is_verb
    if entry.way and (clause.verbs or not verb) and not (noun and not clause.verbs):
        return "way"
    if noun and (verb or entry.amount or entry.look):
        return _noun_or(items, i, clause, "verb" if verb else "adverb" if entry.amount else "none")
    if noun:
        return "noun"
    if entry.face_noun:
        return "face"
    if entry.loop:
        return "loop"
    if verb and not (_is_modifier(item) and clause.verbs):
        return "verb"
    if entry.amount or entry.speed or entry.ease:
        return "adverb"
    if entry.clip:
        return "clip"
    if entry.role:
        return "role"
    return "none"


def _is_time(item: Item) -> bool:
    return item.number is not None and item.number.unit == "s"


def _is_modifier(item: Item) -> bool:
    return bool(item.entry.amount or item.entry.speed or item.entry.ease or item.entry.look)


def _noun_or(items: list[Item], i: int, clause: Clause, other: str) -> str:
    """A word that is a noun and something else: "waves crash", "flags wave", "a light breeze", "the light flickers"."""
    before = items[i - 1] if i else None
    after = items[i + 1] if i + 1 < len(items) else None
    later_verb = any(it.is_verb and not _label(it) for it in items[i + 1 :])
    if other == "none":
        return "none" if before is None and after is None else "noun"
    if other == "adverb":
        return "noun" if after is None or after.is_verb or after.entry.role in ("be", "not") else "adverb"
    if clause.nouns and not clause.verbs and not (before is not None and before.entry.role in ("one", "prep")):
        return "verb"
    if before is not None and (before.entry.role in ("one", "prep", "make") or _is_modifier(before) or before.is_verb):
        return "noun"
    if later_verb or after is None:
        return "noun"
    return "verb" if after.entry.role == "one" or (_label(after) and not after.is_verb) else "noun"


def _label(item: Item) -> str:
    """The label of a noun, also of a plural that is spelt like a verb ("waves")."""
    if item.entry.label or item.entry.form != "s":
        return item.entry.label
    single = lexicon().get((singular(item.text),))
    return single.label if single is not None else ""


def _take_role(clause: Clause, item: Item, i: int) -> bool:
    """Note a small word; whether it places the noun that follows."""
    role = item.entry.role
    if role == "not":
        clause.negated = True
    elif role == "camera":
        clause.camera, clause.camera_at = True, min(clause.camera_at, i)
    elif role == "picture":
        clause.picture = True
    elif role == "around it":
        clause.rest = True
    elif role == "person":
        clause.person = True
    elif role == "it":
        clause.pronoun = True
    elif role == "wind":
        clause.wind = True
    elif role == "motion":
        clause.motion = True
    elif role == "make":
        clause.make = True
    return role == "prep"
